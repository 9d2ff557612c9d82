//! The fields of PDUs: their names, and the values that the standard allows in them.

use core::fmt;

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
    /// An odd value from `min` to `max`, both included.
    Odd {
        /// The least.
        min: u8,
        /// The greatest.
        max: u8,
    },
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
            Self::Odd { min, max } => min as u16 <= got && got <= max as u16 && got & 1 == 1,
            Self::ConformityLevel => matches!(got & !0x80, 0x01..=0x03),
        }
    }
}

impl Expected {
    /// Equality where `==` cannot be used: when the crate is compiled.
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
            (Self::Odd { min: a, max: b }, Self::Odd { min: c, max: d }) => a == c && b == d,
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
            Self::Odd { min, max } => write!(f, "{min}..={max}, odd"),
            Self::ConformityLevel => f.write_str("1..=3 or 129..=131"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_allows_just_its_values() {
        let table: &[(Expected, &[u16])] = &[
            (Expected::Exactly(7), &[7]),
            (Expected::Either(0, 0xFF), &[0, 0xFF]),
            (Expected::Between { min: 3, max: 5 }, &[3, 4, 5]),
            (Expected::MultipleOf { of: 7, min: 7, max: 21 }, &[7, 14, 21]),
            (Expected::Odd { min: 3, max: 7 }, &[3, 5, 7]),
            (Expected::ConformityLevel, &[1, 2, 3, 0x81, 0x82, 0x83]),
        ];
        for (expected, values) in table {
            for got in 0..=u16::MAX {
                assert_eq!(expected.allows(got), values.contains(&got), "{expected}: {got}");
            }
        }
    }
}
