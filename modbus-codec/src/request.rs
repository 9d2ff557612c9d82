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

use crate::functions::{READ_COILS_MAX, READ_REGISTERS_MAX};
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
