//! Rounds: each contestant in turn, several times, so that what else the machine does meets all of them alike. Times are the
//! median of the rounds, ratios the median of each round's.

use std::time::Instant;

use crate::contestant::Contestant;
use crate::counting;
use crate::line::Line;

const ROUNDS: usize = 31;
const ROUND_NS: u128 = 3_000_000;

/// Measures the contestants, the first of which is this project's, and compares it with one of the others or the best.
pub fn measure(
    operation: &str,
    mut contestants: Vec<Contestant<'_>>,
    against: Against,
    ratio_max: Option<f64>,
) -> Vec<Line> {
    if let Some(wanted) = counting::wanted() {
        counting::run(&wanted, operation, &mut contestants);
        return Vec::new();
    }
    let counts: Vec<u64> = contestants.iter_mut().map(|one| calibrate(&mut one.run)).collect();
    let mut times = vec![Vec::new(); contestants.len()];
    for _ in 0..ROUNDS {
        for ((one, count), times) in contestants.iter_mut().zip(&counts).zip(&mut times) {
            times.push(time(&mut one.run, *count));
        }
    }
    let medians: Vec<f64> = times.iter().map(|times| median(times)).collect();
    let others = contestants.iter().zip(&medians).zip(&times).skip(1);
    let against = match against {
        Against::Best => others.min_by(|a, b| a.0.1.total_cmp(b.0.1)),
        Against::Peer(name) => others.into_iter().find(|((one, _), _)| one.name == name),
    };
    let against = against.map(|((one, _), times)| (one.name, times));
    // Round by round: what slows a whole round slows both.
    let ratio = |ours: &[f64]| {
        against.map(|(name, others)| {
            let ratios: Vec<f64> =
                ours.iter().zip(others).map(|(one, other)| one / other).collect();
            (name.to_owned(), median(&ratios))
        })
    };
    let lines = contestants.iter().zip(&medians).zip(&times).enumerate();
    lines
        .map(|(index, ((one, ns), times))| Line {
            operation: operation.to_owned(),
            name: one.name.to_owned(),
            ns: *ns,
            ratio: ratio(times),
            ratio_max: ratio_max.filter(|_| index == 0),
            ns_max: None,
            instructions: None,
        })
        .collect()
}

/// The peer that the ratios are to.
pub enum Against {
    Best,
    Peer(&'static str),
}

fn calibrate(run: &mut dyn FnMut()) -> u64 {
    let mut count = 1;
    loop {
        let start = Instant::now();
        for _ in 0..count {
            run();
        }
        let ns = start.elapsed().as_nanos();
        if ns >= ROUND_NS {
            return count;
        }
        count = if ns * 4 < ROUND_NS { count * 4 } else { count * 2 };
    }
}

fn time(run: &mut dyn FnMut(), count: u64) -> f64 {
    let start = Instant::now();
    for _ in 0..count {
        run();
    }
    start.elapsed().as_nanos() as f64 / count as f64
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
