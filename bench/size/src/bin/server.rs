//! A device on a shared line: bytes in, answers out, its four tables behind a service. With `extended`, every function.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use modbus_codec::server::{CoilsMut, RegistersMut, Server, Service, Table};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Registers, UnitId};
use size::{Bytes, keep};

/// A device whose data the compiler knows nothing of.
struct Device;

impl Service for Device {
    fn supports(&self, function: FunctionCode) -> bool {
        black_box(function).as_raw() != 0x41
    }

    fn contains(&self, table: Table, at: Address, quantity: u16) -> bool {
        keep((table, at, quantity));
        black_box(true)
    }

    fn read_coils(&mut self, at: Address, out: &mut CoilsMut<'_>) -> Result<(), ExceptionCode> {
        out.fill_with(|index| black_box(index) == at.as_raw());
        Ok(())
    }

    fn read_holding_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill_with(|index| black_box(index) as u16 ^ at.as_raw());
        Ok(())
    }

    fn write_coils(&mut self, at: Address, coils: Coils<'_>) -> Result<(), ExceptionCode> {
        keep((at, coils));
        Ok(())
    }

    fn write_registers(
        &mut self,
        at: Address,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        keep((at, registers));
        Ok(())
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let bytes = Bytes::new();
    let mut goes = bytes.goes;
    let came = bytes.came();
    let now_us = black_box(0_u64);
    #[cfg(feature = "calls")]
    {
        let line = Rtu::at_baud(19_200);
        let mut server = Server::new(UnitId::from_raw(black_box(17)), line);
        loop {
            let mut rest = came;
            loop {
                rest = server.receive(rest, black_box(now_us));
                while let Some(adu) = server.poll(&mut Device, &mut goes, black_box(now_us)) {
                    keep(adu);
                }
                if rest.is_empty() {
                    break;
                }
            }
            keep(server.next_deadline_us());
        }
    }
    keep((&mut goes, came, now_us));
    loop {}
}
