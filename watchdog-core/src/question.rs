//! Question/answer watchdogs: the chip asks, and only a program that computes is believed.
//!
//! ```text
//! |---- window 1 ----|---- window 2 ----|
//!   answers 3, 2, 1    answer 0             then the next question, and its window 1
//! ```
//!
//! The answers of the TPS65313, TLE8888 and L9779 family are computed from the four bits of the question. The FS26 is told the
//! complement of its token.
//!
//! Spec: TI TPS65313-Q1 data sheet, Q&A watchdog; NXP FS26 data sheet, challenger watchdog.

/// A question of the TPS65313 family, 0 to 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Question(u8);

impl Question {
    /// The first.
    pub const ZERO: Self = Self(0);
    /// The last.
    pub const MAX: Self = Self(15);

    /// The question with this number; `None` above 15.
    #[must_use]
    pub const fn new(raw: u8) -> Option<Self> {
        if raw <= Self::MAX.0 { Some(Self(raw)) } else { None }
    }

    /// The question in the low four bits of a register.
    #[must_use]
    pub const fn from_low_bits(register: u8) -> Self {
        Self(register & Self::MAX.0)
    }

    /// Its number.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }

    /// The answers in the order in which they are sent: the first three, numbered 3, 2 and 1, in window 1, the last one, numbered 0,
    /// in window 2.
    ///
    /// ```
    /// use watchdog_core::question::Question;
    ///
    /// assert_eq!(Question::ZERO.answers(), [0xFF, 0x0F, 0xF0, 0x00]);
    /// ```
    #[must_use]
    pub const fn answers(self) -> [u8; 4] {
        let mut last = 0xFF_u8;
        if self.0 & 1 != 0 {
            last ^= 0x4F;
        }
        if self.0 & 2 != 0 {
            last ^= 0x16;
        }
        if self.0 & 4 != 0 {
            last ^= 0x8A;
        }
        if self.0 & 8 != 0 {
            last ^= 0x2D;
        }
        [last, last ^ 0xF0, last ^ 0x0F, last ^ 0xFF]
    }
}

/// The token of an FS26 after its reset.
pub const FS26_RESET_TOKEN: u16 = 0x5AB2;

/// The answer to a token of an FS26: its complement.
///
/// ```
/// use watchdog_core::question::{FS26_RESET_TOKEN, fs26_answer};
///
/// assert_eq!(fs26_answer(FS26_RESET_TOKEN), 0xA54D);
/// ```
#[must_use]
pub const fn fs26_answer(token: u16) -> u16 {
    !token
}

/// The fail counter of such a chip, as its data sheet has it: a good round counts it down, a bad one up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FailCounter(u8);

/// What a chip does at a state of its fail counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reaction {
    /// Nothing: below 5.
    None,
    /// The outputs are off: 5 to 7.
    OutputsOff,
    /// The program is reset: a bad round at 7.
    Reset,
}

impl FailCounter {
    /// No bad round is left.
    pub const ZERO: Self = Self(0);
    /// The highest count; the next bad round resets.
    pub const MAX: Self = Self(7);
    /// From this count on the outputs are off.
    pub const OUTPUTS_OFF: Self = Self(5);

    /// The counter at this count; `None` above 7.
    #[must_use]
    pub const fn new(raw: u8) -> Option<Self> {
        if raw <= Self::MAX.0 { Some(Self(raw)) } else { None }
    }

    /// Its count.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }

    /// The counter after a round, and what the chip does then. After a reset the counter is what it was.
    #[must_use]
    pub const fn after(self, is_good: bool) -> (Self, Reaction) {
        if !is_good && self.0 >= Self::MAX.0 {
            return (self, Reaction::Reset);
        }
        let count = if is_good { self.0.saturating_sub(1) } else { self.0.saturating_add(1) };
        let off = count >= Self::OUTPUTS_OFF.0;
        (Self(count), if off { Reaction::OutputsOff } else { Reaction::None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_staircase_of_the_fail_counter() {
        let mut counter = FailCounter::ZERO;
        let mut step = |is_good| {
            let (next, reaction) = counter.after(is_good);
            counter = next;
            (next.as_raw(), reaction)
        };
        use Reaction::{None, OutputsOff, Reset};
        for (is_good, expected) in [
            (true, (0, None)),
            (false, (1, None)),
            (false, (2, None)),
            (false, (3, None)),
            (false, (4, None)),
            (false, (5, OutputsOff)),
            (true, (4, None)),
            (false, (5, OutputsOff)),
            (false, (6, OutputsOff)),
            (false, (7, OutputsOff)),
            (true, (6, OutputsOff)),
            (false, (7, OutputsOff)),
            (false, (7, Reset)),
            (true, (6, OutputsOff)),
        ] {
            assert_eq!(step(is_good), expected);
        }
        assert_eq!(
            (FailCounter::new(7), FailCounter::new(8)),
            (Some(FailCounter::MAX), Option::None)
        );
    }

    #[test]
    fn a_question_is_four_bits() {
        assert_eq!((Question::new(15), Question::new(16)), (Some(Question::MAX), None));
        assert_eq!(Question::from_low_bits(0xA5), Question(5));
        assert_eq!(fs26_answer(FS26_RESET_TOKEN), 0xA54D);
    }
}
