//! One wire with RTU frames: the crate's stream decoder, and when and where each of its bytes was recorded.

use std::collections::VecDeque;

use modbus_codec::pdu::Direction;
use modbus_codec::stream::{self, Decoder, Item};

use crate::evidence::line::Stamp;
use crate::lanes::modbus::event::{Adu, Discarded, Envelope, Reason, Transport};
use crate::lanes::modbus::off_spec::Fault;

/// A frame or a discard, and where its first and its last byte were.
pub(super) struct Seen {
    pub(super) offset: u64,
    pub(super) len: usize,
    pub(super) first: Stamp,
    pub(super) last: Stamp,
    pub(super) what: What,
}

pub(super) enum What {
    /// A frame, and all its bytes.
    Frame(Adu, Vec<u8>),
    Discarded(Discarded),
}

pub(super) struct RtuWire {
    /// In a box: there can be many wires, and a vector moves its items as it grows.
    decoder: Box<Decoder>,
    /// Of the bytes in the decoder.
    stamps: VecDeque<Stamp>,
    last: Stamp,
}

impl RtuWire {
    pub(super) fn new(decoder: Decoder) -> Self {
        Self { decoder: Box::new(decoder), stamps: VecDeque::new(), last: Stamp::default() }
    }

    /// Takes bytes that were recorded together.
    pub(super) fn push(&mut self, bytes: &[u8], stamp: Stamp, seen: &mut Vec<Seen>) {
        let mut rest = bytes;
        loop {
            let later = self.decoder.push(rest, micros(stamp.end_us));
            let taken = rest.len() - later.len();
            self.stamps.extend(std::iter::repeat_n(stamp, taken));
            self.drain(seen);
            rest = later;
            if rest.is_empty() {
                return;
            }
        }
    }

    /// Lets time pass without a byte on this wire.
    pub(super) fn elapse(&mut self, now_us: i64, seen: &mut Vec<Seen>) {
        if !self.stamps.is_empty() {
            self.decoder.elapse(micros(now_us));
            self.drain(seen);
        }
    }

    pub(super) fn finish(&mut self, seen: &mut Vec<Seen>) {
        self.decoder.finish();
        self.drain(seen);
    }

    /// Tells the wire of a frame on another wire of the same line.
    pub(super) fn observe(&mut self, is_request: bool, frame: &[u8]) {
        let direction = if is_request { Direction::Request } else { Direction::Response };
        self.decoder.observe(direction, frame);
    }

    /// When the first byte that is not decided yet was on the wire.
    pub(super) fn undecided_us(&self) -> Option<i64> {
        self.stamps.front().map(|stamp| stamp.start_us)
    }

    fn drain(&mut self, seen: &mut Vec<Seen>) {
        while let Some(item) = self.decoder.next() {
            let (offset, len, what) = match item {
                Item::Frame(frame) => {
                    let envelope = Envelope {
                        transport: Transport::Rtu,
                        transaction: None,
                        unit: frame.unit.as_raw(),
                    };
                    let mut adu = Adu::decode(frame.direction, envelope, frame.pdu());
                    // The wire's verdict knows the unit too: a read is not broadcast.
                    adu.off_spec = frame.off_spec.map(Fault::Pdu);
                    let bytes = frame.bytes.to_vec();
                    (frame.offset, bytes.len(), What::Frame(adu, bytes))
                }
                Item::Discarded(discarded) => {
                    let (reason, off_spec) = match discarded.reason {
                        stream::Reason::Crc => (Reason::Crc, None),
                        stream::Reason::Lrc => (Reason::Lrc, None),
                        stream::Reason::Length => (Reason::Length, None),
                        stream::Reason::Truncated | stream::Reason::Gap => {
                            (Reason::Truncated, None)
                        }
                        stream::Reason::OffSpec(error) => (Reason::Noise, Some(Fault::Pdu(error))),
                        _ => (Reason::Noise, None),
                    };
                    let data = discarded.bytes.to_vec();
                    let len = data.len();
                    (discarded.offset, len, What::Discarded(Discarded::new(data, reason, off_spec)))
                }
            };
            let mut stamps = self.stamps.drain(..len.min(self.stamps.len()));
            let first = stamps.next().unwrap_or(self.last);
            let last = stamps.next_back().unwrap_or(first);
            drop(stamps);
            self.last = last;
            if self.stamps.is_empty() {
                // There can be many wires, and most are silent most of the time.
                self.stamps = VecDeque::new();
            }
            seen.push(Seen { offset, len, first, last, what });
        }
    }
}

/// The decoder's clock begins at 0.
fn micros(us: i64) -> u64 {
    u64::try_from(us).unwrap_or(0)
}
