//! A backlog: what a source kept while nobody could hear it, and the rows that several backlogs give afterwards.
//!
//! ```text
//! source 0   10  20  30  40  50  60          row 10, row 20,
//! source 1   10  20          50  60          a hole of source 1 from 20 to 50, and of source 2 from 30 to 60,
//! source 2   10  20  30          60          row 60
//! ```

use crate::freshness::Skew;
use crate::sample::{Sample, Value};

/// Samples of one source, in the order in which it took them; at most `N`, of which the oldest are left out first.
#[derive(Clone, Debug)]
pub struct Backlog<T, const N: usize> {
    samples: [Option<Sample<T>>; N],
    /// Where the oldest one is.
    first: usize,
    len: usize,
    /// The sample before the oldest one, if it was left out.
    before: Option<(u32, u64)>,
    dropped: u32,
}

/// Why a sample was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PushError {
    /// The value is none: not a number, or infinite.
    #[error("the value of sample {sequence} is not a finite number")]
    NoValue {
        /// Its number.
        sequence: u32,
    },
    /// The sample is not newer than the last one.
    #[error("sample {sequence} of {taken_us} us does not follow sample {last} of {last_us} us")]
    NotNewer {
        /// Its number.
        sequence: u32,
        /// When it was taken.
        taken_us: u64,
        /// The number of the last one.
        last: u32,
        /// When the last one was taken.
        last_us: u64,
    },
}

impl<T: Value, const N: usize> Backlog<T, N> {
    /// A backlog with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(N > 0, "a backlog has room for at least one sample") };
        Self { samples: [None; N], first: 0, len: 0, before: None, dropped: 0 }
    }

    /// Keeps a sample. Where there is no room the oldest one is left out, and counted.
    ///
    /// # Errors
    ///
    /// The sample has no value, or it is not newer than the last one: its number must follow, wrapping, by less than half of all
    /// numbers, and its stamp must be later.
    pub fn push(&mut self, sample: Sample<T>) -> Result<(), PushError> {
        let Sample { value, sequence, taken_us } = sample;
        if !value.is_sample() {
            return Err(PushError::NoValue { sequence });
        }
        if let Some(last) = self.last() {
            let ahead = sequence.wrapping_sub(last.sequence);
            if ahead == 0 || ahead > u32::MAX / 2 || taken_us <= last.taken_us {
                return Err(PushError::NotNewer {
                    sequence,
                    taken_us,
                    last: last.sequence,
                    last_us: last.taken_us,
                });
            }
        }
        if self.len == N {
            self.before = self.get(0).map(|oldest| (oldest.sequence, oldest.taken_us));
            self.first = self.place(1);
            self.len = self.len.wrapping_sub(1);
            self.dropped = self.dropped.saturating_add(1);
        }
        let place = self.place(self.len);
        if let Some(room) = self.samples.get_mut(place) {
            *room = Some(sample);
            self.len = self.len.wrapping_add(1);
        }
        Ok(())
    }

    /// Forgets all samples. The next one has no hole before it.
    pub const fn clear(&mut self) {
        (self.first, self.len, self.before) = (0, 0, None);
    }

    /// How many samples it holds.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.len
    }

    /// How many samples were left out for want of room, at most `u32::MAX`.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    fn last(&self) -> Option<&Sample<T>> {
        self.get(self.len.checked_sub(1)?)
    }

    fn get(&self, index: usize) -> Option<&Sample<T>> {
        if index < self.len { self.samples.get(self.place(index))?.as_ref() } else { None }
    }

    /// Where the sample of this index is, from the oldest one on.
    const fn place(&self, index: usize) -> usize {
        let place = self.first.wrapping_add(index);
        if place >= N { place.wrapping_sub(N) } else { place }
    }
}

impl<T: Value, const N: usize> Default for Backlog<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// What several backlogs say of one moment. None of it is fresh, and commands anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Row<T, const M: usize> {
    /// All sources have a sample, and these were taken within the skew.
    Coherent(Recorded<T, M>),
    /// A source has no samples in between.
    Hole {
        /// Its number.
        source: usize,
        /// When its last sample before the hole was taken, in microseconds; `None` if none was kept.
        from_us: Option<u64>,
        /// When its first sample after the hole was taken, in microseconds; `None` if there is none.
        to_us: Option<u64>,
    },
    /// A sample that is in no row.
    Alone {
        /// The number of its source.
        source: usize,
        /// The sample.
        sample: Sample<T>,
    },
}

/// A row from before: the values, in the order of the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Recorded<T, const M: usize> {
    /// A sample of each source.
    pub samples: [Sample<T>; M],
}

/// The rows of several backlogs, one a source, by the time of the sources. Every sample is in one row, and every hole is named once: a
/// number that is missing, a source that begins later than another one, or ends before.
pub fn rows<T: Value, const N: usize, const M: usize>(
    backlogs: &[Backlog<T, N>; M],
    skew: Skew,
) -> Rows<'_, T, N, M> {
    Rows {
        backlogs,
        skew,
        cursors: backlogs.each_ref().map(|backlog| Cursor {
            next: 0,
            before: backlog.before,
            is_hole_named: false,
        }),
    }
}

/// The rows of several backlogs: see [`rows`].
#[derive(Clone, Debug)]
pub struct Rows<'a, T, const N: usize, const M: usize> {
    backlogs: &'a [Backlog<T, N>; M],
    skew: Skew,
    cursors: [Cursor; M],
}

/// How far a backlog was read.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    /// The index of the next sample.
    next: usize,
    /// The number of the sample before it, and when that was taken.
    before: Option<(u32, u64)>,
    /// Whether the hole before the next sample, or after the last one, was named.
    is_hole_named: bool,
}

impl<T: Value, const N: usize, const M: usize> Rows<'_, T, N, M> {
    /// The next sample of each source.
    fn heads(&self) -> [Option<Sample<T>>; M] {
        let mut heads = [None; M];
        let mut places = heads.iter_mut();
        let mut cursors = self.cursors.iter();
        for backlog in self.backlogs {
            if let (Some(place), Some(cursor)) = (places.next(), cursors.next()) {
                *place = backlog.get(cursor.next).copied();
            }
        }
        heads
    }

    /// The first hole that is known and not named.
    fn hole(&mut self, heads: &[Option<Sample<T>>; M], newest_us: u64) -> Option<Row<T, M>> {
        let is_any_left = heads.iter().any(Option::is_some);
        let first_us = newest_us.saturating_sub(u64::from(self.skew.0));
        let oldest_us = heads.iter().flatten().map(|head| head.taken_us).min().unwrap_or(0);
        let late_us = oldest_us.saturating_add(u64::from(self.skew.0));
        let mut source = 0_usize;
        for cursor in &mut self.cursors {
            let head = heads.get(source).copied().flatten();
            let is_hole = match (cursor.before, head) {
                (Some((last, _)), Some(head)) => head.sequence != last.wrapping_add(1),
                (None, Some(head)) => head.taken_us > late_us,
                // What is left of the others was taken together with its last one, or after it.
                (Some((_, last_us)), None) => last_us < first_us,
                (None, None) => is_any_left,
            };
            if is_hole && !cursor.is_hole_named {
                cursor.is_hole_named = true;
                let from_us = cursor.before.map(|(_, taken_us)| taken_us);
                let to_us = head.map(|head| head.taken_us);
                return Some(Row::Hole { source, from_us, to_us });
            }
            source = source.wrapping_add(1);
        }
        None
    }

    /// The next sample of this source is in a row, or alone.
    fn advance(&mut self, source: usize, sample: &Sample<T>) {
        if let Some(cursor) = self.cursors.get_mut(source) {
            *cursor = Cursor {
                next: cursor.next.wrapping_add(1),
                before: Some((sample.sequence, sample.taken_us)),
                is_hole_named: false,
            };
        }
    }
}

impl<T: Value, const N: usize, const M: usize> Iterator for Rows<'_, T, N, M> {
    type Item = Row<T, M>;

    fn next(&mut self) -> Option<Row<T, M>> {
        let heads = self.heads();
        let mut newest_us = 0_u64;
        let mut oldest: Option<(usize, Sample<T>)> = None;
        let (mut row, mut source) = (None, 0_usize);
        for head in &heads {
            if let Some(head) = head {
                newest_us = newest_us.max(head.taken_us);
                row = row.or(Some([*head; M]));
                if oldest.is_none_or(|(_, oldest)| head.taken_us < oldest.taken_us) {
                    oldest = Some((source, *head));
                }
            }
            source = source.wrapping_add(1);
        }
        if let Some(hole) = self.hole(&heads, newest_us) {
            return Some(hole);
        }
        let (oldest_source, oldest) = oldest?;
        let apart_us = newest_us.saturating_sub(oldest.taken_us);
        if apart_us > u64::from(self.skew.0) || heads.iter().any(Option::is_none) {
            self.advance(oldest_source, &oldest);
            return Some(Row::Alone { source: oldest_source, sample: oldest });
        }
        let mut samples = row?;
        let mut places = samples.iter_mut();
        let mut source = 0_usize;
        for head in heads.iter().flatten() {
            if let Some(place) = places.next() {
                *place = *head;
            }
            self.advance(source, head);
            source = source.wrapping_add(1);
        }
        Some(Row::Coherent(Recorded { samples }))
    }
}
