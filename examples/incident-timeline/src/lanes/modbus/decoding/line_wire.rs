//! One wire of a line: bursts between silences, and inside a burst that is no frame by itself the crate's stream decoder.
//!
//! ```text
//! bytes ──▶ burst, up to a silence of t3.5 ──▶ its CRC is right: one frame, whatever its length
//!   │                                     ├──▶ it begins with a colon: AsciiWire, from then on
//!   │                                     └──▶ RtuWire: several frames, parts of one, noise
//!   └─────▶ the first ones are characters of ASCII frames, up to the end of one: AsciiWire, from then on
//! ```

use modbus_codec::pdu::Direction;
use modbus_codec::stream::Decoder;
use modbus_codec::{Request, Response, rtu};

pub(super) use super::rtu_wire::{Seen, What};

use super::ascii_wire::{AsciiWire, is_ascii, is_character};
use super::rtu_wire::RtuWire;
use super::serial_line::Pauses;
use crate::evidence::line::Stamp;
use crate::lanes::modbus::event::{Adu, Envelope, Transport};
use crate::lanes::modbus::pairing::LinePairing;

pub(super) struct LineWire {
    rtu: RtuWire,
    /// In the place of RTU, since characters were heard.
    ascii: Option<Box<AsciiWire>>,
    /// The first bytes, as long as all are characters of ASCII: the recording may begin inside a frame.
    opening: Option<Vec<(u8, Stamp)>>,
    pauses: Option<Pauses>,
    burst: Vec<u8>,
    stamps: Vec<Stamp>,
    /// Bytes that are part of events.
    offset: u64,
    /// Whether this wire has carried requests, and responses, that can be nothing else.
    has: [bool; 2],
    /// The direction that the port of a connection suggests, while no frame has shown another.
    expected: Option<Direction>,
}

/// No frame is longer.
const BURST_LEN_MAX: usize = rtu::ADU_LEN_MAX;
/// And none of ASCII is longer.
const OPENING_LEN_MAX: usize = modbus_codec::ascii::ADU_LEN_MAX;

impl LineWire {
    pub(super) fn new(pauses: Option<Pauses>, expected: Option<Direction>) -> Self {
        let timing = pauses.map_or(modbus_codec::stream::Timing::Off, Pauses::timing);
        let decoder = Decoder::both_directions().lenient().with_timing(timing);
        Self {
            rtu: RtuWire::new(decoder),
            ascii: None,
            opening: pauses.is_some().then(Vec::new),
            pauses,
            burst: Vec::new(),
            stamps: Vec::new(),
            offset: 0,
            has: [false; 2],
            expected,
        }
    }

    /// The only direction of what it carries, as far as is known.
    fn only(&self) -> Option<Direction> {
        match self.has {
            [true, false] => Some(Direction::Request),
            [false, true] => Some(Direction::Response),
            [false, false] => self.expected,
            [true, true] => None,
        }
    }

    /// Takes bytes that were recorded together.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        stamp: Stamp,
        pairing: &LinePairing,
        seen: &mut Vec<Seen>,
    ) {
        if let Some(mut opening) = self.opening.take() {
            opening.extend(bytes.iter().map(|byte| (*byte, stamp)));
            self.opened(opening, pairing, seen);
            return;
        }
        let is_over = |pauses| self.is_over(pauses, stamp.start_us);
        if self.pauses.is_some_and(is_over) {
            self.flush(pairing, seen);
        }
        if self.ascii.is_some() {
            self.characters(bytes, stamp, pairing, seen);
            return;
        }
        if self.pauses.is_none() {
            self.decode(|rtu, seen| rtu.push(bytes, stamp, seen), seen);
            return;
        }
        if self.burst.len() + bytes.len() > BURST_LEN_MAX || self.rtu.undecided_us().is_some() {
            // No frame by itself.
            self.spill(pairing, seen);
            if self.ascii.is_some() {
                self.characters(bytes, stamp, pairing, seen);
            } else {
                self.decode(|rtu, seen| rtu.push(bytes, stamp, seen), seen);
            }
            return;
        }
        self.burst.extend(bytes);
        self.stamps.extend(std::iter::repeat_n(stamp, bytes.len()));
    }

    /// Looks at the first bytes: they go on as characters of ASCII, or as others, or wait for more.
    fn opened(&mut self, opening: Vec<(u8, Stamp)>, pairing: &LinePairing, seen: &mut Vec<Seen>) {
        let is_ascii = opening.iter().all(|(byte, _)| is_character(byte));
        let is_end = matches!(opening.as_slice(), [_, .., (b'\r', _), (b'\n', _)]);
        if is_ascii && is_end {
            self.ascii = Some(Box::new(AsciiWire::new()));
        } else if is_ascii && opening.len() < OPENING_LEN_MAX {
            self.opening = Some(opening);
            return;
        }
        self.replay(opening, pairing, seen);
    }

    fn replay(&mut self, opening: Vec<(u8, Stamp)>, pairing: &LinePairing, seen: &mut Vec<Seen>) {
        for (byte, stamp) in opening {
            self.push(&[byte], stamp, pairing, seen);
        }
    }

    /// The first bytes are nothing that could be told from its beginning.
    fn give_up_opening(&mut self, pairing: &LinePairing, seen: &mut Vec<Seen>) {
        if let Some(opening) = self.opening.take_if(|opening| !opening.is_empty()) {
            self.replay(opening, pairing, seen);
        }
    }

    /// Lets time pass without a byte on this wire.
    pub(super) fn elapse(&mut self, now_us: i64, pairing: &LinePairing, seen: &mut Vec<Seen>) {
        let last_us =
            self.opening.as_ref().and_then(|opening| opening.last()).map(|(_, last)| last.end_us);
        let is_late = |pauses: Pauses| {
            last_us.is_some_and(|us| now_us.saturating_sub(us) >= i64::from(pauses.release_us))
        };
        if self.pauses.is_some_and(is_late) {
            self.give_up_opening(pairing, seen);
        }
        if self.pauses.is_some_and(|pauses| self.is_over(pauses, now_us)) {
            self.flush(pairing, seen);
        }
        self.decode(|rtu, seen| rtu.elapse(now_us, seen), seen);
        let only = self.only();
        self.as_ascii(|ascii, seen| ascii.elapse(now_us, pairing, only, seen), seen);
    }

    pub(super) fn finish(&mut self, pairing: &LinePairing, seen: &mut Vec<Seen>) {
        self.give_up_opening(pairing, seen);
        self.flush(pairing, seen);
        self.decode(RtuWire::finish, seen);
        let only = self.only();
        self.as_ascii(|ascii, seen| ascii.finish(pairing, only, seen), seen);
    }

    /// Tells the wire of a frame on another wire of the same line.
    pub(super) fn observe(&mut self, is_request: bool, frame: &[u8]) {
        self.rtu.observe(is_request, frame);
    }

    /// When the first byte that is not decided yet was on the wire.
    pub(super) fn undecided_us(&self) -> Option<i64> {
        let opening = self.opening.as_ref().and_then(|opening| opening.first());
        let opening = opening.map(|(_, stamp)| stamp.start_us);
        let burst = self.stamps.first().map(|stamp| stamp.start_us);
        let ascii = self.ascii.as_deref().and_then(AsciiWire::undecided_us);
        opening.or(self.rtu.undecided_us()).or(burst).or(ascii)
    }

    /// Whether the burst has ended: silence followed it.
    fn is_over(&self, pauses: Pauses, now_us: i64) -> bool {
        let last_us = self.stamps.last().map(|stamp| stamp.end_us);
        last_us.is_some_and(|last_us| now_us.saturating_sub(last_us) >= i64::from(pauses.frame_us))
    }

    /// The burst has ended.
    fn flush(&mut self, pairing: &LinePairing, seen: &mut Vec<Seen>) {
        match rtu::split(&self.burst) {
            Ok(raw) if !has_zeros_after_it(&self.burst) => {
                let envelope = Envelope {
                    transport: Transport::Rtu,
                    transaction: None,
                    unit: raw.unit.as_raw(),
                };
                let first = self.stamps.first().copied().unwrap_or_default();
                let last = self.stamps.last().copied().unwrap_or_default();
                let direction = pairing.direction(&envelope, raw.pdu, self.only(), first.start_us);
                let adu = Adu::decode(direction, envelope, raw.pdu);
                let bytes = std::mem::take(&mut self.burst);
                self.stamps.clear();
                let is_request = direction == Direction::Request;
                self.rtu.observe(is_request, &bytes);
                let len = bytes.len();
                let what = What::Frame(adu, bytes);
                self.tell(Seen { offset: 0, len, first, last, what }, seen);
            }
            _ => self.spill(pairing, seen),
        }
    }

    /// The bytes of the burst go to the decoder.
    fn spill(&mut self, pairing: &LinePairing, seen: &mut Vec<Seen>) {
        let (burst, stamps) = (std::mem::take(&mut self.burst), std::mem::take(&mut self.stamps));
        let has_frames = self.has != [false; 2];
        if is_ascii(&burst) && (self.rtu.undecided_us().is_none() || !has_frames) {
            self.decode(RtuWire::finish, seen);
            self.ascii = Some(Box::new(AsciiWire::new()));
            for (character, stamp) in burst.iter().zip(stamps) {
                self.characters(&[*character], stamp, pairing, seen);
            }
            return;
        }
        for (byte, stamp) in burst.iter().zip(stamps) {
            self.decode(|rtu, seen| rtu.push(&[*byte], stamp, seen), seen);
        }
    }

    fn characters(
        &mut self,
        characters: &[u8],
        stamp: Stamp,
        pairing: &LinePairing,
        seen: &mut Vec<Seen>,
    ) {
        let only = self.only();
        self.as_ascii(|ascii, seen| ascii.push(characters, stamp, pairing, only, seen), seen);
    }

    fn as_ascii(&mut self, act: impl FnOnce(&mut AsciiWire, &mut Vec<Seen>), seen: &mut Vec<Seen>) {
        let mut decoded = Vec::new();
        if let Some(ascii) = &mut self.ascii {
            act(ascii, &mut decoded);
        }
        for one in decoded {
            self.tell(one, seen);
        }
    }

    fn decode(&mut self, act: impl FnOnce(&mut RtuWire, &mut Vec<Seen>), seen: &mut Vec<Seen>) {
        let mut decoded = Vec::new();
        act(&mut self.rtu, &mut decoded);
        for one in decoded {
            self.tell(one, seen);
        }
    }

    fn tell(&mut self, mut one: Seen, seen: &mut Vec<Seen>) {
        one.offset = self.offset;
        self.offset += one.len as u64;
        if let What::Frame(adu, _) = &one.what {
            let [requests, responses] = &mut self.has;
            let has = if adu.is_request() { requests } else { responses };
            *has = *has || adu.goes_one_way();
        }
        seen.push(one);
    }
}

/// Whether a burst is a frame that the standard allows, and zeros after it: their CRC is right too.
fn has_zeros_after_it(burst: &[u8]) -> bool {
    let mut frame = burst;
    while let [before @ .., 0] = frame {
        frame = before;
        let is_frame = |raw: modbus_codec::pdu::Adu<&[u8]>| {
            Request::decode(raw.pdu).is_ok() || Response::decode(raw.pdu).is_ok()
        };
        if rtu::split(frame).is_ok_and(is_frame) {
            return true;
        }
    }
    false
}
