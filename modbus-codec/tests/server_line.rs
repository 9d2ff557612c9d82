//! A server on 100,000 simulated lines of at least 20 frames: it does what its master asks, once, and nothing else.
#![cfg(feature = "arbitrary")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;
mod property;

use arbitrary::Unstructured;
use line::Random;
use property::Counts;

/// Fewer where the compiler does not optimise; `LINES` in the environment says another number.
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
    // `LINE=1035` plays one line alone; `LINE=fuzz/artifacts/...` the one that a fuzz target found.
    if let Ok(line) = std::env::var("LINE") {
        let bytes = line.parse().map_or_else(|_| std::fs::read(&line).unwrap(), drawn);
        let _ = property::line(&mut Unstructured::new(&bytes), &mut Counts::default());
        return;
    }
    let lines = std::env::var("LINES").map_or(LINES, |lines| lines.parse().unwrap());
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let parts = std::thread::scope(|scope| {
        let part = |first| scope.spawn(move || played((first..lines).step_by(threads as usize)));
        let parts: Vec<_> = (0..threads).map(part).collect();
        parts.into_iter().map(|part| part.join().unwrap().all()).collect::<Vec<_>>()
    });
    for (index, (name, _)) in parts[0].iter().enumerate() {
        let count: u64 = parts.iter().map(|part| part[index].1).sum();
        println!("{count:>10} {name}");
        assert_ne!(count, 0, "no {name}");
    }
}

fn played(seeds: impl Iterator<Item = u64>) -> Counts {
    let mut counts = Counts::default();
    for seed in seeds {
        let bytes = drawn(seed);
        let result = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
            let _ = property::line(&mut Unstructured::new(&bytes), &mut counts);
        }));
        assert!(result.is_ok(), "line {seed}");
    }
    counts
}
