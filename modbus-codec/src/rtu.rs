//! The RTU ADU: a frame on a serial line, closed by a CRC and delimited by silence.
//!
//! ```text
//! | unit 1 |    PDU 1..=253    | CRC, low byte first 2 |        4..=256 bytes
//! ```
//!
//! A frame does not say how long it is; [`frame_len`] predicts it from the function code and the direction.

use crate::body::Body;
use crate::pdu::{self, Adu, Direction, EncodeError, saturate};
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
    /// The CRC is right, and what it guards is against the standard. Offsets count from the unit.
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
#[inline]
pub fn decode_request(bytes: &[u8]) -> Result<Adu<Request<'_>>, Error> {
    #[cfg(feature = "crc-table-large")]
    if let Some((unit, pdu)) = crate::short::decode_rtu(bytes) {
        return Ok(Adu { unit, pdu });
    }
    decode_any_request(bytes)
}

#[cfg_attr(feature = "crc-table-large", inline(never))]
fn decode_any_request(bytes: &[u8]) -> Result<Adu<Request<'_>>, Error> {
    let raw = split(bytes)?;
    Ok(Adu { unit: raw.unit, pdu: serial_request(raw.unit, raw.pdu)? })
}

/// Decodes a whole frame on its way back to the client: a response or an exception.
///
/// # Errors
/// [`Error`]; nothing answers as unit 0.
pub fn decode_response(bytes: &[u8]) -> Result<Adu<Reply<'_>>, Error> {
    let raw = split(bytes)?;
    Ok(Adu { unit: raw.unit, pdu: serial_response(raw.unit, raw.pdu)? })
}

/// Splits a whole frame into unit and PDU; only length and CRC are checked. The lenient way in, for hosts: what the PDU is
/// then worth, [`Request::decode`] and [`Response::decode`] say.
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
#[inline]
pub fn encode_request<'b>(
    unit: UnitId,
    request: &Request<'_>,
    buffer: &'b mut [u8],
) -> Result<&'b mut [u8], EncodeError> {
    #[cfg(feature = "crc-table-large")]
    if crate::short::encode_rtu(unit, request, buffer).is_some() {
        return Ok(buffer.get_mut(..crate::short::ADU_LEN).unwrap_or_default());
    }
    encode_any_request(unit, *request, buffer)
}

#[cfg_attr(feature = "crc-table-large", inline(never))]
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

/// How long the frame is that begins with `prefix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FrameLen {
    /// Not to be said before the frame has this many bytes.
    Unknown {
        /// The least number of bytes after which it can be asked again; more than the prefix has.
        required: usize,
    },
    /// This many bytes, CRC included: 4..=256.
    Known(usize),
    /// The function does not let its length be predicted: only silence ends the frame.
    Unpredictable,
    /// No frame of this direction begins so.
    Impossible,
}

/// Predicts the length of the frame that begins with `prefix` from its function code, its direction and its own length
/// fields.
///
/// 08 is predicted with one word of data, which is all that its sub-functions but 00 carry. User-defined and reserved
/// functions, and 2B with a MEI type other than 0E, cannot be predicted.
#[must_use]
pub fn frame_len(prefix: &[u8], direction: Direction) -> FrameLen {
    let Some(function) = prefix.get(1).copied() else {
        return FrameLen::Unknown { required: 2 };
    };
    match direction {
        Direction::Request => request_len(function, prefix),
        Direction::Response => response_len(function, prefix),
    }
}

fn request_len(function: u8, prefix: &[u8]) -> FrameLen {
    match function {
        0x01..=0x06 | 0x08 => FrameLen::Known(8),
        0x07 | 0x0B | 0x0C | 0x11 => FrameLen::Known(4),
        0x0F | 0x10 => counted(prefix, 6, 9),
        0x14 | 0x15 => counted(prefix, 2, 5),
        0x16 => FrameLen::Known(10),
        0x17 => counted(prefix, 10, 13),
        0x18 => FrameLen::Known(6),
        0x2B => match prefix.get(2) {
            None => FrameLen::Unknown { required: 3 },
            Some(0x0E) => FrameLen::Known(7),
            Some(_) => FrameLen::Unpredictable,
        },
        0x00 | 0x80..=0xFF => FrameLen::Impossible,
        _ => FrameLen::Unpredictable,
    }
}

fn response_len(function: u8, prefix: &[u8]) -> FrameLen {
    match function {
        0x01..=0x04 | 0x0C | 0x11 | 0x14 | 0x15 | 0x17 => counted(prefix, 2, 5),
        0x05 | 0x06 | 0x08 | 0x0B | 0x0F | 0x10 => FrameLen::Known(8),
        0x07 => FrameLen::Known(5),
        0x16 => FrameLen::Known(10),
        0x18 => match (prefix.get(2), prefix.get(3)) {
            (Some(high), Some(low)) => within(6 + (usize::from(*high) << 8 | usize::from(*low))),
            _ => FrameLen::Unknown { required: 4 },
        },
        0x2B => match prefix.get(2) {
            None => FrameLen::Unknown { required: 3 },
            Some(0x0E) => walk_objects(prefix),
            Some(_) => FrameLen::Unpredictable,
        },
        0x81..=0xFF => FrameLen::Known(5),
        0x00 | 0x80 => FrameLen::Impossible,
        _ => FrameLen::Unpredictable,
    }
}

/// A frame of `fixed` bytes and as many more as the byte at `at` says.
fn counted(prefix: &[u8], at: usize, fixed: usize) -> FrameLen {
    match prefix.get(at) {
        Some(byte_count) => within(fixed.wrapping_add(usize::from(*byte_count))),
        None => FrameLen::Unknown { required: at.wrapping_add(1) },
    }
}

fn within(len: usize) -> FrameLen {
    if len <= ADU_LEN_MAX { FrameLen::Known(len) } else { FrameLen::Impossible }
}

/// 2B/0E: each object says its own length.
fn walk_objects(prefix: &[u8]) -> FrameLen {
    let Some(objects) = prefix.get(7).copied() else {
        return FrameLen::Unknown { required: 8 };
    };
    let mut at = 8_usize;
    for _ in 0..objects {
        let length_at = at.wrapping_add(1);
        let Some(len) = prefix.get(length_at) else {
            if length_at > ADU_LEN_MAX {
                return FrameLen::Impossible;
            }
            return FrameLen::Unknown { required: length_at.wrapping_add(1) };
        };
        at = at.wrapping_add(2).wrapping_add(usize::from(*len));
    }
    within(at.wrapping_add(2))
}

/// A request PDU with what a serial line adds: what only reads is not broadcast.
pub(crate) fn serial_request(unit: UnitId, pdu: &[u8]) -> Result<Request<'_>, pdu::Error> {
    Body::decode(Direction::Request, unit, pdu, 1).map(Request::from_body)
}

/// A response PDU with what a serial line adds: nothing answers as unit 0.
pub(crate) fn serial_response(unit: UnitId, pdu: &[u8]) -> Result<Reply<'_>, pdu::Error> {
    Body::decode(Direction::Response, unit, pdu, 1).map(Response::from_body)
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
