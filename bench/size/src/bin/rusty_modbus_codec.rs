//! rusty-modbus-codec: every public function typed, PDUs only. Its requests have no common `encode`; each has its own.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use rusty_modbus_codec::request::Encode;
use rusty_modbus_codec::{EncodeError, RequestPdu, decode_request, decode_response};

/// Encodes any request, as a user of that crate has to write it.
fn encode(request: &RequestPdu<'_>, out: &mut [u8]) -> Result<usize, EncodeError> {
    match request {
        RequestPdu::ReadCoils(body) => body.encode_into(out),
        RequestPdu::ReadDiscreteInputs(body) => body.encode_into(out),
        RequestPdu::ReadHoldingRegisters(body) => body.encode_into(out),
        RequestPdu::ReadInputRegisters(body) => body.encode_into(out),
        RequestPdu::WriteSingleCoil(body) => body.encode_into(out),
        RequestPdu::WriteSingleRegister(body) => body.encode_into(out),
        RequestPdu::Diagnostics(body) => body.encode_into(out),
        RequestPdu::WriteMultipleCoils(body) => body.encode_into(out),
        RequestPdu::WriteMultipleRegisters(body) => body.encode_into(out),
        RequestPdu::ReadFileRecord(body) => body.encode_into(out),
        RequestPdu::WriteFileRecord(body) => body.encode_into(out),
        RequestPdu::MaskWriteRegister(body) => body.encode_into(out),
        RequestPdu::ReadWriteMultipleRegisters(body) => body.encode_into(out),
        RequestPdu::ReadFifoQueue(body) => body.encode_into(out),
        RequestPdu::EncapsulatedInterface(body) => body.encode_into(out),
        RequestPdu::ReadExceptionStatus
        | RequestPdu::GetCommEventCounter
        | RequestPdu::GetCommEventLog
        | RequestPdu::ReportServerId
        | RequestPdu::Custom(..) => Ok(0),
    }
}
use size::{Bytes, keep};

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut bytes = Bytes::new();
    let unit = black_box(17_u8);
    let mut goes = bytes.goes;
    let came = bytes.came();
    let read = rusty_modbus_codec::request::ReadHoldingRegistersRequest {
        address: rusty_modbus_types::Address(0),
        quantity: rusty_modbus_types::Quantity(1),
    };
    let mut request = RequestPdu::ReadHoldingRegisters(read);
    black_box(&mut request);
    #[cfg(feature = "calls")]
    {
        keep(decode_response(came));
        keep(decode_request(came));
        keep(encode(&request, &mut goes));
    }
    keep((&mut goes, came, unit));
    loop {}
}
