//! Several faults on one light: four at once, a fault from before the reset, a lamp test in between, an acknowledgement. What the light
//! says is written down from its changes alone, as somebody in front of it would do.
#![no_std]
#![no_main]

use board::{advance, end, init, now_us};
use cortex_m_semihosting::hprintln;
use led_codes::board::Shown;
use led_codes::{
    Board, Dialect, Flash, Id, Legend, Level, Mark, Marks, Player, Sequence, Severity,
};
use led_codes::{code, dark, entry, healthy, solid};
use panic_halt as _;

/// Ten times as fast as people can read: nobody watches this board.
const DIALECT: Dialect =
    Dialect::digits(Flash::new(25, 25), 100, 250).beyond_people().marks(Marks {
        first_out: Flash::new(75, 50).times(1, 100),
        before_reset: Flash::new(75, 50).times(2, 100),
    });

#[rustfmt::skip]
static LEGEND: Legend<4> = Legend::new(
    DIALECT,
    healthy(Flash::new(100, 100).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [
        entry(code(1, 1), Severity::High, "watchdog", "The watchdog reset it", "Read the record"),
        entry(code(1, 2), Severity::High, "can-bus", "No drive answers", "Check the plug at X4"),
        entry(code(2, 1), Severity::Medium, "sensor", "A sensor is gone", "Check the plug at X7"),
        entry(code(2, 3), Severity::Low, "fan", "The fan stands", "Clean it"),
    ],
);

/// The faults of the program: each has its code, or this does not compile.
#[derive(Clone, Copy)]
enum Fault {
    Watchdog,
    CanBus,
    Sensor,
    Fan,
}

const fn id(fault: Fault) -> Id<4> {
    match fault {
        Fault::Watchdog => const { LEGEND.id("watchdog") },
        Fault::CanBus => const { LEGEND.id("can-bus") },
        Fault::Sensor => const { LEGEND.id("sensor") },
        Fault::Fan => const { LEGEND.id("fan") },
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    init();
    let mut board = Board::new(&LEGEND).sequence(Sequence::M).repeats(1);
    board.restore(id(Fault::Watchdog), now_us());
    board.raise(id(Fault::Fan), now_us());
    board.raise(id(Fault::Sensor), now_us());
    board.raise(id(Fault::CanBus), now_us());
    let begin_us = now_us();
    let mut player = Player::new().start(&mut board, begin_us);
    let (mut shown, mut count) = (None, 0);
    let mut told = Level::Off;
    let mut flashes = 0;
    loop {
        advance();
        let now_us = now_us();
        let (level, _) = player.poll(&mut board, now_us);
        if level != told && level.is_lit() {
            flashes += 1;
        }
        told = level;
        if Some(board.shown()) != shown {
            shown = Some(board.shown());
            count += 1;
            if let Shown::Code { id, mark } = board.shown() {
                let entry = LEGEND.entry(id);
                let ms = (now_us - begin_us) / 1_000;
                hprintln!("{:>6} ms: {} {:?}: {}", ms, entry.name, mark, entry.first_action);
            }
        }
        let expected = match count {
            1 => Shown::Code { id: id(Fault::Watchdog), mark: Some(Mark::BeforeReset) },
            2 => Shown::Code { id: id(Fault::Fan), mark: Some(Mark::FirstOut) },
            3 => Shown::Code { id: id(Fault::CanBus), mark: None },
            4 => Shown::Code { id: id(Fault::Sensor), mark: None },
            // A round is over: 2 + 2, 1 + 5, 3, 3 flashes.
            _ => end(count == 5 && flashes == 4 + 6 + 3 + 3 + 1),
        };
        if board.shown() != expected {
            end(false);
        }
    }
}
