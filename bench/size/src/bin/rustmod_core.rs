//! rustmod-core: 01 to 08, 0F, 10, 16 to 18 typed.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use rustmod_core::UnitId;
use rustmod_core::encoding::{Reader, Writer};
use rustmod_core::frame::rtu;
use rustmod_core::pdu::{DecodedRequest, ReadHoldingRegistersRequest, Request, Response};
use size::{Bytes, keep};

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut bytes = Bytes::new();
    let unit = black_box(17_u8);
    let mut goes = bytes.goes;
    let came = bytes.came();
    let read = ReadHoldingRegistersRequest { start_address: 0, quantity: 1 };
    let mut request = Request::ReadHoldingRegisters(read);
    black_box(&mut request);
    #[cfg(feature = "calls")]
    {
        keep(
            rtu::decode_frame(came)
                .map(|(unit, pdu)| (unit, Response::decode(&mut Reader::new(pdu)))),
        );
        keep(
            rtu::decode_frame(came)
                .map(|(unit, pdu)| (unit, DecodedRequest::decode(&mut Reader::new(pdu)))),
        );
        let mut pdu = [0; 253];
        let mut writer = Writer::new(&mut pdu);
        keep(request.encode(&mut writer));
        let mut frame = Writer::new(&mut goes);
        keep(rtu::encode_frame(&mut frame, UnitId::new(unit), writer.as_written()));
    }
    keep((&mut goes, came, unit));
    loop {}
}
