//! What holds for any bytes and any values.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use modbus_codec::ascii;
use modbus_codec::stream::{Decoder, Item, Timing};
use modbus_codec::tcp::{self, Step};
use modbus_codec::{Request, Response, UnitId, crc16, rtu};
use proptest::collection::vec;
use proptest::prelude::*;

/// Bytes that are often a PDU: a public function code, then anything.
fn pdu() -> impl Strategy<Value = Vec<u8>> {
    let function = prop_oneof![
        Just(1_u8),
        Just(2),
        Just(3),
        Just(4),
        Just(5),
        Just(6),
        Just(7),
        Just(8),
        Just(0x0B),
        Just(0x0C),
        Just(0x0F),
        Just(0x10),
        Just(0x11),
        Just(0x14),
        Just(0x15),
        Just(0x16),
        Just(0x17),
        Just(0x18),
        Just(0x2B),
        any::<u8>(),
    ];
    let small = prop_oneof![3 => 0_u8..16, 1 => any::<u8>()];
    (function, vec(small, 0..64)).prop_map(|(function, mut body)| {
        body.insert(0, function);
        body
    })
}

proptest! {
    #[test]
    fn what_decodes_as_a_request_encodes_to_itself_but_for_padding(pdu in pdu()) {
        if let Ok(request) = Request::decode(&pdu) {
            let mut buffer = [0xA5; 253];
            let written = request.encode(&mut buffer).unwrap();
            let again = Request::decode(written).unwrap();
            prop_assert_eq!(request, again);
            let is_padded = matches!(request, Request::WriteMultipleCoils { .. });
            prop_assert!(is_padded || written == &pdu[..]);
            prop_assert_eq!(request.encoded_len(), pdu.len());
        }
    }

    #[test]
    fn what_decodes_as_a_response_encodes_to_itself(pdu in pdu()) {
        match Response::decode(&pdu) {
            Ok(Ok(response)) => {
                let mut buffer = [0xA5; 253];
                prop_assert_eq!(&*response.encode(&mut buffer).unwrap(), &pdu[..]);
                prop_assert_eq!(response.encoded_len(), pdu.len());
            }
            Ok(Err(exception)) => {
                let mut buffer = [0xA5; 2];
                prop_assert_eq!(&*exception.encode(&mut buffer).unwrap(), &pdu[..]);
            }
            Err(_) => {}
        }
    }

    #[test]
    fn a_request_is_the_same_on_every_transport(unit in 1_u8..=247, pdu in pdu()) {
        if let Ok(request) = Request::decode(&pdu) {
            let unit = UnitId::from_raw(unit);
            let mut buffer = [0xA5; 256];
            let frame = rtu::encode_request(unit, &request, &mut buffer).unwrap();
            prop_assert_eq!(crc16(frame), 0);
            prop_assert_eq!(rtu::decode_request(frame).unwrap().pdu, request);
            let mut buffer = [0xA5; 513];
            let text = ascii::encode_request(unit, &request, ascii::LF, &mut buffer).unwrap();
            prop_assert_eq!(ascii::decode_request(text, ascii::LF).unwrap().pdu, request);
            let header = tcp::MbapHeader { transaction: tcp::TransactionId::new(7), unit };
            let mut buffer = [0xA5; 260];
            let wire = tcp::encode_request(header, &request, &mut buffer).unwrap();
            prop_assert_eq!(tcp::decode_request(wire).unwrap().pdu, request);
        }
    }

    #[test]
    fn nothing_panics_on_any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        let _ = rtu::decode_request(&bytes);
        let _ = rtu::decode_response(&bytes);
        let _ = tcp::decode_request(&bytes);
        let _ = ascii::decode_response(&mut bytes.clone(), ascii::LF);
        match tcp::split(&bytes) {
            Step::Adu { len, .. } => prop_assert!(len <= bytes.len()),
            Step::More { required } => prop_assert!(required > bytes.len()),
            Step::Broken(_) => {}
        }
    }

    #[test]
    fn the_stream_decoder_accounts_for_every_byte(
        bytes in vec(prop_oneof![3 => 0_u8..24, 1 => any::<u8>()], 0..1500),
        chunk in 1_usize..700,
        gaps in vec(0_u64..30_000, 1..20),
        mode in 0..6,
    ) {
        let decoder = match mode % 3 {
            0 => Decoder::requests(),
            1 => Decoder::responses().lenient(),
            _ => Decoder::both_directions().lenient(),
        };
        let timing = Timing::Content { character_us: 500, frame_us: 2_000, release_us: 9_000 };
        let mut decoder = if mode < 3 { decoder } else { decoder.with_timing(timing) };
        let mut accounted = 0_usize;
        let mut now_us = 0;
        let mut drain = |decoder: &mut Decoder| {
            while let Some(item) = decoder.next() {
                let (offset, part) = match item {
                    Item::Frame(frame) => (frame.offset, frame.bytes),
                    Item::Discarded(discarded) => (discarded.offset, discarded.bytes),
                };
                assert_eq!(offset, accounted as u64);
                assert!(!part.is_empty());
                assert_eq!(part, &bytes[accounted..accounted + part.len()]);
                accounted += part.len();
            }
        };
        for (part, gap) in bytes.chunks(chunk).zip(gaps.iter().cycle()) {
            now_us += gap;
            let mut rest = part;
            while !rest.is_empty() {
                let later = decoder.push(rest, now_us);
                drain(&mut decoder);
                prop_assert!(later.len() < rest.len(), "no progress");
                rest = later;
            }
        }
        decoder.finish();
        drain(&mut decoder);
        prop_assert_eq!(accounted, bytes.len());
        prop_assert_eq!(decoder.undecided_len(), 0);
    }
}
