//! Stand-ins for a board: a pin that prints its level, and a timer that advances a millisecond each turn of the loop.
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};

use embedded_hal::digital::{ErrorType, OutputPin};

pub(crate) struct Pin;

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        println!("low");
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        println!("high");
        Ok(())
    }
}

/// Half a millisecond more at each call, of which a turn makes two.
pub(crate) fn now_us() -> u64 {
    static NOW_US: AtomicU64 = AtomicU64::new(0);
    NOW_US.fetch_add(500, Ordering::Relaxed)
}
