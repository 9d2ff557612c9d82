//! The handle of a supervised entity: its check-ins.

use core::cell::Cell;
use core::marker::PhantomData;

use crate::cells::{RecordCell, Shared};
use crate::checkpoint::Checkpoint;
use crate::entity_id::EntityId;
use crate::plan::{EntityPlan, Touched};
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
        if D > 0 {
            match self.plan.touched(checkpoint) {
                Touched::None => {}
                Touched::One(index) => self.hit_deadline(index, checkpoint, stamp),
                Touched::Several => self.hit_deadlines(checkpoint, stamp),
            }
        }
        if F > 0 && self.plan.has_in_graph(checkpoint) {
            self.hit_flow(checkpoint, stamp);
        }
        if checkpoint.as_raw() == self.plan.checkpoint {
            if let Some(alive) = self.shared.alive.get(usize::from(self.plan.index)) {
                alive.hit(stamp);
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

    #[inline(always)]
    fn epoch(&self) -> u32 {
        self.shared.records.get(usize::from(self.plan.index)).map_or(0, RecordCell::epoch)
    }

    #[inline(never)]
    fn hit_deadline(&self, index: usize, checkpoint: Checkpoint, stamp: u32) {
        if let (Some(row), Some(cell)) =
            (self.shared.plan.deadlines.get(index), self.shared.deadlines.get(index))
        {
            if row.stop == checkpoint {
                cell.stop(row, self.epoch(), stamp);
            } else if row.start == checkpoint {
                cell.start(self.epoch(), stamp);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn hit_deadlines(&self, checkpoint: Checkpoint, stamp: u32) {
        for index in self.plan.deadlines() {
            self.hit_deadline(index, checkpoint, stamp);
        }
    }

    #[inline(never)]
    fn hit_flow(&self, checkpoint: Checkpoint, stamp: u32) {
        let index = self.plan.flow();
        if let (Some(row), Some(cell)) =
            (self.shared.plan.flows.get(index), self.shared.flows.get(index))
        {
            cell.reach(row, checkpoint, self.epoch(), stamp);
        }
    }

    /// Every deadline that starts here and is still open becomes a fault.
    fn drop_span(&self, start: Checkpoint) {
        let epoch = self.epoch();
        let range = self.plan.deadlines();
        if let (Some(rows), Some(cells)) =
            (self.shared.plan.deadlines.get(range.clone()), self.shared.deadlines.get(range))
        {
            for (_, cell) in rows.iter().zip(cells).filter(|(row, _)| row.start == start) {
                cell.drop_span(epoch);
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
