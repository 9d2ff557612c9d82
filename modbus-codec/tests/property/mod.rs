//! Properties of any bytes and any order of events. The tests call these functions with values of proptest, the fuzz targets
//! with what libFuzzer finds; each panics where it does not hold.
#![allow(dead_code, unreachable_pub, unused_imports)] // Each test and target uses its own part; the targets from outside.

mod adu;
mod client;
mod pdu;
mod progress;
mod server;
mod server_line;
mod stream;

use arbitrary::{Result, Unstructured};

pub use adu::{ascii_text, rtu_adu, tcp_stream};
pub use client::{client_serial, client_tcp};
pub use pdu::{request, response};
pub use progress::progress;
pub use server::server;
pub use server_line::{Counts, line, server_line};
pub use stream::stream;

/// Plays a script that is drawn from bytes; one that ends in the middle of an event ends before it.
pub fn play(bytes: &[u8], property: fn(&mut Unstructured<'_>) -> Result<()>) {
    let _ = property(&mut Unstructured::new(bytes));
}
