//! The answer of a device: held back until the line is silent, sent, and then perhaps heard again.
//!
//! ```text
//!        hold             send              its echo, another frame, or later bytes
//! None ───────▶ Held ───────────▶ Sent ───────────────────────────────────────────▶ None
//!                │ another frame                    │ hold
//!                └──────────▶ None                  └──────▶ Held
//! ```
//!
//! Where the receiver of an RS-485 transceiver stays on while the device sends, the device hears its own answer. The echo of 05,
//! 06, 08, 15 and 16 has the form of a request, and the data of any answer may hold a frame that has.

use crate::rtu::{ADU_LEN_MAX, ADU_LEN_MIN};
use crate::server::answer::copy;

/// The shortest part of an answer that is told from other bytes, although one byte of it may be damaged: the shortest frame.
const PART_LEN_MIN: usize = ADU_LEN_MIN;

#[derive(Clone, Debug)]
pub(super) struct Answer {
    adu: [u8; ADU_LEN_MAX],
    len: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    None,
    Held,
    Sent {
        /// Where the first byte that came after the sending is in the stream. The places below count from there.
        offset: u64,
        /// Bytes that were complete at this time or later belong to no echo.
        until_us: u64,
        /// The first byte that is known to have come too late.
        late: u32,
        /// The chunk with the first late byte begins here.
        late_chunk: u32,
        /// The bytes of the answer up to here have been heard again.
        heard: usize,
        /// The part that was heard last ends here.
        after_heard: u32,
    },
}

/// How bytes that were heard relate to the answer that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    None,
    /// A part of the answer.
    Part,
    /// The end of the answer, or all of it; only parts of the answer came before.
    End,
}

impl Answer {
    pub(super) const NONE: Self = Self { adu: [0; ADU_LEN_MAX], len: 0, state: State::None };

    /// Takes an answer, in place of the one before.
    pub(super) fn hold(&mut self, adu: &[u8]) {
        self.len = copy(adu, &mut self.adu);
        self.state = State::Held;
    }

    /// Drops an answer that is held, and says whether one was.
    pub(super) fn drop_held(&mut self) -> bool {
        let is_held = self.is_held();
        if is_held {
            self.state = State::None;
        }
        is_held
    }

    /// Marks the answer as sent, and returns it. Bytes from `offset` of the stream on may be its echo until `until_us`; without
    /// `until_us` no echo can come.
    pub(super) fn send(&mut self, offset: u64, until_us: Option<u64>) -> &[u8] {
        self.state = match until_us {
            Some(until_us) => State::Sent {
                offset,
                until_us,
                late: u32::MAX,
                late_chunk: u32::MAX,
                heard: 0,
                after_heard: u32::MAX,
            },
            None => State::None,
        };
        self.adu.get(..self.len).unwrap_or_default()
    }

    /// Notes that bytes came: from one offset of the stream to another, all of them after `known_us`, the last at `now_us`.
    pub(super) fn bytes_came(&mut self, from: u64, to: u64, known_us: u64, now_us: u64) {
        let State::Sent { offset, until_us, late: late @ u32::MAX, late_chunk, .. } =
            &mut self.state
        else {
            return;
        };
        if now_us >= *until_us {
            *late_chunk = place(*offset, from);
            // When the bytes before the last were complete is only known if all came late.
            let all = known_us >= *until_us;
            *late = if all { *late_chunk } else { place(*offset, to).saturating_sub(1) };
        }
    }

    /// Tells whether bytes at an offset of the stream are the answer heard again: all of it or a part, with at most one damaged
    /// byte. Each byte of the answer is heard again once, in order.
    ///
    /// The last of the bytes must have come in time. Where the baud rate is not known, the first must: a long answer takes
    /// long. Bytes that directly follow a part that was heard count as in time.
    pub(super) fn heard_in(&mut self, bytes: &[u8], offset: u64, knows_line: bool) -> Echo {
        let State::Sent { offset: sent_offset, late, late_chunk, heard, after_heard, .. } =
            &mut self.state
        else {
            return Echo::None;
        };
        let end_offset = offset.wrapping_add(bytes.len() as u64);
        if end_offset <= *sent_offset || bytes.len() < PART_LEN_MIN {
            return Echo::None;
        }
        let to = place(*sent_offset, end_offset);
        let from = to.saturating_sub(bytes.len() as u32);
        let follows = from == *after_heard;
        if to > *late && (knows_line || from >= *late_chunk) && !follows {
            return Echo::None;
        }
        let answer = self.adu.get(..self.len).unwrap_or_default();
        let Some(found) = (*heard..self.len).find(|from| is_like(answer, *from, bytes)) else {
            return Echo::None;
        };
        let is_first = *heard == 0;
        *heard = found.wrapping_add(bytes.len());
        *after_heard = to;
        if *heard < self.len {
            return Echo::Part;
        }
        self.state = State::None;
        if is_first || follows { Echo::End } else { Echo::Part }
    }

    /// Notes that another frame came at an offset of the stream. An echo comes before every other frame, so none comes any more.
    pub(super) fn another_came(&mut self, at: u64) {
        if matches!(self.state, State::Sent { offset, .. } if at >= offset) {
            self.state = State::None;
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.state == State::Held
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The answer, if its echo may begin at an offset of the stream; else nothing.
    pub(super) fn expected(&self, from: u64) -> &[u8] {
        match self.state {
            State::Sent { offset, late, heard: 0, .. }
                if from >= offset && place(offset, from) < late =>
            {
                self.adu.get(..self.len).unwrap_or_default()
            }
            _ => &[],
        }
    }
}

/// Whether the answer from a place on begins with these bytes, one of which may be damaged.
fn is_like(answer: &[u8], from: usize, bytes: &[u8]) -> bool {
    let Some(part) = answer.get(from..from.wrapping_add(bytes.len())) else {
        return false;
    };
    let mut damaged = 0_usize;
    for (sent, heard) in part.iter().zip(bytes) {
        damaged = damaged.wrapping_add(usize::from(sent != heard));
    }
    damaged <= 1
}

/// Where a byte of the stream is, counted from one that came before; at most `u32::MAX`.
fn place(from: u64, at: u64) -> u32 {
    u32::try_from(at.wrapping_sub(from)).unwrap_or(u32::MAX)
}
