//! A sentence with names and numbers that is made in `const`, where nothing can be formatted: what the compiler says of a wrong table.

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

    pub(super) const fn number(mut self, number: u32) -> Self {
        let (mut left, mut digits, mut len) = (number, [b'0'; 10], 0);
        while left > 0 && len < digits.len() {
            digits[len] = b'0' + (left % 10) as u8;
            left /= 10;
            len = len.wrapping_add(1);
        }
        if len == 0 {
            len = 1;
        }
        while len > 0 {
            len = len.wrapping_sub(1);
            self = self.byte(digits[len]);
        }
        self
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
            Err(error) => match text.split_at_checked(error.valid_up_to()) {
                Some((valid, _)) => match core::str::from_utf8(valid) {
                    Ok(valid) => valid,
                    Err(_) => "",
                },
                None => "",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_a_sentence() {
        let message = Message::new().text("0: ").number(0).text(", ").number(u32::MAX).text(".");
        assert_eq!(message.as_str(), "0: 0, 4294967295.");
    }

    #[test]
    fn a_sentence_that_is_too_long_is_cut_before_a_character() {
        let message = Message::new().text(&"x".repeat(239)).text("é");
        assert_eq!(message.as_str(), "x".repeat(239));
        let message = Message::new().text(&"x".repeat(240)).text("y");
        assert_eq!(message.as_str(), "x".repeat(240));
    }
}
