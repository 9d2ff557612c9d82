//! The safety light of SEW drives.
//!
//! Source: download.sew-eurodrive.com.

use crate::dialect::Dialect;
use crate::flash::Flash;

/// A long flash that is not counted, and so many short ones.
pub const DIALECT: Dialect = Dialect::counts(Flash::new(250, 250), 2_500)
    .values(1, 9)
    .start(Flash::new(1_000, 1_000))
    .beyond_people();
