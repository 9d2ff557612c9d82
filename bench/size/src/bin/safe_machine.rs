//! The machine of a controller with a set of four faults: start-up, clearance, restart, faults, a recovery, what a reset keeps.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use bitflags::bitflags;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::machine::{AnyMachine, Config};
use safe_state::{Button, Edge, FaultSet, over_us};
use size::keep;

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const OVERCURRENT = 1;
        const SENSORS = 2;
        const FAN = 4;
        const FUSE = 8;
    }
}

static ROWS: [Fault; 4] = [
    fault("OVERCURRENT", Severity::Stop, Latch::Acknowledge),
    fault("SENSORS", Severity::Stop, Latch::Auto),
    fault("FAN", Severity::Degrade, Latch::Acknowledge),
    fault("FUSE", Severity::Lockout, Latch::Never),
];
static CONFIG: Config = Config::new(over_us(10_000_000)).restarts(2);

#[cortex_m_rt::entry]
fn main() -> ! {
    #[cfg(feature = "calls")]
    {
        const FAULTS: FaultSet<Faults, 4> = FaultSet::new(&ROWS);
        let mut faults = FAULTS;
        let mut button = Button::new(Edge::Falling, 2_000_000);
        let mut machine = AnyMachine::restored(black_box([0, 0]), &CONFIG, 0);
        keep(machine.ready(black_box(0)));
        loop {
            let now_us = black_box(0_u64);
            faults.raise(Faults::from_bits_retain(black_box(0)), now_us);
            faults.clear(Faults::from_bits_retain(black_box(0)), now_us);
            if let Ok(edge) = button.sample(black_box(false), now_us) {
                if let Ok(cleared) = faults.acknowledge(edge) {
                    keep(machine.operate(&cleared, &faults, now_us));
                    keep(cleared);
                }
            }
            keep(machine.restart(&faults, now_us));
            keep(machine.heed(&faults, now_us));
            keep(machine.kept());
        }
    }
    loop {
        black_box(0_u64);
    }
}
