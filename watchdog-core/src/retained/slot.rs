//! A slot: what a boot must know of the boots before it, in 64 bytes. There are two, so that one is always whole.
//!
//! ```text
//! word 0        fingerprint of the plan
//! word 1        sequence: the slot with the later one counts
//! word 2        causes of the reset (16), marks (16)
//! word 3        run (16), the run of the culprit (16)
//! word 4 - 8    the abnormal boots of the window: how long ago, in uptime of 65,536 us; all bits set for none
//! word 9 - 14   the last culprit; 0 for none
//! word 15       CRC-32 of the words before it, written last
//! ```

use crate::causes::ResetCauses;
use crate::crc::crc;
use crate::culprit::CULPRIT_WORDS;
use crate::halves;
use crate::kept::Kept;
use crate::level::{Level, SAFE_ONLY_AT};

/// Words of a slot: 64 bytes.
pub(super) const SLOT_WORDS: usize = 16;
const AGES: usize = SAFE_ONLY_AT as usize;
const NO_AGE: u32 = u32::MAX;

/// What the boots before are known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) fingerprint: u32,
    sequence: u32,
    pub(crate) causes: ResetCauses,
    pub(crate) marks: Marks,
    /// The number of the run, from 1.
    pub(crate) run: u16,
    /// The number of the run that ended with the culprit.
    pub(crate) culprit_run: u16,
    pub(crate) ages: Ages,
    pub(crate) culprit: [u32; CULPRIT_WORDS],
}

impl Slot {
    /// Of a memory in which nothing is known.
    pub(crate) const EMPTY: Self = Self {
        fingerprint: 0,
        sequence: 0,
        causes: ResetCauses::empty(),
        marks: Marks::NONE,
        run: 0,
        culprit_run: 0,
        ages: Ages([NO_AGE; AGES]),
        culprit: [0; CULPRIT_WORDS],
    };

    fn to_words(self) -> [u32; SLOT_WORDS] {
        let [a, b, c, d, e] = self.ages.0;
        let [f, g, h, i, j, k] = self.culprit;
        let causes = halves::word(self.causes.bits(), self.marks.0);
        let runs = halves::word(self.run, self.culprit_run);
        let Self { fingerprint, sequence, .. } = self;
        let content = [fingerprint, sequence, causes, runs, a, b, c, d, e, f, g, h, i, j, k];
        let crc = crc(&content);
        let [l, m, n, o, ..] = content;
        [l, m, n, o, a, b, c, d, e, f, g, h, i, j, k, crc]
    }

    fn from_words(words: &[u32; SLOT_WORDS]) -> Option<Self> {
        let [content @ .., said] = words;
        if crc(content) != *said {
            return None;
        }
        let [fingerprint, sequence, causes, runs, a, b, c, d, e, culprit @ ..] = *content;
        let ([causes, marks], [run, culprit_run]) =
            (halves::of_word(causes), halves::of_word(runs));
        Some(Self {
            fingerprint,
            sequence,
            causes: ResetCauses::from_bits_retain(causes),
            marks: Marks(marks),
            run,
            culprit_run,
            ages: Ages([a, b, c, d, e]),
            culprit,
        })
    }
}

/// Marks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks(u16);

impl Marks {
    pub(crate) const NONE: Self = Self(0);
    /// A supervisor was armed.
    pub(crate) const ARMED: Self = Self(1 << 0);
    /// The program has announced that it will reset.
    pub(crate) const ANNOUNCED: Self = Self(1 << 1);
    /// The flags of the causes were cleared.
    pub(crate) const CLEARED: Self = Self(1 << 2);
    /// A recovery has begun, and has not ended.
    pub(crate) const RECOVERING: Self = Self(1 << 3);
    const LEVEL_SHIFT: u32 = 4;

    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    pub(crate) const fn contains(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }

    pub(crate) const fn with(self, mark: Self) -> Self {
        Self(self.0 | mark.0)
    }

    pub(crate) const fn without(self, mark: Self) -> Self {
        Self(self.0 & !mark.0)
    }

    /// The level to which recoveries that did not end have led.
    pub(crate) const fn level(self) -> Level {
        Level::from_bits(self.0 as u32 >> Self::LEVEL_SHIFT)
    }

    #[allow(clippy::cast_possible_truncation)] // Two bits.
    pub(crate) const fn with_level(self, level: Level) -> Self {
        Self(self.0 & !(3 << Self::LEVEL_SHIFT) | (level.bits() as u16) << Self::LEVEL_SHIFT)
    }
}

/// How long ago the last abnormal boots were, in accumulated uptime; the latest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ages([u32; AGES]);

impl Ages {
    pub(crate) const NONE: Self = Self([NO_AGE; AGES]);

    /// So many abnormal boots, however long ago.
    pub(crate) fn of_count(count: u32) -> Self {
        let mut ages = Self::NONE;
        for _ in 0..count.min(SAFE_ONLY_AT.into()) {
            ages.add();
        }
        ages
    }

    /// A run of such an uptime has ended: what is now older than the window is forgotten.
    pub(crate) fn pass(&mut self, uptime: u32, window: u32) {
        for age in &mut self.0 {
            if *age != NO_AGE {
                *age = age.saturating_add(uptime);
                if *age > window {
                    *age = NO_AGE;
                }
            }
        }
    }

    /// This boot is abnormal.
    pub(crate) const fn add(&mut self) {
        let [a, b, c, d, _] = self.0;
        self.0 = [0, a, b, c, d];
    }

    /// How many abnormal boots there were within the window.
    pub(crate) fn count(&self) -> u8 {
        let mut count = 0_u8;
        for age in self.0 {
            count = count.saturating_add(u8::from(age != NO_AGE));
        }
        count
    }
}

/// The two slots. Their writer is the boot, and then the supervisor.
#[derive(Debug)]
pub(crate) struct Slots([[Kept; SLOT_WORDS]; 2]);

impl Slots {
    const_unless_loom! {
        pub(super) fn new() -> Self {
            Self([cells!(Kept, SLOT_WORDS), cells!(Kept, SLOT_WORDS)])
        }
    }

    pub(super) fn words(&self) -> [&[Kept]; 2] {
        self.0.each_ref().map(<[Kept; SLOT_WORDS]>::as_slice)
    }

    /// Numbers the latest slot otherwise.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn set_sequence(&self, sequence: u32) {
        let Some(latest) = self.latest() else { return };
        for kept in self.0.iter().flatten() {
            kept.store(0);
        }
        self.change(&|slot| {
            *slot = latest;
            slot.sequence = sequence;
        });
    }

    /// The latest slot that is whole.
    pub(crate) fn latest(&self) -> Option<Slot> {
        self.place_of_latest().map(|(slot, _)| slot)
    }

    /// Changes the latest slot. It is written over the other one, so that a reset in between leaves one of them.
    pub(crate) fn change(&self, change: &dyn Fn(&mut Slot)) {
        let [first, second] = &self.0;
        let (mut slot, place) = self.place_of_latest().unwrap_or((Slot::EMPTY, second));
        change(&mut slot);
        slot.sequence = slot.sequence.wrapping_add(1);
        let other = if core::ptr::eq(place, first) { second } else { first };
        let mut words = slot.to_words().into_iter();
        for kept in other {
            kept.store(words.next().unwrap_or(0));
        }
    }

    /// The latest slot that is whole, and where it is. Of two the one that follows the other.
    #[inline(never)]
    fn place_of_latest(&self) -> Option<(Slot, &[Kept; SLOT_WORDS])> {
        let [first, second] = &self.0;
        let read = |kept: &[Kept; SLOT_WORDS]| Slot::from_words(&kept.each_ref().map(Kept::load));
        match (read(first), read(second)) {
            (Some(one), Some(other)) => {
                let is_first = one.sequence.wrapping_sub(other.sequence) <= u32::MAX / 2;
                Some(if is_first { (one, first) } else { (other, second) })
            }
            (Some(slot), None) => Some((slot, first)),
            (None, Some(slot)) => Some((slot, second)),
            (None, None) => None,
        }
    }
}

const _: () = assert!(size_of::<Slots>() == 128 || cfg!(all(loom, test)));

#[cfg(all(test, not(loom)))]
#[allow(clippy::indexing_slicing)]
mod tests {
    use std::boxed::Box;

    use super::*;
    use crate::culprit::{Cause, Culprit};

    fn slot() -> Slot {
        let culprit = Culprit { cause: Cause::Late { late_us: 0x1_2345_6789 }, at_us: 7 };
        Slot {
            fingerprint: 0x1234_5678,
            sequence: 41,
            causes: ResetCauses::WATCHDOG | ResetCauses::PIN,
            marks: Marks::ARMED.with(Marks::CLEARED).with_level(Level::Degraded),
            run: 0xFFFE,
            culprit_run: 9,
            ages: Ages([0, 5, 54_932, NO_AGE, NO_AGE]),
            culprit: culprit.to_words(),
        }
    }

    #[test]
    fn the_words_are_as_drawn() {
        assert_eq!(
            slot().to_words()[..15],
            [
                0x1234_5678,
                41,
                0x0015_0024,
                0x0009_FFFE,
                0,
                5,
                54_932,
                NO_AGE,
                NO_AGE,
                4,
                7,
                0,
                0x2345_6789,
                1,
                0
            ]
        );
        assert_eq!(Slot::from_words(&slot().to_words()), Some(slot()));
    }

    #[test]
    fn every_single_and_double_flip_of_a_slot_is_found() {
        let words = slot().to_words();
        let flipped = |words: &[u32; SLOT_WORDS], bit: usize| {
            let mut words = *words;
            words[bit / 32] ^= 1 << (bit % 32);
            words
        };
        for first in 0..32 * SLOT_WORDS {
            let once = flipped(&words, first);
            assert_eq!(Slot::from_words(&once), None, "bit {first}");
            for second in first + 1..32 * SLOT_WORDS {
                let twice = flipped(&once, second);
                assert_eq!(Slot::from_words(&twice), None, "bits {first} and {second}");
            }
        }
    }

    #[test]
    fn words_that_are_all_alike_are_no_slot() {
        assert_eq!(Slot::from_words(&[0; SLOT_WORDS]), None);
        assert_eq!(Slot::from_words(&[u32::MAX; SLOT_WORDS]), None);
    }

    fn slots(first: Option<u32>, second: Option<u32>) -> &'static Slots {
        let slots = Box::leak(Box::new(Slots::new()));
        for (kept, sequence) in slots.0.iter().zip([first, second]) {
            let words = sequence.map_or([0xA5A5_A5A5; SLOT_WORDS], |sequence| {
                Slot { sequence, run: sequence as u16, ..slot() }.to_words()
            });
            kept.iter().zip(words).for_each(|(kept, word)| kept.store(word));
        }
        slots
    }

    #[test]
    fn the_later_slot_counts_and_the_other_one_is_written() {
        for (first, second, latest, is_first_written) in [
            (Some(1), Some(2), Some(2), true),
            (Some(3), Some(2), Some(3), false),
            (Some(u32::MAX), Some(0), Some(0), true),
            (Some(0), Some(u32::MAX), Some(0), false),
            (Some(5), None, Some(5), false),
            (None, Some(5), Some(5), true),
            (None, None, None, true),
        ] {
            let slots = slots(first, second);
            assert_eq!(slots.latest().map(|slot| slot.sequence), latest, "{first:?} {second:?}");
            let before = slots.0.each_ref().map(|kept| kept.each_ref().map(Kept::load));
            slots.change(&|slot| slot.fingerprint = 99);
            let after = slots.0.each_ref().map(|kept| kept.each_ref().map(Kept::load));
            assert_eq!(
                (before[0] != after[0], before[1] != after[1]),
                (is_first_written, !is_first_written)
            );
            let slot = slots.latest().unwrap_or(Slot::EMPTY);
            assert_eq!(
                (slot.fingerprint, slot.sequence),
                (99, latest.unwrap_or(0).wrapping_add(1))
            );
        }
    }

    /// Both slots are written in turn, and after each word of each write, and each flip of the slot that counts, one is whole: what
    /// was before or what comes.
    #[test]
    fn one_of_two_slots_is_whole_after_every_store() {
        for (first, second) in [
            (Some(1), Some(2)),
            (Some(3), Some(2)),
            (Some(u32::MAX), Some(0)),
            (Some(u32::MAX), Some(u32::MAX - 1)),
            (Some(5), None),
            (None, Some(5)),
        ] {
            for stores in 0..=SLOT_WORDS {
                let slots = slots(first, second);
                let before = slots.latest();
                crate::kept::cut::after(Some(stores as u32));
                slots.change(&|slot| slot.fingerprint = 99);
                crate::kept::cut::after(None);
                let is_written = slots.latest().is_some_and(|slot| slot.fingerprint == 99);
                assert_eq!(is_written, stores == SLOT_WORDS);
                if !is_written {
                    assert_eq!(slots.latest(), before);
                }
            }
        }
    }

    #[test]
    fn a_flip_in_the_slot_that_counts_leaves_the_other() {
        for bit in 0..32 * SLOT_WORDS {
            let slots = slots(Some(1), Some(2));
            let word = &slots.0[1][bit / 32];
            word.store(word.load() ^ 1 << (bit % 32));
            assert_eq!(slots.latest().map(|slot| slot.sequence), Some(1), "bit {bit}");
        }
    }

    #[test]
    fn ages_pass_and_are_forgotten_past_the_window() {
        let mut ages = Ages::NONE;
        assert_eq!(ages.count(), 0);
        for count in [1, 2, 3, 4, 5, 5] {
            ages.add();
            assert_eq!(ages.count(), count);
        }
        ages.pass(100, 100);
        assert_eq!(ages, Ages([100; 5]));
        ages.add();
        ages.pass(1, 100);
        assert_eq!(ages, Ages([1, NO_AGE, NO_AGE, NO_AGE, NO_AGE]));
        ages.pass(u32::MAX, 1 << 31);
        assert_eq!(ages, Ages::NONE);
    }

    #[test]
    fn marks_stand_apart() {
        let all = [Marks::ARMED, Marks::ANNOUNCED, Marks::CLEARED, Marks::RECOVERING];
        for mark in all {
            let marks = Marks::NONE.with_level(Level::SafeOnly).with(mark);
            assert_eq!(all.map(|other| marks.contains(other)), all.map(|other| other == mark));
            assert_eq!(marks.level(), Level::SafeOnly);
            assert_eq!(marks.without(mark), Marks::NONE.with_level(Level::SafeOnly));
            assert_eq!(marks.with_level(Level::Normal), mark);
        }
    }
}
