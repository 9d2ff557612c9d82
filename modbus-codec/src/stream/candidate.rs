//! The judgement of one candidate: the bytes from `head` on, tried in each direction that the wire carries.

use super::pending::{Likeness, likeness};
use super::{Decoder, Directions, LIKENESS_LEN, Reason, Timing};
use crate::pdu::{self, Direction};
use crate::rtu::{self, ADU_LEN_MAX, ADU_LEN_MIN, FrameLen};
use crate::{FunctionCode, UnitId};

/// The verdict on the bytes at `head`.
pub(super) enum Verdict {
    Frame(Found),
    /// `len` bytes begin no frame.
    Discard {
        len: usize,
        reason: Reason,
    },
    /// More bytes, or silence, must come first.
    Wait,
}

/// A frame with a right CRC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) len: usize,
    pub(super) direction: Direction,
    pub(super) off_spec: Option<pdu::Error>,
    /// Refused in either direction, so that neither can be told.
    pub(super) is_either: bool,
}

impl Found {
    /// A response that is known to be one.
    const fn response(len: usize) -> Self {
        Self { len, direction: Direction::Response, off_spec: None, is_either: false }
    }
}

/// A candidate, tried in one direction.
#[derive(Clone, Copy, PartialEq)]
enum Attempt {
    Frame(Found),
    /// Not whole yet; the bytes could still become a frame.
    Waits,
    /// Whole, and damaged; `is_likely` if the standard would have nothing against it otherwise.
    BadCrc {
        is_likely: bool,
    },
    Impossible,
}

impl Decoder {
    pub(super) fn judge(&self, sent: &[u8]) -> Verdict {
        // The bytes before a silence are judged by themselves.
        let is_closed = self.released > self.head;
        let limit = if is_closed { self.released } else { self.end };
        let window = self.buffer.get(self.head..limit).unwrap_or_default();
        if window.is_empty() {
            return Verdict::Wait;
        }
        if let Timing::Strict(_) = self.timing {
            return self.judge_between_silences(window, is_closed);
        }
        if let Some(found) = self.across_silence(window, sent) {
            return Verdict::Frame(found);
        }
        if !sent.is_empty() && window.starts_with(sent) {
            return Verdict::Frame(Found::response(sent.len()));
        }
        if !is_closed && sent.starts_with(window) {
            return Verdict::Wait;
        }
        let [request, response] = self.attempts(window);
        match (request, response) {
            (Attempt::Frame(request), Attempt::Frame(response)) => {
                self.accept(self.choose(request, response, window), window, is_closed)
            }
            (Attempt::Frame(found), other) | (other, Attempt::Frame(found)) => {
                let may_be_longer = matches!(other, Attempt::Waits) && !is_closed;
                if may_be_longer && !self.is_settled(&found, window) {
                    return Verdict::Wait;
                }
                self.accept(found, window, is_closed)
            }
            _ => self.judge_without_frame([request, response], window, is_closed),
        }
    }

    /// A frame that begins before the last silence and ends after it. The silence was noticed with a chunk of several bytes, and
    /// may have been behind the frame.
    fn across_silence(&self, closed: &[u8], sent: &[u8]) -> Option<Found> {
        let is_first = self.head == self.start && self.is_delimited();
        if !self.is_blurred || !is_first || self.released <= self.head {
            return None;
        }
        let window = self.buffer.get(self.head..self.end)?;
        if sent.len() > closed.len() && window.starts_with(sent) {
            return Some(Found::response(sent.len()));
        }
        let across = |attempt| match attempt {
            Attempt::Frame(found) if found.len > closed.len() && found.off_spec.is_none() => {
                Some(found)
            }
            _ => None,
        };
        match self.attempts(window).map(across) {
            [Some(request), Some(response)] => Some(self.choose(request, response, window)),
            [request, response] => request.or(response),
        }
    }

    /// Neither direction has a frame of the predicted length, or not yet.
    fn judge_without_frame(
        &self,
        attempts: [Attempt; 2],
        window: &[u8],
        is_closed: bool,
    ) -> Verdict {
        let waits = attempts.contains(&Attempt::Waits);
        if waits && !is_closed {
            return match self.frame_before_silence(window) {
                Some(len) => Verdict::Discard { len, reason: Reason::Truncated },
                None => Verdict::Wait,
            };
        }
        match self.between_silences(window) {
            Some(silent) if has_right_crc(silent) => {
                return Verdict::Frame(self.by_silence(silent));
            }
            None if !is_closed && self.may_end_by_silence(window) => return Verdict::Wait,
            _ => {}
        }
        let has = |expected: Attempt| attempts.contains(&expected);
        let reason = if has(Attempt::BadCrc { is_likely: true }) {
            Reason::Crc
        } else if waits {
            Reason::Truncated
        } else if has(Attempt::BadCrc { is_likely: false }) {
            Reason::Crc
        } else {
            Reason::Noise
        };
        Verdict::Discard { len: 1, reason }
    }

    /// A frame with a right CRC, which still may be no frame: chance has made it in noise, or of a frame that lost its last
    /// byte and of the first byte of the next.
    fn accept(&self, found: Found, window: &[u8], is_closed: bool) -> Verdict {
        if found.off_spec.is_some() && self.head > self.start {
            return Verdict::Discard { len: 1, reason: Reason::Noise };
        }
        let last = found.len.wrapping_sub(1);
        let unit = window.get(last).copied().unwrap_or(0);
        let end = self.head.wrapping_add(found.len);
        let is_followed_by_silence = self.silences.contains(&Some(end));
        if !self.units.contains(unit)
            || (is_closed && window.len() == found.len)
            || is_followed_by_silence
        {
            return Verdict::Frame(found);
        }
        let [after, overlapping] =
            [found.len, last].map(|from| self.attempts(window.get(from..).unwrap_or_default()));
        let is_frame = |attempt: &Attempt| matches!(attempt, Attempt::Frame(found) if found.off_spec.is_none());
        let may_wait = self.is_passive && !is_closed;
        if after.iter().any(is_frame) {
            return Verdict::Frame(found);
        }
        if overlapping.iter().any(is_frame) {
            // Unless a frame follows after all: then chance made the overlapping one.
            let follows = after.contains(&Attempt::Waits) && may_wait;
            let truncated = Verdict::Discard { len: last, reason: Reason::Truncated };
            return if follows { Verdict::Wait } else { truncated };
        }
        if overlapping.contains(&Attempt::Waits) && may_wait {
            return Verdict::Wait;
        }
        Verdict::Frame(found)
    }

    fn attempts(&self, window: &[u8]) -> [Attempt; 2] {
        let request = |window| self.attempt(window, Direction::Request);
        let response = |window| self.attempt(window, Direction::Response);
        match self.directions {
            Directions::One(Direction::Request) => [request(window), Attempt::Impossible],
            Directions::One(Direction::Response) => [Attempt::Impossible, response(window)],
            Directions::Both => [request(window), response(window)],
        }
    }

    fn attempt(&self, window: &[u8], direction: Direction) -> Attempt {
        let len = match rtu::frame_len(window, direction) {
            FrameLen::Known(len) => len,
            FrameLen::Unknown { .. } => return Attempt::Waits,
            FrameLen::Unpredictable | FrameLen::Impossible => return Attempt::Impossible,
        };
        let Some(frame) = window.get(..len) else {
            // Only a lenient decoder waits for the end of a frame that is against the standard, and not in the middle of noise.
            let is_lenient = self.is_lenient && self.head == self.start;
            return if is_lenient || may_become(window, direction) {
                Attempt::Waits
            } else {
                Attempt::Impossible
            };
        };
        let Ok(raw) = rtu::split(frame) else {
            // Only the first byte of a stretch gives it its reason.
            let is_first = self.head == self.start;
            return Attempt::BadCrc { is_likely: is_first && may_become(frame, direction) };
        };
        let off_spec = refusal(raw.unit, raw.pdu, direction);
        Attempt::Frame(Found { len, direction, off_spec, is_either: false })
    }

    /// The direction that a frame of both forms went.
    fn choose(&self, request: Found, response: Found, window: &[u8]) -> Found {
        match (request.off_spec, response.off_spec) {
            (None, Some(_)) => return request,
            (Some(_), None) => return response,
            (Some(_), Some(_)) => return Found { is_either: true, ..request },
            (None, None) => {}
        }
        let frame = window.get(..response.len).unwrap_or_default();
        let is_expected = self.pending.is_some_and(|pending| pending.is_answered_by(frame));
        if request.len != response.len {
            // As when the bytes come one by one.
            let [shorter, longer] =
                if request.len < response.len { [request, response] } else { [response, request] };
            return if self.is_settled(&shorter, window) { shorter } else { longer };
        }
        // A broken request comes after silence; what follows a frame at once is its own stray.
        let is_apart = !self.has_silences() || self.silences.contains(&Some(self.start));
        let likeness = if is_apart { likeness(self.noise(), frame) } else { Likeness::None };
        let function = frame.get(1).map_or(FunctionCode::new(0), |raw| FunctionCode::new(*raw));
        let is_response = match (self.pending, likeness) {
            // A broken copy of the pending request was its answer, so this asks again.
            (Some(_), likeness) if is_expected => !function.echoes() || likeness == Likeness::None,
            // A broken copy of this frame asked for it; a few bytes of one may be the answer that is pending.
            (Some(_), likeness) => likeness == Likeness::Copy,
            (None, likeness) => likeness != Likeness::None,
        };
        if is_response { response } else { request }
    }

    /// Whether a whole frame of one direction stands although the other direction could still make more of it.
    ///
    /// Chance can make a frame of the first bytes of another: a request to write several has the form of its answer in its
    /// first eight, and where a CRC ends in zero, the frame without the zero has a right CRC too. What is pending tells.
    fn is_settled(&self, found: &Found, window: &[u8]) -> bool {
        let frame = window.get(..found.len).unwrap_or_default();
        match (found.off_spec, found.direction) {
            (Some(_), _) => false,
            (None, Direction::Response) => {
                self.pending.is_some_and(|pending| pending.is_answered_by(frame))
            }
            (None, Direction::Request) => {
                let answer = rtu::frame_len(window, Direction::Response);
                !self.pending.is_some_and(|pending| pending.awaits(frame, answer))
            }
        }
    }

    /// The candidate up to the silence after it, if there was silence right before it.
    fn between_silences<'a>(&self, window: &'a [u8]) -> Option<&'a [u8]> {
        let [Some(before), Some(after)] = self.silences else {
            return None;
        };
        if !self.has_silences() || before != self.head || self.head != self.start {
            return None;
        }
        window.get(..after.checked_sub(before)?)
    }

    /// Whether silence may yet make a frame of a candidate whose length cannot be predicted.
    fn may_end_by_silence(&self, window: &[u8]) -> bool {
        let [_, before] = self.silences;
        let is_first = before == Some(self.head) && self.head == self.start;
        // 08 is predicted with one word; with sub-function 00 it may have more.
        let is_long =
            window.get(1) == Some(&FunctionCode::DIAGNOSTICS.as_raw()) && window.len() >= 8;
        let is_unpredictable = |direction| {
            matches!(rtu::frame_len(window, direction), FrameLen::Unpredictable) || is_long
        };
        self.has_silences()
            && is_first
            && window.len() < ADU_LEN_MAX
            && match self.directions {
                Directions::One(direction) => is_unpredictable(direction),
                Directions::Both => {
                    is_unpredictable(Direction::Request) || is_unpredictable(Direction::Response)
                }
            }
    }

    /// How many bytes precede a whole frame that came before the last silence: what waits before it is noise, and need not
    /// be waited for until it is released.
    fn frame_before_silence(&self, window: &[u8]) -> Option<usize> {
        let [_, silence] = self.silences;
        let until = silence?.checked_sub(self.head).filter(|_| self.has_silences())?;
        let heard = window.get(..until)?;
        let is_frame = |attempt: &Attempt| matches!(attempt, Attempt::Frame(found) if found.off_spec.is_none());
        (1..heard.len())
            .find(|from| self.attempts(heard.get(*from..).unwrap_or_default()).iter().any(is_frame))
    }

    fn has_silences(&self) -> bool {
        matches!(self.timing, Timing::Content { .. })
    }

    /// A frame that only the silences around it delimit.
    fn by_silence(&self, frame: &[u8]) -> Found {
        let is_expected = self.pending.is_some_and(|pending| pending.is_answered_by(frame));
        let direction = match self.directions {
            Directions::One(direction) => direction,
            Directions::Both if is_expected => Direction::Response,
            Directions::Both => Direction::Request,
        };
        let raw = rtu::split(frame).ok();
        let off_spec = raw.and_then(|raw| refusal(raw.unit, raw.pdu, direction));
        // The predicted length of neither direction ended the frame, so that the refusal of one is that of the other.
        let is_either = off_spec.is_some() && self.directions == Directions::Both;
        Found { len: frame.len(), direction, off_spec, is_either }
    }

    /// [`Timing::Strict`]: all between two silences is one frame or none.
    fn judge_between_silences(&self, window: &[u8], is_closed: bool) -> Verdict {
        let len = window.len();
        let reason = if len > ADU_LEN_MAX {
            Reason::Length
        } else if !is_closed {
            return Verdict::Wait;
        } else if self.released_has_gap {
            Reason::Gap
        } else if len < ADU_LEN_MIN {
            Reason::Truncated
        } else if !has_right_crc(window) {
            Reason::Crc
        } else {
            let whole = |attempt| match attempt {
                Attempt::Frame(found) if found.len == len => Some(found),
                _ => None,
            };
            let [request, response] = self.attempts(window).map(whole);
            return Verdict::Frame(match (request, response) {
                (Some(request), Some(response)) => self.choose(request, response, window),
                (Some(found), None) | (None, Some(found)) => found,
                (None, None) => self.by_silence(window),
            });
        };
        Verdict::Discard { len, reason }
    }

    /// The end of the stretch before the candidate, as much of it as is kept.
    fn noise(&self) -> &[u8] {
        let from = self.head.saturating_sub(LIKENESS_LEN).max(self.start);
        self.buffer.get(from..self.head).unwrap_or_default()
    }
}

fn has_right_crc(frame: &[u8]) -> bool {
    rtu::split(frame).is_ok()
}

/// The fault for which a serial line refuses a PDU.
fn refusal(unit: UnitId, pdu: &[u8], direction: Direction) -> Option<pdu::Error> {
    match direction {
        Direction::Request => rtu::serial_request(unit, pdu).err(),
        Direction::Response => rtu::serial_response(unit, pdu).err(),
    }
}

/// Whether the standard refuses nothing yet in a frame that is not whole.
fn may_become(prefix: &[u8], direction: Direction) -> bool {
    let Some((unit, pdu)) = prefix.split_first() else {
        return true;
    };
    if *unit == 0 && direction == Direction::Response {
        return false;
    }
    match refusal(UnitId::from_raw(*unit), pdu, direction) {
        Some(pdu::Error::Value { .. }) => false,
        // Cut, or whole but for the CRC, whose first byte then counts as surplus.
        _ => true,
    }
}
