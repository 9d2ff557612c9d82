//! Answers that are not as they should be: late, double, of another request, with other content, with another identifier.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use modbus_codec::{ExceptionCode, FunctionCode};

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Blame, Detector, Finding, State};
use crate::group::{GROUPS_MAX, Group, Groups, Said, plural};
use crate::lanes::modbus::event::{Adu, Answer, Link, ModbusEvent};
use crate::lanes::modbus::server::Server;
use crate::severity::Severity;

/// An answer, and its server.
fn answer(event: &Event) -> Option<(Server, &Adu, Answer)> {
    match (&event.place, event.what.as_modbus()) {
        (Some(place), Some(ModbusEvent::Adu(adu))) => {
            Some((Server::of(place, adu.envelope.unit, false), adu, adu.answer?))
        }
        _ => None,
    }
}

/// Answers of one kind, by their server.
pub(super) struct Answers {
    groups: Groups<(Server, Detail)>,
    kind: Kind,
}

/// The detail by which the groups of one kind are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Detail {
    None,
    /// Late by the client's measure, not by that of the device.
    AsUsual,
    /// The function, and what does not fit.
    Mismatch(u8, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Late,
    Double,
    Shifted,
    Mismatched,
    Identifier,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Late => "late_answer",
            Self::Double => "double_answer",
            Self::Shifted => "answers_shifted",
            Self::Mismatched => "mismatched",
            Self::Identifier => "identifier",
        }
    }

    fn is(self, answer: Answer) -> bool {
        match answer {
            Answer::Late { .. } => self == Self::Late,
            Answer::Double => self == Self::Double,
            Answer::Shifted => self == Self::Shifted,
            Answer::Mismatched(_) => self == Self::Mismatched,
            Answer::ByOrder => self == Self::Identifier,
            Answer::Fits | Answer::Unasked => false,
        }
    }

    fn is_found(self, finding: &Finding) -> bool {
        match self {
            // An answer that is shifted once was late.
            Self::Shifted => finding.count >= SHIFTED_MIN,
            // Where identifiers fit later, the first answers were those to requests before the recording.
            Self::Identifier => finding.state != State::Recovered,
            Self::Late | Self::Double | Self::Mismatched => true,
        }
    }
}

/// So many answers of the request before are shifted.
const SHIFTED_MIN: u64 = 3;

impl Answers {
    fn new(kind: Kind) -> Self {
        Self { groups: Groups::new(kind.name()), kind }
    }

    /// One of each kind.
    pub(super) fn all() -> Vec<Box<dyn Detector>> {
        let kinds = [Kind::Shifted, Kind::Mismatched, Kind::Identifier, Kind::Late, Kind::Double];
        kinds.into_iter().map(|kind| Box::new(Self::new(kind)) as Box<dyn Detector>).collect()
    }

    fn said(&self, server: &Server, detail: &Detail, group: &Group) -> Said {
        let count = group.count;
        let answers = plural(count, "answer");
        let (text, check) = match (self.kind, detail) {
            (Kind::Late, Detail::AsUsual) => (
                format!(
                    "{server}: {count} {answers} came after the client had asked again, in the time that it usually takes"
                ),
                "the time limit of the client: it does not wait for as long as the device takes",
            ),
            (Kind::Late, _) => (
                format!("{server}: {count} {answers} came after the client had asked again"),
                "the client's time limit against the time that the device takes",
            ),
            (Kind::Double, _) => (
                format!(
                    "{server}: {count} {} answered twice",
                    if count == 1 { "request was" } else { "requests were" }
                ),
                "for two devices with one address, or a gateway that repeats",
            ),
            (Kind::Shifted, _) => (
                format!("{server}: {count} {answers} of the request before: each is one behind"),
                "the first answer that was late or missing before them; open the connection anew",
            ),
            (Kind::Identifier, _) => (
                format!("{server}: {count} {answers} with an identifier that no request has"),
                "whether the device repeats the transaction identifier of the request",
            ),
            (Kind::Mismatched, detail) => {
                let (function, fault) = match detail {
                    Detail::Mismatch(function, fault) => (*function, fault.as_str()),
                    Detail::None | Detail::AsUsual => (0, ""),
                };
                let function = FunctionCode::new(function);
                (
                    format!(
                        "{server}: {count} {answers} to function {function} that cannot be: {fault}"
                    ),
                    "its register map and firmware, and whether two devices answer",
                )
            }
        };
        let blame = if *detail == Detail::AsUsual { Blame::Client } else { Blame::Device };
        Said { blame, text, check: check.to_owned() }
    }
}

impl Detector for Answers {
    fn take(&mut self, event: &Event) {
        let (Some((server, adu, answer)), Some(place)) = (answer(event), &event.place) else {
            return;
        };
        if self.kind.is(answer) {
            let detail = match answer {
                Answer::Mismatched(mismatch) => {
                    Detail::Mismatch(adu.function(), mismatch.to_string())
                }
                Answer::Late { as_usual: true } => Detail::AsUsual,
                _ => Detail::None,
            };
            self.groups.take((server, detail), event.t_us, place);
        } else if answer == Answer::Fits {
            for detail in [Detail::None, Detail::AsUsual] {
                self.groups.well(&(server.clone(), detail));
            }
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let subject = |(server, _): &(Server, _)| Some(server.subject());
        let findings =
            self.groups.findings_of(Severity::Fault, subject, |(server, detail), group| {
                self.said(server, detail, group)
            });
        findings.into_iter().filter(|finding| self.kind.is_found(finding)).collect()
    }
}

/// Exceptions, by what was asked.
pub(super) struct Exceptions {
    groups: Groups<Refusal>,
    addresses: HashMap<Refusal, Addresses>,
}

/// The server, the function and the exception code.
type Refusal = (Server, u8, u8);

/// The addresses that were asked for.
#[derive(Debug, Default)]
struct Addresses {
    some: BTreeSet<u16>,
    /// Whether there are more than are kept.
    has_more: bool,
}

/// So many addresses are kept apart, and so many are told one by one.
const ADDRESSES_MAX: usize = 1024;
const ADDRESSES_SHOWN: usize = 4;

impl Addresses {
    fn take(&mut self, address: u16) {
        if self.some.len() < ADDRESSES_MAX {
            self.some.insert(address);
        } else {
            self.has_more |= !self.some.contains(&address);
        }
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(first), Some(last)) = (self.some.first(), self.some.last()) else {
            return Ok(());
        };
        match self.some.len() {
            _ if self.has_more => write!(f, ", for more than {ADDRESSES_MAX} addresses"),
            1 => write!(f, ", for address {first}"),
            ..=ADDRESSES_SHOWN => {
                let some: Vec<String> = self.some.iter().map(u16::to_string).collect();
                write!(f, ", for addresses {}", some.join(", "))
            }
            count => write!(f, ", for {count} addresses from {first} to {last}"),
        }
    }
}

impl Default for Exceptions {
    fn default() -> Self {
        Self { groups: Groups::new("exceptions"), addresses: HashMap::new() }
    }
}

impl Detector for Exceptions {
    fn take(&mut self, event: &Event) {
        let (Some((server, adu, answer)), Some(place)) = (answer(event), &event.place) else {
            return;
        };
        let Some(code) = adu.exception_code() else {
            if answer == Answer::Fits {
                self.well(&server, adu);
            }
            return;
        };
        if adu.off_spec.is_some() {
            return;
        }
        let refusal = (server, adu.function(), code);
        if let Some(address) = adu.address
            && (self.addresses.len() < GROUPS_MAX || self.addresses.contains_key(&refusal))
        {
            self.addresses.entry(refusal.clone()).or_default().take(address);
        }
        self.groups.take(refusal, event.t_us, place);
    }

    fn findings(&self) -> Vec<Finding> {
        let subject = |(server, ..): &Refusal| Some(server.subject());
        self.groups.findings_of(Severity::Warning, subject, |refusal, group| {
            let (server, function, code) = refusal;
            let (function, name) = (FunctionCode::new(*function), ExceptionCode::new(*code));
            let (count, exceptions) = (group.count, plural(group.count, "exception"));
            let (blame, check) = match code {
                1..=3 => (Blame::Client, "what the client asks, against the device's register map"),
                10 | 11 => (Blame::Device, "the device behind the gateway: its power, its line"),
                _ => (Blame::Device, "the device: it says that it cannot do what it is asked"),
            };
            let addresses = self.addresses.get(refusal).map(Addresses::to_string);
            let addresses = addresses.unwrap_or_default();
            Said {
                blame,
                text: format!(
                    "{server}: {count} {exceptions} {name} to function {function}{addresses}"
                ),
                check: check.to_owned(),
            }
        })
    }
}

/// The codes of the standard.
const CODES: std::ops::RangeInclusive<u8> = 1..=11;

impl Exceptions {
    /// The same function of the server is answered well, at an address that was refused.
    fn well(&mut self, server: &Server, adu: &Adu) {
        let Some(address) = adu.address.filter(|_| !self.addresses.is_empty()) else { return };
        for code in CODES {
            let refusal = (server.clone(), adu.function(), code);
            let addresses = self.addresses.get(&refusal);
            if addresses.is_some_and(|addresses| addresses.some.contains(&address)) {
                self.groups.well(&refusal);
            }
        }
    }
}

/// Connections that are refused or reset, those that nobody answers, and those on which nobody asks any more.
pub(super) struct Links {
    refused: Groups<(Server, Link)>,
    stopped: Groups<Server>,
    silent_us: i64,
}

impl Default for Links {
    fn default() -> Self {
        Self { refused: Groups::new("refused"), stopped: Groups::new("stopped"), silent_us: 0 }
    }
}

impl Detector for Links {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(ModbusEvent::Link(link, _))) =
            (&event.place, event.what.as_modbus())
        else {
            return;
        };
        let server = Server::of(place, 0, true);
        match *link {
            Link::Stopped { silent_us } => {
                let since_us = event.t_us.map(|t_us| t_us.saturating_sub(silent_us));
                self.silent_us = self.silent_us.max(silent_us);
                self.stopped.take(server, since_us, place);
            }
            link => self.refused.take((server, link), event.t_us, place),
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let subject = |(server, _): &(Server, Link)| Some(server.subject());
        let mut findings =
            self.refused.findings_of(Severity::Fault, subject, |(server, link), group| {
                let (count, at) = (group.count, server.at());
                let connections = plural(count, "connection");
                let (text, check) = match link {
                    Link::Unreachable => (
                        format!("{at}: {count} {connections} asked for, and nobody answered"),
                        "whether it is powered, its address, a firewall on the way",
                    ),
                    Link::Reset => (
                        format!("{at}: {count} {connections} reset while requests had no answer"),
                        "who resets it: the device, or a firewall on the way",
                    ),
                    Link::Refused | Link::Stopped { .. } => (
                        format!("{at}: {count} {connections} refused"),
                        "whether its Modbus server runs, on this port, with a place free",
                    ),
                };
                Said { blame: Blame::Network, text, check: check.to_owned() }
            });
        findings.extend(self.stopped.findings(Severity::Fault, |server, _| Said {
            blame: Blame::Client,
            text: format!(
                "{}: nobody asks it any more, for {}",
                server.at(),
                Duration(self.silent_us)
            ),
            check: "whether the client runs, and what it waits for".to_owned(),
        }));
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::super::made::{answer, findings};
    use super::*;

    const READ: [u8; 4] = [3, 2, 0, 7];

    fn told(kind: Kind, answers: &[Answer]) -> Vec<Finding> {
        let events: Vec<Event> =
            (0..).zip(answers).map(|(t_us, it)| answer(&READ, *it, Some(0), t_us)).collect();
        findings(&mut Answers::new(kind), &events)
    }

    #[test]
    fn three_answers_that_are_shifted_are_a_finding_and_two_were_late() {
        assert!(told(Kind::Shifted, &[Answer::Shifted; 2]).is_empty());
        assert_eq!(told(Kind::Shifted, &[Answer::Shifted; 3]).len(), 1);
    }

    #[test]
    fn identifiers_that_fit_later_were_right() {
        assert!(told(Kind::Identifier, &[Answer::ByOrder, Answer::Fits]).is_empty());
        assert_eq!(told(Kind::Identifier, &[Answer::Fits, Answer::ByOrder]).len(), 1);
    }

    #[test]
    fn an_answer_is_late_by_the_device_or_by_the_client() {
        let found = told(Kind::Late, &[Answer::Late { as_usual: false }, Answer::Unasked]);
        assert_eq!((found[0].blame, found[0].state), (Blame::Device, State::Since));
        let found = told(Kind::Late, &[Answer::Late { as_usual: true }, Answer::Fits]);
        assert_eq!((found[0].blame, found[0].state), (Blame::Client, State::Recovered));
        assert!(found[0].text.ends_with("in the time that it usually takes"), "{}", found[0].text);
    }

    #[test]
    fn each_kind_takes_its_own_answers() {
        let mismatch = modbus_codec::Mismatch::Function {
            expected: FunctionCode::new(3),
            got: FunctionCode::new(4),
        };
        let answers = [
            (Kind::Late, Answer::Late { as_usual: false }),
            (Kind::Double, Answer::Double),
            (Kind::Shifted, Answer::Shifted),
            (Kind::Mismatched, Answer::Mismatched(mismatch)),
            (Kind::Identifier, Answer::ByOrder),
        ];
        for (kind, _) in answers {
            for (of, answer) in answers {
                let found = told(kind, &[answer; 3]);
                assert_eq!(found.len(), usize::from(kind == of), "{kind:?} {of:?}");
                if let Some(found) = found.first() {
                    assert_eq!((found.kind, found.count), (kind.name(), 3));
                }
            }
        }
    }

    /// Exceptions 02 for addresses.
    fn refused(addresses: impl IntoIterator<Item = u16>) -> String {
        let events: Vec<Event> = addresses
            .into_iter()
            .map(|address| answer(&[0x83, 2], Answer::Fits, Some(address), 0))
            .collect();
        let found = findings(&mut Exceptions::default(), &events);
        let (_, addresses) = found[0].text.split_once("function 03").unwrap();
        addresses.to_owned()
    }

    #[test]
    fn exceptions_name_the_addresses() {
        assert_eq!(refused([7, 7]), ", for address 7");
        assert_eq!(refused([9, 5, 7, 1]), ", for addresses 1, 5, 7, 9");
        assert_eq!(refused([9, 5, 7, 1, 2]), ", for 5 addresses from 1 to 9");
        assert_eq!(refused(0..1024), ", for 1024 addresses from 0 to 1023");
        assert_eq!(refused((0..1024).chain([5])), ", for 1024 addresses from 0 to 1023");
        assert_eq!(refused(0..1026), ", for more than 1024 addresses");
        let without = [answer(&[0x83, 2], Answer::Fits, None, 0)];
        let found = findings(&mut Exceptions::default(), &without);
        assert!(found[0].text.ends_with("to function 03"), "{}", found[0].text);
    }

    #[test]
    fn exceptions_say_whose_fault_they_are() {
        let of = |code| {
            let events = [answer(&[0x83, code], Answer::Fits, Some(0), 0)];
            findings(&mut Exceptions::default(), &events).remove(0)
        };
        assert_eq!([1, 2, 3].map(|code| of(code).blame), [Blame::Client; 3]);
        assert_eq!([4, 5, 6, 8, 10, 11].map(|code| of(code).blame), [Blame::Device; 6]);
        for code in [10, 11] {
            assert!(of(code).check.contains("behind the gateway"));
        }
        assert!(!of(4).check.contains("behind the gateway"));
    }

    #[test]
    fn what_is_answered_again_is_well() {
        let state = |then: Event| {
            let events = [answer(&[0x83, 6], Answer::Fits, Some(7), 0), then];
            findings(&mut Exceptions::default(), &events)[0].state
        };
        assert_eq!(state(answer(&READ, Answer::Fits, Some(7), 1)), State::Recovered);
        assert_eq!(state(answer(&READ, Answer::Fits, Some(8), 1)), State::Since);
        assert_eq!(state(answer(&[4, 2, 0, 7], Answer::Fits, Some(7), 1)), State::Since);
        let late = Answer::Late { as_usual: false };
        assert_eq!(state(answer(&READ, late, Some(7), 1)), State::Since);
    }
}
