//! 18 Read FIFO Queue: the only PDU whose byte count has two bytes.
//!
//! ```text
//! response:  | 18 | byte count 2 | FIFO count 2 | registers |      byte count = 2 + 2 x FIFO count
//! ```

use crate::Registers;
use crate::pdu::{EncodeError, Error, Expected, Field};
use crate::reader::{Reader, saturate};
use crate::writer::Writer;

/// The most registers that a queue answers with.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.18.
pub const FIFO_COUNT_MAX: u16 = 31;

pub(crate) fn read<'a>(reader: &mut Reader<'a>) -> Result<Registers<'a>, Error> {
    let mut ahead = *reader;
    ahead.u16(Field::ByteCount)?;
    let expected = Expected::Between { min: 0, max: FIFO_COUNT_MAX };
    let fifo_count = ahead.u16_of(Field::FifoCount, expected)?;
    let len = fifo_count.wrapping_mul(2);
    reader.u16_of(Field::ByteCount, Expected::Exactly(len.wrapping_add(2)))?;
    reader.u16(Field::FifoCount)?;
    reader.take(Field::Registers, len).map(Registers::wrap)
}

pub(crate) fn write(writer: &mut Writer<'_>, registers: Registers<'_>) -> Result<(), EncodeError> {
    let got = saturate(registers.count());
    let expected = Expected::Between { min: 0, max: FIFO_COUNT_MAX };
    if !expected.allows(got) {
        return Err(EncodeError::Value { field: Field::FifoCount, expected, got });
    }
    writer.u16(got.wrapping_mul(2).wrapping_add(2));
    writer.u16(got);
    writer.bytes(registers.as_bytes());
    Ok(())
}
