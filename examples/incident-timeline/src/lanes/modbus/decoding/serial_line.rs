//! A serial line: one wire or several of the same bus, each with both directions possible.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::rc::Rc;

use modbus_codec::stream::{Decoder, Timing};

use super::rtu_wire::{RtuWire, Seen, What};
use crate::event::{Event, Lane};
use crate::evidence::line::{Counting, Line, Stamp};
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::modbus::pairing::Pairing;
use crate::place::{At, Place, Wire};

/// Real gear pauses inside frames for longer than t3.5; after this much nothing more belongs to a frame.
const RELEASE_US: u32 = 50_000;
const T3_5_US_MIN: u32 = 1_750;

/// Listens to a line.
pub(crate) fn listen(
    source: Rc<str>,
    counting: Counting,
    character_us: Option<u32>,
) -> Box<dyn Line> {
    let pauses = character_us.map(|character_us| Pauses {
        character_us,
        frame_us: character_us.saturating_mul(7).div_ceil(2).max(T3_5_US_MIN),
        release_us: RELEASE_US.max(character_us.saturating_mul(35)),
    });
    Box::new(SerialLine {
        source,
        counting,
        pauses,
        wires: Vec::new(),
        indices: HashMap::new(),
        deadlines: BTreeSet::new(),
        undecided: BTreeSet::new(),
        pairing: Pairing::default(),
        last: None,
        waiting: BTreeMap::new(),
        count: 0,
        now_us: i64::MIN,
    })
}

/// The wires of a line. The cost of a byte does not grow with the number of wires: a wire is looked at when it speaks, and when
/// time alone can decide its bytes.
struct SerialLine {
    source: Rc<str>,
    counting: Counting,
    /// Nothing where the evidence has no times.
    pauses: Option<Pauses>,
    wires: Vec<Tapped>,
    indices: HashMap<Rc<str>, usize>,
    /// When time alone can decide bytes of a wire, and its index.
    deadlines: BTreeSet<(i64, usize)>,
    /// When the first byte was on the wire that is not decided yet, and the index of the wire.
    undecided: BTreeSet<(i64, usize)>,
    pairing: Pairing,
    last: Option<LastFrame>,
    /// Events that wait until nothing earlier can come from another wire.
    waiting: BTreeMap<(i64, Reverse<bool>, u64), Event>,
    count: u64,
    now_us: i64,
}

/// The times of a line.
#[derive(Clone, Copy)]
struct Pauses {
    character_us: u32,
    /// The silence between frames.
    frame_us: u32,
    /// The silence after which nothing more belongs to a frame.
    release_us: u32,
}

/// A wire of the line.
struct Tapped {
    wire: Rc<Wire>,
    rtu: RtuWire,
    /// The number of the last frame of the line that the wire knows of.
    known: u64,
    /// When its last byte was complete.
    heard_us: i64,
    deadline_us: Option<i64>,
    undecided_us: Option<i64>,
}

/// The last frame on any wire. A wire learns of it when it speaks next.
struct LastFrame {
    is_request: bool,
    bytes: Vec<u8>,
    /// Counted from 1.
    number: u64,
}

impl Line for SerialLine {
    fn push(&mut self, wire: &str, bytes: &[u8], stamp: Stamp, events: &mut VecDeque<Event>) {
        let (index, now_us) = (self.index(wire), stamp.start_us);
        self.now_us = self.now_us.max(now_us);
        let due = self.deadlines.iter().take_while(|(deadline_us, _)| *deadline_us <= now_us);
        let due: Vec<usize> = due.map(|(_, due)| *due).filter(|due| *due != index).collect();
        for due in due {
            self.advance(due, now_us, |wire, seen| wire.elapse(now_us, seen));
        }
        if let Some(tapped) = self.wires.get_mut(index) {
            tapped.heard_us = tapped.heard_us.max(stamp.end_us);
        }
        self.advance(index, stamp.end_us, |wire, seen| wire.push(bytes, stamp, seen));
        self.release(events);
    }

    fn finish(&mut self, events: &mut VecDeque<Event>) {
        for index in 0..self.wires.len() {
            self.advance(index, self.now_us, RtuWire::finish);
        }
        for event in self.pairing.end(self.now_us) {
            self.wait(event, true);
        }
        events.extend(std::mem::take(&mut self.waiting).into_values());
    }
}

impl SerialLine {
    fn index(&mut self, name: &str) -> usize {
        if let Some(index) = self.indices.get(name) {
            return *index;
        }
        let timing = self.pauses.map_or(Timing::Off, Pauses::timing);
        let decoder = Decoder::both_directions().lenient().with_timing(timing);
        let index = self.wires.len();
        self.indices.insert(name.into(), index);
        self.wires.push(Tapped {
            wire: Wire::named(name).into(),
            rtu: RtuWire::new(decoder),
            known: 0,
            heard_us: i64::MIN,
            deadline_us: None,
            undecided_us: None,
        });
        index
    }

    /// Does something to one wire at a time, and takes what comes of it.
    fn advance(
        &mut self,
        index: usize,
        now_us: i64,
        act: impl FnOnce(&mut RtuWire, &mut Vec<Seen>),
    ) {
        let Some(tapped) = self.wires.get_mut(index) else {
            return;
        };
        if let Some(last) = self.last.as_ref().filter(|last| last.number != tapped.known) {
            tapped.rtu.observe(last.is_request, &last.bytes);
            tapped.known = last.number;
        }
        let mut seen = Vec::new();
        act(&mut tapped.rtu, &mut seen);
        let wire = tapped.wire.clone();
        self.schedule(index, now_us);
        for seen in seen {
            self.take(index, &wire, seen);
        }
    }

    /// Notes when the wire must be looked at next, and since when its bytes are undecided.
    fn schedule(&mut self, index: usize, now_us: i64) {
        let Some(tapped) = self.wires.get_mut(index) else {
            return;
        };
        let undecided_us = tapped.rtu.undecided_us();
        let pauses = self.pauses.filter(|_| undecided_us.is_some());
        let deadline_us = pauses.and_then(|pauses| pauses.next(tapped.heard_us, now_us));
        let replace = |set: &mut BTreeSet<_>, old: &mut Option<i64>, new: Option<i64>| {
            if *old != new {
                old.map(|us| set.remove(&(us, index)));
                new.map(|us| set.insert((us, index)));
                *old = new;
            }
        };
        replace(&mut self.undecided, &mut tapped.undecided_us, undecided_us);
        replace(&mut self.deadlines, &mut tapped.deadline_us, deadline_us);
    }

    fn take(&mut self, index: usize, wire: &Rc<Wire>, seen: Seen) {
        let Seen { offset, first, last, what, .. } = seen;
        let at = match self.counting {
            Counting::Rows => At::Row(first.number),
            Counting::Offsets => At::Offset,
        };
        let place = Place { source: self.source.clone(), wire: wire.clone(), offset, at };
        let t_us = first.start_us;
        let event = match what {
            What::Discarded(discarded) => ModbusEvent::Discarded(discarded),
            What::Frame(mut adu, bytes) => {
                if adu.is_request() {
                    for event in self.pairing.request(&adu, &place, t_us, last.end_us) {
                        self.wait(event, true);
                    }
                } else {
                    self.pairing.response(&mut adu, t_us);
                }
                let number = self.last.as_ref().map_or(1, |last| last.number + 1);
                self.last = Some(LastFrame { is_request: adu.is_request(), bytes, number });
                if let Some(tapped) = self.wires.get_mut(index) {
                    tapped.known = number;
                }
                ModbusEvent::Adu(Box::new(adu))
            }
        };
        let (t_us, place) = (Some(t_us), Some(place));
        self.wait(Event { t_us, place, what: Lane::Modbus(event) }, false);
    }

    fn wait(&mut self, event: Event, is_unanswered: bool) {
        self.count += 1;
        let key = (event.t_us.unwrap_or(0), Reverse(is_unanswered), self.count);
        self.waiting.insert(key, event);
    }

    fn release(&mut self, events: &mut VecDeque<Event>) {
        let undecided = self.undecided.first().map(|(us, _)| *us);
        let until_us = undecided.unwrap_or(i64::MAX).min(self.now_us);
        while let Some(entry) = self.waiting.first_entry() {
            if entry.key().0 > until_us {
                return;
            }
            events.push_back(entry.remove());
        }
    }
}

impl Pauses {
    fn timing(self) -> Timing {
        let Self { character_us, frame_us, release_us } = self;
        Timing::Content { character_us, frame_us, release_us }
    }

    /// The next time, after now, when silence since the last byte means something.
    fn next(self, heard_us: i64, now_us: i64) -> Option<i64> {
        let ends = [self.frame_us, self.release_us].map(|us| heard_us.saturating_add(us.into()));
        ends.into_iter().find(|end_us| *end_us > now_us)
    }
}
