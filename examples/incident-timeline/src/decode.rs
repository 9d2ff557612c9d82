//! `decode`: one whole frame, told once for each direction that it fits.

use std::io::{self, Write};

use modbus_codec::pdu::{self, Direction};
use modbus_codec::rtu::{self, FrameLen};
use modbus_codec::{Request, Response, ascii, tcp};

use crate::cli::{Kind, Options};
use crate::event::{Adu, Body, Discarded, Event, Reason, Transport};
use crate::failure::Failure;
use crate::output;

/// Decodes and prints. A frame that is damaged or off-spec is printed too, and is a failure.
pub(crate) fn run(options: &Options, kind: Kind, text: &[String]) -> Result<(), Failure> {
    let text = text.concat();
    let bodies = match kind {
        Kind::Rtu => of_rtu(&bytes(&text)?),
        Kind::Tcp => of_tcp(&bytes(&text)?),
        Kind::Ascii => of_ascii(&text)?,
    };
    let is_good = |body: &Body| matches!(body, Body::Adu(adu) if adu.off_spec.is_none());
    let result = if bodies.iter().all(is_good) { Ok(()) } else { Err(Failure::OffSpec) };
    let mut out = io::stdout().lock();
    for body in bodies {
        let event = Event { t_us: None, place: None, body };
        output::write_one(&mut out, &event, options.format)
            .and_then(|()| out.flush())
            .map_err(|error| Failure::from_output(&error))?;
    }
    result
}

/// A right envelope and what is in it.
struct Envelope<'a> {
    transport: Transport,
    transaction: Option<u16>,
    unit: u8,
    pdu: &'a [u8],
    /// All of it, to be shown if no direction can be told.
    data: &'a [u8],
    /// What precedes the PDU.
    header_len: u16,
    /// The directions whose form the envelope has.
    directions: [bool; 2],
}

fn of_rtu(frame: &[u8]) -> Vec<Body> {
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
    of_envelope(&Envelope {
        transport: Transport::Rtu,
        transaction: None,
        unit: raw.unit.as_raw(),
        pdu: raw.pdu,
        data: frame,
        header_len: 1,
        directions: [has_form(Direction::Request), has_form(Direction::Response)],
    })
}

fn of_tcp(bytes: &[u8]) -> Vec<Body> {
    let raw = match tcp::split(bytes) {
        Ok(raw) => raw,
        Err(tcp::Error::ProtocolId { .. }) => return discarded(bytes, Reason::ProtocolId, None),
        Err(_) => return discarded(bytes, Reason::Length, None),
    };
    of_envelope(&Envelope {
        transport: Transport::Tcp,
        transaction: Some(raw.header.transaction.as_raw()),
        unit: raw.header.unit.as_raw(),
        pdu: raw.pdu,
        data: bytes,
        header_len: tcp::HEADER_LEN as u16,
        directions: [true, true],
    })
}

fn of_ascii(text: &str) -> Result<Vec<Body>, Failure> {
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
    Ok(of_envelope(&Envelope {
        transport: Transport::Ascii,
        transaction: None,
        unit: raw.unit.as_raw(),
        pdu: raw.pdu,
        data: &data,
        header_len: 1,
        directions: [true, true],
    }))
}

fn of_envelope(envelope: &Envelope<'_>) -> Vec<Body> {
    let Envelope { pdu, header_len, directions, .. } = *envelope;
    let of_pdu = [Request::decode(pdu).err(), Response::decode(pdu).err()];
    let [request, response] = of_pdu.map(|error| error.map(|error| error.after(header_len)));
    let refused = [
        request.or_else(|| broadcast(envelope, true)),
        response.or_else(|| broadcast(envelope, false)),
    ];
    let adu = |is_request, off_spec| {
        Body::Adu(Box::new(Adu {
            is_request,
            transport: envelope.transport,
            transaction: envelope.transaction,
            unit: envelope.unit,
            pdu: pdu.to_vec(),
            off_spec,
            latency_us: None,
            coils: None,
        }))
    };
    let [request, response] = refused;
    let good: Vec<Body> = [(true, request), (false, response)]
        .into_iter()
        .zip(directions)
        .filter(|((_, error), has_form)| error.is_none() && *has_form)
        .map(|((is_request, _), _)| adu(is_request, None))
        .collect();
    if !good.is_empty() {
        return good;
    }
    match (directions, request, response) {
        ([true, false], Some(error), _) => vec![adu(true, Some(error))],
        ([false, true], _, Some(error)) => vec![adu(false, Some(error))],
        ([true, true], Some(request), Some(response)) => {
            // The direction that gets further before it is refused is the likelier one.
            let error = if response.offset() > request.offset() { response } else { request };
            discarded(envelope.data, Reason::Noise, Some(error))
        }
        _ => discarded(envelope.data, Reason::Length, request.or(response)),
    }
}

/// What a serial line has against unit 0: none answers as it, and what only reads is not broadcast.
fn broadcast(envelope: &Envelope<'_>, is_request: bool) -> Option<pdu::Error> {
    let function = modbus_codec::FunctionCode::new(envelope.pdu.first().copied().unwrap_or(0));
    let is_serial = envelope.transport != Transport::Tcp;
    let is_refused = is_serial && envelope.unit == 0 && (!is_request || function.only_reads());
    is_refused.then_some(pdu::Error::Value {
        field: pdu::Field::Unit,
        offset: 0,
        expected: pdu::Expected::Between { min: 1, max: 247 },
        got: 0,
    })
}

fn discarded(data: &[u8], reason: Reason, off_spec: Option<pdu::Error>) -> Vec<Body> {
    vec![Body::Discarded(Discarded { data: data.to_vec(), reason, off_spec })]
}

/// The bytes of a text in hex; blanks, `:`, `-`, `_` and `0x` do not matter.
fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    let text = text.replace("0x", "").replace("0X", "");
    let is_filler = |character: &char| character.is_whitespace() || ":-_".contains(*character);
    let digits: Vec<char> = text.chars().filter(|character| !is_filler(character)).collect();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        let count = digits.len();
        return Err(Failure::Refused(format!(
            "expected pairs of hexadecimal digits, got {count} digits"
        )));
    }
    let digit = |character: &char| {
        let value = character.to_digit(16).and_then(|value| u8::try_from(value).ok());
        value.ok_or_else(|| {
            Failure::Refused(format!("expected a hexadecimal digit, got `{character}`"))
        })
    };
    digits
        .chunks_exact(2)
        .map(|pair| {
            let mut pair = pair.iter().map(digit);
            let mut next = || pair.next().unwrap_or(Ok(0));
            Ok(next()? << 4 | next()?)
        })
        .collect()
}
