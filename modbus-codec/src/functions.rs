//! The function codes: a row each, with everything that the standard says of the function. Decoding, encoding, the predicted
//! length of a frame, names and predicates are computed from the rows.
//!
//! ```text
//! row          | code | name | request: fields, data | answer: fields, data | serial line only, only reads, echoes |
//! PDU          | function code | field | field | ... | data |
//! ```

mod row;

pub(crate) use self::row::Function;
use self::row::{ANY, between, byte, byte_count, counting, form, quantity, word};
pub(crate) use self::row::{Data, Form, Item, Kind, Part};
use crate::FunctionCode;
use crate::adu::LEN_MAX;
use crate::field::{Expected, Field};

impl FunctionCode {
    /// 0x01.
    pub const READ_COILS: Self = Self::new(0x01);
    /// 0x02.
    pub const READ_DISCRETE_INPUTS: Self = Self::new(0x02);
    /// 0x03.
    pub const READ_HOLDING_REGISTERS: Self = Self::new(0x03);
    /// 0x04.
    pub const READ_INPUT_REGISTERS: Self = Self::new(0x04);
    /// 0x05.
    pub const WRITE_SINGLE_COIL: Self = Self::new(0x05);
    /// 0x06.
    pub const WRITE_SINGLE_REGISTER: Self = Self::new(0x06);
    /// 0x07, serial line only.
    pub const READ_EXCEPTION_STATUS: Self = Self::new(0x07);
    /// 0x08, serial line only.
    pub const DIAGNOSTICS: Self = Self::new(0x08);
    /// 0x0B, serial line only.
    pub const GET_COMM_EVENT_COUNTER: Self = Self::new(0x0B);
    /// 0x0C, serial line only.
    pub const GET_COMM_EVENT_LOG: Self = Self::new(0x0C);
    /// 0x0F.
    pub const WRITE_MULTIPLE_COILS: Self = Self::new(0x0F);
    /// 0x10.
    pub const WRITE_MULTIPLE_REGISTERS: Self = Self::new(0x10);
    /// 0x11, serial line only.
    pub const REPORT_SERVER_ID: Self = Self::new(0x11);
    /// 0x14.
    pub const READ_FILE_RECORD: Self = Self::new(0x14);
    /// 0x15.
    pub const WRITE_FILE_RECORD: Self = Self::new(0x15);
    /// 0x16.
    pub const MASK_WRITE_REGISTER: Self = Self::new(0x16);
    /// 0x17.
    pub const READ_WRITE_MULTIPLE_REGISTERS: Self = Self::new(0x17);
    /// 0x18.
    pub const READ_FIFO_QUEUE: Self = Self::new(0x18);
    /// 0x2B.
    pub const ENCAPSULATED_INTERFACE_TRANSPORT: Self = Self::new(0x2B);

    /// Whether the standard defines the function publicly.
    #[must_use]
    pub const fn is_public(self) -> bool {
        contains(&PUBLIC, self)
    }

    /// Whether the standard has the function on a serial line only: 07, 08, 0B, 0C and 11.
    #[must_use]
    pub const fn is_serial_line_only(self) -> bool {
        contains(&SERIAL_LINE_ONLY, self)
    }

    /// Whether the function only reads, so that a broadcast of it would have no meaning.
    #[must_use]
    pub const fn only_reads(self) -> bool {
        contains(&ONLY_READ, self)
    }

    /// Whether the answer is the request, byte for byte.
    pub(crate) const fn echoes(self) -> bool {
        contains(&ECHOES, self)
    }

    /// The standard's name of the function, or nothing for a code it does not name.
    #[must_use]
    #[allow(clippy::indexing_slicing)] // Below the number of rows.
    pub const fn name(self) -> Option<&'static str> {
        let mut at = 0;
        while at < FUNCTIONS.len() {
            if FUNCTIONS[at].code.as_raw() == self.to_request().as_raw() {
                return Some(FUNCTIONS[at].name);
            }
            at += 1;
        }
        None
    }
}

/// The most coils or discrete inputs that 01 and 02 read.
pub(crate) const READ_COILS_MAX: u16 = 2000;
/// The most registers that 03, 04 and 17 read.
pub(crate) const READ_REGISTERS_MAX: u16 = 125;
/// The most coils that 0F writes.
pub(crate) const WRITE_COILS_MAX: u16 = 1968;
/// The most registers that 10 writes.
pub(crate) const WRITE_REGISTERS_MAX: u16 = 123;
/// The most registers that 17 writes.
const READ_WRITE_REGISTERS_MAX: u16 = 121;
/// The most bytes of data that coils or registers take in an answer.
pub(crate) const DATA_LEN_MAX: u16 = READ_REGISTERS_MAX * 2;

/// The most registers of a FIFO queue.
pub(crate) const FIFO_COUNT_MAX: u16 = 31;
/// The most events of an event log.
pub(crate) const EVENTS_MAX: u16 = 64;
/// The status word of a server that is busy.
pub(crate) const STATUS_BUSY: u16 = 0xFFFF;
/// The reference type of every group of a file record function.
pub(crate) const REFERENCE_TYPE: u8 = 6;
/// The greatest number of a record.
pub(crate) const RECORD_NUMBER_MAX: u16 = 9999;
/// The most registers that one group can carry: 253 bytes less function, byte count and the group's seven.
const WRITE_RECORD_LENGTH_MAX: u16 = 122;
/// The MEI type of Read Device Identification.
pub(crate) const MEI_TYPE: u8 = 0x0E;
/// The greatest read device ID code: access to one object.
pub(crate) const INDIVIDUAL_ACCESS: u8 = 4;

/// Every function of the standard. A row with a MEI type precedes the row of its code without one.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(FunctionCode::READ_COILS, "Read Coils", COILS_ASKED, COILS).basic().only_reads(),
    Function::new(FunctionCode::READ_DISCRETE_INPUTS, "Read Discrete Inputs", COILS_ASKED, COILS)
        .basic()
        .only_reads(),
    Function::new(
        FunctionCode::READ_HOLDING_REGISTERS,
        "Read Holding Registers",
        REGISTERS_ASKED,
        REGISTERS,
    )
    .basic()
    .only_reads(),
    Function::new(
        FunctionCode::READ_INPUT_REGISTERS,
        "Read Input Registers",
        REGISTERS_ASKED,
        REGISTERS,
    )
    .basic()
    .only_reads(),
    Function::echo(
        FunctionCode::WRITE_SINGLE_COIL,
        "Write Single Coil",
        form(
            &[
                word(Field::OutputAddress, ANY),
                word(Field::OutputValue, Expected::Either(0, SWITCH_ON)),
            ],
            Data::None,
        ),
    )
    .basic(),
    Function::echo(
        FunctionCode::WRITE_SINGLE_REGISTER,
        "Write Single Register",
        form(&[word(Field::RegisterAddress, ANY), word(Field::RegisterValue, ANY)], Data::None),
    )
    .basic(),
    Function::new(
        FunctionCode::READ_EXCEPTION_STATUS,
        "Read Exception Status",
        form(&[], Data::None),
        form(&[byte(Field::ExceptionStatus, ANY)], Data::None),
    )
    .serial_line_only()
    .only_reads(),
    Function::echo(
        FunctionCode::DIAGNOSTICS,
        "Diagnostics",
        form(&[word(Field::SubFunction, ANY)], Data::Diagnostics),
    )
    .serial_line_only(),
    Function::new(
        FunctionCode::GET_COMM_EVENT_COUNTER,
        "Get Comm Event Counter",
        form(&[], Data::None),
        form(&[STATUS, word(Field::EventCount, ANY)], Data::None),
    )
    .serial_line_only()
    .only_reads(),
    Function::new(
        FunctionCode::GET_COMM_EVENT_LOG,
        "Get Comm Event Log",
        form(&[], Data::None),
        form(
            &[
                byte_count(6, 6 + EVENTS_MAX),
                STATUS,
                word(Field::EventCount, ANY),
                word(Field::MessageCount, ANY),
            ],
            Data::Counted(Field::Events),
        ),
    )
    .serial_line_only()
    .only_reads(),
    Function::new(
        FunctionCode::WRITE_MULTIPLE_COILS,
        "Write Multiple Coils",
        form(
            &[
                STARTING_ADDRESS,
                quantity(Field::Quantity, WRITE_COILS_MAX),
                counting(Kind::CoilsByteCount),
            ],
            Data::Counted(Field::Coils),
        ),
        form(&[STARTING_ADDRESS, quantity(Field::Quantity, WRITE_COILS_MAX)], Data::None),
    )
    .basic(),
    Function::new(
        FunctionCode::WRITE_MULTIPLE_REGISTERS,
        "Write Multiple Registers",
        form(
            &[
                STARTING_ADDRESS,
                quantity(Field::Quantity, WRITE_REGISTERS_MAX),
                counting(Kind::RegistersByteCount),
            ],
            Data::Counted(Field::Registers),
        ),
        form(&[STARTING_ADDRESS, quantity(Field::Quantity, WRITE_REGISTERS_MAX)], Data::None),
    )
    .basic(),
    Function::new(
        FunctionCode::REPORT_SERVER_ID,
        "Report Server ID",
        form(&[], Data::None),
        form(&[byte_count(1, COUNTED_LEN_MAX)], Data::Counted(Field::ServerId)),
    )
    .serial_line_only()
    .only_reads(),
    Function::new(
        FunctionCode::READ_FILE_RECORD,
        "Read File Record",
        form(
            &[Item {
                expected: Expected::MultipleOf { of: 7, min: 7, max: 0xF5 },
                ..counting(Kind::ByteCount)
            }],
            Data::Groups(Part::ReadGroup),
        ),
        // From one sub-response of one register.
        form(&[byte_count(4, COUNTED_LEN_MAX)], Data::Groups(Part::SubResponse)),
    )
    .only_reads(),
    Function::echo(
        FunctionCode::WRITE_FILE_RECORD,
        "Write File Record",
        // From one group of one register.
        form(&[byte_count(9, COUNTED_LEN_MAX)], Data::Groups(Part::WriteGroup)),
    ),
    Function::echo(
        FunctionCode::MASK_WRITE_REGISTER,
        "Mask Write Register",
        form(
            &[
                word(Field::ReferenceAddress, ANY),
                word(Field::AndMask, ANY),
                word(Field::OrMask, ANY),
            ],
            Data::None,
        ),
    ),
    Function::new(
        FunctionCode::READ_WRITE_MULTIPLE_REGISTERS,
        "Read/Write Multiple Registers",
        form(
            &[
                word(Field::ReadStartingAddress, ANY),
                quantity(Field::ReadQuantity, READ_REGISTERS_MAX),
                word(Field::WriteStartingAddress, ANY),
                quantity(Field::WriteQuantity, READ_WRITE_REGISTERS_MAX),
                counting(Kind::RegistersByteCount),
            ],
            Data::Counted(Field::Registers),
        ),
        REGISTERS,
    ),
    Function::new(
        FunctionCode::READ_FIFO_QUEUE,
        "Read FIFO Queue",
        form(&[word(Field::FifoPointerAddress, ANY)], Data::None),
        form(
            &[counting(Kind::WideByteCount), word(Field::FifoCount, between(0, FIFO_COUNT_MAX))],
            Data::Fifo,
        ),
    )
    .only_reads(),
    Function::new(
        FunctionCode::ENCAPSULATED_INTERFACE_TRANSPORT,
        "Encapsulated Interface Transport",
        form(
            &[byte(Field::MeiType, ANY), READ_DEVICE_ID_CODE, byte(Field::ObjectId, ANY)],
            Data::None,
        ),
        form(
            &[
                byte(Field::MeiType, ANY),
                READ_DEVICE_ID_CODE,
                byte(Field::ConformityLevel, Expected::ConformityLevel),
                byte(Field::MoreFollows, Expected::Either(0, 0xFF)),
                byte(Field::NextObjectId, ANY),
                byte(Field::NumberOfObjects, ANY),
            ],
            Data::Objects,
        ),
    )
    .mei_type(MEI_TYPE)
    .only_reads(),
    Function::new(
        FunctionCode::ENCAPSULATED_INTERFACE_TRANSPORT,
        "Encapsulated Interface Transport",
        form(&[byte(Field::MeiType, ANY)], Data::Rest),
        form(&[byte(Field::MeiType, ANY)], Data::Rest),
    )
    .only_reads(),
];

/// The code and the MEI type of the row that the byte after the code selects.
pub(crate) const SELECTED: (FunctionCode, u8) = selected();

/// The answer of a server that refuses, whatever the function.
pub(crate) const EXCEPTION: Form = form(&[byte(Field::ExceptionCode, ANY)], Data::None);
/// A function that the standard does not define.
pub(crate) const OTHER: Form = form(&[], Data::Rest);

/// The structures inside data, in the order of [`Part`].
pub(crate) const PARTS: [Form; 4] = [
    form(
        &[
            REFERENCE,
            FILE_NUMBER,
            RECORD_NUMBER,
            // At most what the answer has room for, which depends on the groups before it.
            word(Field::RecordLength, ANY),
        ],
        Data::None,
    ),
    form(
        &[
            REFERENCE,
            FILE_NUMBER,
            RECORD_NUMBER,
            word(Field::RecordLength, between(1, WRITE_RECORD_LENGTH_MAX)),
        ],
        Data::Record,
    ),
    form(
        &[
            Item {
                field: Field::FileResponseLength,
                kind: Kind::ByteCount,
                expected: Expected::Odd { min: 3, max: 0xF9 },
            },
            REFERENCE,
        ],
        Data::Counted(Field::RecordData),
    ),
    form(
        &[
            byte(Field::ObjectId, ANY),
            Item { field: Field::ObjectLength, ..counting(Kind::ByteCount) },
        ],
        Data::Counted(Field::ObjectValue),
    ),
];

/// The most bytes that a byte count of one byte counts: 253 bytes less the function code and the byte count.
const COUNTED_LEN_MAX: u16 = LEN_MAX as u16 - 2;
/// The word for on.
pub(crate) const SWITCH_ON: u16 = 0xFF00;

/// The word for on or off.
pub(crate) const fn switch(is_on: bool) -> u16 {
    if is_on { SWITCH_ON } else { 0 }
}

const STARTING_ADDRESS: Item = word(Field::StartingAddress, ANY);
const EVEN_BYTE_COUNT: Item = Item {
    expected: Expected::MultipleOf { of: 2, min: 2, max: DATA_LEN_MAX as u8 },
    ..counting(Kind::ByteCount)
};
const COILS_ASKED: Form =
    form(&[STARTING_ADDRESS, quantity(Field::Quantity, READ_COILS_MAX)], Data::None);
const REGISTERS_ASKED: Form =
    form(&[STARTING_ADDRESS, quantity(Field::Quantity, READ_REGISTERS_MAX)], Data::None);
const COILS: Form = form(&[byte_count(1, DATA_LEN_MAX)], Data::Counted(Field::Coils));
const REGISTERS: Form = form(&[EVEN_BYTE_COUNT], Data::Counted(Field::Registers));
const STATUS: Item = word(Field::Status, Expected::Either(0, STATUS_BUSY));
const READ_DEVICE_ID_CODE: Item =
    byte(Field::ReadDeviceIdCode, between(1, INDIVIDUAL_ACCESS as u16));
const REFERENCE: Item = byte(Field::ReferenceType, Expected::Exactly(REFERENCE_TYPE as u16));
const FILE_NUMBER: Item = word(Field::FileNumber, between(1, u16::MAX));
const RECORD_NUMBER: Item = word(Field::RecordNumber, between(0, RECORD_NUMBER_MAX));

/// A bit a function code.
type Set = [u32; 2];

const PUBLIC: Set = set(Property::Public);
const SERIAL_LINE_ONLY: Set = set(Property::SerialLineOnly);
const ONLY_READ: Set = set(Property::OnlyReads);
const ECHOES: Set = set(Property::Echoes);

enum Property {
    Public,
    SerialLineOnly,
    OnlyReads,
    Echoes,
}

/// The functions that have a property.
#[allow(clippy::indexing_slicing)] // Runs when the crate is compiled: an index out of bounds does not compile.
const fn set(property: Property) -> Set {
    let mut set = [0; 2];
    let mut at = 0;
    while at < FUNCTIONS.len() {
        let row = &FUNCTIONS[at];
        let is_in = match property {
            Property::Public => true,
            Property::SerialLineOnly => row.is_serial_line_only,
            Property::OnlyReads => row.only_reads,
            Property::Echoes => row.echoes,
        };
        let code = row.code.as_raw();
        set[(code / 32) as usize] |= (is_in as u32) << (code % 32);
        at += 1;
    }
    set
}

#[allow(clippy::indexing_slicing)] // As above.
const fn selected() -> (FunctionCode, u8) {
    let mut at = 0;
    loop {
        if let Some(mei_type) = FUNCTIONS[at].mei_type {
            return (FUNCTIONS[at].code, mei_type);
        }
        at += 1;
    }
}

const fn contains(set: &Set, function: FunctionCode) -> bool {
    let [low, high] = *set;
    let word = match function.as_raw() / 32 {
        0 => low,
        1 => high,
        _ => 0,
    };
    word >> (function.as_raw() % 32) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_reads_is_just_these() {
        let read = [0x01, 0x02, 0x03, 0x04, 0x07, 0x0B, 0x0C, 0x11, 0x14, 0x18, 0x2B];
        for raw in 0..=u8::MAX {
            assert_eq!(FunctionCode::new(raw).only_reads(), read.contains(&raw), "{raw:02X}");
        }
    }

    #[test]
    fn the_functions_of_a_serial_line_and_those_that_echo_are_just_these() {
        let (serial, echoes) = ([0x07, 0x08, 0x0B, 0x0C, 0x11], [0x05, 0x06, 0x08, 0x15, 0x16]);
        for raw in 0..=u8::MAX {
            let function = FunctionCode::new(raw);
            assert_eq!(function.is_serial_line_only(), serial.contains(&raw), "{raw:02X}");
            assert_eq!(function.echoes(), echoes.contains(&raw), "{raw:02X}");
        }
    }

    #[test]
    fn every_public_code_has_a_name_and_no_other_has() {
        for raw in 0..=0x7F {
            let function = FunctionCode::new(raw);
            assert_eq!(function.is_public(), function.name().is_some(), "{function}");
            assert!(!(function.is_public() && function.is_user_defined()), "{function}");
        }
    }
}
