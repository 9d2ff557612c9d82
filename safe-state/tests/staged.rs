//! An actuator behind an asynchronous bus: what is staged, written, too late, and dropped half way.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::cell::RefCell;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use common::{Drive, MS, cleared, set};
use safe_state::channel::{self, Cause, NotPut, Put, State};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::{
    Actuator, AnyChannel, AsyncActuator, AsyncDrive, Channel, Config, CutOffError, OnLoss,
    ReadBack, SafeStop1, Sample, Seen, Source, Staged, StopCategory, Switch, Ticked, WithCutOff,
    cycle, lease_us, over_us,
};

static CONFIG: Config<i32> = Config::new(lease_us(50_000), OnLoss::ramp(0, over_us(100_000)));
static LIMITS: Limits = Limits::new(age_limit_us(5_000));

/// What came over the bus.
#[derive(Debug, Default)]
struct Line {
    written: Vec<i32>,
    safe: u32,
    /// A write waits so many polls for its turn.
    waits: u32,
    fails: bool,
    /// What is read back.
    does: Option<i32>,
}

#[derive(Clone, Debug, Default)]
struct Bus(Rc<RefCell<Line>>);

/// Ready at the second poll.
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl AsyncDrive for Bus {
    type Command = i32;
    type Error = ();
    const SAFE: i32 = 0;

    async fn drive(&mut self, command: i32) -> Result<(), ()> {
        let waits = self.0.borrow().waits;
        for _ in 0..waits {
            Turn(false).await;
        }
        if self.0.borrow().fails {
            return Err(());
        }
        self.0.borrow_mut().written.push(command);
        Ok(())
    }
}

impl AsyncActuator for Bus {
    type SafeError = ();

    fn drive_safe(&mut self) -> Result<(), ()> {
        self.0.borrow_mut().safe += 1;
        Ok(())
    }

    fn read_back(&mut self) -> Result<ReadBack<i32>, ()> {
        self.0.borrow().does.map(ReadBack::Does).map_or(Ok(ReadBack::Unsupported), Ok)
    }

    fn agrees(told: i32, read: i32) -> bool {
        told.abs_diff(read) <= 10
    }
}

/// Polls a future until it is ready.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

type Running = Channel<channel::Running, Staged<Bus>>;

fn started(bus: &Bus) -> Running {
    let mut faults = set();
    let channel = Channel::new(Staged::new(bus.clone()), &CONFIG).prove_safe(0).unwrap();
    let armed = channel.arm(cleared(&mut faults, 1)).unwrap();
    armed.start(&faults, MS).map_err(|refused| refused.refusal).unwrap()
}

fn put(channel: &mut Running, command: i32, now_us: u64) -> Result<Put<i32>, NotPut> {
    let mut source = Source::new(&LIMITS);
    source.offer(Sample::new(command, 1, now_us), now_us).unwrap();
    cycle(now_us, |tick| channel.put(source.fresh(tick).unwrap(), now_us))
}

#[test]
fn a_command_is_staged_in_the_tick_and_written_afterwards() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    assert_eq!(bus.0.borrow().written, []);
    bus.0.borrow_mut().waits = 3;
    wait(channel.flush(3 * MS)).unwrap();
    assert_eq!(bus.0.borrow().written, [400]);
    wait(channel.flush(4 * MS)).unwrap();
    assert_eq!(bus.0.borrow().written, [400], "nothing is staged");
    put(&mut channel, 400, 5 * MS).unwrap();
    wait(channel.flush(5 * MS)).unwrap();
    assert_eq!(bus.0.borrow().written, [400, 400], "what is put is written");
}

/// Found by fuzzing: what was written last was put again, and what was staged in between was written.
#[test]
fn a_command_that_is_put_back_is_written_and_not_the_one_in_between() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    wait(channel.flush(2 * MS)).unwrap();
    put(&mut channel, 900, 3 * MS).unwrap();
    put(&mut channel, 400, 4 * MS).unwrap();
    wait(channel.flush(4 * MS)).unwrap();
    assert_eq!(bus.0.borrow().written, [400, 400]);
}

#[test]
fn the_lease_is_renewed_by_what_was_written() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    // Put again and again, and never written: the lease of the start ends.
    let mut now_us = MS;
    let stopped = loop {
        now_us += MS;
        let _ = put(&mut channel, 400, now_us);
        channel = match channel.tick(now_us) {
            Ticked::Running(channel) => channel,
            other => break AnyChannel::from(other),
        };
    };
    assert_eq!((now_us, stopped.cause()), (51 * MS, Cause::LeaseEnded));
    assert_eq!(bus.0.borrow().written, []);
    // Its twin, written.
    let mut channel = started(&bus);
    for ms in 2..200 {
        put(&mut channel, 400, ms * MS).unwrap();
        wait(channel.flush(ms * MS)).unwrap();
        let Ticked::Running(next) = channel.tick(ms * MS) else { panic!("stopped at {ms}") };
        channel = next;
    }
}

#[test]
fn a_command_that_is_too_old_when_it_is_written_is_not_and_the_output_is_safe() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    wait(channel.flush(7 * MS)).unwrap();
    put(&mut channel, 500, 8 * MS).unwrap();
    let safe = bus.0.borrow().safe;
    let stale = NotPut::NotRunning { state: State::Safe, cause: Cause::CommandStale };
    assert_eq!(wait(channel.flush(13 * MS + 1)), Err(stale));
    assert_eq!((bus.0.borrow().written.as_slice(), bus.0.borrow().safe), (&[400][..], safe + 1));
}

#[test]
fn a_loss_is_ramped_over_the_bus_and_ends_by_the_blocking_way() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    wait(channel.flush(2 * MS)).unwrap();
    let mut channel = AnyChannel::from(channel);
    assert_eq!(channel.tick(77 * MS), State::Stopping);
    wait(channel.flush(77 * MS)).unwrap();
    let safe = bus.0.borrow().safe;
    assert_eq!(bus.0.borrow().written, [400, 300]);
    assert_eq!(channel.tick(152 * MS), State::Safe);
    assert_eq!(bus.0.borrow().safe, safe + 1);
    // The same by its type: the command is the next one on the ramp.
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    wait(channel.flush(2 * MS)).unwrap();
    let Ticked::Stopping(mut channel) = channel.tick(77 * MS) else { panic!("not on its way") };
    wait(channel.flush(77 * MS)).unwrap();
    assert_eq!(bus.0.borrow().written, [400, 300, 400, 300]);
    bus.0.borrow_mut().fails = true;
    let Ticked::Stopping(mut channel) = channel.tick(90 * MS) else { panic!("not on its way") };
    let failed = NotPut::NotRunning { state: State::Faulted, cause: Cause::DriveFailed };
    assert_eq!(wait(channel.flush(90 * MS)), Err(failed));
    *bus.0.borrow_mut() = Line { written: vec![400, 300], ..Line::default() };
    // The lease that ends before the write.
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    wait(channel.flush(2 * MS)).unwrap();
    wait(channel.flush(102 * MS)).unwrap();
    assert_eq!(bus.0.borrow().written, [400, 300, 400, 200]);
    assert_eq!(channel.cause(), Cause::LeaseEnded);
}

#[test]
fn a_renewal_that_was_not_written_in_time_does_not_lengthen_the_way() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    wait(channel.flush(2 * MS)).unwrap();
    put(&mut channel, 400, 50 * MS).unwrap();
    // Its lease ended at 52; it is on its way until 152.
    let mut channel = AnyChannel::from(channel);
    for ms in (60..152).step_by(10) {
        assert_eq!(channel.tick(ms * MS), State::Stopping, "{ms}");
        wait(channel.flush(ms * MS)).unwrap();
    }
    assert_eq!(channel.tick(152 * MS), State::Safe);
}

#[test]
fn a_write_that_is_dropped_half_way_is_a_fault_and_the_output_is_safe() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    bus.0.borrow_mut().waits = 1;
    {
        let mut write = pin!(channel.flush(2 * MS));
        assert!(write.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    let safe = bus.0.borrow().safe;
    let abandoned = NotPut::NotRunning { state: State::Faulted, cause: Cause::WriteAbandoned };
    assert_eq!(put(&mut channel, 400, 3 * MS), Err(abandoned));
    assert_eq!(bus.0.borrow().safe, safe + 1);
    // Its twin: a write that ends.
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    wait(channel.flush(2 * MS)).unwrap();
    assert!(put(&mut channel, 400, 3 * MS).is_ok());
}

#[test]
fn a_write_that_fails_is_a_fault_and_the_output_is_safe() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    put(&mut channel, 400, 2 * MS).unwrap();
    bus.0.borrow_mut().fails = true;
    let failed = NotPut::NotRunning { state: State::Faulted, cause: Cause::DriveFailed };
    let safe = bus.0.borrow().safe;
    assert_eq!(wait(channel.flush(2 * MS)), Err(failed));
    assert_eq!(bus.0.borrow().safe, safe + 1);
    assert_eq!(wait(channel.flush(2 * MS)), Err(failed));
}

#[test]
fn what_was_written_is_read_back_within_the_tolerance_of_the_actuator() {
    let bus = Bus::default();
    let mut channel = started(&bus);
    assert_eq!(channel.read_back(), Seen::Unsupported);
    bus.0.borrow_mut().does = Some(10);
    // What is staged is not there yet: the output is still safe.
    put(&mut channel, 400, 2 * MS).unwrap();
    let Ticked::Running(mut channel) = channel.tick(2 * MS) else { panic!("stopped") };
    assert_eq!(channel.read_back(), Seen::Agrees);
    wait(channel.flush(3 * MS)).unwrap();
    let Ticked::Running(channel) = channel.tick(4 * MS) else { panic!("stopped") };
    assert_eq!(channel.read_back(), Seen::Differs);
    for (does, seen) in [(390, Seen::Agrees), (410, Seen::Agrees), (411, Seen::Differs)] {
        bus.0.borrow_mut().does = Some(0);
        let mut channel = started(&bus);
        put(&mut channel, 400, 5 * MS).unwrap();
        wait(channel.flush(5 * MS)).unwrap();
        bus.0.borrow_mut().does = Some(does);
        let Ticked::Running(channel) = channel.tick(6 * MS) else { panic!("stopped") };
        assert_eq!(channel.read_back(), seen, "{does}");
    }
    // Stuck at 411, for longer than its limit of 20 ms.
    let mut channel = AnyChannel::from(channel);
    assert_eq!(channel.tick(23 * MS), State::Running);
    assert_eq!(channel.tick(24 * MS), State::Faulted);
    assert_eq!(channel.cause(), Cause::Mismatch);
}

/// A bus as an actuator that says nothing of a tolerance, over a `Drive`.
struct Plain(Drive);

impl AsyncDrive for Plain {
    type Command = i32;
    type Error = ();
    const SAFE: i32 = 0;

    async fn drive(&mut self, command: i32) -> Result<(), ()> {
        self.0.drive(command)
    }
}

impl AsyncActuator for Plain {
    type SafeError = ();

    fn drive_safe(&mut self) -> Result<(), ()> {
        self.0.drive(0)
    }

    fn read_back(&mut self) -> Result<ReadBack<i32>, ()> {
        self.0.read_back()
    }
}

#[test]
fn without_a_tolerance_what_is_read_is_what_was_written() {
    let drive = Drive::default();
    let mut plain = Plain(drive.clone());
    wait(plain.drive(400)).unwrap();
    assert_eq!(plain.look(400), Seen::Agrees);
    assert_eq!(plain.look(401), Seen::Differs);
    drive.0.borrow_mut().does = Some(401);
    assert_eq!((plain.look(400), plain.look(401)), (Seen::Differs, Seen::Agrees));
}

#[test]
fn a_ramp_over_a_bus_is_monitored() {
    static MONITORED: Config<i32> = Config::new(lease_us(50_000), OnLoss::SAFE)
        .stop_1(SafeStop1::monitored(0, over_us(100_000), 20));
    let drive = Drive::default();
    let mut faults = set();
    let mut channel = AnyChannel::new(Staged::new(Plain(drive.clone())), &MONITORED);
    channel.prove_safe(0).unwrap();
    channel.arm(cleared(&mut faults, 1)).unwrap();
    channel.start(&faults, MS).unwrap();
    let mut source = Source::new(&LIMITS);
    source.offer(Sample::new(1_000, 1, 2 * MS), 2 * MS).unwrap();
    let put =
        cycle(2 * MS, |tick| channel.running().unwrap().put(source.fresh(tick).unwrap(), 2 * MS));
    put.unwrap();
    wait(channel.flush(2 * MS)).unwrap();
    assert_eq!(channel.demand(StopCategory::One, 3 * MS), State::Stopping);
    for ms in 4..50 {
        assert_eq!(channel.tick(ms * MS), State::Stopping, "{ms}");
        wait(channel.flush(ms * MS)).unwrap();
    }
    drive.0.borrow_mut().does = Some(561);
    assert_eq!(channel.tick(50 * MS), State::Faulted, "21 behind 540");
    assert_eq!((channel.cause(), drive.last()), (Cause::RampLeft, 0));
}

/// A contactor over a `Drive`.
struct Contactor(Drive);

impl Actuator for Contactor {
    type Command = Switch;
    type Error = ();
    const SAFE: Switch = Switch::Off;

    fn drive(&mut self, command: Switch) -> Result<(), ()> {
        self.0.drive(i32::from(command == Switch::On))
    }

    fn read_back(&mut self) -> Result<ReadBack<Switch>, ()> {
        let does = self.0.0.borrow().does;
        Ok(does.map_or(ReadBack::Unsupported, |does| {
            ReadBack::Does(if does == 0 { Switch::Off } else { Switch::On })
        }))
    }
}

#[test]
fn a_cut_off_that_is_welded_or_does_not_close_differs() {
    let contactor = Drive::default();
    let mut actuator = WithCutOff::new(Bus::default(), Contactor(contactor.clone()));
    for (does, safe, told) in [
        (None, Seen::Unsupported, Seen::Unsupported),
        (Some(0), Seen::Agrees, Seen::Differs),
        (Some(1), Seen::Differs, Seen::Agrees),
    ] {
        contactor.0.borrow_mut().does = does;
        assert_eq!((actuator.look(0), actuator.look(400)), (safe, told), "{does:?}");
    }
}

#[test]
fn a_cut_off_is_on_while_the_actuator_is_told_something() {
    let (bus, contactor) = (Bus::default(), Drive::default());
    let mut actuator = WithCutOff::new(bus.clone(), Contactor(contactor.clone()));
    wait(actuator.drive(400)).unwrap();
    assert_eq!((bus.0.borrow().written.as_slice(), contactor.last()), (&[400][..], 1));
    wait(actuator.drive(0)).unwrap();
    assert_eq!((bus.0.borrow().written.as_slice(), contactor.last()), (&[400, 0][..], 0));
    wait(actuator.drive(300)).unwrap();
    actuator.drive_safe().unwrap();
    assert_eq!((bus.0.borrow().written.len(), contactor.last()), (3, 0));
    assert_eq!(actuator.read_back(), Ok(ReadBack::Unsupported));
    bus.0.borrow_mut().fails = true;
    assert_eq!(wait(actuator.drive(400)), Err(CutOffError::Actuator(())));
    assert_eq!(contactor.last(), 0, "the contactor stays off");
    contactor.0.borrow_mut().fails = true;
    assert_eq!(wait(actuator.drive(0)), Err(CutOffError::CutOff(())));
}
