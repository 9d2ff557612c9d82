//! A source: its last sample, its age, and whether the source is there.

use crate::freshness::{Fresh, Tick};
use crate::sample::{Sample, Value};

/// What a source must keep to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    age_limit_us: u32,
    lost_after_us: u32,
    fresh_after: u16,
    stuck_after: u16,
}

/// How old a sample may be, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeLimit(u32);

/// An age limit of 1 us to [`Limits::AGE_US_MAX`]. Another one does not compile in a constant.
///
/// # Panics
///
/// If it is 0 or longer.
#[must_use]
pub const fn age_limit_us(us: u32) -> AgeLimit {
    assert!(us > 0, "with an age limit of 0 us nothing is fresh");
    assert!(us <= Limits::AGE_US_MAX, "an age limit is at most ten minutes");
    AgeLimit(us)
}

impl Limits {
    /// The longest age limit, in microseconds: ten minutes.
    pub const AGE_US_MAX: u32 = 600_000_000;

    /// A sample is fresh up to this age. The source is lost as soon as its last sample is older, one sample brings it back, and a
    /// value that stays the same is not suspicious.
    #[must_use]
    pub const fn new(age_limit: AgeLimit) -> Self {
        Self {
            age_limit_us: age_limit.0,
            lost_after_us: age_limit.0,
            fresh_after: 1,
            stuck_after: 0,
        }
    }

    /// The source is lost when two samples are taken farther apart than this, at least the age limit.
    ///
    /// # Panics
    ///
    /// If it is shorter than the age limit; in a constant it does not compile.
    #[must_use]
    pub const fn lost_after_us(mut self, us: u32) -> Self {
        assert!(us >= self.age_limit_us, "a source is lost after its age limit at the earliest");
        self.lost_after_us = us;
        self
    }

    /// A source that was lost, or never there, is fresh again with this many samples in a row, none of them farther apart than a
    /// loss.
    ///
    /// # Panics
    ///
    /// If it is 0; in a constant it does not compile.
    #[must_use]
    pub const fn fresh_after(mut self, samples: u16) -> Self {
        assert!(samples > 0, "a source is fresh after one sample at the earliest");
        self.fresh_after = samples;
        self
    }

    /// A source whose value is the same in this many samples in a row is stuck.
    ///
    /// # Panics
    ///
    /// If it is less than 2; in a constant it does not compile.
    #[must_use]
    pub const fn stuck_after(mut self, samples: u16) -> Self {
        assert!(samples > 1, "one sample is always the same as itself");
        self.stuck_after = samples;
        self
    }
}

/// A source of samples, in the hands of one caller.
#[derive(Clone, Debug)]
pub struct Source<T> {
    limits: &'static Limits,
    last: Option<Sample<T>>,
    /// Samples in a row since the source was lost, at most those that are needed.
    in_a_row: u16,
    /// Samples in a row with the last value, at most those that are stuck.
    same: u16,
    refused: u32,
}

/// Why a sample was not taken. What was taken before stays, and gets older.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NotTaken {
    /// The value is none: not a number, or infinite.
    #[error("the value of sample {sequence} is not a finite number")]
    NoValue {
        /// Its number.
        sequence: u32,
    },
    /// The sample is the last one again. It does not get younger.
    #[error("sample {sequence} was offered before")]
    Repeated {
        /// Its number.
        sequence: u32,
    },
    /// The sample was taken before the last one.
    #[error("sample {sequence} was taken at {taken_us} us, before the last one of {last_us} us")]
    Older {
        /// Its number.
        sequence: u32,
        /// When it was taken.
        taken_us: u64,
        /// When the last one was taken.
        last_us: u64,
    },
}

/// Why a source has nothing that is fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NotFresh<T> {
    /// The source never had a sample.
    Never,
    /// Its last sample is too old.
    Stale(Stale<T>),
    /// The source is back, but not for long enough.
    Returning {
        /// Its last sample.
        last: Stale<T>,
        /// Samples in a row since it is back.
        samples: u16,
        /// How many are needed.
        required: u16,
    },
    /// Its value has not changed for too long.
    Stuck {
        /// Its last sample.
        last: Stale<T>,
        /// Samples in a row with this value, at least.
        samples: u16,
    },
}

/// A value that commands nothing: too old, or of a source that is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct Stale<T> {
    value: T,
    taken_us: u64,
    age_us: u64,
}

impl<T> Stale<T> {
    /// The value, to be shown together with its age.
    #[must_use]
    pub const fn last_known(&self) -> &T {
        &self.value
    }

    /// When it was taken, in microseconds.
    #[must_use]
    pub const fn taken_us(&self) -> u64 {
        self.taken_us
    }

    /// How old it is, in microseconds.
    #[must_use]
    pub const fn age_us(&self) -> u64 {
        self.age_us
    }

    /// Another value in its place, which says that it is one.
    pub fn substitute(self, value: T) -> Substitute<T> {
        Substitute { value }
    }
}

/// A value in place of one that is missing. It is not fresh, and commands nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct Substitute<T> {
    value: T,
}

impl<T> Substitute<T> {
    /// A value in place of one that was never there.
    pub const fn new(value: T) -> Self {
        Self { value }
    }

    /// The value, to be shown as a substitute.
    #[must_use]
    pub const fn substituted(&self) -> &T {
        &self.value
    }
}

impl<T: Value> Source<T> {
    /// A source that has sent nothing yet.
    #[must_use]
    pub const fn new(limits: &'static Limits) -> Self {
        Self { limits, last: None, in_a_row: 0, same: 0, refused: 0 }
    }

    /// Takes a sample. One that was taken after `now_us` counts as taken now.
    ///
    /// # Errors
    ///
    /// The sample has no value, was offered before, or is older than the last one. It is counted, and changes nothing else.
    pub fn offer(&mut self, sample: Sample<T>, now_us: u64) -> Result<(), NotTaken> {
        self.take(sample, now_us).inspect_err(|_| self.failed())
    }

    /// A read has failed: there is no sample, and the last one gets older. It is counted.
    pub fn failed(&mut self) {
        self.refused = self.refused.saturating_add(1);
    }

    /// How many reads failed and how many samples were refused, at most `u32::MAX`.
    #[must_use]
    pub const fn refused(&self) -> u32 {
        self.refused
    }

    /// When the last sample was taken, in microseconds.
    #[must_use]
    pub fn last_good_us(&self) -> Option<u64> {
        self.last.as_ref().map(|last| last.taken_us)
    }

    /// The last sample, if it is fresh in this tick.
    ///
    /// # Errors
    ///
    /// There is none, it is too old, or the source is not believed.
    pub fn fresh<'tick>(&self, tick: &'tick Tick) -> Result<Fresh<'tick, T>, NotFresh<T>> {
        let Some(last) = self.last else { return Err(NotFresh::Never) };
        let age_us = tick.now_us().saturating_sub(last.taken_us);
        let stale = Stale { value: last.value, taken_us: last.taken_us, age_us };
        let Limits { age_limit_us, fresh_after, stuck_after, .. } = *self.limits;
        if age_us > u64::from(age_limit_us) {
            return Err(NotFresh::Stale(stale));
        }
        if self.in_a_row < fresh_after {
            return Err(NotFresh::Returning {
                last: stale,
                samples: self.in_a_row,
                required: fresh_after,
            });
        }
        if stuck_after != 0 && self.same >= stuck_after {
            return Err(NotFresh::Stuck { last: stale, samples: self.same });
        }
        let valid_until_us = last.taken_us.saturating_add(u64::from(age_limit_us));
        Ok(Fresh::new(last.value, last.taken_us, valid_until_us))
    }

    fn take(&mut self, sample: Sample<T>, now_us: u64) -> Result<(), NotTaken> {
        let Sample { value, sequence, taken_us } = sample;
        if !value.is_sample() {
            return Err(NotTaken::NoValue { sequence });
        }
        let taken_us = taken_us.min(now_us);
        let (mut in_a_row, mut same) = (0_u16, 0_u16);
        if let Some(last) = &self.last {
            if last.sequence == sequence {
                return Err(NotTaken::Repeated { sequence });
            }
            let Some(apart_us) = taken_us.checked_sub(last.taken_us) else {
                return Err(NotTaken::Older { sequence, taken_us, last_us: last.taken_us });
            };
            if apart_us <= u64::from(self.limits.lost_after_us) {
                in_a_row = self.in_a_row;
            }
            if last.value == value {
                same = self.same;
            }
        }
        self.in_a_row = in_a_row.saturating_add(1).min(self.limits.fresh_after);
        self.same = same.saturating_add(1);
        self.last = Some(Sample { value, sequence, taken_us });
        Ok(())
    }
}
