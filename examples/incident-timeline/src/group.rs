//! Events that are counted together: one finding a group, however often it happened.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::finding::{Blame, EVIDENCE_MAX, Finding, State, Subject};
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
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) count: u64,
    pub(crate) t_us: Option<i64>,
    pub(crate) last_us: Option<i64>,
    /// Whether it went well again after the last time.
    pub(crate) is_well: bool,
    pub(crate) evidence: Vec<Place>,
}

/// What is said of a group.
pub(crate) struct Said {
    pub(crate) blame: Blame,
    pub(crate) text: String,
    /// What to check first.
    pub(crate) check: String,
}

impl Group {
    /// One more.
    pub(crate) fn take(&mut self, t_us: Option<i64>, place: &Place) {
        if self.count == 0 {
            self.t_us = t_us;
        }
        self.count += 1;
        self.last_us = self.last_us.max(t_us);
        self.is_well = false;
        if self.evidence.len() < EVIDENCE_MAX {
            self.evidence.push(place.clone());
        }
    }

    pub(crate) fn finding(&self, kind: &'static str, severity: Severity, said: Said) -> Finding {
        let Said { blame, text, check } = said;
        Finding {
            kind,
            severity,
            blame,
            count: self.count,
            t_us: self.t_us,
            last_us: self.last_us,
            state: State::of(self.count, self.is_well),
            text,
            check,
            evidence: self.evidence.clone(),
            subject: None,
        }
    }
}

impl<K: Eq + Hash> Groups<K> {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, groups: HashMap::new(), others: None }
    }

    pub(crate) fn take(&mut self, key: K, t_us: Option<i64>, place: &Place) {
        let is_full = self.groups.len() >= GROUPS_MAX && !self.groups.contains_key(&key);
        let group = if is_full {
            self.others.get_or_insert_default()
        } else {
            self.groups.entry(key).or_default()
        };
        group.take(t_us, place);
    }

    /// It goes well again.
    pub(crate) fn well<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Some(group) = self.groups.get_mut(key) {
            group.is_well = true;
        }
    }

    pub(crate) fn findings(
        &self,
        severity: Severity,
        say: impl Fn(&K, &Group) -> Said,
    ) -> Vec<Finding> {
        self.findings_of(severity, |_| None, say)
    }

    /// The findings, each with what it is about.
    pub(crate) fn findings_of(
        &self,
        severity: Severity,
        subject: impl Fn(&K) -> Option<Subject>,
        say: impl Fn(&K, &Group) -> Said,
    ) -> Vec<Finding> {
        let groups = self.groups.iter();
        let mut findings: Vec<Finding> = groups
            .map(|(key, group)| Finding {
                subject: subject(key),
                ..group.finding(self.kind, severity, say(key, group))
            })
            .collect();
        if let Some(others) = &self.others {
            let text = format!("{} more, of more senders than are told apart", others.count);
            let check = "what the ones told apart have in common".to_owned();
            let said = Said { blame: Blame::Unknown, text, check };
            findings.push(others.finding(self.kind, Severity::Warning, said));
        }
        findings
    }
}

/// A key that takes little room where there can be many.
pub(crate) fn hash(key: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

pub(crate) fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// How often, if it was more than once.
pub(crate) fn times(count: u64) -> String {
    if count == 1 { String::new() } else { format!(", {count} times") }
}
