//! The client of an RTU line: one request at a time.
//!
//! ```text
//!         request            silence          answer, or timeouts used up
//! Idle ─────────────▶ Ready ─────────▶ Waiting ─────────────────────────▶ Idle
//!                       ▲                 │ timeout, and the budget allows another attempt
//!                       └─────────────────┘
//! ```
//!
//! An RTU answer does not say which request it answers. So after a timeout the answer may still be on its way, and the next
//! request to the same unit with the same function would take it for its own: it is held back until the late answer has come
//! or can come no more.

use super::owed::Owed;
use super::{Budget, Counters, Event, Failure, RequestError, Ticket, bump};
use crate::pdu::LEN_MAX;
use crate::request::Request;
use crate::response::Response;
use crate::rtu::{self, ADU_LEN_MAX};
use crate::stream::{Decoder, Item, Timing};
use crate::timing::{self, Rtu};
use crate::{FunctionCode, UnitId};

/// A client on an RTU line, of which it is the only one.
///
/// A `now_us` before the one of the call before counts as that one.
///
/// ```
/// use modbus_codec::client::{Budget, Event, Serial};
/// use modbus_codec::{Address, Quantity, Request, Response, UnitId};
/// let mut client = Serial::without_timing();
/// let request = Request::ReadHoldingRegisters {
///     starting_address: Address::new(107),
///     quantity: Quantity::new(1)?,
/// };
/// let budget = Budget { deadline_us: 500_000, response_timeout_us: 100_000, attempts: 3 };
/// let ticket = client.request(UnitId::new(17)?, &request, budget, 0)?;
/// assert_eq!(client.poll_transmit(0), Some(&[0x11, 3, 0, 0x6B, 0, 1, 0xF7, 0x46][..]));
/// let rest = client.receive(&[0x11, 3, 2, 0x02, 0x2B, 0x38, 0xF8], 20_000);
/// assert!(rest.is_empty());
/// let Some(Event::Answered { ticket: answered, reply, .. }) = client.poll(20_000) else { panic!() };
/// let Ok(Response::ReadHoldingRegisters(registers)) = reply else { panic!() };
/// assert_eq!((answered, registers.get(0)), (ticket, Some(555)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Spec: MODBUS over Serial Line V1.02, 2.4.1.
#[derive(Clone, Debug)]
pub struct Serial {
    line: Option<Rtu>,
    turnaround_us: u32,
    late_answer_us: u32,
    has_echo: bool,
    decoder: Decoder,
    state: State,
    ticket: Ticket,
    unit: UnitId,
    budget: Budget,
    attempts: u8,
    /// When the last attempt had been sent.
    sent_us: u64,
    request: [u8; ADU_LEN_MAX],
    request_len: usize,
    /// The PDU of the answer that is handed out.
    answer: [u8; LEN_MAX],
    /// How much of the echo of the request has not come back.
    echo_left: usize,
    is_echo_damaged: bool,
    owed: Owed,
    counters: Counters,
    now_us: u64,
    /// When the line was last busy.
    busy_us: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// To be sent when the line allows it.
    Ready,
    /// Sent; the answer may take until then.
    Waiting {
        until_us: u64,
    },
    /// Sent to all, who may take until then to do it.
    Turnaround {
        until_us: u64,
    },
}

/// The devices have so long to do a broadcast, unless told.
const TURNAROUND_US: u32 = 100_000;
/// How much later than its timeout an answer may come, unless told.
const LATE_ANSWER_US: u32 = 500_000;

impl Serial {
    /// A client on a line with a clock.
    #[must_use]
    pub const fn new(line: Rtu) -> Self {
        Self::with(Some(line), Decoder::responses().with_timing(Timing::content(line)))
    }

    /// A client on a port that says nothing about the line behind it: a USB adapter, a pseudo terminal, a network.
    #[must_use]
    pub const fn without_timing() -> Self {
        Self::with(None, Decoder::responses().with_timing(Timing::UNKNOWN_BAUD_RATE))
    }

    const fn with(line: Option<Rtu>, decoder: Decoder) -> Self {
        Self {
            line,
            turnaround_us: TURNAROUND_US,
            late_answer_us: LATE_ANSWER_US,
            has_echo: false,
            decoder,
            state: State::Idle,
            ticket: Ticket::FIRST,
            unit: UnitId::BROADCAST,
            budget: Budget { deadline_us: 0, response_timeout_us: 0, attempts: 1 },
            attempts: 0,
            sent_us: 0,
            request: [0; ADU_LEN_MAX],
            request_len: 0,
            answer: [0; LEN_MAX],
            echo_left: 0,
            is_echo_damaged: false,
            owed: Owed::NONE,
            counters: Counters::ZERO,
            now_us: 0,
            busy_us: None,
        }
    }

    /// How long the devices get to do a broadcast before the next request; 100 ms unless told.
    ///
    /// Spec: MODBUS over Serial Line V1.02, 2.4.1: 100 to 200 ms.
    #[must_use]
    pub const fn with_turnaround(mut self, turnaround_us: u32) -> Self {
        self.turnaround_us = turnaround_us;
        self
    }

    /// How long after its timeout an answer may still come; 500 ms unless told. No answer that comes inside it is taken for
    /// that of another request.
    #[must_use]
    pub const fn with_late_answers(mut self, late_answer_us: u32) -> Self {
        self.late_answer_us = late_answer_us;
        self
    }

    /// Sets the pause after which a part of a frame is given up, so that later bytes are not taken for the rest of the frame:
    /// t3.5 unless set, and at least t3.5; 100 ms unless set where the baud rate is not known.
    #[must_use]
    pub const fn with_release(mut self, release_us: u32) -> Self {
        self.decoder = self.decoder.with_release(release_us);
        self
    }

    /// For a two-wire line where the port hears what it sends: as many bytes as were sent are dropped, and compared.
    #[must_use]
    pub const fn with_echo(mut self) -> Self {
        self.has_echo = true;
        self
    }

    /// Takes a request, if none is under way.
    ///
    /// # Errors
    /// One is under way; it cannot be encoded; not even one attempt ends inside the deadline.
    pub fn request(
        &mut self,
        unit: UnitId,
        request: &Request<'_>,
        budget: Budget,
        now_us: u64,
    ) -> Result<Ticket, RequestError> {
        self.pass(now_us);
        if self.state != State::Idle {
            return Err(RequestError::Full { max: 1 });
        }
        let len = rtu::encode_request(unit, request, &mut self.request)?.len();
        self.request_len = len;
        budget.check(self.transmit_us(), self.now_us)?;
        (self.unit, self.budget, self.attempts) = (unit, budget, 0);
        self.state = State::Ready;
        self.ticket = self.ticket.next();
        Ok(self.ticket)
    }

    /// The bytes to send now, if the line may be used now. They count as being sent from `now_us` on.
    pub fn poll_transmit(&mut self, now_us: u64) -> Option<&[u8]> {
        self.pass(now_us);
        let is_allowed = self.budget.allows_attempt(self.transmit_us(), self.now_us);
        if self.state != State::Ready || self.now_us < self.free_us() || !is_allowed {
            return None;
        }
        bump(&mut self.counters.sent);
        if self.attempts > 0 {
            bump(&mut self.counters.retries);
        }
        self.attempts = self.attempts.saturating_add(1);
        let sent_us = self.now_us.saturating_add(self.transmit_us().into());
        (self.sent_us, self.busy_us) = (sent_us, Some(sent_us));
        self.state = if self.awaits_answer() {
            let until_us = sent_us.saturating_add(self.budget.response_timeout_us.into());
            State::Waiting { until_us }
        } else {
            State::Turnaround { until_us: sent_us.saturating_add(self.turnaround_us.into()) }
        };
        if self.has_echo {
            (self.echo_left, self.is_echo_damaged) = (self.request_len, false);
        }
        self.request.get(..self.request_len)
    }

    /// Takes bytes in, the last of which was complete at `now_us`, and returns those that did not fit: poll, then give them
    /// again.
    #[must_use = "the bytes that did not fit must be given again"]
    pub fn receive<'a>(&mut self, bytes: &'a [u8], now_us: u64) -> &'a [u8] {
        self.pass(now_us);
        if !bytes.is_empty() {
            self.busy_us =
                Some(self.busy_us.map_or(self.now_us, |busy_us| busy_us.max(self.now_us)));
        }
        let bytes = self.without_echo(bytes);
        self.decoder.push(bytes, self.now_us)
    }

    /// The next event: call this until it returns nothing, after every [`Serial::receive`] and at
    /// [`Serial::next_deadline_us`].
    pub fn poll(&mut self, now_us: u64) -> Option<Event<'_>> {
        self.pass(now_us);
        self.decoder.elapse(self.now_us);
        while let Some(heard) = hear(&mut self.decoder, &mut self.answer) {
            match heard {
                Heard::Noise(len) => {
                    self.counters.discarded_bytes = self.counters.discarded_bytes.wrapping_add(len);
                }
                Heard::Frame { unit, function, len } => {
                    if self.takes(unit, function, len) {
                        return self.answered(len);
                    }
                }
            }
        }
        self.owed.pass(self.now_us);
        match self.state {
            State::Waiting { until_us } if self.now_us >= until_us && !self.is_being_answered() => {
                let transmit_us = self.transmit_us();
                match self.budget.ends_after(self.attempts, transmit_us, self.now_us) {
                    Some(failure) => return Some(self.fail(failure)),
                    None => self.state = State::Ready,
                }
            }
            State::Turnaround { until_us } if self.now_us >= until_us => {
                self.state = State::Idle;
                return Some(Event::Sent { ticket: self.ticket });
            }
            _ => {}
        }
        (self.state == State::Ready && self.is_too_late()).then(|| self.fail(Failure::Deadline))
    }

    /// Gives up the request that is under way, and returns its end; an answer that still comes counts as late.
    pub fn cancel(&mut self, now_us: u64) -> Option<Event<'static>> {
        self.pass(now_us);
        (self.state != State::Idle).then(|| self.fail(Failure::Cancelled))
    }

    /// When [`Serial::poll`], and [`Serial::poll_transmit`] after it, are to be called if nothing comes before.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        let own = match self.state {
            State::Idle => None,
            // At once, if it cannot end in time any more.
            State::Ready if self.is_too_late() => Some(self.now_us),
            State::Ready => Some(self.free_us()),
            // The rest of the answer may come until the deadline.
            State::Waiting { until_us } if self.now_us >= until_us && self.is_being_answered() => {
                Some(self.budget.deadline_us)
            }
            State::Waiting { until_us } | State::Turnaround { until_us } => Some(until_us),
        };
        timing::earlier(own, self.decoder.next_deadline_us())
    }

    /// Whether a request can be taken.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// The counters.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    fn pass(&mut self, now_us: u64) {
        self.now_us = self.now_us.max(now_us);
    }

    /// How long the request takes to send.
    fn transmit_us(&self) -> u32 {
        self.line.map_or(0, |line| line.driver_enable_us(self.request_len as u16))
    }

    /// From when on the request may be sent: after a silence, and when no late answer can be taken for its own.
    fn free_us(&self) -> u64 {
        let silence_us = self.line.map_or(0, Rtu::t3_5_us);
        let quiet_us = self.busy_us.map_or(0, |busy_us| busy_us.saturating_add(silence_us.into()));
        if !self.awaits_answer() {
            return quiet_us;
        }
        // An answer to an earlier attempt of the same request is none of these: it answers it.
        quiet_us.max(self.owed.until_us(self.unit, self.function()))
    }

    /// Whether the line is free only when an attempt cannot end in time any more.
    fn is_too_late(&self) -> bool {
        let starts_us = self.now_us.max(self.free_us());
        !self.budget.allows_attempt(self.transmit_us(), starts_us)
    }

    /// Whether the bytes that were heard last begin like the answer, and there is time for the rest of it.
    fn is_being_answered(&self) -> bool {
        let begins = match self.decoder.candidate() {
            [] => false,
            [unit] => *unit == self.unit.as_raw(),
            [unit, function, ..] => {
                let function = FunctionCode::new(*function).to_request();
                *unit == self.unit.as_raw() && function == self.function()
            }
        };
        begins && self.now_us < self.budget.deadline_us
    }

    fn function(&self) -> FunctionCode {
        let [_, function, ..] = self.request;
        FunctionCode::new(function)
    }

    fn awaits_answer(&self) -> bool {
        let request = self.request.get(..self.request_len).unwrap_or_default();
        let request = rtu::decode_request(request);
        !self.unit.is_broadcast() && request.is_ok_and(|adu| adu.pdu.is_answered())
    }

    fn without_echo<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (echo, rest) = bytes.split_at_checked(self.echo_left).unwrap_or((bytes, &[]));
        let from = self.request_len.wrapping_sub(self.echo_left);
        let sent = self.request.get(from..).unwrap_or_default();
        if echo.iter().zip(sent).any(|(heard, sent)| heard != sent) && !self.is_echo_damaged {
            self.is_echo_damaged = true;
            bump(&mut self.counters.damaged_echoes);
        }
        self.echo_left = self.echo_left.wrapping_sub(echo.len());
        rest
    }

    /// Whether a frame, whose PDU is in `answer`, ends the request that waits; if not, it is counted.
    fn takes(&mut self, unit: UnitId, function: FunctionCode, len: usize) -> bool {
        let is_waiting = matches!(self.state, State::Waiting { .. })
            || (self.state == State::Ready && self.attempts > 0);
        let is_asked = is_waiting && unit == self.unit && function.to_request() == self.function();
        if !is_asked && self.owed.take(unit, function.to_request()) {
            bump(&mut self.counters.late);
            return false;
        }
        if is_asked && self.fits(len) {
            return true;
        }
        bump(if is_waiting { &mut self.counters.mismatched } else { &mut self.counters.late });
        false
    }

    /// Whether the PDU in `answer` is one that the request could have.
    fn fits(&self, len: usize) -> bool {
        let request = self.request.get(..self.request_len).unwrap_or_default();
        let Ok(request) = rtu::decode_request(request) else {
            return false;
        };
        match Response::decode(self.answer.get(..len).unwrap_or_default()) {
            Ok(Ok(response)) => response.answers(&request.pdu).is_ok(),
            Ok(Err(exception)) => exception.function == request.pdu.function(),
            Err(_) => false,
        }
    }

    fn answered(&mut self, len: usize) -> Option<Event<'_>> {
        // Each earlier attempt may have been heard too, and be answered yet.
        self.owe(self.attempts.saturating_sub(1));
        self.state = State::Idle;
        bump(&mut self.counters.answered);
        let reply = Response::decode(self.answer.get(..len).unwrap_or_default()).ok()?;
        if reply.is_err() {
            bump(&mut self.counters.exceptions);
        }
        Some(Event::Answered { ticket: self.ticket, attempts: self.attempts, reply })
    }

    fn fail(&mut self, failure: Failure) -> Event<'static> {
        if self.awaits_answer() {
            self.owe(self.attempts);
        }
        self.state = State::Idle;
        bump(&mut self.counters.unanswered);
        Event::Unanswered { ticket: self.ticket, attempts: self.attempts, failure }
    }

    /// Remembers that so many answers may still come.
    fn owe(&mut self, count: u8) {
        let until_us = self
            .sent_us
            .saturating_add(self.budget.response_timeout_us.into())
            .saturating_add(self.late_answer_us.into());
        self.owed.add(self.unit, self.function(), count, until_us);
    }
}

enum Heard {
    Noise(u32),
    Frame { unit: UnitId, function: FunctionCode, len: usize },
}

/// The next item of the decoder, its PDU copied to `answer`.
fn hear(decoder: &mut Decoder, answer: &mut [u8; LEN_MAX]) -> Option<Heard> {
    let frame = match decoder.next()? {
        Item::Frame(frame) => frame,
        Item::Discarded(discarded) => return Some(Heard::Noise(discarded.bytes.len() as u32)),
    };
    let pdu = frame.pdu();
    for (place, byte) in answer.iter_mut().zip(pdu) {
        *place = *byte;
    }
    let function = FunctionCode::new(pdu.first().copied().unwrap_or(0));
    Some(Heard::Frame { unit: frame.unit, function, len: pdu.len() })
}
