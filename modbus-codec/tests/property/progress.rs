//! After a poll that returned nothing, at least one byte is taken: no loop of a caller is without end.

use arbitrary::{Result, Unstructured};
use modbus_codec::ascii;
use modbus_codec::client::{Budget, Serial, Tcp};
use modbus_codec::server::{Connection, Server};
use modbus_codec::stream::{Decoder, Timing};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Quantity, Request, UnitId};

use super::server::Drawn;
use super::stream::chunk;

/// A turn polls at most so often: each answer, event or item takes at least one byte.
const POLLS_MAX: usize = 2_000;

/// A decoder, a client or a server: bytes are given to it, and it is polled until it returns nothing.
#[allow(clippy::large_enum_variant)] // One is made for a run.
enum Endpoint {
    Stream(Decoder),
    Ascii(ascii::Decoder),
    Client(Serial),
    TcpClient(Tcp<2>),
    Server(Server),
    Connection(Connection),
}

impl Endpoint {
    fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let (unit, line) = (UnitId::from_raw(2), Rtu::at_baud(*u.choose(&[1_200, 115_200])?));
        let timing = match u.int_in_range(0..=3_u8)? {
            0 => Timing::Off,
            1 => Timing::Content { character_us: 95, frame_us: 1_750, release_us: 20_000 },
            2 => Timing::UnknownBaudRate { release_us: 100_000 },
            _ => Timing::Strict(line),
        };
        Ok(match u.int_in_range(0..=13_u8)? {
            0 => Self::Stream(Decoder::requests().with_timing(timing)),
            1 => Self::Stream(Decoder::responses().with_timing(timing).lenient()),
            2 => Self::Stream(Decoder::both_directions().with_timing(timing)),
            3 => Self::Stream(Decoder::both_directions().with_timing(timing).lenient()),
            4 => Self::Ascii(ascii::Decoder::new()),
            5 => Self::Ascii(ascii::Decoder::new().with_delimiter(u.arbitrary()?)),
            6 => Self::Client(Serial::new(line).with_echo()),
            7 => Self::Client(Serial::without_timing()),
            8 => Self::TcpClient(Tcp::new()),
            9 => Self::Connection(Connection::new()),
            10 => Self::Server(Server::new(unit, line).with_release(u.arbitrary()?)),
            11 => Self::Server(Server::new(unit, line).strict(line)),
            12 => Self::Server(Server::new(unit, line)),
            _ => Self::Server(Server::point_to_point(unit)),
        })
    }

    fn receive<'b>(&mut self, bytes: &'b [u8], now_us: u64) -> &'b [u8] {
        match self {
            Self::Stream(decoder) => decoder.push(bytes, now_us),
            Self::Ascii(decoder) => decoder.push(bytes, now_us),
            Self::Client(client) => client.receive(bytes, now_us),
            Self::TcpClient(client) => client.receive(bytes),
            Self::Server(server) => server.receive(bytes, now_us),
            Self::Connection(connection) => connection.receive(bytes),
        }
    }

    /// Whether there was something.
    fn poll(&mut self, u: &mut Unstructured<'_>, now_us: u64) -> bool {
        match self {
            Self::Stream(decoder) => decoder.next().is_some(),
            Self::Ascii(decoder) => decoder.next().is_some(),
            Self::Client(client) => client.poll(now_us).is_some(),
            Self::TcpClient(client) => client.poll(now_us).is_some(),
            Self::Server(server) => server.poll(&mut Drawn(u), &mut [0; 256], now_us).is_some(),
            Self::Connection(connection) => match connection.poll(&mut Drawn(u), &mut [0; 260]) {
                Ok(answer) => answer.is_some(),
                Err(_) => {
                    // The caller closes it.
                    *connection = Connection::new();
                    false
                }
            },
        }
    }

    fn elapse(&mut self, now_us: u64) {
        match self {
            Self::Stream(decoder) => decoder.elapse(now_us),
            Self::Ascii(decoder) => decoder.elapse(now_us),
            _ => {}
        }
    }

    /// A client has something to wait for.
    fn ask(&mut self, now_us: u64) {
        let request = Request::ReadHoldingRegisters {
            starting_address: Address::ZERO,
            quantity: Quantity::ONE,
        };
        let deadline_us = now_us.saturating_add(1_000_000);
        let budget = Budget { deadline_us, response_timeout_us: 10_000, attempts: 3 };
        match self {
            Self::Client(client) => {
                let _ = client.request(UnitId::from_raw(2), &request, budget, now_us);
                let _ = client.poll_transmit(now_us);
            }
            Self::TcpClient(client) => {
                let _ = client.request(UnitId::from_raw(2), &request, budget, now_us);
                let _ = client.poll_transmit(now_us);
            }
            _ => {}
        }
    }
}

/// Any bytes, any chunks, any clock: each turn of the documented loop takes a byte.
pub fn progress(u: &mut Unstructured<'_>) -> Result<()> {
    let mut endpoint = Endpoint::draw(u)?;
    let mut now_us = 0_u64;
    while !u.is_empty() {
        now_us = match u.int_in_range(0..=7_u8)? {
            0 => u.arbitrary()?,
            1 => now_us,
            2 => now_us.saturating_add(u.arbitrary::<u32>()?.into()),
            _ => now_us.saturating_add(u.arbitrary::<u16>()?.into()),
        };
        let part = match u.int_in_range(0..=5_u8)? {
            0 => {
                let text: &[u8] = u.choose(&[&b"Busy "[..], b":", b":1103\r\n", b"\r\n", b"\0"])?;
                text.repeat(u.int_in_range(1..=200)?)
            }
            1 => u.bytes(usize::min(u.len(), 700))?.to_vec(),
            _ => chunk(u)?,
        };
        if u.ratio(1, 4)? {
            endpoint.ask(now_us);
        }
        if u.ratio(1, 4)? {
            endpoint.elapse(now_us);
            drain(&mut endpoint, u, now_us);
        }
        let mut rest = &part[..];
        while !rest.is_empty() {
            let later = endpoint.receive(rest, now_us);
            assert!(later.len() < rest.len(), "no byte of {} was taken", rest.len());
            rest = later;
            drain(&mut endpoint, u, now_us);
        }
    }
    Ok(())
}

fn drain(endpoint: &mut Endpoint, u: &mut Unstructured<'_>, now_us: u64) {
    for polls in 0.. {
        if !endpoint.poll(u, now_us) {
            return;
        }
        assert!(polls < POLLS_MAX, "polled without end");
    }
}
