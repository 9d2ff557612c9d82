//! The inside of a machine by typestate, and of one whose state is asked at run time.

use bitflags::Flags;

use super::{Config, Event, Refusal, State};
use crate::fault::{Cleared, FaultSet, Severity};
use crate::refusal::Missing;

/// The inside of `Machine` and `AnyMachine`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Core {
    pub(super) config: &'static Config,
    pub(super) state: State,
    /// Since when it is in its state, or since the last demand in it.
    pub(super) since_us: u64,
    /// Restarts by itself since the last acknowledgement.
    restarts: u16,
    /// Somebody has demanded its safe state: it does not restart by itself.
    is_demanded: bool,
    /// What led to its state; `None` after the power came, or a reset.
    pub(super) cause: Option<Event>,
}

impl Core {
    pub(super) const fn new(config: &'static Config, now_us: u64) -> Self {
        let state = State::Startup;
        Self { config, state, since_us: now_us, restarts: 0, is_demanded: true, cause: None }
    }

    /// Takes an event. The state begins anew with each that changes it, and with a demand.
    pub(super) fn take(&mut self, event: Event, now_us: u64) -> Result<(), Refusal> {
        match self.state.after(event) {
            Some(next) => {
                if next != self.state || event == Event::Demand {
                    (self.state, self.since_us) = (next, now_us);
                    self.cause = Some(event);
                }
                Ok(())
            }
            None => Err(self.refusal(event, Missing::State)),
        }
    }

    pub(super) const fn refusal(&self, event: Event, missing: Missing) -> Refusal {
        Refusal { state: self.state, event, missing }
    }

    pub(super) fn operate<F: Flags, const N: usize>(
        &mut self,
        cleared: &Cleared<F>,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<(), Refusal> {
        let event = Event::Cleared;
        faults
            .stands(cleared.set, cleared.generation)
            .map_err(|missing| self.refusal(event, missing))?;
        if cleared.acknowledged_us.is_none_or(|at_us| at_us <= self.since_us) {
            return Err(self.refusal(event, Missing::Acknowledgement));
        }
        self.take(event, now_us)?;
        (self.restarts, self.is_demanded) = (0, false);
        Ok(())
    }

    pub(super) fn demand(&mut self, now_us: u64) {
        self.is_demanded = true;
        let _ = self.take(Event::Demand, now_us);
    }

    pub(super) fn restart<F: Flags, const N: usize>(
        &mut self,
        faults: &FaultSet<F, N>,
        now_us: u64,
    ) -> Result<Cleared<F>, Refusal> {
        let event = Event::Restart;
        if self.state.after(event).is_none() {
            return Err(self.refusal(event, Missing::State));
        }
        if self.is_demanded {
            return Err(self.refusal(event, Missing::Acknowledgement));
        }
        let cleared = faults.automatic().map_err(|why| self.refusal(event, Missing::Clear(why)))?;
        if self.restarts >= self.config.restarts_max {
            let refusal = self.refusal(event, Missing::Restarts { max: self.config.restarts_max });
            self.take(Event::Lock, now_us)?;
            return Err(refusal);
        }
        self.restarts = self.restarts.saturating_add(1);
        self.take(event, now_us)?;
        Ok(cleared)
    }

    pub(super) fn heed(&mut self, worst: Option<Severity>, now_us: u64) {
        let event = match worst {
            Some(Severity::Lockout) => Event::Lock,
            Some(Severity::Stop) => Event::Demand,
            Some(Severity::Degrade) => Event::Degrade,
            Some(Severity::Notice) | None => Event::Restore,
        };
        // In a state without the event it changes nothing.
        let _ = self.take(event, now_us);
        self.tick(now_us);
    }

    /// The state and the restarts, and their complement.
    #[allow(clippy::cast_possible_truncation)] // A place among the states.
    pub(super) const fn kept(&self) -> [u32; 2] {
        let [low, high] = self.restarts.to_le_bytes();
        let word = u32::from_le_bytes([low, high, self.state as u8, self.is_demanded as u8]);
        [word, !word]
    }

    /// A machine after a reset. Words that are not whole may have been those of one that was locked.
    pub(super) fn restored(words: [u32; 2], config: &'static Config, now_us: u64) -> Self {
        let new = Self::new(config, now_us);
        let [word, check] = words;
        let [low, high, state, is_demanded] = word.to_le_bytes();
        match State::ALL.get(usize::from(state)) {
            Some(state) if check == !word && is_demanded <= 1 => Self {
                state: if *state == State::Lockout { State::Lockout } else { State::Startup },
                restarts: u16::from_le_bytes([low, high]),
                is_demanded: is_demanded == 1,
                ..new
            },
            _ => Self { state: State::Lockout, ..new },
        }
    }

    pub(super) fn tick(&mut self, now_us: u64) {
        let since_us = now_us.saturating_sub(self.since_us);
        if since_us >= u64::from(self.config.degraded_us) {
            let _ = self.take(Event::DegradedOver, now_us);
        }
    }
}
