//! This crate without a transport, for the peer that has none.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use modbus_codec::{FunctionCode, Request, Response};
use size::{Bytes, keep};

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut bytes = Bytes::new();
    let unit = black_box(17_u8);
    let mut goes = bytes.goes;
    let came = bytes.came();
    let mut request = Request::Other { function: FunctionCode::new(1), data: came };
    black_box(&mut request);
    #[cfg(feature = "calls")]
    {
        keep(Response::decode(came));
        keep(Request::decode(came));
        keep(request.encode(&mut goes).map(|pdu| pdu.len()));
    }
    keep((&mut goes, came, unit));
    loop {}
}
