//! The table of the machine in statig.
#![no_std]
#![no_main]
#![allow(unused)]

#[path = "../../../src/statig_machine.rs"]
mod statig_machine;

use core::hint::black_box;

use size::keep;
use statig::prelude::*;
use statig_machine::{Event, Machine};

const EVENTS: [Event; 11] = [
    Event::Ready,
    Event::Cleared,
    Event::Restart,
    Event::Degrade,
    Event::Restore,
    Event::DegradedOver,
    Event::Demand,
    Event::Recover,
    Event::Recovered,
    Event::RecoveryFailed,
    Event::Lock,
];

#[cortex_m_rt::entry]
fn main() -> ! {
    #[cfg(feature = "calls")]
    {
        let mut machine = black_box(Machine.state_machine());
        if let Some(event) = black_box(EVENTS).get(black_box(0_usize)) {
            machine.handle(event);
        }
        keep(*machine.state());
    }
    #[cfg(not(feature = "calls"))]
    if let Some(event) = black_box(EVENTS).get(black_box(0_usize)) {
        keep(*event);
    }
    loop {
        black_box(0_u64);
    }
}
