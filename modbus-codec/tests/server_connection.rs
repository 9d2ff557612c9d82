//! The server's end of a TCP connection.
#![cfg(feature = "extended-functions")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;
mod plant;

use line::hex;
use modbus_codec::server::Connection;
use plant::Plant;

#[test]
fn a_connection_answers_each_adu_however_the_stream_is_cut() {
    let stream =
        hex("0001 0000 0006 FF 03 0000 0001  0002 0000 0006 05 06 0001 0007  0003 0000 0002 00 07");
    let expected = hex(
        "0001 0000 0005 FF 03 02 0000  0002 0000 0006 05 06 0001 0007  0003 0000 0003 00 07 6D",
    );
    for chunk in 1..=stream.len() {
        let (mut connection, mut plant) = (Connection::new(), Plant::new());
        let mut sent: Vec<u8> = Vec::new();
        for bytes in stream.chunks(chunk) {
            let mut rest = bytes;
            while !rest.is_empty() {
                rest = connection.receive(rest);
                let mut tx = [0xA5; 260];
                while let Some(adu) = connection.poll(&mut plant, &mut tx).unwrap() {
                    sent.extend(adu);
                }
            }
        }
        assert_eq!(sent, expected, "chunks of {chunk}");
    }
}

#[test]
fn a_connection_that_is_not_modbus_says_so() {
    let mut connection = Connection::new();
    assert!(connection.receive(b"GET / HTTP/1.1").is_empty());
    let mut tx = [0; 260];
    assert!(connection.poll(&mut Plant::new(), &mut tx).is_err());
    assert!(connection.poll(&mut Plant::new(), &mut tx).is_err(), "and stays so");
}
