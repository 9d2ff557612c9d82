//! A supervisor in any of its states, for a `static`.

use super::{Armed, Cold, Core, LeaveError, Stopped, Supervisor, SwitchError, Verdict};
use crate::boot::NotGoodYet;
use crate::culprit::Culprit;
use crate::mode::Mode;
use crate::permit::Permit;
use crate::status::{GlobalStatus, Health};
use crate::window::{Dog, PollError, Round, Watchdog};

/// A supervisor in any of its states, or none yet. Its permits are lent, and cannot be kept.
///
/// ```
/// use watchdog_core::{AnyOutcome, AnySupervisor};
///
/// static SUPERVISOR: std::sync::Mutex<AnySupervisor<1>> = std::sync::Mutex::new(AnySupervisor::Vacant);
///
/// let mut supervisor = SUPERVISOR.lock().unwrap();
/// assert!(matches!(supervisor.evaluate(10_000), AnyOutcome::NotArmed));
/// ```
#[derive(Debug, Default)]
pub enum AnySupervisor<const N: usize, const D: usize = 0, const F: usize = 0> {
    /// None yet.
    #[default]
    Vacant,
    /// Not armed.
    Cold(Supervisor<Cold, N, D, F>),
    /// Armed.
    Armed(Supervisor<Armed, N, D, F>),
    /// Stopped.
    Stopped(Supervisor<Stopped, N, D, F>),
}

/// What an evaluation of [`AnySupervisor`] ends in.
#[derive(Debug)]
#[must_use = "the permit is in it"]
pub enum AnyOutcome<'a> {
    /// There is no armed supervisor.
    NotArmed,
    /// The cycle has not ended, or the clock stands or went back. The instant at which an evaluation is due.
    Early(u64),
    /// Feed the watchdog.
    Feed(Permit<'a>, Health),
    /// Never feed it again. What was wrong first.
    Stop(Culprit),
}

impl<const N: usize, const D: usize, const F: usize> AnySupervisor<N, D, F> {
    /// As [`Supervisor::evaluate`]; a stopped supervisor says again that it has stopped.
    pub fn evaluate(&mut self, now_us: u64) -> AnyOutcome<'_> {
        let Some(core) = self.core_mut() else { return AnyOutcome::NotArmed };
        match core.evaluate(now_us) {
            Verdict::Early(due_us) => AnyOutcome::Early(due_us),
            Verdict::Feed(permit, health) => AnyOutcome::Feed(permit, health),
            Verdict::Stop(culprit) => {
                *self = match core::mem::take(self) {
                    Self::Armed(supervisor) => Self::Stopped(Supervisor {
                        core: supervisor.core,
                        state: core::marker::PhantomData,
                    }),
                    other => other,
                };
                AnyOutcome::Stop(culprit)
            }
        }
    }

    /// As [`Supervisor::switch`].
    ///
    /// # Errors
    ///
    /// [`SwitchError`]; `None` when there is no armed supervisor.
    pub fn switch(&mut self, mode: Mode, now_us: u64) -> Result<(), Option<SwitchError>> {
        match self {
            Self::Armed(supervisor) => supervisor.switch(mode, now_us).map_err(Some),
            _ => Err(None),
        }
    }

    /// As [`Supervisor::leave`].
    ///
    /// # Errors
    ///
    /// [`LeaveError`]; `None` when there is no armed supervisor.
    pub fn leave<W: Watchdog>(
        &mut self,
        dog: &mut Dog<W>,
        now_us: u64,
    ) -> Result<(), Option<LeaveError<W::Error>>> {
        match self {
            Self::Armed(supervisor) => supervisor.leave(dog, now_us).map_err(Some),
            _ => Err(None),
        }
    }

    /// As [`Supervisor::poll_round`].
    ///
    /// # Errors
    ///
    /// [`PollError`]; `None` when there is no armed supervisor.
    pub fn poll_round<W: Watchdog>(
        &self,
        dog: &mut Dog<W>,
        now_us: u64,
    ) -> Result<Round, Option<PollError<W::Error>>> {
        match self {
            Self::Armed(supervisor) => supervisor.poll_round(dog, now_us).map_err(Some),
            _ => Err(None),
        }
    }

    /// As [`Supervisor::announce`]; nothing when there is no supervisor.
    pub fn announce(&mut self) {
        if let Some(core) = self.core_mut() {
            core.shared.boot.announce();
        }
    }

    /// As [`Supervisor::mark_good`].
    ///
    /// # Errors
    ///
    /// [`NotGoodYet`]; `None` when there is no armed supervisor.
    pub fn mark_good(&mut self, now_us: u64) -> Result<(), Option<NotGoodYet>> {
        match self {
            Self::Armed(supervisor) => supervisor.mark_good(now_us).map_err(Some),
            _ => Err(None),
        }
    }

    /// The global status; `None` when there is no armed or stopped supervisor.
    #[must_use]
    pub const fn status(&self) -> Option<GlobalStatus> {
        match self {
            Self::Vacant | Self::Cold(_) => None,
            Self::Armed(supervisor) => Some(supervisor.status()),
            Self::Stopped(supervisor) => Some(supervisor.status()),
        }
    }

    /// What was wrong first.
    #[must_use]
    pub const fn culprit(&self) -> Option<Culprit> {
        match self {
            Self::Vacant | Self::Cold(_) => None,
            Self::Armed(supervisor) => supervisor.culprit(),
            Self::Stopped(supervisor) => supervisor.culprit(),
        }
    }

    fn core_mut(&mut self) -> Option<&mut Core<N, D, F>> {
        match self {
            Self::Vacant | Self::Cold(_) => None,
            Self::Armed(supervisor) => Some(&mut supervisor.core),
            Self::Stopped(supervisor) => Some(&mut supervisor.core),
        }
    }
}

impl<const N: usize, const D: usize, const F: usize> From<Supervisor<Cold, N, D, F>>
    for AnySupervisor<N, D, F>
{
    fn from(supervisor: Supervisor<Cold, N, D, F>) -> Self {
        Self::Cold(supervisor)
    }
}

impl<const N: usize, const D: usize, const F: usize> From<Supervisor<Armed, N, D, F>>
    for AnySupervisor<N, D, F>
{
    fn from(supervisor: Supervisor<Armed, N, D, F>) -> Self {
        Self::Armed(supervisor)
    }
}

impl<const N: usize, const D: usize, const F: usize> From<Supervisor<Stopped, N, D, F>>
    for AnySupervisor<N, D, F>
{
    fn from(supervisor: Supervisor<Stopped, N, D, F>) -> Self {
        Self::Stopped(supervisor)
    }
}
