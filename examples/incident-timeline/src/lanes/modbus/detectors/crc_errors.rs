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
