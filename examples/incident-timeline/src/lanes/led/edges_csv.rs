//! Edges of lights as CSV: `time_us,level`, and the light's name in a third column if there are several.
//!
//! ```text
//!  time_us,level,light
//!  0,off,ERR
//!  1250000,on,ERR
//!  1500000,0,ERR          # a level is 0, 1, off, on or a colour
//! ```

use std::collections::VecDeque;

use led_codes::Level;

use super::lights::Lights;
use super::tried::Tried;
use crate::event::Event;
use crate::evidence::csv::{Format, Rows, micros};
use crate::evidence::{Evidence, Opening};
use crate::failure::Failure;
use crate::input::is_interrupted;

const FORMAT: Format = Format { header: "time_us,level", row_len_max: 256 };
const NAMED: Format = Format { header: "time_us,level,light", row_len_max: 256 };

pub(crate) struct EdgesCsv {
    rows: Rows,
    source: std::rc::Rc<str>,
    lights: Lights,
}

/// Whether a file that begins so is one of these: a header, or a level in words.
pub(crate) fn is_edges_csv(head: &[u8]) -> bool {
    let is_row = |first: &str| {
        let word = first.split(',').nth(1).is_some_and(|word| word.trim().parse::<f64>().is_err());
        word && parse(first).is_ok()
    };
    FORMAT.is_of(head, is_row) || NAMED.is_of(head, |_| false)
}

impl EdgesCsv {
    pub(crate) fn new(opening: Opening<'_>) -> Result<Self, Failure> {
        let Opening { input, source, zero_us, options } = opening;
        let lights = Lights::new(source.clone(), Tried::new(options)?, zero_us);
        let format = if NAMED.is_of(input.head(), |_| false) { NAMED } else { FORMAT };
        Ok(Self { rows: Rows::new(input, format), source, lights })
    }

    fn take_row(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let Some(text) = self.rows.text()? else { return Ok(()) };
        let (t_us, level, light) = parse(text)?;
        let row = self.rows.number();
        let taken = self.lights.edge(light, level, t_us, row, events);
        taken.map_err(|_| "light: expected at most 64 lights".to_owned())
    }
}

impl Evidence for EdgesCsv {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        let result = self.rows.read().and_then(|is_there| {
            if is_there {
                self.take_row(events)?;
            }
            Ok(is_there)
        });
        match result {
            Ok(true) => Ok(true),
            Err(message) if !is_interrupted() => {
                self.lights.finish(events);
                Err(self.rows.damaged(&self.source, &message))
            }
            Ok(false) | Err(_) => {
                self.lights.finish(events);
                Ok(false)
            }
        }
    }
}

fn parse(text: &str) -> Result<(i64, Level, &str), String> {
    let mut columns = text.trim().split(',').map(str::trim);
    let mut next = |name| {
        columns.next().ok_or_else(|| format!("expected {}, {name} is missing", FORMAT.header))
    };
    let t_us = micros(next("time_us")?)?;
    let word = next("level")?;
    let level = level(word).ok_or_else(|| {
        format!("level: expected 0, 1, off, on, red, green, amber, blue or white, got `{word}`")
    })?;
    let light = columns.next().filter(|light| !light.is_empty()).unwrap_or("led");
    match columns.next() {
        Some(_) => Err(format!("expected {}, got more columns", NAMED.header)),
        None => Ok((t_us, level, light)),
    }
}

/// A level by its word.
fn level(word: &str) -> Option<Level> {
    let levels =
        [Level::Off, Level::On, Level::Red, Level::Green, Level::Amber, Level::Blue, Level::White];
    match word {
        "0" => Some(Level::Off),
        "1" => Some(Level::On),
        _ => levels.into_iter().find(|level| level.as_name().eq_ignore_ascii_case(word)),
    }
}
