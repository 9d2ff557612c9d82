//! Walks the fields of a PDU in the order of its layout: the one decoder, for typed values and for [`crate::pdu::fields`].
//!
//! ```text
//! layout      | item | item | ... | data: bytes, or parts, each with a layout of its own |
//! ```

#[cfg(not(feature = "extended-functions"))]
#[path = "walk/basic.rs"]
mod structures;
#[cfg(feature = "extended-functions")]
mod structures;

use self::structures::Parts;
use crate::adu::LEN_MAX;
use crate::error::Error;
use crate::field::Field;
use crate::functions::Data;
use crate::layout::{Layout, PackedItem, WORDS_MAX};
use crate::reader::Reader;

/// The values of the items of a layout, in order; zero where there is none.
pub(crate) type Words = [u16; WORDS_MAX];

/// The most bytes after a function code.
const AFTER_FUNCTION_LEN_MAX: u16 = LEN_MAX as u16 - 1;

/// A walk. After a failure nothing is left to read.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    reader: Reader<'a>,
    /// The items that are not read yet.
    items: &'static [PackedItem],
    data: Data,
    /// The value of the item that was read last.
    last: u16,
    /// How many bytes follow of those that a byte count counts; before it, of those that fit a PDU.
    counted: u16,
    parts: Parts,
}

impl<'a> Walk<'a> {
    pub(crate) const fn new(bytes: &'a [u8], offset: u16) -> Self {
        let reader = Reader::new(bytes, offset);
        Self { reader, items: &[], data: Data::None, last: 0, counted: 0, parts: Parts::NONE }
    }

    pub(crate) fn set_layout(&mut self, layout: Layout) {
        (self.items, self.data) = layout.form();
        self.counted = AFTER_FUNCTION_LEN_MAX;
    }

    /// Reads the items of the layout.
    pub(crate) fn words(&mut self, words: &mut Words) {
        for place in words {
            let Some(value) = self.number() else {
                return;
            };
            *place = value;
        }
    }

    /// Reads the next item of the layout; nothing after the last.
    pub(crate) fn number(&mut self) -> Option<u16> {
        let (item, later) = self.items.split_first()?;
        self.items = later;
        let len = item.len();
        self.last = self.reader.number(item.field, len, &item.expected_after(self.last));
        self.counted =
            if item.is_byte_count() { self.last } else { self.counted.wrapping_sub(len) };
        Some(self.last)
    }

    /// Reads the bytes after the items; none where there are parts.
    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        match core::mem::replace(&mut self.data, Data::None) {
            Data::None => &[],
            Data::Counted(field) => self.reader.take(field, self.counted),
            Data::Rest => self.reader.take_rest(self.counted),
            data => self.structured(data),
        }
    }

    /// The field that is read next: an item, or the bytes after the items.
    pub(crate) fn next_field(&self) -> Option<Field> {
        match (self.items.first(), self.data) {
            (Some(item), _) => Some(item.field),
            (None, Data::Counted(field)) => Some(field),
            (None, Data::Rest | Data::Diagnostics) => Some(Field::Data),
            (None, Data::Record) => Some(Field::RecordData),
            (None, Data::Fifo) => Some(Field::Registers),
            (None, Data::None | Data::Groups(_) | Data::Objects) => None,
        }
    }

    /// Goes on after a wrong value in `pdu`, with which the walk began. Whether it can: not where bytes are missing.
    pub(crate) fn forgive(&mut self, pdu: &'a [u8]) -> bool {
        let (from, until) = (self.reader.offset(), self.parts.end());
        let pdu = pdu.get(..until.into()).unwrap_or(pdu);
        self.reader.forgive(pdu.get(from.into()..).unwrap_or_default())
    }

    pub(crate) const fn reader(&mut self) -> &mut Reader<'a> {
        &mut self.reader
    }

    /// Whether nothing failed and nothing is left.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.reader.finish()
    }
}
