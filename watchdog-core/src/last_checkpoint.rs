//! The last checkpoint of an entity, in a word that survives a reset.

use crate::checkpoint::Checkpoint;
use crate::kept::unpair;

/// The last checkpoint that an entity reached before the reset, and when. Its instant comes round after 4,096 steps, which are
/// longer than two timeouts of the watchdog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LastCheckpoint {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The instant, in steps, below `4_096 * step_us`.
    pub stamp_us: u32,
    /// A step of the instant, in microseconds: a power of two.
    pub step_us: u32,
}

impl LastCheckpoint {
    /// The step of a plan whose watchdog bites before so many microseconds, as a shift: two of its timeouts are at most 4,096 steps.
    pub(crate) const fn shift(bites_before_us: u64) -> u8 {
        let mut shift = 0;
        while shift < SHIFT_MAX && (STEPS as u64) << shift < bites_before_us.saturating_mul(2) {
            shift += 1;
        }
        shift
    }

    /// The word of a checkpoint that is reached: a pair of the checkpoint and twelve bits of the instant.
    #[inline(always)]
    pub(crate) const fn word(checkpoint: Checkpoint, stamp: u32, shift: u8) -> u32 {
        let instant = stamp.wrapping_shr(shift as u32);
        let value = (instant << 4 | checkpoint.as_raw() as u32) & 0xFFFF;
        value | !value << 16
    }

    /// `None` for a word that is not whole: no checkpoint was reached.
    pub(crate) const fn from_word(word: u32, shift: u8) -> Option<Self> {
        match unpair(word) {
            Some(value) => Some(Self {
                checkpoint: Checkpoint::from_low_bits(value as u32),
                stamp_us: (value as u32 >> 4).wrapping_shl(shift as u32),
                step_us: 1_u32.wrapping_shl(shift as u32),
            }),
            None => None,
        }
    }

    /// How long before another instant it was reached, in microseconds, in steps.
    #[must_use]
    pub const fn age_us(&self, later_us: u32) -> u32 {
        // A step is a power of two.
        let mask = self.step_us.wrapping_mul(STEPS).wrapping_sub(self.step_us);
        later_us.wrapping_sub(self.stamp_us) & mask
    }
}

/// The instant is one of 32 bits.
const SHIFT_MAX: u8 = 20;

/// The instant of a last checkpoint has so many steps, and comes round after them.
const STEPS: u32 = 1 << 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_checkpoint_is_read_back() {
        for raw in 0..16 {
            let Some(checkpoint) = Checkpoint::new(raw) else { return };
            for (shift, stamp, kept) in [
                (12, 0, 0),
                (12, 4_095, 0),
                (12, 4_096, 4_096),
                (12, u32::MAX, 0xFF_F000),
                (0, 0x1_2345, 0x345),
                (20, u32::MAX, 0xFFF0_0000),
            ] {
                let word = LastCheckpoint::word(checkpoint, stamp, shift);
                let last = LastCheckpoint { checkpoint, stamp_us: kept, step_us: 1 << shift };
                assert_eq!(LastCheckpoint::from_word(word, shift), Some(last));
                for bit in 0..32 {
                    assert_eq!(LastCheckpoint::from_word(word ^ 1 << bit, shift), None);
                }
            }
        }
        let last =
            LastCheckpoint { checkpoint: Checkpoint::MAX, stamp_us: 0xFF_F000, step_us: 4_096 };
        assert_eq!(last.age_us(0xFF_FFFF), 0);
        assert_eq!(last.age_us(0x100_0000), 4_096);
        assert_eq!(last.age_us(0xFF_EFFF), 0xFF_F000);
        let last =
            LastCheckpoint { checkpoint: Checkpoint::MAX, stamp_us: 5 << 20, step_us: 1 << 20 };
        assert_eq!((last.age_us(7 << 20), last.age_us(4 << 20)), (2 << 20, 0xFFF0_0000));
    }

    #[test]
    fn two_timeouts_are_at_most_4096_steps() {
        for (bites_before_us, shift) in [
            (0, 0),
            (2_048, 0),
            (2_049, 1),
            (50_000, 5),
            (1_600_000, 10),
            (8_000_000, 12),
            (u64::MAX, 20),
        ] {
            assert_eq!(LastCheckpoint::shift(bites_before_us), shift, "{bites_before_us}");
        }
    }
}
