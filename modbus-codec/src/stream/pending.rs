//! The request that waits for its answer: it breaks the tie when a frame has the form of both directions.

use crate::crc::crc16;
use crate::pairing::{data_len, repeated_len};
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
    /// The request that waits after `adu` was sent; nothing if `adu` is never answered.
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

    /// Whether a whole frame can be the answer.
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
        let function = FunctionCode::new(*function);
        if function.echoes() {
            return adu.len() == self.len && crc16(raw.pdu) == self.crc;
        }
        match repeated_len(function) {
            Some(len) => body.len() == len && self.head.starts_with(body),
            None => self.answer_len.is_none_or(|len| len == adu.len()),
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
    let data = data_len(&request.to_body()).filter(|_| request.function().only_reads())?;
    Some(usize::from(data).wrapping_add(5))
}

/// How much the noise before a frame looks like the same frame, broken: its request, or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    None,
    /// The noise begins or ends as the frame begins: a truncation leaves that.
    Beginning,
    /// The noise has a run of the frame's bytes that chance does not make: one changed or lost byte leaves that.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn closed(mut frame: Vec<u8>) -> Vec<u8> {
        let crc = crc16(&frame);
        frame.extend(crc.to_le_bytes());
        frame
    }

    fn after(frame: &[u8]) -> Pending {
        Pending::after(&closed(frame.into())).expect("an answer is pending")
    }

    fn answers(request: &[u8], answer: &[u8]) -> bool {
        after(request).is_answered_by(&closed(answer.into()))
    }

    #[test]
    fn what_is_never_answered_is_not_pending() {
        assert!(Pending::after(&closed(std::vec![0, 6, 0, 1, 0, 2])).is_none());
        // A request that the standard refuses may be answered, with an exception.
        assert!(Pending::after(&closed(std::vec![1, 3, 0, 0, 0, 0])).is_some());
        assert!(Pending::after(&[1, 3, 0, 0, 0, 1, 0, 0]).is_none(), "a wrong CRC");
    }

    #[test]
    fn an_answer_is_of_the_same_unit_and_function() {
        let read = [1, 3, 0, 0, 0, 1];
        assert!(answers(&read, &[1, 3, 2, 0, 7]));
        assert!(!answers(&read, &[2, 3, 2, 0, 7]));
        assert!(!answers(&read, &[1, 4, 2, 0, 7]));
        assert!(!after(&read).is_answered_by(&[1, 3, 2, 0, 7, 0, 0]), "a wrong CRC");
    }

    #[test]
    fn an_answer_to_a_read_has_its_length() {
        assert!(answers(&[1, 1, 0, 0, 0, 9], &[1, 1, 2, 0, 0]));
        assert!(!answers(&[1, 1, 0, 0, 0, 9], &[1, 1, 1, 0]));
        assert!(answers(&[1, 2, 0, 0, 0, 8], &[1, 2, 1, 0]));
        assert!(answers(&[1, 4, 0, 0, 0, 2], &[1, 4, 4, 0, 0, 0, 0]));
        assert!(!answers(&[1, 4, 0, 0, 0, 2], &[1, 4, 2, 0, 0]));
        // A user-defined function says nothing of its answer.
        assert!(answers(&[1, 0x41, 7], &[1, 0x41, 1, 2, 3]));
    }

    #[test]
    fn an_answer_to_a_write_repeats_what_the_standard_says() {
        assert!(answers(&[1, 6, 0, 1, 0, 2], &[1, 6, 0, 1, 0, 2]));
        assert!(!answers(&[1, 6, 0, 1, 0, 2], &[1, 6, 0, 1, 0, 3]));
        assert!(!answers(&[1, 8, 0, 0, 7, 7], &[1, 8, 0, 0, 7, 7, 0, 0]));
        assert!(answers(&[1, 0x10, 0, 1, 0, 1, 2, 9, 9], &[1, 0x10, 0, 1, 0, 1]));
        assert!(!answers(&[1, 0x10, 0, 1, 0, 1, 2, 9, 9], &[1, 0x10, 0, 1, 0, 2]));
        assert!(answers(&[1, 0x0F, 0, 1, 0, 1, 1, 1], &[1, 0x0F, 0, 1, 0, 1]));
    }

    #[test]
    fn a_read_awaits_an_answer_of_its_head_and_length() {
        let read = after(&[1, 3, 0, 0, 0, 2]);
        assert!(read.awaits(&[1, 3, 4], FrameLen::Known(9)));
        assert!(!read.awaits(&[1, 3, 4], FrameLen::Known(7)));
        assert!(!read.awaits(&[1, 4, 4], FrameLen::Known(9)));
        assert!(!read.awaits(&[1], FrameLen::Known(9)));
        assert!(!after(&[1, 6, 0, 1, 0, 2]).awaits(&[1, 6, 0], FrameLen::Known(8)));
    }

    #[test]
    fn noise_is_like_a_frame_that_it_was() {
        let frame = [0x11, 0x06, 0x00, 0x01, 0x00, 0x03, 0x9A, 0x9B];
        let cases: [(&[u8], Likeness); 10] = [
            (&[], Likeness::None),
            // Cut short, or after something else.
            (&[0x11], Likeness::Beginning),
            (&[0x11, 0x06, 0x00], Likeness::Beginning),
            (&[0x11, 0x06, 0x77], Likeness::Beginning),
            (&[0x77, 0x78, 0x11, 0x06], Likeness::Beginning),
            (&[0x77, 0x78, 0x11, 0x06, 0x00], Likeness::Beginning),
            // One byte is changed, or lost.
            (&[0x11, 0x06, 0x00, 0x01, 0xFF, 0x03, 0x9A, 0x9B], Likeness::Copy),
            (&[0x06, 0x00, 0x01, 0x00], Likeness::Copy),
            (&[0x06, 0x00, 0x01], Likeness::None),
            (&[0x77, 0x11], Likeness::None),
        ];
        for (noise, expected) in cases {
            assert_eq!(likeness(noise, &frame), expected, "{noise:02X?}");
        }
    }

    #[test]
    fn units_are_seen_one_by_one() {
        let mut units = Units::NONE;
        for unit in [0, 31, 32, 255] {
            assert!(!units.contains(unit));
            units.insert(unit);
            assert!(units.contains(unit));
        }
        assert_eq!((0..=255).filter(|unit| units.contains(*unit)).count(), 4);
    }
}
