//! The answers that may still come to requests that do not wait for them any more.
//!
//! An RTU answer does not say which request it answers: one that is owed would be taken for that of the next request to the same
//! unit with the same function.

use crate::{FunctionCode, UnitId};

/// As many kinds of answers are remembered; with more, every request waits.
const KINDS_MAX: usize = 4;

#[derive(Clone, Copy, Debug)]
pub(super) struct Owed([Option<Kind>; KINDS_MAX]);

/// The answers of one unit to one function.
#[derive(Clone, Copy, Debug)]
struct Kind {
    unit: UnitId,
    function: FunctionCode,
    count: u8,
    until_us: u64,
}

impl Kind {
    fn is_of(&self, unit: UnitId, function: FunctionCode) -> bool {
        self.unit == unit && self.function == function
    }
}

impl Owed {
    pub(super) const NONE: Self = Self([None; KINDS_MAX]);

    /// Remembers that so many answers may still come until then.
    pub(super) fn add(&mut self, unit: UnitId, function: FunctionCode, count: u8, until_us: u64) {
        if count == 0 {
            return;
        }
        let is_same = |place: &Option<Kind>| place.is_some_and(|kind| kind.is_of(unit, function));
        let place = match self.0.iter().position(is_same) {
            Some(index) => index,
            // With none free, the last stands for all: every request waits for it.
            None => self.0.iter().position(Option::is_none).unwrap_or(KINDS_MAX - 1),
        };
        if let Some(place) = self.0.get_mut(place) {
            let before =
                place.filter(|kind| kind.is_of(unit, function)).map_or(0, |kind| kind.count);
            let until_us = place.map_or(0, |kind| kind.until_us).max(until_us);
            let count = before.saturating_add(count);
            *place = Some(Kind { unit, function, count, until_us });
        }
    }

    /// Whether such an answer is owed: then one less is.
    pub(super) fn take(&mut self, unit: UnitId, function: FunctionCode) -> bool {
        let Some(kind) = self.0.iter_mut().flatten().find(|kind| kind.is_of(unit, function)) else {
            return false;
        };
        kind.count = kind.count.saturating_sub(1);
        if kind.count == 0 {
            kind.until_us = 0;
        }
        true
    }

    /// Forgets what can come no more.
    pub(super) fn pass(&mut self, now_us: u64) {
        self.0 = self.0.map(|kind| kind.filter(|kind| now_us < kind.until_us));
    }

    /// Until when an answer may come that a request would take for its own; 0 if none may.
    pub(super) fn until_us(&self, unit: UnitId, function: FunctionCode) -> u64 {
        let is_full = self.0.iter().all(Option::is_some);
        let awaited = self.0.iter().flatten().filter(|kind| is_full || kind.is_of(unit, function));
        awaited.map(|kind| kind.until_us).fold(0, u64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(raw: u8) -> UnitId {
        UnitId::from_raw(raw)
    }
    const READ: FunctionCode = FunctionCode::new(3);

    #[test]
    fn an_answer_is_owed_until_its_time_and_no_longer() {
        let mut owed = Owed::NONE;
        owed.add(unit(1), READ, 1, 100);
        owed.pass(99);
        assert_eq!(owed.until_us(unit(1), READ), 100);
        owed.pass(100);
        assert_eq!(owed.until_us(unit(1), READ), 0);
        assert!(!owed.take(unit(1), READ));
    }

    #[test]
    fn with_more_kinds_than_there_are_places_every_request_waits_for_all() {
        let mut owed = Owed::NONE;
        for raw in 1..=4 {
            owed.add(unit(raw), READ, 1, u64::from(raw));
        }
        assert_eq!(owed.until_us(unit(1), READ), 4);
        owed.add(unit(5), READ, 1, 50);
        assert_eq!(owed.until_us(unit(9), READ), 50);
        // Unit 5 was owed an answer for longer than unit 6, which took its place.
        owed.add(unit(6), READ, 1, 40);
        assert_eq!(owed.until_us(unit(9), READ), 50);
        owed.pass(4);
        assert_eq!((owed.until_us(unit(9), READ), owed.until_us(unit(6), READ)), (0, 50));
    }

    #[test]
    fn each_answer_that_comes_is_owed_no_more() {
        let mut owed = Owed::NONE;
        owed.add(unit(1), READ, 0, 90);
        assert!(!owed.take(unit(1), READ));
        owed.add(unit(1), READ, 1, 100);
        owed.add(unit(1), READ, 1, 80);
        assert!(owed.take(unit(1), READ));
        assert_eq!(owed.until_us(unit(1), READ), 100);
        assert!(owed.take(unit(1), READ));
        assert_eq!(owed.until_us(unit(1), READ), 0);
    }
}
