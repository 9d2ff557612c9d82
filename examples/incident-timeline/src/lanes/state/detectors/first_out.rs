//! The first fault of each episode: what came after it, what the machine did, and whether it was acknowledged.

use std::collections::HashMap;
use std::rc::Rc;

use safe_state::journal::Occurrence;
use safe_state::machine::State;

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{GROUPS_MAX, Groups, Said, times};
use crate::severity::Severity;

/// A first-out by its source and name; without one if the journal does not hold it any more.
type Key = (Rc<str>, Option<String>);

pub(super) struct FirstOuts {
    groups: Groups<Key>,
    details: HashMap<Key, Details>,
    /// The episode that is open, source by source.
    open: HashMap<Rc<str>, Open>,
}

struct Open {
    key: Key,
    /// By the clock of its boot: an episode does not outlive one.
    since_us: u64,
    has_stopped: bool,
}

/// The episodes of one first-out.
#[derive(Default)]
struct Details {
    later: Vec<String>,
    /// The longest time until the machine was safe or locked.
    stopped: Option<(u64, State)>,
    acknowledged: u64,
    /// The longest time until it was acknowledged.
    acknowledged_us: u64,
}

/// How many later faults are named.
const LATER_MAX: usize = 8;

impl Default for FirstOuts {
    fn default() -> Self {
        Self { groups: Groups::new("first_out"), details: HashMap::new(), open: HashMap::new() }
    }
}

impl FirstOuts {
    fn raised(&mut self, name: String, is_first_out: bool, since_us: u64, event: &Event) {
        let Some(place) = &event.place else { return };
        let source = place.source.clone();
        if is_first_out || !self.open.contains_key(&source) {
            let key = (source.clone(), is_first_out.then(|| name.clone()));
            self.groups.take(key.clone(), event.t_us, place);
            self.open.insert(source.clone(), Open { key, since_us, has_stopped: false });
        }
        if is_first_out {
            return;
        }
        if let Some(details) = self.details(&source)
            && details.later.len() < LATER_MAX
            && !details.later.contains(&name)
        {
            details.later.push(name);
        }
    }

    /// The details of the episode that is open.
    fn details(&mut self, source: &Rc<str>) -> Option<&mut Details> {
        let key = &self.open.get(source)?.key;
        if self.details.len() >= GROUPS_MAX && !self.details.contains_key(key) {
            return None;
        }
        Some(self.details.entry(key.clone()).or_default())
    }

    fn stopped(&mut self, source: &Rc<str>, state: State, at_us: u64) {
        let Some(open) = self.open.get_mut(source).filter(|open| !open.has_stopped) else {
            return;
        };
        open.has_stopped = true;
        let after_us = at_us.saturating_sub(open.since_us);
        if let Some(details) = self.details(source)
            && details.stopped.is_none_or(|(longest_us, _)| after_us >= longest_us)
        {
            details.stopped = Some((after_us, state));
        }
    }

    fn acknowledged(&mut self, source: &Rc<str>, at_us: u64) {
        let since_us = self.open.get(source).map_or(at_us, |open| open.since_us);
        if let Some(details) = self.details(source) {
            details.acknowledged += 1;
            details.acknowledged_us = details.acknowledged_us.max(at_us.saturating_sub(since_us));
        }
        if let Some(open) = self.open.remove(source) {
            self.groups.well(&open.key);
        }
    }
}

fn shown(us: u64) -> Duration {
    Duration(i64::try_from(us).unwrap_or(i64::MAX))
}

impl Detector for FirstOuts {
    fn take(&mut self, event: &Event) {
        let Some((place, told)) = super::told(event) else { return };
        let source = &place.source;
        match told.occurrence {
            Occurrence::FaultRaised { fault, is_first_out, .. } => {
                self.raised(told.fault(fault), is_first_out, told.entry.at_us, event);
            }
            Occurrence::Machine { to: to @ (State::Safe | State::Lockout), .. } => {
                self.stopped(source, to, told.entry.at_us);
            }
            Occurrence::Acknowledged { .. } => self.acknowledged(source, told.entry.at_us),
            // What was there before a reset is not known after it.
            Occurrence::Boot { .. } => {
                self.open.remove(source);
            }
            _ => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.groups.findings(Severity::Fault, |key, group| {
            let text = self.text(key, group.count);
            let check = match &key.1 {
                Some(name) => format!("what raises {name}, before the faults after it"),
                None => "an earlier reading of the journal".to_owned(),
            };
            Said { blame: Blame::Device, text, check }
        })
    }
}

impl FirstOuts {
    fn text(&self, key: &Key, count: u64) -> String {
        let mut text = match &key.1 {
            Some(name) => format!("{name} was the first-out fault{}", times(count)),
            None => "the first-out fault is not in the journal any more".to_owned(),
        };
        let Some(details) = self.details.get(key) else {
            text.push_str("; not acknowledged");
            return text;
        };
        if !details.later.is_empty() {
            text.push_str(&format!("; after it {}", details.later.join(", ")));
        }
        if let Some((after_us, state)) = details.stopped {
            let state = if state == State::Lockout { "locked" } else { "safe" };
            let after = match (after_us, count) {
                (0, _) => "in the same tick".to_owned(),
                (after_us, 1) => format!("{} later", shown(after_us)),
                (after_us, _) => format!("at most {} later", shown(after_us)),
            };
            text.push_str(&format!("; the machine was {state} {after}"));
        }
        text.push_str(&match (details.acknowledged, count) {
            (0, _) => "; not acknowledged".to_owned(),
            (all, count) if all == count => {
                format!("; acknowledged after {}", shown(details.acknowledged_us))
            }
            (some, count) => format!("; {} of {count} times not acknowledged", count - some),
        });
        text
    }
}
