//! Modbus in TCP connections: the ADUs of both sides, with MBAP headers or as RTU frames, and the requests that wait.

use std::collections::VecDeque;
use std::rc::Rc;

use modbus_codec::pdu::Direction;
use modbus_codec::stream::Decoder;
use modbus_codec::tcp::{self, Step};

use super::rtu_wire::{RtuWire, Seen, What};
use crate::event::{Event, Lane};
use crate::evidence::capture::conversation::{Conversation, Listener, Role};
use crate::evidence::capture::half::Piece;
use crate::evidence::line::Stamp;
use crate::lanes::modbus::event::{Adu, Discarded, Envelope, ModbusEvent, Reason, Transport};
use crate::lanes::modbus::pairing::Pairing;
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
    fn is_at(&self, port: u16) -> bool {
        self.ports.contains(&port)
    }

    fn listen(&self, source: &Rc<str>, client: Address, server: Address) -> Box<dyn Conversation> {
        let rtu = |decoder: Decoder| {
            let is_rtu = self.transport == Transport::Rtu;
            is_rtu.then(|| Box::new(RtuWire::new(decoder.passive().lenient())))
        };
        Box::new(Exchange {
            source: source.clone(),
            requests: Stream::new(Wire::between(client, server), rtu(Decoder::requests())),
            responses: Stream::new(Wire::between(server, client), rtu(Decoder::responses())),
            pairing: Pairing::default(),
        })
    }
}

/// The Modbus of one connection.
struct Exchange {
    source: Rc<str>,
    requests: Stream,
    responses: Stream,
    pairing: Pairing,
}

/// The bytes of one side.
struct Stream {
    wire: Rc<Wire>,
    /// Bytes of the stream that are part of events.
    offset: u64,
    /// The bytes of an ADU that is not whole yet, and the packet of the first.
    partial: Vec<u8>,
    partial_packet: u64,
    /// Whether its beginning was seen.
    has_beginning: bool,
    /// Whether it was ever Modbus.
    has_adu: bool,
    /// Whether bytes are missing right before the next.
    is_after_hole: bool,
    /// In a box: most connections have none.
    rtu: Option<Box<RtuWire>>,
}

/// The receiver of a stream's ADUs and discards.
struct Sink<'a> {
    source: &'a Rc<str>,
    direction: Direction,
    pairing: &'a mut Pairing,
    events: &'a mut VecDeque<Event>,
}

impl Conversation for Exchange {
    fn begin(&mut self, role: Role) {
        self.stream(role).has_beginning = true;
    }

    fn piece(&mut self, role: Role, piece: &Piece<'_>, events: &mut VecDeque<Event>) {
        self.with(role, events, |stream, sink| stream.piece(piece, sink));
    }

    fn end(&mut self, role: Role, t_us: i64, events: &mut VecDeque<Event>) {
        self.with(role, events, |stream, sink| stream.finish(t_us, sink));
    }

    fn close(&mut self, t_us: i64, events: &mut VecDeque<Event>) {
        events.extend(self.pairing.end(t_us));
    }

    fn is_idle(&self) -> bool {
        self.requests.is_idle() && self.responses.is_idle() && self.pairing.is_empty()
    }
}

impl Exchange {
    fn stream(&mut self, role: Role) -> &mut Stream {
        match role {
            Role::Client => &mut self.requests,
            Role::Server => &mut self.responses,
        }
    }

    fn with(
        &mut self,
        role: Role,
        events: &mut VecDeque<Event>,
        act: impl FnOnce(&mut Stream, &mut Sink<'_>),
    ) {
        let (stream, direction) = match role {
            Role::Client => (&mut self.requests, Direction::Request),
            Role::Server => (&mut self.responses, Direction::Response),
        };
        let (source, pairing) = (&self.source, &mut self.pairing);
        act(stream, &mut Sink { source, direction, pairing, events });
    }
}

impl Sink<'_> {
    /// An ADU, paired with the request that it answers or noted as pending.
    fn adu(&mut self, mut adu: Adu, place: Place, t_us: i64) {
        if adu.is_request() {
            self.events.extend(self.pairing.request(&adu, &place, t_us, t_us));
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

impl Stream {
    fn new(wire: Wire, rtu: Option<Box<RtuWire>>) -> Self {
        Self {
            wire: wire.into(),
            offset: 0,
            partial: Vec::new(),
            partial_packet: 0,
            has_beginning: false,
            has_adu: false,
            is_after_hole: false,
            rtu,
        }
    }

    /// Ends the stream. Another may begin with the same addresses, and its bytes are counted on.
    fn finish(&mut self, t_us: i64, sink: &mut Sink<'_>) {
        self.discard_partial(Reason::Truncated, t_us, sink);
        let mut seen = Vec::new();
        if let Some(rtu) = &mut self.rtu {
            rtu.finish(&mut seen);
        }
        self.take_seen(seen, sink);
        (self.has_beginning, self.has_adu, self.is_after_hole) = (false, false, false);
    }

    fn is_idle(&self) -> bool {
        let is_decided = |rtu: &RtuWire| rtu.undecided_us().is_none();
        self.partial.is_empty() && self.rtu.as_deref().is_none_or(is_decided)
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

    /// Takes whole ADUs off the front, and returns the bytes of one that is not whole.
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
                    self.has_adu = true;
                    self.is_after_hole = false;
                    let place = self.place(packet, len, sink);
                    let envelope = Envelope {
                        transport: Transport::Tcp,
                        transaction: Some(adu.header.transaction.as_raw()),
                        unit: adu.header.unit.as_raw(),
                    };
                    sink.adu(Adu::decode(sink.direction, envelope, adu.pdu), place, t_us);
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

    fn take_seen(&mut self, seen: Vec<Seen>, sink: &mut Sink<'_>) {
        for Seen { first, last, len, what, .. } in seen {
            match what {
                What::Discarded(discarded) => {
                    let place = self.place(first.number, len, sink);
                    sink.tell(ModbusEvent::Discarded(discarded), place, last.start_us);
                }
                What::Frame(adu, _) => {
                    let place = self.place(last.number, len, sink);
                    sink.adu(adu, place, last.start_us);
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
        let discarded = Discarded { data, reason, off_spec: None };
        sink.tell(ModbusEvent::Discarded(discarded), place, t_us);
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
        let (wire, offset) = (self.wire.clone(), self.offset);
        self.offset += len as u64;
        Place { source: sink.source.clone(), wire, offset, at: At::Packet(packet) }
    }
}
