//! The server on a serial line: who is meant, when to answer, what to count.

#[cfg(feature = "extended-functions")]
mod diagnostics;

#[cfg(feature = "extended-functions")]
use self::diagnostics::sent_flags;
use super::Service;
use super::answer::close;
use crate::counters::{Counters, bump};
#[cfg(feature = "extended-functions")]
use crate::event_log::{self, EventLog, Received};
use crate::pdu::{Direction, LEN_MAX};
use crate::rtu::{self, ADU_LEN_MAX};
use crate::stream::{Decoder, Item, Reason, Timing};
use crate::timing::{self, Rtu};
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
        let decoder = Decoder::both_directions().with_timing(Timing::content(line));
        Self::with(unit, decoder, line.t3_5_us())
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
        timing::earlier(answer, self.decoder.next_deadline_us())
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
    fn serve(
        &mut self,
        request: &[u8],
        service: &mut impl Service,
        response: &mut [u8; LEN_MAX],
    ) -> Result<usize, ExceptionCode> {
        super::answer::serve(service, request, response)
    }

    fn restart_if_asked(&mut self, _request: &[u8], _is_done: bool) {}
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
