//! The channel: an output, and the proof that it may be energised.
//!
//! ```text
//!              prove_safe           arm                start
//!  Unproven --------------> Safe ----------> Armed ------------> Running ---.
//!      ^                     ^ ^               |                    |       | put renews the lease
//!      | retry               | '--- demand ----'       demand,      |  <----'
//!      |                     |                         lease over   v
//!   Faulted <--- any state   '--------------------------------- Stopping
//!
//!  state       drives at every tick    who leaves it
//!  Unproven    the safe value          prove_safe: driven and read back
//!  Safe        the safe value          a clearance, with an edge after it went safe
//!  Armed       the safe value          start: nothing was raised since the clearance
//!  Running     what is put             a demand, the end of the lease
//!  Stopping    its way                 time
//!  Faulted     the safe value          retry, to be proven again
//! ```
//!
//! Every state is left to Faulted when the outputs cannot be told, when the read back differs for too long, and when the caller's clock
//! goes backward. A channel that is dropped drives its safe value; one that is forgotten is not seen any more, and its output falls
//! by the hardware watchdog alone.
//!
//! A tick that comes late is judged as if it had come in time: the lease ended when it ended.

mod any;
mod body;
mod config;
mod refusal;

pub use any::{AnyChannel, Lent};
pub use config::Config;
pub use refusal::{Cause, Event, NotPut, Put, Refusal, Refused, State};

use core::fmt;
use core::marker::PhantomData;

use bitflags::Flags;

use self::body::Body;
use crate::fault::{Cleared, FaultSet};
use crate::freshness::Fresh;
use crate::outputs::{Outputs, Seen};
use crate::published::Published;
use crate::staged::{AsyncActuator, Staged};
use crate::stop::StopCategory;

/// Nobody has seen that the output is safe.
#[derive(Debug)]
pub enum Unproven {}
/// The safe value is driven, and was read back if it can be.
#[derive(Debug)]
pub enum Safe {}
/// One start is allowed, as long as the faults of `F` stay clear.
#[derive(Debug)]
pub struct Armed<F>(PhantomData<fn(F)>);
/// The output can be put.
#[derive(Debug)]
pub enum Running {}
/// The output is on its way to its safe value.
#[derive(Debug)]
pub enum Stopping {}
/// The safe value is driven; something of the output failed.
#[derive(Debug)]
pub enum Faulted {}

/// An output in the state `S`. The outputs cannot be taken out of it.
///
/// A channel is put while it runs, and in no other state:
///
/// ```
/// # use safe_state::{Actuator, Channel, Fresh, channel::Running};
/// fn energise<A: Actuator>(mut channel: Channel<Running, A>, command: Fresh<'_, A::Command>) {
///     let _ = channel.put(command, 0);
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use safe_state::{Actuator, Channel, Fresh, channel::Safe};
/// fn energise<A: Actuator>(mut channel: Channel<Safe, A>, command: Fresh<'_, A::Command>) {
///     let _ = channel.put(command, 0);
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use safe_state::{Actuator, Channel, Fresh, channel::Armed};
/// fn energise<A: Actuator, F>(mut channel: Channel<Armed<F>, A>, command: Fresh<'_, A::Command>) {
///     let _ = channel.put(command, 0);
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use safe_state::{Actuator, Channel, Fresh, channel::Stopping};
/// fn energise<A: Actuator>(mut channel: Channel<Stopping, A>, command: Fresh<'_, A::Command>) {
///     let _ = channel.put(command, 0);
/// }
/// ```
///
/// A channel is put fresh values alone: no bare value, no stale one, no substitute.
///
/// ```compile_fail,E0308
/// # use safe_state::{Actuator, Channel, channel::Running};
/// fn energise<A: Actuator<Command = u16>>(mut channel: Channel<Running, A>) {
///     let _ = channel.put(400, 0);
/// }
/// ```
///
/// ```compile_fail,E0308
/// # use safe_state::{Actuator, Channel, Stale, channel::Running};
/// fn energise<A: Actuator>(mut channel: Channel<Running, A>, command: Stale<A::Command>) {
///     let _ = channel.put(command, 0);
/// }
/// ```
///
/// ```compile_fail,E0308
/// # use safe_state::{Actuator, Channel, Substitute, channel::Running};
/// fn energise<A: Actuator>(mut channel: Channel<Running, A>, command: Substitute<A::Command>) {
///     let _ = channel.put(command, 0);
/// }
/// ```
///
/// A channel is armed with a clearance when it is safe, and starts when it is armed, with the set of faults that the clearance is of:
///
/// ```
/// # use bitflags::Flags;
/// # use safe_state::{Actuator, Channel, Cleared, FaultSet, channel::Safe};
/// fn run<A: Actuator, F: Flags>(channel: Channel<Safe, A>, cleared: Cleared<F>, faults: &FaultSet<F, 3>) {
///     let armed = channel.arm(cleared).unwrap();
///     let running = armed.start(faults, 0).unwrap();
/// #   drop(running);
/// }
/// ```
///
/// ```compile_fail,E0061
/// # use safe_state::{Actuator, Channel, channel::Safe};
/// fn run<A: Actuator>(channel: Channel<Safe, A>) {
///     let armed = channel.arm();
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use bitflags::Flags;
/// # use safe_state::{Actuator, Channel, Cleared, channel::Unproven};
/// fn run<A: Actuator, F: Flags>(channel: Channel<Unproven, A>, cleared: Cleared<F>) {
///     let armed = channel.arm(cleared);
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use bitflags::Flags;
/// # use safe_state::{Actuator, Channel, FaultSet, channel::Faulted};
/// fn run<A: Actuator, F: Flags>(channel: Channel<Faulted, A>, faults: &FaultSet<F, 3>) {
///     let running = channel.start(faults, 0);
/// }
/// ```
///
/// ```compile_fail,E0308
/// # use bitflags::Flags;
/// # use safe_state::{Actuator, Channel, FaultSet, channel::Armed};
/// fn run<A: Actuator, F: Flags, G: Flags>(channel: Channel<Armed<F>, A>, others: &FaultSet<G, 3>) {
///     let running = channel.start(others, 0);
/// }
/// ```
///
/// A running channel is one: it is not copied.
///
/// ```compile_fail,E0277
/// # use safe_state::{Actuator, Channel, channel::Running};
/// fn copied<T: Clone>(_: T) {}
/// fn two<A: Actuator>(channel: Channel<Running, A>) {
///     copied(channel);
/// }
/// ```
#[must_use = "a channel that is dropped drives its safe value"]
pub struct Channel<S, O: Outputs> {
    body: Body<O>,
    state: PhantomData<fn(S)>,
}

/// A channel after a tick or a demand, in the state in which it is now.
#[must_use = "a channel that is dropped drives its safe value"]
pub enum Ticked<O: Outputs> {
    /// The channel runs.
    Running(Channel<Running, O>),
    /// The outputs are on their way.
    Stopping(Channel<Stopping, O>),
    /// The channel is safe.
    Safe(Channel<Safe, O>),
    /// The channel has a fault.
    Faulted(Channel<Faulted, O>),
}

/// A channel that was not proven.
#[must_use = "a channel that is dropped drives its safe value"]
pub enum NotProven<O: Outputs> {
    /// The read back does not agree yet: to be asked again.
    Pending(Channel<Unproven, O>),
    /// The channel has a fault.
    Faulted(Channel<Faulted, O>),
}

impl<S, O: Outputs> Channel<S, O> {
    /// What neighbours see of it.
    #[must_use]
    pub fn published(&self, now_us: u64) -> Published<O::Command> {
        self.body.published(now_us)
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

    const fn of(body: Body<O>) -> Self {
        Self { body, state: PhantomData }
    }
}

impl<O: Outputs> Channel<Unproven, O> {
    /// A channel over these outputs. Nothing is driven before it is proven, or dropped.
    pub const fn new(outputs: O, config: &'static Config<O::Command>) -> Self {
        Self::of(Body::new(outputs, config))
    }

    /// Drives the safe value, and reads it back if the outputs can be read.
    ///
    /// # Errors
    ///
    /// The read back does not agree yet, or there is a fault.
    pub fn prove_safe(mut self, now_us: u64) -> Result<Channel<Safe, O>, NotProven<O>> {
        self.body.prove(now_us);
        match self.body.state() {
            State::Safe => Ok(Channel::of(self.body)),
            State::Faulted => Err(NotProven::Faulted(Channel::of(self.body))),
            _ => Err(NotProven::Pending(self)),
        }
    }
}

impl<O: Outputs> Channel<Safe, O> {
    /// Drives the safe value again.
    ///
    /// # Errors
    ///
    /// There is a fault.
    pub fn tick(mut self, now_us: u64) -> Result<Self, Channel<Faulted, O>> {
        self.body.tick(now_us);
        self.or_faulted()
    }

    /// The same, and says that the safe state is demanded: whoever arms needs an edge after it.
    ///
    /// # Errors
    ///
    /// There is a fault.
    pub fn demand(mut self, now_us: u64) -> Result<Self, Channel<Faulted, O>> {
        self.body.demand(StopCategory::Zero, Cause::Demand, now_us);
        self.or_faulted()
    }

    /// Allows one start.
    ///
    /// # Errors
    ///
    /// The edge was seen before the outputs were safe, or an automatic restart follows a demand.
    pub fn arm<F: Flags>(
        mut self,
        cleared: Cleared<F>,
    ) -> Result<Channel<Armed<F>, O>, Refused<Self>> {
        match self.body.arm(&cleared) {
            Ok(()) => Ok(Channel::of(self.body)),
            Err(refusal) => Err(Refused { channel: self, refusal }),
        }
    }

    fn or_faulted(self) -> Result<Self, Channel<Faulted, O>> {
        match self.body.state() {
            State::Faulted => Err(Channel::of(self.body)),
            _ => Ok(self),
        }
    }
}

impl<F: Flags, O: Outputs> Channel<Armed<F>, O> {
    /// Drives the safe value again.
    ///
    /// # Errors
    ///
    /// There is a fault.
    pub fn tick(mut self, now_us: u64) -> Result<Self, Channel<Faulted, O>> {
        self.body.tick(now_us);
        match self.body.state() {
            State::Faulted => Err(Channel::of(self.body)),
            _ => Ok(self),
        }
    }

    /// Gives the permission back.
    ///
    /// # Errors
    ///
    /// There is a fault.
    pub fn demand(mut self, now_us: u64) -> Result<Channel<Safe, O>, Channel<Faulted, O>> {
        self.body.demand(StopCategory::Zero, Cause::Demand, now_us);
        Channel::<Safe, O>::of(self.body).or_faulted()
    }

    /// Starts: from here on the output can be put, and its lease runs.
    ///
    /// # Errors
    ///
    /// A fault was raised since the clearance, or the outputs have a fault. The channel is safe, or faulted.
    pub fn start<const N: usize>(
        mut self,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<Channel<Running, O>, Refused<AnyChannel<O>>> {
        match self.body.start(faults, now_us) {
            Ok(()) => Ok(Channel::of(self.body)),
            Err(refusal) => Err(Refused { channel: AnyChannel::of(self.body), refusal }),
        }
    }
}

impl<O: Outputs> Channel<Running, O> {
    /// Puts a command of this tick. The lease is renewed by a sample that was not put before.
    ///
    /// # Errors
    ///
    /// The lease has ended, the command is stale or older than the start, or there is a fault. The outputs are then on their way, and
    /// the next [`tick`](Self::tick) says so.
    pub fn put(
        &mut self,
        command: Fresh<'_, O::Command>,
        now_us: u64,
    ) -> Result<Put<O::Command>, NotPut> {
        self.body.put(&command, now_us)
    }

    /// Whether the outputs have come back: a group in its order.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.body.is_up()
    }

    /// Looks whether the lease lasts and the outputs do what they were told.
    pub fn tick(mut self, now_us: u64) -> Ticked<O> {
        self.body.tick(now_us);
        Ticked::of(self.body)
    }

    /// Stops the outputs: they are safe, or on their way, in this call.
    pub fn demand(mut self, category: StopCategory, now_us: u64) -> Ticked<O> {
        self.body.demand(category, Cause::Demand, now_us);
        Ticked::of(self.body)
    }

    /// Stops the outputs if a fault of the set asks for it.
    pub fn heed<F: Flags, const N: usize>(
        mut self,
        faults: &FaultSet<F, N>,
        category: StopCategory,
        now_us: u64,
    ) -> Ticked<O> {
        self.body.heed(faults, category, now_us);
        Ticked::of(self.body)
    }
}

impl<A: AsyncActuator> Channel<Running, Staged<A>> {
    /// Writes what was staged, and renews the lease. The lease and the age of the command are looked at again: where one has ended, the way
    /// to the safe value begins, or the safe value is driven.
    ///
    /// # Errors
    ///
    /// The channel does not run any more, and is not on its way.
    pub async fn flush(&mut self, now_us: u64) -> Result<(), NotPut> {
        self.body.flush(now_us).await
    }
}

impl<A: AsyncActuator> Channel<Stopping, Staged<A>> {
    /// Writes what was staged on the way.
    ///
    /// # Errors
    ///
    /// The channel is not on its way any more.
    pub async fn flush(&mut self, now_us: u64) -> Result<(), NotPut> {
        self.body.flush(now_us).await
    }
}

impl<O: Outputs> Channel<Stopping, O> {
    /// The outputs go on along their way.
    pub fn tick(mut self, now_us: u64) -> Ticked<O> {
        self.body.tick(now_us);
        Ticked::of(self.body)
    }

    /// Stops the outputs in another way, if that is a harder one.
    pub fn demand(mut self, category: StopCategory, now_us: u64) -> Ticked<O> {
        self.body.demand(category, Cause::Demand, now_us);
        Ticked::of(self.body)
    }
}

impl<O: Outputs> Channel<Faulted, O> {
    /// Drives the safe value again, whatever the outputs say.
    pub fn tick(mut self, now_us: u64) -> Self {
        self.body.tick(now_us);
        self
    }

    /// The fault is over: the channel has to be proven again.
    pub fn retry(mut self) -> Channel<Unproven, O> {
        self.body.retry();
        Channel::of(self.body)
    }
}

impl<O: Outputs> Ticked<O> {
    fn of(body: Body<O>) -> Self {
        match body.state() {
            State::Running => Self::Running(Channel::of(body)),
            State::Stopping => Self::Stopping(Channel::of(body)),
            State::Faulted => Self::Faulted(Channel::of(body)),
            State::Unproven | State::Safe | State::Armed => Self::Safe(Channel::of(body)),
        }
    }
}

// Not derived: an output, a pin of a HAL, need not have it.
impl<S, O: Outputs> fmt::Debug for Channel<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.body.fmt(f)
    }
}

impl<O: Outputs> fmt::Debug for Ticked<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(channel) => channel.fmt(f),
            Self::Stopping(channel) => channel.fmt(f),
            Self::Safe(channel) => channel.fmt(f),
            Self::Faulted(channel) => channel.fmt(f),
        }
    }
}

impl<O: Outputs> fmt::Debug for NotProven<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending(channel) => channel.fmt(f),
            Self::Faulted(channel) => channel.fmt(f),
        }
    }
}
