//! The sample: one value of a source, when it was taken, and which one in its sequence.

/// A value that may be a sample. A floating-point number that is no finite number is none.
///
/// ```
/// use safe_state::Value;
/// assert!(!f32::NAN.is_sample());
/// assert!(20.5_f32.is_sample());
/// ```
pub trait Value: Copy + PartialEq {
    /// Whether this value may be a sample.
    #[must_use]
    fn is_sample(&self) -> bool {
        true
    }
}

impl Value for f32 {
    fn is_sample(&self) -> bool {
        self.is_finite()
    }
}

impl Value for f64 {
    fn is_sample(&self) -> bool {
        self.is_finite()
    }
}

macro_rules! values {
    ($($value:ty),*) => {$(impl Value for $value {})*};
}

values!(bool, i8, u8, i16, u16, i32, u32, i64, u64);

impl Value for crate::command::Switch {}
impl Value for crate::command::Duty {}

/// What a source has measured, or what another node has commanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sample<T> {
    /// The value.
    pub value: T,
    /// The number that the source gave it: each new one has another than the one before. A node that repeats the last value repeats
    /// its number.
    pub sequence: u32,
    /// When the source took it, in microseconds of the caller's clock.
    pub taken_us: u64,
}

impl<T> Sample<T> {
    /// A sample.
    #[must_use]
    pub const fn new(value: T, sequence: u32, taken_us: u64) -> Self {
        Self { value, sequence, taken_us }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_no_sample() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(!value.is_sample());
            assert!(!f64::from(value).is_sample());
        }
        assert!(0.0_f32.is_sample() && f64::MIN.is_sample() && u32::MAX.is_sample());
    }
}
