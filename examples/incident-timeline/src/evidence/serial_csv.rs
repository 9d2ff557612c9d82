//! Serial bytes as CSV: `start_us,end_us,byte_hex,line`, one character a row, a header or none.

use std::collections::VecDeque;
use std::rc::Rc;

use super::csv::{Format, Rows, micros};
use super::line::{Counting, Line, Listen, Stamp};
use super::{Evidence, Opening};
use crate::event::Event;
use crate::failure::Failure;
use crate::input::is_interrupted;

const FORMAT: Format = Format { header: "start_us,end_us,byte_hex,line", row_len_max: 4096 };

pub(crate) struct SerialCsv {
    rows: Rows,
    source: Rc<str>,
    listen: Listen,
    /// Made when the first row tells how long a character takes.
    line: Option<Box<dyn Line>>,
    zero_us: i64,
}

/// One character.
struct Character<'a> {
    start_us: i64,
    end_us: i64,
    byte: u8,
    wire: &'a str,
}

/// Whether a file that begins so is one of these.
pub(crate) fn is_serial_csv(head: &[u8]) -> bool {
    FORMAT.is_of(head, |first| parse(first).is_ok())
}

impl SerialCsv {
    pub(crate) fn new(opening: Opening<'_>, listen: Listen) -> Self {
        let Opening { input, source, zero_us, .. } = opening;
        Self { rows: Rows::new(input, FORMAT), source, listen, line: None, zero_us }
    }

    fn take_row(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let Some(text) = self.rows.text()? else { return Ok(()) };
        let character = parse(text)?;
        let line = self.line.get_or_insert_with(|| {
            let len_us = character.end_us.saturating_sub(character.start_us);
            let character_us = u32::try_from(len_us).unwrap_or(0);
            (self.listen)(self.source.clone(), Counting::Rows, Some(character_us))
        });
        let stamp = Stamp {
            start_us: character.start_us.saturating_add(self.zero_us),
            end_us: character.end_us.saturating_add(self.zero_us),
            number: self.rows.number(),
        };
        line.push(character.wire, &[character.byte], stamp, events);
        Ok(())
    }

    fn finish(&mut self, events: &mut VecDeque<Event>) {
        if let Some(line) = &mut self.line {
            line.finish(events);
        }
    }
}

impl Evidence for SerialCsv {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        let result = self.rows.read().and_then(|is_there| {
            if is_there {
                self.take_row(events)?;
            }
            Ok(is_there)
        });
        match result {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.finish(events);
                Ok(false)
            }
            Err(_) if is_interrupted() => {
                self.finish(events);
                Ok(false)
            }
            Err(message) => {
                self.finish(events);
                Err(self.rows.damaged(&self.source, &message))
            }
        }
    }
}

fn parse(text: &str) -> Result<Character<'_>, String> {
    let mut columns = text.trim().split(',').map(str::trim);
    let mut next = |name| {
        columns.next().ok_or_else(|| format!("expected {}, {name} is missing", FORMAT.header))
    };
    let start_us = micros(next("start_us")?)?;
    let end_us = micros(next("end_us")?)?;
    let byte = next("byte_hex")?;
    let wire = next("line")?;
    let digits = byte.trim_start_matches("0x");
    if digits.is_empty() || digits.len() > 2 {
        return Err(format!("byte_hex: expected two digits, got `{byte}`"));
    }
    let byte = u8::from_str_radix(digits, 16)
        .map_err(|_| format!("byte_hex: expected two digits, got `{byte}`"))?;
    if end_us < start_us {
        return Err(format!("end_us: expected {start_us} or more, got {end_us}"));
    }
    if columns.next().is_some() {
        return Err(format!("expected {}, got more columns", FORMAT.header));
    }
    Ok(Character { start_us, end_us, byte, wire })
}
