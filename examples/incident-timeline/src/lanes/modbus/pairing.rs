//! Requests that wait for their answers, and what becomes of them.
//!
//! ```text
//!              fits its request ──────────────▶ Answer::Fits, with its latency
//! response ──▶ after the client asked again ──▶ Late
//!              a second one ──────────────────▶ Double
//!              of the request before ─────────▶ Shifted
//!              of other content ──────────────▶ Mismatched
//!              with an identifier of nobody ──▶ ByOrder, if identifiers never fit here
//! request ───▶ no answer at all ──────────────▶ an `unanswered` event, with whose fault it was
//! ```

mod line;
mod tcp;

pub(super) use line::LinePairing;
pub(super) use tcp::TcpPairing;

use modbus_codec::{FunctionCode, Mismatch, Request, Response, UnitId};

use super::event::{Adu, Answer, Envelope, ModbusEvent, Unanswered};
use crate::event::{Event, Lane};
use crate::evidence::capture::conversation::{Facts, Role};
use crate::finding::Blame;
use crate::place::Place;

/// A recording that ends so soon after a request says nothing of its answer.
const END_US: i64 = 1_000_000;

/// The request as it was asked: its envelope and PDU.
#[derive(Clone, Debug)]
struct Asked {
    envelope: Envelope,
    pdu: Box<[u8]>,
}

/// A request that was sent and not answered yet.
#[derive(Clone, Debug)]
struct Pending {
    asked: Asked,
    /// How many coils it asked for.
    coils: Option<u16>,
    address: Option<u16>,
    t_us: i64,
    /// When its last character was complete; on TCP the same as `t_us`.
    end_us: i64,
    /// TCP: the sequence number after its last byte.
    end_sequence: u32,
    place: Place,
    /// Whether somebody is missed who does not answer it.
    is_answered: bool,
    /// Whether the client waits for nothing else.
    is_alone: bool,
    /// Whether the client has asked the same again.
    is_repeated: bool,
    /// Whether the answer to a later one shows that it arrived.
    has_arrived: bool,
    /// How many requests since then had its identifier.
    reused: u8,
    /// Whether one of them asked for something else.
    is_confused: bool,
}

impl Asked {
    fn function(&self) -> u8 {
        self.pdu.first().copied().unwrap_or(0) & 0x7F
    }

    /// Whether the client asks the same once more.
    fn is_again(&self, adu: &Adu) -> bool {
        self.envelope.unit == adu.envelope.unit && *self.pdu == *adu.pdu
    }

    /// Whether a response can be the answer.
    fn fits(&self, adu: &Adu) -> Result<(), Mismatch> {
        if self.envelope.unit != adu.envelope.unit {
            let [expected, got] = [self.envelope.unit, adu.envelope.unit].map(UnitId::from_raw);
            return Err(Mismatch::Unit { expected, got });
        }
        if self.function() != adu.function() {
            let [expected, got] = [self.function(), adu.function()].map(FunctionCode::new);
            return Err(Mismatch::Function { expected, got });
        }
        match (Request::decode(&self.pdu), Response::decode(&adu.pdu)) {
            (Ok(request), Ok(Ok(response))) => response.answers(&request),
            // An exception; and that a PDU is against the standard is told of itself.
            _ => Ok(()),
        }
    }
}

impl Pending {
    fn new(adu: &Adu, place: &Place, t_us: i64, end_us: i64, end_sequence: u32) -> Self {
        Self {
            asked: Asked { envelope: adu.envelope, pdu: adu.pdu.as_slice().into() },
            coils: adu.coils,
            address: adu.address,
            t_us,
            end_us,
            end_sequence,
            place: place.clone(),
            is_answered: adu.is_answered,
            is_alone: true,
            is_repeated: false,
            has_arrived: false,
            reused: 0,
            is_confused: false,
        }
    }

    /// Late, if the client has asked again since; as usual if that took no longer than the slowest answer before.
    fn late(&self, t_us: i64, slowest_us: i64) -> Answer {
        Answer::Late { as_usual: t_us.saturating_sub(self.end_us) <= slowest_us }
    }

    /// Puts into a response what follows from its being the answer.
    fn answered_by(&self, adu: &mut Adu, t_us: i64, answered_us: i64) {
        adu.latency_us = Some(t_us.saturating_sub(self.end_us));
        adu.service_us = Some(t_us.saturating_sub(self.end_us.max(answered_us)));
        adu.is_alone = self.is_alone;
        (adu.coils, adu.address) = (self.coils, self.address);
    }

    /// Whose fault it is that it has no answer.
    fn blame(&self, blame: impl Fn(i64, u32) -> Blame) -> Blame {
        match blame(self.t_us, self.end_sequence) {
            Blame::Device | Blame::Network if self.is_confused && self.has_arrived => Blame::Client,
            Blame::Device if self.is_confused => Blame::Client,
            Blame::Network if self.has_arrived => Blame::Device,
            blame => blame,
        }
    }

    fn unanswered(&self, t_us: i64, blame: Blame) -> Option<Event> {
        let unanswered = || Unanswered {
            envelope: self.asked.envelope,
            function: self.asked.function(),
            request_t_us: self.t_us,
            age_us: t_us.saturating_sub(self.t_us),
            blame,
        };
        self.is_answered.then(|| Event {
            t_us: Some(t_us),
            place: Some(self.place.clone()),
            what: Lane::Modbus(ModbusEvent::Unanswered(unanswered())),
        })
    }
}

/// Whose fault it is that a request in a connection has no answer: one that was sent then, and ended before this sequence number.
pub(super) fn blame(facts: &Facts, asker: Role, t_us: i64, end_sequence: u32) -> Blame {
    let (asked, answering) = (facts.of(asker), facts.of(asker.other()));
    let is_missing = answering.missing_us.is_some_and(|missing_us| missing_us >= t_us);
    let is_acknowledged =
        asked.acknowledged.is_some_and(|number| number.wrapping_sub(end_sequence) < 1 << 31);
    if facts.is_datagram {
        Blame::Unknown
    } else if is_missing || answering.is_ahead || answering.has_gap {
        Blame::Recording
    } else if facts.is_reset || answering.has_no_window {
        Blame::Network
    } else if is_acknowledged {
        Blame::Device
    } else if answering.is_seen {
        Blame::Network
    } else {
        Blame::Unknown
    }
}
