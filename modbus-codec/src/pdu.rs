//! The protocol data unit: the part that is the same on every transport, and what can be wrong with it.
//!
//! ```text
//! serial:  | unit |        PDU        | CRC or LRC |        TCP:  | MBAP header |        PDU        |
//!                 | function |  data  |                                         | function |  data  |
//!                 '------ 1..=253 ----'
//! ```

use core::fmt;

use crate::UnitId;

/// The longest PDU, in bytes.
///
/// Spec: MODBUS Application Protocol V1.1b3, 4.1.
pub const LEN_MAX: usize = 253;

/// A PDU and the unit it is for or from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Adu<P> {
    /// The server addressed, or the server that answers.
    pub unit: UnitId,
    /// The request or the answer.
    pub pdu: P,
}

/// The way that an ADU travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client; an exception too.
    Response,
}

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

/// Lengths in errors are 16 bits wide; input longer than that is refused anyway.
pub(crate) fn saturate(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
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

/// The values that the standard allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Expected {
    /// This value.
    Exactly(u16),
    /// One of these two.
    Either(u16, u16),
    /// A value from `min` to `max`, both included.
    Between {
        /// The least.
        min: u16,
        /// The greatest.
        max: u16,
    },
    /// A multiple of `of` from `min` to `max`, both included.
    MultipleOf {
        /// The divisor.
        of: u8,
        /// The least.
        min: u8,
        /// The greatest.
        max: u8,
    },
    #[cfg(feature = "extended-functions")]
    /// An odd value from `min` to `max`, both included.
    Odd {
        /// The least.
        min: u8,
        /// The greatest.
        max: u8,
    },
    #[cfg(feature = "extended-functions")]
    /// A conformity level: 0x01..=0x03 or 0x81..=0x83.
    ConformityLevel,
}

impl Expected {
    /// Whether `got` is among the values.
    #[must_use]
    pub const fn allows(self, got: u16) -> bool {
        match self {
            Self::Exactly(value) => got == value,
            Self::Either(a, b) => got == a || got == b,
            Self::Between { min, max } => min <= got && got <= max,
            Self::MultipleOf { of, min, max } => {
                min as u16 <= got
                    && got <= max as u16
                    && matches!(got.checked_rem(of as u16), Some(0))
            }
            #[cfg(feature = "extended-functions")]
            Self::Odd { min, max } => min as u16 <= got && got <= max as u16 && got & 1 == 1,
            #[cfg(feature = "extended-functions")]
            Self::ConformityLevel => matches!(got, 0x01..=0x03 | 0x81..=0x83),
        }
    }
}

impl Expected {
    /// Equality where `==` cannot be used: when the crate is compiled.
    #[cfg(feature = "extended-functions")]
    pub(crate) const fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Exactly(a), Self::Exactly(b)) => a == b,
            (Self::Either(a, b), Self::Either(c, d))
            | (Self::Between { min: a, max: b }, Self::Between { min: c, max: d }) => {
                a == c && b == d
            }
            (
                Self::MultipleOf { of, min: a, max: b },
                Self::MultipleOf { of: by, min: c, max: d },
            ) => of == by && a == c && b == d,
            #[cfg(feature = "extended-functions")]
            (Self::Odd { min: a, max: b }, Self::Odd { min: c, max: d }) => a == c && b == d,
            #[cfg(feature = "extended-functions")]
            (Self::ConformityLevel, Self::ConformityLevel) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(value) => write!(f, "{value}"),
            Self::Either(a, b) => write!(f, "{a} or {b}"),
            Self::Between { min, max } => write!(f, "{min}..={max}"),
            Self::MultipleOf { of, min, max } => write!(f, "{min}..={max} in steps of {of}"),
            #[cfg(feature = "extended-functions")]
            Self::Odd { min, max } => write!(f, "{min}..={max}, odd"),
            #[cfg(feature = "extended-functions")]
            Self::ConformityLevel => f.write_str("1..=3 or 129..=131"),
        }
    }
}

/// The name of a field, by the standard's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[allow(missing_docs)] // The standard's words; `name` gives each as it is written.
pub enum Field {
    Unit,
    FunctionCode,
    ExceptionCode,
    StartingAddress,
    Quantity,
    ByteCount,
    Coils,
    Registers,
    OutputAddress,
    OutputValue,
    RegisterAddress,
    RegisterValue,
    ReferenceAddress,
    AndMask,
    OrMask,
    ReadStartingAddress,
    ReadQuantity,
    WriteStartingAddress,
    WriteQuantity,
    FifoPointerAddress,
    FifoCount,
    ExceptionStatus,
    SubFunction,
    Data,
    Status,
    EventCount,
    MessageCount,
    Events,
    ServerId,
    ReferenceType,
    FileNumber,
    RecordNumber,
    RecordLength,
    RecordData,
    FileResponseLength,
    MeiType,
    ReadDeviceIdCode,
    ObjectId,
    ConformityLevel,
    MoreFollows,
    NextObjectId,
    NumberOfObjects,
    ObjectLength,
    ObjectValue,
}

impl Field {
    /// The name in snake_case: `starting_address`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::FunctionCode => "function",
            Self::ExceptionCode => "exception_code",
            Self::StartingAddress => "starting_address",
            Self::Quantity => "quantity",
            Self::ByteCount => "byte_count",
            Self::Coils => "coils",
            Self::Registers => "registers",
            Self::OutputAddress => "output_address",
            Self::OutputValue => "output_value",
            Self::RegisterAddress => "register_address",
            Self::RegisterValue => "register_value",
            Self::ReferenceAddress => "reference_address",
            Self::AndMask => "and_mask",
            Self::OrMask => "or_mask",
            Self::ReadStartingAddress => "read_starting_address",
            Self::ReadQuantity => "read_quantity",
            Self::WriteStartingAddress => "write_starting_address",
            Self::WriteQuantity => "write_quantity",
            Self::FifoPointerAddress => "fifo_pointer_address",
            Self::FifoCount => "fifo_count",
            Self::ExceptionStatus => "exception_status",
            Self::SubFunction => "sub_function",
            Self::Data => "data",
            Self::Status => "status",
            Self::EventCount => "event_count",
            Self::MessageCount => "message_count",
            Self::Events => "events",
            Self::ServerId => "server_id",
            Self::ReferenceType => "reference_type",
            Self::FileNumber => "file_number",
            Self::RecordNumber => "record_number",
            Self::RecordLength => "record_length",
            Self::RecordData => "record_data",
            Self::FileResponseLength => "file_response_length",
            Self::MeiType => "mei_type",
            Self::ReadDeviceIdCode => "read_device_id_code",
            Self::ObjectId => "object_id",
            Self::ConformityLevel => "conformity_level",
            Self::MoreFollows => "more_follows",
            Self::NextObjectId => "next_object_id",
            Self::NumberOfObjects => "number_of_objects",
            Self::ObjectLength => "object_length",
            Self::ObjectValue => "object_value",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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

    #[test]
    fn expected_allows_just_its_values() {
        let table: &[(Expected, &[u16])] = &[
            (Expected::Exactly(7), &[7]),
            (Expected::Either(0, 0xFF), &[0, 0xFF]),
            (Expected::Between { min: 3, max: 5 }, &[3, 4, 5]),
            (Expected::MultipleOf { of: 7, min: 7, max: 21 }, &[7, 14, 21]),
            #[cfg(feature = "extended-functions")]
            (Expected::Odd { min: 3, max: 7 }, &[3, 5, 7]),
            #[cfg(feature = "extended-functions")]
            (Expected::ConformityLevel, &[1, 2, 3, 0x81, 0x82, 0x83]),
        ];
        for (expected, values) in table {
            for got in 0..=u16::MAX {
                assert_eq!(expected.allows(got), values.contains(&got), "{expected}: {got}");
            }
        }
    }
}
