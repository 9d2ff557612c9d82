//! The fields of a PDU as one object, by the standard's names.

use modbus_codec::pdu::{self, Direction, Field, FieldValue};

use crate::describe::{self, Describe, Text, Value, Visitor};

/// The fields of a PDU. Groups and objects are a list of objects of their own.
pub(super) struct Fields<'a> {
    pub(super) direction: Direction,
    pub(super) pdu: &'a [u8],
    pub(super) is_off_spec: bool,
    /// How many coils were asked for, so that the padding of the answer is not shown as coils.
    pub(super) coils: Option<u16>,
}

/// A group of a file record function, or an object of a device identification.
#[derive(Default)]
struct Group<'a>(Vec<FieldValue<'a>>);

impl Describe for Fields<'_> {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let mut list = None;
        let mut groups: Vec<Group<'_>> = Vec::new();
        for field in pdu::fields(self.direction, self.pdu) {
            list = list.or(list_after(field.field));
            match (field.group, name(&field)) {
                (_, None) => {}
                (None, Some(name)) => show(name, &field, self.coils, visitor),
                (Some(index), Some(_)) => {
                    groups.resize_with(usize::from(index) + 1, Group::default);
                    if let Some(Group(fields)) = groups.last_mut() {
                        fields.push(field);
                    }
                }
            }
        }
        // A PDU that is against the standard may have been left before its first group.
        if let Some(name) = list.filter(|_| !self.is_off_spec || !groups.is_empty()) {
            let objects: Vec<&dyn Describe> =
                groups.iter().map(|group| group as &dyn Describe).collect();
            visitor.field(describe::Field {
                name,
                value: Value::Objects(&objects),
                text: Text::Pair,
            });
        }
    }
}

impl Describe for Group<'_> {
    fn describe(&self, visitor: &mut dyn Visitor) {
        for field in &self.0 {
            if let Some(name) = name(field) {
                show(name, field, None, visitor);
            }
        }
    }
}

/// The list that a field begins, or that is there because of the field.
fn list_after(field: Field) -> Option<&'static str> {
    match field {
        Field::ReferenceType | Field::FileResponseLength => Some("sub_requests"),
        Field::NumberOfObjects => Some("objects"),
        _ => None,
    }
}

/// The name of the field in its object; nothing for a field that the others tell.
fn name(field: &FieldValue<'_>) -> Option<&'static str> {
    Some(match (field.field, field.group) {
        (Field::ReferenceType | Field::FileResponseLength | Field::ObjectLength, _) => {
            return None;
        }
        (Field::RecordData | Field::ServerId, _) => "data",
        (Field::ObjectId, Some(_)) => "id",
        (Field::ObjectValue, _) => "value",
        (field, _) => field.name(),
    })
}

fn show(name: &'static str, field: &FieldValue<'_>, coils: Option<u16>, visitor: &mut dyn Visitor) {
    let value = match (field.field, field.value) {
        (_, pdu::Value::Number(number)) => Value::Unsigned(number.into()),
        (_, pdu::Value::Coils(all)) => {
            // The padding is left out where the request that was answered is known.
            let asked = all.first(coils.unwrap_or(u16::MAX));
            Value::Bits { bytes: asked.as_bytes(), count: asked.quantity().into() }
        }
        (Field::RecordData, pdu::Value::Registers(data)) => Value::Hex(data.as_bytes()),
        (_, pdu::Value::Registers(registers)) => Value::Words(registers.as_bytes()),
        (Field::ObjectValue, pdu::Value::Bytes(value)) => text_or_hex(value),
        (_, pdu::Value::Bytes(bytes)) => Value::Hex(bytes),
    };
    visitor.field(describe::Field { name, value, text: Text::Pair });
}

/// Text where it is printable, else hex.
fn text_or_hex(value: &[u8]) -> Value<'_> {
    match std::str::from_utf8(value) {
        Ok(text) if !text.chars().any(char::is_control) => Value::Text(text),
        _ => Value::Hex(value),
    }
}
