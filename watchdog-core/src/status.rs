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
//! Spec: AUTOSAR Specification of Watchdog Manager R4.3.1, Local Supervision Status and Global Supervision Status.

use crate::entity_id::EntityId;
use crate::epoch::{Epochs, beside_epoch, word_of};

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
    /// An entity comes less and less often, and has not missed yet; of several the first. Only where profiles are on.
    Drifting {
        /// The entity.
        entity: EntityId,
        /// How much of its budget is left, in permille.
        margin_permille: u16,
    },
    /// An entity is within its tolerance; of several the one that has the fewest cycles left, of these the first.
    Failed {
        /// The entity.
        entity: EntityId,
        /// How many more bad reference cycles are survived.
        cycles_left: u8,
    },
    /// Something has expired, and the watchdog will not be fed much longer.
    Expired {
        /// The entity of the first culprit; `None` for the supervisor itself. `Supervisor::culprit` has all of it.
        entity: Option<EntityId>,
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
///
/// The epoch is the one since which its notes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record(u32);

const STATUS_BITS: u32 = 3;
/// Judged since the last mode switch.
const JUDGED: u32 = 1 << 2;
/// Judged good since it was activated, and since the last bounded mode.
const GOOD: u32 = 1 << 3;
const MARKS: u32 = JUDGED | GOOD;
const WAIT_SHIFT: u32 = 4;
const BAD_SHIFT: u32 = 12;
/// One cycle end, one bad reference cycle.
const ONE_WAIT: u32 = 1 << WAIT_SHIFT;
const ONE_BAD: u32 = 1 << BAD_SHIFT;
const WAIT_BITS: u32 = 0xFF << WAIT_SHIFT;
const BAD_BITS: u32 = 0xFF << BAD_SHIFT;
const OK: u32 = LocalStatus::Ok as u32;
const FAILED: u32 = LocalStatus::Failed as u32;
const EXPIRED: u32 = LocalStatus::Expired as u32;
const DEACTIVATED: u32 = LocalStatus::Deactivated as u32;

impl Record {
    /// A new entity, deactivated.
    pub(crate) const NEW_WORD: u32 = DEACTIVATED;

    #[inline(always)]
    pub(crate) const fn from_word(word: u32) -> Self {
        Self(word)
    }

    #[inline(always)]
    pub(crate) const fn to_word(self) -> u32 {
        self.0
    }

    pub(crate) const fn status(self) -> LocalStatus {
        match self.0 & STATUS_BITS {
            OK => LocalStatus::Ok,
            FAILED => LocalStatus::Failed,
            EXPIRED => LocalStatus::Expired,
            _ => LocalStatus::Deactivated,
        }
    }

    #[inline(always)]
    pub(crate) const fn is_supervised(self) -> bool {
        self.0 & STATUS_BITS <= FAILED
    }

    /// Whether it is supervised, or was when it expired.
    pub(crate) const fn is_active(self) -> bool {
        self.0 & STATUS_BITS != DEACTIVATED
    }

    #[inline(always)]
    pub(crate) const fn is_failed(self) -> bool {
        self.0 & STATUS_BITS == FAILED
    }

    pub(crate) const fn is_judged(self) -> bool {
        self.0 & JUDGED != 0
    }

    pub(crate) const fn is_judged_good(self) -> bool {
        self.0 & GOOD != 0
    }

    /// How many more bad reference cycles are survived.
    #[allow(clippy::cast_possible_truncation)] // The count has eight bits.
    pub(crate) const fn cycles_left(self, tolerance: u8) -> u8 {
        tolerance.saturating_sub(((self.0 & BAD_BITS) >> BAD_SHIFT) as u8)
    }

    /// A cycle end. How many more there are up to the end of the reference cycle.
    #[inline(always)]
    pub(crate) const fn end_cycle(&mut self) -> u32 {
        self.0 = self.0.wrapping_sub(ONE_WAIT);
        (self.0 & WAIT_BITS) >> WAIT_SHIFT
    }

    /// A reference cycle of so many cycles begins.
    #[inline(always)]
    pub(crate) const fn begin_reference_cycle(&mut self, cycles: u8) {
        self.put(WAIT_BITS, (cycles as u32) << WAIT_SHIFT);
    }

    /// Whether no bad reference cycle is to be made good; the entity is then `Ok`, if it is supervised.
    #[inline(always)]
    pub(crate) const fn has_no_bad(self) -> bool {
        self.0 & BAD_BITS == 0
    }

    /// A good reference cycle of an entity that [has no bad one](Self::has_no_bad).
    #[inline(always)]
    pub(crate) const fn mark_good(&mut self) {
        self.0 |= MARKS;
    }

    /// A good reference cycle, which makes good a bad one.
    pub(crate) const fn make_good(&mut self) {
        self.mark_good();
        if !self.has_no_bad() {
            self.0 = self.0.wrapping_sub(ONE_BAD);
            self.set(if self.has_no_bad() { OK } else { FAILED });
        }
    }

    /// A bad reference cycle. Whether it expires the entity.
    #[must_use]
    pub(crate) const fn bad(&mut self, tolerance: u8) -> bool {
        self.0 |= JUDGED;
        if self.cycles_left(tolerance) == 0 {
            self.set(EXPIRED);
            return true;
        }
        self.0 = self.0.wrapping_add(ONE_BAD);
        self.set(FAILED);
        false
    }

    /// A deadline or logical fault, which has no tolerance.
    pub(crate) const fn expire(&mut self) {
        self.set(EXPIRED);
    }

    /// A mode switch. What is expired stays so. Whether the entity is activated by it.
    pub(crate) const fn switch(&mut self, is_active: bool) -> bool {
        self.0 &= !JUDGED;
        match (self.status(), is_active) {
            (LocalStatus::Deactivated, true) => {
                self.set(OK);
                true
            }
            (LocalStatus::Ok | LocalStatus::Failed, false) => {
                self.0 &= !GOOD;
                self.set(DEACTIVATED);
                false
            }
            _ => false,
        }
    }

    /// What was noted before this epoch is void, and so many cycle ends are the end of the first reference cycle.
    pub(crate) const fn begin(&mut self, epoch: u32, wait: u8) {
        self.0 = word_of(epoch, beside_epoch(self.0));
        self.begin_reference_cycle(wait);
    }

    /// The supervision goes on in this epoch.
    pub(crate) const fn go_on(&mut self, epoch: u32) {
        self.0 = word_of(Epochs::new(self.0, epoch).shortened(), beside_epoch(self.0));
    }

    /// A bounded mode begins: what was judged before it does not count for the next one.
    pub(crate) const fn begin_bounded(&mut self) {
        self.0 &= !MARKS;
    }

    #[inline(always)]
    const fn set(&mut self, status: u32) {
        self.put(STATUS_BITS, status);
    }

    /// Puts a value in the place of these bits.
    #[inline(always)]
    const fn put(&mut self, bits: u32, value: u32) {
        self.0 = self.0 & !bits | value;
    }
}

/// The statuses of several entities that are or were supervised.
pub(crate) struct Statuses(u32);

impl Statuses {
    pub(crate) const NONE: Self = Self(0);

    #[inline(always)]
    pub(crate) const fn add(&mut self, record: Record) {
        self.0 |= record.0;
    }

    #[inline(always)]
    pub(crate) const fn is_any_failed(&self) -> bool {
        self.0 & FAILED != 0
    }
}

/// Of these three only `FAILED` has its bit.
const _: () = assert!(FAILED == 1 && OK & FAILED == 0 && EXPIRED & FAILED == 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_failed_is_seen_among_all() {
        let record = |status| Record(0xFFFF_FFF0 | status);
        for others in [&[][..], &[OK], &[OK, EXPIRED], &[EXPIRED, EXPIRED]] {
            let mut statuses = Statuses::NONE;
            others.iter().for_each(|status| statuses.add(record(*status)));
            assert!(!statuses.is_any_failed(), "{others:?}");
            statuses.add(record(FAILED));
            others.iter().for_each(|status| statuses.add(record(*status)));
            assert!(statuses.is_any_failed(), "{others:?}");
        }
    }
}
