//! Conversations that are recorded at two places: on both sides of an address translation, or by two recorders. They count once.
//!
//! ```text
//! client ──▶ request ──▶ translation ──▶ the same request, from another address ──▶ server
//! client ◀── response ◀── translation ◀── the same response ◀── server
//! ```
//!
//! The place where a request is seen first is taken; the other one is its shadow. Its responses are the same too, and where one recorder
//! sees both, they come to the shadow first: two clients that ask the same at the same time do not look like this.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

use crate::event::Event;
use crate::group::hash;
use crate::place::{Ends, Place};

/// Where conversations are recorded, and what they said last.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    seen: HashMap<u64, Seen>,
    order: VecDeque<(i64, u64)>,
    shadows: HashMap<u64, Shadow>,
    /// Two places whose responses came in the order of their requests: two clients.
    apart: HashSet<(u64, u64)>,
    /// How many events are in a shadow.
    pub(crate) count: u64,
}

/// A place whose events are told from another one.
#[derive(Clone, Copy, Debug)]
struct Shadow {
    /// The place that is taken instead.
    of: u64,
    /// Whether a request comes to it later, and so a response sooner.
    is_behind: bool,
    /// Whether the last request was seen there too.
    is_active: bool,
    /// The last response, which has to be seen at both places.
    said: Option<u64>,
}

/// Something that was said, and where.
#[derive(Clone, Copy, Debug)]
struct Seen {
    t_us: i64,
    place: u64,
    source: u64,
    ends: Ends,
    /// Another place where it was seen later.
    other: Option<u64>,
}

/// The mark by which an event is known again at another place of its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Of all that is said.
    pub(crate) hash: u64,
    pub(crate) is_request: bool,
    /// The sequence number of its last byte.
    pub(crate) sequence: Option<u32>,
}

/// A translation takes no longer; two recorders have clocks that differ by no more.
const TRANSLATION_US: i64 = 20_000;
const RECORDERS_US: i64 = 1_000_000;
/// For so long something said is remembered, to be compared.
const SEEN_US: i64 = 10_000_000;
/// As many things said, and places, are remembered.
const SEEN_MAX: usize = 1 << 13;
const PLACES_MAX: usize = 1 << 13;
/// A sequence number above this was hardly chosen twice.
const CHOSEN_MIN: u32 = 1 << 20;

impl Elsewhere {
    /// Whether the event is told from another place already.
    pub(crate) fn has(&mut self, event: &Event) -> bool {
        let (Some(t_us), Some(place)) = (event.t_us, &event.place) else { return false };
        let Some(ends) = place.wire.ends() else { return false };
        let own =
            Seen { t_us, place: of(place, ends), source: hash(&place.source), ends, other: None };
        let is_shadow = match event.what.event().token() {
            Some(token) => {
                self.forget(t_us);
                let is_shadow = if token.is_request {
                    self.request(token, own)
                } else {
                    self.response(token, own)
                };
                match self.seen.entry(token.hash) {
                    Entry::Vacant(entry) => {
                        entry.insert(own);
                        self.order.push_back((t_us, token.hash));
                    }
                    Entry::Occupied(mut entry) if entry.get().place != own.place => {
                        entry.get_mut().other = Some(own.place);
                    }
                    Entry::Occupied(_) => {}
                }
                is_shadow
            }
            None => self.shadows.get(&own.place).is_some_and(|shadow| shadow.is_active),
        };
        self.count += u64::from(is_shadow);
        is_shadow
    }

    /// A request in a shadow was seen elsewhere, a moment before.
    fn request(&mut self, token: Token, own: Seen) -> bool {
        self.compare(own);
        let first = self.seen.get(&token.hash).filter(|first| self.is_same(first, &own, token));
        let Some(Seen { place, t_us, .. }) = first.copied() else {
            if let Some(shadow) = self.shadows.get_mut(&own.place) {
                shadow.is_active = false;
            }
            return false;
        };
        // Where connections carry lines, the order of two places can change.
        let is_shadow = |shadow: &&mut Shadow| shadow.of == own.place;
        if let Some(shadow) = self.shadows.get_mut(&place).filter(is_shadow) {
            shadow.is_active = true;
            return true;
        }
        let (is_behind, is_active) = (t_us <= own.t_us, true);
        let shadow = Shadow { of: place, is_behind, is_active, said: None };
        let has_room = self.shadows.len() < PLACES_MAX || self.shadows.contains_key(&own.place);
        if has_room {
            self.shadows.insert(own.place, shadow);
        }
        has_room
    }

    fn response(&mut self, token: Token, own: Seen) -> bool {
        let shadow = self.shadows.get_mut(&own.place).filter(|shadow| shadow.is_active);
        let Some(shadow) = shadow else { return false };
        shadow.said = Some(token.hash);
        let Shadow { of, is_behind, .. } = *shadow;
        let is_wrong = |seen: &&Seen| {
            let is_later = if is_behind { seen.t_us < own.t_us } else { own.t_us < seen.t_us };
            seen.place == of && seen.source == own.source && is_later
        };
        if self.seen.get(&token.hash).filter(is_wrong).is_none() {
            return true;
        }
        self.part(of, own.place);
        false
    }

    /// The last response in a shadow has to have been seen at the place that is taken too.
    fn compare(&mut self, own: Seen) {
        let Some(Shadow { of, said: Some(said), .. }) = self.shadows.get(&own.place).copied()
        else {
            return;
        };
        let is_alone = |seen: &&Seen| seen.place == own.place && seen.other != Some(of);
        if self.seen.get(&said).filter(is_alone).is_some() {
            self.part(of, own.place);
        }
    }

    /// Two places are those of two clients.
    fn part(&mut self, of: u64, own: u64) {
        if self.apart.len() < PLACES_MAX {
            self.apart.extend([(of, own), (own, of)]);
        }
        self.shadows.remove(&own);
    }

    fn is_same(&self, first: &Seen, own: &Seen, token: Token) -> bool {
        let within_us = if first.source == own.source { TRANSLATION_US } else { RECORDERS_US };
        let has_end = first.ends.from == own.ends.from || first.ends.to == own.ends.to;
        let is_chosen = token.sequence.is_some_and(|sequence| sequence >= CHOSEN_MIN);
        first.place != own.place
            && own.t_us.saturating_sub(first.t_us).saturating_abs() <= within_us
            && (has_end || is_chosen)
            && !self.apart.contains(&(first.place, own.place))
    }

    /// Forgets what was said long ago.
    fn forget(&mut self, t_us: i64) {
        while let Some((old_us, token)) = self.order.front().copied() {
            let is_recent = t_us.saturating_sub(old_us) <= SEEN_US;
            if is_recent && self.order.len() < SEEN_MAX {
                return;
            }
            self.order.pop_front();
            self.seen.remove(&token);
        }
    }
}

/// A conversation in an evidence, by its two ends in either order.
fn of(place: &Place, ends: Ends) -> u64 {
    let key = |from: &crate::place::Address| hash(from);
    let (from, to) = (key(&ends.from), key(&ends.to));
    hash(&(&place.source, from.min(to), from.max(to)))
}
