//! A server without I/O: requests in, answers out, exceptions in the order that the standard gives for each function.
//!
//! ```text
//!              receive                          poll
//! bytes ──────────────▶ [ Server | Connection ] ──────▶ bytes to send
//!                                   │ ▲
//!                                   ▼ │
//!                                 Service: your coils and registers
//! ```
//!
//! | step | who decides | exception |
//! |---|---|---|
//! | is the function supported | [`Service::supports`] | 01 |
//! | are length, quantity, byte count and values right | the codec | 03 |
//! | are the data there | [`Service::contains`] | 02 |
//! | did it work | the method of the service | what it says |

mod answer;
mod connection;
mod serial;

pub use self::answer::{answer, exception_for};
pub use self::connection::Connection;
pub use self::serial::{CharacterError, Server};
pub use crate::data_mut::{CoilsMut, RegistersMut};
use crate::{Address, Coils, ExceptionCode, FunctionCode, Registers};

/// One of the four tables of the data model.
///
/// Spec: MODBUS Application Protocol V1.1b3, 4.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Table {
    /// Read by 01, written by 05 and 0F.
    Coils,
    /// Read by 02.
    DiscreteInputs,
    /// Read by 03 and 17, written by 06, 10, 16 and 17.
    HoldingRegisters,
    /// Read by 04.
    InputRegisters,
}

/// The data and the functions of a device.
///
/// Only [`Service::supports`] and [`Service::contains`] must be written, and the methods behind the functions that are
/// supported. A method is only called for a request that the standard allows, for data that [`Service::contains`] has.
///
/// ```
/// use modbus_codec::server::{RegistersMut, Service, Table, answer};
/// use modbus_codec::{Address, ExceptionCode, FunctionCode};
///
/// struct Level(u16);
///
/// impl Service for Level {
///     fn supports(&self, function: FunctionCode) -> bool {
///         function == FunctionCode::READ_HOLDING_REGISTERS
///     }
///     fn contains(&self, table: Table, at: Address, quantity: u16) -> bool {
///         table == Table::HoldingRegisters && at == Address::ZERO && quantity == 1
///     }
///     fn read_holding_registers(
///         &mut self,
///         _at: Address,
///         out: &mut RegistersMut<'_>,
///     ) -> Result<(), ExceptionCode> {
///         out.fill([self.0]);
///         Ok(())
///     }
/// }
///
/// let mut buffer = [0; 253];
/// assert_eq!(answer(&mut Level(7), &[3, 0, 0, 0, 1], &mut buffer), Some(&[3, 2, 0, 7][..]));
/// // Not there: 02. Not supported: 01, whatever follows.
/// assert_eq!(answer(&mut Level(7), &[3, 0, 1, 0, 1], &mut buffer), Some(&[0x83, 2][..]));
/// assert_eq!(answer(&mut Level(7), &[6, 0, 0], &mut buffer), Some(&[0x86, 1][..]));
/// ```
#[allow(unused_variables)]
pub trait Service {
    /// Whether the device has the function. A function that it does not have is refused with exception 01, before all other checks.
    ///
    /// [`Server`] answers 08, 0B and 0C itself, and does not ask.
    fn supports(&self, function: FunctionCode) -> bool;

    /// Whether all of these data are there. If not, the server answers exception 02 and executes nothing.
    ///
    /// `at` plus `quantity` is at most 65,536.
    fn contains(&self, table: Table, at: Address, quantity: u16) -> bool;

    /// 01.
    ///
    /// # Errors
    /// The exception to answer.
    fn read_coils(&mut self, at: Address, out: &mut CoilsMut<'_>) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 02.
    ///
    /// # Errors
    /// The exception to answer.
    fn read_discrete_inputs(
        &mut self,
        at: Address,
        out: &mut CoilsMut<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 03, and the reading half of 17.
    ///
    /// # Errors
    /// The exception to answer.
    fn read_holding_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 04.
    ///
    /// # Errors
    /// The exception to answer.
    fn read_input_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 05 with one coil, 0F with one or more.
    ///
    /// # Errors
    /// The exception to answer.
    fn write_coils(&mut self, at: Address, coils: Coils<'_>) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 06 with one register, 10 with one or more, and the writing half of 17.
    ///
    /// # Errors
    /// The exception to answer.
    fn write_registers(
        &mut self,
        at: Address,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 16: the register becomes (current AND `and_mask`) OR (`or_mask` AND NOT `and_mask`). Reads and writes it, unless
    /// the device has a way to do both at once.
    ///
    /// # Errors
    /// The exception to answer.
    #[cfg(feature = "extended-functions")]
    fn mask_write_register(
        &mut self,
        at: Address,
        and_mask: u16,
        or_mask: u16,
    ) -> Result<(), ExceptionCode> {
        let mut bytes = [0; 2];
        self.read_holding_registers(at, &mut RegistersMut::zeroed(&mut bytes))?;
        let current = u16::from_be_bytes(bytes);
        let masked = (current & and_mask) | (or_mask & !and_mask);
        self.write_registers(at, Registers::wrap(&masked.to_be_bytes()))
    }

    /// 07: eight outputs that the device defines.
    ///
    /// # Errors
    /// The exception to answer.
    #[cfg(feature = "extended-functions")]
    fn read_exception_status(&mut self) -> Result<u8, ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// The diagnostic register of 08 with sub-function 02: sixteen bits that the device defines.
    #[cfg(feature = "extended-functions")]
    fn diagnostic_register(&mut self) -> u16 {
        0
    }

    /// 08 with sub-function 0A cleared the counters; the diagnostic register is to be cleared too.
    #[cfg(feature = "extended-functions")]
    fn clear_diagnostic_register(&mut self) {}

    /// Whether an earlier command is still being processed, as 0B and 0C tell it.
    #[cfg(feature = "extended-functions")]
    fn is_busy(&self) -> bool {
        false
    }

    /// 11: writes server id, run indicator and additional data to the front of `out`, and returns how many bytes; 1..=251.
    ///
    /// # Errors
    /// The exception to answer.
    #[cfg(feature = "extended-functions")]
    fn report_server_id(&mut self, out: &mut [u8; 251]) -> Result<usize, ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// Whether a stretch of a file is there, for 14 and 15; if one of a request is not, exception 02, and nothing is done.
    #[cfg(feature = "extended-functions")]
    fn contains_record(&self, record: crate::extended::file_record::FileRecord) -> bool {
        false
    }

    /// 14: one group.
    ///
    /// # Errors
    /// The exception to answer.
    #[cfg(feature = "extended-functions")]
    fn read_record(
        &mut self,
        record: crate::extended::file_record::FileRecord,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 15: one group.
    ///
    /// # Errors
    /// The exception to answer.
    #[cfg(feature = "extended-functions")]
    fn write_record(
        &mut self,
        record: crate::extended::file_record::FileRecord,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 18: fills the registers of the queue, oldest first, and returns how many there are; more than 31 are exception 03.
    ///
    /// # Errors
    /// The exception to answer.
    #[cfg(feature = "extended-functions")]
    fn read_fifo_queue(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<usize, ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// 2B/0E: the value of an identification object, at most 244 bytes; 00 to 02 are mandatory.
    #[cfg(feature = "extended-functions")]
    fn identification(&self, object_id: u8) -> Option<&[u8]> {
        None
    }

    /// 2B with any other MEI type: writes what follows the MEI type to the front of `out`, and returns how many bytes.
    ///
    /// # Errors
    /// The exception to answer.
    #[cfg(feature = "extended-functions")]
    fn encapsulated_interface(
        &mut self,
        mei_type: u8,
        data: &[u8],
        out: &mut [u8; 251],
    ) -> Result<usize, ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }

    /// A function that has no method of its own: writes what follows the function code to the front of `out`, and returns
    /// how many bytes.
    ///
    /// # Errors
    /// The exception to answer.
    fn other(
        &mut self,
        function: FunctionCode,
        data: &[u8],
        out: &mut [u8; 252],
    ) -> Result<usize, ExceptionCode> {
        Err(ExceptionCode::ILLEGAL_FUNCTION)
    }
}
