//! A supervision cycle: what `evaluate` does at its end.

use core::marker::PhantomData;
use core::slice;

use super::{Core, Verdict};
use crate::alive::AliveCell;
use crate::cells::{Phase, RecordCell, Shared};
use crate::culprit::{Cause, Culprit};
use crate::deadline::{Deadline, DeadlineCell, DeadlineFault};
use crate::entity_id::EntityId;
use crate::logical::FlowCell;
use crate::mode::{During, Mode};
use crate::permit::Permit;
use crate::plan::EntityPlan;
use crate::stamp::{instant_us, stamp};
use crate::status::{GlobalStatus, Health, Record};
use crate::window::Start;

impl<const N: usize, const D: usize, const F: usize> Core<N, D, F> {
    /// The first cycle begins.
    pub(super) fn arm(&mut self, start: Start, now_us: u64) {
        let own = &mut *self.own;
        (own.start, own.is_owed_a_feed) = (Some(start), start == Start::Running);
        own.since_us = now_us;
        own.due_us = now_us.saturating_add(u64::from(self.plan.cycle_us));
        own.phase = if self.plan.start_up.us > 0 { Phase::StartUp } else { Phase::Supervising };
        self.activate(Mode::FIRST);
        self.begin_epoch(0);
    }

    pub(super) fn evaluate(&mut self, now_us: u64) -> Verdict {
        if let (GlobalStatus::Stopped, Some(culprit)) = (self.own.status, self.own.culprit) {
            return Verdict::Stop(culprit);
        }
        if let Some((mode, budget)) = self.bounded() {
            let until_us = self.own.since_us.saturating_add(u64::from(budget.us));
            if now_us > until_us {
                let cause = Cause::Overrun { mode, budget_us: budget.us };
                return self.stop(Culprit { cause, at_us: now_us });
            }
            if budget.during != During::Evaluating {
                return Verdict::Early(until_us);
            }
        }
        let end_us = self.own.due_us;
        if now_us < end_us {
            return self.before_the_end(now_us);
        }
        self.end_cycle(end_us, now_us)
    }

    /// A permit before the end of a cycle is given once, in the start-up, for a watchdog that ran when it was armed.
    fn before_the_end(&mut self, now_us: u64) -> Verdict {
        let start_up_us = u64::from(self.plan.start_up.us);
        let is_in_time = now_us <= self.own.since_us.saturating_add(start_up_us);
        if self.own.is_owed_a_feed && is_in_time {
            self.own.is_owed_a_feed = false;
            let until_us = now_us.saturating_add(u64::from(self.plan.late_max_us));
            return Verdict::Feed(self.permit(until_us), Health::Ok);
        }
        Verdict::Early(self.own.due_us)
    }

    fn end_cycle(&mut self, end_us: u64, now_us: u64) -> Verdict {
        let late_us = now_us.saturating_sub(end_us);
        let late_max_us = u64::from(self.plan.late_max_us);
        self.own.is_owed_a_feed = false;
        self.own.cycle = self.own.cycle.wrapping_add(1);
        self.own.due_us = self.next_end(end_us, late_us);
        let mut found = Found::default();
        if late_us > late_max_us {
            found.blame(Culprit { cause: Cause::Late { late_us }, at_us: now_us });
        }
        match self.own.phase {
            Phase::Supervising => self.judge(now_us, &mut found),
            Phase::StartUp => self.end_start_up(end_us),
            Phase::Bounded(_) => {}
        }
        self.conclude(found, end_us.saturating_add(late_max_us).max(now_us))
    }

    /// The first cycle end after an evaluation that was so late.
    fn next_end(&self, end_us: u64, late_us: u64) -> u64 {
        let cycle_us = self.plan.cycle_us;
        let whole_cycles_us = match u32::try_from(late_us) {
            Ok(late_us) => {
                late_us.saturating_sub(late_us.checked_rem(cycle_us).unwrap_or(0)).into()
            }
            // After more than an hour the cycles begin anew.
            Err(_) => late_us,
        };
        end_us.saturating_add(whole_cycles_us).saturating_add(u64::from(cycle_us))
    }

    /// In the start-up nothing is judged. It ends at the end of a cycle, so that the first reference cycles are whole.
    fn end_start_up(&mut self, end_us: u64) {
        if end_us >= self.own.since_us.saturating_add(u64::from(self.plan.start_up.us)) {
            self.own.phase = Phase::Supervising;
            self.begin_epoch(0);
        }
    }

    /// Judges each entity that is supervised.
    fn judge(&mut self, now_us: u64, found: &mut Found) {
        let Shared { plan, deadlines, flows, .. } = self.shared;
        let now = stamp(now_us);
        for (row, cell, alive, seen) in Entities::of(self.shared, &mut self.own.seen) {
            let mut record = cell.load();
            if !record.is_supervised() {
                continue;
            }
            let left = record.end_cycle();
            let bad_count = if left == 0 || left == u32::from(row.cycles) {
                end_reference_cycle(left, row, &mut record, alive, seen)
            } else {
                None
            };
            let epoch = record.epoch();
            let missed =
                if D > 0 { missed(row, &plan.deadlines, deadlines, epoch, now) } else { None };
            let is_followed = F == 0 || is_followed(row, flows, epoch);
            if bad_count.is_some() || missed.is_some() || !is_followed {
                record.expire();
                let wrong = Wrong { bad_count, missed, epoch };
                found.expired(row, culprit(self.shared, row, &wrong, now_us));
            } else if record.is_failed() && !row.is_advisory {
                found.failed(EntityId::new(row.index), record.cycles_left(row.tolerance));
            }
            cell.store(record);
        }
        if let Some(culprit) = found.advisory {
            let _first = self.own.advisory.get_or_insert(culprit);
        }
    }

    /// The global status, and what follows from it.
    fn conclude(&mut self, found: Found, until_us: u64) -> Verdict {
        if let (Some(culprit), None) = (found.culprit, self.own.culprit) {
            self.own.culprit = Some(culprit);
            self.own.status = GlobalStatus::Expired;
            self.own.grace_left = self.plan.grace;
        }
        if let Some(culprit) = self.own.culprit {
            let Some(grace_left) = self.own.grace_left.checked_sub(1) else {
                return self.stop(culprit);
            };
            self.own.grace_left = grace_left;
            return Verdict::Feed(self.permit(until_us), Health::Expired { culprit, grace_left });
        }
        let (status, health) = match found.failed {
            None => (GlobalStatus::Ok, Health::Ok),
            Some((entity, cycles_left)) => {
                (GlobalStatus::Failed, Health::Failed { entity, cycles_left })
            }
        };
        // In the start-up and in a bounded mode nothing was judged, and the status stands.
        if self.own.phase == Phase::Supervising {
            self.own.status = status;
        }
        Verdict::Feed(self.permit(until_us), health)
    }

    /// The watchdog is never fed again. The first culprit stays.
    pub(super) fn stop(&mut self, culprit: Culprit) -> Verdict {
        self.own.status = GlobalStatus::Stopped;
        Verdict::Stop(*self.own.culprit.get_or_insert(culprit))
    }

    fn permit(&self, until_us: u64) -> Permit<'static> {
        let supervisor = self.id();
        Permit { until_us, supervisor, cycle: self.own.cycle, borrowed: PhantomData }
    }

    /// The entities of the mode become active, the others deactivated. One that is active in both modes goes on.
    pub(super) fn activate(&mut self, mode: Mode) {
        for (row, cell, alive, seen) in Entities::of(self.shared, &mut self.own.seen) {
            let mut record = cell.load();
            let was_supervised = record.is_supervised();
            if record.switch(row.is_active(mode)) {
                record.begin_epoch(row.cycles.saturating_add(1));
            }
            if was_supervised && !record.is_supervised() {
                *seen = alive.count();
            }
            cell.store(record);
        }
    }

    /// A new epoch of every active entity. Its first reference cycle begins after so many cycle ends, or now.
    pub(super) fn begin_epoch(&mut self, after: u8) {
        for (row, cell, alive, seen) in Entities::of(self.shared, &mut self.own.seen) {
            let mut record = cell.load();
            if record.is_supervised() {
                record.begin_epoch(row.cycles.saturating_add(after));
                *seen = alive.count();
                cell.store(record);
            }
        }
    }
}

/// The entities of the plan, each with what belongs to it. Not a `zip`: that counts, and where it is not inlined its sum can overflow
/// as far as the compiler knows.
struct Entities<'a> {
    rows: slice::Iter<'a, EntityPlan>,
    records: slice::Iter<'a, RecordCell>,
    alive: slice::Iter<'a, AliveCell>,
    seen: slice::IterMut<'a, u32>,
}

impl<'a> Entities<'a> {
    fn of<const N: usize, const D: usize, const F: usize>(
        shared: &'a Shared<N, D, F>,
        seen: &'a mut [u32; N],
    ) -> Self {
        let Shared { plan, records, alive, .. } = shared;
        Self {
            rows: plan.entities.iter(),
            records: records.iter(),
            alive: alive.iter(),
            seen: seen.iter_mut(),
        }
    }
}

impl<'a> Iterator for Entities<'a> {
    type Item = (&'a EntityPlan, &'a RecordCell, &'a AliveCell, &'a mut u32);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        Some((self.rows.next()?, self.records.next()?, self.alive.next()?, self.seen.next()?))
    }
}

/// What an evaluation has found.
#[derive(Default)]
struct Found {
    /// The earliest culprit, of several at the same instant the first.
    culprit: Option<Culprit>,
    /// The same of the advisory entities.
    advisory: Option<Culprit>,
    /// The entity that has the fewest cycles left.
    failed: Option<(EntityId, u8)>,
}

impl Found {
    fn blame(&mut self, culprit: Culprit) {
        self.culprit = Some(earlier(self.culprit, culprit));
    }

    fn expired(&mut self, row: &EntityPlan, culprit: Culprit) {
        if row.is_advisory {
            self.advisory = Some(earlier(self.advisory, culprit));
        } else {
            self.blame(culprit);
        }
    }

    fn failed(&mut self, entity: EntityId, cycles_left: u8) {
        if self.failed.is_none_or(|(_, fewest)| cycles_left < fewest) {
            self.failed = Some((entity, cycles_left));
        }
    }
}

/// The earlier one; of two at the same instant the first.
fn earlier(first: Option<Culprit>, second: Culprit) -> Culprit {
    match first {
        Some(first) if first.at_us <= second.at_us => first,
        _ => second,
    }
}

/// Alive supervision at the end of a reference cycle, or of what was left of a cycle before the first one: then a reference cycle begins.
/// The count that is the cause, if it expires the entity.
#[inline(always)]
fn end_reference_cycle(
    left: u32,
    row: &EntityPlan,
    record: &mut Record,
    alive: &AliveCell,
    seen: &mut u32,
) -> Option<u32> {
    let total = alive.count();
    let count = total.wrapping_sub(*seen);
    *seen = total;
    if left > 0 {
        return None;
    }
    record.begin_reference_cycle(row.cycles);
    if row.is_correct(count) {
        record.good();
        return None;
    }
    record.bad(row.tolerance).then_some(count)
}

/// Deadline supervision: the first of the entity's deadlines that is at fault, by its place in the plan.
#[inline(always)]
fn missed(
    row: &EntityPlan,
    rows: &[Deadline],
    cells: &[DeadlineCell],
    epoch: u32,
    now: u32,
) -> Option<usize> {
    row.deadlines().find(|index| match (rows.get(*index), cells.get(*index)) {
        (Some(row), Some(cell)) => cell.is_at_fault(row, epoch, now),
        _ => false,
    })
}

/// Logical supervision: whether the entity's graph is not at fault.
#[inline(always)]
fn is_followed(row: &EntityPlan, cells: &[FlowCell], epoch: u32) -> bool {
    cells.get(row.flow()).is_none_or(|cell| !cell.is_at_fault(epoch))
}

/// What is wrong with an entity.
struct Wrong {
    /// The count of the reference cycle that expired it.
    bad_count: Option<u32>,
    /// The first deadline that was found at fault.
    missed: Option<usize>,
    epoch: u32,
}

/// The earliest of what is wrong with an entity.
#[cold]
#[inline(never)]
fn culprit<const N: usize, const D: usize, const F: usize>(
    shared: &Shared<N, D, F>,
    row: &EntityPlan,
    wrong: &Wrong,
    now_us: u64,
) -> Culprit {
    let Wrong { bad_count, missed, epoch } = *wrong;
    let entity = EntityId::new(row.index);
    let mut first: Option<Culprit> = None;
    if let (Some(count), Some(alive), Some(checkpoint)) =
        (bad_count, shared.alive.get(usize::from(row.index)), row.counted())
    {
        let last_us = instant_us(alive.stamp(), now_us);
        let cause = Cause::Alive { entity, checkpoint, count, last_us };
        first = Some(Culprit { cause, at_us: now_us });
    }
    for index in row.deadlines() {
        let Some((deadline, cell)) =
            shared.plan.deadlines.get(index).zip(shared.deadlines.get(index))
        else {
            continue;
        };
        // A span that was open too long may have been stopped in between.
        let in_between = (missed == Some(index)).then_some((DeadlineFault::TooLate, stamp(now_us)));
        let fault = cell.fault(deadline, epoch, stamp(now_us)).or(in_between);
        let Some((fault, at)) = fault else { continue };
        let Deadline { start, stop, .. } = *deadline;
        let cause = Cause::Deadline { entity, start, stop, fault };
        first = Some(earlier(first, Culprit { cause, at_us: instant_us(at, now_us) }));
    }
    if let Some((checkpoint, at)) = shared.flows.get(row.flow()).and_then(|cell| cell.fault(epoch))
    {
        let cause = Cause::Logical { entity, checkpoint };
        first = Some(earlier(first, Culprit { cause, at_us: instant_us(at, now_us) }));
    }
    // Never taken: the caller has found one of the three supervisions at fault.
    first.unwrap_or(Culprit { cause: Cause::Late { late_us: 0 }, at_us: now_us })
}
