//! Rounds: each contestant in turn, several times, so that what else the machine does meets all of them alike. Times are the
//! median of the rounds, ratios the median of each round's.

use std::fmt;
use std::time::Instant;

use crate::counting;
use serde_json::{Value, json};

const ROUNDS: usize = 31;
const ROUND_NS: u128 = 3_000_000;

/// One contestant: its name, and what it does once.
pub struct Contestant<'a> {
    pub name: &'static str,
    pub run: Box<dyn FnMut() + 'a>,
}

pub fn contestant<'a>(name: &'static str, run: impl FnMut() + 'a) -> Contestant<'a> {
    Contestant { name, run: Box::new(run) }
}

/// The time that one contestant took.
pub struct Line {
    pub operation: String,
    pub name: String,
    pub ns: f64,
    /// Against which, and how often its time.
    pub ratio: Option<(String, f64)>,
    /// The most that the design allows of `ratio`, or of `ns`.
    pub ratio_max: Option<f64>,
    pub ns_max: Option<f64>,
    /// The ratio of the instructions, where that of the times was too great.
    pub instructions: Option<f64>,
}

impl Line {
    pub fn is_missed(&self) -> bool {
        let ratio = self.instructions.or(self.ratio.as_ref().map(|(_, ratio)| *ratio));
        matches!((ratio, self.ratio_max), (Some(ratio), Some(max)) if ratio > max)
            || self.ns_max.is_some_and(|max| self.ns > max)
    }

    pub fn json(&self) -> Value {
        json!({
            "operation": self.operation,
            "name": self.name,
            "ns": self.ns,
            "against": self.ratio.as_ref().map(|(against, _)| against),
            "ratio": self.ratio.as_ref().map(|(_, ratio)| ratio),
            "ratio_max": self.ratio_max,
            "ns_max": self.ns_max,
        })
    }

    pub fn from_json(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Self {
            operation: text("operation"),
            name: text("name"),
            ns: value["ns"].as_f64().unwrap_or(f64::NAN),
            ratio: value["ratio"].as_f64().map(|ratio| (text("against"), ratio)),
            ratio_max: value["ratio_max"].as_f64(),
            ns_max: value["ns_max"].as_f64(),
            instructions: None,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:<28} {:>10.1} ns", self.name, self.ns)?;
        if let Some((against, ratio)) = &self.ratio {
            write!(f, "   {ratio:>6.2} of {against}")?;
        }
        if let Some(max) = self.ratio_max {
            write!(f, ", at most {max:.2}")?;
        }
        if let Some(max) = self.ns_max {
            write!(f, "   at most {max:.0} ns")?;
        }
        if let Some(ratio) = self.instructions {
            write!(f, ", {ratio:.2} by instructions")?;
        }
        f.write_str(if self.is_missed() { "   MISSED" } else { "" })
    }
}

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
