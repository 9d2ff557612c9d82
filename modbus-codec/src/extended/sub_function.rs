//! The sub-functions of 08 Diagnostics.

/// The sub-function of 08, two bytes. Codes that the standard reserves keep their number.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.8.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SubFunction(u16);

impl SubFunction {
    /// 00: the answer is the request.
    pub const RETURN_QUERY_DATA: Self = Self(0x00);
    /// 01: leaves listen-only mode; data 0xFF00 clears the event log too.
    pub const RESTART_COMMUNICATIONS_OPTION: Self = Self(0x01);
    /// 02.
    pub const RETURN_DIAGNOSTIC_REGISTER: Self = Self(0x02);
    /// 03: the delimiter is the data's high byte.
    pub const CHANGE_ASCII_INPUT_DELIMITER: Self = Self(0x03);
    /// 04: never answered.
    pub const FORCE_LISTEN_ONLY_MODE: Self = Self(0x04);
    /// 0A.
    pub const CLEAR_COUNTERS_AND_DIAGNOSTIC_REGISTER: Self = Self(0x0A);
    /// 0B: CPT1.
    pub const RETURN_BUS_MESSAGE_COUNT: Self = Self(0x0B);
    /// 0C: CPT2.
    pub const RETURN_BUS_COMMUNICATION_ERROR_COUNT: Self = Self(0x0C);
    /// 0D: CPT3.
    pub const RETURN_BUS_EXCEPTION_ERROR_COUNT: Self = Self(0x0D);
    /// 0E: CPT4.
    pub const RETURN_SERVER_MESSAGE_COUNT: Self = Self(0x0E);
    /// 0F: CPT5.
    pub const RETURN_SERVER_NO_RESPONSE_COUNT: Self = Self(0x0F);
    /// 10: CPT6.
    pub const RETURN_SERVER_NAK_COUNT: Self = Self(0x10);
    /// 11: CPT7.
    pub const RETURN_SERVER_BUSY_COUNT: Self = Self(0x11);
    /// 12: CPT8.
    pub const RETURN_BUS_CHARACTER_OVERRUN_COUNT: Self = Self(0x12);
    /// 14.
    pub const CLEAR_OVERRUN_COUNTER_AND_FLAG: Self = Self(0x14);

    /// Wraps the number as it is on the wire.
    #[must_use]
    pub const fn new(raw: u16) -> Self {
        Self(raw)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u16 {
        self.0
    }

    /// Whether the standard defines it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self.0, 0x00..=0x04 | 0x0A..=0x12 | 0x14)
    }
}
