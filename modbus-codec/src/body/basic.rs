//! The functions that are always there, 01 to 06, 0F and 10, and exceptions: by code. In a build that has no others, the rows of
//! [`crate::layout`] and what walks them would take a quarter more room (`bench/size/run`). A test holds both to the same results,
//! errors and bytes.

use super::{ANY, Body, function_codes, refuse_broadcast};
use crate::UnitId;
use crate::data::coils_len;
use crate::kind::Kind;
use crate::pdu::{Direction, Error, Expected, Field, LEN_MAX, SaidBy, saturate};
use crate::writer::Writer;

/// What the head of a function, two words, is called, and how much may be asked for.
struct Row {
    function: u8,
    kind: Kind,
    address: Field,
    value: Field,
    /// The greatest quantity; 0 where the value is none.
    max: u16,
}

const fn quantity(function: u8, kind: Kind, max: u16) -> Row {
    Row { function, kind, address: Field::StartingAddress, value: Field::Quantity, max }
}

const fn value(function: u8, kind: Kind, address: Field, value: Field) -> Row {
    Row { function, kind, address, value, max: 0 }
}

static ROWS: [Row; 8] = [
    quantity(0x01, Kind::ReadCoils, 2000),
    quantity(0x02, Kind::ReadDiscreteInputs, 2000),
    quantity(0x03, Kind::ReadHoldingRegisters, REGISTERS_MAX),
    quantity(0x04, Kind::ReadInputRegisters, REGISTERS_MAX),
    value(0x05, Kind::WriteSingleCoil, Field::OutputAddress, Field::OutputValue),
    value(0x06, Kind::WriteSingleRegister, Field::RegisterAddress, Field::RegisterValue),
    quantity(0x0F, Kind::WriteMultipleCoils, 1968),
    quantity(0x10, Kind::WriteMultipleRegisters, 123),
];
/// Of coils there may be more.
const REGISTERS_MAX: u16 = 125;

fn row(function: u8) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.function == function)
}

/// The most that a function may ask for, whatever the address.
#[cfg(not(feature = "extended-functions"))]
pub(crate) fn quantity_max(function: crate::FunctionCode, _: Field) -> u16 {
    row(function.as_raw()).map_or(0, |row| row.max)
}

/// Decodes a PDU; see [`Body::decode`].
pub(super) fn decode(
    direction: Direction,
    unit: UnitId,
    pdu: &[u8],
    offset: u16,
) -> Result<Body<'_>, Error> {
    let is_request = direction == Direction::Request;
    let function = pdu.first().copied().unwrap_or(0);
    let mut body = Body::new(Kind::Other, function);
    let [first, second, ..] = &mut body.words;
    let mut scan = Scan { rest: pdu, offset };
    scan.number(Field::FunctionCode, 1, &function_codes(direction, function))?;
    if let Some(row) = row(function) {
        body.kind = row.kind;
        let mut count = None;
        if !is_request && function <= 0x04 {
            count = Some(if function <= 0x02 {
                Expected::Between { min: 1, max: 250 }
            } else {
                Expected::MultipleOf { of: 2, min: 2, max: 250 }
            });
        } else {
            *first = scan.number(row.address, 2, &ANY)?;
            *second = scan.number(row.value, 2, &row.expected_after(*first))?;
            if is_request && function >= 0x0F {
                let coils = coils_len(*second) as u16;
                let len = if function == 0x0F { coils } else { second.wrapping_mul(2) };
                count = Some(Expected::Exactly(len));
            }
        }
        if let Some(expected) = &count {
            let len = scan.number(Field::ByteCount, 1, expected)?;
            let field = if row.max > REGISTERS_MAX { Field::Coils } else { Field::Registers };
            body.data = scan.take(field, len, SaidBy::LengthField)?;
        }
    } else if function > 0x80 {
        body.kind = Kind::Exception;
        *first = scan.number(Field::ExceptionCode, 1, &ANY)?;
    } else {
        body.data = scan.rest;
        scan.rest = pdu.get(LEN_MAX..).unwrap_or_default();
        scan.offset = offset.wrapping_add(LEN_MAX as u16);
    }
    refuse_broadcast(unit, direction, function)?;
    if scan.rest.is_empty() {
        return Ok(body);
    }
    Err(Error::Trailing { offset: scan.offset, len: saturate(scan.rest.len()) })
}

impl Row {
    /// What the second word may be after the first.
    fn expected_after(&self, first: u16) -> Expected {
        // From address 0 there is room for any quantity.
        let room = first.wrapping_neg();
        match self.function {
            0x05 => Expected::Either(0, 0xFF00),
            0x06 => Expected::Between { min: 0, max: u16::MAX },
            _ => {
                let max = if room == 0 { self.max } else { self.max.min(room) };
                Expected::Between { min: 1, max }
            }
        }
    }
}

/// Writes what precedes the data, and says whether they are coils.
pub(super) fn write_head(body: &Body<'_>, direction: Direction, writer: &mut Writer<'_>) -> bool {
    let Body { function, kind, words: [first, second, ..], data } = *body;
    let is_request = direction == Direction::Request;
    let byte_count = data.len() as u8;
    let [a, b, c, d] = (u32::from(first) << 16 | u32::from(second)).to_be_bytes();
    let words = [function, a, b, c, d, byte_count];
    let is_read = matches!(
        kind,
        Kind::ReadCoils
            | Kind::ReadDiscreteInputs
            | Kind::ReadHoldingRegisters
            | Kind::ReadInputRegisters
    );
    let len = if kind == Kind::Other { 1 } else { 5 + usize::from(is_request && function >= 0x0F) };
    if kind == Kind::Exception {
        writer.bytes(&[function, b]);
    } else if is_read && !is_request {
        writer.bytes(&[function, byte_count]);
    } else {
        writer.bytes(words.get(..len).unwrap_or_default());
    }
    matches!(
        (is_request, kind),
        (true, Kind::WriteMultipleCoils) | (false, Kind::ReadCoils | Kind::ReadDiscreteInputs)
    )
}

/// What is left of a PDU. Other than [`crate::reader::Reader`] it leaves with the first error, which takes less room where few
/// places read.
struct Scan<'a> {
    rest: &'a [u8],
    offset: u16,
}

impl<'a> Scan<'a> {
    /// A number of one byte or of two, which is checked.
    #[inline(never)]
    fn number(&mut self, field: Field, len: u16, expected: &Expected) -> Result<u16, Error> {
        let offset = self.offset;
        let got = match *self.take(field, len, SaidBy::Layout)? {
            [high, low] => u16::from_be_bytes([high, low]),
            [byte] => byte.into(),
            _ => 0,
        };
        if !expected.allows(got) {
            return Err(Error::Value { field, offset, expected: *expected, got });
        }
        Ok(got)
    }

    fn take(&mut self, field: Field, required: u16, said_by: SaidBy) -> Result<&'a [u8], Error> {
        let offset = self.offset;
        let Some((taken, rest)) = self.rest.split_at_checked(required.into()) else {
            let available = saturate(self.rest.len());
            return Err(Error::Short { field, offset, required, available, said_by });
        };
        self.rest = rest;
        self.offset = offset.wrapping_add(required);
        Ok(taken)
    }
}
