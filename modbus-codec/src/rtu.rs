//! The RTU ADU: a frame on a serial line, closed by a CRC and delimited by silence.
//!
//! ```text
//! | unit 1 |    PDU 1..=253    | CRC, low byte first 2 |        4..=256 bytes
//! ```
//!
//! A frame does not say how long it is; [`frame_len`] predicts it from the function code and the direction.

#[cfg(feature = "fast-requests")]
mod fast;
mod frame_len;

pub use self::frame_len::{FrameLen, frame_len};
use crate::body::Body;
use crate::error::saturate;
use crate::pdu::{self, Adu, Direction, EncodeError};
use crate::request::Request;
use crate::response::{Reply, Response};
use crate::{Exception, UnitId, crc16};

/// The shortest ADU: unit, function code, CRC.
pub const ADU_LEN_MIN: usize = 4;
/// The longest ADU.
pub const ADU_LEN_MAX: usize = 256;

const _: () = assert!(ADU_LEN_MAX == 1 + pdu::LEN_MAX + 2);

/// The fault of an RTU ADU. The CRC is checked before anything in the PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// Too few bytes for any ADU.
    #[error("an RTU ADU has at least {required} bytes, got {available}")]
    Short {
        /// The least an ADU has: 4.
        required: u16,
        /// The bytes given.
        available: u16,
    },
    /// More bytes than any ADU has.
    #[error("an RTU ADU has at most {max} bytes, got {got}")]
    Long {
        /// The most an ADU has: 256.
        max: u16,
        /// The bytes given.
        got: u16,
    },
    /// The CRC is wrong: the frame was damaged, or it is not a frame.
    #[error("crc at byte {offset}: expected {expected:#06x}, got {got:#06x}")]
    Crc {
        /// Where the CRC begins.
        offset: u16,
        /// The CRC of the bytes before it.
        expected: u16,
        /// The CRC that was there.
        got: u16,
    },
    /// The CRC is right, and the PDU is against the standard. Offsets count from the unit.
    #[error(transparent)]
    Pdu(#[from] pdu::Error),
}

const _: () = assert!(size_of::<Error>() <= 16);

/// Decodes a whole frame on its way to a server.
///
/// ```
/// use modbus_codec::{Request, UnitId, rtu};
/// let adu = rtu::decode_request(&[0x11, 0x03, 0x00, 0x6B, 0x00, 0x03, 0x76, 0x87])?;
/// assert_eq!(adu.unit, UnitId::new(17)?);
/// let Request::ReadHoldingRegisters { starting_address, quantity } = adu.pdu else { panic!() };
/// assert_eq!((starting_address.as_raw(), quantity.as_raw()), (107, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error`]; a function that only reads is refused when it is broadcast.
///
/// Spec: MODBUS over Serial Line V1.02, 2.5.1.
#[cfg_attr(feature = "fast-requests", inline(always))]
pub fn decode_request(bytes: &[u8]) -> Result<Adu<Request<'_>>, Error> {
    #[cfg(feature = "fast-requests")]
    if let Some((unit, pdu)) = fast::decode_request(bytes) {
        return Ok(Adu { unit, pdu });
    }
    decode_any_request(bytes)
}

#[cfg_attr(feature = "fast-requests", cold)]
#[inline(never)]
fn decode_any_request(bytes: &[u8]) -> Result<Adu<Request<'_>>, Error> {
    let raw = split(bytes)?;
    Ok(Adu { unit: raw.unit, pdu: serial_request(raw.unit, raw.pdu)? })
}

/// Decodes a whole frame on its way back to the client: a response or an exception.
///
/// # Errors
/// [`Error`]; nothing answers as unit 0.
#[inline(never)]
pub fn decode_response(bytes: &[u8]) -> Result<Adu<Reply<'_>>, Error> {
    let raw = split(bytes)?;
    Ok(Adu { unit: raw.unit, pdu: serial_response(raw.unit, raw.pdu)? })
}

/// Splits one whole ADU into unit and PDU; only length and CRC are checked. The lenient way in, for hosts:
/// [`Request::decode`] and [`Response::decode`] then say what is wrong with the PDU.
///
/// # Errors
/// A length that no frame has, or a wrong CRC.
pub fn split(bytes: &[u8]) -> Result<Adu<&[u8]>, Error> {
    if bytes.len() > ADU_LEN_MAX {
        return Err(Error::Long { max: ADU_LEN_MAX as u16, got: saturate(bytes.len()) });
    }
    let len = bytes.len() as u16;
    let parts = bytes.split_last_chunk::<2>().and_then(|(body, crc)| {
        let (unit, pdu) = body.split_first()?;
        (!pdu.is_empty()).then_some((body, unit, pdu, crc))
    });
    let Some((body, unit, pdu, crc)) = parts else {
        return Err(Error::Short { required: ADU_LEN_MIN as u16, available: len });
    };
    let (expected, crc) = (crc16(body), u16::from_le_bytes(*crc));
    if expected != crc {
        return Err(Error::Crc { offset: len.wrapping_sub(2), expected, got: crc });
    }
    Ok(Adu { unit: UnitId::from_raw(*unit), pdu })
}

/// Writes a request as a frame to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or a value that the standard refuses, a broadcast of a function that only reads among them.
#[cfg_attr(feature = "fast-requests", inline(always))]
pub fn encode_request<'b>(
    unit: UnitId,
    request: &Request<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    #[cfg(feature = "fast-requests")]
    if let Some(len) = fast::encode_request(unit, request, buffer) {
        return Ok(buffer.get_mut(..len).unwrap_or_default());
    }
    encode_any_request(unit, *request, buffer)
}

#[cfg_attr(feature = "fast-requests", cold)]
#[inline(never)]
fn encode_any_request<'b>(
    unit: UnitId,
    request: Request<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Request, unit, &request.to_body(), buffer)
}

/// Writes a response as a frame to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or a value that the standard refuses; unit 0, as which nothing answers.
pub fn encode_response<'b>(
    unit: UnitId,
    response: &Response<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Response, unit, &response.to_body(), buffer)
}

/// Writes an exception response as a frame to the front of `buffer` and returns the written slice.
///
/// # Errors
/// A buffer that is too small, or function code 0; unit 0, as which nothing answers.
pub fn encode_exception<'b>(
    unit: UnitId,
    exception: &Exception,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    encode(Direction::Response, unit, &exception.to_body(), buffer)
}

/// A request PDU with what a serial line adds: what only reads is not broadcast.
pub(crate) fn serial_request(unit: UnitId, pdu: &[u8]) -> Result<Request<'_>, pdu::Error> {
    Request::decode_for(unit, pdu, 1)
}

/// A response PDU with what a serial line adds: nothing answers as unit 0.
pub(crate) fn serial_response(unit: UnitId, pdu: &[u8]) -> Result<Reply<'_>, pdu::Error> {
    Response::decode_from(unit, pdu, 1)
}

/// Closes an ADU whose unit and PDU, `len` bytes together, stand in the buffer already.
pub(crate) fn close(len: usize, adu: &mut [u8; ADU_LEN_MAX]) -> Option<&[u8]> {
    let crc = crc16(adu.get(..len)?);
    for (place, byte) in adu.iter_mut().skip(len).zip(crc.to_le_bytes()) {
        *place = byte;
    }
    adu.get(..len.wrapping_add(2))
}

fn encode<'b>(
    direction: Direction,
    unit: UnitId,
    body: &Body<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    let frame = body.frame(direction, unit, &[unit.as_raw()], 2, buffer)?;
    if let Some((body, crc)) = frame.split_last_chunk_mut() {
        *crc = crc16(body).to_le_bytes();
    }
    Ok(frame)
}
