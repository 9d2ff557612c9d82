//! Lights as CSV: their edges, or samples of their brightness. The light's name is in a third column if there are several.
//!
//! ```text
//!  time_us,level,light                    time_us,brightness
//!  0,off,ERR                              0,12
//!  1250000,on,ERR                         33333,11.6
//!  1500000,0,ERR                          66667,187
//!  a level is 0, 1, off, on or a colour   0 to 65,535; a fraction is rounded
//! ```
//!
//! With the header `time_us,tapped` a person has stamped the edges.

use std::collections::VecDeque;
use std::rc::Rc;

use led_codes::Level;

use super::lights::Lights;
use super::tried::Tried;
use crate::event::Event;
use crate::evidence::csv::{Format, Rows, micros};
use crate::evidence::{Evidence, Opening};
use crate::failure::Failure;
use crate::input::is_interrupted;

/// A header, and the kind of the rows below it.
struct Header {
    format: Format,
    is_brightness: bool,
    is_tapped: bool,
}

const fn header(text: &'static str) -> Header {
    let format = Format { header: text, row_len_max: 256 };
    Header { format, is_brightness: false, is_tapped: false }
}

const EDGES: Header = header("time_us,level");
const HEADERS: [Header; 5] = [
    EDGES,
    header("time_us,level,light"),
    Header { is_tapped: true, ..header("time_us,tapped") },
    Header { is_brightness: true, ..header("time_us,brightness") },
    Header { is_brightness: true, ..header("time_us,brightness,light") },
];

fn header_of(head: &[u8]) -> Option<Header> {
    HEADERS.into_iter().find(|header| header.format.is_of(head, |_| false))
}

/// Whether a file that begins so is one of edges: a header, or a level in words.
pub(crate) fn is_edges_csv(head: &[u8]) -> bool {
    let is_row = |first: &str| {
        let word = first.split(',').nth(1).is_some_and(|word| word.trim().parse::<f64>().is_err());
        word && columns(first).is_ok_and(|(_, word, _)| level(word).is_ok())
    };
    match header_of(head) {
        Some(header) => !header.is_brightness,
        None => EDGES.format.is_of(head, is_row),
    }
}

/// Whether a file that begins so is one of samples: only with a header, for the numbers could be anything.
pub(crate) fn is_brightness_csv(head: &[u8]) -> bool {
    header_of(head).is_some_and(|header| header.is_brightness)
}

pub(crate) struct LightsCsv {
    rows: Rows,
    source: Rc<str>,
    lights: Lights,
    header: Header,
}

impl LightsCsv {
    pub(crate) fn new(opening: Opening<'_>) -> Result<Self, Failure> {
        let Opening { input, source, zero_us, options } = opening;
        let header = header_of(input.head()).unwrap_or(EDGES);
        let lights = Lights::new(source.clone(), Tried::new(options)?, zero_us);
        let lights = if header.is_tapped { lights.tapped() } else { lights };
        Ok(Self { rows: Rows::new(input, header.format), source, lights, header })
    }

    fn take_row(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let Some(text) = self.rows.text()? else { return Ok(()) };
        let (t_us, word, light) = columns(text)?;
        let row = self.rows.number();
        let taken = if self.header.is_brightness {
            self.lights.sample(light, brightness(word)?, t_us, row, events)
        } else {
            self.lights.edge(light, level(word)?, t_us, row, events)
        };
        taken.map_err(|_| "light: expected at most 64 lights".to_owned())
    }
}

impl Evidence for LightsCsv {
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

/// The time of a row, its second column, and the light's name.
fn columns(text: &str) -> Result<(i64, &str, &str), String> {
    let mut columns = text.trim().split(',').map(str::trim);
    let mut next =
        |name| columns.next().ok_or_else(|| format!("expected time_us,level, {name} is missing"));
    let t_us = micros(next("time_us")?)?;
    let word = next("level")?;
    let light = columns.next().filter(|light| !light.is_empty()).unwrap_or("led");
    match columns.next() {
        Some(_) => Err("expected time_us,level,light, got more columns".to_owned()),
        None => Ok((t_us, word, light)),
    }
}

fn brightness(word: &str) -> Result<u16, String> {
    let number = word.parse::<f64>().ok().map(f64::round);
    let number = number.filter(|number| (0.0..=f64::from(u16::MAX)).contains(number));
    let number = number.ok_or_else(|| format!("brightness: expected 0 to 65535, got `{word}`"))?;
    Ok(number as u16)
}

fn level(word: &str) -> Result<Level, String> {
    let levels =
        [Level::Off, Level::On, Level::Red, Level::Green, Level::Amber, Level::Blue, Level::White];
    let found = match word {
        "0" => Some(Level::Off),
        "1" => Some(Level::On),
        _ => levels.into_iter().find(|level| level.as_name().eq_ignore_ascii_case(word)),
    };
    let expected = "0, 1, off, on, red, green, amber, blue or white";
    found.ok_or_else(|| format!("level: expected {expected}, got `{word}`"))
}
