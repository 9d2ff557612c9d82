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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{At, Wire};

    fn place(offset: u64) -> Place {
        Place { source: "a".into(), wire: Wire::named("b").into(), offset, at: At::Offset }
    }

    #[test]
    fn a_group_has_its_first_and_last_time_and_its_first_places() {
        let mut group = Group::default();
        let count = EVIDENCE_MAX as u64 + 4;
        for step in 0..count {
            group.is_well = true;
            group.take(Some(10 + step as i64), &place(step));
            assert!(!group.is_well);
        }
        assert_eq!(group.count, count);
        assert_eq!((group.t_us, group.last_us), (Some(10), Some(9 + count as i64)));
        let offsets: Vec<u64> = group.evidence.iter().map(|place| place.offset).collect();
        assert_eq!(offsets, (0..EVIDENCE_MAX as u64).collect::<Vec<_>>());
    }

    #[test]
    fn groups_beyond_the_limit_are_counted_together() {
        let mut groups = Groups::new("kind");
        for key in 0..GROUPS_MAX + 3 {
            groups.take(key, Some(1), &place(0));
            groups.take(key, Some(2), &place(0));
        }
        groups.well(&1);
        let said = |key: &usize, _: &Group| Said {
            blame: Blame::Device,
            text: key.to_string(),
            check: String::new(),
        };
        let findings = groups.findings(Severity::Fault, said);
        assert_eq!(findings.len(), GROUPS_MAX + 1);
        let of = |text: &str| findings.iter().find(|finding| finding.text == text).unwrap();
        assert_eq!((of("0").count, of("0").state), (2, State::Still));
        assert_eq!((of("1").count, of("1").state), (2, State::Recovered));
        let others = of("6 more, of more senders than are told apart");
        assert_eq!((others.severity, others.blame), (Severity::Warning, Blame::Unknown));
        // Less than the limit is told apart, and nothing else is said.
        let mut groups = Groups::new("kind");
        groups.take(7, None, &place(0));
        assert_eq!(groups.findings(Severity::Fault, said).len(), 1);
    }

    #[test]
    fn once_is_not_counted() {
        assert_eq!([times(1), times(3)], ["", ", 3 times"]);
        assert_eq!([plural(1, "frame"), plural(2, "frame")], ["frame", "frames"]);
    }
}
