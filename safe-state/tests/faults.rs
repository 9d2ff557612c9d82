//! Faults: what each latch keeps, which one was first, how they are collected and deferred.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Faults, MS, ROWS, Set, cleared, edge, set};
use safe_state::fault::{
    DeferError, Fault, Latch, NotClear, ReportCell, Severity, Uncleared, fault,
};

fn names(faults: &Set) -> Vec<&'static str> {
    faults.in_order().map(|present| present.name).collect()
}

fn way(fault: &'static str, why: Uncleared) -> NotClear {
    NotClear { fault: Some(fault), why }
}

#[test]
fn the_first_stays_the_first_until_it_is_acknowledged() {
    let mut faults = set();
    assert_eq!(faults.first_out(), None);
    faults.raise(Faults::OVERCURRENT, 10);
    faults.raise(Faults::HV, 20);
    faults.raise(Faults::OVERCURRENT, 25);
    faults.raise(Faults::FAN, 30);
    assert_eq!(names(&faults), ["OVERCURRENT", "HV", "FAN"]);
    faults.clear(Faults::OVERCURRENT, 40);
    let first = faults.first_out().unwrap();
    assert_eq!((first.name, first.raised_us, first.cleared_us), ("OVERCURRENT", 10, Some(40)));
    assert_eq!(names(&faults), ["OVERCURRENT", "HV", "FAN"], "it is latched, in its place");
    // What has gone is acknowledged; what is there keeps its order, and is in the way.
    let not_clear = faults.acknowledge(edge(50)).unwrap_err();
    assert_eq!(not_clear, way("HV", Uncleared::Active { since_us: 20 }));
    assert_eq!(names(&faults), ["HV", "FAN"]);
    assert_eq!(faults.first_out().unwrap().name, "HV");
    faults.raise(Faults::OVERCURRENT, 60);
    assert_eq!(names(&faults), ["HV", "FAN", "OVERCURRENT"]);
    faults.clear(Faults::all(), 70);
    let _ = cleared(&mut faults, 80);
    assert_eq!((names(&faults), faults.first_out()), (vec![], None));
}

#[test]
#[should_panic(expected = "the rows have the names of the flags, in their order")]
fn refuses_rows_in_another_order() {
    static SWAPPED: [Fault; 6] = [ROWS[1], ROWS[0], ROWS[2], ROWS[3], ROWS[4], ROWS[5]];
    let _ = Set::new(&SWAPPED);
}

#[test]
#[should_panic(expected = "the rows have the names of the flags, in their order")]
fn refuses_a_row_of_another_name_as_long() {
    let mut rows = ROWS;
    rows[0] = fault("LV", Severity::Stop, Latch::Acknowledge);
    let _ = Set::new(Box::leak(Box::new(rows)));
}

#[test]
fn a_stamp_is_extended_by_half_of_what_32_bits_hold() {
    let (reporter, mut collector) = Box::leak(Box::new(ReportCell::<Faults>::new())).split();
    for (at_us, age_us, expected_us) in [
        (1_000, 0, 1_000),
        (2_000, (1_u64 << 31) - 1, 2_000),
        // An older one counts as one from after the collection: it is now.
        (3_000_000_000, 1 << 31, 3_000_000_000 + (1 << 31)),
        (9_000_000_000, 5, 9_000_000_000),
    ] {
        let mut faults = set();
        reporter.raise(Faults::HV, at_us);
        faults.collect([&mut collector], at_us + age_us);
        assert_eq!(faults.first_out().map(|first| first.raised_us), Some(expected_us));
    }
}

#[test]
#[should_panic(expected = "the rows have the names of the flags, in their order")]
fn refuses_a_row_whose_name_is_longer() {
    static LONGER: [Fault; 6] = [
        ROWS[0],
        ROWS[1],
        ROWS[2],
        ROWS[3],
        ROWS[4],
        fault("FUSES", Severity::Lockout, Latch::Never),
    ];
    let _ = Set::new(&LONGER);
}

#[test]
fn several_at_once_are_in_the_order_of_their_rows() {
    let mut faults = set();
    faults.raise(Faults::FAN | Faults::HV | Faults::AGED, 10);
    assert_eq!(names(&faults), ["HV", "FAN", "AGED"]);
    faults.clear(Faults::HV, 20);
    assert!(!faults.is_active(Faults::HV) && faults.is_active(Faults::FAN | Faults::HV));
}

#[test]
fn each_latch_keeps_what_it_says() {
    let mut faults = set();
    // Auto: it goes with its cause, and stays the first that was.
    faults.raise(Faults::SENSORS, 10);
    faults.clear(Faults::SENSORS, 20);
    assert_eq!(names(&faults), [""; 0]);
    assert_eq!(faults.first_out().unwrap().cleared_us, Some(20));
    let nobody = NotClear { fault: None, why: Uncleared::NoAcknowledgement };
    assert_eq!(faults.not_clear(), Some(nobody));
    let _ = cleared(&mut faults, 30);
    assert_eq!(faults.not_clear(), None);
    // Acknowledge: with an edge after it.
    faults.raise(Faults::HV, 40);
    faults.clear(Faults::HV, 50);
    let early = Uncleared::AcknowledgedBefore { cleared_us: 50, acknowledged_us: 50 };
    assert_eq!(faults.acknowledge(edge(50)).unwrap_err(), way("HV", early));
    let _ = cleared(&mut faults, 51);
    // Session and Never: no edge takes them away.
    faults.raise(Faults::AGED, 60);
    faults.clear(Faults::AGED, 70);
    let session = way("AGED", Uncleared::Session { cleared_us: 70 });
    assert_eq!(faults.acknowledge(edge(80)).unwrap_err(), session);
    let mut faults = set();
    faults.raise(Faults::FUSE, 60);
    faults.clear(Faults::FUSE, 70);
    let never = way("FUSE", Uncleared::Never { cleared_us: 70 });
    assert_eq!(faults.acknowledge(edge(80)).unwrap_err(), never);
    assert_eq!(faults.worst(90), Some(Severity::Lockout));
}

#[test]
fn what_only_degrades_is_not_in_the_way() {
    let mut faults = set();
    faults.raise(Faults::FAN, 10);
    assert_eq!((faults.worst(10), faults.stops(10)), (Some(Severity::Degrade), false));
    let _ = cleared(&mut faults, 20);
    assert_eq!(names(&faults), ["FAN"]);
}

#[test]
fn a_deferred_fault_acts_when_its_time_is_over() {
    let mut faults = set();
    let count = DeferError::Count { count: 2 };
    assert_eq!(faults.defer(Faults::HV | Faults::FAN, 1, 0), Err(count));
    assert_eq!(faults.defer(Faults::empty(), 1, 0), Err(DeferError::Count { count: 0 }));
    let long = DeferError::TooLong { asked_us: 5_001, max_us: 5_000 };
    assert_eq!(faults.defer(Faults::OVERCURRENT, 5_001, 0), Err(long));
    assert_eq!(faults.defer(Faults::HV, 1, 0), Err(DeferError::TooLong { asked_us: 1, max_us: 0 }));
    faults.defer(Faults::OVERCURRENT, 5_000, 10 * MS).unwrap();
    faults.raise(Faults::OVERCURRENT, 11 * MS);
    assert_eq!((faults.worst(15 * MS - 1), faults.worst(15 * MS)), (None, Some(Severity::Stop)));
    assert_eq!(names(&faults), ["OVERCURRENT"], "it is known at once");
    let active = Uncleared::Active { since_us: 11 * MS };
    assert_eq!(faults.not_clear(), Some(way("OVERCURRENT", active)), "and arms nothing");
    let since = DeferError::Active { since_us: 11 * MS };
    assert_eq!(faults.defer(Faults::OVERCURRENT, 1, 12 * MS), Err(since));
    // One that has gone and is latched acts at the same instant.
    faults.clear(Faults::OVERCURRENT, 13 * MS);
    assert_eq!((faults.worst(15 * MS - 1), faults.worst(15 * MS)), (None, Some(Severity::Stop)));
}

#[test]
fn reporters_are_collected_by_their_stamps() {
    let split = || Box::leak(Box::new(ReportCell::<Faults>::new())).split();
    let (slow, mut slow_collector) = split();
    let (fast, mut fast_collector) = split();
    let mut faults = set();
    let now_us = (1 << 32) + 100;
    slow.raise(Faults::HV, now_us - 50);
    fast.raise(Faults::OVERCURRENT, now_us - 150);
    fast.raise(Faults::FAN, now_us - 10);
    faults.collect([&mut slow_collector, &mut fast_collector], now_us);
    assert_eq!(names(&faults), ["OVERCURRENT", "FAN", "HV"]);
    let raised: Vec<u64> = faults.in_order().map(|present| now_us - present.raised_us).collect();
    assert_eq!(raised, [150, 150, 50], "a reporter keeps the stamp of its first");
    faults.collect([&mut slow_collector, &mut fast_collector], now_us + 1);
    assert_eq!(names(&faults).len(), 3, "each once");
    // A stamp from after the loop has looked at its clock has the age 0.
    faults.clear(Faults::all(), now_us + 2);
    let _ = cleared(&mut faults, now_us + 3);
    slow.raise(Faults::HV, now_us + 9);
    faults.collect([&mut slow_collector], now_us + 5);
    assert_eq!(faults.first_out().unwrap().raised_us, now_us + 5);
}

#[test]
fn the_order_stays_right_however_often_a_fault_comes_and_goes() {
    let mut faults = set();
    faults.raise(Faults::AGED, 0);
    for us in 1..100_000 {
        faults.raise(Faults::SENSORS, us);
        assert_eq!(faults.in_order().count(), 2);
        faults.clear(Faults::SENSORS, us);
    }
    faults.raise(Faults::HV, 200_000);
    faults.raise(Faults::SENSORS, 200_001);
    assert_eq!(names(&faults), ["AGED", "HV", "SENSORS"]);
}
