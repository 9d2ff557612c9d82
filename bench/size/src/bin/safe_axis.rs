//! A brake and a torque with its feedback in a group: the order of going safe and of coming back, with delays, on top of a switch.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use bitflags::bitflags;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    AnyChannel, Button, Config, Edge, FaultSet, Group, OnLoss, Sample, Sequence, Source, Step,
    StopCategory, Switch, cycle, lease_us, over_us,
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
static AXIS: Config<(Switch, Switch)> = Config::new(lease_us(20_000), OnLoss::SAFE);
static ORDER: Sequence<2> = Sequence::new(
    [Step::of(0), Step::of(1).after(over_us(60_000))],
    [Step::of(1).until_seen(over_us(30_000)), Step::of(0).after(over_us(40_000))],
);
static COMMAND: Limits = Limits::new(age_limit_us(5_000));

#[cortex_m_rt::entry]
fn main() -> ! {
    #[cfg(feature = "calls")]
    {
        const FAULTS: FaultSet<Faults, 1> = FaultSet::new(&ROWS);
        let mut faults = FAULTS;
        let mut button = Button::new(Edge::Falling, 2_000_000);
        let mut command = Source::new(&COMMAND);
        let brake = SwitchPin::<_, ActiveHigh>::new(Pin);
        let torque = SwitchPin::<_, ActiveHigh>::new(Pin).with_feedback::<_, ActiveHigh>(Pin);
        let up = (Switch::On, Switch::On);
        let mut axis = AnyChannel::new(Group::new((brake, torque), &ORDER, up), &AXIS);
        loop {
            let now_us = black_box(0_u64);
            keep(axis.prove_safe(now_us));
            if let Ok(edge) = button.sample(black_box(false), now_us) {
                if let Ok(cleared) = faults.acknowledge(edge) {
                    keep(axis.arm(cleared));
                    keep(axis.start(&faults, now_us));
                }
            }
            faults.raise(Faults::from_bits_retain(black_box(0)), now_us);
            faults.clear(Faults::from_bits_retain(black_box(0)), now_us);
            keep(command.offer(Sample::new(true, black_box(0), now_us), now_us));
            keep(cycle(now_us, |tick| {
                let up = command.fresh(tick).ok()?.map(|_| up);
                axis.running().ok()?.put(up, now_us).ok()
            }));
            keep(axis.heed(&faults, StopCategory::One, now_us));
        }
    }
    loop {
        black_box(0_u64);
    }
}
