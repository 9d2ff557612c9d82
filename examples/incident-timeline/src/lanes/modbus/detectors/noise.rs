//! Bytes that are no Modbus: waste in a connection, and a line on which nothing is a frame.

use std::collections::HashMap;
use std::rc::Rc;

use crate::event::Event;
use crate::finding::{Blame, Detector, Finding, Subject};
use crate::group::{GROUPS_MAX, Group, Groups, Said, plural};
use crate::lanes::modbus::event::{ModbusEvent, Reason};
use crate::lanes::modbus::server::Server;
use crate::severity::Severity;

/// Bytes in connections that are no Modbus.
pub(super) struct Waste {
    groups: Groups<Server>,
    bytes: HashMap<Server, u64>,
}

impl Default for Waste {
    fn default() -> Self {
        Self { groups: Groups::new("waste"), bytes: HashMap::new() }
    }
}

impl Detector for Waste {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(ModbusEvent::Discarded(discarded))) =
            (&event.place, event.what.as_modbus())
        else {
            return;
        };
        let is_waste =
            matches!(discarded.reason, Reason::NotModbus | Reason::ProtocolId | Reason::Length);
        if !is_waste || place.wire.ends().is_none() {
            return;
        }
        // The sender is to blame, whichever side it is.
        let sender = Server::of(place, 0, false);
        self.groups.take(sender.clone(), event.t_us, place);
        if self.bytes.len() < GROUPS_MAX || self.bytes.contains_key(&sender) {
            *self.bytes.entry(sender).or_default() += discarded.data.len() as u64;
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.groups.findings(Severity::Fault, |sender, group| {
            let bytes = self.bytes.get(sender).copied().unwrap_or(0);
            let (count, pieces) = (group.count, plural(group.count, "piece"));
            Said {
                blame: Blame::Device,
                text: format!(
                    "{} sends {bytes} bytes that are no Modbus, in {count} {pieces}",
                    sender.at()
                ),
                check: "what else speaks on this port: a gateway's messages, another protocol"
                    .to_owned(),
            }
        })
    }
}

/// Lines on which nothing is a frame.
#[derive(Default)]
pub(super) struct WrongBaud(HashMap<Rc<str>, Heard>);

#[derive(Default)]
struct Heard {
    frames: u64,
    bytes: u64,
    noise: Group,
}

/// So many lines are listened to: a file each.
const LINES_MAX: usize = 1 << 14;
/// So many bytes without a frame are no accident.
const BYTES_MIN: u64 = 64;

impl Detector for WrongBaud {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(what)) = (&event.place, event.what.as_modbus()) else {
            return;
        };
        let is_full = self.0.len() >= LINES_MAX && !self.0.contains_key(&place.source);
        if is_full || place.wire.ends().is_some() {
            return;
        }
        let heard = self.0.entry(place.source.clone()).or_default();
        match what {
            ModbusEvent::Adu(_) => heard.frames += 1,
            ModbusEvent::Discarded(discarded) => {
                heard.bytes += discarded.data.len() as u64;
                heard.noise.take(event.t_us, place);
            }
            ModbusEvent::Unanswered(_) | ModbusEvent::Link(..) => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let nothing =
            self.0.iter().filter(|(_, heard)| heard.frames == 0 && heard.bytes >= BYTES_MIN);
        let finding = |(source, heard): (&Rc<str>, &Heard)| {
            let said = Said {
                blame: Blame::Line,
                text: format!("{} bytes on the line, and none of them in a frame", heard.bytes),
                check:
                    "the baud rate, the parity and the polarity of the recorder, and of the line"
                        .to_owned(),
            };
            let subject = Subject { source: Some(source.clone()), address: None, unit: None };
            let finding = heard.noise.finding("wrong_baud", Severity::Fault, said);
            Finding { subject: Some(subject), ..finding }
        };
        nothing.map(finding).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::made::{CLIENT, DEVICE, between, event, findings, on_line, request};
    use super::*;
    use crate::lanes::modbus::event::Discarded;
    use crate::place::Place;

    fn discarded(len: usize, reason: Reason, place: Place) -> Event {
        event(ModbusEvent::Discarded(Discarded::new(vec![7; len], reason, None)), place, 0)
    }

    #[test]
    fn waste_is_counted_in_bytes_by_its_sender() {
        let from = || between(DEVICE, CLIENT);
        let events = [
            discarded(30, Reason::NotModbus, from()),
            discarded(5, Reason::ProtocolId, from()),
            discarded(7, Reason::Length, from()),
            discarded(100, Reason::Hole, from()),
            discarded(100, Reason::Truncated, from()),
            discarded(100, Reason::NotModbus, on_line("line")),
        ];
        let found = findings(&mut Waste::default(), &events);
        assert_eq!(found.len(), 1);
        let text = "10.0.0.1:502 sends 42 bytes that are no Modbus, in 3 pieces";
        assert_eq!((found[0].text.as_str(), found[0].count), (text, 3));
    }

    #[test]
    fn a_line_without_a_frame_has_another_baud_rate() {
        let noise = |len, source| discarded(len, Reason::Noise, on_line(source));
        let of = |events: &[Event]| findings(&mut WrongBaud::default(), events);
        let found = of(&[noise(40, "line"), noise(24, "line")]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "64 bytes on the line, and none of them in a frame");
        assert_eq!(found[0].count, 2);
        assert_eq!(found[0].subject.as_ref().unwrap().source.as_deref(), Some("line"));
        assert!(of(&[noise(63, "line")]).is_empty());
        // Each file is a line of its own, and connections are none.
        assert!(of(&[noise(40, "line"), noise(40, "other")]).is_empty());
        assert!(of(&[discarded(99, Reason::Noise, between(DEVICE, CLIENT))]).is_empty());
        let mut frame = request(&[3, 0, 0, 0, 1], CLIENT, 0);
        frame.place = Some(on_line("line"));
        assert!(of(&[noise(99, "line"), frame]).is_empty());
    }
}
