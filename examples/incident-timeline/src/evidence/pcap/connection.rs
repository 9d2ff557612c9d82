//! One TCP connection: the two directions, the ADUs in them, and the requests that wait.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;

use modbus_codec::pdu;
use modbus_codec::stream::Decoder;
use modbus_codec::tcp::{self, Step};

use super::packet::TcpPacket;
use crate::event::{Adu, At, Body, Discarded, Event, Place, Reason, Transport};
use crate::modbus::rtu_wire::{RtuWire, Seen, Stamp, What};
use crate::modbus::tcp_half::{Half, Piece, Segment};
use crate::modbus::transactions::Transactions;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    Server,
}

pub(super) struct Connection {
    client: Direction,
    server: Direction,
    transactions: Transactions,
}

/// What one side sends: its segments in order, and the stream that they make.
struct Direction {
    half: Half,
    stream: Stream,
}

struct Stream {
    from: SocketAddr,
    to: SocketAddr,
    /// Its name in the timeline, made when it is first needed.
    wire: Option<Rc<str>>,
    /// Bytes of the stream that are part of events.
    offset: u64,
    /// The bytes of an ADU that is not whole yet, and the packet of the first.
    partial: Vec<u8>,
    partial_packet: u64,
    /// Whether its beginning was seen.
    has_beginning: bool,
    /// Whether it was ever Modbus.
    has_adu: bool,
    /// Whether bytes are missing right before what comes next.
    is_after_hole: bool,
    is_finished: bool,
    rtu: Option<Box<RtuWire>>,
}

/// Where events go, and what they all share.
struct Sink<'a> {
    source: &'a Rc<str>,
    is_request: bool,
    transactions: &'a mut Transactions,
    events: &'a mut VecDeque<Event>,
}

impl Sink<'_> {
    /// An ADU, paired with what it answers or noted as pending.
    fn adu(&mut self, mut adu: Adu, place: Place, t_us: i64) {
        if self.is_request {
            self.events.extend(self.transactions.request(&adu, &place, t_us, t_us));
        } else {
            self.transactions.response(&mut adu, t_us);
        }
        self.tell(Body::Adu(Box::new(adu)), place, t_us);
    }

    fn tell(&mut self, body: Body, place: Place, t_us: i64) {
        self.events.push_back(Event { t_us: Some(t_us), place: Some(place), body });
    }
}

impl Connection {
    /// A connection whose wires are from the client to the server and back.
    pub(super) fn new(transport: Transport, wires: [(SocketAddr, SocketAddr); 2]) -> Self {
        let [client, server] = wires.map(|(from, to)| Direction::new(from, to));
        let mut connection = Self { client, server, transactions: Transactions::default() };
        if transport == Transport::Rtu {
            let wire = |decoder: Decoder| Some(Box::new(RtuWire::new(decoder.passive().lenient())));
            connection.client.stream.rtu = wire(Decoder::requests());
            connection.server.stream.rtu = wire(Decoder::responses());
        }
        connection
    }

    pub(super) fn packet(
        &mut self,
        role: Role,
        packet: &TcpPacket<'_>,
        number: u64,
        t_us: i64,
        source: &Rc<str>,
        events: &mut VecDeque<Event>,
    ) {
        if packet.is_syn {
            if self.side(role).half.is_other(packet.sequence) {
                // Other ends may use the same ports again: what was there before is over.
                self.give_up(t_us, source, events);
            }
            self.side(role).half.begin(packet.sequence);
            self.side(role).stream.has_beginning = true;
        }
        if let Some(acknowledgment) = packet.acknowledgment {
            let other = match role {
                Role::Client => Role::Server,
                Role::Server => Role::Client,
            };
            self.with(other, source, events, |direction, sink| {
                direction.acknowledge(acknowledgment, sink);
            });
        }
        let segment = Segment {
            sequence: packet.sequence.wrapping_add(u32::from(packet.is_syn)),
            bytes: packet.payload,
            len: packet.payload_len,
            packet: number,
            t_us,
        };
        self.with(role, source, events, |direction, sink| direction.segment(&segment, sink));
        if packet.is_fin {
            self.side(role).stream.is_finished = true;
        }
        if packet.is_rst || (self.client.stream.is_finished && self.server.stream.is_finished) {
            events.extend(self.transactions.end(t_us));
        }
    }

    /// Nothing more comes on this connection.
    pub(super) fn finish(&mut self, t_us: i64, source: &Rc<str>, events: &mut VecDeque<Event>) {
        for role in [Role::Client, Role::Server] {
            self.with(role, source, events, |direction, sink| direction.finish(t_us, sink));
        }
        events.extend(self.transactions.end(t_us));
    }

    /// Whether nothing is under way: no part of an ADU, no segment out of order, no request without its answer.
    pub(super) fn is_idle(&self) -> bool {
        let is_idle = |direction: &Direction| {
            direction.half.is_in_order()
                && direction.stream.partial.is_empty()
                && direction.stream.rtu.as_ref().is_none_or(|rtu| rtu.undecided_us().is_none())
        };
        is_idle(&self.client) && is_idle(&self.server) && self.transactions.is_empty()
    }

    /// Ends what was there, and leaves the names of the wires.
    fn give_up(&mut self, t_us: i64, source: &Rc<str>, events: &mut VecDeque<Event>) {
        self.finish(t_us, source, events);
        for direction in [&mut self.client, &mut self.server] {
            direction.half = Half::default();
            direction.stream.has_beginning = false;
            direction.stream.has_adu = false;
            direction.stream.is_after_hole = false;
            direction.stream.is_finished = false;
        }
    }

    fn side(&mut self, role: Role) -> &mut Direction {
        match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        }
    }

    fn with(
        &mut self,
        role: Role,
        source: &Rc<str>,
        events: &mut VecDeque<Event>,
        act: impl FnOnce(&mut Direction, &mut Sink<'_>),
    ) {
        let direction = match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        };
        let is_request = role == Role::Client;
        let transactions = &mut self.transactions;
        act(direction, &mut Sink { source, is_request, transactions, events });
    }
}

impl Direction {
    fn new(from: SocketAddr, to: SocketAddr) -> Self {
        let stream = Stream {
            from,
            to,
            wire: None,
            offset: 0,
            partial: Vec::new(),
            partial_packet: 0,
            has_beginning: false,
            has_adu: false,
            is_after_hole: false,
            is_finished: false,
            rtu: None,
        };
        Self { half: Half::default(), stream }
    }

    fn segment(&mut self, segment: &Segment<'_>, sink: &mut Sink<'_>) {
        let stream = &mut self.stream;
        self.half.segment(segment, &mut |piece| stream.piece(&piece, sink));
    }

    fn acknowledge(&mut self, number: u32, sink: &mut Sink<'_>) {
        let stream = &mut self.stream;
        self.half.acknowledge(number, &mut |piece| stream.piece(&piece, sink));
    }

    fn finish(&mut self, t_us: i64, sink: &mut Sink<'_>) {
        let stream = &mut self.stream;
        self.half.finish(&mut |piece| stream.piece(&piece, sink));
        stream.finish(t_us, sink);
    }
}

impl Stream {
    fn finish(&mut self, t_us: i64, sink: &mut Sink<'_>) {
        self.discard_partial(Reason::Truncated, t_us, sink);
        let mut seen = Vec::new();
        if let Some(rtu) = &mut self.rtu {
            rtu.finish(&mut seen);
        }
        self.take_seen(seen, sink);
    }

    fn piece(&mut self, piece: &Piece<'_>, sink: &mut Sink<'_>) {
        match *piece {
            Piece::Bytes { bytes, packet, t_us } if self.rtu.is_some() => {
                let mut seen = Vec::new();
                if let Some(rtu) = &mut self.rtu {
                    let stamp = Stamp { start_us: t_us, end_us: t_us, number: packet };
                    rtu.push(bytes, stamp, &mut seen);
                }
                self.take_seen(seen, sink);
            }
            Piece::Bytes { bytes, packet, t_us } if self.partial.is_empty() => {
                let left = self.adus(bytes, packet, (packet, t_us), sink);
                self.partial.extend_from_slice(left);
                self.partial_packet = packet;
            }
            Piece::Bytes { bytes, packet, t_us } => {
                let mut whole = std::mem::take(&mut self.partial);
                let first_packet = self.partial_packet;
                whole.extend_from_slice(bytes);
                let left_len = self.adus(&whole, first_packet, (packet, t_us), sink).len();
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

    /// Takes whole ADUs off the front, and returns what is left of one that is not whole.
    ///
    /// Where the stream is not Modbus, all up to the end of the segment is discarded: the next one is looked at afresh.
    fn adus<'a>(
        &mut self,
        bytes: &'a [u8],
        first_packet: u64,
        (packet, t_us): (u64, i64),
        sink: &mut Sink<'_>,
    ) -> &'a [u8] {
        let mut rest = bytes;
        loop {
            match tcp::split_first(rest) {
                _ if rest.is_empty() => return rest,
                Step::More { .. } => return rest,
                Step::Adu { adu, len } => {
                    self.adu(&adu, len, packet, t_us, sink);
                    rest = rest.get(len..).unwrap_or_default();
                }
                Step::Broken(error) => {
                    let reason = self.reason(&error);
                    let at = if rest.len() == bytes.len() { first_packet } else { packet };
                    self.discard(rest.to_vec(), reason, at, t_us, sink);
                    return &[];
                }
            }
        }
    }

    fn adu(
        &mut self,
        adu: &tcp::Adu<&[u8]>,
        len: usize,
        packet: u64,
        t_us: i64,
        sink: &mut Sink<'_>,
    ) {
        self.has_adu = true;
        self.is_after_hole = false;
        let place = self.place(packet, len, sink);
        let seen = Adu {
            is_request: sink.is_request,
            transport: Transport::Tcp,
            transaction: Some(adu.header.transaction.as_raw()),
            unit: adu.header.unit.as_raw(),
            off_spec: off_spec(adu.pdu, sink.is_request),
            pdu: adu.pdu.to_vec(),
            latency_us: None,
            coils: None,
        };
        sink.adu(seen, place, t_us);
    }

    fn take_seen(&mut self, seen: Vec<Seen>, sink: &mut Sink<'_>) {
        for seen in seen {
            let t_us = seen.last.start_us;
            match seen.what {
                What::Discarded(discarded) => {
                    let place = self.place(seen.first.number, discarded.data.len(), sink);
                    sink.tell(Body::Discarded(discarded), place, t_us);
                }
                What::Frame(adu, frame) => {
                    let place = self.place(seen.last.number, frame.len(), sink);
                    sink.adu(adu, place, t_us);
                }
            }
        }
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
        let place = self.place(packet, data.len(), sink);
        let body = Body::Discarded(Discarded { data, reason, off_spec: None });
        sink.tell(body, place, t_us);
    }

    /// Why a stream that cannot be split is not Modbus here.
    fn reason(&self, error: &tcp::Error) -> Reason {
        let is_cut_off = self.is_after_hole || !self.has_beginning;
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
        let (from, to) = (self.from, self.to);
        let wire = self.wire.get_or_insert_with(|| format!("{from} > {to}").into()).clone();
        let offset = self.offset;
        self.offset += len as u64;
        Place { source: sink.source.clone(), wire, offset, at: At::Packet(packet) }
    }
}

fn off_spec(pdu: &[u8], is_request: bool) -> Option<pdu::Error> {
    let refused = if is_request {
        modbus_codec::Request::decode(pdu).err()
    } else {
        modbus_codec::Response::decode(pdu).err()
    };
    // From the first byte of the ADU, not of the PDU.
    refused.map(|error| error.after(tcp::HEADER_LEN as u16))
}
