//! What neighbours see of an output: its value with its quality, never a bare value.

/// How good a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Quality {
    /// Somebody commands it, and renews it.
    Good,
    /// Nobody renews it; it is held for a time that has an end.
    Held,
    /// Another value in its place: a ramp, a standstill, what was named for a loss.
    Substitute,
    /// The safe value. It says nothing of what was asked for, and nothing may depend on it.
    Bad,
}

impl Quality {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Good, Self::Held, Self::Substitute, Self::Bad];
}

/// A value that others see, with its quality and age.
///
/// ```
/// use safe_state::{Published, Quality};
/// fn follow(speed: Published<u16>) -> Option<u16> {
///     speed.good()
/// }
/// fn show(speed: Published<u16>) -> String {
///     match (speed.quality(), speed.age_us()) {
///         (Quality::Good, _) => format!("{}", speed.last_known()),
///         (quality, Some(age_us)) => format!("{} ({quality:?} for {age_us} us)", speed.last_known()),
///         (quality, None) => format!("{quality:?}"),
///     }
/// }
/// ```
///
/// ```compile_fail,E0308
/// use safe_state::Published;
/// fn follow(speed: Published<u16>) -> u16 {
///     speed
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Published<T> {
    value: T,
    quality: Quality,
    age_us: Option<u64>,
    sequence: u16,
}

impl<T: Copy> Published<T> {
    pub(crate) const fn new(
        value: T,
        quality: Quality,
        age_us: Option<u64>,
        sequence: u16,
    ) -> Self {
        Self { value, quality, age_us, sequence }
    }

    /// The value, if it is good.
    #[must_use]
    pub fn good(&self) -> Option<T> {
        (self.quality == Quality::Good).then_some(self.value)
    }

    /// The value whatever its quality is, to be shown together with it.
    #[must_use]
    pub const fn last_known(&self) -> T {
        self.value
    }

    /// How good the value is.
    #[must_use]
    pub const fn quality(&self) -> Quality {
        self.quality
    }

    /// How long ago the lease was renewed: by the last new command, or by the start, in microseconds; `None` if the channel never ran.
    #[must_use]
    pub const fn age_us(&self) -> Option<u64> {
        self.age_us
    }

    /// The number of the last command that was put, wrapping: a value with the same number does not get younger.
    #[must_use]
    pub const fn sequence(&self) -> u16 {
        self.sequence
    }
}
