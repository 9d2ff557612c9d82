//! The server on a serial line: who is meant, when to answer, what to count.

#[cfg(feature = "extended-functions")]
mod diagnostics;
#[cfg(not(feature = "extended-functions"))]
#[path = "serial/basic.rs"]
mod diagnostics;
mod sent;

use self::diagnostics::LineLog;
use self::sent::{Answer, Echo};
use super::Service;
use super::answer::{close, copy};
use crate::counters::{Counters, bump};
use crate::pdu::{Direction, LEN_MAX};
use crate::request::Request;
use crate::rtu::{self, ADU_LEN_MAX, ADU_LEN_MIN};
use crate::stream::{Decoder, Discarded, Item, Reason, Timing};
use crate::timing::{self, Rtu};
use crate::{ExceptionCode, FunctionCode, UnitId};

/// A device on an RTU line.
///
/// The caller gives it every byte that comes, and sends every frame that [`Server::poll`] returns. The server answers what is
/// for its unit, does what is broadcast without an answer, and keeps the counters and the event log of the line. It answers
/// 08, 0B and 0C itself, the rest by a [`Service`].
///
/// The server acts only on requests of the master. Where the receiver of an RS-485 transceiver stays on while the device sends,
/// the device hears its own answer; the answer to a write has the form of the write. And the data of a damaged frame may hold
/// what looks like a request.
///
/// # The loop of a caller
///
/// ```
/// # use modbus_codec::server::{Server, Service};
/// # fn turn(server: &mut Server, service: &mut impl Service, came: &[u8], now_us: u64, mut send: impl FnMut(&[u8])) {
/// let mut rest = came;
/// loop {
///     rest = server.receive(rest, now_us);
///     let mut tx = [0; 256];
///     while let Some(adu) = server.poll(service, &mut tx, now_us) {
///         send(adu);
///     }
///     if rest.is_empty() {
///         break;
///     }
/// }
/// # }
/// ```
///
/// Run this loop when bytes come and at [`Server::next_deadline_us`]. The loop ends whatever comes: after a `poll` that returned
/// nothing, [`Server::receive`] takes at least one byte.
///
/// A chunk should not hold bytes from before and from after a silence of t3.5. The server cannot tell between which bytes of a
/// chunk the silence was, so it drops a request that follows a damaged frame in the same chunk.
///
/// # What each timing guarantees
///
/// | timing | set up by | a request begins | its own answer is dropped | after noise |
/// |---|---|---|---|---|
/// | strict | [`Server::new`], then [`Server::strict`] | after a silence of t3.5, and ends before one | until its transmission, t3.5 and four characters have passed | the next request after t3.5 is answered |
/// | clock and baud rate | [`Server::new`] | after a silence of t3.5, or right after a whole frame | as above | as above |
/// | clock, baud rate unknown | [`Server::point_to_point`]; `now_us` moves | after a pause of t3.5 at 9,600 baud, or right after a whole frame | for 100 ms, once for each answer | the next request after 100 ms is answered |
/// | no clock | [`Server::point_to_point`]; `now_us` stands still | anywhere; the CRC is right | once for each answer | a request is answered when the frame that noise began would be whole |
///
/// The tests in `tests/server_guarantees.rs` have the names of the rows: `strict_..`, `baud_rate_..`, `baud_rate_unknown_..`,
/// `no_clock_..`. `tests/server_line.rs` holds all rows on 100,000 simulated lines.
///
/// * An answer that is heard only in part, or with one damaged byte, is dropped too.
/// * [`Counters`] says how often: `echo` for own answers, `undelimited` for requests behind discarded bytes. A request that is
///   dropped costs its master one timeout; the repeated request is answered.
/// * Where the device does not hear itself, call [`Server::without_echo`]. Otherwise a request that is equal to the last answer
///   is dropped once without a clock, and inside 100 ms where the baud rate is unknown: a master that repeats a write unchanged
///   then waits for one timeout.
/// * Below 9,600 baud, tell the baud rate. With an unknown one, each pause between two characters lets a request begin.
///
/// A `now_us` before the one of the call before counts as that one.
///
/// Spec: MODBUS over Serial Line V1.02, 2.4 and 2.5.1.
#[derive(Clone, Debug)]
pub struct Server {
    unit: UnitId,
    decoder: Decoder,
    /// The silence before an answer, if the line is known.
    silence_us: u32,
    /// How long a character takes; 0 if not known.
    character_us: u32,
    /// How long after its transmission the echo of an answer may be complete; nothing if there is none.
    echo_us: Option<u32>,
    /// Whether silence can be told, so that frames must be delimited.
    has_clock: bool,
    /// Whether bytes that came are still to be given again.
    has_rest: bool,
    now_us: u64,
    /// When the last byte came.
    heard_us: u64,
    answer: Answer,
    counters: Counters,
    is_listen_only: bool,
    log: LineLog,
}

/// After the transmission of an answer and t3.5, its echo may take so many characters more. A UART with a buffer waits four
/// characters before it hands out the last ones. A master that keeps t3.5 has no complete request earlier: the shortest frame has
/// four characters.
const ECHO_CHARACTERS: u32 = ADU_LEN_MIN as u32;
/// Where the baud rate is not known, the echo of an answer may begin so long after the answer was handed out.
const UNKNOWN_LINE_ECHO_US: u32 = 100_000;

/// An error that the caller's port reports of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CharacterError {
    /// The character came before the one before it was taken: CPT8, and CPT2.
    Overrun,
    /// Parity, framing or noise: CPT2.
    Damaged,
}

impl Server {
    /// A device on a line that it shares, with a clock: it hears the answers of others, and answers after a silence of t3.5.
    #[must_use]
    pub const fn new(unit: UnitId, line: Rtu) -> Self {
        let decoder = Decoder::both_directions().with_timing(Timing::content(line));
        Self::with(unit, decoder, UNKNOWN_LINE_ECHO_US).on(line)
    }

    /// A device on a line of its own whose baud rate is unknown or says nothing of when bytes come, as behind a USB adapter or
    /// a pseudo terminal. Only requests come, and they are answered at once. Without a clock, give the same `now_us` always.
    #[must_use]
    pub const fn point_to_point(unit: UnitId) -> Self {
        let decoder = Decoder::requests().with_timing(Timing::UNKNOWN_BAUD_RATE);
        Self::with(unit, decoder, UNKNOWN_LINE_ECHO_US)
    }

    /// Delimits frames by silence alone, as the standard says, for firmware that stamps every character. Call it before
    /// [`Server::with_echo_within`], whose time it sets anew.
    #[must_use]
    pub const fn strict(mut self, line: Rtu) -> Self {
        self.decoder = self.decoder.with_timing(Timing::Strict(line));
        self.on(line)
    }

    /// For a line on which the device does not hear itself: a pseudo terminal, four wires, or two wires where the receiver is
    /// off while the driver is on. A frame that is equal to the last answer is then always a request.
    #[must_use]
    pub const fn without_echo(mut self) -> Self {
        self.echo_us = None;
        self
    }

    /// Sets how long after the transmission of an answer the last byte of its echo may come: unless set, t3.5 and four
    /// characters. Where the baud rate is not known, sets how long after the answer was handed out its echo may begin: unless
    /// set, 100 ms.
    ///
    /// Add what the UART's buffer and the caller's loop add. A frame that is equal to the last answer and comes later is a
    /// request.
    #[must_use]
    pub const fn with_echo_within(mut self, echo_us: u32) -> Self {
        self.echo_us = Some(echo_us);
        self
    }

    /// Sets the pause after which a part of a frame is given up, so that later bytes are not taken for the rest of the frame:
    /// t3.5 unless set, and at least t3.5; 100 ms unless set where the baud rate is not known. Strict timing has no other.
    #[must_use]
    pub const fn with_release(mut self, release_us: u32) -> Self {
        self.decoder = self.decoder.with_release(release_us);
        self
    }

    const fn on(mut self, line: Rtu) -> Self {
        self.silence_us = line.t3_5_us();
        self.character_us = line.characters_us(1);
        if self.echo_us.is_some() {
            let buffer_us = line.characters_us(ECHO_CHARACTERS);
            self.echo_us = Some(self.silence_us.saturating_add(buffer_us));
        }
        self.has_clock = true;
        self
    }

    const fn with(unit: UnitId, decoder: Decoder, echo_us: u32) -> Self {
        Self {
            unit,
            decoder: decoder.lenient(),
            silence_us: 0,
            character_us: 0,
            echo_us: Some(echo_us),
            has_clock: false,
            has_rest: false,
            now_us: 0,
            heard_us: 0,
            answer: Answer::NONE,
            counters: Counters::ZERO,
            is_listen_only: false,
            log: LineLog::NEW,
        }
    }

    /// Takes bytes in, the last of which was complete at `now_us`, and returns those that did not fit: poll, then give them
    /// again.
    #[must_use = "the bytes that did not fit must be given again"]
    pub fn receive<'a>(&mut self, bytes: &'a [u8], now_us: u64) -> &'a [u8] {
        // Everything that came until the call before was given in it, unless some of it did not fit.
        let known_us = if self.has_rest { 0 } else { self.now_us };
        self.pass(now_us);
        if bytes.is_empty() {
            return bytes;
        }
        self.heard_us = self.now_us;
        let from = self.decoder.end_offset();
        let rest = self.decoder.push(bytes, self.now_us);
        self.has_rest = !rest.is_empty();
        if !self.has_rest {
            let to = self.decoder.end_offset();
            self.answer.bytes_came(from, to, known_us, self.now_us);
        }
        rest
    }

    /// Counts an error that the port reports of a character.
    pub fn character_error(&mut self, error: CharacterError) {
        bump(&mut self.counters.bus_communication_error);
        if error == CharacterError::Overrun {
            bump(&mut self.counters.bus_character_overrun);
        }
        self.log.character_error(error);
    }

    /// Executes the requests that have come, and returns the answer to send; nothing while no answer may be sent.
    ///
    /// Call it until it returns nothing, and again at [`Server::next_deadline_us`]. The answer counts as being sent from
    /// `now_us` on. One that waits for the silence before it is dropped, and counted, when another frame comes first.
    pub fn poll<'b>(
        &mut self,
        service: &mut impl Service,
        tx: &'b mut [u8; ADU_LEN_MAX],
        now_us: u64,
    ) -> Option<&'b [u8]> {
        self.pass(now_us);
        self.decoder.elapse(self.now_us);
        let mut request = [0; LEN_MAX];
        while let Some(heard) = self.hear(&mut request) {
            if let Some(len) = self.handle(heard, &request, service, tx) {
                let [unit, ..] = &mut *tx;
                *unit = self.unit.as_raw();
                self.answer.hold(rtu::close(len.wrapping_add(1), tx)?);
            }
        }
        if !self.answer.is_held() || self.now_us < self.answer_us() {
            return None;
        }
        let until_us = self.echo_us.map(|echo_us| {
            let transmit_us = self.character_us.saturating_mul(self.answer.len() as u32);
            self.now_us.saturating_add(transmit_us.saturating_add(echo_us).into())
        });
        let len = copy(self.answer.send(self.decoder.end_offset(), until_us), tx);
        tx.get(..len)
    }

    /// When [`Server::poll`] is to be called if nothing comes before.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        let answer_us = self.answer.is_held().then(|| self.answer_us());
        timing::earlier(answer_us, self.decoder.next_deadline_us())
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

    fn pass(&mut self, now_us: u64) {
        // A caller without a clock always gives the same stamp, so a later one shows a clock. A first stamp after 0 does not.
        self.has_clock |= self.now_us > 0 && now_us > self.now_us;
        self.now_us = self.now_us.max(now_us);
    }

    /// When an answer that is held may be sent.
    fn answer_us(&self) -> u64 {
        self.heard_us.saturating_add(self.silence_us.into())
    }

    /// Takes the next item out of the decoder, and copies the PDU of a request.
    fn hear(&mut self, request: &mut [u8; LEN_MAX]) -> Option<Heard> {
        let expected = self.answer.expected(self.decoder.undecided_offset());
        let (bytes, offset, direction, is_delimited) = match self.decoder.next_beside(expected)? {
            Item::Frame(frame) => (frame.bytes, frame.offset, frame.direction, frame.is_delimited),
            // The standard refuses the frame in both directions. It was sent to this device, which refuses it: no other
            // device sends with this unit.
            Item::Discarded(Discarded {
                reason: Reason::OffSpec(_),
                bytes,
                offset,
                is_delimited,
                ..
            }) => (bytes, offset, Direction::Request, is_delimited),
            Item::Discarded(Discarded { bytes, offset, continues, is_delimited, .. }) => {
                let is_new = !continues && (is_delimited || !self.has_clock);
                let echo = self.answer.heard_in(bytes, offset, self.character_us > 0);
                if echo == Echo::End {
                    // A frame may begin after it.
                    self.decoder.discarded_own();
                }
                if echo != Echo::None {
                    bump(&mut self.counters.echo);
                }
                return Some(Heard::Noise { is_new });
            }
        };
        if self.answer.heard_in(bytes, offset, self.character_us > 0) != Echo::None {
            return Some(Heard::Echo);
        }
        // Without a clock every frame counts.
        let is_delimited = is_delimited || !self.has_clock;
        if is_delimited {
            self.answer.another_came(offset);
        }
        let Some(adu) = rtu::split(bytes).ok().filter(|adu| is_meant(self.unit, adu.unit)) else {
            return Some(Heard::Elsewhere);
        };
        // A frame of both forms is a request: an answer in this device's name can only be its own.
        if direction == Direction::Response && Request::decode(adu.pdu).is_err() {
            return Some(Heard::Elsewhere);
        }
        if !is_delimited {
            return Some(Heard::Undelimited);
        }
        let len = copy(adu.pdu, request);
        Some(Heard::Request { len, is_broadcast: adu.unit.is_broadcast() })
    }

    /// Another frame came before the answer that is held could be sent: the master does not wait for that answer any more.
    fn drop_answer(&mut self) {
        if self.answer.drop_held() {
            bump(&mut self.counters.dropped_answer);
            bump(&mut self.counters.server_no_response);
        }
    }

    /// Does and counts one thing that was heard. Returns the length of the answer's PDU, which is written after the unit.
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
                    self.log.character_error(CharacterError::Damaged);
                }
                return None;
            }
            Heard::Echo => {
                bump(&mut self.counters.echo);
                return None;
            }
            Heard::Elsewhere => {
                bump(&mut self.counters.bus_message);
                self.drop_answer();
                return None;
            }
            Heard::Undelimited => {
                bump(&mut self.counters.undelimited);
                self.decoder.observe(Direction::Response, &[]);
                self.drop_answer();
                return None;
            }
            Heard::Request { len, is_broadcast } => (len, is_broadcast),
        };
        self.drop_answer();
        // The decoder must not wait for the answer to a request to this device: the device itself gives it.
        self.decoder.observe(Direction::Response, &[]);
        bump(&mut self.counters.bus_message);
        self.log.request(is_broadcast, self.is_listen_only);
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
            // Nobody would hear the data.
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
            self.log.answer(done.err());
        } else {
            bump(&mut self.counters.server_no_response);
        }
        // The answer is counted before the restart, which clears the counters.
        self.restart_if_asked(request, done.is_ok());
        is_answered.then(|| close(function, done, response).len())
    }
}

/// Whether a frame to `unit` is for the device, or for all.
fn is_meant(device: UnitId, unit: UnitId) -> bool {
    unit == device || unit.is_broadcast()
}

/// An item of the decoder, without the bytes that it borrows.
enum Heard {
    /// For this device: a PDU of so many bytes.
    Request { len: usize, is_broadcast: bool },
    /// A frame for this device that begins where none may begin.
    Undelimited,
    /// The last answer of this device, or a part of it.
    Echo,
    /// A frame for another device, or of another one.
    Elsewhere,
    /// No frame; new if the stretch was not counted before.
    Noise { is_new: bool },
}
