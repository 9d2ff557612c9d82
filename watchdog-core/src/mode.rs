//! Modes: which entities are supervised when, and for how long nothing need be judged.
//!
//! A plan begins in [`Mode::FIRST`], in which every entity is active unless a row of the plan says otherwise. A *bounded mode* is
//! for what is known to be long (erasing flash, a self-test, sleep): nothing is judged in it, and it has a budget.

/// A mode of the plan, 0 to 31.
///
/// ```
/// use watchdog_core::Mode;
///
/// const SERVICE: Mode = Mode::of::<1>();
/// assert_eq!(SERVICE.as_raw(), 1);
/// assert_eq!(Mode::new(32), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mode(u8);

impl Mode {
    /// The mode in which a supervisor is armed.
    pub const FIRST: Self = Self(0);
    /// The highest.
    pub const MAX: Self = Self(31);

    /// A mode that is known when the program is compiled.
    #[must_use]
    pub const fn of<const RAW: u8>() -> Self {
        const { assert!(RAW <= Self::MAX.0, "a mode is 0 to 31") };
        Self(RAW)
    }

    /// The mode with this number; `None` above 31.
    #[must_use]
    pub const fn new(raw: u8) -> Option<Self> {
        if raw <= Self::MAX.0 { Some(Self(raw)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }

    /// Its bit in a set of modes.
    pub(crate) const fn bit(self) -> u32 {
        1 << (self.0 & 31)
    }
}

/// How long a bounded mode may be, and what goes on in it; see [`budget_us`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub(crate) us: u32,
    pub(crate) are_outputs_safe: bool,
    pub(crate) during: During,
}

/// What goes on in a bounded mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum During {
    /// `evaluate` is called, and permits come at the end of each cycle.
    Evaluating,
    /// Nothing can run, and the watchdog goes on counting.
    Blocked,
    /// Nothing can run, and the watchdog stands still.
    WatchdogPaused,
}

/// A bounded mode of at most so many microseconds, below 2^31, in which `evaluate` goes on.
#[must_use]
pub const fn budget_us(us: u32) -> Budget {
    Budget { us, are_outputs_safe: false, during: During::Evaluating }
}

impl Budget {
    /// The outputs are safe in this mode, so that its length is no part of the process safety time.
    #[must_use]
    pub const fn outputs_safe(mut self) -> Self {
        self.are_outputs_safe = true;
        self
    }

    /// `evaluate` cannot run in this mode: flash is erased, and the processor waits.
    #[must_use]
    pub const fn blocked(mut self) -> Self {
        self.during = During::Blocked;
        self
    }

    /// `evaluate` cannot run in this mode, and the watchdog stands still in it, as in sleep. When the mode is left, the watchdog is
    /// asked whether it runs again.
    #[must_use]
    pub const fn watchdog_paused(mut self) -> Self {
        self.during = During::WatchdogPaused;
        self
    }
}

/// A row of the plan: a mode; see [`mode`] and [`bounded`].
#[derive(Clone, Copy, Debug)]
pub struct ModePlan {
    pub(crate) mode: Mode,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// The entities that are active, by name.
    Supervised(&'static [&'static str]),
    Bounded(Budget),
}

/// A mode in which these entities are active, by name, and the others are deactivated.
#[must_use]
pub const fn mode(mode: Mode, name: &'static str, active: &'static [&'static str]) -> ModePlan {
    ModePlan { mode, name, kind: Kind::Supervised(active) }
}

/// A bounded mode: nothing is judged in it.
#[must_use]
pub const fn bounded(mode: Mode, name: &'static str, budget: Budget) -> ModePlan {
    ModePlan { mode, name, kind: Kind::Bounded(budget) }
}
