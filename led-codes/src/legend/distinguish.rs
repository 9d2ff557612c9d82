//! Whether two patterns can be taken for one another.
//!
//! Somebody watches from any moment on, with a clock that is wrong by up to the tolerance, for two periods of the longer pattern. In
//! that time the longest step of the first pattern begins within one of its periods and is seen whole, and a period of the longer
//! pattern after that begin is seen. So two patterns can be told apart if, wherever the longest step of the first is laid upon a step
//! of the second, the steps after it differ within that period. Steps differ if their levels do, or if no two clocks within
//! the tolerance make their durations equal.

use crate::flash::Flashes;
use crate::level::Level;
use crate::pattern::{Cursor, Pattern, Place};
use crate::step::Step;

/// What two steps have to differ in.
#[derive(Clone, Copy)]
pub(super) struct Eye {
    /// By how much the clock of the watcher may be wrong, in percent.
    pub(super) tolerance_percent: u8,
    /// The watcher tells no colours apart.
    pub(super) is_colour_blind: bool,
    /// The second pattern is seen with lit and dark exchanged.
    pub(super) is_inverted: bool,
}

impl Eye {
    /// Whether an observation of two periods of the longer one of these patterns fits both. The place is that of the longest step of
    /// the first.
    pub(super) const fn confuses(self, one: &Pattern, longest: Place, other: &Pattern) -> bool {
        let from = Cursor::new(one, longest);
        let mut row = 0;
        while let Some(flashes) = other.row(row) {
            let [on, off, gap] = kinds(flashes);
            let last = flashes.count().wrapping_sub(1);
            let is_on = self.is_alike(from.step(), on);
            let is_off = last > 0 && self.is_alike(from.step(), off);
            let is_gap = gap.ms() > 0 && self.is_alike(from.step(), gap);
            let mut flash = 0;
            while (is_on || is_off) && flash <= last {
                if is_on
                    && self.is_alike_from(from, Cursor::new(other, Place::new(row, flash, false)))
                {
                    return true;
                }
                let is_between = is_off && flash < last;
                if is_between
                    && self.is_alike_from(from, Cursor::new(other, Place::new(row, flash, true)))
                {
                    return true;
                }
                flash = flash.wrapping_add(1);
            }
            if is_gap && self.is_alike_from(from, Cursor::new(other, Place::new(row, last, true))) {
                return true;
            }
            row = row.wrapping_add(1);
        }
        false
    }

    /// Whether all steps from these places on are alike, for a period of the longer pattern.
    const fn is_alike_from(self, one: Cursor<'_>, other: Cursor<'_>) -> bool {
        let (mut mine, mut theirs) = (one, other);
        let (mut my_ms, mut their_ms) = (0_u32, 0_u32);
        let until_ms =
            if one.period_ms() > other.period_ms() { one.period_ms() } else { other.period_ms() };
        while my_ms < until_ms || their_ms < until_ms {
            let (step, their_step) = (mine.step(), theirs.step());
            if !self.is_alike(step, their_step) {
                return false;
            }
            my_ms = my_ms.wrapping_add(step.ms() as u32);
            their_ms = their_ms.wrapping_add(their_step.ms() as u32);
            (mine, theirs) = (mine.next(), theirs.next());
        }
        true
    }

    /// Whether these steps can look the same.
    pub(super) const fn is_alike(self, step: Step, other: Step) -> bool {
        let other_level = if self.is_inverted { other.level().inverted() } else { other.level() };
        let is_level_alike = if self.is_colour_blind || self.is_inverted {
            step.level().is_lit() == other_level.is_lit()
        } else {
            step.level().is(other_level)
        };
        is_level_alike && self.overlaps(step.ms(), other.ms())
    }

    /// Whether clocks within the tolerance can give these durations the same length.
    const fn overlaps(self, ms: u16, other_ms: u16) -> bool {
        let slow = 100_u32.wrapping_sub(self.tolerance_percent as u32);
        let fast = 100_u32.wrapping_add(self.tolerance_percent as u32);
        let (ms, other_ms) = (ms as u32, other_ms as u32);
        ms.wrapping_mul(slow) <= other_ms.wrapping_mul(fast)
            && other_ms.wrapping_mul(slow) <= ms.wrapping_mul(fast)
    }
}

/// The kinds of steps of a row.
pub(super) const fn kinds(row: Flashes) -> [Step; 3] {
    [
        Step::new(row.level(), row.on_ms()),
        Step::new(Level::Off, row.off_ms()),
        Step::new(Level::Off, row.gap_ms()),
    ]
}

/// The first of its longest steps.
pub(super) const fn longest(pattern: &Pattern) -> Place {
    let (mut longest, mut longest_ms) = (Place::START, 0);
    let mut row = 0;
    while let Some(flashes) = pattern.row(row) {
        let last = flashes.count().wrapping_sub(1);
        let [on, off, gap] = kinds(flashes);
        if on.ms() > longest_ms {
            (longest, longest_ms) = (Place::new(row, 0, false), on.ms());
        }
        if last > 0 && off.ms() > longest_ms {
            (longest, longest_ms) = (Place::new(row, 0, true), off.ms());
        }
        if gap.ms() > longest_ms {
            (longest, longest_ms) = (Place::new(row, last, true), gap.ms());
        }
        row = row.wrapping_add(1);
    }
    longest
}
