//! The log of a firmware as CSV: `t_us,record,name,value`, a header or none. Each lane knows its records.

use std::collections::VecDeque;
use std::rc::Rc;

use super::csv::{self, Format};
use super::one::hexadecimal;
use super::{Evidence, Opening};
use crate::event::{Event, Lane};
use crate::failure::Failure;
use crate::input::is_interrupted;
use crate::place::{At, Place, Wire};

/// The longest record is a journal of 16,384 entries: 524,288 digits.
const FORMAT: Format = Format { header: "t_us,record,name,value", row_len_max: 1 << 20 };

/// The records of a lane.
pub(crate) struct LaneLog {
    /// Their names, in the second column.
    pub(crate) records: &'static [&'static str],
    /// The wire of their events.
    pub(crate) wire: &'static str,
    /// Begins to read them.
    pub(crate) open: fn() -> Box<dyn Rows>,
}

/// The rows of one lane's records.
pub(crate) trait Rows {
    /// Takes the next one, and says what it tells.
    fn take(&mut self, row: &Row<'_>) -> Result<Vec<Told>, String>;
}

/// An event of a row.
pub(crate) struct Told {
    pub(crate) t_us: i64,
    /// Bytes from the first one of the record's value.
    pub(crate) offset: u64,
    pub(crate) what: Lane,
}

/// A row.
pub(crate) struct Row<'a> {
    pub(crate) t_us: i64,
    pub(crate) record: &'a str,
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

impl Row<'_> {
    /// The value as a number.
    pub(crate) fn number(&self) -> Result<u8, String> {
        let value = self.value;
        value.parse().map_err(|_| format!("value: expected a number, got `{value}`"))
    }

    /// The value as bytes in hex.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, String> {
        hexadecimal(self.value).map_err(|failure| match failure {
            Failure::Refused(message) => format!("value: {message}"),
            _ => "value: expected hexadecimal digits".to_owned(),
        })
    }
}

/// Whether a file that begins so is a log.
pub(crate) fn is_log(head: &[u8], lanes: &[LaneLog]) -> bool {
    FORMAT.is_of(head, |first| parse(first, lanes).is_ok())
}

/// The row, and which of the lanes it is of.
fn parse<'a>(text: &'a str, lanes: &[LaneLog]) -> Result<(Row<'a>, usize), String> {
    let columns: Vec<&str> = text.trim().split(',').map(str::trim).collect();
    let Ok([t_us, record, name, value]) = <[&str; 4]>::try_from(columns) else {
        return Err(format!("expected {}", FORMAT.header));
    };
    let t_us = t_us.parse().map_err(|_| format!("t_us: expected microseconds, got `{t_us}`"))?;
    let Some(lane) = lanes.iter().position(|lane| lane.records.contains(&record)) else {
        let known: Vec<&str> = lanes.iter().flat_map(|lane| lane.records).copied().collect();
        let known = known.join(", ");
        return Err(format!("record: expected one of {known}, got `{record}`"));
    };
    Ok((Row { t_us, record, name, value }, lane))
}

/// A log that is read.
pub(crate) struct Log {
    rows: csv::Rows,
    source: Rc<str>,
    zero_us: i64,
    lanes: &'static [LaneLog],
    open: Vec<OpenLane>,
}

struct OpenLane {
    rows: Box<dyn Rows>,
    wire: Rc<Wire>,
    /// Bytes that the events of the rows before account for.
    offset: u64,
}

impl Log {
    pub(crate) fn new(opening: Opening<'_>, lanes: &'static [LaneLog]) -> Self {
        let Opening { input, source, zero_us, .. } = opening;
        let open = |lane: &LaneLog| OpenLane {
            rows: (lane.open)(),
            wire: Rc::new(Wire::named(lane.wire)),
            offset: 0,
        };
        let open = lanes.iter().map(open).collect();
        Self { rows: csv::Rows::new(input, FORMAT), source, zero_us, lanes, open }
    }

    fn take_row(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let Some(text) = self.rows.text()? else { return Ok(()) };
        let number = self.rows.number();
        let (row, lane) = parse(text, self.lanes)?;
        let Some(lane) = self.open.get_mut(lane) else { return Ok(()) };
        let mut end = lane.offset;
        let told = lane.rows.take(&row)?;
        let at = if told.len() == 1 { At::Row(number) } else { At::RowPart(number) };
        for Told { t_us, offset, what } in told {
            let (source, wire) = (self.source.clone(), lane.wire.clone());
            let offset = lane.offset + offset;
            end = end.max(offset + what.event().bytes_len().unwrap_or(0));
            let place = Some(Place { source, wire, offset, at });
            let t_us = Some(t_us.saturating_add(self.zero_us));
            events.push_back(Event { t_us, place, what });
        }
        lane.offset = end;
        Ok(())
    }
}

impl Evidence for Log {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        let result = self.rows.read().and_then(|is_there| {
            if is_there {
                self.take_row(events)?;
            }
            Ok(is_there)
        });
        match result {
            Err(_) if is_interrupted() => Ok(false),
            Err(message) => Err(self.rows.damaged(&self.source, &message)),
            Ok(is_there) => Ok(is_there),
        }
    }
}
