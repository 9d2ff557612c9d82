//! The connections of a capture: as many as are remembered, whichever were used last.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::rc::Rc;

use lru::LruCache;

use super::connection::{Connection, Role};
use super::packet::TcpPacket;
use crate::event::{Event, Transport};

/// A connection that is forgotten is begun anew by its next segment; only what it had pending is given up.
const CONNECTIONS_MAX: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

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
            connections: LruCache::new(CONNECTIONS_MAX),
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
            if let Some((_, mut forgotten)) = self.connections.push(key, connection) {
                forgotten.finish(t_us, &self.source, events);
            }
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
