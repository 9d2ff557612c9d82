//! A journal, read dump by dump: what is new in it, and when that was.
//!
//! ```text
//! boot 0      |--e--e-----e|                          the clock of a boot begins at 0
//! boot 1                   |--e---e|                  a boot begins, at the earliest, with the last entry before it
//! boot 2                           |-e--e---|         the dump, and the time of its row
//! ```
//!
//! How long a device was off between two boots nobody knows: the entries stand as near to the end, or to the beginning, as they can.

use std::collections::HashSet;
use std::rc::Rc;

use safe_state::journal::{ENTRY_LEN, Entry, Occurrence, entries};

use super::event::{Gap, Journal, StateEvent, Told, Unknown};
use super::names::Names;

/// What is known of the time of a dump.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    /// The dump was made at this time; by the clock of the last boot it was at `now_us`, if that is known.
    Dumped { t_us: i64, now_us: Option<u64> },
    /// The clock of the first boot began at this time.
    Begun { t_us: i64 },
}

/// Reads the dumps of one journal, one after the other.
#[derive(Default)]
pub(super) struct Reader {
    /// The last entry that was told, its boot and its time.
    last: Option<Entry>,
    boot: Option<u16>,
    told_us: Option<i64>,
}

/// An event, its time, and the offset of its first byte.
pub(super) type Timed = (i64, usize, StateEvent);

impl Reader {
    /// The next dump.
    pub(super) fn take(&mut self, bytes: &[u8], anchor: Anchor, names: &Rc<Names>) -> Vec<Timed> {
        let placed: Vec<(usize, Entry)> = entries(bytes).collect();
        let (times, dumped_us) = times(&placed, anchor);
        let before = placed.iter().position(|(_, entry)| Some(*entry) == self.last);
        let again = before.map_or(0, |before| before + 1);
        let mut events = Vec::new();
        let mut fresh = placed.iter().zip(times).skip(again);
        if let (Some(last), None, Some(((offset, first), t_us))) =
            (self.last, before, fresh.clone().next())
        {
            self.boot = None;
            let count = first.sequence.wrapping_sub(last.sequence).wrapping_sub(1);
            if (1..=SEQUENCE_AHEAD_MAX).contains(&count) && first.sequence != 0 {
                events.push((self.later(t_us), *offset, StateEvent::Gap(Gap { count })));
            }
        }
        for ((offset, entry), t_us) in &mut fresh {
            let event = self.told(*entry, names);
            events.push((self.later(t_us), *offset, event));
        }
        let mut journal = of_slots(bytes, &placed);
        journal.again = again as u64;
        journal.entries = (placed.len() - again) as u64;
        events.push((self.later(dumped_us), 0, StateEvent::Journal(Box::new(journal))));
        events
    }

    fn told(&mut self, entry: Entry, names: &Rc<Names>) -> StateEvent {
        let is_back = self.last.is_some_and(|last| entry.at_us < last.at_us);
        self.last = Some(entry);
        match Occurrence::try_from(entry.record) {
            Ok(occurrence) => {
                match occurrence {
                    Occurrence::Boot { count, .. } => self.boot = Some(count),
                    // A boot that was not recorded.
                    _ if is_back => self.boot = None,
                    _ => {}
                }
                let (boot, names) = (self.boot, names.clone());
                StateEvent::Told(Box::new(Told { entry, occurrence, boot, names }))
            }
            Err(error) => {
                StateEvent::Unknown(Box::new(Unknown { entry, error: error.to_string() }))
            }
        }
    }

    /// Not before what was told before.
    fn later(&mut self, t_us: i64) -> i64 {
        let t_us = self.told_us.map_or(t_us, |told_us| t_us.max(told_us));
        self.told_us = Some(t_us);
        t_us
    }
}

/// The time of each entry, and of the dump.
fn times(placed: &[(usize, Entry)], anchor: Anchor) -> (Vec<i64>, i64) {
    let mut sums = Vec::with_capacity(placed.len());
    let (mut zero_us, mut last): (u64, Option<(u64, u64)>) = (0, None);
    for (_, entry) in placed {
        let is_boot = matches!(Occurrence::try_from(entry.record), Ok(Occurrence::Boot { .. }));
        if let Some((at_us, sum_us)) = last
            && (is_boot || entry.at_us < at_us)
        {
            zero_us = sum_us;
        }
        let sum_us = zero_us.saturating_add(entry.at_us);
        last = Some((entry.at_us, sum_us));
        sums.push(sum_us);
    }
    let (at_us, end_us) = last.unwrap_or_default();
    let signed = |us: u64| i64::try_from(us).unwrap_or(i64::MAX);
    match anchor {
        Anchor::Begun { t_us } => {
            let time = |sum_us: &u64| t_us.saturating_add(signed(*sum_us));
            (sums.iter().map(time).collect(), time(&end_us))
        }
        Anchor::Dumped { t_us, now_us } => {
            let since_us = now_us.and_then(|now_us| now_us.checked_sub(at_us)).unwrap_or(0);
            let end_us = end_us.saturating_add(since_us);
            let time = |sum_us: &u64| t_us.saturating_sub(signed(end_us.saturating_sub(*sum_us)));
            (sums.iter().map(time).collect(), t_us)
        }
    }
}

/// What became of the slots without an entry of the run.
fn of_slots(bytes: &[u8], placed: &[(usize, Entry)]) -> Journal {
    let read: HashSet<usize> = placed.iter().map(|(offset, _)| *offset).collect();
    let mut journal = Journal { bytes: bytes.len() as u64, ..Journal::default() };
    for (index, slot) in bytes.chunks(ENTRY_LEN).enumerate() {
        let [.., a, b, c, d] = slot else {
            journal.rest += slot.len() as u64;
            continue;
        };
        let has_commit = [a, b, c, d].iter().any(|byte| **byte != 0);
        if slot.len() < ENTRY_LEN {
            journal.rest += slot.len() as u64;
        } else if read.contains(&(index * ENTRY_LEN)) {
            // Told.
        } else if slot.iter().all(|byte| *byte == 0) {
            journal.empty += 1;
        } else if !has_commit {
            journal.uncommitted += 1;
        } else if entries(slot).next().is_some() {
            journal.stray += 1;
        } else {
            journal.damaged += 1;
            if journal.damaged_data.is_empty() {
                journal.damaged_data = slot.to_vec();
            }
        }
    }
    journal
}

/// A sequence that is further ahead is that of another ring.
const SEQUENCE_AHEAD_MAX: u16 = 1 << 14;
