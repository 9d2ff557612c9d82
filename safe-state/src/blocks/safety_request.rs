//! `SF_SafetyRequest`: a safe mode that is requested of an actuator, which acknowledges it in time. The states are those of
//! [`monitored`](super::monitored).

use super::monitored::{Inputs, Kind, Monitored, State};
use crate::lease::Span;

/// The block. [`State::is_on`] is `S_SafetyActive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SafetyRequest(Monitored);

impl SafetyRequest {
    /// A block that is not activated. The safe mode is acknowledged within the monitoring time, which counts from the request.
    #[must_use]
    pub const fn new(monitoring: Span) -> Self {
        Self(Monitored::new(monitoring))
    }

    /// The state of the last cycle.
    #[must_use]
    pub const fn state(&self) -> State {
        self.0.state()
    }

    /// Whether the actuator may leave its safe mode (`S_SafetyRequest`): it is not requested.
    #[must_use]
    pub const fn is_released(&self) -> bool {
        matches!(self.0.state(), State::OperatingMode | State::NotDemanded)
    }

    /// A cycle with these inputs. A clock that goes backward waits for longer.
    pub const fn step(&mut self, inputs: Inputs, now_us: u64) -> State {
        self.0.step(inputs, Kind::Request, now_us)
    }
}
