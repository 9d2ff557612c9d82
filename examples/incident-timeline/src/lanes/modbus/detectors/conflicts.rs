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
            let finding = conflict.turns.finding("write_conflict", Severity::Warning, said);
            Finding { subject: Some(server.subject()), ..finding }
        };
        self.conflicts.iter().map(finding).collect()
    }
}
