//! The server on a serial line: who is meant, when to answer, what to count.

use super::Service;
use super::answer::{close, serve};
#[cfg(feature = "extended-functions")]
use super::exception_for;
#[cfg(feature = "extended-functions")]
use crate::Request;
use crate::counters::{Counters, bump};
#[cfg(feature = "extended-functions")]
use crate::diagnostics::SubFunction;
#[cfg(feature = "extended-functions")]
use crate::event_log::{self, EventLog, Received, Sent};
use crate::pdu::{Direction, LEN_MAX};
use crate::rtu::{self, ADU_LEN_MAX};
use crate::stream::{Decoder, Item, Reason, Timing};
use crate::timing::Rtu;
use crate::{ExceptionCode, FunctionCode, UnitId};

/// A device on an RTU line.
///
/// The caller gives it every byte that comes, and sends every frame that [`Server::poll`] returns. It answers what is for
/// its unit, does what is broadcast without an answer, and keeps the counters and the event log of the line. 08, 0B and 0C
/// it answers itself, the rest by a [`Service`].
///
/// A `now_us` before the one of the call before counts as that one.
///
/// Spec: MODBUS over Serial Line V1.02, 2.4 and 2.5.1.
#[derive(Clone, Debug)]
pub struct Server {
    unit: UnitId,
    decoder: Decoder,
    /// The silence before an answer, if the caller has a clock.
    silence_us: u32,
    is_quiet: bool,
    now_us: u64,
    /// When the last byte came.
    heard_us: u64,
    counters: Counters,
    is_listen_only: bool,
    #[cfg(feature = "extended-functions")]
    log: EventLog,
    #[cfg(feature = "extended-functions")]
    ascii_delimiter: u8,
}

/// An error that the caller's port reports of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CharacterError {
    /// It came before the one before it was taken: CPT8, and CPT2.
    Overrun,
    /// Parity, framing or noise: CPT2.
    Damaged,
}

impl Server {
    /// A device on a line that it shares, with a clock: it hears the answers of others, and answers after a silence of t3.5.
    #[must_use]
    pub const fn new(unit: UnitId, line: Rtu) -> Self {
        let silence_us = line.t3_5_us();
        let timing = Timing::Content {
            character_us: line.characters_us(1),
            frame_us: silence_us,
            release_us: silence_us,
        };
        Self::with(unit, Decoder::both_directions().with_timing(timing), silence_us)
    }

    /// A device on a line of its own, without a clock, as behind a USB adapter or a pseudo terminal: nothing but requests
    /// comes, and they are answered at once.
    #[must_use]
    pub const fn point_to_point(unit: UnitId) -> Self {
        Self::with(unit, Decoder::requests(), 0)
    }

    /// Delimits frames by silence alone, as the standard says, for firmware that stamps every character.
    #[must_use]
    pub const fn strict(mut self, line: Rtu) -> Self {
        self.decoder = self.decoder.with_timing(Timing::Strict(line));
        self.silence_us = line.t3_5_us();
        self
    }

    const fn with(unit: UnitId, decoder: Decoder, silence_us: u32) -> Self {
        Self {
            unit,
            decoder: decoder.lenient(),
            silence_us,
            is_quiet: true,
            now_us: 0,
            heard_us: 0,
            counters: Counters::ZERO,
            is_listen_only: false,
            #[cfg(feature = "extended-functions")]
            log: EventLog::new(),
            #[cfg(feature = "extended-functions")]
            ascii_delimiter: b'\n',
        }
    }

    /// Takes bytes in, the last of which was complete at `now_us`, and returns those that did not fit: poll, then give them
    /// again.
    #[must_use = "the bytes that did not fit must be given again"]
    pub fn receive<'a>(&mut self, bytes: &'a [u8], now_us: u64) -> &'a [u8] {
        self.now_us = self.now_us.max(now_us);
        if !bytes.is_empty() {
            self.heard_us = self.now_us;
            self.is_quiet = false;
        }
        self.decoder.push(bytes, self.now_us)
    }

    /// Counts an error that the port reports of a character.
    pub fn character_error(&mut self, error: CharacterError) {
        bump(&mut self.counters.bus_communication_error);
        if error == CharacterError::Overrun {
            bump(&mut self.counters.bus_character_overrun);
        }
        #[cfg(feature = "extended-functions")]
        self.log.received(match error {
            CharacterError::Overrun => Received::CHARACTER_OVERRUN,
            CharacterError::Damaged => Received::COMMUNICATION_ERROR,
        });
    }

    /// Does what the requests ask that have come, and returns the answer to send; nothing when nothing is to be sent yet.
    ///
    /// Call it until it returns nothing, and again at [`Server::next_deadline_us`].
    pub fn poll<'b>(
        &mut self,
        service: &mut impl Service,
        tx: &'b mut [u8; ADU_LEN_MAX],
        now_us: u64,
    ) -> Option<&'b [u8]> {
        self.now_us = self.now_us.max(now_us);
        self.decoder.elapse(self.now_us);
        if !self.is_quiet {
            if self.now_us.saturating_sub(self.heard_us) < self.silence_us.into() {
                return None;
            }
            self.is_quiet = true;
        }
        let len = loop {
            let mut request = [0; LEN_MAX];
            let heard = hear(self.unit, self.decoder.next()?, &mut request);
            if let Some(len) = self.handle(heard, &request, service, tx) {
                break len;
            }
        };
        let [unit, ..] = &mut *tx;
        *unit = self.unit.as_raw();
        rtu::close(len.wrapping_add(1), tx)
    }

    /// When [`Server::poll`] is to be called if nothing comes before.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        let answer = (!self.is_quiet).then(|| self.heard_us.saturating_add(self.silence_us.into()));
        match (answer, self.decoder.next_deadline_us()) {
            (Some(answer), Some(silence)) => Some(answer.min(silence)),
            (one, other) => one.or(other),
        }
    }

    /// The counters since the last restart or clearing.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether the device listens only: 08 with sub-function 04 brought it there, 01 brings it back.
    #[must_use]
    pub const fn is_listen_only(&self) -> bool {
        self.is_listen_only
    }

    /// The end of ASCII frames that 08 with sub-function 03 has set; LF unless it has. It is for the caller's ASCII port.
    #[cfg(feature = "extended-functions")]
    #[must_use]
    pub const fn ascii_delimiter(&self) -> u8 {
        self.ascii_delimiter
    }

    /// The events of the line, newest first, as 0C tells them.
    #[cfg(feature = "extended-functions")]
    pub fn events(&self) -> impl Iterator<Item = event_log::Event> + '_ {
        self.log.newest_first().map(event_log::Event::from)
    }

    /// What was heard, done and counted. The length of the PDU of the answer, which stands after the unit.
    fn handle(
        &mut self,
        heard: Heard,
        request: &[u8; LEN_MAX],
        service: &mut impl Service,
        tx: &mut [u8; ADU_LEN_MAX],
    ) -> Option<usize> {
        let (len, is_broadcast) = match heard {
            Heard::Noise { is_new } => {
                if is_new {
                    bump(&mut self.counters.bus_communication_error);
                    #[cfg(feature = "extended-functions")]
                    self.log.received(Received::COMMUNICATION_ERROR);
                }
                return None;
            }
            Heard::Elsewhere => {
                bump(&mut self.counters.bus_message);
                return None;
            }
            Heard::Request { len, is_broadcast } => (len, is_broadcast),
        };
        // What was asked of this device waits for nobody's answer but its own.
        self.decoder.observe(Direction::Response, &[]);
        bump(&mut self.counters.bus_message);
        #[cfg(feature = "extended-functions")]
        self.log.received(self.line_flags(is_broadcast));
        let request = request.get(..len).unwrap_or_default();
        let function = request.first().copied().unwrap_or(0);
        let [_, response @ .., _, _] = tx;
        let response: &mut [u8; LEN_MAX] = response;
        if self.is_listen_only || !matches!(function, 1..=0x7F) {
            bump(&mut self.counters.server_no_response);
            self.restart_if_asked(request, true);
            return None;
        }
        let done = if is_broadcast && FunctionCode::new(function).only_reads() {
            // Nobody would hear what was read.
            Err(ExceptionCode::ILLEGAL_FUNCTION)
        } else {
            self.serve(request, service, response)
        };
        bump(&mut self.counters.server_message);
        match done {
            Err(code) => self.counters.exception(code),
            Ok(_) if matches!(function, 0x0B | 0x0C) => {}
            Ok(_) => bump(&mut self.counters.event),
        }
        let is_answered = !is_broadcast && !self.is_listen_only;
        if is_answered {
            #[cfg(feature = "extended-functions")]
            self.log.sent(sent_flags(done.err()));
        } else {
            bump(&mut self.counters.server_no_response);
        }
        // The answer comes before the restart, which clears what was counted.
        self.restart_if_asked(request, done.is_ok());
        is_answered.then(|| close(function, done, response).len())
    }
}

/// Without the extended functions there is no 08, 0B or 0C.
#[cfg(not(feature = "extended-functions"))]
impl Server {
    #[allow(clippy::unused_self)]
    fn serve(
        &mut self,
        request: &[u8],
        service: &mut impl Service,
        response: &mut [u8; LEN_MAX],
    ) -> Result<usize, ExceptionCode> {
        serve(service, request, response)
    }

    #[allow(clippy::unused_self)]
    fn restart_if_asked(&mut self, _request: &[u8], _is_done: bool) {}
}

#[cfg(feature = "extended-functions")]
impl Server {
    fn serve(
        &mut self,
        request: &[u8],
        service: &mut impl Service,
        response: &mut [u8; LEN_MAX],
    ) -> Result<usize, ExceptionCode> {
        let function = FunctionCode::new(request.first().copied().unwrap_or(0));
        if !matches!(function.as_raw(), 0x08 | 0x0B | 0x0C) {
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
                let len = put(fields.map(u16::to_be_bytes).as_flattened(), body);
                Ok(len.wrapping_add(1))
            }
            // 0C.
            _ => {
                let [byte_count, body @ ..] = body;
                let status = event_log::status(service.is_busy());
                let fields = [status, self.counters.event, self.counters.bus_message];
                let words = put(fields.map(u16::to_be_bytes).as_flattened(), body);
                let mut len = words;
                for event in self.log.newest_first() {
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
                return Ok(put(asked, out));
            }
            SubFunction::RETURN_DIAGNOSTIC_REGISTER => service.diagnostic_register(),
            SubFunction::CHANGE_ASCII_INPUT_DELIMITER => {
                let [delimiter, 0] = *asked else {
                    return Err(ExceptionCode::ILLEGAL_DATA_VALUE);
                };
                self.ascii_delimiter = delimiter;
                return Ok(put(asked, out));
            }
            SubFunction::FORCE_LISTEN_ONLY_MODE => {
                zero(asked)?;
                self.is_listen_only = true;
                self.log.entered_listen_only_mode();
                return Ok(0);
            }
            SubFunction::CLEAR_COUNTERS_AND_DIAGNOSTIC_REGISTER => {
                zero(asked)?;
                self.counters = Counters::ZERO;
                service.clear_diagnostic_register();
                return Ok(put(asked, out));
            }
            SubFunction::CLEAR_OVERRUN_COUNTER_AND_FLAG => {
                zero(asked)?;
                self.counters.bus_character_overrun = 0;
                return Ok(put(asked, out));
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
        Ok(put(&counter.to_be_bytes(), out))
    }

    /// 08 with 01, which a device obeys in listen-only mode too.
    fn restart_if_asked(&mut self, request: &[u8], is_done: bool) {
        let Ok(Request::Diagnostics(asked)) = Request::decode(request) else {
            return;
        };
        if !is_done || asked.sub_function() != SubFunction::RESTART_COMMUNICATIONS_OPTION {
            return;
        }
        self.counters = Counters::ZERO;
        self.is_listen_only = false;
        if asked.data() == CLEAR_LOG {
            self.log.clear();
        }
        self.log.restarted();
    }

    fn line_flags(&self, is_broadcast: bool) -> Received {
        let mut flags = Received::empty();
        flags.set(Received::BROADCAST, is_broadcast);
        flags.set(Received::IN_LISTEN_ONLY_MODE, self.is_listen_only);
        flags
    }
}

/// What 08 with sub-function 01 carries to clear the event log too.
#[cfg(feature = "extended-functions")]
const CLEAR_LOG: [u8; 2] = [0xFF, 0x00];

#[cfg(feature = "extended-functions")]
fn sent_flags(exception: Option<ExceptionCode>) -> Sent {
    match exception.map(ExceptionCode::as_raw) {
        Some(0x01..=0x03) => Sent::READ_EXCEPTION,
        Some(0x04) => Sent::SERVER_ABORT,
        Some(0x05 | 0x06) => Sent::SERVER_BUSY,
        Some(0x07) => Sent::SERVER_NAK,
        _ => Sent::empty(),
    }
}

/// The data field of most sub-functions is 0000.
#[cfg(feature = "extended-functions")]
fn zero(data: &[u8]) -> Result<(), ExceptionCode> {
    if data == [0, 0] { Ok(()) } else { Err(ExceptionCode::ILLEGAL_DATA_VALUE) }
}

#[cfg(feature = "extended-functions")]
fn put(from: &[u8], to: &mut [u8]) -> usize {
    for (place, byte) in to.iter_mut().zip(from) {
        *place = *byte;
    }
    from.len()
}

/// What came, without what it was borrowed from.
enum Heard {
    /// For this device: a PDU of so many bytes.
    Request { len: usize, is_broadcast: bool },
    /// A frame for another device, or of another one.
    Elsewhere,
    /// No frame; new if nothing of it was counted before.
    Noise { is_new: bool },
}

fn hear(unit: UnitId, item: Item<'_>, request: &mut [u8; LEN_MAX]) -> Heard {
    let (bytes, is_request) = match &item {
        Item::Frame(frame) => (frame.bytes, frame.direction == Direction::Request),
        // What is refused in both directions came to be refused here: nobody else sends in this device's name.
        Item::Discarded(discarded) => match discarded.reason {
            Reason::OffSpec(_) => (discarded.bytes, true),
            _ => return Heard::Noise { is_new: !discarded.continues },
        },
    };
    let Ok(adu) = rtu::split(bytes) else {
        return Heard::Elsewhere;
    };
    if !is_request || (adu.unit != unit && !adu.unit.is_broadcast()) {
        return Heard::Elsewhere;
    }
    for (place, byte) in request.iter_mut().zip(adu.pdu) {
        *place = *byte;
    }
    Heard::Request { len: adu.pdu.len(), is_broadcast: adu.unit.is_broadcast() }
}
