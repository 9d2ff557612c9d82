//! A word of memory that survives a reset: loads and stores that the optimiser neither deletes nor moves.
//!
//! ```text
//! a pair in one word:  bit 31 ... 16 | 15 ... 0
//!                      complement    | value
//! ```

use core::sync::atomic::{Ordering, compiler_fence};

use crate::word::Word;

/// A 32-bit word of retained memory. The words of a culprit have several writers, which look at them afterwards; each other word
/// has one. A store has a fence for the compiler on both sides: before a loop that hangs a plain store would be deleted.
#[derive(Debug)]
pub(crate) struct Kept(Word);

impl Kept {
    const_unless_loom! {
        pub(crate) fn new() -> Self {
            Self(Word::new(0))
        }
    }

    #[inline(always)]
    pub(crate) fn load(&self) -> u32 {
        self.0.glance()
    }

    #[inline(always)]
    pub(crate) fn store(&self, value: u32) {
        #[cfg(all(test, not(loom)))]
        if !cut::is_powered() {
            return;
        }
        compiler_fence(Ordering::SeqCst);
        self.0.note(value);
        compiler_fence(Ordering::SeqCst);
    }
}

/// A value of 16 bits and its complement.
#[inline(always)]
pub(crate) const fn pair(value: u16) -> u32 {
    value as u32 | !(value as u32) << 16
}

/// The value of a pair; `None` if its complement is not beside it.
#[inline(always)]
pub(crate) const fn unpair(word: u32) -> Option<u16> {
    if word == pair(word as u16) { Some(word as u16) } else { None }
}

/// A reset in the middle: after so many stores no other one reaches the memory.
#[cfg(all(test, not(loom)))]
pub(crate) mod cut {
    use std::boxed::Box;
    use std::cell::{Cell, RefCell};
    use std::thread_local;

    type Interrupt = Box<dyn FnOnce()>;

    thread_local! {
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
        static STORES: Cell<u32> = const { Cell::new(0) };
        static INTERRUPT: RefCell<Option<(u32, Interrupt)>> = const { RefCell::new(None) };
    }

    /// An interrupt comes after so many stores.
    pub(crate) fn interrupt_after(stores: u32, interrupt: impl FnOnce() + 'static) {
        STORES.set(0);
        INTERRUPT.replace(Some((stores, Box::new(interrupt))));
    }

    /// The reset comes after so many stores; with `None`, never.
    pub(crate) fn after(stores: Option<u32>) {
        LEFT.set(stores);
        STORES.set(0);
    }

    /// How many stores there were since the last call of [`after`].
    pub(crate) fn stores() -> u32 {
        STORES.get()
    }

    pub(super) fn is_powered() -> bool {
        let is_now = |(stores, _): &mut (u32, Interrupt)| *stores == STORES.get();
        let interrupt = INTERRUPT.with_borrow_mut(|interrupt| interrupt.take_if(is_now));
        if let Some((_, interrupt)) = interrupt {
            interrupt();
        }
        STORES.set(STORES.get() + 1);
        match LEFT.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                LEFT.set(Some(left - 1));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_read_back_and_every_flip_is_found() {
        for value in 0..=u16::MAX {
            assert_eq!(unpair(pair(value)), Some(value));
            for bit in 0..32 {
                assert_eq!(unpair(pair(value) ^ 1 << bit), None);
            }
        }
        assert_eq!((unpair(0), unpair(u32::MAX)), (None, None));
    }
}
