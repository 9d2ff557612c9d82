//! A checkpoint: a place in the code of a supervised entity that reports when it is reached.

/// A checkpoint of a supervised entity, 0 to 15. Each entity numbers its own.
///
/// ```
/// use watchdog_core::Checkpoint;
///
/// const SAMPLE: Checkpoint = Checkpoint::of::<0>();
/// assert_eq!(SAMPLE.as_raw(), 0);
/// assert_eq!(Checkpoint::new(16), None);
/// ```
///
/// A constant that is out of range does not compile:
///
/// ```compile_fail,E0080
/// use watchdog_core::Checkpoint;
///
/// const SAMPLE: Checkpoint = Checkpoint::of::<16>();
/// # let _ = SAMPLE;
/// ```
///
/// Spec: AUTOSAR Specification of Watchdog Manager R4.3.1, Supervised Entities and Checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Checkpoint(u8);

impl Checkpoint {
    /// The highest.
    pub const MAX: Self = Self(15);

    /// A checkpoint that is known when the program is compiled.
    #[must_use]
    pub const fn of<const RAW: u8>() -> Self {
        const { assert!(RAW <= Self::MAX.0, "a checkpoint is 0 to 15") };
        Self(RAW)
    }

    /// The checkpoint with this number; `None` above 15.
    #[must_use]
    pub const fn new(raw: u8) -> Option<Self> {
        if raw <= Self::MAX.0 { Some(Self(raw)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }

    /// The low four bits of a word as a checkpoint.
    pub(crate) const fn from_low_bits(word: u32) -> Self {
        Self((word & 0xF) as u8)
    }

    /// Its bit in a set of checkpoints.
    pub(crate) const fn bit(self) -> u16 {
        1 << (self.0 & 0xF)
    }
}
