//! The response PDU: what a server answers.
//!
//! ```text
//! 01 02       | function | byte count 1 | coils |
//! 03 04 17    | function | byte count 1 | registers |
//! 05 06 16    | the request |
//! 0F 10       | function | starting address 2 | quantity 2 |
//! 07          | function | exception status 1 |
//! 0B          | function | status 2 | event count 2 |
//! 11          | function | byte count 1 | server id |
//! ```
//!
//! 08, 0C, 14, 15, 18 and 2B have modules of their own; the exception response is [`Exception`].

use crate::data::coils_len;
#[cfg(feature = "extended-functions")]
use crate::device_identification::DeviceIdentification;
#[cfg(feature = "extended-functions")]
use crate::diagnostics::{Diagnostics, SubFunction};
#[cfg(feature = "extended-functions")]
use crate::event_log::{CommEventLog, STATUS, STATUS_BUSY};
#[cfg(feature = "extended-functions")]
use crate::file_record::{FileData, WriteFileRecords};
use crate::pdu::{EncodeError, Error, Expected, Field};
use crate::reader::{Reader, saturate};
use crate::request::{
    address, open, span_of, write_coils, write_other, write_raw, write_registers, write_span,
};
use crate::writer::Writer;
use crate::{Address, Coils, Exception, ExceptionCode, FunctionCode, Quantity, Registers, Request};

/// What came back: the response, or the exception instead of it. An exception, known or not, is never a success.
pub type Reply<'a> = Result<Response<'a>, Exception>;

/// A normal response, borrowed from the bytes it was decoded from or from the caller's data.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Response<'a> {
    /// 01. The quantity is the request's; limit the view with [`Coils::first`].
    ReadCoils(Coils<'a>),
    /// 02. The quantity is the request's; limit the view with [`Coils::first`].
    ReadDiscreteInputs(Coils<'a>),
    /// 03.
    ReadHoldingRegisters(Registers<'a>),
    /// 04.
    ReadInputRegisters(Registers<'a>),
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
        /// How many were written.
        quantity: Quantity<1968>,
    },
    /// 10.
    WriteMultipleRegisters {
        /// The first register.
        starting_address: Address,
        /// How many were written.
        quantity: Quantity<123>,
    },
    /// 07: eight outputs that the device defines.
    #[cfg(feature = "extended-functions")]
    ReadExceptionStatus(u8),
    /// 08.
    #[cfg(feature = "extended-functions")]
    Diagnostics(Diagnostics<'a>),
    /// 0B.
    #[cfg(feature = "extended-functions")]
    GetCommEventCounter {
        /// Whether an earlier command is still being processed; 0xFFFF on the wire.
        is_busy: bool,
        /// The number of requests completed without an exception.
        event_count: u16,
    },
    /// 0C.
    #[cfg(feature = "extended-functions")]
    GetCommEventLog(CommEventLog<'a>),
    /// 11: the bytes as they are; see [`crate::server_id::split`].
    #[cfg(feature = "extended-functions")]
    ReportServerId(&'a [u8]),
    /// 14.
    #[cfg(feature = "extended-functions")]
    ReadFileRecord(FileData<'a>),
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
    /// 17.
    #[cfg(feature = "extended-functions")]
    ReadWriteMultipleRegisters(Registers<'a>),
    /// 18: at most 31 registers.
    #[cfg(feature = "extended-functions")]
    ReadFifoQueue(Registers<'a>),
    /// 2B with MEI type 0E.
    #[cfg(feature = "extended-functions")]
    ReadDeviceIdentification(DeviceIdentification<'a>),
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

const COILS_BYTES: Expected = Expected::Between { min: 1, max: 250 };
const REGISTERS_BYTES: Expected = Expected::MultipleOf { of: 2, min: 2, max: 250 };
#[cfg(feature = "extended-functions")]
const SERVER_ID_BYTES: Expected = Expected::Between { min: 1, max: 251 };

impl<'a> Response<'a> {
    /// Decodes a whole PDU.
    ///
    /// # Errors
    /// What the standard refuses, with offsets from the function code.
    pub fn decode(pdu: &'a [u8]) -> Result<Reply<'a>, Error> {
        Self::decode_at(pdu, 0)
    }

    /// Decodes a PDU that begins `offset` bytes into the caller's input.
    pub(crate) fn decode_at(pdu: &'a [u8], offset: u16) -> Result<Reply<'a>, Error> {
        let mut reader = open(pdu, offset)?;
        let function = reader.u8(Field::FunctionCode)?;
        if function & 0x7F == 0 {
            // 0 is no function, so 0x80 refuses none.
            let expected = if function == 0 {
                Expected::Between { min: 1, max: 0xFF }
            } else {
                Expected::Between { min: 0x81, max: 0xFF }
            };
            return Err(Error::Value {
                field: Field::FunctionCode,
                offset,
                expected,
                got: function.into(),
            });
        }
        let reply = if function > 0x80 {
            let code = ExceptionCode::new(reader.u8(Field::ExceptionCode)?);
            Err(Exception { function: FunctionCode::new(function).to_request(), code })
        } else {
            Ok(Self::decode_body(function, &mut reader)?)
        };
        reader.finish()?;
        Ok(reply)
    }

    fn decode_body(function: u8, reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(match function {
            0x01 => Self::ReadCoils(coils(reader)?),
            0x02 => Self::ReadDiscreteInputs(coils(reader)?),
            0x03 => Self::ReadHoldingRegisters(registers(reader)?),
            0x04 => Self::ReadInputRegisters(registers(reader)?),
            0x05 => Self::WriteSingleCoil {
                output_address: address(reader, Field::OutputAddress)?,
                output_value: reader.u16_of(Field::OutputValue, Expected::Either(0, 0xFF00))? != 0,
            },
            0x06 => Self::WriteSingleRegister {
                register_address: address(reader, Field::RegisterAddress)?,
                register_value: reader.u16(Field::RegisterValue)?,
            },
            0x0F => {
                let (starting_address, quantity) = span_of(reader)?;
                Self::WriteMultipleCoils { starting_address, quantity }
            }
            0x10 => {
                let (starting_address, quantity) = span_of(reader)?;
                Self::WriteMultipleRegisters { starting_address, quantity }
            }
            #[cfg(feature = "extended-functions")]
            _ => Self::decode_extended(function, reader)?,
            #[cfg(not(feature = "extended-functions"))]
            _ => Self::Other { function: FunctionCode::new(function), data: reader.take_rest() },
        })
    }

    /// Writes the PDU to the front of `buffer` and returns the written slice.
    ///
    /// # Errors
    /// A buffer that is too small; more data, or less, than the function allows.
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
            Self::ReadCoils(coils) | Self::ReadDiscreteInputs(coils) => {
                byte_count(COILS_BYTES, coils.as_bytes())?;
                write_coils(writer, coils);
            }
            Self::ReadHoldingRegisters(registers) | Self::ReadInputRegisters(registers) => {
                byte_count(REGISTERS_BYTES, registers.as_bytes())?;
                write_registers(writer, registers);
            }
            Self::WriteSingleCoil { output_address, output_value } => {
                writer.u16(output_address.as_raw());
                writer.u16(if output_value { 0xFF00 } else { 0 });
            }
            Self::WriteSingleRegister { register_address, register_value } => {
                writer.u16(register_address.as_raw());
                writer.u16(register_value);
            }
            Self::WriteMultipleCoils { starting_address, quantity } => {
                return write_span(writer, starting_address, quantity.as_raw(), 1968);
            }
            Self::WriteMultipleRegisters { starting_address, quantity } => {
                return write_span(writer, starting_address, quantity.as_raw(), 123);
            }
            Self::Other { function, data } => {
                write_other(writer, function)?;
                return write_raw(writer, data, 1);
            }
            #[cfg(feature = "extended-functions")]
            _ => return self.write_extended(writer),
        }
        Ok(())
    }

    /// The function code, the request's.
    #[must_use]
    pub const fn function(&self) -> FunctionCode {
        FunctionCode::new(match self {
            Self::ReadCoils(_) => 0x01,
            Self::ReadDiscreteInputs(_) => 0x02,
            Self::ReadHoldingRegisters(_) => 0x03,
            Self::ReadInputRegisters(_) => 0x04,
            Self::WriteSingleCoil { .. } => 0x05,
            Self::WriteSingleRegister { .. } => 0x06,
            Self::WriteMultipleCoils { .. } => 0x0F,
            Self::WriteMultipleRegisters { .. } => 0x10,
            #[cfg(feature = "extended-functions")]
            Self::ReadExceptionStatus(_) => 0x07,
            #[cfg(feature = "extended-functions")]
            Self::Diagnostics(_) => 0x08,
            #[cfg(feature = "extended-functions")]
            Self::GetCommEventCounter { .. } => 0x0B,
            #[cfg(feature = "extended-functions")]
            Self::GetCommEventLog(_) => 0x0C,
            #[cfg(feature = "extended-functions")]
            Self::ReportServerId(_) => 0x11,
            #[cfg(feature = "extended-functions")]
            Self::ReadFileRecord(_) => 0x14,
            #[cfg(feature = "extended-functions")]
            Self::WriteFileRecord(_) => 0x15,
            #[cfg(feature = "extended-functions")]
            Self::MaskWriteRegister { .. } => 0x16,
            #[cfg(feature = "extended-functions")]
            Self::ReadWriteMultipleRegisters(_) => 0x17,
            #[cfg(feature = "extended-functions")]
            Self::ReadFifoQueue(_) => 0x18,
            #[cfg(feature = "extended-functions")]
            Self::ReadDeviceIdentification(_) | Self::EncapsulatedInterface { .. } => 0x2B,
            Self::Other { function, .. } => function.as_raw(),
        })
    }

    /// The number of bytes that [`Response::encode`] writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let mut writer = Writer::new(&mut []);
        // A value that cannot be encoded has no length to speak of; what was counted until then is an honest bound.
        let _ = self.write(&mut writer);
        writer.len()
    }

    /// Whether this is an answer that `request` could have: the same function, the echoed fields equal, as much data as
    /// was asked for.
    ///
    /// # Errors
    /// The first thing that does not match.
    pub fn answers(&self, request: &Request<'_>) -> Result<(), Mismatch> {
        let (expected, got) = (request.function(), self.function());
        if expected != got {
            return Err(Mismatch::Function { expected, got });
        }
        match (*request, *self) {
            (Request::ReadCoils { quantity, .. }, Self::ReadCoils(coils))
            | (Request::ReadDiscreteInputs { quantity, .. }, Self::ReadDiscreteInputs(coils)) => {
                byte_counts(coils_len(quantity.as_raw()), coils.as_bytes())
            }
            (Request::ReadHoldingRegisters { quantity, .. }, Self::ReadHoldingRegisters(data))
            | (Request::ReadInputRegisters { quantity, .. }, Self::ReadInputRegisters(data)) => {
                byte_counts(usize::from(quantity.as_raw()).wrapping_mul(2), data.as_bytes())
            }
            (
                Request::WriteSingleCoil { output_address: address, output_value: value },
                Self::WriteSingleCoil { output_address, output_value },
            ) => echoed(address == output_address && value == output_value),
            (
                Request::WriteSingleRegister { register_address: address, register_value: value },
                Self::WriteSingleRegister { register_address, register_value },
            ) => echoed(address == register_address && value == register_value),
            (
                Request::WriteMultipleCoils { starting_address: address, coils },
                Self::WriteMultipleCoils { starting_address, quantity },
            ) => echoed(address == starting_address && coils.quantity() == quantity.as_raw()),
            (
                Request::WriteMultipleRegisters { starting_address: address, registers },
                Self::WriteMultipleRegisters { starting_address, quantity },
            ) => echoed(
                address == starting_address && registers.count() == usize::from(quantity.as_raw()),
            ),
            #[cfg(feature = "extended-functions")]
            _ => self.answers_extended(request),
            #[cfg(not(feature = "extended-functions"))]
            _ => Ok(()),
        }
    }
}

#[cfg(feature = "extended-functions")]
impl<'a> Response<'a> {
    fn decode_extended(function: u8, reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(match function {
            0x07 => Self::ReadExceptionStatus(reader.u8(Field::ExceptionStatus)?),
            0x08 => Self::Diagnostics(Diagnostics::read(reader)?),
            0x0B => Self::GetCommEventCounter {
                is_busy: reader.u16_of(Field::Status, STATUS)? != 0,
                event_count: reader.u16(Field::EventCount)?,
            },
            0x0C => Self::GetCommEventLog(CommEventLog::read(reader)?),
            0x11 => {
                let byte_count = reader.u8_of(Field::ByteCount, SERVER_ID_BYTES)?;
                Self::ReportServerId(reader.take(Field::ServerId, byte_count.into())?)
            }
            0x14 => Self::ReadFileRecord(FileData::read(reader)?),
            0x15 => Self::WriteFileRecord(WriteFileRecords::read(reader)?),
            0x16 => Self::MaskWriteRegister {
                reference_address: address(reader, Field::ReferenceAddress)?,
                and_mask: reader.u16(Field::AndMask)?,
                or_mask: reader.u16(Field::OrMask)?,
            },
            0x17 => Self::ReadWriteMultipleRegisters(registers(reader)?),
            0x18 => Self::ReadFifoQueue(crate::fifo::read(reader)?),
            0x2B => match reader.u8(Field::MeiType)? {
                crate::device_identification::MEI_TYPE => {
                    Self::ReadDeviceIdentification(DeviceIdentification::read(reader)?)
                }
                mei_type => Self::EncapsulatedInterface { mei_type, data: reader.take_rest() },
            },
            function => {
                Self::Other { function: FunctionCode::new(function), data: reader.take_rest() }
            }
        })
    }

    fn write_extended(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        match *self {
            Self::ReadExceptionStatus(status) => writer.u8(status),
            Self::Diagnostics(diagnostics) => return diagnostics.write(writer),
            Self::GetCommEventCounter { is_busy, event_count } => {
                writer.u16(if is_busy { STATUS_BUSY } else { 0 });
                writer.u16(event_count);
            }
            Self::GetCommEventLog(log) => return log.write(writer),
            Self::ReportServerId(data) => {
                byte_count(SERVER_ID_BYTES, data)?;
                writer.u8(saturate(data.len()) as u8);
                writer.bytes(data);
            }
            Self::ReadFileRecord(data) => return data.write(writer),
            Self::WriteFileRecord(records) => return records.write(writer),
            Self::MaskWriteRegister { reference_address, and_mask, or_mask } => {
                writer.u16(reference_address.as_raw());
                writer.u16(and_mask);
                writer.u16(or_mask);
            }
            Self::ReadWriteMultipleRegisters(registers) => {
                byte_count(REGISTERS_BYTES, registers.as_bytes())?;
                write_registers(writer, registers);
            }
            Self::ReadFifoQueue(registers) => return crate::fifo::write(writer, registers),
            Self::ReadDeviceIdentification(body) => return body.write(writer),
            Self::EncapsulatedInterface { mei_type, data } => {
                writer.u8(mei_type);
                return write_raw(writer, data, 2);
            }
            // The others are written by `write`.
            _ => {}
        }
        Ok(())
    }

    fn answers_extended(&self, request: &Request<'_>) -> Result<(), Mismatch> {
        match (*request, *self) {
            (Request::Diagnostics(asked), Self::Diagnostics(answered)) => {
                let echo = asked.sub_function() == SubFunction::RETURN_QUERY_DATA;
                echoed(
                    asked.sub_function() == answered.sub_function()
                        && (!echo || asked.data() == answered.data()),
                )
            }
            (Request::ReadFileRecord(asked), Self::ReadFileRecord(data)) => {
                let asked = asked.iter().map(|record| usize::from(record.record_length));
                echoed(asked.eq(data.iter().map(|registers| registers.count())))
            }
            (Request::WriteFileRecord(asked), Self::WriteFileRecord(answered)) => {
                echoed(asked == answered)
            }
            (
                Request::MaskWriteRegister { reference_address, and_mask, or_mask },
                Self::MaskWriteRegister { reference_address: address, and_mask: and, or_mask: or },
            ) => echoed(reference_address == address && and_mask == and && or_mask == or),
            (
                Request::ReadWriteMultipleRegisters { read_quantity, .. },
                Self::ReadWriteMultipleRegisters(registers),
            ) => {
                let expected = usize::from(read_quantity.as_raw()).wrapping_mul(2);
                byte_counts(expected, registers.as_bytes())
            }
            (
                Request::ReadDeviceIdentification { code, .. },
                Self::ReadDeviceIdentification(body),
            ) => echoed(code == body.code),
            (
                Request::EncapsulatedInterface { mei_type: asked, .. },
                Self::EncapsulatedInterface { mei_type, .. },
            ) => echoed(asked == mei_type),
            (Request::ReadDeviceIdentification { .. }, Self::EncapsulatedInterface { .. })
            | (Request::EncapsulatedInterface { .. }, Self::ReadDeviceIdentification(_)) => {
                echoed(false)
            }
            _ => Ok(()),
        }
    }
}

impl Exception {
    /// Writes the exception's PDU to the front of `buffer` and returns the written slice.
    ///
    /// # Errors
    /// A buffer of less than two bytes; function code 0, which nothing can refuse.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        let mut writer = Writer::new(buffer);
        self.write(&mut writer)?;
        writer.finish()
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        let function = self.function.to_exception();
        if function.to_request().as_raw() == 0 {
            let expected = Expected::Between { min: 0x81, max: 0xFF };
            return Err(EncodeError::Value { field: Field::FunctionCode, expected, got: 0x80 });
        }
        writer.u8(function.as_raw());
        writer.u8(self.code.as_raw());
        Ok(())
    }
}

/// Why a response cannot be the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mismatch {
    /// Another function answered.
    #[error("function {expected} was asked, {got} answered")]
    Function {
        /// The request's.
        expected: FunctionCode,
        /// The response's.
        got: FunctionCode,
    },
    /// More data, or less, than was asked for.
    #[error("{expected} bytes of data were asked for, {got} came")]
    ByteCount {
        /// What the request's quantity needs.
        expected: u16,
        /// What the response carries.
        got: u16,
    },
    /// A field that the standard has repeated was not.
    #[error("the response does not repeat the request")]
    Echo,
}

fn coils<'a>(reader: &mut Reader<'a>) -> Result<Coils<'a>, Error> {
    let byte_count = reader.u8_of(Field::ByteCount, COILS_BYTES)?;
    let bytes = reader.take(Field::Coils, byte_count.into())?;
    Ok(Coils::wrap(bytes, u16::from(byte_count).wrapping_mul(8)))
}

fn registers<'a>(reader: &mut Reader<'a>) -> Result<Registers<'a>, Error> {
    let byte_count = reader.u8_of(Field::ByteCount, REGISTERS_BYTES)?;
    reader.take(Field::Registers, byte_count.into()).map(Registers::wrap)
}

fn byte_count(expected: Expected, bytes: &[u8]) -> Result<(), EncodeError> {
    let got = saturate(bytes.len());
    if expected.allows(got) {
        return Ok(());
    }
    Err(EncodeError::Value { field: Field::ByteCount, expected, got })
}

fn byte_counts(expected: usize, bytes: &[u8]) -> Result<(), Mismatch> {
    if expected == bytes.len() {
        return Ok(());
    }
    Err(Mismatch::ByteCount { expected: saturate(expected), got: saturate(bytes.len()) })
}

fn echoed(is_equal: bool) -> Result<(), Mismatch> {
    if is_equal { Ok(()) } else { Err(Mismatch::Echo) }
}
