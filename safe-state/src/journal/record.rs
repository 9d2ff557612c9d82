//! What an entry records, but for its time: five fields, whose meaning [`What`] says.

/// What an entry is about. Codes from 128 on are the user's.
///
/// The fields of a [`Record`] by it; all that is not named is 0:
///
/// ```text
///                          from             to               cause            correlation
///  1  BOOT                                                   of the reset     the boot's number
///  2  MACHINE              machine::State   machine::State   machine::Event   episode
///  3  CHANNEL              channel::State   channel::State   channel::Cause   the channel's number
///  4  FAULT_RAISED         1: the first-out its index                         episode
///  5  FAULT_CLEARED                         its index                         episode
///  6  ACKNOWLEDGED                                                            episode
///  7  RECOVERY_STEP        budget, low      its index        budget, high     duration
///  8  OUTPUT               Quality          Quality          output's number  age
///  9  RECOVERED            budget, low                       budget, high     duration
/// 10  RECOVERY_OVERRUN     budget, low      step, 255: all   budget, high     duration
/// 11  RECOVERY_REFUSED                      step of 0        0, 1, 2: below
/// ```
///
/// A state, an event, a cause and a quality are their place in `ALL`, and no event is 255. Budgets, durations and ages are microseconds, `mantissa` times 10 to the
/// power of `exponent`: the lower 13 bits and the upper 3, with the smallest exponent that fits, rounded down; 0xFFFF is no age. A recovery is
/// refused because the one before was left at a step (0), because nobody knows (1), or because the clock went backward (2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct What(u8);

impl What {
    /// A boot.
    pub const BOOT: Self = Self(1);
    /// The machine went from one state to another.
    pub const MACHINE: Self = Self(2);
    /// A channel went from one state to another.
    pub const CHANNEL: Self = Self(3);
    /// A fault was raised.
    pub const FAULT_RAISED: Self = Self(4);
    /// The cause of a fault has gone.
    pub const FAULT_CLEARED: Self = Self(5);
    /// Somebody has acknowledged.
    pub const ACKNOWLEDGED: Self = Self(6);
    /// A step of a recovery has ended.
    pub const RECOVERY_STEP: Self = Self(7);
    /// The quality of an output changed.
    pub const OUTPUT: Self = Self(8);
    /// A recovery has ended.
    pub const RECOVERED: Self = Self(9);
    /// A recovery, or a step of it, took too long.
    pub const RECOVERY_OVERRUN: Self = Self(10);
    /// A recovery was not begun, or not gone on with.
    pub const RECOVERY_REFUSED: Self = Self(11);

    /// A code of the user's, 128 to 255; `None` below.
    #[must_use]
    pub const fn user(code: u8) -> Option<Self> {
        if code >= 128 { Some(Self(code)) } else { None }
    }

    /// A code as it is stored.
    #[must_use]
    pub const fn from_raw(code: u8) -> Self {
        Self(code)
    }

    /// The code.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }
}

/// What is recorded, but for its time. An [`Occurrence`](super::Occurrence) makes one, and is read out of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Record {
    /// What it is about.
    pub what: What,
    /// The state before, where there is one.
    pub from: u8,
    /// The state after, or an index.
    pub to: u8,
    /// Why.
    pub cause: u8,
    /// What belongs together has the same number.
    pub correlation: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_user_begin_at_128() {
        assert_eq!((What::user(127), What::user(128)), (None, Some(What(128))));
        assert_eq!(What::from_raw(3), What::CHANNEL);
        assert_eq!(What::CHANNEL.as_raw(), 3);
    }
}
