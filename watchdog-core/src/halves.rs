//! Two halves side by side, the low one first.

/// A word of two halves.
#[inline(always)]
pub(crate) const fn word(low: u16, high: u16) -> u32 {
    let ([a, b], [c, d]) = (low.to_le_bytes(), high.to_le_bytes());
    u32::from_le_bytes([a, b, c, d])
}

/// The halves of a word.
#[inline(always)]
pub(crate) const fn of_word(word: u32) -> [u16; 2] {
    let [a, b, c, d] = word.to_le_bytes();
    [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])]
}

/// A number of two words.
#[inline(always)]
pub(crate) const fn number(low: u32, high: u32) -> u64 {
    let ([a, b, c, d], [e, f, g, h]) = (low.to_le_bytes(), high.to_le_bytes());
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The words of a number.
#[inline(always)]
pub(crate) const fn of_number(number: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_low_half_is_first() {
        assert_eq!(word(0x1234, 0xABCD), 0xABCD_1234);
        assert_eq!(of_word(0xABCD_1234), [0x1234, 0xABCD]);
        assert_eq!(number(0x1234_5678, 0x9ABC_DEF0), 0x9ABC_DEF0_1234_5678);
        assert_eq!(of_number(0x9ABC_DEF0_1234_5678), [0x1234_5678, 0x9ABC_DEF0]);
    }
}
