//! Latency that drifts from a server's own baseline: its behaviour, not a fixed threshold.

use std::collections::HashMap;

use modbus_codec::FunctionCode;

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{Group, Said};
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
/// ... and by this many times the baseline's own spread, and than half as much again as its slowest ...
const SPREADS: i64 = 6;
/// ... and by more than the clock of a capture can be trusted with.
const LEAST_US: i64 = 1_000;
/// How many servers and functions are watched.
const WATCHED_MAX: usize = 512;

/// The latencies of one function of one server.
#[derive(Debug, Default)]
struct Watched {
    baseline: Vec<i64>,
    /// Of the baseline.
    normal: Option<Normal>,
    recent: [i64; RECENT_COUNT],
    count: u64,
    drift: Option<Drift>,
}

/// What a baseline says of the answers after it.
#[derive(Clone, Copy, Debug)]
struct Normal {
    median_us: i64,
    /// A median above this has drifted.
    limit_us: i64,
}

#[derive(Debug, Default)]
struct Drift {
    slow: Group,
    worst_us: i64,
}

/// The server, the function, the size of the answer, and whether the client waited for nothing else.
type Key = (Server, u8, u32, bool);

#[derive(Debug, Default)]
pub(super) struct Latencies(HashMap<Key, Watched>);

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
        if self.0.len() < WATCHED_MAX || self.0.contains_key(&key) {
            self.0.entry(key).or_default().take(latency_us, event.t_us.unwrap_or(0), place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |((server, function, ..), watched): (&Key, &Watched)| {
            let (drift, Normal { median_us, .. }) = (watched.drift.as_ref()?, watched.normal?);
            let text = format!(
                "{server} answered function {} in {} (median of its first {BASELINE_COUNT}), later in up to {} (median of \
                 {RECENT_COUNT}); {} answers were slow",
                FunctionCode::new(*function),
                Duration(median_us),
                Duration(drift.worst_us),
                drift.slow.count
            );
            let check = "what else the device does since then: its load, its cycle, its network";
            let said = Said { blame: Blame::Device, text, check: check.to_owned() };
            let finding = drift.slow.finding("latency_drift", Severity::Warning, said);
            Some(Finding { subject: Some(server.subject()), ..finding })
        };
        self.0.iter().filter_map(finding).collect()
    }
}

impl Watched {
    fn take(&mut self, latency_us: i64, t_us: i64, place: &Place) {
        let Some(Normal { limit_us, .. }) = self.normal else {
            self.baseline.push(latency_us);
            if self.baseline.len() == BASELINE_COUNT {
                let mut baseline = std::mem::take(&mut self.baseline);
                let median_us = median(&mut baseline);
                let mut spread: Vec<i64> = baseline
                    .iter()
                    .map(|us| us.saturating_sub(median_us).saturating_abs())
                    .collect();
                let slowest_us = baseline.last().copied().unwrap_or(0);
                let least_us = (median(&mut spread) * SPREADS).max(LEAST_US);
                let limit_us = (median_us * FACTOR)
                    .max(median_us + least_us)
                    .max(slowest_us.saturating_mul(3) / 2);
                self.normal = Some(Normal { median_us, limit_us });
            }
            return;
        };
        let index = usize::try_from(self.count).unwrap_or(0) % RECENT_COUNT;
        if let Some(place) = self.recent.get_mut(index) {
            *place = latency_us;
        }
        self.count += 1;
        if latency_us <= limit_us {
            if let Some(drift) = &mut self.drift {
                drift.slow.is_well = true;
            }
            return;
        }
        if self.count < RECENT_COUNT as u64 {
            return;
        }
        let recent_us = median(&mut self.recent.to_vec());
        if recent_us <= limit_us {
            return;
        }
        let drift = self.drift.get_or_insert_default();
        drift.worst_us = drift.worst_us.max(recent_us);
        drift.slow.take(Some(t_us), place);
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
        assert!((50..65).contains(&found.slow.t_us.unwrap()), "{found:?}");
        assert!(found.worst_us > 15_000);
        // Slow from the beginning is this server's own way.
        assert!(drift((0..100).map(|_| 400_000)).is_none());
    }
}
