//! CRC-16/IBM-3740, by a table of 512 bytes. The `crc` crate has it too; at opt-level z the linker finds a reachable panic in its digest, so
//! that crate stands beside this file in the tests.

const POLYNOMIAL: u16 = 0x1021;
const INIT: u16 = 0xFFFF;

#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)] // A byte, and a place below the length.
static TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut place = 0;
    while place < 256 {
        let (mut value, mut bit) = ((place as u16) << 8, 0);
        while bit < 8 {
            value = if value & 0x8000 == 0 { value << 1 } else { value << 1 ^ POLYNOMIAL };
            bit += 1;
        }
        table[place] = value;
        place += 1;
    }
    table
};

/// The CRC of these bytes.
pub(crate) fn crc(bytes: &[u8]) -> u16 {
    let mut crc = INIT;
    for byte in bytes {
        let [low, high] = crc.to_le_bytes();
        crc = u16::from_le_bytes([0, low]) ^ TABLE.get(usize::from(high ^ byte)).unwrap_or(&0);
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_that_of_the_catalogue() {
        let theirs = ::crc::Crc::<u16>::new(&::crc::CRC_16_IBM_3740);
        assert_eq!(crc(b"123456789"), 0x29B1);
        let mut bytes = std::vec::Vec::new();
        for byte in 0..=255_u8 {
            assert_eq!(crc(&bytes), theirs.checksum(&bytes));
            bytes.push(byte.wrapping_mul(151));
        }
    }
}
