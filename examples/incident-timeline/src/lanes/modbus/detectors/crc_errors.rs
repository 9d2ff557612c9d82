//! Frames with a wrong CRC or LRC, by the unit that their first byte names.

use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{Groups, Said, plural};
use crate::lanes::modbus::event::{ModbusEvent, Reason};
use crate::lanes::modbus::server::Server;
use crate::severity::Severity;

#[derive(Debug)]
pub(super) struct CrcErrors(Groups<Sender>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Sender {
    server: Server,
    wire: Box<str>,
    unit: u8,
}

impl Default for CrcErrors {
    fn default() -> Self {
        Self(Groups::new("crc_errors"))
    }
}

impl Detector for CrcErrors {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(ModbusEvent::Discarded(discarded))) =
            (&event.place, event.what.as_modbus())
        else {
            return;
        };
        let unit = match (discarded.reason, discarded.data.as_slice()) {
            (Reason::Crc, [unit, ..]) => *unit,
            // In ASCII it is two digits.
            (Reason::Lrc, [_, high, low, ..]) => {
                let digit = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0) as u8;
                digit(*high) << 4 | digit(*low)
            }
            _ => return,
        };
        let (server, wire) = (Server::of(place, unit, false), place.wire.name().into());
        self.0.take(Sender { server, wire, unit }, event.t_us, place);
    }

    fn findings(&self) -> Vec<Finding> {
        let subject = |sender: &Sender| Some(sender.server.subject());
        self.0.findings_of(Severity::Fault, subject, |Sender { wire, unit, .. }, group| {
            let (count, frames) = (group.count, plural(group.count, "frame"));
            Said {
                blame: Blame::Line,
                text: format!(
                    "{count} {frames} with a wrong CRC on {wire}, by the first byte of unit {unit}"
                ),
                check: "its cable, its ground and its termination".to_owned(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::made::{event, findings, on_line};
    use super::*;
    use crate::lanes::modbus::event::Discarded;

    fn damaged(data: &[u8], reason: Reason) -> Vec<Finding> {
        let discarded = Discarded::new(data.to_vec(), reason, None);
        let events = [event(ModbusEvent::Discarded(discarded), on_line("line"), 0)];
        findings(&mut CrcErrors::default(), &events)
    }

    #[test]
    fn the_first_byte_names_the_unit() {
        let text = |found: Vec<Finding>| found[0].text.clone();
        let of =
            |unit| format!("1 frame with a wrong CRC on bus, by the first byte of unit {unit}");
        assert_eq!(text(damaged(&[17, 3, 0, 0], Reason::Crc)), of(17));
        assert_eq!(text(damaged(b":7F0300", Reason::Lrc)), of(0x7F));
        assert_eq!(text(damaged(b":1a0300", Reason::Lrc)), of(0x1A));
        assert!(damaged(&[17, 3, 0, 0], Reason::Noise).is_empty());
        assert!(damaged(&[], Reason::Crc).is_empty());
        assert!(damaged(b":7", Reason::Lrc).is_empty());
    }
}
