//! Takes fields off the front of a PDU. The first failure is kept, what is read after it is zero or empty, and
//! [`Reader::finish`] tells it: so the many places that read need no way out of their own, which is most of their size.

use crate::pdu::{Error, Expected, Field, SaidBy, saturate};

pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: u16,
    error: Option<Error>,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which begin `offset` bytes into the caller's input.
    pub(crate) const fn new(bytes: &'a [u8], offset: u16) -> Self {
        Self { rest: bytes, offset, error: None }
    }

    /// A number of `len` bytes that is checked.
    pub(crate) fn number(&mut self, field: Field, len: u16, expected: &Expected) -> u16 {
        let offset = self.offset;
        let bytes = self.take_of(field, len, SaidBy::Layout);
        let value = bytes.iter().fold(0, |number, byte| number << 8 | u16::from(*byte));
        self.check(field, offset, expected, value);
        value
    }

    /// As many bytes as a length field said.
    pub(crate) fn take(&mut self, field: Field, len: u16) -> &'a [u8] {
        self.take_of(field, len, SaidBy::LengthField)
    }

    pub(crate) fn take_rest(&mut self) -> &'a [u8] {
        self.offset = self.offset.wrapping_add(saturate(self.rest.len()));
        core::mem::take(&mut self.rest)
    }

    /// Reads the last bytes that were taken once more, by what is in them.
    pub(crate) fn again(&mut self, bytes: &'a [u8], read: impl FnOnce(&mut Self)) {
        let after = core::mem::replace(&mut self.rest, bytes);
        self.offset = self.offset.wrapping_sub(saturate(bytes.len()));
        read(self);
        if self.rest.is_empty() && self.error.is_none() {
            self.rest = after;
        }
    }

    /// The bytes that were read since the reader had `rest` left.
    pub(crate) fn since(&self, rest: &'a [u8]) -> &'a [u8] {
        rest.get(..rest.len().wrapping_sub(self.rest.len())).unwrap_or_default()
    }

    pub(crate) fn check(&mut self, field: Field, offset: u16, expected: &Expected, got: u16) {
        if !expected.allows(got) {
            self.fail(Error::Value { field, offset, expected: *expected, got });
        }
    }

    pub(crate) fn fail(&mut self, error: Error) {
        self.rest = &[];
        self.error.get_or_insert(error);
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn offset(&self) -> u16 {
        self.offset
    }

    /// Whether nothing failed and nothing is left.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        if !self.rest.is_empty() {
            self.fail(Error::Trailing { offset: self.offset, len: saturate(self.rest.len()) });
        }
        match self.error {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    fn take_of(&mut self, field: Field, required: u16, said_by: SaidBy) -> &'a [u8] {
        let Some((taken, rest)) = self.rest.split_at_checked(required.into()) else {
            let (offset, available) = (self.offset, saturate(self.rest.len()));
            self.fail(Error::Short { field, offset, required, available, said_by });
            return &[];
        };
        self.rest = rest;
        self.offset = self.offset.wrapping_add(required);
        taken
    }
}
