//! The TCP ADU: header, lengths, and a stream of ADUs at every split.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use modbus_codec::tcp::{self, Error, MbapHeader, Step, TransactionId};
use modbus_codec::{Exception, ExceptionCode, FunctionCode, Registers, Request, Response, UnitId};

/// MODBUS Messaging on TCP/IP V1.0b, 4.4.2: a read of register 5 of unit 9, transaction 0x1501.
const REQUEST: [u8; 12] = [0x15, 0x01, 0, 0, 0, 6, 9, 3, 0, 4, 0, 1];

#[test]
fn the_example_of_4_4_2_decodes_and_encodes_to_itself() {
    let adu = tcp::decode_request(&REQUEST).unwrap();
    let header =
        MbapHeader { transaction: TransactionId::new(0x1501), unit: UnitId::new(9).unwrap() };
    assert_eq!(adu.header, header);
    let mut buffer = [0xA5; 16];
    assert_eq!(*tcp::encode_request(header, &adu.pdu, &mut buffer).unwrap(), REQUEST);
    assert_eq!(buffer[12..], [0xA5; 4]);

    let registers = Registers::from_be_bytes(&[0, 5]).unwrap();
    let response = Response::ReadHoldingRegisters(registers);
    let wire = tcp::encode_response(header, &response, &mut buffer).unwrap();
    assert_eq!(wire, [0x15, 0x01, 0, 0, 0, 5, 9, 3, 2, 0, 5]);
    assert_eq!(tcp::decode_response(wire).unwrap().pdu, Ok(response));

    let refused =
        Exception { function: FunctionCode::new(3), code: ExceptionCode::ILLEGAL_DATA_ADDRESS };
    let wire = tcp::encode_exception(header, &refused, &mut buffer).unwrap();
    assert_eq!(tcp::decode_response(wire).unwrap().pdu, Err(refused));
}

#[test]
fn a_length_outside_2_to_254_is_refused_before_its_bytes_are_waited_for() {
    for length in 0..=u16::MAX {
        let [high, low] = length.to_be_bytes();
        let header = [0, 1, 0, 0, high, low];
        let step = tcp::split_first(&header);
        if (2..=254).contains(&length) {
            assert_eq!(step, Step::More { required: 6 + usize::from(length) });
        } else {
            assert_eq!(step, Step::Broken(Error::Length { min: 2, max: 254, got: length }));
        }
    }
}

#[test]
fn a_protocol_identifier_other_than_0_is_discarded() {
    for protocol in 1..=u16::MAX {
        let [high, low] = protocol.to_be_bytes();
        let header = [0, 1, high, low];
        let step = tcp::split_first(&header);
        assert_eq!(step, Step::Broken(Error::ProtocolId { got: protocol }));
    }
}

#[test]
fn every_shorter_length_and_one_byte_more_give_their_exact_error() {
    for len in 0..REQUEST.len() {
        let required = if len < 6 { 8 } else { 12 };
        let short = Error::Short { required, available: len as u16 };
        assert_eq!(tcp::decode_request(&REQUEST[..len]), Err(short));
        assert_eq!(tcp::split_first(&REQUEST[..len]), Step::More { required: required.into() });
    }
    let mut longer = REQUEST.to_vec();
    longer.push(0);
    assert_eq!(tcp::decode_request(&longer), Err(Error::Trailing { offset: 12, len: 1 }));
    assert!(matches!(tcp::split_first(&longer), Step::Adu { len: 12, .. }));
}

#[test]
fn the_longest_adu_has_260_bytes() {
    let data = [0; 252];
    let longest = Request::Other { function: FunctionCode::new(0x41), data: &data };
    let header = MbapHeader { transaction: TransactionId::default(), unit: UnitId::TCP_SERVER };
    let mut buffer = [0xA5; 300];
    let wire = tcp::encode_request(header, &longest, &mut buffer).unwrap();
    assert_eq!(wire.len(), 260);
    assert_eq!(tcp::decode_request(wire).unwrap().pdu, longest);
}

#[test]
fn pdu_errors_count_from_the_transaction_identifier() {
    let mut wire = REQUEST;
    wire[11] = 0;
    let Err(Error::Pdu(error)) = tcp::decode_request(&wire) else {
        panic!("quantity 0 must be refused");
    };
    assert_eq!(error.to_string(), "quantity at byte 10: expected 1..=125, got 0");
}
