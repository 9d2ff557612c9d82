//! Mode switches, and the way into a bounded mode and out of it.

use super::Core;
use crate::cells::Phase;
use crate::culprit::{Cause, Culprit};
use crate::entity_id::EntityId;
use crate::mode::{Budget, During, Mode};
use crate::retained::RunMode;
use crate::status::{GlobalStatus, Record};
use crate::window::{Dog, State, Watchdog};

/// Why a mode was not switched. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SwitchError {
    /// The plan has no such mode.
    #[error("the plan has no mode {}", mode.as_raw())]
    Unknown {
        /// The mode.
        mode: Mode,
    },
    /// A mode is switched only in `Ok` and `Failed`.
    #[error("the status is {status:?}")]
    Status {
        /// The global status.
        status: GlobalStatus,
    },
    /// The start-up has not ended.
    #[error("the start-up has not ended")]
    StartUp,
    /// A bounded mode must be left first.
    #[error("mode {} must be left first", mode.as_raw())]
    Bounded {
        /// The bounded mode that runs.
        mode: Mode,
    },
    /// An active entity has not been judged since the last switch: one that is never judged cannot be fed for.
    #[error("entity {} has not been judged since the last switch", entity.index())]
    NotJudged {
        /// The first such entity.
        entity: EntityId,
    },
    /// An active entity has not been judged good since the last bounded mode.
    #[error("entity {} has not been judged good since the last bounded mode", entity.index())]
    NotJudgedGood {
        /// The first such entity.
        entity: EntityId,
    },
}

/// Why a bounded mode was not left, or what was wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LeaveError<E> {
    /// No bounded mode runs.
    #[error("no bounded mode runs")]
    NotBounded,
    /// The mode has overrun its budget: the next evaluation stops.
    #[error("{took_us} us of {budget_us}")]
    Overrun {
        /// How long the mode was, in microseconds.
        took_us: u64,
        /// Its budget, in microseconds.
        budget_us: u32,
    },
    /// The watchdog does not run as the plan says: the next evaluation stops.
    #[error("the watchdog does not run as the plan says")]
    NotRunning {
        /// What it does.
        state: State,
    },
    /// The supervisor has stopped.
    #[error("stopped")]
    Stopped,
    /// The watchdog cannot be asked. The mode goes on.
    #[error("the watchdog cannot be asked")]
    Watchdog(E),
}

impl<const N: usize, const D: usize, const F: usize> Core<N, D, F> {
    pub(super) fn switch(&mut self, mode: Mode, now_us: u64) -> Result<(), SwitchError> {
        let status = self.own.status;
        if !matches!(status, GlobalStatus::Ok | GlobalStatus::Failed) {
            return Err(SwitchError::Status { status });
        }
        match self.own.phase {
            Phase::StartUp => return Err(SwitchError::StartUp),
            Phase::Stopped => return Err(SwitchError::Status { status }),
            Phase::Bounded(index) => {
                let mode = self.shared.plan.bounded(index).map_or(mode, |(mode, _)| mode);
                return Err(SwitchError::Bounded { mode });
            }
            Phase::Supervising => {}
        }
        if self.shared.plan.is_supervised(mode) {
            self.all_are(Record::is_judged, |entity| SwitchError::NotJudged { entity })?;
            self.activate(mode);
            self.own.mode = mode;
            self.shared.boot.set_mode(RunMode::Supervised(mode));
            return Ok(());
        }
        let (index, _) = self.shared.plan.row(mode).ok_or(SwitchError::Unknown { mode })?;
        self.all_are(Record::is_judged, |entity| SwitchError::NotJudged { entity })?;
        self.all_are(Record::is_judged_good, |entity| SwitchError::NotJudgedGood { entity })?;
        for cell in &self.shared.entities {
            let mut record = cell.record();
            record.begin_bounded();
            cell.set_record(record);
        }
        self.own.since_us = now_us;
        self.own.phase = Phase::Bounded(u8::try_from(index).unwrap_or(u8::MAX));
        self.shared.boot.set_mode(RunMode::Bounded(mode));
        Ok(())
    }

    pub(super) fn leave<W: Watchdog>(
        &mut self,
        dog: &mut Dog<W>,
        now_us: u64,
    ) -> Result<(), LeaveError<W::Error>> {
        if self.own.status == GlobalStatus::Stopped {
            return Err(LeaveError::Stopped);
        }
        let (mode, Budget { us: budget_us, during, .. }) =
            self.bounded().ok_or(LeaveError::NotBounded)?;
        let took_us = now_us.saturating_sub(self.own.since_us);
        if took_us > u64::from(budget_us) {
            let cause = Cause::Overrun { mode, budget_us };
            self.stop(Culprit { cause, at_us: now_us });
            return Err(LeaveError::Overrun { took_us, budget_us });
        }
        if during == During::WatchdogPaused {
            let plan = self.shared.plan;
            let found = dog.watchdog().runs_otherwise(plan.hardware(), plan.second_hardware());
            if let Some(state) = found.map_err(LeaveError::Watchdog)? {
                let cause = Cause::NotRunning { mode };
                self.stop(Culprit { cause, at_us: now_us });
                return Err(LeaveError::NotRunning { state });
            }
        }
        self.own.phase = Phase::Supervising;
        self.shared.boot.set_mode(RunMode::Supervised(self.own.mode));
        if during == During::Evaluating {
            self.begin_epoch(1);
        } else {
            // Nothing was evaluated: the cycles begin anew.
            self.own.due_us = now_us.saturating_add(u64::from(self.shared.plan.cycle_us));
            self.begin_epoch(0);
        }
        Ok(())
    }

    /// The watchdog is never fed again.
    fn stop(&mut self, culprit: Culprit) {
        self.own.blame(culprit, 0);
        self.record();
        let _verdict = self.own.stop();
    }

    pub(super) fn bounded_mode(&self) -> Option<Mode> {
        self.bounded().map(|(mode, _)| mode)
    }

    /// The bounded mode that runs.
    pub(super) fn bounded(&self) -> Option<(Mode, Budget)> {
        match self.own.phase {
            Phase::Bounded(index) => self.shared.plan.bounded(index),
            Phase::StartUp | Phase::Supervising | Phase::Stopped => None,
        }
    }

    /// Whether every entity that is supervised and withholds the permit was judged so.
    fn all_are(
        &self,
        is_judged: fn(Record) -> bool,
        error: fn(EntityId) -> SwitchError,
    ) -> Result<(), SwitchError> {
        for (row, cell) in self.shared.plan.entities.iter().zip(&self.shared.entities) {
            let record = cell.record();
            if record.is_supervised() && !row.is_advisory && !is_judged(record) {
                return Err(error(EntityId::new(row.index)));
            }
        }
        Ok(())
    }
}
