//! Stand-ins for a board: a pin that prints when it changes, and a timer that jumps to the next edge, for 30 seconds.
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};

use embedded_hal::digital::{ErrorType, OutputPin};

static NOW_US: AtomicU64 = AtomicU64::new(0);

pub(crate) struct Pin;

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        println!("{:>6} ms: lit", now_us() / 1_000);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        println!("{:>6} ms: dark", now_us() / 1_000);
        Ok(())
    }
}

pub(crate) fn now_us() -> u64 {
    NOW_US.load(Ordering::Relaxed)
}

/// Sleeps, and ends the program after half a minute.
pub(crate) fn sleep_until(next_us: Option<u64>) {
    let next_us = next_us.filter(|next_us| *next_us < 30_000_000);
    match next_us {
        Some(next_us) => NOW_US.store(next_us, Ordering::Relaxed),
        None => std::process::exit(0),
    }
}
