//! The green light ACT of a Raspberry Pi that does not start.
//!
//! Source: Raspberry Pi documentation, LED warning flash codes.

use crate::code::code;
use crate::dialect::{Dialect, Zero};
use crate::entry::{Entry, Severity, dark, entry, solid};
use crate::flash::Flash;
use crate::legend::Legend;

/// Long flashes, which may be none, then short ones.
pub const DIALECT: Dialect =
    Dialect::pair(Flash::new(1_000, 250), Flash::new(250, 250), 1_000, 2_000)
        .values(1, 10)
        .zero(Zero::NoFlashes)
        .beyond_people();

/// Why it does not start.
pub const ACT: Legend<19> = Legend::standard(
    DIALECT,
    dark("No power, or no access to the card", "Look at the red light; put the card in again"),
    Some(solid("No boot code was found", "Write the card anew")),
    [
        row(0, 3, "boot", "Generic failure to boot", "Write the card anew"),
        row(0, 4, "start-elf", "start*.elf was not found", "Write the card anew"),
        row(0, 7, "kernel", "The kernel image was not found", "Write the card anew"),
        row(0, 8, "sdram", "SDRAM failure", "Exchange the board"),
        row(0, 9, "sdram-size", "There is too little SDRAM", "Take an image for this board"),
        row(0, 10, "halt", "It is halted", "Switch it off and on"),
        row(2, 1, "not-fat", "The partition is not FAT", "Write the card anew"),
        row(2, 2, "read", "The partition could not be read", "Exchange the card"),
        row(2, 3, "extended-not-fat", "The extended partition is not FAT", "Write the card anew"),
        row(
            2,
            4,
            "signature",
            "A signature or hash does not match",
            "Take the signed image of this board",
        ),
        row(3, 1, "spi-eeprom", "SPI EEPROM error", "Write the boot loader anew"),
        row(3, 2, "spi-protected", "The SPI EEPROM is write protected", "Take the protection away"),
        row(3, 3, "i2c", "I2C error", "Take off what is plugged on the pins"),
        row(3, 4, "secure-boot", "The configuration of secure boot is not valid", "Check its keys"),
        row(4, 3, "rp1", "RP1 was not found", "Exchange the board"),
        row(4, 4, "board-type", "This type of board is not supported", "Take a newer image"),
        row(4, 5, "firmware", "Fatal error of the firmware", "Write the boot loader anew"),
        row(4, 6, "power-a", "Power failure of type A", "Exchange the supply"),
        row(4, 7, "power-b", "Power failure of type B", "Exchange the supply"),
    ],
);

const fn row(
    long: u8,
    short: u8,
    name: &'static str,
    meaning: &'static str,
    first_action: &'static str,
) -> Entry<'static> {
    entry(code(long, short), Severity::High, name, meaning, first_action)
}
