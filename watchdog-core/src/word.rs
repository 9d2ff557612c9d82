//! A word that crosses between a check-in and the supervisor: 32 bits, one writer. Only loads and stores, so that it exists on
//! thumbv6m and riscv32imc too, which have no compare-and-swap.

use core::sync::atomic::Ordering;

#[cfg(not(all(loom, test)))]
use core::sync::atomic::AtomicU32;
#[cfg(all(loom, test))]
use loom::sync::atomic::AtomicU32;

/// A 32-bit word with one writer.
#[derive(Debug)]
pub(crate) struct Word(AtomicU32);

impl Word {
    const_unless_loom! {
        pub(crate) fn new(value: u32) -> Self {
            Self(AtomicU32::new(value))
        }
    }

    /// The value, for its own writer.
    #[inline(always)]
    pub(crate) fn own(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// The value, for a reader to whom nothing else follows from it.
    #[inline(always)]
    pub(crate) fn glance(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// The value, for a reader who then reads what the writer had noted before.
    #[inline(always)]
    pub(crate) fn read(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    /// Writes a value that nobody reads before the word that is published next.
    #[inline(always)]
    pub(crate) fn note(&self, value: u32) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Writes a value, and with it all that was noted before.
    #[inline(always)]
    pub(crate) fn publish(&self, value: u32) {
        self.0.store(value, Ordering::Release);
    }
}
