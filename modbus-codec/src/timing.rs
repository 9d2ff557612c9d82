//! How long a character takes, and how long the silences that delimit RTU frames are.
//!
//! ```text
//! | frame |<-- t3.5 or more -->| frame ... no gap of t1.5 or more inside ... |<-- t3.5 or more -->|
//! ```
//!
//! | baud | character | t1.5 | t3.5 |
//! |---|---|---|---|
//! | 9,600 | 1,146 us | 1,719 us | 4,011 us |
//! | 19,200 | 573 us | 860 us | 2,006 us |
//! | above 19,200 | 11 bits | 750 us | 1,750 us |

/// The bits of a character by the standard: start, eight data, parity, stop; or two stop bits without parity.
pub const CHARACTER_BITS: u8 = 11;
/// Above this rate the silences are fixed.
const FIXED_ABOVE_BAUD: u32 = 19_200;
const FIXED_T1_5_US: u32 = 750;
const FIXED_T3_5_US: u32 = 1_750;

/// The times of an RTU line, in microseconds, each rounded up.
///
/// ```
/// use modbus_codec::timing::Rtu;
/// let line = Rtu::at_baud(9_600);
/// assert_eq!((line.t1_5_us(), line.t3_5_us()), (1_719, 4_011));
/// assert_eq!(Rtu::at_baud(115_200).t3_5_us(), 1_750);
/// ```
///
/// Spec: MODBUS over Serial Line V1.02, 2.5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rtu {
    baud: u32,
    character_bits: u8,
}

impl Rtu {
    /// A line of 11-bit characters at `baud`; 0 counts as 1.
    #[must_use]
    pub const fn at_baud(baud: u32) -> Self {
        Self { baud: if baud == 0 { 1 } else { baud }, character_bits: CHARACTER_BITS }
    }

    /// The same line with characters of other than 11 bits: 10 are common in the field, where a line has neither parity
    /// nor a second stop bit. Ends at 7 and 12.
    #[must_use]
    pub const fn with_character_bits(self, bits: u8) -> Self {
        let character_bits = match bits {
            0..=7 => 7,
            8..=12 => bits,
            _ => 12,
        };
        Self { character_bits, ..self }
    }

    /// The time of `count` characters; ends at `u32::MAX`.
    #[must_use]
    pub const fn characters_us(self, count: u32) -> u32 {
        self.half_characters_us(count.saturating_mul(2))
    }

    /// The time of a character, rounded down: what is left of a pause between chunks is then not less than the silence was.
    pub(crate) const fn character_floor_us(self) -> u32 {
        match (self.character_bits as u32 * 1_000_000).checked_div(self.baud) {
            Some(us) => us,
            None => 0,
        }
    }

    /// The longest silence inside a frame.
    #[must_use]
    pub const fn t1_5_us(self) -> u32 {
        if self.baud > FIXED_ABOVE_BAUD { FIXED_T1_5_US } else { self.half_characters_us(3) }
    }

    /// The shortest silence between frames.
    #[must_use]
    pub const fn t3_5_us(self) -> u32 {
        if self.baud > FIXED_ABOVE_BAUD { FIXED_T3_5_US } else { self.half_characters_us(7) }
    }

    /// How long an RS-485 driver must stay enabled to send `len` bytes: until the last stop bit has left.
    #[must_use]
    pub const fn driver_enable_us(self, len: u16) -> u32 {
        self.characters_us(len as u32)
    }

    /// Called when a line is set up, not for each byte: 64-bit division is slow on small targets.
    const fn half_characters_us(self, halves: u32) -> u32 {
        let doubled = halves as u64 * self.character_bits as u64 * 1_000_000;
        let divisor = 2 * self.baud as u64;
        match doubled.wrapping_add(divisor.wrapping_sub(1)).checked_div(divisor) {
            Some(us) if us <= u32::MAX as u64 => us as u32,
            _ => u32::MAX,
        }
    }
}

/// The earlier of two deadlines, each of which there may be none of.
pub(crate) fn earlier(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silences_are_computed_up_to_and_at_19200_and_fixed_above() {
        let table = [
            (1_200, 13_750, 32_084),
            (9_600, 1_719, 4_011),
            (19_200, 860, 2_006),
            (19_201, 750, 1_750),
            (38_400, 750, 1_750),
            (115_200, 750, 1_750),
        ];
        for (baud, t1_5_us, t3_5_us) in table {
            let line = Rtu::at_baud(baud);
            assert_eq!((line.t1_5_us(), line.t3_5_us()), (t1_5_us, t3_5_us), "{baud}");
        }
    }

    #[test]
    fn ten_bit_characters_are_shorter() {
        let line = Rtu::at_baud(9_600).with_character_bits(10);
        assert_eq!((line.characters_us(1), line.t3_5_us()), (1_042, 3_646));
        assert_eq!(line.driver_enable_us(8), 8_334);
    }

    #[test]
    fn nothing_overflows_at_the_edges() {
        assert_eq!(Rtu::at_baud(0).characters_us(u32::MAX), u32::MAX);
        assert_eq!(Rtu::at_baud(u32::MAX).characters_us(0), 0);
        assert_eq!(Rtu::at_baud(1).with_character_bits(255).characters_us(1), 12_000_000);
        assert_eq!(Rtu::at_baud(1).with_character_bits(255).character_floor_us(), 12_000_000);
    }
}
