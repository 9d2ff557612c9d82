//! The log of a firmware with `watchdog-core`, as CSV: `t_us,record,name,value`, a header or none.
//!
//! ```text
//! record    name                  value
//! plan                            the fingerprint of the plan whose names follow, in hex
//! entity    of a supervised one   its number
//! section   of a guarded one      its number
//! boot                            a verdict of a boot, encoded, in hex
//! bench     of an entity          its profile on the bench, encoded, in hex
//! field     of an entity          its profile in the field, encoded, in hex
//! ```

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::rc::Rc;

use super::event::Measuring;
use super::names::Names;
use super::one::{of_boot, of_profile};
use crate::event::{Event, Lane};
use crate::evidence::one::hexadecimal;
use crate::evidence::{Evidence, Opening};
use crate::failure::Failure;
use crate::input::{Input, is_interrupted};
use crate::lane::LaneEvent;
use crate::place::{At, Place, Wire};

const HEADER: &str = "t_us,record,name,value";
/// Longer than the longest record: 254 entities and 254 owners are 3,132 bytes.
const ROW_LEN_MAX: u64 = 8192;

pub(crate) struct Log {
    input: BufReader<Input>,
    source: Rc<str>,
    wire: Rc<Wire>,
    zero_us: i64,
    row: u64,
    /// Bytes of the rows before this one.
    row_offset: u64,
    /// Bytes of the records before this one.
    offset: u64,
    names: Rc<Names>,
    text: Vec<u8>,
}

/// Whether a file that begins so is one of these.
pub(crate) fn is_log(head: &[u8]) -> bool {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(first) = std::str::from_utf8(first) else { return false };
    is_header(first) || Row::parse(first).is_ok()
}

struct Row<'a> {
    t_us: i64,
    record: Record,
    name: &'a str,
    value: &'a str,
}

#[derive(Clone, Copy)]
enum Record {
    Plan,
    Entity,
    Section,
    Boot,
    Profile(Measuring),
}

impl<'a> Row<'a> {
    fn parse(text: &'a str) -> Result<Self, String> {
        let columns: Vec<&str> = text.trim().split(',').map(str::trim).collect();
        let Ok([t_us, record, name, value]) = <[&str; 4]>::try_from(columns) else {
            return Err(format!("expected {HEADER}"));
        };
        let t_us =
            t_us.parse().map_err(|_| format!("t_us: expected microseconds, got `{t_us}`"))?;
        let record = match record {
            "plan" => Record::Plan,
            "entity" => Record::Entity,
            "section" => Record::Section,
            "boot" => Record::Boot,
            "bench" => Record::Profile(Measuring::Bench),
            "field" => Record::Profile(Measuring::Field),
            other => {
                return Err(format!(
                    "record: expected plan, entity, section, boot, bench or field, got `{other}`"
                ));
            }
        };
        Ok(Self { t_us, record, name, value })
    }
}

impl Log {
    pub(crate) fn new(opening: Opening<'_>) -> Self {
        let Opening { input, source, zero_us, .. } = opening;
        let input = BufReader::with_capacity(input.buffer_len().min(64 << 10), input);
        let wire = Rc::new(Wire::named("watchdog"));
        let names = Rc::default();
        Self {
            input,
            source,
            wire,
            zero_us,
            row: 0,
            row_offset: 0,
            offset: 0,
            names,
            text: Vec::new(),
        }
    }

    /// The next row; nothing at the end of the file.
    fn next_row(&mut self) -> Result<bool, String> {
        self.text.clear();
        let mut limited = (&mut self.input).take(ROW_LEN_MAX);
        let len = limited.read_until(b'\n', &mut self.text).map_err(|error| error.to_string())?;
        if len as u64 == ROW_LEN_MAX {
            return Err(format!("expected a row of less than {ROW_LEN_MAX} bytes"));
        }
        self.row += u64::from(len > 0);
        Ok(len > 0)
    }

    fn take_row(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let text = std::str::from_utf8(&self.text).map_err(|_| "expected text".to_owned())?.trim();
        if text.is_empty() || self.row == 1 && is_header(text) {
            return Ok(());
        }
        let Row { t_us, record, name, value } = Row::parse(text)?;
        let what = match record {
            Record::Plan => {
                let fingerprint = u32::from_str_radix(value, 16)
                    .map_err(|_| format!("value: expected a fingerprint in hex, got `{value}`"))?;
                self.names = Rc::new(Names { fingerprint: Some(fingerprint), ..Names::default() });
                return Ok(());
            }
            Record::Entity | Record::Section => {
                let number = value
                    .parse()
                    .map_err(|_| format!("value: expected a number, got `{value}`"))?;
                let names = Rc::make_mut(&mut self.names);
                let list = match record {
                    Record::Entity => &mut names.entities,
                    _ => &mut names.sections,
                };
                list.retain(|(other, _)| *other != number);
                list.push((number, name.to_owned()));
                return Ok(());
            }
            Record::Boot => of_boot(bytes(value)?, &self.names),
            Record::Profile(measuring) => of_profile(bytes(value)?, measuring, name),
        };
        let (source, wire) = (self.source.clone(), self.wire.clone());
        let place = Place { source, wire, offset: self.offset, at: At::Row(self.row) };
        self.offset += what.bytes_len().unwrap_or(0);
        let t_us = Some(t_us.saturating_add(self.zero_us));
        events.push_back(Event { t_us, place: Some(place), what: Lane::Watchdog(what) });
        Ok(())
    }
}

impl Evidence for Log {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        let result = self.next_row().and_then(|is_there| {
            if is_there {
                self.take_row(events)?;
            }
            Ok(is_there)
        });
        let offset = self.row_offset;
        self.row_offset += self.text.len() as u64;
        match result {
            Err(_) if is_interrupted() => Ok(false),
            Err(message) => {
                let (source, row) = (&self.source, self.row);
                Err(Failure::Damaged(format!("{source}: row {row}, byte {offset}: {message}")))
            }
            Ok(is_there) => Ok(is_there),
        }
    }
}

fn is_header(text: &str) -> bool {
    text.trim().trim_start_matches('\u{FEFF}').eq_ignore_ascii_case(HEADER)
}

fn bytes(value: &str) -> Result<Vec<u8>, String> {
    hexadecimal(value).map_err(|failure| match failure {
        Failure::Refused(message) => format!("value: {message}"),
        _ => "value: expected hexadecimal digits".to_owned(),
    })
}
