//! Puts fields at the front of the caller's buffer.
//!
//! A write past the end is only counted: the length is then that of a buffer that would have been long enough.

pub(crate) struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }

    pub(crate) fn u8(&mut self, value: u8) {
        if let Some(place) = self.buffer.get_mut(self.len) {
            *place = value;
        }
        self.len = self.len.wrapping_add(1);
    }

    /// A number of one byte or of two.
    pub(crate) fn uint(&mut self, value: u16, len: u16) {
        if len == 2 {
            self.u8((value >> 8) as u8);
        }
        self.u8(value as u8);
    }

    #[inline(never)]
    pub(crate) fn bytes(&mut self, values: &[u8]) {
        let room = self.buffer.get_mut(self.len..).unwrap_or_default();
        for (place, value) in room.iter_mut().zip(values) {
            *place = *value;
        }
        self.len = self.len.wrapping_add(values.len());
    }

    /// How many bytes were written or would have been.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}
