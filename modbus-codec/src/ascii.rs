//! The ASCII ADU: a frame on a serial line in printable characters, closed by an LRC and delimited by `:` and CR LF.
//!
//! ```text
//! | ':' | unit, 2 digits |   PDU, 2..=506 digits   | LRC, 2 digits | CR | LF |        at most 513 characters
//! ```
//!
//! Two hexadecimal digits, high nibble first, are one byte. The LF can be another character (Diagnostics, sub-function 03).

mod decoder;

pub use self::decoder::{Decoder, Item, SILENCE_MAX_US};

use crate::body::Body;
use crate::error::saturate;
use crate::pdu::{self, Adu, Direction, EncodeError};
use crate::request::Request;
use crate::response::{Reply, Response};
use crate::rtu::{serial_request, serial_response};
use crate::{Exception, UnitId};

/// The shortest ADU, in characters.
pub const ADU_LEN_MIN: usize = 1 + 2 * (1 + 1 + 1) + 2;
/// The longest ADU, in characters.
pub const ADU_LEN_MAX: usize = 1 + 2 * (1 + pdu::LEN_MAX + 1) + 2;
/// The delimiter after the CR, unless the line is set to another.
pub const LF: u8 = b'\n';

const _: () = assert!(ADU_LEN_MAX == 513);

/// The fault of an ASCII ADU. The LRC is checked before anything in the PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// Too few characters for any ADU.
    #[error("an ASCII ADU has at least {required} characters, got {available}")]
    Short {
        /// The least an ADU has: 9.
        required: u16,
        /// The characters given.
        available: u16,
    },
    /// More characters than any ADU has.
    #[error("an ASCII ADU has at most {max} characters, got {got}")]
    Long {
        /// The most an ADU has: 513.
        max: u16,
        /// The characters given.
        got: u16,
    },
    /// A delimiter is not where it must be.
    #[error("delimiter at character {offset}: expected {expected:#04x}, got {got:#04x}")]
    Delimiter {
        /// Where it must be.
        offset: u16,
        /// The delimiter.
        expected: u8,
        /// The character that was there.
        got: u8,
    },
    /// A character that is no hexadecimal digit.
    #[error("character {offset}: expected a hexadecimal digit, got {got:#04x}")]
    Digit {
        /// Where it is.
        offset: u16,
        /// The character.
        got: u8,
    },
    /// Half a byte is missing.
    #[error("an even number of digits makes bytes, got {digits}")]
    OddDigits {
        /// How many digits there are between the delimiters.
        digits: u16,
    },
    /// The LRC is wrong: the frame was damaged.
    #[error("lrc at character {offset}: expected {expected:#04x}, got {got:#04x}")]
    Lrc {
        /// Where the LRC begins.
        offset: u16,
        /// The LRC of the bytes before it.
        expected: u8,
        /// The LRC that was there.
        got: u8,
    },
    /// The LRC is right, and the PDU is against the standard. Offsets count decoded bytes, from the unit.
    #[error(transparent)]
    Pdu(#[from] pdu::Error),
}

const _: () = assert!(size_of::<Error>() <= 16);

/// Decodes a whole frame on its way to a server, in place: the bytes take the place of their digits.
///
/// ```
/// use modbus_codec::{Request, ascii};
/// let mut text = *b":1103006B00037E\r\n";
/// let adu = ascii::decode_request(&mut text, ascii::LF)?;
/// assert!(matches!(adu.pdu, Request::ReadHoldingRegisters { .. }));
/// # Ok::<(), ascii::Error>(())
/// ```
///
/// # Errors
/// [`Error`]; a function that only reads is refused when it is broadcast.
///
/// Spec: MODBUS over Serial Line V1.02, 2.5.2.
pub fn decode_request(text: &mut [u8], delimiter: u8) -> Result<Adu<Request<'_>>, Error> {
    let raw = split(text, delimiter)?;
    Ok(Adu { unit: raw.unit, pdu: serial_request(raw.unit, raw.pdu)? })
}

/// Decodes a whole frame on its way back to the client, in place: a response or an exception.
///
/// # Errors
/// [`Error`]; nothing answers as unit 0.
pub fn decode_response(text: &mut [u8], delimiter: u8) -> Result<Adu<Reply<'_>>, Error> {
    let raw = split(text, delimiter)?;
    Ok(Adu { unit: raw.unit, pdu: serial_response(raw.unit, raw.pdu)? })
}

/// Splits one whole ADU into unit and PDU, in place; only delimiters, digits and LRC are checked. The lenient way in, for hosts:
/// [`Request::decode`] and [`Response::decode`] then say what is wrong with the PDU.
///
/// # Errors
/// The variants of [`Error`] for characters and LRC.
pub fn split(text: &mut [u8], delimiter: u8) -> Result<Adu<&[u8]>, Error> {
    let len = saturate(text.len());
    if text.len() > ADU_LEN_MAX {
        return Err(Error::Long { max: ADU_LEN_MAX as u16, got: len });
    }
    let short = Error::Short { required: ADU_LEN_MIN as u16, available: len };
    if text.len() < ADU_LEN_MIN {
        return Err(short);
    }
    let (start, rest) = text.split_first_mut().ok_or(short)?;
    let (digits, end) = rest.split_last_chunk_mut::<2>().ok_or(short)?;
    delimited(0, b':', *start)?;
    delimited(len.wrapping_sub(2), b'\r', end[0])?;
    delimited(len.wrapping_sub(1), delimiter, end[1])?;
    let bytes = to_bytes(digits)?;
    let (lrc, body) = bytes.split_last().ok_or(short)?;
    let expected = self::lrc(body);
    if expected != *lrc {
        return Err(Error::Lrc { offset: len.wrapping_sub(4), expected, got: *lrc });
    }
    let (unit, pdu) = body.split_first().ok_or(short)?;
    Ok(Adu { unit: UnitId::from_raw(*unit), pdu })
}

/// Writes a request as a frame to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or a value that the standard refuses, a broadcast of a function that only reads among them.
pub fn encode_request<'b>(
    unit: UnitId,
    request: &Request<'_>,
    delimiter: u8,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Request, unit, delimiter, &request.to_body(), buffer)
}

/// Writes a response as a frame to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or a value that the standard refuses; unit 0, as which nothing answers.
pub fn encode_response<'b>(
    unit: UnitId,
    response: &Response<'_>,
    delimiter: u8,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Response, unit, delimiter, &response.to_body(), buffer)
}

/// Writes an exception response as a frame to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or function code 0; unit 0, as which nothing answers.
pub fn encode_exception<'b>(
    unit: UnitId,
    exception: &Exception,
    delimiter: u8,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Response, unit, delimiter, &exception.to_body(), buffer)
}

/// The LRC of binary bytes: the two's complement of their sum.
///
/// Spec: MODBUS over Serial Line V1.02, 6.2.1.
#[must_use]
pub fn lrc(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)).wrapping_neg()
}

fn delimited(offset: u16, expected: u8, got: u8) -> Result<(), Error> {
    if expected == got { Ok(()) } else { Err(Error::Delimiter { offset, expected, got }) }
}

/// Each pair of digits becomes a byte at the front of the same slice. The digits begin after the `:`.
fn to_bytes(digits: &mut [u8]) -> Result<&[u8], Error> {
    let count = digits.len();
    for (at, digit) in digits.iter_mut().enumerate() {
        let offset = saturate(at.wrapping_add(1));
        *digit = nibble(*digit).ok_or(Error::Digit { offset, got: *digit })?;
    }
    if count % 2 != 0 {
        return Err(Error::OddDigits { digits: saturate(count) });
    }
    let len = count / 2;
    for at in 0..len {
        let pair = digits.get(at.wrapping_mul(2)..).and_then(<[u8]>::first_chunk::<2>);
        let byte = pair.map_or(0, |[high, low]| high << 4 | low);
        if let Some(place) = digits.get_mut(at) {
            *place = byte;
        }
    }
    Ok(digits.get(..len).unwrap_or_default())
}

/// Both cases are read; upper case is written.
const fn nibble(digit: u8) -> Option<u8> {
    Some(match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'F' => digit - b'A' + 10,
        b'a'..=b'f' => digit - b'a' + 10,
        _ => return None,
    })
}

const fn digit(nibble: u8) -> u8 {
    match nibble & 0x0F {
        value @ 0..=9 => b'0' + value,
        value => b'A' + value - 10,
    }
}

/// The binary bytes are written first, then spread into their digits from the last one on.
fn encode<'b>(
    direction: Direction,
    unit: UnitId,
    delimiter: u8,
    body: &Body<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    let available = saturate(buffer.len());
    let (unit_at, count) = ([unit.as_raw()], body.len().wrapping_add(2));
    let required = count.wrapping_mul(2).wrapping_add(3);
    let Some(text) = buffer.get_mut(..required) else {
        return Err(EncodeError::Buffer { required: saturate(required), available });
    };
    let binary = body.frame(direction, unit, &unit_at, 1, text)?;
    if let Some((last, body)) = binary.split_last_mut() {
        *last = lrc(body);
    }
    for at in (0..count).rev() {
        let byte = text.get(at).copied().unwrap_or(0);
        let place = text.get_mut(at.wrapping_mul(2).wrapping_add(1)..);
        if let Some([high, low]) = place.and_then(<[u8]>::first_chunk_mut::<2>) {
            *high = digit(byte >> 4);
            *low = digit(byte);
        }
    }
    if let Some((start, rest)) = text.split_first_mut() {
        *start = b':';
        if let Some((_, end)) = rest.split_last_chunk_mut::<2>() {
            *end = [b'\r', delimiter];
        }
    }
    Ok(text)
}
