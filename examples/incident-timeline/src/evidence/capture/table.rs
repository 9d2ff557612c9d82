//! The connections of a capture: as many as are remembered, whichever were used last.

use std::collections::VecDeque;
use std::rc::Rc;

use lru::LruCache;

use super::connection::Connection;
use super::conversation::{Listener, Role};
use super::packet::TcpPacket;
use crate::event::Event;
use crate::place::Address;

/// How many connections are remembered. One that is forgotten while it has nothing under way is begun anew by its next
/// segment, and nothing is lost but the knowledge of what a late retransmission repeats.
const CONNECTIONS_MAX: usize = 512;
/// How many are remembered while they have something under way; beyond, that is given up.
const BUSY_MAX: usize = 16_384;
/// How many busy connections are looked at in search of an idle one.
const PASSED_OVER_MAX: usize = 8;

pub(super) struct Table {
    source: Rc<str>,
    listeners: Vec<Box<dyn Listener>>,
    connections: LruCache<Key, Connection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    client: Address,
    server: Address,
}

impl Table {
    pub(super) fn new(source: Rc<str>, listeners: Vec<Box<dyn Listener>>) -> Self {
        Self { source, listeners, connections: LruCache::unbounded() }
    }

    pub(super) fn packet(
        &mut self,
        packet: &TcpPacket<'_>,
        number: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        let Some((key, role)) = self.place(packet) else {
            return;
        };
        if !self.connections.contains(&key) {
            let port = key.server.port;
            let Some(listener) = self.listeners.iter().find(|listener| listener.is_at(port)) else {
                return;
            };
            let conversation = listener.listen(&self.source, key.client, key.server);
            self.make_room(t_us, events);
            self.connections.push(key, Connection::new(conversation));
        }
        if let Some(connection) = self.connections.get_mut(&key) {
            connection.packet(role, packet, number, t_us, events);
        }
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self, t_us: i64, events: &mut VecDeque<Event>) {
        while let Some((_, mut connection)) = self.connections.pop_lru() {
            connection.finish(t_us, events);
        }
    }

    fn make_room(&mut self, t_us: i64, events: &mut VecDeque<Event>) {
        for _ in 0..PASSED_OVER_MAX {
            let count = self.connections.len();
            let Some((key, connection)) = self.connections.peek_lru() else {
                return;
            };
            if count < CONNECTIONS_MAX {
                return;
            }
            if connection.is_idle() || count >= BUSY_MAX {
                if let Some((_, mut forgotten)) = self.connections.pop_lru() {
                    forgotten.finish(t_us, events);
                }
                return;
            }
            let key = *key;
            self.connections.promote(&key);
        }
    }

    /// Whose packet it is and who sent it: the side with a listener's port is the server. When both have one, the side that
    /// was spoken to first is.
    fn place(&self, packet: &TcpPacket<'_>) -> Option<(Key, Role)> {
        let sent = Key { client: packet.source, server: packet.destination };
        let received = Key { client: packet.destination, server: packet.source };
        let is_server =
            |end: Address| self.listeners.iter().any(|listener| listener.is_at(end.port));
        match (is_server(packet.destination), is_server(packet.source)) {
            (true, true) if self.connections.contains(&received) => Some((received, Role::Server)),
            (true, _) => Some((sent, Role::Client)),
            (false, true) => Some((received, Role::Server)),
            (false, false) => None,
        }
    }
}
