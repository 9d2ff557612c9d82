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

#[cfg(feature = "extended-functions")]
mod extended;

use crate::adu::Direction;
use crate::body::Body;
use crate::error::{EncodeError, Error};
use crate::functions::{READ_COILS_MAX, READ_REGISTERS_MAX, SWITCH_ON};
use crate::layout::Layout;
use crate::{Address, Coils, FunctionCode, Quantity, Registers, UnitId};

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
        quantity: Quantity<READ_COILS_MAX>,
    },
    /// 02.
    ReadDiscreteInputs {
        /// The first input.
        starting_address: Address,
        /// How many inputs.
        quantity: Quantity<READ_COILS_MAX>,
    },
    /// 03.
    ReadHoldingRegisters {
        /// The first register.
        starting_address: Address,
        /// How many registers.
        quantity: Quantity<READ_REGISTERS_MAX>,
    },
    /// 04.
    ReadInputRegisters {
        /// The first register.
        starting_address: Address,
        /// How many registers.
        quantity: Quantity<READ_REGISTERS_MAX>,
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
    Diagnostics(crate::extended::diagnostics::Diagnostics<'a>),
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
    ReadFileRecord(crate::extended::file_record::ReadFileRecords<'a>),
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
    /// 17. The server writes before it reads.
    #[cfg(feature = "extended-functions")]
    ReadWriteMultipleRegisters {
        /// The first register to read.
        read_starting_address: Address,
        /// How many to read.
        read_quantity: Quantity<READ_REGISTERS_MAX>,
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
        /// The category of objects, or one object.
        code: crate::extended::device_identification::ReadDeviceIdCode,
        /// The object to begin with, or the one object of individual access.
        object_id: u8,
    },
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
            _ => extended::of_body(body),
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
        if let (Some((function, head)), [function_at, a, b, c, d, ..]) =
            (crate::fast::encode(&self.to_body()), &mut *buffer)
        {
            *function_at = function;
            [*a, *b, *c, *d] = head;
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
            request => extended::put(request, &mut body),
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
            request => extended::function(request),
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

/// The words for on and off on the wire.
pub(crate) const fn switch(is_on: bool) -> u16 {
    if is_on { SWITCH_ON } else { 0 }
}
