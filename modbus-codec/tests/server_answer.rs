//! From a request to its answer: every function, and the exceptions in the order of the standard.
#![cfg(feature = "extended-functions")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;
mod plant;

use line::{closed, hex};
use modbus_codec::server::{Server, Service, Table, answer, exception_for};
use modbus_codec::{Address, ExceptionCode, FunctionCode, Request, Response, UnitId};
use plant::Plant;

/// The PDU that answers a PDU.
#[track_caller]
fn ask(plant: &mut Plant, request: &str) -> Vec<u8> {
    let mut buffer = [0xA5; 253];
    answer(plant, &hex(request), &mut buffer).unwrap().to_vec()
}

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
    let mut server = Server::point_to_point(UnitId::new(17).unwrap());
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
