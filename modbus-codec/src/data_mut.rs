//! The places in an answer that a server fills: the writing side of [`crate::Registers`] and [`crate::Coils`].

/// Registers to be filled, zero until they are.
///
/// ```
/// # use modbus_codec::server::RegistersMut;
/// fn fill(out: &mut RegistersMut<'_>) {
///     out.fill_with(|index| 100 + index as u16);
/// }
/// ```
#[derive(Debug)]
pub struct RegistersMut<'a>(&'a mut [u8]);

impl<'a> RegistersMut<'a> {
    /// The places in as many pairs of bytes, all zero; an odd byte at the end is left alone.
    pub(crate) fn zeroed(bytes: &'a mut [u8]) -> Self {
        bytes.fill(0);
        Self(bytes)
    }

    /// How many registers are asked for.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.0.len() / 2
    }

    /// Gives each register the value that `value` has for its index, from 0.
    pub fn fill_with(&mut self, mut value: impl FnMut(usize) -> u16) {
        self.fill((0..usize::MAX).map(&mut value));
    }

    /// Gives the registers `values` in order, until either ends.
    pub fn fill(&mut self, values: impl IntoIterator<Item = u16>) {
        let (mut values, mut rest) = (values.into_iter(), &mut *self.0);
        while let Some((place, later)) = rest.split_first_chunk_mut() {
            let Some(value) = values.next() else {
                return;
            };
            *place = value.to_be_bytes();
            rest = later;
        }
    }

    /// The value of the register at `index`, as it will be sent.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<u16> {
        let place = self.0.get(index.checked_mul(2)?..)?;
        place.first_chunk().map(|pair| u16::from_be_bytes(*pair))
    }
}

/// Coils, or discrete inputs, to be filled, off until they are.
#[derive(Debug)]
pub struct CoilsMut<'a> {
    bytes: &'a mut [u8],
    quantity: u16,
}

impl<'a> CoilsMut<'a> {
    /// `quantity` places in the bytes that they need, all off.
    pub(crate) fn cleared(bytes: &'a mut [u8], quantity: u16) -> Self {
        bytes.fill(0);
        Self { bytes, quantity }
    }

    /// How many are asked for.
    #[must_use]
    pub const fn quantity(&self) -> u16 {
        self.quantity
    }

    /// Gives each the value that `value` has for its index, from 0.
    pub fn fill_with(&mut self, mut value: impl FnMut(u16) -> bool) {
        self.fill((0..u16::MAX).map(&mut value));
    }

    /// Gives them `values` in order, until either ends.
    pub fn fill(&mut self, values: impl IntoIterator<Item = bool>) {
        for (index, value) in (0..self.quantity).zip(values) {
            if let Some(place) = self.bytes.get_mut(usize::from(index / 8)) {
                let bit = 1 << (index % 8);
                *place = if value { *place | bit } else { *place & !bit };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_are_filled_high_byte_first_and_zero_beyond() {
        let mut bytes = [0xA5; 6];
        let mut out = RegistersMut::zeroed(&mut bytes);
        out.fill([0x0102, 0x0304]);
        assert_eq!(
            (out.count(), out.get(1), out.get(2), out.get(3)),
            (3, Some(0x0304), Some(0), None)
        );
        assert_eq!(bytes, [1, 2, 3, 4, 0, 0]);
        RegistersMut::zeroed(&mut bytes).fill_with(|index| index as u16 * 0x0101);
        assert_eq!(bytes, [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn coils_are_filled_lsb_first_and_padding_stays_off() {
        let mut bytes = [0xA5; 2];
        let mut out = CoilsMut::cleared(&mut bytes, 10);
        out.fill_with(|index| index != 1);
        assert_eq!(bytes, [0xFD, 0x03]);
        CoilsMut::cleared(&mut bytes, 10).fill([true; 16]);
        assert_eq!(bytes, [0xFF, 0x03]);
    }
}
