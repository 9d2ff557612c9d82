//! What is known of a fault before it happens: a row of its set.

/// What a fault does to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Severity {
    /// The fault is shown, and nothing else.
    Notice,
    /// The machine goes on with less.
    Degrade,
    /// The outputs go safe, and none is armed while it is there.
    Stop,
    /// The outputs go safe, and the machine does not come back without a power cycle.
    Lockout,
}

/// When a fault goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Latch {
    /// With its cause.
    Auto,
    /// When it is acknowledged after its cause has gone.
    Acknowledge,
    /// With its session: a new [`FaultSet`](super::FaultSet) after a power cycle.
    Session,
    /// Never.
    Never,
}

/// What is known of a fault before it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) name: &'static str,
    pub(super) severity: Severity,
    pub(super) latch: Latch,
    pub(super) defer_max_us: u32,
}

/// The row of a fault, by the name of its flag.
#[must_use]
pub const fn fault(name: &'static str, severity: Severity, latch: Latch) -> Fault {
    Fault { name, severity, latch, defer_max_us: 0 }
}

impl Fault {
    /// The fault may be deferred, so that it acts after so many microseconds at the latest.
    #[must_use]
    pub const fn defer_max_us(mut self, us: u32) -> Self {
        self.defer_max_us = us;
        self
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it does.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// When it goes away.
    #[must_use]
    pub const fn latch(&self) -> Latch {
        self.latch
    }
}
