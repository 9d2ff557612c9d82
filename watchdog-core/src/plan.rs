//! The plan: what is supervised, by which numbers, and how fast it must be found. It is built by `const` functions, and a
//! contradiction in it does not compile.
//!
//! ```text
//! the last good cycle        an entity dies is found           the watchdog bites      the outputs are safe
//! |--------- worst detection ---------------|-- grace * T --|-- timeout max --|-- reset to safe --|
//! |<---------------------------- at most the process safety time -------------------------------->|
//! ```

mod builder;
mod check;
mod entity_plan;
mod error;
mod fingerprint;
mod message;

pub use builder::{
    Builder, Cycle, ProcessSafetyTime, ResetToSafe, Tolerance, cycle_us, process_safety_time_us,
    reset_to_safe_us, tolerance,
};
pub(crate) use entity_plan::{Alone, EntityPlan, Touched};
pub use error::{Error, What, Who};

pub use crate::alive::{Alive, Expected, alive, no_alive, per_cycle, per_cycles};
pub use crate::hardware::{Hardware, Timeout, hardware, timeout_us};
pub use crate::logical::{Final, Initial, from, until};
pub use crate::mode::{Budget, Mode, ModePlan, bounded, budget_us, mode};

use crate::deadline::Deadline;
use crate::entity_id::EntityId;
use crate::hardware::Limits;
use crate::logical::Flow;
use crate::mode::Kind;
use crate::section::{SectionId, Sections};

/// A plan of `N` supervised entities, which have `D` deadlines and `F` graphs together. What a plan does not have costs neither flash
/// nor memory.
///
/// ```
/// use watchdog_core::Checkpoint;
/// use watchdog_core::plan::{
///     Plan, alive, cycle_us, from, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us, tolerance, until,
/// };
///
/// const SAMPLE: Checkpoint = Checkpoint::of::<0>();
/// const OUTPUT: Checkpoint = Checkpoint::of::<1>();
/// const SERVED: Checkpoint = Checkpoint::of::<0>();
///
/// const PLAN: Plan<2, 1, 1> = Plan::builder(
///     cycle_us(10_000),
///     hardware(timeout_us(80_000..=100_000)),
///     process_safety_time_us(500_000),
///     reset_to_safe_us(30_000),
/// )
/// .entity("control", alive(OUTPUT, per_cycle(10), -1, 1), tolerance(1))
/// .deadline("control", SAMPLE, OUTPUT, 200..=900)
/// .flow("control", from(&[SAMPLE]), &[(SAMPLE, OUTPUT), (OUTPUT, SAMPLE)], until(&[]))
/// .entity("modbus", alive(SERVED, per_cycle(1), 0, 3), tolerance(3))
/// .build();
///
/// assert_eq!(PLAN.worst_detection_us(), 51_000); // modbus: (3 + 2) cycles, and what an evaluation may be late
/// assert_eq!(PLAN.worst_reaction_us(), 51_000 + 100_000 + 30_000);
/// assert_eq!(PLAN.name(PLAN.entity("modbus").unwrap()), "modbus");
/// ```
#[derive(Debug)]
pub struct Plan<const N: usize, const D: usize = 0, const F: usize = 0> {
    pub(crate) entities: [EntityPlan; N],
    pub(crate) deadlines: [Deadline; D],
    pub(crate) flows: [Flow; F],
    pub(crate) modes: &'static [ModePlan],
    pub(crate) hardware: Hardware,
    pub(crate) second_hardware: Option<Hardware>,
    pub(crate) start_up: Budget,
    pub(crate) cycle_us: u32,
    pub(crate) late_max_us: u32,
    pub(crate) process_safety_time_us: u32,
    pub(crate) reset_to_safe_us: u32,
    pub(crate) grace: u8,
    sections: &'static [&'static str],
    /// The window of abnormal boots, in units of `UPTIME_GRAIN_US`.
    pub(crate) boot_window: u32,
    pub(crate) good_after_us: u32,
    pub(crate) fingerprint: u32,
    /// What the dog judges a feed by.
    pub(crate) limits: Limits,
}

impl<const N: usize, const D: usize, const F: usize> Plan<N, D, F> {
    /// Begins a plan.
    #[must_use]
    pub const fn builder(
        cycle: Cycle,
        hardware: Hardware,
        process_safety_time: ProcessSafetyTime,
        reset_to_safe: ResetToSafe,
    ) -> Builder<N, D, F> {
        Builder::new(cycle, hardware, process_safety_time, reset_to_safe)
    }

    /// The supervision cycle, in microseconds.
    #[must_use]
    pub const fn cycle_us(&self) -> u32 {
        self.cycle_us
    }

    /// How late an evaluation may be after the end of its cycle, in microseconds.
    #[must_use]
    pub const fn late_max_us(&self) -> u32 {
        self.late_max_us
    }

    /// The hardware watchdog that the plan counts on.
    #[must_use]
    pub const fn hardware(&self) -> Hardware {
        self.hardware
    }

    /// The second hardware watchdog.
    #[must_use]
    pub const fn second_hardware(&self) -> Option<Hardware> {
        self.second_hardware
    }

    /// For how many evaluations the watchdog is still fed after something has expired, counting the one that expired.
    #[must_use]
    pub const fn grace(&self) -> u8 {
        self.grace
    }

    /// The entity of this name.
    #[must_use]
    pub const fn entity(&self, name: &str) -> Option<EntityId> {
        match check::position(&self.entities, N, name) {
            Some(index) => Some(EntityId::new(index)),
            None => None,
        }
    }

    /// The name of an entity; empty if the plan has none of this number.
    #[must_use]
    pub fn name(&self, entity: EntityId) -> &'static str {
        self.entities.get(entity.index()).map_or("", |entity| entity.name)
    }

    /// The guarded section of this name.
    #[must_use]
    pub const fn section(&self, name: &str) -> Option<SectionId> {
        check::section(self.sections, name)
    }

    /// The name of a guarded section; empty if the plan has none of this number.
    #[must_use]
    pub fn section_name(&self, section: SectionId) -> &'static str {
        self.sections.get(section.index()).copied().unwrap_or("")
    }

    /// The guarded sections that the plan names; all 16 if it names none.
    pub(crate) const fn sections(&self) -> Sections {
        match self.sections.len() {
            count @ 1..16 => Sections::from_raw((1 << count) - 1),
            _ => Sections::ALL,
        }
    }

    /// A hash of everything in the plan, names too. What survives a reset carries it, so that the record of another plan is not
    /// decoded with these names.
    #[must_use]
    pub const fn fingerprint(&self) -> u32 {
        self.fingerprint
    }

    /// The name of a mode: that of its row, `start-up` for none, `run` for the first mode without a row, else empty.
    #[must_use]
    pub fn mode_name(&self, mode: Option<Mode>) -> &'static str {
        let Some(mode) = mode else { return "start-up" };
        match self.row(mode) {
            Some((_, row)) => row.name,
            None if mode == Mode::FIRST => "run",
            None => "",
        }
    }

    /// The longest time from the moment that an entity dies or misses a deadline to the evaluation that expires it, in microseconds,
    /// over all entities that are not advisory: `(tolerance + 2) * reference cycle + late_max`, `max + T + late_max`.
    #[must_use]
    pub const fn worst_detection_us(&self) -> u64 {
        check::worst_detection(self).1
    }

    /// The longest time from the moment that an entity dies or misses a deadline until the outputs are safe, in microseconds: the
    /// detection, the grace, the timeout, and the reset. At most the process safety time.
    #[must_use]
    pub const fn worst_reaction_us(&self) -> u64 {
        self.worst_detection_us().saturating_add(self.reset_after_us())
    }

    /// From the evaluation that expires something until the outputs are safe.
    const fn reset_after_us(&self) -> u64 {
        (self.grace as u64 * self.cycle_us as u64)
            .saturating_add(self.hardware.bites_before_us())
            .saturating_add(self.reset_to_safe_us as u64)
    }

    /// The earliest bite of a watchdog.
    const fn bites_after_us(&self) -> u64 {
        let first = self.hardware.bites_after_us();
        match &self.second_hardware {
            Some(second) if second.bites_after_us() < first => second.bites_after_us(),
            _ => first,
        }
    }

    /// The step of the instant of a last checkpoint, as a shift: that of each entity.
    pub(crate) fn stamp_shift(&self) -> u8 {
        self.entities.first().map_or(0, |entity| entity.stamp_shift)
    }

    /// The latest bite of a watchdog.
    const fn bites_before_us(&self) -> u64 {
        let first = self.hardware.bites_before_us();
        match &self.second_hardware {
            Some(second) if second.bites_before_us() > first => second.bites_before_us(),
            _ => first,
        }
    }

    /// The row of a mode, and its place.
    pub(crate) fn row(&self, mode: Mode) -> Option<(usize, &'static ModePlan)> {
        self.modes.iter().enumerate().find(|(_, row)| row.mode == mode)
    }

    /// Whether entities are supervised in this mode.
    pub(crate) fn is_supervised(&self, mode: Mode) -> bool {
        match self.row(mode) {
            Some((_, row)) => matches!(row.kind, Kind::Supervised(_)),
            None => mode == Mode::FIRST,
        }
    }

    /// The bounded mode in the row at this place.
    pub(crate) fn bounded(&self, index: u8) -> Option<(Mode, Budget)> {
        match self.modes.get(usize::from(index)) {
            Some(ModePlan { mode, kind: Kind::Bounded(budget), .. }) => Some((*mode, *budget)),
            _ => None,
        }
    }
}

/// Microseconds in 32 bits; what does not fit is `u32::MAX`.
const fn saturated_us(us: u64) -> u32 {
    if us < u32::MAX as u64 { us as u32 } else { u32::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;

    #[test]
    fn stamps_are_as_coarse_as_the_longer_timeout_asks() {
        let plan = |first: u32, second: u32| {
            Plan::<1>::builder(
                cycle_us(10_000),
                hardware(timeout_us(first..=first)),
                process_safety_time_us(9_000_000),
                reset_to_safe_us(30_000),
            )
            .entity("one", alive(Checkpoint::of::<0>(), per_cycle(1), 0, 1), tolerance(0))
            .second_hardware(hardware(timeout_us(second..=second)))
            .build()
        };
        let (short, long) = (80_000, 1_600_000);
        assert_eq!(plan(short, short).stamp_shift(), 6);
        assert_eq!([plan(short, long), plan(long, short)].map(|plan| plan.stamp_shift()), [10; 2]);
    }
}
