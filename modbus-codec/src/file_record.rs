//! 14 Read File Record and 15 Write File Record: groups of registers in files.
//!
//! ```text
//! 14 request:   | 14 | byte count | ref. type 06 | file 2 | record 2 | length 2 | ...groups of 7
//! 14 response:  | 14 | byte count | length 1 | ref. type 06 | length - 1 bytes of registers | ...
//! 15 both ways: | 15 | byte count | ref. type 06 | file 2 | record 2 | length 2 | registers | ...
//! ```

use crate::Registers;
use crate::pdu::{EncodeError, Error, Expected, Field, LEN_MAX};
use crate::reader::{Reader, check, saturate};
use crate::request::write_raw;
use crate::writer::Writer;

/// The reference type: always 6.
pub const REFERENCE_TYPE: u8 = 6;
/// The highest record number.
pub const RECORD_NUMBER_MAX: u16 = 9999;

const GROUP_LEN: u8 = 7;
const FILE_NUMBER: Expected = Expected::Between { min: 1, max: u16::MAX };
const RECORD_NUMBER: Expected = Expected::Between { min: 0, max: RECORD_NUMBER_MAX };
const ONE_KIND: Expected = Expected::Exactly(REFERENCE_TYPE as u16);

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
    fn read(reader: &mut Reader<'_>, length: Expected) -> Result<Self, Error> {
        reader.u8_of(Field::ReferenceType, ONE_KIND)?;
        Ok(Self {
            file_number: reader.u16_of(Field::FileNumber, FILE_NUMBER)?,
            record_number: reader.u16_of(Field::RecordNumber, RECORD_NUMBER)?,
            record_length: reader.u16_of(Field::RecordLength, length)?,
        })
    }

    /// Writes the group's seven bytes to the front of `buffer`.
    ///
    /// # Errors
    /// A buffer that is too small, or a field out of its range.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], EncodeError> {
        let checks = [
            (Field::FileNumber, FILE_NUMBER, self.file_number),
            (Field::RecordNumber, RECORD_NUMBER, self.record_number),
            (
                Field::RecordLength,
                Expected::Between { min: 1, max: READ_LENGTH_MAX },
                self.record_length,
            ),
        ];
        for (field, expected, got) in checks {
            if !expected.allows(got) {
                return Err(EncodeError::Value { field, expected, got });
            }
        }
        let mut writer = Writer::new(buffer);
        writer.u8(REFERENCE_TYPE);
        writer.u16(self.file_number);
        writer.u16(self.record_number);
        writer.u16(self.record_length);
        writer.finish()
    }
}

/// The most registers that one group can bring back: 253 bytes less function, byte count, length and reference type.
const READ_LENGTH_MAX: u16 = 124;

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
        Self::checked(groups, 1, 2)
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let at = reader.offset();
        let byte_count = reader.u8_of(Field::ByteCount, GROUPS)?;
        let offset = reader.offset();
        Self::checked(reader.take(Field::RecordData, byte_count.into())?, at, offset)
    }

    fn checked(groups: &'a [u8], count_at: u16, offset: u16) -> Result<Self, Error> {
        check(Field::ByteCount, count_at, GROUPS, saturate(groups.len()))?;
        let mut reader = Reader::new(groups, offset);
        let mut room = READ_LENGTH_MAX.saturating_mul(2).saturating_add(2);
        while !reader.is_empty() {
            // What the answer to this group takes: its length byte, its reference type, its registers.
            let max = room.saturating_sub(2) / 2;
            let record = FileRecord::read(&mut reader, Expected::Between { min: 1, max })?;
            room = room.saturating_sub(record.record_length.saturating_mul(2).saturating_add(2));
        }
        Ok(Self(groups))
    }

    /// The groups in order.
    pub fn iter(&self) -> impl Iterator<Item = FileRecord> + 'a {
        let mut reader = Reader::new(self.0, 0);
        let any = Expected::Between { min: 0, max: u16::MAX };
        core::iter::from_fn(move || FileRecord::read(&mut reader, any).ok())
    }

    /// The bytes of the groups.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        writer.u8(saturate(self.0.len()) as u8);
        write_raw(writer, self.0, 2)
    }
}

/// The byte counts of whole groups.
const GROUPS: Expected = Expected::MultipleOf { of: GROUP_LEN, min: GROUP_LEN, max: 0xF5 };

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
        Self::checked(groups, 1, 2)
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let at = reader.offset();
        let byte_count = reader.u8_of(Field::ByteCount, WRITE_BYTES)?;
        let offset = reader.offset();
        Self::checked(reader.take(Field::RecordData, byte_count.into())?, at, offset)
    }

    fn checked(groups: &'a [u8], count_at: u16, offset: u16) -> Result<Self, Error> {
        check(Field::ByteCount, count_at, WRITE_BYTES, saturate(groups.len()))?;
        let mut reader = Reader::new(groups, offset);
        while !reader.is_empty() {
            Self::group(&mut reader)?;
        }
        Ok(Self(groups))
    }

    fn group(reader: &mut Reader<'a>) -> Result<(FileRecord, Registers<'a>), Error> {
        let expected = Expected::Between { min: 1, max: WRITE_LENGTH_MAX };
        let record = FileRecord::read(reader, expected)?;
        let bytes = reader.take(Field::RecordData, record.record_length.wrapping_mul(2))?;
        Ok((record, Registers::wrap(bytes)))
    }

    /// The groups in order, each with its registers.
    pub fn iter(&self) -> impl Iterator<Item = (FileRecord, Registers<'a>)> + 'a {
        let mut reader = Reader::new(self.0, 0);
        core::iter::from_fn(move || Self::group(&mut reader).ok())
    }

    /// The bytes of the groups.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        writer.u8(saturate(self.0.len()) as u8);
        write_raw(writer, self.0, 2)
    }
}

/// The byte counts of 15: from one group of one register.
const WRITE_BYTES: Expected = Expected::Between { min: 9, max: (LEN_MAX - 2) as u16 };
/// The most registers that one group can carry: 253 bytes less function, byte count and the group's seven.
const WRITE_LENGTH_MAX: u16 = 122;

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
        Self::checked(groups, 1, 2)
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let at = reader.offset();
        let byte_count = reader.u8_of(Field::ByteCount, DATA_BYTES)?;
        let offset = reader.offset();
        Self::checked(reader.take(Field::RecordData, byte_count.into())?, at, offset)
    }

    fn checked(groups: &'a [u8], count_at: u16, offset: u16) -> Result<Self, Error> {
        check(Field::ByteCount, count_at, DATA_BYTES, saturate(groups.len()))?;
        let mut reader = Reader::new(groups, offset);
        while !reader.is_empty() {
            Self::group(&mut reader)?;
        }
        Ok(Self(groups))
    }

    fn group(reader: &mut Reader<'a>) -> Result<Registers<'a>, Error> {
        let expected = Expected::Odd { min: 3, max: 0xF9 };
        let len = reader.u8_of(Field::FileResponseLength, expected)?;
        reader.u8_of(Field::ReferenceType, ONE_KIND)?;
        reader.take(Field::RecordData, u16::from(len).wrapping_sub(1)).map(Registers::wrap)
    }

    /// The registers of each group.
    pub fn iter(&self) -> impl Iterator<Item = Registers<'a>> + 'a {
        let mut reader = Reader::new(self.0, 0);
        core::iter::from_fn(move || Self::group(&mut reader).ok())
    }

    /// The bytes of the sub-responses.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        writer.u8(saturate(self.0.len()) as u8);
        write_raw(writer, self.0, 2)
    }
}

/// The byte counts of a 14 response: from one sub-response of one register.
const DATA_BYTES: Expected = Expected::Between { min: 4, max: (LEN_MAX - 2) as u16 };
