//! The frame of the proofs: each crate's program calls all its public functions, and links only if none can panic. `panic-never`
//! leaves the panic handler undefined.
#![no_std]

use core::hint::black_box;

use panic_never as _;

/// Calls everything with bytes and numbers of any length and any content, as far as the compiler knows.
pub fn run(call_everything: fn(input: &[u8], output: &mut [u8], numbers: &[u64])) -> ! {
    let input = [0; 600];
    let mut output = [0; 600];
    let numbers = [0; 16];
    call_everything(black_box(&input), black_box(&mut output), black_box(&numbers));
    loop {}
}

/// Uses a whole result, as far as the compiler knows.
#[inline(always)]
pub fn keep<T>(value: T) {
    let _ = black_box(value);
}
