//! The requests of four bytes after the function code, 01 to 06, by a path of their own: for hosts, where a request is decoded
//! and encoded in a few nanoseconds, and the code that it takes does not matter. Of what the standard refuses it takes nothing:
//! that goes the way of all the others, which says what is wrong.

use crate::crc::crc16_of_six;
use crate::request::switch;
use crate::rtu::ADU_LEN_MIN;
use crate::{Address, Quantity, Request, UnitId};

/// The RTU ADU of such a request.
pub(crate) const ADU_LEN: usize = 4 + ADU_LEN_MIN;

/// The request with this function code and what follows it.
#[inline]
pub(crate) fn request(function: u8, head: [u8; 4]) -> Option<Request<'static>> {
    let head = u32::from_be_bytes(head);
    let (first, last) = ((head >> 16) as u16, head as u16);
    let starting_address = Address::new(first);
    let fits =
        |max: u16| last != 0 && last <= max && u32::from(first) + u32::from(last) <= 0x1_0000;
    Some(match function {
        0x01 if fits(2000) => {
            Request::ReadCoils { starting_address, quantity: Quantity::wrap(last) }
        }
        0x02 if fits(2000) => {
            Request::ReadDiscreteInputs { starting_address, quantity: Quantity::wrap(last) }
        }
        0x03 if fits(125) => {
            Request::ReadHoldingRegisters { starting_address, quantity: Quantity::wrap(last) }
        }
        0x04 if fits(125) => {
            Request::ReadInputRegisters { starting_address, quantity: Quantity::wrap(last) }
        }
        0x05 if last == 0xFF00 || last == 0 => {
            Request::WriteSingleCoil { output_address: starting_address, output_value: last != 0 }
        }
        0x06 => Request::WriteSingleRegister {
            register_address: starting_address,
            register_value: last,
        },
        _ => return None,
    })
}

/// The function code of a request, and the four bytes that follow it.
#[inline]
pub(crate) fn pdu(request: &Request<'_>) -> Option<(u8, [u8; 4])> {
    let (function, first, last, max) = match *request {
        Request::ReadCoils { starting_address, quantity } => {
            (0x01, starting_address, quantity.as_raw(), 2000)
        }
        Request::ReadDiscreteInputs { starting_address, quantity } => {
            (0x02, starting_address, quantity.as_raw(), 2000)
        }
        Request::ReadHoldingRegisters { starting_address, quantity } => {
            (0x03, starting_address, quantity.as_raw(), 125)
        }
        Request::ReadInputRegisters { starting_address, quantity } => {
            (0x04, starting_address, quantity.as_raw(), 125)
        }
        Request::WriteSingleCoil { output_address, output_value } => {
            (0x05, output_address, switch(output_value), 0)
        }
        Request::WriteSingleRegister { register_address, register_value } => {
            (0x06, register_address, register_value, 0)
        }
        _ => return None,
    };
    let first = first.as_raw();
    // A quantity is 1 to its maximum by its type.
    if max != 0 && u32::from(first) + u32::from(last) > 0x1_0000 {
        return None;
    }
    Some((function, (u32::from(first) << 16 | u32::from(last)).to_be_bytes()))
}

/// The unit and the request of an RTU ADU of eight bytes.
#[inline]
pub(crate) fn decode_rtu(bytes: &[u8]) -> Option<(UnitId, Request<'static>)> {
    let frame: &[u8; ADU_LEN] = bytes.try_into().ok()?;
    let [unit, function, a, b, c, d, crc @ ..] = *frame;
    let is_closed = crc16_of_six([unit, function, a, b, c, d]) == u16::from_le_bytes(crc);
    // What a serial line refuses of a broadcast is refused elsewhere.
    if !is_closed || unit == 0 {
        return None;
    }
    Some((UnitId::from_raw(unit), request(function, [a, b, c, d])?))
}

/// Writes an RTU ADU of eight bytes to the front of `buffer`.
#[inline]
pub(crate) fn encode_rtu(unit: UnitId, request: &Request<'_>, buffer: &mut [u8]) -> Option<()> {
    let (function, head) = pdu(request)?;
    let frame = buffer.first_chunk_mut::<ADU_LEN>().filter(|_| !unit.is_broadcast())?;
    let [a, b, c, d] = head;
    let crc = crc16_of_six([unit.as_raw(), function, a, b, c, d]);
    let [unit_at, function_at, head_at @ .., low_at, high_at] = frame;
    (*unit_at, *function_at, *head_at) = (unit.as_raw(), function, head);
    [*low_at, *high_at] = crc.to_le_bytes();
    Some(())
}
