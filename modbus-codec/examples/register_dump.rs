//! Reads holding registers of a Modbus TCP server and shows them in every word order.
//!
//! `cargo run --example register_dump -- 127.0.0.1:502 1 0 10`: server, unit, starting address, quantity.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use modbus_codec::tcp::{self, MbapHeader, Step, TransactionId};
use modbus_codec::{Address, Quantity, Registers, Request, Response, UnitId, WordOrder};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, unit, address, quantity] = arguments.as_slice() else {
        return Err("usage: register_dump SERVER UNIT STARTING_ADDRESS QUANTITY".into());
    };
    let request = Request::ReadHoldingRegisters {
        starting_address: Address::new(address.parse()?),
        quantity: Quantity::new(quantity.parse()?)?,
    };
    let header =
        MbapHeader { transaction: TransactionId::new(1), unit: UnitId::from_raw(unit.parse()?) };
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut buffer = [0; tcp::ADU_LEN_MAX];
    stream.write_all(tcp::encode_request(header, &request, &mut buffer)?)?;

    let wire = read_adu(&mut stream)?;
    let adu = tcp::decode_response(&wire)?;
    if adu.header != header {
        return Err(format!("answered by {:?}", adu.header).into());
    }
    let response = adu.pdu?;
    response.answers(&request)?;
    if let Response::ReadHoldingRegisters(registers) = response {
        show(&registers);
    }
    Ok(())
}

/// Reads until the ADU is whole; more than one cannot come for one request.
fn read_adu(stream: &mut TcpStream) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut wire = Vec::new();
    loop {
        let required = match tcp::split_first(&wire) {
            Step::Adu { .. } => return Ok(wire),
            Step::More { required } => required,
            Step::Broken(error) => return Err(error.into()),
        };
        let mut more = vec![0; required - wire.len()];
        let len = stream.read(&mut more)?;
        if len == 0 {
            return Err("the server closed the connection".into());
        }
        wire.extend(more.iter().take(len));
    }
}

fn show(registers: &Registers<'_>) {
    for (index, register) in registers.iter().enumerate() {
        println!("{index:>5}  {register:#06x}  {register}");
    }
    for order in WordOrder::ALL {
        let values: Vec<f32> = registers.f32(order).collect();
        println!("{order:?}  f32 {values:?}  u32 {:?}", registers.u32(order).collect::<Vec<_>>());
    }
}
