//! A compact record, for a board on which nothing survives a reset but a few backup registers.
//!
//! `LAYOUTS` has the bits of each word: 24, and a CRC-8.
//!
//! Each word ends with a CRC-8 of its payload and its place: every one to three flips of bits are found. A word is written in one store,
//! so that none is ever half written. Of a plan with more entities or sections than there is room for, the last place stands for
//! all that follow.
//!
//! What does not fit is not kept: the uptime, so that the window of abnormal boots has no end but a good run; the last checkpoints; the
//! instant and the numbers of a culprit. Two words tell 15 of 16 other plans apart, one word 3 of 4. One word has no causes, so
//! that no flag is known to be old; and in one word several sections are all.
//!
//! Of garbage one word in 256 passes. A record of 2 words or 1 is believed if its first word passes, one of 4 words if the first
//! and the last do: once in 65,536 times. With 2 words and 1, a reset in the middle of `judge` may name the culprit of the run
//! before once more.

use core::sync::atomic::{AtomicU32, Ordering, compiler_fence};

use crate::causes::ResetCauses;
use crate::culprit::{Brief, Culprit, Kind};
use crate::inherited::Healer;
use crate::level::Level;
use crate::retained::{Ages, Marks, Memory, Recorded, RunMode, Slot};
use crate::section::{Marks as _, SectionId, Sections};
use crate::word::Private;

/// Words that survive a reset: backup registers, or a part of a memory. Each is loaded and stored whole.
///
/// ```
/// use watchdog_core::Words;
///
/// /// The backup registers of a real-time clock; here a plain array.
/// struct Backup([std::sync::atomic::AtomicU32; 4]);
///
/// impl Words for Backup {
///     fn load(&self, index: usize) -> u32 {
///         self.0[index].load(std::sync::atomic::Ordering::Relaxed)
///     }
///
///     fn store(&self, index: usize, value: u32) {
///         self.0[index].store(value, std::sync::atomic::Ordering::Relaxed);
///     }
/// }
/// ```
pub trait Words: Sync {
    /// The word at this place, which is below the size of the record.
    fn load(&self, index: usize) -> u32;

    /// Writes the word at this place, before anything that follows.
    fn store(&self, index: usize, value: u32);
}

/// A place past the end reads as 0, and is not written.
impl<const L: usize> Words for [AtomicU32; L] {
    fn load(&self, index: usize) -> u32 {
        self.get(index).map_or(0, |word| word.load(Ordering::Relaxed))
    }

    fn store(&self, index: usize, value: u32) {
        if let Some(word) = self.get(index) {
            compiler_fence(Ordering::SeqCst);
            word.store(value, Ordering::Relaxed);
            compiler_fence(Ordering::SeqCst);
        }
    }
}

/// A compact record in `L` words: 4, 2 or 1. It lives in a `static`, and its words where they survive a reset. It has one owner of
/// guarded sections.
///
/// ```
/// use std::sync::atomic::AtomicU32;
/// use watchdog_core::Compact;
///
/// static RECORD: Compact<[AtomicU32; 4], 4> = Compact::new([const { AtomicU32::new(0) }; 4]);
/// # let _ = &RECORD;
/// ```
///
/// ```compile_fail,E0080
/// # use std::sync::atomic::AtomicU32;
/// # use watchdog_core::Compact;
/// static RECORD: Compact<[AtomicU32; 3], 3> = Compact::new([const { AtomicU32::new(0) }; 3]);
/// # let _ = &RECORD;
/// ```
#[derive(Debug)]
pub struct Compact<W, const L: usize> {
    words: W,
    /// What the words say, in memory that does not survive.
    fingerprint: Private,
    run: Private,
    causes: Private,
    count: Private,
    marks: Private,
    culprit: Private,
    held: Private,
    abandoned: Private,
}

/// A part of a word, with its bits.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// The number of the run, 4 bits.
    Run,
    /// Its causes, 11 bits.
    Causes,
    /// The abnormal boots, 3 bits.
    Count,
    /// The marks and the level of a slot, 6 bits.
    Marks,
    /// The culprit, 20 bits: [`Brief::to_bits`].
    Culprit,
    /// The culprit, 8 bits: [`Brief::to_byte`].
    Brief,
    /// Sections abandoned, in so many bits.
    Abandoned(u32),
    /// Sections held, in so many bits.
    Held(u32),
    /// The lowest bits of the fingerprint.
    Fingerprint(u32),
    /// The section that is torn, 5 bits: 0 for none, its number and 1, 31 for several.
    Section,
    /// Whether it was abandoned, 1 bit.
    IsAbandoned,
    /// The level of a slot, 2 bits.
    Level,
    /// Three of the marks: armed, announced, recovering.
    ThreeMarks,
}

/// The parts of each word, the highest first, of records of 4, 2 and 1 words.
const LAYOUTS: [&[&[Part]]; 3] = [
    &[
        &[Part::Run, Part::Causes, Part::Count, Part::Marks],
        &[Part::Culprit, Part::Run],
        &[Part::Abandoned(12), Part::Held(12)],
        &[Part::Fingerprint(24)],
    ],
    &[
        &[Part::Fingerprint(4), Part::Causes, Part::Count, Part::Marks],
        &[Part::Brief, Part::Abandoned(8), Part::Held(8)],
    ],
    &[&[
        Part::Fingerprint(2),
        Part::Brief,
        Part::IsAbandoned,
        Part::Section,
        Part::Count,
        Part::Level,
        Part::ThreeMarks,
    ]],
];

impl Part {
    const fn bits(self) -> u32 {
        match self {
            Self::Run => 4,
            Self::Causes => 11,
            Self::Count | Self::ThreeMarks => 3,
            Self::Marks => 6,
            Self::Culprit => 20,
            Self::Brief => 8,
            Self::Abandoned(bits) | Self::Held(bits) | Self::Fingerprint(bits) => bits,
            Self::Section => 5,
            Self::IsAbandoned => 1,
            Self::Level => 2,
        }
    }

    const fn mask(self) -> u32 {
        1_u32.wrapping_shl(self.bits()).wrapping_sub(1)
    }
}

/// Every word has 24 bits.
const _: () = {
    let mut layout = 0;
    while layout < LAYOUTS.len() {
        let mut word = 0;
        #[allow(clippy::indexing_slicing)]
        while word < LAYOUTS[layout].len() {
            let (mut part, mut bits) = (0, 0);
            while part < LAYOUTS[layout][word].len() {
                bits += LAYOUTS[layout][word][part].bits();
                part += 1;
            }
            assert!(bits == 24);
            word += 1;
        }
        layout += 1;
    }
};

/// What a record says. It is kept in memory that does not survive, too: each word is written from all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    fingerprint: u32,
    run: u32,
    causes: u32,
    count: u32,
    marks: Marks,
    /// A culprit in 20 bits.
    culprit: u32,
    held: Sections,
    abandoned: Sections,
}

impl State {
    const EMPTY: Self = Self {
        fingerprint: 0,
        run: 0,
        causes: 0,
        count: 0,
        marks: Marks::NONE,
        culprit: 0,
        held: Sections::NONE,
        abandoned: Sections::NONE,
    };

    fn part(&self, part: Part) -> u32 {
        let value = match part {
            Part::Run => self.run,
            Part::Causes => self.causes,
            Part::Count => self.count,
            Part::Marks => self.marks.bits().into(),
            Part::Culprit => self.culprit,
            Part::Brief => Brief::from_bits(self.culprit).map_or(0, Brief::to_byte),
            Part::Abandoned(bits) => squeeze(self.abandoned, bits),
            Part::Held(bits) => squeeze(self.held, bits),
            Part::Fingerprint(_) => self.fingerprint,
            Part::Section => number_of(self.held.union(self.abandoned)),
            Part::IsAbandoned => u32::from(!self.abandoned.is_empty()),
            Part::Level => self.marks.level().bits(),
            Part::ThreeMarks => {
                let mut bits = 0;
                for (bit, mark) in THREE_MARKS {
                    if self.marks.contains(mark) {
                        bits |= bit;
                    }
                }
                bits
            }
        };
        value & part.mask()
    }

    fn set_part(&mut self, part: Part, value: u32) {
        match part {
            Part::Run => self.run = value,
            Part::Causes => self.causes = value,
            Part::Count => self.count = value,
            Part::Marks => self.marks = Marks::from_bits(value as u16),
            Part::Culprit => self.culprit = value,
            Part::Brief => self.culprit = Brief::from_byte(value).map_or(0, Brief::to_bits),
            Part::Abandoned(bits) => self.abandoned = spread(value, bits),
            Part::Held(bits) => self.held = spread(value, bits),
            Part::Fingerprint(_) => self.fingerprint = value,
            // The section comes after the mark, and takes its place.
            Part::IsAbandoned => {
                self.abandoned = if value == 0 { Sections::NONE } else { Sections::ALL }
            }
            Part::Section if self.abandoned.is_empty() => self.held = sections_of(value),
            Part::Section => self.abandoned = sections_of(value),
            Part::Level => self.marks = self.marks.with_level(Level::from_bits(value)),
            Part::ThreeMarks => {
                for (bit, mark) in THREE_MARKS {
                    if value & bit != 0 {
                        self.marks = self.marks.with(mark);
                    }
                }
            }
        }
    }

    fn word(&self, parts: &[Part]) -> u32 {
        parts.iter().fold(0, |word, part| word.wrapping_shl(part.bits()) | self.part(*part))
    }

    fn set_word(&mut self, parts: &[Part], word: u32) {
        let mut left = 24_u32;
        for part in parts {
            left = left.wrapping_sub(part.bits());
            self.set_part(*part, word.wrapping_shr(left) & part.mask());
        }
    }
}

const THREE_MARKS: [(u32, Marks); 3] =
    [(1, Marks::ARMED), (2, Marks::ANNOUNCED), (4, Marks::RECOVERING)];

/// Each cause has its bit, and the last one is [`ResetCauses::UNKNOWN`].
const UNKNOWN: u32 = 1 << 10;

impl<W: Words, const L: usize> Compact<W, L> {
    /// A record in these words.
    #[must_use]
    pub const fn new(words: W) -> Self {
        const { assert!(L == 4 || L == 2 || L == 1, "a compact record has 4, 2 or 1 words") };
        Self {
            words,
            fingerprint: Private::new(0),
            run: Private::new(0),
            causes: Private::new(0),
            count: Private::new(0),
            marks: Private::new(0),
            culprit: Private::new(0),
            held: Private::new(0),
            abandoned: Private::new(0),
        }
    }

    /// The watchdog is about to bite. There is no room for last checkpoints, so that it is not known who is overdue. For an
    /// interrupt that comes before the reset, an NMI too. Before a supervisor is armed, and after a culprit was recorded in this
    /// run, it does nothing.
    pub fn pretimeout(&self) {
        if self.marks().contains(Marks::ARMED) {
            self.keep(Brief::of(Kind::Pretimeout));
        }
    }

    /// Records a panic, for a panic handler. Four words keep its line, up to 65,535.
    pub fn panicked(&self, line: u32) {
        self.keep(Brief {
            line: Some(u16::try_from(line).unwrap_or(u16::MAX)),
            ..Brief::of(Kind::Panic)
        });
    }

    /// Records a fault of the processor, for a fault handler.
    pub fn faulted(&self) {
        self.keep(Brief::of(Kind::Fault));
    }

    /// The first culprit of a run is kept.
    fn keep(&self, brief: Brief) {
        if self.culprit.value() == 0 {
            self.culprit.set(brief.to_bits());
            self.write();
        }
    }

    fn marks(&self) -> Marks {
        Marks::from_bits(self.marks.value() as u16)
    }

    fn set_marks(&self, marks: Marks) {
        self.marks.set(marks.bits().into());
        self.write();
    }

    fn layout() -> &'static [&'static [Part]] {
        let [four, two, one] = LAYOUTS;
        match L {
            4 => four,
            2 => two,
            _ => one,
        }
    }

    fn state(&self) -> State {
        State {
            fingerprint: self.fingerprint.value(),
            run: self.run.value(),
            causes: self.causes.value(),
            count: self.count.value(),
            marks: self.marks(),
            culprit: self.culprit.value(),
            held: self.held(),
            abandoned: self.abandoned(),
        }
    }

    /// Writes the words that have changed. An interrupt that comes in between writes a newer word, and then it is written again.
    #[inline(never)]
    fn write(&self) {
        let mut index = 0_usize;
        for parts in Self::layout() {
            for _ in 0..2 {
                let word = seal(index, self.state().word(parts));
                if self.words.load(index) == word {
                    break;
                }
                self.words.store(index, word);
            }
            index = index.wrapping_add(1);
        }
    }

    /// What the words say of the run before; `None` if the history or the fingerprint is not whole.
    pub(crate) fn read(&self, fingerprint: u32) -> Option<Read> {
        let mut state = State::EMPTY;
        let (mut is_culprit_whole, mut said_bits, mut culprit_run) = (true, 0, None);
        let mut index = 0_usize;
        for parts in Self::layout() {
            let word = open(index, self.words.load(index));
            index = index.wrapping_add(1);
            if let Some(word) = word {
                let run = state.run;
                state.set_word(parts, word);
                if let [Part::Culprit, Part::Run] = parts {
                    culprit_run = Some(state.run);
                    state.run = run;
                }
            }
            for part in *parts {
                match (part, word) {
                    (Part::Fingerprint(bits), Some(_)) => said_bits = *bits,
                    (Part::Count | Part::Fingerprint(_), None) => return None,
                    (Part::Culprit | Part::Brief, None) => is_culprit_whole = false,
                    (Part::Held(_), None) => state.held = Sections::ALL,
                    (Part::Abandoned(_), None) => state.abandoned = Sections::ALL,
                    _ => {}
                }
            }
        }
        if culprit_run.is_some_and(|run| run != state.run) {
            state.culprit = 0;
        }
        let is_same_plan =
            (fingerprint ^ state.fingerprint) & Part::Fingerprint(said_bits).mask() == 0;
        let mut slot = Slot::EMPTY;
        slot.fingerprint = if is_same_plan { fingerprint } else { state.fingerprint };
        slot.run = state.run as u16;
        slot.causes = causes_of(state.causes);
        slot.marks = state.marks;
        slot.ages = Ages::of_count(state.count);
        let recorded = match Brief::from_bits(state.culprit) {
            _ if !is_culprit_whole => Recorded::Unknown,
            Some(brief) => Recorded::Brief(brief),
            None => Recorded::Nobody,
        };
        Some(Read { slot, recorded, held: state.held, abandoned: state.abandoned })
    }

    /// A run begins, in which nothing is held, and this is torn.
    pub(crate) fn begin_run(&self, slot: &Slot, torn: Sections) {
        self.fingerprint.set(slot.fingerprint);
        self.run.set(u32::from(slot.run) & Part::Run.mask());
        self.causes.set(bits_of(slot.causes));
        self.count.set(slot.ages.count().into());
        self.marks.set(slot.marks.bits().into());
        self.culprit.set(0);
        self.held.set(0);
        self.abandoned.set(torn.as_raw().into());
        self.write();
    }
}

/// What a compact record says of the run before.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) slot: Slot,
    pub(crate) recorded: Recorded,
    pub(crate) held: Sections,
    pub(crate) abandoned: Sections,
}

impl<W: Words, const L: usize> Memory for Compact<W, L> {
    fn mark(&self, set: Marks, clear: Marks, level: Option<Level>) {
        let mut marks = self.marks().with(set).without(clear);
        if let Some(level) = level {
            marks = marks.with_level(level);
        }
        self.set_marks(marks);
    }

    fn set_mode(&self, _mode: RunMode) {}

    fn record(&self, culprit: &Culprit) {
        self.keep(Brief::from(culprit));
    }

    fn run_for(&self, _uptime: u32) {}

    fn mark_good(&self) {
        self.count.set(0);
        self.set_marks(self.marks().with_level(Level::Normal));
    }
}

impl<W: Words, const L: usize> crate::section::Marks for Compact<W, L> {
    fn held(&self) -> Sections {
        Sections::from_raw(self.held.value() as u16)
    }

    fn set_held(&self, sections: Sections) {
        self.held.set(sections.as_raw().into());
        self.write();
    }

    fn abandoned(&self) -> Sections {
        Sections::from_raw(self.abandoned.value() as u16)
    }

    fn set_abandoned(&self, sections: Sections) {
        self.abandoned.set(sections.as_raw().into());
        self.write();
    }
}

impl<W: Words, const L: usize> Healer for Compact<W, L> {
    fn heal(&self, section: SectionId) {
        self.set_abandoned(self.abandoned().without(section));
    }
}

/// A set of sections in so many bits: the last one stands for all that follow.
const fn squeeze(sections: Sections, bits: u32) -> u32 {
    let raw = sections.as_raw() as u32;
    let last = 1_u32.wrapping_shl(bits.wrapping_sub(1));
    let low = last.wrapping_sub(1);
    if raw & !low == 0 { raw } else { raw & low | last }
}

/// The set of so many bits.
const fn spread(word: u32, bits: u32) -> Sections {
    let last = 1_u32.wrapping_shl(bits.wrapping_sub(1));
    let low = last.wrapping_sub(1);
    Sections::from_raw(if word & last == 0 { word as u16 } else { (word | !low) as u16 })
}

/// In five bits: 0 for none, the number and 1 for one, 31 for several.
const fn number_of(sections: Sections) -> u32 {
    let raw = sections.as_raw();
    match raw.count_ones() {
        0 => 0,
        1 => raw.trailing_zeros() + 1,
        _ => 31,
    }
}

const fn sections_of(number: u32) -> Sections {
    match number {
        0 => Sections::NONE,
        1..=16 => Sections::from_raw(1 << (number - 1)),
        _ => Sections::ALL,
    }
}

const fn bits_of(causes: ResetCauses) -> u32 {
    let unknown = if causes.contains(ResetCauses::UNKNOWN) { UNKNOWN } else { 0 };
    causes.bits() as u32 & (UNKNOWN - 1) | unknown
}

const fn causes_of(bits: u32) -> ResetCauses {
    let unknown = if bits & UNKNOWN == 0 { 0 } else { ResetCauses::UNKNOWN.bits() };
    ResetCauses::from_bits_retain((bits & (UNKNOWN - 1)) as u16 | unknown)
}

/// A word of a payload of 24 bits: the CRC-8 is in the lowest byte.
const fn seal(index: usize, payload: u32) -> u32 {
    payload << 8 | crc_8(index, payload)
}

/// The payload of a word; `None` if its CRC is wrong.
fn open(index: usize, word: u32) -> Option<u32> {
    let payload = word >> 8;
    (seal(index, payload) == word).then_some(payload)
}

/// The CRC-8 of a place and a payload, with the polynomial 0x07, which has a Hamming distance of 4 up to 119 bits. Neither a word
/// of zeros nor one of ones has it.
const fn crc_8(index: usize, payload: u32) -> u32 {
    let mut rest = (0xA5 ^ index as u32) << 24 ^ payload;
    let mut bit = 0;
    while bit < 32 {
        rest = if rest >> 31 == 0 { rest << 1 } else { rest << 1 ^ 0x07 << 24 };
        bit += 1;
    }
    rest >> 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_three_flips_of_a_word_are_found() {
        for (index, payload) in
            [(0, 0), (0, 0xFF_FFFF), (1, 0x12_3456), (2, 0x80_0001), (3, 0x5A_A5A5)]
        {
            let word = seal(index, payload);
            assert_eq!(open(index, word), Some(payload));
            for first in 0..32 {
                let once = word ^ 1 << first;
                assert_eq!(open(index, once), None);
                for second in 0..first {
                    let twice = once ^ 1 << second;
                    assert_eq!(open(index, twice), None);
                    for third in 0..second {
                        assert_eq!(open(index, twice ^ 1 << third), None);
                    }
                }
            }
        }
    }

    #[test]
    fn the_crc_is_the_one_of_the_catalogue() {
        let smbus = ::crc::Crc::<u8>::new(&::crc::CRC_8_SMBUS);
        for (index, payload) in [(0, 0_u32), (1, 0x12_3456), (2, 0xFF_FFFF), (3, 0x80_0001)] {
            let [_, a, b, c] = payload.to_be_bytes();
            let expected = smbus.checksum(&[0xA5 ^ index as u8, a, b, c]);
            assert_eq!(crc_8(index, payload), expected.into());
        }
    }

    #[test]
    fn words_that_are_all_alike_or_in_another_place_are_not_whole() {
        for index in 0..4 {
            assert_eq!((open(index, 0), open(index, u32::MAX)), (None, None));
            for other in (0..4).filter(|other| *other != index) {
                assert_eq!(open(other, seal(index, 0x12_3456)), None);
            }
        }
    }

    /// What passes of garbage: one word in 256.
    #[test]
    fn one_word_in_256_passes() {
        let passed = (0..1_u32 << 16).filter(|low| open(0, 0xABCD_0000 | low).is_some()).count();
        assert_eq!(passed, 256);
    }

    #[test]
    fn sets_are_squeezed_so_that_nothing_torn_is_lost() {
        for raw in 0..=u16::MAX {
            let sections = Sections::from_raw(raw);
            for bits in [8, 12] {
                let spread = spread(squeeze(sections, bits), bits).as_raw();
                assert_eq!(spread & raw, raw);
                let exact = !(!0 << (bits - 1));
                assert_eq!(spread & exact, raw & exact);
                assert_eq!(spread >> (bits - 1) == 0, raw >> (bits - 1) == 0);
            }
            let one = sections_of(number_of(sections)).as_raw();
            assert_eq!(one & raw, raw);
            assert_eq!(one, if raw.count_ones() > 1 { u16::MAX } else { raw });
        }
    }

    #[test]
    fn causes_are_read_back() {
        for cause in ResetCauses::all().iter().chain([ResetCauses::all(), ResetCauses::empty()]) {
            assert_eq!(causes_of(bits_of(cause)), cause);
        }
    }
}
