//! Shared by the examples for hosts: a clock, a device with its data in memory, and the loops that move the bytes.
#![allow(dead_code)] // Each example uses its own part.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use modbus_codec::client::{Budget, Event, Failure, Serial, Tcp};
use modbus_codec::server::{CoilsMut, Connection, RegistersMut, Server, Service, Table};
use modbus_codec::{
    Address, Coils, ExceptionCode, FunctionCode, Registers, Reply, Request, UnitId,
};

/// Microseconds since it was made.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now_us(self) -> u64 {
        self.0.elapsed().as_micros() as u64
    }
}

/// A device with a thousand of everything.
pub(crate) struct Memory {
    pub(crate) coils: [bool; 1000],
    pub(crate) inputs: [bool; 1000],
    pub(crate) holding: [u16; 1000],
    pub(crate) input: [u16; 1000],
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            coils: [false; 1000],
            inputs: std::array::from_fn(|index| index % 3 == 0),
            holding: std::array::from_fn(|index| index as u16),
            input: std::array::from_fn(|index| 10_000 + index as u16),
        }
    }
}

fn from(at: Address) -> usize {
    usize::from(at.as_raw())
}

impl Service for Memory {
    fn supports(&self, function: FunctionCode) -> bool {
        matches!(function.as_raw(), 0x01..=0x06 | 0x0F | 0x10 | 0x16 | 0x17 | 0x18 | 0x2B)
    }

    fn contains(&self, _table: Table, at: Address, quantity: u16) -> bool {
        from(at) + usize::from(quantity) <= self.coils.len()
    }

    fn read_coils(&mut self, at: Address, out: &mut CoilsMut<'_>) -> Result<(), ExceptionCode> {
        out.fill(self.coils.iter().copied().skip(from(at)));
        Ok(())
    }

    fn read_discrete_inputs(
        &mut self,
        at: Address,
        out: &mut CoilsMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill(self.inputs.iter().copied().skip(from(at)));
        Ok(())
    }

    fn read_holding_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill(self.holding.iter().copied().skip(from(at)));
        Ok(())
    }

    fn read_input_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.fill(self.input.iter().copied().skip(from(at)));
        Ok(())
    }

    fn write_coils(&mut self, at: Address, coils: Coils<'_>) -> Result<(), ExceptionCode> {
        for (place, coil) in self.coils.iter_mut().skip(from(at)).zip(coils) {
            *place = coil;
        }
        Ok(())
    }

    fn write_registers(
        &mut self,
        at: Address,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        for (place, register) in self.holding.iter_mut().skip(from(at)).zip(registers) {
            *place = register;
        }
        Ok(())
    }

    #[cfg(feature = "extended-functions")]
    fn read_fifo_queue(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<usize, ExceptionCode> {
        out.fill(self.holding.iter().copied().skip(from(at)));
        Ok(4)
    }

    #[cfg(feature = "extended-functions")]
    fn identification(&self, object_id: u8) -> Option<&[u8]> {
        match object_id {
            0 => Some(b"modbus-codec"),
            1 => Some(b"memory"),
            2 => Some(env!("CARGO_PKG_VERSION").as_bytes()),
            _ => None,
        }
    }
}

/// Whether reading only found nothing yet.
fn is_idle(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// Answers what comes on one connection until it ends, or `stop` is set. The stream has a read timeout.
pub(crate) fn serve_tcp(
    mut stream: TcpStream,
    service: &Mutex<impl Service>,
    stop: &AtomicBool,
) -> io::Result<()> {
    let mut connection = Connection::new();
    let (mut rx, mut tx) = ([0; 512], [0; 260]);
    while !stop.load(Ordering::Relaxed) {
        let count = match stream.read(&mut rx) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if is_idle(&error) => continue,
            Err(error) => return Err(error),
        };
        let mut rest = &rx[..count];
        while !rest.is_empty() {
            rest = connection.receive(rest);
            let Ok(mut service) = service.lock() else { return Ok(()) };
            while let Some(adu) = connection.poll(&mut *service, &mut tx).map_err(invalid)? {
                stream.write_all(adu)?;
            }
        }
    }
    Ok(())
}

fn invalid(error: modbus_codec::tcp::Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

/// Answers what comes on a serial port until `stop` is set. The port has a read timeout of a few milliseconds.
pub(crate) fn serve_serial(
    port: &mut (impl Read + Write + ?Sized),
    server: &mut Server,
    service: &Mutex<impl Service>,
    stop: &AtomicBool,
) -> io::Result<()> {
    let clock = Clock::start();
    let (mut rx, mut tx) = ([0; 256], [0; 256]);
    while !stop.load(Ordering::Relaxed) {
        let count = match port.read(&mut rx) {
            Ok(count) => count,
            Err(error) if is_idle(&error) => 0,
            Err(error) => return Err(error),
        };
        let mut rest = &rx[..count];
        loop {
            rest = server.receive(rest, clock.now_us());
            let Ok(mut service) = service.lock() else { return Ok(()) };
            while let Some(adu) = server.poll(&mut *service, &mut tx, clock.now_us()) {
                port.write_all(adu)?;
            }
            if rest.is_empty() {
                break;
            }
        }
    }
    Ok(())
}

/// Why a request brought nothing.
#[derive(Debug)]
pub(crate) enum Error {
    Io(io::Error),
    Request(modbus_codec::client::RequestError),
    Unanswered { attempts: u8, failure: Failure },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::Unanswered { attempts, failure } => write!(f, "{failure}, sent {attempts} times"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The budget of one request from now on.
pub(crate) fn within(clock: Clock, deadline_ms: u64, timeout_ms: u32, attempts: u8) -> Budget {
    Budget {
        deadline_us: clock.now_us() + deadline_ms * 1_000,
        response_timeout_us: timeout_ms * 1_000,
        attempts,
    }
}

/// Asks on a serial port, and waits. The port has a read timeout of a few milliseconds.
pub(crate) fn ask_serial<T>(
    port: &mut (impl Read + Write + ?Sized),
    client: &mut Serial,
    clock: Clock,
    (unit, request, budget): (UnitId, &Request<'_>, Budget),
    then: impl FnOnce(Reply<'_>) -> T,
) -> Result<Option<T>, Error> {
    let request = client.request(unit, request, budget, clock.now_us());
    let ticket = request.map_err(Error::Request)?;
    let mut rx = [0; 256];
    loop {
        if let Some(frame) = client.poll_transmit(clock.now_us()) {
            port.write_all(frame)?;
        }
        let count = match port.read(&mut rx) {
            Ok(count) => count,
            Err(error) if is_idle(&error) => 0,
            Err(error) => return Err(error.into()),
        };
        let mut rest = &rx[..count];
        loop {
            rest = client.receive(rest, clock.now_us());
            match client.poll(clock.now_us()) {
                Some(Event::Answered { ticket: answered, reply, .. }) if answered == ticket => {
                    return Ok(Some(then(reply)));
                }
                Some(Event::Sent { .. }) => return Ok(None),
                Some(Event::Unanswered { attempts, failure, .. }) => {
                    return Err(Error::Unanswered { attempts, failure });
                }
                _ if rest.is_empty() => break,
                _ => {}
            }
        }
    }
}

/// A connection to a server, made again when it ends.
pub(crate) struct Master {
    address: std::net::SocketAddr,
    stream: Option<TcpStream>,
    pub(crate) client: Tcp<4>,
    pub(crate) clock: Clock,
}

impl Master {
    pub(crate) fn new(address: std::net::SocketAddr) -> Self {
        Self { address, stream: None, client: Tcp::new(), clock: Clock::start() }
    }

    /// Asks, and waits; on a new connection if the old one ends before the deadline.
    pub(crate) fn ask<T>(
        &mut self,
        unit: UnitId,
        request: &Request<'_>,
        budget: Budget,
        then: impl FnOnce(Reply<'_>) -> T,
    ) -> Result<T, Error> {
        let ticket = self.client.request(unit, request, budget, self.clock.now_us());
        let ticket = ticket.map_err(Error::Request)?;
        loop {
            if self.exchange().is_err() {
                self.disconnect();
                std::thread::sleep(Duration::from_millis(20));
            }
            match self.client.poll(self.clock.now_us()) {
                Some(Event::Answered { ticket: answered, reply, .. }) if answered == ticket => {
                    return Ok(then(reply));
                }
                Some(Event::Unanswered { ticket: ended, attempts, failure }) if ended == ticket => {
                    return Err(Error::Unanswered { attempts, failure });
                }
                Some(Event::Broken(_)) => self.disconnect(),
                _ => {}
            }
        }
    }

    /// Closes the connection; the client sends again on the next one what its budgets allow.
    fn disconnect(&mut self) {
        self.stream = None;
        self.client.disconnected(self.clock.now_us());
    }

    /// Sends what is to be sent, and takes what has come.
    fn exchange(&mut self) -> io::Result<()> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect_timeout(&self.address, Duration::from_millis(100))?;
                stream.set_read_timeout(Some(Duration::from_millis(5)))?;
                stream.set_nodelay(true)?;
                self.stream.insert(stream)
            }
        };
        while let Some(adu) = self.client.poll_transmit(self.clock.now_us()) {
            stream.write_all(adu)?;
        }
        let mut rx = [0; 260];
        match stream.read(&mut rx) {
            Ok(0) => Err(ErrorKind::ConnectionReset.into()),
            // One ADU at most is asked for at a time, so that what comes fits.
            Ok(count) => match self.client.receive(&rx[..count]) {
                [] => Ok(()),
                _ => Err(ErrorKind::InvalidData.into()),
            },
            Err(error) if is_idle(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
