//! One wire with ASCII frames: the crate's decoder, and when and where each of its characters was recorded.

use std::collections::VecDeque;

use modbus_codec::ascii::{Decoder, Item};
use modbus_codec::pdu::Direction;
use modbus_codec::stream;

use super::rtu_wire::{Seen, What};
use crate::evidence::line::Stamp;
use crate::lanes::modbus::event::{Adu, Discarded, Envelope, Reason, Transport};
use crate::lanes::modbus::pairing::LinePairing;

pub(super) struct AsciiWire {
    decoder: Decoder,
    /// Of the characters in the decoder.
    stamps: VecDeque<Stamp>,
    last: Stamp,
}

/// Whether a byte is a character of ASCII frames.
pub(super) fn is_character(byte: &u8) -> bool {
    byte.is_ascii_hexdigit() || b":\r\n".contains(byte)
}

/// Whether a burst is the beginning of ASCII frames, or some of them.
pub(super) fn is_ascii(burst: &[u8]) -> bool {
    burst.len() >= 3 && burst.first() == Some(&b':') && burst.iter().all(is_character)
}

impl AsciiWire {
    pub(super) fn new() -> Self {
        Self { decoder: Decoder::new(), stamps: VecDeque::new(), last: Stamp::default() }
    }

    /// Takes characters that were recorded together.
    pub(super) fn push(
        &mut self,
        characters: &[u8],
        stamp: Stamp,
        pairing: &LinePairing,
        only: Option<Direction>,
        seen: &mut Vec<Seen>,
    ) {
        let mut rest = characters;
        loop {
            let later = self.decoder.push(rest, micros(stamp.end_us));
            self.stamps.extend(std::iter::repeat_n(stamp, rest.len() - later.len()));
            self.drain(pairing, only, seen);
            rest = later;
            if rest.is_empty() {
                return;
            }
        }
    }

    pub(super) fn elapse(
        &mut self,
        now_us: i64,
        pairing: &LinePairing,
        only: Option<Direction>,
        seen: &mut Vec<Seen>,
    ) {
        self.decoder.elapse(micros(now_us));
        self.drain(pairing, only, seen);
    }

    pub(super) fn finish(
        &mut self,
        pairing: &LinePairing,
        only: Option<Direction>,
        seen: &mut Vec<Seen>,
    ) {
        self.decoder.finish();
        self.drain(pairing, only, seen);
    }

    /// When the first character that is not decided yet was on the wire.
    pub(super) fn undecided_us(&self) -> Option<i64> {
        self.stamps.front().map(|stamp| stamp.start_us)
    }

    fn drain(&mut self, pairing: &LinePairing, only: Option<Direction>, seen: &mut Vec<Seen>) {
        while let Some(item) = self.decoder.next() {
            let (len, what) = match item {
                Item::Frame { len, adu, .. } => {
                    let envelope = Envelope {
                        transport: Transport::Ascii,
                        transaction: None,
                        unit: adu.unit.as_raw(),
                    };
                    let t_us = self.stamps.front().map_or(0, |stamp| stamp.start_us);
                    let direction: Direction = pairing.direction(&envelope, adu.pdu, only, t_us);
                    (len, What::Frame(Adu::decode(direction, envelope, adu.pdu), Vec::new()))
                }
                Item::Discarded(discarded) => {
                    let reason = match discarded.reason {
                        stream::Reason::Lrc => Reason::Lrc,
                        stream::Reason::Length => Reason::Length,
                        stream::Reason::Truncated | stream::Reason::Gap => Reason::Truncated,
                        _ => Reason::Noise,
                    };
                    let data = discarded.bytes.to_vec();
                    (data.len(), What::Discarded(Discarded::new(data, reason, None)))
                }
            };
            let mut stamps = self.stamps.drain(..len.min(self.stamps.len()));
            let first = stamps.next().unwrap_or(self.last);
            let last = stamps.next_back().unwrap_or(first);
            drop(stamps);
            self.last = last;
            seen.push(Seen { offset: 0, len, first, last, what });
        }
    }
}

/// The decoder's clock begins at 0.
fn micros(us: i64) -> u64 {
    u64::try_from(us).unwrap_or(0)
}
