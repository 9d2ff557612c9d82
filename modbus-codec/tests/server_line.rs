//! A server on 100,000 simulated lines of at least 20 frames: it does what its master asks, once, and nothing else.
#![cfg(feature = "arbitrary")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;
mod property;

use arbitrary::Unstructured;
use line::Random;
use property::Counts;

/// As many as the issue asks for where the compiler optimises, and some where it does not.
const LINES: u64 = if cfg!(debug_assertions) { 1_000 } else { 100_000 };
/// A line is drawn from 500 bytes and fewer than so many more.
const DRAWN_LEN: u64 = 2_000;

/// The bytes that a line is drawn from.
fn drawn(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let len = 500 + random.below(DRAWN_LEN);
    (0..len).map(|_| random.byte()).collect()
}

#[test]
fn a_server_does_what_its_master_asks_once_and_nothing_else() {
    let mut counts = Counts::default();
    // `LINE=1035` plays one line alone; `LINE=fuzz/artifacts/...` the one that a fuzz target found.
    if let Ok(line) = std::env::var("LINE") {
        let bytes = line.parse().map_or_else(|_| std::fs::read(&line).unwrap(), drawn);
        let _ = property::line(&mut Unstructured::new(&bytes), &mut counts);
        return;
    }
    for seed in 0..LINES {
        let bytes = drawn(seed);
        let result = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
            let _ = property::line(&mut Unstructured::new(&bytes), &mut counts);
        }));
        assert!(result.is_ok(), "line {seed}");
    }
    for (name, count) in counts.all() {
        println!("{count:>10} {name}");
        assert_ne!(count, 0, "no {name}");
    }
}
