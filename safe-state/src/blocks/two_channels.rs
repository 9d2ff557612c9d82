//! Two channels of one signal, that change together within a discrepancy time: what `SF_Equivalent` and `SF_Antivalent` share.
//!
//! ```text
//!  state   channels                                next
//!  8001    both off                                8000 if both are on, 8004 or 8014 if one is
//!  8004    A is on, and B is waited for            C001 when the time is over; 8000, or 8001 if A is off again
//!  8014    B is on, and A is waited for            C002 when the time is over; 8000, or 8001 if B is off again
//!  8000    both on: the output                     8005 when one is off
//!  8005    both are waited for to be off           C003 when the time is over; 8001
//!  C00n    both are waited for to be off           8001
//! ```
//!
//! Where both of 8000 go off in one cycle, an equivalent signal is in 8001 at once, an antivalent one in 8005.

use bitflags::bitflags;

use super::codes;
use crate::lease::Span;

bitflags! {
    /// The inputs of a cycle, in one byte.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Inputs: u8 {
        /// The block is activated.
        const ACTIVATE = 1 << 0;
        /// The first channel (`S_ChannelA`), or the one that is closed when it is on (`S_ChannelNC`).
        const A = 1 << 1;
        /// The second channel (`S_ChannelB`), or the one that is open when it is on (`S_ChannelNO`).
        const B = 1 << 2;
    }
}

/// The state of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u16)]
pub enum State {
    /// The block is not activated.
    Idle = 0x0000,
    /// Both channels are on: the output is on.
    Enabled = 0x8000,
    /// Both channels are off, or the block was activated in this cycle.
    Init = 0x8001,
    /// The first channel is on, and the second one is waited for.
    WaitForB = 0x8004,
    /// One channel of both is off, and the other one is waited for.
    FromActiveWait = 0x8005,
    /// The second channel is on, and the first one is waited for.
    WaitForA = 0x8014,
    /// The second channel did not come in its time.
    Error1 = 0xC001,
    /// The first channel did not come in its time.
    Error2 = 0xC002,
    /// The channels did not both go off in their time.
    Error3 = 0xC003,
}

codes!(State);

impl State {
    /// The diagnostic code (`DiagCode`).
    #[must_use]
    pub const fn diag_code(self) -> u16 {
        self as u16
    }
}

/// The inside of `Equivalent` and `Antivalent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TwoChannels {
    discrepancy_us: u32,
    state: State,
    /// When the block came into its state.
    since_us: u64,
}

impl TwoChannels {
    pub(super) const fn new(discrepancy: Span) -> Self {
        Self { discrepancy_us: discrepancy.as_us(), state: State::Idle, since_us: 0 }
    }

    pub(super) const fn state(&self) -> State {
        self.state
    }

    /// A cycle; `waits` where both channels of an active signal that go off are waited for.
    pub(super) const fn step(
        &mut self,
        is_active: bool,
        a: bool,
        b: bool,
        waits: bool,
        now_us: u64,
    ) -> State {
        let is_over = now_us.saturating_sub(self.since_us) >= self.discrepancy_us as u64;
        let next = match self.state {
            _ if !is_active => State::Idle,
            State::Idle => State::Init,
            State::Init if a && b => State::Enabled,
            State::Init if a => State::WaitForB,
            State::Init if b => State::WaitForA,
            State::WaitForB if is_over => State::Error1,
            State::WaitForA if is_over => State::Error2,
            State::FromActiveWait if is_over => State::Error3,
            State::WaitForB if !a => State::Init,
            State::WaitForA if !b => State::Init,
            State::WaitForA | State::WaitForB if a && b => State::Enabled,
            State::Enabled if !a && !b && !waits => State::Init,
            State::Enabled if !(a && b) => State::FromActiveWait,
            State::FromActiveWait | State::Error1 | State::Error2 | State::Error3 if !a && !b => {
                State::Init
            }
            stays => stays,
        };
        if next as u16 != self.state as u16 {
            (self.state, self.since_us) = (next, now_us);
        }
        self.state
    }
}
