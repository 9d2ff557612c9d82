//! The CMSDK watchdog, and words that survive its reset.

use core::convert::Infallible;
use core::sync::atomic::{AtomicU32, Ordering, compiler_fence};

use watchdog_core::{Hardware, Permit, State, Watchdog};

use crate::{TICKS_PER_US, read, write};

/// The CMSDK watchdog: the first expiry is the NMI, the second one the reset.
pub struct Cmsdk;

const LOAD: usize = 0x4000_8000;
const CONTROL: usize = 0x4000_8008;
const CLEAR: usize = 0x4000_800C;
const LOCK: usize = 0x4000_8C00;
const ON: u32 = 3;

impl Watchdog for Cmsdk {
    type Error = Infallible;

    fn state(&mut self) -> Result<State, Infallible> {
        let timeout_us = read(LOAD) / TICKS_PER_US * 2;
        Ok(match read(CONTROL) & ON {
            ON => State::Running { timeout_us, is_locked: false },
            _ => State::Stopped,
        })
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, Infallible> {
        let timeout_us = *asked.timeouts_us().end();
        start_watchdog(timeout_us);
        Ok(timeout_us)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Infallible> {
        write(CLEAR, 1);
        Ok(())
    }
}

/// The board is reset after so many microseconds.
pub fn start_watchdog(timeout_us: u32) {
    write(LOCK, 0x1ACC_E551);
    write(LOAD, timeout_us / 2 * TICKS_PER_US);
    write(CONTROL, ON);
}

/// A word that survives the reset, in a section that nobody loads.
pub struct Retained(AtomicU32);

impl Retained {
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// A plain store before a hang is one that the optimiser deletes.
    pub fn set(&self, value: u32) {
        compiler_fence(Ordering::SeqCst);
        self.0.store(value, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
    }

    pub fn value(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}
