//! A decoder of eight codes: edges in, codes out, and the deadline.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use led_codes::decoder::Seen;
use led_codes::{Decoder, Dialect, Entry, Flash, Legend, Level, Severity};
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

const DECODER: Decoder<'static, 8> = Decoder::new(&LEGEND);

#[cortex_m_rt::entry]
fn main() -> ! {
    #[cfg(feature = "calls")]
    {
        let mut decoder = DECODER;
        decoder.join(Level::Off, black_box(0));
        loop {
            let at_us = black_box(0_u64);
            let level = if black_box(false) { Level::On } else { Level::Off };
            if let Some(Seen::Code { index, mark, agree, .. }) = decoder.edge(level, at_us) {
                keep((index, mark, agree));
            }
            keep(decoder.next_deadline_us());
            keep(decoder.poll(at_us).is_some());
        }
    }
    loop {
        black_box(0_u64);
    }
}
