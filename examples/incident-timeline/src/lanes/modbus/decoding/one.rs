//! One whole frame, told once for each direction that it fits.

use modbus_codec::pdu::{self, Direction};
use modbus_codec::rtu::{self, FrameLen};
use modbus_codec::{FunctionCode, ascii, tcp};

use crate::event::Lane;
use crate::evidence::one::hexadecimal;
use crate::failure::Failure;
use crate::lanes::modbus::event::{Adu, Discarded, Envelope, ModbusEvent, Reason, Transport};
use crate::lanes::modbus::off_spec::Fault;

/// An RTU frame in hex, CRC included.
pub(crate) fn rtu(text: &str) -> Result<Vec<Lane>, Failure> {
    Ok(of_lane(of_rtu(&hexadecimal(text)?)))
}

/// A Modbus TCP ADU in hex, MBAP header included.
pub(crate) fn tcp(text: &str) -> Result<Vec<Lane>, Failure> {
    Ok(of_lane(of_tcp(&hexadecimal(text)?)))
}

/// The text of an ASCII frame; `:` and CR LF may be left out.
pub(crate) fn ascii(text: &str) -> Result<Vec<Lane>, Failure> {
    Ok(of_lane(of_ascii(text)?))
}

/// Whether bytes are one RTU frame, by its CRC.
pub(crate) fn is_rtu_frame(bytes: &[u8]) -> bool {
    rtu::split(bytes).is_ok()
}

fn of_lane(events: Vec<ModbusEvent>) -> Vec<Lane> {
    events.into_iter().map(Lane::Modbus).collect()
}

/// A frame whose envelope is right.
struct Frame<'a> {
    envelope: Envelope,
    pdu: &'a [u8],
    /// All of it, to be shown if no direction can be told.
    data: &'a [u8],
    /// The directions whose form the envelope has: request, response.
    directions: [bool; 2],
}

fn of_rtu(frame: &[u8]) -> Vec<ModbusEvent> {
    let raw = match rtu::split(frame) {
        Ok(raw) => raw,
        Err(rtu::Error::Crc { .. }) => return discarded(frame, Reason::Crc, None),
        Err(_) => return discarded(frame, Reason::Length, None),
    };
    let has_form = |direction| match rtu::frame_len(frame, direction) {
        FrameLen::Known(len) => {
            // 08 with sub-function 00 may have more words than the one that is predicted.
            let has_words = raw.pdu.first() == Some(&0x08) && frame.len().is_multiple_of(2);
            len == frame.len() || has_words
        }
        FrameLen::Unpredictable => true,
        // A frame whose length fields are cut, or promise more than any frame has.
        FrameLen::Unknown { .. } | FrameLen::Impossible => false,
    };
    of_frame(&Frame {
        envelope: Envelope {
            transport: Transport::Rtu,
            transaction: None,
            unit: raw.unit.as_raw(),
        },
        pdu: raw.pdu,
        data: frame,
        directions: [has_form(Direction::Request), has_form(Direction::Response)],
    })
}

fn of_tcp(bytes: &[u8]) -> Vec<ModbusEvent> {
    let raw = match tcp::split(bytes) {
        Ok(raw) => raw,
        Err(tcp::Error::ProtocolId { .. }) => return discarded(bytes, Reason::ProtocolId, None),
        Err(_) => return discarded(bytes, Reason::Length, None),
    };
    of_frame(&Frame {
        envelope: Envelope {
            transport: Transport::Tcp,
            transaction: Some(raw.header.transaction.as_raw()),
            unit: raw.header.unit.as_raw(),
        },
        pdu: raw.pdu,
        data: bytes,
        directions: [true, true],
    })
}

fn of_ascii(text: &str) -> Result<Vec<ModbusEvent>, Failure> {
    let is_blank = |character: char| character.is_whitespace();
    let digits: String = text
        .trim_start_matches(':')
        .replace("\\r", "")
        .replace("\\n", "")
        .chars()
        .filter(|c| !is_blank(*c))
        .collect();
    if let Some(wrong) = digits.chars().find(|character| !character.is_ascii_hexdigit()) {
        return Err(Failure::Refused(format!("expected hexadecimal digits, got `{wrong}`")));
    }
    let mut whole = format!(":{digits}\r\n").into_bytes();
    let data = whole.clone();
    let raw = match ascii::split(&mut whole, ascii::LF) {
        Ok(raw) => raw,
        Err(ascii::Error::Lrc { .. }) => return Ok(discarded(&data, Reason::Lrc, None)),
        Err(_) => return Ok(discarded(&data, Reason::Length, None)),
    };
    Ok(of_frame(&Frame {
        envelope: Envelope {
            transport: Transport::Ascii,
            transaction: None,
            unit: raw.unit.as_raw(),
        },
        pdu: raw.pdu,
        data: &data,
        directions: [true, true],
    }))
}

fn of_frame(frame: &Frame<'_>) -> Vec<ModbusEvent> {
    let adu = |direction| {
        let mut adu = Adu::decode(direction, frame.envelope, frame.pdu);
        adu.off_spec = adu.off_spec.or_else(|| broadcast(frame, direction));
        adu
    };
    let adus = [adu(Direction::Request), adu(Direction::Response)];
    let tell = |adu| ModbusEvent::Adu(Box::new(adu));
    let is_good = |(adu, has_form): &(&Adu, bool)| *has_form && adu.off_spec.is_none();
    let good: Vec<_> = adus.iter().zip(frame.directions).filter(is_good).collect();
    if !good.is_empty() {
        return good.into_iter().map(|(adu, _)| tell(adu.clone())).collect();
    }
    let faults = adus.each_ref().map(|adu| adu.off_spec);
    let [request, response] = adus;
    match (frame.directions, faults) {
        ([true, false], _) => vec![tell(request)],
        ([false, true], _) => vec![tell(response)],
        ([true, true], [Some(request), Some(response)]) => {
            // The direction that gets further before it is refused is the likelier one.
            let error = if response.offset() > request.offset() { response } else { request };
            discarded(frame.data, Reason::Noise, Some(error))
        }
        (_, [request, response]) => discarded(frame.data, Reason::Length, request.or(response)),
    }
}

/// The fault of a serial line's frame with unit 0: no server answers as unit 0, and a read is not broadcast.
fn broadcast(frame: &Frame<'_>, direction: Direction) -> Option<Fault> {
    let function = FunctionCode::new(frame.pdu.first().copied().unwrap_or(0));
    let is_serial = !frame.envelope.transport.has_header();
    let is_answer = direction == Direction::Response;
    let is_refused = is_serial && frame.envelope.unit == 0 && (is_answer || function.only_reads());
    is_refused.then_some(Fault::Pdu(pdu::Error::Value {
        field: pdu::Field::Unit,
        offset: 0,
        expected: pdu::Expected::Between { min: 1, max: 247 },
        got: 0,
    }))
}

fn discarded(data: &[u8], reason: Reason, off_spec: Option<Fault>) -> Vec<ModbusEvent> {
    vec![ModbusEvent::Discarded(Discarded::new(data.to_vec(), reason, off_spec))]
}
