//! PDUs between their bytes and their types.
//!
//! ```text
//!          Body::decode           of_body
//! bytes ───────────────▶ Body ───────────────▶ Request, Response, Exception
//!       ◀───────────────      ◀───────────────
//!          Body::frame            to_body
//! ```

#[cfg(feature = "extended-functions")]
mod extended;

use crate::adu::Direction;
use crate::body::Body;
use crate::error::{EncodeError, Error};
use crate::functions::switch;
use crate::layout::Layout;
use crate::pairing::{self, Mismatch};
use crate::request::Request;
use crate::response::{Reply, Response};
use crate::{Address, Coils, Exception, ExceptionCode, FunctionCode};
use crate::{Quantity, Registers, UnitId};

impl<'a> Request<'a> {
    /// Decodes a whole PDU.
    ///
    /// # Errors
    /// A PDU that the standard refuses, with offsets from the function code.
    #[cfg_attr(feature = "fast-requests", inline(always))]
    pub fn decode(pdu: &'a [u8]) -> Result<Self, Error> {
        #[cfg(feature = "fast-requests")]
        if let [function, a, b, c, d] = *pdu {
            if let Some((first, second)) = crate::fast::decode(function, [a, b, c, d]) {
                if let Some(request) = Self::of_words(FunctionCode::new(function), first, second) {
                    return Ok(request);
                }
            }
        }
        Self::decode_any(pdu)
    }

    #[inline(never)]
    fn decode_any(pdu: &'a [u8]) -> Result<Self, Error> {
        Self::decode_at(pdu, 0)
    }

    /// Decodes a PDU that begins `offset` bytes into the caller's input.
    pub(crate) fn decode_at(pdu: &'a [u8], offset: u16) -> Result<Self, Error> {
        Self::decode_for(UnitId::TCP_SERVER, pdu, offset)
    }

    /// Decodes a PDU that a serial line carries to `unit`.
    pub(crate) fn decode_for(unit: UnitId, pdu: &'a [u8], offset: u16) -> Result<Self, Error> {
        Body::decode(Direction::Request, unit, pdu, offset).map(|body| Self::of_body(&body))
    }

    /// The request that a body is, which has been checked.
    fn of_body(body: &Body<'a>) -> Self {
        let [first, second, ..] = body.words;
        if let Some(request) = Self::of_words(body.function, first, second) {
            return request;
        }
        let starting_address = Address::new(first);
        match body.function {
            FunctionCode::WRITE_MULTIPLE_COILS => {
                Self::WriteMultipleCoils { starting_address, coils: Coils::wrap(body.data, second) }
            }
            FunctionCode::WRITE_MULTIPLE_REGISTERS => Self::WriteMultipleRegisters {
                starting_address,
                registers: Registers::wrap(body.data),
            },
            #[cfg(feature = "extended-functions")]
            _ => extended::request(body),
            #[cfg(not(feature = "extended-functions"))]
            function => Self::Other { function, data: body.after_function },
        }
    }

    /// The request of two words, which have been checked; nothing if the function has another form.
    #[inline]
    pub(crate) fn of_words(function: FunctionCode, first: u16, second: u16) -> Option<Self> {
        let starting_address = Address::new(first);
        Some(match function {
            FunctionCode::READ_COILS => {
                Self::ReadCoils { starting_address, quantity: Quantity::wrap(second) }
            }
            FunctionCode::READ_DISCRETE_INPUTS => {
                Self::ReadDiscreteInputs { starting_address, quantity: Quantity::wrap(second) }
            }
            FunctionCode::READ_HOLDING_REGISTERS => {
                Self::ReadHoldingRegisters { starting_address, quantity: Quantity::wrap(second) }
            }
            FunctionCode::READ_INPUT_REGISTERS => {
                Self::ReadInputRegisters { starting_address, quantity: Quantity::wrap(second) }
            }
            FunctionCode::WRITE_SINGLE_COIL => Self::WriteSingleCoil {
                output_address: starting_address,
                output_value: second != 0,
            },
            FunctionCode::WRITE_SINGLE_REGISTER => Self::WriteSingleRegister {
                register_address: starting_address,
                register_value: second,
            },
            _ => return None,
        })
    }

    /// Writes the PDU to the front of `buffer` and returns the written slice.
    ///
    /// # Errors
    /// A buffer that is too small; more data than the function allows; a span past address 65,535.
    #[cfg_attr(feature = "fast-requests", inline(always))]
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        #[cfg(feature = "fast-requests")]
        if let (Some((function, first, second)), [function_at, a, b, c, d, ..]) =
            (crate::fast::words(&self.to_body()), &mut *buffer)
        {
            *function_at = function;
            [*a, *b, *c, *d] = crate::fast::head(first, second);
            return Ok(buffer.get_mut(..5).unwrap_or_default());
        }
        (*self).encode_any(buffer)
    }

    #[inline(never)]
    fn encode_any(self, buffer: &mut [u8]) -> Result<&mut [u8], EncodeError> {
        self.to_body().frame(Direction::Request, UnitId::TCP_SERVER, &[], 0, buffer)
    }

    #[cfg_attr(feature = "fast-requests", inline(always))]
    pub(crate) fn to_body(self) -> Body<'a> {
        let function = self.function();
        let mut body = Body::new(function, Layout::of(Direction::Request, function, None));
        let [first, second, ..] = &mut body.words;
        match self {
            Self::ReadCoils { starting_address, quantity }
            | Self::ReadDiscreteInputs { starting_address, quantity } => {
                (*first, *second) = (starting_address.as_raw(), quantity.as_raw());
            }
            Self::ReadHoldingRegisters { starting_address, quantity }
            | Self::ReadInputRegisters { starting_address, quantity } => {
                (*first, *second) = (starting_address.as_raw(), quantity.as_raw());
            }
            Self::WriteSingleCoil { output_address, output_value } => {
                (*first, *second) = (output_address.as_raw(), switch(output_value));
            }
            Self::WriteSingleRegister { register_address, register_value } => {
                (*first, *second) = (register_address.as_raw(), register_value);
            }
            Self::WriteMultipleCoils { starting_address, coils } => {
                *first = starting_address.as_raw();
                body.set_coils(coils);
            }
            Self::WriteMultipleRegisters { starting_address, registers } => {
                // By their type there are at most 125.
                (*first, *second) = (starting_address.as_raw(), registers.count() as u16);
                body.data = registers.as_bytes();
            }
            Self::Other { function, data } => return Body::other(function, data),
            #[cfg(feature = "extended-functions")]
            request => extended::put_request(request, &mut body),
        }
        body
    }

    /// The function code.
    #[must_use]
    #[cfg_attr(not(feature = "fast-requests"), inline(never))]
    pub const fn function(&self) -> FunctionCode {
        match self {
            Self::ReadCoils { .. } => FunctionCode::READ_COILS,
            Self::ReadDiscreteInputs { .. } => FunctionCode::READ_DISCRETE_INPUTS,
            Self::ReadHoldingRegisters { .. } => FunctionCode::READ_HOLDING_REGISTERS,
            Self::ReadInputRegisters { .. } => FunctionCode::READ_INPUT_REGISTERS,
            Self::WriteSingleCoil { .. } => FunctionCode::WRITE_SINGLE_COIL,
            Self::WriteSingleRegister { .. } => FunctionCode::WRITE_SINGLE_REGISTER,
            Self::WriteMultipleCoils { .. } => FunctionCode::WRITE_MULTIPLE_COILS,
            Self::WriteMultipleRegisters { .. } => FunctionCode::WRITE_MULTIPLE_REGISTERS,
            Self::Other { function, .. } => *function,
            #[cfg(feature = "extended-functions")]
            request => extended::request_function(request),
        }
    }

    /// The number of bytes that [`Request::encode`] writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.to_body().len()
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
            _ => extended::response(body),
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
            response => extended::put_response(response, &mut body),
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
            response => extended::response_function(response),
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
