//! The fields of a PDU that the standard refuses: what can be read before, and of, the field that is wrong.

use modbus_codec::{Coils, Registers};
use serde::ser::SerializeMap;

use super::fields::{of_coils, of_registers};
use crate::event::hex;

/// Takes fields off the front for as long as they are there.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn u16(&mut self) -> Option<u16> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*first))
    }

    fn words<M: SerializeMap>(
        &mut self,
        names: &[&'static str],
        map: &mut M,
    ) -> Result<(), M::Error> {
        for name in names {
            let Some(value) = self.u16() else {
                return Ok(());
            };
            map.serialize_entry(name, &value)?;
        }
        Ok(())
    }

    /// The byte count, and the data if it is all there.
    fn counted<M: SerializeMap>(&mut self, map: &mut M) -> Result<Option<&'a [u8]>, M::Error> {
        let Some(byte_count) = self.u8() else {
            return Ok(None);
        };
        let data = self.0.get(..usize::from(byte_count));
        if data.is_none() {
            map.serialize_entry("byte_count", &byte_count)?;
        }
        Ok(data)
    }

    fn registers<M: SerializeMap>(&mut self, map: &mut M) -> Result<(), M::Error> {
        let Some(data) = self.counted(map)? else {
            return Ok(());
        };
        match Registers::from_be_bytes(data) {
            Ok(registers) => of_registers(registers, map),
            Err(_) => map.serialize_entry("byte_count", &data.len()),
        }
    }

    fn coils<M: SerializeMap>(&mut self, asked: Option<u16>, map: &mut M) -> Result<(), M::Error> {
        let Some(data) = self.counted(map)? else {
            return Ok(());
        };
        let bits = u16::try_from(data.len() * 8).unwrap_or(u16::MAX);
        match Coils::from_bytes(data, bits) {
            Ok(coils) => of_coils(coils, asked, map),
            Err(_) => map.serialize_entry("byte_count", &data.len()),
        }
    }

    fn identification<M: SerializeMap>(
        &mut self,
        names: &[&'static str],
        map: &mut M,
    ) -> Result<(), M::Error> {
        for name in names {
            let Some(value) = self.u8() else {
                return Ok(());
            };
            map.serialize_entry(name, &value)?;
        }
        Ok(())
    }
}

pub(super) fn of_request<M: SerializeMap>(pdu: &[u8], map: &mut M) -> Result<(), M::Error> {
    let mut rest = Rest(pdu);
    match rest.u8().unwrap_or(0) {
        0x01..=0x04 => rest.words(&["starting_address", "quantity"], map),
        0x05 => rest.words(&["output_address", "output_value"], map),
        0x06 => rest.words(&["register_address", "register_value"], map),
        0x08 => diagnostics(&mut rest, map),
        0x0F => {
            rest.words(&["starting_address", "quantity"], map)?;
            rest.coils(None, map)
        }
        0x10 => {
            rest.words(&["starting_address", "quantity"], map)?;
            rest.registers(map)
        }
        0x14 | 0x15 => rest.identification(&["byte_count"], map),
        0x16 => rest.words(&["reference_address", "and_mask", "or_mask"], map),
        0x17 => {
            let names = [
                "read_starting_address",
                "read_quantity",
                "write_starting_address",
                "write_quantity",
            ];
            rest.words(&names, map)?;
            rest.registers(map)
        }
        0x18 => rest.words(&["fifo_pointer_address"], map),
        0x2B => rest.identification(&["mei_type", "read_device_id_code", "object_id"], map),
        _ => Ok(()),
    }
}

pub(super) fn of_response<M: SerializeMap>(
    pdu: &[u8],
    asked: Option<u16>,
    map: &mut M,
) -> Result<(), M::Error> {
    let mut rest = Rest(pdu);
    match rest.u8().unwrap_or(0) {
        0x01 | 0x02 => rest.coils(asked, map),
        0x03 | 0x04 | 0x17 => rest.registers(map),
        0x05 => rest.words(&["output_address", "output_value"], map),
        0x06 => rest.words(&["register_address", "register_value"], map),
        0x08 => diagnostics(&mut rest, map),
        0x0B => rest.words(&["status", "event_count"], map),
        0x0F | 0x10 => rest.words(&["starting_address", "quantity"], map),
        0x0C | 0x11 | 0x14 | 0x15 => rest.identification(&["byte_count"], map),
        0x16 => rest.words(&["reference_address", "and_mask", "or_mask"], map),
        0x18 => rest.words(&["byte_count", "fifo_count"], map),
        0x2B => {
            let names = [
                "mei_type",
                "read_device_id_code",
                "conformity_level",
                "more_follows",
                "next_object_id",
                "number_of_objects",
            ];
            rest.identification(&names, map)
        }
        0x81..=0xFF => rest.identification(&["exception_code"], map),
        _ => Ok(()),
    }
}

fn diagnostics<M: SerializeMap>(rest: &mut Rest<'_>, map: &mut M) -> Result<(), M::Error> {
    rest.words(&["sub_function"], map)?;
    map.serialize_entry("data", &hex(rest.0))
}
