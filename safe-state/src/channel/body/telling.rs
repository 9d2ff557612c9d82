//! Telling the outputs, and looking whether they do it.

use super::{Body, Phase, UNREAD};
use crate::channel::refusal::Cause;
use crate::command::Command;
use crate::outputs::{Outputs, Progress, Seen};

impl<O: Outputs> Body<O> {
    pub(super) fn go_safe(&mut self) {
        match self.guard.0.go_safe(self.elapsed_us) {
            Ok(Progress::Done) => {
                self.told = O::SAFE;
                self.be_safe();
                self.watch();
            }
            Ok(Progress::Waiting | Progress::Missing) => {}
            Err(_) => self.fail(Cause::DriveFailed),
        }
    }

    pub(super) fn come_back(&mut self) {
        let since_us = self.since_start_us();
        match self.guard.0.come_back(u32::try_from(since_us).unwrap_or(u32::MAX)) {
            Ok(Progress::Done) => {
                self.phase = Phase::Running;
                self.told = self.guard.0.came_back_to();
            }
            Ok(Progress::Waiting) => {}
            Ok(Progress::Missing) => self.fail(Cause::FeedbackMissing),
            Err(_) => self.fail(Cause::DriveFailed),
        }
    }

    /// Tells the command that was put last, limited to where the ramp after a start is by now.
    pub(super) fn tell_wanted(&mut self) {
        let mut command = self.from;
        let since_us = self.since_start_us();
        if let (1.., Ok(since_us)) = (self.config.come_back, u32::try_from(since_us)) {
            let units = u64::from(since_us).wrapping_mul(u64::from(self.config.come_back)) >> 32;
            command = command.within(O::SAFE, u32::try_from(units).unwrap_or(u32::MAX));
        }
        self.tell(command);
    }

    pub(super) fn tell(&mut self, command: O::Command) -> bool {
        match self.guard.0.tell(command) {
            Ok(()) => {
                self.told = command;
                true
            }
            Err(_) => {
                self.fail(Cause::DriveFailed);
                false
            }
        }
    }

    pub(super) fn tell_safe_now(&mut self) {
        match self.guard.0.tell_safe() {
            Ok(()) => {
                self.told = O::SAFE;
                self.be_safe();
                self.watch();
            }
            Err(_) => self.fail(Cause::DriveFailed),
        }
    }

    /// Drives the safe value again; whether that was possible, and the read back is within its time.
    pub(super) fn hold_safe(&mut self) -> bool {
        self.told = O::SAFE;
        match self.guard.0.tell_safe() {
            Ok(()) => {
                self.watch();
                !matches!(self.phase, Phase::Faulted)
            }
            Err(_) => {
                self.fail(Cause::DriveFailed);
                false
            }
        }
    }

    /// Looks whether the outputs do what they were told.
    pub(super) fn watch(&mut self) {
        match self.guard.0.look(self.told) {
            Seen::Agrees => self.mismatch_us = 0,
            Seen::Unsupported => self.mismatch_us = UNREAD,
            Seen::Differs => {
                if matches!(self.mismatch_us, 0 | UNREAD) {
                    // The difference is timed from this look on.
                    self.mismatch_us = 1;
                }
                if self.mismatch_us > self.config.mismatch_us {
                    self.fail(Cause::Mismatch);
                }
            }
        }
    }
}
