//! `SF_EmergencyStop`: a stop that is not pressed lets its output on, after a reset.
//!
//! ```text
//!  state   what it waits for                       next, from the top
//!  0000    activation                              8001
//!  8001    -                                       8002; with StartReset 8004 if the stop is pressed, else 8000
//!  8002    the stop, released                      8003
//!  8003    a reset                                 C001 if it is held; 8002 if the stop is pressed; 8000 with an edge
//!  C001    the reset, released                     8003
//!  8004    the stop, released                      8005, with AutoReset 8000
//!  8005    a reset                                 C002 if it is held; 8004 if the stop is pressed; 8000 with an edge, or AutoReset
//!  C002    the reset, released                     8005
//!  8000    the stop                                8004
//! ```
//!
//! Without activation every state becomes 0000 at once. The edge of the reset is followed there too.

use bitflags::bitflags;

bitflags! {
    /// The inputs of a cycle, in one byte.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Inputs: u8 {
        /// The block is activated.
        const ACTIVATE = 1 << 0;
        /// The stop is not pressed (`S_EStopIn`), or the field is free (`S_ESPE_In`).
        const IN = 1 << 1;
        /// The block starts without a reset. Only where nothing can start by it.
        const START_RESET = 1 << 2;
        /// The output comes back without a reset. Only where nothing can start by it.
        const AUTO_RESET = 1 << 3;
        /// The reset button.
        const RESET = 1 << 4;
    }
}

/// The state of the block, in the order of the codes: those of 8000 to 8005 and of C001 to C002 follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// The block is not activated.
    Idle,
    /// The output is on.
    Enabled,
    /// The block was activated in this cycle.
    Init,
    /// After the start the stop is pressed.
    WaitForIn1,
    /// After the start a reset is missing.
    WaitForReset1,
    /// The stop is pressed.
    WaitForIn2,
    /// After the stop a reset is missing.
    WaitForReset2,
    /// The reset was held when it was waited for, after the start.
    ResetError1,
    /// The reset was held when it was waited for, after the stop.
    ResetError2,
}

impl State {
    /// The diagnostic code (`DiagCode`).
    #[must_use]
    pub const fn diag_code(self) -> u16 {
        let place = self as u16;
        match self {
            Self::Idle => 0x0000,
            Self::ResetError1 | Self::ResetError2 => {
                0xC001_u16.wrapping_add(place).wrapping_sub(Self::ResetError1 as u16)
            }
            _ => 0x8000_u16.wrapping_add(place).wrapping_sub(Self::Enabled as u16),
        }
    }

    /// Whether the block is activated (`Ready`).
    #[must_use]
    pub const fn is_ready(self) -> bool {
        !matches!(self, Self::Idle)
    }

    /// Whether the block is in an error (`Error`).
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(self, Self::ResetError1 | Self::ResetError2)
    }

    /// Whether the output of the block is on.
    #[must_use]
    pub const fn is_on(self) -> bool {
        matches!(self, Self::Enabled)
    }

    /// Every state, in the order of its place.
    const ALL: [Self; 9] = [
        Self::Idle,
        Self::Enabled,
        Self::Init,
        Self::WaitForIn1,
        Self::WaitForReset1,
        Self::WaitForIn2,
        Self::WaitForReset2,
        Self::ResetError1,
        Self::ResetError2,
    ];

    /// The state after a cycle in which the block is activated: the table above. `is_allowed` is StartReset in 8001 and AutoReset in all
    /// others.
    const fn after(self, is_in: bool, is_allowed: bool, reset: Reset) -> Self {
        use Reset as R;
        match (self, reset) {
            (Self::Idle, _) => Self::Init,
            (Self::Init, _) if !is_allowed => Self::WaitForIn1,
            (Self::Init, _) if !is_in => Self::WaitForIn2,
            (Self::Init, _) => Self::Enabled,
            (Self::WaitForIn1, _) if is_in => Self::WaitForReset1,
            (Self::WaitForReset1, R::Held) => Self::ResetError1,
            (Self::WaitForReset1, _) if !is_in => Self::WaitForIn1,
            (Self::WaitForReset1, R::Edge) => Self::Enabled,
            (Self::ResetError1, R::Released) => Self::WaitForReset1,
            (Self::WaitForIn2, _) if is_in && is_allowed => Self::Enabled,
            (Self::WaitForIn2, _) if is_in => Self::WaitForReset2,
            (Self::WaitForReset2, R::Held) => Self::ResetError2,
            (Self::WaitForReset2, _) if !is_in => Self::WaitForIn2,
            (Self::WaitForReset2, R::Edge) => Self::Enabled,
            (Self::WaitForReset2, _) if is_allowed => Self::Enabled,
            (Self::ResetError2, R::Released) => Self::WaitForReset2,
            (Self::Enabled, _) if !is_in => Self::WaitForIn2,
            (stays, _) => stays,
        }
    }
}

/// The reset button in a cycle.
#[derive(Clone, Copy)]
enum Reset {
    Released,
    Held,
    Edge,
}

/// [`State::after`] as a table, which is a third of its code: a row a state; in it three resets by four of the two inputs.
#[allow(clippy::indexing_slicing)] // Below both lengths.
static AFTER: [[State; 12]; 9] = {
    let mut rows = [[State::Idle; 12]; 9];
    let mut state = 0;
    while state < 9 {
        let mut place = 0;
        while place < 12 {
            let reset = [Reset::Released, Reset::Held, Reset::Edge][place / 4];
            rows[state][place] = State::ALL[state].after(place & 1 != 0, place & 2 != 0, reset);
            place += 1;
        }
        state += 1;
    }
    rows
};

/// The block.
///
/// ```
/// use safe_state::blocks::emergency_stop::{EmergencyStop, Inputs};
///
/// let mut stop = EmergencyStop::new();
/// let released = Inputs::ACTIVATE | Inputs::IN;
/// assert_eq!(stop.step(released).diag_code(), 0x8001);
/// assert_eq!(stop.step(released).diag_code(), 0x8002);
/// assert_eq!(stop.step(released).diag_code(), 0x8003);
/// assert!(stop.step(released | Inputs::RESET).is_on());
/// assert_eq!(stop.step(Inputs::ACTIVATE).diag_code(), 0x8004);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EmergencyStop {
    state: State,
    was_reset: bool,
}

impl EmergencyStop {
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
    pub fn step(&mut self, inputs: Inputs) -> State {
        let is_reset = inputs.contains(Inputs::RESET);
        let reset = match (is_reset, self.was_reset) {
            (false, _) => Reset::Released,
            (true, true) => Reset::Held,
            (true, false) => Reset::Edge,
        };
        self.was_reset = is_reset;
        let allowed = match self.state {
            State::Init => Inputs::START_RESET,
            _ => Inputs::AUTO_RESET,
        };
        let row = AFTER.get(self.state as usize);
        let place = reset as usize * 4
            + usize::from(inputs.contains(allowed)) * 2
            + usize::from(inputs.contains(Inputs::IN));
        self.state = match row.and_then(|row| row.get(place)) {
            Some(state) if inputs.contains(Inputs::ACTIVATE) => *state,
            _ => State::Idle,
        };
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_code() {
        let codes = [0x0000, 0x8000, 0x8001, 0x8002, 0x8003, 0x8004, 0x8005, 0xC001, 0xC002];
        assert_eq!(State::ALL.map(State::diag_code), codes);
        for state in State::ALL {
            assert_eq!(state.is_ready(), state.diag_code() != 0);
            assert_eq!(state.is_on(), state.diag_code() == 0x8000);
            assert_eq!(state.is_error(), state.diag_code() >= 0xC000);
        }
    }
}
