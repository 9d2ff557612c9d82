//! The table of the machine.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use safe_state::machine::{Event, State};
use size::keep;

#[cortex_m_rt::entry]
fn main() -> ! {
    #[cfg(feature = "calls")]
    {
        let mut state = black_box(State::Startup);
        if let Some(event) = black_box(Event::ALL).get(black_box(0_usize)) {
            state = state.after(*event).unwrap_or(state);
        }
        keep(state);
    }
    #[cfg(not(feature = "calls"))]
    if let Some(event) = black_box(Event::ALL).get(black_box(0_usize)) {
        keep(*event);
    }
    loop {
        black_box(0_u64);
    }
}
