//! A hash of 32 bits, FNV-1a: the fingerprint of a plan, and the file of a panic.

/// The hash of a path, by which [`Cause::Panic`](crate::Cause::Panic) names the file of a panic. The path is that of the compiler:
/// `file!()` in that file.
///
/// ```
/// assert_eq!(watchdog_core::file_hash("foobar"), 0xBF9C_F968);
/// ```
///
/// Spec: the FNV Non-Cryptographic Hash Algorithm, FNV-1a, 32 bits.
#[must_use]
pub const fn file_hash(path: &str) -> u32 {
    Hash::NEW.bytes(path.as_bytes()).0
}

/// A hash that is being made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hash(u32);

impl Hash {
    pub(crate) const NEW: Self = Self(0x811C_9DC5);

    pub(crate) const fn value(self) -> u32 {
        self.0
    }

    pub(crate) const fn word(self, word: u32) -> Self {
        self.bytes(&word.to_le_bytes())
    }

    /// A text, and its end: two texts side by side are not one.
    pub(crate) const fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0xFF])
    }

    const fn bytes(mut self, mut bytes: &[u8]) -> Self {
        while let [byte, rest @ ..] = bytes {
            self.0 = (self.0 ^ *byte as u32).wrapping_mul(0x0100_0193);
            bytes = rest;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_fnv_1a() {
        // From the test suite of the FNV reference code.
        for (text, hash) in [("", 0x811C_9DC5), ("a", 0xE40C_292C), ("foobar", 0xBF9C_F968)] {
            assert_eq!(file_hash(text), hash);
        }
    }

    #[test]
    fn texts_side_by_side_are_not_one() {
        let value = |one: &str, other: &str| Hash::NEW.text(one).text(other).value();
        assert_ne!(value("ab", "c"), value("a", "bc"));
        assert_ne!(Hash::NEW.word(1).value(), Hash::NEW.word(1 << 24).value());
    }
}
