//! The machine: the state of a whole controller, and the one table of its transitions.
//!
//! ```text
//!  state         outputs         what it waits for
//!  Startup       safe            its own tests
//!  Operational   may run         -
//!  Degraded      may run, less   the end of the fault, at most for its limit
//!  Safe          safe            a clearance: every fault gone, and acknowledged
//!  Recovering    safe            the end of the recovery
//!  Lockout       safe            a power cycle
//! ```
//!
//! A demand in Startup and in Recovering changes nothing: their outputs are safe, and what they have begun is not skipped. Lockout is left
//! by nothing, and outlives a reset: see [`AnyMachine::restored`].

mod any;
mod inside;

pub use any::AnyMachine;

use core::fmt;
use core::marker::PhantomData;

use bitflags::Flags;

use self::inside::Core;
use crate::fault::{Cleared, FaultSet};
use crate::lease::Span;
use crate::recovery::Recovered;

/// The state of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// The machine tests itself.
    Startup,
    /// The machine does its work.
    Operational,
    /// The machine does a part of its work, for a limited time.
    Degraded,
    /// Its outputs are safe.
    Safe,
    /// The machine takes back what a reset has left behind.
    Recovering,
    /// The machine does nothing any more.
    Lockout,
}

/// What happens to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event {
    /// Its tests have passed.
    Ready,
    /// Every fault has gone, and was acknowledged.
    Cleared,
    /// The machine restarts by itself.
    Restart,
    /// A fault leaves it with less.
    Degrade,
    /// That fault has gone.
    Restore,
    /// The machine was degraded for as long as it may be.
    DegradedOver,
    /// Its outputs have to be safe.
    Demand,
    /// A recovery begins.
    Recover,
    /// The recovery has ended.
    Recovered,
    /// The recovery has failed.
    RecoveryFailed,
    /// The machine may do nothing any more.
    Lock,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Startup,
        Self::Operational,
        Self::Degraded,
        Self::Safe,
        Self::Recovering,
        Self::Lockout,
    ];

    /// The state after an event; `None` where the state has no such event. This is the table of all transitions.
    #[must_use]
    pub const fn after(self, event: Event) -> Option<Self> {
        use Event as E;
        Some(match (self, event) {
            (Self::Lockout, E::Lock | E::Demand) => Self::Lockout,
            (Self::Lockout, _) => return None,
            (_, E::Lock) => Self::Lockout,
            (Self::Startup, E::Ready) => Self::Safe,
            (Self::Startup, E::Demand) => Self::Startup,
            (Self::Startup | Self::Safe, E::Recover) => Self::Recovering,
            (Self::Safe, E::Cleared | E::Restart) => Self::Operational,
            (Self::Operational, E::Degrade) => Self::Degraded,
            (Self::Degraded, E::Degrade) => Self::Degraded,
            (Self::Degraded, E::Restore) => Self::Operational,
            (Self::Degraded, E::DegradedOver) => Self::Safe,
            (Self::Operational | Self::Degraded | Self::Safe, E::Demand) => Self::Safe,
            (Self::Recovering, E::Demand) => Self::Recovering,
            (Self::Recovering, E::Recovered) => Self::Safe,
            (Self::Recovering, E::RecoveryFailed) => Self::Lockout,
            _ => return None,
        })
    }

    /// Whether outputs may be energised in it.
    #[must_use]
    pub const fn may_energise(self) -> bool {
        matches!(self, Self::Operational | Self::Degraded)
    }
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Ready,
        Self::Cleared,
        Self::Restart,
        Self::Degrade,
        Self::Restore,
        Self::DegradedOver,
        Self::Demand,
        Self::Recover,
        Self::Recovered,
        Self::RecoveryFailed,
        Self::Lock,
    ];
}

/// What a machine keeps to, known before it runs: it lives in a `static`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    degraded_us: u32,
    restarts_max: u16,
}

impl Config {
    /// A machine that may be degraded for so long, and does not restart by itself.
    #[must_use]
    pub const fn new(degraded: Span) -> Self {
        Self { degraded_us: degraded.as_us(), restarts_max: 0 }
    }

    /// The machine may restart by itself so often, until the next acknowledgement. The restart after that is refused, and locks it.
    #[must_use]
    pub const fn restarts(mut self, max: u16) -> Self {
        self.restarts_max = max;
        self
    }
}

/// The machine tests itself.
#[derive(Debug)]
pub enum Startup {}
/// The machine does its work.
#[derive(Debug)]
pub enum Operational {}
/// The machine does a part of its work.
#[derive(Debug)]
pub enum Degraded {}
/// Its outputs are safe.
#[derive(Debug)]
pub enum Safe {}
/// The machine takes back what a reset has left behind.
#[derive(Debug)]
pub enum Recovering {}
/// The machine does nothing any more.
#[derive(Debug)]
pub enum Lockout {}

/// A machine in the state `S`. An event that its state does not have does not compile:
///
/// ```compile_fail,E0599
/// use safe_state::machine::{Lockout, Machine};
/// fn again(machine: Machine<Lockout>) {
///     machine.ready(0);
/// }
/// ```
///
/// ```compile_fail,E0599
/// use safe_state::machine::{Machine, Startup};
/// fn at_once(machine: Machine<Startup>) {
///     machine.restore(0);
/// }
/// ```
///
/// ```
/// use safe_state::machine::{Machine, Safe, Startup};
/// fn tested(machine: Machine<Startup>) -> Machine<Safe> {
///     machine.ready(0)
/// }
/// ```
#[must_use]
pub struct Machine<S> {
    core: Core,
    state: PhantomData<fn(S)>,
}

impl<S> fmt::Debug for Machine<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

/// Why an event was refused.
pub type Refusal = crate::refusal::Refusal<State, Event>;

/// An event that was refused, and the machine, in the state in which it is now.
#[derive(Debug)]
pub struct Refused<T> {
    /// The machine.
    pub machine: T,
    /// Why.
    pub refusal: Refusal,
}

impl<S> Machine<S> {
    /// Two words for memory that survives a reset: [`AnyMachine::restored`] reads them.
    #[must_use]
    pub const fn kept(&self) -> [u32; 2] {
        self.core.kept()
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

    /// The machine may do nothing any more.
    pub fn lock(self, now_us: u64) -> Machine<Lockout> {
        self.to(Event::Lock, now_us)
    }

    const fn of(core: Core) -> Self {
        Self { core, state: PhantomData }
    }

    /// The machine after an event that its state has.
    fn to<T>(mut self, event: Event, now_us: u64) -> Machine<T> {
        let _ = self.core.take(event, now_us);
        Machine::of(self.core)
    }
}

impl Machine<Startup> {
    /// A machine after power-up.
    pub const fn new(config: &'static Config, now_us: u64) -> Self {
        Self::of(Core::new(config, now_us))
    }

    /// Its tests have passed.
    pub fn ready(self, now_us: u64) -> Machine<Safe> {
        self.to(Event::Ready, now_us)
    }

    /// A reset has left something behind.
    pub fn recover(self, now_us: u64) -> Machine<Recovering> {
        self.to(Event::Recover, now_us)
    }
}

impl Machine<Safe> {
    /// Every fault has gone, and was acknowledged after the outputs were safe. The clearance then arms a channel.
    ///
    /// # Errors
    ///
    /// A fault was raised since the clearance, or the edge was seen before the machine was safe.
    pub fn operate<F: Flags, const N: usize>(
        mut self,
        cleared: &Cleared<F>,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<Machine<Operational>, Refused<Self>> {
        match self.core.operate(cleared, faults, now_us) {
            Ok(()) => Ok(Machine::of(self.core)),
            Err(refusal) => Err(Refused { machine: self, refusal }),
        }
    }

    /// Restarts by itself, after faults that have gone by themselves. The clearance arms a channel.
    ///
    /// # Errors
    ///
    /// A fault is in the way, somebody has demanded the safe state, or the restarts are used up: then the machine is locked.
    pub fn restart<F: Flags, const N: usize>(
        mut self,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<(Machine<Operational>, Cleared<F>), Refused<AnyMachine>> {
        match self.core.restart(faults, now_us) {
            Ok(cleared) => Ok((Machine::of(self.core), cleared)),
            Err(refusal) => Err(Refused { machine: AnyMachine::of(self.core), refusal }),
        }
    }

    /// A recovery begins.
    pub fn recover(self, now_us: u64) -> Machine<Recovering> {
        self.to(Event::Recover, now_us)
    }

    /// The safe state is demanded again: whoever clears needs an edge after it.
    pub fn demand(mut self, now_us: u64) -> Self {
        self.core.demand(now_us);
        self
    }
}

impl Machine<Operational> {
    /// A fault leaves it with less.
    pub fn degrade(self, now_us: u64) -> Machine<Degraded> {
        self.to(Event::Degrade, now_us)
    }

    /// The outputs have to be safe.
    pub fn demand(mut self, now_us: u64) -> Machine<Safe> {
        self.core.demand(now_us);
        Machine::of(self.core)
    }
}

impl Machine<Degraded> {
    /// The fault has gone.
    pub fn restore(self, now_us: u64) -> Machine<Operational> {
        self.to(Event::Restore, now_us)
    }

    /// The outputs have to be safe.
    pub fn demand(mut self, now_us: u64) -> Machine<Safe> {
        self.core.demand(now_us);
        Machine::of(self.core)
    }

    /// Whether the machine may stay degraded.
    ///
    /// # Errors
    ///
    /// The machine was degraded for as long as it may be, and is safe now.
    pub fn tick(mut self, now_us: u64) -> Result<Self, Machine<Safe>> {
        self.core.tick(now_us);
        match self.core.state {
            State::Degraded => Ok(self),
            _ => Err(Machine::of(self.core)),
        }
    }
}

impl Machine<Recovering> {
    /// What a reset has left behind was taken back: the proof comes from [`Recovery::done`](crate::recovery::Recovery::done).
    #[allow(clippy::needless_pass_by_value)] // A proof is used up.
    pub fn recovered(self, proof: Recovered, now_us: u64) -> Machine<Safe> {
        let _ = proof;
        self.to(Event::Recovered, now_us)
    }

    /// What a reset has left behind could not be taken back.
    pub fn failed(self, now_us: u64) -> Machine<Lockout> {
        self.to(Event::RecoveryFailed, now_us)
    }
}
