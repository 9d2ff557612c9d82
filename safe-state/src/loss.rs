//! What an output does when nobody renews it: a way that ends in its safe value, and has an end.

use crate::command::{Command, Gradual, part_of};
use crate::lease::Span;
use crate::published::Quality;

/// What an output does when its lease has ended. All of it ends in the safe value; there is no way to hold a value for ever.
///
/// ```
/// use safe_state::{over_us, OnLoss};
/// const FAN: OnLoss<u16> = OnLoss::value(1_000, over_us(5_000_000));
/// const DRIVE: OnLoss<u16> = OnLoss::ramp(0, over_us(200_000)).after_holding(over_us(20_000));
/// # let _ = (FAN, DRIVE);
/// ```
///
/// ```compile_fail,E0599
/// use safe_state::OnLoss;
/// const FROZEN: OnLoss<u16> = OnLoss::hold();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnLoss<C> {
    hold_us: u32,
    course: Course<C>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course<C> {
    Safe,
    Value { value: C, during_us: u32 },
    Ramp { to: C, over_us: u32 },
}

/// Where a way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way<C> {
    /// On it: this is driven.
    On(C, Quality),
    /// The way has ended, so many microseconds ago.
    Ended(u32),
}

impl<C: Command> OnLoss<C> {
    /// The safe value at once.
    pub const SAFE: Self = Self { hold_us: 0, course: Course::Safe };

    /// A value for so long, then the safe one.
    #[must_use]
    pub const fn value(value: C, during: Span) -> Self {
        Self { hold_us: 0, course: Course::Value { value, during_us: during.as_us() } }
    }

    /// Holds the last value for so long before.
    #[must_use]
    pub const fn after_holding(mut self, span: Span) -> Self {
        self.hold_us = span.as_us();
        self
    }

    /// Where the output is so long after its lease has ended.
    pub(crate) fn at(&self, from: C, elapsed_us: u32) -> Way<C> {
        let Some(elapsed_us) = elapsed_us.checked_sub(self.hold_us) else {
            return Way::On(from, Quality::Held);
        };
        match self.course {
            Course::Value { value, during_us } if elapsed_us < during_us => {
                Way::On(value, Quality::Substitute)
            }
            Course::Ramp { to, over_us } if elapsed_us < over_us => {
                Way::On(from.toward(to, part_of(elapsed_us, over_us)), Quality::Substitute)
            }
            Course::Safe => Way::Ended(elapsed_us),
            Course::Value { during_us: us, .. } | Course::Ramp { over_us: us, .. } => {
                Way::Ended(elapsed_us.saturating_sub(us))
            }
        }
    }
}

impl<C: Gradual> OnLoss<C> {
    /// A straight line to a value, then the safe one.
    #[must_use]
    pub const fn ramp(to: C, over: Span) -> Self {
        Self { hold_us: 0, course: Course::Ramp { to, over_us: over.as_us() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::over_us;

    #[test]
    fn a_way_ends_when_it_ends() {
        let safe: OnLoss<i32> = OnLoss::SAFE;
        assert_eq!([0, 7].map(|us| safe.at(100, us)), [Way::Ended(0), Way::Ended(7)]);
        let held = OnLoss::SAFE.after_holding(over_us(10));
        assert_eq!(held.at(100, 9), Way::On(100, Quality::Held));
        assert_eq!(held.at(100, 10), Way::Ended(0));
        let value = OnLoss::value(5, over_us(10)).after_holding(over_us(10));
        assert_eq!(value.at(100, 9), Way::On(100, Quality::Held));
        assert_eq!(value.at(100, 10), Way::On(5, Quality::Substitute));
        assert_eq!(
            [19, 20, 22].map(|us| value.at(100, us)),
            [Way::On(5, Quality::Substitute), Way::Ended(0), Way::Ended(2)]
        );
        let ramp = OnLoss::ramp(0, over_us(10));
        assert_eq!(ramp.at(100, 0), Way::On(100, Quality::Substitute));
        assert_eq!(ramp.at(100, 5), Way::On(50, Quality::Substitute));
        assert_eq!(ramp.at(100, 10), Way::Ended(0));
        assert_eq!(ramp.at(100, u32::MAX), Way::Ended(u32::MAX - 10));
    }
}
