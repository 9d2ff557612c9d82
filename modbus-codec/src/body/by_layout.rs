//! Every function, by the rows of [`crate::layout`].

use super::{Body, function_codes, refuse_broadcast};
use crate::UnitId;
use crate::kind::Kind;
use crate::layout::{Data, Layout};
use crate::pdu::{Direction, Error, Field, LEN_MAX, saturate};
use crate::reader::Reader;
use crate::writer::Writer;

/// Decodes a PDU; see [`Body::decode`].
pub(super) fn decode(
    direction: Direction,
    unit: UnitId,
    pdu: &[u8],
    offset: u16,
) -> Result<Body<'_>, Error> {
    let function = pdu.first().copied().unwrap_or(0);
    let mut reader = Reader::new(pdu, offset);
    reader.number(Field::FunctionCode, 1, &function_codes(direction, function));
    let kind = Kind::of(function, reader.rest().first().copied());
    let mut body = Body::new(kind, function);
    body.read(Layout::of(direction, kind), &mut reader);
    if let Err(error) = refuse_broadcast(unit, direction, function) {
        reader.fail(error);
    }
    reader.finish()?;
    if let Some(len @ 1..) = pdu.len().checked_sub(LEN_MAX) {
        let offset = offset.wrapping_add(LEN_MAX as u16);
        return Err(Error::Trailing { offset, len: saturate(len) });
    }
    Ok(body)
}

/// Writes what precedes the data, and says whether they are coils.
pub(super) fn write_head(body: &Body<'_>, direction: Direction, writer: &mut Writer<'_>) -> bool {
    let layout = Layout::of(direction, body.kind);
    writer.u8(body.function);
    body.write_items(layout, writer);
    layout.data == Data::Counted(Field::Coils)
}

impl<'a> Body<'a> {
    /// What stands inside another.
    pub(crate) const fn part() -> Self {
        Self::new(Kind::Other, 0)
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
            Data::Groups(form) => form.read(last, reader),
            Data::Events => crate::event_log::read(self.words, reader),
            Data::Fifo => crate::fifo::read(self.words, reader),
            Data::Objects => crate::device_identification::read(self.words, reader),
            Data::Diagnostics => crate::diagnostics::read(last, reader),
        };
    }

    /// Writes the items of a layout; the one that counts the data has the data's length.
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
