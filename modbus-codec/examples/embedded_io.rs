//! A server and a client over any port of `embedded-io`, here two ends of a pipe in memory: `cargo run -p modbus-codec
//! --example embedded_io`.
//!
//! On a board the port is the UART of its HAL, the clock a timer, and each of the two functions the body of a main loop.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use modbus_codec::client::{Budget, Event, Serial};
use modbus_codec::server::{RegistersMut, Server, Service, Table};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, ExceptionCode, FunctionCode, Quantity, Request, UnitId};

/// The bytes that came on a port since the last time, at most `rx.len()` bytes.
fn take<'a, P: Read + ReadReady>(port: &mut P, rx: &'a mut [u8]) -> Result<&'a [u8], P::Error> {
    let count = if port.read_ready()? { port.read(rx)? } else { 0 };
    Ok(rx.get(..count).unwrap_or_default())
}

/// One turn of a device's main loop.
fn serve<P: Read + ReadReady + Write>(
    port: &mut P,
    server: &mut Server,
    service: &mut impl Service,
    now_us: u64,
) -> Result<(), P::Error> {
    let mut rx = [0; 64];
    let mut rest = take(port, &mut rx)?;
    loop {
        rest = server.receive(rest, now_us);
        let mut tx = [0; 256];
        while let Some(adu) = server.poll(service, &mut tx, now_us) {
            // On RS-485 the driver is enabled here, and disabled `Rtu::driver_enable_us(adu.len())` later.
            port.write_all(adu)?;
        }
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// One turn of a client's main loop; true when the request has ended.
fn ask<P: Read + ReadReady + Write>(
    port: &mut P,
    client: &mut Serial,
    now_us: u64,
) -> Result<bool, P::Error> {
    if let Some(adu) = client.poll_transmit(now_us) {
        port.write_all(adu)?;
    }
    let mut rx = [0; 64];
    let mut rest = take(port, &mut rx)?;
    loop {
        rest = client.receive(rest, now_us);
        match client.poll(now_us) {
            Some(Event::Answered { reply, attempts, .. }) => {
                println!("{now_us} us: answered after {attempts} attempts: {reply:?}");
                return Ok(true);
            }
            Some(event) => {
                println!("{now_us} us: {event:?}");
                return Ok(true);
            }
            None if rest.is_empty() => return Ok(false),
            None => {}
        }
    }
}

/// A level, in hundredths of a per cent.
struct Level(u16);

impl Service for Level {
    fn supports(&self, function: FunctionCode) -> bool {
        function == FunctionCode::READ_INPUT_REGISTERS
    }

    fn contains(&self, table: Table, at: Address, quantity: u16) -> bool {
        table == Table::InputRegisters && at == Address::ZERO && quantity == 1
    }

    fn read_input_registers(
        &mut self,
        _at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill([self.0]);
        Ok(())
    }
}

type Wire = Rc<RefCell<VecDeque<u8>>>;

/// One end of a pipe.
struct Port {
    from: Wire,
    to: Wire,
}

impl ErrorType for Port {
    type Error = core::convert::Infallible;
}

impl Read for Port {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        let mut from = self.from.borrow_mut();
        let count = buffer.len().min(from.len());
        for (place, byte) in buffer.iter_mut().zip(from.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }
}

impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        Ok(!self.from.borrow().is_empty())
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.to.borrow_mut().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (one, other) = (Wire::default(), Wire::default());
    let mut device = Port { from: Rc::clone(&one), to: Rc::clone(&other) };
    let mut master = Port { from: other, to: one };
    let line = Rtu::at_baud(19_200);
    let unit = UnitId::new(17)?;
    let (mut server, mut level) = (Server::new(unit, line), Level(8_750));
    let mut client = Serial::new(line);
    let request =
        Request::ReadInputRegisters { starting_address: Address::ZERO, quantity: Quantity::ONE };
    let budget = Budget { deadline_us: 500_000, response_timeout_us: 100_000, attempts: 3 };
    client.request(unit, &request, budget, 0)?;
    let mut now_us = 0;
    while !ask(&mut master, &mut client, now_us)? {
        serve(&mut device, &mut server, &mut level, now_us)?;
        now_us += 500;
    }
    Ok(())
}
