//! Alive supervision: how often a checkpoint is reached in a supervision reference cycle.
//!
//! ```text
//! cycle ends   |     T     |     T     |     T     |     T     |
//! hits           x  x    x    x     x    x  x   x
//!              |<- supervision reference cycle ->|   n = 5 in 2 cycles
//!              correct: expected - |min margin| <= n <= expected + max margin; then n is 0 again
//! ```
//!
//! Between two judgements the last one stands. A check-in counts into the cycle whose end has not been evaluated yet, so that one
//! at the very end of a cycle is in the ending cycle.
//!
//! Spec: AUTOSAR Specification of Watchdog Manager R4.3.1, Alive Supervision.

use crate::checkpoint::Checkpoint;
use crate::stamp::age_us;
use crate::word::Word;

/// How often a checkpoint is expected; see [`per_cycle`] and [`per_cycles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    count: u32,
    cycles: u8,
}

/// So many times in every supervision cycle.
#[must_use]
pub const fn per_cycle(count: u32) -> Expected {
    per_cycles(count, 1)
}

/// So many times in every supervision reference cycle of `cycles` supervision cycles, 1 to 254. A count in many cycles also serves
/// what is slower than a supervision cycle.
#[must_use]
pub const fn per_cycles(count: u32, cycles: u8) -> Expected {
    Expected { count, cycles }
}

/// The alive supervision of an entity; see [`alive`] and [`no_alive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alive {
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) expected: u32,
    pub(crate) cycles: u8,
    pub(crate) min_margin: i32,
    pub(crate) max_margin: i32,
}

/// Alive supervision: `checkpoint` is counted, and in each reference cycle correct from `expected + min_margin` to
/// `expected + max_margin`. The minimum margin is 0 or negative, the maximum margin 0 or positive.
#[must_use]
pub const fn alive(
    checkpoint: Checkpoint,
    expected: Expected,
    min_margin: i32,
    max_margin: i32,
) -> Alive {
    let Expected { count: expected, cycles } = expected;
    Alive { checkpoint: Some(checkpoint), expected, cycles, min_margin, max_margin }
}

/// No alive supervision. An entity without it that dies outside its deadlines is never found, so that it must be advisory.
#[must_use]
pub const fn no_alive() -> Alive {
    Alive { checkpoint: None, expected: 0, cycles: 1, min_margin: 0, max_margin: 0 }
}

impl Alive {
    /// The lowest and the highest correct count, where the margins allow any.
    pub(crate) const fn limits(&self) -> (u32, u32) {
        (
            self.expected.saturating_sub(self.min_margin.unsigned_abs()),
            self.expected.saturating_add(self.max_margin.unsigned_abs()),
        )
    }
}

/// The count of an entity's check-ins and the stamp of the last one: 8 bytes, written by the entity's handle alone.
#[derive(Debug)]
pub(crate) struct AliveCell {
    /// How many check-ins there were, wrapping.
    count: Word,
    /// When the last one was.
    stamp: Word,
}

impl AliveCell {
    /// For the enumeration of all states.
    #[cfg(all(test, not(loom)))]
    pub(crate) const fn words(&self) -> [&Word; 2] {
        [&self.count, &self.stamp]
    }

    const_unless_loom! {
        pub(crate) fn new() -> Self {
            Self { count: Word::new(0), stamp: Word::new(0) }
        }
    }

    /// A check-in. The count is published after its stamp: a count that is read has a stamp that is at least as new.
    #[inline(always)]
    pub(crate) fn hit(&self, stamp: u32) {
        self.stamp.note(stamp);
        self.count.publish(self.count.own().wrapping_add(1));
    }

    /// How long ago the last check-in was, for the next one; `None` if this is the first. A clock that goes back gives 0.
    #[inline(always)]
    pub(crate) fn interval_us(&self, stamp: u32) -> Option<u32> {
        (self.count.own() != 0).then(|| age_us(self.stamp.own(), stamp))
    }

    #[inline(always)]
    pub(crate) fn count(&self) -> u32 {
        self.count.read()
    }

    /// When the last check-in was that [`Self::count`] has counted, or a later one.
    #[inline(always)]
    pub(crate) fn stamp(&self) -> u32 {
        self.stamp.glance()
    }
}
