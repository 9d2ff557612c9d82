//! A player alone: started and polled, over a source that is one row of flashes from the last poll on.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use led_codes::{Flash, Flashes, Level, Player, Showing, Source};
use size::keep;

struct Row {
    flashes: Flashes,
    begun_us: u64,
}

impl Source for Row {
    fn begin(&mut self, now_us: u64) {
        self.begun_us = now_us;
    }

    fn begun_us(&self) -> u64 {
        self.begun_us
    }

    fn go_on(&mut self, now_us: u64) -> Showing {
        self.begun_us = now_us;
        Showing::Rows { begun_us: now_us }
    }

    fn row(&self, index: u8) -> Option<Flashes> {
        (index == 0).then_some(self.flashes)
    }

    fn lacks(&self, shows: impl Fn(Level) -> bool) -> Option<Level> {
        None
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let flashes = black_box(Flash::new(200, 200).times(3, 1_000));
    #[cfg(feature = "calls")]
    {
        let mut row = Row { flashes, begun_us: 0 };
        let mut player = Player::new().start(&mut row, black_box(0));
        loop {
            keep(player.poll(&mut row, black_box(0)));
        }
    }
    loop {
        black_box(0_u64);
    }
}
