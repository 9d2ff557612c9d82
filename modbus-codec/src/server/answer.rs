//! From a request to its answer. The only place where exceptions come from.

#[cfg(feature = "extended-functions")]
mod extended;

use super::{CoilsMut, RegistersMut, Service, Table};
use crate::data::coils_len;
use crate::functions::switch;
use crate::layout::quantity_max;
use crate::pdu::{self, Field, LEN_MAX};
use crate::{Address, Coils, ExceptionCode, FunctionCode, Registers, Request};

/// The PDU that answers a request's, at the front of `response`: the normal response or an exception.
///
/// Nothing when there is no answer: no function code, 0, or one of an exception. This is the whole server but its transport;
/// [`super::Server`] adds a serial line, [`super::Connection`] TCP. 08, 0B and 0C are a serial line's, and refused here
/// with 01.
pub fn answer<'b>(
    service: &mut impl Service,
    request: &[u8],
    response: &'b mut [u8; LEN_MAX],
) -> Option<&'b [u8]> {
    let function = request.first().copied().filter(|raw| (1..=0x7F).contains(raw))?;
    let done = serve(service, request, response);
    Some(close(function, done, response))
}

/// The exception that a server answers to a PDU that the standard refuses.
///
/// ```
/// use modbus_codec::server::exception_for;
/// use modbus_codec::{ExceptionCode, FunctionCode, Request};
/// let refused = |pdu: &[u8]| {
///     exception_for(FunctionCode::new(pdu[0]), &Request::decode(pdu).unwrap_err())
/// };
/// // No registers at all, and two of which the second would have address 65,536.
/// assert_eq!(refused(&[3, 0, 0, 0, 0]), ExceptionCode::ILLEGAL_DATA_VALUE);
/// assert_eq!(refused(&[3, 0xFF, 0xFF, 0, 2]), ExceptionCode::ILLEGAL_DATA_ADDRESS);
/// ```
///
/// Spec: MODBUS Application Protocol V1.1b3, 6 (the state diagram of each function) and 7.
#[must_use]
pub fn exception_for(function: FunctionCode, error: &pdu::Error) -> ExceptionCode {
    let pdu::Error::Value { field, got, .. } = *error else {
        // A length that differs from the one that the fields of the PDU give.
        return ExceptionCode::ILLEGAL_DATA_VALUE;
    };
    match field {
        Field::FunctionCode | Field::MeiType | Field::SubFunction => {
            ExceptionCode::ILLEGAL_FUNCTION
        }
        // A quantity that the function allows, from an address where it is too much.
        Field::Quantity | Field::ReadQuantity | Field::WriteQuantity
            if (1..=quantity_max(function, field)).contains(&got) =>
        {
            ExceptionCode::ILLEGAL_DATA_ADDRESS
        }
        Field::ReferenceType | Field::FileNumber | Field::RecordNumber | Field::RecordLength => {
            ExceptionCode::ILLEGAL_DATA_ADDRESS
        }
        _ => ExceptionCode::ILLEGAL_DATA_VALUE,
    }
}

/// Writes the exception if there is one, and returns the bytes to send.
pub(super) fn close(
    function: u8,
    done: Result<usize, ExceptionCode>,
    response: &mut [u8; LEN_MAX],
) -> &[u8] {
    let (head, len) = match done {
        Ok(len) => (function, len),
        Err(code) => {
            let [_, place, ..] = response;
            *place = code.as_raw();
            (function | 0x80, 2)
        }
    };
    let [place, ..] = response;
    *place = head;
    response.get(..len).unwrap_or_default()
}

/// Executes a request, and writes the response after the function code. The length of the PDU, or the exception.
pub(super) fn serve(
    service: &mut impl Service,
    request: &[u8],
    response: &mut [u8; LEN_MAX],
) -> Result<usize, ExceptionCode> {
    let function = FunctionCode::new(request.first().copied().unwrap_or(0));
    if !service.supports(function) {
        return Err(ExceptionCode::ILLEGAL_FUNCTION);
    }
    let request = Request::decode(request).map_err(|error| exception_for(function, &error))?;
    let body = body_of(response);
    match request {
        Request::ReadCoils { starting_address: at, quantity } => {
            let quantity = quantity.as_raw();
            there(service, Table::Coils, at, quantity)?;
            let bytes = counted(body, coils_len(quantity))?;
            service.read_coils(at, &mut CoilsMut::cleared(bytes, quantity))?;
            Ok(coils_len(quantity).wrapping_add(2))
        }
        Request::ReadDiscreteInputs { starting_address: at, quantity } => {
            let quantity = quantity.as_raw();
            there(service, Table::DiscreteInputs, at, quantity)?;
            let bytes = counted(body, coils_len(quantity))?;
            service.read_discrete_inputs(at, &mut CoilsMut::cleared(bytes, quantity))?;
            Ok(coils_len(quantity).wrapping_add(2))
        }
        Request::ReadHoldingRegisters { starting_address: at, quantity } => {
            there(service, Table::HoldingRegisters, at, quantity.as_raw())?;
            read_registers(service, at, quantity.as_raw(), body)
        }
        Request::ReadInputRegisters { starting_address: at, quantity } => {
            there(service, Table::InputRegisters, at, quantity.as_raw())?;
            let len = usize::from(quantity.as_raw()).wrapping_mul(2);
            let bytes = counted(body, len)?;
            service.read_input_registers(at, &mut RegistersMut::zeroed(bytes))?;
            Ok(len.wrapping_add(2))
        }
        Request::WriteSingleCoil { output_address: at, output_value } => {
            there(service, Table::Coils, at, 1)?;
            service.write_coils(at, Coils::wrap(&[output_value.into()], 1))?;
            Ok(echo(at, switch(output_value), body))
        }
        Request::WriteSingleRegister { register_address: at, register_value } => {
            there(service, Table::HoldingRegisters, at, 1)?;
            service.write_registers(at, Registers::wrap(&register_value.to_be_bytes()))?;
            Ok(echo(at, register_value, body))
        }
        Request::WriteMultipleCoils { starting_address: at, coils } => {
            there(service, Table::Coils, at, coils.quantity())?;
            service.write_coils(at, coils)?;
            Ok(echo(at, coils.quantity(), body))
        }
        Request::WriteMultipleRegisters { starting_address: at, registers } => {
            let quantity = registers.count() as u16;
            there(service, Table::HoldingRegisters, at, quantity)?;
            service.write_registers(at, registers)?;
            Ok(echo(at, quantity, body))
        }
        Request::Other { function, data } => {
            let len = service.other(function, data, body)?;
            fits(len, body.len())?;
            Ok(len.wrapping_add(1))
        }
        #[cfg(feature = "extended-functions")]
        request => extended::serve(service, request, body),
    }
}

fn there(
    service: &impl Service,
    table: Table,
    at: Address,
    quantity: u16,
) -> Result<(), ExceptionCode> {
    if service.contains(table, at, quantity) {
        return Ok(());
    }
    Err(ExceptionCode::ILLEGAL_DATA_ADDRESS)
}

fn read_registers(
    service: &mut impl Service,
    at: Address,
    quantity: u16,
    body: &mut [u8; LEN_MAX - 1],
) -> Result<usize, ExceptionCode> {
    let len = usize::from(quantity).wrapping_mul(2);
    let bytes = counted(body, len)?;
    service.read_holding_registers(at, &mut RegistersMut::zeroed(bytes))?;
    Ok(len.wrapping_add(2))
}

/// The bytes after the function code.
fn body_of(response: &mut [u8; LEN_MAX]) -> &mut [u8; LEN_MAX - 1] {
    let [_, body @ ..] = response;
    body
}

/// Writes a byte count, and returns the bytes that it counts.
fn counted(body: &mut [u8; LEN_MAX - 1], len: usize) -> Result<&mut [u8], ExceptionCode> {
    let [byte_count, bytes @ ..] = body;
    *byte_count = len as u8;
    // The quantities that the codec allows need no more than there is.
    bytes.get_mut(..len).ok_or(ExceptionCode::SERVER_DEVICE_FAILURE)
}

/// The answer to a write: its address, and its value or quantity.
fn echo(at: Address, value: u16, body: &mut [u8; LEN_MAX - 1]) -> usize {
    let fields = [at.as_raw(), value].map(u16::to_be_bytes);
    copy(fields.as_flattened(), body).wrapping_add(1)
}

/// Puts bytes to the front; how many.
pub(super) fn copy(from: &[u8], to: &mut [u8]) -> usize {
    for (place, byte) in to.iter_mut().zip(from) {
        *place = *byte;
    }
    from.len()
}

/// A service that says that it wrote more than there was room for.
fn fits(len: usize, max: usize) -> Result<(), ExceptionCode> {
    if len <= max { Ok(()) } else { Err(ExceptionCode::SERVER_DEVICE_FAILURE) }
}
