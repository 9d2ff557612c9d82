//! A player of a signal: started, set to another pattern, polled.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use led_codes::signal::Shown;
use led_codes::{Flash, Level, Pattern, Player, Signal};
use size::keep;

static SINGLE: Pattern = Pattern::new(&[Flash::new(200, 200).times(1, 1_000)]);
static TRIPLE: Pattern = Pattern::new(&[Flash::new(200, 200).times(3, 1_000)]);

#[cortex_m_rt::entry]
fn main() -> ! {
    let patterns = black_box([&SINGLE, &TRIPLE]);
    #[cfg(feature = "calls")]
    {
        let mut signal = Signal::new(Shown::Pattern(patterns[0]));
        let mut player = Player::new().start(&mut signal, black_box(0));
        loop {
            let now_us = black_box(0_u64);
            if black_box(false) {
                signal.set(Shown::Pattern(patterns[1]), now_us);
            }
            keep(player.poll(&mut signal, now_us));
        }
    }
    loop {
        black_box(0_u64);
    }
}
