//! `SF_ESPE`: an electro-sensitive protective equipment, a light curtain. A field that is free lets its output on, after a reset: the
//! states are those of [`EmergencyStop`](super::EmergencyStop).

use super::emergency_stop::{EmergencyStop, Inputs, State};

/// The block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Espe(EmergencyStop);

impl Espe {
    /// A block that is not activated.
    #[must_use]
    #[allow(clippy::new_without_default)] // It lives in a `static`.
    pub const fn new() -> Self {
        Self(EmergencyStop::new())
    }

    /// The state of the last cycle.
    #[must_use]
    pub const fn state(&self) -> State {
        self.0.state()
    }

    /// A cycle with these inputs.
    pub fn step(&mut self, inputs: Inputs) -> State {
        self.0.step(inputs)
    }
}
