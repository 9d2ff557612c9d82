//! A board of eight codes and its player: raised, cleared, acknowledged, a lamp test, polled.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use led_codes::{Board, Dialect, Entry, Flash, Id, Legend, Player, Severity};
use led_codes::{code, dark, entry, healthy, solid};
use size::keep;

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

#[cortex_m_rt::entry]
fn main() -> ! {
    #[cfg(feature = "calls")]
    {
        let mut board = Board::new(&LEGEND);
        let mut player = Player::new().start(&mut board, black_box(0));
        loop {
            let now_us = black_box(0_u64);
            if let Some(id) = Id::new(black_box(0)) {
                board.raise(id, now_us);
                board.clear(id, now_us);
            }
            board.acknowledge(now_us);
            board.begin_lamp_test(now_us);
            keep(player.poll(&mut board, now_us));
            board.end_lamp_test(now_us);
        }
    }
    loop {
        black_box(0_u64);
    }
}
