//! What several tests share: actuators that record their calls, and faults.
#![allow(dead_code, unreachable_pub, clippy::panic, clippy::unwrap_used)]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use bitflags::bitflags;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::recovery::{Memory, Plan, Progress, Recovered, Recovery, step};
use safe_state::{
    Acknowledged, Actuator, Button, Channel, Cleared, Config, Edge, FaultSet, ReadBack, Sample,
    Source, channel, cycle, over_us,
};

pub const MS: u64 = 1_000;

bitflags! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Faults: u8 {
        const HV = 1 << 0;
        const OVERCURRENT = 1 << 1;
        const SENSORS = 1 << 2;
        const FAN = 1 << 3;
        const AGED = 1 << 4;
        const FUSE = 1 << 5;
    }
}

pub static ROWS: [Fault; 6] = [
    fault("HV", Severity::Stop, Latch::Acknowledge),
    fault("OVERCURRENT", Severity::Stop, Latch::Acknowledge).defer_max_us(5_000),
    fault("SENSORS", Severity::Stop, Latch::Auto),
    fault("FAN", Severity::Degrade, Latch::Acknowledge),
    fault("AGED", Severity::Stop, Latch::Session),
    fault("FUSE", Severity::Lockout, Latch::Never),
];

pub type Set = FaultSet<Faults, 6>;

pub fn set() -> Set {
    FaultSet::new(&ROWS)
}

/// Commands in permille that an actuator was told, with the instant that the test had set; and what it really does.
#[derive(Debug, Default)]
pub struct Inside {
    pub now_us: u64,
    pub told: Vec<(u64, i32)>,
    pub does: Option<i32>,
    pub fails: bool,
    pub is_blind: bool,
}

/// An actuator of 0 to 1000 permille, whose safe value is 0.
#[derive(Clone, Debug, Default)]
pub struct Drive(pub Rc<RefCell<Inside>>);

impl Drive {
    pub fn at(&self, now_us: u64) -> u64 {
        self.0.borrow_mut().now_us = now_us;
        now_us
    }

    pub fn told(&self) -> Vec<(u64, i32)> {
        self.0.borrow().told.clone()
    }

    pub fn last(&self) -> i32 {
        self.0.borrow().told.last().unwrap().1
    }
}

impl Actuator for Drive {
    type Command = i32;
    type Error = ();
    const SAFE: i32 = 0;

    fn drive(&mut self, command: i32) -> Result<(), ()> {
        let mut inside = self.0.borrow_mut();
        if inside.fails {
            return Err(());
        }
        let now_us = inside.now_us;
        inside.told.push((now_us, command));
        Ok(())
    }

    fn read_back(&mut self) -> Result<ReadBack<i32>, ()> {
        let inside = self.0.borrow();
        if inside.is_blind {
            return Ok(ReadBack::Unsupported);
        }
        let told = inside.told.last().map(|(_, told)| *told);
        inside.does.or(told).map(ReadBack::Does).ok_or(())
    }
}

pub static LIMITS: Limits = Limits::new(age_limit_us(300_000));

/// The proof of a recovery of one step.
pub fn recovered() -> Recovered {
    static PLAN: Plan<1> = Plan::new([step("one", over_us(1))], over_us(1));
    static MEMORY: Memory = Memory::new();
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let recovery = Recovery::begin(&PLAN, &MEMORY, 0).unwrap();
    let Progress::Recovered(recovered) = recovery.done(1).unwrap() else { panic!("a step more") };
    recovered
}

/// An edge of a button that was seen at this instant.
pub fn edge(at_us: u64) -> Acknowledged {
    let mut button = Button::new(Edge::Rising, 50_000);
    assert!(button.sample(false, at_us.saturating_sub(1)).is_err());
    button.sample(true, at_us).unwrap()
}

pub fn cleared(faults: &mut Set, at_us: u64) -> Cleared<Faults> {
    faults.acknowledge(edge(at_us)).unwrap()
}

pub type Running = Channel<channel::Running, Drive>;

/// A channel that was proven at 0, acknowledged at 1, and started at this instant.
pub fn started(drive: &Drive, config: &'static Config<i32>, at_us: u64) -> (Running, Set) {
    let mut faults = set();
    let channel = Channel::new(drive.clone(), config).prove_safe(0).unwrap();
    let armed = channel.arm(cleared(&mut faults, 1)).unwrap();
    drive.at(at_us);
    (armed.start(&faults, at_us).map_err(|refused| refused.refusal).unwrap(), faults)
}

/// Puts a command whose sample was taken now.
pub fn put(channel: &mut Running, command: i32, now_us: u64) -> Result<i32, channel::NotPut> {
    let mut source = Source::new(&LIMITS);
    source.offer(Sample::new(command, 1, now_us), now_us).unwrap();
    cycle(now_us, |tick| channel.put(source.fresh(tick).unwrap(), now_us)).map(|put| put.told)
}
