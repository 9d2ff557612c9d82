//! The data that have a structure: groups of 14 and 15, objects of 2B/0E, the words of 08, the registers of 18.

use super::{AFTER_FUNCTION_LEN_MAX, Walk, Words};
use crate::error::saturate;
use crate::extended::sub_function::SubFunction;
use crate::field::{Expected, Field};
use crate::functions::{Data, INDIVIDUAL_ACCESS, Part, SWITCH_ON};
use crate::layout::{Layout, WORDS_MAX};

/// The parts of data that are not read yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    part: Part,
    left: Left,
    /// How many were begun.
    begun: u16,
    /// How many bytes the answer to 14 has left for the sub-responses of the groups that follow.
    room: u16,
}

#[derive(Clone, Copy, Debug)]
enum Left {
    Count(u16),
    /// As many as there are before this offset.
    Until(u16),
}

impl Parts {
    pub(super) const NONE: Self = Self::new(Part::Object, Left::Count(0));

    const fn new(part: Part, left: Left) -> Self {
        Self { part, left, begun: 0, room: SUB_RESPONSES_LEN_MAX }
    }

    /// The offset of the end.
    pub(super) const fn end(self) -> u16 {
        match self.left {
            Left::Count(_) => u16::MAX,
            Left::Until(end) => end,
        }
    }
}

impl<'a> Walk<'a> {
    /// Reads bytes that are parts from the first to the last; they begin `offset` bytes into the PDU.
    pub(crate) fn of_parts(part: Part, bytes: &'a [u8], offset: u16) -> Self {
        let end = offset.wrapping_add(saturate(bytes.len()));
        Self { parts: Parts::new(part, Left::Until(end)), ..Self::new(bytes, offset) }
    }

    /// Reads bytes that are the data after an item with the value `last`; they begin `offset` bytes into the PDU.
    pub(crate) fn of_data(data: Data, last: u16, bytes: &'a [u8], offset: u16) -> Self {
        Self { data, last, counted: AFTER_FUNCTION_LEN_MAX, ..Self::new(bytes, offset) }
    }

    /// Reads the data after the items whose values are `words`, to the end.
    pub(crate) fn data(&mut self, words: &Words) {
        if let Data::None | Data::Counted(_) | Data::Rest = self.data {
            self.bytes();
            return;
        }
        self.check_between_items(words);
        let (start, room, rest) = (self.reader.offset(), self.counted, self.reader.rest());
        self.bytes();
        while self.part().is_some() {}
        let used = self.reader.offset().wrapping_sub(start);
        // Objects and words of 08 are as many as they say, which may be more than a PDU has room for: the rest is surplus.
        let is_all = rest.len() == usize::from(used);
        let used = if is_all { used.min(room) } else { used };
        let after = rest.get(used.into()..).unwrap_or_default();
        self.reader.resume(after, start.wrapping_add(used));
    }

    /// Begins the next part of the data: its index.
    pub(crate) fn begin_part(&mut self) -> Option<u16> {
        let is_there = match &mut self.parts.left {
            Left::Count(0) => false,
            Left::Count(left) => {
                *left = left.wrapping_sub(1);
                true
            }
            Left::Until(_) => !self.reader.rest().is_empty(),
        };
        if !is_there {
            return None;
        }
        self.set_layout(Layout::of_part(self.parts.part));
        let index = self.parts.begun;
        self.parts.begun = index.wrapping_add(1);
        Some(index)
    }

    /// Reads a part: its words and its data.
    pub(crate) fn part(&mut self) -> Option<(Words, &'a [u8])> {
        self.begin_part()?;
        let mut words = [0; WORDS_MAX];
        self.words(&mut words);
        if self.parts.part == Part::ReadGroup {
            let expected = Expected::Between { min: 1, max: self.parts.room.saturating_sub(2) / 2 };
            let offset = self.reader.offset().wrapping_sub(2);
            self.reader.check(Field::RecordLength, offset, &expected, self.last);
            let sub_response = self.last.wrapping_mul(2).wrapping_add(2);
            self.parts.room = self.parts.room.saturating_sub(sub_response);
        }
        Some((words, self.bytes()))
    }

    pub(super) fn structured(&mut self, data: Data) -> &'a [u8] {
        let len = self.last.wrapping_mul(2);
        match data {
            Data::Groups(part) => {
                self.reader.limit(Field::RecordData, self.counted);
                let end = self.reader.offset().wrapping_add(self.counted);
                self.parts = Parts::new(part, Left::Until(end));
                &[]
            }
            Data::Objects => {
                self.parts = Parts::new(Part::Object, Left::Count(self.last));
                &[]
            }
            Data::Record => self.reader.take(Field::RecordData, len),
            Data::Fifo => self.reader.take(Field::Registers, len),
            Data::Diagnostics => self.diagnostics(),
            Data::None | Data::Counted(_) | Data::Rest => &[],
        }
    }

    /// Reads the words that follow a sub-function: any number with 00, one with the other public ones; the bytes of the others.
    fn diagnostics(&mut self) -> &'a [u8] {
        let sub_function = SubFunction::new(self.last);
        if !sub_function.is_public() {
            return self.reader.take_rest(self.counted);
        }
        let is_restart = sub_function == SubFunction::RESTART_COMMUNICATIONS_OPTION;
        let expected = if is_restart { SWITCH } else { ANY };
        let (rest, offset) = (self.reader.rest(), self.reader.offset());
        if sub_function != SubFunction::RETURN_QUERY_DATA {
            self.reader.number(Field::Data, 2, &expected);
        } else {
            while !self.reader.rest().is_empty() {
                self.reader.number(Field::Data, 2, &expected);
            }
        }
        self.since(rest, offset)
    }

    /// The bytes that were read since `rest` was left, at `offset`.
    fn since(&self, rest: &'a [u8], offset: u16) -> &'a [u8] {
        let len = self.reader.offset().wrapping_sub(offset);
        rest.get(..len.into()).unwrap_or_default()
    }

    /// The rules that bind the items of an answer to each other.
    fn check_between_items(&mut self, words: &Words) {
        let [byte_count, code, _, more_follows, next_object_id, objects] = *words;
        match self.data {
            Data::Fifo => {
                let expected = self.last.wrapping_mul(2).wrapping_add(2);
                self.check_before(4, Field::ByteCount, expected, byte_count);
            }
            Data::Objects => {
                if code == u16::from(INDIVIDUAL_ACCESS) {
                    self.check_individual(more_follows, objects);
                }
                if more_follows == 0 {
                    self.check_before(2, Field::NextObjectId, 0, next_object_id);
                }
            }
            _ => {}
        }
    }

    /// Individual access brings one object, and nothing follows; the objects begin here.
    fn check_individual(&mut self, more_follows: u16, objects: u16) {
        self.check_before(3, Field::MoreFollows, 0, more_follows);
        self.check_before(1, Field::NumberOfObjects, 1, objects);
    }

    /// Checks a field that begins so many bytes before this place.
    fn check_before(&mut self, len: u16, field: Field, expected: u16, got: u16) {
        let offset = self.reader.offset().wrapping_sub(len);
        self.reader.check(field, offset, &Expected::Exactly(expected), got);
    }
}

/// How many bytes of sub-responses fit an answer to 14 after its byte count: their lengths, reference types and registers, an
/// even number.
const SUB_RESPONSES_LEN_MAX: u16 = (AFTER_FUNCTION_LEN_MAX - 1) / 2 * 2;
const ANY: Expected = Expected::Between { min: 0, max: u16::MAX };
const SWITCH: Expected = Expected::Either(0, SWITCH_ON);
