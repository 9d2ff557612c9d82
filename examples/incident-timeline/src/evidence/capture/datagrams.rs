//! Two ends that speak UDP: each datagram by itself, for the lane that listens.

use std::collections::VecDeque;

use super::conversation::{Close, Conversation, Facts, Role};
use super::half::Piece;
use super::packet::UdpPacket;
use crate::event::Event;

pub(super) struct Datagrams {
    conversation: Box<dyn Conversation>,
    facts: Facts,
    /// Bytes of each side so far.
    sequences: [u32; 2],
    /// The last datagram of each side: a recorder may see it on its way in, and out.
    last: [Option<Last>; 2],
}

struct Last {
    identification: Option<u16>,
    payload: Box<[u8]>,
    t_us: i64,
}

/// A datagram that is recorded twice is recorded again within this time; without a number of its own, within the shorter one.
const AGAIN_US: i64 = 1_000;
const AGAIN_WITHOUT_NUMBER_US: i64 = 200;

impl Last {
    fn is_again(&self, packet: &UdpPacket<'_>, t_us: i64) -> bool {
        // Senders whose packets are never cut into fragments give them no number.
        let is_numbered = packet.identification.is_some_and(|number| number != 0);
        let again_us = if is_numbered { AGAIN_US } else { AGAIN_WITHOUT_NUMBER_US };
        self.identification == packet.identification
            && *self.payload == *packet.payload
            && t_us.saturating_sub(self.t_us) <= again_us
    }
}

impl Datagrams {
    pub(super) fn new(mut conversation: Box<dyn Conversation>) -> Self {
        for role in [Role::Client, Role::Server] {
            conversation.begin(role, 0);
        }
        let facts = Facts { is_datagram: true, ..Facts::default() };
        Self { conversation, facts, sequences: [0; 2], last: [None, None] }
    }

    pub(super) fn packet(
        &mut self,
        role: Role,
        packet: &UdpPacket<'_>,
        number: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        let ([client, server], [of_client, of_server]) = (&mut self.sequences, &mut self.last);
        let (sequence, last) = match role {
            Role::Client => (client, of_client),
            Role::Server => (server, of_server),
        };
        if last.as_ref().is_some_and(|last| last.is_again(packet, t_us)) {
            return;
        }
        let (identification, payload) = (packet.identification, packet.payload.into());
        *last = Some(Last { identification, payload, t_us });
        let bytes = packet.payload;
        let piece = Piece::Bytes { bytes, sequence: *sequence, packet: number, t_us };
        *sequence = sequence.wrapping_add(u32::try_from(bytes.len()).unwrap_or(0));
        if packet.is_cut {
            self.facts.of_mut(role).missing_us = Some(t_us);
        }
        self.conversation.facts(&self.facts);
        self.conversation.piece(role, &piece, events);
    }

    /// The lane that listens.
    pub(super) fn conversation(&mut self) -> &mut dyn Conversation {
        self.conversation.as_mut()
    }

    pub(super) fn finish(&mut self, close: Close, t_us: i64, events: &mut VecDeque<Event>) {
        for role in [Role::Client, Role::Server] {
            self.conversation.end(role, t_us, events);
        }
        self.conversation.close(close, t_us, events);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.conversation.is_idle()
    }
}
