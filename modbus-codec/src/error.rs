//! The faults of a PDU, decoding and encoding apart.

use core::fmt;

use crate::field::{Expected, Field};

/// The fault of a PDU: the field, its place, the expected value and the one that was there.
///
/// Offsets count from the start of the caller's input: from the function code for the `decode` functions of this crate's
/// PDUs, from the unit for those of an RTU ADU, from the MBAP header for those of a TCP ADU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// The input ends before the field does.
    #[error("{field} at byte {offset}: {required} bytes needed {said_by}, {available} left")]
    Short {
        /// The field that is cut.
        field: Field,
        /// Where the field begins.
        offset: u16,
        /// How long it must be.
        required: u16,
        /// How much of it is there.
        available: u16,
        /// Who said that it must be that long.
        said_by: SaidBy,
    },
    /// Bytes follow the end that the PDU's own fields give it.
    #[error("{len} bytes too many from byte {offset}")]
    Trailing {
        /// Where the surplus begins.
        offset: u16,
        /// How many bytes it has.
        len: u16,
    },
    /// The field has a value that the standard does not allow there.
    #[error("{field} at byte {offset}: expected {expected}, got {got}")]
    Value {
        /// The field.
        field: Field,
        /// Where it begins.
        offset: u16,
        /// The values that the standard allows.
        expected: Expected,
        /// The value that was there.
        got: u16,
    },
}

const _: () = assert!(size_of::<Error>() <= 16);

impl Error {
    /// The same error in an input where the PDU is preceded by `len` bytes.
    #[must_use]
    pub const fn after(self, len: u16) -> Self {
        match self {
            Self::Short { field, offset, required, available, said_by } => {
                let offset = offset.saturating_add(len);
                Self::Short { field, offset, required, available, said_by }
            }
            Self::Trailing { offset, len: surplus } => {
                Self::Trailing { offset: offset.saturating_add(len), len: surplus }
            }
            Self::Value { field, offset, expected, got } => {
                Self::Value { field, offset: offset.saturating_add(len), expected, got }
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub const fn offset(self) -> u16 {
        match self {
            Self::Short { offset, .. }
            | Self::Trailing { offset, .. }
            | Self::Value { offset, .. } => offset,
        }
    }
}

/// Who gave the length that was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SaidBy {
    /// The standard: the field always has this length.
    Layout,
    /// A length field earlier in the same PDU.
    LengthField,
}

impl fmt::Display for SaidBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Layout => "by the standard",
            Self::LengthField => "by its length field",
        })
    }
}

/// Why a value cannot be written as a PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeError {
    /// The caller's buffer is too small; nothing in it can be used.
    #[error("{required} bytes needed, the buffer has {available}")]
    Buffer {
        /// The length of what was to be written.
        required: u16,
        /// The length of the buffer.
        available: u16,
    },
    /// The standard does not allow what would have been written: the error with which it would be decoded, its offsets too. A
    /// buffer that is too small is told first.
    #[error(transparent)]
    Refused(#[from] Error),
}

const _: () = assert!(size_of::<EncodeError>() <= 16);

/// Lengths in errors are 16 bits wide; input longer than that is refused anyway.
pub(crate) fn saturate(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn errors_say_field_offset_expected_and_got() {
        let short = Error::Short {
            field: Field::Registers,
            offset: 6,
            required: 4,
            available: 3,
            said_by: SaidBy::LengthField,
        };
        assert_eq!(
            short.to_string(),
            "registers at byte 6: 4 bytes needed by its length field, 3 left"
        );
        let expected = Expected::Between { min: 1, max: 125 };
        let value = Error::Value { field: Field::Quantity, offset: 3, expected, got: 126 };
        assert_eq!(value.to_string(), "quantity at byte 3: expected 1..=125, got 126");
        assert_eq!(
            Error::Trailing { offset: 5, len: 2 }.to_string(),
            "2 bytes too many from byte 5"
        );
    }
}
