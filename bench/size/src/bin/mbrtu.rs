//! mbrtu: 01, 03 and 06 typed.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use mbrtu::ModbusRequest;
use mbrtu::message::ReadHoldingRegistersRequest;
use size::{Bytes, keep};

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut bytes = Bytes::new();
    let unit = black_box(17_u8);
    let mut goes = bytes.goes;
    let came = bytes.came();
    let read = ReadHoldingRegistersRequest { starting_address: 0, quantity: 1 };
    let mut request = ModbusRequest::ReadHoldingRegisters(read);
    black_box(&mut request);
    #[cfg(feature = "calls")]
    {
        keep(mbrtu::decode_response(came));
        keep(mbrtu::decode_request(came));
        keep(mbrtu::encode_request(unit, &request, &mut goes));
    }
    keep((&mut goes, came, unit));
    loop {}
}
