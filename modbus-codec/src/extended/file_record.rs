//! 14 Read File Record and 15 Write File Record: groups of registers in files.
//!
//! ```text
//! 14 request:   | 14 | byte count | ref. type 06 | file 2 | record 2 | length 2 | ...groups of 7
//! 14 response:  | 14 | byte count | length 1 | ref. type 06 | length - 1 bytes of registers | ...
//! 15 both ways: | 15 | byte count | ref. type 06 | file 2 | record 2 | length 2 | registers | ...
//! ```

use crate::adu::Direction;
use crate::error::{EncodeError, Error, saturate};
use crate::field::Field;
use crate::functions::{self, Part};
use crate::layout::{Layout, PackedItem};
use crate::walk::Walk;
use crate::writer::Writer;
use crate::{FunctionCode, Registers};

/// The reference type: always 6.
pub const REFERENCE_TYPE: u8 = functions::REFERENCE_TYPE;
/// The highest record number.
pub const RECORD_NUMBER_MAX: u16 = functions::RECORD_NUMBER_MAX;

/// A stretch of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FileRecord {
    /// 1..=65535.
    pub file_number: u16,
    /// 0..=9999.
    pub record_number: u16,
    /// How many registers, at least 1.
    pub record_length: u16,
}

impl FileRecord {
    /// Writes the group's seven bytes to the front of `buffer`.
    ///
    /// # Errors
    /// A buffer that is too small, or a field out of its range: file 1..=65535, record 0..=9999, length 1..=124 registers; offsets
    /// as in a request of which it is the only group, from the function code.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        let Self { file_number, record_number, record_length } = *self;
        let words = [REFERENCE_TYPE.into(), file_number, record_number, record_length];
        let available = saturate(buffer.len());
        let mut writer = Writer::new(buffer);
        for (item, word) in Layout::of_part(Part::ReadGroup).items().iter().zip(words) {
            writer.uint(word, item.len());
        }
        let required = writer.len();
        let Some(written) = buffer.get_mut(..required) else {
            return Err(EncodeError::Buffer { required: saturate(required), available });
        };
        ReadFileRecords::from_bytes(written)?;
        Ok(written)
    }
}

/// Groups that the caller gives.
fn check(
    function: FunctionCode,
    direction: Direction,
    part: Part,
    groups: &[u8],
) -> Result<&[u8], Error> {
    let (field, offset, got) = (Field::ByteCount, 1, saturate(groups.len()));
    let byte_count = Layout::of(direction, function, None).items().first();
    if let Some(expected) = byte_count.map(PackedItem::expected).filter(|all| !all.allows(got)) {
        return Err(Error::Value { field, offset, expected, got });
    }
    let mut walk = Walk::of_parts(part, groups, 2);
    while walk.part().is_some() {}
    walk.finish()?;
    Ok(groups)
}

/// The groups in bytes that have been checked.
fn groups(part: Part, bytes: &[u8]) -> impl Iterator<Item = (FileRecord, Registers<'_>)> {
    let mut walk = Walk::of_parts(part, bytes, 0);
    core::iter::from_fn(move || {
        let ([_, file_number, record_number, record_length, ..], data) = walk.part()?;
        Some((FileRecord { file_number, record_number, record_length }, Registers::wrap(data)))
    })
}

/// The groups of a 14 request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReadFileRecords<'a>(&'a [u8]);

impl<'a> ReadFileRecords<'a> {
    /// Groups of seven bytes each, as [`FileRecord::encode`] writes them.
    ///
    /// # Errors
    /// A group that the standard refuses, or more than one answer can carry; offsets from the function code.
    pub fn from_bytes(groups: &'a [u8]) -> Result<Self, Error> {
        check(FunctionCode::READ_FILE_RECORD, Direction::Request, Part::ReadGroup, groups).map(Self)
    }

    pub(crate) const fn wrap(groups: &'a [u8]) -> Self {
        Self(groups)
    }

    /// The groups in order.
    pub fn iter(&self) -> impl Iterator<Item = FileRecord> + 'a {
        groups(Part::ReadGroup, self.0).map(|(record, _)| record)
    }

    /// The bytes of the groups.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

/// The groups of a 15 request or response, registers in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WriteFileRecords<'a>(&'a [u8]);

impl<'a> WriteFileRecords<'a> {
    /// Groups as they are on the wire: each the seven bytes of [`FileRecord::encode`], then its registers.
    ///
    /// # Errors
    /// A group that the standard refuses; offsets from the function code.
    pub fn from_bytes(groups: &'a [u8]) -> Result<Self, Error> {
        check(FunctionCode::WRITE_FILE_RECORD, Direction::Request, Part::WriteGroup, groups)
            .map(Self)
    }

    pub(crate) const fn wrap(groups: &'a [u8]) -> Self {
        Self(groups)
    }

    /// The groups in order, each with its registers.
    pub fn iter(&self) -> impl Iterator<Item = (FileRecord, Registers<'a>)> + 'a {
        groups(Part::WriteGroup, self.0)
    }

    /// The bytes of the groups.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

/// The sub-responses of a 14 response: the registers of each group, in the order of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FileData<'a>(&'a [u8]);

impl<'a> FileData<'a> {
    /// Sub-responses as they are on the wire: length, reference type, registers; the length counts the reference type.
    ///
    /// # Errors
    /// A sub-response that the standard refuses; offsets from the function code.
    pub fn from_bytes(groups: &'a [u8]) -> Result<Self, Error> {
        check(FunctionCode::READ_FILE_RECORD, Direction::Response, Part::SubResponse, groups)
            .map(Self)
    }

    pub(crate) const fn wrap(groups: &'a [u8]) -> Self {
        Self(groups)
    }

    /// The registers of each group.
    pub fn iter(&self) -> impl Iterator<Item = Registers<'a>> + 'a {
        groups(Part::SubResponse, self.0).map(|(_, registers)| registers)
    }

    /// The bytes of the sub-responses.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}
