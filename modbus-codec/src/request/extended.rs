//! The requests that only the feature `extended-functions` types.

use super::Request;
use crate::adu::Direction;
use crate::body::Body;
use crate::extended::device_identification::{MEI_TYPE, ReadDeviceIdCode};
use crate::extended::diagnostics::Diagnostics;
use crate::extended::file_record::{ReadFileRecords, WriteFileRecords};
use crate::layout::Layout;
use crate::{Address, FunctionCode, Quantity, Registers};

pub(super) fn of_body<'a>(body: &Body<'a>) -> Request<'a> {
    let ([first, second, third, ..], data) = (body.words, body.data);
    match body.function {
        FunctionCode::READ_EXCEPTION_STATUS => Request::ReadExceptionStatus,
        FunctionCode::DIAGNOSTICS => Request::Diagnostics(Diagnostics::wrap(first, data)),
        FunctionCode::GET_COMM_EVENT_COUNTER => Request::GetCommEventCounter,
        FunctionCode::GET_COMM_EVENT_LOG => Request::GetCommEventLog,
        FunctionCode::REPORT_SERVER_ID => Request::ReportServerId,
        FunctionCode::READ_FILE_RECORD => Request::ReadFileRecord(ReadFileRecords::wrap(data)),
        FunctionCode::WRITE_FILE_RECORD => Request::WriteFileRecord(WriteFileRecords::wrap(data)),
        FunctionCode::MASK_WRITE_REGISTER => Request::MaskWriteRegister {
            reference_address: Address::new(first),
            and_mask: second,
            or_mask: third,
        },
        FunctionCode::READ_WRITE_MULTIPLE_REGISTERS => Request::ReadWriteMultipleRegisters {
            read_starting_address: Address::new(first),
            read_quantity: Quantity::wrap(second),
            write_starting_address: Address::new(third),
            registers: Registers::wrap(data),
        },
        FunctionCode::READ_FIFO_QUEUE => {
            Request::ReadFifoQueue { fifo_pointer_address: Address::new(first) }
        }
        FunctionCode::ENCAPSULATED_INTERFACE_TRANSPORT if first == u16::from(MEI_TYPE) => {
            Request::ReadDeviceIdentification {
                code: ReadDeviceIdCode::wrap(second),
                object_id: third as u8,
            }
        }
        FunctionCode::ENCAPSULATED_INTERFACE_TRANSPORT => {
            Request::EncapsulatedInterface { mei_type: first as u8, data }
        }
        function => Request::Other { function, data: body.after_function },
    }
}

/// Puts the words and the data into a body of the request's function.
pub(super) fn put<'a>(request: Request<'a>, body: &mut Body<'a>) {
    let [first, second, third, ..] = &mut body.words;
    match request {
        Request::Diagnostics(diagnostics) => {
            *first = diagnostics.sub_function().as_raw();
            body.data = diagnostics.data();
        }
        Request::ReadFileRecord(records) => body.data = records.as_bytes(),
        Request::WriteFileRecord(records) => body.data = records.as_bytes(),
        Request::MaskWriteRegister { reference_address, and_mask, or_mask } => {
            (*first, *second, *third) = (reference_address.as_raw(), and_mask, or_mask);
        }
        Request::ReadWriteMultipleRegisters {
            read_starting_address,
            read_quantity,
            write_starting_address,
            registers,
        } => {
            let (from, count) = (read_starting_address.as_raw(), read_quantity.as_raw());
            let to = write_starting_address.as_raw();
            body.words = [from, count, to, registers.count() as u16, 0, 0];
            body.data = registers.as_bytes();
        }
        Request::ReadFifoQueue { fifo_pointer_address } => *first = fifo_pointer_address.as_raw(),
        Request::ReadDeviceIdentification { code, object_id } => {
            (*first, *second, *third) = (MEI_TYPE.into(), code.as_raw().into(), object_id.into());
            body.layout = Layout::of(Direction::Request, body.function, Some(MEI_TYPE));
        }
        Request::EncapsulatedInterface { mei_type, data } => {
            *first = mei_type.into();
            body.data = data;
        }
        // Without fields, or put by [`Request::to_body`].
        _ => {}
    }
}

pub(super) const fn function(request: &Request<'_>) -> FunctionCode {
    match request {
        Request::ReadExceptionStatus => FunctionCode::READ_EXCEPTION_STATUS,
        Request::Diagnostics(_) => FunctionCode::DIAGNOSTICS,
        Request::GetCommEventCounter => FunctionCode::GET_COMM_EVENT_COUNTER,
        Request::GetCommEventLog => FunctionCode::GET_COMM_EVENT_LOG,
        Request::ReportServerId => FunctionCode::REPORT_SERVER_ID,
        Request::ReadFileRecord(_) => FunctionCode::READ_FILE_RECORD,
        Request::WriteFileRecord(_) => FunctionCode::WRITE_FILE_RECORD,
        Request::MaskWriteRegister { .. } => FunctionCode::MASK_WRITE_REGISTER,
        Request::ReadWriteMultipleRegisters { .. } => FunctionCode::READ_WRITE_MULTIPLE_REGISTERS,
        Request::ReadFifoQueue { .. } => FunctionCode::READ_FIFO_QUEUE,
        Request::ReadDeviceIdentification { .. } | Request::EncapsulatedInterface { .. } => {
            FunctionCode::ENCAPSULATED_INTERFACE_TRANSPORT
        }
        // Matched by [`Request::function`].
        Request::ReadCoils { .. }
        | Request::ReadDiscreteInputs { .. }
        | Request::ReadHoldingRegisters { .. }
        | Request::ReadInputRegisters { .. }
        | Request::WriteSingleCoil { .. }
        | Request::WriteSingleRegister { .. }
        | Request::WriteMultipleCoils { .. }
        | Request::WriteMultipleRegisters { .. }
        | Request::Other { .. } => FunctionCode::new(0),
    }
}
