//! What a channel says when it does not do what it was asked.

/// The state of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// Nobody has seen that it is safe.
    Unproven,
    /// The safe value is driven.
    Safe,
    /// The safe value is driven, and one start is allowed.
    Armed,
    /// The channel can be put, as long as its lease lasts.
    Running,
    /// The outputs are on their way to the safe value.
    Stopping,
    /// The safe value is driven; something of the output failed.
    Faulted,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Unproven, Self::Safe, Self::Armed, Self::Running, Self::Stopping, Self::Faulted];
}

/// Why a channel is not running: what was last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Cause {
    /// The channel has not run since it was made.
    PowerUp,
    /// Somebody has demanded it.
    Demand,
    /// A fault of the set stopped it.
    Fault,
    /// Nobody renewed its lease.
    LeaseEnded,
    /// A staged command was too old when it was to be written.
    CommandStale,
    /// The outputs could not be told.
    DriveFailed,
    /// A write was begun and dropped.
    WriteAbandoned,
    /// The read back differed from what was told for too long.
    Mismatch,
    /// The clock of the caller went backward.
    ClockBackward,
    /// A feedback did not come in its time.
    FeedbackMissing,
    /// A feedback went away.
    FeedbackLost,
    /// The read back left the ramp of a monitored stop.
    RampLeft,
    /// The read back left the window of a standstill.
    StandstillLeft,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::PowerUp,
        Self::Demand,
        Self::Fault,
        Self::LeaseEnded,
        Self::CommandStale,
        Self::DriveFailed,
        Self::WriteAbandoned,
        Self::Mismatch,
        Self::ClockBackward,
        Self::FeedbackMissing,
        Self::FeedbackLost,
        Self::RampLeft,
        Self::StandstillLeft,
    ];
}

/// What a channel was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event {
    /// To prove that it is safe.
    Prove,
    /// To be armed.
    Arm,
    /// To start.
    Start,
}

/// Why a transition was refused.
pub type Refusal = crate::refusal::Refusal<State, Event>;

/// A transition that was refused, and the channel, in the state in which it is now.
#[derive(Debug)]
pub struct Refused<T> {
    /// The channel.
    pub channel: T,
    /// Why.
    pub refusal: Refusal,
}

/// A command that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Put<C> {
    /// What the outputs were told last: the command, or less while they come back.
    pub told: C,
    /// Whether the command renewed the lease. A sample that was put before does not.
    pub is_renewed: bool,
}

/// Why a command was not put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NotPut {
    /// The channel does not run any more: its lease has ended, or it has a fault.
    #[error("{state:?} since: {cause:?}")]
    NotRunning {
        /// Its state now.
        state: State,
        /// Why.
        cause: Cause,
    },
    /// The command is too old.
    #[error("valid until {until_us} us")]
    Stale {
        /// Until when it was fresh.
        until_us: u64,
    },
    /// The command, or a part of it, was taken before the channel was started.
    #[error("taken at {taken_us} us, before the start at {start_us} us")]
    TakenBeforeStart {
        /// When its oldest part was taken.
        taken_us: u64,
        /// When the channel was started.
        start_us: u64,
    },
}
