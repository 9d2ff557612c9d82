//! The fault for which the standard refuses a PDU, as an object.

use modbus_codec::pdu::Error;

use crate::describe::{Describe, Field, Text, Value, Visitor};

/// The offset counts from the first byte of the ADU; of ASCII, of its binary form.
pub(super) struct OffSpec(pub(super) Error);

impl Describe for OffSpec {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let (field, offset, expected, got) = match self.0 {
            Error::Short { field, offset, required, available, .. } => {
                (field.name(), offset, format!("{required} bytes"), available)
            }
            Error::Trailing { offset, len } => ("pdu_length", offset, "the end".to_owned(), len),
            Error::Value { field, offset, expected, got } => {
                (field.name(), offset, expected.to_string(), got)
            }
            error => ("pdu", 0, error.to_string(), 0),
        };
        let mut pair = |name, value| visitor.field(Field { name, value, text: Text::Pair });
        pair("field", Value::Text(field));
        pair("offset", Value::Unsigned(offset.into()));
        pair("expected", Value::Text(&expected));
        pair("got", Value::Unsigned(got.into()));
    }
}
