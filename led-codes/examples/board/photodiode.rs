//! A photodiode before a light: each edge asks for an interrupt, which stamps it; the loop decodes. Here both ends are one program: a board
//! with two faults plays on the light, and the timer looks at it each millisecond, as a comparator behind a photodiode would.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU32, Ordering};

use board::device::interrupt;
use board::{Light, advance, clear_timer1, end, init, now_us, start_timer1};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use led_codes::decoder::Seen;
use led_codes::light::{ActiveHigh, PinLight};
use led_codes::{Board, Decoder, Dialect, Driver, Flash, Legend, Level, Mark, Marks, Severity};
use led_codes::{code, dark, healthy, solid};
use panic_halt as _;

/// Five times as fast as people can read: nobody watches this board.
const DIALECT: Dialect =
    Dialect::digits(Flash::new(50, 50), 200, 500).beyond_people().marks(Marks {
        first_out: Flash::new(150, 100).times(1, 200),
        before_reset: Flash::new(150, 100).times(2, 200),
    });

#[rustfmt::skip]
static LEGEND: Legend<2> = Legend::new(
    DIALECT,
    healthy(Flash::new(100, 100).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [
        led_codes::entry(code(1, 1), Severity::High, "current", "The motor takes too much", "Look whether it is blocked"),
        led_codes::entry(code(1, 2), Severity::Low, "fan", "The fan stands", "Clean it"),
    ],
);

/// The last edges: the low bits of when each was, and in the lowest one whether the light is lit since. The interrupt alone writes.
static EDGES: [AtomicU32; COUNT as usize] = [const { AtomicU32::new(0) }; COUNT as usize];
static TAKEN: AtomicU32 = AtomicU32::new(0);
const COUNT: u32 = 16;

#[interrupt]
fn TIMER1() {
    static mut WAS_LIT: bool = false;
    clear_timer1();
    let is_lit = Light::<0>::is_on();
    if is_lit != *WAS_LIT {
        *WAS_LIT = is_lit;
        let taken = TAKEN.load(Ordering::Relaxed);
        if let Some(place) = EDGES.get((taken % COUNT) as usize) {
            place.store(now_us() as u32 & !1 | u32::from(is_lit), Ordering::Relaxed);
        }
        TAKEN.store(taken.wrapping_add(1), Ordering::Release);
    }
}

#[entry]
fn main() -> ! {
    init();
    let mut board = Board::new(&LEGEND).repeats(1);
    board.raise(LEGEND.id("fan"), now_us());
    board.raise(LEGEND.id("current"), now_us());
    let light = PinLight::<_, ActiveHigh>::new(Light::<0>);
    let Ok(mut light) = Driver::start(light, &mut board, now_us()) else { end(false) };
    let mut decoder = Decoder::new(&LEGEND);
    start_timer1(1_000);
    let (mut given, mut seen, mut count) = (0_u32, [None; 3], 0);
    while count < seen.len() {
        advance();
        let Ok(_) = light.poll(&mut board, now_us());
        let taken = TAKEN.load(Ordering::Acquire);
        if taken.wrapping_sub(given) > COUNT {
            // The loop was away for too long, and edges were written over.
            decoder.interrupt();
            given = taken;
        }
        while given != taken {
            let word = EDGES
                .get((given % COUNT) as usize)
                .map_or(0, |place| place.load(Ordering::Relaxed));
            given = given.wrapping_add(1);
            let level = if word & 1 == 1 { Level::On } else { Level::Off };
            // The edge was less than an hour ago.
            let now_us = now_us();
            let at_us = now_us.saturating_sub(u64::from((now_us as u32).wrapping_sub(word & !1)));
            if let Some(Seen::Code { entry, mark, .. }) = decoder.edge(level, at_us) {
                hprintln!(
                    "{:>6} ms: {} {:?}: {}",
                    at_us / 1_000,
                    entry.name,
                    mark,
                    entry.first_action
                );
                if let Some(place) = seen.get_mut(count) {
                    *place = Some((entry.name, mark));
                }
                count += 1;
            }
        }
    }
    let first = Some(("fan", Some(Mark::FirstOut)));
    end(seen == [Some(("current", None)), first, Some(("current", None))])
}
