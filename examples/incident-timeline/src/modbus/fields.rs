//! The fields of a PDU as one object, by the standard's names.

use modbus_codec::pdu::{self, Direction, Field, FieldValue, Value};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::event::{Adu, hex};

/// The fields of an ADU, to be written as one object. Groups and objects are a list of objects of their own.
pub(crate) struct Fields<'a>(pub(crate) &'a Adu);

/// A group of a file record function, or an object of a device identification.
#[derive(Default)]
struct Group<'a>(Vec<Shown<'a>>);

/// A field, and how many coils the request asked for.
struct Shown<'a>(FieldValue<'a>, Option<u16>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let adu = self.0;
        let direction = if adu.is_request { Direction::Request } else { Direction::Response };
        let mut list = None;
        let mut groups: Vec<Group<'_>> = Vec::new();
        for field in pdu::fields(direction, &adu.pdu) {
            list = list.or(list_after(field.field));
            let shown = Shown(field, adu.coils);
            match (field.group, shown.name()) {
                (_, None) => {}
                (None, Some(name)) => map.serialize_entry(name, &shown)?,
                (Some(index), Some(_)) => {
                    groups.resize_with(usize::from(index) + 1, Group::default);
                    if let Some(Group(fields)) = groups.last_mut() {
                        fields.push(shown);
                    }
                }
            }
        }
        // A PDU that is against the standard may have been left before its first group.
        if let Some(name) = list.filter(|_| adu.off_spec.is_none() || !groups.is_empty()) {
            map.serialize_entry(name, &groups)?;
        }
        map.end()
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

impl Shown<'_> {
    /// The name of the field in its object; nothing for a field that the others tell.
    fn name(&self) -> Option<&'static str> {
        Some(match (self.0.field, self.0.group) {
            (Field::ReferenceType | Field::FileResponseLength | Field::ObjectLength, _) => {
                return None;
            }
            (Field::RecordData | Field::ServerId, _) => "data",
            (Field::ObjectId, Some(_)) => "id",
            (Field::ObjectValue, _) => "value",
            (field, _) => field.name(),
        })
    }
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|shown| Some((shown.name()?, shown))))
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0.field, self.0.value) {
            (_, Value::Number(number)) => number.serialize(serializer),
            // The padding is left out where the request that was answered is known.
            (_, Value::Coils(coils)) => {
                coils.first(self.1.unwrap_or(u16::MAX)).serialize(serializer)
            }
            (Field::RecordData, Value::Registers(data)) => {
                hex(data.as_bytes()).serialize(serializer)
            }
            (_, Value::Registers(registers)) => registers.serialize(serializer),
            (Field::ObjectValue, Value::Bytes(value)) => text_or_hex(value).serialize(serializer),
            (_, Value::Bytes(bytes)) => hex(bytes).serialize(serializer),
        }
    }
}

/// Text where it is printable, else hex.
fn text_or_hex(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => hex(value),
    }
}
