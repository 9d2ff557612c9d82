//! A word that crosses between a check-in and the supervisor: 32 bits, one writer. Only loads and stores, so that it exists on
//! thumbv6m and riscv32imc too, which have no compare-and-swap.

use core::sync::atomic::{AtomicU16, AtomicU32 as PlainU32, Ordering};

#[cfg(all(loom, test))]
use self::under_loom::AtomicU32;
#[cfg(not(all(loom, test)))]
use core::sync::atomic::AtomicU32;

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
        #[cfg(all(loom, test))]
        return self.0.own();
        #[cfg(not(all(loom, test)))]
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

/// A 32-bit word that never crosses: it is among words that do.
#[derive(Debug)]
pub(crate) struct Private(PlainU32);

impl Private {
    pub(crate) const fn new(value: u32) -> Self {
        Self(PlainU32::new(value))
    }

    #[inline(always)]
    pub(crate) fn value(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(crate) fn set(&self, value: u32) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// As [`Private`], of 16 bits.
#[derive(Debug)]
pub(crate) struct PrivateHalf(AtomicU16);

impl PrivateHalf {
    pub(crate) const fn new(value: u16) -> Self {
        Self(AtomicU16::new(value))
    }

    #[inline(always)]
    pub(crate) fn value(&self) -> u16 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(crate) fn set(&self, value: u16) {
        self.0.store(value, Ordering::Relaxed);
    }
}

#[cfg(all(loom, test))]
mod under_loom {
    use core::sync::atomic::Ordering;

    /// loom's atomic, and beside it what its one writer wrote last. loom remembers the last access of an atomic alone: where a writer
    /// loads it before it stores, no reader would be tried after the store.
    #[derive(Debug)]
    pub(super) struct AtomicU32(loom::sync::atomic::AtomicU32, core::sync::atomic::AtomicU32);

    impl AtomicU32 {
        pub(super) fn new(value: u32) -> Self {
            Self(
                loom::sync::atomic::AtomicU32::new(value),
                core::sync::atomic::AtomicU32::new(value),
            )
        }

        pub(super) fn own(&self) -> u32 {
            self.1.load(Ordering::Relaxed)
        }

        pub(super) fn load(&self, ordering: Ordering) -> u32 {
            self.0.load(ordering)
        }

        pub(super) fn store(&self, value: u32, ordering: Ordering) {
            self.1.store(value, Ordering::Relaxed);
            self.0.store(value, ordering);
        }
    }
}
