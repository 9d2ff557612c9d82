//! One finding a cause: what follows from another finding is told with it, not beside it.
//!
//! ```text
//! cause                      follows from it
//! wrong_baud                 crc_errors, unanswered, off_spec, retry_cascade      on its line
//! refused, unreachable       unanswered by the network, retry_cascade             at its address
//! latency_drift              unanswered, late_answer, double_answer, retries      of its server, later
//! answers_shifted            late_answer, mismatched, double_answer, unanswered   of its server
//! crc_errors                 unanswered by the line, and its unit's retries       on its line
//! unanswered                 retry_cascade, double_answer                         of its server
//! late_answer                the same, latency_drift                              of its server
//! off_spec of a client       exceptions                                           of its server, later
//! ```
//!
//! Servers that the network does not reach any more, one soon after another, are behind one link.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::finding::{Blame, EVIDENCE_MAX, Finding, State, Subject};
use crate::severity::Severity;

/// What follows from a cause.
struct Rule {
    cause: &'static str,
    follows: &'static [&'static str],
    scope: Scope,
    /// Whose fault it is that follows; anybody's if nothing is said.
    blames: &'static [Blame],
    /// Whether it has to come after the cause.
    is_later: bool,
}

#[derive(Clone, Copy)]
enum Scope {
    /// A line, and what is behind a connection that carries one.
    Line,
    Address,
    Server,
}

const RULES: &[Rule] = &[
    Rule {
        cause: "wrong_baud",
        follows: &["crc_errors", "unanswered", "off_spec", "retry_cascade"],
        scope: Scope::Line,
        blames: &[],
        is_later: false,
    },
    Rule {
        cause: "refused",
        follows: &["unanswered"],
        scope: Scope::Address,
        blames: &[Blame::Network, Blame::Unknown],
        is_later: false,
    },
    Rule {
        cause: "refused",
        follows: &["retry_cascade"],
        scope: Scope::Address,
        blames: &[],
        is_later: false,
    },
    Rule {
        cause: "latency_drift",
        follows: &["unanswered", "late_answer", "double_answer", "retry_cascade"],
        scope: Scope::Server,
        blames: &[Blame::Device],
        is_later: true,
    },
    Rule {
        cause: "answers_shifted",
        follows: &["late_answer", "mismatched", "double_answer", "unanswered"],
        scope: Scope::Server,
        blames: &[],
        is_later: false,
    },
    Rule {
        cause: "crc_errors",
        follows: &["unanswered"],
        scope: Scope::Line,
        blames: &[Blame::Line],
        is_later: false,
    },
    Rule {
        cause: "crc_errors",
        follows: &["retry_cascade"],
        scope: Scope::Server,
        blames: &[],
        is_later: false,
    },
    Rule {
        cause: "unanswered",
        follows: &["retry_cascade", "double_answer"],
        scope: Scope::Server,
        blames: &[],
        is_later: false,
    },
    Rule {
        cause: "late_answer",
        follows: &["retry_cascade", "double_answer", "latency_drift"],
        scope: Scope::Server,
        blames: &[],
        is_later: false,
    },
    Rule {
        cause: "off_spec",
        follows: &["exceptions"],
        scope: Scope::Server,
        blames: &[Blame::Client],
        is_later: true,
    },
];

/// The findings of the lane, without those that follow from others.
pub(crate) fn explain(mut findings: Vec<Finding>) -> Vec<Finding> {
    for rule in RULES {
        let causes: Vec<Finding> =
            findings.iter().filter(|finding| finding.kind == rule.cause).cloned().collect();
        for cause in causes {
            let (followers, others): (Vec<Finding>, Vec<Finding>) =
                findings.into_iter().partition(|finding| rule.explains(&cause, finding));
            findings = others;
            let is_it =
                |finding: &&mut Finding| finding.kind == cause.kind && finding.text == cause.text;
            if let Some(told) = findings.iter_mut().find(is_it) {
                for follower in followers {
                    told.severity = told.severity.min(follower.severity);
                    told.text.push_str(&with(&follower));
                }
            }
        }
    }
    behind_a_link(findings)
}

/// So many hosts that are not reached any more have a link in common ...
const HOSTS_MIN: usize = 3;
/// ... if the first request to each that was lost is within this time.
const LINK_US: i64 = 10_000_000;
/// So many of them are named.
const HOSTS_SHOWN: usize = 3;

/// One finding for the link that servers have in common which are not reached any more.
fn behind_a_link(findings: Vec<Finding>) -> Vec<Finding> {
    let (mut lost, mut others): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(is_lost);
    lost.sort_by_key(|finding| finding.t_us);
    while let Some(first) = lost.first().cloned() {
        let begun_us = first.t_us.unwrap_or(0);
        let is_within =
            |finding: &Finding| finding.t_us.unwrap_or(0).saturating_sub(begun_us) <= LINK_US;
        let (together, later): (Vec<Finding>, Vec<Finding>) = lost.into_iter().partition(is_within);
        lost = later;
        match link(&together) {
            Some(link) => others.push(link),
            None => others.extend(together),
        }
    }
    others
}

/// Whether a finding is that of a server that the network does not reach any more.
fn is_lost(finding: &Finding) -> bool {
    let is_kind = matches!(finding.kind, "unanswered" | "refused");
    let is_network = matches!(finding.blame, Blame::Network | Blame::Unknown);
    is_kind && is_network && finding.state != State::Recovered && host(finding).is_some()
}

fn host(finding: &Finding) -> Option<IpAddr> {
    finding.subject.as_ref().and_then(|subject| subject.address).map(|address| address.ip)
}

fn link(lost: &[Finding]) -> Option<Finding> {
    let hosts: BTreeSet<IpAddr> = lost.iter().filter_map(host).collect();
    let first = lost.first().filter(|_| hosts.len() >= HOSTS_MIN)?;
    let shown: Vec<String> = hosts.iter().take(HOSTS_SHOWN).map(IpAddr::to_string).collect();
    let more = if hosts.len() > HOSTS_SHOWN { ", ..." } else { "" };
    let evidence = lost.iter().filter_map(|finding| finding.evidence.first().cloned());
    Some(Finding {
        kind: "unanswered",
        severity: Severity::Fault,
        count: lost.iter().map(|finding| finding.count).sum(),
        last_us: lost.iter().filter_map(|finding| finding.last_us).max(),
        state: State::Still,
        text: format!(
            "{} servers are not reached any more: {}{more}",
            hosts.len(),
            shown.join(", ")
        ),
        check: "the link that they have in common: a switch, a cable, its power".to_owned(),
        evidence: evidence.take(EVIDENCE_MAX).collect(),
        subject: None,
        ..first.clone()
    })
}

impl Rule {
    fn explains(&self, cause: &Finding, finding: &Finding) -> bool {
        let has_kind = self.follows.contains(&finding.kind)
            && (self.blames.is_empty() || self.blames.contains(&finding.blame));
        let (Some(of_cause), Some(of_finding)) = (&cause.subject, &finding.subject) else {
            return false;
        };
        let is_after = !self.is_later || finding.t_us >= cause.t_us;
        has_kind && is_after && self.scope.is_same(of_cause, of_finding)
    }
}

impl Scope {
    fn is_same(self, cause: &Subject, finding: &Subject) -> bool {
        let has_address = cause.source == finding.source && cause.address == finding.address;
        match self {
            Self::Line | Self::Address => has_address,
            Self::Server => has_address && cause.unit.is_none_or(|unit| finding.unit == Some(unit)),
        }
    }
}

/// What follows, in the text of its cause.
fn with(follower: &Finding) -> String {
    let count = follower.count;
    let (one, many) = match follower.kind {
        "unanswered" => ("request had no answer", "requests had no answer"),
        "retry_cascade" => ("request was repeated", "requests were repeated"),
        "late_answer" => ("answer was late", "answers were late"),
        "double_answer" => ("answer came twice", "answers came twice"),
        "latency_drift" => ("answer was slow", "answers were slow"),
        "exceptions" => ("exception came", "exceptions came"),
        "crc_errors" => ("frame had a wrong CRC", "frames had a wrong CRC"),
        _ => ("frame was against the standard", "frames were against the standard"),
    };
    format!("; {count} {} because of it", if count == 1 { one } else { many })
}

/// A fault is graver than a warning.
const _: () = assert!((Severity::Fault as u8) < Severity::Warning as u8);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Group, Said};
    use crate::place::{Address, At, Place, Wire};

    /// A finding of unit 1 behind the last byte of an address.
    fn finding(kind: &'static str, blame: Blame, t_us: i64, host: u8) -> Finding {
        let wire = Wire::named("wire").into();
        let place = Place { source: "a".into(), wire, offset: u64::from(host), at: At::Offset };
        let mut group = Group::default();
        group.take(Some(t_us), &place);
        group.take(Some(t_us + 5), &place);
        let text = format!("{kind} of {host}");
        let said = Said { blame, text, check: String::new() };
        let address = Address { ip: [10, 0, 0, host].into(), port: 502 };
        let subject = Subject { source: None, address: Some(address), unit: Some(1) };
        Finding { subject: Some(subject), ..group.finding(kind, Severity::Warning, said) }
    }

    fn texts(findings: Vec<Finding>) -> Vec<String> {
        let mut texts: Vec<String> =
            explain(findings).into_iter().map(|finding| finding.text).collect();
        texts.sort();
        texts
    }

    #[test]
    fn what_follows_is_told_with_its_cause_at_the_same_place() {
        let told = texts(vec![
            finding("refused", Blame::Network, 10, 1),
            finding("refused", Blame::Network, 10, 2),
            finding("unanswered", Blame::Network, 5, 1),
            finding("unanswered", Blame::Device, 5, 2),
            finding("unanswered", Blame::Unknown, 2 * LINK_US, 9),
        ]);
        let expected = [
            "refused of 1; 2 requests had no answer because of it",
            "refused of 2",
            "unanswered of 2",
            "unanswered of 9",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_came_before_does_not_follow() {
        let slow = || finding("latency_drift", Blame::Device, 100, 1);
        let silent = |t_us| finding("unanswered", Blame::Device, t_us, 1);
        assert_eq!(texts(vec![slow(), silent(99)]).len(), 2);
        assert_eq!(texts(vec![slow(), silent(100)]).len(), 1);
    }

    #[test]
    fn a_cause_is_as_grave_as_what_follows() {
        let damaged = finding("crc_errors", Blame::Line, 1, 1);
        let grave =
            Finding { severity: Severity::Fault, ..finding("unanswered", Blame::Line, 1, 1) };
        let told = explain(vec![damaged, grave]);
        assert_eq!(told.iter().map(|it| it.severity).collect::<Vec<_>>(), [Severity::Fault]);
    }

    #[test]
    fn units_of_one_server_are_apart() {
        let mut other = finding("retry_cascade", Blame::Device, 1, 1);
        other.subject.as_mut().unwrap().unit = Some(2);
        assert_eq!(texts(vec![finding("unanswered", Blame::Device, 1, 1), other.clone()]).len(), 2);
        // A cause without a unit is that of all.
        let mut all = finding("unanswered", Blame::Device, 1, 1);
        all.subject.as_mut().unwrap().unit = None;
        assert_eq!(texts(vec![all, other]).len(), 1);
    }

    #[test]
    fn servers_that_are_lost_together_are_behind_one_link() {
        let lost = |host: u8, t_us| finding("unanswered", Blame::Network, t_us, host);
        let first = || vec![lost(1, 0), lost(2, 1), lost(3, LINK_US)];
        let told = explain(first());
        let [link] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(link.text, "3 servers are not reached any more: 10.0.0.1, 10.0.0.2, 10.0.0.3");
        assert_eq!(
            (link.kind, link.blame, link.severity),
            ("unanswered", Blame::Network, Severity::Fault)
        );
        assert_eq!((link.count, link.t_us, link.last_us), (6, Some(0), Some(LINK_US + 5)));
        assert_eq!((link.state, link.evidence.len()), (State::Still, 3));
        assert!(link.check.contains("switch"), "{}", link.check);
        // A fourth, and one of another time.
        let told = texts([first(), vec![lost(4, 7), lost(5, LINK_US + 1)]].concat());
        let four = "4 servers are not reached any more: 10.0.0.1, 10.0.0.2, 10.0.0.3, ...";
        assert_eq!(told, [four, "unanswered of 5"]);
    }

    #[test]
    fn two_servers_or_the_units_of_one_have_no_link_in_common() {
        let lost = |host: u8| finding("unanswered", Blame::Network, 0, host);
        assert_eq!(texts(vec![lost(1), lost(2)]).len(), 2);
        assert_eq!(texts(vec![lost(1), lost(1), lost(1), lost(2)]).len(), 4);
        // Devices that are silent, servers that answer again, exceptions, and lines are not lost.
        for change in [
            |it: &mut Finding| it.blame = Blame::Device,
            |it: &mut Finding| it.state = State::Recovered,
            |it: &mut Finding| it.kind = "exceptions",
            |it: &mut Finding| it.subject.as_mut().unwrap().address = None,
        ] {
            let mut other = lost(3);
            change(&mut other);
            assert_eq!(texts(vec![lost(1), lost(2), other]).len(), 3);
        }
        // One that nobody answers who is asked for a connection is.
        let refused = finding("refused", Blame::Network, 0, 3);
        assert_eq!(texts(vec![lost(1), lost(2), refused]).len(), 1);
    }
}
