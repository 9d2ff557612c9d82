//! A light on a pin: two faults, one after the other. On a board, `Pin` is the HAL's and `now_us` its timer.
use led_codes::light::{ActiveLow, PinLight};
use led_codes::{Board, Dialect, Driver, Flash, Id, Legend, Severity};
use led_codes::{code, dark, entry, healthy, solid};

#[rustfmt::skip]
static LEGEND: Legend<2> = Legend::new(
    Dialect::HUMAN,
    healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [
        entry(code(1, 1), Severity::High, "watchdog", "The watchdog reset it", "Read the record"),
        entry(code(1, 2), Severity::High, "can-bus", "No drive answers", "Check the plug at X4"),
    ],
);
const CAN_BUS: Id<2> = LEGEND.id("can-bus");

fn main() {
    let mut board = Board::new(&LEGEND);
    board.restore(LEGEND.id("watchdog"), host::now_us()); // what the boot found
    board.raise(CAN_BUS, host::now_us()); // shown after the first, never over it
    let light = PinLight::<_, ActiveLow>::new(host::Pin);
    let Ok(mut light) = Driver::start(light, &mut board, host::now_us()) else { return };
    loop {
        let Ok(next_us) = light.poll(&mut board, host::now_us());
        host::sleep_until(next_us);
    }
}
mod host;
