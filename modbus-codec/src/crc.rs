//! The CRC that closes an RTU ADU: CRC-16/MODBUS, low byte first on the wire.

use ::crc::{CRC_16_MODBUS, Crc};

#[cfg(not(feature = "crc-table"))]
static BITWISE: Crc<u16, ::crc::NoTable> = Crc::<u16, ::crc::NoTable>::new(&CRC_16_MODBUS);
#[cfg(feature = "crc-table-large")]
static LARGE: Crc<u16, ::crc::Table<16>> = Crc::<u16, ::crc::Table<16>>::new(&CRC_16_MODBUS);

#[cfg(feature = "crc-table")]
const TABLE: [u16; 256] = {
    let [table] = *Crc::<u16, ::crc::Table<1>>::new(&CRC_16_MODBUS).table();
    table
};
/// The table as two of bytes: the index of the next step then waits for one load and one exclusive or.
#[cfg(feature = "crc-table")]
static LOW_AND_HIGH: [[u8; 256]; 2] = low_and_high();

#[cfg(feature = "crc-table")]
#[allow(clippy::indexing_slicing)] // When the crate is compiled.
const fn low_and_high() -> [[u8; 256]; 2] {
    let mut tables = [[0; 256]; 2];
    let mut index = 0;
    while index < 256 {
        [tables[0][index], tables[1][index]] = TABLE[index].to_le_bytes();
        index += 1;
    }
    tables
}

/// Shorter input is faster by the small table: the large one takes more of the cache.
#[cfg(feature = "crc-table-large")]
const LARGE_FROM_LEN: usize = 32;

/// The CRC-16/MODBUS of `bytes`: polynomial 0x8005 reflected, initial value 0xFFFF.
///
/// ```
/// // The catalogue's check value.
/// assert_eq!(modbus_codec::crc16(b"123456789"), 0x4B37);
/// ```
///
/// Spec: MODBUS over Serial Line V1.02, 6.2.2.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    #[cfg(feature = "crc-table-large")]
    if bytes.len() >= LARGE_FROM_LEN {
        return LARGE.checksum(bytes);
    }
    small(bytes)
}

#[cfg(not(feature = "crc-table"))]
fn small(bytes: &[u8]) -> u16 {
    BITWISE.checksum(bytes)
}

#[cfg(feature = "crc-table")]
fn small(bytes: &[u8]) -> u16 {
    let [lows, highs] = &LOW_AND_HIGH;
    // Two words rather than two bytes, which would be put together and taken apart at every step.
    let (mut low, mut high) = (0xFF_usize, 0xFF_usize);
    for byte in bytes {
        let index = low ^ usize::from(*byte);
        let at = |table: &[u8; 256]| table.get(index).copied().map_or(0, usize::from);
        (low, high) = (high ^ at(lows), at(highs));
    }
    (high << 8 | low) as u16
}

/// The same of the six bytes before the CRC of a short request: each has a table of its own among those of the large one, so
/// that no look-up waits for another.
#[cfg(feature = "fast-requests")]
#[inline(always)]
pub(crate) fn crc16_of_six(bytes: [u8; 6]) -> u16 {
    let [a, b, c, d, e, f] = bytes;
    // The initial value, 0xFFFF, meets the first two bytes only.
    let indices = [f, e, d, c, !b, !a];
    let words = LARGE.table().iter().zip(indices);
    words.fold(0, |crc, (table, index)| crc ^ table.get(usize::from(index)).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's own algorithm, bit by bit.
    fn by_the_clause(bytes: &[u8]) -> u16 {
        bytes.iter().fold(0xFFFF, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 }
            })
        })
    }

    #[test]
    fn equals_the_clause_at_every_length() {
        let bytes: [u8; 256] = core::array::from_fn(|i| (i as u8).wrapping_mul(167) ^ 0x5A);
        for len in 0..=bytes.len() {
            assert_eq!(crc16(&bytes[..len]), by_the_clause(&bytes[..len]), "{len} bytes");
        }
    }

    #[test]
    #[cfg(feature = "fast-requests")]
    fn the_crc_of_six_bytes_is_the_same() {
        for seed in 0..=255_u8 {
            let bytes =
                core::array::from_fn(|i| (i as u8).wrapping_mul(83).wrapping_add(seed) ^ 0x5A);
            assert_eq!(crc16_of_six(bytes), by_the_clause(&bytes), "{bytes:02X?}");
        }
    }
}
