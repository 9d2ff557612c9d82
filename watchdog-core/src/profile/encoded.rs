//! A profile in bytes.
//!
//! ```text
//! offset  0         1          2          3       4      8       12      16      24          28         32        36         40       104
//!         version   halvings   drifting   0       count  min_us  max_us  sum_us  average_16  jitter_16  cusum_us  budget_us  buckets  CRC-32
//!         1         1          1          1       4      4       4       8       4           4          4         4          32 * 2   4
//! ```
//!
//! Numbers have their lowest byte first.

use super::{BUCKETS, Profile};
use crate::crc::crc;
use crate::decode_error::DecodeError;
use crate::halves;

const VERSION: u8 = 1;
const WORDS: usize = (Profile::LEN - 4) / 4;
const HEAD: usize = WORDS - BUCKETS / 2;

impl Profile {
    /// How many bytes it has.
    pub const LEN: usize = 40 + 2 * BUCKETS + 4;

    /// The profile in bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LEN] {
        let words = self.to_words();
        let mut bytes = [0; Self::LEN];
        let mut places = bytes.chunks_exact_mut(4);
        for word in words.iter().chain([&crc(&words)]) {
            if let Some(place) = places.next().and_then(<[u8]>::first_chunk_mut) {
                *place = word.to_le_bytes();
            }
        }
        bytes
    }

    /// The profile in these bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError`]: they are not as long, of another version, or broken.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() != Self::LEN {
            return Err(DecodeError::Len { expected: Self::LEN, got: bytes.len() });
        }
        let mut rest = bytes;
        let mut word = || match rest.split_first_chunk() {
            Some((bytes, after)) => {
                rest = after;
                u32::from_le_bytes(*bytes)
            }
            None => 0,
        };
        let mut words = [0; WORDS];
        for place in &mut words {
            *place = word();
        }
        let got = word();
        let [first, ..] = words;
        let [version, halvings, is_drifting, zero] = first.to_le_bytes();
        if version != VERSION {
            return Err(DecodeError::Version { expected: VERSION, got: version });
        }
        let expected = crc(&words);
        if got != expected {
            return Err(DecodeError::Crc { expected, got });
        }
        if is_drifting > 1 || zero != 0 {
            return Err(DecodeError::Value { offset: 0, got: first });
        }
        Ok(Self::from_words(&words, halvings, is_drifting == 1))
    }

    #[allow(clippy::cast_possible_truncation)] // Two halves.
    fn to_words(self) -> [u32; WORDS] {
        let head: [u32; HEAD] = [
            u32::from_le_bytes([VERSION, self.halvings, self.is_drifting.into(), 0]),
            self.count,
            self.min_us,
            self.max_us,
            self.sum_us as u32,
            (self.sum_us >> 32) as u32,
            self.average_16,
            self.jitter_16,
            self.cusum_us,
            self.budget_us,
        ];
        let mut words = [0; WORDS];
        let mut places = words.iter_mut();
        for word in head {
            if let Some(place) = places.next() {
                *place = word;
            }
        }
        let mut counts = self.buckets.iter();
        for place in places {
            let (low, high) = (counts.next(), counts.next());
            let half = |count: Option<&u16>| count.copied().unwrap_or(0);
            *place = halves::word(half(low), half(high));
        }
        words
    }

    #[allow(clippy::cast_possible_truncation)] // Two halves.
    fn from_words(words: &[u32; WORDS], halvings: u8, is_drifting: bool) -> Self {
        let [
            _,
            count,
            min_us,
            max_us,
            sum_low,
            sum_high,
            average_16,
            jitter_16,
            cusum_us,
            budget_us,
            counts @ ..,
        ] = *words;
        let mut buckets = [0; BUCKETS];
        let mut places = buckets.iter_mut();
        for word in counts {
            for half in [word as u16, (word >> 16) as u16] {
                if let Some(place) = places.next() {
                    *place = half;
                }
            }
        }
        Self {
            count,
            min_us,
            max_us,
            sum_us: halves::number(sum_low, sum_high),
            average_16,
            jitter_16,
            cusum_us,
            budget_us,
            halvings,
            is_drifting,
            buckets,
        }
    }
}
