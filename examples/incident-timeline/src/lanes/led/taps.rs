//! A light as somebody has written it down.
//!
//! ```text
//!  taps: .. ...            two flashes, a pause, three flashes; `-` is a long flash, `/` the pause after a code
//!  taps: aaa www           three in amber, four in white: r g y a b w
//!  taps: on 250 off 250 x2 off 1000 on 250 off 250 x3 off 2500
//!  taps: 250 240 260 1010  milliseconds, lit first, as a stopwatch has them
//! ```

use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;

use led_codes::dialect::{Scheme, Zero};
use led_codes::{Code as LedCode, Dialect, Digits, Flash, Level, Mark, Pattern};

use super::event::{Code, LedEvent, Reading, Unread};
use super::lights::Lights;
use super::tried::{Named, Tried};
use crate::event::{Event, Lane};
use crate::evidence::{Evidence, Opening};
use crate::failure::Failure;
use crate::input::Input;
use crate::place::{At, Place, Wire};

/// The word before a line of taps.
pub(crate) const PREFIX: &str = "taps:";

const LEN_MAX: u64 = 64 << 10;

/// A written pattern repeats; it is read as if it had been seen so often.
const PATTERN_REPEATS: usize = 4;

/// Whether a file that begins so is one of these: with the word, or with nothing but flashes, or with a pattern.
pub(crate) fn is_taps(head: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(head) else { return false };
    let text = text.trim();
    let is_symbols =
        || text.contains('.') && text.chars().all(|symbol| ".-/ \r\n".contains(symbol));
    text.starts_with(PREFIX) || is_symbols() || text.parse::<Pattern>().is_ok()
}

pub(crate) struct Taps {
    input: Input,
    source: Rc<str>,
    tried: Tried,
    zero_us: i64,
}

impl Taps {
    pub(crate) fn new(opening: Opening<'_>) -> Result<Self, Failure> {
        let Opening { input, source, zero_us, options } = opening;
        Ok(Self { input, source, tried: Tried::new(options)?, zero_us })
    }

    fn tell(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let mut bytes = Vec::new();
        let read = (&mut self.input).take(LEN_MAX).read_to_end(&mut bytes);
        read.map_err(|error| error.to_string())?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| format!("byte {}: expected text", error.valid_up_to()))?;
        let text = text.trim().strip_prefix(PREFIX).unwrap_or(text).trim();
        if let Ok(pattern) = text.parse::<Pattern>() {
            let steps = pattern.steps().map(|step| (step.level(), u64::from(step.ms())));
            let steps: Vec<_> = steps.collect();
            self.tell_steps(&steps.repeat(PATTERN_REPEATS), events);
            return Ok(());
        }
        let numbers: Result<Vec<u64>, _> = text.split_whitespace().map(str::parse).collect();
        if let Ok(numbers) = numbers {
            let levels = [Level::On, Level::Off].into_iter().cycle();
            let steps: Vec<_> =
                levels.zip(numbers.into_iter().map(|ms| ms.min(3_600_000))).collect();
            self.tell_steps(&steps, events);
            return Ok(());
        }
        self.tell_symbols(text, events)
    }

    /// Steps with their times.
    fn tell_steps(&self, steps: &[(Level, u64)], events: &mut VecDeque<Event>) {
        let mut lights =
            Lights::new(self.source.clone(), self.tried.clone(), self.zero_us).tapped();
        let mut t_us = 0;
        for (row, (level, ms)) in (1..).zip(steps) {
            // There is one light.
            let _ = lights.edge("taps", *level, t_us, row, events);
            t_us += i64::try_from(ms * 1_000).unwrap_or(0);
        }
        let last = steps.last().map_or(Level::Off, |(level, _)| *level);
        let other = if last.is_lit() { Level::Off } else { Level::On };
        let _ = lights.edge("taps", other, t_us, steps.len() as u64 + 1, events);
        lights.finish(events);
    }

    /// Flashes without times: each dialect that has codes like this.
    fn tell_symbols(&self, text: &str, events: &mut VecDeque<Event>) -> Result<(), String> {
        let known = |symbol: char| ".-/ \r\nrgyabw".contains(symbol.to_ascii_lowercase());
        if let Some((offset, symbol)) = text.char_indices().find(|(_, symbol)| !known(*symbol)) {
            return Err(format!(
                "tap {}: expected . - / r g y b w or a blank, got `{symbol}`",
                offset + 1
            ));
        }
        let codes = text.split(['/', '\n']).map(str::trim).filter(|code| !code.is_empty());
        let (mut last, mut agree) = ("", 0);
        for (row, code) in (1..).zip(codes) {
            agree = if code == last { u8::saturating_add(agree, 1) } else { 1 };
            last = code;
            let readings = self.readings(code, agree);
            let event = if readings.is_empty() {
                let words = "no code that was tried is like this".to_owned();
                LedEvent::Unread(Unread { steps: code.to_owned(), reason: "no_code", words })
            } else {
                LedEvent::Code(Code { readings, is_inverted: false })
            };
            let wire = Rc::new(Wire::named("taps"));
            let place = Place { source: self.source.clone(), wire, offset: 0, at: At::Row(row) };
            events.push_back(Event { t_us: None, place: Some(place), what: Lane::Led(event) });
        }
        Ok(())
    }

    fn readings(&self, text: &str, agree: u8) -> Vec<Reading> {
        let mut readings: Vec<Reading> = Vec::new();
        let reading = |dialect, digits: Digits, mark, entry| Reading {
            dialect,
            code: digits.to_string(),
            mark,
            entry,
            agree,
            clock_permille: None,
            off_permille: None,
        };
        for table in &self.tried.tables {
            let Some((digits, mark)) = read(text, table.view.dialect()) else { continue };
            let code = LedCode::Digits(digits);
            let entry = table.view.entries().iter().find(|entry| entry.code == code);
            if entry.is_some() {
                readings.push(reading(table.name, digits, mark, entry));
            }
        }
        for Named { name, dialect } in &self.tried.dialects {
            let Some((digits, mark)) = read(text, dialect) else { continue };
            let is_there = self.tried.tables.iter().any(|table| {
                table.view.dialect() == *dialect
                    && readings.iter().any(|reading| reading.dialect == table.name)
            });
            if !is_there {
                readings.push(reading(name, digits, mark, None));
            }
        }
        readings
    }
}

impl Evidence for Taps {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        let source = self.source.clone();
        self.tell(events).map_err(|message| Failure::Damaged(format!("{source}: {message}")))?;
        Ok(false)
    }
}

/// The digits of flashes in a dialect, and the mark before them.
fn read(text: &str, dialect: &Dialect) -> Option<(Digits, Option<Mark>)> {
    let symbols = Symbols::of(dialect);
    let text = tidy(text);
    let marks = dialect.marks_of().into_iter().flat_map(|marks| {
        Mark::ALL.map(|mark| (Some(mark), "-".repeat(marks.flashes(mark).count().into())))
    });
    marks.chain([(None, String::new())]).find_map(|(mark, before)| {
        let body = text.strip_prefix(&before)?.trim();
        let body = match dialect.start_flash() {
            Some(flash) => body.strip_prefix(symbols.of_flash(flash))?.trim(),
            None => body,
        };
        let body = match dialect.end_flash() {
            Some(flash) => body.strip_suffix(symbols.of_flash(flash))?.trim(),
            None => body,
        };
        let mut values = values(body, dialect, &symbols)?;
        let (len_min, _) = dialect.len_range();
        // Last zeros have no flashes where nothing opens a digit.
        let drops_zeros =
            dialect.zero_is() == Zero::NoFlashes && dialect.scheme() == Scheme::Digits;
        while drops_zeros && values.len() < usize::from(len_min) {
            values.push(0);
        }
        let digits = Digits::new(&values).filter(|digits| dialect.carries(digits).is_ok())?;
        Some((digits, mark))
    })
}

/// The digits of the flashes between the start and the end.
fn values(body: &str, dialect: &Dialect, symbols: &Symbols) -> Option<Vec<u8>> {
    let first = symbols.of_flash(dialect.flash());
    let count = |group: &str| {
        let is_all = group.chars().all(|symbol| symbol == first);
        let value = u8::try_from(group.len()).ok().filter(|_| is_all)?;
        Some(if dialect.zero_is() == Zero::TenFlashes && value == 10 { 0 } else { value })
    };
    match dialect.scheme() {
        Scheme::Digits => body.split_whitespace().map(count).collect(),
        Scheme::Opened { by } => {
            let groups = body.strip_prefix(symbols.of_flash(by))?;
            groups.split(symbols.of_flash(by)).map(|group| count(group.trim())).collect()
        }
        Scheme::Pair { second } => {
            let second = symbols.of_flash(second);
            let place = body.find(second)?;
            let (ones, others) = body.split_at_checked(place)?;
            let is_second = others.chars().all(|symbol| symbol == second);
            let others = u8::try_from(others.len()).ok().filter(|_| is_second)?;
            Some(vec![count(ones.trim())?, others])
        }
        Scheme::Bits { one } => {
            let one = symbols.of_flash(one);
            let bits = body.chars().filter(|symbol| *symbol != ' ');
            bits.map(|bit| [first, one].iter().position(|symbol| *symbol == bit)?.try_into().ok())
                .collect()
        }
    }
}

/// How the flashes of a dialect are written.
struct Symbols {
    shortest_ms: u16,
}

impl Symbols {
    fn of(dialect: &Dialect) -> Self {
        let other = match dialect.scheme() {
            Scheme::Digits => None,
            Scheme::Pair { second: flash }
            | Scheme::Opened { by: flash }
            | Scheme::Bits { one: flash } => Some(flash),
        };
        let flashes = [Some(dialect.flash()), other, dialect.start_flash(), dialect.end_flash()];
        let shortest = flashes.into_iter().flatten().map(Flash::on_ms).min();
        Self { shortest_ms: shortest.unwrap_or(0) }
    }

    /// A colour has its letter; a flash is long if it is at least twice as long as the shortest one.
    fn of_flash(&self, flash: Flash) -> char {
        match flash.level() {
            Level::Red => 'r',
            Level::Green => 'g',
            Level::Amber => 'a',
            Level::Blue => 'b',
            Level::White => 'w',
            _ if flash.on_ms() >= self.shortest_ms.saturating_mul(2) => '-',
            _ => '.',
        }
    }
}

/// One blank between groups, and none beside a long flash or between two colours, which are told apart without one.
fn tidy(text: &str) -> String {
    let text = text.to_ascii_lowercase().replace('y', "a");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut tidy = String::new();
    for word in words {
        let is_apart = tidy.ends_with('.') && word.starts_with('.');
        if is_apart {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use led_codes::standard::{dell, obd_1, philips, raspberry_pi, sew};

    use super::*;

    #[test]
    fn flashes_are_read_as_the_dialect_says() {
        let human = Dialect::HUMAN;
        for (text, dialect, values, mark) in [
            (".. ...", &human, &[2, 3][..], None),
            ("  ..   ... ", &human, &[2, 3], None),
            ("- . ..", &human, &[1, 2], Some(Mark::FirstOut)),
            ("- - . ..", &human, &[1, 2], Some(Mark::BeforeReset)),
            ("-- ...", &obd_1::NISSAN, &[2, 3], None),
            ("--...", &raspberry_pi::DIALECT, &[2, 3], None),
            ("...", &raspberry_pi::DIALECT, &[0, 3], None),
            ("- -.. -... -.", &obd_1::FORD, &[0, 2, 3, 1], None),
            ("- .-...", &obd_1::MITSUBISHI, &[0, 1, 0, 0, 0], None),
            ("- ............ ......... ...... -", &philips::SDM, &[12, 9, 6, 0, 0], None),
            (". .. ... ..........", &obd_1::HOLDEN, &[1, 2, 3, 0], None),
            ("- ....", &sew::DIALECT, &[4], None),
            ("yyy ww", &dell::DIALECT, &[3, 2], None),
        ] {
            let (digits, of) = read(text, dialect).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((digits.as_slice(), of), (values, mark), "{text}");
        }
        for (text, dialect) in [
            ("......", &human),
            (".. ... .", &human),
            ("-. .-", &human),
            ("..", &obd_1::NISSAN),
            ("-.. -... -.", &obd_1::FORD),
            ("....", &sew::DIALECT),
            ("rr ww", &dell::DIALECT),
        ] {
            assert_eq!(read(text, dialect), None, "{text}");
        }
    }

    #[test]
    fn a_file_of_taps_is_known_by_its_content() {
        for text in ["taps: aa ww", ".. ...", "on 250 off 250 x3 off 2500\n", ".", "- .\r\n"] {
            assert!(is_taps(text.as_bytes()), "{text}");
        }
        for text in ["", "--", "hello.", "250 250", "time_us,level"] {
            assert!(!is_taps(text.as_bytes()), "{text}");
        }
    }
}
