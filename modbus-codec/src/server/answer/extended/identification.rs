//! The answer to 2B/0E: as many objects as fit, and where to go on.

use crate::ExceptionCode;
use crate::extended::device_identification::{HEAD_LEN, MEI_TYPE, ReadDeviceIdCode};
use crate::pdu::LEN_MAX;
use crate::server::Service;

/// Writes the answer after the function code; the length of the PDU.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.21.
pub(super) fn read(
    service: &impl Service,
    code: ReadDeviceIdCode,
    object_id: u8,
    body: &mut [u8; LEN_MAX - 1],
) -> Result<usize, ExceptionCode> {
    let is_there = |id: &u8| service.identification(*id).is_some();
    let (first, last) = match code {
        ReadDeviceIdCode::Individual if !is_there(&object_id) => {
            return Err(ExceptionCode::ILLEGAL_DATA_ADDRESS);
        }
        ReadDeviceIdCode::Individual => (object_id, object_id),
        ReadDeviceIdCode::Basic => (object_id, BASIC_LAST),
        ReadDeviceIdCode::Regular => (object_id, REGULAR_LAST),
        ReadDeviceIdCode::Extended => (object_id, u8::MAX),
    };
    // An unknown object, or one that is not of the category, restarts the stream.
    let first = if first <= last && is_there(&first) { first } else { 0 };
    let level = if (EXTENDED_FIRST..=u8::MAX).any(|id| is_there(&id)) {
        3
    } else if (BASIC_LAST.wrapping_add(1)..=REGULAR_LAST).any(|id| is_there(&id)) {
        2
    } else {
        1
    };
    let mut at = HEAD_LEN - 1;
    let (mut count, mut next) = (0_u8, None);
    for id in first..=last {
        let Some(value) = service.identification(id) else {
            continue;
        };
        let end = at.wrapping_add(2).wrapping_add(value.len());
        let Some([place, len, out @ ..]) = body.get_mut(at..end) else {
            next = Some(id);
            break;
        };
        *place = id;
        *len = value.len() as u8;
        for (place, byte) in out.iter_mut().zip(value) {
            *place = *byte;
        }
        (at, count) = (end, count.wrapping_add(1));
    }
    if count == 0 && next.is_some() {
        // An object that no answer can carry.
        return Err(ExceptionCode::SERVER_DEVICE_FAILURE);
    }
    let [mei_type, asked, conformity, more_follows, next_object_id, objects, ..] = body;
    (*mei_type, *asked, *conformity) = (MEI_TYPE, code.as_raw(), INDIVIDUAL_ACCESS | level);
    *more_follows = if next.is_some() { 0xFF } else { 0 };
    (*next_object_id, *objects) = (next.unwrap_or(0), count);
    Ok(at.wrapping_add(1))
}

const BASIC_LAST: u8 = 0x02;
const REGULAR_LAST: u8 = 0x06;
const EXTENDED_FIRST: u8 = 0x80;
/// The bit of the conformity level that promises single objects.
const INDIVIDUAL_ACCESS: u8 = 0x80;
