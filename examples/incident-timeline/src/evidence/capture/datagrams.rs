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
}

impl Datagrams {
    pub(super) fn new(mut conversation: Box<dyn Conversation>) -> Self {
        for role in [Role::Client, Role::Server] {
            conversation.begin(role);
        }
        let facts = Facts { is_datagram: true, ..Facts::default() };
        Self { conversation, facts, sequences: [0; 2] }
    }

    pub(super) fn packet(
        &mut self,
        role: Role,
        packet: &UdpPacket<'_>,
        number: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        let [client, server] = &mut self.sequences;
        let sequence = if role == Role::Client { client } else { server };
        let bytes = packet.payload;
        let piece = Piece::Bytes { bytes, sequence: *sequence, packet: number, t_us };
        *sequence = sequence.wrapping_add(u32::try_from(bytes.len()).unwrap_or(0));
        if packet.is_cut {
            self.facts.of_mut(role).missing_us = Some(t_us);
        }
        self.conversation.facts(&self.facts);
        self.conversation.piece(role, &piece, events);
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
