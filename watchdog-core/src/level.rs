//! What a boot may do, after so many abnormal ones.

/// What a boot may do: more abnormal boots, or a recovery that did not end, leave it less. It is for the caller to obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Level {
    /// Everything.
    Normal,
    /// The third abnormal boot within the window: what is not needed stays off.
    Degraded,
    /// The fifth: nothing but safe outputs, and the way for somebody to look.
    SafeOnly,
}

impl Level {
    /// The level of a boot that is this abnormal one of the window, counted from 1.
    pub(crate) const fn of_count(abnormal: u8) -> Self {
        match abnormal {
            0..DEGRADED_AT => Self::Normal,
            DEGRADED_AT..SAFE_ONLY_AT => Self::Degraded,
            SAFE_ONLY_AT.. => Self::SafeOnly,
        }
    }

    /// One step less.
    pub(crate) const fn escalated(self) -> Self {
        match self {
            Self::Normal => Self::Degraded,
            Self::Degraded | Self::SafeOnly => Self::SafeOnly,
        }
    }

    /// Two bits.
    pub(crate) const fn from_bits(bits: u32) -> Self {
        match bits & 3 {
            0 => Self::Normal,
            1 => Self::Degraded,
            _ => Self::SafeOnly,
        }
    }

    pub(crate) const fn bits(self) -> u32 {
        self as u32
    }
}

/// The abnormal boot of the window that is [`Level::Degraded`].
const DEGRADED_AT: u8 = 3;
/// The abnormal boot of the window that is [`Level::SafeOnly`], and as many boots are remembered.
pub(crate) const SAFE_ONLY_AT: u8 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_is_degraded_and_the_fifth_safe_only() {
        for (count, level) in [
            (0, Level::Normal),
            (2, Level::Normal),
            (3, Level::Degraded),
            (4, Level::Degraded),
            (5, Level::SafeOnly),
            (255, Level::SafeOnly),
        ] {
            assert_eq!(Level::of_count(count), level);
            assert_eq!(Level::from_bits(level.bits()), level);
        }
        assert_eq!(Level::from_bits(3), Level::SafeOnly);
        assert_eq!(Level::Normal.escalated(), Level::Degraded);
        assert_eq!(Level::SafeOnly.escalated(), Level::SafeOnly);
        assert!(Level::Normal < Level::Degraded && Level::Degraded < Level::SafeOnly);
    }
}
