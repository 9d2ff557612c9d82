//! Patterns as text: `on 200 off 200 x3 off 1000` is three flashes of 200 ms, 200 ms apart, and 1,000 ms of dark after them.
//!
//! ```text
//!  pattern = row *( blanks row )
//!  row     = lit ms [ "off" ms [ "x" count [ "off" ms ] ] ]
//!  lit     = "on" / "red" / "green" / "amber" / "blue" / "white"
//! ```
//!
//! The `off` before the count is between two flashes. The dark after the last one is the `off` behind the count, or the same where there
//! is none. A row without an `off` goes over into the next one, which has another colour. Words and numbers are apart by blanks.

use core::fmt;
use core::str::FromStr;

use nom::bytes::complete::take_while1;
use nom::{IResult, Parser};

use crate::flash::{Flash, Flashes};
use crate::level::Level;
use crate::pattern::{self, Pattern};

/// Why a text is no pattern, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// Something else stands there.
    #[error("{expected} expected at byte {offset}")]
    Expected {
        /// Where, in bytes from the beginning of the text.
        offset: usize,
        /// What must stand there.
        expected: Expected,
    },
    /// A number is out of range.
    #[error("{expected} at byte {offset} is {min} to {max}")]
    Range {
        /// Where the number begins, in bytes from the beginning of the text.
        offset: usize,
        /// What the number is.
        expected: Expected,
        /// The smallest one.
        min: u16,
        /// The largest one.
        max: u16,
    },
    /// The rows are no pattern.
    #[error(transparent)]
    Pattern(#[from] pattern::Error),
}

/// What must stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Expected {
    /// The word of a level that is lit.
    Lit,
    /// A number of milliseconds.
    Milliseconds,
    /// How many flashes, after an `x`.
    Count,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lit => "on, red, green, amber, blue or white",
            Self::Milliseconds => "a number of milliseconds",
            Self::Count => "a number of flashes",
        })
    }
}

/// A text that is read from the front, word by word.
#[derive(Clone, Copy)]
struct Reader<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Reader<'a> {
    /// The next word, which is empty at the end, where it begins, and what follows it.
    fn word(&self) -> (&'a [u8], usize, Self) {
        let rest = self.rest.trim_ascii_start();
        let offset = self.len.saturating_sub(rest.len());
        let (rest, word) = word(rest).unwrap_or((&[], &[]));
        (word, offset, Self { rest, ..*self })
    }

    /// The word of a level, of those that are lit.
    fn lit(&mut self) -> Result<Level, Error> {
        let (word, offset, after) = self.word();
        let level = level_of(word).ok_or(Error::Expected { offset, expected: Expected::Lit })?;
        *self = after;
        Ok(level)
    }

    /// Whether the word `off` is next, which is then taken.
    fn off(&mut self) -> bool {
        let (word, _, after) = self.word();
        let is_off = word == b"off";
        if is_off {
            *self = after;
        }
        is_off
    }

    fn ms(&mut self, min: u16) -> Result<u16, Error> {
        let (word, offset, after) = self.word();
        *self = after;
        number(word, offset, Expected::Milliseconds, min, u16::MAX)
    }

    /// The count after an `x`, if there is one.
    fn count(&mut self) -> Result<Option<u8>, Error> {
        let (word, offset, after) = self.word();
        let [b'x', digits @ ..] = word else { return Ok(None) };
        *self = after;
        let max = u16::from(Flashes::COUNT_MAX);
        let offset = offset.saturating_add(1);
        Ok(u8::try_from(number(digits, offset, Expected::Count, 1, max)?).ok())
    }

    fn row(&mut self) -> Result<Flashes, Error> {
        let level = self.lit()?;
        let on_ms = self.ms(1)?;
        if !self.off() {
            return Ok(Flash::of(level, on_ms, 0).row(1, 0));
        }
        let off_ms = self.ms(1)?;
        let flash = Flash::of(level, on_ms, off_ms);
        let Some(count) = self.count()? else { return Ok(flash.once()) };
        let gap_ms = if self.off() { self.ms(0)? } else { off_ms };
        Ok(flash.row(count, gap_ms))
    }
}

/// A word, up to the next blank: the only parser of `nom` here, and in one place, since each place more leaves the compiler with a bound
/// that it does not see at opt-level z.
fn word(text: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while1(|byte: u8| !byte.is_ascii_whitespace()).parse(text)
}

fn number(
    digits: &[u8],
    offset: usize,
    expected: Expected,
    min: u16,
    max: u16,
) -> Result<u16, Error> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Error::Expected { offset, expected });
    }
    let number = digits.iter().try_fold(0_u16, |number, digit| {
        number.checked_mul(10)?.checked_add(u16::from(digit.wrapping_sub(b'0')))
    });
    number.filter(|number| (min..=max).contains(number)).ok_or(Error::Range {
        offset,
        expected,
        min,
        max,
    })
}

fn level_of(word: &[u8]) -> Option<Level> {
    let lit = [Level::On, Level::Red, Level::Green, Level::Amber, Level::Blue, Level::White];
    lit.into_iter().find(|level| level.as_name().as_bytes() == word)
}

/// ```
/// use led_codes::Pattern;
/// let pattern: Pattern = "on 200 off 200 x3 off 1000".parse().unwrap();
/// assert_eq!(pattern.period_ms(), 2_000);
/// assert_eq!(pattern.to_string(), "on 200 off 200 x3 off 1000");
/// let error = "on 200 of 200".parse::<Pattern>().unwrap_err();
/// assert_eq!(error.to_string(), "on, red, green, amber, blue or white expected at byte 7");
/// ```
impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut reader = Reader { rest: text.as_bytes(), len: text.len() };
        let mut pattern = Self::EMPTY;
        let mut count = 0_u16;
        loop {
            let (word, _, _) = reader.word();
            if word.is_empty() && count > 0 {
                return Ok(pattern.checked()?);
            }
            let row = reader.row()?;
            count = count.saturating_add(1);
            if !pattern.push(row) {
                let max = Self::ROWS_MAX as u8;
                return Err(pattern::Error::Rows { got: count, max }.into());
            }
        }
    }
}

impl fmt::Display for Flashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.level().as_name(), self.on_ms())?;
        if self.count() > 1 {
            write!(f, " off {} x{}", self.off_ms(), self.count())?;
        }
        if self.off_ms() != self.gap_ms() || self.count() == 1 && self.gap_ms() > 0 {
            write!(f, " off {}", self.gap_ms())?;
        }
        Ok(())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for row in self.rows() {
            write!(f, "{separator}{row}")?;
            separator = " ";
        }
        Ok(())
    }
}
