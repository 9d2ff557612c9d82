//! What every PDU is between its wire form and its type: the function code, the words of its items, its data.

use crate::data::{Coils, last_mask};
use crate::kind::Kind;
use crate::layout::{Data, ITEMS_MAX, Layout};
use crate::pdu::{Direction, EncodeError, Error, Expected, Field, LEN_MAX};
use crate::reader::{Reader, saturate};
use crate::writer::Writer;
use crate::{FunctionCode, UnitId};

#[derive(Clone, Copy)]
pub(crate) struct Body<'a> {
    pub(crate) kind: Kind,
    pub(crate) function: u8,
    /// The values of the layout's items, in order.
    pub(crate) words: [u16; ITEMS_MAX],
    pub(crate) data: &'a [u8],
}

impl<'a> Body<'a> {
    pub(crate) const fn new(kind: Kind, function: u8) -> Self {
        Self { kind, function, words: [0; ITEMS_MAX], data: &[] }
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
        let function = pdu.first().copied().unwrap_or(0);
        let expected = match (direction, function) {
            (Direction::Request, _) => &FUNCTIONS,
            // 0 is no function, so 0x80 refuses none.
            (Direction::Response, 0x80) => &EXCEPTION_FUNCTIONS,
            (Direction::Response, _) => &ALL_FUNCTIONS,
        };
        reader.number(Field::FunctionCode, 1, expected);
        let kind = Kind::of(function, reader.rest().first().copied());
        let mut body = Self::new(kind, function);
        body.read(Layout::of(direction, kind), &mut reader);
        if unit.is_broadcast() && has_no_broadcast(direction, function) {
            reader.fail(Error::Value { field: Field::Unit, offset: 0, expected: SERVERS, got: 0 });
        }
        if let Some(len @ 1..) = pdu.len().checked_sub(LEN_MAX) {
            let offset = offset.wrapping_add(LEN_MAX as u16);
            reader.fail(Error::Trailing { offset, len: saturate(len) });
        }
        reader.finish()?;
        Ok(body)
    }

    /// Reads what a layout says.
    pub(crate) fn read(&mut self, layout: Layout, reader: &mut Reader<'a>) {
        let mut last = 0;
        for (item, place) in layout.items().iter().zip(&mut self.words) {
            last = reader.number(item.field, item.len(), &item.expected_after(last));
            *place = last;
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

    /// Coils, whose quantity is the second word in either direction: an item of requests, and no item of responses.
    pub(crate) fn set_coils(&mut self, coils: Coils<'a>) {
        let [_, quantity, ..] = &mut self.words;
        *quantity = coils.quantity();
        self.data = coils.as_bytes();
    }

    /// Writes a frame to the front of `buffer`: what stands before the PDU, the PDU, and room for so many bytes after it. What
    /// was written is decoded: nothing is sent that the other end would refuse, and one place knows what that is.
    pub(crate) fn frame<'b>(
        &self,
        direction: Direction,
        unit: UnitId,
        before: &[u8],
        after: usize,
        buffer: &'b mut [u8],
    ) -> Result<&'b mut [u8], EncodeError> {
        let available = saturate(buffer.len());
        let mut writer = Writer::new(buffer);
        writer.bytes(before);
        self.write(direction, &mut writer);
        let len = writer.len();
        let required = len.wrapping_add(after);
        let Some(frame) = buffer.get_mut(..required) else {
            return Err(EncodeError::Buffer { required: saturate(required), available });
        };
        let pdu = frame.get(before.len()..len).unwrap_or_default();
        let (function, offset) = (self.function, saturate(before.len()));
        // Bit 7 makes any response an exception for whom it reaches.
        if self.kind != Kind::Exception && function > 0x80 && direction == Direction::Response {
            let (field, expected, got) = (Field::FunctionCode, FUNCTIONS, function.into());
            return Err(Error::Value { field, offset, expected, got }.into());
        }
        Body::decode(direction, unit, pdu, offset)?;
        Ok(frame)
    }

    /// How long the PDU is.
    pub(crate) fn len(&self, direction: Direction) -> usize {
        let mut writer = Writer::new(&mut []);
        self.write(direction, &mut writer);
        writer.len()
    }

    /// Writes the PDU; the item that counts the data has the data's length.
    fn write(&self, direction: Direction, writer: &mut Writer<'_>) {
        let [_, quantity, ..] = self.words;
        let layout = Layout::of(direction, self.kind);
        writer.u8(self.function);
        self.write_items(layout, writer);
        writer.bytes(self.data);
        if layout.data == Data::Counted(Field::Coils) {
            writer.mask_last(last_mask(quantity));
        }
    }

    pub(crate) fn write_items(&self, layout: Layout, writer: &mut Writer<'_>) {
        let mut left = layout.items();
        for word in self.words {
            let Some((item, rest)) = left.split_first() else {
                break;
            };
            left = rest;
            let is_count = rest.is_empty() && layout.is_counted();
            let value = if is_count { saturate(self.data.len()) } else { word };
            writer.uint(value, item.len());
        }
    }
}

/// The function codes of requests, and of responses that are no exceptions.
static FUNCTIONS: Expected = Expected::Between { min: 1, max: 0x7F };
static EXCEPTION_FUNCTIONS: Expected = Expected::Between { min: 0x81, max: 0xFF };
static ALL_FUNCTIONS: Expected = Expected::Between { min: 1, max: 0xFF };
static SERVERS: Expected = Expected::Between { min: 1, max: 247 };

/// Nothing answers as unit 0, and what only reads is not broadcast.
const fn has_no_broadcast(direction: Direction, function: u8) -> bool {
    matches!(direction, Direction::Response) || FunctionCode::new(function).only_reads()
}
