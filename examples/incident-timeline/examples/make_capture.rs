//! Makes a pcap of Modbus TCP for measuring: `make_capture BYTES CONNECTIONS FILE`.
//!
//! Each connection is that of one client to a device of its own. It begins with a handshake; then exchanges follow, each on the next
//! connection in turn: a read of 1 to 60 holding registers and its answer.

use std::fs::File;
use std::io::{self, BufWriter, Write};

/// The state of a connection: the next sequence numbers and the transaction.
#[derive(Clone, Copy, Default)]
struct Connection {
    client: u32,
    server: u32,
    transaction: u16,
}

struct Capture<W> {
    out: W,
    len: u64,
    t_us: u64,
}

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PUSH: u8 = 0x18;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or(io::ErrorKind::InvalidInput);
    let number = |text: String| text.parse().map_err(|_| io::ErrorKind::InvalidInput);
    let len: u64 = number(next()?)?;
    let count: u64 = number(next()?)?;
    let out = BufWriter::with_capacity(1 << 20, File::create(next()?)?);
    let mut capture = Capture { out, len: 0, t_us: 1_700_000_000_000_000 };
    capture.header()?;
    let mut connections = vec![Connection::default(); usize::try_from(count).unwrap_or(1)];
    for (index, connection) in (0..).zip(&mut connections) {
        connection.client = u32::wrapping_mul(index, 0x9E37_79B9);
        connection.server = !connection.client;
        capture.packet(index, true, connection, SYN, &[])?;
        connection.client = connection.client.wrapping_add(1);
        capture.packet(index, false, connection, SYN | ACK, &[])?;
        connection.server = connection.server.wrapping_add(1);
    }
    'all: loop {
        for (index, connection) in (0..).zip(&mut connections) {
            if capture.len >= len {
                break 'all;
            }
            capture.exchange(index, connection)?;
        }
    }
    for (index, connection) in (0..).zip(&mut connections) {
        capture.packet(index, true, connection, FIN | ACK, &[])?;
    }
    capture.out.flush()
}

impl<W: Write> Capture<W> {
    fn header(&mut self) -> io::Result<()> {
        let words = [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 65_535, 1];
        for word in words {
            self.out.write_all(&word.to_le_bytes())?;
        }
        self.len += 24;
        Ok(())
    }

    fn exchange(&mut self, index: u32, connection: &mut Connection) -> io::Result<()> {
        connection.transaction = connection.transaction.wrapping_add(1);
        let [high, low] = connection.transaction.to_be_bytes();
        let quantity = u8::try_from(connection.transaction % 60).unwrap_or(0) + 1;
        let request = [high, low, 0, 0, 0, 6, 1, 3, 0, 0, 0, quantity];
        self.packet(index, true, connection, PUSH, &request)?;
        connection.client = connection.client.wrapping_add(12);
        let byte_count = quantity * 2;
        let mut response = vec![high, low, 0, 0, 0, byte_count + 3, 1, 3, byte_count];
        response.extend((0..byte_count).map(|byte| byte ^ low));
        self.packet(index, false, connection, PUSH, &response)?;
        let sent = u32::try_from(response.len()).unwrap_or(0);
        connection.server = connection.server.wrapping_add(sent);
        Ok(())
    }

    fn packet(
        &mut self,
        index: u32,
        is_request: bool,
        connection: &Connection,
        flags: u8,
        payload: &[u8],
    ) -> io::Result<()> {
        self.t_us += 150;
        let [_, a, b, c] = index.to_be_bytes();
        let ports = [10_000 + u16::from(c), 502].map(u16::to_be_bytes);
        let addresses = [[10, 0, 0, 1], [10, 1 + a, b, c]];
        let numbers = [connection.client, connection.server].map(u32::to_be_bytes);
        let [from, to] = if is_request { [0, 1] } else { [1, 0] };
        let len = u16::try_from(40 + payload.len()).unwrap_or(0);
        let mut packet = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
        packet.extend(len.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        for (place, values) in [from, to].map(|at| (at, &addresses)) {
            packet.extend(values.get(place).copied().unwrap_or_default());
        }
        for (place, values) in [from, to].map(|at| (at, &ports)) {
            packet.extend(values.get(place).copied().unwrap_or_default());
        }
        for (place, values) in [from, to].map(|at| (at, &numbers)) {
            packet.extend(values.get(place).copied().unwrap_or_default());
        }
        packet.extend([0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]);
        packet.extend(payload);
        let captured = u32::try_from(packet.len()).unwrap_or(0);
        let seconds = u32::try_from(self.t_us / 1_000_000).unwrap_or(0);
        let micros = u32::try_from(self.t_us % 1_000_000).unwrap_or(0);
        for word in [seconds, micros, captured, captured] {
            self.out.write_all(&word.to_le_bytes())?;
        }
        self.out.write_all(&packet)?;
        self.len += 16 + u64::from(captured);
        Ok(())
    }
}
