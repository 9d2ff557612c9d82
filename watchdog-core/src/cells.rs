//! The memory of a supervisor: what check-ins write, and what the supervisor keeps for itself.

use crate::alive::AliveCell;
use crate::culprit::Culprit;
use crate::deadline::DeadlineCell;
use crate::epoch::epoch;
use crate::logical::FlowCell;
use crate::mode::Mode;
use crate::plan::Plan;
use crate::status::{GlobalStatus, Record};
use crate::window::Start;
use crate::word::Word;

/// The memory of the supervisor of a plan, which lives in a `static`.
///
/// With a `StaticCell`, `cortex_m::singleton!` or an RTIC local the caller gets the `&'static mut` that
/// [`Supervisor::new`](crate::Supervisor::new) takes. It cannot be taken back, so that there is one supervisor of these cells.
#[derive(Debug)]
pub struct Cells<const N: usize, const D: usize = 0, const F: usize = 0> {
    pub(crate) shared: Shared<N, D, F>,
    pub(crate) own: Own<N>,
}

/// The 32-bit words that check-ins and the supervisor share. Each word has one writer.
#[derive(Debug)]
pub(crate) struct Shared<const N: usize, const D: usize, const F: usize> {
    pub(crate) plan: &'static Plan<N, D, F>,
    /// The [`Record`] of each entity, written by the supervisor.
    pub(crate) records: [RecordCell; N],
    pub(crate) alive: [AliveCell; N],
    pub(crate) deadlines: [DeadlineCell; D],
    pub(crate) flows: [FlowCell; F],
}

/// The record of an entity, in one word.
#[derive(Debug)]
pub(crate) struct RecordCell(Word);

impl RecordCell {
    /// For the enumeration of all states.
    #[cfg(all(test, not(loom)))]
    pub(crate) const fn word(&self) -> &Word {
        &self.0
    }

    const_unless_loom! {
        pub(crate) fn new() -> Self {
            Self(Word::new(Record::NEW_WORD))
        }
    }

    /// For the supervisor.
    #[inline(always)]
    pub(crate) fn load(&self) -> Record {
        Record::from_word(self.0.own())
    }

    /// For the supervisor. Nothing that a check-in reads is noted before it.
    #[inline(always)]
    pub(crate) fn store(&self, record: Record) {
        self.0.note(record.to_word());
    }

    /// For a check-in.
    #[inline(always)]
    pub(crate) fn epoch(&self) -> u32 {
        epoch(self.0.glance())
    }
}

/// The supervisor's own state, which no check-in reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Own<const N: usize> {
    /// The end of the running cycle.
    pub(crate) due_us: u64,
    /// When the start-up or the bounded mode began.
    pub(crate) since_us: u64,
    pub(crate) culprit: Option<Culprit>,
    pub(crate) advisory: Option<Culprit>,
    pub(crate) cycle: u32,
    pub(crate) mode: Mode,
    pub(crate) phase: Phase,
    pub(crate) status: GlobalStatus,
    pub(crate) grace_left: u8,
    /// Whether the first call of `evaluate` gives a permit at once.
    pub(crate) is_owed_a_feed: bool,
    pub(crate) start: Option<Start>,
    /// The count of each entity at the end of its last reference cycle; of a deactivated one, when it was deactivated.
    pub(crate) seen: [u32; N],
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
}

impl<const N: usize, const D: usize, const F: usize> Cells<N, D, F> {
    const_unless_loom! {
        /// The memory of the supervisor of this plan.
        #[must_use]
        pub fn new(plan: &'static Plan<N, D, F>) -> Self {
            Self {
                shared: Shared {
                    plan,
                    records: cells!(RecordCell, N),
                    alive: cells!(AliveCell, N),
                    deadlines: cells!(DeadlineCell, D),
                    flows: cells!(FlowCell, F),
                },
                own: Own::NEW,
            }
        }
    }
}

impl<const N: usize> Own<N> {
    pub(crate) const NEW: Self = Self {
        due_us: 0,
        since_us: 0,
        culprit: None,
        advisory: None,
        cycle: 0,
        mode: Mode::FIRST,
        phase: Phase::StartUp,
        status: GlobalStatus::Ok,
        grace_left: 0,
        is_owed_a_feed: false,
        start: None,
        seen: [0; N],
    };
}
