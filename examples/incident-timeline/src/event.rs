//! The event: one line of the timeline.

use std::rc::Rc;

use modbus_codec::pdu;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::findings::Finding;
use crate::modbus::fields::Fields;

/// One line of the timeline, as it was seen on a wire.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Microseconds: since 1970 where the evidence has absolute times, else since its beginning; none of a single frame.
    pub(crate) t_us: Option<i64>,
    pub(crate) place: Option<Place>,
    pub(crate) body: Body,
}

/// Where the evidence of an event is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) source: Rc<str>,
    pub(crate) wire: Rc<str>,
    /// Bytes from the beginning of the wire.
    pub(crate) offset: u64,
    pub(crate) at: At,
}

/// How the evidence counts what it recorded, from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    Packet(u64),
    Row(u64),
    /// Only the offset counts.
    Offset,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Adu(Box<Adu>),
    Unanswered(Unanswered),
    Discarded(Discarded),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Rtu,
    Ascii,
}

/// A request or a response with a right envelope.
#[derive(Clone, Debug)]
pub(crate) struct Adu {
    pub(crate) is_request: bool,
    pub(crate) transport: Transport,
    pub(crate) transaction: Option<u16>,
    pub(crate) unit: u8,
    /// From the function code to before the CRC.
    pub(crate) pdu: Vec<u8>,
    pub(crate) off_spec: Option<pdu::Error>,
    /// Of an answer whose request was seen.
    pub(crate) latency_us: Option<i64>,
    /// How many coils the request asked for, so that the padding of the answer is not shown as coils.
    pub(crate) coils: Option<u16>,
}

impl Adu {
    /// Without bit 7, on an exception too.
    pub(crate) fn function(&self) -> u8 {
        self.pdu.first().copied().unwrap_or(0) & 0x7F
    }

    pub(crate) fn exception_code(&self) -> Option<u8> {
        match self.pdu.as_slice() {
            [function, code] if *function > 0x80 && !self.is_request => Some(*code),
            _ => None,
        }
    }
}

/// A request that has had no answer.
#[derive(Clone, Debug)]
pub(crate) struct Unanswered {
    pub(crate) request_t_us: i64,
    pub(crate) transport: Transport,
    pub(crate) transaction: Option<u16>,
    pub(crate) unit: u8,
    pub(crate) function: u8,
}

/// Bytes that belong to no ADU.
#[derive(Clone, Debug)]
pub(crate) struct Discarded {
    pub(crate) data: Vec<u8>,
    pub(crate) reason: Reason,
    pub(crate) off_spec: Option<pdu::Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reason {
    Crc,
    Lrc,
    Length,
    ProtocolId,
    Noise,
    Truncated,
    Hole,
    NotModbus,
}

impl Reason {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc => "crc",
            Self::Lrc => "lrc",
            Self::Length => "length",
            Self::ProtocolId => "protocol_id",
            Self::Noise => "noise",
            Self::Truncated => "truncated",
            Self::Hole => "hole",
            Self::NotModbus => "not_modbus",
        }
    }
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Rtu => "rtu",
            Self::Ascii => "ascii",
        }
    }
}

impl Event {
    /// The bytes of the event: their wire, where they begin, how many they are.
    pub(crate) fn bytes(&self) -> Option<(Rc<str>, u64, u64)> {
        let place = self.place.as_ref()?;
        let len = match &self.body {
            Body::Adu(adu) if adu.transport == Transport::Tcp => adu.pdu.len() + 7,
            Body::Adu(adu) => adu.pdu.len() + 3,
            Body::Discarded(discarded) => discarded.data.len(),
            Body::Unanswered(_) => return None,
        };
        Some((place.wire.clone(), place.offset, len as u64))
    }

    /// The unit of the event, where it has one.
    pub(crate) fn unit(&self) -> Option<u8> {
        match &self.body {
            Body::Adu(adu) => Some(adu.unit),
            Body::Unanswered(unanswered) => Some(unanswered.unit),
            Body::Discarded(_) => None,
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("lane", "modbus")?;
        let name = match &self.body {
            Body::Adu(adu) if adu.is_request => "request",
            Body::Adu(_) => "response",
            Body::Unanswered(_) => "unanswered",
            Body::Discarded(_) => "discarded",
        };
        map.serialize_entry("event", name)?;
        if let Some(t_us) = self.t_us {
            map.serialize_entry("t_us", &t_us)?;
        }
        if let Some(place) = &self.place {
            map.serialize_entry("source", &*place.source)?;
            place.at.serialize_into(&mut map)?;
            map.serialize_entry("offset", &place.offset)?;
            map.serialize_entry("wire", &*place.wire)?;
        }
        match &self.body {
            Body::Adu(adu) => adu.serialize_into(&mut map)?,
            Body::Unanswered(unanswered) => unanswered.serialize_into(&mut map)?,
            Body::Discarded(discarded) => {
                map.serialize_entry("bytes", &discarded.data.len())?;
                map.serialize_entry("data", &hex(&discarded.data))?;
                map.serialize_entry("reason", discarded.reason.name())?;
                serialize_off_spec(discarded.off_spec, &mut map)?;
            }
        }
        map.end()
    }
}

impl At {
    pub(crate) fn serialize_into<M: SerializeMap>(self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Packet(packet) => map.serialize_entry("packet", &packet),
            Self::Row(row) => map.serialize_entry("row", &row),
            Self::Offset => Ok(()),
        }
    }
}

impl Adu {
    fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("transport", self.transport.name())?;
        if let Some(transaction) = self.transaction {
            map.serialize_entry("transaction", &transaction)?;
        }
        map.serialize_entry("unit", &self.unit)?;
        map.serialize_entry("function", &self.function())?;
        map.serialize_entry("pdu", &hex(&self.pdu))?;
        map.serialize_entry("fields", &Fields(self))?;
        if let Some(latency_us) = self.latency_us {
            map.serialize_entry("latency_us", &latency_us)?;
        }
        serialize_off_spec(self.off_spec, map)
    }
}

impl Unanswered {
    fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("request_t_us", &self.request_t_us)?;
        map.serialize_entry("transport", self.transport.name())?;
        if let Some(transaction) = self.transaction {
            map.serialize_entry("transaction", &transaction)?;
        }
        map.serialize_entry("unit", &self.unit)?;
        map.serialize_entry("function", &self.function)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("lane", "finding")?;
        map.serialize_entry("event", self.kind.name())?;
        map.serialize_entry("severity", self.severity.name())?;
        if let Some(t_us) = self.t_us {
            map.serialize_entry("t_us", &t_us)?;
        }
        map.serialize_entry("text", &self.text)?;
        map.serialize_entry("evidence", &self.evidence)?;
        map.end()
    }
}

impl Serialize for Place {
    /// As the evidence of a finding: where to look.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("source", &*self.source)?;
        self.at.serialize_into(&mut map)?;
        map.serialize_entry("offset", &self.offset)?;
        map.serialize_entry("wire", &*self.wire)?;
        map.end()
    }
}

/// What the standard has against a PDU. The offset counts from the first byte of the ADU (of ASCII: of its binary form).
#[derive(Serialize)]
struct OffSpec {
    field: &'static str,
    offset: u16,
    expected: String,
    got: u16,
}

fn serialize_off_spec<M: SerializeMap>(
    error: Option<pdu::Error>,
    map: &mut M,
) -> Result<(), M::Error> {
    let Some(error) = error else {
        return Ok(());
    };
    let off_spec = match error {
        pdu::Error::Short { field, offset, required, available, .. } => OffSpec {
            field: field.name(),
            offset,
            expected: format!("{required} bytes"),
            got: available,
        },
        pdu::Error::Trailing { offset, len } => {
            OffSpec { field: "pdu_length", offset, expected: "the end".to_owned(), got: len }
        }
        pdu::Error::Value { field, offset, expected, got } => {
            OffSpec { field: field.name(), offset, expected: expected.to_string(), got }
        }
        _ => OffSpec { field: "pdu", offset: 0, expected: error.to_string(), got: 0 },
    };
    map.serialize_entry("off_spec", &off_spec)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble & 0x0F)).copied().unwrap_or('0');
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(*byte));
    }
    text
}
