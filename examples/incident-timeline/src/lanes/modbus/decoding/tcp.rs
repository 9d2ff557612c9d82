//! Modbus in TCP connections: the ADUs of both sides, with MBAP headers or as RTU frames, and the requests that wait.

use std::collections::VecDeque;
use std::rc::Rc;

use modbus_codec::pdu::Direction;
use modbus_codec::tcp::{self, MbapHeader, Step};
use modbus_codec::{Request, Response};

use super::serial_line::SerialLine;
use crate::event::{Event, Lane};
use crate::evidence::capture::conversation::{Close, Conversation, Facts, Listener, Role, Trouble};
use crate::evidence::capture::half::Piece;
use crate::evidence::line::{Counting, Stamp};
use crate::lanes::modbus::event::{Adu, Discarded, Envelope, Link, ModbusEvent, Reason, Transport};
use crate::lanes::modbus::off_spec::Fault;
use crate::lanes::modbus::pairing::{TcpPairing, blame};
use crate::place::{Address, At, Place, Wire};

/// The TCP ports of Modbus servers.
pub(crate) struct Ports {
    transport: Transport,
    ports: Vec<u16>,
}

impl Ports {
    /// Ports of servers that speak Modbus TCP.
    pub(crate) fn tcp(ports: &[u16]) -> Self {
        Self { transport: Transport::Tcp, ports: ports.to_vec() }
    }

    /// Ports of servers that speak RTU frames.
    pub(crate) fn rtu(ports: &[u16]) -> Self {
        Self { transport: Transport::Rtu, ports: ports.to_vec() }
    }
}

impl Listener for Ports {
    fn is_at(&self, port: u16, is_udp: bool) -> bool {
        self.ports.contains(&port) && !(is_udp && self.transport == Transport::Rtu)
    }

    fn is_alike(&self, bytes: &[u8]) -> bool {
        if self.transport == Transport::Rtu {
            return false;
        }
        let Step::Adu { adu, .. } = tcp::split_first(bytes) else { return false };
        is_allowed(adu.pdu)
    }

    fn listen(&self, source: &Rc<str>, client: Address, server: Address) -> Box<dyn Conversation> {
        let talk = match self.transport {
            Transport::Rtu => {
                let counting = Counting::Packets;
                Talk::Line(Box::new(SerialLine::new(source.clone(), counting, Some(CHARACTER_US))))
            }
            _ => Talk::Adus(TcpPairing::default()),
        };
        Box::new(Exchange {
            source: source.clone(),
            client: Stream::new(Wire::between(client, server)),
            server: Stream::new(Wire::between(server, client)),
            asker: Asker { role: Role::Client, is_sure: false, held: Vec::new() },
            facts: Facts::default(),
            talk,
            cadence: Cadence::default(),
        })
    }
}

/// In a connection the characters of a frame come at once; packets are apart.
const CHARACTER_US: u32 = 1;

/// The Modbus of one connection.
struct Exchange {
    source: Rc<str>,
    client: Stream,
    server: Stream,
    asker: Asker,
    facts: Facts,
    talk: Talk,
    cadence: Cadence,
}

/// How the two sides talk.
enum Talk {
    /// In ADUs with headers.
    Adus(TcpPairing),
    /// As on a serial line. In a box: most connections have headers.
    Line(Box<SerialLine>),
}

/// How regularly the client asks.
#[derive(Clone, Debug, Default)]
struct Cadence {
    count: u64,
    longest_us: i64,
    last: Option<(i64, Place)>,
}

/// The side that asks: the one that connects, unless what is said shows that it is asked.
struct Asker {
    role: Role,
    /// Whether what was said shows it.
    is_sure: bool,
    /// ADUs that speak against it, and those after them, until it is decided.
    held: Vec<Held>,
}

/// An ADU whose direction is not decided.
struct Held {
    role: Role,
    envelope: Envelope,
    pdu: Vec<u8>,
    place: Place,
    t_us: i64,
    end_sequence: u32,
}

/// So many bytes that are no Modbus make an ADU after them doubtful.
const WASTE_LEN: usize = 16;
/// As many ADUs wait for a decision.
const HELD_MAX: usize = 8;

/// A client that has asked so often ...
const ASKED_MIN: u64 = 8;
/// ... has stopped when it is silent for so long ...
const SILENT_US: i64 = 5_000_000;
/// ... and for so many times as long as ever before.
const SILENT_FACTOR: i64 = 10;

/// The bytes of one side.
struct Stream {
    wire: Rc<Wire>,
    /// Bytes of the stream that are part of events.
    offset: u64,
    /// The bytes of an ADU that is not whole yet, and the packet of the first.
    partial: Vec<u8>,
    partial_packet: u64,
    /// The sequence number before its first byte, if its beginning was seen.
    begun: Option<u32>,
    /// Whether it was ever Modbus.
    has_adu: bool,
    /// Whether bytes are missing right before the next.
    is_after_hole: bool,
    /// How many bytes of it were no Modbus: after some of them an ADU counts only if it is awaited.
    waste_len: usize,
}

/// The receiver of a stream's ADUs and discards.
struct Sink<'a> {
    source: &'a Rc<str>,
    role: Role,
    asker: &'a mut Asker,
    facts: &'a Facts,
    pairing: &'a mut TcpPairing,
    cadence: &'a mut Cadence,
    events: &'a mut VecDeque<Event>,
}

impl Conversation for Exchange {
    fn begin(&mut self, role: Role, sequence: u32) {
        self.stream(role).begun = Some(sequence);
    }

    fn facts(&mut self, facts: &Facts) {
        self.facts = *facts;
    }

    fn piece(&mut self, role: Role, piece: &Piece<'_>, events: &mut VecDeque<Event>) {
        if let Talk::Line(line) = &mut self.talk {
            let stream = if role == Role::Client { &self.client } else { &self.server };
            let wire = &stream.wire;
            // The port only says what cannot be known otherwise.
            let expected = self.asker.direction(role);
            let index = line.index(wire.name(), Some(expected), || Wire::clone(wire));
            match *piece {
                Piece::Bytes { bytes, sequence, packet, t_us } => {
                    line.carried(index, self.facts, sequence.wrapping_add(bytes.len() as u32));
                    let stamp = Stamp { start_us: t_us, end_us: t_us, number: packet };
                    line.push_to(index, bytes, stamp, events);
                }
                Piece::Hole { .. } | Piece::Cut { .. } => line.flush(index),
            }
            return;
        }
        self.with(role, events, |stream, sink| stream.piece(piece, sink));
        if self.facts.is_datagram {
            // Nothing goes on in the next datagram.
            let (Piece::Bytes { t_us, .. } | Piece::Hole { t_us } | Piece::Cut { t_us }) = *piece;
            self.with(role, events, |stream, sink| {
                stream.discard_partial(Reason::Length, t_us, sink);
            });
        }
    }

    fn deadline_us(&self) -> Option<i64> {
        match &self.talk {
            Talk::Adus(_) => None,
            Talk::Line(line) => line.deadline_us(),
        }
    }

    fn undecided_us(&self) -> Option<i64> {
        match &self.talk {
            Talk::Adus(_) => None,
            Talk::Line(line) => line.undecided_us(),
        }
    }

    fn elapse(&mut self, now_us: i64, events: &mut VecDeque<Event>) {
        if let Talk::Line(line) = &mut self.talk {
            line.elapse_all(now_us, events);
        }
    }

    fn trouble(
        &mut self,
        role: Role,
        trouble: Trouble,
        packet: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        let link = match trouble {
            Trouble::Refused => Link::Refused,
            Trouble::Unreachable => Link::Unreachable,
            // A client that resets has given up.
            Trouble::Reset if !self.is_waiting() || role == self.asker.role => return,
            Trouble::Reset => Link::Reset,
        };
        // The wire is that of the client: it names the server that was asked.
        let (source, wire) = (self.source.clone(), self.client.wire.clone());
        let place = Place { source, wire, offset: self.client.offset, at: At::Packet(packet) };
        let what = Lane::Modbus(ModbusEvent::Link(link, self.client.begun));
        events.push_back(Event { t_us: Some(t_us), place: Some(place), what });
    }

    fn end(&mut self, role: Role, t_us: i64, events: &mut VecDeque<Event>) {
        self.decide();
        // The wires of a line end together, in the order in which they spoke.
        self.with(role, events, |stream, sink| {
            sink.decided();
            stream.finish(t_us, sink);
        });
    }

    fn close(&mut self, close: Close, t_us: i64, events: &mut VecDeque<Event>) {
        self.decide();
        self.with(Role::Client, events, |_, sink| sink.decided());
        let (facts, asker) = (self.facts, self.asker.role);
        if close == Close::Capture && !self.is_waiting() {
            events.extend(self.cadence.stopped(t_us));
        }
        let is_over = close != Close::Connection;
        self.cadence = Cadence::default();
        match &mut self.talk {
            Talk::Adus(pairing) => events.extend(
                pairing.end(t_us, is_over, |t_us, sequence| blame(&facts, asker, t_us, sequence)),
            ),
            Talk::Line(line) => line.close(is_over, t_us, events),
        }
    }

    fn is_idle(&self) -> bool {
        match &self.talk {
            Talk::Adus(pairing) => {
                let is_heard = self.client.is_idle() && self.server.is_idle();
                is_heard && self.asker.held.is_empty() && pairing.is_empty()
            }
            Talk::Line(line) => line.is_idle(),
        }
    }
}

impl Exchange {
    /// Decides who asks where nothing more is said.
    fn decide(&mut self) {
        if self.client.begun.is_none() && !self.asker.held.is_empty() {
            // Nobody was seen to connect, and all that was said speaks against the port.
            (self.asker.role, self.asker.is_sure) = (self.asker.role.other(), true);
        }
    }

    fn stream(&mut self, role: Role) -> &mut Stream {
        match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        }
    }

    fn with(
        &mut self,
        role: Role,
        events: &mut VecDeque<Event>,
        act: impl FnOnce(&mut Stream, &mut Sink<'_>),
    ) {
        let stream = match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        };
        let Self { source, asker, facts, talk, cadence, .. } = self;
        if let Talk::Adus(pairing) = talk {
            act(stream, &mut Sink { source, role, asker, facts, pairing, cadence, events });
        }
    }

    /// Whether a request waits for its answer.
    fn is_waiting(&self) -> bool {
        match &self.talk {
            Talk::Adus(pairing) => !pairing.is_empty(),
            Talk::Line(line) => line.is_waiting(),
        }
    }
}

impl Cadence {
    fn take(&mut self, t_us: i64, place: &Place) {
        if let Some((last_us, _)) = self.last {
            self.longest_us = self.longest_us.max(t_us.saturating_sub(last_us));
        }
        self.count += 1;
        self.last = Some((t_us, place.clone()));
    }

    /// The client has asked regularly, and for much longer than ever it asks no more.
    fn stopped(&self, t_us: i64) -> Option<Event> {
        let (last_us, place) = self.last.as_ref().filter(|_| self.count >= ASKED_MIN)?;
        let silent_us = t_us.saturating_sub(*last_us);
        let is_long = silent_us >= SILENT_US.max(self.longest_us.saturating_mul(SILENT_FACTOR));
        is_long.then(|| Event {
            t_us: Some(t_us),
            place: Some(place.clone()),
            what: Lane::Modbus(ModbusEvent::Link(Link::Stopped { silent_us }, None)),
        })
    }
}

impl Asker {
    /// Whether an ADU of this side speaks for the side that is thought to ask, or against it; nothing if it can go both ways.
    fn is_spoken_for(&self, role: Role, envelope: &Envelope, pdu: &[u8]) -> Option<bool> {
        let is_good = |direction| Adu::decode(direction, *envelope, pdu).off_spec.is_none();
        match [Direction::Request, Direction::Response].map(is_good) {
            [true, false] => Some(role == self.role),
            [false, true] => Some(role != self.role),
            _ => None,
        }
    }

    fn direction(&self, role: Role) -> Direction {
        if role == self.role { Direction::Request } else { Direction::Response }
    }
}

impl Sink<'_> {
    /// Whether an ADU makes sense where bytes before it made none: a request, or the answer to one.
    fn is_awaited(&self, header: MbapHeader, pdu: &[u8]) -> bool {
        if self.role == self.asker.role {
            return Request::decode(pdu).is_ok();
        }
        let function = pdu.first().copied().unwrap_or(0) & 0x7F;
        let (transaction, unit) = (header.transaction.as_raw(), header.unit.as_raw());
        self.pairing.is_awaited(transaction, unit, function)
    }

    /// An ADU with a right envelope, whose direction what was said so far decides, or what is said next.
    fn said(
        &mut self,
        (envelope, pdu): (Envelope, &[u8]),
        place: Place,
        t_us: i64,
        end_sequence: u32,
    ) {
        let held = Held { role: self.role, envelope, pdu: pdu.to_vec(), place, t_us, end_sequence };
        if !self.asker.is_sure {
            let spoken = self.asker.is_spoken_for(self.role, &envelope, pdu);
            match (spoken, self.asker.held.is_empty()) {
                (Some(true), _) => self.asker.is_sure = true,
                (Some(false), false) => {
                    (self.asker.role, self.asker.is_sure) = (self.asker.role.other(), true);
                }
                (None, true) => {}
                (Some(false), true) | (None, false) => {
                    self.asker.held.push(held);
                    if self.asker.held.len() >= HELD_MAX {
                        self.asker.is_sure = true;
                        self.decided();
                    }
                    return;
                }
            }
        }
        self.decided();
        self.told(held);
    }

    /// What was held back goes as it is decided.
    fn decided(&mut self) {
        for held in std::mem::take(&mut self.asker.held) {
            self.told(held);
        }
    }

    fn told(&mut self, held: Held) {
        let Held { role, envelope, pdu, place, t_us, end_sequence } = held;
        let direction = self.asker.direction(role);
        self.adu(Adu::decode(direction, envelope, &pdu), place, t_us, end_sequence);
    }

    /// An ADU, paired with the request that it answers or noted as pending.
    fn adu(&mut self, mut adu: Adu, place: Place, t_us: i64, end_sequence: u32) {
        adu.sequence = (!self.facts.is_datagram).then_some(end_sequence);
        let (facts, asker) = (self.facts, self.asker.role);
        let blame = |t_us, end_sequence| blame(facts, asker, t_us, end_sequence);
        if adu.is_request() {
            self.cadence.take(t_us, &place);
            self.events.extend(self.pairing.request(&mut adu, &place, t_us, end_sequence, blame));
        } else {
            self.pairing.response(&mut adu, t_us);
        }
        self.tell(ModbusEvent::Adu(Box::new(adu)), place, t_us);
    }

    fn tell(&mut self, event: ModbusEvent, place: Place, t_us: i64) {
        let (t_us, place) = (Some(t_us), Some(place));
        self.events.push_back(Event { t_us, place, what: Lane::Modbus(event) });
    }
}

/// Whether bytes are whole ADUs that the standard allows, one after the other.
fn is_whole(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match tcp::split_first(bytes) {
            Step::Adu { adu, len } if is_allowed(adu.pdu) => {
                bytes = bytes.get(len..).unwrap_or_default();
            }
            _ => return false,
        }
    }
    true
}

/// Whether bytes are an ADU but for the length in their header, which says more.
fn is_whole_but_for_its_length(bytes: &[u8]) -> bool {
    match bytes {
        [_, _, 0, 0, _, _, _, pdu @ ..] => is_allowed(pdu),
        _ => false,
    }
}

/// Whether the standard allows a PDU in a direction.
fn is_allowed(pdu: &[u8]) -> bool {
    Request::decode(pdu).is_ok() || Response::decode(pdu).is_ok()
}

impl Stream {
    fn new(wire: Wire) -> Self {
        Self {
            wire: wire.into(),
            offset: 0,
            partial: Vec::new(),
            partial_packet: 0,
            begun: None,
            has_adu: false,
            is_after_hole: false,
            waste_len: 0,
        }
    }

    /// Ends the stream. Another may begin with the same addresses, and its bytes are counted on.
    fn finish(&mut self, t_us: i64, sink: &mut Sink<'_>) {
        let partial = std::mem::take(&mut self.partial);
        if is_whole_but_for_its_length(&partial) {
            self.give_up(partial, self.partial_packet, (t_us, 0), sink);
        } else if !partial.is_empty() {
            self.discard(partial, Reason::Truncated, self.partial_packet, t_us, sink);
        }
        (self.begun, self.has_adu, self.is_after_hole) = (None, false, false);
        self.waste_len = 0;
    }

    fn is_idle(&self) -> bool {
        self.partial.is_empty()
    }

    fn piece(&mut self, piece: &Piece<'_>, sink: &mut Sink<'_>) {
        match *piece {
            Piece::Bytes { bytes, packet, t_us, sequence } if self.partial.is_empty() => {
                let end = sequence.wrapping_add(bytes.len() as u32);
                let left = self.adus(bytes, packet, (packet, t_us, end), sink);
                self.partial.extend_from_slice(left);
                self.partial_packet = packet;
            }
            Piece::Bytes { bytes, packet, t_us, sequence } => {
                let end = sequence.wrapping_add(bytes.len() as u32);
                let mut whole = std::mem::take(&mut self.partial);
                let first_packet = self.partial_packet;
                let (partial_len, begun) = (whole.len(), end.wrapping_sub(bytes.len() as u32));
                whole.extend_from_slice(bytes);
                let is_own = !is_whole(&whole) && is_whole(bytes);
                let from = if is_own {
                    // The segment is whole by itself: what waited was not what its length field says.
                    let waited = whole.get(..partial_len).unwrap_or_default().to_vec();
                    self.give_up(waited, first_packet, (t_us, begun), sink);
                    partial_len
                } else {
                    0
                };
                let first_packet = if is_own { packet } else { first_packet };
                let fresh = whole.get(from..).unwrap_or_default();
                let left_len = self.adus(fresh, first_packet, (packet, t_us, end), sink).len();
                if left_len < whole.len() {
                    self.partial_packet = packet;
                }
                whole.drain(..whole.len() - left_len);
                self.partial = whole;
            }
            Piece::Hole { t_us } => {
                self.discard_partial(Reason::Hole, t_us, sink);
                self.is_after_hole = true;
            }
            Piece::Cut { t_us } => {
                self.discard_partial(Reason::Truncated, t_us, sink);
                self.is_after_hole = true;
            }
        }
    }

    /// Takes whole ADUs off the front, and returns the bytes of one that is not whole.
    ///
    /// Where the stream is not Modbus, all up to the end of the segment is discarded: the next one is looked at afresh.
    fn adus<'a>(
        &mut self,
        bytes: &'a [u8],
        first_packet: u64,
        (packet, t_us, end): (u64, i64, u32),
        sink: &mut Sink<'_>,
    ) -> &'a [u8] {
        let mut rest = bytes;
        loop {
            match tcp::split_first(rest) {
                _ if rest.is_empty() => return rest,
                Step::More { .. } => return rest,
                Step::Adu { adu, len } => {
                    if self.waste_len >= WASTE_LEN && !sink.is_awaited(adu.header, adu.pdu) {
                        let at = if rest.len() == bytes.len() { first_packet } else { packet };
                        self.discard(rest.to_vec(), Reason::NotModbus, at, t_us, sink);
                        return &[];
                    }
                    self.has_adu = true;
                    self.is_after_hole = false;
                    let place = self.place(packet, len, sink);
                    let is_datagram = sink.facts.is_datagram;
                    let envelope = Envelope {
                        transport: if is_datagram { Transport::Udp } else { Transport::Tcp },
                        transaction: Some(adu.header.transaction.as_raw()),
                        unit: adu.header.unit.as_raw(),
                    };
                    rest = rest.get(len..).unwrap_or_default();
                    let end_sequence = end.wrapping_sub(rest.len() as u32);
                    sink.said((envelope, adu.pdu), place, t_us, end_sequence);
                }
                Step::Broken(error) => {
                    let reason = self.reason(&error);
                    if reason != Reason::Hole {
                        self.waste_len = self.waste_len.saturating_add(rest.len());
                    }
                    let at = if rest.len() == bytes.len() { first_packet } else { packet };
                    self.discard(rest.to_vec(), reason, at, t_us, sink);
                    return &[];
                }
            }
        }
    }

    /// Bytes that wait for more, and nothing more comes: an ADU whose length field says too much, or none.
    fn give_up(
        &mut self,
        data: Vec<u8>,
        packet: u64,
        (t_us, end_sequence): (i64, u32),
        sink: &mut Sink<'_>,
    ) {
        // The rest of an ADU before the recording, or a keep-alive, which repeats the last byte.
        let is_cut_off = self.begun.is_none() && !self.has_adu;
        let reason = if is_cut_off { Reason::Hole } else { Reason::Length };
        let [high, low, _, _, length_high, length_low, unit, pdu @ ..] = data.as_slice() else {
            return self.discard(data, reason, packet, t_us, sink);
        };
        if !is_whole_but_for_its_length(&data) {
            return self.discard(data, reason, packet, t_us, sink);
        }
        let envelope = Envelope {
            transport: if sink.facts.is_datagram { Transport::Udp } else { Transport::Tcp },
            transaction: Some(u16::from_be_bytes([*high, *low])),
            unit: *unit,
        };
        let said = u16::from_be_bytes([*length_high, *length_low]);
        let came = u16::try_from(pdu.len() + 1).unwrap_or(u16::MAX);
        sink.decided();
        let mut adu = Adu::decode(sink.asker.direction(sink.role), envelope, pdu);
        adu.off_spec = Some(Fault::Length { said, came });
        let place = self.place(packet, data.len(), sink);
        sink.adu(adu, place, t_us, end_sequence);
    }

    fn discard_partial(&mut self, reason: Reason, t_us: i64, sink: &mut Sink<'_>) {
        if !self.partial.is_empty() {
            let data = std::mem::take(&mut self.partial);
            self.discard(data, reason, self.partial_packet, t_us, sink);
        }
    }

    fn discard(
        &mut self,
        data: Vec<u8>,
        reason: Reason,
        packet: u64,
        t_us: i64,
        sink: &mut Sink<'_>,
    ) {
        // Events stand in the order of their bytes.
        sink.decided();
        let place = self.place(packet, data.len(), sink);
        let sequence = self.begun.filter(|_| !sink.facts.is_datagram);
        let sequence = sequence.map(|begun| begun.wrapping_add(place.offset as u32));
        let is_request = sink.role == sink.asker.role;
        let discarded = Discarded { data, reason, off_spec: None, sequence, is_request };
        sink.tell(ModbusEvent::Discarded(discarded), place, t_us);
    }

    /// Why a stream that cannot be split is not Modbus here.
    fn reason(&self, error: &tcp::Error) -> Reason {
        let is_cut_off = self.is_after_hole || self.begun.is_none();
        match error {
            _ if is_cut_off && !self.has_adu => Reason::Hole,
            _ if self.is_after_hole => Reason::Hole,
            _ if !self.has_adu => Reason::NotModbus,
            tcp::Error::ProtocolId { .. } => Reason::ProtocolId,
            _ => Reason::Length,
        }
    }

    /// The place of the next `len` bytes of the stream.
    fn place(&mut self, packet: u64, len: usize, sink: &Sink<'_>) -> Place {
        let (wire, offset) = (self.wire.clone(), self.offset);
        self.offset += len as u64;
        Place { source: sink.source.clone(), wire, offset, at: At::Packet(packet) }
    }
}
