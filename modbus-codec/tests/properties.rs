//! Properties of any bytes, any values and any order of events: the functions of `property`, which the fuzz targets call too.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
#![cfg(feature = "arbitrary")]

mod property;

use proptest::collection::vec;
use proptest::prelude::*;

/// Bytes that are often a PDU: a public function code, then anything.
fn pdu() -> impl Strategy<Value = Vec<u8>> {
    let public = [
        1_u8, 2, 3, 4, 5, 6, 7, 8, 0x0B, 0x0C, 0x0F, 0x10, 0x11, 0x14, 0x15, 0x16, 0x17, 0x18, 0x2B,
    ];
    let function = prop_oneof![19 => proptest::sample::select(public.to_vec()), 1 => any::<u8>()];
    let small = prop_oneof![3 => 0_u8..16, 1 => any::<u8>()];
    (function, vec(small, 0..64)).prop_map(|(function, mut body)| {
        body.insert(0, function);
        body
    })
}

/// Bytes that a script of events is drawn from.
fn script() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![2 => 0_u8..24, 1 => any::<u8>()], 0..1500)
}

proptest! {
    #[test]
    fn what_decodes_as_a_request_encodes_to_itself_on_every_transport(pdu in pdu()) {
        property::request(&pdu);
    }

    #[test]
    fn what_decodes_as_a_response_encodes_to_itself(pdu in pdu()) {
        property::response(&pdu);
    }

    #[test]
    fn a_frame_is_as_long_as_predicted(bytes in pdu()) {
        property::rtu_adu(&bytes);
        property::rtu_adu(&[&[1], &bytes[..]].concat());
    }

    #[test]
    fn ascii_accounts_for_every_character(
        bytes in vec(prop_oneof![proptest::sample::select(b":0123456789ABCDEF\r\n".to_vec()), any::<u8>()], 0..300),
    ) {
        property::ascii_text(&bytes);
    }

    #[test]
    fn a_tcp_stream_takes_what_is_there(bytes in vec(prop_oneof![3 => 0_u8..12, 1 => any::<u8>()], 0..300)) {
        property::tcp_stream(&bytes);
    }

    #[test]
    fn the_stream_decoder_accounts_for_every_byte(bytes in script()) {
        property::play(&bytes, property::stream);
    }

    #[test]
    fn each_turn_of_a_callers_loop_takes_a_byte(bytes in script()) {
        property::play(&bytes, property::progress);
    }

    #[test]
    fn the_server_answers_what_fits(bytes in script()) {
        property::play(&bytes, property::server);
    }

    #[test]
    fn every_request_on_a_line_ends_once_and_in_time(bytes in script()) {
        property::play(&bytes, property::client_serial);
    }

    #[test]
    fn every_request_on_a_connection_ends_once_and_in_time(bytes in script()) {
        property::play(&bytes, property::client_tcp);
    }
}
