//! The ways of a running output to its safe value: stops of each category, losses, and what a late tick does to them.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Drive, Faults, MS, put, started};
use safe_state::channel::{Cause, NotPut, State};
use safe_state::{
    AnyChannel, Config, OnLoss, Quality, SafeStop1, SafeStop2, StopCategory, lease_us, over_us,
};

static CONFIG: Config<i32> = Config::new(lease_us(50_000), OnLoss::SAFE)
    .mismatch_limit(over_us(20_000))
    .stop_1(SafeStop1::timed(0, over_us(100_000)))
    .stop_2(SafeStop2::new(0, over_us(100_000), 5, over_us(200_000)));
static MONITORED: Config<i32> = Config::new(lease_us(50_000), OnLoss::SAFE)
    .stop_1(SafeStop1::monitored(0, over_us(100_000), 20));

/// A channel that runs at 1000 from 10 ms on.
fn running(drive: &Drive, config: &'static Config<i32>) -> AnyChannel<Drive> {
    let (mut channel, _) = started(drive, config, 1);
    put(&mut channel, 1_000, drive.at(10 * MS)).unwrap();
    channel.into()
}

/// What was told at each of these instants in ms, ticked every ms from one to the other.
fn told_at<const N: usize>(
    channel: &mut AnyChannel<Drive>,
    drive: &Drive,
    range: std::ops::Range<u64>,
    instants: [u64; N],
) -> [i32; N] {
    let mut told = [i32::MIN; N];
    for ms in range {
        channel.tick(drive.at(ms * MS));
        if let Some(place) = instants.iter().position(|instant| *instant == ms) {
            told[place] = drive.last();
        }
    }
    told
}

#[test]
fn category_0_is_safe_in_the_call() {
    let drive = Drive::default();
    let mut channel = running(&drive, &CONFIG);
    assert_eq!(channel.demand(StopCategory::Zero, drive.at(20 * MS)), State::Safe);
    assert_eq!((drive.last(), channel.cause()), (0, Cause::Demand));
    assert_eq!(channel.published(20 * MS).quality(), Quality::Bad);
}

#[test]
fn category_1_ramps_and_is_safe_when_its_time_is_over() {
    let drive = Drive::default();
    let mut channel = running(&drive, &CONFIG);
    assert_eq!(channel.demand(StopCategory::One, drive.at(20 * MS)), State::Stopping);
    assert_eq!(channel.published(20 * MS).quality(), Quality::Substitute);
    let told = told_at(&mut channel, &drive, 21..130, [45, 70, 95, 119, 120, 121]);
    assert_eq!(told, [750, 500, 250, 10, 0, 0]);
    assert_eq!((channel.state(), channel.cause()), (State::Safe, Cause::Demand));
}

#[test]
fn a_demand_that_goes_on_does_not_lengthen_the_stop_and_a_harder_one_ends_it() {
    let drive = Drive::default();
    let mut channel = running(&drive, &CONFIG);
    for ms in 20..120 {
        assert_eq!(channel.demand(StopCategory::One, drive.at(ms * MS)), State::Stopping, "{ms}");
    }
    assert_eq!(channel.demand(StopCategory::One, drive.at(120 * MS)), State::Safe);
    // A stop of category 2 does not take the place of one of category 1.
    let mut channel = running(&Drive::default(), &CONFIG);
    channel.demand(StopCategory::One, 20 * MS);
    channel.demand(StopCategory::Two, 50 * MS);
    assert_eq!(channel.tick(120 * MS), State::Safe);
    let drive = Drive::default();
    let mut channel = running(&drive, &CONFIG);
    channel.demand(StopCategory::Two, drive.at(20 * MS));
    channel.demand(StopCategory::One, drive.at(70 * MS));
    let told = told_at(&mut channel, &drive, 71..171, [120, 169, 170]);
    assert_eq!((told, channel.state()), ([250, 5, 0], State::Safe));
    let mut channel = running(&drive, &CONFIG);
    channel.demand(StopCategory::One, drive.at(20 * MS));
    assert_eq!(channel.demand(StopCategory::Zero, drive.at(30 * MS)), State::Safe);
    assert_eq!(drive.last(), 0);
}

#[test]
fn a_monitored_ramp_that_is_left_is_safe_at_once() {
    let drive = Drive::default();
    let mut channel = running(&drive, &MONITORED);
    channel.demand(StopCategory::One, drive.at(20 * MS));
    drive.0.borrow_mut().does = Some(970);
    assert_eq!(channel.tick(drive.at(24 * MS)), State::Stopping, "the drive may brake harder");
    drive.0.borrow_mut().does = Some(980);
    assert_eq!(channel.tick(drive.at(25 * MS)), State::Stopping, "20 behind 960");
    drive.0.borrow_mut().does = Some(971);
    assert_eq!(channel.tick(drive.at(26 * MS)), State::Faulted, "21 behind 950");
    assert_eq!((channel.cause(), drive.last()), (Cause::RampLeft, 0));
    // Its twin: a drive that follows.
    let drive = Drive::default();
    let mut channel = running(&drive, &MONITORED);
    channel.demand(StopCategory::One, drive.at(20 * MS));
    assert_eq!(told_at(&mut channel, &drive, 21..121, [120]), [0]);
    assert_eq!(channel.state(), State::Safe);
    // A drive that cannot be read back cannot be monitored.
    let drive = Drive::default();
    let mut channel = running(&drive, &MONITORED);
    drive.0.borrow_mut().is_blind = true;
    assert_eq!(channel.demand(StopCategory::One, drive.at(20 * MS)), State::Faulted);
    assert_eq!((channel.cause(), drive.last()), (Cause::RampLeft, 0));
}

#[test]
fn category_2_stands_in_its_window_for_its_time() {
    let drive = Drive::default();
    let mut channel = running(&drive, &CONFIG);
    channel.demand(StopCategory::Two, drive.at(20 * MS));
    let told = told_at(&mut channel, &drive, 21..320, [70, 119, 120, 319]);
    assert_eq!(told, [500, 10, 0, 0]);
    assert_eq!(channel.state(), State::Stopping, "it stands, with its power");
    assert_eq!(channel.tick(drive.at(320 * MS)), State::Safe);
    // A push out of the window.
    let drive = Drive::default();
    let mut channel = running(&drive, &CONFIG);
    channel.demand(StopCategory::Two, drive.at(20 * MS));
    told_at(&mut channel, &drive, 21..200, []);
    drive.0.borrow_mut().does = Some(5);
    assert_eq!(channel.tick(drive.at(200 * MS)), State::Stopping);
    drive.0.borrow_mut().does = Some(6);
    assert_eq!(channel.tick(drive.at(201 * MS)), State::Faulted);
    assert_eq!(channel.cause(), Cause::StandstillLeft);
    // One that does not stand when the ramp has ended.
    let drive = Drive::default();
    let mut channel = running(&drive, &CONFIG);
    channel.demand(StopCategory::Two, drive.at(20 * MS));
    drive.0.borrow_mut().does = Some(6);
    assert_eq!(channel.tick(drive.at(120 * MS - 1)), State::Stopping, "the ramp has not ended");
    assert_eq!(channel.tick(drive.at(120 * MS)), State::Faulted);
    assert_eq!(channel.cause(), Cause::StandstillLeft);
}

#[test]
fn without_a_configured_stop_every_category_is_safe_in_the_call() {
    static BARE: Config<i32> = Config::new(lease_us(50_000), OnLoss::SAFE);
    for category in [StopCategory::Zero, StopCategory::One, StopCategory::Two] {
        let drive = Drive::default();
        let mut channel = running(&drive, &BARE);
        assert_eq!(channel.demand(category, drive.at(20 * MS)), State::Safe, "{category:?}");
        assert_eq!(drive.last(), 0);
    }
}

#[test]
fn a_late_tick_is_judged_as_if_it_had_come_in_time() {
    static HELD: Config<i32> = Config::new(
        lease_us(50_000),
        OnLoss::ramp(0, over_us(100_000)).after_holding(over_us(20_000)),
    );
    let drive = Drive::default();
    let mut channel = running(&drive, &HELD);
    // The lease ended at 60, the hold at 80; at 130 the ramp is half way.
    assert_eq!(channel.tick(drive.at(130 * MS)), State::Stopping);
    assert_eq!((drive.last(), channel.cause()), (500, Cause::LeaseEnded));
    assert_eq!(channel.tick(drive.at(180 * MS)), State::Safe);
    let mut channel = running(&drive, &HELD);
    assert_eq!(channel.tick(drive.at(70 * MS)), State::Stopping);
    assert_eq!((drive.last(), channel.published(70 * MS).quality()), (1_000, Quality::Held));
    assert_eq!(channel.published(70 * MS).age_us(), Some(60 * MS));
    let mut channel = running(&drive, &HELD);
    assert_eq!(channel.tick(drive.at(3_600_000 * MS)), State::Safe);
    assert_eq!(drive.last(), 0);
    // So late that 32 bits do not hold it: the age is right.
    let mut channel = running(&drive, &HELD);
    assert_eq!(channel.tick(drive.at(10_000_000 * MS)), State::Safe);
    assert_eq!(channel.published(10_000_000 * MS).age_us(), Some(9_999_990 * MS));
}

#[test]
fn a_clock_that_goes_backward_is_a_fault() {
    let drive = Drive::default();
    let mut channel = running(&drive, &CONFIG);
    assert_eq!(channel.tick(drive.at(10 * MS)), State::Running, "the same instant");
    assert_eq!(channel.tick(drive.at(10 * MS - 1)), State::Faulted);
    assert_eq!((channel.cause(), drive.last()), (Cause::ClockBackward, 0));
}

#[test]
fn an_output_that_cannot_be_told_is_a_fault_and_is_told_safe_again_at_every_tick() {
    let drive = Drive::default();
    let (mut channel, _) = started(&drive, &CONFIG, 1);
    drive.0.borrow_mut().fails = true;
    let refused = NotPut::NotRunning { state: State::Faulted, cause: Cause::DriveFailed };
    assert_eq!(put(&mut channel, 1_000, drive.at(10 * MS)), Err(refused));
    drive.0.borrow_mut().fails = false;
    let mut channel = AnyChannel::from(channel);
    let calls = drive.told().len();
    channel.tick(drive.at(11 * MS));
    assert_eq!(drive.told()[calls..], [(11 * MS, 0)]);
    assert_eq!(channel.prove_safe(drive.at(12 * MS)), Ok(()));
    assert_eq!(channel.state(), State::Safe);
}

#[test]
fn a_fault_of_the_set_stops_a_channel_that_heeds_it() {
    let drive = Drive::default();
    let (channel, mut faults) = started(&drive, &CONFIG, 1);
    let mut channel = AnyChannel::from(channel);
    faults.raise(Faults::FAN, 10 * MS);
    assert_eq!(channel.heed(&faults, StopCategory::One, drive.at(10 * MS)), State::Running);
    faults.defer(Faults::OVERCURRENT, 5_000, 10 * MS).unwrap();
    faults.raise(Faults::OVERCURRENT, 11 * MS);
    assert_eq!(channel.heed(&faults, StopCategory::One, drive.at(14 * MS)), State::Running);
    assert_eq!(channel.heed(&faults, StopCategory::One, drive.at(15 * MS)), State::Stopping);
    assert_eq!(channel.cause(), Cause::Fault);
    assert_eq!(channel.heed(&faults, StopCategory::One, drive.at(115 * MS)), State::Safe);
}
