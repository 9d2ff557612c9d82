//! One TCP connection: the packets of both sides, put in order for the lane that listens.

use std::collections::VecDeque;

use super::conversation::{Close, Conversation, Facts, Role, Trouble};
use super::half::{Half, Piece, Segment};
use super::packet::TcpPacket;
use crate::event::Event;

pub(super) struct Connection {
    client: Side,
    server: Side,
    facts: Facts,
    /// The packet that asked for the connection, and its time, until the other side answers.
    asked: Option<(u64, i64)>,
    conversation: Box<dyn Conversation>,
}

#[derive(Default)]
struct Side {
    half: Half,
    is_finished: bool,
    /// The first acknowledgement that it sent.
    first_acknowledgment: Option<u32>,
}

impl Connection {
    pub(super) fn new(conversation: Box<dyn Conversation>) -> Self {
        Self {
            client: Side::default(),
            server: Side::default(),
            facts: Facts::default(),
            asked: None,
            conversation,
        }
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
                self.finish(Close::Connection, t_us, events);
                (self.client, self.server) = (Side::default(), Side::default());
                self.facts = Facts::default();
            }
            self.side(role).half.begin(packet.sequence);
            self.conversation.begin(role, packet.sequence);
        }
        self.note(role, packet, number, t_us, events);
        if let Some(acknowledgment) = packet.acknowledgment {
            let other = role.other();
            self.with(other, |half, pieces| half.acknowledge(acknowledgment, pieces), events);
        }
        let segment = Segment {
            sequence: packet.sequence.wrapping_add(u32::from(packet.is_syn)),
            bytes: packet.payload,
            len: packet.payload_len,
            packet: number,
            t_us,
        };
        let half = &self.side(role).half;
        let (is_first, is_in_hole) =
            (segment.len > 0 && half.next().is_none(), half.is_in_hole(&segment));
        let of_sender = self.facts.of_mut(role);
        if is_first && of_sender.is_ahead || is_in_hole {
            // Bytes before the first were acknowledged, and are not recorded; or bytes come that were given up.
            of_sender.missing_us = Some(t_us);
        }
        self.with(role, |half, pieces| half.segment(&segment, pieces), events);
        self.look_ahead(role.other());
        self.facts.of_mut(role).has_gap = !self.side(role).half.is_in_order();
        self.conversation.facts(&self.facts);
        if packet.is_fin {
            self.side(role).is_finished = true;
        }
        if packet.is_rst || (self.client.is_finished && self.server.is_finished) {
            self.conversation.close(Close::Connection, t_us, events);
        }
    }

    /// Notes what the packet says of the connection.
    fn note(
        &mut self,
        role: Role,
        packet: &TcpPacket<'_>,
        number: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        let is_first_answer = self.asked.is_some() && role == Role::Server;
        let mut trouble = None;
        if is_first_answer {
            self.asked = None;
            trouble = packet.is_rst.then_some(Trouble::Refused);
        } else if packet.is_syn && packet.acknowledgment.is_none() && role == Role::Client {
            self.asked.get_or_insert((number, t_us));
        } else if packet.is_rst {
            trouble = Some(Trouble::Reset);
        }
        let of_sender = self.facts.of_mut(role);
        of_sender.is_seen = true;
        of_sender.has_no_window = packet.window == 0 && !packet.is_rst && !packet.is_syn;
        self.facts.is_reset |= packet.is_rst;
        if let Some(acknowledgment) = packet.acknowledgment.filter(|_| !packet.is_rst) {
            self.side(role).first_acknowledgment.get_or_insert(acknowledgment);
            let acknowledged = &mut self.facts.of_mut(role.other()).acknowledged;
            let is_more = |before: u32| acknowledgment.wrapping_sub(before) < 1 << 31;
            if acknowledged.is_none_or(is_more) {
                *acknowledged = Some(acknowledgment);
            }
        }
        self.conversation.facts(&self.facts);
        if let Some(trouble) = trouble {
            self.conversation.trouble(role, trouble, number, t_us, events);
        }
    }

    /// Whether the other side has acknowledged bytes of this side that the capture does not hold.
    fn look_ahead(&mut self, role: Role) {
        let first = self.side(role.other()).first_acknowledgment;
        let next = self.side(role).half.next().or(first);
        let facts = self.facts.of_mut(role);
        facts.is_ahead = match (facts.acknowledged, next) {
            // A FIN counts as one byte.
            (Some(number), Some(next)) => (2..1 << 31).contains(&number.wrapping_sub(next)),
            _ => false,
        };
    }

    /// The lane that listens.
    pub(super) fn conversation(&mut self) -> &mut dyn Conversation {
        self.conversation.as_mut()
    }

    /// Nothing more comes on this connection.
    pub(super) fn finish(&mut self, close: Close, t_us: i64, events: &mut VecDeque<Event>) {
        let is_late = |(_, asked_us): &(u64, i64)| t_us.saturating_sub(*asked_us) > ASKED_US;
        if let Some((packet, _)) = self.asked.take().filter(is_late) {
            let trouble = Trouble::Unreachable;
            self.conversation.trouble(Role::Client, trouble, packet, t_us, events);
        }
        for role in [Role::Client, Role::Server] {
            self.with(role, |half, pieces| half.finish(pieces), events);
            self.conversation.end(role, t_us, events);
        }
        self.conversation.close(close, t_us, events);
    }

    /// Whether both sides have said goodbye.
    pub(super) fn is_over(&self) -> bool {
        self.client.is_finished && self.server.is_finished
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

    fn with(
        &mut self,
        role: Role,
        act: impl FnOnce(&mut Half, &mut dyn FnMut(Piece<'_>)),
        events: &mut VecDeque<Event>,
    ) {
        let side = match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        };
        let (facts, conversation) = (&mut self.facts, &mut self.conversation);
        act(&mut side.half, &mut |piece| {
            if let Piece::Hole { t_us } | Piece::Cut { t_us } = piece {
                facts.of_mut(role).missing_us = Some(t_us);
                conversation.facts(facts);
            }
            conversation.piece(role, &piece, events);
        });
    }
}

/// Whoever asks for a connection asks again after a second.
const ASKED_US: i64 = 1_000_000;
