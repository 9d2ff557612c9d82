//! A program that cannot go on shows why, without a loop, a timer or an interrupt: the pattern of a code is played with a delay, as a
//! panic handler would do it.
#![no_std]
#![no_main]

use board::{Light, advance, changes, end, init, now_us};
use cortex_m_semihosting::hprintln;
use embedded_hal::delay::DelayNs;
use led_codes::light::{ActiveHigh, PinLight};
use led_codes::{Dialect, Mark, Pattern, blocking, code};
use panic_halt as _;

/// 2-1, which was there before the reset that will follow.
static STACK_OVERFLOW: Pattern = match Dialect::HUMAN.marked(&code(2, 1), Some(Mark::BeforeReset)) {
    Ok(pattern) => pattern,
    Err(_) => panic!("no code of the dialect"),
};

/// A delay that counts time away.
struct Delay;

impl DelayNs for Delay {
    fn delay_ns(&mut self, ns: u32) {
        let begin_us = now_us();
        while now_us() - begin_us < u64::from(ns / 1_000) {
            advance();
        }
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    init();
    let mut light = PinLight::<_, ActiveHigh>::new(Light::<0>);
    let begin_us = now_us();
    let Ok(()) = blocking::play(&mut light, &mut Delay, &STACK_OVERFLOW, 1);
    let took_ms = (now_us() - begin_us) / 1_000;
    let flashes = changes().filter(|change| change.is_on).count();
    hprintln!("{} flashes in {} ms", flashes, took_ms);
    let period_ms = u64::from(STACK_OVERFLOW.period_ms());
    end(flashes == 5 && (period_ms..period_ms + 50).contains(&took_ms))
}
