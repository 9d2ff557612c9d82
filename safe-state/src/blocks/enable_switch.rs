//! `SF_EnableSwitch`: a switch of three positions. Position 2 enables, coming from 1; letting go (1) and cramping (3) do not.
//!
//! ```text
//!  position   channel 1   channel 2
//!  1          off         on           released
//!  2          on          on           the output
//!  3          -           off          pressed through
//!
//!  state   what                                 next, from the top; without the safe mode all of them become 8004
//!  8004    the safe mode is not active          8005
//!  8005    the safe mode is active              8006 in position 1, else C010
//!  8006    position 1                           8000 in position 2, 8007 in 3
//!  8000    position 2: the output               8006 in position 1, 8007 in 3
//!  8007    position 3                           8006 in position 1, C030 in 2
//!  C010    not position 1 at the start          C020 in position 1
//!  C020    position 1, not acknowledged         C010 in 2 and 3; 8006 with an edge of Reset or AutoReset; C001 if Reset is held
//!  C001    Reset was held                       C020 when it is let go
//!  C030    position 2, coming from 3            C040 in 1 and 3
//!  C040    left again, not acknowledged         C030 in position 2; 8007 with an edge of Reset or AutoReset; C002 if Reset is held
//!  C002    Reset was held                       C040 when it is let go
//! ```

use bitflags::bitflags;

use super::codes;

bitflags! {
    /// The inputs of a cycle, in one byte.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Inputs: u8 {
        /// The block is activated.
        const ACTIVATE = 1 << 0;
        /// The safe mode is active, in which the switch enables (`S_SafetyActive`).
        const SAFETY_ACTIVE = 1 << 1;
        /// The first channel of the switch (`S_EnableSwitchCh1`).
        const CHANNEL_1 = 1 << 2;
        /// The second channel of the switch (`S_EnableSwitchCh2`).
        const CHANNEL_2 = 1 << 3;
        /// An error is left without a reset.
        const AUTO_RESET = 1 << 4;
        /// The reset button.
        const RESET = 1 << 5;
    }
}

/// The state of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u16)]
pub enum State {
    /// The block is not activated.
    Idle = 0x0000,
    /// Position 2: the output is on.
    Position2 = 0x8000,
    /// The safe mode is not active.
    BasicOperation = 0x8004,
    /// The safe mode is active.
    SafeOperation = 0x8005,
    /// Position 1.
    Position1 = 0x8006,
    /// Position 3.
    Position3 = 0x8007,
    /// The reset was held when C020 was to be left.
    ResetError1 = 0xC001,
    /// The reset was held when C040 was to be left.
    ResetError2 = 0xC002,
    /// The switch was not in position 1 when the safe mode began.
    OperationError1 = 0xC010,
    /// The switch is in position 1 after that, not acknowledged.
    OperationError2 = 0xC020,
    /// The switch came into position 2 from 3.
    OperationError3 = 0xC030,
    /// The switch has left position 2 after that, not acknowledged.
    OperationError4 = 0xC040,
}

codes!(State);

impl State {
    /// The diagnostic code (`DiagCode`).
    #[must_use]
    pub const fn diag_code(self) -> u16 {
        self as u16
    }
}

/// The block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnableSwitch {
    state: State,
    was_reset: bool,
}

impl EnableSwitch {
    /// A block that is not activated.
    #[must_use]
    #[allow(clippy::new_without_default)] // It lives in a `static`.
    pub const fn new() -> Self {
        Self { state: State::Idle, was_reset: false }
    }

    /// The state of the last cycle.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// A cycle with these inputs.
    pub const fn step(&mut self, inputs: Inputs) -> State {
        let is_reset = inputs.contains(Inputs::RESET);
        let is_edge = is_reset && !self.was_reset;
        self.was_reset = is_reset;
        let is_acknowledged = is_edge || inputs.contains(Inputs::AUTO_RESET);
        let (one, two) = (inputs.contains(Inputs::CHANNEL_1), inputs.contains(Inputs::CHANNEL_2));
        let position = match (one, two) {
            (false, true) => 1,
            (true, true) => 2,
            (_, false) => 3,
        };
        self.state = match (self.state, position) {
            _ if !inputs.contains(Inputs::ACTIVATE) => State::Idle,
            (State::Idle, _) => State::BasicOperation,
            _ if !inputs.contains(Inputs::SAFETY_ACTIVE) => State::BasicOperation,
            (State::BasicOperation, _) => State::SafeOperation,
            (State::SafeOperation | State::Position2 | State::Position3, 1) => State::Position1,
            (State::SafeOperation, _) => State::OperationError1,
            (State::Position1, 2) => State::Position2,
            (State::Position1 | State::Position2, 3) => State::Position3,
            (State::Position3, 2) => State::OperationError3,
            (State::OperationError1, 1) => State::OperationError2,
            (State::OperationError2, 2 | 3) => State::OperationError1,
            (State::OperationError2, _) if is_acknowledged => State::Position1,
            (State::OperationError2, _) if is_reset => State::ResetError1,
            (State::ResetError1, _) if !is_reset => State::OperationError2,
            (State::OperationError3, 1 | 3) => State::OperationError4,
            (State::OperationError4, 2) => State::OperationError3,
            (State::OperationError4, _) if is_acknowledged => State::Position3,
            (State::OperationError4, _) if is_reset => State::ResetError2,
            (State::ResetError2, _) if !is_reset => State::OperationError4,
            (stays, _) => stays,
        };
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inputs of a position, active and in the safe mode.
    fn at(position: u8) -> Inputs {
        let channels = match position {
            1 => Inputs::CHANNEL_2,
            2 => Inputs::CHANNEL_1 | Inputs::CHANNEL_2,
            _ => Inputs::empty(),
        };
        Inputs::ACTIVATE | Inputs::SAFETY_ACTIVE | channels
    }

    #[test]
    fn after_position_3_the_way_back_needs_an_edge_outside_of_position_2() {
        let mut switch = EnableSwitch::new();
        for (position, state) in [
            (1, State::BasicOperation),
            (1, State::SafeOperation),
            (1, State::Position1),
            (2, State::Position2),
            (3, State::Position3),
            (2, State::OperationError3),
            (3, State::OperationError4),
            (2, State::OperationError3),
            (1, State::OperationError4),
            (3, State::OperationError4),
        ] {
            assert_eq!(switch.step(at(position)), state);
        }
        // The reset was held when the state was entered: that is no edge.
        let (mut held, reset) = (switch, Inputs::RESET);
        assert_eq!(held.step(at(2) | reset), State::OperationError3);
        assert_eq!(held.step(at(3) | reset), State::OperationError4);
        assert_eq!(held.step(at(3) | reset), State::ResetError2);
        assert_eq!(held.step(at(3) | reset), State::ResetError2);
        assert_eq!(held.step(at(3)), State::OperationError4);
        assert_eq!(switch.step(at(3) | reset), State::Position3);
    }
}
