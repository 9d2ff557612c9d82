//! The TCP ADU: the MBAP header and the PDU. No CRC; the length is a field.
//!
//! ```text
//! | transaction 2 | protocol 2: 0 | length 2: 2..=254 | unit 1 |   PDU 1..=253   |      8..=260 bytes
//!                                                     '----- length counts -----'
//! ```
//!
//! A UDP datagram carries the same ADU, one whole ADU a datagram. RTU frames through a TCP connection have no MBAP header:
//! they are [`crate::stream`]'s, without timing.

mod inbox;

pub(crate) use self::inbox::Inbox;
use crate::body::Body;
use crate::error::saturate;
use crate::pdu::{self, Direction, EncodeError};
use crate::request::Request;
use crate::response::{Reply, Response};
use crate::{Exception, UnitId};

/// The MBAP header, unit included.
pub const HEADER_LEN: usize = 7;
/// The shortest ADU: the header and a function code.
pub const ADU_LEN_MIN: usize = HEADER_LEN + 1;
/// The longest ADU.
pub const ADU_LEN_MAX: usize = HEADER_LEN + pdu::LEN_MAX;
/// The port that the Internet Assigned Numbers Authority gave Modbus.
pub const PORT: u16 = 502;

const LENGTH_MIN: u16 = 2;
const LENGTH_MAX: u16 = 1 + pdu::LEN_MAX as u16;
/// Transaction, protocol and length: what precedes the bytes that the length counts.
const BEFORE_LENGTH: usize = 6;

const _: () = assert!(ADU_LEN_MAX == 260 && LENGTH_MAX == 254);

/// Pairs a response with its request; the client chooses it, the server repeats it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TransactionId(u16);

impl TransactionId {
    /// Wraps the number on the wire.
    #[must_use]
    pub const fn new(raw: u16) -> Self {
        Self(raw)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u16 {
        self.0
    }
}

/// The fields of an MBAP header, the length apart, which follows from the PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MbapHeader {
    /// The transaction.
    pub transaction: TransactionId,
    /// The server behind the connection, [`UnitId::TCP_SERVER`] for the one that owns it.
    pub unit: UnitId,
}

/// A header and its PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Adu<P> {
    /// The MBAP header.
    pub header: MbapHeader,
    /// The request or the answer.
    pub pdu: P,
}

/// The fault of a TCP ADU. Offsets count from the transaction identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// The ADU ends too early.
    #[error("{required} bytes needed, {available} there")]
    Short {
        /// As many as the length field says, or the shortest ADU when there is no length field yet.
        required: u16,
        /// The bytes given.
        available: u16,
    },
    /// Bytes follow the ADU.
    #[error("{len} bytes too many from byte {offset}")]
    Trailing {
        /// Where the surplus begins.
        offset: u16,
        /// How many bytes it has.
        len: u16,
    },
    /// Not Modbus: the protocol identifier is not 0.
    #[error("protocol identifier at byte 2: expected 0, got {got}")]
    ProtocolId {
        /// The identifier that was there.
        got: u16,
    },
    /// A length that no ADU has, refused before the bytes it promises are waited for.
    #[error("length at byte 4: expected {min}..={max}, got {got}")]
    Length {
        /// 2: a unit and a function code.
        min: u16,
        /// 254: a unit and the longest PDU.
        max: u16,
        /// The length that was there.
        got: u16,
    },
    /// The header is right, and the PDU is against the standard.
    #[error(transparent)]
    Pdu(#[from] pdu::Error),
}

const _: () = assert!(size_of::<Error>() <= 16);

/// The three answers that a stream of ADUs can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Step<'a> {
    /// An ADU, of [`Step::Adu::len`] bytes from the front of the input.
    Adu {
        /// Header and PDU; only the header is checked.
        adu: Adu<&'a [u8]>,
        /// The bytes that it took.
        len: usize,
    },
    /// The ADU is not whole yet.
    More {
        /// The number of bytes, from the front of the input, to ask again with; more than there are.
        required: usize,
    },
    /// The stream is not Modbus here, and nothing in it says where Modbus would begin again: a client or server closes the
    /// connection, a sniffer discards to the end of the segment.
    Broken(Error),
}

/// Takes the first ADU off the front of a stream.
///
/// ```
/// use modbus_codec::tcp::{Step, split_first};
/// let bytes = [0x00, 0x01, 0x00, 0x00, 0x00, 0x06, 0xFF, 0x06, 0x00, 0x01, 0x00, 0x03, 0x00];
/// let Step::Adu { adu, len } = split_first(&bytes) else { panic!() };
/// assert_eq!((adu.header.transaction.as_raw(), len), (1, 12));
/// assert_eq!(split_first(&bytes[len..]), Step::More { required: 8 });
/// ```
#[must_use]
pub fn split_first(bytes: &[u8]) -> Step<'_> {
    match checked_len(bytes) {
        Err(error) => Step::Broken(error),
        Ok(required) => match bytes.get(..required).and_then(parts) {
            Some(adu) => Step::Adu { adu, len: required },
            None => Step::More { required },
        },
    }
}

/// Decodes a whole ADU on its way to a server; a UDP datagram too.
///
/// # Errors
/// [`Error`].
pub fn decode_request(bytes: &[u8]) -> Result<Adu<Request<'_>>, Error> {
    let raw = split(bytes)?;
    Ok(Adu { header: raw.header, pdu: Request::decode_at(raw.pdu, HEADER_LEN as u16)? })
}

/// Decodes a whole ADU on its way back to the client: a response or an exception.
///
/// # Errors
/// [`Error`].
pub fn decode_response(bytes: &[u8]) -> Result<Adu<Reply<'_>>, Error> {
    let raw = split(bytes)?;
    Ok(Adu { header: raw.header, pdu: Response::decode_at(raw.pdu, HEADER_LEN as u16)? })
}

/// Splits one whole ADU into header and PDU; only the header is checked. The lenient way in, for hosts:
/// [`Request::decode`] and [`Response::decode`] then say what is wrong with the PDU.
///
/// # Errors
/// The variants of [`Error`] for headers and lengths.
pub fn split(bytes: &[u8]) -> Result<Adu<&[u8]>, Error> {
    let required = checked_len(bytes)?;
    let available = saturate(bytes.len());
    let offset = saturate(required);
    if bytes.len() > required {
        return Err(Error::Trailing { offset, len: available.wrapping_sub(offset) });
    }
    let adu = if bytes.len() == required { parts(bytes) } else { None };
    adu.ok_or(Error::Short { required: offset, available })
}

/// Writes a request to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or a value that the standard refuses.
pub fn encode_request<'b>(
    header: MbapHeader,
    request: &Request<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Request, header, &request.to_body(), buffer)
}

/// Writes a response to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or a value that the standard refuses.
pub fn encode_response<'b>(
    header: MbapHeader,
    response: &Response<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Response, header, &response.to_body(), buffer)
}

/// Writes an exception response to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or function code 0.
pub fn encode_exception<'b>(
    header: MbapHeader,
    exception: &Exception,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Response, header, &exception.to_body(), buffer)
}

/// Writes a header before a PDU of `len` bytes, which stands after it already.
pub(crate) fn write_header(header: MbapHeader, len: usize, adu: &mut [u8; ADU_LEN_MAX]) {
    let [
        transaction_high,
        transaction_low,
        protocol_high,
        protocol_low,
        length_high,
        length_low,
        unit,
        ..,
    ] = adu;
    [*transaction_high, *transaction_low] = header.transaction.0.to_be_bytes();
    [*protocol_high, *protocol_low] = [0, 0];
    [*length_high, *length_low] = saturate(len.wrapping_add(1)).to_be_bytes();
    *unit = header.unit.as_raw();
}

/// The length of the ADU at the front of `bytes`; of the shortest one while the length field is not there.
///
/// Each half of the header is refused as soon as it is there.
fn checked_len(bytes: &[u8]) -> Result<usize, Error> {
    let field = |at: usize| {
        let bytes = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>());
        bytes.map(|bytes| u16::from_be_bytes(*bytes))
    };
    if let Some(got) = field(2).filter(|protocol| *protocol != 0) {
        return Err(Error::ProtocolId { got });
    }
    match field(4) {
        None => Ok(ADU_LEN_MIN),
        Some(got) if !(LENGTH_MIN..=LENGTH_MAX).contains(&got) => {
            Err(Error::Length { min: LENGTH_MIN, max: LENGTH_MAX, got })
        }
        Some(length) => Ok(BEFORE_LENGTH + usize::from(length)),
    }
}

/// The parts of bytes that are one whole ADU.
fn parts(bytes: &[u8]) -> Option<Adu<&[u8]>> {
    let (header, pdu) = bytes.split_first_chunk::<HEADER_LEN>()?;
    let [high, low, .., unit] = *header;
    let transaction = TransactionId(u16::from_be_bytes([high, low]));
    Some(Adu { header: MbapHeader { transaction, unit: UnitId::from_raw(unit) }, pdu })
}

fn encode<'b>(
    direction: Direction,
    header: MbapHeader,
    body: &Body<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    let [high, low] = header.transaction.0.to_be_bytes();
    let before = [high, low, 0, 0, 0, 0, header.unit.as_raw()];
    let written = body.frame(direction, UnitId::TCP_SERVER, &before, 0, buffer)?;
    let length = saturate(written.len().wrapping_sub(BEFORE_LENGTH));
    if let Some([.., high, low]) = written.first_chunk_mut::<BEFORE_LENGTH>() {
        [*high, *low] = length.to_be_bytes();
    }
    Ok(written)
}
