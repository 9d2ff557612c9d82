//! A gateway from TCP to a serial line: `cargo run -p modbus-codec --example gateway -- 127.0.0.1:1502 /dev/ttyUSB0 19200 1-31`.
//!
//! A unit outside the range has no path: exception 0A. A unit that does not answer in time is the target's failure: 0B. The
//! answers of the others, exceptions among them, are passed on as they are.
#![allow(clippy::indexing_slicing)]

mod host;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::ops::RangeInclusive;
use std::time::Duration;

use modbus_codec::client::Serial;
use modbus_codec::server::{Connection, exception_for};
use modbus_codec::{Exception, ExceptionCode, FunctionCode, Request, UnitId, tcp};

/// The line behind the gateway.
struct Line<P: ?Sized> {
    client: Serial,
    clock: host::Clock,
    units: RangeInclusive<u8>,
    port: Box<P>,
}

impl<P: Read + Write + ?Sized> Line<P> {
    /// The ADU that answers one.
    fn forward<'b>(
        &mut self,
        adu: &tcp::Adu<&[u8]>,
        tx: &'b mut [u8],
    ) -> Result<&'b [u8], Box<dyn std::error::Error>> {
        let (header, unit) = (adu.header, adu.header.unit);
        let function = FunctionCode::new(adu.pdu.first().copied().unwrap_or(0));
        let refuse = |code| Exception { function: function.to_request(), code };
        let request = match Request::decode(adu.pdu) {
            _ if !self.units.contains(&unit.as_raw()) => {
                Err(refuse(ExceptionCode::GATEWAY_PATH_UNAVAILABLE))
            }
            Ok(request) => Ok(request),
            Err(error) => Err(refuse(exception_for(function, &error))),
        };
        let answered = match request {
            Ok(request) => {
                let budget = host::within(self.clock, 1_000, 300, 2);
                let asked = (unit, &request, budget);
                host::ask_serial(&mut *self.port, &mut self.client, self.clock, asked, |reply| {
                    let mut buffer = [0; tcp::ADU_LEN_MAX];
                    let written = match reply {
                        Ok(response) => tcp::encode_response(header, &response, &mut buffer),
                        Err(exception) => tcp::encode_exception(header, &exception, &mut buffer),
                    };
                    written.map(|adu| adu.to_vec())
                })
            }
            Err(exception) => return Ok(tcp::encode_exception(header, &exception, tx)?),
        };
        match answered {
            Ok(Some(written)) => {
                let written = written?;
                let place = tx.get_mut(..written.len()).ok_or("the buffer is too small")?;
                place.copy_from_slice(&written);
                Ok(place)
            }
            Ok(None) | Err(host::Error::Unanswered { .. } | host::Error::Request(_)) => {
                let exception = refuse(ExceptionCode::GATEWAY_TARGET_FAILED_TO_RESPOND);
                Ok(tcp::encode_exception(header, &exception, tx)?)
            }
            Err(host::Error::Io(error)) => Err(error.into()),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("which address?")?;
    let port = arguments.next().ok_or("which port?")?;
    let baud = arguments.next().map_or(Ok(19_200), |text| text.parse())?;
    let units = arguments.next().unwrap_or_else(|| "1-247".into());
    let (first, last) = units.split_once('-').ok_or("which units? 1-31")?;
    let port = serialport::new(port, baud).timeout(Duration::from_millis(2)).open()?;
    let units = UnitId::new(first.parse()?)?.as_raw()..=UnitId::new(last.parse()?)?.as_raw();
    let mut line =
        Line { client: Serial::without_timing(), clock: host::Clock::start(), units, port };
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    // One connection at a time: there is one line.
    for stream in listener.incoming() {
        let mut stream = stream?;
        stream.set_nodelay(true)?;
        let mut connection = Connection::new();
        let (mut rx, mut tx) = ([0; 512], [0; tcp::ADU_LEN_MAX]);
        'connection: while let Ok(count @ 1..) = stream.read(&mut rx) {
            let mut rest = &rx[..count];
            while !rest.is_empty() {
                rest = connection.receive(rest);
                while let Ok(Some(adu)) = connection.next() {
                    stream.write_all(line.forward(&adu, &mut tx)?)?;
                }
                if connection.next().is_err() {
                    break 'connection;
                }
            }
        }
    }
    Ok(())
}
