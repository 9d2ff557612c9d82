//! The CRC-32 of words, which guards what is kept and what is sent.

use ::crc::{CRC_32_ISO_HDLC, Crc, NoTable};

static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// The CRC-32 of words, each the lowest byte first.
pub(crate) fn crc(words: &[u32]) -> u32 {
    crc_of(&mut words.iter().copied())
}

/// The same. One function for all of them: two calls of the crate's leave a shift in it that could overflow.
#[inline(never)]
pub(crate) fn crc_of(words: &mut dyn Iterator<Item = u32>) -> u32 {
    let mut digest = CRC.digest();
    for word in words {
        digest.update(&word.to_le_bytes());
    }
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_crc_of_the_bytes_of_the_words() {
        assert_eq!(crc(&[0x3433_3231, 0x3837_3635]), 0x9AE0_DAAF); // "12345678"
        assert_eq!(crc(&[]), 0);
    }
}
