//! Takes fields off the front of a PDU. The first failure is kept, a field that is not there is zero or empty, and
//! [`Reader::finish`] tells the failure: so the many places that read need no way out of their own, which is most of their size.

use crate::error::{Error, SaidBy, saturate};
use crate::field::{Expected, Field};

#[derive(Clone, Debug)]
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

    /// The rest of the bytes, at most `max`.
    pub(crate) fn take_rest(&mut self, max: u16) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(max.into()).unwrap_or((self.rest, &[]));
        self.rest = rest;
        self.offset = self.offset.wrapping_add(saturate(taken.len()));
        taken
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

    /// Reads no further than so many bytes from here.
    #[cfg_attr(not(feature = "extended-functions"), allow(dead_code))]
    pub(crate) fn limit(&mut self, field: Field, len: u16) {
        let offset = self.offset;
        self.rest = self.take(field, len);
        self.offset = offset;
    }

    /// Goes on with `bytes`, which begin `offset` bytes into the caller's input.
    #[cfg_attr(not(feature = "extended-functions"), allow(dead_code))]
    pub(crate) const fn resume(&mut self, bytes: &'a [u8], offset: u16) {
        (self.rest, self.offset) = (bytes, offset);
    }

    /// Forgets a wrong value and goes on with `rest`. Whether nothing is wrong then: missing bytes are not forgotten.
    pub(crate) fn forgive(&mut self, rest: &'a [u8]) -> bool {
        if let Some(Error::Value { .. }) = self.error {
            (self.error, self.rest) = (None, rest);
        }
        self.error.is_none()
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
            let len = saturate(self.rest.len());
            self.fail(Error::Trailing { offset: self.offset, len });
        }
        match self.error {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    #[inline(never)]
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
