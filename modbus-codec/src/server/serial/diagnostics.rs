//! The functions that the server itself answers: 08 with each sub-function, the event counter of 0B, the event log of 0C.

use super::{CharacterError, Server};
use crate::counters::Counters;
use crate::extended::diagnostics::SubFunction;
use crate::extended::event_log::{self, EventLog, Received, Sent};
use crate::pdu::LEN_MAX;
use crate::server::answer::{copy, serve};
use crate::server::{Service, exception_for};
use crate::{ExceptionCode, FunctionCode, Request};

/// The events and the delimiter of the line, for 0C and 08.
#[derive(Clone, Debug)]
pub(super) struct LineLog {
    events: EventLog,
    ascii_delimiter: u8,
}

impl LineLog {
    pub(super) const NEW: Self = Self { events: EventLog::new(), ascii_delimiter: b'\n' };

    pub(super) fn character_error(&mut self, error: CharacterError) {
        self.events.received(match error {
            CharacterError::Overrun => Received::CHARACTER_OVERRUN,
            CharacterError::Damaged => Received::COMMUNICATION_ERROR,
        });
    }

    pub(super) fn request(&mut self, is_broadcast: bool, is_listen_only: bool) {
        let mut flags = Received::empty();
        flags.set(Received::BROADCAST, is_broadcast);
        flags.set(Received::IN_LISTEN_ONLY_MODE, is_listen_only);
        self.events.received(flags);
    }

    pub(super) fn answer(&mut self, exception: Option<ExceptionCode>) {
        self.events.sent(match exception.map(ExceptionCode::as_raw) {
            Some(0x01..=0x03) => Sent::READ_EXCEPTION,
            Some(0x04) => Sent::SERVER_ABORT,
            Some(0x05 | 0x06) => Sent::SERVER_BUSY,
            Some(0x07) => Sent::SERVER_NAK,
            _ => Sent::empty(),
        });
    }
}

impl Server {
    /// Asks the server itself, or the service. Returns the length of the PDU, or the exception.
    pub(super) fn serve(
        &mut self,
        request: &[u8],
        service: &mut impl Service,
        response: &mut [u8; LEN_MAX],
    ) -> Result<usize, ExceptionCode> {
        let function = FunctionCode::new(request.first().copied().unwrap_or(0));
        let is_own = matches!(
            function,
            FunctionCode::DIAGNOSTICS
                | FunctionCode::GET_COMM_EVENT_COUNTER
                | FunctionCode::GET_COMM_EVENT_LOG
        );
        if !is_own {
            return serve(service, request, response);
        }
        let decoded = Request::decode(request).map_err(|error| exception_for(function, &error))?;
        let [_, body @ ..] = response;
        match decoded {
            Request::Diagnostics(asked) => {
                let [sub_high, sub_low, data @ ..] = body;
                [*sub_high, *sub_low] = asked.sub_function().as_raw().to_be_bytes();
                let len = self.diagnose(asked.sub_function(), asked.data(), service, data)?;
                Ok(len.wrapping_add(3))
            }
            Request::GetCommEventCounter => {
                let fields = [event_log::status(service.is_busy()), self.counters.event];
                let len = copy(fields.map(u16::to_be_bytes).as_flattened(), body);
                Ok(len.wrapping_add(1))
            }
            // 0C.
            _ => {
                let [byte_count, body @ ..] = body;
                let status = event_log::status(service.is_busy());
                let fields = [status, self.counters.event, self.counters.bus_message];
                let words = copy(fields.map(u16::to_be_bytes).as_flattened(), body);
                let mut len = words;
                for event in self.log.events.newest_first() {
                    if let Some(place) = body.get_mut(len) {
                        *place = event;
                        len = len.wrapping_add(1);
                    }
                }
                *byte_count = len as u8;
                Ok(len.wrapping_add(2))
            }
        }
    }

    /// 08: the data of the answer, and how long they are.
    fn diagnose(
        &mut self,
        sub_function: SubFunction,
        asked: &[u8],
        service: &mut impl Service,
        out: &mut [u8],
    ) -> Result<usize, ExceptionCode> {
        let counters = &self.counters;
        let counter = match sub_function {
            SubFunction::RETURN_QUERY_DATA | SubFunction::RESTART_COMMUNICATIONS_OPTION => {
                return Ok(copy(asked, out));
            }
            SubFunction::RETURN_DIAGNOSTIC_REGISTER => service.diagnostic_register(),
            SubFunction::CHANGE_ASCII_INPUT_DELIMITER => {
                let [delimiter, 0] = *asked else {
                    return Err(ExceptionCode::ILLEGAL_DATA_VALUE);
                };
                self.log.ascii_delimiter = delimiter;
                return Ok(copy(asked, out));
            }
            SubFunction::FORCE_LISTEN_ONLY_MODE => {
                zero(asked)?;
                self.is_listen_only = true;
                self.log.events.entered_listen_only_mode();
                return Ok(0);
            }
            SubFunction::CLEAR_COUNTERS_AND_DIAGNOSTIC_REGISTER => {
                zero(asked)?;
                self.counters = Counters::ZERO;
                service.clear_diagnostic_register();
                return Ok(copy(asked, out));
            }
            SubFunction::CLEAR_OVERRUN_COUNTER_AND_FLAG => {
                zero(asked)?;
                self.counters.bus_character_overrun = 0;
                return Ok(copy(asked, out));
            }
            SubFunction::RETURN_BUS_MESSAGE_COUNT => counters.bus_message,
            SubFunction::RETURN_BUS_COMMUNICATION_ERROR_COUNT => counters.bus_communication_error,
            SubFunction::RETURN_BUS_EXCEPTION_ERROR_COUNT => counters.server_exception_error,
            SubFunction::RETURN_SERVER_MESSAGE_COUNT => counters.server_message,
            SubFunction::RETURN_SERVER_NO_RESPONSE_COUNT => counters.server_no_response,
            SubFunction::RETURN_SERVER_NAK_COUNT => counters.server_nak,
            SubFunction::RETURN_SERVER_BUSY_COUNT => counters.server_busy,
            SubFunction::RETURN_BUS_CHARACTER_OVERRUN_COUNT => counters.bus_character_overrun,
            _ => return Err(ExceptionCode::ILLEGAL_FUNCTION),
        };
        zero(asked)?;
        Ok(copy(&counter.to_be_bytes(), out))
    }

    /// 08 with 01, which a device obeys in listen-only mode too.
    pub(super) fn restart_if_asked(&mut self, request: &[u8], is_done: bool) {
        let Ok(Request::Diagnostics(asked)) = Request::decode(request) else {
            return;
        };
        if !is_done || asked.sub_function() != SubFunction::RESTART_COMMUNICATIONS_OPTION {
            return;
        }
        self.counters = Counters::ZERO;
        self.is_listen_only = false;
        if asked.data() == CLEAR_LOG {
            self.log.events.clear();
        }
        self.log.events.restarted();
    }

    /// The end of ASCII frames that 08 with sub-function 03 has set; LF unless it has. It is for the caller's ASCII port.
    #[must_use]
    pub const fn ascii_delimiter(&self) -> u8 {
        self.log.ascii_delimiter
    }

    /// The events of the line, newest first, as 0C tells them.
    pub fn events(&self) -> impl Iterator<Item = event_log::Event> + '_ {
        self.log.events.newest_first().map(event_log::Event::from)
    }
}

/// The data of 08 with sub-function 01 that clear the event log too.
const CLEAR_LOG: [u8; 2] = [0xFF, 0x00];

/// The data field of most sub-functions is 0000.
fn zero(data: &[u8]) -> Result<(), ExceptionCode> {
    if data == [0, 0] { Ok(()) } else { Err(ExceptionCode::ILLEGAL_DATA_VALUE) }
}
