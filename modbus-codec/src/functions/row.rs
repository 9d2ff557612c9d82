//! The shape of a row: a function, its two forms, their fields.

use crate::FunctionCode;
use crate::adu::Direction;
use crate::field::{Expected, Field};

/// A function of the standard.
#[derive(Clone, Copy)]
pub(crate) struct Function {
    pub(crate) code: FunctionCode,
    /// The byte after the code that selects this row; without one, the row is for every other byte too.
    pub(crate) mei_type: Option<u8>,
    pub(crate) name: &'static str,
    request: Form,
    answer: Form,
    /// The answer repeats the request, byte for byte, where the function was done.
    pub(crate) echoes: bool,
    pub(crate) is_serial_line_only: bool,
    pub(crate) only_reads: bool,
    /// Typed without the feature `extended-functions` too.
    pub(crate) is_basic: bool,
}

/// The fields after a function code in one direction.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) items: &'static [Item],
    pub(crate) data: Data,
}

/// A field of one or two bytes.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) field: Field,
    pub(crate) kind: Kind,
    pub(crate) expected: Expected,
}

/// The size of a field, and its meaning for the fields around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// One byte.
    Byte,
    /// One byte: how many bytes follow in the PDU.
    ByteCount,
    /// A byte count that is twice the quantity before it.
    RegistersByteCount,
    /// A byte count that the quantity before it needs as coils.
    CoilsByteCount,
    /// A byte count of two bytes.
    WideByteCount,
    /// Two bytes.
    Word,
    /// Two bytes: how many items from the address before it, the last of them at most at address 65,535.
    Quantity,
}

impl Kind {
    /// 1 or 2 bytes.
    pub(crate) const fn len(self) -> u16 {
        match self {
            Self::Word | Self::Quantity | Self::WideByteCount => 2,
            _ => 1,
        }
    }

    /// Whether the value is the number of bytes that follow.
    pub(crate) const fn is_byte_count(self) -> bool {
        matches!(
            self,
            Self::ByteCount | Self::RegistersByteCount | Self::CoilsByteCount | Self::WideByteCount
        )
    }
}

/// The data after the fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Data {
    /// There is none.
    None,
    /// As many bytes as the byte count leaves.
    Counted(Field),
    /// As many bytes as the byte count leaves, in groups.
    Groups(Part),
    /// Twice as many bytes as the record length says.
    Record,
    /// As many registers as the FIFO count says.
    Fifo,
    /// As many objects as their number says.
    Objects,
    /// Words, by the sub-function.
    Diagnostics,
    /// The rest of the PDU.
    Rest,
}

/// A structure inside data.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(not(feature = "extended-functions"), allow(dead_code))]
pub(crate) enum Part {
    /// A group of a 14 request.
    ReadGroup,
    /// A group of 15.
    WriteGroup,
    /// A sub-response of 14.
    SubResponse,
    /// An object of a 2B/0E answer.
    Object,
}

impl Function {
    pub(crate) const fn new(
        code: FunctionCode,
        name: &'static str,
        request: Form,
        answer: Form,
    ) -> Self {
        Self {
            code,
            mei_type: None,
            name,
            request,
            answer,
            echoes: false,
            is_serial_line_only: false,
            only_reads: false,
            is_basic: false,
        }
    }

    /// A function whose answer is its request.
    pub(crate) const fn echo(code: FunctionCode, name: &'static str, form: Form) -> Self {
        Self { echoes: true, ..Self::new(code, name, form, form) }
    }

    pub(crate) const fn mei_type(self, mei_type: u8) -> Self {
        Self { mei_type: Some(mei_type), ..self }
    }

    pub(crate) const fn basic(self) -> Self {
        Self { is_basic: true, ..self }
    }

    pub(crate) const fn only_reads(self) -> Self {
        Self { only_reads: true, ..self }
    }

    pub(crate) const fn serial_line_only(self) -> Self {
        Self { is_serial_line_only: true, ..self }
    }

    pub(crate) const fn form(&self, direction: Direction) -> Form {
        match direction {
            Direction::Request => self.request,
            Direction::Response => self.answer,
        }
    }
}

pub(crate) const fn form(items: &'static [Item], data: Data) -> Form {
    Form { items, data }
}

pub(crate) const fn byte(field: Field, expected: Expected) -> Item {
    Item { field, kind: Kind::Byte, expected }
}

pub(crate) const fn word(field: Field, expected: Expected) -> Item {
    Item { field, kind: Kind::Word, expected }
}

pub(crate) const fn quantity(field: Field, max: u16) -> Item {
    Item { field, kind: Kind::Quantity, expected: between(1, max) }
}

pub(crate) const fn byte_count(min: u16, max: u16) -> Item {
    Item { expected: between(min, max), ..counting(Kind::ByteCount) }
}

pub(crate) const fn counting(kind: Kind) -> Item {
    Item { field: Field::ByteCount, kind, expected: ANY }
}

pub(crate) const fn between(min: u16, max: u16) -> Expected {
    Expected::Between { min, max }
}

pub(crate) const ANY: Expected = between(0, u16::MAX);
