//! Findings: what the events mean, the most important first, each with its evidence.
//!
//! Every table here has a limit, so that memory does not grow with the evidence.

mod latency;
mod retries;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use modbus_codec::FunctionCode;

use self::latency::Latencies;
use self::retries::Retries;
use crate::event::{Adu, Body, Event, Place, Reason, Unanswered};

/// What was found, and where to look.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    pub(crate) severity: Severity,
    /// When it was first so.
    pub(crate) t_us: Option<i64>,
    pub(crate) text: String,
    pub(crate) evidence: Vec<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Unanswered,
    LatencyDrift,
    RetryCascade,
    CrcErrors,
    OffSpec,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Fault,
    Warning,
    #[allow(dead_code)] // The lanes to come have notes.
    Note,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::LatencyDrift => "latency_drift",
            Self::RetryCascade => "retry_cascade",
            Self::CrcErrors => "crc_errors",
            Self::OffSpec => "off_spec",
        }
    }
}

impl Severity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Who is talked about: a server's unit on a line or behind an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Server {
    source: Rc<str>,
    /// The server's address; empty on a serial line, whose wires are one bus.
    address: Rc<str>,
    unit: u8,
}

impl Server {
    fn of(place: &Place, unit: u8, is_request: bool) -> Self {
        let address = match place.wire.split_once(" > ") {
            Some((_, to)) if is_request => to,
            Some((from, _)) => from,
            None => "",
        };
        Self { source: place.source.clone(), address: address.into(), unit }
    }

    fn show(&self) -> String {
        if self.address.is_empty() {
            format!("unit {}", self.unit)
        } else {
            format!("unit {} at {}", self.unit, self.address)
        }
    }
}

/// The same thing, seen again and again.
#[derive(Debug)]
struct Group {
    count: u64,
    t_us: Option<i64>,
    last_us: Option<i64>,
    evidence: Vec<Place>,
}

impl Group {
    fn take(&mut self, t_us: Option<i64>, place: Option<&Place>) {
        self.count += 1;
        self.last_us = t_us;
        if let Some(place) = place.filter(|_| self.evidence.len() < EVIDENCE_MAX) {
            self.evidence.push(place.clone());
        }
    }

    fn new(t_us: Option<i64>) -> Self {
        Self { count: 0, t_us, last_us: t_us, evidence: Vec::new() }
    }
}

/// How many places one finding names.
const EVIDENCE_MAX: usize = 16;
/// How many findings of one kind are kept apart; more are counted together.
const GROUPS_MAX: usize = 512;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Unanswered(Server),
    Crc {
        source: Rc<str>,
        wire: Rc<str>,
        unit: u8,
    },
    OffSpec {
        server: Server,
        is_request: bool,
        function: u8,
        fault: String,
    },
    /// What no table had room for.
    Others(Kind),
}

#[derive(Debug, Default)]
pub(crate) struct Findings {
    groups: HashMap<Subject, Group>,
    /// Requests seen, by server: how much of all the unanswered ones are.
    requests: HashMap<Server, u64>,
    latencies: Latencies,
    retries: Retries,
}

impl Findings {
    pub(crate) fn take(&mut self, event: &Event) {
        let Some(place) = &event.place else {
            return;
        };
        match &event.body {
            Body::Adu(adu) => self.take_adu(adu, event.t_us, place),
            Body::Unanswered(unanswered) => self.take_unanswered(unanswered, place),
            Body::Discarded(discarded) => {
                if let (Reason::Crc | Reason::Lrc, Some(unit)) =
                    (discarded.reason, discarded.data.first())
                {
                    let (source, wire) = (place.source.clone(), place.wire.clone());
                    let subject = Subject::Crc { source, wire, unit: *unit };
                    self.count(subject, Kind::CrcErrors, event.t_us, place);
                }
            }
        }
    }

    /// All findings, the most important first, then the earliest. Which one was first of all can be told if all times are of
    /// one clock.
    pub(crate) fn finish(&self, has_one_clock: bool) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            self.groups.iter().map(|(subject, group)| self.finding(subject, group)).collect();
        findings.extend(self.latencies.findings());
        findings.extend(self.retries.findings());
        findings.sort_by(|a, b| {
            (a.severity, a.t_us, a.kind.name(), &a.text).cmp(&(
                b.severity,
                b.t_us,
                b.kind.name(),
                &b.text,
            ))
        });
        let first = findings.iter_mut().filter(|finding| has_one_clock && finding.t_us.is_some());
        if let Some(first) = first.min_by_key(|finding| finding.t_us) {
            first.text.push_str(" (the first thing that deviated)");
        }
        findings
    }

    fn take_adu(&mut self, adu: &Adu, t_us: Option<i64>, place: &Place) {
        let server = Server::of(place, adu.unit, adu.is_request);
        if let Some(error) = adu.off_spec {
            let subject = Subject::OffSpec {
                server: server.clone(),
                is_request: adu.is_request,
                function: adu.function(),
                fault: error.to_string(),
            };
            self.count(subject, Kind::OffSpec, t_us, place);
        }
        if adu.is_request {
            if self.requests.len() < GROUPS_MAX || self.requests.contains_key(&server) {
                *self.requests.entry(server.clone()).or_default() += 1;
            }
            self.retries.request(server, &adu.pdu, t_us.unwrap_or(0), place);
        } else {
            self.retries.response(&server, adu.function());
            if let Some(latency_us) = adu.latency_us {
                self.latencies.take(server, adu.function(), latency_us, t_us.unwrap_or(0), place);
            }
        }
    }

    fn take_unanswered(&mut self, unanswered: &Unanswered, place: &Place) {
        let subject = Subject::Unanswered(Server::of(place, unanswered.unit, true));
        self.count(subject, Kind::Unanswered, Some(unanswered.request_t_us), place);
    }

    fn count(&mut self, subject: Subject, kind: Kind, t_us: Option<i64>, place: &Place) {
        let is_full = self.groups.len() >= GROUPS_MAX && !self.groups.contains_key(&subject);
        let subject = if is_full { Subject::Others(kind) } else { subject };
        let group = match self.groups.entry(subject) {
            Entry::Occupied(group) => group.into_mut(),
            Entry::Vacant(place) => place.insert(Group::new(t_us)),
        };
        group.take(t_us, Some(place));
    }

    fn finding(&self, subject: &Subject, group: &Group) -> Finding {
        let count = group.count;
        let (kind, severity, text) = match subject {
            Subject::Unanswered(server) => {
                let requests = match self.requests.get(server) {
                    Some(all) => format!("{count} of {all} {}", plural(*all, "request")),
                    None => format!("{count} {}", plural(count, "request")),
                };
                let text = format!("{}: {requests} had no answer", server.show());
                (Kind::Unanswered, Severity::Fault, text)
            }
            Subject::Crc { wire, unit, .. } => {
                let frames = plural(count, "frame");
                let text = format!(
                    "{count} {frames} with a wrong CRC on {wire}, by the first byte of unit {unit}: \
                     look at its cable, its ground and its termination first"
                );
                (Kind::CrcErrors, Severity::Fault, text)
            }
            Subject::OffSpec { server, is_request, function, fault } => {
                let noun = if *is_request { "request" } else { "response" };
                let noun = plural(count, noun);
                let of = if *is_request { "to" } else { "of" };
                let function = FunctionCode::new(*function);
                let text = format!(
                    "{count} {noun} {of} {} with function {function} against the standard: {fault}",
                    server.show()
                );
                (Kind::OffSpec, Severity::Warning, text)
            }
            Subject::Others(kind) => (
                *kind,
                Severity::Warning,
                format!("{count} more, of more senders than are told apart"),
            ),
        };
        Finding { kind, severity, t_us: group.t_us, text, evidence: group.evidence.clone() }
    }
}

fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}
