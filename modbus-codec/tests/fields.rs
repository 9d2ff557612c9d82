//! The fields of PDUs one by one: names, offsets and values, also of PDUs that the standard refuses.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;

use line::hex;
use modbus_codec::Request;
use modbus_codec::pdu::{Direction, Value, fields};

/// `name@offset=value`, with the group in front of the name: numbers in decimal, coils as bits, the rest in hex.
fn shown(direction: Direction, pdu: &str) -> String {
    let pdu = hex(pdu);
    let each = fields(direction, &pdu).map(|found| {
        let group = found.group.map(|group| format!("{group}.")).unwrap_or_default();
        let bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        let value: String = match found.value {
            Value::Number(number) => number.to_string(),
            Value::Coils(coils) => {
                coils.iter().map(|is_on| if is_on { '1' } else { '0' }).collect()
            }
            Value::Registers(registers) => bytes(registers.as_bytes()),
            Value::Bytes(raw) => bytes(raw),
        };
        format!("{group}{}@{}={value}", found.field, found.offset)
    });
    each.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn request(pdu: &str, expected: &str) {
    assert_eq!(shown(Direction::Request, pdu), expected);
}

#[track_caller]
fn response(pdu: &str, expected: &str) {
    assert_eq!(shown(Direction::Response, pdu), expected);
}

#[test]
fn fields_have_the_standards_names_and_offsets_from_the_function_code() {
    request("03 006B 0003", "starting_address@1=107 quantity@3=3");
    request(
        "0F 0013 000A 02 CD01",
        "starting_address@1=19 quantity@3=10 byte_count@5=2 coils@6=1011001110",
    );
    response("03 04 022B 0064", "byte_count@1=4 registers@2=022B0064");
    response("01 01 CD", "byte_count@1=1 coils@2=10110011");
    response("83 02", "exception_code@1=2");
    // A user-defined function.
    request("41 01 02", "data@1=0102");
}

#[cfg(feature = "extended-functions")]
#[test]
fn groups_and_objects_are_numbered() {
    request(
        "14 0E 06 0004 0001 0002 06 0003 0009 0002",
        "byte_count@1=14 \
         0.reference_type@2=6 0.file_number@3=4 0.record_number@5=1 0.record_length@7=2 \
         1.reference_type@9=6 1.file_number@10=3 1.record_number@12=9 1.record_length@14=2",
    );
    response(
        "14 0A 03 06 0DFE 05 06 33CD 0040",
        "byte_count@1=10 0.file_response_length@2=3 0.reference_type@3=6 0.record_data@4=0DFE \
         1.file_response_length@6=5 1.reference_type@7=6 1.record_data@8=33CD0040",
    );
    response(
        "2B 0E 01 01 00 00 02 00 02 4142 01 01 43",
        "mei_type@1=14 read_device_id_code@2=1 conformity_level@3=1 more_follows@4=0 next_object_id@5=0 \
         number_of_objects@6=2 0.object_id@7=0 0.object_length@8=2 0.object_value@9=4142 \
         1.object_id@11=1 1.object_length@12=1 1.object_value@13=43",
    );
    request("2B 0D 77", "mei_type@1=13 data@2=77");
    request("08 0000 A537 0001", "sub_function@1=0 data@3=A5370001");
    response("18 0006 0002 01B8 1284", "byte_count@1=6 fifo_count@3=2 registers@5=01B81284");
    response(
        "0C 08 0000 0108 0121 20 00",
        "byte_count@1=8 status@2=0 event_count@4=264 message_count@6=289 events@8=2000",
    );
}

#[test]
fn a_refused_value_is_shown_and_so_are_the_fields_after_it() {
    assert!(Request::decode(&hex("10 0001 0000 02 0007")).is_err());
    request(
        "10 0001 0000 02 0007",
        "starting_address@1=1 quantity@3=0 byte_count@5=2 registers@6=0007",
    );
    // An odd number of bytes is no register.
    response("03 03 010203", "byte_count@1=3 registers@2=010203");
    // Bytes after the last field are none.
    request("03 006B 0003 99", "starting_address@1=107 quantity@3=3");
    // Function code 0 and, as a request, one of an exception: the standard knows no fields of them.
    request("00 01", "data@1=01");
    request("83 01", "data@1=01");
}

#[test]
fn fields_end_where_one_is_cut() {
    request("03 006B 00", "starting_address@1=107");
    response("03 04 022B", "byte_count@1=4");
    request("03", "");
    request("", "");
}
