//! 14 Read File Record and 15 Write File Record: groups of registers in files.
//!
//! ```text
//! 14 request:   | 14 | byte count | ref. type 06 | file 2 | record 2 | length 2 | ...groups of 7
//! 14 response:  | 14 | byte count | length 1 | ref. type 06 | length - 1 bytes of registers | ...
//! 15 both ways: | 15 | byte count | ref. type 06 | file 2 | record 2 | length 2 | registers | ...
//! ```

use crate::Registers;
use crate::body::Body;
use crate::layout::{Layout, Part};
use crate::pdu::{EncodeError, Error, Expected, Field, LEN_MAX, saturate};
use crate::reader::Reader;
use crate::writer::Writer;

/// The reference type: always 6.
pub const REFERENCE_TYPE: u8 = 6;
/// The highest record number.
pub const RECORD_NUMBER_MAX: u16 = 9999;

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
        let mut body = Body::part();
        let Self { file_number, record_number, record_length } = *self;
        body.words = [REFERENCE_TYPE.into(), file_number, record_number, record_length, 0, 0];
        let mut writer = Writer::new(buffer);
        body.write_items(Layout::of_part(Part::FileRecord), &mut writer);
        let written = writer.finish()?;
        ReadFileRecords::from_bytes(written)?;
        Ok(written)
    }
}

/// The most registers that one group can bring back: 253 bytes less function, byte count, length and reference type.
const READ_LENGTH_MAX: u16 = 124;
/// The most registers that one group can carry: 253 bytes less function, byte count and the group's seven.
const WRITE_LENGTH_MAX: u16 = 122;
/// An answer to 14 has so many bytes for its sub-responses: their lengths, reference types and registers.
const ROOM: u16 = 2 * READ_LENGTH_MAX + 2;

/// The byte counts of a 14 request: whole groups.
pub(crate) const READ_BYTES: Expected = Expected::MultipleOf { of: 7, min: 7, max: 0xF5 };
/// The byte counts of 15: from one group of one register.
pub(crate) const WRITE_BYTES: Expected = Expected::Between { min: 9, max: LEN_MAX as u16 - 2 };
/// The byte counts of a 14 response: from one sub-response of one register.
pub(crate) const DATA_BYTES: Expected = Expected::Between { min: 4, max: LEN_MAX as u16 - 2 };

/// The three forms of a group.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    /// Of a 14 request.
    Read,
    /// Of a 14 response.
    Data,
    /// Of 15.
    Write,
}

impl Form {
    /// Reads the groups in as many bytes.
    pub(crate) fn read<'a>(self, byte_count: u16, reader: &mut Reader<'a>) -> &'a [u8] {
        let bytes = reader.take(Field::RecordData, byte_count);
        reader.again(bytes, |reader| {
            let mut room = ROOM;
            while !reader.rest().is_empty() {
                self.group(reader, &mut room);
            }
        });
        bytes
    }

    /// Groups that the caller gives.
    fn check(self, expected: Expected, bytes: &[u8]) -> Result<&[u8], Error> {
        let len = saturate(bytes.len());
        let mut reader = Reader::new(bytes, 2);
        reader.check(Field::ByteCount, 1, &expected, len);
        self.read(len, &mut reader);
        reader.finish()?;
        Ok(bytes)
    }

    /// Reads one group; `room` is what the answer to 14 has left for it and for those after it.
    fn group<'a>(self, reader: &mut Reader<'a>, room: &mut u16) -> (FileRecord, &'a [u8]) {
        let is_data = self == Self::Data;
        let mut body = Body::part();
        let part = if is_data { Part::FileResponse } else { Part::FileRecord };
        body.read(Layout::of_part(part), reader);
        let [first, file_number, record_number, record_length, ..] = body.words;
        let bytes = record_length.wrapping_mul(2);
        let (max, len) = match self {
            Self::Read => (room.saturating_sub(2) / 2, 0),
            Self::Write => (WRITE_LENGTH_MAX, bytes),
            Self::Data => (0, first.wrapping_sub(1)),
        };
        if !is_data {
            let offset = reader.offset().wrapping_sub(2);
            let expected = Expected::Between { min: 1, max };
            reader.check(Field::RecordLength, offset, &expected, record_length);
        }
        *room = room.saturating_sub(bytes.wrapping_add(2));
        let data = reader.take(Field::RecordData, len);
        (FileRecord { file_number, record_number, record_length }, data)
    }

    /// The groups in bytes that have been checked.
    fn groups(self, bytes: &[u8]) -> impl Iterator<Item = (FileRecord, &[u8])> {
        let (mut reader, mut room) = (Reader::new(bytes, 0), ROOM);
        core::iter::from_fn(move || {
            (!reader.rest().is_empty()).then(|| self.group(&mut reader, &mut room))
        })
    }
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
        Form::Read.check(READ_BYTES, groups).map(Self)
    }

    pub(crate) const fn wrap(groups: &'a [u8]) -> Self {
        Self(groups)
    }

    /// The groups in order.
    pub fn iter(&self) -> impl Iterator<Item = FileRecord> + 'a {
        Form::Read.groups(self.0).map(|(record, _)| record)
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
        Form::Write.check(WRITE_BYTES, groups).map(Self)
    }

    pub(crate) const fn wrap(groups: &'a [u8]) -> Self {
        Self(groups)
    }

    /// The groups in order, each with its registers.
    pub fn iter(&self) -> impl Iterator<Item = (FileRecord, Registers<'a>)> + 'a {
        Form::Write.groups(self.0).map(|(record, bytes)| (record, Registers::wrap(bytes)))
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
        Form::Data.check(DATA_BYTES, groups).map(Self)
    }

    pub(crate) const fn wrap(groups: &'a [u8]) -> Self {
        Self(groups)
    }

    /// The registers of each group.
    pub fn iter(&self) -> impl Iterator<Item = Registers<'a>> + 'a {
        Form::Data.groups(self.0).map(|(_, bytes)| Registers::wrap(bytes))
    }

    /// The bytes of the sub-responses.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}
