//! An epoch: from one break in the supervision to the next. Breaks are the activation of entities, the end of the start-up, and the
//! end of a bounded mode.
//!
//! The supervisor counts epochs in the upper 12 bits of one word that all check-ins read. What a check-in notes of a deadline or a
//! graph has the epoch in the same place. An entity that is active before a break and after it goes on: its record has the epoch in
//! which its supervision began, and what it has noted since then counts. What it noted before is void: a time that was not supervised
//! throughout is not judged.

/// The bits of a word that count epochs.
const EPOCH_BITS: u32 = 0xFFF0_0000;
/// One epoch more.
pub(crate) const EPOCH_STEP: u32 = 0x0010_0000;
/// A note counts for at most so many epochs: half of those that can be told apart.
const AGE_MAX: u32 = 0x7FF0_0000;

/// The epoch of a word.
#[inline(always)]
pub(crate) const fn epoch(word: u32) -> u32 {
    word & EPOCH_BITS
}

/// A word of this epoch, and what it has beside it.
#[inline(always)]
pub(crate) const fn word_of(epoch: u32, beside_epoch: u32) -> u32 {
    epoch | beside_epoch
}

/// What a word has beside its epoch.
#[inline(always)]
pub(crate) const fn beside_epoch(word: u32) -> u32 {
    word & !EPOCH_BITS
}

/// The epochs of which the notes of an entity count: from the one in which its supervision began to the one that runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epochs {
    pub(crate) now: u32,
    age_max: u32,
}

impl Epochs {
    /// From the epoch of one word to an epoch.
    #[inline(always)]
    pub(crate) const fn new(since: u32, now: u32) -> Self {
        Self { now, age_max: now.wrapping_sub(epoch(since)) }
    }

    /// Whether the note in this word counts.
    #[inline(always)]
    pub(crate) const fn contain(self, word: u32) -> bool {
        self.now.wrapping_sub(epoch(word)) <= self.age_max
    }

    /// From when on notes count, if these epochs are too many to be told apart.
    pub(crate) const fn shortened(self) -> u32 {
        let age = if self.age_max > AGE_MAX { AGE_MAX } else { self.age_max };
        self.now.wrapping_sub(age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_come_round_and_half_of_them_count() {
        for (since, now, counting, void) in [
            (0, 0, 0, EPOCH_STEP),
            (EPOCH_STEP, 3 * EPOCH_STEP, 2 * EPOCH_STEP, 4 * EPOCH_STEP),
            (0xFFE0_0000, EPOCH_STEP, 0, 0xFFD0_0000),
            (0xFFE0_0000, EPOCH_STEP, EPOCH_STEP, 2 * EPOCH_STEP),
        ] {
            let epochs = Epochs::new(since | 0xF_FFFF, now);
            assert!(epochs.contain(since | 5) && epochs.contain(counting | 0xF_FFFF));
            assert!(!epochs.contain(void) && !epochs.contain(void | 0xF_FFFF));
        }
        for (age, shortened) in [
            (0, 0),
            (EPOCH_STEP, EPOCH_STEP),
            (0x7FF0_0000, 0x7FF0_0000),
            (0x8000_0000, 0x7FF0_0000),
            (0xFFF0_0000, 0x7FF0_0000),
        ] {
            let now = 0x1230_0000_u32;
            let epochs = Epochs::new(now.wrapping_sub(age), now);
            assert_eq!(epochs.shortened(), now.wrapping_sub(shortened));
        }
        assert_eq!((epoch(0x1234_5678), beside_epoch(0x1234_5678)), (0x1230_0000, 0x4_5678));
        assert_eq!(word_of(0x1230_0000, 0x4_5678), 0x1234_5678);
    }
}
