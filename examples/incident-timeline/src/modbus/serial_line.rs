//! A serial line: one wire or several of the same bus, each with both directions possible.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use modbus_codec::stream::{Decoder, Timing};

use super::rtu_wire::{RtuWire, Seen, Stamp, What};
use super::transactions::Transactions;
use crate::event::{At, Body, Event, Place};

/// How the evidence counts its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    Rows,
    Offsets,
}

pub(crate) struct SerialLine {
    source: Rc<str>,
    counting: Counting,
    timing: Timing,
    wires: Vec<(Rc<str>, RtuWire)>,
    transactions: Transactions,
    /// The last frame on any wire: a wire that is first heard now begins in the middle of the conversation.
    last: Option<(bool, Vec<u8>)>,
    /// Events that wait until nothing earlier can come from another wire.
    waiting: BTreeMap<(i64, Reverse<bool>, u64), Event>,
    count: u64,
    now_us: i64,
}

impl SerialLine {
    pub(crate) fn new(source: Rc<str>, counting: Counting, timing: Timing) -> Self {
        Self {
            source,
            counting,
            timing,
            wires: Vec::new(),
            transactions: Transactions::default(),
            last: None,
            waiting: BTreeMap::new(),
            count: 0,
            now_us: i64::MIN,
        }
    }

    /// Takes bytes of one wire that were recorded together.
    pub(crate) fn push(
        &mut self,
        wire: &str,
        bytes: &[u8],
        stamp: Stamp,
        events: &mut VecDeque<Event>,
    ) {
        let index = self.wire(wire);
        self.now_us = self.now_us.max(stamp.start_us);
        let mut seen = Vec::new();
        for other in 0..self.wires.len() {
            if other != index {
                self.advance(other, |wire, seen| wire.elapse(stamp.start_us, seen), &mut seen);
            }
        }
        self.advance(index, |wire, seen| wire.push(bytes, stamp, seen), &mut seen);
        self.release(events);
    }

    /// Nothing more comes: what is undecided is discarded, what is pending is unanswered.
    pub(crate) fn finish(&mut self, events: &mut VecDeque<Event>) {
        let mut seen = Vec::new();
        for index in 0..self.wires.len() {
            self.advance(index, RtuWire::finish, &mut seen);
        }
        for event in self.transactions.end(self.now_us) {
            self.wait(event);
        }
        events.extend(std::mem::take(&mut self.waiting).into_values());
    }

    fn wire(&mut self, name: &str) -> usize {
        if let Some(index) = self.wires.iter().position(|(wire, _)| &**wire == name) {
            return index;
        }
        let decoder = Decoder::both_directions().lenient().with_timing(self.timing);
        let mut wire = RtuWire::new(decoder);
        if let Some((is_request, frame)) = &self.last {
            wire.observe(*is_request, frame);
        }
        self.wires.push((name.into(), wire));
        self.wires.len() - 1
    }

    /// Does something to one wire, and tells the others what came of it.
    fn advance(
        &mut self,
        index: usize,
        act: impl FnOnce(&mut RtuWire, &mut Vec<Seen>),
        seen: &mut Vec<Seen>,
    ) {
        let Some((name, wire)) = self.wires.get_mut(index) else {
            return;
        };
        act(wire, seen);
        if seen.is_empty() {
            return;
        }
        let name = name.clone();
        for seen in seen.drain(..) {
            self.take(index, &name, seen);
        }
    }

    fn take(&mut self, index: usize, name: &Rc<str>, seen: Seen) {
        let at = match self.counting {
            Counting::Rows => At::Row(seen.first.number),
            Counting::Offsets => At::Offset,
        };
        let place =
            Place { source: self.source.clone(), wire: name.clone(), offset: seen.offset, at };
        let (t_us, end_us) = (seen.first.start_us, seen.last.end_us);
        let body = match seen.what {
            What::Discarded(discarded) => Body::Discarded(discarded),
            What::Frame(mut adu, frame) => {
                if adu.is_request {
                    for event in self.transactions.request(&adu, &place, t_us, end_us) {
                        self.wait(event);
                    }
                } else {
                    self.transactions.response(&mut adu, t_us);
                }
                let others = self.wires.iter_mut().enumerate().filter(|(other, _)| *other != index);
                for (_, (_, wire)) in others {
                    wire.observe(adu.is_request, &frame);
                }
                self.last = Some((adu.is_request, frame));
                Body::Adu(Box::new(adu))
            }
        };
        self.wait(Event { t_us: Some(t_us), place: Some(place), body });
    }

    fn wait(&mut self, event: Event) {
        self.count += 1;
        let is_unanswered = matches!(event.body, Body::Unanswered(_));
        let key = (event.t_us.unwrap_or(0), Reverse(is_unanswered), self.count);
        self.waiting.insert(key, event);
    }

    fn release(&mut self, events: &mut VecDeque<Event>) {
        let undecided = self.wires.iter().filter_map(|(_, wire)| wire.undecided_us());
        let until_us = undecided.min().unwrap_or(i64::MAX).min(self.now_us);
        while let Some(entry) = self.waiting.first_entry() {
            if entry.key().0 > until_us {
                return;
            }
            events.push_back(entry.remove());
        }
    }
}
