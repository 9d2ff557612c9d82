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

use crate::finding::{Blame, Finding, Subject};
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
        follows: &["unanswered", "retry_cascade"],
        scope: Scope::Address,
        blames: &[Blame::Network, Blame::Unknown],
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
    findings
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
