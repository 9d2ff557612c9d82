//! The events of the lane: ADUs, requests without an answer, and bytes of no ADU.

use modbus_codec::pdu::Direction;
use modbus_codec::{ExceptionCode, FunctionCode, Mismatch, Request, Response};

use super::fields::Fields;
use super::off_spec::Fault;
use crate::describe::{Describe, Duration, Field, Hex, Text, Value, Visitor};
use crate::elsewhere::Token;
use crate::finding::Blame;
use crate::group::hash;
use crate::lane::LaneEvent;
use crate::options::Options;
use crate::severity::Severity;

/// An event of the lane.
#[derive(Clone, Debug)]
pub(crate) enum ModbusEvent {
    Adu(Box<Adu>),
    Unanswered(Unanswered),
    Discarded(Discarded),
    /// And the sequence number with which the client asked for the connection.
    Link(Link, Option<u32>),
}

/// Something that happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Link {
    /// A connection was asked for, and refused.
    Refused,
    /// A connection was asked for, and nobody answered.
    Unreachable,
    /// The connection was reset while requests had no answer.
    Reset,
    /// The client asks no more, and the connection is not closed.
    Stopped { silent_us: i64 },
}

/// What a response is to the request before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The answer to its request.
    Fits,
    /// The answer, after the client has asked again, though it took no longer than others before it, or it did.
    Late { as_usual: bool },
    /// A second answer to a request that was answered.
    Double,
    /// The answer to the request before, in the place of that to its own.
    Shifted,
    /// In the place of an answer, with content that cannot be it.
    Mismatched(Mismatch),
    /// With an identifier that no request has; paired by order.
    ByOrder,
    /// Nobody has asked, as far as the recording goes.
    Unasked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Udp,
    Rtu,
    Ascii,
}

/// The envelope of a PDU.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    pub(crate) transport: Transport,
    pub(crate) transaction: Option<u16>,
    pub(crate) unit: u8,
}

/// A request or a response with a right envelope.
#[derive(Clone, Debug)]
pub(crate) struct Adu {
    pub(crate) direction: Direction,
    pub(crate) envelope: Envelope,
    /// From the function code to before the CRC.
    pub(crate) pdu: Vec<u8>,
    pub(crate) off_spec: Option<Fault>,
    /// Whether somebody is missed who does not answer the request.
    pub(crate) is_answered: bool,
    /// How many coils the request asked for; of a response, the request that it answers.
    pub(crate) coils: Option<u16>,
    /// Of a response whose request was seen.
    pub(crate) latency_us: Option<i64>,
    /// Of a response whose request was seen: how long the server took, from when it had nothing else to answer.
    pub(crate) service_us: Option<i64>,
    /// Of a response whose request was seen: whether the client waited for nothing else.
    pub(crate) is_alone: bool,
    /// Of a response.
    pub(crate) answer: Option<Answer>,
    /// In a TCP connection: the sequence number after its last byte.
    pub(crate) sequence: Option<u32>,
    /// The address that the request names; of a response, the request that it answers.
    pub(crate) address: Option<u16>,
    /// Of a request that repeats one that has had no answer: when that was sent.
    pub(crate) repeats_us: Option<i64>,
}

/// A request that has had no answer.
#[derive(Clone, Debug)]
pub(crate) struct Unanswered {
    pub(crate) envelope: Envelope,
    pub(crate) function: u8,
    pub(crate) request_t_us: i64,
    /// How long the answer was waited for.
    pub(crate) age_us: i64,
    /// Whose fault it is.
    pub(crate) blame: Blame,
}

/// Bytes that belong to no ADU.
#[derive(Clone, Debug)]
pub(crate) struct Discarded {
    pub(crate) data: Vec<u8>,
    pub(crate) reason: Reason,
    pub(crate) off_spec: Option<Fault>,
    /// In a TCP connection whose beginning was seen: the sequence number before its first byte.
    pub(crate) sequence: Option<u32>,
    /// Whether its sender is the one that asks.
    pub(crate) is_request: bool,
}

impl Discarded {
    /// Bytes of a line.
    pub(crate) fn new(data: Vec<u8>, reason: Reason, off_spec: Option<Fault>) -> Self {
        Self { data, reason, off_spec, sequence: None, is_request: false }
    }
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
    fn name(self) -> &'static str {
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
    fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Rtu => "rtu",
            Self::Ascii => "ascii",
        }
    }

    /// Whether its ADUs have an MBAP header.
    pub(crate) fn has_header(self) -> bool {
        matches!(self, Self::Tcp | Self::Udp)
    }

    /// The bytes before the PDU.
    pub(crate) fn header_len(self) -> u16 {
        match self {
            Self::Tcp | Self::Udp => modbus_codec::tcp::HEADER_LEN as u16,
            Self::Rtu | Self::Ascii => 1,
        }
    }
}

impl Adu {
    /// Decodes the PDU, which happens only here: the facts that others need are kept.
    pub(crate) fn decode(direction: Direction, envelope: Envelope, pdu: &[u8]) -> Self {
        let (off_spec, is_answered, coils) = match direction {
            Direction::Request => match Request::decode(pdu) {
                Ok(request) => (None, is_answered(&envelope, &request), coils(&request)),
                Err(error) => (Some(error), true, None),
            },
            Direction::Response => (Response::decode(pdu).err(), false, None),
        };
        let after = envelope.transport.header_len();
        let off_spec = off_spec.map(|error| Fault::Pdu(error.after(after)));
        let is_request = direction == Direction::Request;
        let address = address(pdu).filter(|_| is_request);
        let pdu = pdu.to_vec();
        Self {
            direction,
            envelope,
            pdu,
            off_spec,
            is_answered,
            coils,
            latency_us: None,
            service_us: None,
            is_alone: false,
            answer: None,
            sequence: None,
            address,
            repeats_us: None,
        }
    }

    pub(crate) fn is_request(&self) -> bool {
        self.direction == Direction::Request
    }

    /// Whether it cannot go the other way too, as a write can, which its answer repeats.
    pub(crate) fn goes_one_way(&self) -> bool {
        let is_other = match self.direction {
            Direction::Request => Response::decode(&self.pdu).is_ok(),
            Direction::Response => Request::decode(&self.pdu).is_ok(),
        };
        self.off_spec.is_none() && !is_other
    }

    /// Without bit 7, on an exception too.
    pub(crate) fn function(&self) -> u8 {
        self.pdu.first().copied().unwrap_or(0) & 0x7F
    }

    pub(crate) fn exception_code(&self) -> Option<u8> {
        match self.pdu.as_slice() {
            [function, code] if *function > 0x80 && !self.is_request() => Some(*code),
            _ => None,
        }
    }

    fn fields(&self) -> Fields<'_> {
        Fields {
            direction: self.direction,
            pdu: &self.pdu,
            is_off_spec: self.off_spec.is_some(),
            coils: self.coils,
        }
    }
}

/// Whether anyone answers it: not a broadcast, not 08 with sub-function 04.
///
/// Over TCP unit 0 may also be the server itself, so a read of it is answered.
fn is_answered(envelope: &Envelope, request: &Request<'_>) -> bool {
    let is_broadcast = envelope.unit == 0
        && (!envelope.transport.has_header() || !request.function().only_reads());
    request.is_answered() && !is_broadcast
}

/// The data address that a request names first.
fn address(pdu: &[u8]) -> Option<u16> {
    match pdu {
        [1..=6 | 15 | 16 | 22..=24, high, low, ..] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

fn coils(request: &Request<'_>) -> Option<u16> {
    match request {
        Request::ReadCoils { quantity, .. } | Request::ReadDiscreteInputs { quantity, .. } => {
            Some(quantity.as_raw())
        }
        _ => None,
    }
}

impl LaneEvent for ModbusEvent {
    fn lane(&self) -> &'static str {
        "modbus"
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Adu(adu) if adu.is_request() => "request",
            Self::Adu(_) => "response",
            Self::Unanswered(_) => "unanswered",
            Self::Discarded(_) => "discarded",
            Self::Link(Link::Refused, _) => "refused",
            Self::Link(Link::Unreachable, _) => "unreachable",
            Self::Link(Link::Reset, _) => "reset",
            Self::Link(Link::Stopped { .. }, _) => "stopped",
        }
    }

    fn severity(&self) -> Option<Severity> {
        match self {
            Self::Adu(_) => None,
            Self::Unanswered(unanswered) if unanswered.blame == Blame::Recording => None,
            Self::Unanswered(_) | Self::Link(..) => Some(Severity::Fault),
            Self::Discarded(_) => Some(Severity::Warning),
        }
    }

    fn is_good(&self) -> bool {
        matches!(self, Self::Adu(adu) if adu.off_spec.is_none())
    }

    fn bytes_len(&self) -> Option<u64> {
        let len = match self {
            Self::Adu(adu) if adu.envelope.transport.has_header() => adu.pdu.len() + 7,
            Self::Adu(adu) if adu.envelope.transport == Transport::Ascii => adu.pdu.len() * 2 + 7,
            Self::Adu(adu) => adu.pdu.len() + 3,
            Self::Discarded(discarded) => discarded.data.len(),
            Self::Unanswered(_) | Self::Link(..) => return None,
        };
        Some(len as u64)
    }

    fn since_us(&self) -> Option<i64> {
        match self {
            Self::Unanswered(unanswered) => Some(unanswered.request_t_us),
            _ => None,
        }
    }

    fn token(&self) -> Option<Token> {
        let (hash, is_request, sequence) = match self {
            Self::Adu(adu) => {
                let Envelope { transaction, unit, .. } = adu.envelope;
                let (is_request, sequence) = (adu.is_request(), adu.sequence);
                let hash = hash(&(is_request, transaction, unit, &adu.pdu, sequence));
                (hash, is_request, sequence)
            }
            Self::Discarded(discarded) => {
                let sequence = Some(discarded.sequence?);
                let hash = hash(&(discarded.reason, &discarded.data, sequence));
                (hash, discarded.is_request, sequence)
            }
            Self::Link(link, sequence) => {
                let sequence = Some((*sequence)?);
                let is_request = matches!(link, Link::Refused | Link::Unreachable);
                (hash(&(link, sequence)), is_request, sequence)
            }
            Self::Unanswered(_) => return None,
        };
        Some(Token { hash, is_request, sequence })
    }

    /// Bytes of no ADU have no unit, so none that was asked for.
    fn is_wanted(&self, options: &Options) -> bool {
        let unit = match self {
            Self::Adu(adu) => Some(adu.envelope.unit),
            Self::Unanswered(unanswered) => Some(unanswered.envelope.unit),
            Self::Discarded(_) | Self::Link(..) => None,
        };
        options.units.is_empty() || unit.is_some_and(|unit| options.units.contains(&unit))
    }
}

impl Describe for ModbusEvent {
    fn describe(&self, visitor: &mut dyn Visitor) {
        match self {
            Self::Adu(adu) => adu.describe(visitor),
            Self::Unanswered(unanswered) => unanswered.describe(visitor),
            Self::Discarded(discarded) => discarded.describe(visitor),
            Self::Link(link, _) => link.describe(visitor),
        }
    }
}

impl Envelope {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let mut hidden = |name, value| visitor.field(Field { name, value, text: Text::Hidden });
        hidden("transport", Value::Text(self.transport.name()));
        if let Some(transaction) = self.transaction {
            hidden("transaction", Value::Unsigned(transaction.into()));
        }
    }
}

impl Describe for Adu {
    fn describe(&self, visitor: &mut dyn Visitor) {
        self.envelope.describe(visitor);
        let unit = self.envelope.unit;
        visitor.field(Field {
            name: "unit",
            value: Value::Unsigned(unit.into()),
            text: Text::Words(format_args!("unit {unit:<3}")),
        });
        let function = FunctionCode::new(self.function());
        visitor.field(Field {
            name: "function",
            value: Value::Unsigned(function.as_raw().into()),
            text: Text::Words(format_args!("{}", Named(function))),
        });
        visitor.field(Field { name: "pdu", value: Value::Hex(&self.pdu), text: Text::Hidden });
        let fields = self.fields();
        let value = Value::Object(&fields);
        match self.exception_code().map(ExceptionCode::new) {
            Some(code) => visitor.field(Field {
                name: "fields",
                value,
                text: Text::Marked(Severity::Warning, format_args!("exception {code}")),
            }),
            None => visitor.field(Field { name: "fields", value, text: Text::Pair }),
        }
        if let Some(latency_us) = self.latency_us {
            visitor.field(Field {
                name: "latency_us",
                value: Value::Signed(latency_us),
                text: Text::Words(format_args!("after {}", Duration(latency_us))),
            });
        }
        if let Some((name, words)) = self.answer.and_then(Answer::words) {
            visitor.field(Field {
                name: "answer",
                value: Value::Text(name),
                text: Text::Marked(Severity::Warning, format_args!("{words}")),
            });
        }
        if let Some(error) = self.off_spec {
            visitor.field(Field {
                name: "off_spec",
                value: Value::Object(&error),
                text: Text::Marked(Severity::Fault, format_args!("off-spec: {error}")),
            });
        }
    }
}

impl Describe for Unanswered {
    fn describe(&self, visitor: &mut dyn Visitor) {
        visitor.field(Field {
            name: "request_t_us",
            value: Value::Signed(self.request_t_us),
            text: Text::Hidden,
        });
        self.envelope.describe(visitor);
        let unit = self.envelope.unit;
        visitor.field(Field {
            name: "unit",
            value: Value::Unsigned(unit.into()),
            text: Text::Words(format_args!("unit {unit}")),
        });
        let function = FunctionCode::new(self.function);
        let age = Duration(self.age_us);
        visitor.field(Field {
            name: "function",
            value: Value::Unsigned(self.function.into()),
            text: Text::Words(format_args!("{}, asked {age} before", Named(function))),
        });
        let blame = self.blame.name();
        visitor.field(Field {
            name: "blame",
            value: Value::Text(blame),
            text: Text::Words(format_args!("({blame})")),
        });
    }
}

impl Answer {
    /// Its name, and words for people; nothing of one that is as it should be, or that nothing is known of.
    fn words(self) -> Option<(&'static str, String)> {
        Some(match self {
            Self::Fits | Self::Unasked => return None,
            Self::Late { .. } => ("late", "after the client had asked again".to_owned()),
            Self::Double => ("double", "a second answer".to_owned()),
            Self::Shifted => ("shifted", "the answer to the request before".to_owned()),
            Self::Mismatched(mismatch) => ("mismatched", format!("does not fit: {mismatch}")),
            Self::ByOrder => ("by_order", "with an identifier of no request".to_owned()),
        })
    }
}

impl Describe for Link {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let words = match *self {
            Self::Refused => "the connection is refused".to_owned(),
            Self::Unreachable => "nobody answers who is asked for a connection".to_owned(),
            Self::Reset => "the connection is reset, and requests have no answer".to_owned(),
            Self::Stopped { silent_us } => {
                format!("the client asks no more, for {}", Duration(silent_us))
            }
        };
        visitor.field(Field {
            name: "connection",
            value: Value::Text(&words),
            text: Text::Words(format_args!("{words}")),
        });
    }
}

impl Describe for Discarded {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let len = self.data.len();
        let shown = self.data.get(..DATA_SHOWN).unwrap_or(&self.data);
        let (reason, more) = (self.reason.name(), if shown.len() < len { "..." } else { "" });
        visitor.field(Field {
            name: "bytes",
            value: Value::Unsigned(len as u64),
            text: Text::Words(format_args!("{len} bytes, {reason}: {}{more}", Hex(shown))),
        });
        visitor.field(Field { name: "data", value: Value::Hex(&self.data), text: Text::Hidden });
        visitor.field(Field { name: "reason", value: Value::Text(reason), text: Text::Hidden });
        if let Some(error) = self.off_spec {
            visitor.field(Field {
                name: "off_spec",
                value: Value::Object(&error),
                text: Text::Words(format_args!("off-spec either way: {error}")),
            });
        }
    }
}

/// More data than this is shown by its beginning.
const DATA_SHOWN: usize = 16;

/// A function code and its name.
struct Named(FunctionCode);

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.name() {
            Some(name) => write!(f, "{} {name}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}
