//! What is wrong with a table, with its numbers. One text serves the compiler's message and `Display`.

use core::fmt;

use super::message::Message;
use crate::dialect::NotCarried;
use crate::entry::Entry;
use crate::pattern;

/// A line of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Who {
    /// An entry, by its place from 0.
    Entry(u8),
    /// What is shown when there is no fault.
    Healthy,
    /// What it means that the light stays dark.
    Dark,
    /// What it means that the light stays lit.
    Solid,
    /// The dialect.
    Dialect,
}

/// A text of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Text {
    /// Its name.
    Name,
    /// What it means.
    Meaning,
    /// What to do first.
    FirstAction,
}

/// Why a table is no legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// There are no entries, or too many.
    Count {
        /// How many there are.
        got: u16,
        /// The most.
        max: u8,
    },
    /// A text is missing.
    Empty {
        /// Of which line.
        who: Who,
        /// Which text.
        text: Text,
    },
    /// Two entries have the same name.
    SameName {
        /// The place of one.
        first: u8,
        /// The place of the other.
        second: u8,
    },
    /// The dialect cannot carry the code.
    NotCarried {
        /// Whose code.
        who: Who,
        /// Why.
        error: NotCarried,
    },
    /// A step is shorter than people can read, without the opt-in.
    TooShort {
        /// Whose step.
        who: Who,
        /// How long it is, in milliseconds.
        got_ms: u16,
        /// The shortest one.
        min_ms: u16,
    },
    /// There are more flashes in a digit than people can count, without the opt-in.
    TooManyFlashes {
        /// Whose.
        who: Who,
        /// How many there are.
        got: u8,
        /// The most.
        max: u8,
    },
    /// There are more digits than people can keep in mind, without the opt-in.
    TooManyDigits {
        /// Whose.
        who: Who,
        /// How many there are.
        got: u8,
        /// The most.
        max: u8,
    },
    /// A long flash is not long enough beside a short one, without the opt-in.
    LongTooShort {
        /// How long it is, in milliseconds.
        got_ms: u16,
        /// The shortest one.
        min_ms: u16,
    },
    /// Two entries have the same code.
    SameCode {
        /// The place of one.
        first: u8,
        /// The place of the other.
        second: u8,
    },
    /// Two lines can be taken for one another.
    Confused {
        /// One.
        first: Who,
        /// The other.
        second: Who,
        /// By how much the clock of a watcher may be wrong.
        tolerance_percent: u8,
    },
    /// Two lines can be taken for one another where nobody knows which level is lit.
    Inverse {
        /// One.
        first: Who,
        /// The other.
        second: Who,
    },
    /// Two lines differ in their colour alone.
    ColourAlone {
        /// One.
        first: Who,
        /// The other.
        second: Who,
    },
    /// A colour follows another one without dark between them, which nobody sees who tells no colours apart.
    ColourChange {
        /// Which.
        who: Who,
    },
    /// A light that is solid is an entry of standards alone.
    SolidEntry {
        /// Which.
        who: Who,
    },
    /// A mark takes too long, in milliseconds.
    MarkTooLong {
        /// How long it takes.
        got_ms: u32,
        /// The longest one.
        max_ms: u32,
    },
    /// A mark has no step that the codes have not, or looks like the other one or like the dark between codes.
    MarkLikeCode,
}

impl Error {
    /// The sentence, with the names of these entries.
    pub(super) const fn message(&self, entries: &[Entry<'_>]) -> Message {
        let message = Message::new();
        match *self {
            Self::Count { got, max } => {
                let message = message.text("a legend has 1 to ").number(max as u32);
                message.text(" entries, and this one ").number(got as u32)
            }
            Self::Empty { who, text } => {
                let text = match text {
                    Text::Name => "a name",
                    Text::Meaning => "a meaning",
                    Text::FirstAction => "what to do first",
                };
                name(message, entries, who).text(" is without ").text(text)
            }
            Self::SameName { first, second } => {
                let message = message.text("entries ").number(first as u32).text(" and ");
                let message = message.number(second as u32).text(" have the same name, ");
                name(message, entries, Who::Entry(first))
            }
            Self::NotCarried { who, error } => {
                not_carried(name(message, entries, who).text(": "), error)
            }
            Self::TooShort { who, got_ms, min_ms } => {
                let message = name(message, entries, who).text(" has a step of ");
                let message = message.number(got_ms as u32).text(" ms; people need ");
                message.number(min_ms as u32).text(" ms at least")
            }
            Self::TooManyFlashes { who, got, max } => {
                let message = name(message, entries, who).text(" has ").number(got as u32);
                message.text(" flashes in a row; people count ").number(max as u32).text(" at most")
            }
            Self::TooManyDigits { who, got, max } => {
                let message = name(message, entries, who).text(" has ").number(got as u32);
                message.text(" digits; people keep ").number(max as u32).text(" in mind")
            }
            Self::LongTooShort { got_ms, min_ms } => {
                let message = message.text("a long flash of ").number(got_ms as u32);
                message
                    .text(" ms; people need ")
                    .number(min_ms as u32)
                    .text(" ms beside the short ones")
            }
            Self::SameCode { first, second } => {
                let message = name(message, entries, Who::Entry(first)).text(" and ");
                name(message, entries, Who::Entry(second)).text(" have the same code")
            }
            Self::Confused { first, second, tolerance_percent } => {
                let message = name(message, entries, first).text(" and ");
                let message = name(message, entries, second)
                    .text(" cannot be told apart by a clock that is wrong by ");
                message.number(tolerance_percent as u32).text(" %")
            }
            Self::Inverse { first, second } => {
                let message = name(message, entries, first).text(" and ");
                name(message, entries, second)
                    .text(" cannot be told apart while nobody knows which level is lit")
            }
            Self::ColourAlone { first, second } => {
                let message = name(message, entries, first).text(" and ");
                name(message, entries, second).text(" differ in their colour alone")
            }
            Self::ColourChange { who } => {
                name(message, entries, who).text(" changes its colour without dark between")
            }
            Self::SolidEntry { who } => {
                name(message, entries, who).text(" is solid, which is no code")
            }
            Self::MarkTooLong { got_ms, max_ms } => {
                let message =
                    message.text("a mark takes ").number(got_ms).text(" ms, and at most ");
                message.number(max_ms).text(" ms are patient")
            }
            Self::MarkLikeCode => message
                .text("a mark looks like the other one, like a code or like the dark after it"),
        }
    }
}

/// Who it is: the name in quotation marks where the entries are there.
const fn name(message: Message, entries: &[Entry<'_>], who: Who) -> Message {
    match who {
        Who::Entry(place) => match entries.split_at_checked(place as usize) {
            Some((_, [entry, ..])) => message.text("\"").text(entry.name).text("\""),
            _ => message.text("entry ").number(place as u32),
        },
        Who::Healthy => message.text("healthy"),
        Who::Dark => message.text("dark"),
        Who::Solid => message.text("solid"),
        Who::Dialect => message.text("the dialect"),
    }
}

const fn not_carried(message: Message, error: NotCarried) -> Message {
    match error {
        NotCarried::Len { got, min, max } => {
            let message = message.text("the dialect has ").number(min as u32).text(" to ");
            message.number(max as u32).text(" digits, and the code ").number(got as u32)
        }
        NotCarried::Digit { place, got, min, max } => {
            let message = message.text("digit ").number(place as u32).text(" is ");
            let message = message.number(got as u32).text(", and the dialect has ");
            message.number(min as u32).text(" to ").number(max as u32)
        }
        NotCarried::Zero { place } => {
            let message = message.text("digit ").number(place as u32);
            message.text(" is 0, which the dialect cannot show there")
        }
        NotCarried::Solid => message.text("a solid light has no pattern"),
        NotCarried::Pattern(pattern::Error::Rows { got, max }) => {
            let message = message.text("a pattern has 1 to ").number(max as u32);
            message.text(" rows, and this one ").number(got as u32)
        }
        NotCarried::Pattern(pattern::Error::NoGap { row }) => {
            let message = message.text("row ").number(row as u32);
            message.text(" ends with 0 ms of dark, and the next one is lit in the same colour")
        }
        NotCarried::Pattern(pattern::Error::TooLong { got_ms, max_ms }) => {
            let message = message.text("a period is at most ").number(max_ms);
            message.text(" ms, and this one ").number(got_ms)
        }
    }
}

/// With the places of the entries; [`explain`](super::explain) says their names.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message(&[]).as_str())
    }
}

impl core::error::Error for Error {}
