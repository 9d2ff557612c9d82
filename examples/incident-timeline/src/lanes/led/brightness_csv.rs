//! Samples of the brightness of lights as CSV: `time_us,brightness`, and the light's name in a third column if there are several.
//!
//! ```text
//!  time_us,brightness
//!  0,12
//!  33333,11.6             # 0 to 65,535; a fraction is rounded
//!  66667,187
//! ```

use std::collections::VecDeque;

use super::lights::Lights;
use super::tried::Tried;
use crate::event::Event;
use crate::evidence::csv::{Format, Rows, micros};
use crate::evidence::{Evidence, Opening};
use crate::failure::Failure;
use crate::input::is_interrupted;

const FORMAT: Format = Format { header: "time_us,brightness", row_len_max: 256 };
const NAMED: Format = Format { header: "time_us,brightness,light", row_len_max: 256 };

pub(crate) struct BrightnessCsv {
    rows: Rows,
    source: std::rc::Rc<str>,
    lights: Lights,
}

/// Whether a file that begins so is one of these: only with a header, for the numbers could be anything.
pub(crate) fn is_brightness_csv(head: &[u8]) -> bool {
    FORMAT.is_of(head, |_| false) || NAMED.is_of(head, |_| false)
}

impl BrightnessCsv {
    pub(crate) fn new(opening: Opening<'_>) -> Result<Self, Failure> {
        let Opening { input, source, zero_us, options } = opening;
        let lights = Lights::new(source.clone(), Tried::new(options)?, zero_us);
        let format = if NAMED.is_of(input.head(), |_| false) { NAMED } else { FORMAT };
        Ok(Self { rows: Rows::new(input, format), source, lights })
    }

    fn take_row(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let Some(text) = self.rows.text()? else { return Ok(()) };
        let (t_us, brightness, light) = parse(text)?;
        let row = self.rows.number();
        let taken = self.lights.sample(light, brightness, t_us, row, events);
        taken.map_err(|_| "light: expected at most 64 lights".to_owned())
    }
}

impl Evidence for BrightnessCsv {
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

fn parse(text: &str) -> Result<(i64, u16, &str), String> {
    let mut columns = text.trim().split(',').map(str::trim);
    let mut next = |name| {
        columns.next().ok_or_else(|| format!("expected {}, {name} is missing", FORMAT.header))
    };
    let t_us = micros(next("time_us")?)?;
    let word = next("brightness")?;
    let number = word.parse::<f64>().ok().map(f64::round);
    let number = number.filter(|number| (0.0..=f64::from(u16::MAX)).contains(number));
    let brightness =
        number.ok_or_else(|| format!("brightness: expected 0 to 65535, got `{word}`"))?;
    let light = columns.next().filter(|light| !light.is_empty()).unwrap_or("led");
    match columns.next() {
        Some(_) => Err(format!("expected {}, got more columns", NAMED.header)),
        None => Ok((t_us, brightness as u16, light)),
    }
}
