//! An instant in one word: the low 32 bits of `now_us`, which come round after 71 minutes.
//!
//! Two stamps are compared in 32 bits, never in 64. All that a plan measures by stamps is below [`SPAN_US_MAX`], so that an age
//! of more than that is a stamp from after the reader's `now_us`: an interrupt came after the main loop had read the clock.

/// The longest time between two stamps, in microseconds.
pub(crate) const SPAN_US_MAX: u32 = (1 << 31) - 1;

/// The uptime that survives a reset is kept in units of so many microseconds.
pub const UPTIME_GRAIN_US: u32 = 1 << UPTIME_SHIFT;
pub(crate) const UPTIME_SHIFT: u32 = 16;

/// The low 32 bits of an instant.
#[allow(clippy::cast_possible_truncation)]
#[inline(always)]
pub(crate) const fn stamp(now_us: u64) -> u32 {
    now_us as u32
}

/// Microseconds from one stamp to another; 0 if it is the later one.
#[inline(always)]
pub(crate) const fn age_us(then: u32, now: u32) -> u32 {
    let age = now.wrapping_sub(then);
    if age > SPAN_US_MAX { 0 } else { age }
}

/// The instant of a stamp that was made at most [`SPAN_US_MAX`] before `now_us`.
pub(crate) const fn instant_us(then: u32, now_us: u64) -> u64 {
    now_us.saturating_sub(age_us(then, stamp(now_us)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_measured_across_the_wrap_of_32_bits() {
        let wrap_us = 1_u64 << 32;
        assert_eq!(age_us(stamp(wrap_us - 300), stamp(wrap_us + 200)), 500);
        assert_eq!(instant_us(stamp(wrap_us - 300), wrap_us + 200), wrap_us - 300);
        assert_eq!(age_us(0, SPAN_US_MAX), SPAN_US_MAX);
    }

    #[test]
    fn a_stamp_from_after_now_has_age_0() {
        assert_eq!(age_us(1_001, 1_000), 0);
        assert_eq!(instant_us(1_001, 1_000), 1_000);
        assert_eq!(age_us(0, SPAN_US_MAX + 1), 0);
    }
}
