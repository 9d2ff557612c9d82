//! The checks of a plan. T is the supervision cycle. Each index is below the length of its array.
#![allow(clippy::indexing_slicing)]

use core::ops::RangeInclusive;

use super::entity_plan::EntityPlan;
use super::error::{Error, Who};
use super::{Plan, saturated_us};
use crate::alive::Alive;
use crate::checkpoint::Checkpoint;
use crate::hardware::Hardware;
use crate::logical::Flow;
use crate::mode::{Budget, During, Kind, Mode};
use crate::section::SectionId;
use crate::stamp::SPAN_US_MAX;

/// The place of the entity of this name among the first `count`.
pub(super) const fn position<const N: usize>(
    entities: &[EntityPlan; N],
    count: usize,
    name: &str,
) -> Option<u8> {
    let mut index = 0_usize;
    while index < N && index < count {
        if is_equal(entities[index].name, name) {
            return Some(index as u8);
        }
        index = index.wrapping_add(1);
    }
    None
}

/// The guarded section of this name.
pub(super) const fn section(names: &[&str], name: &str) -> Option<SectionId> {
    let mut index = 0_u8;
    while (index as usize) < names.len() && index <= SectionId::MAX.as_raw() {
        if is_equal(names[index as usize], name) {
            return SectionId::new(index);
        }
        index = index.wrapping_add(1);
    }
    None
}

/// Guarded sections are at most 16, and each has a name of its own.
pub(super) const fn sections(names: &[&str]) -> Result<(), Error> {
    if names.len() > SectionId::MAX.index() + 1 {
        let declared = if names.len() < u16::MAX as usize { names.len() as u16 } else { u16::MAX };
        return Err(Error::Sections { declared });
    }
    let mut index = 0_usize;
    while index < names.len() {
        if let Some(first) = section(names, names[index]) {
            if first.index() < index {
                return Err(Error::DuplicateSection { first: first.as_raw(), second: index as u8 });
            }
        }
        index = index.wrapping_add(1);
    }
    Ok(())
}

/// Checkpoints as a set.
pub(super) const fn set(checkpoints: &[Checkpoint]) -> u16 {
    let (mut index, mut set) = (0_usize, 0);
    while index < checkpoints.len() {
        set |= checkpoints[index].bit();
        index = index.wrapping_add(1);
    }
    set
}

pub(super) const fn alive(who: Who, alive: &Alive) -> Result<(), Error> {
    let Alive { expected, min_margin, max_margin, cycles, .. } = *alive;
    if cycles == 0 || cycles == u8::MAX {
        return Err(Error::ReferenceCycle { who, cycles });
    }
    if alive.checkpoint.is_none() {
        return Ok(());
    }
    if min_margin > 0 || max_margin < 0 {
        return Err(Error::Margins { who, min_margin, max_margin });
    }
    if expected <= min_margin.unsigned_abs() {
        return Err(Error::DeadPasses { who, expected, min_margin });
    }
    if expected.checked_add(max_margin.unsigned_abs()).is_none() {
        return Err(Error::TooMany { who, expected, max_margin });
    }
    Ok(())
}

pub(super) const fn deadline(
    who: Who,
    start: Checkpoint,
    stop: Checkpoint,
    us: &RangeInclusive<u32>,
) -> Result<(), Error> {
    let (min_us, max_us) = (*us.start(), *us.end());
    if min_us > max_us {
        return Err(Error::EmptyDeadline { who, min_us, max_us });
    }
    if max_us > SPAN_US_MAX {
        return Err(Error::TooLong { who, us: max_us });
    }
    if start.as_raw() == stop.as_raw() {
        return Err(Error::OnePoint { who, checkpoint: start.as_raw() });
    }
    Ok(())
}

/// Every edge leads from a checkpoint that can be reached to one that is left again or final, every initial one is left
/// again or final, and every final one can be reached.
pub(super) const fn flow(who: Who, flow: &Flow, last: u16) -> Result<(), Error> {
    if flow.initial == 0 {
        return Err(Error::NoInitial { who });
    }
    let reached = reached(flow, last);
    let mut from = 0;
    while from < 16 {
        let successors = flow.after[from as usize];
        let mut to = 0;
        while to < 16 {
            if successors >> to & 1 != 0 {
                if reached >> from & 1 == 0 {
                    return Err(Error::EdgeFromNowhere { who, from, to });
                }
                if last >> to & 1 == 0 && flow.after[to as usize] == 0 {
                    return Err(Error::EdgeToNowhere { who, from, to });
                }
            }
            to += 1;
        }
        if last >> from & 1 != 0 && reached >> from & 1 == 0 {
            return Err(Error::FinalUnreachable { who, checkpoint: from });
        }
        if (flow.initial & !last) >> from & 1 != 0 && successors == 0 {
            return Err(Error::DeadEnd { who, checkpoint: from });
        }
        from += 1;
    }
    Ok(())
}

/// The checkpoints to which a way leads. A final one is left for an initial one, not by its own edges.
const fn reached(flow: &Flow, last: u16) -> u16 {
    let mut reached = flow.initial;
    loop {
        let before = reached;
        let mut from = 0;
        while from < 16 {
            if reached >> from & 1 != 0 && last >> from & 1 == 0 {
                reached |= flow.after[from];
            }
            from += 1;
        }
        if reached == before {
            return reached;
        }
    }
}

/// Puts the modes into the entities' sets, and checks the rows. The error comes with the name in its row.
pub(super) const fn modes<const N: usize, const D: usize, const F: usize>(
    plan: &mut Plan<N, D, F>,
) -> Result<(), (Error, &'static str)> {
    let (mut index, mut modes) = (0_usize, 0_u32);
    while index < plan.modes.len() {
        let row = &plan.modes[index];
        let who = Who::Mode(row.mode.as_raw());
        if modes & row.mode.bit() != 0 {
            return Err((Error::DuplicateMode { who }, row.name));
        }
        modes |= row.mode.bit();
        match row.kind {
            Kind::Bounded(budget) => {
                if row.mode.as_raw() == Mode::FIRST.as_raw() {
                    return Err((Error::BoundedFirst, row.name));
                }
                if let Err(error) = budget_of(plan, who, budget) {
                    return Err((error, row.name));
                }
            }
            Kind::Supervised(active) => {
                if let Err(name) = activate(&mut plan.entities, row.mode, active) {
                    return Err((Error::UnknownEntity { who }, name));
                }
            }
        }
        index = index.wrapping_add(1);
    }
    // In a bounded mode nobody is judged, and all are in its set.
    modes |= Mode::FIRST.bit();
    let mut mode = 0;
    while mode <= Mode::MAX.as_raw() {
        if modes >> mode & 1 != 0 && !is_supervised(&plan.entities, mode) {
            return Err((Error::Unsupervised { who: Who::Mode(mode) }, row_name(plan, mode)));
        }
        mode += 1;
    }
    Ok(())
}

/// Takes the mode out of the sets of all entities but these; an unknown name is the error.
const fn activate<const N: usize>(
    entities: &mut [EntityPlan; N],
    mode: Mode,
    active: &'static [&'static str],
) -> Result<(), &'static str> {
    let mut index = 0_usize;
    while index < N {
        entities[index].modes &= !mode.bit();
        index = index.wrapping_add(1);
    }
    let mut index = 0_usize;
    while index < active.len() {
        match position(entities, N, active[index]) {
            Some(entity) if (entity as usize) < N => {
                entities[entity as usize].modes |= mode.bit();
            }
            _ => return Err(active[index]),
        }
        index = index.wrapping_add(1);
    }
    Ok(())
}

/// Whether an entity that withholds the permit is active in this mode.
const fn is_supervised<const N: usize>(entities: &[EntityPlan; N], mode: u8) -> bool {
    let mut index = 0_usize;
    while index < N {
        if !entities[index].is_advisory && entities[index].modes >> mode & 1 != 0 {
            return true;
        }
        index = index.wrapping_add(1);
    }
    false
}

/// A bounded mode, or the start-up.
const fn budget_of<const N: usize, const D: usize, const F: usize>(
    plan: &Plan<N, D, F>,
    who: Who,
    budget: Budget,
) -> Result<(), Error> {
    let feed = latest_feed(plan);
    if budget.us > SPAN_US_MAX {
        return Err(Error::TooLong { who, us: budget.us });
    }
    let without_feed = match budget.during {
        During::Evaluating => 0,
        During::Blocked => 2 * feed + budget.us as u64,
        During::WatchdogPaused => 2 * feed,
    };
    if without_feed >= plan.bites_after_us() {
        return Err(Error::Bitten {
            who,
            budget_us: budget.us,
            without_feed_us: saturated_us(without_feed),
            bites_after_us: saturated_us(plan.bites_after_us()),
        });
    }
    let reaction = (budget.us as u64 + feed)
        .saturating_add(plan.hardware.bites_before_us())
        .saturating_add(plan.reset_to_safe_us as u64);
    if !budget.are_outputs_safe && budget.us > 0 && reaction > plan.process_safety_time_us as u64 {
        return Err(Error::Unjudged {
            who,
            reaction_us: saturated_us(reaction),
            process_safety_time_us: plan.process_safety_time_us,
        });
    }
    Ok(())
}

/// The longest time between two feeds: `T + late_max`.
const fn latest_feed<const N: usize, const D: usize, const F: usize>(plan: &Plan<N, D, F>) -> u64 {
    plan.cycle_us as u64 + plan.late_max_us as u64
}

/// What concerns the plan as a whole, once its rows stand.
pub(super) const fn plan<const N: usize, const D: usize, const F: usize>(
    plan: &Plan<N, D, F>,
) -> Result<(), Error> {
    if let Err(error) = timing(plan, &plan.hardware) {
        return Err(error);
    }
    if let Some(second) = &plan.second_hardware {
        if let Err(error) = timing(plan, second) {
            return Err(error);
        }
    }
    let mut index = 0_usize;
    while index < N {
        let entity = &plan.entities[index];
        if entity.counted().is_none() && !entity.is_advisory {
            return Err(Error::NotAdvisory { who: Who::Entity(index as u8) });
        }
        index = index.wrapping_add(1);
    }
    if matches!(plan.start_up.during, During::Blocked | During::WatchdogPaused) {
        return Err(Error::BlockedStartUp);
    }
    if let Err(error) = budget_of(plan, Who::StartUp, plan.start_up) {
        return Err(error);
    }
    let (who, detection) = worst_detection(plan);
    let reaction = detection.saturating_add(plan.reset_after_us());
    if reaction > plan.process_safety_time_us as u64 {
        return Err(Error::Reaction {
            who,
            reaction_us: saturated_us(reaction),
            process_safety_time_us: plan.process_safety_time_us,
        });
    }
    Ok(())
}

/// The cycle beside a hardware watchdog.
const fn timing<const N: usize, const D: usize, const F: usize>(
    plan: &Plan<N, D, F>,
    hardware: &Hardware,
) -> Result<(), Error> {
    let (min_us, max_us) = (*hardware.timeouts_us().start(), *hardware.timeouts_us().end());
    let permille = hardware.clock_permille();
    if plan.cycle_us == 0 {
        return Err(Error::Zero { who: Who::Plan });
    }
    if plan.cycle_us > SPAN_US_MAX {
        return Err(Error::TooLong { who: Who::Plan, us: plan.cycle_us });
    }
    if max_us > SPAN_US_MAX {
        return Err(Error::TooLong { who: Who::Plan, us: max_us });
    }
    if min_us > max_us || min_us == 0 {
        return Err(Error::EmptyTimeout { min_us, max_us });
    }
    if permille >= 1_000 {
        return Err(Error::Tolerance { permille });
    }
    let bites_after = hardware.bites_after_us();
    if hardware.surely_open_us() >= bites_after {
        return Err(Error::EmptyWindow {
            opens_us: saturated_us(hardware.surely_open_us()),
            bites_after_us: saturated_us(bites_after),
        });
    }
    let earliest = (plan.cycle_us as u64).saturating_sub(plan.late_max_us as u64);
    if hardware.surely_open_us() >= earliest {
        return Err(Error::WindowClosed {
            opens_us: saturated_us(hardware.surely_open_us()),
            earliest_feed_us: saturated_us(earliest),
        });
    }
    if latest_feed(plan) >= bites_after {
        return Err(Error::Starved {
            latest_feed_us: saturated_us(latest_feed(plan)),
            bites_after_us: saturated_us(bites_after),
        });
    }
    Ok(())
}

/// What is detected last, and after how long.
pub(super) const fn worst_detection<const N: usize, const D: usize, const F: usize>(
    plan: &Plan<N, D, F>,
) -> (Who, u64) {
    let (mut who, mut worst) = (Who::Plan, 0);
    let mut index = 0_usize;
    while index < N {
        let entity = &plan.entities[index];
        let cycles = (entity.tolerance as u64 + 2) * entity.cycles as u64;
        let detection = cycles * plan.cycle_us as u64 + plan.late_max_us as u64;
        if !entity.is_advisory && entity.counted().is_some() && detection > worst {
            (who, worst) = (Who::Entity(index as u8), detection);
        }
        index = index.wrapping_add(1);
    }
    let mut index = 0_usize;
    while index < D {
        let deadline = &plan.deadlines[index];
        let detection = deadline.max_us() as u64 + latest_feed(plan);
        let entity = deadline.entity as usize;
        if entity < N && !plan.entities[entity].is_advisory && detection > worst {
            (who, worst) = (Who::Deadline(index as u8), detection);
        }
        index = index.wrapping_add(1);
    }
    (who, worst)
}

/// The name of a part of the plan: a deadline and a graph have that of their entity.
pub(super) const fn name<const N: usize, const D: usize, const F: usize>(
    plan: &Plan<N, D, F>,
    who: Who,
) -> &'static str {
    match who {
        Who::Entity(index) => entity_name(plan, index),
        Who::Deadline(index) if (index as usize) < D => {
            entity_name(plan, plan.deadlines[index as usize].entity)
        }
        Who::Flow(index) if (index as usize) < F => {
            entity_name(plan, plan.flows[index as usize].entity)
        }
        Who::Mode(mode) => row_name(plan, mode),
        _ => "",
    }
}

const fn entity_name<const N: usize, const D: usize, const F: usize>(
    plan: &Plan<N, D, F>,
    index: u8,
) -> &'static str {
    if (index as usize) < N { plan.entities[index as usize].name } else { "" }
}

const fn row_name<const N: usize, const D: usize, const F: usize>(
    plan: &Plan<N, D, F>,
    mode: u8,
) -> &'static str {
    let mut index = 0_usize;
    while index < plan.modes.len() {
        if plan.modes[index].mode.as_raw() == mode {
            return plan.modes[index].name;
        }
        index = index.wrapping_add(1);
    }
    ""
}

const fn is_equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0_usize;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index = index.wrapping_add(1);
    }
    true
}
