//! The server: every function, the exceptions in the order of the standard, and the counters of a serial line.
#![cfg(feature = "extended-functions")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;
mod plant;

use line::closed;
use modbus_codec::event_log::{Event, Received, Sent};
use modbus_codec::server::{CharacterError, Connection, Server, Service, Table};
use modbus_codec::server::{answer, exception_for};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, ExceptionCode, FunctionCode, Request, Response, UnitId};
use plant::Plant;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// The PDU that answers a PDU.
#[track_caller]
fn ask(plant: &mut Plant, request: &str) -> Vec<u8> {
    let mut buffer = [0xA5; 253];
    answer(plant, &hex(request), &mut buffer).unwrap().to_vec()
}

const UNIT: u8 = 17;

/// A device that says that it has everything, and has no method for any of it.
struct Bare;

impl Service for Bare {
    fn supports(&self, _function: FunctionCode) -> bool {
        true
    }

    fn contains(&self, _table: Table, _at: Address, _quantity: u16) -> bool {
        true
    }
}

/// A device that says of every answer of its own how long it is.
struct Long(usize);

impl Service for Long {
    fn supports(&self, _function: FunctionCode) -> bool {
        true
    }

    fn contains(&self, _table: Table, _at: Address, _quantity: u16) -> bool {
        true
    }

    fn report_server_id(&mut self, _out: &mut [u8; 251]) -> Result<usize, ExceptionCode> {
        Ok(self.0)
    }

    fn encapsulated_interface(
        &mut self,
        mei_type: u8,
        data: &[u8],
        out: &mut [u8; 251],
    ) -> Result<usize, ExceptionCode> {
        out[..2].copy_from_slice(&[mei_type, data.len() as u8]);
        Ok(self.0)
    }

    fn other(
        &mut self,
        function: FunctionCode,
        data: &[u8],
        out: &mut [u8; 252],
    ) -> Result<usize, ExceptionCode> {
        out[..2].copy_from_slice(&[function.as_raw(), data.len() as u8]);
        Ok(self.0)
    }
}

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
fn every_function_is_answered() {
    let table = [
        ("01 0000 000A", "01 02 00 00"),
        ("02 0000 000A", "02 02 49 02"),
        ("03 0005 0002", "03 04 0005 0006"),
        ("04 0000 0001", "04 02 03E8"),
        ("05 0003 FF00", "05 0003 FF00"),
        ("01 0000 0008", "01 01 08"),
        ("06 0001 BEEF", "06 0001 BEEF"),
        ("0F 0000 000A 02 FF03", "0F 0000 000A"),
        ("01 0000 000C", "01 02 FF 03"),
        ("10 0001 0002 04 1111 2222", "10 0001 0002"),
        ("03 0001 0002", "03 04 1111 2222"),
        ("07", "07 6D"),
        ("11", "11 03 2AFF21"),
        ("14 0E 06 0004 0001 0002 06 0004 0009 0001", "14 0A 05 06 0007 000E 03 06 003F"),
        ("15 0B 06 0004 0001 0002 ABCD 1234", "15 0B 06 0004 0001 0002 ABCD 1234"),
        ("14 07 06 0004 0001 0002", "14 06 05 06 ABCD 1234"),
        ("16 0004 00F2 0025", "16 0004 00F2 0025"),
        ("03 0004 0001", "03 02 0005"),
        ("17 0000 0003 0001 0001 02 7777", "17 06 0000 7777 2222"),
        ("18 0000", "18 0006 0002 01B8 1284"),
    ];
    let mut plant = Plant::new();
    for (request, response) in table {
        assert_eq!(ask(&mut plant, request), hex(response), "{request}");
    }
}

#[test]
fn the_mask_of_16_is_the_standards() {
    // MODBUS Application Protocol V1.1b3, 6.16: 12 and F2 and 25 give 17, all hex.
    let mut plant = Plant::new();
    plant.holding[4] = 0x12;
    ask(&mut plant, "16 0004 00F2 0025");
    assert_eq!(plant.holding[4], 0x17);
}

#[test]
fn exceptions_come_in_the_order_of_the_standard() {
    let mut plant = Plant::new();
    plant.functions = |function| function.as_raw() != 0x04;
    let table = [
        // 01 before anything: whatever follows an unsupported function.
        ("04", 1),
        ("04 0000 0000", 1),
        ("04 FFFF 007D", 1),
        ("42 010203", 1),
        // 03 before 02: a wrong quantity at an address that is not there.
        ("03 FFFF 0000", 3),
        ("03 FFFF 007E", 3),
        ("01 FFFF 07D1", 3),
        ("0F FFFF 0000 00", 3),
        ("10 FFFF 0001 03 000000", 3),
        ("10 FFFF 007C F8", 3),
        ("17 FFFF 007E 0000 0001 02 0000", 3),
        ("17 0000 0001 FFFF 007A F4", 3),
        ("05 FFFF 1234", 3),
        ("03 0000", 3),
        ("03 0000 0001 00", 3),
        ("14 06 06 0004 0001 00", 3),
        ("2B 0E 05 00", 3),
        // 02: not there, or past the end of all addresses.
        ("03 012C 0001", 2),
        ("03 012B 0002", 2),
        ("03 FFFF 0002", 2),
        ("01 FFFF 07D0", 2),
        ("05 012C FF00", 2),
        ("06 012C 0000", 2),
        ("0F 0128 0005 01 00", 2),
        ("10 012B 0002 04 0000 0000", 2),
        ("16 012C 0000 0000", 2),
        ("17 0000 0001 012C 0001 02 0000", 2),
        ("17 012C 0001 0000 0001 02 0000", 2),
        ("17 FFFF 0002 0000 0001 02 0000", 2),
        ("18 012C", 2),
        ("14 07 06 0005 0001 0001", 2),
        ("14 07 07 0004 0001 0001", 2),
        ("14 07 06 0000 0001 0001", 2),
        ("14 07 06 0004 2710 0001", 2),
        ("15 0B 06 0004 0063 0002 0000 0000", 2),
        ("2B 0E 04 03", 2),
        // 01: a MEI type without a service.
        ("2B 0D 00", 1),
        // A serial line's, and this is none.
        ("08 0000 1234", 1),
        ("0B", 1),
        ("0C", 1),
    ];
    for (request, code) in table {
        let function = hex(request)[0];
        assert_eq!(ask(&mut plant, request), [function | 0x80, code], "{request}");
    }
    assert_eq!(plant.calls, Vec::<&str>::new(), "nothing that is refused is done");
}

#[test]
fn what_the_service_says_is_answered() {
    for code in [0x04, 0x05, 0x06, 0x07, 0x08, 0xE1] {
        for request in ["01 0000 0001", "03 0000 0001", "10 0000 0001 02 0000", "07", "18 0000"] {
            let mut plant = Plant::new();
            plant.refuses = Some(ExceptionCode::new(code));
            assert_eq!(ask(&mut plant, request), [hex(request)[0] | 0x80, code], "{request}");
        }
    }
    let mut plant = Plant::new();
    plant.queue = vec![0; 32];
    assert_eq!(ask(&mut plant, "18 0000"), [0x98, 3]);
}

#[test]
fn function_17_writes_before_it_reads_and_nothing_if_either_is_not_there() {
    let mut plant = Plant::new();
    ask(&mut plant, "17 0000 0001 0000 0001 02 5555");
    assert_eq!(plant.calls, ["write registers", "read registers"]);
    plant.calls.clear();
    ask(&mut plant, "17 012C 0001 0000 0001 02 6666");
    assert_eq!((plant.calls.len(), plant.holding[0]), (0, 0x5555));
}

#[test]
fn the_longest_answers_fit_and_what_is_answered_decodes() {
    let mut plant = Plant::new();
    let requests =
        ["01 0000 012C", "03 0000 007D", "04 0000 007D", "17 0000 007D 0000 0001 02 0000"];
    for request in requests {
        let response = ask(&mut plant, request);
        assert!(matches!(Response::decode(&response), Ok(Ok(_))), "{request}");
    }
    // A group of 99 registers takes 200 of the 250 bytes; the codec refuses what would not fit.
    let response = ask(&mut plant, "14 0E 06 0004 0000 0063 06 0004 0000 0018");
    assert_eq!(response.len(), 2 + 200 + 50);
    assert!(matches!(Response::decode(&response), Ok(Ok(_))));
    assert_eq!(ask(&mut plant, "14 0E 06 0004 0000 0063 06 0004 0000 0019"), [0x94, 2]);
}

#[test]
fn identification_streams_restart_at_0_and_go_on_where_they_stopped() {
    let mut plant = Plant::new();
    let ids = |response: &[u8]| {
        let Ok(Ok(Response::ReadDeviceIdentification(body))) = Response::decode(response) else {
            panic!("{response:02X?}");
        };
        let ids: Vec<u8> = body.objects().map(|object| object.id).collect();
        (ids, body.more_follows, body.conformity_level.as_raw())
    };
    let read = |plant: &mut Plant, request: &str| ids(&ask(plant, request));
    assert_eq!(read(&mut plant, "2B 0E 01 00"), (vec![0, 1, 2], None, 0x83));
    assert_eq!(read(&mut plant, "2B 0E 02 00"), (vec![0, 1, 2, 4], None, 0x83));
    assert_eq!(read(&mut plant, "2B 0E 03 00"), (vec![0, 1, 2, 4, 0x80], None, 0x83));
    assert_eq!(read(&mut plant, "2B 0E 03 04"), (vec![4, 0x80], None, 0x83));
    // Not there, or not of the category: from the beginning.
    assert_eq!(read(&mut plant, "2B 0E 03 55"), (vec![0, 1, 2, 4, 0x80], None, 0x83));
    assert_eq!(read(&mut plant, "2B 0E 01 04"), (vec![0, 1, 2], None, 0x83));
    assert_eq!(read(&mut plant, "2B 0E 04 80"), (vec![0x80], None, 0x83));
    // Two objects of 200 bytes do not fit one answer.
    plant.objects[3].1 = vec![b'x'; 200];
    plant.objects[4].1 = vec![b'y'; 200];
    assert_eq!(read(&mut plant, "2B 0E 03 00"), (vec![0, 1, 2, 4], Some(0x80), 0x83));
    assert_eq!(read(&mut plant, "2B 0E 03 80"), (vec![0x80], None, 0x83));
    plant.objects.truncate(3);
    assert_eq!(read(&mut plant, "2B 0E 03 00"), (vec![0, 1, 2], None, 0x81));
    // 244 bytes are the most that an answer can carry.
    plant.objects[0].1 = vec![b'z'; 244];
    assert_eq!(read(&mut plant, "2B 0E 01 00"), (vec![0], Some(1), 0x81));
    plant.objects[0].1.push(b'z');
    assert_eq!(ask(&mut plant, "2B 0E 01 00"), [0xAB, 4]);
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

#[test]
fn a_function_without_a_method_is_refused_with_01() {
    let requests = [
        "01 0000 0001",
        "02 0000 0001",
        "03 0000 0001",
        "04 0000 0001",
        "05 0000 FF00",
        "06 0000 0001",
        "07",
        "0F 0000 0001 01 01",
        "10 0000 0001 02 0001",
        "11",
        "16 0000 0000 0000",
        "17 0000 0001 0000 0001 02 0000",
        "18 0000",
        "2B 0D 00",
        "41 00",
    ];
    let ask = |request: &str| {
        let mut buffer = [0xA5; 253];
        answer(&mut Bare, &hex(request), &mut buffer).unwrap().to_vec()
    };
    for request in requests {
        assert_eq!(ask(request), [hex(request)[0] | 0x80, 1], "{request}");
    }
    // Without a file and without an object there is nothing to ask for.
    for request in ["14 07 06 0001 0000 0001", "15 09 06 0001 0000 0001 0000", "2B 0E 04 00"] {
        assert_eq!(ask(request), [hex(request)[0] | 0x80, 2], "{request}");
    }
    let record = modbus_codec::file_record::FileRecord {
        file_number: 1,
        record_number: 0,
        record_length: 1,
    };
    let written = Bare.write_record(record, modbus_codec::Registers::default());
    assert_eq!(written, Err(ExceptionCode::ILLEGAL_FUNCTION));
    let mut bytes = [0; 2];
    let mut read = |record| {
        let mut buffer = [0; 253];
        // A record that is there is asked for by a service that has it.
        struct Has;
        impl Service for Has {
            fn supports(&self, _function: FunctionCode) -> bool {
                true
            }
            fn contains(&self, _table: Table, _at: Address, _quantity: u16) -> bool {
                true
            }
            fn contains_record(&self, _record: modbus_codec::file_record::FileRecord) -> bool {
                true
            }
        }
        bytes.copy_from_slice(answer(&mut Has, &hex(record), &mut buffer).unwrap());
        bytes
    };
    assert_eq!(read("14 07 06 0001 0000 0001"), [0x94, 1]);
    assert_eq!(read("15 09 06 0001 0000 0001 0000"), [0x95, 1]);
    let mut server = Server::point_to_point(UnitId::new(UNIT).unwrap());
    let mut tx = [0; 256];
    assert!(server.receive(&closed(hex("11 08 0002 0000")), 0).is_empty());
    let answered = server.poll(&mut Bare, &mut tx, 0).map(<[u8]>::to_vec);
    assert_eq!(answered, Some(closed(hex("11 08 0002 0000"))), "no diagnostic register is 0");
}

#[test]
fn an_answer_that_would_not_fit_is_the_devices_failure() {
    let ask = |request: &str, len: usize| {
        let mut buffer = [0; 253];
        answer(&mut Long(len), &hex(request), &mut buffer).unwrap().to_vec()
    };
    assert_eq!(ask("2B 0D 0102", 2), hex("2B 0D 0D02"));
    assert_eq!(ask("2B 0D 0102", 251).len(), 253);
    assert_eq!(ask("2B 0D 0102", 252), [0xAB, 4]);
    assert_eq!(ask("41 010203", 2), hex("41 4103"));
    assert_eq!(ask("41 010203", 252).len(), 253);
    assert_eq!(ask("41 010203", 253), [0xC1, 4]);
    assert_eq!(ask("11", 251).len(), 253);
    assert_eq!(ask("11", 252), [0x91, 4]);
    assert_eq!(ask("11", 0), [0x91, 4], "a server id has at least one byte");
    let mut plant = Plant::new();
    plant.queue = vec![7; 31];
    let mut buffer = [0; 253];
    let answered = answer(&mut plant, &hex("18 0000"), &mut buffer).unwrap();
    assert_eq!(answered.len(), 5 + 62, "31 registers are a queue yet");
}

#[test]
fn what_is_no_function_is_refused_with_01() {
    let refused = Request::decode(&[0]).unwrap_err();
    assert_eq!(exception_for(FunctionCode::new(0), &refused), ExceptionCode::ILLEGAL_FUNCTION);
    let mut buffer = [0; 253];
    for pdu in [&[][..], &[0], &[0x80], &[0x83, 2]] {
        assert_eq!(answer(&mut Bare, pdu, &mut buffer), None, "{pdu:02X?}");
    }
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
