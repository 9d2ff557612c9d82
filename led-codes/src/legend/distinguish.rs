//! Whether one pattern can be taken for another one.
//!
//! Somebody watches the first pattern from any moment on, with a clock that is wrong by up to the tolerance, for two periods of the
//! longer one. Its longest step begins within one of its periods and is seen whole. So it is not taken for the second pattern if,
//! wherever its longest step is laid upon a step of that one, a difference is seen in the time that is left. Two steps differ if
//! their levels do, or if no two clocks within the tolerance make their durations equal. A step that is too short is seen to be so
//! when it ends, and one that is too long as soon as the other one would have ended.

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
    /// Whether the first pattern can be taken for the other one. The place is that of its longest step.
    pub(super) const fn confuses(self, one: &Pattern, longest: Place, other: &Pattern) -> bool {
        let from = Cursor::new(one, longest);
        let mut row = 0;
        while let Some(flashes) = other.row(row) {
            let [on, off, gap] = kinds(flashes);
            let last = flashes.count().wrapping_sub(1);
            let is_on = self.is_alike(from.step(), on);
            let is_off = self.is_alike(from.step(), off);
            let is_gap = self.is_alike(from.step(), gap);
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

    /// Whether no difference is seen from these places on, in two periods of the longer pattern less one of the first.
    const fn is_alike_from(self, one: Cursor<'_>, other: Cursor<'_>) -> bool {
        let (mut mine, mut theirs) = (one, other);
        let mut ms = 0_u32;
        let (my_ms, their_ms) = (one.period_ms(), other.period_ms());
        let longer_ms = if my_ms > their_ms { my_ms } else { their_ms };
        let until_ms = longer_ms.wrapping_add(longer_ms).wrapping_sub(my_ms);
        while ms < until_ms {
            let (step, their_step) = (mine.step(), theirs.step());
            if !self.is_alike(step, their_step) {
                return ms.wrapping_add(self.seen_after(step, their_step)) > until_ms;
            }
            ms = ms.wrapping_add(step.ms() as u32);
            (mine, theirs) = (mine.next(), theirs.next());
        }
        true
    }

    /// When it is seen that a step is not another one, in milliseconds after its begin.
    const fn seen_after(self, step: Step, other: Step) -> u32 {
        let slow = 100_u32.wrapping_sub(self.tolerance_percent as u32);
        let fast = 100_u32.wrapping_add(self.tolerance_percent as u32);
        let (ms, other_ms) = (step.ms() as u32, other.ms() as u32);
        match other_ms.wrapping_mul(fast).checked_div(slow) {
            Some(overdue_ms) if overdue_ms.wrapping_add(1) < ms => overdue_ms.wrapping_add(1),
            _ => ms,
        }
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
        // Of one flash the dark between flashes is the one after it.
        if off.ms() > longest_ms {
            (longest, longest_ms) = (Place::new(row, 0, true), off.ms());
        }
        if gap.ms() > longest_ms {
            (longest, longest_ms) = (Place::new(row, last, true), gap.ms());
        }
        row = row.wrapping_add(1);
    }
    longest
}
