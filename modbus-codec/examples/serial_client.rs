//! Reads holding registers on a serial port: `cargo run -p modbus-codec --example serial_client -- /dev/ttyUSB0 19200 17 0 10`.
#![allow(clippy::indexing_slicing)]

mod host;

use std::time::Duration;

use modbus_codec::client::Serial;
use modbus_codec::{Address, Quantity, Request, Response, UnitId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().ok_or("which port?")?;
    let baud = arguments.next().map_or(Ok(19_200), |text| text.parse())?;
    let unit = UnitId::new(arguments.next().map_or(Ok(17), |text| text.parse())?)?;
    let at = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let quantity = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let mut port = serialport::new(port, baud).timeout(Duration::from_millis(2)).open()?;
    let mut client = Serial::without_timing();
    let clock = host::Clock::start();
    let request = Request::ReadHoldingRegisters {
        starting_address: Address::new(at),
        quantity: Quantity::new(quantity)?,
    };
    let asked = (unit, &request, host::within(clock, 2_000, 500, 3));
    host::ask_serial(&mut *port, &mut client, clock, asked, |reply| match reply {
        Ok(Response::ReadHoldingRegisters(registers)) => println!("{registers:?}"),
        Ok(other) => println!("{other:?}"),
        Err(exception) => println!("{exception}"),
    })?;
    println!("{:?}", client.counters());
    Ok(())
}
