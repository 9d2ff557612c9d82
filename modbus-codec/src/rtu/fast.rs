//! The RTU ADUs of the requests that [`crate::fast`] knows: eight bytes.

use super::ADU_LEN_MIN;
use crate::crc::crc16_of_six;
use crate::fast::{self, Head};
use crate::request::Request;
use crate::{FunctionCode, UnitId};

/// The length of such an ADU.
const ADU_LEN: usize = size_of::<Head>() + ADU_LEN_MIN;

/// Decodes such an ADU, unless it is a broadcast: the general path refuses those that only read.
#[inline(always)]
pub(super) fn decode_request(bytes: &[u8]) -> Option<(UnitId, Request<'static>)> {
    let frame: &[u8; ADU_LEN] = bytes.try_into().ok()?;
    let [unit, function, a, b, c, d, crc @ ..] = *frame;
    let is_closed = crc16_of_six([unit, function, a, b, c, d]) == u16::from_le_bytes(crc);
    if !is_closed || unit == 0 {
        return None;
    }
    let (first, second) = fast::decode(function, [a, b, c, d])?;
    let request = Request::of_words(FunctionCode::new(function), first, second)?;
    Some((UnitId::from_raw(unit), request))
}

/// Writes such an ADU to the front of `buffer`; how long it is.
#[inline(always)]
pub(super) fn encode_request(
    unit: UnitId,
    request: &Request<'_>,
    buffer: &mut [u8],
) -> Option<usize> {
    let (function, first, second) = fast::words(&request.to_body())?;
    let frame = buffer.first_chunk_mut::<ADU_LEN>().filter(|_| !unit.is_broadcast())?;
    // From the words: they are in registers, each byte of them at hand.
    let ([a, b], [c, d]) = (first.to_be_bytes(), second.to_be_bytes());
    let crc = crc16_of_six([unit.as_raw(), function, a, b, c, d]);
    let head = fast::head(first, second);
    let [unit_at, function_at, head_at @ .., low_at, high_at] = frame;
    (*unit_at, *function_at, *head_at) = (unit.as_raw(), function, head);
    [*low_at, *high_at] = crc.to_le_bytes();
    Some(ADU_LEN)
}
