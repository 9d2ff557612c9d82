//! What keeps a controller from its work, but for the faults that it raises: channels with a fault, recoveries that failed, lockouts.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use safe_state::channel::{self, Cause};
use safe_state::journal::Occurrence;
use safe_state::machine::{self, State};
use safe_state::recovery::Escalation;

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{GROUPS_MAX, Groups, Said, times};
use crate::lanes::state::words::{self, spoken};
use crate::severity::Severity;

/// Channels with a fault, by source, name and cause.
pub(super) struct Faulted(Groups<(Rc<str>, String, Cause)>);

impl Default for Faulted {
    fn default() -> Self {
        Self(Groups::new("channel_fault"))
    }
}

impl Detector for Faulted {
    fn take(&mut self, event: &Event) {
        let Some((place, told)) = super::told(event) else { return };
        if let Occurrence::Channel { channel, to: channel::State::Faulted, cause, .. } =
            told.occurrence
        {
            let key = (place.source.clone(), told.channel(channel), cause);
            self.0.take(key, event.t_us, place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.0.findings(Severity::Fault, |(_, name, cause), group| {
            let (what, check) = words::wrong(*cause);
            Said {
                blame: Blame::Device,
                text: format!("{name} has a fault{}: {what}", times(group.count)),
                check: check.to_owned(),
            }
        })
    }
}

/// Recoveries that failed, by source and reason.
pub(super) struct Recoveries {
    groups: Groups<(Rc<str>, String)>,
    longest_us: HashMap<(Rc<str>, String), u64>,
    /// Sources whose last recovery has failed. Each boot after it finds it left.
    failed: HashSet<Rc<str>>,
}

impl Default for Recoveries {
    fn default() -> Self {
        Self { groups: Groups::new("recovery"), longest_us: HashMap::new(), failed: HashSet::new() }
    }
}

impl Detector for Recoveries {
    fn take(&mut self, event: &Event) {
        let Some((place, told)) = super::told(event) else { return };
        let source = &place.source;
        let escalation = match told.occurrence {
            Occurrence::Recovered { .. } => {
                self.failed.remove(source);
                return;
            }
            Occurrence::Escalated(escalation) => escalation,
            _ => return,
        };
        let has_failed = self.failed.len() < GROUPS_MAX && !self.failed.insert(source.clone());
        let reason = match escalation {
            Escalation::Reentered { .. } if has_failed => return,
            Escalation::StepOverrun { step, budget_us, .. } => {
                let step = told.names.steps.name(step.into(), "step");
                format!("{step} took longer than its {}", Duration(budget_us.into()))
            }
            Escalation::Overrun { budget_us, .. } => {
                format!("it took longer than its {}", Duration(budget_us.into()))
            }
            other => told.escalation(other),
        };
        let key = (source.clone(), reason);
        self.groups.take(key.clone(), event.t_us, place);
        if let Escalation::StepOverrun { took_us, .. } | Escalation::Overrun { took_us, .. } =
            escalation
            && (self.longest_us.len() < GROUPS_MAX || self.longest_us.contains_key(&key))
        {
            let longest_us = self.longest_us.entry(key).or_default();
            *longest_us = took_us.max(*longest_us);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.groups.findings(Severity::Fault, |key, group| {
            let count = group.count;
            let mut text = format!("a recovery failed{}: {}", times(count), key.1);
            if let Some(longest_us) = self.longest_us.get(key) {
                let longest = Duration(i64::try_from(*longest_us).unwrap_or(i64::MAX));
                let most = if count == 1 { "" } else { "at most " };
                text.push_str(&format!(": {most}{longest}"));
            }
            let check = "what this step waited for, and whether its budget is enough".to_owned();
            Said { blame: Blame::Device, text, check }
        })
    }
}

/// Machines that are locked, but for those whose recovery or fault says why.
pub(super) struct Lockouts {
    groups: Groups<(Rc<str>, Option<machine::Event>)>,
    /// Sources with a reason that another finding tells.
    explained: HashSet<Rc<str>>,
}

impl Default for Lockouts {
    fn default() -> Self {
        Self { groups: Groups::new("lockout"), explained: HashSet::new() }
    }
}

impl Detector for Lockouts {
    fn take(&mut self, event: &Event) {
        let Some((place, told)) = super::told(event) else { return };
        let source = &place.source;
        match told.occurrence {
            Occurrence::Escalated(_) | Occurrence::FaultRaised { .. }
                if self.explained.len() < GROUPS_MAX =>
            {
                self.explained.insert(source.clone());
            }
            Occurrence::Recovered { .. } | Occurrence::Acknowledged { .. } => {
                self.explained.remove(source);
            }
            Occurrence::Machine { to: State::Lockout, event: cause, .. }
                if !self.explained.contains(source) =>
            {
                self.groups.take((source.clone(), cause), event.t_us, place);
                // It is found locked at each boot after it.
                self.explained.insert(source.clone());
            }
            _ => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.groups.findings(Severity::Fault, |(_, event), group| {
            let why = match event {
                None => "it was locked before its first boot here".to_owned(),
                Some(machine::Event::Lock) => {
                    "it was told to, or has restarted by itself as often as it may".to_owned()
                }
                event => spoken(words::event(*event)),
            };
            let times = times(group.count);
            Said {
                blame: Blame::Device,
                text: format!("the machine is locked until a power cycle{times}: {why}"),
                check: "what happened before it was locked".to_owned(),
            }
        })
    }
}
