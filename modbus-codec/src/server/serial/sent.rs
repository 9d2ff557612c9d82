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

use crate::rtu::ADU_LEN_MAX;

/// From this length on, a part of the answer is told from other bytes although one of its bytes is damaged.
const DAMAGED_LEN_MIN: usize = 4;

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
        /// Bytes that were complete at this time or later belong to no echo.
        until_us: u64,
        /// Where the first such byte is in the stream.
        late_offset: u64,
        /// The bytes of the answer up to here have been heard again.
        heard: usize,
    },
}

impl Answer {
    pub(super) const NONE: Self = Self { adu: [0; ADU_LEN_MAX], len: 0, state: State::None };

    /// Takes an answer, in place of the one before.
    pub(super) fn hold(&mut self, adu: &[u8]) {
        for (place, byte) in self.adu.iter_mut().zip(adu) {
            *place = *byte;
        }
        self.len = adu.len();
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

    /// The answer, which is sent now; its echo may come until then, or cannot come.
    pub(super) fn send(&mut self, until_us: Option<u64>) -> &[u8] {
        self.state = match until_us {
            Some(until_us) => State::Sent { until_us, late_offset: u64::MAX, heard: 0 },
            None => State::None,
        };
        self.adu.get(..self.len).unwrap_or_default()
    }

    /// Tells that bytes came, from one offset of the stream to another, all after `known_us` and the last at `now_us`; or,
    /// if more of them follow, at a time not known.
    pub(super) fn bytes_came(&mut self, from: u64, to: u64, known_us: u64, now_us: Option<u64>) {
        let State::Sent { until_us, late_offset: late_offset @ u64::MAX, .. } = &mut self.state
        else {
            return;
        };
        if known_us >= *until_us {
            *late_offset = from;
        } else if now_us.is_some_and(|now_us| now_us >= *until_us) {
            // When the others were complete is not known.
            *late_offset = to.saturating_sub(1);
        }
    }

    /// Whether bytes that end at an offset of the stream are the answer heard again, whole or a part, one byte of which may be
    /// damaged. Each byte of the answer is heard again once, in order.
    pub(super) fn is_heard_in(&mut self, bytes: &[u8], end_offset: u64) -> bool {
        let State::Sent { late_offset, heard, .. } = &mut self.state else {
            return false;
        };
        if end_offset > *late_offset {
            return false;
        }
        let answer = self.adu.get(..self.len).unwrap_or_default();
        let damaged_max = usize::from(bytes.len() >= DAMAGED_LEN_MIN);
        let is_like = |part: &[u8]| {
            let pairs = part.iter().zip(bytes);
            pairs.filter(|(sent, heard)| sent != heard).nth(damaged_max).is_none()
        };
        let rest = answer.get(*heard..).unwrap_or_default();
        let Some(from) = rest.windows(bytes.len().max(1)).position(is_like) else {
            return false;
        };
        *heard = heard.wrapping_add(from).wrapping_add(bytes.len());
        if *heard >= self.len {
            self.state = State::None;
        }
        true
    }

    /// No echo comes any more: what came last cannot be heard before an echo.
    pub(super) fn expect_no_echo(&mut self) {
        if !self.is_held() {
            self.state = State::None;
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.state == State::Held
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The bytes that may be heard again from an offset of the stream on; none if no echo can come.
    pub(super) fn expected(&self, offset: u64) -> &[u8] {
        match self.state {
            State::Sent { late_offset, heard: 0, .. } if offset < late_offset => {
                self.adu.get(..self.len).unwrap_or_default()
            }
            _ => &[],
        }
    }
}
