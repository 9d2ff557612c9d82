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

use crate::functions::{WRITE_COILS_MAX, WRITE_REGISTERS_MAX};
use crate::{Address, Coils, Exception, FunctionCode, Quantity, Registers};

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
