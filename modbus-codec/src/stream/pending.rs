//! The request that waits for its answer: it breaks the tie when a frame has the form of both directions.

use crate::crc::crc16;
use crate::rtu::{self, FrameLen};
use crate::{FunctionCode, Request};

#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    unit: u8,
    function: u8,
    len: usize,
    /// Stands for the whole request when an answer repeats it.
    crc: u16,
    /// The address and the quantity or value, which the answers to writes repeat.
    head: [u8; 4],
    /// How long the answer is, where the request says it.
    answer_len: Option<usize>,
}

impl Pending {
    /// What waits after `adu` was sent; nothing if it is never answered.
    pub(super) fn after(adu: &[u8]) -> Option<Self> {
        let raw = rtu::split(adu).ok()?;
        let request = Request::decode(raw.pdu);
        if raw.unit.is_broadcast() || request.is_ok_and(|request| !request.is_answered()) {
            return None;
        }
        let (function, body) = raw.pdu.split_first()?;
        Some(Self {
            unit: raw.unit.as_raw(),
            function: *function,
            len: adu.len(),
            crc: crc16(raw.pdu),
            head: body.first_chunk().copied().unwrap_or_default(),
            answer_len: request.ok().and_then(|request| answer_len(&request)),
        })
    }

    /// Whether a whole frame is what the answer would be.
    pub(super) fn is_answered_by(&self, adu: &[u8]) -> bool {
        let Ok(raw) = rtu::split(adu) else {
            return false;
        };
        let Some((function, body)) = raw.pdu.split_first() else {
            return false;
        };
        if raw.unit.as_raw() != self.unit || *function != self.function {
            return false;
        }
        match *function {
            0x0F | 0x10 => body == self.head,
            function if is_echo(FunctionCode::new(function)) => {
                adu.len() == self.len && crc16(raw.pdu) == self.crc
            }
            _ => self.answer_len.is_none_or(|len| len == adu.len()),
        }
    }

    /// Whether a frame that begins so, and is as long as it says, would be the answer to a read.
    pub(super) fn awaits(&self, frame: &[u8], len: FrameLen) -> bool {
        let has_head = frame.first_chunk() == Some(&[self.unit, self.function]);
        has_head && self.answer_len.is_some_and(|answer_len| len == FrameLen::Known(answer_len))
    }
}

/// The length of the ADU that answers a read.
fn answer_len(request: &Request<'_>) -> Option<usize> {
    let data = match *request {
        Request::ReadCoils { quantity, .. } | Request::ReadDiscreteInputs { quantity, .. } => {
            crate::data::coils_len(quantity.as_raw())
        }
        Request::ReadHoldingRegisters { quantity, .. }
        | Request::ReadInputRegisters { quantity, .. } => {
            usize::from(quantity.as_raw()).wrapping_mul(2)
        }
        _ => return None,
    };
    Some(data.wrapping_add(5))
}

/// How much the noise before a frame looks like the same frame, broken: its request, or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    None,
    /// It begins or ends as the frame begins: what a truncation leaves.
    Beginning,
    /// It has a run of the frame's bytes that chance does not make: what one changed or lost byte leaves.
    Copy,
}

/// The shortest run that stays when one byte of the shortest echo, eight bytes, is changed or lost.
const RUN_LEN: usize = 4;

pub(super) fn likeness(noise: &[u8], frame: &[u8]) -> Likeness {
    if runs(frame).any(|run| runs(noise).any(|other| other == run)) {
        return Likeness::Copy;
    }
    let is_beginning = |part: Option<&[u8]>| part.is_some_and(|part| frame.starts_with(part));
    let is_cut = !noise.is_empty() && frame.starts_with(noise);
    let ends_so = [3, 2].into_iter().any(|len| {
        let from = noise.len().checked_sub(len);
        is_beginning(from.and_then(|from| noise.get(from..)))
    });
    if is_cut || is_beginning(noise.get(..2)) || ends_so {
        return Likeness::Beginning;
    }
    Likeness::None
}

/// Every run of that length.
fn runs(bytes: &[u8]) -> impl Iterator<Item = &[u8; RUN_LEN]> {
    (0..bytes.len()).map_while(|from| bytes.get(from..).and_then(<[u8]>::first_chunk))
}

/// Whether the frame asks or answers with the same form and the same bytes.
pub(super) const fn is_echo(function: FunctionCode) -> bool {
    matches!(function.as_raw(), 0x05 | 0x06 | 0x08 | 0x15 | 0x16)
}

/// The units that have been seen on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) struct Units([u32; 8]);

impl Units {
    pub(super) const NONE: Self = Self([0; 8]);

    pub(super) fn insert(&mut self, unit: u8) {
        if let Some(word) = self.0.get_mut(usize::from(unit >> 5)) {
            *word |= 1 << (unit & 31);
        }
    }

    pub(super) fn contains(&self, unit: u8) -> bool {
        self.0.get(usize::from(unit >> 5)).is_some_and(|word| word >> (unit & 31) & 1 == 1)
    }
}
