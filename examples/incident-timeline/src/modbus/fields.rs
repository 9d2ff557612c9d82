//! The fields of a PDU by the standard's names.

use modbus_codec::diagnostics::Diagnostics;
use modbus_codec::file_record::FileRecord;
use modbus_codec::{Coils, Registers, Request, Response};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::salvage;
use crate::event::{Adu, hex};

/// The fields of an ADU, to be written as one object.
pub(crate) struct Fields<'a>(pub(crate) &'a Adu);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let adu = self.0;
        if adu.is_request {
            match Request::decode(&adu.pdu) {
                Ok(request) => of_request(&request, &mut map)?,
                Err(_) => salvage::of_request(&adu.pdu, &mut map)?,
            }
        } else {
            match Response::decode(&adu.pdu) {
                Ok(Ok(response)) => of_response(&response, adu.coils, &mut map)?,
                Ok(Err(exception)) => {
                    map.serialize_entry("exception_code", &exception.code.as_raw())?;
                }
                Err(_) => salvage::of_response(&adu.pdu, adu.coils, &mut map)?,
            }
        }
        map.end()
    }
}

fn of_request<M: SerializeMap>(request: &Request<'_>, map: &mut M) -> Result<(), M::Error> {
    match *request {
        Request::ReadCoils { starting_address, quantity }
        | Request::ReadDiscreteInputs { starting_address, quantity } => {
            span(starting_address.as_raw(), quantity.as_raw(), map)
        }
        Request::ReadHoldingRegisters { starting_address, quantity }
        | Request::ReadInputRegisters { starting_address, quantity } => {
            span(starting_address.as_raw(), quantity.as_raw(), map)
        }
        Request::WriteSingleCoil { output_address, output_value } => {
            map.serialize_entry("output_address", &output_address.as_raw())?;
            map.serialize_entry("output_value", &if output_value { 0xFF00 } else { 0 })
        }
        Request::WriteSingleRegister { register_address, register_value } => {
            map.serialize_entry("register_address", &register_address.as_raw())?;
            map.serialize_entry("register_value", &register_value)
        }
        Request::WriteMultipleCoils { starting_address, coils } => {
            span(starting_address.as_raw(), coils.quantity(), map)?;
            map.serialize_entry("byte_count", &coils.as_bytes().len())?;
            map.serialize_entry("coils", &coils)
        }
        Request::WriteMultipleRegisters { starting_address, registers } => {
            map.serialize_entry("starting_address", &starting_address.as_raw())?;
            map.serialize_entry("quantity", &registers.count())?;
            of_registers(registers, map)
        }
        Request::Diagnostics(diagnostics) => of_diagnostics(&diagnostics, map),
        Request::ReadFileRecord(records) => {
            map.serialize_entry("byte_count", &records.as_bytes().len())?;
            let groups: Vec<_> = records.iter().map(|record| group(Some(record), None)).collect();
            map.serialize_entry("sub_requests", &groups)
        }
        Request::WriteFileRecord(records) => {
            map.serialize_entry("byte_count", &records.as_bytes().len())?;
            let groups: Vec<_> =
                records.iter().map(|(record, data)| group(Some(record), Some(data))).collect();
            map.serialize_entry("sub_requests", &groups)
        }
        Request::MaskWriteRegister { reference_address, and_mask, or_mask } => {
            masks(reference_address.as_raw(), and_mask, or_mask, map)
        }
        Request::ReadWriteMultipleRegisters {
            read_starting_address,
            read_quantity,
            write_starting_address,
            registers,
        } => {
            map.serialize_entry("read_starting_address", &read_starting_address.as_raw())?;
            map.serialize_entry("read_quantity", &read_quantity.as_raw())?;
            map.serialize_entry("write_starting_address", &write_starting_address.as_raw())?;
            map.serialize_entry("write_quantity", &registers.count())?;
            of_registers(registers, map)
        }
        Request::ReadFifoQueue { fifo_pointer_address } => {
            map.serialize_entry("fifo_pointer_address", &fifo_pointer_address.as_raw())
        }
        Request::ReadDeviceIdentification { code, object_id } => {
            map.serialize_entry("mei_type", &0x0E)?;
            map.serialize_entry("read_device_id_code", &code.as_raw())?;
            map.serialize_entry("object_id", &object_id)
        }
        Request::EncapsulatedInterface { mei_type, data } => {
            map.serialize_entry("mei_type", &mei_type)?;
            map.serialize_entry("data", &hex(data))
        }
        Request::Other { data, .. } => map.serialize_entry("data", &hex(data)),
        // 07, 0B, 0C and 11 have no fields.
        _ => Ok(()),
    }
}

fn of_response<M: SerializeMap>(
    response: &Response<'_>,
    asked: Option<u16>,
    map: &mut M,
) -> Result<(), M::Error> {
    match *response {
        Response::ReadCoils(coils) | Response::ReadDiscreteInputs(coils) => {
            of_coils(coils, asked, map)
        }
        Response::ReadHoldingRegisters(registers)
        | Response::ReadInputRegisters(registers)
        | Response::ReadWriteMultipleRegisters(registers) => of_registers(registers, map),
        Response::WriteSingleCoil { output_address, output_value } => {
            map.serialize_entry("output_address", &output_address.as_raw())?;
            map.serialize_entry("output_value", &if output_value { 0xFF00 } else { 0 })
        }
        Response::WriteSingleRegister { register_address, register_value } => {
            map.serialize_entry("register_address", &register_address.as_raw())?;
            map.serialize_entry("register_value", &register_value)
        }
        Response::WriteMultipleCoils { starting_address, quantity } => {
            span(starting_address.as_raw(), quantity.as_raw(), map)
        }
        Response::WriteMultipleRegisters { starting_address, quantity } => {
            span(starting_address.as_raw(), quantity.as_raw(), map)
        }
        Response::ReadExceptionStatus(status) => map.serialize_entry("exception_status", &status),
        Response::Diagnostics(diagnostics) => of_diagnostics(&diagnostics, map),
        Response::GetCommEventCounter { is_busy, event_count } => {
            map.serialize_entry("status", &if is_busy { 0xFFFF } else { 0 })?;
            map.serialize_entry("event_count", &event_count)
        }
        Response::GetCommEventLog(log) => {
            map.serialize_entry("byte_count", &(log.raw_events().len() + 6))?;
            map.serialize_entry("status", &if log.is_busy { 0xFFFF } else { 0 })?;
            map.serialize_entry("event_count", &log.event_count)?;
            map.serialize_entry("message_count", &log.message_count)?;
            map.serialize_entry("events", &hex(log.raw_events()))
        }
        Response::ReportServerId(data) => {
            map.serialize_entry("byte_count", &data.len())?;
            map.serialize_entry("data", &hex(data))
        }
        Response::ReadFileRecord(data) => {
            map.serialize_entry("byte_count", &data.as_bytes().len())?;
            let groups: Vec<_> = data.iter().map(|data| group(None, Some(data))).collect();
            map.serialize_entry("sub_requests", &groups)
        }
        Response::WriteFileRecord(records) => {
            map.serialize_entry("byte_count", &records.as_bytes().len())?;
            let groups: Vec<_> =
                records.iter().map(|(record, data)| group(Some(record), Some(data))).collect();
            map.serialize_entry("sub_requests", &groups)
        }
        Response::MaskWriteRegister { reference_address, and_mask, or_mask } => {
            masks(reference_address.as_raw(), and_mask, or_mask, map)
        }
        Response::ReadFifoQueue(registers) => {
            map.serialize_entry("byte_count", &(registers.as_bytes().len() + 2))?;
            map.serialize_entry("fifo_count", &registers.count())?;
            map.serialize_entry("registers", &registers)
        }
        Response::ReadDeviceIdentification(body) => {
            map.serialize_entry("mei_type", &0x0E)?;
            map.serialize_entry("read_device_id_code", &body.code.as_raw())?;
            map.serialize_entry("conformity_level", &body.conformity_level.as_raw())?;
            let more_follows = if body.more_follows.is_some() { 0xFF } else { 0 };
            map.serialize_entry("more_follows", &more_follows)?;
            map.serialize_entry("next_object_id", &body.more_follows.unwrap_or(0))?;
            map.serialize_entry("number_of_objects", &body.number_of_objects())?;
            let object = |object: modbus_codec::device_identification::Object<'_>| Object {
                id: object.id,
                value: text_or_hex(object.value),
            };
            map.serialize_entry("objects", &body.objects().map(object).collect::<Vec<_>>())
        }
        Response::EncapsulatedInterface { mei_type, data } => {
            map.serialize_entry("mei_type", &mei_type)?;
            map.serialize_entry("data", &hex(data))
        }
        Response::Other { data, .. } => map.serialize_entry("data", &hex(data)),
        _ => Ok(()),
    }
}

pub(super) fn span<M: SerializeMap>(
    starting_address: u16,
    quantity: u16,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry("starting_address", &starting_address)?;
    map.serialize_entry("quantity", &quantity)
}

pub(super) fn of_registers<M: SerializeMap>(
    registers: Registers<'_>,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry("byte_count", &registers.as_bytes().len())?;
    map.serialize_entry("registers", &registers)
}

/// The padding is left out where the request that was answered is known.
pub(super) fn of_coils<M: SerializeMap>(
    coils: Coils<'_>,
    asked: Option<u16>,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry("byte_count", &coils.as_bytes().len())?;
    map.serialize_entry("coils", &coils.first(asked.unwrap_or(u16::MAX)))
}

fn of_diagnostics<M: SerializeMap>(
    diagnostics: &Diagnostics<'_>,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry("sub_function", &diagnostics.sub_function().as_raw())?;
    map.serialize_entry("data", &hex(diagnostics.data()))
}

pub(super) fn masks<M: SerializeMap>(
    reference_address: u16,
    and_mask: u16,
    or_mask: u16,
    map: &mut M,
) -> Result<(), M::Error> {
    map.serialize_entry("reference_address", &reference_address)?;
    map.serialize_entry("and_mask", &and_mask)?;
    map.serialize_entry("or_mask", &or_mask)
}

/// One group of a file record function; a response to a read has only data.
#[derive(Serialize)]
struct Group {
    #[serde(skip_serializing_if = "Option::is_none")]
    file_number: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_number: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_length: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

fn group(record: Option<FileRecord>, data: Option<Registers<'_>>) -> Group {
    Group {
        file_number: record.map(|record| record.file_number),
        record_number: record.map(|record| record.record_number),
        record_length: record.map(|record| record.record_length),
        data: data.map(|registers| hex(registers.as_bytes())),
    }
}

#[derive(Serialize)]
struct Object {
    id: u8,
    value: String,
}

/// Text where it is printable, else hex.
fn text_or_hex(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => hex(value),
    }
}
