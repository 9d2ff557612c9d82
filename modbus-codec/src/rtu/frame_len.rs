//! How long a frame is, by its first bytes.

use super::ADU_LEN_MAX;
use crate::adu::Direction;
use crate::functions::{Data, EXCEPTION, FUNCTIONS, Form, PARTS, Part, SELECTED};

/// How long the frame is that begins with `prefix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FrameLen {
    /// Not to be said before the frame has this many bytes.
    Unknown {
        /// The least number of bytes after which it can be asked again; more than the prefix has.
        required: usize,
    },
    /// This many bytes, CRC included: 4..=256.
    Known(usize),
    /// The function does not let its length be predicted: only silence ends the frame.
    Unpredictable,
    /// No frame of this direction begins so.
    Impossible,
}

/// Predicts the length of the frame that begins with `prefix` from its function code, its direction and its own length
/// fields.
///
/// 08 is predicted with one word of data, which is all that its sub-functions but 00 carry. User-defined and reserved
/// functions, and 2B with a MEI type other than 0E, cannot be predicted.
#[must_use]
pub fn frame_len(prefix: &[u8], direction: Direction) -> FrameLen {
    let Some(function) = prefix.get(1).copied() else {
        return FrameLen::Unknown { required: 2 };
    };
    let rule = match (function, direction) {
        (0 | 0x80, _) | (0x81.., Direction::Request) => return FrameLen::Impossible,
        (0x81.., Direction::Response) => Rule::of(&EXCEPTION),
        (_, Direction::Request) => rule_of(&REQUESTS, function),
        (_, Direction::Response) => rule_of(&RESPONSES, function),
    };
    match rule.predict(prefix) {
        Ok(len) if len <= ADU_LEN_MAX => FrameLen::Known(len),
        Ok(_) => FrameLen::Impossible,
        Err(unknown) => unknown,
    }
}

/// How the first bytes of a frame say its length. Places count from the unit.
#[derive(Clone, Copy)]
enum Rule {
    Unpredictable,
    Known(u8),
    /// The byte count at this place.
    Counted(u8),
    /// The byte count of two bytes at this place.
    CountedByWord(u8),
    /// The number of objects at this place; each says its own length.
    Objects(u8),
}

type Rules = [Rule; CODES];

/// By function code.
static REQUESTS: Rules = rules(Direction::Request);
static RESPONSES: Rules = rules(Direction::Response);

fn rule_of(rules: &Rules, function: u8) -> Rule {
    rules.get(usize::from(function)).copied().unwrap_or(Rule::Unpredictable)
}

impl Rule {
    /// The rule of a form that follows a unit and a function code.
    #[allow(clippy::indexing_slicing)] // Below the number of items.
    const fn of(form: &Form) -> Self {
        let mut place = 2;
        let mut at = 0;
        while at < form.items.len() {
            let kind = form.items[at].kind;
            if kind.is_byte_count() {
                return if kind.len() == 1 {
                    Self::Counted(place)
                } else {
                    Self::CountedByWord(place)
                };
            }
            place += kind.len() as u8;
            at += 1;
        }
        match form.data {
            Data::None => Self::Known(place + CRC_LEN),
            // One word.
            Data::Diagnostics => Self::Known(place + 2 + CRC_LEN),
            // Their number is the last item.
            Data::Objects => Self::Objects(place - 1),
            _ => Self::Unpredictable,
        }
    }

    /// The length of the frame, or what else is known of it.
    fn predict(self, prefix: &[u8]) -> Result<usize, FrameLen> {
        let byte = |place: usize| match prefix.get(place) {
            Some(byte) => Ok(usize::from(*byte)),
            None => Err(FrameLen::Unknown { required: place.wrapping_add(1) }),
        };
        let (code, mei_type) = SELECTED;
        if byte(1)? == usize::from(code.as_raw()) && byte(2)? != usize::from(mei_type) {
            return Err(FrameLen::Unpredictable);
        }
        let crc_len = usize::from(CRC_LEN);
        match self {
            Self::Unpredictable => Err(FrameLen::Unpredictable),
            Self::Known(len) => Ok(len.into()),
            Self::Counted(place) => {
                let place = usize::from(place);
                Ok(place.wrapping_add(1).wrapping_add(byte(place)?).wrapping_add(crc_len))
            }
            Self::CountedByWord(place) => {
                let place = usize::from(place);
                let low = byte(place.wrapping_add(1))?;
                let byte_count = byte(place)? << 8 | low;
                Ok(place.wrapping_add(2).wrapping_add(byte_count).wrapping_add(crc_len))
            }
            Self::Objects(place) => {
                let place = usize::from(place);
                let mut end = place.wrapping_add(1);
                for _ in 0..byte(place)? {
                    let len = byte(end.wrapping_add(OBJECT_LENGTH_AT));
                    if len.is_err() && end.wrapping_add(OBJECT_LENGTH_AT) > ADU_LEN_MAX {
                        return Err(FrameLen::Impossible);
                    }
                    end = end.wrapping_add(OBJECT_HEAD_LEN).wrapping_add(len?);
                }
                Ok(end.wrapping_add(crc_len))
            }
        }
    }
}

const CRC_LEN: u8 = 2;
/// An object is an id, its length and its value.
const OBJECT_LENGTH_AT: usize = place_of_byte_count(Part::Object);
const OBJECT_HEAD_LEN: usize = OBJECT_LENGTH_AT + 1;
/// More than the greatest function code that has a row.
const CODES: usize = codes();

#[allow(clippy::indexing_slicing)] // Runs when the crate is compiled: an index out of bounds does not compile.
const fn rules(direction: Direction) -> Rules {
    let mut rules = [Rule::Unpredictable; CODES];
    // From the last row: the one that a MEI type selects precedes the other of its code.
    let mut at = FUNCTIONS.len();
    while at > 0 {
        at -= 1;
        let function = &FUNCTIONS[at];
        rules[function.code.as_raw() as usize] = Rule::of(&function.form(direction));
    }
    rules
}

#[allow(clippy::indexing_slicing)]
const fn place_of_byte_count(part: Part) -> usize {
    let form = &PARTS[part as usize];
    let mut place = 0;
    let mut at = 0;
    while !form.items[at].kind.is_byte_count() {
        place += form.items[at].kind.len() as usize;
        at += 1;
    }
    place
}

#[allow(clippy::indexing_slicing)]
const fn codes() -> usize {
    let mut codes = 0;
    let mut at = 0;
    while at < FUNCTIONS.len() {
        let code = FUNCTIONS[at].code.as_raw() as usize;
        if code >= codes {
            codes = code + 1;
        }
        at += 1;
    }
    codes
}
