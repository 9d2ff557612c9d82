//! How many events of which kind there were.

use super::event::ModbusEvent;
use crate::counts::Counts;
use crate::event::Event;

#[derive(Debug, Default)]
pub(crate) struct ModbusCounts {
    requests: u64,
    responses: u64,
    exceptions: u64,
    unanswered: u64,
    off_spec: u64,
    discarded: u64,
    discarded_bytes: u64,
}

impl Counts for ModbusCounts {
    fn take(&mut self, event: &Event) {
        match event.what.as_modbus() {
            None => {}
            // An ADU that is off-spec is never counted as good.
            Some(ModbusEvent::Adu(adu)) if adu.off_spec.is_some() => self.off_spec += 1,
            Some(ModbusEvent::Adu(adu)) if adu.is_request() => self.requests += 1,
            Some(ModbusEvent::Adu(adu)) if adu.exception_code().is_some() => self.exceptions += 1,
            Some(ModbusEvent::Adu(_)) => self.responses += 1,
            Some(ModbusEvent::Unanswered(_)) => self.unanswered += 1,
            Some(ModbusEvent::Link(..)) => {}
            Some(ModbusEvent::Discarded(discarded)) => {
                self.discarded += 1;
                self.discarded_bytes += discarded.data.len() as u64;
            }
        }
    }

    fn words(&self) -> String {
        format!(
            "{} requests, {} responses, {} exceptions, {} unanswered, {} off-spec, {} stretches of {} bytes discarded",
            self.requests,
            self.responses,
            self.exceptions,
            self.unanswered,
            self.off_spec,
            self.discarded,
            self.discarded_bytes
        )
    }
}
