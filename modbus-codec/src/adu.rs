//! A PDU and its unit, the direction it travels, and its greatest length.

use crate::UnitId;

/// The longest PDU, in bytes.
///
/// Spec: MODBUS Application Protocol V1.1b3, 4.1.
pub const LEN_MAX: usize = 253;

/// A PDU and the unit it is for or from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Adu<P> {
    /// The server that the request is for, or that the answer is from.
    pub unit: UnitId,
    /// The request or the answer.
    pub pdu: P,
}

/// The way that an ADU travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client; an exception too.
    Response,
}
