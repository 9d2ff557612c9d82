//! Requests that wait for their answers, and what becomes of them.

use super::event::{Adu, Envelope, ModbusEvent, Unanswered};
use crate::event::{Event, Lane};
use crate::place::Place;

/// A request that was sent and not answered yet.
#[derive(Clone, Debug)]
struct Pending {
    envelope: Envelope,
    function: u8,
    /// How many coils it asked for.
    coils: Option<u16>,
    t_us: i64,
    /// When its last character was complete; on TCP the same as `t_us`.
    end_us: i64,
    place: Place,
    /// Whether somebody is missed who does not answer it.
    is_answered: bool,
}

/// More than the sixteen that the standard suggests a client has under way at most.
const PENDING_MAX: usize = 32;

/// The requests under way on one connection or one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairing(Vec<Pending>);

impl Pairing {
    /// Takes a request in, and returns the requests that it makes hopeless: on a serial line all that were pending, over TCP
    /// those with the same transaction identifier.
    pub(super) fn request(
        &mut self,
        adu: &Adu,
        place: &Place,
        t_us: i64,
        end_us: i64,
    ) -> Vec<Event> {
        let mut unanswered = Vec::new();
        let transaction = adu.envelope.transaction;
        self.0.retain(|pending| {
            let is_hopeless = transaction.is_none() || pending.envelope.transaction == transaction;
            if is_hopeless {
                unanswered.extend(pending.unanswered(t_us));
            }
            !is_hopeless
        });
        if self.0.len() >= PENDING_MAX {
            unanswered.extend(self.0.remove(0).unanswered(t_us));
        }
        if self.0.is_empty() {
            // Most clients wait for one answer at a time.
            self.0.reserve_exact(1);
        }
        self.0.push(Pending {
            envelope: adu.envelope,
            function: adu.function(),
            coils: adu.coils,
            t_us,
            end_us,
            place: place.clone(),
            is_answered: adu.is_answered,
        });
        unanswered
    }

    /// Pairs a response with its request, and puts into the response what follows from that.
    pub(super) fn response(&mut self, adu: &mut Adu, t_us: i64) {
        let is_answered = |pending: &Pending| {
            pending.envelope.transaction == adu.envelope.transaction
                && pending.envelope.unit == adu.envelope.unit
                && pending.function == adu.function()
        };
        if let Some(index) = self.0.iter().position(is_answered) {
            let pending = self.0.remove(index);
            if self.0.is_empty() {
                // Most connections are idle most of the time, and there can be many.
                self.0 = Vec::new();
            }
            adu.latency_us = Some(t_us.saturating_sub(pending.end_us));
            adu.coils = pending.coils;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives up all that is pending.
    pub(super) fn end(&mut self, t_us: i64) -> Vec<Event> {
        self.0.drain(..).filter_map(|pending| pending.unanswered(t_us)).collect()
    }
}

impl Pending {
    fn unanswered(&self, t_us: i64) -> Option<Event> {
        let unanswered = || Unanswered {
            envelope: self.envelope,
            function: self.function,
            request_t_us: self.t_us,
            age_us: t_us.saturating_sub(self.t_us),
        };
        self.is_answered.then(|| Event {
            t_us: Some(t_us),
            place: Some(self.place.clone()),
            what: Lane::Modbus(ModbusEvent::Unanswered(unanswered())),
        })
    }
}
