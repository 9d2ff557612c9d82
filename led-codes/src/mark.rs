//! Marks: what is shown before a code and says more about it.
//!
//! ```text
//!  first out      ______                 the code
//!                |750 ms|_____1,000 ms__|‾|_|‾|___
//!  before reset   ______          ______                 the code
//!                |750 ms|_500 ms_|750 ms|_____1,000 ms__|‾|_|‾|___
//! ```

use crate::flash::{Flash, Flashes};

/// What a mark says of the code after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Mark {
    /// This fault came first.
    FirstOut,
    /// This fault was there before the last reset.
    BeforeReset,
}

impl Mark {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::FirstOut, Self::BeforeReset];

    /// What it says, in a legend.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::FirstOut => "The fault that came first",
            Self::BeforeReset => "A fault from before the reset",
        }
    }
}

/// How a dialect shows its marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Marks {
    /// Before the fault that came first.
    pub first_out: Flashes,
    /// Before a fault from before the last reset.
    pub before_reset: Flashes,
}

impl Marks {
    /// The longest mark, in milliseconds.
    pub const MS_MAX: u32 = 3_000;

    /// Long flashes, three times as long as those of [`Dialect::HUMAN`](crate::Dialect::HUMAN): one for the first, two for a fault
    /// from before the reset.
    pub const HUMAN: Self = Self {
        first_out: Flash::new(750, 500).times(1, 1_000),
        before_reset: Flash::new(750, 500).times(2, 1_000),
    };

    /// The flashes of a mark.
    #[must_use]
    pub const fn flashes(&self, mark: Mark) -> Flashes {
        match mark {
            Mark::FirstOut => self.first_out,
            Mark::BeforeReset => self.before_reset,
        }
    }
}

const _: () = assert!(Marks::HUMAN.first_out.ms() <= Marks::MS_MAX);
const _: () = assert!(Marks::HUMAN.before_reset.ms() <= Marks::MS_MAX);
