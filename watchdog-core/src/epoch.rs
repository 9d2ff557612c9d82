//! An epoch: from one break in the supervision of an entity to the next. Breaks are its activation, the end of the start-up, and the
//! end of a bounded mode.
//!
//! The supervisor counts the epochs of an entity in the upper 12 bits of a word that the entity's check-ins read. What they note of
//! a deadline or a graph has the epoch in the same place, so that a fault of another epoch is void and a time that was not
//! supervised throughout is not judged.

/// The bits of a word that count epochs.
pub(crate) const EPOCH_BITS: u32 = 0xFFF0_0000;
/// One epoch more.
pub(crate) const EPOCH_STEP: u32 = 0x0010_0000;

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
