//! Every sequence of so many calls and faults of the hardware, beside what may be: no output is energised without proof, clearance and a
//! fresh edge, none past its lease, every demand is safe or on its way in its call, and what is safe is told so. A group, a bus whose writes
//! are dropped, and a machine with resets are explored in the same way beside the models of `property`.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod property;

use property::common::{Drive, Faults, LIMITS, MS, Set, edge, set};
use safe_state::channel::{Cause, State};
use safe_state::{
    AnyChannel, Cleared, Config, OnLoss, SafeStop1, Sample, Source, StopCategory, cycle, lease_us,
    over_us,
};

const LEASE_US: u64 = 25_000;
const WAY_US: u64 = 20_000;
const STOP_US: u64 = 15_000;
static CONFIG: Config<i32> = Config::new(lease_us(25_000), OnLoss::ramp(0, over_us(20_000)))
    .mismatch_limit(over_us(15_000))
    .stop_1(SafeStop1::timed(0, over_us(15_000)));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Prove,
    /// An edge is seen now, and acknowledged.
    Acknowledge,
    /// With the clearance of the last acknowledgement.
    Arm,
    Start,
    /// A sample that is taken now.
    Put,
    /// The last sample again.
    PutAgain,
    Tick,
    Demand(StopCategory),
    Raise,
    Clear,
    /// The actuator fails from here on, or does no longer.
    Fail,
    /// The actuator keeps what it does from here on, or does no longer.
    Stick,
    /// Nothing for longer than a lease.
    Pause,
}

const CALLS: [Call; 14] = [
    Call::Prove,
    Call::Acknowledge,
    Call::Arm,
    Call::Start,
    Call::Put,
    Call::PutAgain,
    Call::Tick,
    Call::Demand(StopCategory::Zero),
    Call::Demand(StopCategory::One),
    Call::Raise,
    Call::Clear,
    Call::Fail,
    Call::Stick,
    Call::Pause,
];

/// The channel, and what a person would write down beside it.
struct Run {
    drive: Drive,
    channel: AnyChannel<Drive>,
    faults: Set,
    clearance: Option<Cleared<Faults>>,
    source: Source<i32>,
    sequence: u32,
    now_us: u64,
    /// When the outputs were last safe by a demand, a proof or a fault.
    safe_us: u64,
    /// When the clearance was acknowledged that it was armed with.
    acknowledged_us: Option<u64>,
    armed_with_us: Option<u64>,
    /// Nothing was raised since the clearance.
    is_clear: bool,
    renewed_us: u64,
    may_run: bool,
}

impl Run {
    fn new() -> Self {
        let drive = Drive::default();
        Self {
            channel: AnyChannel::new(drive.clone(), &CONFIG),
            drive,
            faults: set(),
            clearance: None,
            source: Source::new(&LIMITS),
            sequence: 0,
            now_us: MS,
            safe_us: 0,
            acknowledged_us: None,
            armed_with_us: None,
            is_clear: false,
            renewed_us: 0,
            may_run: false,
        }
    }

    fn call(&mut self, call: Call) {
        self.now_us += if call == Call::Pause { 100 * MS } else { 5 * MS };
        let now_us = self.drive.at(self.now_us);
        let was = self.channel.state();
        match call {
            Call::Prove => {
                if self.channel.prove_safe(now_us).is_ok() {
                    self.safe_us = now_us;
                }
            }
            Call::Acknowledge => {
                self.clearance = self.faults.acknowledge(edge(now_us)).ok();
                self.is_clear = self.clearance.is_some();
                self.acknowledged_us = self.clearance.as_ref().map(|_| now_us);
            }
            Call::Arm => {
                if let Some(clearance) = self.clearance.take() {
                    if self.channel.arm(clearance).is_ok() {
                        assert_eq!(was, State::Safe);
                        assert!(self.acknowledged_us > Some(self.safe_us), "an edge of before");
                        self.armed_with_us = self.acknowledged_us;
                    }
                }
            }
            Call::Start => {
                if self.channel.start(&self.faults, now_us).is_ok() {
                    assert_eq!(was, State::Armed);
                    assert!(self.is_clear && self.armed_with_us.is_some());
                    (self.renewed_us, self.may_run) = (now_us, true);
                }
                self.armed_with_us = None;
            }
            Call::Put | Call::PutAgain => {
                if call == Call::Put {
                    self.sequence += 1;
                    let sample = Sample::new(1_000, self.sequence, now_us);
                    self.source.offer(sample, now_us).unwrap();
                }
                let (channel, source) = (&mut self.channel, &self.source);
                let put = cycle(now_us, |tick| {
                    let command = source.fresh(tick).ok()?;
                    channel.running().ok()?.put(command, now_us).ok()
                });
                if let Some(put) = put {
                    assert_eq!(was, State::Running);
                    if call == Call::Put {
                        assert!(put.is_renewed);
                    }
                    if put.is_renewed {
                        self.renewed_us = now_us;
                    }
                }
            }
            Call::Tick | Call::Pause => {
                self.channel.tick(now_us);
            }
            Call::Demand(category) => {
                let state = self.channel.demand(category, now_us);
                assert!(!matches!(state, State::Running | State::Armed), "{state:?}");
                if category == StopCategory::Zero {
                    assert_ne!(state, State::Stopping);
                }
                self.safe_us = now_us;
            }
            Call::Raise => {
                self.faults.raise(Faults::HV, now_us);
                self.is_clear = false;
            }
            Call::Clear => self.faults.clear(Faults::HV, now_us),
            Call::Fail => {
                let fails = &mut self.drive.0.borrow_mut().fails;
                *fails = !*fails;
            }
            Call::Stick => {
                let mut inside = self.drive.0.borrow_mut();
                inside.does = match inside.does {
                    None => Some(inside.told.last().map_or(0, |(_, told)| *told)),
                    Some(_) => None,
                };
            }
        }
        self.check(call);
    }

    fn check(&mut self, call: Call) {
        let state = self.channel.state();
        let is_looked_at = !matches!(
            call,
            Call::Acknowledge | Call::Arm | Call::Raise | Call::Clear | Call::Fail | Call::Stick
        );
        let told = self.drive.told().last().map_or(0, |(_, told)| *told);
        match state {
            State::Running => {
                assert!(self.may_run, "runs without a start");
                if is_looked_at && call != Call::PutAgain && call != Call::Prove {
                    assert!(self.now_us < self.renewed_us + LEASE_US, "outlives its lease");
                }
            }
            State::Stopping => {
                self.may_run = false;
                let longest_us = self.renewed_us + LEASE_US + WAY_US.max(STOP_US) + STOP_US;
                assert!(!is_looked_at || self.now_us < longest_us, "stops for too long");
            }
            _ => {
                self.may_run = false;
                // What could be told was told its safe value.
                let fails = self.drive.0.borrow().fails;
                assert!(told == 0 || fails || self.channel.cause() == Cause::DriveFailed);
            }
        }
        if told != 0 && !matches!(state, State::Running | State::Stopping) {
            assert_eq!(state, State::Faulted, "energised");
        }
    }
}

/// The calls of a run, said when one of them fails.
struct Said(Vec<Call>);

impl Drop for Said {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{:?}", self.0);
        }
    }
}

/// Sequences of a number of calls after a beginning.
fn explore(beginning: &[Call], depth: u32) -> u64 {
    let count = (CALLS.len() as u64).pow(depth);
    for mut number in 0..count {
        let mut run = Run::new();
        for call in beginning {
            run.call(*call);
        }
        let mut calls = Said(beginning.to_vec());
        for _ in 0..depth {
            let call = CALLS[(number % CALLS.len() as u64) as usize];
            number /= CALLS.len() as u64;
            calls.0.push(call);
            run.call(call);
        }
    }
    count
}

#[test]
fn every_sequence_of_calls_keeps_what_is_promised() {
    use Call::{Acknowledge, Arm, Demand, Prove, Put, Start, Tick};
    let mut count = explore(&[], 4);
    for beginning in [
        &[Prove][..],
        &[Prove, Acknowledge],
        &[Prove, Acknowledge, Arm],
        &[Prove, Acknowledge, Arm, Start],
        &[Prove, Acknowledge, Arm, Start, Put],
        // Its lease has ended.
        &[Prove, Acknowledge, Arm, Start, Put, Tick, Tick, Tick, Tick, Tick],
        &[Prove, Acknowledge, Arm, Start, Put, Demand(StopCategory::One)],
        &[Prove, Acknowledge, Arm, Start, Put, Demand(StopCategory::Zero), Acknowledge],
    ] {
        count += explore(beginning, 4);
    }
    println!("{count} sequences");
}

/// Sequences of a number of calls after each beginning, in the bytes of a model.
fn explore_model(model: fn(&[u8]), beginnings: &[&[u8]], calls: &[&[u8]], depth: u32) {
    let count = calls.len().pow(depth);
    for beginning in beginnings {
        for sequence in 0..count {
            let (mut bytes, mut number) = (beginning.to_vec(), sequence);
            for _ in 0..depth {
                bytes.extend(calls[number % calls.len()]);
                number /= calls.len();
            }
            let said = SaidBytes(bytes);
            model(&said.0);
        }
    }
    println!("{} sequences", count * beginnings.len());
}

/// The bytes of a run, said when it fails.
struct SaidBytes(Vec<u8>);

impl Drop for SaidBytes {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{:02X?}", self.0);
        }
    }
}

/// Members that fail and that stick, ticks of 5, 60 and 150 ms, stops of both kinds.
#[test]
fn every_sequence_of_calls_keeps_the_brake_on_whenever_the_torque_is_off() {
    let (started, is_up): (&[u8], &[u8]) = (&[64], &[128]);
    let calls: &[&[u8]] = &[
        &[0x44, 0],
        &[0x44, 2],
        &[0x44, 3],
        &[0x36],
        &[0x66],
        &[0x76],
        &[0x3A, 0],
        &[0x3A, 1],
        &[0x0D, 0],
        &[0x0D, 1],
        &[0x0E, 1, 2],
        &[0x30],
    ];
    explore_model(property::group::group, &[started, is_up], calls, 4);
}

/// Writes that wait, fail, and are dropped after one poll; commands and leases that end before they are written.
#[test]
fn every_sequence_of_calls_writes_what_is_fresh_and_never_after_a_dropped_write() {
    let started: &[u8] = &[32];
    let calls: &[&[u8]] = &[
        &[0x24, 1],
        &[0x25],
        &[0x29],
        &[0x2B, 1],
        &[0x0C, 2],
        &[0x0C, 0],
        &[0x26],
        &[0x56],
        &[0x79],
        &[0x28, 0],
        &[0x28, 1],
        &[0x0D],
        &[0x20],
    ];
    explore_model(property::staged::staged, &[started], calls, 5);
}

/// A reset before, between and after the stores of the two words that are kept, after every event.
#[test]
fn every_sequence_of_events_and_resets_leaves_lockout_by_nothing() {
    let startup: &[u8] = &[];
    let safe: &[u8] = &[0x20];
    let operational: &[u8] = &[0x20, 0x21, 0x22];
    let degraded: &[u8] = &[0x20, 0x21, 0x22, 0x2B, 8, 8, 0x25];
    let recovering: &[u8] = &[0x27];
    let lockout: &[u8] = &[0x2A, 0];
    // Safe after a fault that goes by itself: it may restart.
    let restarts: &[u8] = &[0x20, 0x21, 0x22, 0x2B, 4, 4, 0x25, 0x2C, 4];
    let calls: &[&[u8]] = &[
        &[0x20],
        &[0x21],
        &[0x22],
        &[0x23],
        &[0x24],
        &[0x25],
        &[0xA5],
        &[0x27],
        &[0x28],
        &[0x29],
        &[0x2B, 4, 4],
        &[0x2B, 8, 8],
        &[0x2B, 32, 32],
        &[0x2C, 255],
        &[0x2E, 0],
        &[0x2E, 3],
        &[0x2A, 0],
    ];
    let beginnings = [startup, safe, operational, degraded, recovering, lockout, restarts];
    explore_model(property::machine::machine, &beginnings, calls, 4);
}
