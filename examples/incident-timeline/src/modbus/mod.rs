//! The Modbus lane: from bytes on a wire to requests, responses, and what is wrong with them.

pub(crate) mod fields;
pub(crate) mod rtu_wire;
pub(crate) mod serial_line;
pub(crate) mod tcp_half;
pub(crate) mod transactions;
