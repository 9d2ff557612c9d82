//! An actuator: what takes a command, has a safe value, and may be read back.

use crate::command::Command;

/// A thing that can hurt someone, or that protects someone: a torque enable, a brake, a valve, a heater, a fan.
///
/// ```
/// use safe_state::{Actuator, ReadBack, Switch};
///
/// struct Brake { is_released: bool }
///
/// impl Actuator for Brake {
///     type Command = Switch;
///     type Error = core::convert::Infallible;
///     const SAFE: Switch = Switch::Off; // without energy the spring holds
///
///     fn drive(&mut self, command: Switch) -> Result<(), Self::Error> {
///         self.is_released = command == Switch::On;
///         Ok(())
///     }
///
///     fn read_back(&mut self) -> Result<ReadBack<Switch>, Self::Error> {
///         Ok(ReadBack::Unsupported)
///     }
/// }
/// ```
pub trait Actuator {
    /// The command of the actuator.
    type Command: Command;
    /// Why the actuator could not be told.
    type Error;

    /// The command that is safe for this actuator.
    const SAFE: Self::Command;

    /// Tells the actuator a command. The actuator has taken the command when this returns.
    ///
    /// # Errors
    ///
    /// The actuator was not told. The channel then drives [`SAFE`](Self::SAFE) and is faulted.
    fn drive(&mut self, command: Self::Command) -> Result<(), Self::Error>;

    /// Tells the actuator its safe value. There may be a shorter way to that value than [`drive`](Self::drive).
    ///
    /// # Errors
    ///
    /// The actuator was not told.
    fn drive_safe(&mut self) -> Result<(), Self::Error> {
        self.drive(Self::SAFE)
    }

    /// What the actuator does, as far as that can be read.
    ///
    /// # Errors
    ///
    /// The actuator could not be read. That is a mismatch as long as it lasts.
    fn read_back(&mut self) -> Result<ReadBack<Self::Command>, Self::Error>;

    /// Whether what was read is what was told. An analogue actuator gives a tolerance here.
    fn agrees(told: Self::Command, read: Self::Command) -> bool {
        told == read
    }
}

/// What an actuator does, as far as it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ReadBack<C> {
    /// This, as it was read from the hardware.
    Does(C),
    /// The actuator cannot be read. Its channel is proven by the drive alone, and says so: [`Channel::read_back`](crate::Channel::read_back).
    Unsupported,
}
