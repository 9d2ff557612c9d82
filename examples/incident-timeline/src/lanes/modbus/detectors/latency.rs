//! Latency that drifts from a server's own baseline: its behaviour, not a fixed threshold.

use std::collections::HashMap;

use modbus_codec::FunctionCode;

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{GROUPS_MAX, Group, Said, hash};
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::modbus::server::Server;
use crate::severity::Severity;

/// As many answers as make the baseline.
const BASELINE_COUNT: usize = 16;
/// As many answers as are compared with it.
const RECENT_COUNT: usize = 8;
/// Slower than the baseline's median by this factor ...
const FACTOR: u32 = 2;
/// ... and by this many times the baseline's own spread, and than half as much again as its slowest ...
const SPREADS: u32 = 6;
/// ... and by more than the clock of a capture can be trusted with.
const LEAST_US: u32 = 1_000;
/// How many servers and functions are watched: as many as a plant has.
const WATCHED_MAX: usize = 1 << 17;

/// The server, the function, the size of the answer, and whether the client waited for nothing else.
type Key = (Server, u8, u32, bool);

#[derive(Debug, Default)]
pub(super) struct Latencies {
    /// By the hashes of their keys, which take little room.
    watched: HashMap<u64, Watched>,
    drifts: HashMap<Key, Drift>,
}

/// The latencies of one function of one server, in microseconds.
#[derive(Debug, Default)]
struct Watched {
    /// The baseline, until it is whole; then as many of the last ones as are compared with it.
    samples: Vec<u32>,
    /// How many there were since the baseline.
    count: u32,
    /// The median of the baseline, and the limit that follows from it.
    normal: Normal,
}

/// What a baseline says of the answers after it.
#[derive(Clone, Copy, Debug, Default)]
struct Normal {
    median_us: u32,
    /// A median above this has drifted; 0 while there is no baseline.
    limit_us: u32,
}

/// The verdict on a server after one more answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing is known yet, or it is one slow answer of a few.
    Undecided,
    /// As it should be.
    Well,
    /// The median of the last ones has drifted from the baseline's.
    Slow { median_us: u32, recent_us: u32 },
}

#[derive(Debug, Default)]
struct Drift {
    slow: Group,
    median_us: u32,
    worst_us: u32,
}

impl Detector for Latencies {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(ModbusEvent::Adu(adu))) = (&event.place, event.what.as_modbus())
        else {
            return;
        };
        let Some(latency_us) = adu.service_us else {
            return;
        };
        // What is compared is alike: an answer is long because much was asked for.
        let size = adu.pdu.len().max(1).ilog2();
        let server = Server::of(place, adu.envelope.unit, false);
        let key = (server, adu.function(), size, adu.is_alone);
        let hash = hash(&key);
        if self.watched.len() >= WATCHED_MAX && !self.watched.contains_key(&hash) {
            return;
        }
        let latency_us = u32::try_from(latency_us.max(0)).unwrap_or(u32::MAX);
        match self.watched.entry(hash).or_default().take(latency_us) {
            Verdict::Undecided => {}
            Verdict::Well => {
                if let Some(drift) = self.drifts.get_mut(&key) {
                    drift.slow.is_well = true;
                }
            }
            Verdict::Slow { median_us, recent_us } => {
                if self.drifts.len() < GROUPS_MAX || self.drifts.contains_key(&key) {
                    let drift = self.drifts.entry(key).or_default();
                    drift.median_us = median_us;
                    drift.worst_us = drift.worst_us.max(recent_us);
                    drift.slow.take(event.t_us, place);
                }
            }
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |((server, function, ..), drift): (&Key, &Drift)| {
            let text = format!(
                "{server} answered function {} in {} (median of its first {BASELINE_COUNT}), later in up to {} (median of \
                 {RECENT_COUNT}); {} answers were slow",
                FunctionCode::new(*function),
                Duration(drift.median_us.into()),
                Duration(drift.worst_us.into()),
                drift.slow.count
            );
            let check = "what else the device does since then: its load, its cycle, its network";
            let said = Said { blame: Blame::Device, text, check: check.to_owned() };
            let finding = drift.slow.finding("latency_drift", Severity::Warning, said);
            Finding { subject: Some(server.subject()), ..finding }
        };
        self.drifts.iter().map(finding).collect()
    }
}

impl Watched {
    fn take(&mut self, latency_us: u32) -> Verdict {
        let Normal { median_us, limit_us } = self.normal;
        if limit_us == 0 {
            self.samples.push(latency_us);
            if self.samples.len() == BASELINE_COUNT {
                self.normal = Normal::of(std::mem::take(&mut self.samples));
                self.samples = vec![0; RECENT_COUNT];
            }
            return Verdict::Undecided;
        }
        let index = self.count as usize % RECENT_COUNT;
        if let Some(place) = self.samples.get_mut(index) {
            *place = latency_us;
        }
        self.count = self.count.wrapping_add(1);
        if latency_us <= limit_us {
            return Verdict::Well;
        }
        // Of the first ones the others are still 0.
        let recent_us = median(&mut self.samples.clone());
        if recent_us <= limit_us {
            return Verdict::Undecided;
        }
        Verdict::Slow { median_us, recent_us }
    }
}

impl Normal {
    fn of(mut baseline: Vec<u32>) -> Self {
        let median_us = median(&mut baseline);
        let slowest_us = baseline.last().copied().unwrap_or(0);
        let mut spread: Vec<u32> = baseline.iter().map(|us| us.abs_diff(median_us)).collect();
        let least_us = median(&mut spread).saturating_mul(SPREADS).max(LEAST_US);
        let limit_us = (median_us.saturating_mul(FACTOR))
            .max(median_us.saturating_add(least_us))
            .max(slowest_us.saturating_add(slowest_us / 2));
        Self { median_us, limit_us }
    }
}

fn median(values: &mut [u32]) -> u32 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When answers were slow first, and the worst median, of answers a second apart.
    fn drift(latencies: impl IntoIterator<Item = u32>) -> Option<(usize, u32)> {
        let mut watched = Watched::default();
        let slow = |(at, latency_us)| match watched.take(latency_us) {
            Verdict::Slow { recent_us, .. } => Some((at, recent_us)),
            _ => None,
        };
        let slow: Vec<_> = (0..).zip(latencies).filter_map(slow).collect();
        let worst_us = slow.iter().map(|(_, recent_us)| *recent_us).max()?;
        slow.first().map(|(at, _)| (*at, worst_us))
    }

    #[test]
    fn a_steady_server_does_not_drift_and_one_outlier_is_no_drift() {
        let steady = || (0..200).map(|i| 10_000 + i % 7 * 100);
        assert!(drift(steady()).is_none());
        assert!(drift(steady().chain([900_000]).chain(steady())).is_none());
    }

    #[test]
    fn a_server_that_slows_down_drifts_from_its_own_baseline() {
        let (at, worst_us) =
            drift((0..100).map(|i| 2_000 + if i > 50 { (i - 50) * 400 } else { 0 })).unwrap();
        assert!((50..65).contains(&at), "{at}");
        assert!(worst_us > 15_000);
        // Slow from the beginning is this server's own way.
        assert!(drift((0..100).map(|_| 400_000)).is_none());
    }

    #[test]
    fn the_limit_is_above_twice_the_median_and_the_spread_and_the_slowest() {
        let limit = |baseline: &[u32]| {
            let Normal { median_us, limit_us } = Normal::of(baseline.to_vec());
            (median_us, limit_us)
        };
        // Twice the median.
        assert_eq!(limit(&[5_000; 16]), (5_000, 10_000));
        // Not below what a clock can be trusted with.
        assert_eq!(limit(&[100; 16]), (100, 1_100));
        // Six times the spread.
        let spread: Vec<u32> = (0..16).map(|at| 10_000 + at % 2 * 4_000).collect();
        assert_eq!(limit(&spread), (14_000, 14_000 + 6 * 4_000));
        // Half as much again as the slowest.
        let slowest: Vec<u32> = (0..16).map(|at| if at == 3 { 40_000 } else { 10_000 }).collect();
        assert_eq!(limit(&slowest), (10_000, 60_000));
    }

    #[test]
    fn a_drift_is_one_of_eight_answers() {
        let after = |slow: usize, then: u32| {
            let latencies = std::iter::repeat_n(5_000, 16 + 8)
                .chain(std::iter::repeat_n(20_000, slow))
                .chain([then]);
            let mut watched = Watched::default();
            latencies.map(|latency_us| watched.take(latency_us)).last().unwrap()
        };
        let slow = Verdict::Slow { median_us: 5_000, recent_us: 20_000 };
        assert_eq!(after(3, 20_000), slow);
        assert_eq!(after(2, 20_000), Verdict::Undecided);
        assert_eq!(after(6, 10_000), Verdict::Well);
        assert_eq!(after(6, 10_001), Verdict::Slow { median_us: 5_000, recent_us: 20_000 });
    }
}
