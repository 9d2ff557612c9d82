//! RTU ADUs, well-formed and malformed, each with what it must decode to or the exact error that it must give.
//!
//! A vector is unit and PDU in hex; the test closes it with a CRC of its own. Where the standard has a worked example, it is
//! that one (MODBUS Application Protocol V1.1b3, section 6).
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;

use std::collections::HashSet;

use line::{closed, crc, hex};
use modbus_codec::device_identification::{
    ConformityLevel, DeviceIdentification, ReadDeviceIdCode,
};
use modbus_codec::diagnostics::{Diagnostics, SubFunction};
use modbus_codec::event_log::CommEventLog;
use modbus_codec::file_record::{FileData, ReadFileRecords, WriteFileRecords};
use modbus_codec::pdu::{self, Direction, Expected, Field, SaidBy};
use modbus_codec::rtu::FrameLen;
use modbus_codec::{Address, Coils, Exception, ExceptionCode, FunctionCode};
use modbus_codec::{Quantity, Registers, Request, Response, UnitId, rtu};

fn at(address: u16) -> Address {
    Address::new(address)
}

fn of<const MAX: u16>(quantity: u16) -> Quantity<MAX> {
    Quantity::new(quantity).unwrap()
}

fn regs(bytes: &[u8]) -> Registers<'_> {
    Registers::from_be_bytes(bytes).unwrap()
}

fn coils(bytes: &[u8], quantity: u16) -> Coils<'_> {
    Coils::from_bytes(bytes, quantity).unwrap()
}

fn diagnostics(sub_function: u16, data: &[u8]) -> Diagnostics<'_> {
    Diagnostics::new(SubFunction::new(sub_function), data).unwrap()
}

fn identification(
    code: ReadDeviceIdCode,
    level: u8,
    more_follows: Option<u8>,
    objects: &[u8],
) -> DeviceIdentification<'_> {
    let level = ConformityLevel::new(level).unwrap();
    DeviceIdentification::new(code, level, more_follows, objects).unwrap()
}

/// The well-formed requests.
#[rustfmt::skip]
fn requests() -> Vec<(&'static str, Request<'static>)> {
    use Request::*;
    vec![
        ("01 01 0013 0013", ReadCoils { starting_address: at(0x13), quantity: of(19) }),
        ("F7 01 0000 07D0", ReadCoils { starting_address: at(0), quantity: of(2000) }),
        ("01 01 FFFF 0001", ReadCoils { starting_address: at(0xFFFF), quantity: of(1) }),
        ("01 02 00C4 0016", ReadDiscreteInputs { starting_address: at(0xC4), quantity: of(22) }),
        ("01 02 F830 07D0", ReadDiscreteInputs { starting_address: at(0xF830), quantity: of(2000) }),
        ("11 03 006B 0003", ReadHoldingRegisters { starting_address: at(107), quantity: of(3) }),
        ("01 03 FF83 007D", ReadHoldingRegisters { starting_address: at(0xFF83), quantity: of(125) }),
        ("F8 03 0000 0001", ReadHoldingRegisters { starting_address: at(0), quantity: of(1) }),
        ("01 04 0008 0001", ReadInputRegisters { starting_address: at(8), quantity: of(1) }),
        ("01 04 0000 007D", ReadInputRegisters { starting_address: at(0), quantity: of(125) }),
        ("01 05 00AC FF00", WriteSingleCoil { output_address: at(0xAC), output_value: true }),
        ("00 05 00AC 0000", WriteSingleCoil { output_address: at(0xAC), output_value: false }),
        ("01 06 0001 0003", WriteSingleRegister { register_address: at(1), register_value: 3 }),
        ("00 06 FFFF FFFF", WriteSingleRegister { register_address: at(0xFFFF), register_value: 0xFFFF }),
        ("01 07", ReadExceptionStatus),
        ("01 08 0000 A537", Diagnostics(diagnostics(0, &[0xA5, 0x37]))),
        ("01 08 0000 0102 0304 0506", Diagnostics(diagnostics(0, &[1, 2, 3, 4, 5, 6]))),
        ("01 08 0001 FF00", Diagnostics(diagnostics(1, &[0xFF, 0]))),
        ("01 08 0004 0000", Diagnostics(diagnostics(4, &[0, 0]))),
        ("01 08 BEEF 010203", Diagnostics(diagnostics(0xBEEF, &[1, 2, 3]))),
        ("01 0B", GetCommEventCounter),
        ("01 0C", GetCommEventLog),
        ("01 0F 0013 000A 02 CD01", WriteMultipleCoils { starting_address: at(0x13), coils: coils(&[0xCD, 1], 10) }),
        ("01 0F FFF8 0008 01 AA", WriteMultipleCoils { starting_address: at(0xFFF8), coils: coils(&[0xAA], 8) }),
        ("01 10 0001 0002 04 000A 0102", WriteMultipleRegisters { starting_address: at(1), registers: regs(&[0, 0x0A, 1, 2]) }),
        ("00 10 FFFF 0001 02 0102", WriteMultipleRegisters { starting_address: at(0xFFFF), registers: regs(&[1, 2]) }),
        ("01 11", ReportServerId),
        ("01 14 0E 06 0004 0001 0002 06 0003 0009 0002", ReadFileRecord(ReadFileRecords::from_bytes(&[6, 0, 4, 0, 1, 0, 2, 6, 0, 3, 0, 9, 0, 2]).unwrap())),
        ("01 14 07 06 FFFF 270F 0001", ReadFileRecord(ReadFileRecords::from_bytes(&[6, 0xFF, 0xFF, 0x27, 0x0F, 0, 1]).unwrap())),
        ("01 14 07 06 0001 0000 007C", ReadFileRecord(ReadFileRecords::from_bytes(&[6, 0, 1, 0, 0, 0, 124]).unwrap())),
        ("01 15 0D 06 0004 0007 0003 06AF 04BE 100D", WriteFileRecord(WriteFileRecords::from_bytes(&[6, 0, 4, 0, 7, 0, 3, 6, 0xAF, 4, 0xBE, 0x10, 0x0D]).unwrap())),
        ("01 16 0004 00F2 0025", MaskWriteRegister { reference_address: at(4), and_mask: 0xF2, or_mask: 0x25 }),
        ("01 17 0003 0006 000E 0003 06 00FF 00FF 00FF", ReadWriteMultipleRegisters { read_starting_address: at(3), read_quantity: of(6), write_starting_address: at(14), registers: regs(&[0, 0xFF, 0, 0xFF, 0, 0xFF]) }),
        ("01 17 0000 007D FFFF 0001 02 1234", ReadWriteMultipleRegisters { read_starting_address: at(0), read_quantity: of(125), write_starting_address: at(0xFFFF), registers: regs(&[0x12, 0x34]) }),
        ("01 18 04DE", ReadFifoQueue { fifo_pointer_address: at(0x4DE) }),
        ("01 2B 0E 01 00", ReadDeviceIdentification { code: ReadDeviceIdCode::Basic, object_id: 0 }),
        ("01 2B 0E 04 FF", ReadDeviceIdentification { code: ReadDeviceIdCode::Individual, object_id: 0xFF }),
        ("01 2B 0D 0102", EncapsulatedInterface { mei_type: 0x0D, data: &[1, 2] }),
        ("01 41 0102030405", Other { function: FunctionCode::new(0x41), data: &[1, 2, 3, 4, 5] }),
        ("01 7F", Other { function: FunctionCode::new(0x7F), data: &[] }),
    ]
}

/// The well-formed responses, exceptions among them.
#[rustfmt::skip]
fn responses() -> Vec<(&'static str, Result<Response<'static>, Exception>)> {
    use Response::*;
    let refused = |function, code| Err(Exception {
        function: FunctionCode::new(function),
        code: ExceptionCode::new(code),
    });
    vec![
        ("01 01 03 CD6B05", Ok(ReadCoils(coils(&[0xCD, 0x6B, 0x05], 24)))),
        ("01 02 03 ACDB35", Ok(ReadDiscreteInputs(coils(&[0xAC, 0xDB, 0x35], 24)))),
        ("11 03 06 022B 0000 0064", Ok(ReadHoldingRegisters(regs(&[2, 0x2B, 0, 0, 0, 0x64])))),
        ("01 04 02 000A", Ok(ReadInputRegisters(regs(&[0, 0x0A])))),
        ("01 05 00AC FF00", Ok(WriteSingleCoil { output_address: at(0xAC), output_value: true })),
        ("01 06 0001 0003", Ok(WriteSingleRegister { register_address: at(1), register_value: 3 })),
        ("01 07 6D", Ok(ReadExceptionStatus(0x6D))),
        ("01 08 0000 A537", Ok(Diagnostics(diagnostics(0, &[0xA5, 0x37])))),
        ("01 08 000B 0107", Ok(Diagnostics(diagnostics(0x0B, &[1, 7])))),
        ("01 0B FFFF 0108", Ok(GetCommEventCounter { is_busy: true, event_count: 0x108 })),
        ("01 0B 0000 FFFF", Ok(GetCommEventCounter { is_busy: false, event_count: 0xFFFF })),
        ("01 0C 08 0000 0108 0121 2000", Ok(GetCommEventLog(CommEventLog::new(false, 0x108, 0x121, &[0x20, 0]).unwrap()))),
        ("01 0C 06 FFFF 0000 0000", Ok(GetCommEventLog(CommEventLog::new(true, 0, 0, &[]).unwrap()))),
        ("01 0F 0013 000A", Ok(WriteMultipleCoils { starting_address: at(0x13), quantity: of(10) })),
        ("01 0F 0000 07B0", Ok(WriteMultipleCoils { starting_address: at(0), quantity: of(1968) })),
        ("01 10 0001 0002", Ok(WriteMultipleRegisters { starting_address: at(1), quantity: of(2) })),
        ("01 10 FF85 007B", Ok(WriteMultipleRegisters { starting_address: at(0xFF85), quantity: of(123) })),
        ("01 11 05 12 00 FF 76 31", Ok(ReportServerId(&[0x12, 0, 0xFF, 0x76, 0x31]))),
        ("01 14 0C 05 06 0DFE 0020 05 06 33CD 0040", Ok(ReadFileRecord(FileData::from_bytes(&[5, 6, 0x0D, 0xFE, 0, 0x20, 5, 6, 0x33, 0xCD, 0, 0x40]).unwrap()))),
        ("01 14 04 03 06 0001", Ok(ReadFileRecord(FileData::from_bytes(&[3, 6, 0, 1]).unwrap()))),
        ("01 15 0D 06 0004 0007 0003 06AF 04BE 100D", Ok(WriteFileRecord(WriteFileRecords::from_bytes(&[6, 0, 4, 0, 7, 0, 3, 6, 0xAF, 4, 0xBE, 0x10, 0x0D]).unwrap()))),
        ("01 16 0004 00F2 0025", Ok(MaskWriteRegister { reference_address: at(4), and_mask: 0xF2, or_mask: 0x25 })),
        ("01 17 0C 00FE 0ACD 0001 0003 000D 00FF", Ok(ReadWriteMultipleRegisters(regs(&[0, 0xFE, 0x0A, 0xCD, 0, 1, 0, 3, 0, 0x0D, 0, 0xFF])))),
        ("01 18 0006 0002 01B8 1284", Ok(ReadFifoQueue(regs(&[1, 0xB8, 0x12, 0x84])))),
        ("01 18 0002 0000", Ok(ReadFifoQueue(regs(&[])))),
        ("01 2B 0E 01 01 00 00 01 00 02 4142", Ok(ReadDeviceIdentification(identification(ReadDeviceIdCode::Basic, 1, None, &[0, 2, 0x41, 0x42])))),
        ("01 2B 0E 03 83 FF 80 02 00 01 41 7F 00", Ok(ReadDeviceIdentification(identification(ReadDeviceIdCode::Extended, 0x83, Some(0x80), &[0, 1, 0x41, 0x7F, 0])))),
        ("01 2B 0D 01", Ok(EncapsulatedInterface { mei_type: 0x0D, data: &[1] })),
        ("01 64 AABB", Ok(Other { function: FunctionCode::new(0x64), data: &[0xAA, 0xBB] })),
        ("01 83 02", refused(0x03, 0x02)),
        ("01 87 07", refused(0x07, 0x07)),
        ("01 AB E5", refused(0x2B, 0xE5)),
        ("01 FF 0B", refused(0x7F, 0x0B)),
        ("F7 81 00", refused(0x01, 0x00)),
    ]
}

/// The transport of a malformed vector.
#[derive(Clone, Copy, Debug, PartialEq)]
enum As {
    Request,
    Response,
}

const fn value(field: Field, offset: u16, expected: Expected, got: u16) -> pdu::Error {
    pdu::Error::Value { field, offset, expected, got }
}

const fn range(min: u16, max: u16) -> Expected {
    Expected::Between { min, max }
}

const fn short(field: Field, offset: u16, required: u16, available: u16) -> pdu::Error {
    pdu::Error::Short { field, offset, required, available, said_by: SaidBy::Layout }
}

const fn cut(field: Field, offset: u16, required: u16, available: u16) -> pdu::Error {
    pdu::Error::Short { field, offset, required, available, said_by: SaidBy::LengthField }
}

const fn trailing(offset: u16, len: u16) -> pdu::Error {
    pdu::Error::Trailing { offset, len }
}

const EVEN: Expected = Expected::MultipleOf { of: 2, min: 2, max: 250 };
const GROUPS: Expected = Expected::MultipleOf { of: 7, min: 7, max: 0xF5 };
const SWITCH: Expected = Expected::Either(0, 0xFF00);

/// The malformed frames: the rule of the design that each breaks, and the error it gives. Their CRC is right.
#[rustfmt::skip]
fn malformed() -> Vec<(u8, As, &'static str, pdu::Error)> {
    use As::*;
    use Field::*;
    vec![
        (3, Request, "01 01 0000 0000", value(Quantity, 4, range(1, 2000), 0)),
        (3, Request, "01 01 0000 07D1", value(Quantity, 4, range(1, 2000), 2001)),
        (3, Request, "01 02 0000 07D1", value(Quantity, 4, range(1, 2000), 2001)),
        (3, Request, "01 03 0000 0000", value(Quantity, 4, range(1, 125), 0)),
        (3, Request, "01 03 0000 007E", value(Quantity, 4, range(1, 125), 126)),
        (3, Request, "01 04 FFFF 0002", value(Quantity, 4, range(1, 1), 2)),
        (3, Request, "01 0F 0000 07B1 F7", value(Quantity, 4, range(1, 1968), 1969)),
        (3, Request, "01 10 0000 007C F8", value(Quantity, 4, range(1, 123), 124)),
        (3, Request, "01 10 FFFE 0003 06", value(Quantity, 4, range(1, 2), 3)),
        (3, Request, "01 17 0000 007E 0000 0001 02 0000", value(ReadQuantity, 4, range(1, 125), 126)),
        (3, Request, "01 17 0000 0001 0000 007A F4", value(WriteQuantity, 8, range(1, 121), 122)),
        (3, Request, "01 17 FFFF 0001 FFFF 0002 04 00000000", value(WriteQuantity, 8, range(1, 1), 2)),
        (3, Response, "01 18 0042 0020", value(FifoCount, 4, range(0, 31), 32)),
        (3, Response, "01 0F 0000 0000", value(Quantity, 4, range(1, 1968), 0)),
        (4, Request, "01 0F 0000 000A 01 CD", value(ByteCount, 6, Expected::Exactly(2), 1)),
        (4, Request, "01 10 0001 0002 03 000A 01", value(ByteCount, 6, Expected::Exactly(4), 3)),
        (4, Request, "01 10 0001 0002 04 000A 01", cut(Registers, 7, 4, 3)),
        (4, Request, "01 0F 0000 0009 02 CD", cut(Coils, 7, 2, 1)),
        (4, Request, "01 10 0001 0001 02 000A 01", trailing(9, 1)),
        (4, Request, "01 17 0000 0001 0000 0001 04 0000 0000", value(ByteCount, 10, Expected::Exactly(2), 4)),
        (4, Response, "01 01 02 CD", cut(Coils, 3, 2, 1)),
        (4, Response, "01 03 02 000A FF", trailing(5, 1)),
        (4, Response, "01 11 05 1200", cut(ServerId, 3, 5, 2)),
        (5, Response, "01 03 00", value(ByteCount, 2, EVEN, 0)),
        (5, Response, "01 04 03 010203", value(ByteCount, 2, EVEN, 3)),
        (5, Response, "01 17 01 FF", value(ByteCount, 2, EVEN, 1)),
        (5, Response, "01 01 00", value(ByteCount, 2, range(1, 250), 0)),
        (5, Response, "01 11 00", value(ByteCount, 2, range(1, 251), 0)),
        (6, Request, "01 05 0001 0001", value(OutputValue, 4, SWITCH, 1)),
        (6, Response, "01 05 0001 FFFF", value(OutputValue, 4, SWITCH, 0xFFFF)),
        (6, Request, "01 06 0001 00", short(RegisterValue, 4, 2, 1)),
        (6, Request, "01 05 00", short(OutputAddress, 2, 2, 1)),
        (6, Request, "01 06", short(RegisterAddress, 2, 2, 0)),
        (6, Request, "01 16 0004 00F2", short(OrMask, 6, 2, 0)),
        (6, Request, "01 16 0004 00", short(AndMask, 4, 2, 1)),
        (6, Request, "01 16 00", short(ReferenceAddress, 2, 2, 1)),
        (6, Request, "01 17 0000 0001 00", short(WriteStartingAddress, 6, 2, 1)),
        (6, Request, "01 17 00", short(ReadStartingAddress, 2, 2, 1)),
        (6, Request, "01 03 00", short(StartingAddress, 2, 2, 1)),
        (7, Response, "01 18 0005 0001 1234", value(ByteCount, 2, Expected::Exactly(4), 5)),
        (7, Response, "01 18 04 0001", short(FifoCount, 4, 2, 1)),
        (7, Response, "01 18 0006 0002 1234", cut(Registers, 6, 4, 2)),
        (7, Request, "01 18 04", short(FifoPointerAddress, 2, 2, 1)),
        (8, Response, "01 14 04 04 06 0001", value(FileResponseLength, 3, Expected::Odd { min: 3, max: 0xF9 }, 4)),
        (8, Response, "01 14 04 01 06 0001", value(FileResponseLength, 3, Expected::Odd { min: 3, max: 0xF9 }, 1)),
        (8, Response, "01 14 04 05 06 0001", cut(RecordData, 5, 4, 2)),
        (8, Response, "01 14 03 03 06 00", value(ByteCount, 2, range(4, 251), 3)),
        (8, Request, "01 14 07 06 0004 2710 0001", value(RecordNumber, 6, range(0, 9999), 10_000)),
        (8, Request, "01 14 07 06 0000 0001 0001", value(FileNumber, 4, range(1, 0xFFFF), 0)),
        (8, Request, "01 14 07 06 0001 0001 007D", value(RecordLength, 8, range(1, 124), 125)),
        (8, Request, "01 14 0E 06 0001 0001 007B 06 0001 0001 0001", value(RecordLength, 15, range(1, 0), 1)),
        (8, Request, "01 15 09 06 0001 0001 0002 0001", cut(RecordData, 10, 4, 2)),
        (9, Request, "01 08 00", short(SubFunction, 2, 2, 1)),
        (9, Request, "01 08 0000 A5", short(Data, 4, 2, 1)),
        (9, Request, "01 08 0001 0001", value(Data, 4, SWITCH, 1)),
        (9, Request, "01 08 000A 0000 00", trailing(6, 1)),
        (10, Response, "01 0C 05 0000 0000 00", value(ByteCount, 2, range(6, 70), 5)),
        (10, Response, "01 0C 47 0000 0000 0000", value(ByteCount, 2, range(6, 70), 71)),
        (10, Response, "01 0C 06 0001 0000 0000", value(Status, 3, Expected::Either(0, 0xFFFF), 1)),
        (10, Response, "01 0C 07 0000 0000 0000", cut(Events, 9, 1, 0)),
        (10, Response, "01 0C 06 0000 0000 00", short(MessageCount, 7, 2, 1)),
        (10, Response, "01 0B 0000 01", short(EventCount, 4, 2, 1)),
        (11, Response, "01 2B 0E 01 04 00 00 00", value(ConformityLevel, 4, Expected::ConformityLevel, 4)),
        (11, Response, "01 2B 0E 01 01 01 00 00", value(MoreFollows, 5, Expected::Either(0, 0xFF), 1)),
        (11, Response, "01 2B 0E 04 81 FF 01 01 00 01 41", value(MoreFollows, 5, Expected::Exactly(0), 0xFF)),
        (11, Response, "01 2B 0E 04 81 00 00 00", value(NumberOfObjects, 7, Expected::Exactly(1), 0)),
        (11, Response, "01 2B 0E 04 81 00 00 02 00 01 41 01 01 42", value(NumberOfObjects, 7, Expected::Exactly(1), 2)),
        (11, Response, "01 2B 0E 01 01 00 03 00", value(NextObjectId, 6, Expected::Exactly(0), 3)),
        (11, Response, "01 2B 0E 01 01 00 00", short(NumberOfObjects, 7, 1, 0)),
        (11, Response, "01 2B 0E 01 01 00 00 02 00 01 41", short(ObjectId, 11, 1, 0)),
        (11, Response, "01 2B 0E 01 01 00 00 01 00", short(ObjectLength, 9, 1, 0)),
        (11, Response, "01 2B 0E 01 01 00 00 01 00 02 41", cut(ObjectValue, 10, 2, 1)),
        (11, Response, "01 2B 0E 01 01 00 00 01 00 01 41 42", trailing(11, 1)),
        (11, Request, "01 2B 0E 01", short(ObjectId, 4, 1, 0)),
        (11, Request, "01 2B", short(MeiType, 2, 1, 0)),
        (12, Response, "01 83", short(ExceptionCode, 2, 1, 0)),
        (12, Response, "01 83 02 00", trailing(3, 1)),
        (12, Response, "01 07", short(ExceptionStatus, 2, 1, 0)),
        (17, Request, "01 00 0000 0001", value(FunctionCode, 1, range(1, 0x7F), 0)),
        (17, Request, "01 83 02", value(FunctionCode, 1, range(1, 0x7F), 0x83)),
        (17, Response, "01 80 01", value(FunctionCode, 1, range(0x81, 0xFF), 0x80)),
        (17, Response, "01 00 01", value(FunctionCode, 1, range(1, 0xFF), 0)),
        (17, Request, "00 03 0000 0001", value(Unit, 0, range(1, 247), 0)),
        (17, Request, "00 2B 0E 01 00", value(Unit, 0, range(1, 247), 0)),
        (17, Response, "00 06 0001 0003", value(Unit, 0, range(1, 247), 0)),
        (17, Request, "01 2B 0E 05 00", value(ReadDeviceIdCode, 3, range(1, 4), 5)),
        (17, Request, "01 2B 0E 00 00", value(ReadDeviceIdCode, 3, range(1, 4), 0)),
        (17, Request, "01 14 06 06 0001 0001 00", value(ByteCount, 2, GROUPS, 6)),
        (17, Request, "01 14 00", value(ByteCount, 2, GROUPS, 0)),
        (17, Request, "01 14 07 05 0001 0001 0001", value(ReferenceType, 3, Expected::Exactly(6), 5)),
        (17, Request, "01 15 08 06 0001 0001 0001 00", value(ByteCount, 2, range(9, 251), 8)),
        (17, Request, "01 15 0A 06 0001 0001 0001 1234 06", short(FileNumber, 13, 2, 0)),
        (17, Request, "01 15 09 07 0001 0001 0001 1234", value(ReferenceType, 3, Expected::Exactly(6), 7)),
    ]
}

fn decode(direction: As, frame: &[u8]) -> Result<(), rtu::Error> {
    match direction {
        As::Request => rtu::decode_request(frame).map(drop),
        As::Response => rtu::decode_response(frame).map(drop),
    }
}

/// At every shorter length, and with every bit flipped, a frame gives the error of its length or of its CRC.
#[track_caller]
fn refuses_all_but_the_whole(direction: As, frame: &[u8]) {
    for len in 0..frame.len() {
        let part = &frame[..len];
        let expected = if len < 4 {
            rtu::Error::Short { required: 4, available: len as u16 }
        } else {
            let (body, got) =
                (&part[..len - 2], u16::from_le_bytes([part[len - 2], part[len - 1]]));
            rtu::Error::Crc { offset: len as u16 - 2, expected: crc(body), got }
        };
        assert_eq!(decode(direction, part), Err(expected), "{len} bytes of {frame:02X?}");
    }
    for bit in 0..frame.len() * 8 {
        let mut damaged = frame.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let refused = decode(direction, &damaged);
        assert!(matches!(refused, Err(rtu::Error::Crc { .. })), "bit {bit}: {refused:?}");
    }
}

/// A PDU at every shorter length is short where it ends, and with one byte more has one too many; raw bytes have no end.
#[track_caller]
fn pdu_has_one_length(pdu: &[u8], is_raw: bool, decode: impl Fn(&[u8]) -> Result<(), pdu::Error>) {
    for len in 0..pdu.len() {
        match decode(&pdu[..len]) {
            Err(pdu::Error::Short { offset, required, available, .. }) => {
                assert_eq!(usize::from(offset + available), len, "{pdu:02X?}");
                assert!(required > available);
            }
            Ok(()) if is_raw => {}
            other => panic!("{len} bytes of {pdu:02X?}: {other:?}"),
        }
    }
    let mut longer = pdu.to_vec();
    longer.push(0);
    let surplus = pdu::Error::Trailing { offset: pdu.len() as u16, len: 1 };
    if !is_raw {
        assert_eq!(decode(&longer), Err(surplus), "{longer:02X?}");
    }
}

#[test]
fn every_well_formed_adu_decodes_and_encodes_to_itself() {
    let (requests, responses) = (requests(), responses());
    println!("{} well-formed ADUs", requests.len() + responses.len());
    assert!(requests.len() + responses.len() >= 60);
    for (text, expected) in requests {
        let body = hex(text);
        let frame = closed(body.clone());
        let adu = rtu::decode_request(&frame).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((adu.unit, adu.pdu), (UnitId::from_raw(body[0]), expected), "{text}");
        let mut buffer = [0xA5; 260];
        assert_eq!(rtu::encode_request(adu.unit, &expected, &mut buffer).unwrap(), frame, "{text}");
        assert!(buffer[frame.len()..].iter().all(|byte| *byte == 0xA5), "{text}");
        assert_eq!(expected.encoded_len(), body.len() - 1, "{text}");
        refuses_all_but_the_whole(As::Request, &frame);
        let is_raw = matches!(
            expected,
            Request::Other { .. } | Request::EncapsulatedInterface { .. } | Request::Diagnostics(_)
        );
        pdu_has_one_length(&body[1..], is_raw, |pdu| Request::decode(pdu).map(drop));
        too_small(&frame, |buffer| rtu::encode_request(adu.unit, &expected, buffer).map(drop));
    }
    for (text, expected) in responses {
        let body = hex(text);
        let frame = closed(body.clone());
        let adu = rtu::decode_response(&frame).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((adu.unit, adu.pdu), (UnitId::from_raw(body[0]), expected), "{text}");
        let encode = |buffer: &mut [u8]| match expected {
            Ok(response) => rtu::encode_response(adu.unit, &response, buffer).map(|f| f.to_vec()),
            Err(exception) => {
                rtu::encode_exception(adu.unit, &exception, buffer).map(|f| f.to_vec())
            }
        };
        assert_eq!(encode(&mut [0xA5; 260]).unwrap(), frame, "{text}");
        refuses_all_but_the_whole(As::Response, &frame);
        let is_raw = matches!(
            expected,
            Ok(Response::Other { .. }
                | Response::EncapsulatedInterface { .. }
                | Response::Diagnostics(_))
        );
        pdu_has_one_length(&body[1..], is_raw, |pdu| Response::decode(pdu).map(drop));
        too_small(&frame, |buffer| encode(buffer).map(drop));
    }
}

#[track_caller]
fn too_small(frame: &[u8], encode: impl Fn(&mut [u8]) -> Result<(), pdu::EncodeError>) {
    for len in 0..frame.len() {
        let mut buffer = vec![0xA5; len];
        let refused = encode(&mut buffer);
        assert!(
            matches!(refused, Err(pdu::EncodeError::Buffer { available, .. }) if usize::from(available) == len),
            "{refused:?}"
        );
    }
}

/// A prefix says the length, or how many bytes more it takes to say it; never another length.
#[track_caller]
fn predicts(frame: &[u8], direction: Direction, is_unpredictable: bool) {
    let expected =
        if is_unpredictable { FrameLen::Unpredictable } else { FrameLen::Known(frame.len()) };
    assert_eq!(rtu::frame_len(frame, direction), expected, "{frame:02X?}");
    for len in 0..frame.len() {
        match rtu::frame_len(&frame[..len], direction) {
            FrameLen::Unknown { required } => {
                assert!(required > len && required <= frame.len(), "{len} of {frame:02X?}");
            }
            known => assert_eq!(known, expected, "{len} bytes of {frame:02X?}"),
        }
    }
}

#[test]
fn every_length_is_predicted_from_function_code_and_direction() {
    for (text, request) in requests() {
        let is_unpredictable =
            matches!(request, Request::Other { .. } | Request::EncapsulatedInterface { .. });
        // 08 is predicted with one word.
        let is_long = matches!(request, Request::Diagnostics(body) if body.data().len() != 2);
        if !is_long {
            predicts(&closed(hex(text)), Direction::Request, is_unpredictable);
        }
    }
    for (text, reply) in responses() {
        let is_unpredictable =
            matches!(reply, Ok(Response::Other { .. } | Response::EncapsulatedInterface { .. }));
        predicts(&closed(hex(text)), Direction::Response, is_unpredictable);
    }
    // No frame of that direction begins so.
    for (prefix, direction) in [
        ("01 83", Direction::Request),
        ("01 00", Direction::Request),
        ("01 00", Direction::Response),
        ("01 80", Direction::Response),
        ("01 03 FC", Direction::Response),
        ("01 18 00 FB", Direction::Response),
        ("01 10 0000 0001 F8", Direction::Request),
        ("01 17 0000 0001 0000 0001 F4", Direction::Request),
    ] {
        assert_eq!(rtu::frame_len(&hex(prefix), direction), FrameLen::Impossible, "{prefix}");
    }
}

#[test]
fn every_malformed_adu_gives_its_exact_error() {
    let malformed = malformed();
    println!("{} malformed ADUs", malformed.len());
    assert!(malformed.len() >= 50);
    for (rule, direction, text, expected) in &malformed {
        let frame = closed(hex(text));
        let refused = decode(*direction, &frame);
        assert_eq!(refused, Err(rtu::Error::Pdu(*expected)), "rule {rule}: {text}");
    }
    for rule in (3..=12).chain([17]) {
        assert!(malformed.iter().any(|vector| vector.0 == rule), "no vector breaks rule {rule}");
    }
}

#[test]
fn every_field_of_every_form_has_a_malformed_adu() {
    let malformed = malformed();
    let has = |field: Field| {
        malformed.iter().any(|(_, _, _, error)| match error {
            pdu::Error::Value { field: at, .. } | pdu::Error::Short { field: at, .. } => {
                *at == field
            }
            _ => false,
        })
    };
    let requests = requests().into_iter().map(|(text, _)| (Direction::Request, hex(text)));
    let responses = responses().into_iter().map(|(text, _)| (Direction::Response, hex(text)));
    let forms = requests.chain(responses).map(|(direction, adu)| {
        pdu::fields(direction, &adu[1..]).map(|field| field.field).collect::<Vec<_>>()
    });
    let fields: HashSet<Field> =
        forms.flatten().chain([Field::Unit, Field::FunctionCode]).collect();
    assert!(fields.len() > 40, "{fields:?}");
    for field in fields {
        assert!(has(field), "no malformed ADU has a wrong {field}");
    }
}

#[test]
fn a_pdu_of_253_bytes_is_the_longest() {
    let mut pdu = vec![0x41; 253];
    assert!(Request::decode(&pdu).is_ok());
    pdu.push(0);
    assert_eq!(Request::decode(&pdu), Err(trailing(253, 1)));
    assert_eq!(Response::decode(&pdu), Err(trailing(253, 1)));
    let frame = closed(vec![1; 255]);
    assert_eq!(decode(As::Request, &frame), Err(rtu::Error::Long { max: 256, got: 257 }));
}
