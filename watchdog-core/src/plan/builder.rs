//! The way to a plan, row by row. The first contradiction is kept, and `build` says it.

use core::ops::RangeInclusive;

use super::entity_plan::EntityPlan;
use super::error::{COUNT_MAX, Error, What, Who};
use super::{Plan, check};
use crate::alive::Alive;
use crate::checkpoint::Checkpoint;
use crate::deadline::Deadline;
use crate::hardware::{Hardware, Limits};
use crate::last_checkpoint::LastCheckpoint;
use crate::logical::{Final, Flow, Initial};
use crate::mode::{Budget, ModePlan, budget_us};
use crate::stamp::{SPAN_US_MAX, UPTIME_GRAIN_US};

/// The supervision cycle; see [`cycle_us`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    us: u32,
    late_max_us: u32,
}

/// A supervision cycle of so many microseconds. An evaluation may be late by a tenth of it, unless [`Cycle::late_max_us`] says
/// otherwise.
#[must_use]
pub const fn cycle_us(us: u32) -> Cycle {
    Cycle { us, late_max_us: us / 10 }
}

impl Cycle {
    /// An evaluation, and the feed that follows, may be late by so many microseconds after the end of the cycle.
    #[must_use]
    pub const fn late_max_us(mut self, us: u32) -> Self {
        self.late_max_us = us;
        self
    }
}

/// How long the process may go on after a failure before somebody is hurt; see [`process_safety_time_us`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessSafetyTime(u32);

/// A process safety time of so many microseconds.
#[must_use]
pub const fn process_safety_time_us(us: u32) -> ProcessSafetyTime {
    ProcessSafetyTime(us)
}

/// How long it takes from the reset until the outputs are safe; see [`reset_to_safe_us`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetToSafe(u32);

/// From the reset to safe outputs in so many microseconds, the boot loader included.
#[must_use]
pub const fn reset_to_safe_us(us: u32) -> ResetToSafe {
    ResetToSafe(us)
}

/// How many bad reference cycles are survived; see [`tolerance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance(u8);

/// So many bad reference cycles are survived; the next one expires the entity.
#[must_use]
pub const fn tolerance(cycles: u8) -> Tolerance {
    Tolerance(cycles)
}

/// A plan that is being built.
#[derive(Debug)]
pub struct Builder<const N: usize, const D: usize, const F: usize> {
    plan: Plan<N, D, F>,
    entities: usize,
    deadlines: usize,
    flows: usize,
    advisories: u8,
    error: Option<Error>,
    /// The name in the row of the error.
    name: &'static str,
}

#[allow(clippy::indexing_slicing)] // Each index is below a length that was compared.
impl<const N: usize, const D: usize, const F: usize> Builder<N, D, F> {
    pub(super) const fn new(
        cycle: Cycle,
        hardware: Hardware,
        process_safety_time: ProcessSafetyTime,
        reset_to_safe: ResetToSafe,
    ) -> Self {
        let nowhere = Checkpoint::MAX;
        let deadline =
            Deadline { entity: 0, start: nowhere, stop: nowhere, min_us: 0, range_us: 0 };
        let flow = Flow { after: [0; 16], initial: 0, members: 0, entity: 0 };
        let plan = Plan {
            entities: [EntityPlan::EMPTY; N],
            deadlines: [deadline; D],
            flows: [flow; F],
            modes: &[],
            hardware,
            second_hardware: None,
            start_up: budget_us(0),
            cycle_us: cycle.us,
            late_max_us: cycle.late_max_us,
            process_safety_time_us: process_safety_time.0,
            reset_to_safe_us: reset_to_safe.0,
            grace: 0,
            sections: &[],
            boot_window: grains(3_600_000_000),
            good_after_us: 60_000_000,
            fingerprint: 0,
            limits: Limits::new(&hardware, None, 0),
        };
        Self { plan, entities: 0, deadlines: 0, flows: 0, advisories: 0, error: None, name: "" }
    }

    /// A supervised entity. Its name is unique.
    #[must_use]
    pub const fn entity(mut self, name: &'static str, alive: Alive, tolerance: Tolerance) -> Self {
        let index = self.entities;
        self.entities = self.entities.saturating_add(1);
        if index >= N || index >= EntityPlan::NOT_COUNTED as usize {
            return self;
        }
        let who = Who::Entity(index as u8);
        if let Some(first) = check::position(&self.plan.entities, index, name) {
            return self.wrong(Error::DuplicateName { first, second: index as u8 }, name);
        }
        if let Err(error) = check::alive(who, &alive) {
            self = self.wrong(error, name);
        }
        let (count_min, count_max) =
            if alive.checkpoint.is_some() { alive.limits() } else { (0, u32::MAX) };
        let checkpoint = match alive.checkpoint {
            Some(checkpoint) => checkpoint.as_raw(),
            None => EntityPlan::NOT_COUNTED,
        };
        self.plan.entities[index] = EntityPlan {
            name,
            expected: if alive.checkpoint.is_some() { alive.expected } else { 0 },
            count_min,
            count_max,
            cycles: alive.cycles,
            tolerance: tolerance.0,
            checkpoint,
            index: index as u8,
            ..EntityPlan::EMPTY
        };
        self
    }

    /// The entity is judged and reported, and never withholds the permit.
    #[must_use]
    pub const fn advisory(mut self, entity: &'static str) -> Self {
        let who = Who::Advisory(self.advisories);
        self.advisories = self.advisories.saturating_add(1);
        match check::position(&self.plan.entities, self.entities, entity) {
            Some(index) if (index as usize) < N => {
                self.plan.entities[index as usize].is_advisory = true;
                self
            }
            _ => self.wrong(Error::UnknownEntity { who }, entity),
        }
    }

    /// A deadline of an entity that is declared before it: from one checkpoint to another in so many microseconds, below 2^31.
    #[must_use]
    pub const fn deadline(
        mut self,
        entity: &'static str,
        start: Checkpoint,
        stop: Checkpoint,
        us: RangeInclusive<u32>,
    ) -> Self {
        let index = self.deadlines;
        self.deadlines = self.deadlines.saturating_add(1);
        if index >= D || index >= u8::MAX as usize {
            return self;
        }
        let who = Who::Deadline(index as u8);
        let Some(entity_index) = check::position(&self.plan.entities, self.entities, entity) else {
            return self.wrong(Error::UnknownEntity { who }, entity);
        };
        let (min_us, max_us) = (*us.start(), *us.end());
        if let Err(error) = check::deadline(who, start, stop, &us) {
            return self.wrong(error, entity);
        }
        let range_us = max_us.saturating_sub(min_us);
        let deadline = Deadline { entity: entity_index, start, stop, min_us, range_us };
        // The deadlines of an entity stand side by side: this one comes after its entity's, before those of later entities.
        let mut at = index;
        while at > 0 && at < D && self.plan.deadlines[at - 1].entity > entity_index {
            self.plan.deadlines[at] = self.plan.deadlines[at - 1];
            at -= 1;
        }
        if at < D && (entity_index as usize) < N {
            let count = &mut self.plan.entities[entity_index as usize].deadline_count;
            *count = count.saturating_add(1);
            self.plan.deadlines[at] = deadline;
        }
        self
    }

    /// The graph of an entity that is declared before it: where it begins, its edges, and where it ends.
    #[must_use]
    pub const fn flow(
        mut self,
        entity: &'static str,
        initial: Initial,
        edges: &'static [(Checkpoint, Checkpoint)],
        last: Final,
    ) -> Self {
        let index = self.flows;
        self.flows = self.flows.saturating_add(1);
        if index >= F || index >= EntityPlan::NO_FLOW as usize {
            return self;
        }
        let who = Who::Flow(index as u8);
        let Some(entity_index) = check::position(&self.plan.entities, self.entities, entity) else {
            return self.wrong(Error::UnknownEntity { who }, entity);
        };
        if entity_index as usize >= N
            || self.plan.entities[entity_index as usize].flow != EntityPlan::NO_FLOW
        {
            return self.wrong(Error::SecondFlow { who }, entity);
        }
        let (initial, last) = (check::set(initial.0), check::set(last.0));
        // A final checkpoint is the end of an edge, or initial.
        let mut flow = Flow { after: [0; 16], initial, members: initial, entity: entity_index };
        let mut edge = 0_usize;
        while edge < edges.len() {
            let (from, to) = edges[edge];
            flow.after[(from.as_raw() & 0xF) as usize] |= to.bit();
            flow.members |= from.bit() | to.bit();
            edge = edge.wrapping_add(1);
        }
        if let Err(error) = check::flow(who, &flow, last) {
            return self.wrong(error, entity);
        }
        let mut checkpoint = 0_usize;
        while checkpoint < flow.after.len() {
            if last >> checkpoint & 1 != 0 {
                flow.after[checkpoint] = initial;
            }
            checkpoint = checkpoint.wrapping_add(1);
        }
        self.plan.flows[index] = flow;
        self.plan.entities[entity_index as usize].set_flow(index, flow.members);
        self
    }

    /// The modes beside the first one, in which all entities are active unless it has a row.
    #[must_use]
    pub const fn modes(mut self, modes: &'static [ModePlan]) -> Self {
        self.plan.modes = modes;
        self
    }

    /// A second watchdog, which is fed by the same permits: the dog is a [`Both`](crate::Both).
    #[must_use]
    pub const fn second_hardware(mut self, hardware: Hardware) -> Self {
        self.plan.second_hardware = Some(hardware);
        self
    }

    /// After arming nothing is judged for so long; by default 0.
    #[must_use]
    pub const fn start_up(mut self, budget: Budget) -> Self {
        self.plan.start_up = budget;
        self
    }

    /// After something has expired the watchdog is fed for so many evaluations, counting the one that expired; by default 0.
    #[must_use]
    pub const fn grace(mut self, evaluations: u8) -> Self {
        self.plan.grace = evaluations;
        self
    }

    /// The names of the guarded sections, at most 16, in the order of their numbers.
    ///
    /// ```
    /// # use watchdog_core::{Checkpoint, Plan, SectionId, plan::*};
    /// # const TURN: Checkpoint = Checkpoint::of::<0>();
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(TURN, per_cycle(1), 0, 1), tolerance(0))
    ///     .sections(&["current limits", "position"])
    ///     .build();
    /// const POSITION: SectionId = PLAN.section("position").unwrap();
    /// assert_eq!((POSITION.as_raw(), PLAN.section_name(POSITION)), (1, "position"));
    /// ```
    #[must_use]
    pub const fn sections(mut self, names: &'static [&'static str]) -> Self {
        self.plan.sections = names;
        self
    }

    /// Abnormal boots count together within a window of so many microseconds of accumulated uptime; by default an hour. At most 2^47.
    #[must_use]
    pub const fn boot_window_us(mut self, us: u64) -> Self {
        self.plan.boot_window = grains(us);
        self
    }

    /// A run can be declared good after so many microseconds; by default 60 seconds.
    #[must_use]
    pub const fn good_after_us(mut self, us: u32) -> Self {
        self.plan.good_after_us = us;
        self
    }

    /// The plan, in a constant. A contradiction does not compile, and the message says which; [`Self::try_build`] is for a plan that
    /// is made while the program runs. Each of these says why it does not compile, beside one that does:
    ///
    /// ```
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // entity 0 "loop": 1 expected, minimum margin -1: an entity that is dead passes
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), -1, 1), tolerance(0))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // entity 1 "loop": the name is that of entity 0
    /// const PLAN: Plan<2> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .entity("loop", alive(B, per_cycle(1), 0, 1), tolerance(0))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // entities: 1 declared, the type of the plan says 2
    /// const PLAN: Plan<2> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // graph 0 "loop": edge from 0 to 1: checkpoint 1 is not final and has no successor
    /// const PLAN: Plan<1, 0, 1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .flow("loop", from(&[A]), &[(A, B)], until(&[]))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // the window opens after 100000 us, the watchdog bites after 80000 us
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)).window_us(100_000),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // the window opens after 9000 us, two feeds may be 9000 us apart
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)).window_us(9_000),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // two feeds may be 81400 us apart, the watchdog bites after 80000 us
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(74_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // entity 0 "loop": safe after 501000 us, process safety time 500000 us
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(35))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // deadline 0 "loop": safe after 531000 us, process safety time 500000 us
    /// const PLAN: Plan<1, 1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .deadline("loop", A, B, 0..=390_000)
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // mode 1 "erase": a budget of 400000 us is 422000 us without a feed, the watchdog bites after 80000 us
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .modes(&[bounded(Mode::of::<1>(), "erase", budget_us(400_000).blocked().outputs_safe())])
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // mode 1 "test": nothing is judged in it: safe after 541000 us, process safety time 500000 us
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .modes(&[bounded(Mode::of::<1>(), "test", budget_us(400_000))])
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // entity 0 "loop": without alive supervision it must be advisory
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", no_alive(), tolerance(0))
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use watchdog_core::{Checkpoint, Plan, plan::*};
    /// # const A: Checkpoint = Checkpoint::of::<0>();
    /// # const B: Checkpoint = Checkpoint::of::<1>();
    /// // mode 0: no entity that withholds the permit is active in it
    /// const PLAN: Plan<1> =
    ///     Plan::builder(
    ///         cycle_us(10_000),
    ///         hardware(timeout_us(80_000..=100_000)),
    ///         process_safety_time_us(500_000),
    ///         reset_to_safe_us(30_000),
    ///     )
    ///     .entity("loop", alive(A, per_cycle(1), 0, 1), tolerance(0))
    ///     .advisory("loop")
    ///     .build();
    /// # let _ = &PLAN;
    /// ```
    ///
    /// # Panics
    ///
    /// When the plan contradicts itself, which in a constant is an error of the compiler.
    #[must_use]
    #[track_caller]
    #[allow(clippy::panic)]
    pub const fn build(self) -> Plan<N, D, F> {
        match self.checked() {
            (plan, None, _) => plan,
            (_, Some(error), name) => panic!("{}", error.message(name).as_str()),
        }
    }

    /// The plan.
    ///
    /// # Errors
    ///
    /// The first contradiction in it.
    pub const fn try_build(self) -> Result<Plan<N, D, F>, Error> {
        match self.checked() {
            (plan, None, _) => Ok(plan),
            (_, Some(error), _) => Err(error),
        }
    }

    /// The plan, the first contradiction, and the name in its row.
    const fn checked(mut self) -> (Plan<N, D, F>, Option<Error>, &'static str) {
        let (entities, deadlines, flows) = (self.entities, self.deadlines, self.flows);
        self = self.counted(What::Entities, entities, N);
        self = self.counted(What::Deadlines, deadlines, D);
        self = self.counted(What::Flows, flows, F);
        if self.error.is_some() {
            return (self.plan, self.error, self.name);
        }
        let (mut index, mut deadline) = (0_usize, 0_u8);
        while index < N {
            self.plan.entities[index].first_deadline = deadline;
            deadline = deadline.saturating_add(self.plan.entities[index].deadline_count);
            self.plan.entities[index].set_roles();
            self.plan.entities[index].stamp_shift =
                LastCheckpoint::shift(self.plan.bites_before_us());
            index = index.wrapping_add(1);
        }
        let mut index = 0_usize;
        while index < D {
            let Deadline { entity, start, stop, .. } = self.plan.deadlines[index];
            if (entity as usize) < N {
                let entity = &mut self.plan.entities[entity as usize];
                entity.touch(start, index, false);
                entity.touch(stop, index, true);
            }
            index = index.wrapping_add(1);
        }
        if let Err((error, name)) = check::modes(&mut self.plan) {
            self = self.wrong(error, name);
        }
        if let Err(error) = check::plan(&self.plan) {
            let name = check::name(&self.plan, error.who());
            self = self.wrong(error, name);
        }
        if let Err(error) = check::sections(self.plan.sections) {
            self = self.wrong(error, "");
        }
        self.plan.fingerprint = self.plan.hash().value();
        let Plan { hardware, second_hardware, late_max_us, .. } = &self.plan;
        self.plan.limits = Limits::new(hardware, second_hardware.as_ref(), *late_max_us);
        (self.plan, self.error, self.name)
    }

    const fn counted(self, what: What, declared: usize, capacity: usize) -> Self {
        if declared == capacity && capacity <= COUNT_MAX as usize {
            return self;
        }
        let (declared, capacity) = (saturated(declared), saturated(capacity));
        self.wrong(Error::Count { what, declared, capacity }, "")
    }

    /// Keeps the first error.
    const fn wrong(mut self, error: Error, name: &'static str) -> Self {
        if self.error.is_none() {
            (self.error, self.name) = (Some(error), name);
        }
        self
    }
}

const fn saturated(count: usize) -> u16 {
    if count < u16::MAX as usize { count as u16 } else { u16::MAX }
}

/// A time in units of the uptime, rounded up.
#[allow(clippy::cast_possible_truncation)] // Compared.
const fn grains(us: u64) -> u32 {
    let grains = us.div_ceil(UPTIME_GRAIN_US as u64);
    if grains < GRAINS_MAX as u64 { grains as u32 } else { GRAINS_MAX }
}

/// The longest window: 2^47 us.
const GRAINS_MAX: u32 = 1 << 31;

/// Every time that stamps measure is at most this.
const _: () = assert!(SPAN_US_MAX == 2_147_483_647);
