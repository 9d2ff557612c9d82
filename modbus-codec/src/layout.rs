//! The figures of the standard as rows: which fields follow the function code, in which order, with which values. Decoding and
//! encoding walk the same rows, so that neither can know a limit that the other does not.
//!
//! ```text
//! Layout      | item | item | ... | data |
//! Body        | word | word | ... | data |
//! ```

use crate::data::coils_len;
#[cfg(feature = "extended-functions")]
use crate::file_record::Form;
use crate::kind::Kind;
use crate::pdu::{Direction, Expected, Field};
use crate::reader::saturate;

/// What follows a function code in one direction.
pub(crate) struct Layout {
    kind: Kind,
    pub(crate) data: Data,
    pub(crate) items: &'static [Item],
}

/// One field of one or two bytes.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) field: Field,
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

/// What follows the items.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Data {
    None,
    /// As many bytes as the last item says.
    Counted(Field),
    /// As many bytes as the last item says, in groups.
    #[cfg(feature = "extended-functions")]
    Groups(Form),
    /// As many bytes as the byte count says, less the words after it.
    #[cfg(feature = "extended-functions")]
    Events,
    /// As many registers as the FIFO count says.
    #[cfg(feature = "extended-functions")]
    Fifo,
    /// As many objects as their number says.
    #[cfg(feature = "extended-functions")]
    Objects,
    /// Words, by the sub-function.
    #[cfg(feature = "extended-functions")]
    Diagnostics,
    /// All that is left.
    Rest,
}

impl Layout {
    pub(crate) fn of(direction: Direction, kind: Kind) -> &'static Self {
        let rows: &[Self] = match direction {
            Direction::Request => &REQUESTS,
            Direction::Response => &RESPONSES,
        };
        rows.get(kind as usize).unwrap_or(&RAW)
    }

    /// Whether the last item counts the data.
    pub(crate) fn is_counted(&self) -> bool {
        match self.data {
            Data::Counted(_) => true,
            #[cfg(feature = "extended-functions")]
            Data::Groups(_) => true,
            _ => false,
        }
    }
}

impl Item {
    pub(crate) const fn is_byte(&self) -> bool {
        !matches!(self.size, Size::Word | Size::Quantity)
    }

    /// What is allowed after an item with the value `before`.
    pub(crate) fn expected_after(&self, before: u16) -> Expected {
        match (self.size, self.expected) {
            (Size::Quantity, Expected::Between { max, .. }) => {
                // From address 0 there is room for any quantity.
                let room = before.wrapping_neg();
                Expected::Between { min: 1, max: if room == 0 { max } else { room.min(max) } }
            }
            (Size::RegistersByteCount, _) => Expected::Exactly(before.wrapping_mul(2)),
            (Size::CoilsByteCount, _) => Expected::Exactly(saturate(coils_len(before))),
            (_, expected) => expected,
        }
    }
}

const fn row(kind: Kind, items: &'static [Item], data: Data) -> Layout {
    assert!(items.len() <= ITEMS_MAX);
    Layout { kind, data, items }
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

/// The most items that a row has: the head of a 2B/0E response.
pub(crate) const ITEMS_MAX: usize = 6;
const ANY: Expected = between(0, u16::MAX);
const SWITCH: Expected = Expected::Either(0, 0xFF00);

/// A row is found by its kind.
const fn are_in_order(rows: &[Layout]) -> bool {
    let mut index = 0;
    while let Some((row, _)) = rows.split_at(index).1.split_first() {
        if row.kind as usize != index {
            return false;
        }
        index += 1;
    }
    index == Kind::Exception as usize + 1
}

const _: () = assert!(are_in_order(&REQUESTS) && are_in_order(&RESPONSES));

/// A function without a row of its own: the bytes as they are.
static RAW: Layout = row(Kind::Other, &[], Data::Rest);

static READ_BITS: [Item; 2] = [word(Field::StartingAddress, ANY), quantity(Field::Quantity, 2000)];
static READ_REGISTERS: [Item; 2] =
    [word(Field::StartingAddress, ANY), quantity(Field::Quantity, 125)];
static WRITE_COIL: [Item; 2] = [word(Field::OutputAddress, ANY), word(Field::OutputValue, SWITCH)];
static WRITE_REGISTER: [Item; 2] =
    [word(Field::RegisterAddress, ANY), word(Field::RegisterValue, ANY)];
static WRITE_COILS: [Item; 3] = [
    word(Field::StartingAddress, ANY),
    quantity(Field::Quantity, 1968),
    Item { field: Field::ByteCount, size: Size::CoilsByteCount, expected: ANY },
];
static WRITE_REGISTERS: [Item; 3] = [
    word(Field::StartingAddress, ANY),
    quantity(Field::Quantity, 123),
    Item { field: Field::ByteCount, size: Size::RegistersByteCount, expected: ANY },
];
static COILS_WRITTEN: [Item; 2] =
    [word(Field::StartingAddress, ANY), quantity(Field::Quantity, 1968)];
static REGISTERS_WRITTEN: [Item; 2] =
    [word(Field::StartingAddress, ANY), quantity(Field::Quantity, 123)];
static COILS: [Item; 1] = [byte(Field::ByteCount, between(1, 250))];
static REGISTERS: [Item; 1] =
    [byte(Field::ByteCount, Expected::MultipleOf { of: 2, min: 2, max: 250 })];
static EXCEPTION: [Item; 1] = [byte(Field::ExceptionCode, ANY)];

#[cfg(not(feature = "extended-functions"))]
static REQUESTS: [Layout; 10] = [
    row(Kind::ReadCoils, &READ_BITS, Data::None),
    row(Kind::ReadDiscreteInputs, &READ_BITS, Data::None),
    row(Kind::ReadHoldingRegisters, &READ_REGISTERS, Data::None),
    row(Kind::ReadInputRegisters, &READ_REGISTERS, Data::None),
    row(Kind::WriteSingleCoil, &WRITE_COIL, Data::None),
    row(Kind::WriteSingleRegister, &WRITE_REGISTER, Data::None),
    row(Kind::WriteMultipleCoils, &WRITE_COILS, Data::Counted(Field::Coils)),
    row(Kind::WriteMultipleRegisters, &WRITE_REGISTERS, Data::Counted(Field::Registers)),
    row(Kind::Other, &[], Data::Rest),
    row(Kind::Exception, &[], Data::Rest),
];
#[cfg(not(feature = "extended-functions"))]
static RESPONSES: [Layout; 10] = [
    row(Kind::ReadCoils, &COILS, Data::Counted(Field::Coils)),
    row(Kind::ReadDiscreteInputs, &COILS, Data::Counted(Field::Coils)),
    row(Kind::ReadHoldingRegisters, &REGISTERS, Data::Counted(Field::Registers)),
    row(Kind::ReadInputRegisters, &REGISTERS, Data::Counted(Field::Registers)),
    row(Kind::WriteSingleCoil, &WRITE_COIL, Data::None),
    row(Kind::WriteSingleRegister, &WRITE_REGISTER, Data::None),
    row(Kind::WriteMultipleCoils, &COILS_WRITTEN, Data::None),
    row(Kind::WriteMultipleRegisters, &REGISTERS_WRITTEN, Data::None),
    row(Kind::Other, &[], Data::Rest),
    row(Kind::Exception, &EXCEPTION, Data::None),
];

#[cfg(feature = "extended-functions")]
pub(crate) use self::extended::{DATA, FILE_RECORD, FILE_RESPONSE, OBJECT, RESTART_OPTION};
#[cfg(feature = "extended-functions")]
use self::extended::{REQUESTS, RESPONSES};

#[cfg(feature = "extended-functions")]
mod extended {
    use super::*;
    use crate::device_identification::MEI_TYPE;
    use crate::event_log::{EVENTS_MAX, STATUS_BUSY};
    use crate::fifo::FIFO_COUNT_MAX;
    use crate::file_record::{DATA_BYTES, READ_BYTES, WRITE_BYTES};
    use crate::file_record::{RECORD_NUMBER_MAX, REFERENCE_TYPE};
    use crate::pdu::LEN_MAX;

    const STATUS: Expected = Expected::Either(0, STATUS_BUSY);
    const ONE_KIND: Expected = Expected::Exactly(REFERENCE_TYPE as u16);
    const THIS_MEI_TYPE: Expected = Expected::Exactly(MEI_TYPE as u16);
    const SERVER_ID_BYTES: Expected = between(1, LEN_MAX as u16 - 2);

    pub(super) static REQUESTS: [Layout; 22] = [
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
        row(
            Kind::WriteFileRecord,
            &[byte(Field::ByteCount, WRITE_BYTES)],
            Data::Groups(Form::Write),
        ),
        row(Kind::MaskWriteRegister, &MASK_WRITE, Data::None),
        row(Kind::ReadWriteMultipleRegisters, &READ_WRITE, Data::Counted(Field::Registers)),
        row(Kind::ReadFifoQueue, &[word(Field::FifoPointerAddress, ANY)], Data::None),
        row(Kind::ReadDeviceIdentification, &READ_DEVICE_ID, Data::None),
        row(Kind::EncapsulatedInterface, &[byte(Field::MeiType, ANY)], Data::Rest),
        row(Kind::Other, &[], Data::Rest),
        row(Kind::Exception, &[], Data::Rest),
    ];
    pub(super) static RESPONSES: [Layout; 22] = [
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
        row(
            Kind::WriteFileRecord,
            &[byte(Field::ByteCount, WRITE_BYTES)],
            Data::Groups(Form::Write),
        ),
        row(Kind::MaskWriteRegister, &MASK_WRITE, Data::None),
        row(Kind::ReadWriteMultipleRegisters, &REGISTERS, Data::Counted(Field::Registers)),
        row(Kind::ReadFifoQueue, &FIFO, Data::Fifo),
        row(Kind::ReadDeviceIdentification, &DEVICE_ID, Data::Objects),
        row(Kind::EncapsulatedInterface, &[byte(Field::MeiType, ANY)], Data::Rest),
        row(Kind::Other, &[], Data::Rest),
        row(Kind::Exception, &EXCEPTION, Data::None),
    ];

    static EVENT_LOG: [Item; 4] = [
        byte(Field::ByteCount, between(6, 6 + EVENTS_MAX)),
        word(Field::Status, STATUS),
        word(Field::EventCount, ANY),
        word(Field::MessageCount, ANY),
    ];
    static MASK_WRITE: [Item; 3] =
        [word(Field::ReferenceAddress, ANY), word(Field::AndMask, ANY), word(Field::OrMask, ANY)];
    static READ_WRITE: [Item; 5] = [
        word(Field::ReadStartingAddress, ANY),
        quantity(Field::ReadQuantity, 125),
        word(Field::WriteStartingAddress, ANY),
        quantity(Field::WriteQuantity, 121),
        Item { field: Field::ByteCount, size: Size::RegistersByteCount, expected: ANY },
    ];
    static FIFO: [Item; 2] =
        [word(Field::ByteCount, ANY), word(Field::FifoCount, between(0, FIFO_COUNT_MAX))];
    static READ_DEVICE_ID: [Item; 3] = [
        byte(Field::MeiType, THIS_MEI_TYPE),
        byte(Field::ReadDeviceIdCode, between(1, 4)),
        byte(Field::ObjectId, ANY),
    ];
    static DEVICE_ID: [Item; 6] = [
        byte(Field::MeiType, THIS_MEI_TYPE),
        byte(Field::ReadDeviceIdCode, between(1, 4)),
        byte(Field::ConformityLevel, Expected::ConformityLevel),
        byte(Field::MoreFollows, Expected::Either(0, 0xFF)),
        byte(Field::NextObjectId, ANY),
        byte(Field::NumberOfObjects, ANY),
    ];

    /// A word of data of 08.
    pub(crate) static DATA: Layout = row(Kind::Other, &[word(Field::Data, ANY)], Data::None);
    /// The word of 08 with sub-function 01.
    pub(crate) static RESTART_OPTION: Layout =
        row(Kind::Other, &[word(Field::Data, SWITCH)], Data::None);
    /// A group of 14 and 15; what the record length may be depends on which.
    pub(crate) static FILE_RECORD: Layout = row(
        Kind::Other,
        &[
            byte(Field::ReferenceType, ONE_KIND),
            word(Field::FileNumber, between(1, u16::MAX)),
            word(Field::RecordNumber, between(0, RECORD_NUMBER_MAX)),
            word(Field::RecordLength, ANY),
        ],
        Data::None,
    );
    /// The head of a sub-response of 14.
    pub(crate) static FILE_RESPONSE: Layout = row(
        Kind::Other,
        &[
            byte(Field::FileResponseLength, Expected::Odd { min: 3, max: 0xF9 }),
            byte(Field::ReferenceType, ONE_KIND),
        ],
        Data::None,
    );
    /// An object of a 2B/0E response.
    pub(crate) static OBJECT: Layout = row(
        Kind::Other,
        &[byte(Field::ObjectId, ANY), byte(Field::ObjectLength, ANY)],
        Data::Counted(Field::ObjectValue),
    );
}
