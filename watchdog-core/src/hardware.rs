//! What a plan says of the hardware watchdog: after which time it bites, and from which time on it may be fed.
//!
//! ```text
//! last feed                                                   bites
//! |------- window closed -------|------- window open -----------|
//! 0                      window_us                  timeout, min to max
//! ```

use core::ops::RangeInclusive;

/// The hardware watchdog that a plan counts on; see [`hardware`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Hardware {
    timeout_min_us: u32,
    timeout_max_us: u32,
    window_us: u32,
    tolerance_permille: u16,
}

/// The timeouts that a plan accepts, in microseconds; see [`timeout_us`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    min: u32,
    max: u32,
}

/// A timeout from the first to the last of these microseconds.
#[must_use]
pub const fn timeout_us(range: RangeInclusive<u32>) -> Timeout {
    Timeout { min: *range.start(), max: *range.end() }
}

/// A hardware watchdog with such a timeout, without a window, and whose clock is right.
#[must_use]
pub const fn hardware(timeout: Timeout) -> Hardware {
    let Timeout { min: timeout_min_us, max: timeout_max_us } = timeout;
    Hardware { timeout_min_us, timeout_max_us, window_us: 0, tolerance_permille: 0 }
}

impl Hardware {
    /// The watchdog may not be fed before so many microseconds after the last feed.
    #[must_use]
    pub const fn window_us(mut self, opens_us: u32) -> Self {
        self.window_us = opens_us;
        self
    }

    /// The watchdog's clock is off by so much, either way: 1 to 999. It widens the timeouts, narrows the window, and is how far
    /// the clocks may part where the watchdog has a counter.
    #[must_use]
    pub const fn tolerance_permille(mut self, permille: u16) -> Self {
        self.tolerance_permille = permille;
        self
    }

    /// The timeouts that may be set, nominal.
    #[must_use]
    pub const fn timeouts_us(&self) -> RangeInclusive<u32> {
        self.timeout_min_us..=self.timeout_max_us
    }

    /// From when on it may be fed after the last feed, nominal; 0 without a window.
    #[must_use]
    pub const fn opens_us(&self) -> u32 {
        self.window_us
    }

    /// By how much its clock may be off.
    #[must_use]
    pub const fn clock_permille(&self) -> u16 {
        self.tolerance_permille
    }

    /// The earliest bite: the shortest timeout by a fast clock. Rounded down.
    #[must_use]
    pub const fn bites_after_us(&self) -> u64 {
        self.timeout_min_us as u64 * 1_000 / (1_000 + self.tolerance_permille as u64)
    }

    /// The latest bite: the longest timeout by a slow clock. Rounded up.
    #[must_use]
    pub const fn bites_before_us(&self) -> u64 {
        slowly(self.timeout_max_us, self.tolerance_permille)
    }

    /// The instant from which on the window is open even by a slow clock, after the last feed. Rounded up.
    #[must_use]
    pub const fn surely_open_us(&self) -> u64 {
        slowly(self.window_us, self.tolerance_permille)
    }

    /// Whether a timeout is one of those that the plan accepts.
    #[must_use]
    pub const fn accepts(&self, timeout_us: u32) -> bool {
        self.timeout_min_us <= timeout_us && timeout_us <= self.timeout_max_us
    }
}

/// The limits by which the dog judges a feed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From when on the window is surely open after the last feed.
    pub(crate) opens_us: u32,
    pub(crate) late_max_us: u32,
    pub(crate) clock_permille: u16,
}

impl Limits {
    /// Of two watchdogs: the window that opens last, the clock of the first one.
    pub(crate) const fn new(first: &Hardware, second: Option<&Hardware>, late_max_us: u32) -> Self {
        let mut opens_us = first.surely_open_us();
        if let Some(second) = second {
            if second.surely_open_us() > opens_us {
                opens_us = second.surely_open_us();
            }
        }
        let opens_us = if opens_us < u32::MAX as u64 { opens_us as u32 } else { u32::MAX };
        Self { opens_us, late_max_us, clock_permille: first.tolerance_permille }
    }
}

/// How long a nominal time is by a clock that is slow by so much.
const fn slowly(us: u32, permille: u16) -> u64 {
    let share = if permille < 1_000 { 1_000 - permille as u64 } else { 1 };
    (us as u64 * 1_000).div_ceil(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_widens_the_timeouts_and_narrows_the_window() {
        let exact = hardware(timeout_us(80_000..=100_000)).window_us(40_000);
        assert_eq!((exact.bites_after_us(), exact.bites_before_us()), (80_000, 100_000));
        assert_eq!(exact.surely_open_us(), 40_000);
        let rough = exact.tolerance_permille(250);
        assert_eq!((rough.bites_after_us(), rough.bites_before_us()), (64_000, 133_334));
        assert_eq!(rough.surely_open_us(), 53_334);
        assert!(rough.accepts(80_000) && rough.accepts(100_000));
        assert_eq!((rough.opens_us(), rough.clock_permille()), (40_000, 250));
        assert!(!rough.accepts(79_999) && !rough.accepts(100_001));
    }
}
