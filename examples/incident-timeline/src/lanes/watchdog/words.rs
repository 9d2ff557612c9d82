//! The parts of a boot record in words, with the names of the plan.

use watchdog_core::boot::{Blame, Found, Torn};
use watchdog_core::{Brief, Cause, Culprit, DeadlineFault, Kind, Level, ResetCauses, Sections};

use super::names::Names;
use crate::describe::Duration;

pub(super) fn causes(causes: ResetCauses) -> String {
    let names: Vec<String> =
        causes.iter_names().map(|(name, _)| name.to_lowercase().replace('_', " ")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

pub(super) fn found(found: Found) -> String {
    match found {
        Found::ColdStart => "cold start".to_owned(),
        Found::Lost => "the record is lost".to_owned(),
        Found::OtherPlan { fingerprint } => format!("the record of plan {fingerprint:08X}"),
        Found::Record => "record".to_owned(),
    }
}

pub(super) fn found_name(found: Found) -> &'static str {
    match found {
        Found::ColdStart => "cold_start",
        Found::Lost => "lost",
        Found::OtherPlan { .. } => "other_plan",
        Found::Record => "record",
    }
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Normal => "normal",
        Level::Degraded => "degraded",
        Level::SafeOnly => "safe only",
    }
}

pub(super) fn blame(blame: &Blame, names: &Names) -> String {
    match blame {
        Blame::None => "nobody was to blame".to_owned(),
        Blame::Unrecorded => "nobody recorded a culprit".to_owned(),
        Blame::Unknown => "the culprit is unknown".to_owned(),
        Blame::Culprit(culprit) => self::culprit(culprit, names),
        Blame::Brief(brief) => self::brief(brief, names),
    }
}

/// The culprit without its instant and numbers: the same fault of the same entity has the same words.
pub(super) fn blamed(blame: &Blame, names: &Names) -> String {
    match blame {
        Blame::Culprit(culprit) => brief(&Brief::from(culprit), names),
        other => self::blame(other, names),
    }
}

pub(super) fn culprit(culprit: &Culprit, names: &Names) -> String {
    let what = match culprit.cause {
        Cause::Alive { entity, checkpoint, count, last_us } => {
            let (entity, checkpoint) = (names.entity(entity.index()), checkpoint.as_raw());
            format!("{entity} reached checkpoint {checkpoint} {count} times, last at {last_us} us")
        }
        Cause::Deadline { entity, start, stop, fault } => {
            let (entity, start, stop) =
                (names.entity(entity.index()), start.as_raw(), stop.as_raw());
            let fault = match fault {
                DeadlineFault::TooEarly => "too early",
                DeadlineFault::TooLate => "too late",
                DeadlineFault::NotStarted => "stopped without a start",
                DeadlineFault::StartedTwice => "started twice",
                DeadlineFault::Dropped => "dropped",
            };
            format!("{entity} missed the deadline from checkpoint {start} to {stop}: {fault}")
        }
        Cause::Logical { entity, checkpoint } => {
            let (entity, checkpoint) = (names.entity(entity.index()), checkpoint.as_raw());
            format!("{entity} reached checkpoint {checkpoint} out of order")
        }
        Cause::Late { late_us } => format!("the supervisor was {late_us} us late"),
        Cause::Overrun { mode, budget_us } => {
            format!("mode {} was not left within {budget_us} us", mode.as_raw())
        }
        Cause::NotRunning { mode } => {
            format!("the watchdog did not run after mode {}", mode.as_raw())
        }
        Cause::Pretimeout { entity: None, .. } => {
            "the watchdog was about to bite, and no entity was overdue".to_owned()
        }
        Cause::Pretimeout { entity: Some(entity), checkpoint, silent_us } => {
            let entity = names.entity(entity.index());
            match checkpoint {
                Some(checkpoint) => format!(
                    "{entity} was silent for {} after checkpoint {} when the watchdog was about to bite",
                    Duration(silent_us.into()),
                    checkpoint.as_raw()
                ),
                None => format!(
                    "{entity} had reached no checkpoint when the watchdog was about to bite"
                ),
            }
        }
        Cause::Panic { line, file } => format!("a panic in line {line} of file {file:08X}"),
        Cause::Fault { pc, lr, cause } => {
            format!("a fault {cause:08X} at {pc:08X}, called from {lr:08X}")
        }
    };
    format!("{what} (at {} us of its run)", culprit.at_us)
}

fn brief(brief: &Brief, names: &Names) -> String {
    let what = match brief.kind {
        Kind::Alive => "alive supervision",
        Kind::Deadline => "a deadline",
        Kind::Logical => "the order of checkpoints",
        Kind::Late => "an evaluation that was late",
        Kind::Overrun => "a mode that was not left in time",
        Kind::NotRunning => "a watchdog that did not run after a mode",
        Kind::Pretimeout => "silence when the watchdog was about to bite",
        Kind::Panic => "a panic",
        Kind::Fault => "a fault of the processor",
    };
    let mut words = match brief.entity {
        Some(entity) => format!("{}: {what}", names.entity(entity.index())),
        None => what.to_owned(),
    };
    if let Some(checkpoint) = brief.checkpoint {
        words.push_str(&format!(", checkpoint {}", checkpoint.as_raw()));
    }
    if let Some(line) = brief.line {
        words.push_str(&format!(" in line {line}"));
    }
    words
}

pub(super) fn sections(sections: Sections, names: &Names) -> String {
    if sections == Sections::ALL {
        return "every section".to_owned();
    }
    let names: Vec<String> =
        sections.iter().map(|section| names.section(section.index())).collect();
    names.join(", ")
}

/// The torn sections of an owner; `None` if there are none.
pub(super) fn torn(owner: usize, torn: Torn, names: &Names) -> Option<String> {
    let held = (!torn.held.is_empty())
        .then(|| format!("owner {owner} held {}", sections(torn.held, names)));
    let abandoned = (!torn.abandoned.is_empty())
        .then(|| format!("owner {owner} has abandoned {}", sections(torn.abandoned, names)));
    match (held, abandoned) {
        (Some(held), Some(abandoned)) => Some(format!("{held}, {abandoned}")),
        (one, other) => one.or(other),
    }
}
