//! A machine whose state is asked at run time: for a `static`, a loop.

use bitflags::Flags;

use super::inside::Core;
use super::{Config, Event, Machine, Refusal, State};
use crate::fault::{Cleared, FaultSet};
use crate::recovery::Recovered;

/// A machine in any state. An event that its state does not have is refused, with both named.
#[derive(Debug)]
#[must_use]
pub struct AnyMachine {
    core: Core,
}

impl AnyMachine {
    /// A machine after power-up.
    pub const fn new(config: &'static Config, now_us: u64) -> Self {
        Self { core: Core::new(config, now_us) }
    }

    /// A machine after a reset, by the words that [`kept`](Self::kept) gave before it: one that was locked is locked, any other begins
    /// with its start-up, and its restarts go on to count. Words that are not whole may have been those of one that was locked: it is
    /// locked. After a power-up, whose memory says nothing, the machine is [`new`](Self::new).
    pub fn restored(words: [u32; 2], config: &'static Config, now_us: u64) -> Self {
        Self { core: Core::restored(words, config, now_us) }
    }

    pub(super) const fn of(core: Core) -> Self {
        Self { core }
    }

    /// Two words for memory that survives a reset.
    #[must_use]
    pub const fn kept(&self) -> [u32; 2] {
        self.core.kept()
    }

    /// Its state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.core.state
    }

    /// What led to its state, or was demanded again in it; `None` after the power came, or a reset.
    #[must_use]
    pub const fn cause(&self) -> Option<Event> {
        self.core.cause
    }

    /// Since when it is in its state, in microseconds.
    #[must_use]
    pub const fn since_us(&self) -> u64 {
        self.core.since_us
    }

    /// As [`Machine::ready`].
    ///
    /// # Errors
    ///
    /// The machine is not in [`State::Startup`].
    pub fn ready(&mut self, now_us: u64) -> Result<(), Refusal> {
        self.core.take(Event::Ready, now_us)
    }

    /// As [`Machine::operate`].
    ///
    /// # Errors
    ///
    /// As there, or it is not in [`State::Safe`].
    pub fn operate<F: Flags, const N: usize>(
        &mut self,
        cleared: &Cleared<F>,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<(), Refusal> {
        self.core.operate(cleared, faults, now_us)
    }

    /// As [`Machine::restart`].
    ///
    /// # Errors
    ///
    /// As there, or it is not in [`State::Safe`].
    pub fn restart<F: Flags, const N: usize>(
        &mut self,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<Cleared<F>, Refusal> {
        self.core.restart(faults, now_us)
    }

    /// The outputs have to be safe. In the states in which they are, nothing changes.
    pub fn demand(&mut self, now_us: u64) -> State {
        self.core.demand(now_us);
        self.core.state
    }

    /// Does what the worst fault of the set asks for, and what time does.
    pub fn heed<F: Flags, const N: usize>(
        &mut self,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> State {
        self.core.heed(faults.worst(now_us), now_us);
        self.core.state
    }

    /// A recovery begins.
    ///
    /// # Errors
    ///
    /// The machine is neither in [`State::Startup`] nor in [`State::Safe`].
    pub fn recover(&mut self, now_us: u64) -> Result<(), Refusal> {
        self.core.take(Event::Recover, now_us)
    }

    /// The recovery has ended, as the proof says.
    ///
    /// # Errors
    ///
    /// The machine is not in [`State::Recovering`].
    #[allow(clippy::needless_pass_by_value)] // A proof is used up.
    pub fn recovered(&mut self, proof: Recovered, now_us: u64) -> Result<(), Refusal> {
        let _ = proof;
        self.core.take(Event::Recovered, now_us)
    }

    /// The recovery has failed: the machine is locked.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn recovery_failed(&mut self, now_us: u64) -> Result<(), Refusal> {
        self.core.take(Event::RecoveryFailed, now_us)
    }

    /// The machine may do nothing any more.
    pub fn lock(&mut self, now_us: u64) {
        let _ = self.core.take(Event::Lock, now_us);
    }
}

impl<S> From<Machine<S>> for AnyMachine {
    fn from(machine: Machine<S>) -> Self {
        Self { core: machine.core }
    }
}
