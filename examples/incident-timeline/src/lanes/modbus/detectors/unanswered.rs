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

#[cfg(test)]
mod tests {
    use super::super::made::{CLIENT, DEVICE, between, event, findings, on_line};
    use super::*;
    use crate::lanes::modbus::event::{self as events, Adu, Envelope, Transport};
    use modbus_codec::pdu::Direction;

    fn envelope(unit: u8, transaction: Option<u16>) -> Envelope {
        Envelope { transport: Transport::Tcp, transaction, unit }
    }

    fn request(unit: u8) -> Event {
        let adu = Adu::decode(Direction::Request, envelope(unit, Some(1)), &[3, 0, 0, 0, 1]);
        event(ModbusEvent::Adu(Box::new(adu)), between(CLIENT, DEVICE), 0)
    }

    fn response(unit: u8) -> Event {
        let adu = Adu::decode(Direction::Response, envelope(unit, Some(1)), &[3, 2, 0, 1]);
        event(ModbusEvent::Adu(Box::new(adu)), between(DEVICE, CLIENT), 50)
    }

    fn silence(unit: u8, blame: Blame, request_t_us: i64) -> Event {
        let envelope = envelope(unit, Some(1));
        let unanswered =
            events::Unanswered { envelope, function: 3, request_t_us, age_us: 9, blame };
        event(ModbusEvent::Unanswered(unanswered), between(CLIENT, DEVICE), request_t_us + 9)
    }

    #[test]
    fn requests_are_counted_for_each_server() {
        let events = [request(1), request(1), request(7), silence(1, Blame::Device, 0)];
        let found = findings(&mut Unanswered::default(), &events);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "unit 1 at 10.0.0.1:502: 1 of 2 requests had no answer");
        assert_eq!((found[0].t_us, found[0].blame), (Some(0), Blame::Device));
        assert_eq!(found[0].subject.as_ref().unwrap().unit, Some(1));
    }

    #[test]
    fn the_recording_makes_no_finding_and_each_blame_has_its_words() {
        let of = |blame| {
            let events = [request(1), silence(1, blame, 0)];
            findings(&mut Unanswered::default(), &events).pop()
        };
        assert!(of(Blame::Recording).is_none());
        for (blame, why) in [
            (Blame::Device, "had no answer"),
            (Blame::Network, "were not acknowledged"),
            (Blame::Line, "that could be read"),
            (Blame::Client, "their identifier was used for others"),
            (Blame::Unknown, "nothing shows whether they arrived"),
        ] {
            let found = of(blame).unwrap();
            assert_eq!(found.blame, blame);
            assert!(found.text.ends_with(why), "{}", found.text);
            assert!(!found.check.is_empty());
        }
    }

    #[test]
    fn on_a_line_the_client_has_not_waited() {
        let unanswered = events::Unanswered {
            envelope: Envelope { transport: Transport::Rtu, transaction: None, unit: 1 },
            function: 3,
            request_t_us: 0,
            age_us: 9,
            blame: Blame::Client,
        };
        let events = [event(ModbusEvent::Unanswered(unanswered), on_line("line"), 9)];
        let found = findings(&mut Unanswered::default(), &events);
        let text = "unit 1: 1 request had no answer: the next one came sooner than any answer does";
        assert_eq!(found[0].text, text);
        assert!(found[0].check.contains("two clients"), "{}", found[0].check);
    }

    #[test]
    fn an_answer_of_the_same_unit_shows_that_it_is_well() {
        let state = |then: Event| {
            let events = [request(1), silence(1, Blame::Network, 0), then];
            findings(&mut Unanswered::default(), &events)[0].state
        };
        assert_eq!(state(response(1)), State::Recovered);
        assert_eq!(state(response(2)), State::Since);
        assert_eq!(state(request(1)), State::Since);
    }

    /// Units that are asked, and those of them that are silent, twice each.
    fn gateway(asked: &[u8], silent: &[u8], blame: Blame) -> Vec<Finding> {
        let mut events: Vec<Event> = asked.iter().map(|unit| request(*unit)).collect();
        for (at, unit) in (0..).zip(silent) {
            events.extend([silence(*unit, blame, 10 + at), silence(*unit, blame, 100 + at)]);
        }
        findings(&mut Unanswered::default(), &events)
    }

    #[test]
    fn where_no_unit_answers_it_is_the_gateway() {
        let units = [1, 63, 64, 200];
        let found = gateway(&units, &units, Blame::Device);
        assert_eq!(found.len(), 1, "{found:?}");
        let gateway_found = &found[0];
        let text = "10.0.0.1:502: none of 4 units answers any more, 8 requests had no answer";
        assert_eq!(gateway_found.text, text);
        assert_eq!((gateway_found.count, gateway_found.evidence.len()), (8, 4));
        assert_eq!((gateway_found.t_us, gateway_found.last_us), (Some(10), Some(103)));
        assert_eq!(gateway_found.state, State::Still);
        assert_eq!(gateway_found.subject.as_ref().unwrap().unit, None);
        assert!(gateway_found.check.starts_with("the gateway"), "{}", gateway_found.check);
        let lost = gateway(&units, &units, Blame::Network);
        assert!(lost[0].check.starts_with("the network"), "{}", lost[0].check);
        // One that answers, or two alone, say nothing of the gateway.
        assert_eq!(gateway(&[1, 2, 3, 4], &[1, 2, 3], Blame::Device).len(), 3);
        assert_eq!(gateway(&[1, 2], &[1, 2], Blame::Device).len(), 2);
        assert_eq!(gateway(&[1, 2, 3], &[1, 2, 3], Blame::Device).len(), 1);
    }

    #[test]
    fn a_unit_that_is_well_again_says_nothing_of_the_gateway() {
        let mut detector = Unanswered::default();
        let mut events: Vec<Event> = [1, 2, 3].map(request).into();
        events.extend([1, 2, 3].map(|unit| silence(unit, Blame::Device, 1)));
        events.push(response(3));
        assert_eq!(findings(&mut detector, &events).len(), 3);
    }
}
