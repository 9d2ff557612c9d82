//! One TCP connection: the packets of both sides, put in order for the lane that listens.

use std::collections::VecDeque;

use super::conversation::{Conversation, Role};
use super::half::{Half, Segment};
use super::packet::TcpPacket;
use crate::event::Event;

pub(super) struct Connection {
    client: Side,
    server: Side,
    conversation: Box<dyn Conversation>,
}

#[derive(Default)]
struct Side {
    half: Half,
    is_finished: bool,
}

impl Connection {
    pub(super) fn new(conversation: Box<dyn Conversation>) -> Self {
        Self { client: Side::default(), server: Side::default(), conversation }
    }

    pub(super) fn packet(
        &mut self,
        role: Role,
        packet: &TcpPacket<'_>,
        number: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        if packet.is_syn {
            if self.side(role).half.is_other(packet.sequence) {
                // Other ends may use the same ports again: the connection before is over.
                self.finish(t_us, events);
                (self.client, self.server) = (Side::default(), Side::default());
            }
            self.side(role).half.begin(packet.sequence);
            self.conversation.begin(role);
        }
        if let Some(acknowledgment) = packet.acknowledgment {
            let other = match role {
                Role::Client => Role::Server,
                Role::Server => Role::Client,
            };
            self.with(other, |half, conversation| {
                half.acknowledge(acknowledgment, &mut |piece| {
                    conversation.piece(other, &piece, events);
                });
            });
        }
        let segment = Segment {
            sequence: packet.sequence.wrapping_add(u32::from(packet.is_syn)),
            bytes: packet.payload,
            len: packet.payload_len,
            packet: number,
            t_us,
        };
        self.with(role, |half, conversation| {
            half.segment(&segment, &mut |piece| conversation.piece(role, &piece, events));
        });
        if packet.is_fin {
            self.side(role).is_finished = true;
        }
        if packet.is_rst || (self.client.is_finished && self.server.is_finished) {
            self.conversation.close(t_us, events);
        }
    }

    /// Nothing more comes on this connection.
    pub(super) fn finish(&mut self, t_us: i64, events: &mut VecDeque<Event>) {
        for role in [Role::Client, Role::Server] {
            self.with(role, |half, conversation| {
                half.finish(&mut |piece| conversation.piece(role, &piece, events));
                conversation.end(role, t_us, events);
            });
        }
        self.conversation.close(t_us, events);
    }

    /// Whether nothing is under way: no segment out of order, and nothing that the lane waits for.
    pub(super) fn is_idle(&self) -> bool {
        self.client.half.is_in_order()
            && self.server.half.is_in_order()
            && self.conversation.is_idle()
    }

    fn side(&mut self, role: Role) -> &mut Side {
        match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        }
    }

    fn with(&mut self, role: Role, act: impl FnOnce(&mut Half, &mut dyn Conversation)) {
        let side = match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        };
        act(&mut side.half, &mut *self.conversation);
    }
}
