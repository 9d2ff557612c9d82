//! 18 Read FIFO Queue: the only PDU whose byte count has two bytes.
//!
//! ```text
//! response:  | 18 | byte count 2 | FIFO count 2 | registers |      byte count = 2 + 2 x FIFO count
//! ```

use crate::Registers;
use crate::body::{Body, WORDS_MAX};
use crate::pdu::{Expected, Field, saturate};
use crate::reader::Reader;

/// The most registers that a queue answers with.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.18.
pub const FIFO_COUNT_MAX: u16 = 31;

/// Reads the registers that follow the words.
pub(crate) fn read<'a>(words: [u16; WORDS_MAX], reader: &mut Reader<'a>) -> &'a [u8] {
    let [byte_count, fifo_count, ..] = words;
    let len = fifo_count.wrapping_mul(2);
    let expected = Expected::Exactly(len.wrapping_add(2));
    reader.check(Field::ByteCount, reader.offset().wrapping_sub(4), &expected, byte_count);
    reader.take(Field::Registers, len)
}

pub(crate) fn put<'a>(registers: Registers<'a>, body: &mut Body<'a>) {
    let [byte_count, fifo_count, ..] = &mut body.words;
    *fifo_count = saturate(registers.count());
    *byte_count = fifo_count.wrapping_mul(2).wrapping_add(2);
    body.data = registers.as_bytes();
}
