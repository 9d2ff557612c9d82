//! Recordings that are made packet by packet and character by character, so that the truth about them is known.
#![allow(dead_code, clippy::cast_possible_truncation, clippy::indexing_slicing)]

use std::fmt::Write;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

pub(crate) use Side::{Client, Server};

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;

/// 2023-11-14 22:13:20 UTC.
pub(crate) const BEGUN_US: u64 = 1_700_000_000_000_000;

/// A capture.
pub(crate) struct Capture {
    pub(crate) bytes: Vec<u8>,
    pub(crate) t_us: u64,
    /// How many bytes of a packet are kept.
    pub(crate) snap_len: usize,
}

/// A connection, or two ends that speak UDP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) client: ([u8; 4], u16),
    pub(crate) server: ([u8; 4], u16),
    sequences: [u32; 2],
    pub(crate) window: u16,
    transaction: u16,
    /// The identification of the next IP packet of each side.
    identifications: [u16; 2],
    is_udp: bool,
}

impl Default for Capture {
    fn default() -> Self {
        Self::with_link(1)
    }
}

impl Capture {
    pub(crate) fn with_link(link: u32) -> Self {
        let mut bytes = Vec::new();
        for word in [0xA1B2_C3D4, 0x0004_0002, 0, 0, 65_535, link] {
            bytes.extend(u32::to_le_bytes(word));
        }
        Self { bytes, t_us: BEGUN_US, snap_len: usize::MAX }
    }

    pub(crate) fn wait(&mut self, us: u64) {
        self.t_us += us;
    }

    /// A packet as it is recorded.
    pub(crate) fn record(&mut self, packet: &[u8]) {
        let kept = &packet[..packet.len().min(self.snap_len)];
        let words =
            [self.t_us / 1_000_000, self.t_us % 1_000_000, kept.len() as u64, packet.len() as u64];
        for word in words {
            self.bytes.extend((word as u32).to_le_bytes());
        }
        self.bytes.extend(kept);
    }

    /// A packet of another kind, behind an Ethernet header.
    pub(crate) fn other(&mut self, ether_type: u16, payload: &[u8]) {
        self.record(&ethernet(ether_type, payload));
    }

    pub(crate) fn open(&mut self, index: u8) -> Connection {
        let mut connection = Connection::new(index, false);
        self.segment(&mut connection, Client, SYN, &[]);
        self.wait(200);
        self.segment(&mut connection, Server, SYN | ACK, &[]);
        self.wait(200);
        self.segment(&mut connection, Client, ACK, &[]);
        self.wait(200);
        connection
    }

    /// The client and the server say goodbye.
    pub(crate) fn close(&mut self, connection: &mut Connection) {
        self.segment(connection, Client, FIN | ACK, &[]);
        self.wait(200);
        self.segment(connection, Server, FIN | ACK, &[]);
        self.wait(200);
        self.segment(connection, Client, ACK, &[]);
    }

    /// A segment or a datagram.
    pub(crate) fn segment(
        &mut self,
        connection: &mut Connection,
        from: Side,
        flags: u8,
        payload: &[u8],
    ) {
        let packet = connection.packet(from, flags, payload);
        self.record(&packet);
    }

    pub(crate) fn data(&mut self, connection: &mut Connection, from: Side, payload: &[u8]) {
        self.segment(connection, from, PSH | ACK, payload);
    }

    /// The other side has everything.
    pub(crate) fn ack(&mut self, connection: &mut Connection, from: Side) {
        if !connection.is_udp {
            self.wait(150);
            self.segment(connection, from, ACK, &[]);
        }
    }

    /// A request that is sent and acknowledged; its transaction identifier.
    pub(crate) fn ask(&mut self, connection: &mut Connection, unit: u8, pdu: &[u8]) -> u16 {
        let transaction = connection.next();
        self.data(connection, Client, &adu(transaction, unit, pdu));
        self.ack(connection, Server);
        transaction
    }

    /// The answer to a request after so many microseconds.
    pub(crate) fn answer(
        &mut self,
        connection: &mut Connection,
        (transaction, unit): (u16, u8),
        pdu: &[u8],
        after_us: u64,
    ) {
        self.wait(after_us);
        self.data(connection, Server, &adu(transaction, unit, pdu));
        self.ack(connection, Client);
    }

    /// A request and its answer, and a pause.
    pub(crate) fn exchange(
        &mut self,
        connection: &mut Connection,
        unit: u8,
        (request, response): (&[u8], &[u8]),
        after_us: u64,
    ) {
        let transaction = self.ask(connection, unit, request);
        self.answer(connection, (transaction, unit), response, after_us);
        self.wait(100_000);
    }

    /// So many exchanges as everywhere: two registers are read.
    pub(crate) fn polls(&mut self, connection: &mut Connection, unit: u8, count: usize) {
        for round in 0..count {
            self.exchange(connection, unit, (&READ, &registers(&[round as u16, 7])), 5_000);
        }
    }
}

impl Connection {
    pub(crate) fn new(index: u8, is_udp: bool) -> Self {
        Self {
            client: ([10, 0, 0, 100], 40_000 + u16::from(index)),
            server: ([10, 0, 0, 1], 502),
            sequences: [0x5A17_3BC1, 0xC3D0_91E7]
                .map(|first: u32| first.wrapping_add(u32::from(index).wrapping_mul(0x0101_7777))),
            window: 65_535,
            transaction: 0,
            identifications: [1, 0x8000],
            is_udp,
        }
    }

    pub(crate) fn udp(index: u8) -> Self {
        Self::new(index, true)
    }

    /// The next transaction identifier.
    pub(crate) fn next(&mut self) -> u16 {
        self.transaction = self.transaction.wrapping_add(1);
        self.transaction
    }

    /// Bytes that were on the wire, and in no packet that is recorded.
    pub(crate) fn skip(&mut self, from: Side, len: usize) {
        self.sequences[usize::from(from == Server)] += len as u32;
    }

    /// Back to before so many bytes: they are sent again.
    pub(crate) fn back(&mut self, from: Side, len: usize) {
        self.sequences[usize::from(from == Server)] -= len as u32;
    }

    pub(crate) fn packet(&mut self, from: Side, flags: u8, payload: &[u8]) -> Vec<u8> {
        let own = usize::from(from == Server);
        let [from_end, to_end] =
            if from == Client { [self.client, self.server] } else { [self.server, self.client] };
        let mut transport = [from_end.1, to_end.1].map(u16::to_be_bytes).concat();
        if self.is_udp {
            transport.extend((8 + payload.len() as u16).to_be_bytes());
            transport.extend([0, 0]);
        } else {
            transport.extend(self.sequences[own].to_be_bytes());
            let acknowledged = if flags & ACK == 0 { 0 } else { self.sequences[1 - own] };
            transport.extend(acknowledged.to_be_bytes());
            transport.extend([0x50, flags]);
            transport.extend(self.window.to_be_bytes());
            transport.extend([0; 4]);
            let more = payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
            self.sequences[own] = self.sequences[own].wrapping_add(more);
        }
        transport.extend(payload);
        let mut ip = vec![0x45, 0];
        ip.extend((20 + transport.len() as u16).to_be_bytes());
        ip.extend(self.identifications[own].to_be_bytes());
        self.identifications[own] = self.identifications[own].wrapping_add(1);
        ip.extend([0x40, 0, 64, if self.is_udp { 17 } else { 6 }, 0, 0]);
        ip.extend(from_end.0);
        ip.extend(to_end.0);
        ip.extend(transport);
        ethernet(0x0800, &ip)
    }
}

fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    packet.extend(ether_type.to_be_bytes());
    packet.extend(payload);
    packet
}

pub(crate) fn adu(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut adu = transaction.to_be_bytes().to_vec();
    adu.extend([0, 0]);
    adu.extend((pdu.len() as u16 + 1).to_be_bytes());
    adu.push(unit);
    adu.extend(pdu);
    adu
}

/// The bytes of a serial line, a row a character, at 9,600 baud with 10 bits a character.
pub(crate) struct Line {
    pub(crate) rows: String,
    pub(crate) t_us: u64,
    pub(crate) wire: &'static str,
}

pub(crate) const CHARACTER_US: u64 = 1_041;

impl Default for Line {
    fn default() -> Self {
        Self { rows: "start_us,end_us,byte_hex,line\n".to_owned(), t_us: 1_000, wire: "bus" }
    }
}

impl Line {
    pub(crate) fn wait(&mut self, us: u64) {
        self.t_us += us;
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let (start_us, end_us) = (self.t_us, self.t_us + CHARACTER_US);
            let _ = writeln!(self.rows, "{start_us},{end_us},{byte:02x},{}", self.wire);
            self.t_us = end_us;
        }
    }

    /// A frame with its CRC.
    pub(crate) fn frame(&mut self, unit: u8, pdu: &[u8]) {
        self.bytes(&closed(unit, pdu));
    }

    /// A request, its answer, and a pause.
    pub(crate) fn exchange(
        &mut self,
        unit: u8,
        (request, response): (&[u8], &[u8]),
        after_us: u64,
    ) {
        self.frame(unit, request);
        self.wait(after_us);
        self.frame(unit, response);
        self.wait(60_000);
    }

    pub(crate) fn polls(&mut self, unit: u8, count: usize) {
        for round in 0..count {
            self.exchange(unit, (&READ, &registers(&[round as u16, 7])), 8_000);
        }
    }

    /// A frame of ASCII.
    pub(crate) fn ascii(&mut self, unit: u8, pdu: &[u8]) {
        self.bytes(&ascii(unit, pdu));
    }
}

pub(crate) fn ascii(unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut binary = vec![unit];
    binary.extend(pdu);
    let sum: u8 = binary.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
    binary.push(sum.wrapping_neg());
    let digits: String = binary.iter().map(|byte| format!("{byte:02X}")).collect();
    format!(":{digits}\r\n").into_bytes()
}

pub(crate) fn closed(unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut frame = vec![unit];
    frame.extend(pdu);
    let mut crc = 0xFFFF_u16;
    for byte in &frame {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 };
        }
    }
    frame.extend(crc.to_le_bytes());
    frame
}

/// Two holding registers from address 0.
pub(crate) const READ: [u8; 5] = [3, 0, 0, 0, 2];

/// So many holding registers from an address.
pub(crate) fn read(address: u16, quantity: u16) -> Vec<u8> {
    [&[3][..], &address.to_be_bytes(), &quantity.to_be_bytes()].concat()
}

/// The answer with holding registers.
pub(crate) fn registers(values: &[u16]) -> Vec<u8> {
    let mut pdu = vec![3, values.len() as u8 * 2];
    pdu.extend(values.iter().flat_map(|value| value.to_be_bytes()));
    pdu
}

/// A register is written: the request and the answer.
pub(crate) fn write(address: u16, value: u16) -> Vec<u8> {
    [&[6][..], &address.to_be_bytes(), &value.to_be_bytes()].concat()
}
