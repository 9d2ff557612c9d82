//! The connections of a capture: as many as are remembered, whichever were used last.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;

use lru::LruCache;

use super::connection::{Connection, Role};
use super::packet::TcpPacket;
use crate::event::{Event, Transport};

/// How many connections are remembered. One that is forgotten while it has nothing under way is begun anew by its next
/// segment, and nothing is lost but the knowledge of what a late retransmission repeats.
const CONNECTIONS_MAX: usize = 512;
/// How many are remembered while they have something under way; beyond, that is given up.
const BUSY_MAX: usize = 16_384;
/// How many busy ones are passed over in search of one that can be forgotten.
const PASSED_OVER_MAX: usize = 8;

pub(super) struct Table {
    source: Rc<str>,
    tcp_ports: Vec<u16>,
    rtu_ports: Vec<u16>,
    connections: LruCache<Key, Connection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    client: SocketAddr,
    server: SocketAddr,
}

impl Table {
    pub(super) fn new(source: Rc<str>, tcp_ports: &[u16], rtu_ports: &[u16]) -> Self {
        Self {
            source,
            tcp_ports: tcp_ports.to_vec(),
            rtu_ports: rtu_ports.to_vec(),
            connections: LruCache::unbounded(),
        }
    }

    pub(super) fn packet(
        &mut self,
        packet: &TcpPacket<'_>,
        number: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        let Some((key, role, transport)) = self.place(packet) else {
            return;
        };
        if !self.connections.contains(&key) {
            let wires = [(key.client, key.server), (key.server, key.client)];
            let connection = Connection::new(transport, wires);
            self.make_room(t_us, events);
            self.connections.push(key, connection);
        }
        if let Some(connection) = self.connections.get_mut(&key) {
            connection.packet(role, packet, number, t_us, &self.source, events);
        }
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self, t_us: i64, events: &mut VecDeque<Event>) {
        while let Some((_, mut connection)) = self.connections.pop_lru() {
            connection.finish(t_us, &self.source, events);
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
                    forgotten.finish(t_us, &self.source, events);
                }
                return;
            }
            let key = *key;
            self.connections.promote(&key);
        }
    }

    /// Whose packet it is and who sent it: the side with the server's port is the server. When both have one, the side that
    /// was spoken to first is.
    fn place(&self, packet: &TcpPacket<'_>) -> Option<(Key, Role, Transport)> {
        let sent = Key { client: packet.source, server: packet.destination };
        let received = Key { client: packet.destination, server: packet.source };
        let of = |port: u16| {
            if self.rtu_ports.contains(&port) {
                Some(Transport::Rtu)
            } else {
                self.tcp_ports.contains(&port).then_some(Transport::Tcp)
            }
        };
        match (of(packet.destination.port()), of(packet.source.port())) {
            (Some(transport), None) => Some((sent, Role::Client, transport)),
            (None, Some(transport)) => Some((received, Role::Server, transport)),
            (Some(transport), Some(_)) if self.connections.contains(&received) => {
                Some((received, Role::Server, transport))
            }
            (Some(transport), Some(_)) => Some((sent, Role::Client, transport)),
            (None, None) => None,
        }
    }
}
