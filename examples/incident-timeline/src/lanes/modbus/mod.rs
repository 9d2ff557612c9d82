//! The Modbus lane: from bytes on a wire to requests, responses, and the faults in them.

pub(crate) mod cause;
pub(crate) mod counts;
pub(crate) mod decoding;
pub(crate) mod detectors;
pub(crate) mod event;
mod fields;
mod off_spec;
mod pairing;
mod server;
