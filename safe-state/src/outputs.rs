//! What a channel drives: one actuator, or a group of them.

use crate::actuator::{Actuator, ReadBack};
use crate::command::Command;

/// What a channel drives: an [`Actuator`], or a [`Group`](crate::Group) of them. Implement `Actuator`; this follows from it.
pub trait Outputs {
    /// What the outputs are told.
    type Command: Command;
    /// Why the outputs could not be told.
    type Error;
    /// The command that is safe.
    const SAFE: Self::Command;
    /// What is told is staged, and written later: the lease is renewed then.
    const IS_STAGED: bool = false;

    /// Tells the outputs a command.
    ///
    /// # Errors
    ///
    /// The outputs were not told.
    fn tell(&mut self, command: Self::Command) -> Result<(), Self::Error>;

    /// Tells the outputs what is safe, at once, and all of them even if one fails.
    ///
    /// # Errors
    ///
    /// A part was not told.
    fn tell_safe(&mut self) -> Result<(), Self::Error>;

    /// What the outputs do, as far as that can be read as one command.
    fn read(&mut self) -> Option<Self::Command>;

    /// Compares what can be read with what was told.
    fn look(&mut self, told: Self::Command) -> Seen;

    /// An order begins: going safe, or coming back.
    fn begin(&mut self) {}

    /// Goes the way to what is safe, as far as it is due so long after its begin.
    ///
    /// # Errors
    ///
    /// A part was not told.
    fn go_safe(&mut self, elapsed_us: u32) -> Result<Progress, Self::Error> {
        let _ = elapsed_us;
        self.tell_safe().map(|()| Progress::Done)
    }

    /// The outputs come back, as far as that is due so long after its begin.
    ///
    /// # Errors
    ///
    /// A part was not told.
    fn come_back(&mut self, elapsed_us: u32) -> Result<Progress, Self::Error> {
        let _ = elapsed_us;
        Ok(Progress::Done)
    }

    /// What was told last is a command that was put, fresh until this instant; it may renew the lease.
    fn stage(&mut self, until_us: u64, is_renewing: bool) {
        let _ = (until_us, is_renewing);
    }

    /// Whether a write was begun and dropped: nobody knows what the outputs do.
    fn is_abandoned(&self) -> bool {
        false
    }

    /// What the outputs come back to: the safe value, but for a group.
    fn came_back_to(&self) -> Self::Command {
        Self::SAFE
    }

    /// Whether every feedback that was waited for, of those that have come, is still there.
    fn is_fed_back(&mut self) -> bool {
        true
    }
}

/// What reading back has shown of a command. A group is as its worst member is: one that differs, then one that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Seen {
    /// The outputs do what they were told.
    Agrees,
    /// The outputs do something else, or could not be read.
    Differs,
    /// The outputs, or a part of them, cannot be read back: that they are safe is known from the drive alone.
    Unsupported,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Progress {
    /// The order has ended.
    Done,
    /// A step is not due, or waits for its feedback.
    Waiting,
    /// A feedback has not come in its time.
    Missing,
}

impl<A: Actuator> Outputs for A {
    type Command = A::Command;
    type Error = A::Error;

    const SAFE: A::Command = A::SAFE;

    fn tell(&mut self, command: A::Command) -> Result<(), A::Error> {
        self.drive(command)
    }

    fn tell_safe(&mut self) -> Result<(), A::Error> {
        self.drive_safe()
    }

    fn read(&mut self) -> Option<A::Command> {
        match self.read_back() {
            Ok(ReadBack::Does(read)) => Some(read),
            Ok(ReadBack::Unsupported) | Err(_) => None,
        }
    }

    fn look(&mut self, told: A::Command) -> Seen {
        match self.read_back() {
            Ok(ReadBack::Does(read)) if A::agrees(told, read) => Seen::Agrees,
            Ok(ReadBack::Unsupported) => Seen::Unsupported,
            Ok(ReadBack::Does(_)) | Err(_) => Seen::Differs,
        }
    }
}
