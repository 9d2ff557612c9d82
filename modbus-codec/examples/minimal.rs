//! A request out, its response in: what a client does once. `cargo run --example minimal`

use modbus_codec::{Address, Quantity, Request, Response, UnitId, rtu};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pump = UnitId::new(17)?;
    let request = Request::ReadHoldingRegisters {
        starting_address: Address::new(107),
        quantity: Quantity::new(3)?,
    };
    let mut buffer = [0; rtu::ADU_LEN_MAX];
    println!("to the wire:   {:02X?}", rtu::encode_request(pump, &request, &mut buffer)?);

    let wire = [0x11, 0x03, 0x06, 0x02, 0x2B, 0x00, 0x00, 0x00, 0x64, 0xC8, 0xBA];
    let adu = rtu::decode_response(&wire)?;
    // An exception is an error here, so it cannot be taken for a success.
    let response = adu.pdu?;
    response.answers(&request)?;
    if let Response::ReadHoldingRegisters(registers) = response {
        println!("from unit {}: {registers:?}", adu.unit);
    }
    Ok(())
}
