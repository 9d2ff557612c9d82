//! The culprit: what withheld the permit first, by which supervision, and when.

mod brief;
mod words;

use core::fmt;

pub use brief::{Brief, Kind};
pub(crate) use words::CULPRIT_WORDS;

use crate::checkpoint::Checkpoint;
use crate::deadline::DeadlineFault;
use crate::entity_id::EntityId;
use crate::mode::Mode;

/// The first fault that a supervisor found: its cause, and its instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Culprit {
    /// The cause of the fault.
    pub cause: Cause,
    /// When: for a fault of the order, and for a deadline that its stop has ended, the instant of that checkpoint; for a span that
    /// was dropped, its start; for all others the instant of the evaluation.
    pub at_us: u64,
}

/// The cause of a fault: which supervision failed, of which entity, at which checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Cause {
    /// Alive supervision: the last of the bad reference cycles had `count` hits of the checkpoint.
    Alive {
        /// The entity.
        entity: EntityId,
        /// The checkpoint that is counted.
        checkpoint: Checkpoint,
        /// How often it was reached.
        count: u32,
        /// When it was reached last, in the 2^31 us before; at the instant of the evaluation or after it, that instant.
        last_us: u64,
    },
    /// Deadline supervision.
    Deadline {
        /// The entity.
        entity: EntityId,
        /// Where the span starts.
        start: Checkpoint,
        /// Where it stops.
        stop: Checkpoint,
        /// How the deadline was missed.
        fault: DeadlineFault,
    },
    /// Logical supervision: this checkpoint was reached out of order.
    Logical {
        /// The entity.
        entity: EntityId,
        /// The checkpoint.
        checkpoint: Checkpoint,
    },
    /// The supervisor itself: `evaluate` came so much later than the end of its cycle.
    Late {
        /// How late, in microseconds.
        late_us: u64,
    },
    /// A bounded mode was not left within its budget.
    Overrun {
        /// The mode.
        mode: Mode,
        /// Its budget, in microseconds.
        budget_us: u32,
    },
    /// A mode in which the watchdog stands still has ended, and the watchdog does not run as the plan says.
    NotRunning {
        /// The mode.
        mode: Mode,
    },
    /// The watchdog was about to bite, and the pretimeout hook looked who had gone silent. With no entity all had checked in, and the
    /// supervisor was not evaluated.
    Pretimeout {
        /// The entity whose last checkpoint was longest overdue.
        entity: Option<EntityId>,
        /// Its last checkpoint; `None` if it had reached none.
        checkpoint: Option<Checkpoint>,
        /// How long ago that was, in microseconds; `u32::MAX` if it had reached none.
        silent_us: u32,
    },
    /// A panic.
    Panic {
        /// Its line.
        line: u32,
        /// The [hash](crate::file_hash) of its file.
        file: u32,
    },
    /// A fault of the processor.
    Fault {
        /// The program counter.
        pc: u32,
        /// The link register.
        lr: u32,
        /// What the processor says of the cause: on a Cortex-M3 the configurable fault status register.
        cause: u32,
    },
}

impl Culprit {
    /// The entity, unless it was the supervisor, a mode, a panic or a fault.
    #[must_use]
    pub const fn entity(&self) -> Option<EntityId> {
        match self.cause {
            Cause::Alive { entity, .. }
            | Cause::Deadline { entity, .. }
            | Cause::Logical { entity, .. } => Some(entity),
            Cause::Pretimeout { entity, .. } => entity,
            Cause::Late { .. }
            | Cause::Overrun { .. }
            | Cause::NotRunning { .. }
            | Cause::Panic { .. }
            | Cause::Fault { .. } => None,
        }
    }
}

/// The first culprit that is found; of those of one evaluation the earliest, of these the first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct First {
    pub(crate) culprit: Option<Culprit>,
    /// The number of the cycle of the evaluation that has found it.
    cycle: u32,
}

impl First {
    pub(crate) const NONE: Self = Self { culprit: None, cycle: 0 };

    /// Another culprit is found.
    pub(crate) fn add(&mut self, culprit: Culprit, cycle: u32) {
        match &self.culprit {
            Some(first) if first.at_us <= culprit.at_us || self.cycle != cycle => {}
            _ => *self = Self { culprit: Some(culprit), cycle },
        }
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            Cause::Alive { entity, checkpoint, count, last_us } => write!(
                f,
                "entity {}: alive: checkpoint {} reached {count} times, last at {last_us} us",
                entity.index(),
                checkpoint.as_raw()
            ),
            Cause::Deadline { entity, start, stop, fault } => write!(
                f,
                "entity {}: deadline from checkpoint {} to {}: {fault}",
                entity.index(),
                start.as_raw(),
                stop.as_raw()
            ),
            Cause::Logical { entity, checkpoint } => write!(
                f,
                "entity {}: logical: checkpoint {} out of order",
                entity.index(),
                checkpoint.as_raw()
            ),
            Cause::Late { late_us } => write!(f, "evaluated {late_us} us late"),
            Cause::Overrun { mode, budget_us } => {
                write!(f, "mode {} not left within {budget_us} us", mode.as_raw())
            }
            Cause::NotRunning { mode } => {
                write!(f, "the watchdog does not run after mode {}", mode.as_raw())
            }
            Cause::Pretimeout { entity: None, .. } => {
                f.write_str("pretimeout: no entity was overdue")
            }
            Cause::Pretimeout { entity: Some(entity), checkpoint: None, .. } => {
                write!(f, "pretimeout: entity {} had reached no checkpoint", entity.index())
            }
            Cause::Pretimeout { entity: Some(entity), checkpoint: Some(checkpoint), silent_us } => {
                write!(
                    f,
                    "pretimeout: entity {} silent for {silent_us} us after checkpoint {}",
                    entity.index(),
                    checkpoint.as_raw()
                )
            }
            Cause::Panic { line, file } => write!(f, "panic in line {line} of file {file:#010X}"),
            Cause::Fault { pc, lr, cause } => {
                write!(f, "fault {cause:#010X} at {pc:#010X}, called from {lr:#010X}")
            }
        }?;
        write!(f, " (at {} us)", self.at_us)
    }
}

impl fmt::Display for DeadlineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooEarly => "too early",
            Self::TooLate => "too late",
            Self::NotStarted => "stopped, not started",
            Self::StartedTwice => "started twice",
            Self::Dropped => "span dropped",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(at_us: u64, late_us: u64) -> Culprit {
        Culprit { cause: Cause::Late { late_us }, at_us }
    }

    #[test]
    fn the_first_culprit_is_the_earliest_of_one_cycle() {
        for (others, first) in [
            (&[(at(50, 2), 7), (at(60, 3), 7)][..], at(50, 2)), // earlier
            (&[(at(100, 2), 7)], at(100, 1)),                   // at the same instant
            (&[(at(101, 2), 7)], at(100, 1)),                   // later
            (&[(at(50, 2), 8)], at(100, 1)),                    // earlier, found in the next cycle
            (&[(at(100, 2), 8), (at(101, 3), 8)], at(100, 1)),
        ] {
            let mut found = First::NONE;
            found.add(at(100, 1), 7);
            others.iter().for_each(|(culprit, cycle)| found.add(*culprit, *cycle));
            assert_eq!(found.culprit, Some(first), "{others:?}");
        }
    }
}
