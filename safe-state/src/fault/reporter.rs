//! How interrupts and other cores raise faults: three words, each with one writer.
//!
//! ```text
//!  word        writer       what
//!  raised      reporter     a bit a fault; it differs from the one in `collected` while the fault is not collected
//!  stamp       reporter     the lowest 32 bits of the instant of the first raise that was not collected
//!  collected   collector    `raised` as it was collected
//! ```
//!
//! Loads and stores only: there is no compare-and-swap on thumbv6m. A raise that meets a collection half way is in the next one; its
//! stamp may then be the one that was collected already, and its instant is that of the last collection.

#[cfg(not(all(loom, test)))]
use core::sync::atomic::{AtomicU32, Ordering};
#[cfg(all(loom, test))]
use loom::sync::atomic::{AtomicU32, Ordering};

use core::cell::Cell;
use core::marker::PhantomData;

use bitflags::Flags;

use super::{FaultSet, bits_of};

/// The words of a reporter. They live in a `static`, and are [split](Self::split) once.
#[derive(Debug)]
pub struct ReportCell<F> {
    raised: AtomicU32,
    stamp: AtomicU32,
    collected: AtomicU32,
    flags: PhantomData<fn(F)>,
}

/// Raises faults in one context: an interrupt, another core. It can be sent there, and neither cloned nor shared.
///
/// ```compile_fail,E0277
/// use safe_state::Reporter;
/// fn shared<T: Sync>() {}
/// fn two_contexts<F: bitflags::Flags + 'static>() {
///     shared::<Reporter<F>>();
/// }
/// ```
///
/// ```
/// use safe_state::Reporter;
/// fn sent<T: Send>() {}
/// fn another_context<F: bitflags::Flags + 'static>() {
///     sent::<Reporter<F>>();
/// }
/// ```
#[derive(Debug)]
pub struct Reporter<F: 'static> {
    cell: &'static ReportCell<F>,
    /// The word that it alone writes.
    raised: Cell<u32>,
}

/// What takes the reports of one reporter, for [`FaultSet::collect`].
#[derive(Debug)]
pub struct Collector<F: 'static> {
    cell: &'static ReportCell<F>,
    /// The word that it alone writes.
    collected: u32,
    /// The stamp that was collected last, and when.
    last: Option<(u32, u64)>,
}

impl<F: Flags> ReportCell<F> {
    /// Words in which nothing is raised.
    #[cfg(not(all(loom, test)))]
    #[must_use]
    #[allow(clippy::new_without_default)] // It lives in a `static`.
    pub const fn new() -> Self {
        Self {
            raised: AtomicU32::new(0),
            stamp: AtomicU32::new(0),
            collected: AtomicU32::new(0),
            flags: PhantomData,
        }
    }

    /// As without loom.
    #[cfg(all(loom, test))]
    #[must_use]
    pub fn new() -> Self {
        Self {
            raised: AtomicU32::new(0),
            stamp: AtomicU32::new(0),
            collected: AtomicU32::new(0),
            flags: PhantomData,
        }
    }

    /// The two ends.
    #[must_use]
    pub fn split(&'static mut self) -> (Reporter<F>, Collector<F>) {
        const { assert!(F::FLAGS.len() <= 32, "a word has 32 bits") };
        let cell: &'static Self = self;
        (Reporter { cell, raised: Cell::new(0) }, Collector { cell, collected: 0, last: None })
    }
}

impl<F: Flags> Reporter<F> {
    /// These faults are there. A fault that is not collected yet is not raised again.
    #[allow(clippy::cast_possible_truncation)] // The collector extends the stamp.
    pub fn raise(&self, faults: F, now_us: u64) {
        let raised = self.raised.get();
        let pending = raised ^ self.cell.collected.load(Ordering::Acquire);
        let new = bits_of(&faults) & !pending;
        if new == 0 {
            return;
        }
        if pending == 0 {
            self.cell.stamp.store(now_us as u32, Ordering::Relaxed);
        }
        self.raised.set(raised ^ new);
        self.cell.raised.store(raised ^ new, Ordering::Release);
    }
}

impl<F: Flags> Collector<F> {
    /// What was raised since the last time, a bit a fault, and when the first of it was.
    pub(crate) fn take(&mut self, now_us: u64) -> Option<(u32, u64)> {
        let raised = self.cell.raised.load(Ordering::Acquire);
        let new = raised ^ self.collected;
        if new == 0 {
            return None;
        }
        let stamp = self.cell.stamp.load(Ordering::Relaxed);
        self.collected = raised;
        self.cell.collected.store(raised, Ordering::Release);
        let at_us = match self.last {
            Some((last, at_us)) if last == stamp => at_us,
            _ => instant(stamp, now_us),
        };
        self.last = Some((stamp, now_us));
        Some((new, at_us))
    }
}

impl<F: Flags, const N: usize> FaultSet<F, N> {
    /// Takes what interrupts and other cores have raised since the last time, the earliest first.
    pub fn collect<const K: usize>(&mut self, collectors: [&mut Collector<F>; K], now_us: u64) {
        let mut taken = collectors.map(|collector| collector.take(now_us));
        while let Some(first_us) = taken.iter().flatten().map(|(_, at_us)| *at_us).min() {
            for report in &mut taken {
                if let Some((bits, _)) = report.take_if(|(_, at_us)| *at_us == first_us) {
                    self.raise(super::flags_of(bits), first_us);
                }
            }
        }
    }
}

/// The instant of a stamp: one from after `now_us` is now.
#[allow(clippy::cast_possible_truncation)] // The lowest 32 bits.
const fn instant(stamp: u32, now_us: u64) -> u64 {
    let age_us = (now_us as u32).wrapping_sub(stamp);
    if age_us > u32::MAX / 2 { now_us } else { now_us.saturating_sub(age_us as u64) }
}
