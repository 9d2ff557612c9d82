//! A vertical axis as a group, under any calls, times and faults of its members: the brake is on whenever the torque is off.

use std::cell::RefCell;
use std::rc::Rc;

use safe_state::channel::State;
use safe_state::{
    Actuator, AnyChannel, Cleared, Config, Group, OnLoss, ReadBack, Sample, Sequence, Source, Step,
    StopCategory, cycle, lease_us, over_us,
};

use super::Choices;
use super::common::{Faults, LIMITS, Set, edge, set};

const BRAKE: usize = 0;
const TORQUE: usize = 1;

/// One hardware for both members. A brake of 1 is released, a torque of 1 is on.
#[derive(Debug, Default)]
struct Hardware {
    now: u64,
    told: [i32; 2],
    /// Each call: when, who, what.
    calls: Vec<(u64, usize, i32)>,
    fails: [bool; 2],
    stuck: [Option<i32>; 2],
    /// Since when the torque was told to be on.
    torque_on: Option<u64>,
    brake_on: Option<u64>,
}

impl Hardware {
    fn drive(&mut self, member: usize, command: i32) -> Result<(), ()> {
        self.calls.push((self.now, member, command));
        if self.fails[member] {
            return Err(());
        }
        if self.told[member] == command {
            return Ok(());
        }
        self.told[member] = command;
        let now = Some(self.now);
        match (member, command) {
            (TORQUE, 1) => self.torque_on = now,
            (BRAKE, 0) => self.brake_on = now,
            _ => {}
        }
        let could_brake = !self.fails[BRAKE];
        assert!(self.told != [1, 0] || !could_brake, "the brake is off without torque");
        Ok(())
    }
}

#[derive(Clone, Debug)]
struct Member<const N: usize>(Rc<RefCell<Hardware>>);

impl<const N: usize> Actuator for Member<N> {
    type Command = i32;
    type Error = ();
    const SAFE: i32 = 0;

    fn drive(&mut self, command: i32) -> Result<(), ()> {
        self.0.borrow_mut().drive(N, command)
    }

    fn read_back(&mut self) -> Result<ReadBack<i32>, ()> {
        let hardware = self.0.borrow();
        Ok(ReadBack::Does(hardware.stuck[N].unwrap_or(hardware.told[N])))
    }
}

type Axis = Group<(Member<BRAKE>, Member<TORQUE>), 2>;

static AXIS: Sequence<2> = Sequence::new(
    [Step::of(BRAKE as u8), Step::of(TORQUE as u8).after(over_us(60_000))],
    [
        Step::of(TORQUE as u8).until_seen(over_us(30_000)),
        Step::of(BRAKE as u8).after(over_us(40_000)),
    ],
);
static CONFIGS: [Config<(i32, i32)>; 2] = [
    Config::new(lease_us(100_000), OnLoss::SAFE).mismatch_limit(over_us(20_000)),
    Config::new(lease_us(100_000), OnLoss::value((0, 1), over_us(30_000))),
];

struct World {
    hardware: Rc<RefCell<Hardware>>,
    channel: AnyChannel<Axis>,
    faults: Set,
    clearance: Option<Cleared<Faults>>,
    now: u64,
    sequence: u32,
    renewed: u64,
    /// The brake was released since the start.
    is_up: bool,
}

/// A byte a call, and those that it takes.
pub fn group(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let first = choices.byte();
    let hardware = Rc::<RefCell<Hardware>>::default();
    let members = (Member(hardware.clone()), Member(hardware.clone()));
    let config = &CONFIGS[usize::from(first) % 2];
    let mut world = World {
        channel: AnyChannel::new(Group::new(members, &AXIS, (1, 1)), config),
        hardware: hardware.clone(),
        faults: set(),
        clearance: None,
        now: 1_000,
        sequence: 0,
        renewed: 0,
        is_up: false,
    };
    if first >= 64 {
        // Proven, acknowledged, armed, started; with half of them the axis is up.
        let beginning = [0x20, 0x21, 0x22, 0x23, 0x46, 0x46, 0x46, 0x46, 0x46, 0x46];
        let count = if first >= 128 { beginning.len() } else { 4 };
        for byte in &beginning[..count] {
            call(&mut world, &mut Choices(&[*byte]));
        }
    }
    while !choices.is_empty() {
        call(&mut world, &mut choices);
    }
    // Let go of: brake first, whatever has failed.
    hardware.borrow_mut().calls.clear();
    let now = hardware.borrow().now;
    drop(world);
    assert_eq!(hardware.borrow().calls, [(now, BRAKE, 0), (now, TORQUE, 0)]);
}

fn call(world: &mut World, choices: &mut Choices<'_>) {
    let byte = choices.byte();
    let us = [0, 1, 1_000, 5_000, 20_000, 39_000, 60_000, 150_000][usize::from(byte >> 4) % 8];
    world.now += us;
    let (now, was, was_told) = (world.now, world.channel.state(), world.hardware.borrow().told);
    world.hardware.borrow_mut().now = now;
    world.hardware.borrow_mut().calls.clear();
    let mut is_hard = false;
    match byte & 0x0F {
        0 => {
            let _ = world.channel.prove_safe(now);
        }
        1 => world.clearance = world.faults.acknowledge(edge(now)).ok(),
        2 => {
            if let Some(cleared) = world.clearance.take() {
                let _ = world.channel.arm(cleared);
            }
        }
        3 => {
            let is_started = world.channel.start(&world.faults, now).is_ok();
            if is_started {
                (world.renewed, world.is_up) = (now, false);
            }
        }
        4 | 5 => {
            world.sequence += 1;
            let mut source = Source::new(&LIMITS);
            source.offer(Sample::new(choices.byte(), world.sequence, now), now).unwrap();
            // The brake is never asked to be off without torque.
            let axis = |byte: u8| [(1, 1), (1, 1), (0, 1), (0, 0)][usize::from(byte) % 4];
            let channel = &mut world.channel;
            let put = cycle(now, |tick| {
                channel.running().ok()?.put(source.fresh(tick).unwrap().map(axis), now).ok()
            });
            if put.is_some() {
                world.renewed = now;
            }
        }
        6..=9 => {
            world.channel.tick(now);
        }
        10 => {
            let category = choices.of([StopCategory::Zero, StopCategory::One, StopCategory::Two]);
            is_hard = category == StopCategory::Zero;
            world.channel.demand(category, now);
        }
        11 => world.faults.raise(Faults::HV, now),
        12 => world.faults.clear(Faults::HV, now),
        13 => {
            let member = usize::from(choices.byte()) % 2;
            let fails = &mut world.hardware.borrow_mut().fails[member];
            *fails = !*fails;
        }
        14 => {
            let member = usize::from(choices.byte()) % 2;
            world.hardware.borrow_mut().stuck[member] = choices.of([None, None, Some(0), Some(1)]);
        }
        _ => {}
    }
    check(world, was, was_told, is_hard, (6..=9).contains(&(byte & 0x0F)));
}

fn check(world: &mut World, was: State, was_told: [i32; 2], is_hard: bool, is_tick: bool) {
    let state = world.channel.state();
    let hardware = world.hardware.borrow();
    let [is_released, is_on] = hardware.told.map(|told| told == 1);
    // The torque goes so long after the brake was told, but for a stop at once.
    if was_told[TORQUE] == 1 && !is_on && !is_hard && was == State::Stopping && state == State::Safe
    {
        let since = world.now - hardware.brake_on.unwrap_or(0);
        assert!(since >= 60_000, "the torque went {since} us after the brake");
    }
    // After a start the brake is released so long after the torque was told, and seen.
    if is_released && was_told[BRAKE] == 0 && !world.is_up {
        assert!(world.now - hardware.torque_on.unwrap() >= 40_000);
        assert_ne!(hardware.stuck[TORQUE], Some(0));
        world.is_up = true;
    }
    if is_tick && was == State::Running {
        let end = world.renewed + 100_000;
        assert!(state != State::Running || world.now < end, "outlives its lease");
        if hardware.stuck[TORQUE] == Some(0) && was_told == [1, 1] && !hardware.fails[BRAKE] {
            assert!(!is_released, "the brake is off, and the torque was lost");
        }
    }
    if is_tick && !matches!(state, State::Running | State::Stopping) {
        assert!(hardware.told == [0, 0] || hardware.fails != [false, false], "{state:?}");
    }
    if state == State::Faulted && was != State::Faulted {
        let last = hardware.calls.iter().rev().take(2).rev();
        assert!(last.eq(&[(world.now, BRAKE, 0), (world.now, TORQUE, 0)]), "{:?}", hardware.calls);
    }
}
