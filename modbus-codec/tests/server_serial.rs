//! The server on a serial line: who is meant, when it answers, diagnostics, counters and the event log.
#![cfg(feature = "extended-functions")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;
mod plant;

use line::{closed, hex};
use modbus_codec::event_log::{Event, Received, Sent};
use modbus_codec::server::{CharacterError, Connection, Server};
use modbus_codec::timing::Rtu;
use modbus_codec::{ExceptionCode, Response, UnitId};
use plant::Plant;

const UNIT: u8 = 17;

/// A device on a line without a clock, and what it was sent and answered.
struct Device {
    server: Server,
    plant: Plant,
}

impl Device {
    fn new() -> Self {
        let server = Server::point_to_point(UnitId::new(UNIT).unwrap());
        Self { server, plant: Plant::new() }
    }

    /// The PDU that answers a PDU sent to a unit.
    #[track_caller]
    fn send(&mut self, unit: u8, pdu: &str) -> Option<Vec<u8>> {
        self.bytes(&closed([vec![unit], hex(pdu)].concat()))
    }

    #[track_caller]
    fn bytes(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut tx = [0xA5; 256];
        assert!(self.server.receive(bytes, 0).is_empty());
        let adu = self.server.poll(&mut self.plant, &mut tx, 0)?.to_vec();
        assert_eq!(self.server.poll(&mut self.plant, &mut [0; 256], 0), None);
        assert_eq!(closed(adu[..adu.len() - 2].to_vec()), adu);
        assert_eq!(adu[0], UNIT);
        Some(adu[1..adu.len() - 2].to_vec())
    }

    #[track_caller]
    fn ask(&mut self, pdu: &str) -> Vec<u8> {
        self.send(UNIT, pdu).unwrap()
    }

    /// CPT1 to CPT8.
    fn cpt(&self) -> [u16; 8] {
        let counters = self.server.counters();
        [
            counters.bus_message,
            counters.bus_communication_error,
            counters.server_exception_error,
            counters.server_message,
            counters.server_no_response,
            counters.server_nak,
            counters.server_busy,
            counters.bus_character_overrun,
        ]
    }
}

#[test]
fn only_its_own_unit_is_answered_and_a_broadcast_is_done_in_silence() {
    let mut device = Device::new();
    assert_eq!(device.send(18, "03 0000 0001"), None);
    assert_eq!(device.send(0, "06 0003 0007"), None);
    assert_eq!(device.plant.holding[3], 7);
    assert_eq!(device.send(0, "03 0000 0001"), None);
    assert_eq!(device.plant.calls, ["write registers"], "what reads is not broadcast");
    assert_eq!(device.ask("03 0003 0001"), hex("03 02 0007"));
}

#[test]
fn a_wrong_crc_is_not_answered_and_counts_once_a_stretch() {
    let mut device = Device::new();
    let mut frame =
        closed([vec![UNIT], hex("10 0000 0008 10 0001020304050607 08090A0B0C0D0E0F")].concat());
    *frame.last_mut().unwrap() ^= 1;
    assert_eq!(device.bytes(&frame), None);
    assert_eq!(device.ask("03 0000 0001"), hex("03 02 0000"));
    // CPT2 is one although each byte of the stretch was tried.
    assert_eq!(device.cpt(), [1, 1, 0, 1, 0, 0, 0, 0]);
}

#[test]
fn the_counters_count_what_the_standard_says() {
    let mut device = Device::new();
    device.ask("03 0000 0001");
    assert_eq!(device.cpt(), [1, 0, 0, 1, 0, 0, 0, 0]);
    device.send(99, "03 0000 0001");
    assert_eq!(
        device.cpt(),
        [2, 0, 0, 1, 0, 0, 0, 0],
        "a frame for another is a message of the bus"
    );
    device.send(0, "06 0000 0001");
    assert_eq!(device.cpt(), [3, 0, 0, 2, 1, 0, 0, 0], "a broadcast is processed and not answered");
    device.send(0, "06 012C 0001");
    assert_eq!(device.cpt(), [4, 0, 1, 3, 2, 0, 0, 0], "a broadcast has an exception, unsent");
    device.plant.refuses = Some(ExceptionCode::SERVER_DEVICE_BUSY);
    assert_eq!(device.ask("06 0000 0001"), [0x86, 6]);
    device.plant.refuses = Some(ExceptionCode::NEGATIVE_ACKNOWLEDGE);
    assert_eq!(device.ask("06 0000 0001"), [0x86, 7]);
    assert_eq!(device.cpt(), [6, 0, 3, 5, 2, 1, 1, 0]);
    device.server.character_error(CharacterError::Overrun);
    device.server.character_error(CharacterError::Damaged);
    assert_eq!(device.cpt(), [6, 2, 3, 5, 2, 1, 1, 1]);
    // Each by its sub-function: the asking itself is a message of the bus, and processed.
    for (sub_function, count) in
        [(0x0B, 7), (0x0C, 2), (0x0D, 3), (0x0E, 8), (0x0F, 2), (0x10, 1), (0x11, 1), (0x12, 1)]
    {
        let answered = device.ask(&format!("08 {sub_function:04X} 0000"));
        assert_eq!(answered, [8, 0, sub_function, 0, count], "{sub_function:02X}");
    }
    assert_eq!(device.ask("08 0014 0000"), hex("08 0014 0000"));
    assert_eq!(device.cpt()[7], 0);
    assert_eq!(device.ask("08 000A 0000"), hex("08 000A 0000"));
    assert_eq!((device.cpt(), device.plant.diagnostic_register), ([0, 0, 0, 1, 0, 0, 0, 0], 0));
}

#[test]
fn the_event_counter_counts_what_was_completed() {
    let mut device = Device::new();
    device.ask("03 0000 0001");
    device.ask("03 012C 0001");
    device.send(0, "06 0000 0001");
    assert_eq!(device.ask("0B"), hex("0B 0000 0002"));
    assert_eq!(device.ask("0B"), hex("0B 0000 0002"), "asking for it does not count");
    device.ask("08 0000 0000");
    assert_eq!(device.ask("0B"), hex("0B 0000 0003"));
}

#[test]
fn diagnostics_are_answered_and_their_data_checked() {
    let mut device = Device::new();
    let table = [
        ("08 0000 0102 0304", "08 0000 0102 0304"),
        ("08 0000", "08 0000"),
        ("08 0002 0000", "08 0002 A5C3"),
        ("08 0003 2300", "08 0003 2300"),
        ("08 0003 2301", "88 03"),
        ("08 0002 0001", "88 03"),
        ("08 000B 0001", "88 03"),
        ("08 0001 0001", "88 03"),
        ("08 0002", "88 03"),
        ("08 0002 0000 00", "88 03"),
        ("08 0000 01", "88 03"),
        ("08 0005 0000", "88 01"),
        ("08 0013 0000", "88 01"),
        ("08 BEEF 0000", "88 01"),
    ];
    // Only silence frames 08 with other than one word.
    let line = Rtu::at_baud(19_200);
    device.server = device.server.strict(line);
    for (index, (request, response)) in (1..).zip(table) {
        let now_us = index * 1_000_000;
        let frame = closed([vec![UNIT], hex(request)].concat());
        assert!(device.server.receive(&frame, now_us).is_empty());
        let mut tx = [0xA5; 256];
        let later_us = now_us + u64::from(line.t3_5_us());
        let answered = device.server.poll(&mut device.plant, &mut tx, later_us).unwrap();
        let expected = closed([vec![UNIT], hex(response)].concat());
        assert_eq!(answered, expected, "{request}");
    }
    assert_eq!(device.server.ascii_delimiter(), b'#');
}

#[test]
fn in_listen_only_mode_only_01_is_obeyed_and_nothing_answered() {
    let mut device = Device::new();
    assert_eq!(device.send(UNIT, "08 0004 0000"), None);
    assert!(device.server.is_listen_only());
    assert_eq!(device.cpt(), [1, 0, 0, 1, 1, 0, 0, 0], "04 itself is not answered");
    assert_eq!(device.send(UNIT, "03 0000 0001"), None);
    assert_eq!(device.send(0, "06 0003 0007"), None);
    assert_eq!(device.send(UNIT, "08 0000 0000"), None);
    assert_eq!((device.plant.calls.len(), device.cpt()), (0, [4, 0, 0, 1, 4, 0, 0, 0]));
    assert_eq!(device.send(UNIT, "08 0001 0000"), None, "the way back is not answered either");
    assert!(!device.server.is_listen_only());
    assert_eq!(device.cpt(), [0; 8], "restarting clears the counters");
    assert_eq!(device.ask("03 0000 0001"), hex("03 02 0000"));
    assert_eq!(
        device.ask("08 0001 0000"),
        hex("08 0001 0000"),
        "answered when it is not listening only"
    );
}

#[test]
fn the_event_log_is_newest_first_and_holds_64() {
    let mut device = Device::new();
    let received = |flags| Event::Received(flags);
    device.ask("03 0000 0001");
    device.ask("03 012C 0001");
    device.send(0, "06 0000 0001");
    device.server.character_error(CharacterError::Overrun);
    device.send(UNIT, "08 0004 0000");
    device.send(UNIT, "03 0000 0001");
    let events: Vec<Event> = device.server.events().collect();
    let expected = [
        received(Received::IN_LISTEN_ONLY_MODE),
        Event::EnteredListenOnlyMode,
        received(Received::empty()),
        received(Received::CHARACTER_OVERRUN),
        received(Received::BROADCAST),
        Event::Sent(Sent::READ_EXCEPTION),
        received(Received::empty()),
        Event::Sent(Sent::empty()),
        received(Received::empty()),
    ];
    assert_eq!(events, expected);
    device.send(UNIT, "08 0001 FF00");
    assert_eq!(device.server.events().collect::<Vec<_>>(), [Event::CommunicationRestart]);
    // 0C: status, event count, message count, events; its own reception is among them.
    assert_eq!(device.ask("0C"), hex("0C 08 0000 0000 0001 80 00"));
    for _ in 0..40 {
        device.ask("03 0000 0001");
    }
    let log = device.ask("0C");
    assert_eq!((log[1], log.len(), device.server.events().count()), (70, 72, 64));
    assert!(matches!(Response::decode(&log), Ok(Ok(Response::GetCommEventLog(_)))));
}

#[test]
fn it_answers_after_a_silence_and_not_what_others_are_asked_or_answer() {
    let line = Rtu::at_baud(19_200);
    let mut server = Server::new(UnitId::new(UNIT).unwrap(), line);
    let mut plant = Plant::new();
    let mut tx = [0; 256];
    let mut now_us = 1_000_000;
    let hear = |server: &mut Server, unit: u8, pdu: &str, now_us: &mut u64| {
        let frame = closed([vec![unit], hex(pdu)].concat());
        *now_us += 5_000 + u64::from(line.characters_us(frame.len() as u32));
        assert!(server.receive(&frame, *now_us).is_empty());
    };
    hear(&mut server, UNIT, "03 0000 0001", &mut now_us);
    assert_eq!(server.poll(&mut plant, &mut tx, now_us), None);
    let due_us = server.next_deadline_us().unwrap();
    assert_eq!(due_us, now_us + u64::from(line.t3_5_us()));
    assert_eq!(server.poll(&mut plant, &mut tx, due_us - 1), None);
    let adu = server.poll(&mut plant, &mut tx, due_us).unwrap();
    assert_eq!(adu, closed(hex("11 03 02 0000")));
    // Another device is asked, and answers; the answer to 06 has the form of a request.
    for pdu in ["03 0000 0001", "03 02 1234", "06 0001 0007", "06 0001 0007"] {
        hear(&mut server, 18, pdu, &mut now_us);
        assert_eq!(server.poll(&mut plant, &mut tx, now_us + 10_000), None);
    }
    assert_eq!((plant.calls.len(), server.counters().bus_message), (1, 5));
    assert_eq!(server.counters().bus_communication_error, 0);
}

#[test]
fn a_request_that_is_sent_again_is_a_request_again() {
    // 06 to this device, unanswered in listen-only mode: the same bytes again are no answer to it.
    let mut server = Server::new(UnitId::new(UNIT).unwrap(), Rtu::at_baud(19_200));
    let (mut plant, mut tx) = (Plant::new(), [0; 256]);
    let write = closed([vec![UNIT], hex("06 0001 0007")].concat());
    for attempt in 1..=3_u64 {
        let now_us = attempt * 1_000_000;
        assert!(server.receive(&write, now_us).is_empty());
        let answered = server.poll(&mut plant, &mut tx, now_us + 10_000).map(<[u8]>::to_vec);
        assert_eq!(answered, Some(write.clone()), "attempt {attempt}");
    }
    assert_eq!(plant.calls.len(), 3);
}

#[test]
fn a_value_that_05_does_not_have_is_refused_on_a_shared_line_too() {
    // The frame has the form of both directions, and is refused in both.
    let mut server = Server::new(UnitId::new(UNIT).unwrap(), Rtu::at_baud(19_200));
    let (mut plant, mut tx) = (Plant::new(), [0; 256]);
    let write = closed([vec![UNIT], hex("05 0001 1234")].concat());
    assert!(server.receive(&write, 1_000_000).is_empty());
    let answered = server.poll(&mut plant, &mut tx, 1_010_000);
    assert_eq!(answered, Some(&closed(hex("11 85 03"))[..]));
}

#[test]
fn a_strict_server_goes_by_silence_alone() {
    let line = Rtu::at_baud(9_600);
    let mut server = Server::new(UnitId::new(UNIT).unwrap(), line).strict(line);
    let (mut plant, mut tx) = (Plant::new(), [0; 256]);
    let mut now_us = 0;
    let mut send = |server: &mut Server, gap_at: usize| {
        now_us += 100_000;
        for (index, byte) in closed(hex("11 03 0000 0001")).iter().enumerate() {
            let gap_us = if index == gap_at { line.t1_5_us() + 200 } else { 0 };
            now_us += u64::from(line.characters_us(1) + gap_us);
            assert!(server.receive(&[*byte], now_us).is_empty());
        }
        let answered = server.poll(&mut plant, &mut tx, now_us + u64::from(line.t3_5_us()));
        answered.map(<[u8]>::to_vec)
    };
    assert_eq!(send(&mut server, usize::MAX), Some(closed(hex("11 03 02 0000"))));
    assert_eq!(send(&mut server, 4), None);
    assert_eq!(server.counters().bus_communication_error, 1);
}

#[test]
fn each_kind_of_exception_is_an_event_of_its_own() {
    let table = [
        (1, Sent::READ_EXCEPTION),
        (3, Sent::READ_EXCEPTION),
        (4, Sent::SERVER_ABORT),
        (5, Sent::SERVER_BUSY),
        (6, Sent::SERVER_BUSY),
        (7, Sent::SERVER_NAK),
        (8, Sent::empty()),
    ];
    for (code, flags) in table {
        let mut device = Device::new();
        device.plant.refuses = Some(ExceptionCode::new(code));
        device.ask("06 0000 0001");
        assert_eq!(device.server.events().next(), Some(Event::Sent(flags)), "{code:02X}");
    }
}

#[test]
fn only_an_overrun_counts_as_one() {
    let mut device = Device::new();
    device.server.character_error(CharacterError::Damaged);
    device.server.character_error(CharacterError::Damaged);
    assert_eq!(device.cpt(), [0, 2, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn a_server_asks_to_be_polled_only_while_it_has_something_to_do() {
    let mut server = Server::new(UnitId::new(UNIT).unwrap(), Rtu::at_baud(19_200));
    let (mut plant, mut tx) = (Plant::new(), [0; 256]);
    assert_eq!(server.next_deadline_us(), None);
    assert!(server.receive(&closed(hex("11 03 0000 0001")), 1_000).is_empty());
    assert!(server.next_deadline_us().is_some());
    assert!(server.poll(&mut plant, &mut tx, 10_000).is_some());
    assert_eq!(server.poll(&mut plant, &mut tx, 10_000), None);
    assert_eq!(server.next_deadline_us(), None);
    assert!(format!("{:?}", Connection::new()).contains("len: 0"));
}
