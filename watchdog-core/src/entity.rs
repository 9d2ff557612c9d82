//! The handle of a supervised entity: its check-ins.

use core::cell::Cell;
use core::marker::PhantomData;

use crate::cells::{EntityCell, Measured, Shared};
use crate::checkpoint::Checkpoint;
use crate::entity_id::EntityId;
use crate::epoch::Epochs;
use crate::kept::Kept;
use crate::last_checkpoint::LastCheckpoint;
use crate::plan::{Alone, EntityPlan, Touched};
use crate::stamp::stamp;

/// The handle of a supervised entity. It belongs to the one context (a task, an interrupt, a core) that is supervised: it can be sent
/// there, and can be neither copied nor shared.
///
/// A check-in is a few loads and stores, and can be made in an interrupt. Its instants are the entity's own: one that stands or goes
/// back gives a time of 0. What a deactivated entity reports is ignored, and [`Supervisor::ignored`](crate::Supervisor::ignored) counts
/// the checkpoint of its alive supervision.
///
/// ```
/// fn task(entity: watchdog_core::Entity<2>) {
///     std::thread::spawn(move || entity.id());
/// }
/// ```
///
/// One handle in two contexts does not compile, nor does a copy:
///
/// ```compile_fail,E0277
/// fn share(entity: &'static watchdog_core::Entity<2>) {
///     std::thread::spawn(move || entity.id());
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn copy<T: Clone>(original: &T) -> T {
///     original.clone()
/// }
/// fn twice(entity: &watchdog_core::Entity<2>) {
///     copy(entity);
/// }
/// ```
#[derive(Debug)]
pub struct Entity<const N: usize, const D: usize = 0, const F: usize = 0> {
    shared: &'static Shared<N, D, F>,
    plan: &'static EntityPlan,
    /// `Send`, and not `Sync`: every word has one writer.
    is_not_sync: PhantomData<Cell<()>>,
}

impl<const N: usize, const D: usize, const F: usize> Entity<N, D, F> {
    pub(crate) const fn new(shared: &'static Shared<N, D, F>, plan: &'static EntityPlan) -> Self {
        Self { shared, plan, is_not_sync: PhantomData }
    }

    /// Which entity it is.
    #[must_use]
    pub const fn id(&self) -> EntityId {
        EntityId::new(self.plan.index)
    }

    /// A checkpoint is reached: it is counted if the plan counts it, starts and stops the deadlines that start and stop at it, and is
    /// the next step of the graph. A checkpoint that the plan does not name for this entity is ignored.
    #[inline]
    pub fn hit(&self, checkpoint: Checkpoint, now_us: u64) {
        let stamp = stamp(now_us);
        if D > 0 || F > 0 {
            if let Some(last) = self.shared.boot.entities {
                self.keep(last, checkpoint, stamp);
            }
            return self.reach(checkpoint, stamp);
        }
        let index = usize::from(self.plan.index);
        if let Some(cell) = self.shared.entities.get(index) {
            if let Some(last) = self.shared.boot.entities {
                self.keep(last, checkpoint, stamp);
            }
            if checkpoint.as_raw() == self.plan.checkpoint {
                self.count_in(cell, index, stamp);
            }
        }
    }

    /// A checkpoint is reached that starts a deadline: as [`Self::hit`], and the span that it gives is ended at the stop. A span that is
    /// dropped is a fault.
    ///
    /// ```
    /// # #![deny(unused_must_use)]
    /// # use watchdog_core::{Checkpoint, Entity};
    /// # const SAMPLE: Checkpoint = Checkpoint::of::<0>();
    /// # const OUTPUT: Checkpoint = Checkpoint::of::<1>();
    /// fn control(entity: &Entity<1, 1>, now_us: u64) {
    ///     let span = entity.begin(SAMPLE, now_us);
    ///     span.end(OUTPUT, now_us + 300);
    /// }
    /// ```
    ///
    /// ```compile_fail
    /// # #![deny(unused_must_use)]
    /// # use watchdog_core::{Checkpoint, Entity};
    /// # const SAMPLE: Checkpoint = Checkpoint::of::<0>();
    /// fn control(entity: &Entity<1, 1>, now_us: u64) {
    ///     entity.begin(SAMPLE, now_us);
    /// }
    /// ```
    #[must_use = "a span that is dropped is a fault: end it at its stop"]
    #[inline]
    pub fn begin(&self, start: Checkpoint, now_us: u64) -> Span<'_, N, D, F> {
        self.hit(start, now_us);
        Span { entity: self, start }
    }

    /// The last checkpoint is kept for the next boot.
    #[inline(always)]
    fn keep(&self, last: &[Kept; N], checkpoint: Checkpoint, stamp: u32) {
        if let Some(last) = last.get(usize::from(self.plan.index)) {
            last.store(LastCheckpoint::word(checkpoint, stamp, self.plan.stamp_shift));
        }
    }

    #[inline(never)]
    fn reach(&self, checkpoint: Checkpoint, stamp: u32) {
        // The compiler sees that it is four bits.
        let checkpoint = Checkpoint::from_low_bits(checkpoint.as_raw().into());
        let role = self.plan.role(checkpoint);
        match role.alone() {
            Alone::Start(index) => self.start(index, stamp),
            Alone::Stop(index) => self.stop(index, stamp),
            Alone::Step => self.step(checkpoint, stamp),
            Alone::Count => self.count(stamp),
            Alone::No => self.reach_several(checkpoint, stamp),
            Alone::Nothing => {}
        }
    }

    #[inline(never)]
    fn reach_several(&self, checkpoint: Checkpoint, stamp: u32) {
        let role = self.plan.role(checkpoint);
        match role.touched(self.plan) {
            Touched::None => {}
            Touched::One(index) if role.is_stop() => self.stop(index, stamp),
            Touched::One(index) => self.start(index, stamp),
            Touched::Several => self.reach_deadlines(checkpoint, stamp),
        }
        if role.is_member() {
            self.step(checkpoint, stamp);
        }
        if role.is_counted() {
            self.count(stamp);
        }
    }

    #[cold]
    #[inline(never)]
    fn reach_deadlines(&self, checkpoint: Checkpoint, stamp: u32) {
        for index in self.plan.deadlines() {
            match self.shared.plan.deadlines.get(index) {
                Some(row) if row.stop == checkpoint => self.stop_otherwise(index, stamp),
                Some(row) if row.start == checkpoint => self.start_otherwise(index, stamp),
                _ => {}
            }
        }
    }

    #[inline(always)]
    fn count(&self, stamp: u32) {
        let index = usize::from(self.plan.index);
        if let Some(cell) = self.shared.entities.get(index) {
            self.count_in(cell, index, stamp);
        }
    }

    #[inline(always)]
    fn count_in(&self, cell: &EntityCell, index: usize, stamp: u32) {
        if let Some(Measured(profiles)) = self.shared.profiles {
            if let Some(interval_us) = cell.alive.interval_us(stamp) {
                profiles.add(index, interval_us);
            }
        }
        cell.alive.hit(stamp);
    }

    #[inline(always)]
    fn start(&self, index: usize, stamp: u32) {
        let Some(cell) = self.shared.deadlines.get(index) else { return };
        let epoch = self.shared.epoch.glance();
        if cell.is_idle(epoch) {
            cell.open(epoch, stamp);
        } else {
            self.start_otherwise(index, stamp);
        }
    }

    #[inline(always)]
    fn stop(&self, index: usize, stamp: u32) {
        let Some(cell) = self.shared.deadlines.get(index) else { return };
        let epoch = self.shared.epoch.glance();
        if cell.is_open(epoch) {
            if let Some(row) = self.shared.plan.deadlines.get(index) {
                if cell.is_good(row, stamp) {
                    return cell.close(epoch, stamp);
                }
            }
        }
        self.stop_otherwise(index, stamp);
    }

    #[inline(always)]
    fn step(&self, checkpoint: Checkpoint, stamp: u32) {
        let index = self.plan.flow();
        let Some(cell) = self.shared.flows.get(index) else { return };
        let epoch = self.shared.epoch.glance();
        if cell.is_right(checkpoint, epoch) {
            if let Some(row) = self.shared.plan.flows.get(index) {
                cell.go_on(row, checkpoint, epoch);
            }
        } else {
            self.step_otherwise(checkpoint, stamp);
        }
    }

    #[cold]
    #[inline(never)]
    fn start_otherwise(&self, index: usize, stamp: u32) {
        if let Some(cell) = self.shared.deadlines.get(index) {
            cell.start(self.epochs(), stamp);
        }
    }

    #[cold]
    #[inline(never)]
    fn stop_otherwise(&self, index: usize, stamp: u32) {
        if let (Some(cell), Some(row)) =
            (self.shared.deadlines.get(index), self.shared.plan.deadlines.get(index))
        {
            cell.stop(row, self.epochs(), stamp);
        }
    }

    #[cold]
    #[inline(never)]
    fn step_otherwise(&self, checkpoint: Checkpoint, stamp: u32) {
        let index = self.plan.flow();
        if let (Some(cell), Some(row)) =
            (self.shared.flows.get(index), self.shared.plan.flows.get(index))
        {
            cell.reach(row, checkpoint, self.epochs(), stamp);
        }
    }

    /// The epoch that runs is read first: a break in between makes void what is noted by it.
    fn epochs(&self) -> Epochs {
        let now_epoch = self.shared.epoch.read();
        let cell = self.shared.entities.get(usize::from(self.plan.index));
        cell.map_or(Epochs::new(now_epoch, now_epoch), |cell| cell.epochs(now_epoch))
    }

    /// Every deadline that starts here and is still open becomes a fault.
    fn drop_span(&self, start: Checkpoint) {
        let epochs = self.epochs();
        let range = self.plan.deadlines();
        if let (Some(rows), Some(cells)) =
            (self.shared.plan.deadlines.get(range.clone()), self.shared.deadlines.get(range))
        {
            for (_, cell) in rows.iter().zip(cells).filter(|(row, _)| row.start == start) {
                cell.drop_span(epochs);
            }
        }
    }
}

/// A span of a deadline that is open. It ends by [`Span::end`]; dropped without it, in a future that is cancelled or by `?`, it is a
/// fault of its entity, and forgotten it is found past its maximum.
#[derive(Debug)]
#[must_use = "a span that is dropped is a fault: end it at its stop"]
pub struct Span<'a, const N: usize, const D: usize = 0, const F: usize = 0> {
    entity: &'a Entity<N, D, F>,
    start: Checkpoint,
}

impl<const N: usize, const D: usize, const F: usize> Span<'_, N, D, F> {
    /// The checkpoint at which the span stops is reached.
    #[inline]
    pub fn end(self, stop: Checkpoint, now_us: u64) {
        self.entity.hit(stop, now_us);
        core::mem::forget(self);
    }
}

impl<const N: usize, const D: usize, const F: usize> Drop for Span<'_, N, D, F> {
    fn drop(&mut self) {
        self.entity.drop_span(self.start);
    }
}
