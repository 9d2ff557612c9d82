//! The description of an event: typed fields, which each output writes in its own way.
//!
//! ```text
//! lane's event ── describe ──▶ Field { name, value, text } ──▶ text, jsonl
//! ```

use std::fmt;

use crate::severity::Severity;

/// Anything that consists of fields.
pub(crate) trait Describe {
    /// Shows the fields in their order.
    fn describe(&self, visitor: &mut dyn Visitor);
}

/// An output that takes fields.
pub(crate) trait Visitor {
    fn field(&mut self, field: Field<'_>);
}

/// A field of an event.
pub(crate) struct Field<'a> {
    /// The name for programs.
    pub(crate) name: &'static str,
    /// The value for programs.
    pub(crate) value: Value<'a>,
    /// The words for people.
    pub(crate) text: Text<'a>,
}

/// A value by its type.
pub(crate) enum Value<'a> {
    Unsigned(u64),
    Signed(i64),
    Text(&'a str),
    /// Bytes, to be shown in hex.
    Hex(&'a [u8]),
    /// Bits, eight a byte, the lowest first.
    Bits {
        bytes: &'a [u8],
        count: usize,
    },
    /// Numbers of 16 bits, the high byte first.
    Words(&'a [u8]),
    Object(&'a dyn Describe),
    Objects(&'a [&'a dyn Describe]),
}

/// The words for people.
pub(crate) enum Text<'a> {
    /// None: another field says the same.
    Hidden,
    /// The name and the value; the fields of an object one by one.
    Pair,
    Words(fmt::Arguments<'a>),
    Marked(Severity, fmt::Arguments<'a>),
}

impl<'a> Value<'a> {
    /// The bits of `Value::Bits`.
    pub(crate) fn bits(bytes: &'a [u8], count: usize) -> impl Iterator<Item = bool> + Clone + 'a {
        let bits = bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
        bits.take(count)
    }

    /// The numbers of `Value::Words`.
    pub(crate) fn words(bytes: &'a [u8]) -> impl Iterator<Item = u16> + Clone + 'a {
        bytes
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |word, byte| word << 8 | u16::from(*byte)))
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble & 0x0F)).copied().unwrap_or(b'0');
        let mut digits = [0; 64];
        for bytes in self.0.chunks(digits.len() / 2) {
            for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
                pair.copy_from_slice(&[digit(byte >> 4), digit(*byte)]);
            }
            let shown = digits.get(..bytes.len() * 2).unwrap_or_default();
            f.write_str(std::str::from_utf8(shown).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Microseconds with the unit that suits them.
pub(crate) struct Duration(pub(crate) i64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            us @ ..10_000 => write!(f, "{us} us"),
            us @ 10_000..10_000_000 => write!(f, "{}.{} ms", us / 1_000, us % 1_000 / 100),
            us => write!(f, "{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
        }
    }
}
