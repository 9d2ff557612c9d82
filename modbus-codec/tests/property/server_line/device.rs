//! A device that notes what it does, and whose registers are traps.

use modbus_codec::server::{CoilsMut, RegistersMut, Service, Table};
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Registers, crc16};

use super::UNIT;

/// The PDU of a request that was done, as the device saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deed(pub(super) &'static str, pub(super) u16, pub(super) Vec<u8>);

/// A device that notes what it does. Its registers hold frames that would be requests to it.
#[derive(Default)]
pub(super) struct Device(pub(super) Vec<Deed>);

impl Device {
    fn does(
        &mut self,
        what: &'static str,
        at: Address,
        data: Vec<u8>,
    ) -> Result<(), ExceptionCode> {
        self.0.push(Deed(what, at.as_raw(), data));
        Ok(())
    }
}

impl Service for Device {
    fn supports(&self, _function: FunctionCode) -> bool {
        true
    }

    fn contains(&self, _table: Table, _at: Address, _quantity: u16) -> bool {
        true
    }

    fn read_coils(&mut self, at: Address, out: &mut CoilsMut<'_>) -> Result<(), ExceptionCode> {
        self.does("read coils", at, out.quantity().to_be_bytes().to_vec())
    }

    fn read_holding_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill_with(|index| u16::from_be_bytes(trap_at(usize::from(at.as_raw()) + index)));
        self.does("read", at, (out.count() as u16).to_be_bytes().to_vec())
    }

    fn write_coils(&mut self, at: Address, coils: Coils<'_>) -> Result<(), ExceptionCode> {
        self.does("write coils", at, coils.iter().map(u8::from).collect())
    }

    fn write_registers(
        &mut self,
        at: Address,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        self.does("write", at, registers.iter().flat_map(u16::to_be_bytes).collect())
    }

    #[cfg(feature = "extended-functions")]
    fn mask_write_register(
        &mut self,
        at: Address,
        and_mask: u16,
        or_mask: u16,
    ) -> Result<(), ExceptionCode> {
        let masks = [and_mask.to_be_bytes(), or_mask.to_be_bytes()].concat();
        self.does("mask", at, masks)
    }
}

pub(super) fn closed(mut frame: Vec<u8>) -> Vec<u8> {
    let crc = crc16(&frame);
    frame.extend(crc.to_le_bytes());
    frame
}

/// Frames that nobody sends: they only stand in the data of others.
pub(super) fn traps() -> Vec<u8> {
    let frames = [
        vec![UNIT, 6, 0x7E, 0x7E, 0, 5],
        vec![UNIT, 5, 0x7E, 0x7E, 0xFF, 0],
        vec![0, 6, 0x7E, 0x7E, 0, 6],
    ];
    frames.into_iter().flat_map(closed).collect()
}

/// The register with this index: two bytes of the traps.
fn trap_at(index: usize) -> [u8; 2] {
    let traps = traps();
    let at = 2 * index % traps.len();
    [traps[at], traps[at + 1]]
}

pub(super) fn trap_registers(from: usize, count: usize) -> Vec<u8> {
    (from..from + count).flat_map(trap_at).collect()
}
