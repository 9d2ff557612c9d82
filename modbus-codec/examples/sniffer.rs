//! Both directions of a serial line from standard input, every byte accounted for.
//!
//! `cat line.bin | cargo run --example sniffer`, or `cat /dev/ttyUSB0 | ...` after `stty raw`.

use std::io::{self, Read};

use modbus_codec::pdu::Direction;
use modbus_codec::stream::{Decoder, Frame, Item};

fn main() -> io::Result<()> {
    let mut wire = Decoder::both_directions().lenient();
    let mut input = io::stdin().lock();
    let mut buffer = [0; 256];
    loop {
        let len = input.read(&mut buffer)?;
        let mut rest = buffer.get(..len).unwrap_or_default();
        if len == 0 {
            wire.finish();
        }
        while !rest.is_empty() {
            // Behind USB a clock says nothing about the wire, so there is none: 0.
            rest = wire.push(rest, 0);
            show_all(&mut wire);
        }
        show_all(&mut wire);
        if len == 0 {
            return Ok(());
        }
    }
}

fn show_all(wire: &mut Decoder) {
    while let Some(item) = wire.next() {
        match item {
            Item::Frame(frame) => show(&frame),
            Item::Discarded(discarded) => println!(
                "{:>8}  {} bytes discarded, {}: {:02X?}",
                discarded.offset,
                discarded.bytes.len(),
                discarded.reason,
                discarded.bytes
            ),
        }
    }
}

fn show(frame: &Frame<'_>) {
    let text = match (frame.off_spec, frame.direction) {
        (Some(error), _) => format!("off-spec: {error}"),
        (None, Direction::Request) => match frame.request() {
            Ok(adu) => format!("{:?}", adu.pdu),
            Err(error) => error.to_string(),
        },
        (None, Direction::Response) => match frame.response() {
            Ok(adu) => match adu.pdu {
                Ok(response) => format!("{response:?}"),
                Err(exception) => exception.to_string(),
            },
            Err(error) => error.to_string(),
        },
    };
    println!("{:>8}  {:?} unit {}: {text}", frame.offset, frame.direction, frame.unit);
}
