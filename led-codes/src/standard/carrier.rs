//! Furnaces of Bryant and Carrier.
//!
//! Source: mikearnos/HVAC, `decode_led.cpp`.

use crate::dialect::Dialect;
use crate::flash::Flash;

/// Short flashes are the tens, long ones the ones.
pub const DIALECT: Dialect =
    Dialect::pair(Flash::new(250, 250), Flash::new(1_000, 250), 1_000, 2_500)
        .values(1, 9)
        .beyond_people();
