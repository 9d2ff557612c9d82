//! 2B/0E Read Device Identification: vendor, product, revision and more.
//!
//! ```text
//! request:   | 2B | 0E | code 1..=4 | object id |
//! response:  | 2B | 0E | code | conformity | more follows | next object id | objects | id | length | value | ...
//! ```

use crate::adu::LEN_MAX;
use crate::error::{Error, saturate};
use crate::field::Expected;
use crate::functions::{self, Data, INDIVIDUAL_ACCESS, Part};
use crate::walk::{Walk, Words};

/// The MEI type of Read Device Identification.
pub const MEI_TYPE: u8 = functions::MEI_TYPE;

/// The read device ID code: the objects that are asked for.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.21.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(::serde::Serialize, ::serde::Deserialize))]
pub enum ReadDeviceIdCode {
    /// 01: the basic objects, as a stream.
    Basic,
    /// 02: the regular objects, as a stream.
    Regular,
    /// 03: the extended objects, as a stream.
    Extended,
    /// 04: one object.
    Individual,
}

impl ReadDeviceIdCode {
    /// The byte on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        match self {
            Self::Basic => 1,
            Self::Regular => 2,
            Self::Extended => 3,
            Self::Individual => INDIVIDUAL_ACCESS,
        }
    }

    /// Whether the objects come as a stream, which restarts at object 0 when the object asked for is unknown; individual
    /// access is then refused with exception 02.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        !matches!(self, Self::Individual)
    }

    /// Checked by the caller: 1..=4.
    pub(crate) const fn wrap(raw: u16) -> Self {
        match raw {
            1 => Self::Basic,
            2 => Self::Regular,
            3 => Self::Extended,
            _ => Self::Individual,
        }
    }
}

/// How much a device has to tell, and whether individual access works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConformityLevel(u8);

impl ConformityLevel {
    /// A level: 0x01..=0x03 for stream access only, 0x81..=0x83 for individual access too.
    #[must_use]
    pub const fn new(raw: u8) -> Option<Self> {
        if Expected::ConformityLevel.allows(raw as u16) { Some(Self(raw)) } else { None }
    }

    /// The byte on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }

    /// Whether single objects can be asked for.
    #[must_use]
    pub const fn has_individual_access(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// One object: its number and its value, usually text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Object<'a> {
    /// 0x00 vendor name, 0x01 product code, 0x02 revision, to 0x06 regular, from 0x80 extended.
    pub id: u8,
    /// The value as it is on the wire.
    pub value: &'a [u8],
}

/// The body of a 2B/0E response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeviceIdentification<'a> {
    /// The code of the request.
    pub code: ReadDeviceIdCode,
    /// The conformity level of the device.
    pub conformity_level: ConformityLevel,
    /// The object to ask for next, when not all fit into this response.
    pub more_follows: Option<u8>,
    objects: &'a [u8],
    number_of_objects: u8,
}

impl<'a> DeviceIdentification<'a> {
    /// A body from objects as they are on the wire: id, length, value.
    ///
    /// # Errors
    /// Objects that are cut or do not fit, or other than one of individual access; offsets from the function code.
    pub fn new(
        code: ReadDeviceIdCode,
        conformity_level: ConformityLevel,
        more_follows: Option<u8>,
        objects: &'a [u8],
    ) -> Result<Self, Error> {
        if objects.len() > OBJECTS_LEN_MAX {
            let len = saturate(objects.len().wrapping_sub(OBJECTS_LEN_MAX));
            return Err(Error::Trailing { offset: LEN_MAX as u16, len });
        }
        let mut walk = Walk::of_parts(Part::Object, objects, HEAD_LEN as u16);
        let mut number_of_objects = 0_u8;
        while walk.part().is_some() {
            number_of_objects = number_of_objects.saturating_add(1);
        }
        walk.finish()?;
        let new = Self { code, conformity_level, more_follows, objects, number_of_objects };
        let (words, _) = new.words();
        let mut walk =
            Walk::of_data(Data::Objects, number_of_objects.into(), objects, HEAD_LEN as u16);
        walk.data(&words);
        walk.finish()?;
        Ok(new)
    }

    /// The objects in order.
    pub fn objects(&self) -> impl Iterator<Item = Object<'a>> + 'a {
        let mut walk = Walk::of_parts(Part::Object, self.objects, 0);
        core::iter::from_fn(move || {
            let ([id, ..], value) = walk.part()?;
            Some(Object { id: id as u8, value })
        })
    }

    /// How many objects this response carries.
    #[must_use]
    pub const fn number_of_objects(&self) -> u8 {
        self.number_of_objects
    }

    pub(crate) const fn wrap(words: &Words, objects: &'a [u8]) -> Self {
        let [_, code, level, more_follows, next_object_id, number_of_objects] = *words;
        Self {
            code: ReadDeviceIdCode::wrap(code),
            conformity_level: ConformityLevel(level as u8),
            more_follows: if more_follows == 0 { None } else { Some(next_object_id as u8) },
            objects,
            number_of_objects: number_of_objects as u8,
        }
    }

    /// The words before the objects, and the objects.
    pub(crate) fn words(&self) -> (Words, &'a [u8]) {
        let words = [
            MEI_TYPE.into(),
            self.code.as_raw().into(),
            self.conformity_level.0.into(),
            if self.more_follows.is_some() { 0xFF } else { 0 },
            self.more_follows.unwrap_or(0).into(),
            self.number_of_objects.into(),
        ];
        (words, self.objects)
    }
}

/// The bytes before the objects, from the function code on.
pub(crate) const HEAD_LEN: usize = 7;
const OBJECTS_LEN_MAX: usize = LEN_MAX - HEAD_LEN;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Response;
    use crate::field::Field;
    use std::vec::Vec;

    /// The example of 6.21: "Company identification", "Product code XX", "V2.11", all of the basic category.
    fn example() -> Vec<u8> {
        let mut pdu = std::vec![0x2B, 0x0E, 0x01, 0x01, 0x00, 0x00, 0x03];
        for (id, value) in (0..).zip(["Company identification", "Product code XX", "V2.11"]) {
            pdu.extend([id, value.len() as u8]);
            pdu.extend(value.bytes());
        }
        pdu
    }

    #[test]
    fn objects_are_walked() {
        let pdu = example();
        let Ok(Ok(Response::ReadDeviceIdentification(body))) = Response::decode(&pdu) else {
            panic!("the standard's example must decode");
        };
        let values: Vec<_> = body.objects().map(|object| (object.id, object.value.len())).collect();
        assert_eq!(values, [(0, 22), (1, 15), (2, 5)]);
        assert_eq!(body.more_follows, None);
        assert!(!body.conformity_level.has_individual_access());
    }

    #[test]
    fn more_follows_names_the_next_object() {
        let mut pdu = example();
        pdu[4] = 0xFF;
        pdu[5] = 3;
        let Ok(Ok(Response::ReadDeviceIdentification(body))) = Response::decode(&pdu) else {
            panic!("must decode");
        };
        assert_eq!(body.more_follows, Some(3));
    }

    #[test]
    fn a_new_body_counts_its_objects() {
        let level = ConformityLevel::new(0x81).unwrap();
        let body =
            DeviceIdentification::new(ReadDeviceIdCode::Basic, level, None, &[0, 1, b'A', 1, 0]);
        assert_eq!(body.unwrap().number_of_objects(), 2);
        let cut = DeviceIdentification::new(ReadDeviceIdCode::Basic, level, None, &[0, 2, b'A']);
        let required = Error::Short {
            field: Field::ObjectValue,
            offset: 9,
            required: 2,
            available: 1,
            said_by: crate::error::SaidBy::LengthField,
        };
        assert_eq!(cut, Err(required));
    }
}
