//! The lights SF and BF of a PROFINET device.
//!
//! Source: Hilscher, netIOT user manual, LEDs of the PROFINET IO device.

use crate::code::{Code, count};
use crate::dialect::Dialect;
use crate::entry::{Severity, dark, entry};
use crate::flash::Flash;
use crate::legend::Legend;
use crate::level::Level;

/// 1 Hz, three times: the answer to the DCP service that asks which device it is.
pub const DCP_SIGNAL: Dialect =
    Dialect::free_running(Flash::new(500, 500)).repeats(3).beyond_people();
/// 2 Hz.
pub const BF_DIALECT: Dialect = Dialect::free_running(Flash::new(250, 250)).beyond_people();

/// The light BF: the bus.
pub const BF: Legend<2> = Legend::standard(
    BF_DIALECT,
    dark("No error", "Nothing: the communication works"),
    None,
    [
        entry(
            count(1),
            Severity::High,
            "no-data",
            "No data exchange with the controller",
            "See whether the controller runs, and compare the names of the devices",
        ),
        entry(
            Code::Solid(Level::On),
            Severity::High,
            "no-link",
            "No configuration, or no link",
            "Check the plug and the cable, then the project of the controller",
        ),
    ],
);

/// The light SF: the device.
pub const SF: Legend<2> = Legend::standard(
    DCP_SIGNAL,
    dark("No error", "Nothing: it works"),
    None,
    [
        entry(
            count(1),
            Severity::Low,
            "dcp-signal",
            "Somebody asks over the bus which device it is",
            "Nothing: it is this one",
        ),
        entry(
            Code::Solid(Level::On),
            Severity::High,
            "diagnosis",
            "A diagnosis is there, or the watchdog has expired",
            "Read the diagnosis in the controller",
        ),
    ],
);
