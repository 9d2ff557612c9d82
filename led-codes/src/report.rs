//! How interrupts and other cores raise faults: three words, each with one writer.
//!
//! ```text
//!  word        writer       what
//!  raised      reporter     a bit a fault; it differs from the one in `collected` while the fault is not collected
//!  first       reporter     the place of the first fault that was raised since the last collection
//!  collected   collector    `raised` as it was collected
//! ```
//!
//! Loads and stores only: there is no compare-and-swap on thumbv6m. A raise that meets a collection half way is in the next one.

#[cfg(not(all(loom, test)))]
use core::sync::atomic::{AtomicU32, Ordering};
#[cfg(all(loom, test))]
use loom::sync::atomic::{AtomicU32, Ordering};

use core::cell::Cell;

use crate::board::Board;
use crate::entry::Id;

/// The words of a reporter. They live in a `static`, and are [split](Self::split) once.
#[derive(Debug)]
pub struct ReportCell<const N: usize> {
    raised: AtomicU32,
    first: AtomicU32,
    collected: AtomicU32,
}

/// Raises faults in one context: an interrupt, another core. It can be sent there, and neither cloned nor shared.
///
/// ```compile_fail,E0277
/// use led_codes::Reporter;
/// fn shared<T: Sync>() {}
/// fn two_contexts() {
///     shared::<Reporter<4>>();
/// }
/// ```
///
/// ```
/// use led_codes::Reporter;
/// fn sent<T: Send>() {}
/// fn another_context() {
///     sent::<Reporter<4>>();
/// }
/// ```
#[derive(Debug)]
pub struct Reporter<const N: usize> {
    cell: &'static ReportCell<N>,
    /// The word that it alone writes.
    raised: Cell<u32>,
}

/// The end that takes the reports of one reporter, for [`Board::collect`].
#[derive(Debug)]
pub struct Collector<const N: usize> {
    cell: &'static ReportCell<N>,
    /// The word that it alone writes.
    collected: u32,
}

impl<const N: usize> ReportCell<N> {
    /// Words in which nothing is raised.
    #[cfg(not(all(loom, test)))]
    #[must_use]
    #[allow(clippy::new_without_default)] // It lives in a `static`.
    pub const fn new() -> Self {
        Self { raised: AtomicU32::new(0), first: AtomicU32::new(0), collected: AtomicU32::new(0) }
    }

    /// As without loom.
    #[cfg(all(loom, test))]
    #[must_use]
    pub fn new() -> Self {
        Self { raised: AtomicU32::new(0), first: AtomicU32::new(0), collected: AtomicU32::new(0) }
    }

    /// The two ends.
    #[must_use]
    pub fn split(&'static mut self) -> (Reporter<N>, Collector<N>) {
        const { assert!(N <= 32, "a word has 32 bits") };
        let cell: &'static Self = self;
        (Reporter { cell, raised: Cell::new(0) }, Collector { cell, collected: 0 })
    }
}

impl<const N: usize> Reporter<N> {
    /// This fault is there. A fault that is not collected yet is not raised again.
    pub fn raise(&self, id: Id<N>) {
        let raised = self.raised.get();
        let pending = raised ^ self.cell.collected.load(Ordering::Acquire);
        let new = bit(id) & !pending;
        if new == 0 {
            return;
        }
        if pending == 0 {
            self.cell.first.store(id.index() as u32, Ordering::Relaxed);
        }
        self.raised.set(raised ^ new);
        self.cell.raised.store(raised ^ new, Ordering::Release);
    }
}

impl<const N: usize> Collector<N> {
    /// The faults that were raised since the last time, the first of them first.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Id<N>> + use<N> {
        let raised = self.cell.raised.load(Ordering::Acquire);
        let new = raised ^ self.collected;
        let first = self.cell.first.load(Ordering::Relaxed);
        if new != 0 {
            self.collected = raised;
            self.cell.collected.store(raised, Ordering::Release);
        }
        let is_new = move |id: &Id<N>| bit(*id) & new != 0;
        let first = usize::try_from(first).ok().and_then(Id::new).filter(is_new);
        let others = (0..N).filter_map(Id::new).filter(move |id| is_new(id) && Some(*id) != first);
        first.into_iter().chain(others)
    }
}

impl<const N: usize> Board<'_, N> {
    /// Raises what an interrupt or another core has raised since the last time: the first of it first, the others by their place in
    /// the table.
    pub fn collect(&mut self, collector: &mut Collector<N>, now_us: u64) {
        for id in collector.take() {
            self.raise(id, now_us);
        }
    }
}

/// The bit of a fault; 0 for a place that a word has not.
const fn bit<const N: usize>(id: Id<N>) -> u32 {
    match 1_u32.checked_shl(id.index() as u32) {
        Some(bit) => bit,
        None => 0,
    }
}
