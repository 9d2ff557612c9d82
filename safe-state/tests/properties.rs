//! What holds for any schedule and any loss.
#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod common;

use std::collections::BTreeSet;

use common::{Drive, MS, put, started};
use proptest::prelude::*;
use safe_state::freshness::{
    Backlog, Limits, Lost, Row, Source, Sources, age_limit_us, rows, skew_us,
};
use safe_state::{Config, OnLoss, Sample, Ticked, cycle, lease_us, over_us};

static CONFIGS: [(Config<i32>, u64); 4] = [
    (Config::new(lease_us(50_000), OnLoss::SAFE), 0),
    (Config::new(lease_us(50_000), OnLoss::value(100, over_us(30_000))), 30_000),
    (Config::new(lease_us(50_000), OnLoss::ramp(0, over_us(40_000))), 40_000),
    (
        Config::new(
            lease_us(50_000),
            OnLoss::ramp(0, over_us(40_000)).after_holding(over_us(20_000)),
        ),
        60_000,
    ),
];

proptest! {
    /// No output outlives its lease, and the way that is named for its end, by more than one tick.
    #[test]
    fn no_output_outlives_its_lease_by_more_than_a_tick(
        which in 0..4_usize,
        tick_us in 1..5_000_u64,
        puts in prop::collection::vec(1..120_000_u64, 0..12),
    ) {
        let (config, way_us) = &CONFIGS[which];
        let drive = Drive::default();
        let (mut channel, _) = started(&drive, config, 1_000);
        let mut puts = puts.into_iter();
        let mut next_us = 1_000 + puts.next().unwrap_or(u64::MAX / 2);
        let (mut now_us, mut renewed_us) = (1_000, 1_000);
        let mut ended = None;
        while now_us < 1_500_000 {
            now_us += tick_us;
            drive.at(now_us);
            if now_us >= next_us {
                if put(&mut channel, 400, now_us).is_ok() {
                    renewed_us = now_us;
                }
                next_us = now_us + puts.next().unwrap_or(u64::MAX / 2);
            }
            let over_us = renewed_us + 50_000 + way_us;
            match channel.tick(now_us) {
                Ticked::Running(next) => {
                    prop_assert!(now_us < renewed_us + 50_000, "runs at {now_us}");
                    channel = next;
                }
                other => {
                    ended = Some((other, over_us));
                    break;
                }
            }
        }
        let Some((mut ticked, over_us)) = ended else { panic!("a lease that never ends") };
        for _ in 0..2_000_000 / tick_us {
            ticked = match ticked {
                Ticked::Stopping(channel) => {
                    prop_assert!(now_us < over_us, "stopping at {now_us}, over at {over_us}");
                    now_us += tick_us;
                    channel.tick(drive.at(now_us))
                }
                Ticked::Safe(_) => break,
                _ => panic!("neither on its way nor safe"),
            };
        }
        prop_assert!(matches!(ticked, Ticked::Safe(_)));
        prop_assert!(now_us < over_us + tick_us, "safe at {now_us}, over at {over_us}");
        prop_assert_eq!(drive.last(), 0);
    }
}

static LIMITS: Limits = Limits::new(age_limit_us(20_000));
const SAMPLES: u64 = 60;

/// A loss of a sensor, in samples: from which on, and for how many.
fn losses() -> impl Strategy<Value = [(u64, u64); 3]> {
    prop::array::uniform3((0..SAMPLES, 0..SAMPLES))
}

const fn is_lost((from, len): (u64, u64), sample: u64) -> bool {
    sample >= from && sample < from + len
}

proptest! {
    /// Live, a row is given where all three have data, and nowhere else; otherwise the report names who is missing and since when.
    #[test]
    fn three_sensors_give_a_row_where_all_three_have_data(losses in losses()) {
        let mut sources = Sources::new([const { Source::<u32>::new(&LIMITS) }; 3]);
        let mut last = [None; 3];
        for sample in 0..SAMPLES {
            let now_us = (sample + 1) * 10 * MS;
            for (source, loss) in losses.into_iter().enumerate() {
                if !is_lost(loss, sample) {
                    let taken = Sample::new(sample as u32, sample as u32, now_us);
                    sources.offer(source, taken, now_us).unwrap();
                    last[source] = Some(now_us);
                }
            }
            let present: Vec<usize> =
                (0..3).filter(|source| last[*source] == Some(now_us)).collect();
            cycle(now_us, |tick| match sources.align(skew_us(500), tick) {
                Ok(row) => {
                    // Nobody new: the row of before is given as long as it is fresh, with its age.
                    let at = row.oldest_us();
                    assert!(present.len() == 3 || present.is_empty());
                    assert!(last.iter().all(|last| *last == Some(at)));
                    assert_eq!(row.values(), [(at / 10 / MS - 1) as u32; 3]);
                    assert!(now_us - at <= 20 * MS);
                }
                Err(missing) => {
                    assert!(present.len() < 3);
                    let newest = last.iter().flatten().max().copied();
                    for (source, last) in last.into_iter().enumerate() {
                        let expected = match last {
                            None => Some(Lost::Never),
                            Some(at) if now_us - at > 20 * MS => Some(Lost::Since(at)),
                            Some(at) if Some(at) < newest => Some(Lost::Since(at)),
                            Some(_) => None,
                        };
                        assert_eq!(missing.of(source), expected, "source {source}");
                    }
                }
            });
        }
    }

    /// Afterwards, from what the sensors kept: rows where all three have data, every sample once, and every hole named.
    #[test]
    fn backlogs_give_rows_where_all_three_have_data(
        losses in losses(),
        jitter_us in prop::array::uniform3(0..200_u64),
    ) {
        let mut backlogs: [Backlog<u32, 64>; 3] = Default::default();
        let kept = |loss| (0..SAMPLES).filter(move |sample| !is_lost(loss, *sample));
        let mut sets: [BTreeSet<u64>; 3] = Default::default();
        for (source, loss) in losses.into_iter().enumerate() {
            for sample in kept(loss) {
                let taken_us = (sample + 1) * 10 * MS + jitter_us[source];
                backlogs[source].push(Sample::new(sample as u32, sample as u32, taken_us)).unwrap();
                sets[source].insert(sample);
            }
        }
        let all: BTreeSet<u64> = &(&sets[0] & &sets[1]) & &sets[2];
        let mut seen: [BTreeSet<u64>; 3] = Default::default();
        let mut coherent = BTreeSet::new();
        let mut holes: [Vec<(Option<u64>, Option<u64>)>; 3] = Default::default();
        for row in rows(&backlogs, skew_us(500)) {
            match row {
                Row::Coherent(row) => {
                    let sample = u64::from(row.samples[0].sequence);
                    for (source, part) in row.samples.iter().enumerate() {
                        prop_assert_eq!(u64::from(part.sequence), sample);
                        prop_assert!(seen[source].insert(sample));
                    }
                    coherent.insert(sample);
                }
                Row::Alone { source, sample } => {
                    prop_assert!(seen[source].insert(sample.sequence.into()));
                }
                Row::Hole { source, from_us, to_us } => holes[source].push((from_us, to_us)),
            }
        }
        prop_assert_eq!(&coherent, &all);
        prop_assert_eq!(&seen, &sets);
        let end = sets.iter().filter_map(|set| set.last()).max();
        for source in 0..3 {
            let at = |sample: &u64| (sample + 1) * 10 * MS + jitter_us[source];
            let samples: Vec<u64> = sets[source].iter().copied().collect();
            let mut expected = Vec::new();
            let begins = sets.iter().filter_map(|set| set.first()).min();
            match (samples.first(), begins) {
                (Some(first), Some(begin)) if first > begin => {
                    expected.push((None, Some(at(first))));
                }
                (None, Some(_)) => expected.push((None, None)),
                _ => {}
            }
            for pair in samples.windows(2).filter(|pair| pair[1] > pair[0] + 1) {
                expected.push((Some(at(&pair[0])), Some(at(&pair[1]))));
            }
            if let Some(last) = samples.last().filter(|last| Some(*last) < end) {
                expected.push((Some(at(last)), None));
            }
            prop_assert_eq!(&holes[source], &expected, "source {}", source);
        }
    }
}
