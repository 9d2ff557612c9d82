//! A client without I/O: requests in, bytes to send out, answers in, and the time of everything told by the caller.
//!
//! ```text
//! request ─▶ [ Serial | Tcp ] ─▶ poll_transmit: bytes to send
//! receive ─▶ [              ] ─▶ poll: an answer, or that there is none
//! ```
//!
//! A request has a [`Budget`]: the deadline of whoever needs the answer, how long one answer may take, and how many attempts
//! there may be. No attempt is begun that could not end inside the deadline, so that a lost request costs no more than was
//! granted, and a request that cannot be answered in time any more is given up by name instead of making those behind it late:
//! retries that do not look at the clock are how one lost request in ten thousand becomes a plant that lags.

mod owed;
mod serial;
mod tcp;

pub use self::serial::Serial;
pub use self::tcp::Tcp;
use crate::pairing::Mismatch;
use crate::pdu::{self, EncodeError};
use crate::response::Reply;

/// The time and the attempts that a request may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Budget {
    /// When the caller needs the answer, on the clock of `now_us`. The client ends the request then at the latest.
    pub deadline_us: u64,
    /// How long an answer may take, from the last bit of the request to the first of the answer that is not noise; longer
    /// than the slowest device takes. An answer that has begun may end until the deadline.
    pub response_timeout_us: u32,
    /// How often the request may be sent, the first time too; 0 counts as 1.
    pub attempts: u8,
}

/// Names a request from [`Serial::request`] or [`Tcp::request`] to the [`Event`] that ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ticket(u32);

impl Ticket {
    pub(crate) const FIRST: Self = Self(0);

    pub(crate) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// A number that no other request of the same client has, of the last 4,294,967,295.
    #[must_use]
    pub const fn as_raw(self) -> u32 {
        self.0
    }
}

/// How a request ended. Every request ends in exactly one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'a> {
    /// The request was answered: by a response that fits it, or by an exception.
    Answered {
        /// The request.
        ticket: Ticket,
        /// How often it was sent.
        attempts: u8,
        /// The answer.
        reply: Reply<'a>,
    },
    /// The request was sent, and is one that nobody answers: a broadcast, or 08 with sub-function 04.
    Sent {
        /// The request.
        ticket: Ticket,
    },
    /// The request was not answered.
    Unanswered {
        /// The request.
        ticket: Ticket,
        /// How often it was sent.
        attempts: u8,
        /// Why there was no further attempt.
        failure: Failure,
    },
    /// The connection carries what is not Modbus: close it, and tell [`Tcp::disconnected`]. What comes before that is
    /// discarded and counted.
    Broken(crate::tcp::Error),
}

/// Why a request ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Failure {
    /// Every attempt that it might have was made.
    #[error("no answer to any attempt")]
    NoResponse,
    /// Another attempt could not have ended inside the deadline.
    #[error("no time for another attempt")]
    Deadline,
    /// The answer with its transaction identifier is against the standard.
    #[error("the answer is malformed: {0}")]
    Malformed(pdu::Error),
    /// The answer with its transaction identifier does not fit the request.
    #[error("the answer does not fit: {0}")]
    Mismatched(Mismatch),
    /// The caller gave it up.
    #[error("cancelled")]
    Cancelled,
}

/// Why a request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RequestError {
    /// As many requests are under way as there may be.
    #[error("{max} requests are under way")]
    Full {
        /// How many there may be.
        max: u8,
    },
    /// The request cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Not even one attempt ends inside the deadline.
    #[error("one attempt takes {required_us} us, the deadline is in {available_us} us")]
    Deadline {
        /// The time to send the request and to wait for its answer.
        required_us: u32,
        /// The time that the deadline leaves; ends at `u32::MAX`.
        available_us: u32,
    },
}

const _: () = assert!(size_of::<Failure>() <= 16 && size_of::<RequestError>() <= 16);

/// The counters of a client. Each goes on at 0 after 4,294,967,295.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Counters {
    /// Requests sent, each attempt.
    pub sent: u32,
    /// Attempts after the first.
    pub retries: u32,
    /// Requests answered, exceptions among them.
    pub answered: u32,
    /// Requests answered by an exception.
    pub exceptions: u32,
    /// Requests that ended unanswered.
    pub unanswered: u32,
    /// Answers to a request that had ended, or to an attempt that had been answered; of TCP, every answer with a transaction
    /// identifier for which nothing waits.
    pub late: u32,
    /// Answers that did not fit the request that waited.
    pub mismatched: u32,
    /// Bytes that were part of no frame.
    pub discarded_bytes: u32,
    /// Echoes that were not what had been sent: a collision, or noise.
    pub damaged_echoes: u32,
}

impl Counters {
    pub(crate) const ZERO: Self = Self {
        sent: 0,
        retries: 0,
        answered: 0,
        exceptions: 0,
        unanswered: 0,
        late: 0,
        mismatched: 0,
        discarded_bytes: 0,
        damaged_echoes: 0,
    };
}

pub(crate) fn bump(counter: &mut u32) {
    *counter = counter.wrapping_add(1);
}

impl Budget {
    /// Whether an attempt that is begun at `now_us` and takes `transmit_us` to send ends inside the deadline.
    pub(crate) fn allows_attempt(&self, transmit_us: u32, now_us: u64) -> bool {
        let attempt_us = u64::from(transmit_us).saturating_add(self.response_timeout_us.into());
        now_us.saturating_add(attempt_us) <= self.deadline_us
    }

    /// # Errors
    /// If not even one attempt is allowed.
    pub(crate) fn check(&self, transmit_us: u32, now_us: u64) -> Result<(), RequestError> {
        if self.allows_attempt(transmit_us, now_us) {
            return Ok(());
        }
        let available_us = self.deadline_us.saturating_sub(now_us);
        Err(RequestError::Deadline {
            required_us: transmit_us.saturating_add(self.response_timeout_us),
            available_us: u32::try_from(available_us).unwrap_or(u32::MAX),
        })
    }

    /// Why there is no attempt after `attempts`, if there is none.
    pub(crate) fn ends_after(
        &self,
        attempts: u8,
        transmit_us: u32,
        now_us: u64,
    ) -> Option<Failure> {
        if attempts >= self.attempts.max(1) {
            return Some(Failure::NoResponse);
        }
        (!self.allows_attempt(transmit_us, now_us)).then_some(Failure::Deadline)
    }
}
