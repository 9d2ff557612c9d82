//! The hardware side: a watchdog, and the dog that owns it and alone feeds it.
//!
//! ```text
//! Watchdog (the user's driver)  <-- owned by --  Dog  <-- feed(permit) --  the loop
//!   state, arm, reload(permit), counter_us         checks the permit, the window and the clocks; counts
//! ```

use crate::hardware::{Hardware, Limits};
use crate::permit::Permit;

/// What a hardware watchdog does, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// It does not run: it will not bite.
    Stopped,
    /// It runs.
    Running {
        /// The timeout that is set, nominal microseconds.
        timeout_us: u32,
        /// Whether the timeout can no longer be set.
        is_locked: bool,
    },
}

/// A hardware watchdog: the driver that the user writes. It has no way to stop.
///
/// ```
/// use core::convert::Infallible;
/// use watchdog_core::{Hardware, Permit, State, Watchdog};
///
/// /// A register block, here a plain structure.
/// struct Registers { load: u32, is_running: bool }
///
/// impl Watchdog for Registers {
///     type Error = Infallible;
///
///     fn state(&mut self) -> Result<State, Infallible> {
///         Ok(match self.is_running {
///             true => State::Running { timeout_us: self.load, is_locked: false },
///             false => State::Stopped,
///         })
///     }
///
///     fn arm(&mut self, asked: Hardware) -> Result<u32, Infallible> {
///         self.load = asked.timeouts_us().end().next_multiple_of(1_000);
///         self.is_running = true;
///         Ok(self.load)
///     }
///
///     fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Infallible> {
///         Ok(())
///     }
/// }
/// ```
pub trait Watchdog {
    /// Why the hardware cannot be reached.
    type Error;

    /// What the watchdog does now.
    ///
    /// # Errors
    ///
    /// The hardware cannot be reached.
    fn state(&mut self) -> Result<State, Self::Error>;

    /// Starts the watchdog with a timeout of the range that is asked for, and its window if that has one, and says which timeout is
    /// really set, in nominal microseconds. One that the hardware cannot set is said too, and then refused: it is never made to fit.
    ///
    /// # Errors
    ///
    /// The hardware cannot be reached.
    fn arm(&mut self, asked: Hardware) -> Result<u32, Self::Error>;

    /// Feeds the watchdog.
    ///
    /// # Errors
    ///
    /// The hardware cannot be reached, and was not fed.
    fn reload(&mut self, permit: Permit<'_>) -> Result<(), Self::Error>;

    /// How long ago the last feed was by the watchdog's own clock, in nominal microseconds, where it has a counter that can be read.
    /// The dog compares it with the supervisor's clock at each feed.
    fn counter_us(&mut self) -> Option<u32> {
        None
    }

    /// Of a question/answer watchdog whose round has begun: how long after the end of the round before the round can end, in
    /// microseconds. `None` if no round is open: a feed was all.
    fn finishes_after_us(&self) -> Option<u32> {
        None
    }

    /// Ends the round that [`Self::reload`] has begun: the answer of window 2.
    ///
    /// # Errors
    ///
    /// The hardware cannot be reached. The round is still open.
    fn finish(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    /// What the watchdog does if it does not run as the plan says; `None` if it does. A driver leaves this as it is: [`Both`] has two
    /// to ask.
    ///
    /// # Errors
    ///
    /// The hardware cannot be reached.
    fn runs_otherwise(
        &mut self,
        first: Hardware,
        second: Option<Hardware>,
    ) -> Result<Option<State>, Self::Error> {
        let _one_watchdog = second;
        Ok(match self.state()? {
            State::Running { timeout_us, .. } if first.accepts(timeout_us) => None,
            other => Some(other),
        })
    }

    /// Arms the watchdog, or finds that it runs as the plan says. A driver leaves this as it is: [`Both`] has two to arm.
    ///
    /// # Errors
    ///
    /// [`StartError`]: it runs otherwise, was set otherwise, or cannot be reached.
    fn start(
        &mut self,
        first: Hardware,
        second: Option<Hardware>,
    ) -> Result<Start, StartError<Self::Error>> {
        match second {
            None => start_one(self, first),
            Some(_) => Err(StartError::OneWatchdog),
        }
    }
}

/// Owns a watchdog, and alone feeds it.
#[derive(Debug)]
pub struct Dog<W> {
    watchdog: W,
    armed: Option<Armed>,
    fed: u32,
}

/// What the dog knows once it is armed.
#[derive(Debug)]
struct Armed {
    supervisor: usize,
    limits: &'static Limits,
    cycle: Option<u32>,
    last_us: u64,
    /// When the last round ended.
    round_us: u64,
    /// The clocks have parted once.
    parted: Option<(u32, u32)>,
}

/// Why a watchdog was not fed. The permit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FeedError<E> {
    /// The dog has not been armed.
    #[error("the watchdog is not armed")]
    NotArmed,
    /// The permit is that of another supervisor.
    #[error("the permit is that of another supervisor")]
    OtherSupervisor,
    /// The permit is too old: another evaluation is due.
    #[error("the permit is {age_us} us too old")]
    Stale {
        /// How long it has been too old.
        age_us: u64,
    },
    /// A permit of this cycle, or of a later one, has been used.
    #[error("the permit of cycle {cycle}, cycle {fed} was fed")]
    OldCycle {
        /// The cycle of the permit.
        cycle: u32,
        /// The cycle of the last feed.
        fed: u32,
    },
    /// The window is still closed: nothing was written.
    #[error("the window opens {opens_in_us} us later")]
    Closed {
        /// How much later it opens.
        opens_in_us: u32,
    },
    /// The supervisor's clock and the watchdog's own part by more than the plan's tolerance. It is never fed again.
    #[error("{now_us} us since the last feed by now_us, {counter_us} us by the watchdog's counter")]
    Clocks {
        /// By the supervisor's clock.
        now_us: u32,
        /// By the watchdog's.
        counter_us: u32,
    },
    /// The last round of a question/answer watchdog has not ended: [`Supervisor::poll_round`](crate::Supervisor::poll_round) ends it.
    #[error("the last round has not ended")]
    RoundOpen,
    /// The hardware did not take it.
    #[error("the watchdog could not be fed")]
    Watchdog(E),
}

/// The round of a question/answer watchdog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Round {
    /// None is open.
    None,
    /// The second window is still closed: nothing was written.
    Open {
        /// When it opens.
        due_us: u64,
    },
    /// It has ended.
    Finished,
}

/// Why a round was not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PollError<E> {
    /// The dog has not been armed.
    #[error("the watchdog is not armed")]
    NotArmed,
    /// The dog is armed by another supervisor.
    #[error("the watchdog is armed by another supervisor")]
    OtherSupervisor,
    /// The hardware cannot be reached. The round is still open.
    #[error("the watchdog could not be answered")]
    Watchdog(E),
}

impl<W: Watchdog> Dog<W> {
    /// A dog that owns this watchdog.
    #[must_use]
    pub const fn new(watchdog: W) -> Self {
        Self { watchdog, armed: None, fed: 0 }
    }

    /// Feeds the watchdog. An error is no feed: the count and the instant of the last feed stay, and the next evaluation gives
    /// another permit. A `now_us` before the last feed finds a window closed.
    ///
    /// ```
    /// # use watchdog_core::{Dog, Permit, Watchdog};
    /// fn feed<W: Watchdog>(dog: &mut Dog<W>, permit: Permit<'_>) {
    ///     let _ = dog.feed(permit, 10_000);
    /// }
    /// ```
    ///
    /// Nothing feeds without a permit, and nobody makes one:
    ///
    /// ```compile_fail,E0308
    /// # use watchdog_core::{Dog, Watchdog};
    /// fn feed<W: Watchdog>(dog: &mut Dog<W>) {
    ///     let _ = dog.feed((), 10_000);
    /// }
    /// ```
    ///
    /// ```compile_fail,E0451
    /// # use watchdog_core::{Dog, Permit, Watchdog};
    /// fn feed<W: Watchdog>(dog: &mut Dog<W>) {
    ///     let permit = Permit { until_us: 0, supervisor: 0, cycle: 0, borrowed: core::marker::PhantomData };
    ///     let _ = dog.feed(permit, 10_000);
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`FeedError`]: the permit is not good, the window is closed, the clocks part, or the hardware did not take it.
    pub fn feed(&mut self, permit: Permit<'_>, now_us: u64) -> Result<(), FeedError<W::Error>> {
        let armed = self.armed.as_mut().ok_or(FeedError::NotArmed)?;
        let cycle = permit.cycle;
        armed.judge(&permit, now_us)?;
        if let Some(counter_us) = self.watchdog.counter_us() {
            armed.compare(counter_us, now_us);
        }
        if let Some((now_us, counter_us)) = armed.parted {
            return Err(FeedError::Clocks { now_us, counter_us });
        }
        if self.watchdog.finishes_after_us().is_some() {
            return Err(FeedError::RoundOpen);
        }
        self.watchdog.reload(permit).map_err(FeedError::Watchdog)?;
        (armed.cycle, armed.last_us) = (Some(cycle), now_us);
        self.fed = self.fed.wrapping_add(1);
        Ok(())
    }

    /// Ends the round of a question/answer watchdog, if its second window is open.
    pub(crate) fn finish(
        &mut self,
        supervisor: usize,
        now_us: u64,
    ) -> Result<Round, PollError<W::Error>> {
        let armed = self.armed.as_mut().ok_or(PollError::NotArmed)?;
        if armed.supervisor != supervisor {
            return Err(PollError::OtherSupervisor);
        }
        let Some(after_us) = self.watchdog.finishes_after_us() else { return Ok(Round::None) };
        let due_us = armed.round_us.saturating_add(u64::from(after_us));
        if now_us < due_us {
            return Ok(Round::Open { due_us });
        }
        self.watchdog.finish().map_err(PollError::Watchdog)?;
        armed.round_us = now_us;
        Ok(Round::Finished)
    }

    /// How often the watchdog was fed, wrapping.
    #[must_use]
    pub const fn fed(&self) -> u32 {
        self.fed
    }

    /// When the watchdog was fed last, or armed; `None` before that.
    #[must_use]
    pub fn last_fed_us(&self) -> Option<u64> {
        self.armed.as_ref().map(|armed| armed.last_us)
    }

    /// What the watchdog does now.
    ///
    /// # Errors
    ///
    /// The hardware cannot be reached.
    pub fn state(&mut self) -> Result<State, W::Error> {
        self.watchdog.state()
    }

    pub(crate) const fn is_armed(&self) -> bool {
        self.armed.is_some()
    }

    pub(crate) const fn watchdog(&mut self) -> &mut W {
        &mut self.watchdog
    }

    /// The watchdog runs as the plan says, for this supervisor.
    pub(crate) fn bind(&mut self, supervisor: usize, limits: &'static Limits, now_us: u64) {
        let (last_us, round_us) = (now_us, now_us);
        self.armed =
            Some(Armed { supervisor, limits, cycle: None, last_us, round_us, parted: None });
    }
}

impl Armed {
    fn judge<E>(&self, permit: &Permit<'_>, now_us: u64) -> Result<(), FeedError<E>> {
        if permit.supervisor != self.supervisor {
            return Err(FeedError::OtherSupervisor);
        }
        if now_us > permit.until_us {
            return Err(FeedError::Stale { age_us: now_us - permit.until_us });
        }
        if let Some(fed) = self.cycle {
            if permit.cycle.wrapping_sub(fed).wrapping_sub(1) > u32::MAX / 2 {
                return Err(FeedError::OldCycle { cycle: permit.cycle, fed });
            }
        }
        let opens_in_us = self.limits.opens_us.saturating_sub(self.since_us(now_us));
        if opens_in_us > 0 {
            return Err(FeedError::Closed { opens_in_us });
        }
        Ok(())
    }

    /// The clocks may part by the tolerance of the watchdog's, and by what an evaluation may be late.
    fn compare(&mut self, counter_us: u32, now_us: u64) {
        let since_us = self.since_us(now_us);
        let permille = u64::from(self.limits.clock_permille);
        let apart_us = u64::from(since_us.abs_diff(counter_us));
        let allowed = u64::from(since_us) * permille + u64::from(self.limits.late_max_us) * 1_000;
        if self.parted.is_none() && apart_us * 1_000 > allowed {
            self.parted = Some((since_us, counter_us));
        }
    }

    /// How long ago the last feed was.
    fn since_us(&self, now_us: u64) -> u32 {
        u32::try_from(now_us.saturating_sub(self.last_us)).unwrap_or(u32::MAX)
    }
}

/// How a watchdog was found when it was armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Start {
    /// It stood still, and was started.
    New,
    /// It ran already. Nobody knows when it was fed last, so that the first evaluation gives a permit at once.
    Running,
}

/// Why a watchdog is not armed. Its timeout is never made to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StartError<E> {
    /// It runs with another timeout, and is locked.
    #[error("from {min_us} to {max_us} us asked, it runs with {found_us} us and is locked")]
    RunsOtherwise {
        /// The shortest timeout that was asked for.
        min_us: u32,
        /// The longest.
        max_us: u32,
        /// The timeout with which it runs.
        found_us: u32,
    },
    /// Another timeout was set than was asked for. It runs now, and will not be fed.
    #[error("from {min_us} to {max_us} us asked, {set_us} us set")]
    SetOtherwise {
        /// The shortest timeout that was asked for.
        min_us: u32,
        /// The longest.
        max_us: u32,
        /// The timeout that is really set.
        set_us: u32,
    },
    /// The plan has a second watchdog, and this is one.
    #[error("the plan has two watchdogs, this is one")]
    OneWatchdog,
    /// The dog is armed, by another supervisor.
    #[error("the watchdog is armed by another supervisor")]
    Taken,
    /// The hardware cannot be reached.
    #[error("the watchdog cannot be reached")]
    Watchdog(E),
}

impl<E> StartError<E> {
    fn map<T>(self, watchdog: impl FnOnce(E) -> T) -> StartError<T> {
        match self {
            Self::RunsOtherwise { min_us, max_us, found_us } => {
                StartError::RunsOtherwise { min_us, max_us, found_us }
            }
            Self::SetOtherwise { min_us, max_us, set_us } => {
                StartError::SetOtherwise { min_us, max_us, set_us }
            }
            Self::OneWatchdog => StartError::OneWatchdog,
            Self::Taken => StartError::Taken,
            Self::Watchdog(error) => StartError::Watchdog(watchdog(error)),
        }
    }
}

/// Arms one watchdog, or finds that it runs as the plan says.
fn start_one<W: Watchdog + ?Sized>(
    watchdog: &mut W,
    asked: Hardware,
) -> Result<Start, StartError<W::Error>> {
    let (min_us, max_us) = asked.timeouts_us().into_inner();
    let start = match watchdog.state().map_err(StartError::Watchdog)? {
        State::Running { timeout_us, .. } if asked.accepts(timeout_us) => {
            return Ok(Start::Running);
        }
        State::Running { timeout_us: found_us, is_locked: true } => {
            return Err(StartError::RunsOtherwise { min_us, max_us, found_us });
        }
        State::Running { .. } => Start::Running,
        State::Stopped => Start::New,
    };
    let set_us = watchdog.arm(asked).map_err(StartError::Watchdog)?;
    if !asked.accepts(set_us) {
        return Err(StartError::SetOtherwise { min_us, max_us, set_us });
    }
    Ok(start)
}

/// Two watchdogs that are fed by one permit. The second one has the timeout of
/// [`Builder::second_hardware`](crate::plan::Builder::second_hardware), or that of the first.
///
/// Both are fed even if one cannot be reached: the error says which.
#[derive(Debug)]
pub struct Both<A, B> {
    first: A,
    second: B,
}

/// Which of two watchdogs could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BothError<A, B> {
    /// The first one.
    #[error("the first watchdog cannot be reached")]
    First(A),
    /// The second one.
    #[error("the second watchdog cannot be reached")]
    Second(B),
    /// Both.
    #[error("both watchdogs cannot be reached")]
    Both(A, B),
}

impl<A, B> Both<A, B> {
    /// Two watchdogs.
    #[must_use]
    pub const fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

impl<A: Watchdog, B: Watchdog> Watchdog for Both<A, B> {
    type Error = BothError<A::Error, B::Error>;

    /// The first one's, unless only the second one stands still.
    fn state(&mut self) -> Result<State, Self::Error> {
        let first = self.first.state().map_err(BothError::First)?;
        let second = self.second.state().map_err(BothError::Second)?;
        Ok(if second == State::Stopped { State::Stopped } else { first })
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, Self::Error> {
        let set_us = self.first.arm(asked).map_err(BothError::First)?;
        self.second.arm(asked).map_err(BothError::Second)?;
        Ok(set_us)
    }

    fn reload(&mut self, permit: Permit<'_>) -> Result<(), Self::Error> {
        let first = self.first.reload(permit.split());
        both(first, self.second.reload(permit))
    }

    fn counter_us(&mut self) -> Option<u32> {
        self.first.counter_us().or_else(|| self.second.counter_us())
    }

    /// The later end, where both have a round.
    fn finishes_after_us(&self) -> Option<u32> {
        self.first.finishes_after_us().max(self.second.finishes_after_us())
    }

    fn finish(&mut self) -> Result<(), Self::Error> {
        let first = self.first.finish();
        both(first, self.second.finish())
    }

    /// The first one that runs otherwise.
    fn runs_otherwise(
        &mut self,
        first: Hardware,
        second: Option<Hardware>,
    ) -> Result<Option<State>, Self::Error> {
        let one = self.first.runs_otherwise(first, None).map_err(BothError::First)?;
        let other = self.second.runs_otherwise(second.unwrap_or(first), None);
        Ok(one.or(other.map_err(BothError::Second)?))
    }

    fn start(
        &mut self,
        first: Hardware,
        second: Option<Hardware>,
    ) -> Result<Start, StartError<Self::Error>> {
        let one = self.first.start(first, None).map_err(|error| error.map(BothError::First))?;
        let other = self.second.start(second.unwrap_or(first), None);
        let other = other.map_err(|error| error.map(BothError::Second))?;
        Ok(if one == Start::Running { one } else { other })
    }
}

fn both<A, B>(first: Result<(), A>, second: Result<(), B>) -> Result<(), BothError<A, B>> {
    match (first, second) {
        (Ok(()), Ok(())) => Ok(()),
        (Err(first), Ok(())) => Err(BothError::First(first)),
        (Ok(()), Err(second)) => Err(BothError::Second(second)),
        (Err(first), Err(second)) => Err(BothError::Both(first, second)),
    }
}
