//! Events that are counted together: one finding a group, however often it happened.

use std::collections::HashMap;
use std::hash::Hash;

use crate::finding::{EVIDENCE_MAX, Finding};
use crate::place::Place;
use crate::severity::Severity;

/// How many groups of one kind are kept apart; more are counted together.
pub(crate) const GROUPS_MAX: usize = 512;

/// The groups of one kind of finding, by what they have in common.
#[derive(Clone, Debug)]
pub(crate) struct Groups<K> {
    kind: &'static str,
    groups: HashMap<K, Group>,
    others: Option<Group>,
}

/// The same thing, seen again and again.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) count: u64,
    t_us: Option<i64>,
    evidence: Vec<Place>,
}

impl<K: Eq + Hash> Groups<K> {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, groups: HashMap::new(), others: None }
    }

    pub(crate) fn take(&mut self, key: K, t_us: Option<i64>, place: &Place) {
        let is_full = self.groups.len() >= GROUPS_MAX && !self.groups.contains_key(&key);
        let begin = || Group { count: 0, t_us, evidence: Vec::new() };
        let group = if is_full {
            self.others.get_or_insert_with(begin)
        } else {
            self.groups.entry(key).or_insert_with(begin)
        };
        group.count += 1;
        if group.evidence.len() < EVIDENCE_MAX {
            group.evidence.push(place.clone());
        }
    }

    pub(crate) fn findings(
        &self,
        severity: Severity,
        text: impl Fn(&K, u64) -> String,
    ) -> Vec<Finding> {
        let finding = |severity, text, group: &Group| Finding {
            kind: self.kind,
            severity,
            t_us: group.t_us,
            text,
            evidence: group.evidence.clone(),
        };
        let groups = self.groups.iter();
        let mut findings: Vec<Finding> =
            groups.map(|(key, group)| finding(severity, text(key, group.count), group)).collect();
        if let Some(others) = &self.others {
            let text = format!("{} more, of more senders than are told apart", others.count);
            findings.push(finding(Severity::Warning, text, others));
        }
        findings
    }
}

pub(crate) fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// How often, if it was more than once.
pub(crate) fn times(count: u64) -> String {
    if count == 1 { String::new() } else { format!(", {count} times") }
}
