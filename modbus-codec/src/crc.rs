//! The CRC that closes an RTU ADU: CRC-16/MODBUS, low byte first on the wire.

use ::crc::{CRC_16_MODBUS, Crc};

#[cfg(not(feature = "crc-table"))]
type Small = ::crc::NoTable;
#[cfg(feature = "crc-table")]
type Small = ::crc::Table<1>;

static SMALL: Crc<u16, Small> = Crc::<u16, Small>::new(&CRC_16_MODBUS);
#[cfg(feature = "crc-table-large")]
static LARGE: Crc<u16, ::crc::Table<16>> = Crc::<u16, ::crc::Table<16>>::new(&CRC_16_MODBUS);

/// Below this many bytes the large table costs more cache than it saves time.
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
    SMALL.checksum(bytes)
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
}
