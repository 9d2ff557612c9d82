//! The requests and responses that only the feature `extended-functions` types.

use crate::adu::Direction;
use crate::body::Body;
use crate::extended::device_identification::{DeviceIdentification, MEI_TYPE, ReadDeviceIdCode};
use crate::extended::diagnostics::Diagnostics;
use crate::extended::event_log::{self, CommEventLog};
use crate::extended::file_record::{FileData, ReadFileRecords, WriteFileRecords};
use crate::layout::Layout;
use crate::request::Request;
use crate::response::Response;
use crate::{Address, FunctionCode, Quantity, Registers};

pub(super) fn request<'a>(body: &Body<'a>) -> Request<'a> {
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
pub(super) fn put_request<'a>(request: Request<'a>, body: &mut Body<'a>) {
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

pub(super) const fn request_function(request: &Request<'_>) -> FunctionCode {
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

pub(super) fn response<'a>(body: &Body<'a>) -> Response<'a> {
    let ([first, second, third, ..], data) = (body.words, body.data);
    match body.function {
        FunctionCode::READ_EXCEPTION_STATUS => Response::ReadExceptionStatus(first as u8),
        FunctionCode::DIAGNOSTICS => Response::Diagnostics(Diagnostics::wrap(first, data)),
        FunctionCode::GET_COMM_EVENT_COUNTER => {
            Response::GetCommEventCounter { is_busy: first != 0, event_count: second }
        }
        FunctionCode::GET_COMM_EVENT_LOG => {
            Response::GetCommEventLog(CommEventLog::wrap(&body.words, data))
        }
        FunctionCode::REPORT_SERVER_ID => Response::ReportServerId(data),
        FunctionCode::READ_FILE_RECORD => Response::ReadFileRecord(FileData::wrap(data)),
        FunctionCode::WRITE_FILE_RECORD => Response::WriteFileRecord(WriteFileRecords::wrap(data)),
        FunctionCode::MASK_WRITE_REGISTER => Response::MaskWriteRegister {
            reference_address: Address::new(first),
            and_mask: second,
            or_mask: third,
        },
        FunctionCode::READ_WRITE_MULTIPLE_REGISTERS => {
            Response::ReadWriteMultipleRegisters(Registers::wrap(data))
        }
        FunctionCode::READ_FIFO_QUEUE => Response::ReadFifoQueue(Registers::wrap(data)),
        FunctionCode::ENCAPSULATED_INTERFACE_TRANSPORT if first == u16::from(MEI_TYPE) => {
            Response::ReadDeviceIdentification(DeviceIdentification::wrap(&body.words, data))
        }
        FunctionCode::ENCAPSULATED_INTERFACE_TRANSPORT => {
            Response::EncapsulatedInterface { mei_type: first as u8, data }
        }
        function => Response::Other { function, data: body.after_function },
    }
}

/// Puts the words and the data into a body of the response's function.
pub(super) fn put_response<'a>(response: Response<'a>, body: &mut Body<'a>) {
    let [first, second, third, ..] = &mut body.words;
    match response {
        Response::ReadExceptionStatus(status) => *first = status.into(),
        Response::Diagnostics(diagnostics) => {
            *first = diagnostics.sub_function().as_raw();
            body.data = diagnostics.data();
        }
        Response::GetCommEventCounter { is_busy, event_count } => {
            (*first, *second) = (event_log::status(is_busy), event_count);
        }
        Response::GetCommEventLog(log) => {
            (body.words, body.data) = (log.words(), log.raw_events());
        }
        Response::ReportServerId(data) => body.data = data,
        Response::ReadFileRecord(data) => body.data = data.as_bytes(),
        Response::WriteFileRecord(records) => body.data = records.as_bytes(),
        Response::MaskWriteRegister { reference_address, and_mask, or_mask } => {
            (*first, *second, *third) = (reference_address.as_raw(), and_mask, or_mask);
        }
        Response::ReadWriteMultipleRegisters(registers) => body.data = registers.as_bytes(),
        Response::ReadFifoQueue(registers) => {
            *second = registers.count() as u16;
            *first = second.wrapping_mul(2).wrapping_add(2);
            body.data = registers.as_bytes();
        }
        Response::ReadDeviceIdentification(identification) => {
            (body.words, body.data) = identification.words();
            body.layout = Layout::of(Direction::Response, body.function, Some(MEI_TYPE));
        }
        Response::EncapsulatedInterface { mei_type, data } => {
            *first = mei_type.into();
            body.data = data;
        }
        // Put by [`Response::to_body`].
        _ => {}
    }
}

pub(super) const fn response_function(response: &Response<'_>) -> FunctionCode {
    match response {
        Response::ReadExceptionStatus(_) => FunctionCode::READ_EXCEPTION_STATUS,
        Response::Diagnostics(_) => FunctionCode::DIAGNOSTICS,
        Response::GetCommEventCounter { .. } => FunctionCode::GET_COMM_EVENT_COUNTER,
        Response::GetCommEventLog(_) => FunctionCode::GET_COMM_EVENT_LOG,
        Response::ReportServerId(_) => FunctionCode::REPORT_SERVER_ID,
        Response::ReadFileRecord(_) => FunctionCode::READ_FILE_RECORD,
        Response::WriteFileRecord(_) => FunctionCode::WRITE_FILE_RECORD,
        Response::MaskWriteRegister { .. } => FunctionCode::MASK_WRITE_REGISTER,
        Response::ReadWriteMultipleRegisters(_) => FunctionCode::READ_WRITE_MULTIPLE_REGISTERS,
        Response::ReadFifoQueue(_) => FunctionCode::READ_FIFO_QUEUE,
        Response::ReadDeviceIdentification(_) | Response::EncapsulatedInterface { .. } => {
            FunctionCode::ENCAPSULATED_INTERFACE_TRANSPORT
        }
        // Matched by [`Response::function`].
        Response::ReadCoils(_)
        | Response::ReadDiscreteInputs(_)
        | Response::ReadHoldingRegisters(_)
        | Response::ReadInputRegisters(_)
        | Response::WriteSingleCoil { .. }
        | Response::WriteSingleRegister { .. }
        | Response::WriteMultipleCoils { .. }
        | Response::WriteMultipleRegisters { .. }
        | Response::Other { .. } => FunctionCode::new(0),
    }
}
