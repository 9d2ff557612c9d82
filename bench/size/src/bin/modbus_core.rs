//! modbus-core: 01 to 06, 0F, 10 and 17 typed, in part.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use modbus_core::{Request, RequestPdu, rtu};
use size::{Bytes, keep};

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut bytes = Bytes::new();
    let unit = black_box(17_u8);
    let mut goes = bytes.goes;
    let came = bytes.came();
    let mut request = Request::ReadHoldingRegisters(0, 1);
    black_box(&mut request);
    #[cfg(feature = "calls")]
    {
        keep(rtu::client::decode_response(came));
        keep(rtu::server::decode_request(came));
        let hdr = rtu::Header { slave: unit };
        keep(rtu::client::encode_request(
            rtu::RequestAdu { hdr, pdu: RequestPdu(request) },
            &mut goes,
        ));
    }
    keep((&mut goes, came, unit));
    loop {}
}
