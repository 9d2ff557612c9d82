//! A demand whose acknowledgement is monitored: what `SF_SafetyRequest` and `SF_SafeStop1` share.
//!
//! ```text
//!  state   what                                    next, from the top
//!  8001    the block was activated                 with an edge of Reset: 8012 if acknowledged, else 8002
//!  8002    not acknowledged, not demanded          8003 if demanded; 8012 if acknowledged
//!  8003    demanded, not acknowledged              C003 when the time is over; 8012 if not demanded; 8000 if acknowledged
//!  8000    demanded and acknowledged               C002 if not acknowledged any more; 8012 if not demanded
//!  8012    acknowledged, not demanded              8002 if not acknowledged; 8003 if demanded; SF_SafeStop1 goes on to 8000
//!  C002    the acknowledgement was lost            8005 with an edge of Reset; C004 if Reset is held
//!  C003    the acknowledgement did not come        8005 with an edge of Reset; C005 if Reset is held
//!  C004    Reset was held in C002                  C002 when it is let go
//!  C005    Reset was held in C003                  C003 when it is let go
//!  8005    an error was acknowledged               8012 if not demanded
//! ```

use bitflags::bitflags;

use super::codes;
use crate::lease::Span;

bitflags! {
    /// The inputs of a cycle, in one byte.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Inputs: u8 {
        /// The block is activated.
        const ACTIVATE = 1 << 0;
        /// Nothing is demanded: the operating mode is not the safe one (`S_OpMode`), the stop is not pressed (`S_StopIn`).
        const IN = 1 << 1;
        /// The actuator acknowledges its safe mode, or its standstill.
        const ACKNOWLEDGE = 1 << 2;
        /// The reset button.
        const RESET = 1 << 3;
    }
}

/// The state of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u16)]
pub enum State {
    /// The block is not activated.
    Idle = 0x0000,
    /// Demanded, and acknowledged.
    Acknowledged = 0x8000,
    /// The block was activated.
    Init = 0x8001,
    /// Not acknowledged, and not demanded.
    OperatingMode = 0x8002,
    /// Demanded, and the acknowledgement is waited for.
    WaitForConfirmation = 0x8003,
    /// An error was acknowledged.
    WaitForIn = 0x8005,
    /// Acknowledged, and not demanded.
    NotDemanded = 0x8012,
    /// The acknowledgement was lost.
    AcknowledgeLost = 0xC002,
    /// The acknowledgement did not come in its time.
    MonitoringTimeOver = 0xC003,
    /// The reset was held in C002.
    ResetError2 = 0xC004,
    /// The reset was held in C003.
    ResetError3 = 0xC005,
}

codes!(State);

impl State {
    /// The diagnostic code (`DiagCode`).
    #[must_use]
    pub const fn diag_code(self) -> u16 {
        self as u16
    }
}

/// The inside of `SafetyRequest` and `SafeStop1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Monitored {
    monitoring_us: u32,
    state: State,
    was_reset: bool,
    /// When the time began.
    since_us: u64,
}

/// From when on the time is counted, and where 8012 leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// From 8003 on; 8012 is left by a demand.
    Request,
    /// From the demand on, as long as the block is activated; 8012 and 8000 follow each other while both are there.
    Stop,
}

impl Monitored {
    pub(super) const fn new(monitoring: Span) -> Self {
        let monitoring_us = monitoring.as_us();
        Self { monitoring_us, state: State::Idle, was_reset: false, since_us: u64::MAX }
    }

    pub(super) const fn state(&self) -> State {
        self.state
    }

    pub(super) const fn step(&mut self, inputs: Inputs, kind: Kind, now_us: u64) -> State {
        let is_in = inputs.contains(Inputs::IN);
        let is_acknowledged = inputs.contains(Inputs::ACKNOWLEDGE);
        let is_reset = inputs.contains(Inputs::RESET);
        let is_edge = is_reset && !self.was_reset;
        self.was_reset = is_reset;
        if !inputs.contains(Inputs::ACTIVATE) {
            self.state = State::Idle;
            return self.state;
        }
        if matches!(kind, Kind::Stop) {
            if is_in {
                self.since_us = u64::MAX;
            } else if self.since_us == u64::MAX {
                self.since_us = now_us;
            }
        }
        let is_over = now_us.saturating_sub(self.since_us) >= self.monitoring_us as u64;
        let next = match self.state {
            State::Idle => State::Init,
            State::Init if is_edge && is_acknowledged => State::NotDemanded,
            State::Init if is_edge => State::OperatingMode,
            State::OperatingMode if !is_in => State::WaitForConfirmation,
            State::OperatingMode if is_acknowledged => State::NotDemanded,
            State::WaitForConfirmation if is_over => State::MonitoringTimeOver,
            State::WaitForConfirmation if is_in => State::NotDemanded,
            State::WaitForConfirmation if is_acknowledged => State::Acknowledged,
            State::Acknowledged if !is_acknowledged => State::AcknowledgeLost,
            State::Acknowledged if is_in => State::NotDemanded,
            State::NotDemanded if !is_acknowledged => State::OperatingMode,
            State::NotDemanded if !is_in => State::WaitForConfirmation,
            State::NotDemanded if matches!(kind, Kind::Stop) => State::Acknowledged,
            State::WaitForIn if is_in => State::NotDemanded,
            State::AcknowledgeLost | State::MonitoringTimeOver if is_edge => State::WaitForIn,
            State::AcknowledgeLost if is_reset => State::ResetError2,
            State::MonitoringTimeOver if is_reset => State::ResetError3,
            State::ResetError2 if !is_reset => State::AcknowledgeLost,
            State::ResetError3 if !is_reset => State::MonitoringTimeOver,
            stays => stays,
        };
        if matches!(kind, Kind::Request) && next as u16 != self.state as u16 {
            self.since_us = now_us;
        }
        self.state = next;
        self.state
    }
}
