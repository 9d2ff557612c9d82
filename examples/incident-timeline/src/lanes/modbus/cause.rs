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
        findings.into_iter().partition(|finding| is_lost(finding));
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
