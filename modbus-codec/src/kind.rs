//! Which PDU it is: what a function code, and the MEI type after 2B, lead to.

#[cfg(feature = "extended-functions")]
use crate::device_identification::MEI_TYPE;

/// A PDU that has a type of its own, or one that has none; in the order of the variants of [`crate::Request`] and
/// [`crate::Response`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ReadCoils,
    ReadDiscreteInputs,
    ReadHoldingRegisters,
    ReadInputRegisters,
    WriteSingleCoil,
    WriteSingleRegister,
    WriteMultipleCoils,
    WriteMultipleRegisters,
    #[cfg(feature = "extended-functions")]
    ReadExceptionStatus,
    #[cfg(feature = "extended-functions")]
    Diagnostics,
    #[cfg(feature = "extended-functions")]
    GetCommEventCounter,
    #[cfg(feature = "extended-functions")]
    GetCommEventLog,
    #[cfg(feature = "extended-functions")]
    ReportServerId,
    #[cfg(feature = "extended-functions")]
    ReadFileRecord,
    #[cfg(feature = "extended-functions")]
    WriteFileRecord,
    #[cfg(feature = "extended-functions")]
    MaskWriteRegister,
    #[cfg(feature = "extended-functions")]
    ReadWriteMultipleRegisters,
    #[cfg(feature = "extended-functions")]
    ReadFifoQueue,
    #[cfg(feature = "extended-functions")]
    ReadDeviceIdentification,
    #[cfg(feature = "extended-functions")]
    EncapsulatedInterface,
    Other,
    Exception,
}

#[cfg(feature = "extended-functions")]
impl Kind {
    /// The kind of a function; `mei_type` is the byte after it, which only 2B looks at.
    pub(crate) fn of(function: u8, mei_type: Option<u8>) -> Self {
        match function {
            0x81.. => Self::Exception,
            0x2B if mei_type != Some(MEI_TYPE) => Self::EncapsulatedInterface,
            _ => {
                let found = FUNCTIONS.iter().find(|(code, _)| *code == function);
                found.map_or(Self::Other, |(_, kind)| *kind)
            }
        }
    }
}

#[cfg(feature = "extended-functions")]
/// The functions that have a kind.
static FUNCTIONS: [(u8, Kind); COUNT] = [
    (0x01, Kind::ReadCoils),
    (0x02, Kind::ReadDiscreteInputs),
    (0x03, Kind::ReadHoldingRegisters),
    (0x04, Kind::ReadInputRegisters),
    (0x05, Kind::WriteSingleCoil),
    (0x06, Kind::WriteSingleRegister),
    (0x0F, Kind::WriteMultipleCoils),
    (0x10, Kind::WriteMultipleRegisters),
    (0x07, Kind::ReadExceptionStatus),
    (0x08, Kind::Diagnostics),
    (0x0B, Kind::GetCommEventCounter),
    (0x0C, Kind::GetCommEventLog),
    (0x11, Kind::ReportServerId),
    (0x14, Kind::ReadFileRecord),
    (0x15, Kind::WriteFileRecord),
    (0x16, Kind::MaskWriteRegister),
    (0x17, Kind::ReadWriteMultipleRegisters),
    (0x18, Kind::ReadFifoQueue),
    (0x2B, Kind::ReadDeviceIdentification),
];
#[cfg(feature = "extended-functions")]
const COUNT: usize = 19;
