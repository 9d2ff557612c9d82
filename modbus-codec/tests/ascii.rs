//! The ASCII ADU: delimiters, digits, LRC, and the limits.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use modbus_codec::ascii::{self, Error, LF};
use modbus_codec::pdu::EncodeError;
use modbus_codec::{Address, FunctionCode, Quantity, Request, UnitId};

const TEXT: &[u8] = b":1103006B00037E\r\n";

fn decode(text: &[u8]) -> Result<(), Error> {
    ascii::decode_request(&mut text.to_vec(), LF).map(drop)
}

#[test]
fn a_frame_decodes_in_place_and_encodes_to_itself() {
    let mut text = TEXT.to_vec();
    let adu = ascii::decode_request(&mut text, LF).unwrap();
    let request = Request::ReadHoldingRegisters {
        starting_address: Address::new(107),
        quantity: Quantity::new(3).unwrap(),
    };
    assert_eq!((adu.unit, adu.pdu), (UnitId::new(17).unwrap(), request));
    let mut buffer = [0xA5; 20];
    let written = ascii::encode_request(adu.unit, &request, LF, &mut buffer).unwrap();
    assert_eq!(written, TEXT);
    assert_eq!(buffer[17..], [0xA5; 3]);
    for len in 0..TEXT.len() {
        let refused = ascii::encode_request(adu.unit, &request, LF, &mut buffer[..len]);
        let too_small = EncodeError::Buffer { required: 17, available: len as u16 };
        assert_eq!(refused, Err(too_small));
    }
}

#[test]
fn lower_case_digits_are_read_and_another_delimiter_too() {
    assert_eq!(decode(b":1103006b00037e\r\n"), Ok(()));
    assert!(ascii::decode_request(&mut b":1103006B00037E\r!".to_vec(), b'!').is_ok());
}

#[test]
fn each_fault_gives_its_exact_error() {
    let table: [(&[u8], Error); 8] = [
        (b":1103\r\n", Error::Short { required: 9, available: 7 }),
        (b"11103006B00037E\r\n", Error::Delimiter { offset: 0, expected: b':', got: b'1' }),
        (b":1103006B00037E\n\n", Error::Delimiter { offset: 15, expected: b'\r', got: b'\n' }),
        (b":1103006B00037E\r\r", Error::Delimiter { offset: 16, expected: b'\n', got: b'\r' }),
        (b":110300GB00037E\r\n", Error::Digit { offset: 7, got: b'G' }),
        (b":1103006B00037\r\n", Error::OddDigits { digits: 13 }),
        (b":1103006B00037F\r\n", Error::Lrc { offset: 13, expected: 0x7E, got: 0x7F }),
        (&[b'0'; 514], Error::Long { max: 513, got: 514 }),
    ];
    for (text, expected) in table {
        assert_eq!(decode(text), Err(expected));
    }
}

#[test]
fn the_lrc_guards_the_binary_bytes() {
    // MODBUS over Serial Line V1.02, 6.2.1: the sum without carry, then its two's complement.
    assert_eq!(ascii::lrc(&[0x11, 0x03, 0x00, 0x6B, 0x00, 0x03]), 0x7E);
    for at in 1..TEXT.len() - 2 {
        let mut damaged = TEXT.to_vec();
        damaged[at] = if damaged[at] == b'0' { b'8' } else { b'0' };
        assert!(matches!(decode(&damaged), Err(Error::Lrc { .. })), "digit {at}");
    }
}

#[test]
fn the_longest_adu_has_513_characters() {
    let data = [0x5A; 252];
    let longest = Request::Other { function: FunctionCode::new(0x41), data: &data };
    let mut buffer = [0xA5; 600];
    let written =
        ascii::encode_request(UnitId::new(1).unwrap(), &longest, LF, &mut buffer).unwrap();
    assert_eq!(written.len(), 513);
    assert_eq!(ascii::decode_request(written, LF).unwrap().pdu, longest);
}
