//! A sentence with numbers that is made in `const`, where nothing can be formatted: what the compiler says of a wrong plan.

/// A text of at most [`Message::LEN_MAX`] bytes.
#[derive(Clone, Copy)]
pub(super) struct Message {
    bytes: [u8; Self::LEN_MAX],
    len: usize,
}

// Each index is below a length, so that nothing wraps and nothing is out of bounds.
#[allow(clippy::indexing_slicing)]
impl Message {
    pub(super) const LEN_MAX: usize = 240;

    pub(super) const fn new() -> Self {
        Self { bytes: [0; Self::LEN_MAX], len: 0 }
    }

    pub(super) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() {
            self = self.byte(text[index]);
            index = index.wrapping_add(1);
        }
        self
    }

    pub(super) const fn number(mut self, number: u64) -> Self {
        let mut place = 1;
        while number / place > 9 {
            place = place.wrapping_mul(10);
        }
        while place > 0 {
            self = self.byte(b'0' + (number / place % 10) as u8);
            place /= 10;
        }
        self
    }

    pub(super) const fn signed(self, number: i64) -> Self {
        if number < 0 {
            return self.text("-").number(number.unsigned_abs());
        }
        self.number(number.unsigned_abs())
    }

    const fn byte(mut self, byte: u8) -> Self {
        if self.len < Self::LEN_MAX {
            self.bytes[self.len] = byte;
            self.len = self.len.wrapping_add(1);
        }
        self
    }

    pub(super) const fn as_str(&self) -> &str {
        let Some((text, _)) = self.bytes.split_at_checked(self.len) else { return "" };
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "a message that was cut inside a character",
        }
    }
}
