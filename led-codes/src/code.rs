//! A code: the numbers that a dialect makes flashes of, a pattern of its own, or a light that is solid.

use core::fmt;

use crate::level::Level;
use crate::pattern::Pattern;

/// The code of an entry, before a [`Dialect`](crate::Dialect) has made a pattern of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Code<'a> {
    /// Numbers, each of them flashes.
    Digits(Digits),
    /// A pattern that is no number, as the blinking and the flickering of CiA 303-3.
    Pattern(&'a Pattern),
    /// Lit in this level without a flash. Only the table of a [standard](crate::standard) has it.
    Solid(Level),
}

/// One to five digits, each 0 to 63.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Digits {
    values: [u8; Self::LEN_MAX],
    len: u8,
}

impl Digits {
    /// The most digits.
    pub const LEN_MAX: usize = 5;
    /// The largest digit.
    pub const VALUE_MAX: u8 = crate::flash::Flashes::COUNT_MAX;

    /// These digits; `None` if there are none, more than five, or one is larger than [`VALUE_MAX`](Self::VALUE_MAX).
    #[must_use]
    #[allow(clippy::indexing_slicing)] // Both places are below their lengths.
    pub const fn new(values: &[u8]) -> Option<Self> {
        if values.is_empty() || values.len() > Self::LEN_MAX {
            return None;
        }
        let mut digits = Self { values: [0; Self::LEN_MAX], len: values.len() as u8 };
        let mut at = 0;
        while at < values.len() {
            if values[at] > Self::VALUE_MAX {
                return None;
            }
            digits.values[at] = values[at];
            at = at.wrapping_add(1);
        }
        Some(digits)
    }

    /// The digits, in the order in which they are shown.
    #[must_use]
    pub const fn as_slice(&self) -> &[u8] {
        match self.values.split_at_checked(self.len as usize) {
            Some((values, _)) => values,
            None => &self.values,
        }
    }

    /// How many there are: 1 to 5.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // There is one at least.
    pub const fn len(&self) -> u8 {
        self.len
    }

    /// The digit at this place.
    pub(crate) const fn at(&self, place: u8) -> Option<u8> {
        match self.as_slice().split_at_checked(place as usize) {
            Some((_, [value, ..])) => Some(*value),
            _ => None,
        }
    }
}

/// A code of two digits: `code(2, 3)` is two flashes, and after a pause three.
///
/// # Panics
///
/// If a digit is larger than [`Digits::VALUE_MAX`]. What the dialect cannot carry is refused by the legend.
#[must_use]
pub const fn code(first: u8, second: u8) -> Code<'static> {
    digits(&[first, second])
}

/// A code of one digit: so many flashes.
///
/// # Panics
///
/// If it is larger than [`Digits::VALUE_MAX`].
#[must_use]
pub const fn count(flashes: u8) -> Code<'static> {
    digits(&[flashes])
}

/// A code of one to five digits.
///
/// # Panics
///
/// If there are none or more than five, or one is larger than [`Digits::VALUE_MAX`].
#[must_use]
#[allow(clippy::panic)] // A wrong constant does not compile.
pub const fn digits(values: &[u8]) -> Code<'static> {
    match Digits::new(values) {
        Some(digits) => Code::Digits(digits),
        None => panic!("a code has 1 to 5 digits, each at most 63"),
    }
}

/// A number in so many bits, the lowest first: `word(2, 5)` is 0, 1, 0, 0, 0.
///
/// # Panics
///
/// If there are no bits or more than five, or the number does not fit into them.
#[must_use]
#[allow(clippy::indexing_slicing)] // The place is below the length.
pub const fn word(number: u8, bits: u8) -> Code<'static> {
    assert!(bits >= 1 && bits as usize <= Digits::LEN_MAX, "a word has 1 to 5 bits");
    let mut values = [0; Digits::LEN_MAX];
    let (mut left, mut place) = (number, 0);
    while place < bits as usize {
        values[place] = left % 2;
        left /= 2;
        place = place.wrapping_add(1);
    }
    assert!(left == 0, "the number has more bits than the word");
    Code::Digits(Digits { values, len: bits })
}

impl Code<'_> {
    /// `==` in const context.
    pub(crate) const fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Code::Digits(one), Code::Digits(other)) => {
                let mut place = 0;
                while let (Some(a), Some(b)) = (one.at(place), other.at(place)) {
                    if a != b {
                        return false;
                    }
                    place = place.wrapping_add(1);
                }
                one.len == other.len
            }
            (Code::Solid(level), Code::Solid(other)) => level.is(*other),
            _ => false,
        }
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for value in self.as_slice() {
            write!(f, "{separator}{value}")?;
            separator = "-";
        }
        Ok(())
    }
}

/// Digits as people say them, `2-3`; the steps of a pattern; or the level of a solid light.
impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(digits) => digits.fmt(f),
            Self::Pattern(pattern) => pattern.fmt(f),
            Self::Solid(level) => f.write_str(level.as_name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn digits_have_their_limits() {
        assert_eq!(Digits::new(&[]), None);
        assert_eq!(Digits::new(&[1, 2, 3, 4, 5, 6]), None);
        assert_eq!(Digits::new(&[64]), None);
        let digits = Digits::new(&[0, 63, 1, 2, 3]).unwrap();
        assert_eq!(digits.as_slice(), [0, 63, 1, 2, 3]);
        assert_eq!(digits.len(), 5);
        assert_eq!((digits.at(1), digits.at(4), digits.at(5)), (Some(63), Some(3), None));
        assert_eq!(Digits::new(&[7]).unwrap().at(1), None);
    }

    #[test]
    fn a_code_is_what_people_say() {
        assert_eq!(code(2, 3).to_string(), "2-3");
        assert_eq!(count(4).to_string(), "4");
        assert_eq!(digits(&[12, 9, 6]).to_string(), "12-9-6");
        assert_eq!(word(2, 5).to_string(), "0-1-0-0-0");
        assert_eq!(word(31, 5), digits(&[1; 5]));
        assert_eq!(word(1, 1), count(1));
        assert_eq!(Code::Solid(Level::Red).to_string(), "red");
    }

    #[test]
    fn codes_are_compared_by_their_digits() {
        assert!(code(2, 3).is(&code(2, 3)));
        assert!(!code(2, 3).is(&code(2, 4)));
        assert!(!code(2, 3).is(&count(2)));
        assert!(!count(2).is(&code(2, 3)));
        assert!(Code::Solid(Level::On).is(&Code::Solid(Level::On)));
        assert!(!Code::Solid(Level::Red).is(&Code::Solid(Level::Green)));
        assert!(!Code::Solid(Level::On).is(&count(1)));
    }

    #[test]
    #[should_panic(expected = "a code has 1 to 5 digits, each at most 63")]
    fn refuses_a_digit_that_nobody_counts() {
        let _ = code(1, 64);
    }

    #[test]
    #[should_panic(expected = "a word has 1 to 5 bits")]
    fn refuses_a_word_of_no_bits() {
        let _ = word(0, 0);
    }

    #[test]
    #[should_panic(expected = "a word has 1 to 5 bits")]
    fn refuses_a_word_of_six_bits() {
        let _ = word(0, 6);
    }

    #[test]
    #[should_panic(expected = "the number has more bits than the word")]
    fn refuses_a_number_that_does_not_fit() {
        let _ = word(32, 5);
    }
}
