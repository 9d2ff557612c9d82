//! Right envelopes around PDUs that the standard refuses.

use modbus_codec::FunctionCode;

use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{Groups, Said, plural};
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::modbus::server::Server;
use crate::severity::Severity;

#[derive(Debug)]
pub(super) struct OffSpec(Groups<Refused>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Refused {
    server: Server,
    is_request: bool,
    function: u8,
    fault: String,
}

impl Default for OffSpec {
    fn default() -> Self {
        Self(Groups::new("off_spec"))
    }
}

impl Detector for OffSpec {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(ModbusEvent::Adu(adu))) = (&event.place, event.what.as_modbus())
        else {
            return;
        };
        let Some(error) = adu.off_spec else {
            return;
        };
        let is_request = adu.is_request();
        let refused = Refused {
            server: Server::of(place, adu.envelope.unit, is_request),
            is_request,
            function: adu.function(),
            fault: error.to_string(),
        };
        self.0.take(refused, event.t_us, place);
    }

    fn findings(&self) -> Vec<Finding> {
        let subject = |refused: &Refused| Some(refused.server.subject());
        self.0.findings_of(Severity::Warning, subject, |refused, group| {
            let count = group.count;
            let Refused { server, is_request, function, fault } = refused;
            let (noun, of) = if *is_request { ("request", "to") } else { ("response", "of") };
            let (noun, function) = (plural(count, noun), FunctionCode::new(*function));
            let (blame, whose) = match is_request {
                true => (Blame::Client, "the client"),
                false => (Blame::Device, "the device"),
            };
            Said {
                blame,
                text: format!(
                    "{count} {noun} {of} {server} with function {function} against the standard: {fault}"
                ),
                check: format!("the version and the manual of {whose}, for this function"),
            }
        })
    }
}
