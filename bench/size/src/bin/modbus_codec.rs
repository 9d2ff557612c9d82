//! This crate: every public function typed with `extended`, 01 to 06, 0F and 10 without.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use modbus_codec::{FunctionCode, Request, UnitId, rtu};
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
        keep(rtu::decode_response(came));
        keep(rtu::decode_request(came));
        keep(rtu::encode_request(UnitId::from_raw(unit), &request, &mut goes));
    }
    keep((&mut goes, came, unit));
    loop {}
}
