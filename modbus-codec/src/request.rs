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

use crate::body::Body;
#[cfg(feature = "extended-functions")]
use crate::device_identification::{MEI_TYPE, ReadDeviceIdCode};
#[cfg(feature = "extended-functions")]
use crate::diagnostics::Diagnostics;
#[cfg(feature = "extended-functions")]
use crate::file_record::{ReadFileRecords, WriteFileRecords};
use crate::kind::Kind;
use crate::pdu::{Direction, EncodeError, Error};
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
        /// The category of objects, or one object.
        code: ReadDeviceIdCode,
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
    #[inline]
    pub fn decode(pdu: &'a [u8]) -> Result<Self, Error> {
        #[cfg(feature = "crc-table-large")]
        if let [function, a, b, c, d] = *pdu {
            if let Some(request) = crate::short::request(function, [a, b, c, d]) {
                return Ok(request);
            }
        }
        Self::decode_any(pdu)
    }

    #[cfg_attr(feature = "crc-table-large", inline(never))]
    fn decode_any(pdu: &'a [u8]) -> Result<Self, Error> {
        Self::decode_at(pdu, 0)
    }

    /// Decodes a PDU that begins `offset` bytes into the caller's input.
    pub(crate) fn decode_at(pdu: &'a [u8], offset: u16) -> Result<Self, Error> {
        Body::decode(Direction::Request, UnitId::TCP_SERVER, pdu, offset).map(Self::from_body)
    }

    /// The request that a body is, which has been checked.
    pub(crate) fn from_body(body: Body<'a>) -> Self {
        let Body { kind, function, words: [first, second, ..], data } = body;
        #[cfg(feature = "extended-functions")]
        let [_, _, third, ..] = body.words;
        let (starting_address, output_value) = (Address::new(first), second != 0);
        match kind {
            Kind::ReadCoils => {
                Self::ReadCoils { starting_address, quantity: Quantity::wrap(second) }
            }
            Kind::ReadDiscreteInputs => {
                Self::ReadDiscreteInputs { starting_address, quantity: Quantity::wrap(second) }
            }
            Kind::ReadHoldingRegisters => {
                Self::ReadHoldingRegisters { starting_address, quantity: Quantity::wrap(second) }
            }
            Kind::ReadInputRegisters => {
                Self::ReadInputRegisters { starting_address, quantity: Quantity::wrap(second) }
            }
            Kind::WriteSingleCoil => {
                Self::WriteSingleCoil { output_address: starting_address, output_value }
            }
            Kind::WriteSingleRegister => Self::WriteSingleRegister {
                register_address: starting_address,
                register_value: second,
            },
            Kind::WriteMultipleCoils => {
                Self::WriteMultipleCoils { starting_address, coils: Coils::wrap(data, second) }
            }
            Kind::WriteMultipleRegisters => {
                Self::WriteMultipleRegisters { starting_address, registers: Registers::wrap(data) }
            }
            #[cfg(feature = "extended-functions")]
            Kind::ReadExceptionStatus => Self::ReadExceptionStatus,
            #[cfg(feature = "extended-functions")]
            Kind::Diagnostics => Self::Diagnostics(Diagnostics::wrap(first, data)),
            #[cfg(feature = "extended-functions")]
            Kind::GetCommEventCounter => Self::GetCommEventCounter,
            #[cfg(feature = "extended-functions")]
            Kind::GetCommEventLog => Self::GetCommEventLog,
            #[cfg(feature = "extended-functions")]
            Kind::ReportServerId => Self::ReportServerId,
            #[cfg(feature = "extended-functions")]
            Kind::ReadFileRecord => Self::ReadFileRecord(ReadFileRecords::wrap(data)),
            #[cfg(feature = "extended-functions")]
            Kind::WriteFileRecord => Self::WriteFileRecord(WriteFileRecords::wrap(data)),
            #[cfg(feature = "extended-functions")]
            Kind::MaskWriteRegister => Self::MaskWriteRegister {
                reference_address: starting_address,
                and_mask: second,
                or_mask: third,
            },
            #[cfg(feature = "extended-functions")]
            Kind::ReadWriteMultipleRegisters => Self::ReadWriteMultipleRegisters {
                read_starting_address: starting_address,
                read_quantity: Quantity::wrap(second),
                write_starting_address: Address::new(third),
                registers: Registers::wrap(data),
            },
            #[cfg(feature = "extended-functions")]
            Kind::ReadFifoQueue => Self::ReadFifoQueue { fifo_pointer_address: starting_address },
            #[cfg(feature = "extended-functions")]
            Kind::ReadDeviceIdentification => Self::ReadDeviceIdentification {
                code: ReadDeviceIdCode::wrap(second),
                object_id: third as u8,
            },
            #[cfg(feature = "extended-functions")]
            Kind::EncapsulatedInterface => {
                Self::EncapsulatedInterface { mei_type: first as u8, data }
            }
            Kind::Other | Kind::Exception => {
                Self::Other { function: FunctionCode::new(function), data }
            }
        }
    }

    /// Writes the PDU to the front of `buffer` and returns the written slice.
    ///
    /// # Errors
    /// A buffer that is too small; more data than the function allows; a span past address 65,535.
    #[inline]
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        #[cfg(feature = "crc-table-large")]
        if let (Some((function, head)), [function_at, a, b, c, d, ..]) =
            (crate::short::pdu(self), &mut *buffer)
        {
            *function_at = function;
            [*a, *b, *c, *d] = head;
            return Ok(buffer.get_mut(..5).unwrap_or_default());
        }
        (*self).encode_any(buffer)
    }

    #[cfg_attr(feature = "crc-table-large", inline(never))]
    fn encode_any(self, buffer: &mut [u8]) -> Result<&mut [u8], EncodeError> {
        self.to_body().frame(Direction::Request, UnitId::TCP_SERVER, &[], 0, buffer)
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
            #[cfg(feature = "extended-functions")]
            Self::ReadExceptionStatus
            | Self::GetCommEventCounter
            | Self::GetCommEventLog
            | Self::ReportServerId => {}
            #[cfg(feature = "extended-functions")]
            Self::Diagnostics(diagnostics) => {
                *first = diagnostics.sub_function().as_raw();
                body.data = diagnostics.data();
            }
            #[cfg(feature = "extended-functions")]
            Self::ReadFileRecord(records) => body.data = records.as_bytes(),
            #[cfg(feature = "extended-functions")]
            Self::WriteFileRecord(records) => body.data = records.as_bytes(),
            #[cfg(feature = "extended-functions")]
            Self::MaskWriteRegister { reference_address, and_mask, or_mask } => {
                body.words = [reference_address.as_raw(), and_mask, or_mask, 0, 0, 0];
            }
            #[cfg(feature = "extended-functions")]
            Self::ReadWriteMultipleRegisters {
                read_starting_address,
                read_quantity,
                write_starting_address,
                registers,
            } => {
                let (from, count) = (read_starting_address.as_raw(), read_quantity.as_raw());
                let to = write_starting_address.as_raw();
                body.words = [from, count, to, registers.count() as u16, 0, 0];
                body.data = registers.as_bytes();
            }
            #[cfg(feature = "extended-functions")]
            Self::ReadFifoQueue { fifo_pointer_address } => *first = fifo_pointer_address.as_raw(),
            #[cfg(feature = "extended-functions")]
            Self::ReadDeviceIdentification { code, object_id } => {
                body.words = [MEI_TYPE.into(), code.as_raw().into(), object_id.into(), 0, 0, 0];
            }
            #[cfg(feature = "extended-functions")]
            Self::EncapsulatedInterface { mei_type, data } => {
                *first = mei_type.into();
                body.data = data;
            }
            Self::Other { data, .. } => body.data = data,
        }
        body
    }

    /// The function code.
    #[must_use]
    pub const fn function(&self) -> FunctionCode {
        if let Self::Other { function, .. } = self {
            return *function;
        }
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
            Self::Other { .. } => 0,
        })
    }

    /// The number of bytes that [`Request::encode`] writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.to_body().len(Direction::Request)
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
    (is_on as u16).wrapping_mul(0xFF00)
}
