//! The conversations of a capture: as many as are remembered, whichever were used last.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::rc::Rc;

use lru::LruCache;

use super::connection::Connection;
use super::conversation::{Close, Conversation, Listener, Role};
use super::datagrams::Datagrams;
use super::packet::{TcpPacket, UdpPacket};
use crate::event::Event;
use crate::evidence::unread::UnreadCounts;
use crate::place::Address;

/// How many conversations are remembered. One that is forgotten while it has nothing under way is begun anew by its next
/// segment, and nothing is lost but the knowledge of what a late retransmission repeats.
const CONVERSATIONS_MAX: usize = 512;
/// How many are remembered while they have something under way; beyond, that is given up.
const BUSY_MAX: usize = 16_384;
/// How many busy conversations are looked at in search of an idle one.
const PASSED_OVER_MAX: usize = 8;

pub(super) struct Table {
    source: Rc<str>,
    listeners: Vec<Box<dyn Listener>>,
    talks: LruCache<Key, Talk>,
    lines: Lines,
}

/// The conversations in which time alone decides what was said, and the events of others that wait for them.
#[derive(Default)]
struct Lines {
    /// When each is to be looked at, and since when something is undecided.
    times: HashMap<Key, [Option<i64>; 2]>,
    deadlines: BTreeSet<(i64, Key)>,
    undecided: BTreeSet<(i64, Key)>,
    waiting: BTreeMap<(i64, u64), Event>,
    count: u64,
}

impl Lines {
    /// Notes the times of a conversation.
    fn note(&mut self, key: Key, times: [Option<i64>; 2]) {
        let before = match times {
            [None, None] => self.times.remove(&key),
            _ => self.times.insert(key, times),
        };
        let sets = [&mut self.deadlines, &mut self.undecided];
        for ((set, old), new) in sets.into_iter().zip(before.unwrap_or_default()).zip(times) {
            old.map(|us| set.remove(&(us, key)));
            new.map(|us| set.insert((us, key)));
        }
    }

    fn is_idle(&self) -> bool {
        self.undecided.is_empty() && self.waiting.is_empty()
    }

    /// Puts the events since `from` in order with those that wait.
    fn wait(&mut self, from: usize, events: &mut VecDeque<Event>) {
        if self.is_idle() {
            return;
        }
        for event in events.drain(from..) {
            self.count += 1;
            self.waiting.insert((event.t_us.unwrap_or(0), self.count), event);
        }
        let until_us = self.undecided.first().map_or(i64::MAX, |(us, _)| *us);
        while let Some(entry) = self.waiting.first_entry().filter(|entry| entry.key().0 < until_us)
        {
            events.push_back(entry.remove());
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    is_udp: bool,
    client: Address,
    server: Address,
}

/// A conversation by its transport.
enum Talk {
    Tcp(Box<Connection>),
    Udp(Box<Datagrams>),
}

impl Talk {
    fn conversation(&mut self) -> &mut dyn Conversation {
        match self {
            Self::Tcp(connection) => connection.conversation(),
            Self::Udp(datagrams) => datagrams.conversation(),
        }
    }

    /// When time alone decides what was said, and since when something is undecided.
    fn times(&mut self) -> [Option<i64>; 2] {
        let conversation = self.conversation();
        [conversation.deadline_us(), conversation.undecided_us()]
    }

    fn finish(&mut self, close: Close, t_us: i64, events: &mut VecDeque<Event>) {
        match self {
            Self::Tcp(connection) => connection.finish(close, t_us, events),
            Self::Udp(datagrams) => datagrams.finish(close, t_us, events),
        }
    }

    fn is_idle(&self) -> bool {
        match self {
            Self::Tcp(connection) => connection.is_idle(),
            Self::Udp(datagrams) => datagrams.is_idle(),
        }
    }
}

impl Table {
    pub(super) fn new(source: Rc<str>, listeners: Vec<Box<dyn Listener>>) -> Self {
        Self { source, listeners, talks: LruCache::unbounded(), lines: Lines::default() }
    }

    pub(super) fn tcp(
        &mut self,
        packet: &TcpPacket<'_>,
        number: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
        unread: &mut UnreadCounts,
    ) {
        let Some((key, role)) = self.place(false, packet.source, packet.destination) else {
            if !packet.payload.is_empty() {
                let ports = [packet.source.port, packet.destination.port];
                unread.port("TCP", ports, self.is_alike(packet.payload));
            }
            return;
        };
        // A packet that only acknowledges begins no conversation.
        let begins = packet.is_syn || packet.payload_len > 0;
        if !begins && !self.talks.contains(&key) {
            return;
        }
        let (mut is_over, mut times) = (false, [None; 2]);
        let from = events.len();
        self.elapse(t_us, events);
        if let Some(Talk::Tcp(connection)) = self.talk(key, t_us, events) {
            connection.packet(role, packet, number, t_us, events);
            is_over = connection.is_over() && connection.is_idle();
            let conversation = connection.conversation();
            times = [conversation.deadline_us(), conversation.undecided_us()];
        }
        if is_over {
            self.talks.pop(&key);
        }
        if times != [None; 2] || !self.lines.times.is_empty() {
            self.lines.note(key, times);
        }
        self.lines.wait(from, events);
    }

    pub(super) fn udp(
        &mut self,
        packet: &UdpPacket<'_>,
        number: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
        unread: &mut UnreadCounts,
    ) {
        let place = self.place(true, packet.source, packet.destination);
        let Some((key, role)) = place else {
            let ports = [packet.source.port, packet.destination.port];
            unread.port("UDP", ports, self.is_alike(packet.payload));
            return;
        };
        let from = events.len();
        self.elapse(t_us, events);
        if let Some(Talk::Udp(datagrams)) = self.talk(key, t_us, events) {
            datagrams.packet(role, packet, number, t_us, events);
        }
        self.lines.wait(from, events);
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self, t_us: i64, events: &mut VecDeque<Event>) {
        let from = events.len();
        while let Some((key, mut talk)) = self.talks.pop_lru() {
            talk.finish(Close::Capture, t_us, events);
            if !self.lines.times.is_empty() {
                self.lines.note(key, [None; 2]);
            }
        }
        self.lines.wait(from, events);
    }

    /// Lets time pass for the conversations in which it decides.
    fn elapse(&mut self, t_us: i64, events: &mut VecDeque<Event>) {
        while let Some((_, key)) =
            self.lines.deadlines.first().filter(|(us, _)| *us <= t_us).copied()
        {
            let mut times = [None; 2];
            if let Some(talk) = self.talks.peek_mut(&key) {
                talk.conversation().elapse(t_us, events);
                times = talk.times();
            }
            self.lines.note(key, times);
        }
    }

    /// Whether bytes on a port of nobody's could be those of a listener.
    fn is_alike(&self, bytes: &[u8]) -> bool {
        self.listeners.iter().any(|listener| listener.is_alike(bytes))
    }

    fn talk(&mut self, key: Key, t_us: i64, events: &mut VecDeque<Event>) -> Option<&mut Talk> {
        if !self.talks.contains(&key) {
            let port = key.server.port;
            let listener =
                self.listeners.iter().find(|listener| listener.is_at(port, key.is_udp))?;
            let conversation = listener.listen(&self.source, key.client, key.server);
            self.make_room(t_us, events);
            let talk = if key.is_udp {
                Talk::Udp(Box::new(Datagrams::new(conversation)))
            } else {
                Talk::Tcp(Box::new(Connection::new(conversation)))
            };
            self.talks.push(key, talk);
        }
        self.talks.get_mut(&key)
    }

    fn make_room(&mut self, t_us: i64, events: &mut VecDeque<Event>) {
        for _ in 0..PASSED_OVER_MAX {
            let count = self.talks.len();
            let Some((key, talk)) = self.talks.peek_lru() else {
                return;
            };
            if count < CONVERSATIONS_MAX {
                return;
            }
            if talk.is_idle() || count >= BUSY_MAX {
                if let Some((key, mut forgotten)) = self.talks.pop_lru() {
                    forgotten.finish(Close::Forgotten, t_us, events);
                    self.lines.note(key, [None; 2]);
                }
                return;
            }
            let key = *key;
            self.talks.promote(&key);
        }
    }

    /// Whose packet it is and who sent it: the side with a listener's port is the server. When both have one, the side that
    /// was spoken to first is.
    fn place(&self, is_udp: bool, source: Address, destination: Address) -> Option<(Key, Role)> {
        let sent = Key { is_udp, client: source, server: destination };
        let received = Key { is_udp, client: destination, server: source };
        let is_server =
            |end: Address| self.listeners.iter().any(|listener| listener.is_at(end.port, is_udp));
        match (is_server(destination), is_server(source)) {
            (true, true) if self.talks.contains(&received) => Some((received, Role::Server)),
            (true, _) => Some((sent, Role::Client)),
            (false, true) => Some((received, Role::Server)),
            (false, false) => None,
        }
    }
}
