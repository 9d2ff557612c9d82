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

use crate::body::Body;
use crate::data::coils_len;
#[cfg(feature = "extended-functions")]
use crate::device_identification::DeviceIdentification;
#[cfg(feature = "extended-functions")]
use crate::diagnostics::{Diagnostics, SubFunction};
#[cfg(feature = "extended-functions")]
use crate::event_log::{self, CommEventLog};
#[cfg(feature = "extended-functions")]
use crate::file_record::{FileData, WriteFileRecords};
use crate::kind::Kind;
use crate::pdu::{Direction, EncodeError, Error, saturate};
use crate::request::switch;
use crate::{Address, Coils, Exception, ExceptionCode, FunctionCode};
use crate::{Quantity, Registers, Request, UnitId};

/// The answer: the response, or the exception instead of it. An exception, known or not, is never a success.
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
        /// The bytes after it.
        data: &'a [u8],
    },
    /// Any other function: user-defined, reserved, or left out by the features of this crate.
    Other {
        /// The function code, 0x01..=0x7F.
        function: FunctionCode,
        /// The bytes after it.
        data: &'a [u8],
    },
}

impl<'a> Response<'a> {
    /// Decodes a whole PDU.
    ///
    /// # Errors
    /// A PDU that the standard refuses, with offsets from the function code.
    pub fn decode(pdu: &'a [u8]) -> Result<Reply<'a>, Error> {
        Self::decode_at(pdu, 0)
    }

    /// Decodes a PDU that begins `offset` bytes into the caller's input.
    pub(crate) fn decode_at(pdu: &'a [u8], offset: u16) -> Result<Reply<'a>, Error> {
        Body::decode(Direction::Response, UnitId::TCP_SERVER, pdu, offset).map(Self::from_body)
    }

    /// The response or the exception that a body is, which has been checked.
    pub(crate) fn from_body(body: Body<'a>) -> Reply<'a> {
        let Body { kind, function, words: [first, second, ..], data } = body;
        #[cfg(feature = "extended-functions")]
        let [_, _, third, ..] = body.words;
        let (starting_address, output_value) = (Address::new(first), second != 0);
        Ok(match kind {
            Kind::ReadCoils => Self::ReadCoils(coils(data)),
            Kind::ReadDiscreteInputs => Self::ReadDiscreteInputs(coils(data)),
            Kind::ReadHoldingRegisters => Self::ReadHoldingRegisters(Registers::wrap(data)),
            Kind::ReadInputRegisters => Self::ReadInputRegisters(Registers::wrap(data)),
            Kind::WriteSingleCoil => {
                Self::WriteSingleCoil { output_address: starting_address, output_value }
            }
            Kind::WriteSingleRegister => Self::WriteSingleRegister {
                register_address: starting_address,
                register_value: second,
            },
            Kind::WriteMultipleCoils => {
                Self::WriteMultipleCoils { starting_address, quantity: Quantity::wrap(second) }
            }
            Kind::WriteMultipleRegisters => {
                Self::WriteMultipleRegisters { starting_address, quantity: Quantity::wrap(second) }
            }
            #[cfg(feature = "extended-functions")]
            Kind::ReadExceptionStatus => Self::ReadExceptionStatus(first as u8),
            #[cfg(feature = "extended-functions")]
            Kind::Diagnostics => Self::Diagnostics(Diagnostics::wrap(first, data)),
            #[cfg(feature = "extended-functions")]
            Kind::GetCommEventCounter => {
                Self::GetCommEventCounter { is_busy: first != 0, event_count: second }
            }
            #[cfg(feature = "extended-functions")]
            Kind::GetCommEventLog => Self::GetCommEventLog(CommEventLog::from_body(&body)),
            #[cfg(feature = "extended-functions")]
            Kind::ReportServerId => Self::ReportServerId(data),
            #[cfg(feature = "extended-functions")]
            Kind::ReadFileRecord => Self::ReadFileRecord(FileData::wrap(data)),
            #[cfg(feature = "extended-functions")]
            Kind::WriteFileRecord => Self::WriteFileRecord(WriteFileRecords::wrap(data)),
            #[cfg(feature = "extended-functions")]
            Kind::MaskWriteRegister => Self::MaskWriteRegister {
                reference_address: starting_address,
                and_mask: second,
                or_mask: third,
            },
            #[cfg(feature = "extended-functions")]
            Kind::ReadWriteMultipleRegisters => {
                Self::ReadWriteMultipleRegisters(Registers::wrap(data))
            }
            #[cfg(feature = "extended-functions")]
            Kind::ReadFifoQueue => Self::ReadFifoQueue(Registers::wrap(data)),
            #[cfg(feature = "extended-functions")]
            Kind::ReadDeviceIdentification => {
                Self::ReadDeviceIdentification(DeviceIdentification::from_body(&body))
            }
            #[cfg(feature = "extended-functions")]
            Kind::EncapsulatedInterface => {
                Self::EncapsulatedInterface { mei_type: first as u8, data }
            }
            Kind::Exception => {
                let function = FunctionCode::new(function).to_request();
                return Err(Exception { function, code: ExceptionCode::new(first as u8) });
            }
            Kind::Other => Self::Other { function: FunctionCode::new(function), data },
        })
    }

    /// Writes the PDU to the front of `buffer` and returns the written slice.
    ///
    /// # Errors
    /// A buffer that is too small; more data, or less, than the function allows.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        self.to_body().frame(Direction::Response, UnitId::TCP_SERVER, &[], 0, buffer)
    }

    const fn kind(&self) -> Kind {
        match self {
            Self::ReadCoils { .. } => Kind::ReadCoils,
            Self::ReadDiscreteInputs { .. } => Kind::ReadDiscreteInputs,
            Self::ReadHoldingRegisters { .. } => Kind::ReadHoldingRegisters,
            Self::ReadInputRegisters { .. } => Kind::ReadInputRegisters,
            Self::WriteSingleCoil { .. } => Kind::WriteSingleCoil,
            Self::WriteSingleRegister { .. } => Kind::WriteSingleRegister,
            Self::WriteMultipleCoils { .. } => Kind::WriteMultipleCoils,
            Self::WriteMultipleRegisters { .. } => Kind::WriteMultipleRegisters,
            #[cfg(feature = "extended-functions")]
            Self::ReadExceptionStatus { .. } => Kind::ReadExceptionStatus,
            #[cfg(feature = "extended-functions")]
            Self::Diagnostics { .. } => Kind::Diagnostics,
            #[cfg(feature = "extended-functions")]
            Self::GetCommEventCounter { .. } => Kind::GetCommEventCounter,
            #[cfg(feature = "extended-functions")]
            Self::GetCommEventLog { .. } => Kind::GetCommEventLog,
            #[cfg(feature = "extended-functions")]
            Self::ReportServerId { .. } => Kind::ReportServerId,
            #[cfg(feature = "extended-functions")]
            Self::ReadFileRecord { .. } => Kind::ReadFileRecord,
            #[cfg(feature = "extended-functions")]
            Self::WriteFileRecord { .. } => Kind::WriteFileRecord,
            #[cfg(feature = "extended-functions")]
            Self::MaskWriteRegister { .. } => Kind::MaskWriteRegister,
            #[cfg(feature = "extended-functions")]
            Self::ReadWriteMultipleRegisters { .. } => Kind::ReadWriteMultipleRegisters,
            #[cfg(feature = "extended-functions")]
            Self::ReadFifoQueue { .. } => Kind::ReadFifoQueue,
            #[cfg(feature = "extended-functions")]
            Self::ReadDeviceIdentification { .. } => Kind::ReadDeviceIdentification,
            #[cfg(feature = "extended-functions")]
            Self::EncapsulatedInterface { .. } => Kind::EncapsulatedInterface,
            Self::Other { .. } => Kind::Other,
        }
    }

    pub(crate) fn to_body(self) -> Body<'a> {
        let mut body = Body::new(self.kind(), self.function().as_raw());
        let [first, second, ..] = &mut body.words;
        match self {
            Self::ReadCoils(coils) | Self::ReadDiscreteInputs(coils) => body.set_coils(coils),
            Self::ReadHoldingRegisters(registers) | Self::ReadInputRegisters(registers) => {
                body.data = registers.as_bytes();
            }
            Self::WriteSingleCoil { output_address, output_value } => {
                (*first, *second) = (output_address.as_raw(), switch(output_value));
            }
            Self::WriteSingleRegister { register_address, register_value } => {
                (*first, *second) = (register_address.as_raw(), register_value);
            }
            Self::WriteMultipleCoils { starting_address, quantity } => {
                (*first, *second) = (starting_address.as_raw(), quantity.as_raw());
            }
            Self::WriteMultipleRegisters { starting_address, quantity } => {
                (*first, *second) = (starting_address.as_raw(), quantity.as_raw());
            }
            #[cfg(feature = "extended-functions")]
            Self::ReadExceptionStatus(status) => *first = status.into(),
            #[cfg(feature = "extended-functions")]
            Self::Diagnostics(diagnostics) => {
                *first = diagnostics.sub_function().as_raw();
                body.data = diagnostics.data();
            }
            #[cfg(feature = "extended-functions")]
            Self::GetCommEventCounter { is_busy, event_count } => {
                (*first, *second) = (event_log::status(is_busy), event_count);
            }
            #[cfg(feature = "extended-functions")]
            Self::GetCommEventLog(log) => log.put(&mut body),
            #[cfg(feature = "extended-functions")]
            Self::ReportServerId(data) => body.data = data,
            #[cfg(feature = "extended-functions")]
            Self::ReadFileRecord(data) => body.data = data.as_bytes(),
            #[cfg(feature = "extended-functions")]
            Self::WriteFileRecord(records) => body.data = records.as_bytes(),
            #[cfg(feature = "extended-functions")]
            Self::MaskWriteRegister { reference_address, and_mask, or_mask } => {
                body.words = [reference_address.as_raw(), and_mask, or_mask, 0, 0, 0];
            }
            #[cfg(feature = "extended-functions")]
            Self::ReadWriteMultipleRegisters(registers) => body.data = registers.as_bytes(),
            #[cfg(feature = "extended-functions")]
            Self::ReadFifoQueue(registers) => crate::fifo::put(registers, &mut body),
            #[cfg(feature = "extended-functions")]
            Self::ReadDeviceIdentification(identification) => identification.put(&mut body),
            #[cfg(feature = "extended-functions")]
            Self::EncapsulatedInterface { mei_type, data } => {
                *first = mei_type.into();
                body.data = data;
            }
            Self::Other { data, .. } => body.data = data,
        }
        body
    }

    /// The function code, the request's.
    #[must_use]
    pub const fn function(&self) -> FunctionCode {
        if let Self::Other { function, .. } = self {
            return *function;
        }
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
            Self::Other { .. } => 0,
        })
    }

    /// The number of bytes that [`Response::encode`] writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.to_body().len(Direction::Response)
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
impl Response<'_> {
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
        self.to_body().frame(Direction::Response, UnitId::TCP_SERVER, &[], 0, buffer)
    }

    pub(crate) fn to_body(self) -> Body<'static> {
        let mut body = Body::new(Kind::Exception, self.function.to_exception().as_raw());
        let [code, ..] = &mut body.words;
        *code = self.code.as_raw().into();
        body
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
    /// Another unit answered.
    #[error("unit {expected} was asked, {got} answered")]
    Unit {
        /// The request's.
        expected: UnitId,
        /// The response's.
        got: UnitId,
    },
    /// More data, or less, than was asked for.
    #[error("{expected} bytes of data were asked for, {got} came")]
    ByteCount {
        /// The length that the request's quantity needs.
        expected: u16,
        /// The length that the response carries.
        got: u16,
    },
    /// A field that the standard has repeated was not.
    #[error("the response does not repeat the request")]
    Echo,
}

/// A response does not say its quantity.
fn coils(bytes: &[u8]) -> Coils<'_> {
    Coils::wrap(bytes, (bytes.len() as u16).wrapping_mul(8))
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
