//! One wire with RTU frames: the crate's stream decoder, and when and where each of its bytes was recorded.

use std::collections::VecDeque;

use modbus_codec::pdu::Direction;
use modbus_codec::stream::{self, Decoder, Item};

use crate::event::{Adu, Discarded, Reason, Transport};

/// When a byte was on the wire, and where its evidence is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
    /// Packet or row, from 1.
    pub(crate) number: u64,
}

/// What was found, and where its first and its last byte were.
pub(crate) struct Seen {
    pub(crate) offset: u64,
    pub(crate) first: Stamp,
    pub(crate) last: Stamp,
    pub(crate) what: What,
}

pub(crate) enum What {
    /// A frame, and all its bytes.
    Frame(Adu, Vec<u8>),
    Discarded(Discarded),
}

pub(crate) struct RtuWire {
    decoder: Decoder,
    /// Of the bytes in the decoder.
    stamps: VecDeque<Stamp>,
    last: Stamp,
}

impl RtuWire {
    pub(crate) fn new(decoder: Decoder) -> Self {
        let last = Stamp { start_us: 0, end_us: 0, number: 0 };
        Self { decoder, stamps: VecDeque::new(), last }
    }

    /// Takes bytes that were recorded together.
    pub(crate) fn push(&mut self, bytes: &[u8], stamp: Stamp, seen: &mut Vec<Seen>) {
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
    pub(crate) fn elapse(&mut self, now_us: i64, seen: &mut Vec<Seen>) {
        if !self.stamps.is_empty() {
            self.decoder.elapse(micros(now_us));
            self.drain(seen);
        }
    }

    pub(crate) fn finish(&mut self, seen: &mut Vec<Seen>) {
        self.decoder.finish();
        self.drain(seen);
    }

    /// Tells the wire of a frame on another wire of the same line.
    pub(crate) fn observe(&mut self, is_request: bool, frame: &[u8]) {
        let direction = if is_request { Direction::Request } else { Direction::Response };
        self.decoder.observe(direction, frame);
    }

    /// When the first byte that is not decided yet was on the wire.
    pub(crate) fn undecided_us(&self) -> Option<i64> {
        self.stamps.front().map(|stamp| stamp.start_us)
    }

    fn drain(&mut self, seen: &mut Vec<Seen>) {
        while let Some(item) = self.decoder.next() {
            let (offset, len, what) = match item {
                Item::Frame(frame) => {
                    let adu = Adu {
                        is_request: frame.direction == Direction::Request,
                        transport: Transport::Rtu,
                        transaction: None,
                        unit: frame.unit.as_raw(),
                        pdu: frame.pdu().to_vec(),
                        off_spec: frame.off_spec,
                        latency_us: None,
                        coils: None,
                    };
                    (frame.offset, frame.bytes.len(), What::Frame(adu, frame.bytes.to_vec()))
                }
                Item::Discarded(discarded) => {
                    let (reason, off_spec) = match discarded.reason {
                        stream::Reason::Crc => (Reason::Crc, None),
                        stream::Reason::Lrc => (Reason::Lrc, None),
                        stream::Reason::Length => (Reason::Length, None),
                        stream::Reason::Truncated | stream::Reason::Gap => {
                            (Reason::Truncated, None)
                        }
                        stream::Reason::OffSpec(error) => (Reason::Noise, Some(error)),
                        _ => (Reason::Noise, None),
                    };
                    let data = discarded.bytes.to_vec();
                    let len = data.len();
                    (discarded.offset, len, What::Discarded(Discarded { data, reason, off_spec }))
                }
            };
            let mut stamps = self.stamps.drain(..len.min(self.stamps.len()));
            let first = stamps.next().unwrap_or(self.last);
            let last = stamps.next_back().unwrap_or(first);
            drop(stamps);
            self.last = last;
            seen.push(Seen { offset, first, last, what });
        }
    }
}

/// The decoder's clock begins at 0.
fn micros(us: i64) -> u64 {
    u64::try_from(us).unwrap_or(0)
}
