//! A compact record, for a board on which nothing survives a reset but a few backup registers.
//!
//! ```text
//! of 4 words   payload of 24 bits
//! word 0       run (4), causes (11), abnormal boots (3), marks and level (6)
//! word 1       culprit: kind (4), entity and checkpoint or the line of a panic (16); run (4)
//! word 2       sections abandoned (12), held (12)
//! word 3       fingerprint (24)
//!
//! of 2 words
//! word 0       fingerprint (4), causes (11), abnormal boots (3), marks and level (6)
//! word 1       culprit: kind (4), entity (4); sections abandoned (8), held (8)
//!
//! of 1 word    fingerprint (2), culprit: kind (4), entity (4); abandoned (1), section (5), abnormal boots (3), level (2), marks (3)
//! ```
//!
//! Each word ends with a CRC-8 of its payload and its place: every one to three flips of bits are found. A word is written in one store,
//! so that none is ever half written. Of a plan with more entities or sections than there is room for, the last place stands for all that follow.
//!
//! What does not fit is not kept: the uptime, so that the window of abnormal boots has no end but a good run; the last checkpoints; the
//! instant and the numbers of a culprit. Two words tell 15 of 16 other plans apart, one word 3 of 4. One word has no causes, so that no flag is
//! known to be old; and in one word several sections are all. With garbage in it, one word is taken for a record once in 256 times, two words once in
//! 65,536 times. With 2 words and 1, a reset in the middle of `judge` may name the culprit of the run before once more.

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

/// A compact record in `L` words: 4, 2 or 1. It lives in a `static`, and its words where they survive a reset. It has one owner of guarded sections.
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
    /// What the words say, in memory that does not survive: a word is written from all of it.
    fingerprint: Private,
    history: Private,
    culprit: Private,
    held: Private,
    abandoned: Private,
}

/// In the history: the marks and the level as in a slot, the abnormal boots, the causes, the run.
const MARKS_BITS: u32 = 0x3F;
const COUNT_SHIFT: u32 = 6;
const CAUSES_SHIFT: u32 = 9;
const RUN_SHIFT: u32 = 20;
const CAUSES_BITS: u32 = 0x7FF;
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
            history: Private::new(0),
            culprit: Private::new(0),
            held: Private::new(0),
            abandoned: Private::new(0),
        }
    }

    /// The watchdog is about to bite. There is no room for last checkpoints, so that it is not known who is overdue. For an interrupt that
    /// comes before the reset, an NMI too. Before a supervisor is armed, and after a culprit was recorded in this run, it does nothing.
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
        Marks::from_bits((self.history.value() & MARKS_BITS) as u16)
    }

    fn set_marks(&self, marks: Marks) {
        self.history.set(self.history.value() & !MARKS_BITS | u32::from(marks.bits()));
        self.write();
    }

    /// Writes the words that have changed. An interrupt that comes in between writes a newer word, and then it is written again.
    #[inline(never)]
    fn write(&self) {
        for index in 0..L {
            for _ in 0..2 {
                let word = seal(index, self.payload(index));
                if self.words.load(index) == word {
                    break;
                }
                self.words.store(index, word);
            }
        }
    }

    /// What a word says.
    fn payload(&self, index: usize) -> u32 {
        let history = self.history.value();
        let (fingerprint, culprit) = (self.fingerprint.value(), self.culprit.value());
        let run = history >> RUN_SHIFT;
        let past_run = history & !(!0 << RUN_SHIFT);
        let (held, abandoned) = (self.held(), self.abandoned());
        match (L, index) {
            (4, 0) => run << 20 | past_run,
            (4, 1) => culprit << 4 | run,
            (4, 2) => squeeze(abandoned, 12) << 12 | squeeze(held, 12),
            (4, _) => fingerprint & 0xFF_FFFF,
            (2, 0) => (fingerprint & 0xF) << 20 | past_run,
            (2, _) => {
                let brief = Brief::from_bits(culprit).map_or(0, Brief::to_byte);
                brief << 16 | squeeze(abandoned, 8) << 8 | squeeze(held, 8)
            }
            _ => {
                let brief = Brief::from_bits(culprit).map_or(0, Brief::to_byte);
                let section = number_of(held.union(abandoned));
                let is_abandoned = u32::from(!abandoned.is_empty());
                let marks = self.marks();
                let marks = u32::from(marks.contains(Marks::ARMED))
                    | u32::from(marks.contains(Marks::ANNOUNCED)) << 1
                    | u32::from(marks.contains(Marks::RECOVERING)) << 2
                    | marks.level().bits() << 3;
                let count = past_run >> COUNT_SHIFT & 7;
                (fingerprint & 3) << 22
                    | brief << 14
                    | is_abandoned << 13
                    | section << 8
                    | count << 5
                    | marks
            }
        }
    }

    /// What the words say of the run before; `None` if the one with the history is not whole.
    pub(crate) fn read(&self, fingerprint: u32) -> Option<Read> {
        let word = |index: usize| open(index, self.words.load(index));
        let first = word(0)?;
        let all = (Sections::ALL, Sections::ALL);
        let (said, bits, history, culprit, (abandoned, held)) = match L {
            4 => {
                let run = first >> 20;
                let culprit = word(1).map(|word| if word & 0xF == run { word >> 4 } else { 0 });
                let sets = word(2).map_or(all, |word| (spread(word >> 12, 12), spread(word, 12)));
                (word(3)?, 24, first & 0xF_FFFF | run << RUN_SHIFT, culprit, sets)
            }
            2 => {
                let second = word(1);
                let culprit =
                    second.map(|word| Brief::from_byte(word >> 16).map_or(0, Brief::to_bits));
                let sets = second.map_or(all, |word| (spread(word >> 8, 8), spread(word, 8)));
                (first >> 20, 4, first & 0xF_FFFF, culprit, sets)
            }
            _ => {
                let mut marks = Marks::NONE.with_level(Level::from_bits(first >> 3));
                for (bit, mark) in
                    [(1, Marks::ARMED), (2, Marks::ANNOUNCED), (4, Marks::RECOVERING)]
                {
                    if first & bit != 0 {
                        marks = marks.with(mark);
                    }
                }
                let sections = sections_of(first >> 8 & 0x1F);
                let sets = if first >> 13 & 1 == 0 {
                    (Sections::NONE, sections)
                } else {
                    (sections, Sections::NONE)
                };
                let culprit = Brief::from_byte(first >> 14 & 0xFF).map_or(0, Brief::to_bits);
                let history = u32::from(marks.bits()) | (first >> 5 & 7) << COUNT_SHIFT;
                (first >> 22, 2, history, Some(culprit), sets)
            }
        };
        let is_same_plan = (fingerprint ^ said) << (32 - bits) == 0;
        let mut slot = Slot::EMPTY;
        slot.fingerprint = if is_same_plan { fingerprint } else { said };
        slot.run = (history >> RUN_SHIFT) as u16;
        slot.causes = causes_of(history >> CAUSES_SHIFT & CAUSES_BITS);
        slot.marks = Marks::from_bits((history & MARKS_BITS) as u16);
        slot.ages = Ages::of_count(history >> COUNT_SHIFT & 7);
        let recorded = match culprit {
            None => Recorded::Unknown,
            Some(bits) => Brief::from_bits(bits).map_or(Recorded::Nobody, Recorded::Brief),
        };
        Some(Read { slot, recorded, held, abandoned })
    }

    /// A run begins, in which nothing is held, and this is torn.
    pub(crate) fn begin_run(&self, slot: &Slot, torn: Sections) {
        self.fingerprint.set(slot.fingerprint);
        self.history.set(
            u32::from(slot.marks.bits())
                | u32::from(slot.ages.count()) << COUNT_SHIFT
                | bits_of(slot.causes) << CAUSES_SHIFT
                | u32::from(slot.run & 0xF) << RUN_SHIFT,
        );
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
        self.history.set(self.history.value() & !(7 << COUNT_SHIFT));
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
    let last = bits - 1;
    let low = raw & !(!0 << last);
    low | ((raw >> last != 0) as u32) << last
}

/// The set of so many bits.
const fn spread(word: u32, bits: u32) -> Sections {
    let last = bits - 1;
    let low = word & !(!0 << last);
    let high = if word >> last & 1 == 0 { 0 } else { !0 << last };
    Sections::from_raw((low | high) as u16)
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

/// The CRC-8 of a place and a payload, with the polynomial 0x07, which has a Hamming distance of 4 up to 119 bits. Neither a word of zeros nor one
/// of ones has it.
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
