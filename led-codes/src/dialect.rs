//! A dialect: how numbers become flashes.
//!
//! ```text
//!  [start]  digit  [digit ...]  [end]
//!
//!  counts   3        |‾|_|‾|_|‾|__________________
//!  digits   2-3      |‾|_|‾|______|‾|_|‾|_|‾|_____________
//!  pair     2-3      |‾‾‾|_|‾‾‾|______|‾|_|‾|_|‾|_____________     long then short, or one colour then another
//!  opened   2-3      |‾‾‾|_|‾|_|‾|______|‾‾‾|_|‾|_|‾|_|‾|_______
//!  bits     0-1-0    |‾|_|‾‾‾|_|‾|_____________
//! ```

use crate::code::{Code, Digits};
use crate::flash::{Flash, Flashes};
use crate::mark::{Mark, Marks};
use crate::pattern::{self, Pattern};

/// The looks of the digits of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Scheme {
    /// Each digit is so many flashes.
    Digits,
    /// Of two digits the first is so many flashes, and the second so many of another kind.
    Pair {
        /// A flash of the second digit.
        second: Flash,
    },
    /// Each digit opens with one flash of another kind.
    Opened {
        /// The flash before each digit.
        by: Flash,
    },
    /// Each digit is a bit, and one flash.
    Bits {
        /// The flash of a 1; that of a 0 is the flash of the dialect.
        one: Flash,
    },
}

/// The look of a digit 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Zero {
    /// There is no digit 0.
    Refused,
    /// Ten flashes.
    TenFlashes,
    /// No flashes: in the first digit of a pair, in the last digits of a code, after the flash that opens a digit.
    NoFlashes,
}

/// How numbers become flashes. A dialect is const data: made by a constructor, and refined by the methods after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dialect {
    flash: Flash,
    scheme: Scheme,
    start: Option<Flash>,
    end: Option<Flash>,
    digit_gap_ms: u16,
    code_gap_ms: u16,
    len_min: u8,
    len_max: u8,
    value_min: u8,
    value_max: u8,
    zero: Zero,
    repeats: u8,
    tolerance_percent: u8,
    marks: Option<Marks>,
    is_for_people: bool,
    is_colour_meant: bool,
}

/// Why a dialect cannot carry a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NotCarried {
    /// There are too few or too many digits.
    #[error("the dialect has {min} to {max} digits, and the code {got}")]
    Len {
        /// How many there are.
        got: u8,
        /// The fewest.
        min: u8,
        /// The most.
        max: u8,
    },
    /// A digit is out of range.
    #[error("digit {place} is {got}, and the dialect has {min} to {max}")]
    Digit {
        /// The place of the digit, from 0.
        place: u8,
        /// The value of the digit.
        got: u8,
        /// The smallest one.
        min: u8,
        /// The largest one.
        max: u8,
    },
    /// A digit 0 where the dialect has none.
    #[error("digit {place} is 0, which the dialect cannot show there")]
    Zero {
        /// The place of the digit, from 0.
        place: u8,
    },
    /// A light that is solid has no pattern.
    #[error("a solid light has no pattern")]
    Solid,
    /// The flashes are no pattern.
    #[error(transparent)]
    Pattern(pattern::Error),
}

/// What people can read, measured on 20 people and 300 trials of five flashes: 92 of 100 are read right at 225 to 250 ms a half period,
/// 58 at 150 to 175 ms, 21 at 50 to 75 ms.
pub mod people {
    /// The shortest step, in milliseconds.
    pub const STEP_MS_MIN: u16 = 225;
    /// The most flashes in a digit.
    pub const FLASHES_MAX: u8 = 5;
    /// The most digits.
    pub const DIGITS_MAX: u8 = 2;
    /// A long flash is so many times as long as a short one.
    pub const LONG_TIMES: u16 = 3;
}

impl Dialect {
    /// Two digits of 1 to 5 flashes that people read: 250 ms lit, 250 ms dark, 1 s between the digits, 2.5 s between codes, with marks
    /// for the first fault and for one from before the reset.
    pub const HUMAN: Self = Self::digits(Flash::new(250, 250), 1_000, 2_500).marks(Marks::HUMAN);

    /// Codes of one digit, 1 to 5 flashes, so long apart.
    #[must_use]
    pub const fn counts(flash: Flash, code_gap_ms: u16) -> Self {
        Self::of(flash, Scheme::Digits, code_gap_ms, code_gap_ms).lens(1, 1)
    }

    /// One flash that repeats, evenly: the code [`count(1)`](crate::count) alone.
    #[must_use]
    pub const fn free_running(flash: Flash) -> Self {
        Self::counts(flash, flash.off_ms()).values(1, 1)
    }

    /// Codes of two digits of 1 to 5 flashes, with the dark between digits and the dark after a code.
    #[must_use]
    pub const fn digits(flash: Flash, digit_gap_ms: u16, code_gap_ms: u16) -> Self {
        Self::of(flash, Scheme::Digits, digit_gap_ms, code_gap_ms)
    }

    /// Codes of two digits whose flashes differ: long and short ones, or those of two colours.
    #[must_use]
    pub const fn pair(first: Flash, second: Flash, digit_gap_ms: u16, code_gap_ms: u16) -> Self {
        Self::of(first, Scheme::Pair { second }, digit_gap_ms, code_gap_ms)
    }

    /// Codes whose digits each open with a flash of another kind.
    #[must_use]
    pub const fn opened(by: Flash, flash: Flash, digit_gap_ms: u16, code_gap_ms: u16) -> Self {
        Self::of(flash, Scheme::Opened { by }, digit_gap_ms, code_gap_ms)
    }

    /// Words of so many bits: a flash a bit.
    #[must_use]
    pub const fn bits(zero: Flash, one: Flash, bits: u8, code_gap_ms: u16) -> Self {
        let dialect = Self::of(zero, Scheme::Bits { one }, code_gap_ms, code_gap_ms);
        dialect.lens(bits, bits).values(0, 1)
    }

    const fn of(flash: Flash, scheme: Scheme, digit_gap_ms: u16, code_gap_ms: u16) -> Self {
        assert!(digit_gap_ms > 0 && code_gap_ms > 0, "a gap of 0 ms is none");
        Self {
            flash,
            scheme,
            start: None,
            end: None,
            digit_gap_ms,
            code_gap_ms,
            len_min: 2,
            len_max: 2,
            value_min: 1,
            value_max: 5,
            zero: Zero::Refused,
            repeats: 2,
            tolerance_percent: 20,
            marks: None,
            is_for_people: true,
            is_colour_meant: false,
        }
    }

    /// So many digits.
    ///
    /// # Panics
    ///
    /// If the least is 0 or above the most, the most is above [`Digits::LEN_MAX`], or it is a pair and has others than two.
    #[must_use]
    pub const fn lens(self, min: u8, max: u8) -> Self {
        assert!(min >= 1 && min <= max && max as usize <= Digits::LEN_MAX, "1 to 5 digits");
        let is_pair = matches!(self.scheme, Scheme::Pair { .. });
        assert!(!is_pair || (min == 2 && max == 2), "a pair has two digits");
        Self { len_min: min, len_max: max, ..self }
    }

    /// Digits of so many flashes, but for the digit 0: see [`zero`](Self::zero).
    ///
    /// # Panics
    ///
    /// If the least is above the most, the most is above [`Digits::VALUE_MAX`], or bits are not 0 and 1.
    #[must_use]
    pub const fn values(self, min: u8, max: u8) -> Self {
        assert!(min <= max && max <= Digits::VALUE_MAX, "digits are at most 63");
        let is_bits = matches!(self.scheme, Scheme::Bits { .. });
        assert!(if is_bits { min == 0 && max == 1 } else { min >= 1 }, "digits begin at 1");
        Self { value_min: min, value_max: max, ..self }
    }

    /// The look of a digit 0.
    ///
    /// # Panics
    ///
    /// If ten flashes are a digit of their own.
    #[must_use]
    pub const fn zero(self, zero: Zero) -> Self {
        let is_ten = matches!(zero, Zero::TenFlashes);
        assert!(!is_ten || self.value_max < 10, "ten flashes are the digit 10");
        Self { zero, ..self }
    }

    /// A flash before each code that is not counted.
    #[must_use]
    pub const fn start(self, flash: Flash) -> Self {
        Self { start: Some(flash), ..self }
    }

    /// A flash after the last digit that is not counted. The dark of the dialect's digits is before it, and the dark of its codes
    /// after it.
    #[must_use]
    pub const fn end(self, flash: Flash) -> Self {
        Self { end: Some(flash), ..self }
    }

    /// A board shows each code so many times before the next one; 2 unless it says another number.
    ///
    /// # Panics
    ///
    /// If it is 0 or more than 9.
    #[must_use]
    pub const fn repeats(self, times: u8) -> Self {
        assert!(times >= 1 && times <= 9, "a code is shown 1 to 9 times");
        Self { repeats: times, ..self }
    }

    /// By how much the clock of a watcher may be wrong, in percent; 20 unless it says another number.
    ///
    /// # Panics
    ///
    /// If it is 50 or more.
    #[must_use]
    pub const fn tolerance_percent(self, percent: u8) -> Self {
        assert!(percent < 50, "a clock that is wrong by half tells nothing apart");
        Self { tolerance_percent: percent, ..self }
    }

    /// With marks, which the legend proves to be like no code.
    #[must_use]
    pub const fn marks(self, marks: Marks) -> Self {
        Self { marks: Some(marks), ..self }
    }

    /// The opt-in beyond what [people] can read: shorter steps, more flashes, more digits, long flashes that are not much longer.
    #[must_use]
    pub const fn beyond_people(self) -> Self {
        Self { is_for_people: false, ..self }
    }

    /// The opt-in to codes that differ in their colour alone, for a standard that has such.
    #[must_use]
    pub const fn colour_is_meant(self) -> Self {
        Self { is_colour_meant: true, ..self }
    }

    /// The pattern of a code, without a mark.
    ///
    /// ```
    /// use led_codes::{code, Dialect};
    /// let pattern = Dialect::HUMAN.pattern(&code(2, 3)).unwrap();
    /// assert_eq!(pattern.to_string(), "on 250 off 250 x2 off 1000 on 250 off 250 x3 off 2500");
    /// ```
    ///
    /// A code that the dialect cannot carry does not compile in a constant:
    ///
    /// ```compile_fail,E0080
    /// use led_codes::{code, Dialect, Pattern};
    /// const SEVEN: Pattern = match Dialect::HUMAN.pattern(&code(1, 7)) {
    ///     Ok(pattern) => pattern,
    ///     Err(_) => panic!("not carried"),
    /// };
    /// ```
    ///
    /// # Errors
    ///
    /// The dialect cannot carry it, or the period were too long.
    pub const fn pattern(&self, code: &Code<'_>) -> Result<Pattern, NotCarried> {
        self.marked(code, None)
    }

    /// The pattern of a code after its mark. A dialect without marks shows the code alone.
    ///
    /// # Errors
    ///
    /// As [`pattern`](Self::pattern).
    pub const fn marked(&self, code: &Code<'_>, mark: Option<Mark>) -> Result<Pattern, NotCarried> {
        if let Code::Digits(digits) = code {
            if let Err(error) = self.carries(digits) {
                return Err(error);
            }
        }
        let mut pattern = Pattern::EMPTY;
        let mut index = 0;
        while let Some(row) = self.row(code, mark, index) {
            // There is place for all that a dialect has.
            let _ = pattern.push(row);
            index = index.wrapping_add(1);
        }
        match (code, pattern.checked()) {
            (Code::Solid(_), _) => Err(NotCarried::Solid),
            (_, Ok(pattern)) => Ok(pattern),
            (_, Err(error)) => Err(NotCarried::Pattern(error)),
        }
    }

    /// Whether these digits are a code of this dialect.
    ///
    /// # Errors
    ///
    /// What it cannot carry.
    pub const fn carries(&self, digits: &Digits) -> Result<(), NotCarried> {
        let (got, min, max) = (digits.len(), self.len_min, self.len_max);
        if got < min || got > max {
            return Err(NotCarried::Len { got, min, max });
        }
        let (min, max) = (self.value_min, self.value_max);
        let mut place = 0;
        while let Some(got) = digits.at(place) {
            let is_zero = got == 0 && min > 0;
            if is_zero && !self.shows_zero(digits, place) {
                return Err(NotCarried::Zero { place });
            }
            if !is_zero && (got < min || got > max) {
                return Err(NotCarried::Digit { place, got, min, max });
            }
            place = place.wrapping_add(1);
        }
        Ok(())
    }

    /// Whether a digit 0 can be told at this place.
    const fn shows_zero(&self, digits: &Digits, place: u8) -> bool {
        match (self.zero, self.scheme) {
            (Zero::Refused, _) => false,
            (Zero::TenFlashes, _) | (Zero::NoFlashes, Scheme::Opened { .. }) => true,
            (Zero::NoFlashes, Scheme::Pair { .. }) => place == 0,
            (Zero::NoFlashes, _) => place > 0 && !self.is_followed(digits, place),
        }
    }

    /// Whether a later digit has flashes.
    const fn is_followed(&self, digits: &Digits, place: u8) -> bool {
        let mut later = place.wrapping_add(1);
        while let Some(value) = digits.at(later) {
            if self.count_of(value) > 0 || matches!(self.scheme, Scheme::Opened { .. }) {
                return true;
            }
            later = later.wrapping_add(1);
        }
        false
    }

    /// How many flashes a digit has.
    const fn count_of(&self, value: u8) -> u8 {
        match (self.scheme, self.zero) {
            (Scheme::Bits { .. }, _) => 1,
            (_, Zero::TenFlashes) if value == 0 => 10,
            _ => value,
        }
    }

    /// The most flashes that a digit has.
    pub(crate) const fn flashes_max(&self) -> u8 {
        match self.zero {
            Zero::TenFlashes => 10,
            _ => self.value_max,
        }
    }

    /// Whether last digits that are 0 are not shown at all.
    pub(crate) const fn drops_zeros(&self) -> bool {
        matches!((self.zero, self.scheme), (Zero::NoFlashes, Scheme::Digits))
    }

    /// A row of a code by its place: the mark, the start, the digits, the end. `None` after the last.
    pub(crate) const fn row(
        &self,
        code: &Code<'_>,
        mark: Option<Mark>,
        index: u8,
    ) -> Option<Flashes> {
        let mut left = index;
        if let (Some(mark), Some(marks)) = (mark, &self.marks) {
            if left == 0 {
                return Some(marks.flashes(mark));
            }
            left = left.wrapping_sub(1);
        }
        match code {
            Code::Digits(digits) => self.row_of_digits(digits, left),
            Code::Pattern(pattern) => pattern.row(left),
            Code::Solid(_) => None,
        }
    }

    const fn row_of_digits(&self, digits: &Digits, index: u8) -> Option<Flashes> {
        let mut left = index;
        if let Some(start) = self.start {
            if left == 0 {
                return Some(start.once());
            }
            left = left.wrapping_sub(1);
        }
        let mut place = 0;
        while let Some(value) = digits.at(place) {
            let count = self.count_of(value);
            let mut gap_ms = self.gap_after(digits, place);
            let mut flash = self.flash;
            match self.scheme {
                Scheme::Digits => {}
                Scheme::Pair { second } if place > 0 => flash = second,
                Scheme::Pair { .. } => {}
                Scheme::Bits { one } => {
                    flash = if value == 0 { flash } else { one };
                    gap_ms = if self.is_followed(digits, place) { flash.off_ms() } else { gap_ms };
                }
                Scheme::Opened { by } => {
                    if left == 0 {
                        return Some(by.row(1, if count == 0 { gap_ms } else { by.off_ms() }));
                    }
                    left = left.wrapping_sub(1);
                }
            }
            if count > 0 {
                if left == 0 {
                    return Some(flash.row(count, gap_ms));
                }
                left = left.wrapping_sub(1);
            }
            place = place.wrapping_add(1);
        }
        match self.end {
            Some(end) if left == 0 => Some(end.row(1, self.code_gap_ms)),
            _ => None,
        }
    }

    /// How long it is dark after a digit.
    const fn gap_after(&self, digits: &Digits, place: u8) -> u16 {
        if self.end.is_some() || self.is_followed(digits, place) {
            self.digit_gap_ms
        } else {
            self.code_gap_ms
        }
    }

    /// A flash of the first digit.
    #[must_use]
    pub const fn flash(&self) -> Flash {
        self.flash
    }

    /// The looks of the digits.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The flash before each code.
    #[must_use]
    pub const fn start_flash(&self) -> Option<Flash> {
        self.start
    }

    /// The flash after each code.
    #[must_use]
    pub const fn end_flash(&self) -> Option<Flash> {
        self.end
    }

    /// How long it is dark between two digits, in milliseconds.
    #[must_use]
    pub const fn digit_gap_ms(&self) -> u16 {
        self.digit_gap_ms
    }

    /// How long it is dark after a code, in milliseconds.
    #[must_use]
    pub const fn code_gap_ms(&self) -> u16 {
        self.code_gap_ms
    }

    /// The fewest and the most digits.
    #[must_use]
    pub const fn len_range(&self) -> (u8, u8) {
        (self.len_min, self.len_max)
    }

    /// The smallest and the largest digit, but for a 0 that has a look of its own.
    #[must_use]
    pub const fn value_range(&self) -> (u8, u8) {
        (self.value_min, self.value_max)
    }

    /// The look of a digit 0.
    #[must_use]
    pub const fn zero_is(&self) -> Zero {
        self.zero
    }

    /// How often a board shows a code before the next one: 1 to 9.
    #[must_use]
    pub const fn times(&self) -> u8 {
        self.repeats
    }

    /// By how much the clock of a watcher may be wrong, in percent: 0 to 49.
    #[must_use]
    pub const fn tolerance(&self) -> u8 {
        self.tolerance_percent
    }

    /// The marks of the dialect.
    #[must_use]
    pub const fn marks_of(&self) -> Option<Marks> {
        self.marks
    }

    /// Whether codes must keep to what [people] can read.
    #[must_use]
    pub const fn is_for_people(&self) -> bool {
        self.is_for_people
    }

    /// Whether codes may differ in their colour alone.
    #[must_use]
    pub const fn is_colour_meant(&self) -> bool {
        self.is_colour_meant
    }

    /// The kinds of flashes that a code has, the shortest dark of each with it.
    pub(crate) const fn kinds(&self) -> [Option<Flash>; 4] {
        let other = match self.scheme {
            Scheme::Digits => None,
            Scheme::Pair { second } => Some(second),
            Scheme::Opened { by } => Some(by),
            Scheme::Bits { one } => Some(one),
        };
        [Some(self.flash), other, self.start, self.end]
    }

    /// The shortest step, in milliseconds.
    #[must_use]
    pub const fn shortest_ms(&self) -> u16 {
        let mut shortest = shorter(self.digit_gap_ms, self.code_gap_ms);
        let kinds = self.kinds();
        let mut rest: &[Option<Flash>] = &kinds;
        while let [kind, after @ ..] = rest {
            if let Some(flash) = kind {
                shortest = shorter(shortest, shorter(flash.on_ms(), flash.off_ms()));
            }
            rest = after;
        }
        shortest
    }
}

/// The shorter one of two durations.
pub(crate) const fn shorter(one: u16, other: u16) -> u16 {
    if one < other { one } else { other }
}
