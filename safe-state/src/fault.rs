//! Faults: each with its severity and latch, all of them at once, and the one that was first.
//!
//! ```text
//!               raise              clear                  acknowledge
//!  Inactive ----------> Active ------------> Latched ------------------> Inactive
//!                          ^      Auto: -----------------------------------^
//!                          '---------------- Latched
//!                                  raise
//!
//!  latch         goes away                       severity    the machine      arming
//!  Auto          when it is cleared              Notice      goes on          goes on
//!  Acknowledge   cleared, then acknowledged      Degrade     Degraded         goes on
//!  Session       cleared, then a new session     Stop        Safe             refused
//!  Never         never                           Lockout     Lockout          refused
//! ```
//!
//! The first fault stays the first until it is acknowledged; those that follow keep their order, and each is cleared alone.

mod cleared;
mod not_clear;
mod reporter;
mod row;

pub use cleared::Cleared;
pub use not_clear::{NotClear, Uncleared};
pub use reporter::{Collector, ReportCell, Reporter};
pub use row::{Fault, Latch, Severity, fault};

use bitflags::Flags;

/// The faults of a machine: for each flag of `F` a row, in the order of the flags. It has one owner; interrupts and other cores raise
/// through a [`Reporter`].
///
/// ```
/// use bitflags::bitflags;
/// use safe_state::fault::{fault, Fault, Latch, Severity};
/// use safe_state::FaultSet;
///
/// bitflags! {
///     #[derive(Clone, Copy, Debug, PartialEq, Eq)]
///     struct Faults: u8 {
///         const HV = 1 << 0;
///         const OVERCURRENT = 1 << 1;
///     }
/// }
///
/// static ROWS: [Fault; 2] = [
///     fault("HV", Severity::Stop, Latch::Acknowledge),
///     fault("OVERCURRENT", Severity::Stop, Latch::Acknowledge),
/// ];
/// let mut faults = FaultSet::<Faults, 2>::new(&ROWS);
/// faults.raise(Faults::OVERCURRENT, 100);
/// faults.raise(Faults::HV, 200);
/// faults.clear(Faults::OVERCURRENT, 300);
/// assert_eq!(faults.first_out().map(|first| first.name), Some("OVERCURRENT"));
/// ```
///
/// A fault without a row, and rows in another order, do not compile:
///
/// ```compile_fail,E0080
/// # use bitflags::bitflags;
/// # use safe_state::fault::{fault, Fault, Latch, Severity};
/// # use safe_state::FaultSet;
/// # bitflags! {
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// #     struct Faults: u8 {
/// #         const HV = 1 << 0;
/// #         const OVERCURRENT = 1 << 1;
/// #     }
/// # }
/// static ROWS: [Fault; 2] = [
///     fault("OVERCURRENT", Severity::Stop, Latch::Acknowledge),
///     fault("HV", Severity::Stop, Latch::Acknowledge),
/// ];
/// static FAULTS: FaultSet<Faults, 2> = FaultSet::new(&ROWS);
/// ```
#[derive(Debug)]
pub struct FaultSet<F, const N: usize> {
    rows: &'static [Fault; N],
    records: [Record; N],
    first_out: Option<u8>,
    /// Counts what makes a clearance void.
    generation: u32,
    /// Nothing but faults that go away by themselves has stopped the machine since the last acknowledgement.
    is_acknowledged: bool,
    flags: core::marker::PhantomData<fn(F)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Inactive,
    Active,
    /// Its cause has gone, it has not.
    Latched,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    state: State,
    /// How many of those that are there were raised before it.
    order: u8,
    raised_us: u64,
    cleared_us: u64,
    /// Before this instant it does not act.
    deferred_until_us: u64,
}

/// A fault that is active or latched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Present {
    /// The place of its row.
    pub index: u8,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub severity: Severity,
    /// When it was raised, or raised again, in microseconds.
    pub raised_us: u64,
    /// When its cause went, in microseconds; `None` while it is there.
    pub cleared_us: Option<u64>,
}

/// Why a fault was not deferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum DeferError {
    /// No fault of the set was named, or more than one.
    #[error("{count} faults were named, 1 expected")]
    Count {
        /// How many.
        count: u8,
    },
    /// The fault may not be deferred for so long.
    #[error("deferred for {asked_us} us, at most {max_us} us allowed")]
    TooLong {
        /// What was asked.
        asked_us: u32,
        /// What its row allows.
        max_us: u32,
    },
    /// The fault is active, and acts already.
    #[error("active since {since_us} us")]
    Active {
        /// When it was raised.
        since_us: u64,
    },
}

impl<F: Flags, const N: usize> FaultSet<F, N> {
    /// A set with these rows, in which nothing has happened. There are as many rows as flags, each of its name, in their order.
    ///
    /// # Panics
    ///
    /// If the rows are not those of the flags; in a constant it does not compile.
    #[must_use]
    pub const fn new(rows: &'static [Fault; N]) -> Self {
        assert!(N <= 32, "a set has at most 32 faults");
        assert!(F::FLAGS.len() == N, "each fault has one row, and each row a fault");
        let mut index = 0_usize;
        while index < N {
            #[allow(clippy::indexing_slicing)] // Below the length of both.
            let (flag, row) = (F::FLAGS[index].name(), rows[index].name);
            assert!(is_same(flag, row), "the rows have the names of the flags, in their order");
            index = index.wrapping_add(1);
        }
        let record = Record {
            state: State::Inactive,
            order: 0,
            raised_us: 0,
            cleared_us: 0,
            deferred_until_us: 0,
        };
        Self {
            rows,
            records: [record; N],
            first_out: None,
            generation: 0,
            is_acknowledged: false,
            flags: core::marker::PhantomData,
        }
    }

    /// These faults are there. What is active already goes on as it is.
    pub fn raise(&mut self, faults: F, now_us: u64) {
        let mut present = self.present();
        let mut index = 0_u8;
        let mut rows = self.rows.iter();
        for record in &mut self.records {
            let row = rows.next();
            if is_in::<F>(&faults, index) && record.state != State::Active {
                if record.state == State::Inactive {
                    record.order = present;
                    present = present.wrapping_add(1);
                }
                record.state = State::Active;
                record.raised_us = now_us;
                self.first_out = self.first_out.or(Some(index));
                if let Some(row) = row.filter(|row| row.severity >= Severity::Stop) {
                    self.generation = self.generation.wrapping_add(1);
                    self.is_acknowledged &= row.latch == Latch::Auto;
                }
            }
            index = index.wrapping_add(1);
        }
    }

    /// The causes of these faults have gone. What stays of each is what its latch says.
    pub fn clear(&mut self, faults: F, now_us: u64) {
        let mut index = 0_u8;
        let mut gone = [false; N];
        let (mut rows, mut places) = (self.rows.iter(), gone.iter_mut());
        for record in &mut self.records {
            let latch = rows.next().map(|row| row.latch);
            let place = places.next();
            if is_in::<F>(&faults, index) && record.state == State::Active {
                record.state = State::Latched;
                record.cleared_us = now_us;
                if let Some(place) = place {
                    *place = latch == Some(Latch::Auto);
                }
            }
            index = index.wrapping_add(1);
        }
        self.retire(&gone);
    }

    /// These faults are no longer there: those that were raised later move up.
    fn retire(&mut self, gone: &[bool; N]) {
        let mut left = 0_u8;
        // In the order in which they were raised.
        for order in 0..N as u8 {
            let mut places = gone.iter();
            for record in &mut self.records {
                let is_gone = places.next().copied().unwrap_or(false);
                if record.state == State::Inactive || record.order != order {
                    continue;
                }
                if is_gone {
                    record.state = State::Inactive;
                } else {
                    record.order = left;
                    left = left.wrapping_add(1);
                }
                break;
            }
        }
    }

    /// How many faults are active or latched.
    fn present(&self) -> u8 {
        let mut count = 0_u8;
        for record in &self.records {
            count = count.wrapping_add(u8::from(record.state != State::Inactive));
        }
        count
    }

    /// A fault that is raised from now on acts after so many microseconds at the earliest: for a movement that must be ended before.
    ///
    /// # Errors
    ///
    /// Not one fault was named, its row does not allow it for so long, or it is active.
    #[allow(clippy::cast_possible_truncation)] // At most 32.
    pub fn defer(&mut self, fault: F, for_us: u32, now_us: u64) -> Result<(), DeferError> {
        let mut count = 0_u8;
        let mut one = None;
        let (mut index, mut rows) = (0_u8, self.rows.iter());
        for record in &mut self.records {
            let row = rows.next();
            if is_in::<F>(&fault, index) {
                count = count.wrapping_add(1);
                one = row.map(|row| (row, record));
            }
            index = index.wrapping_add(1);
        }
        let Some((row, record)) = one.filter(|_| count == 1) else {
            return Err(DeferError::Count { count });
        };
        if for_us > row.defer_max_us {
            return Err(DeferError::TooLong { asked_us: for_us, max_us: row.defer_max_us });
        }
        if record.state == State::Active {
            return Err(DeferError::Active { since_us: record.raised_us });
        }
        record.deferred_until_us = now_us.saturating_add(u64::from(for_us));
        Ok(())
    }

    /// The fault that was first, until it is acknowledged; one that has gone by itself too.
    #[must_use]
    pub fn first_out(&self) -> Option<Present> {
        self.first_out.and_then(|index| self.at(index))
    }

    /// The faults that are active or latched, in the order in which they were raised.
    pub fn in_order(&self) -> impl Iterator<Item = Present> + '_ {
        let mut order = 0_u8;
        core::iter::from_fn(move || {
            let index = self.of_order(order)?;
            order = order.wrapping_add(1);
            self.at(index)
        })
    }

    /// The highest severity of what acts now: active or latched, and not deferred.
    #[must_use]
    pub fn worst(&self, now_us: u64) -> Option<Severity> {
        let mut worst = None;
        let mut rows = self.rows.iter();
        for record in &self.records {
            let acts = record.state != State::Inactive && now_us >= record.deferred_until_us;
            let severity = rows.next().map(|row| row.severity).filter(|_| acts);
            worst = worst.max(severity);
        }
        worst
    }

    /// Whether a fault acts that sends outputs to their safe value.
    #[must_use]
    pub fn stops(&self, now_us: u64) -> bool {
        self.worst(now_us) >= Some(Severity::Stop)
    }

    /// Whether this fault is active.
    #[must_use]
    pub fn is_active(&self, fault: F) -> bool {
        let mut index = 0_u8;
        self.records.iter().any(|record| {
            let is_it = is_in::<F>(&fault, index) && record.state == State::Active;
            index = index.wrapping_add(1);
            is_it
        })
    }

    fn at(&self, index: u8) -> Option<Present> {
        let (row, record) =
            (self.rows.get(usize::from(index))?, self.records.get(usize::from(index))?);
        Some(Present {
            index,
            name: row.name,
            severity: row.severity,
            raised_us: record.raised_us,
            cleared_us: (record.state != State::Active).then_some(record.cleared_us),
        })
    }

    /// The place of the fault of this order among those that are there.
    fn of_order(&self, order: u8) -> Option<u8> {
        let mut index = 0_u8;
        for record in &self.records {
            if record.state != State::Inactive && record.order == order {
                return Some(index);
            }
            index = index.wrapping_add(1);
        }
        None
    }
}

/// Whether the flag of this place is among these.
fn is_in<F: Flags>(faults: &F, index: u8) -> bool {
    let flag =
        F::FLAGS.get(usize::from(index)).map(|flag| F::from_bits_retain(flag.value().bits()));
    flag.is_some_and(|flag| faults.contains(flag))
}

/// A bit a flag, by its place.
fn bits_of<F: Flags>(faults: &F) -> u32 {
    let (mut bits, mut bit) = (0_u32, 1_u32);
    for flag in F::FLAGS {
        if faults.contains(F::from_bits_retain(flag.value().bits())) {
            bits |= bit;
        }
        bit = bit.wrapping_shl(1);
    }
    bits
}

fn flags_of<F: Flags>(bits: u32) -> F {
    let (mut flags, mut rest) = (F::empty(), bits);
    for flag in F::FLAGS {
        if rest & 1 != 0 {
            flags.insert(F::from_bits_retain(flag.value().bits()));
        }
        rest >>= 1;
    }
    flags
}

/// Whether two names are the same.
const fn is_same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        match (one, other) {
            ([], []) => return true,
            ([a, rest @ ..], [b, others @ ..]) if *a == *b => (one, other) = (rest, others),
            _ => return false,
        }
    }
}
