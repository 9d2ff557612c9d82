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

#[cfg(feature = "extended-functions")]
mod extended;

use crate::adu::Direction;
use crate::body::Body;
use crate::error::{EncodeError, Error};
use crate::functions::{WRITE_COILS_MAX, WRITE_REGISTERS_MAX};
use crate::layout::Layout;
use crate::pairing;
pub use crate::pairing::Mismatch;
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
        quantity: Quantity<WRITE_COILS_MAX>,
    },
    /// 10.
    WriteMultipleRegisters {
        /// The first register.
        starting_address: Address,
        /// How many were written.
        quantity: Quantity<WRITE_REGISTERS_MAX>,
    },
    /// 07: eight outputs that the device defines.
    #[cfg(feature = "extended-functions")]
    ReadExceptionStatus(u8),
    /// 08.
    #[cfg(feature = "extended-functions")]
    Diagnostics(crate::extended::diagnostics::Diagnostics<'a>),
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
    GetCommEventLog(crate::extended::event_log::CommEventLog<'a>),
    /// 11: the bytes as they are; see [`crate::server_id::split`].
    #[cfg(feature = "extended-functions")]
    ReportServerId(&'a [u8]),
    /// 14.
    #[cfg(feature = "extended-functions")]
    ReadFileRecord(crate::extended::file_record::FileData<'a>),
    /// 15.
    #[cfg(feature = "extended-functions")]
    WriteFileRecord(crate::extended::file_record::WriteFileRecords<'a>),
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
    ReadDeviceIdentification(crate::extended::device_identification::DeviceIdentification<'a>),
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
        Self::decode_from(UnitId::TCP_SERVER, pdu, offset)
    }

    /// Decodes a PDU that a serial line carries from `unit`.
    pub(crate) fn decode_from(
        unit: UnitId,
        pdu: &'a [u8],
        offset: u16,
    ) -> Result<Reply<'a>, Error> {
        Body::decode(Direction::Response, unit, pdu, offset).map(|body| Self::of_body(&body))
    }

    /// The response or the exception that a body is, which has been checked.
    #[cfg_attr(feature = "extended-functions", inline(never))]
    fn of_body(body: &Body<'a>) -> Reply<'a> {
        let [first, second, ..] = body.words;
        let starting_address = Address::new(first);
        Ok(match body.function {
            FunctionCode::READ_COILS => Self::ReadCoils(coils(body.data)),
            FunctionCode::READ_DISCRETE_INPUTS => Self::ReadDiscreteInputs(coils(body.data)),
            FunctionCode::READ_HOLDING_REGISTERS => {
                Self::ReadHoldingRegisters(Registers::wrap(body.data))
            }
            FunctionCode::READ_INPUT_REGISTERS => {
                Self::ReadInputRegisters(Registers::wrap(body.data))
            }
            FunctionCode::WRITE_SINGLE_COIL => Self::WriteSingleCoil {
                output_address: starting_address,
                output_value: second != 0,
            },
            FunctionCode::WRITE_SINGLE_REGISTER => Self::WriteSingleRegister {
                register_address: starting_address,
                register_value: second,
            },
            FunctionCode::WRITE_MULTIPLE_COILS => {
                Self::WriteMultipleCoils { starting_address, quantity: Quantity::wrap(second) }
            }
            FunctionCode::WRITE_MULTIPLE_REGISTERS => {
                Self::WriteMultipleRegisters { starting_address, quantity: Quantity::wrap(second) }
            }
            function if function.is_exception() => {
                let function = function.to_request();
                return Err(Exception { function, code: ExceptionCode::new(first as u8) });
            }
            #[cfg(feature = "extended-functions")]
            _ => extended::of_body(body),
            #[cfg(not(feature = "extended-functions"))]
            function => Self::Other { function, data: body.after_function },
        })
    }

    /// Writes the PDU to the front of `buffer` and returns the written slice.
    ///
    /// # Errors
    /// A buffer that is too small; more data, or less, than the function allows.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        self.to_body().frame(Direction::Response, UnitId::TCP_SERVER, &[], 0, buffer)
    }

    pub(crate) fn to_body(self) -> Body<'a> {
        let function = self.function();
        let mut body = Body::new(function, Layout::of(Direction::Response, function, None));
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
            Self::Other { function, data } => return Body::other(function, data),
            #[cfg(feature = "extended-functions")]
            response => extended::put(response, &mut body),
        }
        body
    }

    /// The function code, the request's.
    #[must_use]
    pub const fn function(&self) -> FunctionCode {
        match self {
            Self::ReadCoils(_) => FunctionCode::READ_COILS,
            Self::ReadDiscreteInputs(_) => FunctionCode::READ_DISCRETE_INPUTS,
            Self::ReadHoldingRegisters(_) => FunctionCode::READ_HOLDING_REGISTERS,
            Self::ReadInputRegisters(_) => FunctionCode::READ_INPUT_REGISTERS,
            Self::WriteSingleCoil { .. } => FunctionCode::WRITE_SINGLE_COIL,
            Self::WriteSingleRegister { .. } => FunctionCode::WRITE_SINGLE_REGISTER,
            Self::WriteMultipleCoils { .. } => FunctionCode::WRITE_MULTIPLE_COILS,
            Self::WriteMultipleRegisters { .. } => FunctionCode::WRITE_MULTIPLE_REGISTERS,
            Self::Other { function, .. } => *function,
            #[cfg(feature = "extended-functions")]
            response => extended::function(response),
        }
    }

    /// The number of bytes that [`Response::encode`] writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.to_body().len()
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
        pairing::answers(&request.to_body(), &self.to_body())
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
        let mut body = Body::new(self.function.to_exception(), Layout::EXCEPTION);
        let [code, ..] = &mut body.words;
        *code = self.code.as_raw().into();
        body
    }
}

/// A response does not say its quantity.
fn coils(bytes: &[u8]) -> Coils<'_> {
    Coils::wrap(bytes, (bytes.len() as u16).wrapping_mul(8))
}
