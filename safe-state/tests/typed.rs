//! The channel by typestate: each transition gives the type of the state in which the channel is, and its refusals give it back.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Drive, Faults, MS, cleared, edge, put, set, started};
use safe_state::channel::{Armed, Cause, Event, NotProven, NotPut, Safe, State};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::machine::{self, AnyMachine};
use safe_state::{
    Channel, Config, Group, Missing, OnLoss, Quality, SafeStop1, Sample, Sequence, Source, Step,
    StopCategory, Ticked, cycle, lease_us, over_us,
};

static CONFIG: Config<i32> =
    Config::new(lease_us(50_000), OnLoss::SAFE).stop_1(SafeStop1::timed(0, over_us(10_000)));

fn safe(drive: &Drive) -> Channel<Safe, Drive> {
    Channel::new(drive.clone(), &CONFIG).prove_safe(drive.at(MS)).unwrap()
}

fn armed(drive: &Drive) -> (Channel<Armed<Faults>, Drive>, common::Set) {
    let mut faults = set();
    let armed = safe(drive).arm(cleared(&mut faults, 2 * MS));
    (armed.map_err(|refused| refused.refusal).unwrap(), faults)
}

#[test]
fn an_output_that_cannot_be_told_is_faulted_in_every_state() {
    let drive = Drive::default();
    let fails = |fails| drive.0.borrow_mut().fails = fails;
    let channel = safe(&drive);
    fails(true);
    let faulted = channel.tick(3 * MS).unwrap_err();
    assert_eq!(faulted.cause(), Cause::DriveFailed);
    let Err(NotProven::Faulted(_)) = faulted.retry().prove_safe(4 * MS) else { panic!("proven") };
    fails(false);
    let channel = safe(&drive);
    fails(true);
    assert_eq!(channel.demand(3 * MS).unwrap_err().cause(), Cause::DriveFailed);
    fails(false);
    let (channel, _) = armed(&drive);
    fails(true);
    assert_eq!(channel.tick(3 * MS).unwrap_err().cause(), Cause::DriveFailed);
    fails(false);
    let (channel, _) = armed(&drive);
    fails(true);
    assert_eq!(channel.demand(3 * MS).unwrap_err().cause(), Cause::DriveFailed);
    fails(false);
    // Their twins.
    let channel = safe(&drive).tick(3 * MS).unwrap();
    assert_eq!(channel.demand(4 * MS).unwrap().cause(), Cause::Demand);
    let (channel, _) = armed(&drive);
    let channel = channel.tick(3 * MS).unwrap();
    assert_eq!(channel.demand(4 * MS).unwrap().cause(), Cause::Demand);
}

#[test]
fn a_refusal_gives_the_channel_back() {
    let drive = Drive::default();
    let mut faults = set();
    let early = cleared(&mut faults, MS);
    let refused = safe(&drive).arm(early).unwrap_err();
    let missing = Missing::EdgeAfterSafe { safe_since_us: MS, acknowledged_us: MS };
    assert_eq!((refused.refusal.state, refused.refusal.event), (State::Safe, Event::Arm));
    assert_eq!(refused.refusal.missing, missing);
    let armed = refused.channel.arm(cleared(&mut faults, 2 * MS)).unwrap();
    faults.raise(Faults::HV, 3 * MS);
    let refused = armed.start(&faults, 4 * MS).unwrap_err();
    assert_eq!((refused.refusal.state, refused.refusal.event), (State::Armed, Event::Start));
    assert_eq!((refused.channel.state(), refused.channel.cause()), (State::Safe, Cause::Fault));
}

#[test]
fn a_running_channel_stops_in_the_type_of_its_state() {
    let drive = Drive::default();
    let (mut channel, mut faults) = started(&drive, &CONFIG, 2 * MS);
    put(&mut channel, 400, drive.at(3 * MS)).unwrap();
    let Ticked::Running(channel) = channel.heed(&faults, StopCategory::One, drive.at(4 * MS))
    else {
        panic!("no fault is there")
    };
    faults.raise(Faults::HV, 5 * MS);
    let Ticked::Stopping(channel) = channel.heed(&faults, StopCategory::One, drive.at(5 * MS))
    else {
        panic!("a fault is there")
    };
    assert_eq!(channel.cause(), Cause::Fault);
    let Ticked::Stopping(channel) = channel.tick(drive.at(10 * MS)) else { panic!("half way") };
    assert_eq!(drive.last(), 200);
    let Ticked::Safe(channel) = channel.demand(StopCategory::Zero, drive.at(11 * MS)) else {
        panic!("a harder stop")
    };
    assert_eq!((drive.last(), channel.cause()), (0, Cause::Demand));
}

#[test]
fn neighbours_count_the_commands() {
    let drive = Drive::default();
    let (mut channel, _) = started(&drive, &CONFIG, 2 * MS);
    assert_eq!(channel.published(2 * MS).sequence(), 0);
    for ms in 3..6 {
        put(&mut channel, 400, drive.at(ms * MS)).unwrap();
    }
    assert_eq!(channel.published(6 * MS).sequence(), 3);
    // The same sample again is no new command.
    let mut source = Source::new(&common::LIMITS);
    source.offer(Sample::new(500, 1, 7 * MS), 7 * MS).unwrap();
    for _ in 0..3 {
        cycle(7 * MS, |tick| channel.put(source.fresh(tick).unwrap(), 7 * MS)).unwrap();
    }
    assert_eq!(channel.published(7 * MS).sequence(), 4);
}

#[test]
fn a_group_is_up_when_its_order_has_ended() {
    static ORDER: Sequence<2> = Sequence::new(
        [Step::of(0), Step::of(1)],
        [Step::of(1), Step::of(0).after(over_us(10_000))],
    );
    static PAIR: Config<(i32, i32)> = Config::new(lease_us(50_000), OnLoss::SAFE);
    let (brake, torque) = (Drive::default(), Drive::default());
    let mut faults = set();
    let group = Group::new((brake.clone(), torque), &ORDER, (1, 1));
    let safe = Channel::new(group, &PAIR).prove_safe(MS).unwrap();
    let armed = safe.arm(faults.acknowledge(edge(2 * MS)).unwrap()).unwrap();
    let channel = armed.start(&faults, 3 * MS).unwrap();
    assert!(!channel.is_up());
    assert_eq!(channel.published(3 * MS).quality(), Quality::Substitute);
    let Ticked::Running(channel) = channel.tick(13 * MS - 1) else { panic!("stopped") };
    assert!(!channel.is_up() && brake.last() == 0);
    let Ticked::Running(channel) = channel.tick(13 * MS) else { panic!("stopped") };
    assert!(channel.is_up() && brake.last() == 1);
    assert_eq!(channel.published(13 * MS).quality(), Quality::Good);
}

#[test]
fn a_group_is_told_what_is_put_and_read_back_as_one() {
    static ORDER: Sequence<2> =
        Sequence::new([Step::of(0), Step::of(1)], [Step::of(1), Step::of(0)]);
    static PAIR: Config<(i32, i32)> = Config::new(lease_us(50_000), OnLoss::SAFE)
        .stop_1(SafeStop1::monitored((0, 0), over_us(10_000), 20));
    let (one, other) = (Drive::default(), Drive::default());
    let mut faults = set();
    let group = Group::new((one.clone(), other.clone()), &ORDER, (1, 1));
    let safe = Channel::new(group, &PAIR).prove_safe(MS).unwrap();
    let armed = safe.arm(faults.acknowledge(edge(2 * MS)).unwrap()).unwrap();
    let mut channel = armed.start(&faults, 3 * MS).unwrap();
    let mut source = Source::new(&common::LIMITS);
    for (sequence, command) in [(1, (400, 500)), (2, (0, 600)), (3, (300, 700))] {
        source.offer(Sample::new(sequence, sequence, 4 * MS), 4 * MS).unwrap();
        cycle(4 * MS, |tick| channel.put(source.fresh(tick).unwrap().map(|_| command), 4 * MS))
            .unwrap();
        assert_eq!((one.last(), other.last()), command);
    }
    // Both follow the ramp, as one; then one of them does not.
    let Ticked::Stopping(channel) = channel.demand(StopCategory::One, 5 * MS) else {
        panic!("not on its way")
    };
    let Ticked::Stopping(channel) = channel.tick(10 * MS) else { panic!("both follow") };
    assert_eq!((one.last(), other.last()), (150, 350));
    other.0.borrow_mut().does = Some(371);
    let Ticked::Faulted(channel) = channel.tick(10 * MS) else { panic!("one of them is behind") };
    assert_eq!((channel.cause(), one.last(), other.last()), (Cause::RampLeft, 0, 0));
}

#[test]
fn a_command_is_put_up_to_the_end_of_its_validity_and_from_the_start_on() {
    static LIMITS: Limits = Limits::new(age_limit_us(10_000));
    let drive = Drive::default();
    let (mut channel, _) = started(&drive, &CONFIG, 2 * MS);
    let mut source = Source::new(&LIMITS);
    let mut put = |sequence: u32, taken_us: u64, at_us: u64| {
        let _ = source.offer(Sample::new(400, sequence, taken_us), taken_us);
        cycle(taken_us, |tick| channel.put(source.fresh(tick).unwrap(), at_us)).map(|put| put.told)
    };
    let early = NotPut::TakenBeforeStart { taken_us: 2 * MS - 1, start_us: 2 * MS };
    assert_eq!(put(1, 2 * MS - 1, 2 * MS), Err(early));
    assert_eq!(put(2, 2 * MS, 2 * MS), Ok(400));
    assert_eq!(put(2, 2 * MS, 12 * MS), Ok(400));
    assert_eq!(put(2, 2 * MS, 12 * MS + 1), Err(NotPut::Stale { until_us: 12 * MS }));
    // Stale long after its end is stale too.
    assert_eq!(put(2, 2 * MS, 20 * MS), Err(NotPut::Stale { until_us: 12 * MS }));
}

#[test]
fn a_clearance_of_another_set_starts_nothing() {
    let drive = Drive::default();
    let (mut faults, mut others) = (set(), set());
    let armed = safe(&drive).arm(cleared(&mut others, 2 * MS)).unwrap();
    let refused = armed.start(&faults, 3 * MS).unwrap_err();
    assert_eq!(refused.refusal.missing, Missing::OtherSet);
    let mut channel = refused.channel;
    channel.arm(cleared(&mut faults, 4 * MS)).unwrap();
    assert_eq!(channel.start(&faults, 5 * MS), Ok(()));
}

#[test]
fn a_restart_of_its_own_arms_what_a_fault_stopped_and_nothing_else() {
    static MACHINE: machine::Config = machine::Config::new(over_us(10_000)).restarts(9);
    let mut faults = set();
    let mut machine = AnyMachine::new(&MACHINE, 0);
    machine.ready(MS).unwrap();
    machine.operate(&cleared(&mut faults, 2 * MS), &faults, 2 * MS).unwrap();
    let mut restarted = |faults: &mut common::Set, at_us: u64| {
        faults.raise(Faults::SENSORS, at_us);
        machine.heed(faults, at_us);
        faults.clear(Faults::SENSORS, at_us + 1);
        machine.restart(faults, at_us + 2).unwrap()
    };
    let drive = Drive::default();
    let refused = safe(&drive).arm(restarted(&mut faults, 10 * MS)).unwrap_err();
    assert_eq!(refused.refusal.missing, Missing::Acknowledgement, "since power-up");
    let armed = refused.channel.arm(cleared(&mut faults, 11 * MS)).unwrap();
    let channel = armed.start(&faults, 12 * MS).map_err(|refused| refused.refusal).unwrap();
    faults.raise(Faults::SENSORS, 13 * MS);
    let Ticked::Safe(channel) = channel.heed(&faults, StopCategory::Zero, 13 * MS) else {
        panic!("a fault is there")
    };
    faults.clear(Faults::SENSORS, 14 * MS);
    let armed = channel.arm(restarted(&mut faults, 15 * MS)).unwrap();
    let channel = armed.start(&faults, 16 * MS).map_err(|refused| refused.refusal).unwrap();
    let Ticked::Safe(channel) = channel.demand(StopCategory::Zero, 17 * MS) else {
        panic!("not safe in the call")
    };
    let refused = channel.arm(restarted(&mut faults, 18 * MS)).unwrap_err();
    assert_eq!(refused.refusal.missing, Missing::Acknowledgement, "after a demand");
}

#[test]
fn a_lease_that_ends_before_a_group_is_up_energises_nothing_more() {
    static ORDER: Sequence<2> = Sequence::new(
        [Step::of(0), Step::of(1)],
        [Step::of(1), Step::of(0).after(over_us(10_000))],
    );
    static PAIR: Config<(i32, i32)> =
        Config::new(lease_us(5_000), OnLoss::value((1, 1), over_us(30_000)));
    let (brake, torque) = (Drive::default(), Drive::default());
    let mut faults = set();
    let group = Group::new((brake.clone(), torque.clone()), &ORDER, (1, 1));
    let safe = Channel::new(group, &PAIR).prove_safe(MS).unwrap();
    let armed = safe.arm(faults.acknowledge(edge(2 * MS)).unwrap()).unwrap();
    let channel = armed.start(&faults, 3 * MS).unwrap();
    assert_eq!((brake.last(), torque.last()), (0, 1));
    let Ticked::Safe(channel) = channel.tick(8 * MS) else { panic!("its lease has ended") };
    assert_eq!((brake.last(), torque.last()), (0, 0));
    assert!(brake.told().iter().all(|(_, told)| *told == 0));
    assert_eq!(channel.cause(), Cause::LeaseEnded);
}
