//! The protocol data unit: the part that is the same on every transport, and what can be wrong with it.
//!
//! ```text
//! serial:  | unit |        PDU        | CRC or LRC |        TCP:  | MBAP header |        PDU        |
//!                 | function |  data  |                                         | function |  data  |
//!                 '------ 1..=253 ----'
//! ```

pub use crate::adu::{Adu, Direction, LEN_MAX};
pub use crate::error::{EncodeError, Error, SaidBy};
pub use crate::field::{Expected, Field};
pub use crate::fields::{FieldValue, Fields, Value, fields};
