//! Three sources under any samples, against the list of all of them: what is fresh, why not, and which rows there are.

use safe_state::freshness::{
    Limits, Lost, NotFresh, NotTaken, Source, Sources, age_limit_us, skew_us,
};
use safe_state::{Sample, cycle};

use super::Choices;

const AGE: u64 = 20_000;
const APART: u64 = 30_000;
const NEEDED: usize = 3;
const STUCK: usize = 5;
static LIMITS: Limits = Limits::new(age_limit_us(AGE as u32))
    .lost_after_us(APART as u32)
    .fresh_after(NEEDED as u16)
    .stuck_after(STUCK as u16);

/// Everything that a source took.
#[derive(Default)]
struct Model {
    taken: Vec<Sample<u16>>,
    refused: u32,
}

impl Model {
    fn offer(&mut self, sample: Sample<f32>, value: u16, now: u64) -> Result<(), NotTaken> {
        let Sample { sequence, .. } = sample;
        let taken_us = sample.taken_us.min(now);
        let refused = match self.taken.last() {
            _ if !sample.value.is_finite() => Some(NotTaken::NoValue { sequence }),
            Some(last) if last.sequence == sequence => Some(NotTaken::Repeated { sequence }),
            Some(last) if taken_us < last.taken_us => {
                Some(NotTaken::Older { sequence, taken_us, last_us: last.taken_us })
            }
            _ => None,
        };
        match refused {
            Some(refused) => {
                self.refused += 1;
                Err(refused)
            }
            None => {
                self.taken.push(Sample::new(value, sequence, taken_us));
                Ok(())
            }
        }
    }

    /// Samples at the end that were taken no farther apart than a loss.
    fn in_a_row(&self) -> usize {
        let pairs = self.taken.windows(2).rev();
        1 + pairs.take_while(|pair| pair[1].taken_us - pair[0].taken_us <= APART).count()
    }

    /// Samples at the end with one value.
    fn same(&self) -> usize {
        let pairs = self.taken.windows(2).rev();
        1 + pairs.take_while(|pair| pair[1].value == pair[0].value).count()
    }

    fn is_fresh(&self, now: u64) -> bool {
        let last = self.taken.last().map(|last| last.taken_us);
        last.is_some_and(|last| now.saturating_sub(last) <= AGE)
            && self.in_a_row() >= NEEDED
            && self.same() < STUCK
    }
}

/// A byte a call, and those that it takes.
pub fn sources(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut sources = Sources::new([const { Source::<f32>::new(&LIMITS) }; 3]);
    let mut models: [Model; 3] = Default::default();
    let mut now = 0_u64;
    while !choices.is_empty() {
        let byte = choices.byte();
        now += [0, 0, 1, 400, 10_000, 20_000, 30_001, 1 << 40][usize::from(byte >> 5)];
        let number = usize::from(byte & 3);
        if byte & 0x10 == 0 {
            let value = choices.byte();
            // Two values and no value; the sequence of before, the next, another.
            let value = [0.0, 0.0, 1.0, 1.0, 2.0, f32::NAN][usize::from(value) % 6];
            let last = models.get(number).and_then(|model| model.taken.last());
            let sequence =
                last.map_or(0, |last| last.sequence).wrapping_add(choices.of([1, 1, 1, 0, 7]));
            let at = [now, now, now.saturating_sub(300), now.saturating_sub(501), now + 5];
            let sample = Sample::new(value, sequence, choices.of(at));
            let taken = sources.offer(number, sample, now);
            match models.get_mut(number) {
                Some(model) => {
                    let expected = model.offer(sample, value as u16, now);
                    assert_eq!(taken, expected.map_err(Some));
                }
                None => assert_eq!(taken, Err(None)),
            }
        } else if let Some(source) = sources.source_mut(number) {
            source.failed();
            models[number].refused += 1;
        }
        check(&sources, &models, now);
    }
}

fn check(sources: &Sources<f32, 3>, models: &[Model; 3], now: u64) {
    cycle(now, |tick| {
        for (number, model) in models.iter().enumerate() {
            let source = sources.source(number).unwrap();
            let last = model.taken.last();
            assert_eq!(source.refused(), model.refused);
            assert_eq!(source.last_good_us(), last.map(|last| last.taken_us));
            match (source.fresh(tick), last) {
                (Ok(fresh), Some(last)) => {
                    assert!(model.is_fresh(now));
                    assert_eq!(fresh.value() as u16, last.value);
                    assert_eq!(fresh.valid_until_us(), last.taken_us + AGE);
                    assert_eq!(
                        (fresh.oldest_us(), fresh.newest_us()),
                        (last.taken_us, last.taken_us)
                    );
                }
                (Err(NotFresh::Never), None) => {}
                (Err(NotFresh::Stale(stale)), Some(last)) => {
                    assert_eq!(
                        (stale.taken_us(), stale.age_us()),
                        (last.taken_us, now - last.taken_us)
                    );
                    assert!(stale.age_us() > AGE);
                }
                (Err(NotFresh::Returning { samples, required, .. }), Some(_)) => {
                    assert_eq!(
                        (usize::from(samples), usize::from(required)),
                        (model.in_a_row(), NEEDED)
                    );
                }
                (Err(NotFresh::Stuck { samples, .. }), Some(_)) => {
                    assert!(model.same() >= STUCK && usize::from(samples) == model.same());
                }
                (other, last) => panic!("{other:?} after {last:?}"),
            }
            assert_eq!(source.fresh(tick).is_ok(), model.is_fresh(now));
        }
        let fresh = models.iter().filter(|model| model.is_fresh(now));
        let newest = fresh.filter_map(|model| model.taken.last()).map(|last| last.taken_us).max();
        let lost = |model: &Model| match model.taken.last() {
            None => Some(Lost::Never),
            Some(last) if now.saturating_sub(last.taken_us) > AGE => {
                Some(Lost::Since(last.taken_us))
            }
            Some(last) if !model.is_fresh(now) => Some(Lost::NotBelieved(last.taken_us)),
            Some(last) if newest.is_some_and(|newest| newest - last.taken_us > 500) => {
                Some(Lost::Since(last.taken_us))
            }
            Some(_) => None,
        };
        match sources.align(skew_us(500), tick) {
            Ok(row) => {
                assert!(models.iter().all(|model| lost(model).is_none()));
                let last = |model: &Model| *model.taken.last().unwrap();
                assert!(
                    row.values()
                        .iter()
                        .zip(models)
                        .all(|(value, model)| *value as u16 == last(model).value)
                );
                let taken = models.iter().map(|model| last(model).taken_us);
                assert_eq!(Some(row.oldest_us()), taken.min());
            }
            Err(missing) => {
                let named: Vec<_> = missing.iter().collect();
                let expected = models.iter().enumerate();
                let expected: Vec<_> =
                    expected.filter_map(|(number, model)| Some((number, lost(model)?))).collect();
                assert_eq!(named, expected);
                assert!(!named.is_empty());
            }
        }
    });
}
