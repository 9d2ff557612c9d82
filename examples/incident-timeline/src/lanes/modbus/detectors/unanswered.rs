//! Requests without an answer, by whose fault it is.

use std::collections::HashMap;
use std::rc::Rc;

use crate::event::Event;
use crate::finding::{Blame, Detector, EVIDENCE_MAX, Finding, State, Subject};
use crate::group::{Groups, Said, hash, plural};
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::modbus::server::Server;
use crate::place::Address;
use crate::severity::Severity;

#[derive(Debug)]
pub(super) struct Unanswered {
    groups: Groups<Silence>,
    requests: Requests,
}

/// The server, whose fault it is, and whether requests have identifiers there.
type Silence = (Server, Blame, bool);

/// All requests, of as many servers as a plant has: by the hashes of servers and of their hosts, which take little room.
#[derive(Debug, Default)]
struct Requests {
    of_servers: HashMap<u64, u32>,
    /// The units behind a host, a bit each.
    units: HashMap<u64, [u64; 4]>,
}

/// So many servers are counted.
const SERVERS_MAX: usize = 1 << 18;

impl Requests {
    fn take(&mut self, server: &Server) {
        let key = hash(server);
        if self.of_servers.len() < SERVERS_MAX || self.of_servers.contains_key(&key) {
            let count = self.of_servers.entry(key).or_default();
            *count = count.saturating_add(1);
            let units = self.units.entry(hash(&server.host())).or_default();
            let unit = server.unit();
            if let Some(word) = units.get_mut(usize::from(unit >> 6)) {
                *word |= 1 << (unit & 63);
            }
        }
    }

    fn count(&self, server: &Server) -> Option<u32> {
        self.of_servers.get(&hash(server)).copied()
    }

    /// How many units behind a host were asked.
    fn units(&self, host: &(Option<Rc<str>>, Option<Address>)) -> usize {
        let words = self.units.get(&hash(host)).copied().unwrap_or_default();
        words.iter().map(|word| word.count_ones() as usize).sum()
    }
}

impl Default for Unanswered {
    fn default() -> Self {
        Self { groups: Groups::new("unanswered"), requests: Requests::default() }
    }
}

impl Detector for Unanswered {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(what)) = (&event.place, event.what.as_modbus()) else {
            return;
        };
        match what {
            ModbusEvent::Adu(adu) if adu.is_request() => {
                self.requests.take(&Server::of(place, adu.envelope.unit, true));
            }
            // The recording does not hold the answer, that is all.
            ModbusEvent::Unanswered(unanswered) if unanswered.blame == Blame::Recording => {}
            ModbusEvent::Unanswered(unanswered) => {
                let server = Server::of(place, unanswered.envelope.unit, true);
                let has_identifier = unanswered.envelope.transaction.is_some();
                let key = (server, unanswered.blame, has_identifier);
                self.groups.take(key, Some(unanswered.request_t_us), place);
            }
            ModbusEvent::Adu(adu) => {
                let server = Server::of(place, adu.envelope.unit, false);
                for blame in BLAMES {
                    let has_identifier = adu.envelope.transaction.is_some();
                    self.groups.well(&(server.clone(), blame, has_identifier));
                }
            }
            ModbusEvent::Discarded(_) | ModbusEvent::Link(..) => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let subject = |(server, ..): &Silence| Some(server.subject());
        let findings = self.groups.findings_of(
            Severity::Fault,
            subject,
            |(server, blame, has_identifier), group| {
                let count = group.count;
                let requests = match self.requests.count(server) {
                    Some(all) => format!("{count} of {all} {}", plural(all.into(), "request")),
                    None => format!("{count} {}", plural(count, "request")),
                };
                let (why, check) = words(*blame, *has_identifier);
                let text = format!("{server}: {requests} {why}");
                Said { blame: *blame, text, check: check.to_owned() }
            },
        );
        self.behind_hosts(findings)
    }
}

/// Whose fault it can be.
const BLAMES: [Blame; 5] =
    [Blame::Device, Blame::Network, Blame::Line, Blame::Client, Blame::Unknown];
/// So many units that are silent at once have one cause.
const UNITS_MIN: usize = 3;

impl Unanswered {
    /// Where no unit behind a host answers any more, it is the host, or what it is connected to.
    fn behind_hosts(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let mut behind: HashMap<_, Vec<Finding>> = HashMap::new();
        let mut others = Vec::new();
        for finding in findings {
            let host = finding
                .subject
                .as_ref()
                .map(|subject| ((subject.source.clone(), subject.address), finding.blame));
            match host.filter(|_| finding.state != State::Recovered) {
                Some(host) => behind.entry(host).or_default().push(finding),
                None => others.push(finding),
            }
        }
        for ((host, blame), mut silent) in behind {
            let units = self.requests.units(&host);
            let at = host.1.map_or_else(|| "the line".to_owned(), |address| address.to_string());
            silent.sort_by_key(|finding| finding.t_us);
            let count = silent.iter().map(|finding| finding.count).sum();
            let last_us = silent.iter().filter_map(|finding| finding.last_us).max();
            let evidence: Vec<_> =
                silent.iter().flat_map(|finding| finding.evidence.first().cloned()).collect();
            match silent.first().cloned().filter(|_| silent.len() == units && units >= UNITS_MIN) {
                Some(first) => others.push(Finding {
                    count,
                    last_us,
                    state: State::Still,
                    text: format!("{at}: none of {units} units answers any more, {count} requests had no answer"),
                    check: match blame {
                        Blame::Network => words(blame, true).1.to_owned(),
                        _ => "the gateway, and the line behind it: its power, its cable".to_owned(),
                    },
                    evidence: evidence.into_iter().take(EVIDENCE_MAX).collect(),
                    subject: Some(Subject { source: host.0, address: host.1, unit: None }),
                    ..first
                }),
                None => others.extend(silent),
            }
        }
        others
    }
}

/// What is said of requests without an answer, and what is to be checked first.
fn words(blame: Blame, has_identifier: bool) -> (&'static str, &'static str) {
    match blame {
        Blame::Network => (
            "had no answer, and were not acknowledged",
            "the network on the way to it: switches, cables, its address",
        ),
        Blame::Line => (
            "had no answer that could be read",
            "the cable, the ground and the termination of the line",
        ),
        Blame::Client if !has_identifier => (
            "had no answer: the next one came sooner than any answer does",
            "whether two clients ask on one line, and how long the client waits",
        ),
        Blame::Client => (
            "had no answer, and their identifier was used for others",
            "whether the client gives each request an identifier of its own",
        ),
        Blame::Unknown => (
            "had no answer, and nothing shows whether they arrived",
            "whether it is powered and reached; a recording on its side",
        ),
        _ => ("had no answer", "whether it is powered, has this unit address, and is reached"),
    }
}
