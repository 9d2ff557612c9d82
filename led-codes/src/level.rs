//! The level of a light: dark, lit, or lit in a colour.

/// What a light shows at an instant.
///
/// Red and green that are lit together are amber, which is another colour: a light shows one level at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Level {
    /// Dark.
    Off,
    /// Lit. A light of several colours lights all of its elements: so does a lamp test.
    On,
    /// Lit in red.
    Red,
    /// Lit in green.
    Green,
    /// Lit in amber, which is red and green together.
    Amber,
    /// Lit in blue.
    Blue,
    /// Lit in white.
    White,
}

impl Level {
    /// Whether it is lit, in any colour.
    #[must_use]
    pub const fn is_lit(self) -> bool {
        !matches!(self, Self::Off)
    }

    /// What a light shows in which this element and another one are lit at the same time: red and green together are amber, and any
    /// other two colours are white.
    ///
    /// ```
    /// use led_codes::Level;
    /// assert_eq!(Level::Red.and(Level::Green), Level::Amber);
    /// assert_eq!(Level::Red.and(Level::Off), Level::Red);
    /// ```
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Off, level) | (level, Self::Off) => level,
            (Self::On, _) | (_, Self::On) => Self::On,
            (Self::Red | Self::Green | Self::Amber, Self::Red | Self::Green | Self::Amber) => {
                if self.is(other) {
                    self
                } else {
                    Self::Amber
                }
            }
            _ => {
                if self.is(other) {
                    self
                } else {
                    Self::White
                }
            }
        }
    }

    /// Its word in the notation of patterns.
    #[must_use]
    pub const fn as_name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Red => "red",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Blue => "blue",
            Self::White => "white",
        }
    }

    /// `==` in const context.
    pub(crate) const fn is(self, other: Self) -> bool {
        self as u8 == other as u8
    }

    /// The level of the same light with the other polarity.
    pub(crate) const fn inverted(self) -> Self {
        if self.is_lit() { Self::Off } else { Self::On }
    }
}

#[cfg(test)]
mod tests {
    use super::Level::{Amber, Blue, Green, Off, On, Red, White};

    #[test]
    fn two_elements_that_are_lit_give_one_colour() {
        for (one, other, both) in [
            (Off, Off, Off),
            (Off, Blue, Blue),
            (Red, Red, Red),
            (Red, Green, Amber),
            (Amber, Red, Amber),
            (Blue, Blue, Blue),
            (Blue, Red, White),
            (White, Green, White),
            (On, Red, On),
        ] {
            assert_eq!(one.and(other), both, "{one:?} {other:?}");
            assert_eq!(other.and(one), both, "{other:?} {one:?}");
        }
    }

    #[test]
    fn the_other_polarity_of_lit_is_dark() {
        assert_eq!(Off.inverted(), On);
        assert_eq!([On, Red, White].map(super::Level::inverted), [Off; 3]);
    }
}
