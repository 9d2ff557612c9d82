//! A channel whose state is asked at run time: for a `static`, a loop, an interrupt.

use core::fmt;

use bitflags::Flags;

use super::body::Body;
use super::{Cause, Channel, Config, Event, NotPut, Put, Refusal, State, Ticked};
use crate::fault::{Cleared, FaultSet};
use crate::freshness::Fresh;
use crate::outputs::{Outputs, Seen};
use crate::published::Published;
use crate::refusal::Missing;
use crate::staged::{AsyncActuator, Staged};
use crate::stop::StopCategory;

/// A channel in any state. A transition that its state does not have is refused; what energises is lent by
/// [`running`](Self::running) alone.
#[must_use = "a channel that is dropped drives its safe value"]
pub struct AnyChannel<O: Outputs> {
    body: Body<O>,
}

/// A running channel, lent for one call.
pub struct Lent<'a, O: Outputs> {
    body: &'a mut Body<O>,
}

impl<O: Outputs> AnyChannel<O> {
    /// A channel over these outputs, unproven.
    pub const fn new(outputs: O, config: &'static Config<O::Command>) -> Self {
        Self { body: Body::new(outputs, config) }
    }

    pub(super) const fn of(body: Body<O>) -> Self {
        Self { body }
    }

    /// Its state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.body.state()
    }

    /// Why it does not run.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.body.cause()
    }

    /// The result of the last look at the outputs: [`Seen::Unsupported`] where they, or a part of them, cannot be read back, and before
    /// the first look. Such a channel is proven by the drive alone.
    #[must_use]
    pub const fn read_back(&self) -> Seen {
        self.body.seen()
    }

    /// What neighbours see of it.
    #[must_use]
    pub fn published(&self, now_us: u64) -> Published<O::Command> {
        self.body.published(now_us)
    }

    /// Drives the safe value, and reads it back if the outputs can be read. A channel with a fault is proven anew.
    ///
    /// # Errors
    ///
    /// The channel is neither unproven nor faulted, the read back does not agree yet, or there is a fault.
    pub fn prove_safe(&mut self, now_us: u64) -> Result<(), Refusal> {
        let state = self.state();
        let missing = match state {
            State::Unproven | State::Faulted => {
                self.body.retry();
                self.body.prove(now_us);
                match self.state() {
                    State::Safe => return Ok(()),
                    State::Faulted => Missing::Drive,
                    _ => Missing::ReadBack,
                }
            }
            _ => Missing::State,
        };
        Err(Refusal { state, event: Event::Prove, missing })
    }

    /// Allows one start.
    ///
    /// # Errors
    ///
    /// The channel is not safe, the edge was seen before it was, or an automatic restart follows a demand.
    pub fn arm<F: Flags>(&mut self, cleared: Cleared<F>) -> Result<(), Refusal> {
        self.body.arm(&cleared)
    }

    /// Starts.
    ///
    /// # Errors
    ///
    /// The channel is not armed, a fault was raised since the clearance, or the outputs have a fault.
    pub fn start<F: Flags, const N: usize>(
        &mut self,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<(), Refusal> {
        self.body.start(faults, now_us)
    }

    /// The channel, if it runs.
    ///
    /// # Errors
    ///
    /// The channel is in another state.
    pub fn running(&mut self) -> Result<Lent<'_, O>, State> {
        match self.state() {
            State::Running => Ok(Lent { body: &mut self.body }),
            state => Err(state),
        }
    }

    /// Goes on: drives the safe value again, looks at the lease, goes on its way.
    pub fn tick(&mut self, now_us: u64) -> State {
        self.body.tick(now_us);
        self.state()
    }

    /// Stops the outputs: they are safe, or on their way, in this call.
    pub fn demand(&mut self, category: StopCategory, now_us: u64) -> State {
        self.body.demand(category, Cause::Demand, now_us);
        self.state()
    }

    /// Stops the outputs if a fault of the set asks for it, and goes on otherwise.
    pub fn heed<F: Flags, const N: usize>(
        &mut self,
        faults: &FaultSet<F, N>,
        category: StopCategory,
        now_us: u64,
    ) -> State {
        self.body.heed(faults, category, now_us);
        self.state()
    }
}

impl<A: AsyncActuator> AnyChannel<Staged<A>> {
    /// As [`Channel::flush`].
    ///
    /// # Errors
    ///
    /// The channel neither runs nor is on its way.
    pub async fn flush(&mut self, now_us: u64) -> Result<(), NotPut> {
        self.body.flush(now_us).await
    }
}

impl<O: Outputs> Lent<'_, O> {
    /// Puts a command of this tick: see [`Channel::put`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn put(
        &mut self,
        command: Fresh<'_, O::Command>,
        now_us: u64,
    ) -> Result<Put<O::Command>, NotPut> {
        self.body.put(&command, now_us)
    }
}

impl<S, O: Outputs> From<Channel<S, O>> for AnyChannel<O> {
    fn from(channel: Channel<S, O>) -> Self {
        Self { body: channel.body }
    }
}

impl<O: Outputs> From<Ticked<O>> for AnyChannel<O> {
    fn from(ticked: Ticked<O>) -> Self {
        match ticked {
            Ticked::Running(channel) => channel.into(),
            Ticked::Stopping(channel) => channel.into(),
            Ticked::Safe(channel) => channel.into(),
            Ticked::Faulted(channel) => channel.into(),
        }
    }
}

impl<O: Outputs> fmt::Debug for AnyChannel<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.body.fmt(f)
    }
}

impl<O: Outputs> fmt::Debug for Lent<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.body.fmt(f)
    }
}
