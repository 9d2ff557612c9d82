//! A device on a two-wire line whose receiver stays on while it sends, as a super-loop: `two_wires.py` gives it back what it sends.
//!
//! UART0 and TIMER0 of the MPS2 AN385 (CMSDK). The emulated UART has a buffer of one byte.
#![no_std]
#![no_main]

use core::ptr;

use cortex_m_rt::entry;
use modbus_codec::server::{CoilsMut, RegistersMut, Server, Service, Table};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Registers, UnitId};
use panic_halt as _;

const UNIT: UnitId = UnitId::from_raw(17);
const LINE: Rtu = Rtu::at_baud(19_200);
/// The host's bridge may add so much to the way of a byte: pauses inside frames, and echoes that come late.
const BRIDGE_US: u32 = 500_000;
const COUNT: usize = 64;

/// A UART: data, state, control, interrupts, divisor of the baud rate.
struct Uart(*mut u32);

impl Uart {
    const TX_FULL: u32 = 1;
    const RX_FULL: u32 = 2;
    const ON: u32 = 3;

    fn new() -> Self {
        let uart = Self(0x4000_4000 as *mut u32);
        uart.write(4, 25_000_000 / 19_200);
        uart.write(2, Self::ON);
        uart
    }

    fn read(&self, register: usize) -> u32 {
        // SAFETY: the UART's registers are at these addresses.
        unsafe { ptr::read_volatile(self.0.wrapping_add(register)) }
    }

    fn write(&self, register: usize, value: u32) {
        // SAFETY: as above.
        unsafe { ptr::write_volatile(self.0.wrapping_add(register), value) }
    }

    fn take(&self) -> Option<u8> {
        (self.read(1) & Self::RX_FULL != 0).then(|| self.read(0) as u8)
    }

    fn send(&self, byte: u8) {
        while self.read(1) & Self::TX_FULL != 0 {}
        self.write(0, byte.into());
    }
}

/// Microseconds since it was made, from a timer of 32 bits that counts down at 25 MHz: asked at least every 171 s.
struct Clock {
    timer: *mut u32,
    last: u32,
    ticks: u32,
    now_us: u64,
}

impl Clock {
    const TICKS_PER_US: u32 = 25;

    fn new() -> Self {
        let clock = Self { timer: 0x4000_0000 as *mut u32, last: u32::MAX, ticks: 0, now_us: 0 };
        // SAFETY: the timer's registers are at these addresses: control, value, reload.
        unsafe {
            ptr::write_volatile(clock.timer.wrapping_add(2), u32::MAX);
            ptr::write_volatile(clock.timer.wrapping_add(1), u32::MAX);
            ptr::write_volatile(clock.timer, 1);
        }
        clock
    }

    fn now_us(&mut self) -> u64 {
        // SAFETY: as above.
        let value = unsafe { ptr::read_volatile(self.timer.wrapping_add(1)) };
        let since = self.last.wrapping_sub(value);
        self.last = value;
        // The rest of a microsecond is kept, and nothing of 64 bits is divided.
        let us = since / Self::TICKS_PER_US;
        self.ticks += since % Self::TICKS_PER_US;
        self.now_us += u64::from(us + self.ticks / Self::TICKS_PER_US);
        self.ticks %= Self::TICKS_PER_US;
        self.now_us
    }
}

/// Coils and registers; the input registers tell what was done: writes, and echoes heard.
struct Device {
    coils: [bool; COUNT],
    holding: [u16; COUNT],
    input: [u16; 2],
}

fn from(at: Address) -> usize {
    at.as_raw().into()
}

impl Service for Device {
    fn supports(&self, function: FunctionCode) -> bool {
        matches!(function.as_raw(), 0x01 | 0x03..=0x06 | 0x0F | 0x10)
    }

    fn contains(&self, table: Table, at: Address, quantity: u16) -> bool {
        let count = if table == Table::InputRegisters { self.input.len() } else { COUNT };
        from(at) + usize::from(quantity) <= count
    }

    fn read_coils(&mut self, at: Address, out: &mut CoilsMut<'_>) -> Result<(), ExceptionCode> {
        out.fill(self.coils.iter().copied().skip(from(at)));
        Ok(())
    }

    fn read_holding_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill(self.holding.iter().copied().skip(from(at)));
        Ok(())
    }

    fn read_input_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill(self.input.iter().copied().skip(from(at)));
        Ok(())
    }

    fn write_coils(&mut self, at: Address, coils: Coils<'_>) -> Result<(), ExceptionCode> {
        for (place, coil) in self.coils.iter_mut().skip(from(at)).zip(coils) {
            *place = coil;
        }
        self.input[0] += 1;
        Ok(())
    }

    fn write_registers(
        &mut self,
        at: Address,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        for (place, register) in self.holding.iter_mut().skip(from(at)).zip(registers) {
            *place = register;
        }
        self.input[0] += 1;
        Ok(())
    }
}

#[entry]
fn main() -> ! {
    let (uart, mut clock) = (Uart::new(), Clock::new());
    let server = Server::new(UNIT, LINE).with_echo_within(BRIDGE_US);
    let mut server = server.with_release(BRIDGE_US);
    let mut device = Device { coils: [false; COUNT], holding: [0; COUNT], input: [0; 2] };
    loop {
        let byte = uart.take();
        let mut rest = byte.as_slice();
        let now_us = clock.now_us();
        loop {
            rest = server.receive(rest, now_us);
            device.input[1] = server.counters().echo;
            let mut tx = [0; 256];
            while let Some(adu) = server.poll(&mut device, &mut tx, now_us) {
                adu.iter().for_each(|byte| uart.send(*byte));
            }
            if rest.is_empty() {
                break;
            }
        }
    }
}
