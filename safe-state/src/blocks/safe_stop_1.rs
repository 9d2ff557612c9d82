//! `SF_SafeStop1`: a drive that is stopped in a controlled way, and acknowledges its standstill in time. The states are those of
//! [`monitored`](super::monitored).

use super::monitored::{Inputs, Kind, Monitored, State};
use crate::lease::Span;

/// The block. [`State::is_on`] is `S_Stopped`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SafeStop1(Monitored);

impl SafeStop1 {
    /// A block that is not activated. The standstill is acknowledged within the monitoring time, which counts from the stop.
    #[must_use]
    pub const fn new(monitoring: Span) -> Self {
        Self(Monitored::new(monitoring))
    }

    /// The state of the last cycle.
    #[must_use]
    pub const fn state(&self) -> State {
        self.0.state()
    }

    /// A cycle with these inputs. A clock that goes backward waits for longer.
    pub const fn step(&mut self, inputs: Inputs, now_us: u64) -> State {
        self.0.step(inputs, Kind::Stop, now_us)
    }
}
