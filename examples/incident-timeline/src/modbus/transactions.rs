//! Requests that wait for their answers, and what becomes of them.

use modbus_codec::Request;

use crate::event::{Adu, Body, Event, Place, Transport, Unanswered};

/// A request that was sent and not answered yet.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    transport: Transport,
    transaction: Option<u16>,
    unit: u8,
    function: u8,
    /// How many coils it asked for.
    coils: Option<u16>,
    t_us: i64,
    /// When its last character was complete; on TCP the same as `t_us`.
    end_us: i64,
    place: Place,
    /// Whether anyone is missed who does not answer it.
    is_answered: bool,
}

/// More than the sixteen that the standard suggests a client has under way at most.
const PENDING_MAX: usize = 32;

/// The requests under way on one connection or one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transactions(Vec<Pending>);

impl Transactions {
    /// Takes a request in. What it makes hopeless is returned: on a serial line whatever was pending, over TCP what had the
    /// same transaction identifier.
    pub(crate) fn request(
        &mut self,
        adu: &Adu,
        place: &Place,
        t_us: i64,
        end_us: i64,
    ) -> Vec<Event> {
        let mut unanswered = Vec::new();
        self.0.retain(|pending| {
            let is_hopeless = adu.transaction.is_none() || pending.transaction == adu.transaction;
            if is_hopeless {
                unanswered.extend(pending.unanswered(t_us));
            }
            !is_hopeless
        });
        if self.0.len() >= PENDING_MAX {
            unanswered.extend(self.0.remove(0).unanswered(t_us));
        }
        self.0.push(Pending {
            transport: adu.transport,
            transaction: adu.transaction,
            unit: adu.unit,
            function: adu.function(),
            coils: coils(&adu.pdu),
            t_us,
            end_us,
            place: place.clone(),
            is_answered: is_answered(adu),
        });
        unanswered
    }

    /// Pairs a response with its request, and puts into it what follows from that.
    pub(crate) fn response(&mut self, adu: &mut Adu, t_us: i64) {
        let is_answered = |pending: &Pending| {
            pending.transaction == adu.transaction
                && pending.unit == adu.unit
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

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives up all that is pending.
    pub(crate) fn end(&mut self, t_us: i64) -> Vec<Event> {
        self.0.drain(..).filter_map(|pending| pending.unanswered(t_us)).collect()
    }
}

impl Pending {
    fn unanswered(&self, t_us: i64) -> Option<Event> {
        self.is_answered.then(|| Event {
            t_us: Some(t_us),
            place: Some(self.place.clone()),
            body: Body::Unanswered(Unanswered {
                request_t_us: self.t_us,
                transport: self.transport,
                transaction: self.transaction,
                unit: self.unit,
                function: self.function,
            }),
        })
    }
}

/// Whether anyone answers it: not a broadcast, not 08 with sub-function 04.
///
/// Over TCP unit 0 may also be the server itself, so a read of it is answered.
fn is_answered(adu: &Adu) -> bool {
    let Ok(request) = Request::decode(&adu.pdu) else {
        return true;
    };
    let is_broadcast =
        adu.unit == 0 && (adu.transport != Transport::Tcp || !request.function().only_reads());
    request.is_answered() && !is_broadcast
}

fn coils(pdu: &[u8]) -> Option<u16> {
    match Request::decode(pdu) {
        Ok(Request::ReadCoils { quantity, .. } | Request::ReadDiscreteInputs { quantity, .. }) => {
            Some(quantity.as_raw())
        }
        _ => None,
    }
}
