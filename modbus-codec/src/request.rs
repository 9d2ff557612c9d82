//! The request PDU: what a client asks.
//!
//! ```text
//! 01 02 03 04 | function | starting address 2 | quantity 2 |
//! 05 06       | function | address 2          | value 2    |
//! 0F 10       | function | starting address 2 | quantity 2 | byte count 1 | data |
//! 16          | function | reference address 2 | and mask 2 | or mask 2 |
//! 17          | function | read address 2 | read quantity 2 | write address 2 | write quantity 2 | byte count 1 | data |
//! 18          | function | FIFO pointer address 2 |
//! 07 0B 0C 11 | function |
//! ```
//!
//! 08, 14, 15 and 2B have modules of their own.

use crate::data::coils_len;
#[cfg(feature = "extended-functions")]
use crate::device_identification::ReadDeviceIdCode;
#[cfg(feature = "extended-functions")]
use crate::diagnostics::Diagnostics;
#[cfg(feature = "extended-functions")]
use crate::file_record::{ReadFileRecords, WriteFileRecords};
use crate::pdu::{EncodeError, Error, Expected, Field, LEN_MAX};
use crate::reader::{Reader, check, saturate};
use crate::writer::Writer;
use crate::{Address, Coils, FunctionCode, Quantity, Registers};

/// A request, borrowed from the bytes it was decoded from or from the caller's data.
///
/// Starting address plus quantity is at most 65,536; [`Request::decode`] refuses more, and so does [`Request::encode`].
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Request<'a> {
    /// 01.
    ReadCoils {
        /// The first coil.
        starting_address: Address,
        /// How many coils.
        quantity: Quantity<2000>,
    },
    /// 02.
    ReadDiscreteInputs {
        /// The first input.
        starting_address: Address,
        /// How many inputs.
        quantity: Quantity<2000>,
    },
    /// 03.
    ReadHoldingRegisters {
        /// The first register.
        starting_address: Address,
        /// How many registers.
        quantity: Quantity<125>,
    },
    /// 04.
    ReadInputRegisters {
        /// The first register.
        starting_address: Address,
        /// How many registers.
        quantity: Quantity<125>,
    },
    /// 05.
    WriteSingleCoil {
        /// The coil.
        output_address: Address,
        /// On is 0xFF00 on the wire, off 0x0000.
        output_value: bool,
    },
    /// 06.
    WriteSingleRegister {
        /// The register.
        register_address: Address,
        /// Its new value.
        register_value: u16,
    },
    /// 0F.
    WriteMultipleCoils {
        /// The first coil.
        starting_address: Address,
        /// The new values, 1..=1968.
        coils: Coils<'a>,
    },
    /// 10.
    WriteMultipleRegisters {
        /// The first register.
        starting_address: Address,
        /// The new values, 1..=123.
        registers: Registers<'a>,
    },
    /// 07.
    #[cfg(feature = "extended-functions")]
    ReadExceptionStatus,
    /// 08.
    #[cfg(feature = "extended-functions")]
    Diagnostics(Diagnostics<'a>),
    /// 0B.
    #[cfg(feature = "extended-functions")]
    GetCommEventCounter,
    /// 0C.
    #[cfg(feature = "extended-functions")]
    GetCommEventLog,
    /// 11.
    #[cfg(feature = "extended-functions")]
    ReportServerId,
    /// 14.
    #[cfg(feature = "extended-functions")]
    ReadFileRecord(ReadFileRecords<'a>),
    /// 15.
    #[cfg(feature = "extended-functions")]
    WriteFileRecord(WriteFileRecords<'a>),
    /// 16.
    #[cfg(feature = "extended-functions")]
    MaskWriteRegister {
        /// The register.
        reference_address: Address,
        /// The bits that stay.
        and_mask: u16,
        /// The bits that are set where the and mask has 0.
        or_mask: u16,
    },
    /// 17. The server writes before it reads.
    #[cfg(feature = "extended-functions")]
    ReadWriteMultipleRegisters {
        /// The first register to read.
        read_starting_address: Address,
        /// How many to read.
        read_quantity: Quantity<125>,
        /// The first register to write.
        write_starting_address: Address,
        /// The new values, 1..=121.
        registers: Registers<'a>,
    },
    /// 18.
    #[cfg(feature = "extended-functions")]
    ReadFifoQueue {
        /// The register that holds the count.
        fifo_pointer_address: Address,
    },
    /// 2B with MEI type 0E.
    #[cfg(feature = "extended-functions")]
    ReadDeviceIdentification {
        /// Which objects.
        code: ReadDeviceIdCode,
        /// The object to begin with, or the one object of individual access.
        object_id: u8,
    },
    /// 2B with any other MEI type (0D is CANopen): the bytes after it as they are.
    #[cfg(feature = "extended-functions")]
    EncapsulatedInterface {
        /// The MEI type.
        mei_type: u8,
        /// What follows it.
        data: &'a [u8],
    },
    /// Any other function: user-defined, reserved, or left out by the features of this crate.
    Other {
        /// The function code, 0x01..=0x7F.
        function: FunctionCode,
        /// What follows it.
        data: &'a [u8],
    },
}

/// What each function that writes several may write at most.
const WRITE_COILS_MAX: u16 = 1968;
const WRITE_REGISTERS_MAX: u16 = 123;
#[cfg(feature = "extended-functions")]
const READ_WRITE_REGISTERS_MAX: u16 = 121;

impl<'a> Request<'a> {
    /// Decodes a whole PDU.
    ///
    /// # Errors
    /// What the standard refuses, with offsets from the function code.
    pub fn decode(pdu: &'a [u8]) -> Result<Self, Error> {
        Self::decode_at(pdu, 0)
    }

    /// Decodes a PDU that begins `offset` bytes into the caller's input.
    pub(crate) fn decode_at(pdu: &'a [u8], offset: u16) -> Result<Self, Error> {
        let mut reader = open(pdu, offset)?;
        let function =
            reader.u8_of(Field::FunctionCode, Expected::Between { min: 1, max: 0x7F })?;
        let request = match function {
            0x01..=0x04 => Self::decode_read(function, &mut reader)?,
            0x05 => Self::WriteSingleCoil {
                output_address: address(&mut reader, Field::OutputAddress)?,
                output_value: reader.u16_of(Field::OutputValue, Expected::Either(0, 0xFF00))? != 0,
            },
            0x06 => Self::WriteSingleRegister {
                register_address: address(&mut reader, Field::RegisterAddress)?,
                register_value: reader.u16(Field::RegisterValue)?,
            },
            0x0F => {
                let (starting_address, quantity) = span(&mut reader, SPAN, WRITE_COILS_MAX)?;
                let bytes = counted(&mut reader, Field::Coils, saturate(coils_len(quantity)))?;
                Self::WriteMultipleCoils { starting_address, coils: Coils::wrap(bytes, quantity) }
            }
            0x10 => {
                let (starting_address, quantity) = span(&mut reader, SPAN, WRITE_REGISTERS_MAX)?;
                let bytes = counted(&mut reader, Field::Registers, quantity.wrapping_mul(2))?;
                Self::WriteMultipleRegisters { starting_address, registers: Registers::wrap(bytes) }
            }
            #[cfg(feature = "extended-functions")]
            _ => Self::decode_extended(function, &mut reader)?,
            #[cfg(not(feature = "extended-functions"))]
            _ => Self::Other { function: FunctionCode::new(function), data: reader.take_rest() },
        };
        reader.finish()?;
        Ok(request)
    }

    /// Writes the PDU to the front of `buffer` and returns the written slice.
    ///
    /// # Errors
    /// A buffer that is too small; more data than the function allows; a span past address 65,535.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        let mut writer = Writer::new(buffer);
        self.write(&mut writer)?;
        writer.finish()
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        if !matches!(self, Self::Other { .. }) {
            writer.u8(self.function().as_raw());
        }
        match *self {
            Self::ReadCoils { starting_address, quantity }
            | Self::ReadDiscreteInputs { starting_address, quantity } => {
                write_span(writer, starting_address, quantity.as_raw(), 2000)
            }
            Self::ReadHoldingRegisters { starting_address, quantity }
            | Self::ReadInputRegisters { starting_address, quantity } => {
                write_span(writer, starting_address, quantity.as_raw(), 125)
            }
            Self::WriteSingleCoil { output_address, output_value } => {
                writer.u16(output_address.as_raw());
                writer.u16(if output_value { 0xFF00 } else { 0 });
                Ok(())
            }
            Self::WriteSingleRegister { register_address, register_value } => {
                writer.u16(register_address.as_raw());
                writer.u16(register_value);
                Ok(())
            }
            Self::WriteMultipleCoils { starting_address, coils } => {
                write_span(writer, starting_address, coils.quantity(), WRITE_COILS_MAX)?;
                write_coils(writer, coils);
                Ok(())
            }
            Self::WriteMultipleRegisters { starting_address, registers } => {
                let quantity = saturate(registers.count());
                write_span(writer, starting_address, quantity, WRITE_REGISTERS_MAX)?;
                write_registers(writer, registers);
                Ok(())
            }
            Self::Other { function, data } => {
                write_other(writer, function)?;
                write_raw(writer, data, 1)
            }
            #[cfg(feature = "extended-functions")]
            _ => self.write_extended(writer),
        }
    }

    /// The function code.
    #[must_use]
    pub const fn function(&self) -> FunctionCode {
        FunctionCode::new(match self {
            Self::ReadCoils { .. } => 0x01,
            Self::ReadDiscreteInputs { .. } => 0x02,
            Self::ReadHoldingRegisters { .. } => 0x03,
            Self::ReadInputRegisters { .. } => 0x04,
            Self::WriteSingleCoil { .. } => 0x05,
            Self::WriteSingleRegister { .. } => 0x06,
            Self::WriteMultipleCoils { .. } => 0x0F,
            Self::WriteMultipleRegisters { .. } => 0x10,
            #[cfg(feature = "extended-functions")]
            Self::ReadExceptionStatus => 0x07,
            #[cfg(feature = "extended-functions")]
            Self::Diagnostics(_) => 0x08,
            #[cfg(feature = "extended-functions")]
            Self::GetCommEventCounter => 0x0B,
            #[cfg(feature = "extended-functions")]
            Self::GetCommEventLog => 0x0C,
            #[cfg(feature = "extended-functions")]
            Self::ReportServerId => 0x11,
            #[cfg(feature = "extended-functions")]
            Self::ReadFileRecord(_) => 0x14,
            #[cfg(feature = "extended-functions")]
            Self::WriteFileRecord(_) => 0x15,
            #[cfg(feature = "extended-functions")]
            Self::MaskWriteRegister { .. } => 0x16,
            #[cfg(feature = "extended-functions")]
            Self::ReadWriteMultipleRegisters { .. } => 0x17,
            #[cfg(feature = "extended-functions")]
            Self::ReadFifoQueue { .. } => 0x18,
            #[cfg(feature = "extended-functions")]
            Self::ReadDeviceIdentification { .. } | Self::EncapsulatedInterface { .. } => 0x2B,
            Self::Other { function, .. } => function.as_raw(),
        })
    }

    /// The number of bytes that [`Request::encode`] writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let mut writer = Writer::new(&mut []);
        // A value that cannot be encoded has no length to speak of; what was counted until then is an honest bound.
        let _ = self.write(&mut writer);
        writer.len()
    }

    /// Whether a server on a serial line answers it: 08 with sub-function 04 is never answered.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        match self {
            #[cfg(feature = "extended-functions")]
            Self::Diagnostics(diagnostics) => diagnostics.is_answered(),
            _ => true,
        }
    }

    fn decode_read(function: u8, reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(match function {
            0x01 => {
                let (starting_address, quantity) = span_of(reader)?;
                Self::ReadCoils { starting_address, quantity }
            }
            0x02 => {
                let (starting_address, quantity) = span_of(reader)?;
                Self::ReadDiscreteInputs { starting_address, quantity }
            }
            0x03 => {
                let (starting_address, quantity) = span_of(reader)?;
                Self::ReadHoldingRegisters { starting_address, quantity }
            }
            _ => {
                let (starting_address, quantity) = span_of(reader)?;
                Self::ReadInputRegisters { starting_address, quantity }
            }
        })
    }
}

#[cfg(feature = "extended-functions")]
impl<'a> Request<'a> {
    fn decode_extended(function: u8, reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(match function {
            0x07 => Self::ReadExceptionStatus,
            0x08 => Self::Diagnostics(Diagnostics::read(reader)?),
            0x0B => Self::GetCommEventCounter,
            0x0C => Self::GetCommEventLog,
            0x11 => Self::ReportServerId,
            0x14 => Self::ReadFileRecord(ReadFileRecords::read(reader)?),
            0x15 => Self::WriteFileRecord(WriteFileRecords::read(reader)?),
            0x16 => Self::MaskWriteRegister {
                reference_address: address(reader, Field::ReferenceAddress)?,
                and_mask: reader.u16(Field::AndMask)?,
                or_mask: reader.u16(Field::OrMask)?,
            },
            0x17 => {
                let (read_starting_address, read_quantity) = span(reader, READ_SPAN, 125)?;
                let (write_starting_address, write_quantity) =
                    span(reader, WRITE_SPAN, READ_WRITE_REGISTERS_MAX)?;
                let bytes = counted(reader, Field::Registers, write_quantity.wrapping_mul(2))?;
                Self::ReadWriteMultipleRegisters {
                    read_starting_address,
                    read_quantity: Quantity::saturated(read_quantity),
                    write_starting_address,
                    registers: Registers::wrap(bytes),
                }
            }
            0x18 => Self::ReadFifoQueue {
                fifo_pointer_address: address(reader, Field::FifoPointerAddress)?,
            },
            0x2B => match reader.u8(Field::MeiType)? {
                crate::device_identification::MEI_TYPE => Self::ReadDeviceIdentification {
                    code: ReadDeviceIdCode::read(reader)?,
                    object_id: reader.u8(Field::ObjectId)?,
                },
                mei_type => Self::EncapsulatedInterface { mei_type, data: reader.take_rest() },
            },
            function => {
                Self::Other { function: FunctionCode::new(function), data: reader.take_rest() }
            }
        })
    }

    fn write_extended(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        match *self {
            Self::Diagnostics(diagnostics) => return diagnostics.write(writer),
            Self::ReadFileRecord(records) => return records.write(writer),
            Self::WriteFileRecord(records) => return records.write(writer),
            Self::MaskWriteRegister { reference_address, and_mask, or_mask } => {
                writer.u16(reference_address.as_raw());
                writer.u16(and_mask);
                writer.u16(or_mask);
            }
            Self::ReadWriteMultipleRegisters {
                read_starting_address,
                read_quantity,
                write_starting_address,
                registers,
            } => {
                write_span(writer, read_starting_address, read_quantity.as_raw(), 125)?;
                let quantity = saturate(registers.count());
                write_span(writer, write_starting_address, quantity, READ_WRITE_REGISTERS_MAX)?;
                write_registers(writer, registers);
            }
            Self::ReadFifoQueue { fifo_pointer_address } => {
                writer.u16(fifo_pointer_address.as_raw());
            }
            Self::ReadDeviceIdentification { code, object_id } => {
                writer.u8(crate::device_identification::MEI_TYPE);
                writer.u8(code.as_raw());
                writer.u8(object_id);
            }
            Self::EncapsulatedInterface { mei_type, data } => {
                writer.u8(mei_type);
                return write_raw(writer, data, 2);
            }
            // 07, 0B, 0C and 11 are the function code alone; the others are written by `write`.
            _ => {}
        }
        Ok(())
    }
}

/// The two fields of a span, by the names that the function gives them.
type SpanFields = (Field, Field);
const SPAN: SpanFields = (Field::StartingAddress, Field::Quantity);
#[cfg(feature = "extended-functions")]
const READ_SPAN: SpanFields = (Field::ReadStartingAddress, Field::ReadQuantity);
#[cfg(feature = "extended-functions")]
const WRITE_SPAN: SpanFields = (Field::WriteStartingAddress, Field::WriteQuantity);

pub(crate) fn open(pdu: &[u8], offset: u16) -> Result<Reader<'_>, Error> {
    if pdu.len() > LEN_MAX {
        return Err(Error::Trailing {
            offset: offset.wrapping_add(LEN_MAX as u16),
            len: saturate(pdu.len().wrapping_sub(LEN_MAX)),
        });
    }
    Ok(Reader::new(pdu, offset))
}

pub(crate) fn address(reader: &mut Reader<'_>, field: Field) -> Result<Address, Error> {
    reader.u16(field).map(Address::new)
}

/// A starting address and a quantity whose sum is at most 65,536.
#[inline(never)]
fn span(reader: &mut Reader<'_>, fields: SpanFields, max: u16) -> Result<(Address, u16), Error> {
    let starting_address = address(reader, fields.0)?;
    let quantity = reader.u16(fields.1)?;
    let expected = quantities(starting_address, max);
    check(fields.1, reader.offset().wrapping_sub(2), expected, quantity)?;
    Ok((starting_address, quantity))
}

pub(crate) fn span_of<const MAX: u16>(
    reader: &mut Reader<'_>,
) -> Result<(Address, Quantity<MAX>), Error> {
    let (starting_address, quantity) = span(reader, SPAN, MAX)?;
    Ok((starting_address, Quantity::saturated(quantity)))
}

/// The quantities that may follow `starting_address`.
fn quantities(starting_address: Address, max: u16) -> Expected {
    let room = 0x1_0000 - u32::from(starting_address.as_raw());
    Expected::Between { min: 1, max: u16::try_from(room).unwrap_or(max).min(max) }
}

/// A byte count that must be `len`, and that many bytes.
pub(crate) fn counted<'a>(
    reader: &mut Reader<'a>,
    field: Field,
    len: u16,
) -> Result<&'a [u8], Error> {
    reader.u8_of(Field::ByteCount, Expected::Exactly(len))?;
    reader.take(field, len)
}

pub(crate) fn write_span(
    writer: &mut Writer<'_>,
    starting_address: Address,
    quantity: u16,
    max: u16,
) -> Result<(), EncodeError> {
    let expected = quantities(starting_address, max);
    if !expected.allows(quantity) {
        return Err(EncodeError::Value { field: Field::Quantity, expected, got: quantity });
    }
    writer.u16(starting_address.as_raw());
    writer.u16(quantity);
    Ok(())
}

/// The byte count and the coils, padding zero.
pub(crate) fn write_coils(writer: &mut Writer<'_>, coils: Coils<'_>) {
    let bytes = coils.as_bytes();
    writer.u8(saturate(bytes.len()) as u8);
    if let Some((last, whole)) = bytes.split_last() {
        writer.bytes(whole);
        writer.u8(last & coils.last_mask());
    }
}

/// The byte count and the registers.
pub(crate) fn write_registers(writer: &mut Writer<'_>, registers: Registers<'_>) {
    let bytes = registers.as_bytes();
    writer.u8(saturate(bytes.len()) as u8);
    writer.bytes(bytes);
}

/// A function code that has no variant of its own.
pub(crate) fn write_other(
    writer: &mut Writer<'_>,
    function: FunctionCode,
) -> Result<(), EncodeError> {
    let expected = Expected::Between { min: 1, max: 0x7F };
    let got = u16::from(function.as_raw());
    if !expected.allows(got) {
        return Err(EncodeError::Value { field: Field::FunctionCode, expected, got });
    }
    writer.u8(function.as_raw());
    Ok(())
}

/// Bytes as they are, in a PDU that has `before` bytes already.
pub(crate) fn write_raw(
    writer: &mut Writer<'_>,
    data: &[u8],
    before: u8,
) -> Result<(), EncodeError> {
    let len = saturate(data.len()).saturating_add(before.into());
    if usize::from(len) > LEN_MAX {
        let expected = Expected::Between { min: 1, max: LEN_MAX as u16 };
        return Err(EncodeError::Value { field: Field::PduLength, expected, got: len });
    }
    writer.bytes(data);
    Ok(())
}
