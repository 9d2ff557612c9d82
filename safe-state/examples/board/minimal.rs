//! A heater on a pin in a super-loop: acknowledged by a button, held by its lease, and off when its thermostat falls silent.
#![no_std]
#![no_main]
use bitflags::bitflags;
use board::{Pin, advance, end, is_pressed, now_us};
use panic_halt as _;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    Button, Channel, Config, Edge, FaultSet, OnLoss, Sample, Source, Switch, Ticked, cycle,
    lease_us,
};
bitflags! { #[derive(Clone, Copy)] struct Faults: u8 { const OVERHEAT = 1; } }
static ROWS: [Fault; 1] = [fault("OVERHEAT", Severity::Stop, Latch::Acknowledge)];
static HEATER: Config<Switch> = Config::new(lease_us(20_000), OnLoss::SAFE);
static THERMOSTAT: Limits = Limits::new(age_limit_us(5_000));
fn run() -> Option<bool> {
    let mut faults = FaultSet::<Faults, 1>::new(&ROWS);
    let (mut button, mut heat) = (Button::new(Edge::Falling, 500_000), Source::new(&THERMOSTAT));
    let heater = Channel::new(SwitchPin::<_, ActiveHigh>::new(Pin), &HEATER);
    let safe = heater.prove_safe(now_us()).ok()?;
    let edge = core::iter::repeat_with(|| button.sample(is_pressed(), now_us()).ok());
    let clear = faults.acknowledge(edge.flatten().next()?).ok()?;
    let mut heater = safe.arm(clear).ok()?.start(&faults, now_us()).ok()?;
    for turn in 0.. {
        advance();
        let sample = Sample::new(Switch::On, turn, now_us());
        let _ = (turn < 1_000).then(|| heat.offer(sample, now_us()));
        cycle(now_us(), |tick| heater.put(heat.fresh(tick).ok()?, now_us()).ok());
        let Ticked::Running(next) = heater.tick(now_us()) else { return Some(turn > 1_000) };
        heater = next;
    }
    None
}
#[cortex_m_rt::entry]
fn main() -> ! {
    board::init();
    end(run() == Some(true))
}
