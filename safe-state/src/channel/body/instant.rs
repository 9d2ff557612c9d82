//! An instant in two words, so that a channel is aligned as its words are.

/// Microseconds of the caller's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant {
    pub(super) low: u32,
    pub(super) high: u32,
}

impl Instant {
    #[allow(clippy::cast_possible_truncation)] // Two halves.
    pub(super) const fn of(us: u64) -> Self {
        Self { low: us as u32, high: (us >> 32) as u32 }
    }

    pub(super) const fn as_us(self) -> u64 {
        (self.high as u64) << 32 | self.low as u64
    }
}
