//! The indicators of an EtherCAT device. The flash rates are those of CiA 303-3.
//!
//! Spec: ETG.1300 S (R) V1.1, EtherCAT Indicator and Labeling Specification: RUN, ERR.

use super::cia_303_3::{BLINKING, DIALECT, FLICKERING};
use crate::code::{Code, count};
use crate::entry::{Severity, dark, entry};
use crate::legend::Legend;
use crate::level::Level;

/// The light RUN: the state of the device.
pub const RUN: Legend<4> = Legend::standard(
    DIALECT,
    dark("Init, or no power", "Measure the supply; see whether the master has found the device"),
    None,
    [
        entry(
            Code::Pattern(&BLINKING),
            Severity::Low,
            "pre-operational",
            "Pre-operational: mailbox only",
            "See why the master does not go on",
        ),
        entry(
            count(1),
            Severity::Low,
            "safe-operational",
            "Safe-operational: inputs only, outputs are safe",
            "See why the master does not go on",
        ),
        entry(
            Code::Pattern(&FLICKERING),
            Severity::Low,
            "bootstrap",
            "Bootstrap: a firmware is loaded",
            "Wait; leave the power on",
        ),
        entry(
            Code::Solid(Level::On),
            Severity::Low,
            "operational",
            "Operational",
            "Nothing: it works",
        ),
    ],
);

/// The light ERR: why the device is not operational.
pub const ERR: Legend<5> = Legend::standard(
    DIALECT,
    dark("No error", "Nothing: the communication works"),
    None,
    [
        entry(
            Code::Pattern(&FLICKERING),
            Severity::High,
            "booting",
            "An error while it started",
            "Switch it off and on; if it stays, exchange the device",
        ),
        entry(
            Code::Pattern(&BLINKING),
            Severity::Medium,
            "configuration",
            "Invalid configuration",
            "Read the AL status code; compare the configuration with the device",
        ),
        entry(
            count(1),
            Severity::High,
            "local-error",
            "The device has left its state by itself",
            "Read the AL status code",
        ),
        entry(
            count(2),
            Severity::High,
            "process-data-watchdog",
            "The process data did not come in their time",
            "Check the cables and whether the master runs",
        ),
        entry(
            Code::Solid(Level::On),
            Severity::High,
            "application",
            "The application in the device does not answer",
            "Switch it off and on; if it stays, exchange the device",
        ),
    ],
);
