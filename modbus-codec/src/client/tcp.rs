//! The client of one TCP connection: several requests at a time, told apart by their transaction identifiers.

use super::{Budget, Counters, Event, Failure, RequestError, Ticket, bump};
use crate::UnitId;
use crate::request::Request;
use crate::response::Response;
use crate::tcp::{self, ADU_LEN_MAX, Inbox, MbapHeader, Step, TransactionId};

/// A client with up to `N` requests under way, 1 to 16.
///
/// A `now_us` before the one of the call before counts as that one.
///
/// Identifiers are counted up, so that one is used again only after 65,536 requests: an answer that comes late finds nothing
/// that waits for it, is discarded and counted. A request that is sent again keeps its identifier: whichever attempt is
/// answered first answers it.
///
/// Spec: MODBUS Messaging on TCP/IP V1.0b, 4.4.1.
#[derive(Clone)]
pub struct Tcp<const N: usize = 16> {
    slots: [Slot; N],
    ticket: Ticket,
    transaction: u16,
    inbox: Inbox,
    /// Whether what came was not Modbus, so that nothing that comes can be.
    is_broken: bool,
    counters: Counters,
    now_us: u64,
}

#[derive(Clone, Copy)]
struct Slot {
    state: State,
    ticket: Ticket,
    budget: Budget,
    attempts: u8,
    adu: [u8; ADU_LEN_MAX],
    len: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Ready,
    Waiting { until_us: u64 },
}

impl Slot {
    const FREE: Self = Self {
        state: State::Free,
        ticket: Ticket::FIRST,
        budget: Budget { deadline_us: 0, response_timeout_us: 0, attempts: 1 },
        attempts: 0,
        adu: [0; ADU_LEN_MAX],
        len: 0,
    };

    fn adu(&self) -> &[u8] {
        self.adu.get(..self.len).unwrap_or_default()
    }

    fn transaction(&self) -> u16 {
        let [high, low, ..] = self.adu;
        u16::from_be_bytes([high, low])
    }

    fn is_waiting(&self) -> bool {
        self.attempts > 0 && self.state != State::Free
    }

    /// How long the slot waits: for an answer that has begun, until the deadline.
    fn until_us(&self, inbox: &Inbox) -> u64 {
        let begun = inbox.begun().first_chunk().copied().map(u16::from_be_bytes);
        match self.state {
            State::Waiting { until_us } if begun == Some(self.transaction()) => {
                until_us.max(self.budget.deadline_us)
            }
            State::Waiting { until_us } => until_us,
            State::Free | State::Ready => 0,
        }
    }
}

impl<const N: usize> Tcp<N> {
    const LIMITS: () = assert!(N >= 1 && N <= 16, "1 to 16 transactions");

    /// A client of a connection on which nothing has been sent.
    #[must_use]
    pub const fn new() -> Self {
        let () = Self::LIMITS;
        Self {
            slots: [Slot::FREE; N],
            ticket: Ticket::FIRST,
            transaction: 0,
            inbox: Inbox::new(),
            is_broken: false,
            counters: Counters::ZERO,
            now_us: 0,
        }
    }

    /// Takes a request, if fewer than `N` are under way.
    ///
    /// # Errors
    /// `N` are under way; it cannot be encoded; not even one attempt ends inside the deadline.
    pub fn request(
        &mut self,
        unit: UnitId,
        request: &Request<'_>,
        budget: Budget,
        now_us: u64,
    ) -> Result<Ticket, RequestError> {
        self.pass(now_us);
        budget.check(0, self.now_us)?;
        let free = self.slots.iter_mut().find(|slot| slot.state == State::Free);
        let slot = free.ok_or(RequestError::Full { max: N as u8 })?;
        let transaction = TransactionId::new(self.transaction);
        let header = MbapHeader { transaction, unit };
        slot.len = tcp::encode_request(header, request, &mut slot.adu)?.len();
        (slot.budget, slot.attempts, slot.state) = (budget, 0, State::Ready);
        self.transaction = self.transaction.wrapping_add(1);
        self.ticket = self.ticket.next();
        slot.ticket = self.ticket;
        Ok(self.ticket)
    }

    /// The bytes to send now: one whole request, or nothing.
    pub fn poll_transmit(&mut self, now_us: u64) -> Option<&[u8]> {
        self.pass(now_us);
        let now_us = self.now_us;
        let is_ready =
            |slot: &&mut Slot| slot.state == State::Ready && slot.budget.allows_attempt(0, now_us);
        let slot = self.slots.iter_mut().filter(is_ready).min_by_key(|slot| slot.ticket)?;
        bump(&mut self.counters.sent);
        if slot.attempts > 0 {
            bump(&mut self.counters.retries);
        }
        slot.attempts = slot.attempts.saturating_add(1);
        let until_us = now_us.saturating_add(slot.budget.response_timeout_us.into());
        slot.state = State::Waiting { until_us };
        Some(slot.adu())
    }

    /// Takes bytes in, and returns those that did not fit: poll, then give them again.
    #[must_use = "the bytes that did not fit must be given again"]
    pub fn receive<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.is_broken {
            self.discard(bytes.len());
            return &[];
        }
        self.inbox.push(bytes)
    }

    /// The next event: call this until it returns nothing, after every [`Tcp::receive`] and at [`Tcp::next_deadline_us`].
    pub fn poll(&mut self, now_us: u64) -> Option<Event<'_>> {
        self.pass(now_us);
        loop {
            let header = match self.inbox.next() {
                Step::Broken(error) => {
                    self.is_broken = true;
                    self.discard_inbox();
                    return Some(Event::Broken(error));
                }
                Step::More { .. } => break,
                Step::Adu { adu, .. } => adu.header,
            };
            let transaction = header.transaction.as_raw();
            let waits = |slot: &Slot| slot.is_waiting() && slot.transaction() == transaction;
            match self.slots.iter().position(waits) {
                Some(index) => return self.answered(index, header.unit),
                None => bump(&mut self.counters.late),
            }
        }
        self.time_out()
    }

    /// The connection ended: what was to come will not come. Requests that were sent are sent again on the next connection
    /// as far as their budgets allow; bytes of an answer that was not whole are discarded and counted.
    pub fn disconnected(&mut self, now_us: u64) {
        self.pass(now_us);
        self.is_broken = false;
        self.discard_inbox();
        for slot in &mut self.slots {
            if let State::Waiting { .. } = slot.state {
                // Whether it ends here, `poll` says.
                slot.state = State::Waiting { until_us: self.now_us };
            }
        }
    }

    /// Gives up a request, and returns its end; an answer that still comes counts as late.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<Event<'static>> {
        let is_it = |slot: &&mut Slot| slot.state != State::Free && slot.ticket == ticket;
        let slot = self.slots.iter_mut().find(is_it)?;
        slot.state = State::Free;
        bump(&mut self.counters.unanswered);
        let attempts = slot.attempts;
        Some(Event::Unanswered { ticket, attempts, failure: Failure::Cancelled })
    }

    /// When [`Tcp::poll`], and [`Tcp::poll_transmit`] after it, are to be called if nothing comes before.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        let deadlines = self.slots.iter().filter_map(|slot| match slot.state {
            State::Free => None,
            State::Ready => Some(self.now_us),
            State::Waiting { .. } => Some(slot.until_us(&self.inbox)),
        });
        deadlines.min()
    }

    /// How many requests are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        let is_under_way = |slot: &Slot| slot.state != State::Free;
        self.slots
            .iter()
            .fold(0, |count: usize, slot| count.wrapping_add(usize::from(is_under_way(slot))))
    }

    /// The counters.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    fn pass(&mut self, now_us: u64) {
        self.now_us = self.now_us.max(now_us);
    }

    fn discard(&mut self, len: usize) {
        self.counters.discarded_bytes = self.counters.discarded_bytes.wrapping_add(len as u32);
    }

    fn discard_inbox(&mut self) {
        let len = self.inbox.clear();
        self.discard(len);
    }

    /// The answer that was taken out of the inbox ends the request in a slot.
    fn answered(&mut self, index: usize, unit: UnitId) -> Option<Event<'_>> {
        let slot = self.slots.get_mut(index)?;
        slot.state = State::Free;
        let (ticket, attempts) = (slot.ticket, slot.attempts);
        let failure = match tcp::decode_response(self.inbox.taken()) {
            Err(tcp::Error::Pdu(error)) => Failure::Malformed(error),
            // The header has been checked already.
            Err(_) => Failure::NoResponse,
            Ok(adu) => match check(slot.adu(), unit, &adu.pdu) {
                Ok(()) => {
                    bump(&mut self.counters.answered);
                    if adu.pdu.is_err() {
                        bump(&mut self.counters.exceptions);
                    }
                    return Some(Event::Answered { ticket, attempts, reply: adu.pdu });
                }
                Err(mismatch) => {
                    bump(&mut self.counters.mismatched);
                    Failure::Mismatched(mismatch)
                }
            },
        };
        bump(&mut self.counters.unanswered);
        Some(Event::Unanswered { ticket, attempts, failure })
    }

    /// Ends one request whose time is over, and makes those ready that may be sent again.
    fn time_out(&mut self) -> Option<Event<'_>> {
        for slot in &mut self.slots {
            let failure = match slot.state {
                State::Free => continue,
                State::Waiting { .. } if self.now_us < slot.until_us(&self.inbox) => continue,
                State::Waiting { .. } => slot.budget.ends_after(slot.attempts, 0, self.now_us),
                State::Ready if slot.budget.allows_attempt(0, self.now_us) => continue,
                State::Ready => Some(Failure::Deadline),
            };
            let Some(failure) = failure else {
                slot.state = State::Ready;
                continue;
            };
            slot.state = State::Free;
            bump(&mut self.counters.unanswered);
            let (ticket, attempts) = (slot.ticket, slot.attempts);
            return Some(Event::Unanswered { ticket, attempts, failure });
        }
        None
    }
}

/// Whether an answer fits a request.
fn check(request: &[u8], unit: UnitId, reply: &crate::Reply<'_>) -> Result<(), crate::Mismatch> {
    let Ok(request) = tcp::decode_request(request) else {
        return Err(crate::Mismatch::Echo);
    };
    if request.header.unit != unit {
        return Err(crate::Mismatch::Unit { expected: request.header.unit, got: unit });
    }
    match reply {
        Ok(response) => Response::answers(response, &request.pdu),
        Err(exception) if exception.function == request.pdu.function() => Ok(()),
        Err(exception) => Err(crate::Mismatch::Function {
            expected: request.pdu.function(),
            got: exception.function,
        }),
    }
}

impl<const N: usize> Default for Tcp<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> core::fmt::Debug for Tcp<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tcp")
            .field("under_way", &self.under_way())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
