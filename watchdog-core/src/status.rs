//! Status: of an entity (local), and of all (global).
//!
//! ```text
//! local    good cycle         bad cycle            deadline or logical fault   mode switch
//! Ok       Ok                 Failed, or Expired   Expired                     Deactivated
//!                             where the tolerance is 0
//! Failed   Failed, or Ok      Failed, or Expired   Expired                     Deactivated
//!          when none is left  past the tolerance
//! Expired  Expired            Expired              Expired                     Expired
//! Deactivated: nothing is judged; a mode switch gives Ok
//!
//! global: Ok -> Failed -> Expired (fed for the grace) -> Stopped; Ok and Failed go back and forth, Expired and Stopped never
//! ```
//!
//! The count of bad cycles outlives a deactivation: the entity is `Ok` when it is activated again, and its tolerance is what was
//! left. Otherwise a dead entity would be fed for ever by switching back and forth between two modes.
//!
//! Spec: AUTOSAR Specification of Watchdog Manager R4.3.1, 7.1.2.1.1 and 7.1.2.1.2 (Local and Global Supervision Status).

use crate::culprit::Culprit;
use crate::entity_id::EntityId;
use crate::epoch::{EPOCH_STEP, epoch};

/// The local status of a supervised entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LocalStatus {
    /// Nothing was wrong, or all that was has been made good.
    Ok,
    /// There were bad reference cycles, within the tolerance.
    Failed,
    /// Past the tolerance, or a deadline or logical fault: final until the reset.
    Expired,
    /// Not supervised in this mode.
    Deactivated,
}

/// The global status of a supervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum GlobalStatus {
    /// Every entity that withholds the permit is `Ok` or deactivated.
    Ok,
    /// At least one of them is `Failed`, none `Expired`.
    Failed,
    /// One of them is `Expired`, or the supervisor was late: fed for the grace.
    Expired,
    /// Never fed again.
    Stopped,
}

/// What a permit comes with. Advisory entities are not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Health {
    /// Nothing is wrong, or nothing is judged in this mode.
    Ok,
    /// An entity is within its tolerance; of several the one that has the fewest cycles left, of these the first.
    Failed {
        /// The entity.
        entity: EntityId,
        /// How many more bad reference cycles are survived.
        cycles_left: u8,
    },
    /// Something has expired, and the watchdog will not be fed much longer.
    Expired {
        /// What was wrong first.
        culprit: Culprit,
        /// How many more evaluations give a permit.
        grace_left: u8,
    },
}

/// What the supervisor knows of an entity, beside its count. It is kept in one word, which the supervisor alone writes, and from which
/// check-ins take the epoch.
///
/// ```text
/// bit 31         20 19        12 11         4 3   2 1      0
///     |   epoch    |    bad     |    wait    | marks | status |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The epoch, in its place in the word.
    pub(crate) epoch: u32,
    /// How many bad reference cycles are not made good yet.
    bad: u8,
    /// How many cycle ends there are up to the end of the reference cycle.
    pub(crate) wait: u8,
    marks: u8,
    status: LocalStatus,
}

/// Judged since the last mode switch.
const JUDGED: u8 = 1;
/// Judged good since it was activated, and since the last bounded mode.
const GOOD: u8 = 2;

impl Record {
    /// A new entity, deactivated.
    pub(crate) const NEW_WORD: u32 = LocalStatus::Deactivated as u32;

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // Eight bits each.
    pub(crate) const fn from_word(word: u32) -> Self {
        let status = match word & 3 {
            0 => LocalStatus::Ok,
            1 => LocalStatus::Failed,
            2 => LocalStatus::Expired,
            _ => LocalStatus::Deactivated,
        };
        let (bad, wait) = ((word >> 12) as u8, (word >> 4) as u8);
        Self { epoch: epoch(word), bad, wait, marks: (word >> 2 & 3) as u8, status }
    }

    #[inline(always)]
    pub(crate) const fn to_word(self) -> u32 {
        self.epoch
            | (self.bad as u32) << 12
            | (self.wait as u32) << 4
            | (self.marks as u32) << 2
            | self.status as u32
    }

    pub(crate) const fn status(&self) -> LocalStatus {
        self.status
    }

    #[inline(always)]
    pub(crate) const fn is_supervised(&self) -> bool {
        matches!(self.status, LocalStatus::Ok | LocalStatus::Failed)
    }

    pub(crate) const fn is_judged(&self) -> bool {
        self.marks & JUDGED != 0
    }

    pub(crate) const fn is_judged_good(&self) -> bool {
        self.marks & GOOD != 0
    }

    /// How many more bad reference cycles are survived.
    pub(crate) const fn cycles_left(&self, tolerance: u8) -> u8 {
        tolerance.saturating_sub(self.bad)
    }

    /// A good reference cycle.
    #[inline(always)]
    pub(crate) const fn good(&mut self) {
        self.marks = JUDGED | GOOD;
        self.bad = self.bad.saturating_sub(1);
        self.status = if self.bad == 0 { LocalStatus::Ok } else { LocalStatus::Failed };
    }

    /// A bad reference cycle. Whether it expires the entity.
    #[must_use]
    #[inline(always)]
    pub(crate) const fn bad(&mut self, tolerance: u8) -> bool {
        self.marks |= JUDGED;
        if self.bad >= tolerance {
            self.expire();
            return true;
        }
        self.bad += 1;
        self.status = LocalStatus::Failed;
        false
    }

    /// A deadline or logical fault, which has no tolerance.
    pub(crate) const fn expire(&mut self) {
        self.marks |= JUDGED;
        self.status = LocalStatus::Expired;
    }

    /// A mode switch. What is expired stays so. Whether the entity is activated by it.
    pub(crate) const fn switch(&mut self, is_active: bool) -> bool {
        self.marks &= !JUDGED;
        match (self.status, is_active) {
            (LocalStatus::Deactivated, true) => {
                self.status = LocalStatus::Ok;
                true
            }
            (LocalStatus::Ok | LocalStatus::Failed, false) => {
                (self.status, self.marks) = (LocalStatus::Deactivated, 0);
                false
            }
            _ => false,
        }
    }

    /// A new epoch, in which so many cycle ends are the end of the first reference cycle.
    pub(crate) const fn begin_epoch(&mut self, wait: u8) {
        (self.epoch, self.wait) = (self.epoch.wrapping_add(EPOCH_STEP), wait);
    }

    /// A bounded mode begins: what was judged before it does not count for the next one.
    pub(crate) const fn begin_bounded(&mut self) {
        self.marks = 0;
    }
}
