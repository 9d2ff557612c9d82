//! Recovery: what was guarded is revalidated, within a budget, once.

use super::Boot;
use super::verdict::Found;
use crate::inherited::{Guarded, Inherited};
use crate::level::Level;
use crate::section::SectionId;

/// A recovery that has begun. What was guarded by sections comes out by [`Recovery::inherit`]. It ends by [`Recovery::finish`]: one
/// that does not end, because it is dropped or a reset comes, escalates the next boot, so that a recovery that crashes is not tried
/// for ever.
#[derive(Debug)]
#[must_use = "a recovery that does not end escalates the next boot: end it by `finish`"]
pub struct Recovery<'a, const N: usize, const O: usize> {
    pub(super) boot: &'a mut Boot<N, O>,
    pub(super) since_us: u64,
    pub(super) budget_us: u32,
}

/// What was wrong with a recovery. The level of this boot has escalated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RecoveryError {
    /// It took longer than its budget.
    #[error("{took_us} us of {budget_us}: now {level:?}")]
    Overrun {
        /// How long it took, in microseconds.
        took_us: u64,
        /// Its budget, in microseconds.
        budget_us: u32,
        /// The level of this boot from now on.
        level: Level,
    },
    /// The recovery before it has not ended.
    #[error("a recovery has not ended: now {level:?}")]
    Again {
        /// The level of this boot from now on.
        level: Level,
    },
}

impl<const N: usize, const O: usize> Recovery<'_, N, O> {
    /// The words that a section guards, as they were before the reset; `None` at a cold start, where the memory holds nothing.
    #[must_use]
    pub fn inherit<const SECTION: u8, const W: usize>(
        &self,
        guarded: &Guarded<SECTION, W>,
    ) -> Option<Inherited<'_, [u32; W]>> {
        self.inherit_value(Guarded::<SECTION, W>::section(), guarded.load())
    }

    /// A value that a section guards in a memory of the caller's own; `None` at a cold start.
    #[must_use]
    pub fn inherit_value<T>(&self, section: SectionId, value: T) -> Option<Inherited<'_, T>> {
        let verdict = &self.boot.verdict;
        let is_torn = verdict.torn().contains(section);
        let inherited = Inherited::new(value, section, is_torn, self.boot.healer);
        (verdict.found != Found::ColdStart).then_some(inherited)
    }

    /// The recovery has ended.
    ///
    /// # Errors
    ///
    /// [`RecoveryError::Overrun`]: it took longer than its budget.
    pub fn finish(self, now_us: u64) -> Result<(), RecoveryError> {
        let Self { boot, since_us, budget_us } = self;
        let took_us = now_us.saturating_sub(since_us);
        let is_overrun = took_us > u64::from(budget_us);
        boot.end_recovery(is_overrun);
        if is_overrun {
            return Err(RecoveryError::Overrun { took_us, budget_us, level: boot.level() });
        }
        Ok(())
    }
}
