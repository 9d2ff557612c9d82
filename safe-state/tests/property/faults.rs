//! A set of faults with two reporters, under any order of raise, clear, defer, acknowledge and collect, against lists.

use std::sync::{Mutex, PoisonError};

use safe_state::fault::{
    Collector, DeferError, NotClear, ReportCell, Reporter, Severity, Uncleared,
};

use super::Choices;
use super::common::{Faults, ROWS, Set, edge, set};

/// The rows of the set, as far as the model needs them: what acts, what it takes to go away, how long it may be deferred.
#[derive(Clone, Copy, PartialEq)]
enum Goes {
    ByItself,
    Acknowledged,
    WithSession,
    Never,
}

const MODEL_ROWS: [(Severity, Goes, u32); 6] = [
    (Severity::Stop, Goes::Acknowledged, 0),
    (Severity::Stop, Goes::Acknowledged, 5_000),
    (Severity::Stop, Goes::ByItself, 0),
    (Severity::Degrade, Goes::Acknowledged, 0),
    (Severity::Stop, Goes::WithSession, 0),
    (Severity::Lockout, Goes::Never, 0),
];

#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    index: usize,
    raised: u64,
    cleared: Option<u64>,
}

#[derive(Default)]
struct Model {
    /// What is there, in the order in which it was raised.
    present: Vec<Entry>,
    /// The first, as it was last.
    first: Option<Entry>,
    deferred: [u64; 6],
    is_acknowledged: bool,
}

impl Model {
    fn raise(&mut self, bits: u8, now: u64) {
        for index in (0..6).filter(|index| bits >> index & 1 == 1) {
            let entry = Entry { index, raised: now, cleared: None };
            match self.present.iter_mut().find(|entry| entry.index == index) {
                Some(Entry { cleared: None, .. }) => continue,
                Some(there) => *there = entry,
                None => self.present.push(entry),
            }
            if self.first.is_none_or(|first| first.index == index) {
                self.first = Some(entry);
            }
            let (severity, goes, _) = MODEL_ROWS[index];
            if severity >= Severity::Stop && goes != Goes::ByItself {
                self.is_acknowledged = false;
            }
        }
    }

    fn clear(&mut self, bits: u8, now: u64) {
        for entry in &mut self.present {
            if bits >> entry.index & 1 == 1 && entry.cleared.is_none() {
                entry.cleared = Some(now);
                if let Some(first) = self.first.as_mut().filter(|first| first.index == entry.index)
                {
                    *first = *entry;
                }
            }
        }
        self.present
            .retain(|entry| entry.cleared.is_none() || MODEL_ROWS[entry.index].1 != Goes::ByItself);
    }

    fn acknowledge(&mut self, now: u64) -> Result<(), NotClear> {
        self.present.retain(|entry| {
            let goes = MODEL_ROWS[entry.index].1 == Goes::Acknowledged;
            !(goes && entry.cleared.is_some_and(|cleared| now > cleared))
        });
        self.first = self.present.first().copied();
        match self.in_the_way(Some(now)) {
            Some(not_clear) => Err(not_clear),
            None => {
                self.is_acknowledged = true;
                Ok(())
            }
        }
    }

    fn in_the_way(&self, acknowledged: Option<u64>) -> Option<NotClear> {
        let stops = |entry: &&Entry| MODEL_ROWS[entry.index].0 >= Severity::Stop;
        let entry = self.present.iter().find(stops)?;
        let why = match (entry.cleared, MODEL_ROWS[entry.index].1, acknowledged) {
            (None, ..) => Uncleared::Active { since_us: entry.raised },
            (Some(cleared_us), Goes::WithSession, _) => Uncleared::Session { cleared_us },
            (Some(cleared_us), Goes::Never, _) => Uncleared::Never { cleared_us },
            (Some(cleared_us), _, Some(acknowledged_us)) => {
                Uncleared::AcknowledgedBefore { cleared_us, acknowledged_us }
            }
            (Some(cleared_us), _, None) => Uncleared::NotAcknowledged { cleared_us },
        };
        Some(NotClear { fault: Some(ROWS[entry.index].name()), why })
    }

    fn worst(&self, now: u64) -> Option<Severity> {
        let acts = |entry: &&Entry| now >= self.deferred[entry.index];
        self.present.iter().filter(acts).map(|entry| MODEL_ROWS[entry.index].0).max()
    }
}

/// A reporter and its collector, and what is on its way.
struct Line {
    reporter: Reporter<Faults>,
    collector: Collector<Faults>,
    pending: u8,
    stamp: u64,
    /// The stamp that was collected last, and when.
    last: (u64, u64),
}

/// A cell is split once, and never given back: the two ends are used again.
static LINES: Mutex<Vec<(Reporter<Faults>, Collector<Faults>)>> = Mutex::new(Vec::new());

impl Line {
    /// A line whose last report was collected at 0.
    fn new() -> Self {
        let ends = LINES.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (reporter, mut collector) =
            ends.unwrap_or_else(|| Box::leak(Box::new(ReportCell::new())).split());
        reporter.raise(Faults::FAN, 0);
        set().collect([&mut collector], 0);
        Self { reporter, collector, pending: 0, stamp: 0, last: (0, 0) }
    }

    fn raise(&mut self, bits: u8, now: u64) {
        self.reporter.raise(Faults::from_bits_retain(bits), now);
        if self.pending == 0 && bits & 0x3F != 0 {
            self.stamp = now;
        }
        self.pending |= bits & 0x3F;
    }

    fn taken(&mut self, now: u64) -> Option<(u8, u64)> {
        if self.pending == 0 {
            return None;
        }
        let (last, collected) = self.last;
        // A stamp that was collected already is no stamp of this report.
        let at = if self.stamp as u32 == last as u32 { collected } else { self.stamp.min(now) };
        self.last = (self.stamp, now);
        Some((std::mem::take(&mut self.pending), at))
    }
}

/// A byte a call, and those that it takes.
pub fn faults(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let (mut set, mut model) = (set(), Model::default());
    let (mut one, mut other) = (Line::new(), Line::new());
    // 32 bits of a stamp begin anew on the way.
    let mut now = (1 << 32) - 20_000;
    while !choices.is_empty() {
        let byte = choices.byte();
        now += [0, 0, 1, 100, 3_000, 10_000, 1 << 20, 1 << 22][usize::from(byte >> 5)];
        match byte & 0x0F {
            0..=2 => {
                let bits = choices.byte();
                set.raise(Faults::from_bits_retain(bits), now);
                model.raise(bits, now);
            }
            3..=5 => {
                let bits = choices.byte();
                set.clear(Faults::from_bits_retain(bits), now);
                model.clear(bits, now);
            }
            6 | 7 => defer(&mut set, &mut model, &mut choices, now),
            8 | 9 => {
                // The edge may be of before.
                let at = now.saturating_sub(choices.of([0, 0, 1, 5_000]));
                let acknowledged = set.acknowledge(edge(at)).map(|_| ());
                assert_eq!(acknowledged, model.acknowledge(at));
            }
            10 => one.raise(choices.byte(), now + choices.of([0, 50])),
            11 => other.raise(choices.byte(), now),
            _ => {
                set.collect([&mut one.collector, &mut other.collector], now);
                let mut taken = [one.taken(now), other.taken(now)];
                // What was first goes first, the first line where both are of one instant.
                if taken[1].map(|(_, at)| at) < taken[0].map(|(_, at)| at) {
                    taken.swap(0, 1);
                }
                for (bits, at) in taken.into_iter().flatten() {
                    model.raise(bits, at);
                }
            }
        }
        check(&set, &model, now);
    }
    for Line { reporter, mut collector, .. } in [one, other] {
        Set::new(&ROWS).collect([&mut collector], now);
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((reporter, collector));
    }
}

fn defer(set: &mut Set, model: &mut Model, choices: &mut Choices<'_>, now: u64) {
    let bits = choices.of([1, 2, 2, 2, 3, 0, 8]);
    let asked_us = choices.of([0, 1, 4_999, 5_000, 5_001]);
    let deferred = set.defer(Faults::from_bits_retain(bits), asked_us, now);
    let indices: Vec<usize> = (0..6).filter(|index| bits >> index & 1 == 1).collect();
    let [index] = indices[..] else {
        let count = indices.len() as u8;
        return assert_eq!(deferred, Err(DeferError::Count { count }));
    };
    let max_us = MODEL_ROWS[index].2;
    let active = model.present.iter().find(|entry| entry.index == index && entry.cleared.is_none());
    match active {
        _ if asked_us > max_us => {
            assert_eq!(deferred, Err(DeferError::TooLong { asked_us, max_us }));
        }
        Some(entry) => {
            assert_eq!(deferred, Err(DeferError::Active { since_us: entry.raised }));
        }
        None => {
            assert_eq!(deferred, Ok(()));
            model.deferred[index] = now + u64::from(asked_us);
        }
    }
}

fn check(set: &Set, model: &Model, now: u64) {
    let entry = |present: safe_state::fault::Present| Entry {
        index: present.index.into(),
        raised: present.raised_us,
        cleared: present.cleared_us,
    };
    assert_eq!(set.in_order().map(entry).collect::<Vec<_>>(), model.present);
    assert_eq!(set.first_out().map(entry), model.first);
    assert_eq!(set.worst(now), model.worst(now));
    assert_eq!(set.stops(now), model.worst(now) >= Some(Severity::Stop));
    for index in 0..6 {
        let is_active =
            model.present.iter().any(|entry| entry.index == index && entry.cleared.is_none());
        assert_eq!(set.is_active(Faults::from_bits_retain(1 << index)), is_active);
    }
    let nobody = NotClear { fault: None, why: Uncleared::NoAcknowledgement };
    let not_clear = model.in_the_way(None).or((!model.is_acknowledged).then_some(nobody));
    assert_eq!(set.not_clear(), not_clear);
}
