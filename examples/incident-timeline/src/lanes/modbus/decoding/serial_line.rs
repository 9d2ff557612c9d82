//! A serial line: one wire or several of the same bus, each with both directions possible.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::rc::Rc;

use modbus_codec::pdu::Direction;
use modbus_codec::stream::Timing;

use super::line_wire::{LineWire, Seen, What};
use crate::event::{Event, Lane};
use crate::evidence::capture::conversation::{Facts, Role};
use crate::evidence::line::{Counting, Line, Stamp};
use crate::finding::Blame;
use crate::lanes::modbus::event::{ModbusEvent, Reason};
use crate::lanes::modbus::pairing::{LinePairing, blame};
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
    Box::new(SerialLine::new(source, counting, character_us))
}

/// The wires of a line. The cost of a byte does not grow with the number of wires: a wire is looked at when it speaks, and when
/// time alone can decide its bytes.
pub(super) struct SerialLine {
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
    pairing: LinePairing,
    last: Option<LastFrame>,
    /// Events that wait until nothing earlier can come from another wire.
    waiting: BTreeMap<(i64, Reverse<bool>, u64), Event>,
    count: u64,
    now_us: i64,
    /// What is known of the connection that carries the line.
    carrier: Option<Facts>,
    edges: Edges,
}

/// The bytes at the edges of the recording: frames that are there in part.
#[derive(Default)]
struct Edges {
    /// When the first byte after a silence came; those before it may be the rest of a frame.
    begun_us: Option<i64>,
    /// When the last byte so far was complete.
    heard_us: Option<i64>,
    /// Whether nothing more comes.
    is_over: bool,
}

impl Edges {
    /// Bytes were heard.
    fn hear(&mut self, pauses: Pauses, stamp: Stamp) {
        let silence_us = i64::from(pauses.frame_us);
        let silent_us = self.heard_us.map(|heard_us| stamp.start_us.saturating_sub(heard_us));
        if silent_us.is_some_and(|silent_us| silent_us >= silence_us) {
            self.begun_us.get_or_insert(stamp.start_us);
        }
        self.heard_us = self.heard_us.max(Some(stamp.end_us));
    }

    /// Whether bytes that are no frame may be the part of one that is recorded.
    fn has(&self, first: Stamp, last: Stamp, reason: Reason) -> bool {
        let is_first = self.begun_us.is_some_and(|begun_us| first.start_us < begun_us);
        // A frame that is whole and has a wrong check is damaged, not cut.
        let is_whole = matches!(reason, Reason::Crc | Reason::Lrc);
        let is_last = self.is_over && self.heard_us.is_some_and(|us| last.end_us >= us);
        is_first || is_last && !is_whole
    }
}

/// The times of a line.
#[derive(Clone, Copy)]
pub(super) struct Pauses {
    character_us: u32,
    /// The silence between frames.
    pub(super) frame_us: u32,
    /// The silence after which nothing more belongs to a frame.
    pub(super) release_us: u32,
}

/// A wire of the line.
struct Tapped {
    wire: Rc<Wire>,
    line: LineWire,
    /// The number of the last frame of the line that the wire knows of.
    known: u64,
    /// When its last byte was complete.
    heard_us: i64,
    deadline_us: Option<i64>,
    undecided_us: Option<i64>,
    /// In a connection: the sequence number of its last byte.
    sequence: u32,
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
        let index = self.index(wire, None, || Wire::named(wire));
        self.push_to(index, bytes, stamp, events);
    }

    fn finish(&mut self, events: &mut VecDeque<Event>) {
        self.close(true, self.now_us, events);
    }
}

impl SerialLine {
    pub(super) fn new(source: Rc<str>, counting: Counting, character_us: Option<u32>) -> Self {
        let pauses = character_us.map(|character_us| Pauses {
            character_us,
            frame_us: character_us.saturating_mul(7).div_ceil(2).max(T3_5_US_MIN),
            release_us: RELEASE_US.max(character_us.saturating_mul(35)),
        });
        Self {
            source,
            counting,
            pauses,
            wires: Vec::new(),
            indices: HashMap::new(),
            deadlines: BTreeSet::new(),
            undecided: BTreeSet::new(),
            pairing: LinePairing::default(),
            last: None,
            waiting: BTreeMap::new(),
            count: 0,
            now_us: i64::MIN,
            carrier: None,
            edges: Edges::default(),
        }
    }

    /// The wire of this name, which is made when it speaks first, and what it is expected to carry.
    pub(super) fn index(
        &mut self,
        name: &str,
        expected: Option<Direction>,
        wire: impl FnOnce() -> Wire,
    ) -> usize {
        if let Some(index) = self.indices.get(name) {
            return *index;
        }
        let index = self.wires.len();
        self.indices.insert(name.into(), index);
        self.wires.push(Tapped {
            wire: wire().into(),
            line: LineWire::new(self.pauses, expected),
            known: 0,
            heard_us: i64::MIN,
            deadline_us: None,
            undecided_us: None,
            sequence: 0,
        });
        index
    }

    /// What is known of the connection that carries the line.
    pub(super) fn carried(&mut self, index: usize, facts: Facts, sequence: u32) {
        self.carrier = Some(facts);
        if let Some(tapped) = self.wires.get_mut(index) {
            tapped.sequence = sequence;
        }
    }

    /// Takes bytes of one wire that were recorded together.
    pub(super) fn push_to(
        &mut self,
        index: usize,
        bytes: &[u8],
        stamp: Stamp,
        events: &mut VecDeque<Event>,
    ) {
        let now_us = stamp.start_us;
        self.elapse(Some(index), now_us);
        if let Some(pauses) = self.pauses {
            self.edges.hear(pauses, stamp);
        }
        if let Some(tapped) = self.wires.get_mut(index) {
            tapped.heard_us = tapped.heard_us.max(stamp.end_us);
        }
        self.advance(index, stamp.end_us, |wire, pairing, seen| {
            wire.push(bytes, stamp, pairing, seen);
        });
        self.release(events);
    }

    /// When time alone can decide bytes.
    pub(super) fn deadline_us(&self) -> Option<i64> {
        self.deadlines.first().map(|(deadline_us, _)| *deadline_us)
    }

    /// When the first byte was on a wire that is not decided.
    pub(super) fn undecided_us(&self) -> Option<i64> {
        self.undecided.first().map(|(undecided_us, _)| *undecided_us)
    }

    /// Lets time pass without a byte on any wire.
    pub(super) fn elapse_all(&mut self, now_us: i64, events: &mut VecDeque<Event>) {
        self.elapse(None, now_us);
        self.release(events);
    }

    /// Lets time pass for all wires but one.
    fn elapse(&mut self, index: Option<usize>, now_us: i64) {
        self.now_us = self.now_us.max(now_us);
        let due = self.deadlines.iter().take_while(|(deadline_us, _)| *deadline_us <= now_us);
        let due: Vec<usize> = due.map(|(_, due)| *due).filter(|due| Some(*due) != index).collect();
        for due in due {
            self.advance(due, now_us, |wire, pairing, seen| wire.elapse(now_us, pairing, seen));
        }
    }

    /// Nothing more comes on a wire, or something is missing before what comes.
    pub(super) fn flush(&mut self, index: usize) {
        self.advance(index, self.now_us, LineWire::finish);
    }

    /// Nothing more comes on the line, because the recording is over or the connection that carries the line is.
    pub(super) fn close(
        &mut self,
        is_recording_over: bool,
        t_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        self.edges.is_over = is_recording_over;
        self.flush_all();
        self.end(is_recording_over, t_us, events);
    }

    /// Decides the bytes of all wires that wait, in the order in which they were heard.
    fn flush_all(&mut self) {
        while let Some((_, index)) = self.undecided.first().copied() {
            let before = self.undecided.len();
            self.flush(index);
            if self.undecided.len() == before {
                return;
            }
        }
    }

    fn end(&mut self, is_recording_over: bool, t_us: i64, events: &mut VecDeque<Event>) {
        let carrier = self.carrier;
        let blame = |t_us, sequence| judge(carrier, t_us, sequence);
        events.extend(std::mem::take(&mut self.waiting).into_values());
        events.extend(self.pairing.end(t_us, is_recording_over, blame));
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.undecided.is_empty() && self.pairing.is_empty() && self.waiting.is_empty()
    }

    /// Whether a request waits for its answer.
    pub(super) fn is_waiting(&self) -> bool {
        !self.pairing.is_empty()
    }

    /// Does something to one wire at a time, and takes what comes of it.
    fn advance(
        &mut self,
        index: usize,
        now_us: i64,
        act: impl FnOnce(&mut LineWire, &LinePairing, &mut Vec<Seen>),
    ) {
        let Some(tapped) = self.wires.get_mut(index) else {
            return;
        };
        if let Some(last) = self.last.as_ref().filter(|last| last.number != tapped.known) {
            tapped.line.observe(last.is_request, &last.bytes);
            tapped.known = last.number;
        }
        let mut seen = Vec::new();
        act(&mut tapped.line, &self.pairing, &mut seen);
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
        let undecided_us = tapped.line.undecided_us();
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
            Counting::Packets if matches!(what, What::Frame(..)) => At::Packet(last.number),
            Counting::Packets => At::Packet(first.number),
        };
        let place = Place { source: self.source.clone(), wire: wire.clone(), offset, at };
        let is_packet = self.counting == Counting::Packets;
        let t_us = if is_packet { last.start_us } else { first.start_us };
        let event = match what {
            What::Discarded(mut discarded) => {
                if self.edges.has(first, last, discarded.reason) {
                    discarded.reason = Reason::Truncated;
                } else {
                    self.pairing.damaged();
                }
                ModbusEvent::Discarded(discarded)
            }
            What::Frame(mut adu, bytes) => {
                let sequence = self.wires.get(index).map_or(0, |tapped| tapped.sequence);
                adu.sequence = self.carrier.map(|_| sequence);
                if adu.is_request() {
                    let carrier = self.carrier;
                    let blame = |t_us, sequence| judge(carrier, t_us, sequence);
                    let times = (t_us, last.end_us);
                    for event in self.pairing.request(&mut adu, &place, times, sequence, blame) {
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
        let until_us = self.undecided_us().unwrap_or(i64::MAX).min(self.now_us);
        while let Some(entry) = self.waiting.first_entry() {
            if entry.key().0 > until_us {
                return;
            }
            events.push_back(entry.remove());
        }
    }
}

/// Whose fault it is that a request has no answer. A line that is recorded was heard: it is the device that says nothing.
fn judge(carrier: Option<Facts>, t_us: i64, end_sequence: u32) -> Blame {
    carrier.map_or(Blame::Device, |facts| blame(&facts, Role::Client, t_us, end_sequence))
}

impl Pauses {
    pub(super) fn timing(self) -> Timing {
        let Self { character_us, frame_us, release_us } = self;
        Timing::Content { character_us, frame_us, release_us }
    }

    /// The next time, after now, when silence since the last byte means something.
    fn next(self, heard_us: i64, now_us: i64) -> Option<i64> {
        let ends = [self.frame_us, self.release_us].map(|us| heard_us.saturating_add(us.into()));
        ends.into_iter().find(|end_us| *end_us > now_us)
    }
}
