//! Takes fields off the front of a PDU; every read says which field it is, so that every failure can.

use crate::pdu::{Error, Expected, Field, SaidBy};

#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: u16,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which begin `offset` bytes into the caller's input.
    pub(crate) const fn new(bytes: &'a [u8], offset: u16) -> Self {
        Self { rest: bytes, offset }
    }

    pub(crate) fn u8(&mut self, field: Field) -> Result<u8, Error> {
        let Some((first, rest)) = self.rest.split_first() else {
            return Err(self.short(field, 1, SaidBy::Layout));
        };
        self.rest = rest;
        self.offset = self.offset.wrapping_add(1);
        Ok(*first)
    }

    pub(crate) fn u16(&mut self, field: Field) -> Result<u16, Error> {
        let Some((first, rest)) = self.rest.split_first_chunk::<2>() else {
            return Err(self.short(field, 2, SaidBy::Layout));
        };
        self.rest = rest;
        self.offset = self.offset.wrapping_add(2);
        Ok(u16::from_be_bytes(*first))
    }

    /// A byte whose value is `expected`.
    pub(crate) fn u8_of(&mut self, field: Field, expected: Expected) -> Result<u8, Error> {
        let got = self.u8(field)?;
        check(field, self.offset.wrapping_sub(1), expected, got.into())?;
        Ok(got)
    }

    /// Two bytes whose value is `expected`.
    pub(crate) fn u16_of(&mut self, field: Field, expected: Expected) -> Result<u16, Error> {
        let got = self.u16(field)?;
        check(field, self.offset.wrapping_sub(2), expected, got)?;
        Ok(got)
    }

    /// As many bytes as a length field said.
    pub(crate) fn take(&mut self, field: Field, len: u16) -> Result<&'a [u8], Error> {
        let Some((taken, rest)) = self.rest.split_at_checked(usize::from(len)) else {
            return Err(self.short(field, len, SaidBy::LengthField));
        };
        self.rest = rest;
        self.offset = self.offset.wrapping_add(len);
        Ok(taken)
    }

    pub(crate) fn take_rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    #[cfg(feature = "extended-functions")]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) const fn offset(&self) -> u16 {
        self.offset
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Error::Trailing { offset: self.offset, len: saturate(self.rest.len()) })
    }

    fn short(&self, field: Field, required: u16, said_by: SaidBy) -> Error {
        let available = saturate(self.rest.len());
        Error::Short { field, offset: self.offset, required, available, said_by }
    }
}

#[inline(never)]
pub(crate) fn check(field: Field, offset: u16, expected: Expected, got: u16) -> Result<(), Error> {
    if expected.allows(got) {
        return Ok(());
    }
    Err(Error::Value { field, offset, expected, got })
}

/// Lengths in errors are 16 bits wide; input longer than that is refused anyway.
pub(crate) fn saturate(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}
