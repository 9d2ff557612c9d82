//! What a channel is inside: one state at run time, which the types of [`channel`](super) say at compile time, and
//! [`AnyChannel`](super::AnyChannel) asks for.
//!
//! ```text
//!                base                             edge                       elapsed_us
//!  Unproven      last command (none)              -                          -
//!  Safe          last command                     since when                 -
//!  Armed         last command                     the clearance              -
//!  Running       the start                        the newest sample put      since the last renewal
//!  Stopping      last command                     -                          since the begin of the way
//!  Faulted       last command                     -                          -
//! ```

mod flush;
mod instant;
mod telling;
mod way;

use core::fmt;

use bitflags::Flags;

use self::instant::Instant;
use crate::channel::config::Config;
use crate::channel::refusal::{Cause, Event, NotPut, Put, Refusal, State};
use crate::fault::{Cleared, FaultSet};
use crate::freshness::Fresh;
use crate::loss::Way;
use crate::outputs::{Outputs, Seen};
use crate::published::{Published, Quality};
use crate::refusal::Missing;
use crate::stop::StopCategory;

/// The outputs. Whatever lets them go drives them safe.
struct Guard<O: Outputs>(O);

impl<O: Outputs> Drop for Guard<O> {
    fn drop(&mut self) {
        let _ = self.0.tell_safe();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Unproven,
    Safe,
    Armed,
    ComingBack,
    Running,
    Losing,
    StoppingOne,
    StoppingTwo,
    GoingSafe,
    Faulted,
}

pub(super) struct Body<O: Outputs> {
    guard: Guard<O>,
    config: &'static Config<O::Command>,
    /// What was told last.
    told: O::Command,
    /// Running: what was put last. Stopping: what was told when the way began.
    from: O::Command,
    last: Instant,
    base: Instant,
    edge: Instant,
    elapsed_us: u32,
    /// How long the read back has differed, and 1; 0 if it agrees, `UNREAD` if there is none.
    mismatch_us: u32,
    phase: Phase,
    cause: Cause,
    sequence: u16,
}

impl<O: Outputs> fmt::Debug for Body<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("phase", &self.phase)
            .field("cause", &self.cause)
            .field("last_us", &self.last.as_us())
            .finish_non_exhaustive()
    }
}

/// There was no command.
const NEVER: Instant = Instant::of(u64::MAX);

/// More than any lease and any way: how long it really was is not known from it.
const TOO_LONG: u32 = u32::MAX;

/// Nothing was read back. No difference lasts so long: a [`Span`](crate::Span) is at most ten minutes.
const UNREAD: u32 = u32::MAX;

impl<O: Outputs> Body<O> {
    pub(super) const fn new(outputs: O, config: &'static Config<O::Command>) -> Self {
        Self {
            guard: Guard(outputs),
            config,
            told: O::SAFE,
            from: O::SAFE,
            last: Instant::of(0),
            base: NEVER,
            edge: Instant::of(0),
            elapsed_us: 0,
            mismatch_us: UNREAD,
            phase: Phase::Unproven,
            cause: Cause::PowerUp,
            sequence: 0,
        }
    }

    pub(super) const fn state(&self) -> State {
        match self.phase {
            Phase::Unproven => State::Unproven,
            Phase::Safe => State::Safe,
            Phase::Armed => State::Armed,
            Phase::ComingBack | Phase::Running => State::Running,
            Phase::Losing | Phase::StoppingOne | Phase::StoppingTwo | Phase::GoingSafe => {
                State::Stopping
            }
            Phase::Faulted => State::Faulted,
        }
    }

    pub(super) const fn cause(&self) -> Cause {
        self.cause
    }

    pub(super) const fn seen(&self) -> Seen {
        match self.mismatch_us {
            0 => Seen::Agrees,
            UNREAD => Seen::Unsupported,
            _ => Seen::Differs,
        }
    }

    pub(super) const fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Running)
    }

    /// The safe value is driven and read back.
    pub(super) fn prove(&mut self, now_us: u64) {
        let is_driven =
            matches!(self.phase, Phase::Unproven) && self.advance(now_us) && self.hold_safe();
        if is_driven && self.seen() != Seen::Differs {
            self.be_safe();
        }
    }

    /// A fault is over: the channel has to be proven again.
    pub(super) fn retry(&mut self) {
        if matches!(self.phase, Phase::Faulted) {
            (self.phase, self.mismatch_us) = (Phase::Unproven, UNREAD);
        }
    }

    pub(super) fn arm<F>(&mut self, cleared: &Cleared<F>) -> Result<(), Refusal> {
        let missing = match (self.phase, cleared.acknowledged_us) {
            (Phase::Safe, Some(acknowledged_us)) if acknowledged_us <= self.edge.as_us() => {
                Missing::EdgeAfterSafe { safe_since_us: self.edge.as_us(), acknowledged_us }
            }
            (Phase::Safe, None) if matches!(self.cause, Cause::PowerUp | Cause::Demand) => {
                Missing::Acknowledgement
            }
            (Phase::Safe, _) => {
                self.edge = Instant { low: cleared.set, high: cleared.generation };
                self.phase = Phase::Armed;
                return Ok(());
            }
            _ => Missing::State,
        };
        Err(Refusal { state: self.state(), event: Event::Arm, missing })
    }

    /// The output is given to whoever puts.
    pub(super) fn start<F: Flags, const N: usize>(
        &mut self,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<(), Refusal> {
        let refuse = |state, missing| Refusal { state, event: Event::Start, missing };
        if !matches!(self.phase, Phase::Armed) {
            return Err(refuse(self.state(), Missing::State));
        }
        let Instant { low: set, high: generation } = self.edge;
        if !self.advance(now_us) {
            return Err(refuse(State::Armed, Missing::Clock));
        }
        if let Err(missing) = faults.stands(set, generation) {
            self.cause = Cause::Fault;
            self.be_safe();
            return Err(refuse(State::Armed, missing));
        }
        self.base = Instant::of(now_us);
        // A sample that is taken at the start is new.
        self.edge = Instant::of(now_us.saturating_sub(1));
        (self.elapsed_us, self.from) = (0, self.guard.0.came_back_to());
        self.phase = Phase::ComingBack;
        self.guard.0.begin();
        self.come_back();
        if matches!(self.phase, Phase::Faulted) {
            return Err(refuse(State::Armed, Missing::Drive));
        }
        Ok(())
    }

    pub(super) fn put(
        &mut self,
        command: &Fresh<'_, O::Command>,
        now_us: u64,
    ) -> Result<Put<O::Command>, NotPut> {
        let not_running =
            |body: &Self| NotPut::NotRunning { state: body.state(), cause: body.cause };
        if !matches!(self.phase, Phase::ComingBack | Phase::Running) {
            return Err(not_running(self));
        }
        if !self.advance(now_us) {
            return Err(not_running(self));
        }
        if self.is_lease_over() {
            return Err(not_running(self));
        }
        let (oldest_us, until_us) = (command.oldest_us(), command.valid_until_us());
        if until_us < now_us {
            return Err(NotPut::Stale { until_us });
        }
        let start_us = self.base.as_us();
        if oldest_us < start_us {
            return Err(NotPut::TakenBeforeStart { taken_us: oldest_us, start_us });
        }
        let is_renewed = command.newest_us() > self.edge.as_us();
        if is_renewed {
            self.edge = Instant::of(command.newest_us());
            if !O::IS_STAGED {
                self.elapsed_us = 0;
            }
            self.sequence = self.sequence.wrapping_add(1);
        }
        self.from = command.as_value();
        if matches!(self.phase, Phase::Running) {
            self.tell_wanted();
            self.guard.0.stage(until_us, is_renewed);
        }
        match self.state() {
            State::Running => Ok(Put { told: self.told, is_renewed }),
            _ => Err(not_running(self)),
        }
    }

    /// The outputs are stopped in this call, or begin their way.
    pub(super) fn demand(&mut self, category: StopCategory, cause: Cause, now_us: u64) {
        if matches!(self.phase, Phase::Faulted) {
            self.tick(now_us);
            return;
        }
        if !self.advance(now_us) {
            return;
        }
        // What has ended since the last call has ended: a controlled stop begins where the output is now.
        match (self.phase, category) {
            (_, StopCategory::Zero) => {}
            (Phase::Running | Phase::ComingBack, _) => {
                self.is_lease_over();
            }
            (Phase::Losing | Phase::StoppingOne | Phase::StoppingTwo | Phase::GoingSafe, _) => {
                self.step();
            }
            _ => {}
        }
        match (self.phase, category) {
            (Phase::Unproven, _) => {
                self.hold_safe();
            }
            (Phase::Safe | Phase::Armed, _) => {
                if self.hold_safe() {
                    self.cause = cause;
                    self.be_safe();
                }
            }
            (Phase::Faulted, _) => {}
            (_, StopCategory::Zero) => {
                self.leave_running();
                self.cause = cause;
                self.tell_safe_now();
            }
            // What is not up yet has nothing to ramp down.
            (Phase::ComingBack, _) => self.begin(Phase::GoingSafe, cause, 0),
            (Phase::Running | Phase::Losing | Phase::StoppingTwo, StopCategory::One) => {
                self.begin(Phase::StoppingOne, cause, 0);
            }
            (Phase::Running | Phase::Losing, StopCategory::Two) => {
                self.begin(Phase::StoppingTwo, cause, 0);
            }
            (Phase::StoppingOne | Phase::StoppingTwo | Phase::GoingSafe, _) => self.cause = cause,
        }
    }

    /// Stops the outputs for a fault of the set, and goes on otherwise.
    pub(super) fn heed<F: Flags, const N: usize>(
        &mut self,
        faults: &FaultSet<F, N>,
        category: StopCategory,
        now_us: u64,
    ) {
        let runs = matches!(self.phase, Phase::ComingBack | Phase::Running);
        if runs && faults.stops(now_us) {
            self.demand(category, Cause::Fault, now_us);
        } else {
            self.tick(now_us);
        }
    }

    /// Time goes on: a safe value is driven again, a lease ends, a way goes on.
    pub(super) fn tick(&mut self, now_us: u64) {
        if matches!(self.phase, Phase::Faulted) {
            self.last = Instant::of(self.last.as_us().max(now_us));
            let _ = self.guard.0.tell_safe();
            return;
        }
        if !self.advance(now_us) {
            return;
        }
        match self.phase {
            Phase::Unproven | Phase::Safe | Phase::Armed => {
                self.hold_safe();
            }
            Phase::ComingBack | Phase::Running => {
                if self.is_lease_over() {
                    return;
                }
                if !self.guard.0.is_fed_back() {
                    return self.fail(Cause::FeedbackLost);
                }
                if matches!(self.phase, Phase::ComingBack) {
                    return self.come_back();
                }
                self.tell_wanted();
                if matches!(self.phase, Phase::Running) {
                    self.watch();
                }
            }
            _ => self.step(),
        }
    }

    pub(super) fn published(&self, now_us: u64) -> Published<O::Command> {
        let now_us = now_us.max(self.last.as_us());
        let since_us = |then: Instant| now_us.saturating_sub(then.as_us());
        let (quality, age_us) = match self.phase {
            Phase::Running | Phase::ComingBack => {
                let age_us = u64::from(self.elapsed_us).saturating_add(since_us(self.last));
                let quality = match self.phase {
                    Phase::ComingBack => Quality::Substitute,
                    // Nobody has looked since the lease ended.
                    _ if age_us >= u64::from(self.config.lease.as_us()) => Quality::Held,
                    _ => Quality::Good,
                };
                (quality, Some(age_us))
            }
            phase => {
                let quality = match phase {
                    Phase::Losing => match self.config.on_loss.at(self.from, self.elapsed_us) {
                        Way::On(_, quality) => quality,
                        Way::Ended(_) => Quality::Bad,
                    },
                    Phase::StoppingOne | Phase::StoppingTwo => Quality::Substitute,
                    _ => Quality::Bad,
                };
                (quality, (self.base != NEVER).then(|| since_us(self.base)))
            }
        };
        Published::new(self.told, quality, age_us, self.sequence)
    }

    /// Time goes on; `false` where it went backward, or a write was dropped, which are faults.
    fn advance(&mut self, now_us: u64) -> bool {
        if self.guard.0.is_abandoned() {
            self.last = Instant::of(self.last.as_us().max(now_us));
            self.fail(Cause::WriteAbandoned);
            return false;
        }
        let Some(delta_us) = now_us.checked_sub(self.last.as_us()) else {
            self.fail(Cause::ClockBackward);
            return false;
        };
        let delta_us = u32::try_from(delta_us).unwrap_or(u32::MAX);
        let elapsed_us = self.elapsed_us.saturating_add(delta_us);
        if elapsed_us == TOO_LONG {
            self.leave_running();
        }
        (self.last, self.elapsed_us) = (Instant::of(now_us), elapsed_us);
        if self.seen() == Seen::Differs {
            // No `UNREAD`, however long it lasts.
            self.mismatch_us = self.mismatch_us.saturating_add(delta_us).min(UNREAD - 1);
        }
        true
    }

    /// Only while it runs.
    const fn since_start_us(&self) -> u64 {
        self.last.as_us().saturating_sub(self.base.as_us())
    }

    const fn be_safe(&mut self) {
        self.phase = Phase::Safe;
        self.edge = self.last;
    }

    fn fail(&mut self, cause: Cause) {
        let _ = self.guard.0.tell_safe();
        self.leave_running();
        self.told = O::SAFE;
        (self.phase, self.cause) = (Phase::Faulted, cause);
    }

    /// From here on the age is that of the last renewal.
    fn leave_running(&mut self) {
        if matches!(self.phase, Phase::Running | Phase::ComingBack) && self.elapsed_us != TOO_LONG {
            let renewed_us = self.last.as_us().saturating_sub(u64::from(self.elapsed_us));
            self.base = Instant::of(renewed_us);
        }
    }
}
