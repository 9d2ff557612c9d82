//! Faults that people met in the field with other Modbus software, each tried here as one named test.
#![cfg(feature = "extended-functions")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;
mod plant;

use line::{closed, hex};
use modbus_codec::server::Server;
use modbus_codec::timing::Rtu;
use modbus_codec::{Quantity, Request, UnitId, ascii};
use plant::Plant;

const BAUD: u32 = 9_600;
const LINE: Rtu = Rtu::at_baud(BAUD);
const UNIT: u8 = 1;
/// A loop that is still running after so many rounds runs without end.
const ROUNDS_MAX: usize = 10_000;

fn servers() -> [(&'static str, Server); 3] {
    let unit = UnitId::new(UNIT).unwrap();
    [
        ("clock and baud rate", Server::new(unit, LINE)),
        ("strict", Server::new(unit, LINE).strict(LINE)),
        ("point to point", Server::point_to_point(unit)),
    ]
}

/// The loop that the documentation asks of a caller. Returns the answers.
#[track_caller]
fn turn(server: &mut Server, plant: &mut Plant, bytes: &[u8], now_us: u64) -> Vec<Vec<u8>> {
    let (mut rest, mut answers) = (bytes, Vec::new());
    for _ in 0..ROUNDS_MAX {
        rest = server.receive(rest, now_us);
        let mut tx = [0xA5; 256];
        while let Some(adu) = server.poll(plant, &mut tx, now_us) {
            answers.push(adu.to_vec());
            assert!(answers.len() < ROUNDS_MAX, "answers without end");
        }
        if rest.is_empty() {
            return answers;
        }
    }
    panic!("{} bytes are never taken", rest.len());
}

/// A turn, and another when the line has been silent for t3.5.
#[track_caller]
fn hear(server: &mut Server, plant: &mut Plant, bytes: &[u8], now_us: &mut u64) -> Vec<Vec<u8>> {
    *now_us += u64::from(LINE.characters_us(bytes.len() as u32));
    let mut answers = turn(server, plant, bytes, *now_us);
    *now_us += u64::from(LINE.t3_5_us());
    answers.extend(turn(server, plant, &[], *now_us));
    answers
}

#[test]
fn row_1_a_server_that_hears_its_own_answer_writes_once_and_answers_once() {
    for request in ["06 0001 0005", "05 0001 FF00", "16 0001 00F2 0025", "0F 0001 0003 01 05"] {
        for (mode, mut server) in servers() {
            let (mut plant, mut now_us) = (Plant::new(), 1_000_000);
            let mut heard = closed([vec![UNIT], hex(request)].concat());
            let mut sent = Vec::new();
            for _ in 0..20 {
                let answers = hear(&mut server, &mut plant, &heard, &mut now_us);
                heard = answers.concat();
                sent.extend(answers);
            }
            assert_eq!(sent.len(), 1, "{mode}, {request}: {sent:02X?}");
            let writes = plant.calls.iter().filter(|call| call.starts_with("write")).count();
            assert_eq!(writes, 1, "{mode}, {request}: {:?}", plant.calls);
        }
    }
}

#[test]
fn row_2_a_request_inside_a_damaged_answer_of_another_unit_is_none() {
    let mut answer = closed(hex("02 03 0C 0000 0106 0001 0005 1809 0000"));
    *answer.last_mut().unwrap() ^= 1;
    for (mode, mut server) in servers() {
        let (mut plant, mut now_us) = (Plant::new(), 1_000_000);
        // The clock has been running.
        hear(&mut server, &mut plant, &[], &mut now_us);
        let answers = hear(&mut server, &mut plant, &answer, &mut now_us);
        assert_eq!((answers.len(), plant.calls.len()), (0, 0), "{mode}");
        assert_eq!(server.counters().bus_communication_error, 1, "{mode}");
        now_us += 500_000;
        let request = closed(hex("01 06 0001 0005"));
        assert_eq!(hear(&mut server, &mut plant, &request, &mut now_us), [request], "{mode}");
    }
}

#[test]
fn row_3_text_without_a_pause_ends_and_the_next_request_is_answered() {
    let text = b"Busy ".repeat(2_000);
    for (mode, mut server) in servers() {
        let (mut plant, mut now_us) = (Plant::new(), 1_000_000);
        for chunk in text.chunks(64) {
            now_us += u64::from(LINE.characters_us(chunk.len() as u32));
            assert!(turn(&mut server, &mut plant, chunk, now_us).is_empty(), "{mode}");
        }
        now_us += 500_000;
        let request = closed(hex("01 06 0001 0005"));
        assert_eq!(hear(&mut server, &mut plant, &request, &mut now_us), [request], "{mode}");
    }
}

#[test]
fn row_3_frames_of_others_without_a_silence_end_and_the_next_request_is_answered() {
    let line = Rtu::at_baud(115_200);
    let mut server = Server::new(UnitId::new(UNIT).unwrap(), line);
    let (mut plant, mut now_us) = (Plant::new(), 1_000_000);
    for unit in (2..=200).cycle().take(1_000) {
        for frame in [closed(vec![unit, 3, 0, 0, 0, 2]), closed(vec![unit, 3, 4, 0, 1, 0, 2])] {
            now_us += 400 + u64::from(line.characters_us(frame.len() as u32));
            assert!(turn(&mut server, &mut plant, &frame, now_us).is_empty());
        }
    }
    assert_eq!(server.counters().bus_message, 2_000);
    now_us += 500_000;
    let request = closed(hex("01 06 0001 0005"));
    assert_eq!(hear(&mut server, &mut plant, &request, &mut now_us), [request]);
}

#[test]
fn row_9_what_is_written_with_any_delimiter_is_read_with_it() {
    let unit = UnitId::new(17).unwrap();
    let request = Request::ReadHoldingRegisters {
        starting_address: modbus_codec::Address::new(107),
        quantity: Quantity::new(3).unwrap(),
    };
    for delimiter in 0..=u8::MAX {
        let mut buffer = [0; 513];
        let text = ascii::encode_request(unit, &request, delimiter, &mut buffer).unwrap().to_vec();
        assert_eq!(text.len(), 17);
        for chunk in 1..=17 {
            let mut decoder = ascii::Decoder::new().with_delimiter(delimiter);
            let mut frames = 0;
            // Twice, so that a delimiter that was left over would show.
            for part in [&text[..], &text].concat().chunks(chunk) {
                let mut rest = part;
                while !rest.is_empty() {
                    rest = decoder.push(rest, 0);
                    while let Some(item) = decoder.next() {
                        let ascii::Item::Frame { adu, .. } = item else { panic!("{item:?}") };
                        assert_eq!(Request::decode(adu.pdu), Ok(request));
                        frames += 1;
                    }
                }
            }
            assert_eq!(frames, 2, "delimiter {delimiter:02X}, chunks of {chunk}");
        }
    }
}
