//! Reads holding registers over TCP: `cargo run -p modbus-codec --example tcp_client -- 127.0.0.1:1502 0 10`.
#![allow(clippy::indexing_slicing)]

mod host;

use modbus_codec::{Address, Quantity, Request, Response, UnitId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:1502".into());
    let at = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let quantity = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let mut master = host::Master::new(address.parse()?);
    let request = Request::ReadHoldingRegisters {
        starting_address: Address::new(at),
        quantity: Quantity::new(quantity)?,
    };
    let budget = host::within(master.clock, 1_000, 300, 3);
    master.ask(UnitId::TCP_SERVER, &request, budget, |reply| match reply {
        Ok(Response::ReadHoldingRegisters(registers)) => println!("{registers:?}"),
        Ok(other) => println!("{other:?}"),
        Err(exception) => println!("{exception}"),
    })?;
    println!("{:?}", master.client.counters());
    Ok(())
}
