//! How many instructions a poll of a light takes on a Cortex-M3, by SysTick on a board whose clock counts instructions: at
//! `-icount shift=3` one tick of 25 MHz is five. A figure that is missed ends the program with an error: those of the design at opt-level 3
//! and s, one of our own for an edge at z.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use led_codes::signal::Shown;
use led_codes::{
    Board, Dialect, Entry, Flash, Id, Legend, Level, Pattern, Player, Severity, Signal,
};
use led_codes::{code, dark, entry, healthy, solid};
use panic_halt as _;

const TIMES: u32 = 100;
const INSTRUCTIONS_PER_TICK: u32 = 5;
const RELOAD: u32 = 0x00FF_FFFF;
const STEP_US: u64 = 200_000;

/// The most instructions at an edge.
const EDGE_MAX: u32 = match option_env!("CARGO_PROFILE_RELEASE_OPT_LEVEL") {
    Some(level) if level.as_bytes()[0] == b'z' => 96,
    _ => 80,
};

/// Steps of 200 ms alone, more than are polled: each poll that is 200 ms later is at an edge.
static EVEN: Pattern =
    Pattern::new(&[Flash::new(200, 200).times(3, 200), Flash::new(200, 200).times(60, 200)]);
static BLINKING: Pattern = Pattern::new(&[Flash::new(200, 200).once()]);
static TRIPLE: Pattern = Pattern::new(&[Flash::new(200, 200).times(3, 1_000)]);

const fn row(first: u8, second: u8, name: &'static str) -> Entry<'static> {
    entry(code(first, second), Severity::High, name, "It is there", "Repair it")
}

static LEGEND: Legend<8> = Legend::new(
    Dialect::HUMAN,
    healthy(Flash::new(1_000, 1_000).once(), "Running"),
    dark("No power", "Measure"),
    solid("It hangs", "Restart"),
    [
        row(1, 1, "a"),
        row(1, 2, "b"),
        row(1, 3, "c"),
        row(1, 4, "d"),
        row(2, 1, "e"),
        row(2, 2, "f"),
        row(2, 3, "g"),
        row(2, 4, "h"),
    ],
);
const A: Id<8> = LEGEND.id("a");

/// The ticks of a call, in which the time goes on.
fn ticks(now_us: &mut u64, step_us: u64, mut call: impl FnMut(u64)) -> u32 {
    let start = SYST::get_current();
    for _ in 0..TIMES {
        *now_us = black_box(now_us.wrapping_add(step_us));
        call(*now_us);
    }
    start.wrapping_sub(SYST::get_current()) & RELOAD
}

/// Whether it is at most so many, where there is a most.
fn say(name: &str, ticks: u32, empty: u32, max: Option<u32>) -> bool {
    let instructions = (ticks.saturating_sub(empty) * INSTRUCTIONS_PER_TICK).div_ceil(TIMES);
    let Some(max) = max else {
        hprintln!("{:>7} instructions: {}", instructions, name);
        return true;
    };
    let missed = if instructions > max { "   MISSED" } else { "" };
    hprintln!("{:>7} instructions, at most {}: {}{}", instructions, max, name, missed);
    instructions <= max
}

/// A call that gives what a poll gives.
#[inline(never)]
fn nothing(player: &mut Player, signal: &mut Signal<'_>, now_us: u64) {
    let _ = (player, signal);
    black_box((Level::Off, Some(now_us)));
}

#[inline(never)]
fn poll_signal(player: &mut Player, signal: &mut Signal<'_>, now_us: u64) {
    black_box(player.poll(signal, now_us));
}

#[inline(never)]
fn poll_board(player: &mut Player, board: &mut Board<'_, 8>, now_us: u64) {
    black_box(player.poll(board, now_us));
}

#[entry]
fn main() -> ! {
    let Some(peripherals) = cortex_m::Peripherals::take() else { end(false) };
    let mut timer = peripherals.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(RELOAD);
    timer.clear_current();
    timer.enable_counter();
    let mut now_us = 0_u64;
    let now = &mut now_us;
    let mut signal = Signal::new(Shown::Pattern(black_box(&TRIPLE)));
    let mut player = Player::new().start(&mut signal, *now);
    let empty = ticks(now, 1, |at| nothing(&mut player, &mut signal, at));
    poll_signal(&mut player, &mut signal, *now);
    let between = ticks(now, 1, |at| poll_signal(&mut player, &mut signal, at));
    let mut is_good = say("poll a signal between two edges", between, empty, Some(20));
    let mut signal = Signal::new(Shown::Pattern(black_box(&EVEN)));
    let mut player = Player::new().start(&mut signal, *now);
    poll_signal(&mut player, &mut signal, *now);
    let edge = ticks(now, STEP_US, |at| poll_signal(&mut player, &mut signal, at));
    is_good &= say("poll it at an edge", edge, empty, Some(EDGE_MAX));
    let mut signal = Signal::new(Shown::Pattern(black_box(&BLINKING)));
    let mut player = Player::new().start(&mut signal, *now);
    poll_signal(&mut player, &mut signal, *now);
    let edge = ticks(now, 2 * STEP_US, |at| poll_signal(&mut player, &mut signal, at));
    is_good &= say("poll it at the end of a period, a step later", edge, empty, None);
    let pause = ticks(now, 3_600_000_001, |at| poll_signal(&mut player, &mut signal, at));
    is_good &= say("poll it after an hour", pause, empty, None);
    let pause = ticks(now, 1 << 56, |at| poll_signal(&mut player, &mut signal, at));
    is_good &= say("poll it after 2,000 years", pause, empty, None);

    *now = 0;
    let mut board = Board::new(black_box(&LEGEND));
    let mut player = Player::new().start(&mut board, *now);
    poll_board(&mut player, &mut board, *now);
    let between = ticks(now, 1, |at| poll_board(&mut player, &mut board, at));
    is_good &= say("poll a board between two edges", between, empty, None);
    for place in 0..4 {
        if let Some(id) = Id::new(place) {
            board.raise(id, *now);
        }
    }
    let edge = ticks(now, 250_000, |at| poll_board(&mut player, &mut board, at));
    is_good &= say("poll a board with four faults each 250 ms", edge, empty, None);
    let pause = ticks(now, 3_600_000_001, |at| poll_board(&mut player, &mut board, at));
    is_good &= say("poll it after an hour", pause, empty, None);
    let mut is_there = false;
    let raise = ticks(now, 1, |at| {
        is_there = !is_there;
        if is_there { board.raise(A, at) } else { board.clear(A, at) }
    });
    is_good &= say("raise a fault of eight or clear it", raise, empty, None);
    hprintln!("{:>7} bytes: a player, at most 16", size_of::<Player>());
    hprintln!("{:>7} bytes: a signal", size_of::<Signal<'_>>());
    hprintln!("{:>7} bytes: a board of 8, at most 64", size_of::<Board<'_, 8>>());
    hprintln!("{:>7} bytes: an entry of a legend, without its texts", size_of::<Entry<'_>>() - 24);
    is_good &= size_of::<Player>() <= 16 && size_of::<Board<'_, 8>>() <= 64;
    end(is_good)
}

fn end(is_good: bool) -> ! {
    debug::exit(if is_good { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}
