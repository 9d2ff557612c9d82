//! An emergency stop block in front of a channel. While the block is not on, the channel is stopped; letting the stop go is not enough: one
//! edge of the reset brings the block on and arms the channel.
#![no_std]
#![no_main]

use bitflags::bitflags;
use board::{Light, advance, changes, end, now_us};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use safe_state::blocks::emergency_stop::{EmergencyStop, Inputs};
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    AnyChannel, Button, Config, Edge, FaultSet, OnLoss, Sample, Source, StopCategory, Switch,
    cycle, lease_us,
};

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const STOP = 1;
    }
}

static ROWS: [Fault; 1] = [fault("STOP", Severity::Stop, Latch::Acknowledge)];
static MOTOR: Config<Switch> = Config::new(lease_us(20_000), OnLoss::SAFE);
static COMMAND: Limits = Limits::new(age_limit_us(5_000));

/// The wires of the machine: the stop is pressed from 60 to 80 ms, the reset at 20 and at 100 ms.
fn wires(now_us: u64) -> Inputs {
    let mut inputs = Inputs::ACTIVATE;
    inputs.set(Inputs::IN, !(60_000..80_000).contains(&now_us));
    let is_reset = (20_000..30_000).contains(&now_us) || (100_000..110_000).contains(&now_us);
    inputs.set(Inputs::RESET, is_reset);
    inputs
}

#[entry]
fn main() -> ! {
    board::init();
    let mut stop = EmergencyStop::new();
    let mut faults = FaultSet::<Faults, 1>::new(&ROWS);
    let (mut button, mut command) = (Button::new(Edge::Rising, 500_000), Source::new(&COMMAND));
    let mut motor = AnyChannel::new(SwitchPin::<_, ActiveHigh>::new(Light::<1>), &MOTOR);
    if motor.prove_safe(now_us()).is_err() {
        end(false);
    }
    for turn in 0.. {
        advance();
        let now_us = now_us();
        let inputs = wires(now_us);
        let is_on = stop.step(inputs).is_on();
        if inputs.contains(Inputs::IN) {
            faults.clear(Faults::STOP, now_us);
        } else {
            faults.raise(Faults::STOP, now_us);
        }
        let edge = button.sample(inputs.contains(Inputs::RESET), now_us);
        match (is_on, edge) {
            (false, _) => {
                motor.demand(StopCategory::Zero, now_us);
            }
            (true, Ok(edge)) => {
                let cleared = faults.acknowledge(edge).ok();
                let is_armed = cleared.is_some_and(|cleared| motor.arm(cleared).is_ok());
                if !is_armed || motor.start(&faults, now_us).is_err() {
                    end(false);
                }
            }
            (true, Err(_)) => {
                motor.heed(&faults, StopCategory::Zero, now_us);
            }
        }
        let _ = command.offer(Sample::new(Switch::On, turn, now_us), now_us);
        cycle(now_us, |tick| motor.running().ok()?.put(command.fresh(tick).ok()?, now_us).ok());
        if now_us > 150_000 {
            break;
        }
    }
    // On with the reset, off with the stop, on with the next reset; not when the stop is let go.
    let mut expected = [(true, 20), (false, 60), (true, 100)].into_iter();
    let is_right = changes().all(|change| {
        hprintln!("{} us: {}", change.at_us, if change.is_on { "on" } else { "off" });
        expected.next() == Some((change.is_on, change.at_us / 1_000))
    });
    end(is_right && expected.next().is_none())
}
