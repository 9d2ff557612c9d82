//! Freshness: a value that may command an output is a type, and lasts one tick.
//!
//! ```text
//!  Sample ---- offer ----> Source ---- fresh(tick) ----> Fresh<'tick, T>   young enough, and from a source that is there
//!                                                        NotFresh<T>       stale, stuck, returning, or never there
//!  Sample ---- offer ----> Sources --- align(tick) ----> Coherent<'tick>   all of them, taken within the skew
//!                                                        Missing           who is not there, and since when
//!  Sample ---- push -----> Backlog --- rows -----------> Row               from before: a row, a hole; never fresh
//! ```
//!
//! The age of a sample is that of its source: it counts from when it was taken, and a sample that is offered again under the same
//! number does not get younger. A stamp from after `now_us` has the age 0.

mod align;
mod backlog;
mod source;

pub use align::{Coherent, Lost, Missing, Skew, Sources, skew_us};
pub use backlog::{Backlog, PushError, Recorded, Row, Rows, rows};
pub use source::{Limits, NotFresh, NotTaken, Source, Stale, Substitute, age_limit_us};

use core::marker::PhantomData;

/// One turn of a loop: what is fresh is fresh in it. It comes from [`cycle`] alone.
#[derive(Debug)]
pub struct Tick {
    now_us: u64,
}

impl Tick {
    /// When the turn began, in microseconds.
    #[must_use]
    pub const fn now_us(&self) -> u64 {
        self.now_us
    }
}

/// One turn of a loop. Nothing that is fresh leaves it.
///
/// ```
/// use safe_state::freshness::{age_limit_us, Limits, Source};
/// use safe_state::{cycle, Sample};
///
/// static LIMITS: Limits = Limits::new(age_limit_us(20_000));
/// let mut speed = Source::new(&LIMITS);
/// speed.offer(Sample::new(400_u16, 1, 1_000), 1_100)?;
/// let doubled = cycle(2_000, |tick| speed.fresh(tick).map(|speed| speed.map(|speed| speed * 2).value()));
/// assert_eq!(doubled, Ok(800));
/// # Ok::<(), safe_state::freshness::NotTaken>(())
/// ```
///
/// ```compile_fail
/// use safe_state::freshness::{age_limit_us, Limits, Source};
/// use safe_state::{cycle, Sample};
///
/// static LIMITS: Limits = Limits::new(age_limit_us(20_000));
/// let mut speed = Source::new(&LIMITS);
/// speed.offer(Sample::new(400_u16, 1, 1_000), 1_100)?;
/// let kept = cycle(2_000, |tick| speed.fresh(tick));
/// # Ok::<(), safe_state::freshness::NotTaken>(())
/// ```
pub fn cycle<R>(now_us: u64, turn: impl for<'tick> FnOnce(&'tick Tick) -> R) -> R {
    turn(&Tick { now_us })
}

/// A value that is young enough, in this tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh<'tick, T> {
    value: T,
    valid_until_us: u64,
    /// When the oldest of its parts was taken, and the newest.
    oldest_us: u64,
    newest_us: u64,
    tick: PhantomData<&'tick Tick>,
}

impl<'tick, T> Fresh<'tick, T> {
    const fn new(value: T, taken_us: u64, valid_until_us: u64) -> Self {
        Self { value, valid_until_us, oldest_us: taken_us, newest_us: taken_us, tick: PhantomData }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> T
    where
        T: Copy,
    {
        self.value
    }

    /// The value, for what keeps to its validity.
    pub(crate) const fn as_value(&self) -> T
    where
        T: Copy,
    {
        self.value
    }

    /// Until when it is fresh, in microseconds, this instant included.
    #[must_use]
    pub const fn valid_until_us(&self) -> u64 {
        self.valid_until_us
    }

    /// When it was taken, or the oldest of its parts, in microseconds.
    #[must_use]
    pub const fn oldest_us(&self) -> u64 {
        self.oldest_us
    }

    /// When it was taken, or the newest of its parts, in microseconds.
    #[must_use]
    pub const fn newest_us(&self) -> u64 {
        self.newest_us
    }

    /// What follows from this value alone. It is as old as the value.
    #[must_use]
    pub fn map<U>(self, law: impl FnOnce(T) -> U) -> Fresh<'tick, U> {
        Fresh {
            value: law(self.value),
            valid_until_us: self.valid_until_us,
            oldest_us: self.oldest_us,
            newest_us: self.newest_us,
            tick: PhantomData,
        }
    }

    /// This value and another one of the same tick: valid as long as both are, and new when one of them is. Nothing says that they
    /// were taken at the same time: that is [`Sources::align`].
    #[must_use]
    pub fn zip<U>(self, other: Fresh<'tick, U>) -> Fresh<'tick, (T, U)> {
        Fresh {
            value: (self.value, other.value),
            valid_until_us: self.valid_until_us.min(other.valid_until_us),
            oldest_us: self.oldest_us.min(other.oldest_us),
            newest_us: self.newest_us.max(other.newest_us),
            tick: PhantomData,
        }
    }
}
