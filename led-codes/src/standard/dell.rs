//! The light of the battery of a Dell notebook that does not start: so many flashes in amber, then so many in white.
//!
//! Source: Dell, diagnostic LED codes of Latitude and Precision.

use crate::code::code;
use crate::dialect::Dialect;
use crate::entry::{Entry, Severity, dark, entry, solid};
use crate::flash::Flash;
use crate::legend::Legend;
use crate::level::Level;

const FLASH: Flash = Flash::new(250, 250);

/// Amber, a pause, white, a pause.
pub const DIALECT: Dialect =
    Dialect::pair(FLASH.in_colour(Level::Amber), FLASH.in_colour(Level::White), 1_000, 2_500)
        .values(1, 9)
        .beyond_people();

/// Why it does not start.
pub const BATTERY: Legend<22> = Legend::standard(
    DIALECT,
    dark("No power, or it is off", "Plug the supply in"),
    Some(solid("The battery is charged, or was charged", "Nothing: it is no fault")),
    [
        row(1, 1, "tpm", "The TPM was not detected", "Exchange the board"),
        row(1, 2, "spi-flash", "The SPI flash failed, and does not recover", "Exchange the board"),
        row(
            1,
            5,
            "i-fuse",
            "The embedded controller cannot program its fuses",
            "Exchange the board",
        ),
        row(1, 6, "ec", "The embedded controller failed", "Take all power away for a minute"),
        row(1, 7, "rpmc", "A flash without RPMC on a board with Boot Guard", "Exchange the board"),
        row(2, 1, "cpu", "The processor failed", "Exchange the board"),
        row(2, 2, "bios", "The BIOS or its ROM is damaged", "Recover the BIOS"),
        row(2, 3, "no-memory", "No memory was found", "Put the memory in again"),
        row(2, 4, "memory", "The memory failed", "Exchange the memory, module by module"),
        row(2, 5, "memory-kind", "The memory is of a wrong kind", "Exchange the memory"),
        row(2, 6, "board", "The board or its chipset failed", "Exchange the board"),
        row(2, 7, "lcd", "The display failed, says the BIOS", "Check the cable of the display"),
        row(2, 8, "lcd-power", "The power of the display failed", "Check the cable of the display"),
        row(3, 1, "cmos", "The battery of the clock is empty", "Exchange it"),
        row(3, 2, "video", "The graphics card or chip failed", "Put the card in again"),
        row(
            3,
            3,
            "no-recovery",
            "No image to recover the BIOS was found",
            "Make a recovery medium",
        ),
        row(
            3,
            4,
            "recovery",
            "The image to recover the BIOS is not valid",
            "Make a recovery medium",
        ),
        row(3, 5, "power-rail", "A power rail failed", "Exchange the board"),
        row(3, 6, "flash", "The BIOS found its flash damaged", "Recover the BIOS"),
        row(
            3,
            7,
            "heci",
            "The management engine did not answer in time",
            "Take all power away for a minute",
        ),
        row(4, 1, "dimm-power", "The power of the memory failed", "Exchange the board"),
        row(4, 2, "cpu-cable", "The power cable of the processor is not right", "Plug it in again"),
    ],
);

const fn row(
    amber: u8,
    white: u8,
    name: &'static str,
    meaning: &'static str,
    first_action: &'static str,
) -> Entry<'static> {
    entry(code(amber, white), Severity::High, name, meaning, first_action)
}
