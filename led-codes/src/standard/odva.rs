//! The lights MS and NS of CIP devices, whose colour carries the meaning.
//!
//! Source: Rockwell 1784-PCIDS manual; ODVA, The CIP Networks Library, volume 1, indicators.

use crate::code::Code;
use crate::dialect::Dialect;
use crate::entry::{Severity, dark, entry};
use crate::flash::Flash;
use crate::legend::Legend;
use crate::level::Level;
use crate::pattern::Pattern;

/// 500 ms lit, 500 ms dark.
const FLASH: Flash = Flash::new(500, 500);

/// Flashing at 1 Hz. The colour carries the meaning.
pub const DIALECT: Dialect = Dialect::free_running(FLASH).beyond_people().colour_is_meant();

/// Green at 1 Hz.
pub static FLASHING_GREEN: Pattern = Pattern::new(&[FLASH.in_colour(Level::Green).once()]);
/// Red at 1 Hz.
pub static FLASHING_RED: Pattern = Pattern::new(&[FLASH.in_colour(Level::Red).once()]);
/// Red and green in turn at 1 Hz, without dark between them.
pub static RED_AND_GREEN: Pattern = Pattern::new(&[
    FLASH.in_colour(Level::Red).times(1, 0),
    FLASH.in_colour(Level::Green).times(1, 0),
]);

/// The light MS: the state of the device.
pub const MS: Legend<5> = Legend::standard(
    DIALECT,
    dark("No power", "Measure the supply"),
    None,
    [
        entry(
            Code::Solid(Level::Green),
            Severity::Low,
            "operational",
            "Operational",
            "Nothing: it works",
        ),
        entry(
            Code::Pattern(&FLASHING_GREEN),
            Severity::Low,
            "standby",
            "Standby: it was not configured",
            "Load the configuration",
        ),
        entry(
            Code::Pattern(&FLASHING_RED),
            Severity::Medium,
            "recoverable",
            "A fault that can be cleared",
            "Compare the configuration with the device",
        ),
        entry(
            Code::Solid(Level::Red),
            Severity::High,
            "unrecoverable",
            "A fault that cannot be cleared",
            "Switch it off and on; if it stays, exchange the device",
        ),
        entry(
            Code::Pattern(&RED_AND_GREEN),
            Severity::Low,
            "self-test",
            "It tests itself",
            "Wait; if it stays, exchange the device",
        ),
    ],
);

/// The light NS: the state of the network.
pub const NS: Legend<5> = Legend::standard(
    DIALECT,
    dark("No power, or no address on the network", "Measure the supply; check the address"),
    None,
    [
        entry(
            Code::Solid(Level::Green),
            Severity::Low,
            "connected",
            "On the network, with a connection",
            "Nothing: it works",
        ),
        entry(
            Code::Pattern(&FLASHING_GREEN),
            Severity::Low,
            "not-connected",
            "On the network, without a connection",
            "See why the scanner does not connect",
        ),
        entry(
            Code::Pattern(&FLASHING_RED),
            Severity::Medium,
            "timed-out",
            "A connection has timed out",
            "Check the plugs and whether the scanner runs",
        ),
        entry(
            Code::Solid(Level::Red),
            Severity::High,
            "failed",
            "It cannot communicate: its address is there twice, or the bus is off",
            "Compare the addresses and the bit rates of all devices",
        ),
        entry(
            Code::Pattern(&RED_AND_GREEN),
            Severity::Low,
            "self-test",
            "It tests itself",
            "Wait; if it stays, exchange the device",
        ),
    ],
);
