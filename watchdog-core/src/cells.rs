//! The memory of a supervisor: what check-ins write, and what the supervisor keeps for itself.

use core::fmt;

use crate::alive::AliveCell;
use crate::boot::BootGuard;
use crate::culprit::First;
use crate::deadline::DeadlineCell;
use crate::epoch::Epochs;
use crate::logical::FlowCell;
use crate::mode::Mode;
use crate::plan::Plan;
use crate::profile::{Measure, Profiles};
use crate::status::{GlobalStatus, Record};
use crate::window::Start;
use crate::word::{Private, Word};

/// The memory of the supervisor of a plan, which lives in a `static`.
///
/// With a `StaticCell`, `cortex_m::singleton!` or an RTIC local the caller gets the `&'static mut` that
/// [`Supervisor::new`](crate::Supervisor::new) takes. It cannot be taken back, so that there is one supervisor of these cells.
#[derive(Debug)]
pub struct Cells<const N: usize, const D: usize = 0, const F: usize = 0> {
    pub(crate) shared: Shared<N, D, F>,
    pub(crate) own: Own,
}

/// The 32-bit words that check-ins and the supervisor share. Each word has one writer.
#[derive(Debug)]
pub(crate) struct Shared<const N: usize, const D: usize, const F: usize> {
    pub(crate) plan: &'static Plan<N, D, F>,
    /// Where the run is recorded; written before anything is shared.
    pub(crate) boot: BootGuard<N>,
    pub(crate) profiles: Option<Measured>,
    /// The uptime that is recorded. The supervisor's own.
    pub(crate) uptime: Private,
    /// The epoch that runs, written by the supervisor.
    pub(crate) epoch: Word,
    pub(crate) entities: [EntityCell; N],
    pub(crate) deadlines: [DeadlineCell; D],
    pub(crate) flows: [FlowCell; F],
}

/// The profiles that check-ins write.
#[derive(Clone, Copy)]
pub(crate) struct Measured(pub(crate) &'static dyn Measure);

impl fmt::Debug for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Measured")
    }
}

/// An entity: 16 bytes.
#[derive(Debug)]
pub(crate) struct EntityCell {
    /// The [`Record`], written by the supervisor.
    record: Word,
    /// The count at the end of the last reference cycle; of a deactivated entity, when it was deactivated. The supervisor's own.
    seen: Private,
    pub(crate) alive: AliveCell,
}

impl EntityCell {
    /// For the enumeration of all states.
    #[cfg(all(test, not(loom)))]
    pub(crate) const fn words(&self) -> ([&Word; 3], &Private) {
        let [count, stamp] = self.alive.words();
        ([&self.record, count, stamp], &self.seen)
    }

    const_unless_loom! {
        pub(crate) fn new() -> Self {
            Self { record: Word::new(Record::NEW_WORD), seen: Private::new(0), alive: AliveCell::new() }
        }
    }

    #[inline(always)]
    pub(crate) fn record(&self) -> Record {
        Record::from_word(self.record.own())
    }

    /// Nothing that a check-in reads is noted before it.
    #[inline(always)]
    pub(crate) fn set_record(&self, record: Record) {
        self.record.note(record.to_word());
    }

    /// How many check-ins there were since the last call.
    #[inline(always)]
    pub(crate) fn take_count(&self) -> u32 {
        let count = self.alive.count();
        let seen = self.seen.value();
        self.seen.set(count);
        count.wrapping_sub(seen)
    }

    /// How many check-ins there were since the last call of [`Self::take_count`].
    pub(crate) fn count(&self) -> u32 {
        self.alive.count().wrapping_sub(self.seen.value())
    }

    /// The epochs of which the notes of the entity count, for a check-in and for the supervisor.
    #[inline(always)]
    pub(crate) fn epochs(&self, now_epoch: u32) -> Epochs {
        Epochs::new(self.record.glance(), now_epoch)
    }
}

/// The supervisor's own state, which no check-in reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Own {
    /// The end of the running cycle.
    pub(crate) due_us: u64,
    /// When the start-up or the bounded mode began.
    pub(crate) since_us: u64,
    pub(crate) first: First,
    pub(crate) first_advisory: First,
    pub(crate) cycle: u32,
    pub(crate) mode: Mode,
    pub(crate) phase: Phase,
    pub(crate) status: GlobalStatus,
    pub(crate) grace_left: u8,
    /// Whether the first call of `evaluate` gives a permit at once.
    pub(crate) is_owed_a_feed: bool,
    pub(crate) start: Option<Start>,
}

/// Which entities an evaluation judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    /// Nothing yet.
    StartUp,
    /// The entities that are active in the mode.
    Supervising,
    /// Nothing, in the bounded mode of the row at this place.
    Bounded(u8),
    /// Nothing any more.
    Stopped,
}

impl<const N: usize, const D: usize, const F: usize> Cells<N, D, F> {
    const_unless_loom! {
        /// The memory of the supervisor of this plan.
        #[must_use]
        pub fn new(plan: &'static Plan<N, D, F>) -> Self {
            Self {
                shared: Shared {
                    plan,
                    boot: BootGuard::without_memory(),
                    profiles: None,
                    uptime: Private::new(0),
                    epoch: Word::new(0),
                    entities: cells!(EntityCell, N),
                    deadlines: cells!(DeadlineCell, D),
                    flows: cells!(FlowCell, F),
                },
                own: Own::NEW,
            }
        }
    }
}

impl<const N: usize, const D: usize, const F: usize> Cells<N, D, F> {
    /// The same, and the check-ins are measured.
    #[must_use]
    pub const fn profiled(mut self, profiles: &'static Profiles<N>) -> Self {
        self.shared.profiles = Some(Measured(profiles));
        self
    }
}

impl Own {
    pub(crate) const NEW: Self = Self {
        due_us: 0,
        since_us: 0,
        first: First::NONE,
        first_advisory: First::NONE,
        cycle: 0,
        mode: Mode::FIRST,
        phase: Phase::StartUp,
        status: GlobalStatus::Ok,
        grace_left: 0,
        is_owed_a_feed: false,
        start: None,
    };
}
