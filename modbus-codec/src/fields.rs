//! The fields of a PDU one by one, for tools that show them: also of a PDU that the standard refuses.

use crate::adu::Direction;
use crate::data::coils_len;
use crate::field::Field;
use crate::layout::Layout;
use crate::walk::Walk;
use crate::{Coils, FunctionCode, Registers};

/// A field of a PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FieldValue<'a> {
    /// The name.
    pub field: Field,
    /// Where it begins, from the function code.
    pub offset: u16,
    /// The index, from 0, of the group of a file record function or of the object of 2B/0E that has the field.
    pub group: Option<u16>,
    /// The value that is there, which the standard may refuse.
    pub value: Value<'a>,
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Value<'a> {
    /// One byte or two.
    Number(u16),
    /// Coils or discrete inputs: of a request as many as it says, of a response eight a byte.
    Coils(Coils<'a>),
    /// Registers.
    Registers(Registers<'a>),
    /// Other bytes.
    Bytes(&'a [u8]),
}

/// The fields after the function code of a PDU, in their order.
///
/// The fields of a PDU that is against the standard are there up to the first that is cut: a value that is refused is shown, and
/// so are the fields after it. [`Request::decode`](crate::Request::decode) and [`Response::decode`](crate::Response::decode)
/// say what is wrong. Bytes that follow the last field are no field.
///
/// ```
/// use modbus_codec::pdu::{Direction, Field, Value, fields};
/// // No registers at all are asked for: refused, and shown.
/// let mut shown = fields(Direction::Request, &[0x03, 0x00, 0x6B, 0x00, 0x00]);
/// let address = shown.next().unwrap();
/// assert_eq!((address.field, address.offset), (Field::StartingAddress, 1));
/// assert_eq!(address.field.name(), "starting_address");
/// assert_eq!(address.value, Value::Number(0x6B));
/// assert_eq!(shown.next().unwrap().value, Value::Number(0));
/// assert!(shown.next().is_none());
/// ```
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.
#[must_use]
pub fn fields(direction: Direction, pdu: &[u8]) -> Fields<'_> {
    let after = pdu.get(1..).unwrap_or_default();
    let mut walk = Walk::new(after, 1);
    if let Some(function) = pdu.first().copied().map(FunctionCode::new) {
        walk.set_layout(match direction {
            // The standard knows no request with bit 7.
            Direction::Request if function.is_exception() => Layout::OTHER,
            _ => Layout::of(direction, function, after.first().copied()),
        });
    }
    Fields { pdu, walk, quantity: None, group: None }
}

/// An iterator over the fields of a PDU; see [`fields`].
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    pdu: &'a [u8],
    walk: Walk<'a>,
    /// The quantity that preceded.
    quantity: Option<u16>,
    group: Option<u16>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = FieldValue<'a>;

    fn next(&mut self) -> Option<FieldValue<'a>> {
        loop {
            let offset = self.walk.reader().offset();
            if let Some(field) = self.walk.next_field() {
                let value = match self.walk.number() {
                    Some(number) => Value::Number(number),
                    None => self.bytes(field),
                };
                if let (Field::Quantity, Value::Number(quantity)) = (field, value) {
                    self.quantity = Some(quantity);
                }
                let is_there = self.walk.forgive(self.pdu);
                return is_there.then_some(FieldValue { field, offset, group: self.group, value });
            }
            // Groups and objects, if there are any.
            self.walk.bytes();
            self.group = Some(self.walk.begin_part()?);
        }
    }
}

impl<'a> Fields<'a> {
    fn bytes(&mut self, field: Field) -> Value<'a> {
        let bytes = self.walk.bytes();
        let eight_a_byte = (bytes.len() as u16).wrapping_mul(8);
        let quantity = self.quantity.filter(|quantity| coils_len(*quantity) == bytes.len());
        let coils = Coils::from_bytes(bytes, quantity.unwrap_or(eight_a_byte));
        match (field, coils, Registers::from_be_bytes(bytes)) {
            (Field::Coils, Ok(coils), _) => Value::Coils(coils),
            (Field::Registers | Field::RecordData, _, Ok(registers)) => Value::Registers(registers),
            _ => Value::Bytes(bytes),
        }
    }
}
