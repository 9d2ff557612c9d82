//! A flash, and so many of them in a row: what patterns are made of.
//!
//! ```text
//!   count 3    ___     ___     ___
//!             |   |   |   |   |   |
//!  ___________|   |___|   |___|   |______________
//!              on  off on  off on   gap
//! ```

use crate::level::Level;

/// A light that is lit, and dark afterwards: how one flash looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Flash {
    level: Level,
    on_ms: u16,
    off_ms: u16,
}

impl Flash {
    /// A flash that is lit and then dark for so long, in milliseconds.
    ///
    /// ```
    /// use led_codes::Flash;
    /// const FLASH: Flash = Flash::new(250, 250);
    /// assert_eq!((FLASH.on_ms(), FLASH.off_ms()), (250, 250));
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use led_codes::Flash;
    /// const DARK: Flash = Flash::new(0, 250);
    /// ```
    ///
    /// # Panics
    ///
    /// If it is lit or dark for 0 ms.
    #[must_use]
    pub const fn new(on_ms: u16, off_ms: u16) -> Self {
        assert!(on_ms > 0, "a flash is lit for 1 ms or more");
        assert!(off_ms > 0, "a flash is dark for 1 ms or more");
        Self { level: Level::On, on_ms, off_ms }
    }

    /// The same in a colour.
    ///
    /// # Panics
    ///
    /// If the level is [`Level::Off`].
    #[must_use]
    pub const fn in_colour(self, level: Level) -> Self {
        assert!(level.is_lit(), "a flash is lit");
        Self { level, ..self }
    }

    /// What the light shows while it is lit.
    #[must_use]
    pub const fn level(self) -> Level {
        self.level
    }

    /// How long it is lit, in milliseconds.
    #[must_use]
    pub const fn on_ms(self) -> u16 {
        self.on_ms
    }

    /// How long it is dark between two flashes, in milliseconds.
    #[must_use]
    pub const fn off_ms(self) -> u16 {
        self.off_ms
    }

    /// So many of it, and then dark for so long instead of [`off_ms`](Self::off_ms).
    ///
    /// # Panics
    ///
    /// If there are 0 of them, or more than [`Flashes::COUNT_MAX`].
    #[must_use]
    pub const fn times(self, count: u8, gap_ms: u16) -> Flashes {
        assert!(count > 0, "0 flashes are none");
        assert!(count <= Flashes::COUNT_MAX, "at most 63 flashes are in a row");
        self.row(count, gap_ms)
    }

    /// One of it, and then dark as long as it says.
    #[must_use]
    pub const fn once(self) -> Flashes {
        self.row(1, self.off_ms)
    }

    /// The same from numbers that are known to be those of a flash.
    pub(crate) const fn of(level: Level, on_ms: u16, off_ms: u16) -> Self {
        Self { level, on_ms, off_ms }
    }

    /// The same where the count is known to be one of a row's.
    pub(crate) const fn row(self, count: u8, gap_ms: u16) -> Flashes {
        // One flash has no dark between flashes; with that one value, equal rows compare equal.
        let off_ms = if count == 1 { gap_ms } else { self.off_ms };
        Flashes { level: self.level, count, on_ms: self.on_ms, off_ms, gap_ms }
    }
}

/// So many equal flashes in a row, and the dark after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Flashes {
    level: Level,
    count: u8,
    on_ms: u16,
    off_ms: u16,
    gap_ms: u16,
}

impl Flashes {
    /// The most flashes in a row.
    pub const COUNT_MAX: u8 = 63;

    /// A row that fills the places of a pattern which has fewer.
    pub(crate) const NONE: Self =
        Self { level: Level::On, count: 0, on_ms: 0, off_ms: 0, gap_ms: 0 };

    /// What the light shows while it is lit.
    #[must_use]
    pub const fn level(self) -> Level {
        self.level
    }

    /// How many there are.
    #[must_use]
    pub const fn count(self) -> u8 {
        self.count
    }

    /// How long each is lit, in milliseconds.
    #[must_use]
    pub const fn on_ms(self) -> u16 {
        self.on_ms
    }

    /// How long it is dark between two of them, in milliseconds. Of one flash it is the [`gap_ms`](Self::gap_ms).
    #[must_use]
    pub const fn off_ms(self) -> u16 {
        self.off_ms
    }

    /// How long it is dark after the last of them, in milliseconds. It is 0 where another colour follows at once.
    #[must_use]
    pub const fn gap_ms(self) -> u16 {
        self.gap_ms
    }

    /// How long all of it takes, in milliseconds: at most 63 times 131,070.
    #[must_use]
    pub const fn ms(self) -> u32 {
        let one = (self.on_ms as u32).wrapping_add(self.off_ms as u32);
        let all = one.wrapping_mul(self.count as u32);
        all.wrapping_sub(self.off_ms as u32).wrapping_add(self.gap_ms as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_what_its_flashes_take() {
        let flash = Flash::new(200, 300);
        assert_eq!(flash.once().ms(), 500);
        assert_eq!(flash.times(1, 1_000).ms(), 1_200);
        assert_eq!(flash.times(3, 1_000).ms(), 3 * 200 + 2 * 300 + 1_000);
        assert_eq!(flash.times(63, 0).ms(), 63 * 200 + 62 * 300);
        let longest = Flash::new(u16::MAX, u16::MAX).times(63, u16::MAX);
        assert_eq!(longest.ms(), 63 * 131_070);
    }

    #[test]
    fn one_flash_has_one_spelling() {
        assert_eq!(Flash::new(200, 300).times(1, 1_000), Flash::new(200, 1_000).once());
    }

    #[test]
    #[should_panic(expected = "a flash is lit for 1 ms or more")]
    fn refuses_a_flash_that_is_never_lit() {
        let _ = Flash::new(0, 1);
    }

    #[test]
    #[should_panic(expected = "a flash is dark for 1 ms or more")]
    fn refuses_a_flash_that_is_never_dark() {
        let _ = Flash::new(1, 0);
    }

    #[test]
    #[should_panic(expected = "a flash is lit")]
    fn refuses_a_colour_that_is_dark() {
        let _ = Flash::new(1, 1).in_colour(Level::Off);
    }

    #[test]
    #[should_panic(expected = "0 flashes are none")]
    fn refuses_no_flashes() {
        let _ = Flash::new(1, 1).times(0, 1);
    }

    #[test]
    #[should_panic(expected = "at most 63 flashes are in a row")]
    fn refuses_more_flashes_than_anybody_counts() {
        let _ = Flash::new(1, 1).times(64, 1);
    }
}
