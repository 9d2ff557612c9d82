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
/// What counts is at most so many epochs old: half of those that can be told apart.
const AGE_MAX: u32 = 0x7FF0_0000;

/// The epoch of a word.
#[inline(always)]
pub(crate) const fn epoch(word: u32) -> u32 {
    word & EPOCH_BITS
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
