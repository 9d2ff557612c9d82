//! The form of every PDU between its bytes and its type: the function code, the words of its fields, its data.

use crate::adu::Direction;
use crate::data::{Coils, last_mask};
use crate::error::{EncodeError, Error, saturate};
use crate::field::{Expected, Field};
use crate::functions::Data;
use crate::layout::{Layout, WORDS_MAX};
use crate::walk::{Walk, Words};
use crate::writer::Writer;
use crate::{FunctionCode, UnitId};

#[derive(Clone, Copy)]
pub(crate) struct Body<'a> {
    pub(crate) function: FunctionCode,
    pub(crate) layout: Layout,
    /// The values of the fields before the data, in order.
    pub(crate) words: Words,
    pub(crate) data: &'a [u8],
    /// All that follows the function code, as it came.
    pub(crate) after_function: &'a [u8],
}

impl<'a> Body<'a> {
    pub(crate) const fn new(function: FunctionCode, layout: Layout) -> Self {
        Self { function, layout, words: [0; WORDS_MAX], data: &[], after_function: &[] }
    }

    /// Bytes as they are.
    pub(crate) const fn other(function: FunctionCode, data: &'a [u8]) -> Self {
        Self { data, ..Self::new(function, Layout::OTHER) }
    }

    /// Decodes a PDU that begins `offset` bytes into the caller's input. `unit` is the unit in front of it on a serial line.
    pub(crate) fn decode(
        direction: Direction,
        unit: UnitId,
        pdu: &'a [u8],
        offset: u16,
    ) -> Result<Self, Error> {
        let function = FunctionCode::new(pdu.first().copied().unwrap_or(0));
        let mut walk = Walk::new(pdu, offset);
        let function_codes = function_codes(direction, function);
        walk.reader().number(Field::FunctionCode, 1, &function_codes);
        let after_function = walk.reader().rest();
        let layout = Layout::of(direction, function, after_function.first().copied());
        walk.set_layout(layout);
        let mut body = Self { after_function, ..Self::new(function, layout) };
        walk.words(&mut body.words);
        // A PDU that is right ends with its data.
        body.data = walk.reader().rest();
        walk.data(&body.words);
        if let Err(error) = refuse_broadcast(unit, direction, function) {
            walk.reader().fail(error);
        }
        walk.finish()?;
        Ok(body)
    }

    /// The fields before the data that are not a byte count.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (Field, u16)> + '_ {
        let items = self.layout.items().iter().zip(self.words);
        items.filter(|(item, _)| !item.is_byte_count()).map(|(item, word)| (item.field, word))
    }

    /// How many items a request asks for.
    pub(crate) fn quantity(&self) -> Option<u16> {
        let mut items = self.layout.items().iter().zip(self.words);
        items.find(|(item, _)| item.is_quantity()).map(|(_, word)| word)
    }

    /// Coils, whose quantity is the second word in either direction: a field of requests, and no field of responses.
    pub(crate) fn set_coils(&mut self, coils: Coils<'a>) {
        let [_, quantity, ..] = &mut self.words;
        *quantity = coils.quantity();
        self.data = coils.as_bytes();
    }

    /// Writes a frame to the front of `buffer`: the bytes before the PDU, the PDU, and room for so many bytes after it. The
    /// written PDU is then decoded, so that the decoder alone knows which PDUs are against the standard.
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
        for byte in before {
            writer.u8(*byte);
        }
        self.write(&mut writer);
        let len = writer.len();
        let required = len.wrapping_add(after);
        let Some(frame) = buffer.get_mut(..required) else {
            return Err(EncodeError::Buffer { required: saturate(required), available });
        };
        let pdu = frame.get_mut(before.len()..len).unwrap_or_default();
        if let (Data::Counted(Field::Coils), Some(last)) = (self.layout.data(), pdu.last_mut()) {
            let [_, quantity, ..] = self.words;
            *last &= last_mask(quantity);
        }
        // Bit 7 makes any response an exception for the client that it reaches: only a request is refused for it.
        let is_in_disguise = self.layout != Layout::EXCEPTION && self.function.as_raw() > 0x80;
        let direction = if is_in_disguise { Direction::Request } else { direction };
        Body::decode(direction, unit, pdu, saturate(before.len()))?;
        Ok(frame)
    }

    /// How long the PDU is.
    pub(crate) fn len(&self) -> usize {
        let mut writer = Writer::new(&mut []);
        self.write(&mut writer);
        writer.len()
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.u8(self.function.as_raw());
        let mut left = self.layout.items();
        for word in self.words {
            let Some((item, later)) = left.split_first() else {
                break;
            };
            left = later;
            // A byte count that other items follow also counts those: its word has been computed.
            let is_data_len = item.is_byte_count() && later.is_empty();
            let value = if is_data_len { saturate(self.data.len()) } else { word };
            writer.uint(value, item.len());
        }
        writer.bytes(self.data);
    }
}

/// The function codes of a direction.
fn function_codes(direction: Direction, function: FunctionCode) -> Expected {
    let is_request = direction == Direction::Request;
    // 0 is no function, so 0x80 refuses none.
    let min = if !is_request && function.as_raw() == 0x80 { 0x81 } else { 1 };
    Expected::Between { min, max: if is_request { 0x7F } else { 0xFF } }
}

/// Nothing answers as unit 0, and a function that only reads is not broadcast.
fn refuse_broadcast(
    unit: UnitId,
    direction: Direction,
    function: FunctionCode,
) -> Result<(), Error> {
    let is_response = direction == Direction::Response;
    if unit.is_broadcast() && (is_response || function.only_reads()) {
        let expected = Expected::Between { min: 1, max: 247 };
        return Err(Error::Value { field: Field::Unit, offset: 0, expected, got: 0 });
    }
    Ok(())
}
