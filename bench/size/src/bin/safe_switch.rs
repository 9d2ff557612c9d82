//! A switch on a pin: proven, acknowledged by a button, armed, started, put from a source, ticked, stopped by a fault.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use bitflags::bitflags;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    AnyChannel, Button, Config, Edge, FaultSet, OnLoss, Sample, Source, StopCategory, Switch,
    cycle, lease_us,
};
use size::keep;
use size::pin::Pin;

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const OVERCURRENT = 1;
    }
}

static ROWS: [Fault; 1] = [fault("OVERCURRENT", Severity::Stop, Latch::Acknowledge)];
static HEATER: Config<Switch> = Config::new(lease_us(20_000), OnLoss::SAFE);
static COMMAND: Limits = Limits::new(age_limit_us(5_000));

#[cortex_m_rt::entry]
fn main() -> ! {
    #[cfg(feature = "calls")]
    {
        const FAULTS: FaultSet<Faults, 1> = FaultSet::new(&ROWS);
        let mut faults = FAULTS;
        let mut button = Button::new(Edge::Falling, 2_000_000);
        let mut command = Source::new(&COMMAND);
        let mut heater = AnyChannel::new(SwitchPin::<_, ActiveHigh>::new(Pin), &HEATER);
        loop {
            let now_us = black_box(0_u64);
            keep(heater.prove_safe(now_us));
            if let Ok(edge) = button.sample(black_box(false), now_us) {
                if let Ok(cleared) = faults.acknowledge(edge) {
                    keep(heater.arm(cleared));
                    keep(heater.start(&faults, now_us));
                }
            }
            faults.raise(Faults::from_bits_retain(black_box(0)), now_us);
            faults.clear(Faults::from_bits_retain(black_box(0)), now_us);
            let on = if black_box(false) { Switch::On } else { Switch::Off };
            keep(command.offer(Sample::new(on, black_box(0), now_us), now_us));
            keep(cycle(now_us, |tick| {
                heater.running().ok()?.put(command.fresh(tick).ok()?, now_us).ok()
            }));
            keep(heater.heed(&faults, StopCategory::Zero, now_us));
        }
    }
    loop {
        black_box(0_u64);
    }
}
