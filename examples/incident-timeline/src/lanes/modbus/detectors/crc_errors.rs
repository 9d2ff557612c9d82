//! Frames with a wrong CRC or LRC, by the unit that their first byte names.

use std::rc::Rc;

use crate::event::Event;
use crate::finding::{Detector, Finding};
use crate::group::{Groups, plural};
use crate::lanes::modbus::event::{ModbusEvent, Reason};
use crate::severity::Severity;

#[derive(Debug)]
pub(super) struct CrcErrors(Groups<Sender>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Sender {
    source: Rc<str>,
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
        if let (Reason::Crc | Reason::Lrc, Some(unit)) = (discarded.reason, discarded.data.first())
        {
            let (source, wire) = (place.source.clone(), place.wire.name().into());
            self.0.take(Sender { source, wire, unit: *unit }, event.t_us, place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.0.findings(Severity::Fault, |Sender { wire, unit, .. }, count| {
            format!(
                "{count} {} with a wrong CRC on {wire}, by the first byte of unit {unit}: look at its cable, its ground and \
                 its termination first",
                plural(count, "frame")
            )
        })
    }
}
