//! A row of several sources: all of them fresh, and taken at the same time, or who is missing and since when.

use crate::freshness::{Fresh, NotFresh, NotTaken, Source, Tick};
use crate::sample::{Sample, Value};

/// How far apart the samples of a row may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Skew(pub(crate) u32);

/// A skew of so many microseconds; 0 for the same instant.
#[must_use]
pub const fn skew_us(us: u32) -> Skew {
    Skew(us)
}

/// Several sources of one kind, numbered from 0.
#[derive(Clone, Debug)]
pub struct Sources<T, const N: usize> {
    sources: [Source<T>; N],
}

/// One row: a fresh sample of each source, all taken within the skew. A control law that asks for it cannot be given samples of
/// different moments.
///
/// ```compile_fail,E0308
/// use safe_state::freshness::{Coherent, Fresh, Tick};
/// fn law(row: Coherent<'_, u16, 2>) -> u16 {
///     row.values()[0]
/// }
/// fn turn(a: Fresh<'_, u16>, b: Fresh<'_, u16>) -> u16 {
///     law(a.zip(b))
/// }
/// ```
///
/// ```
/// use safe_state::freshness::{skew_us, Coherent, Missing, Sources, Tick};
/// fn law(row: Coherent<'_, u16, 2>) -> u16 {
///     row.values()[0]
/// }
/// fn turn(sources: &Sources<u16, 2>, tick: &Tick) -> Result<u16, Missing<2>> {
///     sources.align(skew_us(500), tick).map(law)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coherent<'tick, T, const N: usize> {
    row: Fresh<'tick, [T; N]>,
}

impl<'tick, T: Copy, const N: usize> Coherent<'tick, T, N> {
    /// The values, in the order of the sources.
    #[must_use]
    pub fn values(&self) -> [T; N] {
        self.row.value()
    }

    /// When the first of the samples was taken, in microseconds.
    #[must_use]
    pub const fn oldest_us(&self) -> u64 {
        self.row.oldest_us()
    }

    /// What follows from the row, as old as its oldest sample.
    #[must_use]
    pub fn map<U>(self, law: impl FnOnce([T; N]) -> U) -> Fresh<'tick, U> {
        self.row.map(law)
    }
}

/// Why there is no row: each source that is missing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Missing<const N: usize> {
    lost: [Option<Lost>; N],
}

/// A source that is missing in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Lost {
    /// The source never had a sample.
    Never,
    /// Its last sample, taken at this instant in microseconds, is too old, alone or beside those of the others.
    Since(u64),
    /// The source is there, but not believed: it has returned, or is stuck. Its last sample was taken at this instant in microseconds.
    NotBelieved(u64),
}

impl<const N: usize> Missing<N> {
    /// Each missing source by its number, in their order, with why it is missing.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Lost)> + '_ {
        let mut index = 0_usize;
        self.lost.iter().filter_map(move |lost| {
            let source = index;
            index = index.wrapping_add(1);
            lost.map(|lost| (source, lost))
        })
    }

    /// Why this source is missing; `None` if it is not, or if there is none of this number.
    #[must_use]
    pub fn of(&self, source: usize) -> Option<Lost> {
        self.lost.get(source).copied().flatten()
    }
}

impl<T: Value, const N: usize> Sources<T, N> {
    /// These sources.
    #[must_use]
    pub const fn new(sources: [Source<T>; N]) -> Self {
        const { assert!(N > 0, "a row has at least one source") };
        Self { sources }
    }

    /// Takes a sample of a source.
    ///
    /// # Errors
    ///
    /// There is no such source (`None`), or the sample was not taken.
    pub fn offer(
        &mut self,
        source: usize,
        sample: Sample<T>,
        now_us: u64,
    ) -> Result<(), Option<NotTaken>> {
        self.source_mut(source).ok_or(None)?.offer(sample, now_us).map_err(Some)
    }

    /// A source by its number.
    #[must_use]
    pub fn source(&self, source: usize) -> Option<&Source<T>> {
        self.sources.get(source)
    }

    /// A source by its number, to offer a sample to it.
    #[must_use]
    pub fn source_mut(&mut self, source: usize) -> Option<&mut Source<T>> {
        self.sources.get_mut(source)
    }

    /// The last sample of each source as one row.
    ///
    /// # Errors
    ///
    /// A source has nothing that is fresh, or its last sample was taken more than the skew before that of another one.
    pub fn align<'tick>(
        &self,
        skew: Skew,
        tick: &'tick Tick,
    ) -> Result<Coherent<'tick, T, N>, Missing<N>> {
        let fresh = self.sources.each_ref().map(|source| source.fresh(tick));
        let mut newest_us = 0_u64;
        for fresh in fresh.iter().flatten() {
            newest_us = newest_us.max(fresh.newest_us);
        }
        let first_us = newest_us.saturating_sub(u64::from(skew.0));
        let lost = fresh.map(|fresh| match fresh {
            Ok(fresh) if fresh.oldest_us >= first_us => None,
            Ok(fresh) => Some(Lost::Since(fresh.oldest_us)),
            Err(NotFresh::Never) => Some(Lost::Never),
            Err(NotFresh::Stale(last)) => Some(Lost::Since(last.taken_us())),
            Err(NotFresh::Returning { last, .. } | NotFresh::Stuck { last, .. }) => {
                Some(Lost::NotBelieved(last.taken_us()))
            }
        });
        row_of(&fresh).filter(|_| lost.iter().all(Option::is_none)).ok_or(Missing { lost })
    }
}

/// The samples as one; `None` if one is missing.
fn row_of<'tick, T: Value, const N: usize>(
    fresh: &[Result<Fresh<'tick, T>, NotFresh<T>>; N],
) -> Option<Coherent<'tick, T, N>> {
    let Some(Ok(first)) = fresh.first() else { return None };
    let mut row = first.map(|value| [value; N]);
    let mut values = row.value.iter_mut();
    for fresh in fresh {
        let (Some(value), Ok(fresh)) = (values.next(), fresh) else { return None };
        *value = fresh.value;
        row.valid_until_us = row.valid_until_us.min(fresh.valid_until_us);
        row.oldest_us = row.oldest_us.min(fresh.oldest_us);
        row.newest_us = row.newest_us.max(fresh.newest_us);
    }
    Some(Coherent { row })
}
