//! Registers that two clients write against each other.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;

use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{GROUPS_MAX, Group, Said, hash};
use crate::lanes::modbus::event::{Adu, ModbusEvent};
use crate::lanes::modbus::server::Server;
use crate::place::Place;
use crate::severity::Severity;

/// How many registers are watched, by their hashes.
const WATCHED_MAX: usize = 1 << 15;
/// One client that takes over from another is everyday; this many turns are a conflict ...
const TURNS_MIN: u32 = 3;
/// ... that follow each other within this time.
const TURN_US: i64 = 60_000_000;

#[derive(Debug, Default)]
pub(super) struct WriteConflicts {
    watched: HashMap<u64, Written>,
    conflicts: HashMap<(Server, u16), Conflict>,
}

/// The last writes of a register.
#[derive(Clone, Copy, Debug)]
struct Written {
    by: IpAddr,
    /// The hash of what was written.
    value: u64,
    t_us: i64,
    /// How often another client has written something else since.
    turns: u32,
}

#[derive(Debug)]
struct Conflict {
    turns: Group,
    clients: [IpAddr; 2],
}

/// The register that a request writes first, and the hash of all that it writes.
fn write(adu: &Adu) -> Option<(u16, u64)> {
    let (high, low, written) = match adu.pdu.as_slice() {
        [5 | 6, high, low, written @ ..] => (high, low, written),
        [15 | 16, high, low, _, _, _, written @ ..] => (high, low, written),
        [22, high, low, written @ ..] => (high, low, written),
        [23, _, _, _, _, high, low, _, _, _, written @ ..] => (high, low, written),
        _ => return None,
    };
    let mut hasher = DefaultHasher::new();
    written.hash(&mut hasher);
    Some((u16::from_be_bytes([*high, *low]), hasher.finish()))
}

impl WriteConflicts {
    fn take_write(
        &mut self,
        (server, address, value): (Server, u16, u64),
        by: IpAddr,
        t_us: i64,
        place: &Place,
    ) {
        let key = (server, address);
        let hash = hash(&key);
        let now = Written { by, value, t_us, turns: 0 };
        if self.watched.len() >= WATCHED_MAX && !self.watched.contains_key(&hash) {
            return;
        }
        let before = self.watched.insert(hash, now);
        let Some(before) = before.filter(|it| t_us.saturating_sub(it.t_us) <= TURN_US) else {
            return;
        };
        let is_turn = before.by != by && before.value != value;
        let turns = before.turns.saturating_add(u32::from(is_turn));
        self.watched.insert(hash, Written { turns, ..now });
        let has_room = self.conflicts.len() < GROUPS_MAX || self.conflicts.contains_key(&key);
        if is_turn && turns >= TURNS_MIN && has_room {
            let conflict = self
                .conflicts
                .entry(key)
                .or_insert_with(|| Conflict { turns: Group::default(), clients: [before.by, by] });
            conflict.turns.take(Some(t_us), place);
        }
    }
}

impl Detector for WriteConflicts {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(ModbusEvent::Adu(adu))) = (&event.place, event.what.as_modbus())
        else {
            return;
        };
        let Some(ends) = place.wire.ends().filter(|_| adu.is_request() && adu.off_spec.is_none())
        else {
            return;
        };
        if let Some((address, value)) = write(adu) {
            let server = Server::of(place, adu.envelope.unit, true);
            let t_us = event.t_us.unwrap_or(0);
            self.take_write((server, address, value), ends.from.ip, t_us, place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |((server, address), conflict): (&(Server, u16), &Conflict)| {
            let [one, other] = conflict.clients;
            let count = conflict.turns.count;
            let said = Said {
                blame: Blame::Client,
                text: format!(
                    "{server}: {one} and {other} write address {address} against each other, {count} times"
                ),
                check: "which of the two clients is to write it".to_owned(),
            };
            conflict.turns.finding("write_conflict", Severity::Warning, said)
        };
        self.conflicts.iter().map(finding).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::made::{findings, request};
    use super::*;

    /// Writes in turn by two clients, a second apart.
    fn turns(pdus: &[&[u8]]) -> Vec<Finding> {
        let events: Vec<Event> = (0..)
            .zip(pdus)
            .map(|(turn, pdu)| request(pdu, 100 + turn % 2, i64::from(turn) * 1_000_000))
            .collect();
        findings(&mut WriteConflicts::default(), &events)
    }

    #[test]
    fn every_function_that_writes_is_looked_at() {
        let writes: [[&[u8]; 2]; 6] = [
            [&[5, 0, 8, 0xFF, 0], &[5, 0, 8, 0, 0]],
            [&[6, 0, 8, 0, 1], &[6, 0, 8, 0, 2]],
            [&[15, 0, 8, 0, 1, 1, 1], &[15, 0, 8, 0, 1, 1, 0]],
            [&[16, 0, 8, 0, 1, 2, 0, 1], &[16, 0, 8, 0, 1, 2, 0, 2]],
            [&[22, 0, 8, 0, 1, 0, 2], &[22, 0, 8, 0, 3, 0, 2]],
            [&[23, 0, 1, 0, 1, 0, 8, 0, 1, 2, 0, 1], &[23, 0, 1, 0, 1, 0, 8, 0, 1, 2, 0, 2]],
        ];
        for [one, other] in writes {
            let found = turns(&[one, other, one, other]);
            assert_eq!(found.len(), 1, "{one:?}");
            assert!(found[0].text.contains("write address 8 against each other"), "{found:?}");
            assert_eq!(turns(&[one, other, one]).len(), 0, "{one:?}");
            assert_eq!(turns(&[one; 8]).len(), 0, "{one:?}");
        }
        let read = [3, 0, 8, 0, 1];
        let other = [3, 0, 8, 0, 2];
        assert_eq!(turns(&[&read, &other, &read, &other]).len(), 0);
    }

    #[test]
    fn turns_far_apart_are_everyday() {
        let after = |us: i64| {
            let turn = |turn: i64| {
                request(&[6, 0, 8, 0, (turn % 2) as u8], 100 + (turn % 2) as u8, turn * us)
            };
            let events: Vec<Event> = (0..8).map(turn).collect();
            findings(&mut WriteConflicts::default(), &events)
        };
        let found = after(TURN_US);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].count, found[0].blame), (5, Blame::Client));
        assert_eq!(after(TURN_US + 1).len(), 0);
    }

    #[test]
    fn one_client_that_changes_its_mind_is_no_conflict() {
        let events: Vec<Event> =
            (0..8).map(|turn| request(&[6, 0, 8, 0, turn], 100, i64::from(turn))).collect();
        assert_eq!(findings(&mut WriteConflicts::default(), &events).len(), 0);
    }

    /// Conflicts about so many registers.
    fn conflicts(detector: &mut WriteConflicts, addresses: std::ops::Range<u16>) -> usize {
        for address in addresses {
            let [high, low] = address.to_be_bytes();
            for turn in 0..4 {
                let pdu = [6, high, low, 0, turn];
                detector.take(&request(&pdu, 100 + turn % 2, i64::from(turn)));
            }
        }
        detector.findings().len()
    }

    #[test]
    fn registers_beyond_the_limits_are_not_watched() {
        assert_eq!(conflicts(&mut WriteConflicts::default(), 0..600), GROUPS_MAX);
        let mut detector = WriteConflicts::default();
        for address in 0..WATCHED_MAX as u16 {
            let [high, low] = address.to_be_bytes();
            detector.take(&request(&[6, high, low, 9, 9], 100, 0));
        }
        assert_eq!(conflicts(&mut detector, 40_000..40_010), 0);
        assert_eq!(conflicts(&mut detector, 0..10), 10);
    }
}
