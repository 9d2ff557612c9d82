//! How many instructions each operation takes on a Cortex-M3, by SysTick on a board whose clock counts instructions: at
//! `-icount shift=3` one tick of 25 MHz is five.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use modbus_codec::client::{Serial, Tcp};
use modbus_codec::server::{Connection, RegistersMut, Server, Service, Table, answer};
use modbus_codec::stream::Decoder;
use modbus_codec::{
    Address, ExceptionCode, FunctionCode, Quantity, Registers, Request, Response, UnitId, ascii,
    crc16, rtu,
};
use panic_halt as _;

const TIMES: u32 = 100;
const INSTRUCTIONS_PER_TICK: u32 = 5;
const RELOAD: u32 = 0x00FF_FFFF;

struct Level;

impl Service for Level {
    fn supports(&self, function: FunctionCode) -> bool {
        function == FunctionCode::READ_HOLDING_REGISTERS
    }

    fn contains(&self, _table: Table, _at: Address, _quantity: u16) -> bool {
        true
    }

    fn read_holding_registers(
        &mut self,
        _at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill_with(|index| index as u16);
        Ok(())
    }
}

#[entry]
fn main() -> ! {
    let Some(peripherals) = cortex_m::Peripherals::take() else { end() };
    let mut timer = peripherals.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(RELOAD);
    timer.clear_current();
    timer.enable_counter();
    let count = |name: &str, operation: &mut dyn FnMut()| {
        let ticks = |operation: &mut dyn FnMut()| {
            let start = cortex_m::peripheral::SYST::get_current();
            for _ in 0..TIMES {
                operation();
            }
            start.wrapping_sub(cortex_m::peripheral::SYST::get_current()) & RELOAD
        };
        let (empty, all) = (ticks(&mut || ()), ticks(operation));
        let instructions = (all - empty) * INSTRUCTIONS_PER_TICK / TIMES;
        hprintln!("{:>7} instructions: {}", instructions, name);
    };
    let unit = UnitId::from_raw(17);
    let request = [0x11, 0x03, 0x00, 0x6B, 0x00, 0x03, 0x76, 0x87];
    let (mut data, mut frame) = ([0; 250], [0; 256]);
    let values = [0x1234; 125];
    let Ok(registers) = Registers::encode(&values, &mut data) else { end() };
    let response = Response::ReadHoldingRegisters(registers);
    let Ok(frame) = rtu::encode_response(unit, &response, &mut frame) else { end() };
    let Ok(quantity) = Quantity::new(3) else { end() };

    count("crc of 253 bytes", &mut || {
        black_box(crc16(black_box(&frame[..253])));
    });
    count("decode a request of 03", &mut || {
        let _ = black_box(rtu::decode_request(black_box(&request)));
    });
    count("encode a request of 03", &mut || {
        let asked =
            Request::ReadHoldingRegisters { starting_address: Address::new(0x6B), quantity };
        let mut out = [0; 8];
        let _ = black_box(rtu::encode_request(unit, black_box(&asked), &mut out));
    });
    count("decode a response of 125 registers, and sum it", &mut || {
        if let Ok(adu) = rtu::decode_response(black_box(frame))
            && let Ok(Response::ReadHoldingRegisters(registers)) = adu.pdu
        {
            black_box(registers.iter().fold(0, |sum: u32, value| sum.wrapping_add(value.into())));
        }
    });
    count("answer a request of three registers", &mut || {
        let mut out = [0; 253];
        black_box(answer(&mut Level, black_box(&request[1..6]), &mut out));
    });
    let mut decoder = Decoder::requests();
    count("a request of eight bytes through the stream decoder", &mut || {
        black_box(decoder.push(black_box(&request), 0));
        black_box(&decoder.next());
    });
    ram::<Decoder>("stream::Decoder");
    ram::<ascii::Decoder>("ascii::Decoder");
    ram::<Server>("server::Server");
    ram::<Connection>("server::Connection");
    ram::<Serial>("client::Serial");
    ram::<Tcp<1>>("client::Tcp<1>");
    ram::<Tcp<16>>("client::Tcp<16>");
    end()
}

fn ram<T>(name: &str) {
    hprintln!("{:>7} bytes of RAM: {}", size_of::<T>(), name);
}

fn end() -> ! {
    debug::exit(debug::EXIT_SUCCESS);
    loop {}
}
