//! A heater on a pin in a super-loop. On a board, `Pin` is the HAL's, `now_us` its timer and `is_pressed` a button.
use bitflags::bitflags;
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

fn main() -> Result<(), &'static str> {
    let mut faults = FaultSet::<Faults, 1>::new(&ROWS);
    let (mut button, mut heat) = (Button::new(Edge::Falling, 500_000), Source::new(&THERMOSTAT));
    let heater = Channel::new(SwitchPin::<_, ActiveHigh>::new(host::Pin), &HEATER);
    let safe = heater.prove_safe(host::now_us()).map_err(|_| "it is not safe")?;
    let edge = (0..100).find_map(|_| button.sample(host::is_pressed(), host::now_us()).ok());
    let clear = faults.acknowledge(edge.ok_or("nobody presses")?).map_err(|_| "a fault")?;
    let armed = safe.arm(clear).map_err(|_| "the edge came too early")?;
    let mut heater = armed.start(&faults, host::now_us()).map_err(|_| "a fault was raised")?;
    for turn in 1..1_000 {
        let now_us = host::now_us();
        let _ = host::thermostat(turn).map(|on| heat.offer(Sample::new(on, turn, now_us), now_us));
        cycle(now_us, |tick| heater.put(heat.fresh(tick).ok()?, host::now_us()).ok());
        heater = match heater.tick(host::now_us()) {
            Ticked::Running(heater) => heater,
            stopped => {
                println!("turn {turn}: {stopped:?}");
                break;
            }
        };
    }
    Ok(())
}

mod host;
