//! The exception response: what a server answers when it refuses.
//!
//! ```text
//! | function | 0x80 | exception code |
//! ```

use core::fmt;

use crate::FunctionCode;

/// Why a server refused, one byte. Vendor codes keep their byte.
///
/// Spec: MODBUS Application Protocol V1.1b3, 7.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExceptionCode(u8);

impl ExceptionCode {
    /// 01: the function is not an allowable action for the server.
    pub const ILLEGAL_FUNCTION: Self = Self(0x01);
    /// 02: the starting address, or the starting address and the quantity together, is not there.
    pub const ILLEGAL_DATA_ADDRESS: Self = Self(0x02);
    /// 03: a field of the request has a value that the function does not allow.
    pub const ILLEGAL_DATA_VALUE: Self = Self(0x03);
    /// 04: an unrecoverable error while the action was performed.
    pub const SERVER_DEVICE_FAILURE: Self = Self(0x04);
    /// 05: accepted, and will take long.
    pub const ACKNOWLEDGE: Self = Self(0x05);
    /// 06: busy with a long action.
    pub const SERVER_DEVICE_BUSY: Self = Self(0x06);
    /// 07: the program function cannot be performed; of older editions of the standard, still seen.
    pub const NEGATIVE_ACKNOWLEDGE: Self = Self(0x07);
    /// 08: the extended file area failed its consistency check.
    pub const MEMORY_PARITY_ERROR: Self = Self(0x08);
    /// 0A: the gateway has no path to the target.
    pub const GATEWAY_PATH_UNAVAILABLE: Self = Self(0x0A);
    /// 0B: the target behind the gateway did not answer.
    pub const GATEWAY_TARGET_FAILED_TO_RESPOND: Self = Self(0x0B);

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

    /// The standard's name, or nothing for a vendor's code.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x01 => "illegal function",
            0x02 => "illegal data address",
            0x03 => "illegal data value",
            0x04 => "server device failure",
            0x05 => "acknowledge",
            0x06 => "server device busy",
            0x07 => "negative acknowledge",
            0x08 => "memory parity error",
            0x0A => "gateway path unavailable",
            0x0B => "gateway target device failed to respond",
            _ => return None,
        })
    }
}

impl fmt::Debug for ExceptionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExceptionCode(0x{:02X})", self.0)
    }
}

impl fmt::Display for ExceptionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X} {}", self.0, self.name().unwrap_or("of a vendor"))
    }
}

/// An exception response: the refused function, without bit 7, and the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("function {function} refused: {code}")]
pub struct Exception {
    /// The function that was requested, 0x01..=0x7F.
    pub function: FunctionCode,
    /// Why it was refused.
    pub code: ExceptionCode,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn every_byte_round_trips() {
        for raw in 0..=u8::MAX {
            assert_eq!(ExceptionCode::new(raw).as_raw(), raw);
        }
    }

    #[test]
    fn a_vendor_code_is_shown_with_its_byte() {
        assert_eq!(ExceptionCode::new(0xE1).to_string(), "E1 of a vendor");
        let refused = Exception {
            function: FunctionCode::READ_COILS,
            code: ExceptionCode::ILLEGAL_DATA_ADDRESS,
        };
        assert_eq!(refused.to_string(), "function 01 refused: 02 illegal data address");
    }
}
