#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(any(test, feature = "arbitrary"))]
extern crate std;

mod address;
mod adu;
#[cfg(feature = "arbitrary")]
mod arbitrary;
pub mod ascii;
mod body;
pub mod client;
pub mod counters;
mod crc;
mod data;
mod data_mut;
mod error;
mod exception;
#[cfg(feature = "extended-functions")]
mod extended;
#[cfg(feature = "fast-requests")]
mod fast;
mod field;
mod fields;
mod function;
mod functions;
mod layout;
mod pairing;
pub mod pdu;
mod reader;
mod request;
mod response;
pub mod rtu;
#[cfg(feature = "serde")]
mod serde;
pub mod server;
pub mod stream;
pub mod tcp;
pub mod timing;
mod typed;
mod walk;
mod writer;

pub use address::{Address, OutOfRange, Quantity, UnitId};
pub use crc::crc16;
pub use data::{Coils, CoilsIter, Registers, RegistersIter, ValueError, WordOrder, Words};
pub use exception::{Exception, ExceptionCode};
#[cfg(feature = "extended-functions")]
pub use extended::{device_identification, diagnostics, event_log, fifo, file_record, server_id};
pub use function::FunctionCode;
pub use pairing::Mismatch;
pub use pdu::{Adu, Direction};
pub use request::Request;
pub use response::{Reply, Response};
