//! The counters of a device on a serial line: CPT1 to CPT8, and the event counter of 0B.
//!
//! | counter | 08 with | counts |
//! |---|---|---|
//! | CPT1 | 0B | frames on the line with a right CRC, whoever they are for |
//! | CPT2 | 0C | stretches that were no frame: a wrong CRC, a character error, too short |
//! | CPT3 | 0D | exceptions, those that a broadcast would have had among them |
//! | CPT4 | 0E | requests to this device that it processed, broadcasts among them |
//! | CPT5 | 0F | requests to this device that it did not answer, every broadcast among them |
//! | CPT6 | 10 | exceptions 07 |
//! | CPT7 | 11 | exceptions 06 |
//! | CPT8 | 12 | characters that came before the one before them was taken |
//!
//! Three more are this crate's own: echoes that were heard, requests that were not delimited, answers that were not sent.

use crate::ExceptionCode;

/// The counters of a device on a serial line. Each is 16 bits wide, as 08 tells it, and goes on at 0 after 65,535.
///
/// Spec: MODBUS over Serial Line V1.02, 2.4 and annex; MODBUS Application Protocol V1.1b3, 6.8 and 6.9.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Counters {
    /// CPT1.
    pub bus_message: u16,
    /// CPT2.
    pub bus_communication_error: u16,
    /// CPT3.
    pub server_exception_error: u16,
    /// CPT4.
    pub server_message: u16,
    /// CPT5.
    pub server_no_response: u16,
    /// CPT6.
    pub server_nak: u16,
    /// CPT7.
    pub server_busy: u16,
    /// CPT8.
    pub bus_character_overrun: u16,
    /// The event counter of 0B: requests that were completed without an exception, 0B and 0C apart.
    pub event: u16,
    /// Answers of this device that it heard itself, each damaged part of one too.
    pub echo: u16,
    /// Requests to this device that began right behind discarded bytes, and were dropped.
    pub undelimited: u16,
    /// Answers that waited for silence and were dropped, since another frame came first; CPT5 counts them too.
    pub dropped_answer: u16,
}

impl Counters {
    /// Nothing counted.
    pub const ZERO: Self = Self {
        bus_message: 0,
        bus_communication_error: 0,
        server_exception_error: 0,
        server_message: 0,
        server_no_response: 0,
        server_nak: 0,
        server_busy: 0,
        bus_character_overrun: 0,
        event: 0,
        echo: 0,
        undelimited: 0,
        dropped_answer: 0,
    };

    /// Counts an exception, sent or kept back.
    pub(crate) fn exception(&mut self, code: ExceptionCode) {
        bump(&mut self.server_exception_error);
        match code {
            ExceptionCode::NEGATIVE_ACKNOWLEDGE => bump(&mut self.server_nak),
            ExceptionCode::SERVER_DEVICE_BUSY => bump(&mut self.server_busy),
            _ => {}
        }
    }
}

/// One more.
pub(crate) fn bump(counter: &mut u16) {
    *counter = counter.wrapping_add(1);
}
