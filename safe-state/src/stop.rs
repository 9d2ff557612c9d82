//! Stops: what a demand does to a running output.
//!
//! ```text
//!  category    IEC 61800-5-2    way
//!  0           STO              the safe value in the call
//!  1           SS1-t            a ramp, and the safe value when its time is over, whatever the drive does
//!              SS1-r            the same, and at once when the read back leaves the ramp
//!  2           SS2, SOS         a ramp to the standstill, which is held inside a window for a time, then the safe value
//! ```
//!
//! Spec: IEC 60204-1:2016, 9.2.2 (stop categories); IEC 61800-5-2:2016, 4.2.3 (STO, SS1, SS2, SOS).

use crate::command::{Command, Gradual, part_of};
use crate::lease::Span;
use crate::loss::Way;
use crate::published::Quality;

/// How an output is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum StopCategory {
    /// The safe value at once; for a group all of them in its order, without delays.
    Zero,
    /// The controlled stop of the configuration, then the safe value; where there is none, the safe value in its order.
    One,
    /// The controlled stop that keeps the power for a time; where there is none, the safe value in its order.
    Two,
}

/// A controlled stop of category 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafeStop1<C> {
    to: C,
    over_us: u32,
    tolerance: Option<u32>,
}

impl<C: Command> SafeStop1<C> {
    /// The way to the standstill in this time (SS1-t). A command with nothing in between stays as it is until then.
    #[must_use]
    pub const fn timed(to: C, over: Span) -> Self {
        Self { to, over_us: over.as_us(), tolerance: None }
    }

    pub(crate) fn at(&self, from: C, elapsed_us: u32) -> Way<C> {
        match elapsed_us.checked_sub(self.over_us) {
            Some(since_us) => Way::Ended(since_us),
            None => Way::On(
                from.toward(self.to, part_of(elapsed_us, self.over_us)),
                Quality::Substitute,
            ),
        }
    }

    /// Whether what is read has followed this command of the ramp; a timed stop does not look.
    pub(crate) fn follows(&self, told: C, read: Option<C>) -> bool {
        match (self.tolerance, read) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(tolerance), Some(read)) => read.has_followed(told, self.to, tolerance),
        }
    }

    pub(crate) const fn is_monitored(&self) -> bool {
        self.tolerance.is_some()
    }
}

impl<C: Gradual> SafeStop1<C> {
    /// A ramp to the standstill in this time, of which the read back is at most `tolerance` units behind (SS1-r). An actuator that
    /// cannot be read back leaves it at once.
    #[must_use]
    pub const fn monitored(to: C, over: Span, tolerance: u32) -> Self {
        Self { to, over_us: over.as_us(), tolerance: Some(tolerance) }
    }
}

/// A controlled stop of category 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafeStop2<C> {
    to: C,
    over_us: u32,
    window: u32,
    stand_us: u32,
}

impl<C: Gradual> SafeStop2<C> {
    /// A ramp to the standstill in this time, which is then held for `stand`, so that the read back is at most `window` units away. An
    /// actuator that cannot be read back leaves it at once.
    #[must_use]
    pub const fn new(to: C, over: Span, window: u32, stand: Span) -> Self {
        Self { to, over_us: over.as_us(), window, stand_us: stand.as_us() }
    }
}

impl<C: Command> SafeStop2<C> {
    pub(crate) fn at(&self, from: C, elapsed_us: u32) -> Way<C> {
        match elapsed_us.checked_sub(self.over_us) {
            Some(stood_us) if stood_us < self.stand_us => Way::On(self.to, Quality::Substitute),
            Some(stood_us) => Way::Ended(stood_us.saturating_sub(self.stand_us)),
            None => Way::On(
                from.toward(self.to, part_of(elapsed_us, self.over_us)),
                Quality::Substitute,
            ),
        }
    }

    /// Whether what is read stands still, after the ramp.
    pub(crate) fn stands(&self, elapsed_us: u32, read: Option<C>) -> bool {
        elapsed_us < self.over_us
            || read.is_some_and(|read| read.has_followed(self.to, self.to, self.window))
    }
}
