//! The way of a PDU: from whom to whom, and how long it may be.

use crate::UnitId;

/// The longest PDU, in bytes.
///
/// Spec: MODBUS Application Protocol V1.1b3, 4.1.
pub const LEN_MAX: usize = 253;

/// A PDU and the unit it is for or from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Adu<P> {
    /// The server addressed, or the server that answers.
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
