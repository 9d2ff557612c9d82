//! Faults that are raised from an interrupt. The interrupt raises two through its reporter, which is handed over once; the loop collects
//! them, the first of them first, and the light shows them in that order.
#![no_std]
#![no_main]

use core::cell::Cell;

use board::device::interrupt;
use board::{Light, advance, clear_timer1, end, init, now_us, start_timer1, stop_timer1};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use critical_section::Mutex;
use led_codes::light::{ActiveHigh, PinLight};
use led_codes::{Board, Dialect, Driver, Flash, Id, Legend, Marks, ReportCell, Reporter, Severity};
use led_codes::{code, dark, healthy, solid};
use panic_halt as _;
use static_cell::StaticCell;

/// Ten times as fast as people can read: nobody watches this board.
const DIALECT: Dialect =
    Dialect::digits(Flash::new(25, 25), 100, 250).beyond_people().marks(Marks {
        first_out: Flash::new(75, 50).times(1, 100),
        before_reset: Flash::new(75, 50).times(2, 100),
    });

#[rustfmt::skip]
static LEGEND: Legend<2> = Legend::new(
    DIALECT,
    healthy(Flash::new(50, 50).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [
        led_codes::entry(code(1, 1), Severity::High, "current", "The motor takes too much", "Look whether it is blocked"),
        led_codes::entry(code(1, 2), Severity::Low, "fan", "The fan stands", "Clean it"),
    ],
);
const CURRENT: Id<2> = LEGEND.id("current");
const FAN: Id<2> = LEGEND.id("fan");

static CELL: StaticCell<ReportCell<2>> = StaticCell::new();

/// On its way to the interrupt.
static REPORTER: Mutex<Cell<Option<Reporter<2>>>> = Mutex::new(Cell::new(None));

#[interrupt]
fn TIMER1() {
    static mut REPORTS: Option<Reporter<2>> = None;
    static mut TURN: u32 = 0;
    if REPORTS.is_none() {
        *REPORTS = critical_section::with(|cs| REPORTER.borrow(cs).take());
    }
    clear_timer1();
    *TURN += 1;
    if *TURN == 10 {
        stop_timer1();
        if let Some(reports) = REPORTS {
            reports.raise(FAN);
            reports.raise(CURRENT);
            reports.raise(FAN);
        }
    }
}

#[entry]
fn main() -> ! {
    init();
    let (reporter, mut collector) = CELL.init(ReportCell::new()).split();
    critical_section::with(|cs| REPORTER.borrow(cs).set(Some(reporter)));
    let mut board = Board::new(&LEGEND).repeats(1);
    let light = PinLight::<_, ActiveHigh>::new(Light::<0>);
    let begin_us = now_us();
    let Ok(mut light) = Driver::start(light, &mut board, begin_us) else { end(false) };
    start_timer1(100);
    let mut shown = board.shown();
    let mut order = [None; 2];
    let mut count = 0;
    loop {
        advance();
        board.collect(&mut collector, now_us());
        let Ok(_) = light.poll(&mut board, now_us());
        if board.shown() != shown {
            shown = board.shown();
            let led_codes::board::Shown::Code { id, mark } = shown else { end(false) };
            hprintln!(
                "{:>6} ms: {} {:?}",
                (now_us() - begin_us) / 1_000,
                LEGEND.entry(id).name,
                mark
            );
            if let Some(place) = order.get_mut(count) {
                *place = Some(id);
            }
            count += 1;
        }
        if count == 2 {
            end(order == [Some(FAN), Some(CURRENT)] && board.first_out() == Some(FAN));
        }
    }
}
