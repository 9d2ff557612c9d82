//! `SF_Equivalent`: two channels that are on together and off together. The states are those of [`two_channels`](super::two_channels).

use super::two_channels::{Inputs, State, TwoChannels};
use crate::lease::Span;

/// The block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Equivalent(TwoChannels);

impl Equivalent {
    /// A block that is not activated. Its channels change together within the discrepancy time.
    #[must_use]
    pub const fn new(discrepancy: Span) -> Self {
        Self(TwoChannels::new(discrepancy))
    }

    /// The state of the last cycle.
    #[must_use]
    pub const fn state(&self) -> State {
        self.0.state()
    }

    /// A cycle with these inputs. A clock that goes backward waits anew.
    pub const fn step(&mut self, inputs: Inputs, now_us: u64) -> State {
        let is_active = inputs.contains(Inputs::ACTIVATE);
        let (a, b) = (inputs.contains(Inputs::A), inputs.contains(Inputs::B));
        self.0.step(is_active, a, b, false, now_us)
    }
}
