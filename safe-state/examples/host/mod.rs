//! Stand-ins for a board: a pin that prints its level when it changes, a timer, a button that is pressed and let go, and a thermostat
//! that falls silent after 100 turns.
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use embedded_hal::digital::{ErrorType, OutputPin};
use safe_state::Switch;

pub(crate) struct Pin;

impl ErrorType for Pin {
    type Error = Infallible;
}

static IS_HIGH: AtomicBool = AtomicBool::new(true);

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        if IS_HIGH.swap(false, Ordering::Relaxed) {
            println!("off");
        }
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        if !IS_HIGH.swap(true, Ordering::Relaxed) {
            println!("on");
        }
        Ok(())
    }
}

/// 200 us more at each call.
pub(crate) fn now_us() -> u64 {
    static NOW_US: AtomicU64 = AtomicU64::new(0);
    NOW_US.fetch_add(200, Ordering::Relaxed)
}

/// Pressed from the 10th to the 20th look.
pub(crate) fn is_pressed() -> bool {
    static LOOKS: AtomicU64 = AtomicU64::new(0);
    (10..20).contains(&LOOKS.fetch_add(1, Ordering::Relaxed))
}

/// The contact of a thermostat: on for 50 turns, off for 50, then silent.
pub(crate) fn thermostat(turn: u32) -> Option<Switch> {
    match turn {
        0..50 => Some(Switch::On),
        50..100 => Some(Switch::Off),
        _ => None,
    }
}
