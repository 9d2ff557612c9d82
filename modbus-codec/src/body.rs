//! What every PDU is between its wire form and its type: the function code, the words of its items, its data.

use crate::data::Coils;
use crate::kind::Kind;
use crate::layout::{Data, ITEMS_MAX, Item, Layout};
use crate::pdu::{Direction, Error, Expected, Field, LEN_MAX};
use crate::reader::{Reader, saturate};
use crate::writer::Writer;
use crate::{FunctionCode, UnitId};

#[derive(Clone, Copy)]
pub(crate) struct Body<'a> {
    pub(crate) kind: Kind,
    pub(crate) function: u8,
    /// The bits of the last byte of data that are coils; padding is sent as zero.
    last_mask: u8,
    /// The values of the layout's items, in order.
    pub(crate) words: [u16; ITEMS_MAX],
    pub(crate) data: &'a [u8],
}

impl<'a> Body<'a> {
    pub(crate) const fn new(kind: Kind, function: u8) -> Self {
        Self { kind, function, last_mask: 0xFF, words: [0; ITEMS_MAX], data: &[] }
    }

    /// What stands inside another.
    #[cfg(feature = "extended-functions")]
    pub(crate) const fn part() -> Self {
        Self::new(Kind::Other, 0)
    }

    /// Decodes a PDU that begins `offset` bytes into the caller's input; `unit` is whom a serial line addresses with it.
    pub(crate) fn decode(
        direction: Direction,
        unit: UnitId,
        pdu: &'a [u8],
        offset: u16,
    ) -> Result<Self, Error> {
        let mut reader = Reader::new(pdu, offset);
        if pdu.len() > LEN_MAX {
            let len = saturate(pdu.len().wrapping_sub(LEN_MAX));
            reader.fail(Error::Trailing { offset: offset.wrapping_add(LEN_MAX as u16), len });
        }
        let function = reader.uint(Field::FunctionCode, true);
        let expected = match (direction, function) {
            (Direction::Request, _) => FUNCTIONS,
            // 0 is no function, so 0x80 refuses none.
            (Direction::Response, 0x80) => EXCEPTION_FUNCTIONS,
            (Direction::Response, _) => Expected::Between { min: 1, max: 0xFF },
        };
        reader.check(Field::FunctionCode, offset, expected, function);
        let function = function as u8;
        let kind = Kind::of(function, reader.rest().first().copied());
        let mut body = Self::new(kind, function);
        body.read(Layout::of(direction, kind), &mut reader);
        if unit.is_broadcast() && has_no_broadcast(direction, function) {
            reader.check(Field::Unit, 0, SERVERS, 0);
        }
        reader.finish()?;
        Ok(body)
    }

    /// Reads what a layout says.
    pub(crate) fn read(&mut self, layout: &Layout, reader: &mut Reader<'a>) {
        let mut last = 0;
        for (item, place) in layout.items.iter().zip(&mut self.words) {
            let offset = reader.offset();
            let value = reader.uint(item.field, item.is_byte());
            reader.check(item.field, offset, item.expected_after(last), value);
            *place = value;
            last = value;
        }
        self.data = match layout.data {
            Data::None => &[],
            Data::Counted(field) => reader.take(field, last),
            Data::Rest => reader.take_rest(),
            #[cfg(feature = "extended-functions")]
            Data::Groups(form) => form.read(last, reader),
            #[cfg(feature = "extended-functions")]
            Data::Events => crate::event_log::read(self.words, reader),
            #[cfg(feature = "extended-functions")]
            Data::Fifo => crate::fifo::read(self.words, reader),
            #[cfg(feature = "extended-functions")]
            Data::Objects => crate::device_identification::read(self.words, reader),
            #[cfg(feature = "extended-functions")]
            Data::Diagnostics => crate::diagnostics::read(last, reader),
        };
    }

    pub(crate) fn set_coils(&mut self, coils: Coils<'a>) {
        self.data = coils.as_bytes();
        self.last_mask = coils.last_mask();
    }

    /// Writes the PDU; the item that counts the data has the data's length.
    pub(crate) fn write(&self, direction: Direction, unit: UnitId, writer: &mut Writer<'_>) {
        let start = writer.len();
        let Self { kind, function, data, .. } = *self;
        let expected = if kind == Kind::Exception { EXCEPTION_FUNCTIONS } else { FUNCTIONS };
        writer.check(Field::FunctionCode, expected, function.into());
        if unit.is_broadcast() && has_no_broadcast(direction, function) {
            writer.check(Field::Unit, SERVERS, 0);
        }
        writer.u8(function);
        self.write_items(Layout::of(direction, kind), writer);
        writer.bytes(data);
        writer.mask_last(self.last_mask);
        let len = saturate(writer.len().wrapping_sub(start));
        writer.check(Field::PduLength, Expected::Between { min: 1, max: LEN_MAX as u16 }, len);
    }

    pub(crate) fn write_items(&self, layout: &Layout, writer: &mut Writer<'_>) {
        let mut last = 0;
        let mut left: &[Item] = layout.items;
        for word in self.words {
            let Some((item, rest)) = left.split_first() else {
                break;
            };
            left = rest;
            let is_count = rest.is_empty() && layout.is_counted();
            let value = if is_count { saturate(self.data.len()) } else { word };
            writer.check(item.field, item.expected_after(last), value);
            writer.uint(value, item.is_byte());
            last = value;
        }
    }
}

/// The function codes of requests, and of responses that are no exceptions.
const FUNCTIONS: Expected = Expected::Between { min: 1, max: 0x7F };
const EXCEPTION_FUNCTIONS: Expected = Expected::Between { min: 0x81, max: 0xFF };
const SERVERS: Expected = Expected::Between { min: 1, max: 247 };

/// Nothing answers as unit 0, and what only reads is not broadcast.
const fn has_no_broadcast(direction: Direction, function: u8) -> bool {
    matches!(direction, Direction::Response) || FunctionCode::new(function).only_reads()
}
