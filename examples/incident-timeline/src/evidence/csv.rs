//! Rows of CSV: a header or none, rows that are blank, and where a row is.

use std::io::{BufRead, BufReader, Read};

use crate::failure::Failure;
use crate::input::Input;

/// The columns of a kind of CSV, and how long a row can be.
#[derive(Clone, Copy)]
pub(crate) struct Format {
    pub(crate) header: &'static str,
    pub(crate) row_len_max: u64,
}

/// The rows of a file.
pub(crate) struct Rows {
    input: BufReader<Input>,
    format: Format,
    /// The number of the row, from 1.
    number: u64,
    /// Bytes of the rows before it.
    offset: u64,
    text: Vec<u8>,
}

impl Format {
    /// Whether a file that begins so has rows of this format: a header, or a row that can be parsed.
    pub(crate) fn is_of(self, head: &[u8], parse: impl FnOnce(&str) -> bool) -> bool {
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        std::str::from_utf8(first).is_ok_and(|first| self.is_header(first) || parse(first))
    }

    fn is_header(self, text: &str) -> bool {
        text.trim().trim_start_matches('\u{FEFF}').eq_ignore_ascii_case(self.header)
    }
}

impl Rows {
    pub(crate) fn new(input: Input, format: Format) -> Self {
        let input = BufReader::with_capacity(input.buffer_len().min(64 << 10), input);
        Self { input, format, number: 0, offset: 0, text: Vec::new() }
    }

    /// Reads the next row. False at the end of the file.
    pub(crate) fn read(&mut self) -> Result<bool, String> {
        self.offset += self.text.len() as u64;
        self.text.clear();
        let max = self.format.row_len_max;
        let mut limited = (&mut self.input).take(max);
        let len = limited.read_until(b'\n', &mut self.text).map_err(|error| error.to_string())?;
        if len as u64 == max {
            return Err(format!("expected a row of less than {max} bytes"));
        }
        self.number += u64::from(len > 0);
        Ok(len > 0)
    }

    /// The text of the row; nothing of a header or a blank row.
    pub(crate) fn text(&self) -> Result<Option<&str>, String> {
        let text = std::str::from_utf8(&self.text).map_err(|_| "expected text".to_owned())?.trim();
        let is_header = self.number == 1 && self.format.is_header(text);
        Ok(Some(text).filter(|text| !text.is_empty() && !is_header))
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The failure of a row, with its number and its place in the file.
    pub(crate) fn damaged(&self, source: &str, message: &str) -> Failure {
        let Self { number, offset, .. } = self;
        Failure::Damaged(format!("{source}: row {number}, byte {offset}: {message}"))
    }
}

/// Microseconds with or without a fraction, rounded down.
pub(crate) fn micros(text: &str) -> Result<i64, String> {
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
