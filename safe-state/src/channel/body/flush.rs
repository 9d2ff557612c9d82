//! Writing what was staged.

use super::{Body, Phase};
use crate::channel::refusal::{Cause, NotPut, State};
use crate::staged::{AsyncActuator, Staged};

impl<A: AsyncActuator> Body<Staged<A>> {
    pub(in crate::channel) async fn flush(&mut self, now_us: u64) -> Result<(), NotPut> {
        if matches!(self.state(), State::Running | State::Stopping) {
            self.write(now_us).await;
        }
        match self.state() {
            State::Running | State::Stopping => Ok(()),
            state => Err(NotPut::NotRunning { state, cause: self.cause }),
        }
    }

    async fn write(&mut self, now_us: u64) {
        if !self.advance(now_us) {
            return;
        }
        if matches!(self.phase, Phase::Running | Phase::ComingBack) {
            self.is_lease_over();
        }
        let Some((command, until_us)) = self.guard.0.next() else { return };
        if until_us < now_us && matches!(self.phase, Phase::Running) {
            self.leave_running();
            self.cause = Cause::CommandStale;
            return self.tell_safe_now();
        }
        match self.guard.0.write(command).await {
            Ok(true) if matches!(self.phase, Phase::Running) => self.elapsed_us = 0,
            Ok(_) => {}
            Err(_) => self.fail(Cause::DriveFailed),
        }
    }
}
