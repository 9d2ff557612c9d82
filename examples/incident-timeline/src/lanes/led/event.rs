//! The events of the lane: codes, levels that stay, what is no code, and a light that nobody could read.

use led_codes::{Entry, Mark};

use crate::describe::{Describe, Duration, Field, Text, Value, Visitor};
use crate::lane::LaneEvent;
use crate::options::Options;
use crate::severity::Severity;

/// An event of the lane.
#[derive(Clone, Debug)]
pub(crate) enum LedEvent {
    Code(Code),
    Healthy(Healthy),
    Partial(Partial),
    Steady(Steady),
    Rejected(Rejected),
    Unread(Unread),
    Looked(Looked),
}

/// A code was read, in one dialect or in several that look the same: the best one first.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) readings: Vec<Reading>,
    /// The light is lit where its dialect is dark.
    pub(crate) is_inverted: bool,
}

/// A code in one dialect.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The name of its table, or of its dialect.
    pub(crate) dialect: &'static str,
    /// The digits, or the pattern.
    pub(crate) code: String,
    pub(crate) mark: Option<Mark>,
    /// Its line of the table; none where nobody has the table, or where the code is not in it.
    pub(crate) entry: Option<&'static Entry<'static>>,
    /// How many times it was read, one after the other.
    pub(crate) agree: u8,
    /// The clock of the light, in thousandths of that of the dialect, and how far its steps were from it.
    pub(crate) clock_permille: Option<u16>,
    pub(crate) off_permille: Option<u16>,
}

/// The pattern of a machine without a fault.
#[derive(Clone, Debug)]
pub(crate) struct Healthy {
    pub(crate) dialect: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) agree: u8,
}

/// The recording ended within the first code that it has.
#[derive(Clone, Debug)]
pub(crate) struct Partial {
    /// How many lines of the table fit the steps that are there.
    pub(crate) lines: u8,
}

/// The light is dark or lit for longer than a code has a step for.
#[derive(Clone, Debug)]
pub(crate) struct Steady {
    pub(crate) is_lit: bool,
    pub(crate) level: &'static str,
    pub(crate) since_us: i64,
    /// The meaning of that and what to do first, where a table says so.
    pub(crate) said: Option<(&'static str, &'static str)>,
}

/// Steps that are no code.
#[derive(Clone, Debug)]
pub(crate) struct Rejected {
    /// For programs: `step`, `no_code` or `too_fast`.
    pub(crate) reason: &'static str,
    pub(crate) words: String,
}

/// A light that blinked, and of which nothing could be read.
#[derive(Clone, Debug)]
pub(crate) struct Unread {
    /// Its first steps, as a pattern.
    pub(crate) steps: String,
    pub(crate) reason: &'static str,
    pub(crate) words: String,
}

/// The part of a video that was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    /// The pictures in which the spots were searched, and how long they are.
    pub(crate) pictures: u64,
    pub(crate) ms: u64,
    /// The spots that blink, and where they are: percent from the left and from the top.
    pub(crate) spots: Vec<(String, (u64, u64))>,
}

impl Reading {
    /// The code with what is before it.
    pub(crate) fn bare(&self) -> String {
        let mark = match self.mark {
            Some(Mark::FirstOut) => "first out: ",
            Some(Mark::BeforeReset) => "before the reset: ",
            None => "",
        };
        format!("{mark}{}", self.code)
    }

    /// The same with its name in the table.
    pub(crate) fn words(&self) -> String {
        let name = self.entry.map(|entry| format!(" {}", entry.name)).unwrap_or_default();
        format!("{}{name}", self.bare())
    }

    /// How well it fits: nothing where the table has taken it whole.
    pub(crate) fn fit(&self) -> String {
        match (self.clock_permille, self.off_permille) {
            (Some(clock), Some(off)) => {
                let clock = i32::from(clock) - 1_000;
                let sign = if clock < 0 { '-' } else { '+' };
                let clock = clock.abs();
                let [whole, part] = [clock / 10, clock % 10];
                format!("clock {sign}{whole}.{part} %, steps {}.{} % off", off / 10, off % 10)
            }
            _ => String::new(),
        }
    }
}

impl LedEvent {
    /// Moves the instants inside of it.
    pub(crate) fn move_by(&mut self, us: i64) {
        if let Self::Steady(steady) = self {
            steady.since_us = steady.since_us.saturating_add(us);
        }
    }
}

impl LaneEvent for LedEvent {
    fn lane(&self) -> &'static str {
        "led"
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Healthy(_) => "healthy",
            Self::Partial(_) => "partial",
            Self::Steady(steady) if steady.is_lit => "solid",
            Self::Steady(_) => "dark",
            Self::Rejected(_) => "rejected",
            Self::Unread(_) => "unread",
            Self::Looked(_) => "looked",
        }
    }

    fn severity(&self) -> Option<Severity> {
        match self {
            Self::Code(_) => Some(Severity::Fault),
            Self::Healthy(_) | Self::Partial(_) | Self::Looked(_) => None,
            Self::Steady(_) | Self::Rejected(_) | Self::Unread(_) => Some(Severity::Warning),
        }
    }

    /// A code is what was to be read, whatever it means.
    fn is_good(&self) -> bool {
        !matches!(self, Self::Rejected(_) | Self::Unread(_))
    }

    fn bytes_len(&self) -> Option<u64> {
        None
    }

    fn since_us(&self) -> Option<i64> {
        match self {
            Self::Steady(steady) => Some(steady.since_us),
            _ => None,
        }
    }

    /// A light has no unit, so none that was asked for.
    fn is_wanted(&self, options: &Options) -> bool {
        options.units.is_empty()
    }
}

impl Describe for LedEvent {
    fn describe(&self, visitor: &mut dyn Visitor) {
        match self {
            Self::Code(code) => code.describe(visitor),
            Self::Healthy(healthy) => {
                let Healthy { dialect, meaning, agree } = healthy;
                visitor.field(Field {
                    name: "meaning",
                    value: Value::Text(meaning),
                    text: Text::Words(format_args!("{meaning}")),
                });
                hidden(visitor, "dialect", Value::Text(dialect));
                hidden(visitor, "agree", Value::Unsigned((*agree).into()));
            }
            Self::Partial(Partial { lines }) => {
                visitor.field(Field {
                    name: "lines",
                    value: Value::Unsigned((*lines).into()),
                    text: Text::Words(format_args!(
                        "a part of a code: {lines} lines of the table fit it"
                    )),
                });
            }
            Self::Steady(steady) => steady.describe(visitor),
            Self::Rejected(Rejected { reason, words }) => {
                visitor.field(Field {
                    name: "reason",
                    value: Value::Text(reason),
                    text: Text::Words(format_args!("{words}")),
                });
            }
            Self::Looked(looked) => looked.describe(visitor),
            Self::Unread(Unread { steps, reason, words }) => {
                visitor.field(Field {
                    name: "reason",
                    value: Value::Text(reason),
                    text: Text::Words(format_args!("{words}")),
                });
                let text = match steps.as_str() {
                    "" => Text::Hidden,
                    _ => Text::Words(format_args!("| {steps}")),
                };
                visitor.field(Field { name: "steps", value: Value::Text(steps), text });
            }
        }
    }
}

impl Describe for Code {
    fn describe(&self, visitor: &mut dyn Visitor) {
        match self.readings.as_slice() {
            [] => {}
            [reading] => reading.describe(visitor),
            [best, ..] => {
                best.describe_code(visitor);
                let all: Vec<&dyn Describe> =
                    self.readings.iter().map(|reading| reading as &dyn Describe).collect();
                let words: Vec<String> = self.readings.iter().map(Reading::in_dialect).collect();
                let words = words.join("; ");
                visitor.field(Field {
                    name: "readings",
                    value: Value::Objects(&all),
                    text: Text::Words(format_args!("| {words}")),
                });
            }
        }
        if self.is_inverted {
            visitor.field(Field {
                name: "inverted",
                value: Value::Unsigned(1),
                text: Text::Marked(Severity::Warning, format_args!("| the light is upside down")),
            });
        }
    }
}

impl Reading {
    /// Its dialect, what it means there, and how well it fits.
    pub(crate) fn in_dialect(&self) -> String {
        let Self { dialect, .. } = self;
        let meaning = self.entry.map(|entry| format!(": {}", entry.meaning)).unwrap_or_default();
        let fit = match self.fit() {
            fit if fit.is_empty() => fit,
            fit => format!(" ({fit})"),
        };
        format!("{dialect} {}{meaning}{fit}", self.words())
    }

    /// The code alone, without what it means in its dialect.
    fn describe_code(&self, visitor: &mut dyn Visitor) {
        let Self { code, agree, .. } = self;
        let words = self.bare();
        visitor.field(Field {
            name: "code",
            value: Value::Text(code),
            text: Text::Words(format_args!("{words}")),
        });
        if let Some(mark) = self.mark {
            let mark = match mark {
                Mark::FirstOut => "first_out",
                Mark::BeforeReset => "before_reset",
            };
            hidden(visitor, "mark", Value::Text(mark));
        }
        visitor.field(Field {
            name: "agree",
            value: Value::Unsigned((*agree).into()),
            text: Text::Words(format_args!("x{agree}")),
        });
    }
}

impl Describe for Reading {
    fn describe(&self, visitor: &mut dyn Visitor) {
        self.describe_code(visitor);
        let dialect = self.dialect;
        if let Some(entry) = self.entry {
            visitor.field(Field {
                name: "name",
                value: Value::Text(entry.name),
                text: Text::Words(format_args!("{}", entry.name)),
            });
            hidden(visitor, "severity", Value::Text(entry.severity.as_name()));
            visitor.field(Field {
                name: "meaning",
                value: Value::Text(entry.meaning),
                text: Text::Words(format_args!("| {}", entry.meaning)),
            });
            visitor.field(Field {
                name: "first_action",
                value: Value::Text(entry.first_action),
                text: Text::Words(format_args!("| {}", entry.first_action)),
            });
        }
        visitor.field(Field {
            name: "dialect",
            value: Value::Text(dialect),
            text: Text::Words(format_args!("| {dialect}")),
        });
        if let (Some(clock), Some(off)) = (self.clock_permille, self.off_permille) {
            let fit = self.fit();
            visitor.field(Field {
                name: "clock_permille",
                value: Value::Unsigned(clock.into()),
                text: Text::Words(format_args!("{fit}")),
            });
            hidden(visitor, "off_permille", Value::Unsigned(off.into()));
        }
    }
}

impl Describe for Steady {
    fn describe(&self, visitor: &mut dyn Visitor) {
        hidden(visitor, "level", Value::Text(self.level));
        hidden(visitor, "since_us", Value::Signed(self.since_us));
        if let Some((meaning, first_action)) = self.said {
            visitor.field(Field {
                name: "meaning",
                value: Value::Text(meaning),
                text: Text::Words(format_args!("{meaning}")),
            });
            visitor.field(Field {
                name: "first_action",
                value: Value::Text(first_action),
                text: Text::Words(format_args!("| {first_action}")),
            });
        }
    }
}

impl Describe for Looked {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let Self { pictures, ms, spots } = self;
        hidden(visitor, "pictures", Value::Unsigned(*pictures));
        hidden(visitor, "ms", Value::Unsigned(*ms));
        let at = |(name, (x, y)): &(String, (u64, u64))| {
            format!("{name} at {x} % from the left, {y} % from the top")
        };
        let words: Vec<String> = spots.iter().map(at).collect();
        let words = match words.len() {
            0 => "nothing blinks in it".to_owned(),
            _ => words.join("; "),
        };
        visitor.field(Field {
            name: "spots",
            value: Value::Text(&words),
            text: Text::Words(format_args!("{pictures} pictures in {} ms: {words}", *ms)),
        });
    }
}

fn hidden(visitor: &mut dyn Visitor, name: &'static str, value: Value<'_>) {
    visitor.field(Field { name, value, text: Text::Hidden });
}

/// How long a step was, for people.
pub(crate) fn length(ms: u32) -> String {
    Duration(i64::from(ms) * 1_000).to_string()
}
