//! The tables and dialects that listen to a light, each as it is and upside down.

use led_codes::decoder::{Rejected as Why, Seen};
use led_codes::{Code, Decoder, Dialect, Digits, Level};

use super::event::{Healthy, LedEvent, Reading, Rejected, length};
use super::score::Score;
use super::tried::{Named, Table};

/// A legend has at most 64 entries.
const ENTRIES_MAX: usize = 64;

/// A thumb is so many milliseconds early or late.
pub(super) const THUMB_MS: u16 = 80;

/// How edges are seen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Edges,
    Samples {
        interval_us: u32,
        moved_ms: u16,
    },
    /// With a person's thumb.
    Thumb,
}

/// A table, and what was read with it as it is and upside down.
pub(super) struct TableEar {
    pub(super) table: Table,
    pub(super) decoders: [Decoder<'static, ENTRIES_MAX>; 2],
    pub(super) scores: [Score; 2],
    /// How many lines of the table fit the last steps, if that is known.
    pub(super) lines: Option<u8>,
}

/// A dialect, and what was read in it as it is and upside down.
pub(super) struct DialectEar {
    pub(super) named: Named,
    /// How many codes it had read before.
    pub(super) codes: u16,
    pub(super) scores: [Score; 2],
}

/// A reading, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) of: Of,
    pub(super) is_inverted: bool,
    /// The dialect and the digits, where the code has any.
    pub(super) digits: Option<(&'static Dialect, Digits)>,
    pub(super) reading: Reading,
}

/// A table or a dialect, by its place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Table(usize),
    Dialect(usize),
}

/// The news of an edge for a table.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) events: Vec<LedEvent>,
    pub(super) readings: Vec<Candidate>,
    /// The samples are too far apart.
    pub(super) is_too_fast: bool,
}

impl DialectEar {
    pub(super) fn new(named: Named) -> Self {
        Self { named, codes: 0, scores: [Score::default(); 2] }
    }
}

impl TableEar {
    /// Nothing if the table has more entries than a legend can have.
    pub(super) fn new(table: Table, look: Look) -> Option<Self> {
        let decoder = Decoder::<ENTRIES_MAX>::of(&table.view)?;
        let decoder = match look {
            Look::Edges => decoder,
            Look::Samples { interval_us, moved_ms } => decoder.sampled(interval_us, moved_ms),
            Look::Thumb => decoder.moved_by(THUMB_MS),
        };
        let decoders = [decoder.clone(), decoder];
        Some(Self { table, decoders, scores: [Score::default(); 2], lines: None })
    }

    /// An edge, with which so many were seen.
    pub(super) fn edge(&mut self, place: usize, level: Level, at_us: u64, seen: u64) -> Heard {
        let mut heard = Heard::default();
        let Self { table, decoders, scores, lines } = self;
        let levels = [level, upside_down(level)];
        for ((is_inverted, decoder), (level, score)) in
            [false, true].into_iter().zip(decoders).zip(levels.into_iter().zip(scores))
        {
            match decoder.edge(level, at_us) {
                Some(Seen::Code { entry, mark, agree, index }) => {
                    let dialect = table.view.dialect();
                    let steps = dialect
                        .marked(&entry.code, mark)
                        .map_or(0, |pattern| pattern.steps().count());
                    score.add(steps, seen);
                    let digits = match entry.code {
                        Code::Digits(digits) => Some((dialect, digits)),
                        _ => None,
                    };
                    let reading = Reading {
                        dialect: table.name,
                        code: entry.code.to_string(),
                        mark,
                        entry: table.view.entry(index),
                        agree,
                        clock_permille: None,
                        off_permille: None,
                    };
                    heard.readings.push(Candidate {
                        of: Of::Table(place),
                        is_inverted,
                        digits,
                        reading,
                    });
                }
                Some(Seen::Healthy { agree }) if !is_inverted => {
                    let meaning = table.view.healthy().map_or("", |healthy| healthy.meaning);
                    heard.events.push(LedEvent::Healthy(Healthy {
                        dialect: table.name,
                        meaning,
                        agree,
                    }));
                }
                Some(Seen::Rejected(Why::TooFast { .. })) => heard.is_too_fast = true,
                Some(Seen::Partial { lines: fit }) if !is_inverted => *lines = Some(fit),
                Some(Seen::Rejected(why)) if !is_inverted => {
                    *lines = None;
                    heard.events.push(LedEvent::Rejected(rejected(why)));
                }
                _ => {}
            }
        }
        heard
    }
}

pub(super) fn upside_down(level: Level) -> Level {
    if level.is_lit() { Level::Off } else { Level::On }
}

fn rejected(why: Why) -> Rejected {
    match why {
        Why::Step { level, got_ms } => {
            let words = format!("{} for {}: no step of the table", level.as_name(), length(got_ms));
            Rejected { reason: "step", words }
        }
        _ => {
            let words = "each step is one of the table, and no code has them in this order";
            Rejected { reason: "no_code", words: words.to_owned() }
        }
    }
}
