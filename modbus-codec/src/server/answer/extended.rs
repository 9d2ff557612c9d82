//! The answers to the functions that only the feature `extended-functions` types.

mod identification;

use super::{copy, counted, fits, read_registers, there};
use crate::extended::fifo::FIFO_COUNT_MAX;
use crate::extended::file_record::REFERENCE_TYPE;
use crate::pdu::LEN_MAX;
use crate::server::{RegistersMut, Service, Table};
use crate::{ExceptionCode, Request};

/// Serves the functions that only the feature types.
pub(super) fn serve(
    service: &mut impl Service,
    request: Request<'_>,
    body: &mut [u8; LEN_MAX - 1],
) -> Result<usize, ExceptionCode> {
    match request {
        Request::ReadExceptionStatus => {
            let [status, ..] = body;
            *status = service.read_exception_status()?;
            Ok(2)
        }
        Request::ReportServerId => {
            let [byte_count, out @ ..] = body;
            let len = service.report_server_id(out)?;
            fits(len, out.len())?;
            if len == 0 {
                return Err(ExceptionCode::SERVER_DEVICE_FAILURE);
            }
            *byte_count = len as u8;
            Ok(len.wrapping_add(2))
        }
        Request::ReadFileRecord(records) => {
            if !records.iter().all(|record| service.contains_record(record)) {
                return Err(ExceptionCode::ILLEGAL_DATA_ADDRESS);
            }
            let [byte_count, out @ ..] = body;
            let mut len = 0_usize;
            for record in records.iter() {
                let data = usize::from(record.record_length).wrapping_mul(2);
                let place = out.get_mut(len..len.wrapping_add(data).wrapping_add(2));
                let Some([file_response_length, reference_type, registers @ ..]) = place else {
                    return Err(ExceptionCode::ILLEGAL_DATA_VALUE);
                };
                *file_response_length = (data as u8).wrapping_add(1);
                *reference_type = REFERENCE_TYPE;
                service.read_record(record, &mut RegistersMut::zeroed(registers))?;
                len = len.wrapping_add(data).wrapping_add(2);
            }
            *byte_count = len as u8;
            Ok(len.wrapping_add(2))
        }
        Request::WriteFileRecord(records) => {
            if !records.iter().all(|(record, _)| service.contains_record(record)) {
                return Err(ExceptionCode::ILLEGAL_DATA_ADDRESS);
            }
            for (record, registers) in records.iter() {
                service.write_record(record, registers)?;
            }
            let bytes = counted(body, records.as_bytes().len())?;
            Ok(copy(records.as_bytes(), bytes).wrapping_add(2))
        }
        Request::MaskWriteRegister { reference_address: at, and_mask, or_mask } => {
            there(service, Table::HoldingRegisters, at, 1)?;
            service.mask_write_register(at, and_mask, or_mask)?;
            let fields = [at.as_raw(), and_mask, or_mask].map(u16::to_be_bytes);
            Ok(copy(fields.as_flattened(), body).wrapping_add(1))
        }
        Request::ReadWriteMultipleRegisters {
            read_starting_address,
            read_quantity,
            write_starting_address,
            registers,
        } => {
            let write_quantity = registers.count() as u16;
            let read_quantity = read_quantity.as_raw();
            there(service, Table::HoldingRegisters, read_starting_address, read_quantity)?;
            there(service, Table::HoldingRegisters, write_starting_address, write_quantity)?;
            service.write_registers(write_starting_address, registers)?;
            read_registers(service, read_starting_address, read_quantity, body)
        }
        Request::ReadFifoQueue { fifo_pointer_address: at } => {
            there(service, Table::HoldingRegisters, at, 1)?;
            let [len_high, len_low, count_high, count_low, out @ ..] = body;
            let out = out.get_mut(..usize::from(FIFO_COUNT_MAX).wrapping_mul(2));
            let mut registers = RegistersMut::zeroed(out.unwrap_or_default());
            let count = service.read_fifo_queue(at, &mut registers)?;
            if count > usize::from(FIFO_COUNT_MAX) {
                return Err(ExceptionCode::ILLEGAL_DATA_VALUE);
            }
            let len = count.wrapping_mul(2);
            [*len_high, *len_low] = (len as u16).wrapping_add(2).to_be_bytes();
            [*count_high, *count_low] = (count as u16).to_be_bytes();
            Ok(len.wrapping_add(5))
        }
        Request::ReadDeviceIdentification { code, object_id } => {
            identification::read(service, code, object_id, body)
        }
        Request::EncapsulatedInterface { mei_type, data } => {
            let [place, out @ ..] = body;
            *place = mei_type;
            let len = service.encapsulated_interface(mei_type, data, out)?;
            fits(len, out.len())?;
            Ok(len.wrapping_add(2))
        }
        // 08, 0B and 0C are a serial line's; the others are served above.
        _ => Err(ExceptionCode::ILLEGAL_FUNCTION),
    }
}
