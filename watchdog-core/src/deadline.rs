//! Deadline supervision: the time from one checkpoint to another.
//!
//! ```text
//!           start                     stop
//!  Idle ------------> Open ----------------------------> Idle     min <= t <= max
//!   |                  |  stop too early or too late      \
//!   | stop             |  start again, span dropped         --> Fault, until the next epoch
//!   +------------------+------------------------------------->
//! ```
//!
//! The start is a state and not a time, so that a start at tick 0 is one. A fault stays until the epoch ends: no later good span
//! replaces it, and it has expired the entity by then. The supervisor itself finds a span that is still open past its maximum.
//!
//! Spec: AUTOSAR Specification of Watchdog Manager R4.3.1, Deadline Supervision.

use crate::checkpoint::Checkpoint;
use crate::epoch::{Epochs, beside_epoch, word_of};
use crate::stamp::age_us;
use crate::word::Word;

/// What was wrong with the time between two checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum DeadlineFault {
    /// The stop came before the minimum.
    TooEarly,
    /// The stop came after the maximum, or has not come and the maximum is over.
    TooLate,
    /// A stop without a start.
    NotStarted,
    /// A start, and a second one before the stop.
    StartedTwice,
    /// The [`Span`](crate::Span) was dropped without its end.
    Dropped,
}

/// A row of the plan: from `start` to `stop` in `min_us` to `max_us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) entity: u8,
    pub(crate) start: Checkpoint,
    pub(crate) stop: Checkpoint,
    pub(crate) min_us: u32,
    /// How much longer it may be.
    pub(crate) range_us: u32,
}

impl Deadline {
    #[inline(always)]
    pub(crate) const fn max_us(&self) -> u32 {
        self.min_us.saturating_add(self.range_us)
    }

    /// Whether a time is good. One that is negative is too long in this, and not good.
    #[inline(always)]
    fn is_good(&self, took_us: u32) -> bool {
        took_us.wrapping_sub(self.min_us) <= self.range_us
    }

    fn judge(&self, took_us: u32) -> Result<(), DeadlineFault> {
        if took_us < self.min_us {
            Err(DeadlineFault::TooEarly)
        } else if took_us > self.max_us() {
            Err(DeadlineFault::TooLate)
        } else {
            Ok(())
        }
    }
}

/// The state of one deadline: 8 bytes, written by the handle alone. The state word has the epoch and one of the states below.
#[derive(Debug)]
pub(crate) struct DeadlineCell {
    /// When the state was entered.
    stamp: Word,
    state: Word,
}

const IDLE: u32 = 0;
const OPEN: u32 = 1;
const TOO_EARLY: u32 = 2;
const TOO_LATE: u32 = 3;
const NOT_STARTED: u32 = 4;
const STARTED_TWICE: u32 = 5;
const DROPPED: u32 = 6;

impl DeadlineCell {
    /// For the enumeration of all states.
    #[cfg(all(test, not(loom)))]
    pub(crate) const fn words(&self) -> [&Word; 2] {
        [&self.stamp, &self.state]
    }

    const_unless_loom! {
        pub(crate) fn new() -> Self {
            Self { stamp: Word::new(0), state: Word::new(IDLE) }
        }
    }

    /// Whether no span is open in this epoch, and nothing is wrong.
    #[inline(always)]
    pub(crate) fn is_idle(&self, now_epoch: u32) -> bool {
        self.state.own() == word_of(now_epoch, IDLE)
    }

    /// Whether a span is open that has started in this epoch.
    #[inline(always)]
    pub(crate) fn is_open(&self, now_epoch: u32) -> bool {
        self.state.own() == word_of(now_epoch, OPEN)
    }

    /// Whether the span that is open may stop now.
    #[inline(always)]
    pub(crate) fn is_good(&self, deadline: &Deadline, stamp: u32) -> bool {
        deadline.is_good(stamp.wrapping_sub(self.stamp.own()))
    }

    /// A span opens where none is.
    #[inline(always)]
    pub(crate) fn open(&self, now_epoch: u32, stamp: u32) {
        self.enter(OPEN, now_epoch, stamp);
    }

    /// A good span ends.
    #[inline(always)]
    pub(crate) fn close(&self, now_epoch: u32, stamp: u32) {
        self.enter(IDLE, now_epoch, stamp);
    }

    /// The checkpoint at which the span starts. A span or a fault of a void epoch is none.
    pub(crate) fn start(&self, epochs: Epochs, stamp: u32) {
        let state = self.state.own();
        let next = match beside_epoch(state) {
            IDLE => OPEN,
            _ if !epochs.contain(state) => OPEN,
            OPEN => STARTED_TWICE,
            _fault => return,
        };
        self.enter(next, epochs.now, stamp);
    }

    /// The checkpoint at which the span stops. A span that was started in a void epoch is not judged.
    pub(crate) fn stop(&self, deadline: &Deadline, epochs: Epochs, stamp: u32) {
        let state = self.state.own();
        let next = match beside_epoch(state) {
            IDLE => NOT_STARTED,
            _ if !epochs.contain(state) => IDLE,
            OPEN => match deadline.judge(age_us(self.stamp.own(), stamp)) {
                Ok(()) => IDLE,
                Err(fault) => state_of(fault),
            },
            _fault => return,
        };
        self.enter(next, epochs.now, stamp);
    }

    /// The span is given up without its stop. Its stamp stays that of the start.
    pub(crate) fn drop_span(&self, epochs: Epochs) {
        let state = self.state.own();
        if beside_epoch(state) == OPEN && epochs.contain(state) {
            self.state.publish(word_of(epochs.now, DROPPED));
        }
    }

    /// Whether no span is open too long and nothing is wrong, in whichever epoch; for the supervisor.
    #[inline(always)]
    pub(crate) fn is_in_time(&self, deadline: &Deadline, now: u32) -> bool {
        // A span that is open is read again, with its stamp.
        if beside_epoch(self.state.glance()) == IDLE {
            return true;
        }
        match beside_epoch(self.state.read()) {
            IDLE => true,
            OPEN => age_us(self.stamp.glance(), now) <= deadline.max_us(),
            _fault => false,
        }
    }

    /// The fault of the deadline, and the stamp of when it went wrong; for the supervisor.
    pub(crate) fn fault(
        &self,
        deadline: &Deadline,
        epochs: Epochs,
        now: u32,
    ) -> Option<(DeadlineFault, u32)> {
        let state = self.state.read();
        if !epochs.contain(state) {
            return None;
        }
        let stamp = self.stamp.glance();
        let fault = match beside_epoch(state) {
            IDLE => return None,
            OPEN if age_us(stamp, now) <= deadline.max_us() => return None,
            // Still open: it went wrong when it is found.
            OPEN => return Some((DeadlineFault::TooLate, now)),
            TOO_EARLY => DeadlineFault::TooEarly,
            NOT_STARTED => DeadlineFault::NotStarted,
            STARTED_TWICE => DeadlineFault::StartedTwice,
            DROPPED => DeadlineFault::Dropped,
            _too_late => DeadlineFault::TooLate,
        };
        Some((fault, stamp))
    }

    /// The state is published after its stamp: a span that is seen open has a start that is at least as new.
    #[inline(always)]
    fn enter(&self, state: u32, now_epoch: u32, stamp: u32) {
        self.stamp.note(stamp);
        self.state.publish(word_of(now_epoch, state));
    }
}

const fn state_of(fault: DeadlineFault) -> u32 {
    match fault {
        DeadlineFault::TooEarly => TOO_EARLY,
        DeadlineFault::TooLate => TOO_LATE,
        DeadlineFault::NotStarted => NOT_STARTED,
        DeadlineFault::StartedTwice => STARTED_TWICE,
        DeadlineFault::Dropped => DROPPED,
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::epoch::EPOCH_STEP;

    const DEADLINE: Deadline = Deadline {
        entity: 0,
        start: Checkpoint::MAX,
        stop: Checkpoint::MAX,
        min_us: 10,
        range_us: 10,
    };
    const STATES: [u32; 7] = [IDLE, OPEN, TOO_EARLY, TOO_LATE, NOT_STARTED, STARTED_TWICE, DROPPED];
    const NOW: u32 = 5 * EPOCH_STEP;

    /// Each state of the epochs 3 to 5, entered at 100.
    fn cells() -> impl Iterator<Item = (DeadlineCell, u32, u32)> {
        (3..=5).flat_map(|age| {
            STATES.into_iter().map(move |state| {
                let cell = DeadlineCell::new();
                cell.enter(state, age * EPOCH_STEP, 100);
                (cell, age * EPOCH_STEP, state)
            })
        })
    }

    fn words(cell: &DeadlineCell) -> [u32; 2] {
        cell.words().map(Word::own)
    }

    #[test]
    fn the_short_way_is_taken_where_it_is_the_same() {
        for epochs in [Epochs::new(NOW, NOW), Epochs::new(NOW - EPOCH_STEP, NOW)] {
            for stamp in [99, 100, 109, 110, 115, 120, 121, 1 << 31, u32::MAX] {
                for (cell, epoch, state) in cells() {
                    let is_now = epoch == NOW;
                    let is_idle = cell.is_idle(NOW);
                    assert_eq!(is_idle, is_now && state == IDLE);
                    let is_good = cell.is_open(NOW) && cell.is_good(&DEADLINE, stamp);
                    assert_eq!(is_good, is_now && state == OPEN && (110..=120).contains(&stamp));
                    let same = DeadlineCell::new();
                    same.enter(state, epoch, 100);
                    if is_idle {
                        cell.open(NOW, stamp);
                        same.start(epochs, stamp);
                    } else if is_good {
                        cell.close(NOW, stamp);
                        same.stop(&DEADLINE, epochs, stamp);
                    }
                    assert_eq!(words(&cell), words(&same));
                }
            }
        }
    }

    #[test]
    fn each_state_follows_from_the_one_before() {
        // Epoch 5 alone counts, or 4 too.
        for (since, counts) in [(NOW, NOW), (NOW - EPOCH_STEP, NOW - EPOCH_STEP)] {
            let epochs = Epochs::new(since, NOW);
            for (cell, epoch, state) in cells() {
                let is_void = epoch < counts;
                cell.start(epochs, 300);
                let (next, stamp) = match state {
                    IDLE => (OPEN, 300),
                    _ if is_void => (OPEN, 300),
                    OPEN => (STARTED_TWICE, 300),
                    _ => (state, 100),
                };
                let kept = if stamp == 100 { epoch } else { NOW };
                assert_eq!(words(&cell), [stamp, kept | next], "start in {state}");
            }
            for (stamp, judged) in
                [(109, TOO_EARLY), (110, IDLE), (120, IDLE), (121, TOO_LATE), (99, TOO_EARLY)]
            {
                for (cell, epoch, state) in cells() {
                    cell.stop(&DEADLINE, epochs, stamp);
                    let next = match state {
                        IDLE => NOT_STARTED,
                        _ if epoch < counts => IDLE,
                        OPEN => judged,
                        _ => {
                            assert_eq!(words(&cell), [100, epoch | state], "stop in {state}");
                            continue;
                        }
                    };
                    assert_eq!(words(&cell), [stamp, NOW | next], "stop in {state} at {stamp}");
                }
            }
            for (cell, epoch, state) in cells() {
                cell.drop_span(epochs);
                let is_dropped = state == OPEN && epoch >= counts;
                let next = if is_dropped { NOW | DROPPED } else { epoch | state };
                assert_eq!(words(&cell), [100, next]);
            }
        }
    }

    #[test]
    fn what_is_not_in_time_is_a_fault_of_an_epoch_that_counts() {
        let epochs = Epochs::new(NOW - EPOCH_STEP, NOW);
        for now in [99, 100, 120, 121] {
            for (cell, epoch, state) in cells() {
                let is_late = now == 121;
                let expected = match state {
                    IDLE => None,
                    OPEN => is_late.then_some((DeadlineFault::TooLate, now)),
                    TOO_EARLY => Some((DeadlineFault::TooEarly, 100)),
                    NOT_STARTED => Some((DeadlineFault::NotStarted, 100)),
                    STARTED_TWICE => Some((DeadlineFault::StartedTwice, 100)),
                    DROPPED => Some((DeadlineFault::Dropped, 100)),
                    _ => Some((DeadlineFault::TooLate, 100)),
                };
                assert_eq!(cell.is_in_time(&DEADLINE, now), expected.is_none());
                let expected = expected.filter(|_| epoch >= NOW - EPOCH_STEP);
                assert_eq!(cell.fault(&DEADLINE, epochs, now), expected);
            }
        }
    }
}
