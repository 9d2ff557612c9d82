//! The function code: the first byte of every PDU.
//!
//! ```text
//!   0        refused
//!   1..=127  a request or a normal response; 65..=72 and 100..=110 are user-defined
//! 129..=255  an exception response: the request's code with bit 7 set
//! ```

use core::fmt;

/// A function code, on the wire one byte. Every byte round-trips; the public codes have names.
///
/// Spec: MODBUS Application Protocol V1.1b3, 5.1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FunctionCode(u8);

impl FunctionCode {
    /// 0x01.
    pub const READ_COILS: Self = Self(0x01);
    /// 0x02.
    pub const READ_DISCRETE_INPUTS: Self = Self(0x02);
    /// 0x03.
    pub const READ_HOLDING_REGISTERS: Self = Self(0x03);
    /// 0x04.
    pub const READ_INPUT_REGISTERS: Self = Self(0x04);
    /// 0x05.
    pub const WRITE_SINGLE_COIL: Self = Self(0x05);
    /// 0x06.
    pub const WRITE_SINGLE_REGISTER: Self = Self(0x06);
    /// 0x07, serial line only.
    pub const READ_EXCEPTION_STATUS: Self = Self(0x07);
    /// 0x08, serial line only.
    pub const DIAGNOSTICS: Self = Self(0x08);
    /// 0x0B, serial line only.
    pub const GET_COMM_EVENT_COUNTER: Self = Self(0x0B);
    /// 0x0C, serial line only.
    pub const GET_COMM_EVENT_LOG: Self = Self(0x0C);
    /// 0x0F.
    pub const WRITE_MULTIPLE_COILS: Self = Self(0x0F);
    /// 0x10.
    pub const WRITE_MULTIPLE_REGISTERS: Self = Self(0x10);
    /// 0x11, serial line only.
    pub const REPORT_SERVER_ID: Self = Self(0x11);
    /// 0x14.
    pub const READ_FILE_RECORD: Self = Self(0x14);
    /// 0x15.
    pub const WRITE_FILE_RECORD: Self = Self(0x15);
    /// 0x16.
    pub const MASK_WRITE_REGISTER: Self = Self(0x16);
    /// 0x17.
    pub const READ_WRITE_MULTIPLE_REGISTERS: Self = Self(0x17);
    /// 0x18.
    pub const READ_FIFO_QUEUE: Self = Self(0x18);
    /// 0x2B.
    pub const ENCAPSULATED_INTERFACE_TRANSPORT: Self = Self(0x2B);

    /// Wraps the byte as it is on the wire.
    #[must_use]
    pub const fn new(raw: u8) -> Self {
        Self(raw)
    }

    /// The byte on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }

    /// Whether bit 7 is set: an exception response.
    #[must_use]
    pub const fn is_exception(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// The code with bit 7 set, as an exception response carries it.
    #[must_use]
    pub const fn to_exception(self) -> Self {
        Self(self.0 | 0x80)
    }

    /// The code without bit 7: the function that was requested.
    #[must_use]
    pub const fn to_request(self) -> Self {
        Self(self.0 & 0x7F)
    }

    /// Whether the standard defines the function publicly.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self.0, 0x01..=0x08 | 0x0B | 0x0C | 0x0F..=0x11 | 0x14..=0x18 | 0x2B)
    }

    /// Whether the code is in the ranges left to users: 65..=72 and 100..=110.
    #[must_use]
    pub const fn is_user_defined(self) -> bool {
        matches!(self.0, 65..=72 | 100..=110)
    }

    /// Whether the function only reads, so that a broadcast of it would have no meaning.
    #[must_use]
    pub const fn only_reads(self) -> bool {
        // A bit each, which takes less than a comparison each.
        const BELOW_32: u32 = 0b1_0001_0010_0001_1000_1001_1110;
        self.0 == 0x2B || (self.0 < 32 && BELOW_32 >> self.0 & 1 == 1)
    }

    /// The standard's name of the function, or nothing for a code it does not name.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.to_request().0 {
            0x01 => "Read Coils",
            0x02 => "Read Discrete Inputs",
            0x03 => "Read Holding Registers",
            0x04 => "Read Input Registers",
            0x05 => "Write Single Coil",
            0x06 => "Write Single Register",
            0x07 => "Read Exception Status",
            0x08 => "Diagnostics",
            0x0B => "Get Comm Event Counter",
            0x0C => "Get Comm Event Log",
            0x0F => "Write Multiple Coils",
            0x10 => "Write Multiple Registers",
            0x11 => "Report Server ID",
            0x14 => "Read File Record",
            0x15 => "Write File Record",
            0x16 => "Mask Write Register",
            0x17 => "Read/Write Multiple Registers",
            0x18 => "Read FIFO Queue",
            0x2B => "Encapsulated Interface Transport",
            _ => return None,
        })
    }
}

impl fmt::Debug for FunctionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FunctionCode(0x{:02X})", self.0)
    }
}

impl fmt::Display for FunctionCode {
    /// The code in hex, two digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_round_trips_and_exception_bit_is_bit_7() {
        for raw in 0..=u8::MAX {
            let function = FunctionCode::new(raw);
            assert_eq!(function.as_raw(), raw);
            assert_eq!(function.is_exception(), raw >= 0x80);
            assert_eq!(function.to_exception().to_request(), function.to_request());
        }
    }

    #[test]
    fn what_only_reads_is_just_these() {
        let read = [0x01, 0x02, 0x03, 0x04, 0x07, 0x0B, 0x0C, 0x11, 0x14, 0x18, 0x2B];
        for raw in 0..=u8::MAX {
            assert_eq!(FunctionCode::new(raw).only_reads(), read.contains(&raw), "{raw:02X}");
        }
    }

    #[test]
    fn every_public_code_has_a_name_and_no_other_has() {
        for raw in 0..=0x7F {
            let function = FunctionCode::new(raw);
            assert_eq!(function.is_public(), function.name().is_some(), "{function}");
            assert!(!(function.is_public() && function.is_user_defined()), "{function}");
        }
    }
}
