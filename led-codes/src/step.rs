//! A step of a pattern: a level, and how long it is shown.

use crate::level::Level;

/// A level and how long it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Step {
    level: Level,
    ms: u16,
}

impl Step {
    pub(crate) const fn new(level: Level, ms: u16) -> Self {
        Self { level, ms }
    }

    /// What the light shows.
    #[must_use]
    pub const fn level(self) -> Level {
        self.level
    }

    /// How long, in milliseconds: 1 to 65,535.
    #[must_use]
    pub const fn ms(self) -> u16 {
        self.ms
    }
}
