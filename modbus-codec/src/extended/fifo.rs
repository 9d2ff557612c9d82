//! 18 Read FIFO Queue: the only PDU whose byte count has two bytes.
//!
//! ```text
//! response:  | 18 | byte count 2 | FIFO count 2 | registers |      byte count = 2 + 2 x FIFO count
//! ```

/// The most registers that a queue answers with.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.18.
pub const FIFO_COUNT_MAX: u16 = crate::functions::FIFO_COUNT_MAX;
