//! A motor with a brake on a vertical axis, as one group. Going safe: brake on, 60 ms, torque off. Coming back: torque on, seen by its
//! feedback and 40 ms, brake off. What the outputs did is compared with that at the end.
#![no_std]
#![no_main]

use bitflags::bitflags;
use board::{Change, Light, advance, changes, end, is_pressed, now_us};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use safe_state::channel::State;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    AnyChannel, Button, Config, Edge, FaultSet, Group, OnLoss, Sample, Sequence, Source, Step,
    StopCategory, Switch, cycle, lease_us, over_us,
};

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const OVERSPEED = 1;
    }
}

static ROWS: [Fault; 1] = [fault("OVERSPEED", Severity::Stop, Latch::Acknowledge)];

/// The members by their place in the group, and by their light: on is released, and on is torque.
const BRAKE: u8 = 0;
const TORQUE: u8 = 1;
static ORDER: Sequence<2> = Sequence::new(
    [Step::of(BRAKE), Step::of(TORQUE).after(over_us(60_000))],
    [Step::of(TORQUE).until_seen(over_us(30_000)), Step::of(BRAKE).after(over_us(40_000))],
);
static AXIS: Config<(Switch, Switch)> = Config::new(lease_us(100_000), OnLoss::SAFE);
static COMMAND: Limits = Limits::new(age_limit_us(20_000));
const UP: (Switch, Switch) = (Switch::On, Switch::On);

#[entry]
fn main() -> ! {
    board::init();
    let brake = SwitchPin::<_, ActiveHigh>::new(Light::<0>);
    let torque = SwitchPin::<_, ActiveHigh>::new(Light::<1>);
    let torque = torque.with_feedback::<_, ActiveHigh>(Light::<1>);
    let mut axis = AnyChannel::new(Group::new((brake, torque), &ORDER, UP), &AXIS);
    let mut faults = FaultSet::<Faults, 1>::new(&ROWS);
    let (mut button, mut command) = (Button::new(Edge::Falling, 500_000), Source::new(&COMMAND));
    if axis.prove_safe(now_us()).is_err() {
        end(false);
    }
    for turn in 0.. {
        advance();
        let now_us = now_us();
        if let Ok(edge) = button.sample(is_pressed(), now_us) {
            let cleared = faults.acknowledge(edge).ok();
            let is_armed = cleared.is_some_and(|cleared| axis.arm(cleared).is_ok());
            if !is_armed || axis.start(&faults, now_us).is_err() {
                end(false);
            }
        }
        let _ = command.offer(Sample::new(true, turn, now_us), now_us);
        cycle(now_us, |tick| {
            let up = command.fresh(tick).ok()?.map(|_| UP);
            axis.running().ok()?.put(up, now_us).ok()
        });
        let is_over = now_us > 200_000;
        let state = match axis.state() {
            State::Running if is_over => axis.demand(StopCategory::One, now_us),
            _ => axis.tick(now_us),
        };
        if is_over && state != State::Stopping {
            end(state == State::Safe && was_in_order());
        }
    }
    end(false)
}

fn was_in_order() -> bool {
    let mut changes = changes();
    let mut next = || {
        let change = changes.next();
        hprintln!("{:?}", change);
        change
    };
    let (Some(torque_on), Some(brake_off)) = (next(), next()) else { return false };
    let (Some(brake_on), Some(torque_off)) = (next(), next()) else { return false };
    let is =
        |change: Change, light: u8, is_on| (change.light, change.is_on) == (light.into(), is_on);
    let apart_us = |first: Change, second: Change| second.at_us - first.at_us;
    next().is_none()
        && is(torque_on, TORQUE, true)
        && is(brake_off, BRAKE, true)
        && is(brake_on, BRAKE, false)
        && is(torque_off, TORQUE, false)
        // By the clock that the calls were given; a call takes some microseconds.
        && (39_900..41_000).contains(&apart_us(torque_on, brake_off))
        && (59_900..61_000).contains(&apart_us(brake_on, torque_off))
}
