//! The way of an output to its safe value, after the end of its lease or in a controlled stop.

use super::{Body, Phase};
use crate::channel::refusal::Cause;
use crate::loss::Way;
use crate::outputs::Outputs;

impl<O: Outputs> Body<O> {
    /// Whether the lease has ended: the loss then began when it ended.
    pub(super) fn is_lease_over(&mut self) -> bool {
        let Some(over_us) = self.elapsed_us.checked_sub(self.config.lease.as_us()) else {
            return false;
        };
        let phase = match self.phase {
            Phase::ComingBack => Phase::GoingSafe,
            _ => Phase::Losing,
        };
        self.begin(phase, Cause::LeaseEnded, over_us);
        true
    }

    /// A way begins, so long ago.
    pub(super) fn begin(&mut self, phase: Phase, cause: Cause, elapsed_us: u32) {
        self.leave_running();
        (self.phase, self.cause) = (phase, cause);
        (self.from, self.elapsed_us) = (self.told, elapsed_us);
        self.guard.0.begin();
        self.step();
    }

    /// A way goes on.
    pub(super) fn step(&mut self) {
        let config = self.config;
        let way = match self.phase {
            Phase::Losing => config.on_loss.at(self.from, self.elapsed_us),
            Phase::StoppingOne => match &config.stop_1 {
                Some(stop) => stop.at(self.from, self.elapsed_us),
                None => Way::Ended(self.elapsed_us),
            },
            Phase::StoppingTwo => match &config.stop_2 {
                Some(stop) => stop.at(self.from, self.elapsed_us),
                None => Way::Ended(self.elapsed_us),
            },
            _ => return self.go_safe(),
        };
        let command = match way {
            Way::On(command, _) => command,
            Way::Ended(since_us) => {
                (self.phase, self.elapsed_us) = (Phase::GoingSafe, since_us);
                self.guard.0.begin();
                return self.go_safe();
            }
        };
        let was_told = self.told;
        if !self.tell(command) {
            return;
        }
        let stop_1 = config.stop_1.as_ref().filter(|stop| stop.is_monitored());
        match (self.phase, stop_1, &config.stop_2) {
            (Phase::StoppingOne, Some(stop), _) => {
                let read = self.guard.0.read();
                if !stop.follows(was_told, read) {
                    self.fail(Cause::RampLeft);
                }
            }
            (Phase::StoppingTwo, _, Some(stop)) => {
                let read = self.guard.0.read();
                if !stop.stands(self.elapsed_us, read) {
                    self.fail(Cause::StandstillLeft);
                }
            }
            _ => self.watch(),
        }
    }
}
