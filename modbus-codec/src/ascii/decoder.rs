//! The ASCII stream decoder: `:` begins a frame anywhere, a CR and the delimiter end it.

use super::{ADU_LEN_MAX, Error, LF, split};
use crate::pdu::Adu;
use crate::stream::{Discarded, Reason};

/// The longest silence between two characters of a frame.
///
/// Spec: MODBUS over Serial Line V1.02, 2.5.2.1.
pub const SILENCE_MAX_US: u32 = 1_000_000;

/// A decoder of ASCII frames: characters in, frames or discards out; every character is one or the other.
///
/// ```
/// use modbus_codec::ascii::{Decoder, Item};
/// let mut line = Decoder::new();
/// let mut rest: &[u8] = b":11:1103006B00037E\r\n";
/// let mut frames = 0;
/// while !rest.is_empty() {
///     rest = line.push(rest, 0);
///     while let Some(item) = line.next() {
///         frames += usize::from(matches!(item, Item::Frame { .. }));
///     }
/// }
/// assert_eq!(frames, 1);
/// ```
#[derive(Clone, Debug)]
pub struct Decoder {
    delimiter: u8,
    release_us: u32,
    buffer: [u8; ADU_LEN_MAX],
    len: usize,
    /// How much of the buffer the next item takes; 0 while it is not known. At most one more character is there then.
    ready: usize,
    /// Why it is no frame, when that is known already.
    broken: Option<Reason>,
    is_inside: bool,
    /// Whether nothing more will come.
    is_finished: bool,
    handed_out: usize,
    offset: u64,
    last_us: Option<u64>,
}

/// One result of the decoder: a frame, or characters that belong to none.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Item<'a> {
    /// A whole frame whose LRC is right; its PDU is not looked at.
    Frame {
        /// Where its `:` is in the stream, from 0.
        offset: u64,
        /// How many characters it had.
        len: usize,
        /// Unit and PDU, decoded in place.
        adu: Adu<&'a [u8]>,
    },
    /// Characters that belong to no frame. Of a frame that is discarded they are as they came.
    Discarded(Discarded<'a>),
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder of frames that end in CR LF.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            delimiter: LF,
            release_us: SILENCE_MAX_US,
            buffer: [0; ADU_LEN_MAX],
            len: 0,
            ready: 0,
            broken: None,
            is_inside: false,
            is_finished: false,
            handed_out: 0,
            offset: 0,
            last_us: None,
        }
    }

    /// Ends frames with another character than LF: any, directly after a CR.
    #[must_use]
    pub const fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Allows another silence between characters than 1 s.
    #[must_use]
    pub const fn with_silence_us(mut self, silence_us: u32) -> Self {
        self.release_us = silence_us;
        self
    }

    /// Takes characters in up to the end of the next item, or one more, and returns the rest: take items out, then push it.
    /// When [`Decoder::next`] returned nothing, it takes at least one.
    ///
    /// `now_us` is when the last of them was complete; a stamp before the last one counts as the last one.
    #[must_use = "the characters that were not taken must be pushed again"]
    pub fn push<'b>(&mut self, characters: &'b [u8], now_us: u64) -> &'b [u8] {
        self.is_finished = false;
        self.drop_handed_out();
        self.hear(now_us);
        let mut rest = characters;
        // Behind a finished item there is place for the first character of the next.
        while (self.ready == 0 || self.ready == self.len) && self.len < ADU_LEN_MAX {
            let Some((character, later)) = rest.split_first() else {
                break;
            };
            let ends = self.is_ended_by(*character);
            if *character == b':' && !ends {
                self.give_up(Reason::Truncated);
            }
            self.take(*character, ends);
            rest = later;
            if ends {
                break;
            }
        }
        if !characters.is_empty() {
            self.last_us = Some(self.last_us.unwrap_or(now_us).max(now_us));
        }
        rest
    }

    /// The next frame or discard, or nothing until more characters come.
    #[allow(clippy::should_implement_trait)] // The item borrows from the decoder, which an iterator's cannot.
    pub fn next(&mut self) -> Option<Item<'_>> {
        self.drop_handed_out();
        if self.is_finished {
            self.give_up(Reason::Truncated);
        }
        if self.ready == 0 {
            return None;
        }
        let len = core::mem::take(&mut self.ready);
        self.handed_out = len;
        let offset = self.offset;
        let text = self.buffer.get_mut(..len).unwrap_or_default();
        let reason = match self.broken.take() {
            Some(reason) => reason,
            None => match whole(text, self.delimiter) {
                Ok(()) => {
                    let adu = split(text, self.delimiter).ok()?;
                    return Some(Item::Frame { offset, len, adu });
                }
                Err(reason) => reason,
            },
        };
        Some(Item::Discarded(Discarded {
            offset,
            bytes: text,
            reason,
            continues: false,
            is_delimited: true,
        }))
    }

    /// Tells the decoder that it is `now_us` and nothing more has come: a frame with too long a silence inside is given up.
    pub fn elapse(&mut self, now_us: u64) {
        self.drop_handed_out();
        self.hear(now_us);
    }

    /// When [`Decoder::elapse`] should be called if nothing comes.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        if self.len == self.handed_out || self.ready != 0 {
            return None;
        }
        self.last_us.map(|last_us| last_us.saturating_add(self.release_us.into()))
    }

    /// Tells the decoder that nothing more will come: the items that follow account for every character that is left.
    pub fn finish(&mut self) {
        self.drop_handed_out();
        self.is_finished = true;
    }

    fn hear(&mut self, now_us: u64) {
        let last_us = self.last_us.unwrap_or(now_us);
        if now_us.saturating_sub(last_us) > self.release_us.into() {
            self.give_up(Reason::Truncated);
        }
    }

    /// Whether a frame ends in this character: the delimiter, right after a CR.
    fn is_ended_by(&self, character: u8) -> bool {
        let before = self.len.checked_sub(1).and_then(|last| self.buffer.get(last));
        self.is_inside && self.ready == 0 && character == self.delimiter && before == Some(&b'\r')
    }

    fn take(&mut self, character: u8, ends: bool) {
        if let Some(place) = self.buffer.get_mut(self.len) {
            *place = character;
            self.len = self.len.wrapping_add(1);
        }
        if self.ready > 0 {
            // The character begins the next item.
            return;
        }
        if self.len == 1 {
            self.is_inside = character == b':';
        }
        if ends {
            self.ready = self.len;
        } else if self.len >= ADU_LEN_MAX {
            self.give_up(Reason::Length);
        }
    }

    /// Gives up the characters in the buffer: for `reason` if they began like a frame, else as noise.
    fn give_up(&mut self, reason: Reason) {
        if self.ready == 0 && self.len > 0 {
            self.ready = self.len;
            self.broken = Some(if self.is_inside { reason } else { Reason::Noise });
        }
    }

    fn drop_handed_out(&mut self) {
        let len = core::mem::take(&mut self.handed_out);
        if len == 0 {
            return;
        }
        self.offset = self.offset.wrapping_add(len as u64);
        // At most one character is behind it.
        let next = self.buffer.get(len).copied().filter(|_| len < self.len);
        self.len = usize::from(next.is_some());
        self.is_inside = next == Some(b':');
        let [first, ..] = &mut self.buffer;
        *first = next.unwrap_or(0);
    }
}

/// Whether a text is a frame, without changing it: a discarded one is shown as it came.
fn whole(text: &[u8], delimiter: u8) -> Result<(), Reason> {
    let mut copy = [0; ADU_LEN_MAX];
    let Some(copy) = copy.get_mut(..text.len()) else {
        return Err(Reason::Length);
    };
    for (place, character) in copy.iter_mut().zip(text.iter()) {
        *place = *character;
    }
    match split(copy, delimiter) {
        Ok(_) => Ok(()),
        Err(Error::Lrc { .. }) => Err(Reason::Lrc),
        Err(Error::OddDigits { .. } | Error::Short { .. } | Error::Long { .. }) => {
            Err(Reason::Length)
        }
        Err(_) => Err(Reason::Noise),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[derive(Debug, PartialEq)]
    enum Seen {
        Frame(u8, Vec<u8>),
        Discarded(Vec<u8>, Reason),
    }

    fn run(decoder: &mut Decoder, text: &[u8], now_us: u64) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut rest = text;
        loop {
            rest = decoder.push(rest, now_us);
            while let Some(item) = decoder.next() {
                seen.push(match item {
                    Item::Frame { adu, .. } => Seen::Frame(adu.unit.as_raw(), adu.pdu.to_vec()),
                    Item::Discarded(discarded) => {
                        Seen::Discarded(discarded.bytes.to_vec(), discarded.reason)
                    }
                });
            }
            if rest.is_empty() {
                return seen;
            }
        }
    }

    fn frame() -> Seen {
        Seen::Frame(0x11, std::vec![0x03, 0x00, 0x6B, 0x00, 0x03])
    }

    const TEXT: &[u8] = b":1103006B00037E\r\n";

    #[test]
    fn a_colon_restarts_anywhere() {
        let mut decoder = Decoder::new();
        let truncated = Seen::Discarded(b":1103".to_vec(), Reason::Truncated);
        assert_eq!(run(&mut decoder, b":1103:1103006B00037E\r\n", 0), [truncated, frame()]);
    }

    #[test]
    fn odd_digits_and_a_wrong_lrc_are_told_apart() {
        let mut decoder = Decoder::new();
        let odd = Seen::Discarded(b":1103006B00037\r\n".to_vec(), Reason::Length);
        assert_eq!(run(&mut decoder, b":1103006B00037\r\n", 0), [odd]);
        let wrong = Seen::Discarded(b":1103006B00037F\r\n".to_vec(), Reason::Lrc);
        assert_eq!(run(&mut decoder, b":1103006B00037F\r\n", 0), [wrong]);
    }

    #[test]
    fn the_delimiter_is_configurable() {
        let mut decoder = Decoder::new().with_delimiter(b'!');
        assert_eq!(run(&mut decoder, b":1103006B00037E\r!", 0), [frame()]);
    }

    #[test]
    fn more_than_one_second_between_characters_gives_the_frame_up() {
        for (silence_us, is_frame) in [(1_000_000, true), (1_000_001, false)] {
            let mut decoder = Decoder::new();
            let (first, second) = TEXT.split_at(6);
            let mut seen = run(&mut decoder, first, 5);
            assert_eq!(decoder.next_deadline_us(), Some(1_000_005));
            seen.extend(run(&mut decoder, second, 5 + silence_us));
            decoder.finish();
            seen.extend(run(&mut decoder, b"", 0));
            assert_eq!(seen.contains(&frame()), is_frame, "{seen:?}");
        }
    }

    #[test]
    fn every_character_is_accounted_for_at_every_split() {
        let mut text = b"noise\r\n".to_vec();
        text.extend(TEXT);
        text.extend([b'A'; 600]);
        text.push(b':');
        text.extend([b'0'; 700]);
        text.extend(TEXT);
        for chunk in 1..=64 {
            let mut decoder = Decoder::new();
            let mut frames = 0;
            let mut len = 0;
            let mut feed = |decoder: &mut Decoder, bytes: &[u8]| {
                let mut rest = bytes;
                loop {
                    rest = decoder.push(rest, 0);
                    while let Some(item) = decoder.next() {
                        len += match item {
                            Item::Frame { len, .. } => {
                                frames += 1;
                                len
                            }
                            Item::Discarded(discarded) => discarded.bytes.len(),
                        };
                    }
                    if rest.is_empty() {
                        return;
                    }
                }
            };
            for part in text.chunks(chunk) {
                feed(&mut decoder, part);
            }
            decoder.finish();
            feed(&mut decoder, b"");
            assert_eq!((frames, len), (2, text.len()), "chunks of {chunk}");
        }
    }
}
