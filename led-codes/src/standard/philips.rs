//! The service default mode of Philips televisions: the five errors that came last.
//!
//! Source: forum.eserviceinfo.com, topic 105675.

use crate::dialect::{Dialect, Zero};
use crate::flash::Flash;

/// A start of 5 s, five errors of the buffer as counts, an end of 1.5 s. Places of the buffer that are empty, which are the last, have no
/// flashes.
pub const SDM: Dialect = Dialect::digits(Flash::new(250, 250), 1_500, 3_000)
    .lens(5, 5)
    .values(1, 25)
    .zero(Zero::NoFlashes)
    .start(Flash::new(5_000, 1_500))
    .end(Flash::new(1_500, 1_500))
    .beyond_people();
