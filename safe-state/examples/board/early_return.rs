//! A function that returns early lets its outputs go in the order of their group, whatever was declared first: the brake goes on, then the
//! torque off. Two channels beside each other do it in reverse order of their declaration, which is the wrong one half of the time.
#![no_std]
#![no_main]

use bitflags::bitflags;
use board::{Light, advance, changes, end, now_us};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    AnyChannel, Button, Config, Edge, FaultSet, Group, OnLoss, Sequence, Step, Switch, lease_us,
};

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const OVERSPEED = 1;
    }
}

static ROWS: [Fault; 1] = [fault("OVERSPEED", Severity::Stop, Latch::Acknowledge)];
static AXIS: Config<(Switch, Switch)> = Config::new(lease_us(100_000), OnLoss::SAFE);
const UP: (Switch, Switch) = (Switch::On, Switch::On);
/// The brake is the first member, or the second one: it goes safe first, and comes back last.
static BRAKE_FIRST: Sequence<2> =
    Sequence::new([Step::of(0), Step::of(1)], [Step::of(1), Step::of(0)]);
static BRAKE_SECOND: Sequence<2> =
    Sequence::new([Step::of(1), Step::of(0)], [Step::of(0), Step::of(1)]);

type Brake = SwitchPin<Light<0>, ActiveHigh>;
type Torque = SwitchPin<Light<1>, ActiveHigh>;

#[entry]
fn main() -> ! {
    board::init();
    for is_torque_declared_first in [false, true] {
        for is_brake_second in [false, true] {
            let before = changes().count();
            let ended = work(is_torque_declared_first, is_brake_second);
            // Up: torque, brake. Let go of: brake, torque.
            let order = changes().skip(before).map(|change| (change.light, change.is_on));
            let is_kept = order.eq([(1, true), (0, true), (0, false), (1, false)]);
            hprintln!("{} {}: {}", is_torque_declared_first, is_brake_second, is_kept);
            if ended.is_some() || !is_kept {
                end(false);
            }
        }
    }
    end(true)
}

/// Starts the axis, and returns as soon as something is not there.
fn work(is_torque_declared_first: bool, is_brake_second: bool) -> Option<()> {
    if is_torque_declared_first {
        let torque = Torque::new(Light);
        let brake = Brake::new(Light);
        lift(brake, torque, is_brake_second)
    } else {
        let brake = Brake::new(Light);
        let torque = Torque::new(Light);
        lift(brake, torque, is_brake_second)
    }
}

fn lift(brake: Brake, torque: Torque, is_brake_second: bool) -> Option<()> {
    if is_brake_second {
        let axis = AnyChannel::new(Group::new((torque, brake), &BRAKE_SECOND, UP), &AXIS);
        return up(axis);
    }
    up(AnyChannel::new(Group::new((brake, torque), &BRAKE_FIRST, UP), &AXIS))
}

fn up<O: safe_state::Outputs<Command = (Switch, Switch)>>(mut axis: AnyChannel<O>) -> Option<()> {
    let mut faults = FaultSet::<Faults, 1>::new(&ROWS);
    let mut button = Button::new(Edge::Rising, 500_000);
    let safe_us = now_us();
    axis.prove_safe(safe_us).ok()?;
    let _released = button.sample(false, safe_us);
    // The edge comes after it.
    while now_us() <= safe_us {
        advance();
    }
    let cleared = faults.acknowledge(button.sample(true, now_us()).ok()?).ok()?;
    axis.arm(cleared).ok()?;
    axis.start(&faults, now_us()).ok()?;
    let encoder: Option<()> = core::hint::black_box(None);
    encoder?;
    axis.tick(now_us());
    Some(())
}
