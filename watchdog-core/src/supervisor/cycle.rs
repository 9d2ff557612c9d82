//! A supervision cycle: what `evaluate` does at its end.

use core::marker::PhantomData;
use core::slice;

use super::{Core, Verdict};
use crate::cells::{EntityCell, Measured, Own, Phase, Shared};
use crate::culprit::{Cause, Culprit};
use crate::deadline::Deadline;
use crate::entity_id::EntityId;
use crate::epoch::EPOCH_STEP;
use crate::logical::FlowCell;
use crate::mode::{During, Mode};
use crate::permit::Permit;
use crate::plan::{EntityPlan, Plan};
use crate::retained::RunMode;
use crate::stamp::{UPTIME_SHIFT, age_us, instant_us, stamp};
use crate::status::{GlobalStatus, Health, Record, Statuses};
use crate::window::Start;

impl<const N: usize, const D: usize, const F: usize> Core<N, D, F> {
    /// The first cycle begins.
    pub(super) fn arm(&mut self, start: Start, now_us: u64) {
        let Self { shared, own } = self;
        let plan = shared.plan;
        (own.start, own.is_owed_a_feed) = (Some(start), start == Start::Running);
        own.since_us = now_us;
        own.due_us = now_us.saturating_add(u64::from(plan.cycle_us));
        own.phase = if plan.start_up.us > 0 { Phase::StartUp } else { Phase::Supervising };
        let epoch = shared.epoch.own();
        if F > 0 {
            let mut cells = shared.flows.iter();
            for (flow, cell) in plan.flows.iter().map_while(|flow| Some((flow, cells.next()?))) {
                cell.begin(flow, epoch);
            }
        }
        self.activate(Mode::FIRST);
        self.begin_epoch(0);
        let boot = &self.shared.boot;
        boot.arm();
        boot.set_mode(match self.own.phase {
            Phase::StartUp => RunMode::Bounded(Mode::FIRST),
            _ => RunMode::Supervised(Mode::FIRST),
        });
    }

    pub(super) fn evaluate(&mut self, now_us: u64) -> Verdict {
        if self.own.phase != Phase::Supervising {
            if let Some(verdict) = self.beside_supervision(now_us) {
                return verdict;
            }
        }
        let end_us = self.own.due_us;
        let Some(late_us) = now_us.checked_sub(end_us) else { return self.before_the_end(now_us) };
        let plan = self.shared.plan;
        self.own.is_owed_a_feed = false;
        self.own.cycle = self.own.cycle.wrapping_add(1);
        // An instant that comes round is one that is too late.
        self.own.due_us = end_us.wrapping_add(u64::from(plan.cycle_us));
        let mut until_us = end_us.wrapping_add(u64::from(plan.late_max_us));
        if late_us > u64::from(plan.late_max_us) {
            until_us = now_us;
            self.own.blame_lateness(plan, late_us, now_us);
        }
        let mut health = Health::Ok;
        match self.own.phase {
            Phase::Supervising => {
                health = self.judge(now_us);
                health = self.drift(health);
            }
            Phase::StartUp => self.end_start_up(end_us),
            Phase::Bounded(_) | Phase::Stopped => {}
        }
        let uptime = stamp(now_us) >> UPTIME_SHIFT;
        if uptime != self.shared.uptime.value() {
            self.shared.uptime.set(uptime);
            self.shared.boot.run_for(now_us);
        }
        if self.own.status == GlobalStatus::Expired {
            self.record();
            match self.own.use_grace() {
                Some(expired) => health = expired,
                None => return self.own.stop(),
            }
        }
        Verdict::Feed(self.permit(until_us), health)
    }

    /// What is done where entities are not judged; `None` if the end of the cycle is an evaluation all the same.
    #[cold]
    #[inline(never)]
    fn beside_supervision(&mut self, now_us: u64) -> Option<Verdict> {
        if self.own.phase == Phase::Stopped {
            return Some(self.own.stop());
        }
        let (mode, budget) = self.bounded()?;
        let until_us = self.own.since_us.saturating_add(u64::from(budget.us));
        if now_us > until_us {
            let cause = Cause::Overrun { mode, budget_us: budget.us };
            self.own.blame(Culprit { cause, at_us: now_us }, 0);
            self.record();
            return Some(self.own.stop());
        }
        (budget.during != During::Evaluating).then_some(Verdict::Early(until_us))
    }

    /// A permit before the end of a cycle is given once, in the start-up, for a watchdog that ran when it was armed.
    #[inline(never)]
    fn before_the_end(&mut self, now_us: u64) -> Verdict {
        if self.own.is_owed_a_feed {
            self.own.is_owed_a_feed = false;
            let plan = self.shared.plan;
            if now_us <= self.own.since_us.saturating_add(u64::from(plan.start_up.us)) {
                let until_us = now_us.saturating_add(u64::from(plan.late_max_us));
                return Verdict::Feed(self.permit(until_us), Health::Ok);
            }
        }
        Verdict::Early(self.own.due_us)
    }

    /// In the start-up nothing is judged. It ends at the end of a cycle, so that the first reference cycles are whole.
    #[cold]
    fn end_start_up(&mut self, end_us: u64) {
        let start_up_us = u64::from(self.shared.plan.start_up.us);
        if end_us >= self.own.since_us.saturating_add(start_up_us) {
            self.own.phase = Phase::Supervising;
            self.begin_epoch(0);
            self.shared.boot.set_mode(RunMode::Supervised(Mode::FIRST));
        }
    }

    /// The first culprit is recorded, for the next boot.
    #[cold]
    #[inline(never)]
    pub(super) fn record(&self) {
        if let Some(culprit) = &self.own.first.culprit {
            self.shared.boot.record(culprit);
        }
    }

    /// Judges each entity that is supervised. What is good is seen by few words; all else is looked at apart.
    #[inline(never)]
    fn judge(&mut self, now_us: u64) -> Health {
        let Shared { plan, ref entities, ref deadlines, ref flows, .. } = *self.shared;
        let mut statuses = Statuses::NONE;
        for index in 0..N {
            let (Some(row), Some(cell)) = (plan.entities.get(index), entities.get(index)) else {
                break;
            };
            let mut record = cell.record();
            if !record.is_supervised() {
                continue;
            }
            let left = record.end_cycle();
            if left == 0 {
                let count = cell.take_count();
                record.begin_reference_cycle(row.cycles);
                if record.has_no_bad() && row.is_correct(count) {
                    record.mark_good();
                } else {
                    record = self.judge_count(row, cell, record, count, now_us);
                }
            } else if left == u32::from(row.cycles) {
                // The rest of a cycle, before the first reference cycle.
                let _uncounted = cell.take_count();
            }
            statuses.add(record);
            cell.set_record(record);
        }
        let now = stamp(now_us);
        let is_clean =
            (0..D).all(|index| match (plan.deadlines.get(index), deadlines.get(index)) {
                (Some(row), Some(cell)) => cell.is_in_time(row, now),
                _ => true,
            }) && flows.iter().all(FlowCell::is_clean);
        if !is_clean {
            self.look_for_faults(now_us);
        }
        let fewest = if statuses.is_any_failed() { self.fewest() } else { Fewest::NONE };
        if self.own.status != GlobalStatus::Expired {
            self.own.status = fewest.status();
        }
        fewest.health()
    }

    /// An entity that drifts is said where nothing else is wrong.
    #[inline(always)]
    fn drift(&self, health: Health) -> Health {
        if let (Health::Ok, Some(Measured(profiles))) = (health, self.shared.profiles) {
            if let Some((index, margin_permille)) = profiles.drifting() {
                if let Some(row) = self.shared.plan.entities.get(index) {
                    let entity = EntityId::new(row.index);
                    return Health::Drifting { entity, margin_permille };
                }
            }
        }
        health
    }

    /// A reference cycle that is bad, or a good one that makes good a bad one.
    #[cold]
    #[inline(never)]
    fn judge_count(
        &mut self,
        row: &EntityPlan,
        cell: &EntityCell,
        mut record: Record,
        count: u32,
        now_us: u64,
    ) -> Record {
        if row.is_correct(count) {
            record.make_good();
        } else if let (true, Some(checkpoint)) = (record.bad(row.tolerance), row.counted()) {
            let last_us = instant_us(cell.alive.stamp(), now_us);
            let entity = EntityId::new(row.index);
            let cause = Cause::Alive { entity, checkpoint, count, last_us };
            self.blame(row, Culprit { cause, at_us: now_us });
        }
        record
    }

    /// Expires each entity that has a deadline or a graph at fault.
    #[cold]
    #[inline(never)]
    fn look_for_faults(&mut self, now_us: u64) {
        for (row, cell) in Entities::of(self.shared) {
            let mut record = cell.record();
            if record.is_active() {
                if let Some(culprit) = fault(self.shared, row, cell, now_us) {
                    record.expire();
                    cell.set_record(record);
                    self.blame(row, culprit);
                }
            }
        }
    }

    fn blame(&mut self, row: &EntityPlan, culprit: Culprit) {
        if row.is_advisory {
            self.own.first_advisory.add(culprit, self.own.cycle);
        } else {
            self.own.blame(culprit, self.shared.plan.grace);
        }
    }

    #[cold]
    #[inline(never)]
    fn fewest(&self) -> Fewest {
        let mut fewest = Fewest::NONE;
        for (row, cell) in Entities::of(self.shared) {
            let record = cell.record();
            if record.is_failed() && !row.is_advisory {
                fewest = fewest.or(row.index, record.cycles_left(row.tolerance));
            }
        }
        fewest
    }

    fn permit(&self, until_us: u64) -> Permit<'static> {
        let supervisor = self.id();
        Permit { until_us, supervisor, cycle: self.own.cycle, borrowed: PhantomData }
    }

    /// The entities of the mode become active, the others deactivated. One that is active in both modes goes on.
    pub(super) fn activate(&mut self, mode: Mode) {
        let epoch = self.shared.epoch.own().wrapping_add(EPOCH_STEP);
        for (row, cell) in Entities::of(self.shared) {
            let mut record = cell.record();
            let was_supervised = record.is_supervised();
            if record.switch(row.is_active(mode)) {
                record.begin(epoch, row.cycles.saturating_add(1));
            } else {
                record.go_on(epoch);
            }
            if was_supervised && !record.is_supervised() {
                let _until_now = cell.take_count();
            }
            cell.set_record(record);
        }
        self.shared.epoch.publish(epoch);
    }

    /// A break in the supervision of every active entity. Its first reference cycle begins after so many cycle ends, or now.
    pub(super) fn begin_epoch(&mut self, after: u8) {
        let epoch = self.shared.epoch.own().wrapping_add(EPOCH_STEP);
        for (row, cell) in Entities::of(self.shared) {
            let mut record = cell.record();
            if record.is_supervised() {
                record.begin(epoch, row.cycles.saturating_add(after));
                let _until_now = cell.take_count();
                cell.set_record(record);
            }
        }
        self.shared.epoch.publish(epoch);
    }
}

impl Own {
    /// Something has expired: the watchdog is fed for so many evaluations more. The first culprit stays.
    pub(super) fn blame(&mut self, culprit: Culprit, grace: u8) {
        self.first.add(culprit, self.cycle);
        if self.status != GlobalStatus::Expired {
            self.status = GlobalStatus::Expired;
            self.grace_left = grace;
        }
    }

    /// Something has expired, and the watchdog is fed once more, while there is grace.
    #[cold]
    #[inline(never)]
    fn use_grace(&mut self) -> Option<Health> {
        let grace_left = self.grace_left.checked_sub(1)?;
        self.grace_left = grace_left;
        let entity = self.first.culprit.as_ref().and_then(Culprit::entity);
        Some(Health::Expired { entity, grace_left })
    }

    /// The supervisor itself was late: the cycles go on at the first end after `now_us`.
    #[cold]
    #[inline(never)]
    fn blame_lateness<const N: usize, const D: usize, const F: usize>(
        &mut self,
        plan: &Plan<N, D, F>,
        late_us: u64,
        now_us: u64,
    ) {
        let whole_cycles_us = match u32::try_from(late_us) {
            Ok(late_us) => {
                late_us.saturating_sub(late_us.checked_rem(plan.cycle_us).unwrap_or(0)).into()
            }
            // After more than an hour the cycles begin anew.
            Err(_) => late_us,
        };
        self.due_us = self.due_us.saturating_add(whole_cycles_us);
        self.blame(Culprit { cause: Cause::Late { late_us }, at_us: now_us }, plan.grace);
    }

    /// The watchdog is never fed again.
    pub(super) fn stop(&mut self) -> Verdict {
        (self.status, self.phase) = (GlobalStatus::Stopped, Phase::Stopped);
        // There is a culprit: nothing stops without one.
        let nobody = Culprit { cause: Cause::Late { late_us: 0 }, at_us: self.due_us };
        Verdict::Stop(self.first.culprit.unwrap_or(nobody))
    }
}

/// The entities of the plan, each with its cell. Not a `zip`: that counts, and where it is not inlined its sum can overflow as far as
/// the compiler knows.
struct Entities<'a> {
    rows: slice::Iter<'a, EntityPlan>,
    cells: slice::Iter<'a, EntityCell>,
}

impl<'a> Entities<'a> {
    fn of<const N: usize, const D: usize, const F: usize>(shared: &'a Shared<N, D, F>) -> Self {
        Self { rows: shared.plan.entities.iter(), cells: shared.entities.iter() }
    }
}

impl<'a> Iterator for Entities<'a> {
    type Item = (&'a EntityPlan, &'a EntityCell);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        Some((self.rows.next()?, self.cells.next()?))
    }
}

/// Of the entities that are failed the one that has the fewest cycles left, of these the first: the cycles above the place.
#[derive(Clone, Copy)]
struct Fewest(u32);

impl Fewest {
    const NONE: Self = Self(u32::MAX);

    #[inline(always)]
    fn or(self, index: u8, cycles_left: u8) -> Self {
        Self(self.0.min(u32::from(cycles_left) << 8 | u32::from(index)))
    }

    const fn status(self) -> GlobalStatus {
        if self.0 == u32::MAX { GlobalStatus::Ok } else { GlobalStatus::Failed }
    }

    #[allow(clippy::cast_possible_truncation)] // Two bytes.
    const fn health(self) -> Health {
        if self.0 == u32::MAX {
            return Health::Ok;
        }
        Health::Failed { entity: EntityId::new(self.0 as u8), cycles_left: (self.0 >> 8) as u8 }
    }
}

/// The earliest of the faults of an entity's deadlines and its graph; of several at the same instant the first.
fn fault<const N: usize, const D: usize, const F: usize>(
    shared: &Shared<N, D, F>,
    row: &EntityPlan,
    cell: &EntityCell,
    now_us: u64,
) -> Option<Culprit> {
    let (entity, now) = (EntityId::new(row.index), stamp(now_us));
    let epochs = cell.epochs(shared.epoch.own());
    let mut first: Option<(u32, Cause)> = None;
    let mut add = |stamp: u32, cause: Cause| {
        let age = age_us(stamp, now);
        if first.is_none_or(|(oldest, _)| age > oldest) {
            first = Some((age, cause));
        }
    };
    for index in row.deadlines() {
        if let (Some(deadline), Some(cell)) =
            (shared.plan.deadlines.get(index), shared.deadlines.get(index))
        {
            if let Some((fault, stamp)) = cell.fault(deadline, epochs, now) {
                let Deadline { start, stop, .. } = *deadline;
                add(stamp, Cause::Deadline { entity, start, stop, fault });
            }
        }
    }
    if let Some(cell) = shared.flows.get(row.flow()) {
        if let Some((checkpoint, stamp)) = cell.fault(epochs) {
            add(stamp, Cause::Logical { entity, checkpoint });
        }
    }
    let (age, cause) = first?;
    Some(Culprit { cause, at_us: now_us.saturating_sub(u64::from(age)) })
}
