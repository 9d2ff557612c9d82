//! What cars flashed before OBD-II.
//!
//! Source: codes.rennacs.com.

use crate::dialect::{Dialect, Zero};
use crate::flash::Flash;

const SHORT: Flash = Flash::new(250, 250);
const LONG: Flash = Flash::new(1_000, 250);

/// GM and Isuzu: two digits, each code three times.
pub const GM: Dialect =
    Dialect::digits(SHORT, 1_000, 2_500).values(1, 9).repeats(3).beyond_people();

/// Nissan, and other ones of Isuzu: long flashes are the tens, short ones the ones, each code once.
pub const NISSAN: Dialect =
    Dialect::pair(LONG, SHORT, 1_000, 2_500).values(1, 9).repeats(1).beyond_people();

/// Holden: four digits, and ten flashes are a 0.
pub const HOLDEN: Dialect = Dialect::digits(SHORT, 1_000, 2_500)
    .lens(4, 4)
    .values(1, 9)
    .zero(Zero::TenFlashes)
    .beyond_people();

/// Ford: four digits, each after a long flash, which alone is a 0.
pub const FORD: Dialect = Dialect::opened(LONG, SHORT, 1_000, 8_000)
    .lens(4, 4)
    .values(1, 9)
    .zero(Zero::NoFlashes)
    .beyond_people();

/// Mitsubishi: five bits after a start of 4 s, short for 0 and long for 1, the lowest first.
pub const MITSUBISHI: Dialect =
    Dialect::bits(SHORT, LONG, 5, 2_500).start(Flash::new(4_000, 1_000)).beyond_people();
