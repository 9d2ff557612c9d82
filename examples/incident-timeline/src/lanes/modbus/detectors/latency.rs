//! Latency that drifts from a server's own baseline: its behaviour, not a fixed threshold.

use std::collections::HashMap;

use modbus_codec::FunctionCode;

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Detector, EVIDENCE_MAX, Finding};
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::modbus::server::Server;
use crate::place::Place;
use crate::severity::Severity;

/// As many answers as make the baseline.
const BASELINE_COUNT: usize = 16;
/// As many answers as are compared with it.
const RECENT_COUNT: usize = 8;
/// Slower than the baseline's median by this factor ...
const FACTOR: i64 = 2;
/// ... and by this many times the baseline's own spread ...
const SPREADS: i64 = 6;
/// ... and by more than the clock of a capture can be trusted with.
const LEAST_US: i64 = 1_000;
/// How many servers and functions are watched.
const WATCHED_MAX: usize = 512;

/// The latencies of one function of one server.
#[derive(Debug, Default)]
struct Watched {
    baseline: Vec<i64>,
    /// Median and median absolute deviation of the baseline.
    normal: Option<(i64, i64)>,
    recent: [i64; RECENT_COUNT],
    count: u64,
    drift: Option<Drift>,
}

#[derive(Debug)]
struct Drift {
    t_us: i64,
    worst_us: i64,
    slow_count: u64,
    evidence: Vec<Place>,
}

#[derive(Debug, Default)]
pub(super) struct Latencies(HashMap<(Server, u8), Watched>);

impl Detector for Latencies {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(ModbusEvent::Adu(adu))) = (&event.place, event.what.as_modbus())
        else {
            return;
        };
        let Some(latency_us) = adu.latency_us else {
            return;
        };
        let key = (Server::of(place, adu.envelope.unit, false), adu.function());
        if self.0.len() < WATCHED_MAX || self.0.contains_key(&key) {
            self.0.entry(key).or_default().take(latency_us, event.t_us.unwrap_or(0), place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |((server, function), watched): (&(Server, u8), &Watched)| {
            let (drift, (normal_us, _)) = (watched.drift.as_ref()?, watched.normal?);
            let text = format!(
                "{server} answered function {} in {} (median of its first {BASELINE_COUNT}), later in up to {} (median of \
                 {RECENT_COUNT}); {} answers were slow",
                FunctionCode::new(*function),
                Duration(normal_us),
                Duration(drift.worst_us),
                drift.slow_count
            );
            Some(Finding {
                kind: "latency_drift",
                severity: Severity::Warning,
                t_us: Some(drift.t_us),
                text,
                evidence: drift.evidence.clone(),
            })
        };
        self.0.iter().filter_map(finding).collect()
    }
}

impl Watched {
    fn take(&mut self, latency_us: i64, t_us: i64, place: &Place) {
        let Some((median_us, spread_us)) = self.normal else {
            self.baseline.push(latency_us);
            if self.baseline.len() == BASELINE_COUNT {
                let mut baseline = std::mem::take(&mut self.baseline);
                let median_us = median(&mut baseline);
                let mut spread: Vec<i64> = baseline
                    .iter()
                    .map(|us| us.saturating_sub(median_us).saturating_abs())
                    .collect();
                self.normal = Some((median_us, median(&mut spread)));
            }
            return;
        };
        let index = usize::try_from(self.count).unwrap_or(0) % RECENT_COUNT;
        if let Some(place) = self.recent.get_mut(index) {
            *place = latency_us;
        }
        self.count += 1;
        let limit_us = (median_us * FACTOR).max(median_us + (spread_us * SPREADS).max(LEAST_US));
        if self.count < RECENT_COUNT as u64 || latency_us <= limit_us {
            return;
        }
        let recent_us = median(&mut self.recent.to_vec());
        if recent_us <= limit_us {
            return;
        }
        let drift = self.drift.get_or_insert_with(|| Drift {
            t_us,
            worst_us: 0,
            slow_count: 0,
            evidence: Vec::new(),
        });
        drift.worst_us = drift.worst_us.max(recent_us);
        drift.slow_count += 1;
        if drift.evidence.len() < EVIDENCE_MAX {
            drift.evidence.push(place.clone());
        }
    }
}

fn median(values: &mut [i64]) -> i64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{At, Wire};

    fn drift(latencies: impl IntoIterator<Item = i64>) -> Option<Drift> {
        let place =
            Place { source: "a".into(), wire: Wire::named("b").into(), offset: 0, at: At::Offset };
        let mut watched = Watched::default();
        for (t_us, latency_us) in (0..).zip(latencies) {
            watched.take(latency_us, t_us, &place);
        }
        watched.drift
    }

    #[test]
    fn a_steady_server_does_not_drift_and_one_outlier_is_no_drift() {
        let steady = || (0..200).map(|i| 10_000 + i % 7 * 100);
        assert!(drift(steady()).is_none());
        assert!(drift(steady().chain([900_000]).chain(steady())).is_none());
    }

    #[test]
    fn a_server_that_slows_down_drifts_from_its_own_baseline() {
        let found =
            drift((0..100).map(|i| 2_000 + if i > 50 { (i - 50) * 400 } else { 0 })).unwrap();
        assert!(found.t_us > 50 && found.t_us < 65, "{found:?}");
        assert!(found.worst_us > 15_000);
        // Slow from the beginning is this server's own way.
        assert!(drift((0..100).map(|_| 400_000)).is_none());
    }
}
