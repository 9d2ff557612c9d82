//! An actuator behind an asynchronous bus: a command is staged in the tick, and written afterwards.
//!
//! ```text
//!  cycle(now_us, |tick| motor.put(speed.fresh(tick)?, now_us))   checked and staged: no future leaves the closure
//!  motor.flush(now_us).await                                     checked again, written, and the lease is renewed
//! ```
//!
//! The lease is renewed when a command was written, not when it was staged. A write that is dropped half way has left the output in a
//! state that nobody knows: the next tick finds it, drives the safe value by the blocking way, and faults the channel.

use crate::actuator::{Actuator, ReadBack};
use crate::command::Command;
use crate::outputs::{Outputs, Seen};

/// An actuator that takes its commands asynchronously.
#[allow(async_fn_in_trait)] // A channel awaits it in the task that owns it.
pub trait AsyncDrive {
    /// What the actuator is told.
    type Command: Command;
    /// Why the actuator could not be told.
    type Error;

    /// The command that is safe for this actuator.
    const SAFE: Self::Command;

    /// Tells the actuator a command. The actuator has taken the command when this returns.
    ///
    /// # Errors
    ///
    /// The actuator was not told. The channel then drives the safe value by the blocking way, and is faulted.
    async fn drive(&mut self, command: Self::Command) -> Result<(), Self::Error>;
}

/// An actuator that takes its commands asynchronously, and its safe value without waiting for anybody: by a blocking transfer, or by an
/// independent cut-off ([`WithCutOff`]).
pub trait AsyncActuator: AsyncDrive {
    /// Why the safe value could not be told.
    type SafeError;

    /// Tells the actuator its safe value, blocking.
    ///
    /// # Errors
    ///
    /// The actuator was not told.
    fn drive_safe(&mut self) -> Result<(), Self::SafeError>;

    /// What the actuator does, as far as that can be read without waiting. The method as provided says that it cannot be read.
    ///
    /// # Errors
    ///
    /// The actuator could not be read.
    fn read_back(&mut self) -> Result<ReadBack<Self::Command>, Self::SafeError> {
        Ok(ReadBack::Unsupported)
    }

    /// Whether what was read is what was told. An analogue actuator gives a tolerance here.
    fn agrees(told: Self::Command, read: Self::Command) -> bool {
        told == read
    }

    /// Compares what can be read with what was told.
    fn look(&mut self, told: Self::Command) -> Seen {
        match self.read_back() {
            Ok(ReadBack::Does(read)) if Self::agrees(told, read) => Seen::Agrees,
            Ok(ReadBack::Unsupported) => Seen::Unsupported,
            Ok(ReadBack::Does(_)) | Err(_) => Seen::Differs,
        }
    }
}

/// An actuator that can be told by its bus alone, and what cuts its energy off: a contactor, an enable pin. The cut-off is on only while
/// the actuator is told something else than its safe value.
///
/// An actuator without a blocking way to its safe value, and without a cut-off, makes no channel:
///
/// ```compile_fail,E0277
/// use safe_state::{AsyncDrive, Channel, Config, Staged};
/// fn channel<A: AsyncDrive>(actuator: A, config: &'static Config<A::Command>) {
///     let _ = Channel::new(Staged::new(actuator), config);
/// }
/// ```
///
/// ```
/// use safe_state::{Actuator, AsyncDrive, Channel, Config, Staged, Switch, WithCutOff};
/// fn channel<A: AsyncDrive, C: Actuator<Command = Switch>>(actuator: A, contactor: C, config: &'static Config<A::Command>) {
///     let _ = Channel::new(Staged::new(WithCutOff::new(actuator, contactor)), config);
/// }
/// ```
#[derive(Debug)]
pub struct WithCutOff<A, C> {
    actuator: A,
    cut_off: C,
}

impl<A, C> WithCutOff<A, C> {
    /// This actuator, and what cuts it off.
    #[must_use]
    pub const fn new(actuator: A, cut_off: C) -> Self {
        Self { actuator, cut_off }
    }
}

/// Which of the two failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CutOffError<A, C> {
    /// The actuator was not told.
    #[error("the actuator was not told")]
    Actuator(A),
    /// The cut-off was not told.
    #[error("the cut-off was not told")]
    CutOff(C),
}

impl<A: AsyncDrive, C: Actuator<Command = crate::Switch>> AsyncDrive for WithCutOff<A, C> {
    type Command = A::Command;
    type Error = CutOffError<A::Error, C::Error>;

    const SAFE: A::Command = A::SAFE;

    async fn drive(&mut self, command: A::Command) -> Result<(), Self::Error> {
        let is_safe = command == A::SAFE;
        if is_safe {
            self.cut_off.drive_safe().map_err(CutOffError::CutOff)?;
        }
        self.actuator.drive(command).await.map_err(CutOffError::Actuator)?;
        if is_safe {
            return Ok(());
        }
        self.cut_off.drive(crate::Switch::On).map_err(CutOffError::CutOff)
    }
}

impl<A: AsyncDrive, C: Actuator<Command = crate::Switch>> AsyncActuator for WithCutOff<A, C> {
    type SafeError = C::Error;

    fn drive_safe(&mut self) -> Result<(), C::Error> {
        self.cut_off.drive_safe()
    }

    /// The cut-off is looked at: a contactor that is welded, or does not close, differs.
    fn look(&mut self, told: A::Command) -> Seen {
        let is_safe = told == A::SAFE;
        self.cut_off.look(if is_safe { crate::Switch::Off } else { crate::Switch::On })
    }
}

/// An asynchronous actuator as the outputs of a channel: a command is staged, and [`Channel::flush`](crate::Channel::flush) writes it.
#[derive(Debug)]
pub struct Staged<A: AsyncActuator> {
    actuator: A,
    staged: Option<A::Command>,
    /// Until when the staged command is fresh, in microseconds.
    until_us: u64,
    /// A write has begun, and not ended.
    is_writing: bool,
    /// What was written last, since the safe value was.
    written: Option<A::Command>,
    /// The staged command renews the lease.
    is_renewing: bool,
}

impl<A: AsyncActuator> Staged<A> {
    /// This actuator.
    #[must_use]
    pub const fn new(actuator: A) -> Self {
        Self {
            actuator,
            staged: None,
            until_us: u64::MAX,
            is_writing: false,
            written: None,
            is_renewing: false,
        }
    }
}

impl<A: AsyncActuator> Staged<A> {
    /// The command that is next, and until when it is fresh.
    pub(crate) const fn next(&self) -> Option<(A::Command, u64)> {
        match self.staged {
            Some(command) => Some((command, self.until_us)),
            None => None,
        }
    }

    /// Writes the staged command; whether it renews the lease.
    pub(crate) async fn write(&mut self, command: A::Command) -> Result<bool, A::Error> {
        self.is_writing = true;
        let written = self.actuator.drive(command).await;
        self.is_writing = false;
        written?;
        (self.written, self.staged, self.until_us) = (Some(command), None, u64::MAX);
        Ok(core::mem::take(&mut self.is_renewing))
    }
}

impl<A: AsyncActuator> Outputs for Staged<A> {
    type Command = A::Command;
    type Error = A::SafeError;

    const SAFE: A::Command = A::SAFE;
    const IS_STAGED: bool = true;

    fn tell(&mut self, command: A::Command) -> Result<(), A::SafeError> {
        // A command that was staged and is not wanted any more is not written.
        self.staged = Some(command).filter(|_| self.written != Some(command));
        Ok(())
    }

    fn tell_safe(&mut self) -> Result<(), A::SafeError> {
        (self.staged, self.written, self.until_us) = (None, None, u64::MAX);
        (self.is_writing, self.is_renewing) = (false, false);
        self.actuator.drive_safe()
    }

    fn read(&mut self) -> Option<A::Command> {
        match self.actuator.read_back() {
            Ok(ReadBack::Does(read)) => Some(read),
            Ok(ReadBack::Unsupported) | Err(_) => None,
        }
    }

    /// What is staged cannot be seen yet: what was written last is looked at.
    fn look(&mut self, _told: A::Command) -> Seen {
        self.actuator.look(self.written.unwrap_or(A::SAFE))
    }

    fn stage(&mut self, until_us: u64, is_renewing: bool) {
        self.staged = self.staged.or(self.written);
        self.until_us = until_us;
        self.is_renewing |= is_renewing;
    }

    fn is_abandoned(&self) -> bool {
        self.is_writing
    }
}
