//! The stream decoder: bytes in, frames or discards out; every byte is one or the other.
//!
//! ```text
//!            push                            next
//! bytes ──────────────▶ [ discarding | candidate ... ] ──────▶ Frame | Discarded | nothing yet
//!                       start        head          end
//! ```
//!
//! A candidate begins at `head`. Its length is predicted from the function code and the direction; on one wire that carries
//! both directions it is tried as a request and as a response. The CRC decides. When no direction is left, `head` moves on by
//! **one** byte. Silence, where the caller has a clock, only releases a candidate that waits for bytes that do not come; in
//! [`Timing::Strict`] it delimits frames as the standard says.

mod candidate;
mod discard;
mod pending;

use core::fmt;

use self::candidate::{Found, Verdict};
pub use self::discard::{Discarded, Reason};
use self::pending::{Pending, Units};
use crate::pdu::{self, Adu, Direction};
use crate::request::Request;
use crate::response::Reply;
use crate::rtu::{self, ADU_LEN_MAX, ADU_LEN_MIN};
use crate::{UnitId, timing};

/// The decoder's buffer: a whole frame that is undecided, and as much that is being discarded before it.
const BUFFER_LEN: usize = 2 * ADU_LEN_MAX;
/// The slowest line that is assumed where the baud rate is not known.
const ASSUMED_LINE: timing::Rtu = timing::Rtu::at_baud(9_600);
/// How much of a stretch is looked at to tell which way the frame after it went, and so is kept of a long one.
const LIKENESS_LEN: usize = 64;

/// A decoder of RTU frames, of one direction or of both.
///
/// ```
/// use modbus_codec::pdu::Direction;
/// use modbus_codec::stream::{Decoder, Item};
/// let mut wire = Decoder::both_directions();
/// // A request with a stray byte before it.
/// let mut rest: &[u8] = &[0xFE, 0x11, 0x03, 0x00, 0x6B, 0x00, 0x03, 0x76, 0x87];
/// let mut seen = (0, 0);
/// while !rest.is_empty() {
///     rest = wire.push(rest, 0);
///     while let Some(item) = wire.next() {
///         match item {
///             Item::Frame(frame) => {
///                 assert_eq!(frame.direction, Direction::Request);
///                 seen.0 += frame.bytes.len();
///             }
///             Item::Discarded(discarded) => seen.1 += discarded.bytes.len(),
///         }
///     }
/// }
/// assert_eq!(seen, (8, 1));
/// ```
#[derive(Clone)]
pub struct Decoder {
    directions: Directions,
    is_lenient: bool,
    is_passive: bool,
    timing: Timing,
    /// The times of `timing`; nothing if it is off.
    times: Option<Times>,
    units: Units,
    pending: Option<Pending>,
    buffer: [u8; BUFFER_LEN],
    /// The first byte that was not handed out.
    start: usize,
    /// Where the candidate begins; from `start` to here is being discarded.
    head: usize,
    end: usize,
    /// Bytes before this index were followed by silence or by the end of the input: nothing more belongs to them.
    released: usize,
    /// The last two silences of t3.5, as indices of the byte that came after them.
    silences: [Option<usize>; 2],
    /// Whether a gap of more than t1.5 lies inside what came since the last silence.
    has_gap: bool,
    /// The same of the silence before.
    released_has_gap: bool,
    /// Why the first byte of the stretch is discarded.
    reason: Reason,
    /// Whether the stretch that is being discarded has been handed out in part.
    continues: bool,
    /// Whether bytes were discarded before `start`, and neither a silence nor a delimited frame came since.
    is_after_discard: bool,
    /// Whether the silence before `released` was noticed with several bytes at once, and may have been between them instead.
    is_blurred: bool,
    /// The frame at `head`, while the stretch before it is handed out.
    found: Option<Found>,
    /// How many bytes of the last item are still in the buffer.
    handed_out: usize,
    offset: u64,
    last_us: Option<u64>,
}

/// The directions that a wire carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directions {
    One(Direction),
    Both,
}

/// The meaning of silence to the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Timing {
    /// Nothing: the caller has no clock, or one that says nothing about the wire (behind USB, in a file).
    Off,
    /// Content makes the frame, and silence helps: after `release_us` a candidate that waits is given up, and a function
    /// whose length cannot be predicted is a frame if it lies between two silences of `frame_us` and its CRC is right.
    ///
    /// A silence before a chunk of several bytes may as well have been between them: a frame with a right CRC that began
    /// before such a silence and ends after it is a frame.
    Content {
        /// How long a character takes: the silence before a chunk is what its characters leave of the time since the last.
        character_us: u32,
        /// The silence that delimits frames, t3.5 of the line.
        frame_us: u32,
        /// The silence after which nothing more belongs to what came before; at least `frame_us`.
        release_us: u32,
    },
    /// Content makes the frame, and the baud rate is not known, or says nothing of when bytes come (behind USB): after
    /// `release_us` a candidate that waits is given up. A pause of t3.5 at 9,600 baud lets a frame begin, and ends none.
    UnknownBaudRate {
        /// The pause after which nothing more belongs to what came before; well above what the adapter adds, 16 ms or so.
        release_us: u32,
    },
    /// The standard: a frame lies between silences of t3.5, with no gap of more than t1.5 inside. For firmware that stamps
    /// each character.
    Strict(timing::Rtu),
}

impl Timing {
    /// Where the baud rate is not known, clients and servers give a part of a frame up after 100 ms unless told: well above
    /// the pauses of 16 ms or so that USB adapters add.
    pub(crate) const UNKNOWN_BAUD_RATE: Self = Self::UnknownBaudRate { release_us: 100_000 };

    /// Content makes the frame, with the silences of a line.
    pub(crate) const fn content(line: timing::Rtu) -> Self {
        let silence_us = line.t3_5_us();
        Self::Content {
            character_us: line.character_floor_us(),
            frame_us: silence_us,
            release_us: silence_us,
        }
    }

    const fn times(self) -> Option<Times> {
        Some(match self {
            Self::Off => return None,
            Self::Content { character_us, frame_us, release_us } => {
                Times { character_us, frame_us, release_us, gap_us: u32::MAX }
            }
            Self::UnknownBaudRate { release_us } => Times {
                character_us: ASSUMED_LINE.character_floor_us(),
                frame_us: ASSUMED_LINE.t3_5_us(),
                release_us,
                gap_us: u32::MAX,
            },
            Self::Strict(line) => Times {
                character_us: line.character_floor_us(),
                frame_us: line.t3_5_us(),
                release_us: line.t3_5_us(),
                gap_us: line.t1_5_us(),
            },
        })
    }
}

/// The times that silence is compared with, worked out once: not for each chunk, since they take divisions.
#[derive(Clone, Copy)]
struct Times {
    character_us: u32,
    frame_us: u32,
    release_us: u32,
    /// The longest gap inside a frame.
    gap_us: u32,
}

/// One result of the decoder: a frame, or bytes that belong to none.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Item<'a> {
    /// A whole frame whose CRC is right.
    Frame(Frame<'a>),
    /// Bytes that belong to no frame.
    Discarded(Discarded<'a>),
}

/// A frame: unit, PDU and a right CRC.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Frame<'a> {
    /// Where its first byte is in the stream, from 0.
    pub offset: u64,
    /// The way that the frame went. When its form fits both, the pending request decides.
    pub direction: Direction,
    /// The server addressed or answering.
    pub unit: UnitId,
    /// The whole ADU.
    pub bytes: &'a [u8],
    /// The fault for which the standard refuses the frame; only a lenient decoder lets it pass. Offsets count from the unit.
    pub off_spec: Option<pdu::Error>,
    /// Whether the frame begins where a frame may begin: after a silence, at the start of the stream, or right after
    /// another frame that does. False where bytes were discarded directly before it: it may be a part of a damaged frame,
    /// whose data can look like a frame of their own.
    ///
    /// Spec: MODBUS over Serial Line V1.02, 2.5.1.1.
    pub is_delimited: bool,
}

impl Decoder {
    /// For a wire, or a tap, that carries requests and responses.
    #[must_use]
    pub const fn both_directions() -> Self {
        Self::new(Directions::Both)
    }

    /// For what a server receives.
    #[must_use]
    pub const fn requests() -> Self {
        Self::new(Directions::One(Direction::Request))
    }

    /// For what a client receives.
    #[must_use]
    pub const fn responses() -> Self {
        Self::new(Directions::One(Direction::Response))
    }

    /// Lets frames pass that the standard refuses, with what is wrong in [`Frame::off_spec`]. A strict decoder discards them.
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// Lets a decoder of one direction wait, as one of both does, where a frame that lost its last byte and the first byte of
    /// the next would make a frame by chance: until the next bytes or silence tell. For a tap or a file. An endpoint that
    /// has to answer, without a clock, cannot wait.
    #[must_use]
    pub const fn passive(mut self) -> Self {
        self.is_passive = true;
        self
    }

    /// Says what silence means; [`Timing::Off`] unless told.
    #[must_use]
    pub const fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self.times = timing.times();
        self
    }

    /// Gives a candidate up after another pause, at least t3.5 of a line that is known; without effect unless content makes
    /// the frame.
    pub(crate) const fn with_release(self, us: u32) -> Self {
        let timing = match self.timing {
            Timing::Content { character_us, frame_us, .. } => {
                let release_us = if us < frame_us { frame_us } else { us };
                Timing::Content { character_us, frame_us, release_us }
            }
            Timing::UnknownBaudRate { .. } => Timing::UnknownBaudRate { release_us: us },
            timing => timing,
        };
        self.with_timing(timing)
    }

    const fn new(directions: Directions) -> Self {
        Self {
            directions,
            is_lenient: false,
            is_passive: matches!(directions, Directions::Both),
            timing: Timing::Off,
            times: None,
            units: Units::NONE,
            pending: None,
            buffer: [0; BUFFER_LEN],
            start: 0,
            head: 0,
            end: 0,
            released: 0,
            silences: [None, Some(0)],
            has_gap: false,
            released_has_gap: false,
            reason: Reason::Noise,
            continues: false,
            is_after_discard: false,
            is_blurred: false,
            found: None,
            handed_out: 0,
            offset: 0,
            last_us: None,
        }
    }

    /// Takes bytes in, and returns those that did not fit: take items out, then push them.
    ///
    /// `now_us` is when the last of `bytes` was complete, and is not looked at with [`Timing::Off`]. A stamp before the last
    /// one counts as the last one.
    #[must_use = "the bytes that did not fit must be pushed again"]
    pub fn push<'b>(&mut self, bytes: &'b [u8], now_us: u64) -> &'b [u8] {
        self.drop_handed_out();
        self.hear(bytes.len(), now_us);
        self.make_room(bytes.len());
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        let taken = bytes.len().min(room.len());
        let (now, later) = bytes.split_at_checked(taken).unwrap_or((bytes, &[]));
        for (place, byte) in room.iter_mut().zip(now) {
            *place = *byte;
        }
        self.end = self.end.wrapping_add(taken);
        later
    }

    /// The next frame or discard, or nothing until more bytes come.
    #[allow(clippy::should_implement_trait)] // The item borrows from the decoder, which an iterator's cannot.
    pub fn next(&mut self) -> Option<Item<'_>> {
        self.next_beside(&[])
    }

    /// As [`Decoder::next`], for an endpoint that may hear the response that it has `sent`. A candidate that begins like this
    /// response waits for the rest of it.
    pub(crate) fn next_beside(&mut self, sent: &[u8]) -> Option<Item<'_>> {
        self.drop_handed_out();
        loop {
            let verdict = match self.found {
                Some(found) => Verdict::Frame(found),
                None => self.judge(sent),
            };
            match verdict {
                Verdict::Frame(found) if self.head == self.start => {
                    self.found = None;
                    return Some(self.hand_out(found));
                }
                Verdict::Frame(found) => {
                    self.found = Some(found);
                    return Some(self.discard(self.head));
                }
                Verdict::Discard { len, reason } => {
                    if self.head == self.start && !self.continues {
                        self.reason = reason;
                    }
                    self.head = self.head.wrapping_add(len).min(self.end);
                }
                Verdict::Wait => {
                    if self.head > self.start && self.released >= self.head {
                        return Some(self.discard(self.head));
                    }
                    if self.head.wrapping_sub(self.start) >= ADU_LEN_MAX {
                        return Some(self.discard(self.head.saturating_sub(LIKENESS_LEN)));
                    }
                    return None;
                }
            }
        }
    }

    /// Tells the decoder that it is `now_us` and nothing more has come: silence releases a candidate that waits.
    ///
    /// Take items out afterwards.
    pub fn elapse(&mut self, now_us: u64) {
        self.drop_handed_out();
        self.hear(0, now_us);
    }

    /// When [`Decoder::elapse`] should be called if nothing comes; nothing while it would change nothing.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        if self.undecided_len() == 0 || self.released == self.end {
            return None;
        }
        let times = self.times?;
        self.last_us.map(|last_us| last_us.saturating_add(times.release_us.into()))
    }

    /// Tells the decoder that nothing more will come: the items that follow account for every byte that is left.
    pub fn finish(&mut self) {
        self.drop_handed_out();
        self.silence();
        self.release(false);
    }

    /// Tells the decoder of a frame that it did not see itself: on another wire of the same line, or sent by the caller.
    ///
    /// A request is then pending here, and a response ends the request that was pending.
    pub fn observe(&mut self, direction: Direction, adu: &[u8]) {
        self.pending = match direction {
            Direction::Request => Pending::after(adu),
            Direction::Response => None,
        };
    }

    /// How many bytes are in the decoder and belong to no item yet.
    #[must_use]
    pub const fn undecided_len(&self) -> usize {
        self.end.wrapping_sub(self.start).wrapping_sub(self.handed_out)
    }

    /// The bytes that may be the beginning of a frame.
    pub(crate) fn candidate(&self) -> &[u8] {
        let head = self.head.max(self.start.wrapping_add(self.handed_out));
        self.buffer.get(head..self.end).unwrap_or_default()
    }

    /// Where the next byte will be in the stream, from 0.
    pub(crate) const fn end_offset(&self) -> u64 {
        self.undecided_offset().wrapping_add(self.undecided_len() as u64)
    }

    /// Where the first undecided byte is in the stream, from 0.
    #[must_use]
    pub const fn undecided_offset(&self) -> u64 {
        self.offset.wrapping_add(self.handed_out as u64)
    }

    /// Whether a frame may begin at `start`: after a silence, or right after a frame that began where one may.
    fn is_delimited(&self) -> bool {
        !self.is_after_discard || self.silences.contains(&Some(self.start))
    }

    /// Notes that the last discard was the caller's own frame, damaged: a frame may begin right after it.
    pub(crate) const fn discarded_own(&mut self) {
        self.is_after_discard = false;
    }

    /// Notes the silence before `len` bytes whose last was complete at `now_us`.
    fn hear(&mut self, len: usize, now_us: u64) {
        let Some(times) = self.times else {
            return;
        };
        let last_us = self.last_us.unwrap_or(now_us);
        let characters = u32::try_from(len).unwrap_or(u32::MAX);
        let busy_us = u64::from(times.character_us).saturating_mul(characters.into());
        let silent_us = now_us.saturating_sub(last_us).saturating_sub(busy_us);
        if silent_us >= times.release_us.into() {
            self.silence();
            self.release(len > 1);
        } else if silent_us >= times.frame_us.into() {
            self.silence();
        } else {
            let is_inside = len > 0 && self.end > self.released;
            // Each character may take up to a microsecond more.
            let gap_us = silent_us.saturating_sub(characters.into());
            self.has_gap |= is_inside && gap_us > times.gap_us.into();
        }
        if len > 0 {
            self.last_us = Some(last_us.max(now_us));
        }
    }

    /// No later byte belongs to a frame that is in the buffer.
    fn release(&mut self, is_blurred: bool) {
        if self.released != self.end {
            self.released = self.end;
            self.is_blurred = is_blurred;
            self.released_has_gap = core::mem::take(&mut self.has_gap);
        }
    }

    fn silence(&mut self) {
        if self.start == self.end {
            // Nothing before the silence is undecided.
            self.is_after_discard = false;
        }
        let [_, last] = self.silences;
        if last != Some(self.end) {
            self.silences = [last, Some(self.end)];
        }
    }

    fn hand_out(&mut self, found: Found) -> Item<'_> {
        let is_delimited = self.is_delimited();
        let end = self.head.wrapping_add(found.len);
        self.handed_out = end.wrapping_sub(self.start);
        self.head = end;
        self.continues = false;
        self.is_after_discard = !is_delimited;
        let bytes = self.buffer.get(self.start..end).unwrap_or_default();
        if let (Some(error), false) = (found.off_spec, self.is_lenient && !found.is_either) {
            let reason = Reason::OffSpec(error);
            return Item::Discarded(Discarded {
                offset: self.offset,
                bytes,
                reason,
                continues: false,
                is_delimited,
            });
        }
        self.units.insert(bytes.first().copied().unwrap_or(0));
        self.pending = match found.direction {
            Direction::Request => Pending::after(bytes),
            Direction::Response => None,
        };
        Item::Frame(Frame {
            offset: self.offset,
            direction: found.direction,
            unit: UnitId::from_raw(bytes.first().copied().unwrap_or(0)),
            bytes,
            off_spec: found.off_spec,
            is_delimited,
        })
    }

    fn discard(&mut self, until: usize) -> Item<'_> {
        let is_delimited = self.is_delimited();
        let bytes = self.buffer.get(self.start..until).unwrap_or_default();
        self.handed_out = bytes.len();
        let continues = self.continues;
        // Whether the next stretch goes on where this one ends: not if a frame or a silence stands between them.
        self.continues = self.found.is_none() && self.released != until;
        self.is_after_discard = true;
        let is_stray = self.reason == Reason::Crc && bytes.len() < ADU_LEN_MIN && !continues;
        // Too short to be a frame: what failed was a frame made of it and of good bytes.
        let reason = if is_stray { Reason::Noise } else { self.reason };
        Item::Discarded(Discarded { offset: self.offset, bytes, reason, continues, is_delimited })
    }

    fn drop_handed_out(&mut self) {
        let len = core::mem::take(&mut self.handed_out);
        self.start = self.start.wrapping_add(len).min(self.end);
        self.head = self.head.max(self.start);
        self.offset = self.offset.wrapping_add(len as u64);
    }

    /// Moves the undecided bytes to the front of the buffer, if `len` more bytes do not fit behind them.
    fn make_room(&mut self, len: usize) {
        let start = self.start;
        let is_roomy = self.end.saturating_add(len) <= BUFFER_LEN;
        if start == 0 || (is_roomy && start != self.end) {
            return;
        }
        let undecided = self.end.saturating_sub(start);
        for to in 0..undecided {
            let byte = self.buffer.get(start.wrapping_add(to)).copied();
            if let (Some(byte), Some(place)) = (byte, self.buffer.get_mut(to)) {
                *place = byte;
            }
        }
        self.start = 0;
        self.end = undecided;
        self.head = self.head.saturating_sub(start);
        self.released = self.released.saturating_sub(start);
        self.silences = self.silences.map(|at| at.and_then(|at| at.checked_sub(start)));
    }
}

impl Frame<'_> {
    /// The PDU.
    #[must_use]
    pub fn pdu(&self) -> &[u8] {
        let without_unit = self.bytes.split_first().map_or(self.bytes, |(_, rest)| rest);
        without_unit.split_last_chunk::<2>().map_or(&[], |(pdu, _)| pdu)
    }

    /// The frame as a request.
    ///
    /// # Errors
    /// As [`rtu::decode_request`].
    pub fn request(&self) -> Result<Adu<Request<'_>>, rtu::Error> {
        rtu::decode_request(self.bytes)
    }

    /// The frame as a response.
    ///
    /// # Errors
    /// As [`rtu::decode_response`].
    pub fn response(&self) -> Result<Adu<Reply<'_>>, rtu::Error> {
        rtu::decode_response(self.bytes)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("directions", &self.directions)
            .field("timing", &self.timing)
            .field("undecided_offset", &self.undecided_offset())
            .field("undecided_len", &self.undecided_len())
            .finish_non_exhaustive()
    }
}
