//! Outputs that nobody renewed: held on a stale value, or stopped with the end of their lease.

use std::collections::HashMap;
use std::rc::Rc;

use safe_state::Quality;
use safe_state::channel::{Cause, State};
use safe_state::journal::Occurrence;

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{GROUPS_MAX, Groups, Said, times};
use crate::place::Place;
use crate::severity::Severity;

/// An output by its source and name.
type Key = (Rc<str>, String);

pub(super) struct Outputs {
    stale: Groups<Key>,
    holds: HashMap<Key, Hold>,
    ended: Groups<(Key, Cause)>,
    /// Leases that have ended, and what the output did then is not told yet.
    pending: HashMap<Key, (Cause, Option<i64>, Place)>,
}

/// How an output was held.
#[derive(Default)]
struct Hold {
    age_us: u32,
    is_held: bool,
    /// What came after it, each once.
    after: Vec<&'static str>,
}

impl Default for Outputs {
    fn default() -> Self {
        Self {
            stale: Groups::new("stale_output"),
            holds: HashMap::new(),
            ended: Groups::new("lease_ended"),
            pending: HashMap::new(),
        }
    }
}

impl Outputs {
    fn output(&mut self, key: Key, change: (Quality, Quality), age_us: u32, event: &Event) {
        let (from, to) = change;
        let pending = self.pending.remove(&key);
        if to == Quality::Held {
            if let Some(place) = &event.place {
                self.stale.take(key.clone(), event.t_us, place);
            }
            if let Some(hold) = self.hold(key) {
                (hold.age_us, hold.is_held) = (hold.age_us.max(age_us), true);
            }
        } else if from == Quality::Held {
            let after = match to {
                Quality::Good => {
                    self.stale.well(&key);
                    "it was renewed"
                }
                Quality::Substitute => "it had another value",
                Quality::Held | Quality::Bad => "it had its safe value",
            };
            if let Some(hold) = self.hold(key) {
                (hold.age_us, hold.is_held) = (hold.age_us.max(age_us), false);
                hold.ends(after);
            }
        } else if let Some((cause, t_us, place)) = pending {
            self.ended.take((key, cause), t_us, &place);
        }
    }

    fn hold(&mut self, key: Key) -> Option<&mut Hold> {
        let is_full = self.holds.len() >= GROUPS_MAX && !self.holds.contains_key(&key);
        (!is_full).then(|| self.holds.entry(key).or_default())
    }

    /// Nothing goes on over a reset.
    fn boot(&mut self, source: &Rc<str>) {
        let pending = std::mem::take(&mut self.pending);
        for (key, (cause, t_us, place)) in pending {
            if key.0 == *source {
                self.ended.take((key, cause), t_us, &place);
            } else {
                self.pending.insert(key, (cause, t_us, place));
            }
        }
        for (key, hold) in &mut self.holds {
            if key.0 == *source && std::mem::take(&mut hold.is_held) {
                hold.ends("a reset came");
            }
        }
    }
}

impl Hold {
    fn ends(&mut self, after: &'static str) {
        if !self.after.contains(&after) {
            self.after.push(after);
        }
    }
}

impl Detector for Outputs {
    fn take(&mut self, event: &Event) {
        let Some((place, told)) = super::told(event) else { return };
        let source = &place.source;
        match told.occurrence {
            Occurrence::Output { output, from, to, age_us } => {
                let key = (source.clone(), told.channel(output));
                self.output(key, (from, to), age_us.unwrap_or(0), event);
            }
            Occurrence::Channel {
                channel,
                from: State::Running,
                cause: cause @ (Cause::LeaseEnded | Cause::CommandStale),
                ..
            } if self.pending.len() < GROUPS_MAX => {
                let key = (source.clone(), told.channel(channel));
                self.pending.insert(key, (cause, event.t_us, place.clone()));
            }
            Occurrence::Boot { .. } => self.boot(source),
            _ => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = self.stale.findings(Severity::Fault, |key, group| {
            let mut text =
                format!("{} was held on a value that nobody renewed{}", key.1, times(group.count));
            if let Some(hold) = self.holds.get(key) {
                let age = Duration(hold.age_us.into());
                text.push_str(&format!("; the value was up to {age} old"));
                let still = hold.is_held.then_some("the record ended");
                let after: Vec<&str> = hold.after.iter().copied().chain(still).collect();
                text.push_str(&format!(", then {}", after.join(", or ")));
            }
            let check = format!("who renews {}, and why it fell silent", key.1);
            Said { blame: Blame::Device, text, check }
        });
        let mut ended = self.ended.clone();
        for (key, (cause, t_us, place)) in &self.pending {
            ended.take((key.clone(), *cause), *t_us, place);
        }
        findings.extend(ended.findings(Severity::Fault, |((_, name), cause), group| {
            let (what, check) = match cause {
                Cause::CommandStale => {
                    ("its command was too old when it was to be written", "how long its bus takes")
                }
                _ => ("nobody renewed its lease", "who renews it, and why it fell silent"),
            };
            Said {
                blame: Blame::Device,
                text: format!("{name} stopped{}: {what}", times(group.count)),
                check: check.to_owned(),
            }
        }));
        findings
    }
}
