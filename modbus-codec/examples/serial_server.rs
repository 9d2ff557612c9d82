//! A device on a serial port: `cargo run -p modbus-codec --example serial_server -- /dev/ttyUSB0 19200 17`.
#![allow(clippy::indexing_slicing)]

mod host;

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use modbus_codec::UnitId;
use modbus_codec::server::Server;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().ok_or("which port?")?;
    let baud = arguments.next().map_or(Ok(19_200), |text| text.parse())?;
    let unit = UnitId::new(arguments.next().map_or(Ok(17), |text| text.parse())?)?;
    let mut port = serialport::new(port, baud).timeout(Duration::from_millis(2)).open()?;
    // Behind a USB adapter the time of a byte says nothing about the line. Many RS-485 adapters hear themselves; for one that
    // does not, add `without_echo()`.
    let mut server = Server::point_to_point(unit);
    let memory = Mutex::new(host::Memory::new());
    host::serve_serial(&mut *port, &mut server, &memory, &AtomicBool::new(false))?;
    Ok(())
}
