//! The fault for which the standard refuses an ADU whose envelope is right, as an object.

use std::fmt;

use modbus_codec::pdu::Error;

use crate::describe::{Describe, Field, Text, Value, Visitor};

/// A fault against the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Of the PDU. The offset counts from the first byte of the ADU; of ASCII, of its binary form.
    Pdu(Error),
    /// Of the length field of the MBAP header, which is not what came.
    Length { said: u16, came: u16 },
}

impl Fault {
    /// Where it is, in bytes from the first one of the ADU.
    pub(super) fn offset(&self) -> u16 {
        match self {
            Self::Pdu(error) => error.offset(),
            Self::Length { .. } => LENGTH_AT,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Pdu(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pdu(error) => error.fmt(f),
            Self::Length { said, came } => {
                write!(f, "the length at byte {LENGTH_AT} says {said}, {came} came")
            }
        }
    }
}

/// Where the length field of the MBAP header is.
const LENGTH_AT: u16 = 4;

impl Describe for Fault {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let (field, offset, expected, got) = match *self {
            Self::Length { said, came } => ("length", LENGTH_AT, came.to_string(), said),
            Self::Pdu(Error::Short { field, offset, required, available, .. }) => {
                (field.name(), offset, format!("{required} bytes"), available)
            }
            Self::Pdu(Error::Trailing { offset, len }) => {
                ("pdu_length", offset, "the end".to_owned(), len)
            }
            Self::Pdu(Error::Value { field, offset, expected, got }) => {
                (field.name(), offset, expected.to_string(), got)
            }
            Self::Pdu(error) => ("pdu", 0, error.to_string(), 0),
        };
        let mut pair = |name, value| visitor.field(Field { name, value, text: Text::Pair });
        pair("field", Value::Text(field));
        pair("offset", Value::Unsigned(offset.into()));
        pair("expected", Value::Text(&expected));
        pair("got", Value::Unsigned(got.into()));
    }
}
