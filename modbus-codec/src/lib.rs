#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(any(test, feature = "arbitrary"))]
extern crate std;

mod address;
#[cfg(feature = "arbitrary")]
mod arbitrary;
pub mod ascii;
mod body;
pub mod client;
pub mod counters;
mod crc;
mod data;
mod data_mut;
#[cfg(feature = "extended-functions")]
pub mod device_identification;
#[cfg(feature = "extended-functions")]
pub mod diagnostics;
#[cfg(feature = "extended-functions")]
pub mod event_log;
mod exception;
#[cfg(feature = "extended-functions")]
pub mod fifo;
#[cfg(feature = "extended-functions")]
pub mod file_record;
mod function;
mod kind;
#[cfg(feature = "extended-functions")]
mod layout;
pub mod pdu;
#[cfg(feature = "extended-functions")]
mod reader;
mod request;
mod response;
pub mod rtu;
#[cfg(feature = "serde")]
mod serde;
pub mod server;
#[cfg(feature = "extended-functions")]
pub mod server_id;
#[cfg(feature = "crc-table-large")]
mod short;
pub mod stream;
pub mod tcp;
pub mod timing;
mod writer;

pub use address::{Address, OutOfRange, Quantity, UnitId};
pub use crc::crc16;
pub use data::{Coils, CoilsIter, Registers, RegistersIter, ValueError, WordOrder, Words};
pub use exception::{Exception, ExceptionCode};
pub use function::FunctionCode;
pub use pdu::{Adu, Direction};
pub use request::Request;
pub use response::{Mismatch, Reply, Response};
