//! The picture of the README is the sticker that the crate writes of this table.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::Path;

use led_codes::{Dialect, Flash, Legend, Severity, code, dark, entry, healthy, solid};

static LEGEND: Legend<5> = Legend::new(
    Dialect::HUMAN,
    healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [
        entry(
            code(1, 1),
            Severity::High,
            "watchdog",
            "The watchdog reset the controller",
            "Read the incident record; do not restart",
        ),
        entry(
            code(1, 2),
            Severity::High,
            "can-bus",
            "No drive answers on CAN",
            "Check the plug at X4 and the 120 ohm ends",
        ),
        entry(code(1, 3), Severity::High, "door", "The door is open", "Close it, then reset"),
        entry(
            code(2, 1),
            Severity::Medium,
            "sensor",
            "The temperature is not measured",
            "Check the plug at X7",
        ),
        entry(code(2, 2), Severity::Low, "fan", "The fan stands", "Clean it, or change it"),
    ],
);

/// With `UPDATE_STICKER=1` the test writes the picture first.
#[test]
fn the_picture_of_the_readme_is_the_sticker() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sticker.svg");
    let sticker = LEGEND.view().sticker("Axis 3").to_string();
    if std::env::var_os("UPDATE_STICKER").is_some() {
        fs::write(&path, &sticker).expect("writable");
    }
    assert_eq!(fs::read_to_string(&path).expect("UPDATE_STICKER=1 writes it"), sticker);
}
