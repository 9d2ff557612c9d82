//! A board with the faults that the command line names, played for a minute: its edges as CSV, for a host that reads lights.
//!
//! `cargo run -p led-codes --example led-edges -- can-bus fan`
use led_codes::{Board, Dialect, Flash, Legend, Player, Severity};
use led_codes::{code, dark, entry, healthy, solid};

#[rustfmt::skip]
static LEGEND: Legend<4> = Legend::new(
    Dialect::HUMAN,
    healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [
        entry(code(1, 1), Severity::High, "watchdog", "The watchdog reset it", "Read the record; do not restart"),
        entry(code(1, 2), Severity::High, "can-bus", "No drive answers on CAN", "Check the plug at X4 and the 120 ohm ends"),
        entry(code(2, 3), Severity::Low, "fan", "The fan stands", "Clean it"),
        entry(code(3, 1), Severity::Medium, "sensor", "A sensor is gone", "Check the plug at X7"),
    ],
);

fn main() {
    let mut board = Board::new(&LEGEND);
    for name in std::env::args().skip(1) {
        board.raise(LEGEND.id(&name), 0);
    }
    let mut player = Player::new().start(&mut board, 0);
    println!("time_us,level");
    let mut now_us = 0;
    while now_us < 60_000_000 {
        let (level, next_us) = player.poll(&mut board, now_us);
        println!("{now_us},{}", level.as_name());
        now_us = next_us.unwrap_or(u64::MAX);
    }
}
