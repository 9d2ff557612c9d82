//! From bytes to ADUs and discards: on a serial line, in a TCP connection, and one frame alone.

mod ascii_wire;
mod line_wire;
pub(crate) mod one;
mod rtu_wire;
pub(crate) mod serial_line;
pub(crate) mod tcp;
