//! What every PDU is between its wire form and its type: the function code, the words of its fields, its data.

#[cfg(any(test, not(feature = "extended-functions")))]
mod basic;
#[cfg(feature = "extended-functions")]
mod by_layout;

#[cfg(not(feature = "extended-functions"))]
use basic as form;
#[cfg(not(feature = "extended-functions"))]
pub(crate) use basic::quantity_max;
#[cfg(feature = "extended-functions")]
use by_layout as form;

use crate::data::{Coils, last_mask};
use crate::kind::Kind;
use crate::pdu::{Direction, EncodeError, Error, Expected, Field, saturate};
use crate::writer::Writer;
use crate::{FunctionCode, UnitId};

/// The most words that a PDU has: the head of a 2B/0E response.
pub(crate) const WORDS_MAX: usize = if cfg!(feature = "extended-functions") { 6 } else { 2 };

#[derive(Clone, Copy)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Body<'a> {
    pub(crate) kind: Kind,
    pub(crate) function: u8,
    /// The values of the fields before the data, in order.
    pub(crate) words: [u16; WORDS_MAX],
    pub(crate) data: &'a [u8],
}

impl<'a> Body<'a> {
    pub(crate) const fn new(kind: Kind, function: u8) -> Self {
        Self { kind, function, words: [0; WORDS_MAX], data: &[] }
    }

    /// Decodes a PDU that begins `offset` bytes into the caller's input; `unit` is whom a serial line addresses with it.
    pub(crate) fn decode(
        direction: Direction,
        unit: UnitId,
        pdu: &'a [u8],
        offset: u16,
    ) -> Result<Self, Error> {
        form::decode(direction, unit, pdu, offset)
    }

    /// Coils, whose quantity is the second word in either direction: a field of requests, and no field of responses.
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
        for byte in before {
            writer.u8(*byte);
        }
        let is_coils = self.write(direction, &mut writer);
        let len = writer.len();
        let required = len.wrapping_add(after);
        let Some(frame) = buffer.get_mut(..required) else {
            return Err(EncodeError::Buffer { required: saturate(required), available });
        };
        let pdu = frame.get_mut(before.len()..len).unwrap_or_default();
        if let (true, Some(last)) = (is_coils, pdu.last_mut()) {
            let [_, quantity, ..] = self.words;
            *last &= last_mask(quantity);
        }
        let (function, offset) = (self.function, saturate(before.len()));
        // Bit 7 makes any response an exception for whom it reaches.
        if self.kind != Kind::Exception && function > 0x80 && direction == Direction::Response {
            let expected = function_codes(Direction::Request, function);
            let (field, got) = (Field::FunctionCode, function.into());
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

    /// Writes the PDU, and says whether its data are coils.
    fn write(&self, direction: Direction, writer: &mut Writer<'_>) -> bool {
        let is_coils = form::write_head(self, direction, writer);
        writer.bytes(self.data);
        is_coils
    }
}

#[cfg(any(test, not(feature = "extended-functions")))]
static ANY: Expected = Expected::Between { min: 0, max: u16::MAX };

/// The function codes of a direction.
fn function_codes(direction: Direction, function: u8) -> Expected {
    let is_request = direction == Direction::Request;
    // 0 is no function, so 0x80 refuses none.
    let min = if !is_request && function == 0x80 { 0x81 } else { 1 };
    Expected::Between { min, max: if is_request { 0x7F } else { 0xFF } }
}

/// Nothing answers as unit 0, and what only reads is not broadcast.
fn refuse_broadcast(unit: UnitId, direction: Direction, function: u8) -> Result<(), Error> {
    let is_response = direction == Direction::Response;
    if unit.is_broadcast() && (is_response || FunctionCode::new(function).only_reads()) {
        let expected = Expected::Between { min: 1, max: 247 };
        return Err(Error::Value { field: Field::Unit, offset: 0, expected, got: 0 });
    }
    Ok(())
}

#[cfg(all(test, feature = "extended-functions"))]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::data::coils_len;
    use proptest::prelude::*;

    /// PDUs that are right but for a byte or their length, more often than not.
    fn pdus() -> impl Strategy<Value = std::vec::Vec<u8>> {
        let function = prop_oneof![0x00_u8..=0x06, 0x0F_u8..=0x10, 0x7E_u8..=0x91, any::<u8>()];
        let data = prop::collection::vec(any::<u8>(), 0..=300);
        let address = prop_oneof![0_u16..=8, 0xFF00_u16..=0xFFFF, any::<u16>()];
        let quantity = prop_oneof![0_u16..=2100, 0xFF00_u16..=0xFF00];
        (function, address, quantity, data, 0_usize..=2, any::<bool>()).prop_map(
            |(function, address, quantity, data, surplus, is_response)| {
                let len = match function {
                    0x0F => coils_len(quantity),
                    0x10 => usize::from(quantity).wrapping_mul(2),
                    _ => data.len(),
                };
                let data = &data[..len.min(data.len())];
                let mut pdu = std::vec![function];
                if !is_response && function <= 0x10 {
                    pdu.extend(address.to_be_bytes());
                    pdu.extend(quantity.to_be_bytes());
                }
                if is_response || function >= 0x0F {
                    pdu.push(data.len() as u8);
                    pdu.extend(data);
                }
                match surplus {
                    0 => pdu.truncate(pdu.len().saturating_sub(1)),
                    1 => {}
                    _ => pdu.push(0),
                }
                pdu
            },
        )
    }

    /// The byte count is a word of the rows; by code it is in the data.
    fn without_byte_count(direction: Direction, mut body: Body<'_>) -> Body<'_> {
        let is_read = matches!(body.function, 0x01..=0x04) && direction == Direction::Response;
        let kept = if is_read { 0 } else { 2 };
        body.words[kept..].fill(0);
        body
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

        /// What a build without the extended functions does, a build with them does too.
        #[test]
        fn by_code_and_by_rows_is_the_same(pdu in pdus(), unit in 0_u8..=2, offset in 0_u16..=7) {
            let is_extended = |function: u8| {
                let kind = Kind::of(function, None);
                kind != Kind::Other && !matches!(function, 0x01..=0x06 | 0x0F | 0x10 | 0x80..)
            };
            prop_assume!(pdu.first().is_none_or(|function| !is_extended(*function)));
            for direction in [Direction::Request, Direction::Response] {
                let unit = UnitId::from_raw(unit);
                let by_code = basic::decode(direction, unit, &pdu, offset);
                let by_rows = by_layout::decode(direction, unit, &pdu, offset);
                prop_assert_eq!(
                    by_code.map(|body| without_byte_count(direction, body)),
                    by_rows.map(|body| without_byte_count(direction, body))
                );
                let (Ok(by_code), Ok(by_rows)) = (by_code, by_rows) else { continue };
                let mut wires = [[0; 8]; 2];
                let mut heads = std::vec::Vec::new();
                for wire in &mut wires {
                    let is_first = heads.is_empty();
                    let mut writer = Writer::new(wire);
                    let is_coils = if is_first {
                        basic::write_head(&by_code, direction, &mut writer)
                    } else {
                        by_layout::write_head(&by_rows, direction, &mut writer)
                    };
                    heads.push((is_coils, writer.len()));
                }
                prop_assert_eq!(heads[0], heads[1]);
                prop_assert_eq!(wires[0], wires[1]);
            }
        }
    }
}
