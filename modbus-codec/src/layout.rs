//! The figures of the standard as rows: which fields follow the function code, in which order, with which values. Decoding and
//! encoding walk the same rows, so that neither can know a limit that the other does not.
//!
//! ```text
//! row         | item | item | ... | data |
//! body        | word | word | ... | data |
//! ```

mod packed;

pub(crate) use self::packed::{Layout, quantity_max};
use crate::body::WORDS_MAX;
use crate::file_record::{DATA_BYTES, Form, READ_BYTES, WRITE_BYTES};
use crate::kind::Kind;
use crate::pdu::{Expected, Field};

/// The fields after a function code in one direction, as they are written here. A program carries them [`packed`].
struct Row {
    kind: Kind,
    items: &'static [Item],
    data: Data,
}

/// One field of one or two bytes.
#[derive(Clone, Copy)]
struct Item {
    field: Field,
    size: Size,
    expected: Expected,
}

#[derive(Clone, Copy, PartialEq)]
enum Size {
    Byte,
    Word,
    /// Two bytes; with the starting address before it, it ends at 65,536.
    Quantity,
    /// One byte: twice the quantity before it.
    RegistersByteCount,
    /// One byte: the bytes that the quantity before it needs as coils.
    CoilsByteCount,
}

/// The data after the items.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Data {
    None,
    /// As many bytes as the last item says.
    Counted(Field),
    /// As many bytes as the last item says, in groups.
    Groups(Form),
    /// As many bytes as the byte count says, less the words after it.
    Events,
    /// As many registers as the FIFO count says.
    Fifo,
    /// As many objects as their number says.
    Objects,
    /// Words, by the sub-function.
    Diagnostics,
    /// All that is left.
    Rest,
}

const fn row(kind: Kind, items: &'static [Item], data: Data) -> Row {
    assert!(items.len() <= WORDS_MAX);
    Row { kind, items, data }
}

const fn byte(field: Field, expected: Expected) -> Item {
    Item { field, size: Size::Byte, expected }
}

const fn word(field: Field, expected: Expected) -> Item {
    Item { field, size: Size::Word, expected }
}

const fn quantity(field: Field, max: u16) -> Item {
    Item { field, size: Size::Quantity, expected: between(1, max) }
}

const fn between(min: u16, max: u16) -> Expected {
    Expected::Between { min, max }
}

const ANY: Expected = between(0, u16::MAX);
const SWITCH: Expected = Expected::Either(0, 0xFF00);

const READ_BITS: [Item; 2] = [word(Field::StartingAddress, ANY), quantity(Field::Quantity, 2000)];
const READ_REGISTERS: [Item; 2] =
    [word(Field::StartingAddress, ANY), quantity(Field::Quantity, 125)];
const WRITE_COIL: [Item; 2] = [word(Field::OutputAddress, ANY), word(Field::OutputValue, SWITCH)];
const WRITE_REGISTER: [Item; 2] =
    [word(Field::RegisterAddress, ANY), word(Field::RegisterValue, ANY)];
const WRITE_COILS: [Item; 3] = [
    word(Field::StartingAddress, ANY),
    quantity(Field::Quantity, 1968),
    Item { field: Field::ByteCount, size: Size::CoilsByteCount, expected: ANY },
];
const WRITE_REGISTERS: [Item; 3] = [
    word(Field::StartingAddress, ANY),
    quantity(Field::Quantity, 123),
    Item { field: Field::ByteCount, size: Size::RegistersByteCount, expected: ANY },
];
const COILS_WRITTEN: [Item; 2] =
    [word(Field::StartingAddress, ANY), quantity(Field::Quantity, 1968)];
const REGISTERS_WRITTEN: [Item; 2] =
    [word(Field::StartingAddress, ANY), quantity(Field::Quantity, 123)];
const COILS: [Item; 1] = [byte(Field::ByteCount, between(1, 250))];
const REGISTERS: [Item; 1] =
    [byte(Field::ByteCount, Expected::MultipleOf { of: 2, min: 2, max: 250 })];
const EXCEPTION: [Item; 1] = [byte(Field::ExceptionCode, ANY)];

/// A row for each kind, in its order.
const ROWS: usize = Kind::Exception as usize + 1;
const REQUESTS: [Row; ROWS] = [
    row(Kind::ReadCoils, &READ_BITS, Data::None),
    row(Kind::ReadDiscreteInputs, &READ_BITS, Data::None),
    row(Kind::ReadHoldingRegisters, &READ_REGISTERS, Data::None),
    row(Kind::ReadInputRegisters, &READ_REGISTERS, Data::None),
    row(Kind::WriteSingleCoil, &WRITE_COIL, Data::None),
    row(Kind::WriteSingleRegister, &WRITE_REGISTER, Data::None),
    row(Kind::WriteMultipleCoils, &WRITE_COILS, Data::Counted(Field::Coils)),
    row(Kind::WriteMultipleRegisters, &WRITE_REGISTERS, Data::Counted(Field::Registers)),
    row(Kind::ReadExceptionStatus, &[], Data::None),
    row(Kind::Diagnostics, &[word(Field::SubFunction, ANY)], Data::Diagnostics),
    row(Kind::GetCommEventCounter, &[], Data::None),
    row(Kind::GetCommEventLog, &[], Data::None),
    row(Kind::ReportServerId, &[], Data::None),
    row(Kind::ReadFileRecord, &[byte(Field::ByteCount, READ_BYTES)], Data::Groups(Form::Read)),
    row(Kind::WriteFileRecord, &[byte(Field::ByteCount, WRITE_BYTES)], Data::Groups(Form::Write)),
    row(Kind::MaskWriteRegister, &MASK_WRITE, Data::None),
    row(Kind::ReadWriteMultipleRegisters, &READ_WRITE, Data::Counted(Field::Registers)),
    row(Kind::ReadFifoQueue, &[word(Field::FifoPointerAddress, ANY)], Data::None),
    row(Kind::ReadDeviceIdentification, &READ_DEVICE_ID, Data::None),
    row(Kind::EncapsulatedInterface, &[byte(Field::MeiType, ANY)], Data::Rest),
    row(Kind::Other, &[], Data::Rest),
    row(Kind::Exception, &[], Data::Rest),
];
const RESPONSES: [Row; ROWS] = [
    row(Kind::ReadCoils, &COILS, Data::Counted(Field::Coils)),
    row(Kind::ReadDiscreteInputs, &COILS, Data::Counted(Field::Coils)),
    row(Kind::ReadHoldingRegisters, &REGISTERS, Data::Counted(Field::Registers)),
    row(Kind::ReadInputRegisters, &REGISTERS, Data::Counted(Field::Registers)),
    row(Kind::WriteSingleCoil, &WRITE_COIL, Data::None),
    row(Kind::WriteSingleRegister, &WRITE_REGISTER, Data::None),
    row(Kind::WriteMultipleCoils, &COILS_WRITTEN, Data::None),
    row(Kind::WriteMultipleRegisters, &REGISTERS_WRITTEN, Data::None),
    row(Kind::ReadExceptionStatus, &[byte(Field::ExceptionStatus, ANY)], Data::None),
    row(Kind::Diagnostics, &[word(Field::SubFunction, ANY)], Data::Diagnostics),
    row(
        Kind::GetCommEventCounter,
        &[word(Field::Status, STATUS), word(Field::EventCount, ANY)],
        Data::None,
    ),
    row(Kind::GetCommEventLog, &EVENT_LOG, Data::Events),
    row(
        Kind::ReportServerId,
        &[byte(Field::ByteCount, SERVER_ID_BYTES)],
        Data::Counted(Field::ServerId),
    ),
    row(Kind::ReadFileRecord, &[byte(Field::ByteCount, DATA_BYTES)], Data::Groups(Form::Data)),
    row(Kind::WriteFileRecord, &[byte(Field::ByteCount, WRITE_BYTES)], Data::Groups(Form::Write)),
    row(Kind::MaskWriteRegister, &MASK_WRITE, Data::None),
    row(Kind::ReadWriteMultipleRegisters, &REGISTERS, Data::Counted(Field::Registers)),
    row(Kind::ReadFifoQueue, &FIFO, Data::Fifo),
    row(Kind::ReadDeviceIdentification, &DEVICE_ID, Data::Objects),
    row(Kind::EncapsulatedInterface, &[byte(Field::MeiType, ANY)], Data::Rest),
    row(Kind::Other, &[], Data::Rest),
    row(Kind::Exception, &EXCEPTION, Data::None),
];

/// Data inside other data.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// A word of data of 08.
    Word,
    /// The word of 08 with sub-function 01.
    RestartOption,
    /// A group of 14 and 15; what the record length may be depends on which.
    FileRecord,
    /// The head of a sub-response of 14.
    FileResponse,
    /// An object of a 2B/0E response.
    Object,
}

use self::extended::*;

/// The items of the functions that may be left out.
mod extended {
    use super::*;
    use crate::device_identification::MEI_TYPE;
    use crate::event_log::{EVENTS_MAX, STATUS_BUSY};
    use crate::fifo::FIFO_COUNT_MAX;
    use crate::file_record::{RECORD_NUMBER_MAX, REFERENCE_TYPE};
    use crate::pdu::LEN_MAX;

    pub(super) const STATUS: Expected = Expected::Either(0, STATUS_BUSY);
    pub(super) const ONE_KIND: Expected = Expected::Exactly(REFERENCE_TYPE as u16);
    pub(super) const THIS_MEI_TYPE: Expected = Expected::Exactly(MEI_TYPE as u16);
    pub(super) const SERVER_ID_BYTES: Expected = between(1, LEN_MAX as u16 - 2);

    pub(super) const EVENT_LOG: [Item; 4] = [
        byte(Field::ByteCount, between(6, 6 + EVENTS_MAX)),
        word(Field::Status, STATUS),
        word(Field::EventCount, ANY),
        word(Field::MessageCount, ANY),
    ];
    pub(super) const MASK_WRITE: [Item; 3] =
        [word(Field::ReferenceAddress, ANY), word(Field::AndMask, ANY), word(Field::OrMask, ANY)];
    pub(super) const READ_WRITE: [Item; 5] = [
        word(Field::ReadStartingAddress, ANY),
        quantity(Field::ReadQuantity, 125),
        word(Field::WriteStartingAddress, ANY),
        quantity(Field::WriteQuantity, 121),
        Item { field: Field::ByteCount, size: Size::RegistersByteCount, expected: ANY },
    ];
    pub(super) const FIFO: [Item; 2] =
        [word(Field::ByteCount, ANY), word(Field::FifoCount, between(0, FIFO_COUNT_MAX))];
    pub(super) const READ_DEVICE_ID: [Item; 3] = [
        byte(Field::MeiType, THIS_MEI_TYPE),
        byte(Field::ReadDeviceIdCode, between(1, 4)),
        byte(Field::ObjectId, ANY),
    ];
    pub(super) const DEVICE_ID: [Item; 6] = [
        byte(Field::MeiType, THIS_MEI_TYPE),
        byte(Field::ReadDeviceIdCode, between(1, 4)),
        byte(Field::ConformityLevel, Expected::ConformityLevel),
        byte(Field::MoreFollows, Expected::Either(0, 0xFF)),
        byte(Field::NextObjectId, ANY),
        byte(Field::NumberOfObjects, ANY),
    ];

    /// In the order of [`Part`].
    pub(super) const PARTS: [Row; 5] = [
        row(Kind::Other, &[word(Field::Data, ANY)], Data::None),
        row(Kind::Other, &[word(Field::Data, SWITCH)], Data::None),
        row(
            Kind::Other,
            &[
                byte(Field::ReferenceType, ONE_KIND),
                word(Field::FileNumber, between(1, u16::MAX)),
                word(Field::RecordNumber, between(0, RECORD_NUMBER_MAX)),
                word(Field::RecordLength, ANY),
            ],
            Data::None,
        ),
        row(
            Kind::Other,
            &[
                byte(Field::FileResponseLength, Expected::Odd { min: 3, max: 0xF9 }),
                byte(Field::ReferenceType, ONE_KIND),
            ],
            Data::None,
        ),
        row(
            Kind::Other,
            &[byte(Field::ObjectId, ANY), byte(Field::ObjectLength, ANY)],
            Data::Counted(Field::ObjectValue),
        ),
    ];
}
