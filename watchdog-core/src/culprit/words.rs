//! A culprit in six words of retained memory.
//!
//! ```text
//! word 0   kind (8), entity (8), checkpoint (4), stop (4), fault or mode (8)
//! word 1   at_us, low       word 2   at_us, high
//! word 3, 4, 5              the numbers of the kind; 0 where it has none
//! ```

use super::{Cause, Culprit};
use crate::checkpoint::Checkpoint;
use crate::deadline::DeadlineFault;
use crate::entity_id::EntityId;
use crate::halves;
use crate::mode::Mode;

/// How many words a culprit has.
pub(crate) const CULPRIT_WORDS: usize = 6;

const ALIVE: u8 = 1;
const DEADLINE: u8 = 2;
const LOGICAL: u8 = 3;
const LATE: u8 = 4;
const OVERRUN: u8 = 5;
const NOT_RUNNING: u8 = 6;
const PRETIMEOUT: u8 = 7;
const PANIC: u8 = 8;
const FAULT: u8 = 9;

/// Of a pretimeout: there is an entity, there is a checkpoint.
const IS_ENTITY: u8 = 1;
const IS_CHECKPOINT: u8 = 2;

/// Each fault of a deadline, by its code.
const FAULTS: [DeadlineFault; 5] = [
    DeadlineFault::TooEarly,
    DeadlineFault::TooLate,
    DeadlineFault::NotStarted,
    DeadlineFault::StartedTwice,
    DeadlineFault::Dropped,
];

impl Culprit {
    /// The culprit in words.
    #[must_use]
    pub(crate) fn to_words(self) -> [u32; CULPRIT_WORDS] {
        let ([kind, entity, points, code], [a, b, c]) = match self.cause {
            Cause::Alive { entity, checkpoint, count, last_us } => {
                let [low, high] = halves::of_number(last_us);
                ([ALIVE, place(entity), checkpoint.as_raw(), 0], [count, low, high])
            }
            Cause::Deadline { entity, start, stop, fault } => {
                let points = start.as_raw() | stop.as_raw() << 4;
                ([DEADLINE, place(entity), points, fault as u8], [0; 3])
            }
            Cause::Logical { entity, checkpoint } => {
                ([LOGICAL, place(entity), checkpoint.as_raw(), 0], [0; 3])
            }
            Cause::Late { late_us } => {
                let [low, high] = halves::of_number(late_us);
                ([LATE, 0, 0, 0], [low, high, 0])
            }
            Cause::Overrun { mode, budget_us } => {
                ([OVERRUN, 0, 0, mode.as_raw()], [budget_us, 0, 0])
            }
            Cause::NotRunning { mode } => ([NOT_RUNNING, 0, 0, mode.as_raw()], [0; 3]),
            Cause::Pretimeout { entity, checkpoint, silent_us } => {
                let code = match (entity, checkpoint) {
                    (None, None) => 0,
                    (Some(_), None) => IS_ENTITY,
                    (None, Some(_)) => IS_CHECKPOINT,
                    (Some(_), Some(_)) => IS_ENTITY + IS_CHECKPOINT,
                };
                let entity = entity.map_or(0, place);
                let point = checkpoint.map_or(0, Checkpoint::as_raw);
                ([PRETIMEOUT, entity, point, code], [silent_us, 0, 0])
            }
            Cause::Panic { line, file } => ([PANIC, 0, 0, 0], [line, file, 0]),
            Cause::Fault { pc, lr, cause } => ([FAULT, 0, 0, 0], [pc, lr, cause]),
        };
        let first = u32::from_le_bytes([kind, entity, points, code]);
        let [low, high] = halves::of_number(self.at_us);
        [first, low, high, a, b, c]
    }

    /// The culprit of these words; `None` if they are those of none.
    #[must_use]
    pub(crate) fn from_words(words: [u32; CULPRIT_WORDS]) -> Option<Self> {
        let [first, low, high, a, b, c] = words;
        let [kind, entity, points, code] = first.to_le_bytes();
        let entity = EntityId::new(entity);
        let checkpoint = Checkpoint::from_low_bits(points.into());
        let stop = Checkpoint::from_low_bits((points >> 4).into());
        let cause = match kind {
            ALIVE => Cause::Alive { entity, checkpoint, count: a, last_us: halves::number(b, c) },
            DEADLINE => {
                let fault = *FAULTS.get(usize::from(code))?;
                Cause::Deadline { entity, start: checkpoint, stop, fault }
            }
            LOGICAL => Cause::Logical { entity, checkpoint },
            LATE => Cause::Late { late_us: halves::number(a, b) },
            OVERRUN => Cause::Overrun { mode: Mode::new(code)?, budget_us: a },
            NOT_RUNNING => Cause::NotRunning { mode: Mode::new(code)? },
            PRETIMEOUT => Cause::Pretimeout {
                entity: (code & IS_ENTITY != 0).then_some(entity),
                checkpoint: (code & IS_CHECKPOINT != 0).then_some(checkpoint),
                silent_us: a,
            },
            PANIC => Cause::Panic { line: a, file: b },
            FAULT => Cause::Fault { pc: a, lr: b, cause: c },
            _ => return None,
        };
        let culprit = Self { cause, at_us: halves::number(low, high) };
        // What a kind has no number for is 0.
        (culprit.to_words() == words).then_some(culprit)
    }
}

#[allow(clippy::cast_possible_truncation)] // A place in the plan is a byte.
const fn place(entity: EntityId) -> u8 {
    entity.index() as u8
}

/// The code of a fault is its place.
const _: () = {
    let mut code = 0;
    while code < FAULTS.len() {
        #[allow(clippy::indexing_slicing)]
        let fault = FAULTS[code];
        assert!(fault as usize == code);
        code += 1;
    }
};

#[cfg(test)]
pub(crate) mod tests {
    use std::vec::Vec;

    use super::*;

    /// One or more of each kind.
    pub(crate) fn every_kind() -> Vec<Culprit> {
        let (entity, checkpoint) = (EntityId::new(254), Checkpoint::MAX);
        let mut causes = std::vec![
            Cause::Alive { entity, checkpoint, count: u32::MAX, last_us: u64::MAX - 1 },
            Cause::Logical { entity: EntityId::new(0), checkpoint },
            Cause::Late { late_us: u64::MAX },
            Cause::Overrun { mode: Mode::MAX, budget_us: 5 },
            Cause::NotRunning { mode: Mode::FIRST },
            Cause::Pretimeout { entity: None, checkpoint: None, silent_us: 0 },
            Cause::Pretimeout { entity: Some(entity), checkpoint: None, silent_us: u32::MAX },
            Cause::Pretimeout {
                entity: Some(EntityId::new(0)),
                checkpoint: Some(checkpoint),
                silent_us: 7,
            },
            Cause::Panic { line: 1, file: 0xBF9C_F968 },
            Cause::Fault { pc: 0x0800_1234, lr: 0xFFFF_FFF9, cause: 0x8200 },
        ];
        let start = Checkpoint::of::<3>();
        causes.extend(FAULTS.map(|fault| Cause::Deadline {
            entity,
            start,
            stop: checkpoint,
            fault,
        }));
        causes.iter().map(|&cause| Culprit { cause, at_us: 0x1234_5678_9ABC_DEF0 }).collect()
    }

    #[test]
    fn every_kind_round_trips() {
        for culprit in every_kind() {
            let words = culprit.to_words();
            assert_eq!(Culprit::from_words(words), Some(culprit), "{words:08X?}");
        }
    }

    #[test]
    fn words_of_no_culprit_are_none() {
        for words in [[0; 6], [u32::MAX; 6], [10, 0, 0, 0, 0, 0]] {
            assert_eq!(Culprit::from_words(words), None, "{words:08X?}");
        }
        // A number beside those of the kind; a fault and a mode that there is not.
        assert_eq!(Culprit::from_words([PANIC.into(), 0, 0, 1, 2, 3]), None);
        assert_eq!(Culprit::from_words([u32::from(DEADLINE) | 5 << 24, 0, 0, 0, 0, 0]), None);
        assert_eq!(Culprit::from_words([u32::from(NOT_RUNNING) | 32 << 24, 0, 0, 0, 0, 0]), None);
    }

    #[test]
    fn the_words_are_as_drawn() {
        let (entity, start) = (EntityId::new(2), Checkpoint::of::<3>());
        let stop = Checkpoint::of::<4>();
        let cause = Cause::Deadline { entity, start, stop, fault: DeadlineFault::Dropped };
        let words = Culprit { cause, at_us: 0x1_0000_0002 }.to_words();
        assert_eq!(words, [0x0443_0202, 2, 1, 0, 0, 0]);
    }
}
