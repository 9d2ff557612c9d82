//! The lease: how long a running output keeps its value when nobody renews it.

/// How long a running channel is held by one `put`. There is no lease without an end.
///
/// ```
/// use safe_state::{lease_us, Lease};
/// const LEASE: Lease = lease_us(20_000);
/// assert_eq!(LEASE.as_us(), 20_000);
/// ```
///
/// ```compile_fail,E0080
/// use safe_state::{lease_us, Lease};
/// const FOREVER: Lease = lease_us(u32::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lease(u32);

impl Lease {
    /// The longest lease, in microseconds: a minute.
    pub const US_MAX: u32 = 60_000_000;

    /// Its length in microseconds.
    #[must_use]
    pub const fn as_us(self) -> u32 {
        self.0
    }
}

/// A lease of 1 to [`Lease::US_MAX`] microseconds. Another one does not compile in a constant.
///
/// # Panics
///
/// If it is 0 or longer.
#[must_use]
pub const fn lease_us(us: u32) -> Lease {
    assert!(us > 0, "a lease of 0 us has ended when it begins");
    assert!(us <= Lease::US_MAX, "a lease is at most a minute");
    Lease(us)
}

/// How long a way takes: a ramp, a hold, a stop.
///
/// ```compile_fail,E0080
/// use safe_state::{over_us, Span};
/// const FOREVER: Span = over_us(u32::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Span(u32);

impl Span {
    /// The longest one, in microseconds: ten minutes.
    pub const US_MAX: u32 = 600_000_000;

    /// Its length in microseconds.
    #[must_use]
    pub const fn as_us(self) -> u32 {
        self.0
    }
}

/// A span of 1 to [`Span::US_MAX`] microseconds. Another one does not compile in a constant.
///
/// # Panics
///
/// If it is 0 or longer.
#[must_use]
pub const fn over_us(us: u32) -> Span {
    assert!(us > 0, "a way of 0 us is none");
    assert!(us <= Span::US_MAX, "a way takes at most ten minutes");
    Span(us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_and_a_span_have_an_end() {
        assert_eq!(lease_us(1).as_us(), 1);
        assert_eq!(lease_us(Lease::US_MAX).as_us(), 60_000_000);
        assert_eq!(over_us(1).as_us(), 1);
        assert_eq!(over_us(Span::US_MAX).as_us(), 600_000_000);
    }

    #[test]
    #[should_panic(expected = "a lease of 0 us has ended when it begins")]
    fn refuses_a_lease_of_nothing() {
        let _ = lease_us(0);
    }

    #[test]
    #[should_panic(expected = "a lease is at most a minute")]
    fn refuses_a_lease_that_is_too_long() {
        let _ = lease_us(Lease::US_MAX + 1);
    }

    #[test]
    #[should_panic(expected = "a way of 0 us is none")]
    fn refuses_a_span_of_nothing() {
        let _ = over_us(0);
    }

    #[test]
    #[should_panic(expected = "a way takes at most ten minutes")]
    fn refuses_a_span_that_is_too_long() {
        let _ = over_us(Span::US_MAX + 1);
    }
}
