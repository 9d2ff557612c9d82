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

    /// Whether the code is in the ranges left to users: 65..=72 and 100..=110.
    #[must_use]
    pub const fn is_user_defined(self) -> bool {
        matches!(self.0, 65..=72 | 100..=110)
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
}
