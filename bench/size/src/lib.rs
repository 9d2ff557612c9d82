//! Shared by the programs: bytes of any length and content, and results that are used whole.
#![no_std]

pub mod pin;
pub mod watchdog;

use core::hint::black_box;
use panic_halt as _;

/// The bytes that came, and a place for those that go; copied and cleared, so that a program without a call has what a
/// compiler needs for that too.
pub struct Bytes {
    pub came: [u8; 256],
    pub len: usize,
    pub goes: [u8; 256],
}

impl Bytes {
    #[inline(always)]
    pub fn new() -> Self {
        let mut bytes = Self { came: [0; 256], len: 0, goes: [0; 256] };
        black_box(&mut bytes);
        let copy = bytes.came;
        black_box(&copy);
        bytes
    }

    #[inline(always)]
    pub fn came(&self) -> &[u8] {
        black_box(self.came.get(..self.len).unwrap_or_default())
    }
}

/// Uses a whole result.
#[inline(always)]
pub fn keep<T>(value: T) {
    let _ = black_box(value);
}
