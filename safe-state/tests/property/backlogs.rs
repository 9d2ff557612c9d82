//! Backlogs of three sources with any samples: every sample that was kept is given once, by time, and no row lies about a hole.

use safe_state::Sample;
use safe_state::freshness::{Backlog, PushError, Row, rows, skew_us};

use super::Choices;

const ROOM: usize = 8;
const SKEW: u64 = 500;

/// A byte a sample: its source, how much later, how many numbers farther.
pub fn backlogs(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut backlogs = [const { Backlog::<f32, ROOM>::new() }; 3];
    let mut kept: [Vec<Sample<f32>>; 3] = Default::default();
    let mut dropped = [0; 3];
    // The last that was left out for want of room.
    let mut before: [Option<Sample<f32>>; 3] = [None; 3];
    while !choices.is_empty() {
        let byte = choices.byte();
        let source = usize::from(byte & 3);
        let Some(backlog) = backlogs.get_mut(source) else {
            let source = usize::from(choices.byte() & 31);
            if let Some(backlog) = backlogs.get_mut(source) {
                backlog.clear();
                kept[source].clear();
                before[source] = None;
            }
            continue;
        };
        let last = kept[source].last().copied();
        let (sequence, at) = last.map_or((7, 1_000), |last| (last.sequence, last.taken_us));
        let later =
            [10_000, 10_000, 9_800, 10_300, 499, 501, 0, 40_000][usize::from(byte >> 2 & 7)];
        let number = [1, 1, 1, 2, 5, 0, u32::MAX, 1 << 31][usize::from(byte >> 5)];
        let value = if byte == 0xFC { f32::NAN } else { 1.0 };
        let sample = Sample::new(value, sequence.wrapping_add(number), at + later);
        let pushed = backlog.push(sample);
        let follows = (1..1 << 31).contains(&number) && later > 0;
        if !value.is_finite() {
            assert_eq!(pushed, Err(PushError::NoValue { sequence: sample.sequence }));
        } else if let Some(last) = last.filter(|_| !follows) {
            let not_newer = PushError::NotNewer {
                sequence: sample.sequence,
                taken_us: sample.taken_us,
                last: last.sequence,
                last_us: last.taken_us,
            };
            assert_eq!(pushed, Err(not_newer));
        } else {
            assert_eq!(pushed, Ok(()));
            kept[source].push(sample);
            if kept[source].len() > ROOM {
                before[source] = Some(kept[source].remove(0));
                dropped[source] += 1;
            }
        }
        assert_eq!((backlog.count(), backlog.dropped()), (kept[source].len(), dropped[source]));
    }
    check(&backlogs, &kept, &before);
}

/// What the rows have given of one source.
#[derive(Default)]
struct Given {
    samples: Vec<Sample<f32>>,
    before: Option<Sample<f32>>,
    /// A hole that was named after the last sample.
    named: Option<(Option<u64>, Option<u64>)>,
}

impl Given {
    fn last(&self) -> Option<Sample<f32>> {
        self.samples.last().copied().or(self.before)
    }

    fn take(&mut self, sample: Sample<f32>) {
        let named = self.named.take();
        if let Some(last) = self.last() {
            let is_next = sample.sequence == last.sequence.wrapping_add(1);
            let hole = (Some(last.taken_us), Some(sample.taken_us));
            assert_eq!(named, (!is_next).then_some(hole), "before {sample:?}");
        }
        self.samples.push(sample);
    }
}

fn check(
    backlogs: &[Backlog<f32, ROOM>; 3],
    kept: &[Vec<Sample<f32>>; 3],
    before: &[Option<Sample<f32>>; 3],
) {
    let mut given = before.map(|before| Given { before, ..Given::default() });
    for row in rows(backlogs, skew_us(SKEW as u32)) {
        match row {
            Row::Coherent(row) => {
                let stamps = row.samples.map(|sample| sample.taken_us);
                let apart = stamps.iter().max().unwrap() - stamps.iter().min().unwrap();
                assert!(apart <= SKEW);
                for (given, sample) in given.iter_mut().zip(row.samples) {
                    given.take(sample);
                }
            }
            Row::Alone { source, sample } => {
                // Another source has nothing left that was taken within the skew.
                let is_near = |near: &Sample<f32>| near.taken_us.abs_diff(sample.taken_us) <= SKEW;
                let has_near =
                    |other: usize| kept[other].iter().skip(given[other].samples.len()).any(is_near);
                let mut others = (0..3).filter(|other| *other != source);
                assert!(!others.all(has_near), "{sample:?} could be in a row");
                given[source].take(sample);
            }
            Row::Hole { source, from_us, to_us } => {
                let given = &mut given[source];
                assert_eq!(given.named, None, "named once");
                let next = kept[source].get(given.samples.len());
                assert_eq!(from_us, given.last().map(|last| last.taken_us));
                assert_eq!(to_us, next.map(|next| next.taken_us));
                given.named = Some((from_us, to_us));
            }
        }
    }
    for (given, kept) in given.iter().zip(kept) {
        assert_eq!(&given.samples, kept);
    }
}
