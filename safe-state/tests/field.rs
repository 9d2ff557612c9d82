//! What people met in the field with other software: rows S1 to S11 of the report, one test each.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{Drive, Faults, MS, cleared, edge, put, set, started};
use safe_state::channel::{Cause, Event, NotPut, State};
use safe_state::fault::{NotClear, Uncleared};
use safe_state::freshness::{
    Limits, Lost, NotFresh, NotTaken, Source, Sources, age_limit_us, skew_us,
};
use safe_state::{
    Actuator, AnyChannel, Button, Channel, Config, Edge, Group, Missing, NotAcknowledged, OnLoss,
    Quality, ReadBack, Sample, Sequence, Step, StopCategory, Switch, Ticked, cycle, lease_us,
    over_us,
};

/// Channel B of the report.
static B: Config<i32> = Config::new(lease_us(50_000), OnLoss::SAFE);

#[test]
fn s1_an_output_that_nobody_renews_is_safe_at_the_end_of_its_lease() {
    let drive = Drive::default();
    let (mut channel, _) = started(&drive, &B, 1);
    let mut ticked = None;
    for ms in 1..100_u64 {
        let now_us = drive.at(ms * MS);
        if [1, 20, 40].contains(&ms) {
            assert_eq!(put(&mut channel, 400, now_us), Ok(400));
        }
        match channel.tick(now_us) {
            Ticked::Running(next) => channel = next,
            other => {
                ticked = Some((ms, other));
                break;
            }
        }
    }
    let Some((90, Ticked::Safe(safe))) = ticked else { panic!("{ticked:?}") };
    assert_eq!(drive.told().last(), Some(&(90 * MS, 0)));
    assert_eq!(safe.cause(), Cause::LeaseEnded);
    let published = safe.published(91 * MS);
    assert_eq!((published.quality(), published.age_us()), (Quality::Bad, Some(51 * MS)));
    assert_eq!((published.good(), published.last_known()), (None, 0));
    // The same with nothing but `put`: at 95 it is refused, and the output is safe.
    let drive = Drive::default();
    let (mut channel, _) = started(&drive, &B, 1);
    assert_eq!(put(&mut channel, 400, drive.at(40 * MS)), Ok(400));
    let ended = NotPut::NotRunning { state: State::Safe, cause: Cause::LeaseEnded };
    assert_eq!(put(&mut channel, 400, drive.at(95 * MS)), Err(ended));
    assert_eq!(drive.told().last(), Some(&(95 * MS, 0)));
    assert_eq!(put(&mut channel, 400, drive.at(96 * MS)), Err(ended), "until it is armed again");
}

#[test]
fn s2_a_forwarder_renews_nothing() {
    static LIMITS: Limits = Limits::new(age_limit_us(300_000));
    /// The first instant after the start of the channel.
    const TAKEN_US: u64 = 3;
    static LONG: Config<i32> = Config::new(lease_us(250_000), OnLoss::SAFE);
    let drive = Drive::default();
    let (mut channel, _) = started(&drive, &LONG, 2);
    let mut source = Source::new(&LIMITS);
    let mut renewed = Vec::new();
    for ms in (100..=1_000).step_by(100) {
        let now_us = drive.at(ms * MS);
        let offered = source.offer(Sample::new(400, 7, TAKEN_US), now_us);
        assert_eq!(offered.is_ok(), ms == 100);
        if ms > 100 {
            assert_eq!(offered, Err(NotTaken::Repeated { sequence: 7 }));
        }
        cycle(now_us, |tick| match source.fresh(tick) {
            Ok(fresh) => {
                assert!(ms <= 300);
                assert_eq!(fresh.valid_until_us(), 300 * MS + TAKEN_US);
                renewed.extend(channel.put(fresh, now_us).map(|put| (ms, put.is_renewed)));
            }
            Err(NotFresh::Stale(stale)) => {
                assert!(ms >= 400);
                assert_eq!((stale.age_us(), stale.taken_us()), (now_us - TAKEN_US, TAKEN_US));
            }
            Err(other) => panic!("{other:?}"),
        });
    }
    // The lease of 250 ms began at 100 and was not renewed.
    assert_eq!(renewed, [(100, true), (200, false), (300, false)]);
    assert_eq!(channel.cause(), Cause::PowerUp);
    let Ticked::Safe(safe) = channel.tick(1_001 * MS) else { panic!("not safe") };
    assert_eq!(safe.cause(), Cause::LeaseEnded);
}

#[test]
fn s3_releasing_the_stop_starts_nothing() {
    static LIMITS: Limits = Limits::new(age_limit_us(300_000));
    let drive = Drive::default();
    let (mut channel, mut faults) = started(&drive, &B, 1);
    put(&mut channel, 400, drive.at(60)).unwrap();
    let Ticked::Safe(mut safe) = channel.demand(StopCategory::Zero, drive.at(100 * MS)) else {
        panic!("not safe in the call")
    };
    assert_eq!(drive.told().last(), Some(&(100 * MS, 0)));
    // An edge while the stop is demanded arms nothing.
    for ms in 101..500 {
        safe = safe.demand(drive.at(ms * MS)).unwrap();
    }
    let early = safe.arm(cleared(&mut faults, 300 * MS)).unwrap_err();
    let missing = Missing::EdgeAfterSafe { safe_since_us: 499 * MS, acknowledged_us: 300 * MS };
    assert_eq!((early.refusal.state, early.refusal.event), (State::Safe, Event::Arm));
    assert_eq!(early.refusal.missing, missing);
    // It is gone at 500: nothing happens until the edge at 600.
    let mut safe = early.channel;
    for ms in 500..610 {
        safe = safe.tick(drive.at(ms * MS)).unwrap();
        assert_eq!(drive.last(), 0);
    }
    let armed = safe.arm(cleared(&mut faults, 600 * MS)).unwrap();
    let mut channel = armed.start(&faults, 610 * MS).unwrap();
    // Commands went on all the time: the one of 550 is refused, that of 611 is put.
    let mut source = Source::new(&LIMITS);
    source.offer(Sample::new(400, 1, 550 * MS), 550 * MS).unwrap();
    let refused = NotPut::TakenBeforeStart { taken_us: 550 * MS, start_us: 610 * MS };
    let result =
        cycle(610 * MS, |tick| channel.put(source.fresh(tick).unwrap(), drive.at(610 * MS)));
    assert_eq!(result, Err(refused));
    assert_eq!(drive.last(), 0);
    source.offer(Sample::new(400, 2, 611 * MS), 611 * MS).unwrap();
    let result =
        cycle(611 * MS, |tick| channel.put(source.fresh(tick).unwrap(), drive.at(611 * MS)));
    assert_eq!(result.map(|put| put.told), Ok(400));
    assert_eq!(drive.last(), 400);
    // At run time: commands find nothing that runs, from the demand until somebody starts.
    let mut any = AnyChannel::from(channel);
    assert_eq!(any.demand(StopCategory::Zero, drive.at(650 * MS)), State::Safe);
    for ms in 651..700 {
        assert_eq!(any.tick(drive.at(ms * MS)), State::Safe, "{ms}");
        assert_eq!(any.running().map(|_| ()), Err(State::Safe), "{ms}");
    }
}

#[test]
fn s4_a_reset_line_that_stays_high_acknowledges_once() {
    let mut faults = set();
    let mut button = Button::new(Edge::Rising, 60_000);
    let mut acknowledged = Vec::new();
    let mut held = Vec::new();
    for ms in 0..=220_u64 {
        let now_us = ms * MS;
        match ms {
            0 => faults.raise(Faults::HV, now_us),
            10 => faults.clear(Faults::HV, now_us),
            100 => faults.raise(Faults::OVERCURRENT, now_us),
            110 => faults.clear(Faults::OVERCURRENT, now_us),
            _ => {}
        }
        let is_up = (20..200).contains(&ms) || ms >= 210;
        match button.sample(is_up, now_us) {
            Ok(edge) => acknowledged.push((ms, faults.acknowledge(edge).is_ok())),
            Err(NotAcknowledged::Held { since_us, limit_us }) => {
                held.push((ms, since_us, limit_us));
            }
            Err(_) => {}
        }
    }
    assert_eq!(acknowledged, [(20, true), (210, true)]);
    assert_eq!(held.first(), Some(&(81, 20 * MS, 60_000)));
    assert!(held.iter().any(|(ms, ..)| *ms == 199));
}

mod vertical_axis {
    use super::*;

    const BRAKE: u8 = 0;
    const TORQUE: u8 = 1;
    static AXIS: Sequence<2> = Sequence::new(
        [Step::of(BRAKE), Step::of(TORQUE).after(over_us(60_000))],
        [Step::of(TORQUE).until_seen(over_us(30_000)), Step::of(BRAKE).after(over_us(40_000))],
    );
    static CONFIG: Config<(i32, i32)> = Config::new(lease_us(50_000), OnLoss::SAFE);

    type Axis = Group<(Drive, Drive), 2>;

    fn axis(brake: &Drive, torque: &Drive) -> Axis {
        Group::new((brake.clone(), torque.clone()), &AXIS, (1, 1))
    }

    /// The instants in ms at which this one was told something new.
    fn changes(drive: &Drive) -> Vec<(u64, i32)> {
        let mut told = drive.told();
        told.dedup_by_key(|(_, told)| *told);
        told.into_iter().map(|(at_us, told)| (at_us / MS, told)).collect()
    }

    fn at(brake: &Drive, torque: &Drive, ms: u64) -> u64 {
        brake.at(ms * MS);
        torque.at(ms * MS)
    }

    fn renew(channel: &mut AnyChannel<Axis>, now_us: u64) {
        let mut source = Source::new(&common::LIMITS);
        source.offer(Sample::new(1_i32, 1, now_us), now_us).unwrap();
        cycle(now_us, |tick| {
            let up = source.fresh(tick).unwrap().map(|_| (1, 1));
            let _ = channel.running().unwrap().put(up, now_us);
        });
    }

    /// An axis that runs from 500 on, after a demand at 100.
    fn run(brake: &Drive, torque: &Drive) -> (AnyChannel<Axis>, common::Set) {
        let mut faults = set();
        let mut channel = AnyChannel::new(axis(brake, torque), &CONFIG);
        channel.prove_safe(at(brake, torque, 0)).unwrap();
        channel.arm(cleared(&mut faults, 1)).unwrap();
        channel.start(&faults, at(brake, torque, 1)).unwrap();
        for ms in 2..100 {
            renew(&mut channel, at(brake, torque, ms));
            channel.tick(ms * MS);
        }
        channel.demand(StopCategory::One, at(brake, torque, 100));
        for ms in 101..450 {
            channel.tick(at(brake, torque, ms));
        }
        channel.arm(cleared(&mut faults, 450 * MS)).unwrap();
        channel.start(&faults, at(brake, torque, 500)).unwrap();
        for ms in 501..700 {
            renew(&mut channel, at(brake, torque, ms));
            channel.tick(ms * MS);
        }
        (channel, faults)
    }

    #[test]
    fn s5_the_brake_is_on_before_the_torque_goes_and_off_after_it_has_come() {
        let (brake, torque) = (Drive::default(), Drive::default());
        let (channel, _) = run(&brake, &torque);
        assert_eq!(changes(&brake), [(0, 0), (41, 1), (100, 0), (540, 1)]);
        assert_eq!(changes(&torque), [(0, 0), (1, 1), (160, 0), (500, 1)]);
        at(&brake, &torque, 700);
        drop(channel);
        assert_eq!((brake.last(), torque.last()), (0, 0));
    }

    /// Two members that write into one list.
    struct Named(&'static str, Rc<RefCell<Vec<&'static str>>>);

    impl Actuator for Named {
        type Command = Switch;
        type Error = ();
        const SAFE: Switch = Switch::Off;

        fn drive(&mut self, command: Switch) -> Result<(), ()> {
            if command == Switch::Off {
                self.1.borrow_mut().push(self.0);
            }
            Ok(())
        }

        fn read_back(&mut self) -> Result<ReadBack<Switch>, ()> {
            Ok(ReadBack::Unsupported)
        }
    }

    #[test]
    fn s5_an_early_return_keeps_the_order_of_the_group() {
        static SWITCHED: Config<(Switch, Switch)> = Config::new(lease_us(50_000), OnLoss::SAFE);
        static TORQUE_IS_FIRST_MEMBER: Sequence<2> = Sequence::new(
            [Step::of(1), Step::of(0).after(over_us(60_000))],
            [Step::of(0), Step::of(1).after(over_us(40_000))],
        );
        static BRAKE_IS_FIRST_MEMBER: Sequence<2> = Sequence::new(
            [Step::of(0), Step::of(1).after(over_us(60_000))],
            [Step::of(1), Step::of(0).after(over_us(40_000))],
        );
        let on = (Switch::On, Switch::On);
        for is_torque_declared_first in [false, true] {
            for is_torque_first_member in [false, true] {
                let told = Rc::new(RefCell::new(Vec::new()));
                let named = |name| Named(name, told.clone());
                let returns_early = || -> Option<()> {
                    let (brake, torque) = if is_torque_declared_first {
                        let torque = named("torque");
                        (named("brake"), torque)
                    } else {
                        (named("brake"), named("torque"))
                    };
                    let _axis = if is_torque_first_member {
                        let group = Group::new((torque, brake), &TORQUE_IS_FIRST_MEMBER, on);
                        AnyChannel::new(group, &SWITCHED)
                    } else {
                        let group = Group::new((brake, torque), &BRAKE_IS_FIRST_MEMBER, on);
                        AnyChannel::new(group, &SWITCHED)
                    };
                    None?;
                    Some(())
                };
                assert_eq!(returns_early(), None);
                assert_eq!(*told.borrow(), ["brake", "torque"]);
            }
        }
    }

    #[test]
    fn s5_a_feedback_that_does_not_come_or_goes_puts_the_brake_on_in_that_tick() {
        let (brake, torque) = (Drive::default(), Drive::default());
        let (mut channel, _) = run(&brake, &torque);
        // The drive loses its enable at 700.
        torque.0.borrow_mut().does = Some(0);
        renew(&mut channel, at(&brake, &torque, 700));
        assert_eq!(channel.tick(700 * MS), State::Faulted);
        assert_eq!(channel.cause(), Cause::FeedbackLost);
        assert_eq!(changes(&brake).last(), Some(&(700, 0)));
        // One that never comes.
        let (brake, torque) = (Drive::default(), Drive::default());
        let mut faults = set();
        let mut channel = AnyChannel::new(axis(&brake, &torque), &CONFIG);
        channel.prove_safe(at(&brake, &torque, 0)).unwrap();
        channel.arm(cleared(&mut faults, 1)).unwrap();
        torque.0.borrow_mut().does = Some(0);
        channel.start(&faults, at(&brake, &torque, 1)).unwrap();
        for ms in 2..31 {
            renew(&mut channel, at(&brake, &torque, ms));
            assert_eq!(channel.tick(ms * MS), State::Running);
        }
        assert_eq!(channel.tick(at(&brake, &torque, 31)), State::Faulted);
        assert_eq!(channel.cause(), Cause::FeedbackMissing);
        assert_eq!(changes(&brake), [(0, 0)]);
        // One that comes and goes before the brake is off.
        let (brake, torque) = (Drive::default(), Drive::default());
        let mut channel = AnyChannel::new(axis(&brake, &torque), &CONFIG);
        channel.prove_safe(at(&brake, &torque, 100)).unwrap();
        channel.arm(cleared(&mut faults, 101 * MS)).unwrap();
        channel.start(&faults, at(&brake, &torque, 110)).unwrap();
        assert_eq!(channel.tick(at(&brake, &torque, 120)), State::Running, "torque is seen");
        torque.0.borrow_mut().does = Some(0);
        assert_eq!(channel.tick(at(&brake, &torque, 150)), State::Faulted, "the brake is due");
        assert_eq!(channel.cause(), Cause::FeedbackLost);
        assert_eq!(changes(&brake), [(100, 0)]);
    }

    #[test]
    fn s5_a_brake_that_is_told_late_has_its_time() {
        let (brake, torque) = (Drive::default(), Drive::default());
        let (mut channel, _) = run(&brake, &torque);
        // Its lease ended at 749; nobody looks before 800.
        assert_eq!(channel.tick(at(&brake, &torque, 800)), State::Stopping);
        assert_eq!(channel.tick(at(&brake, &torque, 859)), State::Stopping);
        assert_eq!((changes(&brake).last(), torque.last()), (Some(&(800, 0)), 1));
        assert_eq!(channel.tick(at(&brake, &torque, 860)), State::Safe);
        assert_eq!(changes(&torque).last(), Some(&(860, 0)));
    }
}

#[cfg(feature = "hal")]
mod power_up {
    use std::cell::RefCell;
    use std::convert::Infallible;
    use std::rc::Rc;

    use embedded_hal::digital::{ErrorType, OutputPin};
    use safe_state::hal::{ActiveHigh, ActiveLow, Polarity, SwitchPin};
    use safe_state::{Channel, Config, OnLoss, Switch, lease_us};

    static SWITCH: Config<Switch> = Config::new(lease_us(50_000), OnLoss::SAFE);

    /// A pin that records every call.
    #[derive(Clone, Default)]
    struct Pin(Rc<RefCell<Vec<&'static str>>>);

    impl ErrorType for Pin {
        type Error = Infallible;
    }

    impl OutputPin for Pin {
        fn set_low(&mut self) -> Result<(), Infallible> {
            self.0.borrow_mut().push("low");
            Ok(())
        }

        fn set_high(&mut self) -> Result<(), Infallible> {
            self.0.borrow_mut().push("high");
            Ok(())
        }
    }

    fn first_calls<L: Polarity>() -> Vec<&'static str> {
        let pin = Pin::default();
        let made = SwitchPin::<Pin, L>::make_output(pin.clone(), |pin| {
            pin.0.borrow_mut().push("output");
            pin
        });
        let channel = Channel::new(made.unwrap(), &SWITCH);
        let channel = channel.prove_safe(0).unwrap();
        drop(channel);
        pin.0.take()
    }

    #[test]
    fn s6_the_first_call_is_the_level_that_is_off() {
        assert_eq!(first_calls::<ActiveHigh>(), ["low", "output", "low", "low"]);
        assert_eq!(first_calls::<ActiveLow>(), ["high", "output", "high", "high"]);
        let pin = Pin::default();
        let channel = Channel::new(SwitchPin::<_, ActiveLow>::new(pin.clone()), &SWITCH);
        assert!(pin.0.borrow().is_empty(), "nothing before it is proven");
        let _channel = channel.prove_safe(0).unwrap();
        assert_eq!(*pin.0.borrow(), ["high"]);
    }
}

#[test]
fn s7_a_stop_is_safe_in_the_call_and_at_every_tick_in_every_state() {
    /// Ways into each state.
    fn in_state(state: State, drive: &Drive) -> AnyChannel<Drive> {
        let mut faults = set();
        let mut any = AnyChannel::new(drive.clone(), &B);
        if state == State::Unproven {
            return any;
        }
        any.prove_safe(0).unwrap();
        if state == State::Safe {
            return any;
        }
        any.arm(cleared(&mut faults, 1)).unwrap();
        if state == State::Armed {
            return any;
        }
        let (mut running, _) = started(drive, &STOPPED, 2);
        put(&mut running, 400, drive.at(3)).unwrap();
        if state == State::Running {
            return running.into();
        }
        if state == State::Stopping {
            return running.demand(StopCategory::One, drive.at(4)).into();
        }
        drive.0.borrow_mut().fails = true;
        let faulted = AnyChannel::from(running.tick(drive.at(4)));
        drive.0.borrow_mut().fails = false;
        faulted
    }
    static STOPPED: Config<i32> = Config::new(lease_us(50_000), OnLoss::SAFE)
        .stop_1(safe_state::SafeStop1::timed(0, over_us(10_000)));
    for state in [
        State::Unproven,
        State::Safe,
        State::Armed,
        State::Running,
        State::Stopping,
        State::Faulted,
    ] {
        let drive = Drive::default();
        let mut channel = in_state(state, &drive);
        assert_eq!(channel.state(), state);
        let calls = drive.told().len();
        channel.demand(StopCategory::Zero, drive.at(5 * MS));
        assert_eq!(drive.told()[calls..].first(), Some(&(5 * MS, 0)), "{state:?}");
        for ms in 6..1_006 {
            let calls = drive.told().len();
            channel.tick(drive.at(ms * MS));
            assert_eq!(drive.told()[calls..], [(ms * MS, 0)], "{state:?} at {ms}");
        }
    }
}

#[test]
fn s8_a_sensor_that_is_gone_is_named_and_gives_no_row() {
    static LIMITS: Limits = Limits::new(age_limit_us(20_000));
    let mut sources = Sources::new([const { Source::<f32>::new(&LIMITS) }; 3]);
    let mut rows = Vec::new();
    for ms in (0..200_u64).step_by(10) {
        let now_us = ms * MS;
        for source in 0..3 {
            let is_broken = source == 1 && ms >= 100;
            let value = if is_broken { f32::NAN } else { 20.5 };
            let taken = sources.offer(source, Sample::new(value, ms as u32, now_us), now_us);
            let no_value = NotTaken::NoValue { sequence: ms as u32 };
            assert_eq!(taken, if is_broken { Err(Some(no_value)) } else { Ok(()) });
        }
        cycle(now_us, |tick| match sources.align(skew_us(500), tick) {
            Ok(row) => rows.push((ms, row.values())),
            Err(missing) => {
                assert!(ms >= 100);
                assert_eq!(missing.iter().collect::<Vec<_>>(), [(1, Lost::Since(90 * MS))]);
                let alone = sources.source(1).unwrap().fresh(tick);
                assert_eq!(alone.is_ok(), ms <= 110, "alone at {ms}");
                assert!(ms <= 110 || matches!(alone, Err(NotFresh::Stale(_))));
            }
        });
    }
    assert_eq!(rows.last(), Some(&(90, [20.5; 3])));
    assert_eq!(rows.len(), 10);
    assert_eq!(sources.source(1).unwrap().refused(), 10);
}

#[test]
fn s9_a_refusal_says_what_was_missing() {
    let mut faults = set();
    faults.raise(Faults::HV, 0);
    faults.clear(Faults::HV, 10 * MS);
    let why = Uncleared::NotAcknowledged { cleared_us: 10 * MS };
    let not_clear = NotClear { fault: Some("HV"), why };
    assert_eq!(faults.not_clear(), Some(not_clear), "at 20");
    assert_eq!(not_clear.to_string(), "HV: cleared at 10000 us, not acknowledged");
    faults.raise(Faults::HV, 30 * MS);
    let not_clear = NotClear { fault: Some("HV"), why: Uncleared::Active { since_us: 30 * MS } };
    assert_eq!(faults.not_clear(), Some(not_clear), "at 40");
    assert_eq!(faults.acknowledge(edge(40 * MS)).unwrap_err(), not_clear);
    assert_eq!(not_clear.to_string(), "HV: active since 30000 us");
    // The channel says the same, with its state and what it was asked.
    let drive = Drive::default();
    let mut any = AnyChannel::new(drive, &B);
    any.prove_safe(0).unwrap();
    faults.clear(Faults::HV, 50 * MS);
    any.arm(cleared(&mut faults, 60 * MS)).unwrap();
    faults.raise(Faults::HV, 70 * MS);
    let refusal = any.start(&faults, 80 * MS).unwrap_err();
    assert_eq!(refusal.to_string(), "Start in state Armed: missing HV: active since 70000 us");
    assert_eq!(any.state(), State::Safe);
}

#[test]
fn s10_coming_back_has_a_ramp() {
    static RAMPED: Config<i32> = Config::new(lease_us(50_000), OnLoss::SAFE).come_back(1_000);
    let drive = Drive::default();
    let (mut channel, mut faults) = started(&drive, &RAMPED, 1);
    for ms in (10..1_000).step_by(10) {
        put(&mut channel, 400, drive.at(ms * MS)).unwrap();
    }
    assert_eq!(drive.last(), 400);
    let Ticked::Safe(safe) = channel.demand(StopCategory::Zero, drive.at(1_000 * MS)) else {
        panic!("not safe")
    };
    let armed = safe.arm(cleared(&mut faults, 4_000 * MS)).unwrap();
    let mut channel = armed.start(&faults, drive.at(5_000 * MS)).unwrap();
    assert_eq!(drive.last(), 0);
    for ms in (10..=500).step_by(10) {
        let told = put(&mut channel, 400, drive.at((5_000 + ms) * MS)).unwrap();
        assert_eq!(told, i32::try_from(ms).unwrap().min(400), "{ms} ms after the start");
    }
}

#[test]
fn s11_what_is_safe_in_name_only_is_a_fault() {
    static READ_BACK: Config<i32> =
        Config::new(lease_us(50_000), OnLoss::SAFE).mismatch_limit(over_us(20_000));
    let drive = Drive::default();
    let (mut channel, _) = started(&drive, &READ_BACK, 1);
    put(&mut channel, 600, drive.at(10 * MS)).unwrap();
    // The fans keep their speed, whatever they are told.
    drive.0.borrow_mut().does = Some(600);
    let mut channel = AnyChannel::from(channel.demand(StopCategory::Zero, drive.at(100 * MS)));
    for ms in 101..120 {
        assert_eq!(channel.tick(drive.at(ms * MS)), State::Safe, "{ms}");
    }
    assert_eq!(channel.tick(drive.at(120 * MS)), State::Faulted, "20 ms after the drive");
    assert_eq!(channel.cause(), Cause::Mismatch);
    assert_eq!(channel.running().map(|_| ()), Err(State::Faulted));
    for ms in 121..140 {
        let calls = drive.told().len();
        channel.tick(drive.at(ms * MS));
        assert_eq!(drive.told()[calls..], [(ms * MS, 0)]);
    }
    // The same while it runs, put at the same instants.
    let drive = Drive::default();
    let (running, _) = started(&drive, &READ_BACK, 1);
    let mut ticked = Ticked::Running(running);
    for ms in 2..=120 {
        let Ticked::Running(mut running) = ticked else { panic!("stopped before {ms}") };
        if ms == 100 {
            drive.0.borrow_mut().does = Some(0);
        }
        put(&mut running, 600, drive.at(ms * MS)).unwrap();
        ticked = running.tick(ms * MS);
    }
    let Ticked::Faulted(channel) = ticked else { panic!("runs 20 ms after it stopped to follow") };
    assert_eq!(channel.cause(), Cause::Mismatch);
    // Its twin: fans that do what they are told.
    let drive = Drive::default();
    let channel = Channel::new(drive.clone(), &READ_BACK).prove_safe(0).unwrap();
    let mut channel = AnyChannel::from(channel);
    assert!((1..200).all(|ms| channel.tick(drive.at(ms * MS)) == State::Safe));
}
