//! What a light shows, in words.

use core::fmt;

use crate::code::Code;
use crate::dialect::{Dialect, Scheme, Zero};
use crate::flash::Flash;
use crate::level::Level;

/// A code in words: `2 flashes, a pause, 3 flashes`.
pub(super) struct InWords<'a>(pub(super) &'a Code<'a>, pub(super) &'a Dialect);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code, dialect) = self;
        let digits = match code {
            Code::Digits(digits) => digits,
            Code::Pattern(pattern) => return pattern.fmt(f),
            Code::Solid(Level::On) => return f.write_str("stays lit"),
            Code::Solid(level) => return write!(f, "stays {}", level.as_name()),
        };
        let (flash, mut separator) = (dialect.flash(), "");
        let mut is_first = true;
        for value in digits.as_slice() {
            let count = match (value, dialect.zero_is()) {
                (0, Zero::TenFlashes) => 10,
                _ => *value,
            };
            match dialect.scheme() {
                Scheme::Digits if count > 0 => {
                    write!(f, "{separator}{}", Count(count, flash, None))?;
                }
                Scheme::Pair { second } if count > 0 => {
                    let (mine, other) = if is_first { (flash, second) } else { (second, flash) };
                    write!(f, "{separator}{}", Count(count, mine, Some(other)))?;
                }
                Scheme::Opened { by } => {
                    write!(f, "{separator}{}", Count(1, by, Some(flash)))?;
                    if count > 0 {
                        write!(f, " and {}", Count(count, flash, Some(by)))?;
                    }
                }
                Scheme::Bits { one } => {
                    let (mine, other) = if count == 0 { (flash, one) } else { (one, flash) };
                    write!(f, "{separator}{}", Kind(mine, Some(other)))?;
                }
                Scheme::Digits | Scheme::Pair { .. } => {
                    is_first = false;
                    continue;
                }
            }
            is_first = false;
            separator = match dialect.scheme() {
                Scheme::Bits { .. } => ", ",
                _ => ", a pause, ",
            };
        }
        Ok(())
    }
}

/// So many flashes of a kind.
struct Count(u8, Flash, Option<Flash>);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, flash, other) = self;
        let flashes = if *count == 1 { "flash" } else { "flashes" };
        match Kind(*flash, *other).word() {
            "" => write!(f, "{count} {flashes}"),
            word => write!(f, "{count} {word} {flashes}"),
        }
    }
}

/// How a flash differs from another one.
struct Kind(Flash, Option<Flash>);

impl Kind {
    fn word(&self) -> &'static str {
        let Self(flash, Some(other)) = self else { return "" };
        if flash.level() != other.level() && flash.level() != Level::On {
            flash.level().as_name()
        } else if flash.on_ms() > other.on_ms() {
            "long"
        } else {
            "short"
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How to read codes of a dialect, in a sentence.
pub(super) struct HowToRead<'a>(pub(super) &'a Dialect);

impl fmt::Display for HowToRead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dialect = self.0;
        let (_, len_max) = dialect.len_range();
        if dialect.value_range() == (1, 1) {
            return f
                .write_str("See whether it is dark, lit or flashes evenly, and in which colour.");
        }
        write!(f, "Wait until it is dark for {}", Seconds(dialect.code_gap_ms()))?;
        match dialect.start_flash() {
            Some(start) => {
                write!(f, " and lit for {}, then count the flashes", Seconds(start.on_ms()))?;
            }
            None => f.write_str(", then count the flashes")?,
        }
        if len_max > 1 && !matches!(dialect.scheme(), Scheme::Bits { .. }) {
            write!(f, "; {} of dark are between two numbers", Seconds(dialect.digit_gap_ms()))?;
        }
        f.write_str(". Watch until a code comes again.")
    }
}

/// Milliseconds as seconds, without zeros at the end.
struct Seconds(u16);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000, self.0 % 1_000);
        match (rest % 100, rest % 10) {
            (0, _) if rest == 0 => write!(f, "{whole} s"),
            (0, _) => write!(f, "{whole}.{} s", rest / 100),
            (_, 0) => write!(f, "{whole}.{:02} s", rest / 10),
            _ => write!(f, "{whole}.{rest:03} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;
    use crate::code::{code, count, digits, word};

    const SHORT: Flash = Flash::new(250, 250);
    const LONG: Flash = Flash::new(1_000, 1_000);

    #[test]
    fn codes_are_said_in_words() {
        let long_short = Dialect::pair(LONG, SHORT, 1_000, 2_500).zero(Zero::NoFlashes);
        let amber = SHORT.in_colour(Level::Amber);
        let two_colours = Dialect::pair(amber, SHORT.in_colour(Level::White), 1_000, 2_500);
        let opened = Dialect::opened(LONG, SHORT, 1_000, 2_500).zero(Zero::NoFlashes);
        let bits = Dialect::bits(SHORT, LONG, 3, 2_500);
        let ten = Dialect::HUMAN.zero(Zero::TenFlashes);
        for (code, dialect, expected) in [
            (count(1), Dialect::HUMAN, "1 flash"),
            (code(2, 3), Dialect::HUMAN, "2 flashes, a pause, 3 flashes"),
            (code(1, 0), ten, "1 flash, a pause, 10 flashes"),
            (code(2, 1), long_short, "2 long flashes, a pause, 1 short flash"),
            (code(0, 3), long_short, "3 short flashes"),
            (code(1, 2), two_colours, "1 amber flash, a pause, 2 white flashes"),
            (digits(&[0, 2]), opened, "1 long flash, a pause, 1 long flash and 2 short flashes"),
            (word(2, 3), bits, "short, long, short"),
            (Code::Solid(Level::Red), Dialect::HUMAN, "stays red"),
        ] {
            assert_eq!(InWords(&code, &dialect).to_string(), expected);
        }
    }

    #[test]
    fn seconds_have_as_many_places_as_they_need() {
        for (ms, expected) in
            [(0, "0 s"), (2_500, "2.5 s"), (3_000, "3 s"), (2_250, "2.25 s"), (1_005, "1.005 s")]
        {
            assert_eq!(Seconds(ms).to_string(), expected);
        }
    }
}
