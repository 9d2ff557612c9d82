//! Uptime in 64 bits from a timer of 32 bits, for a main program and its interrupts: one word with one writer, so that nothing tears
//! on a processor that has no 64-bit atomics.

use core::sync::atomic::{AtomicU32, Ordering};

/// Counts the halves of the timer's period: the timer's upper bit says whether the running half is counted already.
pub(crate) struct Uptime {
    halves: AtomicU32,
}

impl Uptime {
    pub(crate) const fn new() -> Self {
        Self { halves: AtomicU32::new(0) }
    }

    /// Counts the half. One context calls it, at least once in each half.
    pub(crate) fn advance(&self, ticks: u32) {
        let halves = self.halves.load(Ordering::Relaxed);
        if halves & 1 != ticks >> 31 {
            self.halves.store(halves.wrapping_add(1), Ordering::Relaxed);
        }
    }

    /// Ticks since boot, in any context. The timer is read after the halves, so that an interrupt in between is none too many: a half
    /// that has begun since then differs in its parity.
    pub(crate) fn now(&self, ticks: impl Fn() -> u32) -> u64 {
        let halves = self.halves.load(Ordering::Relaxed);
        core::sync::atomic::compiler_fence(Ordering::SeqCst);
        let ticks = ticks();
        let halves = halves.wrapping_add(halves & 1 ^ ticks >> 31);
        u64::from(halves >> 1) << 32 | u64::from(ticks)
    }
}
