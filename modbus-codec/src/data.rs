//! Views of the two kinds of data: registers (two bytes each, high byte first) and coils (one bit each, first coil in
//! bit 0 of the first byte).
//!
//! ```text
//! registers: | hi 0 | lo 0 | hi 1 | lo 1 | ...      coils: | 7 6 5 4 3 2 1 0 | x x x x 11 10 9 8 |   x: padding
//! ```

use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::slice::ChunksExact;
use core::{fmt, str};

/// Why bytes are not a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ValueError {
    /// Registers are two bytes each.
    #[error("registers need an even number of bytes, got {len}")]
    Odd {
        /// The number of bytes given.
        len: usize,
    },
    /// More than any PDU can carry.
    #[error("at most {max} bytes fit a PDU, got {len}")]
    TooLong {
        /// The most that fits.
        max: usize,
        /// The number of bytes given.
        len: usize,
    },
    /// The number of bytes is not the one that the quantity of coils needs.
    #[error("{quantity} coils need {required} bytes, got {len}")]
    Coils {
        /// The number of coils.
        quantity: u16,
        /// The bytes that they need.
        required: usize,
        /// The number of bytes given.
        len: usize,
    },
}

/// The most bytes of data that any PDU carries.
const DATA_LEN_MAX: usize = 250;

/// A view of registers as they are on the wire. Copies nothing.
///
/// ```
/// use modbus_codec::{Registers, WordOrder};
/// let registers = Registers::from_be_bytes(&[0x41, 0xB8, 0x00, 0x00])?;
/// assert!(registers.iter().eq([0x41B8, 0x0000]));
/// assert_eq!(registers.f32(WordOrder::Abcd).next(), Some(23.0));
/// # Ok::<(), modbus_codec::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Registers<'a>(&'a [u8]);

impl<'a> Registers<'a> {
    /// The view of `bytes`, high byte of the first register first.
    ///
    /// # Errors
    /// An odd number of bytes, or more than 250, which no PDU carries.
    pub const fn from_be_bytes(bytes: &'a [u8]) -> Result<Self, ValueError> {
        let len = bytes.len();
        if len > DATA_LEN_MAX {
            return Err(ValueError::TooLong { max: DATA_LEN_MAX, len });
        }
        if len % 2 != 0 {
            return Err(ValueError::Odd { len });
        }
        Ok(Self(bytes))
    }

    /// Writes `values` to the front of `buffer` and views them there.
    ///
    /// # Errors
    /// [`ValueError::TooLong`] when they are more than the buffer or a PDU holds.
    pub fn encode(values: &[u16], buffer: &'a mut [u8]) -> Result<Self, ValueError> {
        let len = values.len().saturating_mul(2);
        let max = buffer.len().min(DATA_LEN_MAX);
        if len > max {
            return Err(ValueError::TooLong { max, len });
        }
        for (place, value) in buffer.chunks_exact_mut(2).zip(values) {
            for (place, byte) in place.iter_mut().zip(value.to_be_bytes()) {
                *place = byte;
            }
        }
        let bytes: &'a [u8] = buffer;
        Ok(Self(bytes.get(..len).unwrap_or_default()))
    }

    /// Checked by the caller: an even number of bytes.
    pub(crate) const fn wrap(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many registers.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.0.len() / 2
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes as they are on the wire.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The register at `index`, from 0.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<u16> {
        self.0.get(index.checked_mul(2)?..).and_then(be_u16)
    }

    /// The registers in order.
    #[must_use]
    pub fn iter(&self) -> RegistersIter<'a> {
        RegistersIter(self.0.chunks_exact(2))
    }

    /// Pairs of registers as `u32`; an odd one at the end is left out.
    #[must_use]
    pub fn u32(&self, order: WordOrder) -> Words<'a, u32> {
        Words::new(self.0, order)
    }

    /// Pairs of registers as `i32`; an odd one at the end is left out.
    #[must_use]
    pub fn i32(&self, order: WordOrder) -> Words<'a, i32> {
        Words::new(self.0, order)
    }

    /// Pairs of registers as `f32`; an odd one at the end is left out.
    #[must_use]
    pub fn f32(&self, order: WordOrder) -> Words<'a, f32> {
        Words::new(self.0, order)
    }

    /// Fours of registers as `u64`; what is left at the end is left out.
    #[must_use]
    pub fn u64(&self, order: WordOrder) -> Words<'a, u64> {
        Words::new(self.0, order)
    }

    /// Fours of registers as `i64`; what is left at the end is left out.
    #[must_use]
    pub fn i64(&self, order: WordOrder) -> Words<'a, i64> {
        Words::new(self.0, order)
    }

    /// Fours of registers as `f64`; what is left at the end is left out.
    #[must_use]
    pub fn f64(&self, order: WordOrder) -> Words<'a, f64> {
        Words::new(self.0, order)
    }

    /// The text in the registers, two characters each, high byte first, without the NULs and blanks that pad its end.
    ///
    /// # Errors
    /// When the bytes are not UTF-8.
    pub fn to_str(&self) -> Result<&'a str, str::Utf8Error> {
        let mut text = self.0;
        while let Some((0 | b' ', before)) = text.split_last() {
            text = before;
        }
        str::from_utf8(text)
    }

    /// The characters of a text whose first character is in the *low* byte of each register, as some devices store it.
    pub fn swapped_text(&self) -> impl Iterator<Item = u8> + 'a {
        self.0.chunks_exact(2).flat_map(|pair| pair.iter().rev().copied())
    }
}

impl fmt::Debug for Registers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for Registers<'a> {
    type Item = u16;
    type IntoIter = RegistersIter<'a>;

    fn into_iter(self) -> RegistersIter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &Registers<'a> {
    type Item = u16;
    type IntoIter = RegistersIter<'a>;

    fn into_iter(self) -> RegistersIter<'a> {
        self.iter()
    }
}

/// The registers of a view, in order.
#[derive(Clone, Debug)]
pub struct RegistersIter<'a>(ChunksExact<'a, u8>);

impl Iterator for RegistersIter<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        self.0.next().and_then(be_u16)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    /// Without the end that `next` might have at each register, so that sums and copies are made several at a time.
    fn fold<B, F: FnMut(B, u16) -> B>(self, init: B, mut f: F) -> B {
        self.0.fold(init, |all, pair| match *pair {
            [high, low] => f(all, u16::from_be_bytes([high, low])),
            _ => all,
        })
    }
}

impl DoubleEndedIterator for RegistersIter<'_> {
    fn next_back(&mut self) -> Option<u16> {
        self.0.next_back().and_then(be_u16)
    }
}

impl ExactSizeIterator for RegistersIter<'_> {}
impl FusedIterator for RegistersIter<'_> {}

/// In which order the bytes A, B, C, D of a value, A the most significant, are on the wire.
///
/// For 64 bits the same rule: whether the registers come most significant first, and whether each register's bytes are
/// swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(::serde::Serialize, ::serde::Deserialize))]
pub enum WordOrder {
    /// Most significant register first: the usual order.
    #[default]
    Abcd,
    /// Least significant register first.
    Cdab,
    /// Most significant register first, bytes swapped in each.
    Badc,
    /// Least significant register first, bytes swapped in each: little-endian.
    Dcba,
}

impl WordOrder {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Abcd, Self::Cdab, Self::Badc, Self::Dcba];

    /// The two registers that carry `value`; for an `f32` pass its `to_bits()`.
    #[must_use]
    pub fn split_u32(self, value: u32) -> [u16; 2] {
        let [a, b, c, d] = self.arrange(value.to_be_bytes());
        [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]
    }

    /// The four registers that carry `value`; for an `f64` pass its `to_bits()`.
    #[must_use]
    pub fn split_u64(self, value: u64) -> [u16; 4] {
        let [a, b, c, d, e, f, g, h] = self.arrange(value.to_be_bytes());
        [[a, b], [c, d], [e, f], [g, h]].map(u16::from_be_bytes)
    }

    /// From wire order to big-endian and back: each order is its own inverse.
    fn arrange<const N: usize>(self, mut bytes: [u8; N]) -> [u8; N] {
        let (words_swapped, bytes_swapped) = match self {
            Self::Abcd => (false, false),
            Self::Cdab => (true, false),
            Self::Badc => (false, true),
            Self::Dcba => (true, true),
        };
        // A full reversal swaps the words and the bytes in them; swapping the bytes once more leaves only the words.
        if words_swapped {
            bytes.reverse();
        }
        if words_swapped != bytes_swapped {
            for pair in bytes.chunks_exact_mut(2) {
                pair.reverse();
            }
        }
        bytes
    }
}

/// Values of two or four registers each.
#[derive(Clone, Debug)]
pub struct Words<'a, T> {
    bytes: &'a [u8],
    order: WordOrder,
    value: PhantomData<T>,
}

impl<'a, T> Words<'a, T> {
    fn new(bytes: &'a [u8], order: WordOrder) -> Self {
        Self { bytes, order, value: PhantomData }
    }
}

macro_rules! words {
    ($($value:ty),*) => {$(
        impl Iterator for Words<'_, $value> {
            type Item = $value;

            fn next(&mut self) -> Option<$value> {
                let (first, rest) = self.bytes.split_first_chunk()?;
                self.bytes = rest;
                Some(<$value>::from_be_bytes(self.order.arrange(*first)))
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                let count = self.bytes.len() / size_of::<$value>();
                (count, Some(count))
            }
        }

        impl ExactSizeIterator for Words<'_, $value> {}
        impl FusedIterator for Words<'_, $value> {}
    )*};
}

words!(u32, i32, f32, u64, i64, f64);

/// A view of coils or discrete inputs as they are on the wire. Copies nothing.
///
/// ```
/// use modbus_codec::Coils;
/// let coils = Coils::from_bytes(&[0b0000_0101], 3)?;
/// assert!(coils.iter().eq([true, false, true]));
/// # Ok::<(), modbus_codec::ValueError>(())
/// ```
#[derive(Clone, Copy, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Coils<'a> {
    bytes: &'a [u8],
    quantity: u16,
}

impl<'a> Coils<'a> {
    /// The view of `quantity` coils in `bytes`; the bits above them are padding and are not looked at.
    ///
    /// # Errors
    /// When the number of bytes is not the one that the quantity needs, or more than 250.
    pub const fn from_bytes(bytes: &'a [u8], quantity: u16) -> Result<Self, ValueError> {
        let required = coils_len(quantity);
        if bytes.len() > DATA_LEN_MAX {
            return Err(ValueError::TooLong { max: DATA_LEN_MAX, len: bytes.len() });
        }
        if bytes.len() != required {
            return Err(ValueError::Coils { quantity, required, len: bytes.len() });
        }
        Ok(Self { bytes, quantity })
    }

    /// Writes `values` to the front of `buffer`, padding bits zero, and views them there.
    ///
    /// # Errors
    /// [`ValueError::TooLong`] when they are more than the buffer or a PDU holds.
    pub fn encode(values: &[bool], buffer: &'a mut [u8]) -> Result<Self, ValueError> {
        let len = values.len().div_ceil(8);
        let max = buffer.len().min(DATA_LEN_MAX);
        if len > max {
            return Err(ValueError::TooLong { max, len });
        }
        let mut rest = values;
        for place in buffer.iter_mut().take(len) {
            let (eight, later) = rest.split_at_checked(8).unwrap_or((rest, &[]));
            *place = eight.iter().rev().fold(0, |byte, value| byte << 1 | u8::from(*value));
            rest = later;
        }
        let bytes: &'a [u8] = buffer;
        let quantity = u16::try_from(values.len()).unwrap_or(u16::MAX);
        Ok(Self { bytes: bytes.get(..len).unwrap_or_default(), quantity })
    }

    /// Checked by the caller: the bytes that `quantity` needs.
    pub(crate) const fn wrap(bytes: &'a [u8], quantity: u16) -> Self {
        Self { bytes, quantity }
    }

    /// How many coils. A response does not say it: there it is eight times the bytes, until [`Coils::first`] limits it.
    #[must_use]
    pub const fn quantity(&self) -> u16 {
        self.quantity
    }

    /// The first `quantity` coils, as many as the request asked for; all of them if that is more.
    #[must_use]
    pub fn first(&self, quantity: u16) -> Self {
        let quantity = quantity.min(self.quantity);
        Self { bytes: self.bytes.get(..coils_len(quantity)).unwrap_or_default(), quantity }
    }

    /// The bytes as they were on the wire, padding as it came.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The coil at `index`, from 0.
    #[must_use]
    pub fn get(&self, index: u16) -> Option<bool> {
        if index >= self.quantity {
            return None;
        }
        self.bytes.get(usize::from(index / 8)).map(|byte| byte >> (index % 8) & 1 == 1)
    }

    /// The coils in order.
    #[must_use]
    pub fn iter(&self) -> CoilsIter<'a> {
        CoilsIter { coils: *self, index: 0 }
    }
}

impl PartialEq for Coils<'_> {
    /// Padding does not count.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Coils<'_> {}

impl fmt::Debug for Coils<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(u8::from)).finish()
    }
}

impl<'a> IntoIterator for Coils<'a> {
    type Item = bool;
    type IntoIter = CoilsIter<'a>;

    fn into_iter(self) -> CoilsIter<'a> {
        self.iter()
    }
}

/// The coils of a view, in order.
#[derive(Clone, Debug)]
pub struct CoilsIter<'a> {
    coils: Coils<'a>,
    index: u16,
}

impl Iterator for CoilsIter<'_> {
    type Item = bool;

    fn next(&mut self) -> Option<bool> {
        let coil = self.coils.get(self.index)?;
        self.index = self.index.saturating_add(1);
        Some(coil)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = usize::from(self.coils.quantity.saturating_sub(self.index));
        (count, Some(count))
    }
}

impl ExactSizeIterator for CoilsIter<'_> {}
impl FusedIterator for CoilsIter<'_> {}

/// The bits of the last byte that are coils; padding is sent as zero.
pub(crate) const fn last_mask(quantity: u16) -> u8 {
    0xFF >> (quantity.wrapping_neg() % 8)
}

/// The bytes that `quantity` coils need.
pub(crate) const fn coils_len(quantity: u16) -> usize {
    (quantity as usize).div_ceil(8)
}

fn be_u16(pair: &[u8]) -> Option<u16> {
    pair.first_chunk().map(|pair| u16::from_be_bytes(*pair))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn word_orders_are_the_letters_they_are_named_by() {
        let wire = [0xA0, 0xB1, 0xC2, 0xD3, 0xE4, 0xF5, 0x06, 0x17];
        let registers = Registers::from_be_bytes(&wire).unwrap();
        let of32 = |order| registers.u32(order).collect::<Vec<_>>();
        assert_eq!(of32(WordOrder::Abcd), [0xA0B1_C2D3, 0xE4F5_0617]);
        assert_eq!(of32(WordOrder::Cdab), [0xC2D3_A0B1, 0x0617_E4F5]);
        assert_eq!(of32(WordOrder::Badc), [0xB1A0_D3C2, 0xF5E4_1706]);
        assert_eq!(of32(WordOrder::Dcba), [0xD3C2_B1A0, 0x1706_F5E4]);
        let of64 = |order| registers.u64(order).next().unwrap();
        assert_eq!(of64(WordOrder::Abcd), 0xA0B1_C2D3_E4F5_0617);
        assert_eq!(of64(WordOrder::Cdab), 0x0617_E4F5_C2D3_A0B1);
        assert_eq!(of64(WordOrder::Badc), 0xB1A0_D3C2_F5E4_1706);
        assert_eq!(of64(WordOrder::Dcba), 0x1706_F5E4_D3C2_B1A0);
    }

    #[test]
    fn splitting_a_value_is_the_inverse_of_reading_it() {
        let mut buffer = [0xA5; 8];
        for order in WordOrder::ALL {
            let value = -1234.5_f32;
            let view = Registers::encode(&order.split_u32(value.to_bits()), &mut buffer).unwrap();
            assert_eq!(view.f32(order).next(), Some(value), "{order:?}");
            let value = 271.828_182_845_904_5_f64;
            let view = Registers::encode(&order.split_u64(value.to_bits()), &mut buffer).unwrap();
            assert_eq!(view.f64(order).next(), Some(value), "{order:?}");
            assert_eq!(view.i64(order).len(), 1);
        }
    }

    #[test]
    fn registers_are_even_and_at_most_125() {
        assert_eq!(Registers::from_be_bytes(&[0; 3]), Err(ValueError::Odd { len: 3 }));
        let too_long = ValueError::TooLong { max: 250, len: 252 };
        assert_eq!(Registers::from_be_bytes(&[0; 252]), Err(too_long));
        assert_eq!(Registers::from_be_bytes(&[0; 250]).unwrap().count(), 125);
        let registers = Registers::from_be_bytes(&[1, 2, 3, 4]).unwrap();
        assert_eq!((registers.get(1), registers.get(2)), (Some(0x0304), None));
        assert_eq!(registers.iter().len(), 2);
        assert_eq!(registers.iter().next_back(), Some(0x0304));
    }

    #[test]
    fn coils_are_lsb_first_and_limited_to_the_quantity() {
        // The standard's example of 0F (6.11): ten coils from 20 on are 0xCD, 0x01.
        let coils = Coils::from_bytes(&[0xCD, 0x01], 10).unwrap();
        let values = [true, false, true, true, false, false, true, true, true, false];
        assert!(coils.iter().eq(values));
        assert_eq!((coils.get(9), coils.get(10)), (Some(false), None));
        assert!(coils.first(3).iter().eq([true, false, true]));
        assert_eq!(coils.first(99), coils);
        let mut buffer = [0xA5; 2];
        assert_eq!(Coils::encode(&values, &mut buffer).unwrap(), coils);
        assert_eq!(buffer, [0xCD, 0x01]);
    }

    #[test]
    fn the_last_mask_has_a_bit_for_each_coil_of_the_last_byte() {
        let masks = [0xFF, 0x01, 0x03, 0x07, 0x0F, 0x1F, 0x3F, 0x7F, 0xFF, 0x01];
        assert!((0..10).map(last_mask).eq(masks));
    }

    #[test]
    fn padding_bits_do_not_count() {
        assert_eq!(Coils::from_bytes(&[0xF5], 3), Coils::from_bytes(&[0x05], 3));
        assert_ne!(Coils::from_bytes(&[0x01], 3), Coils::from_bytes(&[0x05], 3));
        let wrong = ValueError::Coils { quantity: 9, required: 2, len: 1 };
        assert_eq!(Coils::from_bytes(&[0], 9), Err(wrong));
    }

    #[test]
    fn text_ends_before_its_padding() {
        let registers = Registers::from_be_bytes(b"PUMP 7\0\0").unwrap();
        assert_eq!(registers.to_str(), Ok("PUMP 7"));
        let swapped = Registers::from_be_bytes(b"UPPM").unwrap();
        assert!(swapped.swapped_text().eq(*b"PUMP"));
    }
}
