//! A light in a super-loop: two faults, one after the other, for eight seconds. The light is polled each millisecond, after the work.
#![no_std]
#![no_main]

use board::{Light, advance, changes, end, init, now_us};
use cortex_m_semihosting::hprintln;
use led_codes::light::{ActiveHigh, PinLight};
use led_codes::{Board, Dialect, Driver, Flash, Id, Legend, Severity};
use led_codes::{code, dark, entry, healthy, solid};
use panic_halt as _;

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
const WATCHDOG: Id<2> = LEGEND.id("watchdog");
const CAN_BUS: Id<2> = LEGEND.id("can-bus");

/// When the light changes, in milliseconds: the first fault behind its mark, then the other one.
const EXPECTED: [u64; 12] =
    [0, 750, 1_750, 2_000, 3_000, 3_250, 5_750, 6_000, 7_000, 7_250, 7_500, 7_750];

#[cortex_m_rt::entry]
fn main() -> ! {
    init();
    let mut board = Board::new(&LEGEND).repeats(1);
    board.raise(WATCHDOG, now_us());
    board.raise(CAN_BUS, now_us());
    let light = PinLight::<_, ActiveHigh>::new(Light::<0>);
    let begin_us = now_us();
    let Ok(mut light) = Driver::start(light, &mut board, begin_us) else { end(false) };
    let mut next_us = begin_us;
    while now_us() - begin_us < 8_000_000 {
        advance();
        // Here the machine does its work.
        if now_us() < next_us {
            continue;
        }
        next_us += 1_000;
        let Ok(_) = light.poll(&mut board, now_us());
    }
    let mut count = 0;
    for (change, expected_ms) in changes().zip(EXPECTED) {
        let late_us = change.at_us - begin_us - expected_ms * 1_000;
        if late_us > 1_100 {
            hprintln!("{:?}, and expected at {} ms", change, expected_ms);
            end(false);
        }
        count += 1;
    }
    hprintln!("{} changes, each within 1.1 ms", count);
    end(count == EXPECTED.len())
}
