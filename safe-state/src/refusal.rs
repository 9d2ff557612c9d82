//! A refusal: the state, what was asked, and what was missing.

use crate::fault::NotClear;

/// Why a transition was refused, by a channel or a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} in state {state:?}: missing {missing}")]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Refusal<S, E> {
    /// The state in which it was asked.
    pub state: S,
    /// What was asked.
    pub event: E,
    /// What was missing.
    pub missing: Missing,
}

/// What was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Missing {
    /// Another state.
    #[error("another state")]
    State,
    /// The read back does not agree yet.
    #[error("the read back differs")]
    ReadBack,
    /// An edge of the button after the outputs were safe.
    #[error("safe since {safe_since_us} us, acknowledged before, at {acknowledged_us} us")]
    EdgeAfterSafe {
        /// Since when they are safe.
        safe_since_us: u64,
        /// When the edge was seen.
        acknowledged_us: u64,
    },
    /// An acknowledgement: after a demand, and after power-up, nothing restarts by itself.
    #[error("an acknowledgement")]
    Acknowledgement,
    /// Faults that are clear.
    #[error("{0}")]
    Clear(NotClear),
    /// A clearance of now: a fault was raised after it, and has gone again.
    #[error("a clearance after the last fault")]
    Clearance,
    /// A clearance of these faults: it was one of another set, or the set was moved.
    #[error("a clearance of this set")]
    OtherSet,
    /// A restart: the machine has restarted by itself as often as it may, and is locked.
    #[error("a restart: all {max} are used up")]
    Restarts {
        /// How many there may be.
        max: u16,
    },
    /// A clock that does not go backward.
    #[error("a clock that does not go backward")]
    Clock,
    /// An output that takes its commands.
    #[error("an output that takes its commands")]
    Drive,
}
