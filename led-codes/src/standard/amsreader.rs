//! A reader of electricity meters.
//!
//! Source: UtilitechAS/amsreader-firmware, issue 1201.

use crate::code::count;
use crate::dialect::Dialect;
use crate::entry::{Severity, dark, entry, solid};
use crate::flash::Flash;
use crate::legend::Legend;

/// One to three flashes.
pub const DIALECT: Dialect =
    Dialect::counts(Flash::new(250, 400), 2_500).values(1, 3).beyond_people();

/// What the reader misses.
pub const LEGEND: Legend<3> = Legend::standard(
    DIALECT,
    dark("No power, or nothing to say", "Measure the supply"),
    Some(solid("It starts, or the program hangs", "Switch it off and on")),
    [
        entry(
            count(1),
            Severity::Medium,
            "meter",
            "No data from the meter",
            "Check the cable to the meter",
        ),
        entry(
            count(2),
            Severity::Medium,
            "wifi",
            "No wireless network",
            "Check the network and its password",
        ),
        entry(
            count(3),
            Severity::Medium,
            "mqtt",
            "No connection to the broker",
            "Check the address of the broker",
        ),
    ],
);
