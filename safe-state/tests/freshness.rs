//! Sources: when a sample is fresh, and when a source is believed.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use safe_state::freshness::{
    Backlog, Limits, Lost, NotFresh, NotTaken, PushError, Row, Source, Sources, age_limit_us, rows,
    skew_us,
};
use safe_state::{Sample, cycle};

static LIMITS: Limits =
    Limits::new(age_limit_us(20_000)).lost_after_us(30_000).fresh_after(3).stuck_after(4);
static PLAIN: Limits = Limits::new(age_limit_us(20_000));

/// Whether the last sample is fresh at this instant: its value.
fn fresh(source: &Source<i32>, now_us: u64) -> Result<i32, NotFresh<i32>> {
    cycle(now_us, |tick| source.fresh(tick).map(|fresh| fresh.value()))
}

fn offer(source: &mut Source<i32>, value: i32, sequence: u32, at_us: u64) {
    source.offer(Sample::new(value, sequence, at_us), at_us).unwrap();
}

#[test]
fn a_sample_is_fresh_up_to_its_age_limit() {
    let mut source = Source::new(&PLAIN);
    assert_eq!(fresh(&source, 0), Err(NotFresh::Never));
    offer(&mut source, 7, 1, 1_000);
    assert_eq!(fresh(&source, 21_000), Ok(7));
    let Err(NotFresh::Stale(stale)) = fresh(&source, 21_001) else { panic!("fresh") };
    assert_eq!((*stale.last_known(), stale.taken_us(), stale.age_us()), (7, 1_000, 20_001));
    assert_eq!(*stale.substitute(3).substituted(), 3);
    assert_eq!(source.last_good_us(), Some(1_000));
}

#[test]
fn a_stamp_from_after_now_has_the_age_0_and_is_not_fresh_for_longer() {
    let mut source = Source::new(&PLAIN);
    source.offer(Sample::new(7, 1, 500_000), 1_000).unwrap();
    assert_eq!((fresh(&source, 21_000), source.last_good_us()), (Ok(7), Some(1_000)));
    assert!(fresh(&source, 21_001).is_err());
    // The loop looked at its clock before the interrupt stamped.
    assert_eq!(fresh(&source, 900), Ok(7));
}

#[test]
fn what_is_refused_is_counted_and_changes_nothing() {
    let mut source = Source::new(&PLAIN);
    offer(&mut source, 7, 1, 1_000);
    let older = NotTaken::Older { sequence: 2, taken_us: 999, last_us: 1_000 };
    assert_eq!(source.offer(Sample::new(8, 2, 999), 2_000), Err(older));
    let repeated = NotTaken::Repeated { sequence: 1 };
    assert_eq!(source.offer(Sample::new(8, 1, 2_000), 2_000), Err(repeated));
    source.failed();
    assert_eq!((fresh(&source, 2_000), source.refused()), (Ok(7), 3));
}

#[test]
fn a_source_that_was_lost_is_back_after_so_many_samples() {
    let mut source = Source::new(&LIMITS);
    for (sequence, at_us) in [(1, 1_000), (2, 2_000)] {
        offer(&mut source, sequence as i32, sequence, at_us);
        let Err(NotFresh::Returning { samples, required: 3, .. }) = fresh(&source, at_us) else {
            panic!("believed at once")
        };
        assert_eq!(samples, sequence as u16);
    }
    offer(&mut source, 3, 3, 32_000);
    assert_eq!(fresh(&source, 32_000), Ok(3), "30 ms apart is no loss");
    offer(&mut source, 4, 4, 62_001);
    let Err(NotFresh::Returning { last, samples: 1, required: 3 }) = fresh(&source, 62_001) else {
        panic!("believed at once")
    };
    assert_eq!(last.taken_us(), 62_001);
}

#[test]
fn a_value_that_never_changes_is_stuck() {
    let mut source = Source::new(&LIMITS);
    for sequence in 1..=3 {
        offer(&mut source, 7, sequence, u64::from(sequence) * 1_000);
    }
    assert_eq!(fresh(&source, 3_000), Ok(7));
    offer(&mut source, 7, 4, 4_000);
    let Err(NotFresh::Stuck { last, samples: 4 }) = fresh(&source, 4_000) else { panic!("4") };
    assert_eq!(*last.last_known(), 7);
    offer(&mut source, 8, 5, 5_000);
    assert_eq!(fresh(&source, 5_000), Ok(8));
}

#[test]
fn what_is_zipped_is_as_old_as_its_oldest_part_and_as_new_as_its_newest() {
    let (mut one, mut other) = (Source::new(&PLAIN), Source::new(&PLAIN));
    offer(&mut one, 1, 1, 1_000);
    offer(&mut other, 2, 1, 4_000);
    cycle(5_000, |tick| {
        let sum = one.fresh(tick).unwrap().zip(other.fresh(tick).unwrap()).map(|(a, b)| a + b);
        assert_eq!((sum.value(), sum.oldest_us(), sum.newest_us()), (3, 1_000, 4_000));
        assert_eq!((sum.valid_until_us(), tick.now_us()), (21_000, 5_000));
    });
}

#[test]
fn a_row_has_all_sources_within_the_skew() {
    let mut sources = Sources::new([const { Source::new(&PLAIN) }; 2]);
    let align = |sources: &Sources<i32, 2>, now_us| {
        cycle(now_us, |tick| {
            sources.align(skew_us(500), tick).map(|row| (row.values(), row.oldest_us()))
        })
    };
    let missing = align(&sources, 0).unwrap_err();
    assert_eq!((missing.of(0), missing.of(1)), (Some(Lost::Never), Some(Lost::Never)));
    sources.offer(0, Sample::new(1, 1, 1_000), 1_000).unwrap();
    sources.offer(1, Sample::new(2, 1, 1_500), 1_500).unwrap();
    assert_eq!(align(&sources, 2_000), Ok(([1, 2], 1_000)));
    sources.offer(1, Sample::new(3, 2, 1_501), 1_501).unwrap();
    let missing = align(&sources, 2_000).unwrap_err();
    assert_eq!(missing.iter().collect::<Vec<_>>(), [(0, Lost::Since(1_000))]);
    assert_eq!(sources.offer(2, Sample::new(3, 2, 1_501), 1_501), Err(None));
    assert_eq!((missing.of(1), missing.of(2)), (None, None));
    let mut sources = Sources::new([Source::new(&LIMITS), Source::new(&PLAIN)]);
    sources.offer(0, Sample::new(1, 1, 1_000), 1_000).unwrap();
    sources.offer(1, Sample::new(2, 1, 1_000), 1_000).unwrap();
    assert_eq!(align(&sources, 1_000).unwrap_err().of(0), Some(Lost::NotBelieved(1_000)));
}

#[test]
fn a_row_of_backlogs_is_as_wide_as_the_skew() {
    let backlogs = |samples: [&[(u32, u64)]; 2]| {
        samples.map(|samples| {
            let mut backlog = Backlog::<i32, 4>::new();
            for (sequence, taken_us) in samples {
                backlog.push(Sample::new(7, *sequence, *taken_us)).unwrap();
            }
            backlog
        })
    };
    let named = |backlogs: &[Backlog<i32, 4>; 2]| -> Vec<String> {
        let name = |row| match row {
            Row::Coherent(row) => format!("row {}", row.samples[0].taken_us),
            Row::Alone { source, sample } => format!("{source} alone {}", sample.taken_us),
            Row::Hole { source, from_us, to_us } => format!("{source} hole {from_us:?} {to_us:?}"),
        };
        rows(backlogs, skew_us(500)).map(name).collect()
    };
    // Exactly the skew apart, and one more.
    assert_eq!(named(&backlogs([&[(1, 1_000)], &[(1, 1_500)]])), ["row 1000"]);
    let late = named(&backlogs([&[(1, 1_000)], &[(1, 1_501)]]));
    let expected =
        ["1 hole None Some(1501)", "0 alone 1000", "0 hole Some(1000) None", "1 alone 1501"];
    assert_eq!(late, expected);
    // What is left of one source lies within the skew of the last of the other: no hole.
    let left = named(&backlogs([&[(1, 1_000)], &[(1, 1_000), (2, 1_500)]]));
    assert_eq!(left, ["row 1000", "1 alone 1500"]);
    let left = named(&backlogs([&[(1, 1_000)], &[(1, 1_000), (2, 1_501)]]));
    assert_eq!(left, ["row 1000", "0 hole Some(1000) None", "1 alone 1501"]);
}

#[test]
fn of_samples_of_one_instant_the_first_source_comes_first() {
    let mut backlogs = [const { Backlog::<i32, 4>::new() }; 3];
    for backlog in backlogs.iter_mut().take(2) {
        backlog.push(Sample::new(7, 1, 1_000)).unwrap();
    }
    let alone = rows(&backlogs, skew_us(500)).filter_map(|row| match row {
        Row::Alone { source, .. } => Some(source),
        _ => None,
    });
    assert_eq!(alone.collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_number_follows_by_less_than_half_of_all() {
    let mut backlog = Backlog::<i32, 4>::new();
    backlog.push(Sample::new(7, 5, 10)).unwrap();
    let half = 5_u32.wrapping_add(1 << 31);
    assert!(backlog.push(Sample::new(7, half, 20)).is_err());
    assert_eq!(backlog.push(Sample::new(7, half - 1, 20)), Ok(()));
}

#[test]
fn a_backlog_keeps_the_newest_and_refuses_what_does_not_follow() {
    let mut backlog = Backlog::<f32, 2>::new();
    for sequence in 0..5_u32 {
        let taken_us = u64::from(sequence) * 10;
        backlog.push(Sample::new(1.0, sequence.wrapping_sub(2), taken_us)).unwrap();
    }
    assert_eq!((backlog.count(), backlog.dropped()), (2, 3));
    let none = PushError::NoValue { sequence: 3 };
    assert_eq!(backlog.push(Sample::new(f32::NAN, 3, 50)), Err(none));
    for (sequence, taken_us) in [(2, 50), (1, 50), (3, 40), (2_u32.wrapping_add(1 << 31), 50)] {
        let refused = PushError::NotNewer { sequence, taken_us, last: 2, last_us: 40 };
        assert_eq!(backlog.push(Sample::new(1.0, sequence, taken_us)), Err(refused));
    }
    backlog.clear();
    assert_eq!((backlog.count(), backlog.dropped()), (0, 3));
}
