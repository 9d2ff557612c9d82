//! Timing profiles: what is measured, when it is drift, how two compare, and what they suggest.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{ALIVE, Fake, MS, fed, leak, plan_a};
use proptest::prelude::*;
use watchdog_core::plan::{alive, no_alive, per_cycle, tolerance};
use watchdog_core::profile::{BUCKETS, Comparison, DecodeError, Profile, Profiles, Suggestion};
use watchdog_core::{
    Armed, BootGuard, Cells, Checkpoint, Dog, Entity, EntityId, Health, Plan, Supervisor,
};

const CONTROL: EntityId = EntityId::new(0);
const OTHER: Checkpoint = Checkpoint::of::<7>();

/// 8 to 12 in 10 ms: 1,000 us are expected, the budget is 1,250 us, and there is drift above 1,200 us.
static PLAN: Plan<2> = plan_a()
    .entity("control", alive(ALIVE, per_cycle(10), -2, 2), tolerance(1))
    .entity("other", no_alive(), tolerance(0))
    .advisory("other")
    .build();

type Profiled = (Supervisor<Armed, 2>, [Entity<2>; 2], &'static Profiles<2>);

fn profiled() -> Profiled {
    let profiles = leak(Profiles::new(&PLAN, 800));
    let cells = Box::leak(Box::new(Cells::new(&PLAN).profiled(profiles)));
    let supervisor = Supervisor::new(cells, BootGuard::without_memory());
    let (supervisor, entities) = supervisor.arm(&mut Dog::new(Fake::default()), 0).expect("armed");
    (supervisor, entities, profiles)
}

/// The profile of these intervals.
fn measured(intervals: &[u32]) -> Profile {
    let (_, [control, _], profiles) = profiled();
    let mut now_us = 1_000_u64;
    control.hit(ALIVE, now_us);
    for interval in intervals {
        now_us += u64::from(*interval);
        control.hit(ALIVE, now_us);
    }
    profiles.profile(CONTROL).unwrap()
}

#[test]
fn an_interval_is_measured_between_two_counted_checkpoints() {
    let (_, [control, other], profiles) = profiled();
    let none = profiles.profile(CONTROL).unwrap();
    assert_eq!((none.count, none.min_us, none.max_us, none.mean_us()), (0, u32::MAX, 0, None));
    assert_eq!((none.budget_us, none.buckets), (1_250, [0; BUCKETS]));
    control.hit(ALIVE, 5_000);
    control.hit(OTHER, 5_100);
    assert_eq!(profiles.profile(CONTROL).unwrap().count, 0);
    control.hit(ALIVE, 5_700);
    control.hit(ALIVE, 6_800);
    other.hit(ALIVE, 1);
    other.hit(ALIVE, 2);
    let profile = profiles.profile(CONTROL).unwrap();
    assert_eq!((profile.count, profile.min_us, profile.max_us), (2, 700, 1_100));
    assert_eq!((profile.sum_us, profile.mean_us()), (1_800, Some(900)));
    // From 1,000 us a sixteenth of the way to 700, and from there to 1,100.
    assert_eq!(profile.average_16, 1_000 * 16 - 300 + 119);
    // A sixteenth of 300, and of the way from there to 400.
    assert_eq!((profile.jitter_16, profile.jitter_us()), (300 + 382, 42));
    let mut buckets = [0; BUCKETS];
    (buckets[10], buckets[11]) = (1, 1); // 512 to 1,023, and 1,024 to 2,047
    assert_eq!(profile.buckets, buckets);
    let other = profiles.profile(EntityId::new(1)).unwrap();
    assert_eq!((other.count, other.budget_us), (0, 0));
    assert_eq!(profiles.profile(EntityId::new(2)), None);
}

#[test]
fn each_bucket_is_as_the_table_says() {
    for bucket in 0..32_u8 {
        let (first, last) = Profile::bucket_us(bucket).unwrap();
        // An age above 2^31 is a stamp from after now: it is 0.
        for interval in [first, last.min((1 << 31) - 1)] {
            let profile = measured(&[interval]);
            let found = profile.buckets.iter().position(|count| *count > 0);
            assert_eq!(found, Some(usize::from(bucket)), "{interval}");
            assert_eq!((profile.min_us, profile.max_us), (interval, interval));
            assert_eq!(profile.sum_us, u64::from(interval));
        }
    }
    assert_eq!(Profile::bucket_us(32), None);
}

#[test]
fn a_sum_passes_32_bits() {
    let profile = measured(&[(1 << 31) - 1; 5]);
    assert_eq!(profile.sum_us, 5 * ((1 << 31) - 1));
    assert_eq!(profile.mean_us(), Some((1 << 31) - 1));
    let average_16 = measured(&[(1 << 31) - 1; 500]).average_16;
    assert_eq!(average_16, ((1 << 27) - 1) * 16);
}

#[test]
fn a_full_bucket_halves_all_of_them() {
    let mut intervals = vec![100; 3];
    intervals.extend([700; 65_535]);
    let profile = measured(&intervals);
    assert_eq!((profile.buckets[7], profile.buckets[10], profile.halvings), (3, 65_535, 0));
    intervals.push(700);
    let profile = measured(&intervals);
    assert_eq!((profile.buckets[7], profile.buckets[10], profile.halvings), (1, 32_768, 1));
    assert_eq!(profile.count, 65_539);
}

/// One that checks in every so many microseconds, up to the end of so many cycles: what the evaluations say.
fn healths(interval_us: impl Fn(u64) -> u64, cycles: u64) -> Vec<Health> {
    let (mut supervisor, [control, _], _) = profiled();
    let (mut now_us, mut hit, mut healths) = (0, 0, Vec::new());
    for cycle in 1..=cycles {
        while now_us + interval_us(hit) <= cycle * 10 * MS {
            now_us += interval_us(hit);
            hit += 1;
            control.hit(ALIVE, now_us);
        }
        let (next, health) = fed(supervisor.evaluate(cycle * 10 * MS));
        (supervisor, healths) = (next, [healths, vec![health]].concat());
    }
    healths
}

#[test]
fn an_entity_that_drifts_is_said_before_it_fails() {
    // From 950 us on 1 us longer each time; 8 in 10 ms are still right.
    let healths = healths(|hit| (950 + hit).min(1_240), 60);
    let first = healths.iter().position(|health| *health != Health::Ok).unwrap();
    let Health::Drifting { entity, margin_permille } = healths[first] else {
        panic!("{:?}", healths[first]);
    };
    assert_eq!(entity, CONTROL);
    assert!((5..50).contains(&margin_permille), "{margin_permille}");
    assert!(healths[first..].iter().all(|health| matches!(health, Health::Drifting { .. })));
}

/// The twin: as long as it stays below the share, and where single ones are late, nothing is said.
#[test]
fn an_entity_that_is_late_once_does_not_drift() {
    assert!(healths(|_| 1_000, 100).iter().all(|health| *health == Health::Ok));
    let once_late = |hit| if hit % 10 == 9 { 2_500 } else { 900 };
    assert!(healths(once_late, 100).iter().all(|health| *health == Health::Ok));
}

/// The expected interval is the limit: one that is as expected does not drift.
#[test]
fn an_entity_without_a_margin_does_not_drift() {
    static STRICT: Plan<1> =
        plan_a().entity("strict", alive(ALIVE, per_cycle(1), 0, 3), tolerance(1)).build();
    static PROFILES: Profiles<1> = Profiles::new(&STRICT, 0);
    let cells = Box::leak(Box::new(Cells::new(&STRICT).profiled(&PROFILES)));
    let supervisor = Supervisor::new(cells, BootGuard::without_memory());
    let (mut supervisor, [strict]) =
        supervisor.arm(&mut Dog::new(Fake::default()), 0).expect("armed");
    for cycle in 1..=100 {
        strict.hit(ALIVE, cycle * 10 * MS - 1);
        let (next, health) = fed(supervisor.evaluate(cycle * 10 * MS));
        assert_eq!(health, Health::Ok);
        supervisor = next;
    }
    assert_eq!(PROFILES.profile(CONTROL).unwrap().budget_us, 10_000);
}

#[test]
fn one_that_has_drifted_recovers() {
    let healths = healths(|hit| if (100..200).contains(&hit) { 1_240 } else { 900 }, 60);
    assert!(healths.iter().any(|health| matches!(health, Health::Drifting { .. })));
    assert_eq!(healths.last(), Some(&Health::Ok));
    assert_eq!(healths.first(), Some(&Health::Ok));
}

#[test]
fn what_fails_is_said_before_what_drifts() {
    let healths = healths(|hit| if hit < 100 { 1_240 } else { 1_000 + 400 * (hit % 2) }, 18);
    assert!(healths.iter().any(|health| matches!(health, Health::Drifting { .. })));
    let (supervisor, [control, _], _) = profiled();
    for hit in 0..7 {
        control.hit(ALIVE, hit * 1_240);
    }
    let (_, health) = fed(supervisor.evaluate(10 * MS));
    assert_eq!(health, Health::Failed { entity: CONTROL, cycles_left: 0 });
}

#[test]
fn two_profiles_are_as_far_apart_as_their_intervals() {
    let bench = measured(&[1_000; 200]);
    let same = Comparison { distance_permille: 0, parts_at: None };
    assert_eq!(bench.compare(&bench), Some(same));
    assert_eq!(bench.compare(&measured(&[1_000; 7])), Some(same));
    let elsewhere = Comparison { distance_permille: 1_000, parts_at: Some(8) };
    assert_eq!(bench.compare(&measured(&[200; 7])), Some(elsewhere));
    // One of a hundred is enough to part, one of two hundred is not.
    let mut field = [1_000; 200];
    field[3] = 5_000;
    let once = Comparison { distance_permille: 5, parts_at: None };
    assert_eq!(bench.compare(&measured(&field)), Some(once));
    field[9] = 5_000;
    let twice = Comparison { distance_permille: 10, parts_at: Some(10) };
    assert_eq!(bench.compare(&measured(&field)), Some(twice));
    assert_eq!(bench.compare(&measured(&[])), None);
    assert_eq!(measured(&[]).compare(&bench), None);
}

#[test]
fn the_suggestion_accepts_what_was_measured() {
    let steady = measured(&[1_000; 50]);
    let suggested = Suggestion { expected: 10, min_margin: 0, max_margin: 1 };
    assert_eq!(steady.suggest(10_000), Some(suggested));
    let mixed = measured(&[800, 1_000, 1_200, 1_000]);
    let suggested = Suggestion { expected: 10, min_margin: -2, max_margin: 3 };
    assert_eq!(mixed.suggest(10_000), Some(suggested));
    assert_eq!(mixed.suggest(1_199), None);
    assert_eq!(mixed.suggest(1_200).map(|suggestion| suggestion.min_margin), Some(0));
    assert_eq!(measured(&[]).suggest(10_000), None);
    assert_eq!(measured(&[0, 5]).suggest(10_000), None);
}

/// Found by a fuzzer: the margins had the wrong sign.
#[test]
fn a_suggestion_lies_between_its_extremes() {
    // Profiles of other numbers than were measured: a mean beside the extremes.
    let profile = Profile { min_us: 900, max_us: 2_000, ..measured(&[1_000; 9]) };
    let short = Profile { sum_us: 9 * 100, ..profile };
    let suggested = Suggestion { expected: 12, min_margin: -7, max_margin: 0 };
    assert_eq!(short.suggest(10_000), Some(suggested));
    let long = Profile { sum_us: 9 * 9_000, ..profile };
    let suggested = Suggestion { expected: 5, min_margin: 0, max_margin: 7 };
    assert_eq!(long.suggest(10_000), Some(suggested));
}

#[test]
fn a_profile_that_has_counted_to_its_end_has_no_mean() {
    let profile = Profile { count: u32::MAX, ..measured(&[1_000; 9]) };
    assert_eq!((profile.mean_us(), profile.suggest(10_000)), (None, None));
}

#[test]
fn extremes_the_other_way_round_suggest_nothing() {
    let profile = Profile { min_us: 2_000, max_us: 500, ..measured(&[1_000; 9]) };
    assert_eq!(profile.suggest(10_000), None);
}

#[test]
fn bytes_that_are_no_profile_are_refused() {
    let bytes = measured(&[700, 1_100, 900]).encode();
    assert_eq!(bytes.len(), 108);
    for len in 0..bytes.len() {
        let error = DecodeError::Len { expected: 108, got: len };
        assert_eq!(Profile::decode(&bytes[..len]), Err(error));
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Profile::decode(&longer), Err(DecodeError::Len { expected: 108, got: 109 }));
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes;
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = Profile::decode(&flipped).expect_err("a flip is found");
        match error {
            DecodeError::Version { expected: 1, got } => {
                assert_eq!((bit / 8, got), (0, flipped[0]));
            }
            DecodeError::Crc { expected, got } => assert!(bit >= 8 && expected != got),
            other => panic!("{other:?}"),
        }
    }
    for (offset, got) in [(2, 2), (3, 1)] {
        let mut other = bytes;
        other[offset] = got;
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&other[..104]);
        other[104..].copy_from_slice(&crc.to_le_bytes());
        let first = u32::from_le_bytes([other[0], other[1], other[2], other[3]]);
        assert_eq!(Profile::decode(&other), Err(DecodeError::Value { offset: 0, got: first }));
    }
}

proptest! {
    #[test]
    fn a_profile_round_trips(intervals in prop::collection::vec(0_u32..1 << 31, 0..40)) {
        let profile = measured(&intervals);
        prop_assert_eq!(Profile::decode(&profile.encode()), Ok(profile));
        let sum: u64 = intervals.iter().map(|interval| u64::from(*interval)).sum();
        prop_assert_eq!((profile.count as usize, profile.sum_us), (intervals.len(), sum));
        prop_assert_eq!(profile.max_us, intervals.iter().copied().max().unwrap_or(0));
    }

    /// In any window of the length of the reference cycle there are as many as the suggestion accepts.
    #[test]
    fn a_suggestion_holds_in_every_window(intervals in prop::collection::vec(200_u32..3_000, 1..60)) {
        let profile = measured(&intervals);
        let cycle = 10_000;
        let Suggestion { expected, min_margin, max_margin } = profile.suggest(cycle).unwrap();
        let mut instants = vec![0_u64];
        intervals.iter().for_each(|us| instants.push(instants[instants.len() - 1] + u64::from(*us)));
        let end = instants[instants.len() - 1];
        for begin in (0..end.saturating_sub(u64::from(cycle))).step_by(37) {
            let window = begin + 1..=begin + u64::from(cycle);
            let count = instants.iter().filter(|instant| window.contains(instant)).count();
            let (count, expected) = (i64::try_from(count).unwrap(), i64::from(expected));
            let accepted = expected + i64::from(min_margin)..=expected + i64::from(max_margin);
            prop_assert!(accepted.contains(&count), "{} of {:?}", count, accepted);
        }
    }
}
