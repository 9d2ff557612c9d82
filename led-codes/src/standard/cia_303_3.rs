//! The indicators of a CANopen device.
//!
//! Spec: CiA 303-3 V1.4, 4 (indicator states and flash rates), 5 (CANopen status indicators).

use crate::code::{Code, count};
use crate::dialect::Dialect;
use crate::entry::{Severity, dark, entry};
use crate::flash::Flash;
use crate::legend::Legend;
use crate::level::Level;
use crate::pattern::Pattern;

/// A flash of 200 ms, and 200 ms dark.
const FLASH: Flash = Flash::new(200, 200);
/// A flash of 50 ms, and 50 ms dark.
const FLICKER: Flash = Flash::new(50, 50);

/// One to four flashes, and 1,000 ms dark.
pub const DIALECT: Dialect = Dialect::counts(FLASH, 1_000).values(1, 4).beyond_people();
/// On and off at 2.5 Hz.
pub const BLINKING_DIALECT: Dialect = Dialect::free_running(FLASH).beyond_people();
/// On and off at 10 Hz.
pub const FLICKERING_DIALECT: Dialect = Dialect::free_running(FLICKER).beyond_people();

/// On and off at 2.5 Hz.
pub static BLINKING: Pattern = Pattern::new(&[FLASH.once()]);
/// On and off at 10 Hz.
pub static FLICKERING: Pattern = Pattern::new(&[FLICKER.once()]);
/// One flash, and 1,000 ms dark.
pub static SINGLE_FLASH: Pattern = Pattern::new(&[FLASH.times(1, 1_000)]);
/// Two flashes, and 1,000 ms dark.
pub static DOUBLE_FLASH: Pattern = Pattern::new(&[FLASH.times(2, 1_000)]);
/// Three flashes, and 1,000 ms dark.
pub static TRIPLE_FLASH: Pattern = Pattern::new(&[FLASH.times(3, 1_000)]);
/// Four flashes, and 1,000 ms dark.
pub static QUADRUPLE_FLASH: Pattern = Pattern::new(&[FLASH.times(4, 1_000)]);

/// The light ERR: what is wrong with the communication.
pub const ERR: Legend<7> = Legend::standard(
    DIALECT,
    dark("No error", "Nothing: the communication works"),
    None,
    [
        entry(
            Code::Pattern(&FLICKERING),
            Severity::Low,
            "lss",
            "The bit rate is found, or LSS is at work",
            "Wait; if it stays, compare the bit rates of all devices",
        ),
        entry(
            Code::Pattern(&BLINKING),
            Severity::Medium,
            "configuration",
            "Invalid configuration",
            "Read the error register; load the configuration again",
        ),
        entry(
            count(1),
            Severity::Medium,
            "warning-limit",
            "The error counters have reached the warning limit",
            "Check the plugs, both terminators and the ground",
        ),
        entry(
            count(2),
            Severity::High,
            "error-control",
            "A heartbeat or a guard message did not come",
            "See which device is off or restarts",
        ),
        entry(
            count(3),
            Severity::High,
            "sync",
            "The SYNC message did not come in its time",
            "See whether its producer runs, and its period",
        ),
        entry(
            count(4),
            Severity::High,
            "event-timer",
            "A process data object did not come in its event timer",
            "See which device should send it",
        ),
        entry(
            Code::Solid(Level::On),
            Severity::High,
            "bus-off",
            "Bus off: the device takes no part in the bus",
            "Check for a short, a missing terminator, a wrong bit rate; then restart it",
        ),
    ],
);

/// The light RUN: the state of the device in the network.
pub const RUN: Legend<6> = Legend::standard(
    DIALECT,
    dark("No power, or a reset", "Measure the supply"),
    None,
    [
        entry(
            Code::Pattern(&FLICKERING),
            Severity::Low,
            "lss",
            "The bit rate is found, or LSS is at work",
            "Wait; if it stays, compare the bit rates of all devices",
        ),
        entry(
            Code::Pattern(&BLINKING),
            Severity::Low,
            "pre-operational",
            "Pre-operational: no process data",
            "See why the master does not start it",
        ),
        entry(
            count(1),
            Severity::Medium,
            "stopped",
            "Stopped by the master, or after an error",
            "Look at ERR, and at what the master says",
        ),
        entry(count(2), Severity::Low, "reserved", "Reserved", "Read the manual of the device"),
        entry(
            count(3),
            Severity::Low,
            "download",
            "A program is loaded into the device",
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
