//! Requests without an answer.

use std::collections::HashMap;

use crate::event::Event;
use crate::finding::{Detector, Finding};
use crate::group::{GROUPS_MAX, Groups, plural};
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::modbus::server::Server;
use crate::severity::Severity;

#[derive(Debug)]
pub(super) struct Unanswered {
    groups: Groups<Server>,
    /// All requests by server.
    requests: HashMap<Server, u64>,
}

impl Default for Unanswered {
    fn default() -> Self {
        Self { groups: Groups::new("unanswered"), requests: HashMap::new() }
    }
}

impl Detector for Unanswered {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(what)) = (&event.place, event.what.as_modbus()) else {
            return;
        };
        match what {
            ModbusEvent::Adu(adu) if adu.is_request() => {
                let server = Server::of(place, adu.envelope.unit, true);
                if self.requests.len() < GROUPS_MAX || self.requests.contains_key(&server) {
                    *self.requests.entry(server).or_default() += 1;
                }
            }
            ModbusEvent::Unanswered(unanswered) => {
                let server = Server::of(place, unanswered.envelope.unit, true);
                self.groups.take(server, Some(unanswered.request_t_us), place);
            }
            _ => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.groups.findings(Severity::Fault, |server, count| {
            let requests = match self.requests.get(server) {
                Some(all) => format!("{count} of {all} {}", plural(*all, "request")),
                None => format!("{count} {}", plural(count, "request")),
            };
            format!("{server}: {requests} had no answer")
        })
    }
}
