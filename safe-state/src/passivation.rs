//! Passivation of an I/O module: its channels give substitute values, one of them or all, until they are reintegrated.
//!
//! ```text
//!  state                      who gives substitutes    next, from the top                                          ids
//!  INIT                       all                      SAFE_STOP, RUN_MODULE_PASSIVATION, RUN_OK                   5 3 1
//!  RUN_OK                     none                     SAFE_STOP, RUN_MODULE_PASSIVATION, .._CMD, RUN_CHANNEL_..   9 10 11 7
//!  RUN_CHANNEL_PASSIVATION    those with an error      SAFE_STOP, RUN_MODULE_PASSIVATION, .._CMD, RUN_OK           12 27 28 8
//!  RUN_MODULE_PASSIVATION     all                      SAFE_STOP, itself, .._CMD, RUN_USER_ACK_REQ, RUN_OK         13 31 19 21 30
//!  RUN_MODULE_PASSIVATION_CMD all                      SAFE_STOP, RUN_MODULE_PASSIVATION, RUN_CHANNEL_.., RUN_OK   24 18 32 26
//!  RUN_USER_ACK_REQ           all                      SAFE_STOP, RUN_MODULE_PASSIVATION, .._CMD, RUN_CHANNEL_.., RUN_OK   16 20 23 29 22
//!  SAFE_STOP                  all                      -
//!
//!  fatal error                SAFE_STOP, which is left by a power cycle alone, as every state may be
//!  connection, voltage        RUN_MODULE_PASSIVATION, while one of them is not good
//!  activate_FV                RUN_MODULE_PASSIVATION_CMD: the program wants substitutes
//!  channel error              that channel alone; it asks for reintegration when the error has gone
//! ```
//!
//! A lost connection comes back with an acknowledgement. The voltage comes back by itself, but for one that passed its shutdown limit, or
//! failed twice within a second: that has to be good for a second, and is acknowledged. An acknowledgement that is asked for stays so while
//! the program wants substitutes, and so does the end of the start-up.
//!
//! The ids are those of the numbered transitions of a PROFIsafe I/O module, which `tests/passivation.rs` reads and takes one by one.

/// The state of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// The module tests itself.
    Init,
    /// All channels give their values.
    RunOk,
    /// The channels with an error give substitute values.
    RunChannelPassivation,
    /// All channels give substitute values: the connection or the voltage is not good.
    RunModulePassivation,
    /// All channels give substitute values: the program wants it.
    RunModulePassivationCmd,
    /// All channels give substitute values: the module is good again, and an acknowledgement is missing.
    RunUserAckReq,
    /// The module does nothing any more.
    SafeStop,
}

/// The supply of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Voltage {
    /// Within its limits.
    Normal,
    /// Under or over them.
    Outside,
    /// So far outside that the module was shut down, or its fuse has gone.
    Shutdown,
}

/// What a module sees in a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Inputs {
    /// The start-up tests have passed.
    pub is_started: bool,
    /// A test of the processor or the memory has failed.
    pub is_fatal: bool,
    /// The connection is good: its watchdog has not expired, its CRC is right.
    pub is_connected: bool,
    /// The supply.
    pub voltage: Voltage,
    /// The program wants substitute values (`activate_FV_C`).
    pub activate_fv: bool,
    /// The operator's acknowledgement (`OA_C`), of which the rising edge counts.
    pub acknowledge: bool,
    /// A bit for each channel that has an error now.
    pub channel_errors: u32,
    /// The acknowledgements of single channels, of which the rising edges count.
    pub acknowledge_channels: u32,
}

impl Inputs {
    /// A module that has started, and of which nothing is wanted.
    pub const GOOD: Self = Self {
        is_started: true,
        is_fatal: false,
        is_connected: true,
        voltage: Voltage::Normal,
        activate_fv: false,
        acknowledge: false,
        channel_errors: 0,
        acknowledge_channels: 0,
    };
}

/// An I/O module with up to 32 channels, of which nothing is known but its errors.
///
/// ```
/// use safe_state::passivation::{Inputs, Module, State};
///
/// let mut module = Module::new();
/// assert_eq!(module.step(&Inputs::GOOD, 0), State::RunOk);
/// // The wire of channel 3 breaks, and is mended.
/// module.step(&Inputs { channel_errors: 1 << 3, ..Inputs::GOOD }, 10_000);
/// assert!(module.is_passivated(3) && !module.is_passivated(4));
/// assert_eq!(module.step(&Inputs::GOOD, 20_000), State::RunChannelPassivation);
/// assert_eq!(module.requests(), 1 << 3);
/// let acknowledged = Inputs { acknowledge_channels: 1 << 3, ..Inputs::GOOD };
/// assert_eq!(module.step(&acknowledged, 30_000), State::RunOk);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Module {
    state: State,
    was_acknowledged: bool,
    were_acknowledged: u32,
    /// Channels that had an error since they were reintegrated.
    passivated: u32,
    errors: u32,
    /// The module comes back with an acknowledgement alone.
    is_unacknowledged: bool,
    /// The voltage has to be good for a while.
    is_settling: bool,
    was_normal: bool,
    /// When the voltage failed last, and since when it is good.
    failed_us: Option<u64>,
    good_us: u64,
}

impl Module {
    /// Two failures of the voltage within this time, in microseconds, are acknowledged; for so long it is good before.
    pub const TWICE_WITHIN_US: u64 = 1_000_000;

    /// A module after a power cycle.
    #[must_use]
    #[allow(clippy::new_without_default)] // It lives in a `static`.
    pub const fn new() -> Self {
        Self {
            state: State::Init,
            was_acknowledged: true,
            were_acknowledged: u32::MAX,
            passivated: 0,
            errors: 0,
            is_unacknowledged: false,
            is_settling: false,
            was_normal: true,
            failed_us: None,
            good_us: 0,
        }
    }

    /// Its state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether this channel, 0 to 31, gives a substitute value. One above does.
    #[must_use]
    pub fn is_passivated(&self, channel: u8) -> bool {
        let bit = 1_u32.checked_shl(channel.into()).unwrap_or(0);
        match self.state {
            // A channel that had its error in the start-up tests is not waited for in RUN_OK.
            State::RunOk | State::RunChannelPassivation => bit == 0 || self.passivated & bit != 0,
            _ => true,
        }
    }

    /// A bit for each channel whose error has gone, and which waits for its acknowledgement.
    #[must_use]
    pub const fn requests(&self) -> u32 {
        self.passivated & !self.errors
    }

    /// Whether the operator's acknowledgement is missing (`OA_Req_S`).
    #[must_use]
    pub const fn is_acknowledgement_requested(&self) -> bool {
        matches!(self.state, State::RunUserAckReq)
            || matches!(self.state, State::RunModulePassivationCmd) && self.is_unacknowledged
    }

    /// A cycle. A clock that goes backward lets the voltage settle for longer.
    pub fn step(&mut self, inputs: &Inputs, now_us: u64) -> State {
        let is_edge = inputs.acknowledge && !self.was_acknowledged;
        let edges = inputs.acknowledge_channels & !self.were_acknowledged;
        (self.was_acknowledged, self.were_acknowledged) =
            (inputs.acknowledge, inputs.acknowledge_channels);
        self.errors = inputs.channel_errors;
        self.passivated |= inputs.channel_errors;
        let is_good = self.is_good(inputs, now_us);
        let is_asked = self.is_acknowledgement_requested();
        if is_edge && is_asked && is_good {
            self.is_unacknowledged = false;
        }
        self.state = match (self.state, is_good) {
            (State::SafeStop, _) => State::SafeStop,
            _ if inputs.is_fatal => State::SafeStop,
            (State::Init, _) if !inputs.is_started => State::Init,
            (_, false) => State::RunModulePassivation,
            (State::Init, _) if inputs.activate_fv => State::Init,
            (State::Init, _) => State::RunOk,
            (State::RunModulePassivation, _) if self.is_unacknowledged => {
                self.unacknowledged(inputs)
            }
            _ if inputs.activate_fv => State::RunModulePassivationCmd,
            (State::RunUserAckReq | State::RunModulePassivationCmd, _)
                if self.is_unacknowledged =>
            {
                self.state
            }
            (State::RunChannelPassivation, _) => {
                self.passivated &= !(edges & self.requests());
                self.running()
            }
            _ => self.running(),
        };
        self.state
    }

    /// Good again, and not acknowledged: the request waits until the program does not want substitutes.
    const fn unacknowledged(&self, inputs: &Inputs) -> State {
        if inputs.activate_fv { State::RunModulePassivation } else { State::RunUserAckReq }
    }

    const fn running(&self) -> State {
        if self.passivated == 0 { State::RunOk } else { State::RunChannelPassivation }
    }

    /// Whether the connection and the voltage are good, and have been for as long as they have to be; how the module comes back is remembered.
    fn is_good(&mut self, inputs: &Inputs, now_us: u64) -> bool {
        let is_normal = inputs.voltage == Voltage::Normal;
        if !is_normal && self.was_normal {
            let since_us = self.failed_us.map(|failed_us| now_us.saturating_sub(failed_us));
            self.is_settling |= since_us.is_some_and(|us| us <= Self::TWICE_WITHIN_US);
            self.failed_us = Some(now_us);
        }
        if is_normal && !self.was_normal {
            self.good_us = now_us;
        }
        self.was_normal = is_normal;
        self.is_settling |= inputs.voltage == Voltage::Shutdown;
        if self.is_settling && is_normal {
            self.is_settling = now_us.saturating_sub(self.good_us) < Self::TWICE_WITHIN_US;
        }
        self.is_unacknowledged |= !inputs.is_connected || self.is_settling;
        inputs.is_connected && is_normal && !self.is_settling
    }
}
