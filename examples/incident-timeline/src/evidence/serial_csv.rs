//! Serial bytes as CSV: `start_us,end_us,byte_hex,line`, one character a row, a header or none.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::rc::Rc;

use super::line::{Counting, Line, Listen, Stamp};
use super::{Evidence, Opening};
use crate::event::Event;
use crate::failure::Failure;
use crate::input::{Input, is_interrupted};

const HEADER: &str = "start_us,end_us,byte_hex,line";
/// Longer than any row.
const ROW_LEN_MAX: u64 = 4096;

pub(crate) struct SerialCsv {
    input: BufReader<Input>,
    source: Rc<str>,
    listen: Listen,
    /// Made when the first row tells how long a character takes.
    line: Option<Box<dyn Line>>,
    zero_us: i64,
    row: u64,
    /// Bytes of the rows before this one.
    offset: u64,
    text: Vec<u8>,
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
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(first) = std::str::from_utf8(first) else {
        return false;
    };
    is_header(first) || parse(first).is_ok()
}

impl SerialCsv {
    pub(crate) fn new(opening: Opening<'_>, listen: Listen) -> Self {
        let Opening { input, source, zero_us, .. } = opening;
        let input = BufReader::with_capacity(input.buffer_len().min(64 << 10), input);
        Self { input, source, listen, line: None, zero_us, row: 0, offset: 0, text: Vec::new() }
    }

    /// The next row without its end; nothing at the end of the file.
    fn next_row(&mut self) -> Result<bool, String> {
        use std::io::Read;
        self.text.clear();
        let mut limited = (&mut self.input).take(ROW_LEN_MAX);
        let len = limited.read_until(b'\n', &mut self.text).map_err(|error| error.to_string())?;
        if len as u64 == ROW_LEN_MAX {
            return Err(format!("expected a row of less than {ROW_LEN_MAX} bytes"));
        }
        self.offset += len as u64;
        self.row += u64::from(len > 0);
        Ok(len > 0)
    }

    fn take_row(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let text = std::str::from_utf8(&self.text).map_err(|_| "expected text".to_owned())?.trim();
        if text.is_empty() || (self.row == 1 && is_header(text)) {
            return Ok(());
        }
        let character = parse(text)?;
        let line = self.line.get_or_insert_with(|| {
            let len_us = character.end_us.saturating_sub(character.start_us);
            let character_us = u32::try_from(len_us).unwrap_or(0);
            (self.listen)(self.source.clone(), Counting::Rows, Some(character_us))
        });
        let stamp = Stamp {
            start_us: character.start_us.saturating_add(self.zero_us),
            end_us: character.end_us.saturating_add(self.zero_us),
            number: self.row,
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
        let row_offset = self.offset;
        let result = self.next_row().and_then(|is_there| {
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
                let (source, row) = (&self.source, self.row);
                Err(Failure::Damaged(format!("{source}: row {row}, byte {row_offset}: {message}")))
            }
        }
    }
}

fn is_header(text: &str) -> bool {
    text.trim().trim_start_matches('\u{FEFF}').eq_ignore_ascii_case(HEADER)
}

fn parse(text: &str) -> Result<Character<'_>, String> {
    let mut columns = text.trim().split(',').map(str::trim);
    let mut next =
        |name| columns.next().ok_or_else(|| format!("expected {HEADER}, {name} is missing"));
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
        return Err(format!("expected {HEADER}, got more columns"));
    }
    Ok(Character { start_us, end_us, byte, wire })
}

/// Microseconds with or without a fraction, rounded down.
fn micros(text: &str) -> Result<i64, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let us: i64 = whole
        .parse()
        .ok()
        .filter(|_| is_number)
        .ok_or_else(|| format!("expected microseconds, got `{text}`"))?;
    let is_below = text.starts_with('-') && fraction.bytes().any(|byte| byte != b'0');
    Ok(if is_below { us.saturating_sub(1) } else { us })
}
