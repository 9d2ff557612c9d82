//! The timeline for people: findings first, then a line an event, then the counts.

use std::io::{self, Write};
use std::time::{Duration, UNIX_EPOCH};

use anstyle::{AnsiColor, Style as Ansi};
use modbus_codec::{ExceptionCode, FunctionCode};
use serde_json::Value;

use crate::event::{Adu, At, Body, Discarded, Event, Place, hex};
use crate::findings::{Finding, Severity};
use crate::modbus::fields::Fields;

#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) has_colour: bool,
    pub(super) is_utc: bool,
}

const PLAIN: Ansi = Ansi::new();
const FAULT: Ansi = AnsiColor::Red.on_default().bold();
const WARNING: Ansi = AnsiColor::Yellow.on_default();
const DIM: Ansi = Ansi::new().dimmed();

/// More data than this is shown by its beginning.
const DATA_SHOWN: usize = 16;
const LIST_SHOWN: usize = 10;

/// A damaged capture can have any time; dates end here.
const YEAR_10_000_US: u64 = 253_402_300_800_000_000;

/// What was told, by kind.
#[derive(Debug, Default)]
pub(super) struct Counts {
    requests: u64,
    responses: u64,
    exceptions: u64,
    unanswered: u64,
    off_spec: u64,
    discarded: u64,
    discarded_bytes: u64,
}

impl Counts {
    pub(super) fn take(&mut self, event: &Event) {
        match &event.body {
            // What is off-spec is never counted as good.
            Body::Adu(adu) if adu.off_spec.is_some() => self.off_spec += 1,
            Body::Adu(adu) if adu.is_request => self.requests += 1,
            Body::Adu(adu) if adu.exception_code().is_some() => self.exceptions += 1,
            Body::Adu(_) => self.responses += 1,
            Body::Unanswered(_) => self.unanswered += 1,
            Body::Discarded(discarded) => {
                self.discarded += 1;
                self.discarded_bytes += discarded.data.len() as u64;
            }
        }
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{} requests, {} responses, {} exceptions, {} unanswered, {} off-spec, \
             {} stretches of {} bytes discarded",
            self.requests,
            self.responses,
            self.exceptions,
            self.unanswered,
            self.off_spec,
            self.discarded,
            self.discarded_bytes
        )
    }
}

pub(super) fn write_findings(
    out: &mut dyn Write,
    findings: &[Finding],
    style: Style,
) -> io::Result<()> {
    if findings.is_empty() {
        return writeln!(out, "No findings.");
    }
    writeln!(out, "Findings, the most important first:")?;
    for (number, finding) in (1..).zip(findings) {
        let ansi = match finding.severity {
            Severity::Fault => FAULT,
            Severity::Warning => WARNING,
            Severity::Note => PLAIN,
        };
        let (on, off) = paint(ansi, style);
        let name = finding.severity.name();
        writeln!(out, "{number:>3}. {on}{name}{off} {}: {}", finding.kind.name(), finding.text)?;
        for place in finding.evidence.iter().take(3) {
            writeln!(out, "       {}", show_place(place))?;
        }
        if finding.evidence.len() > 3 {
            writeln!(out, "       and {} more places", finding.evidence.len() - 3)?;
        }
    }
    writeln!(out)
}

pub(super) fn write_event(
    out: &mut dyn Write,
    event: &Event,
    first_us: i64,
    style: Style,
) -> io::Result<()> {
    if let Some(t_us) = event.t_us {
        write!(out, "{}  ", show_time(t_us, first_us, style))?;
    }
    if let Some(place) = &event.place {
        let (on, off) = paint(DIM, style);
        let number = match place.at {
            At::Packet(packet) => format!("packet {packet}"),
            At::Row(row) => format!("row {row}"),
            At::Offset => format!("byte {}", place.offset),
        };
        write!(out, "{on}{:<12} {}{off}  ", number, place.wire)?;
    }
    match &event.body {
        Body::Adu(adu) => write_adu(out, adu, style),
        Body::Unanswered(unanswered) => {
            let (on, off) = paint(FAULT, style);
            let age = event.t_us.unwrap_or(0).saturating_sub(unanswered.request_t_us);
            writeln!(
                out,
                "{on}unanswered{off} unit {} {}, asked {} before",
                unanswered.unit,
                show_function(unanswered.function),
                show_duration(age)
            )
        }
        Body::Discarded(discarded) => write_discarded(out, discarded, style),
    }
}

fn write_adu(out: &mut dyn Write, adu: &Adu, style: Style) -> io::Result<()> {
    let name = if adu.is_request { "request " } else { "response" };
    write!(out, "{name} unit {:<3} {}", adu.unit, show_function(adu.function()))?;
    if let Some(code) = adu.exception_code() {
        let (on, off) = paint(WARNING, style);
        write!(out, " {on}exception {}{off}", ExceptionCode::new(code))?;
    } else if let Ok(Value::Object(fields)) = serde_json::to_value(Fields(adu)) {
        for (name, value) in &fields {
            write!(out, " {name}={}", show_value(value))?;
        }
    }
    if let Some(latency_us) = adu.latency_us {
        write!(out, " after {}", show_duration(latency_us))?;
    }
    if let Some(error) = adu.off_spec {
        let (on, off) = paint(FAULT, style);
        write!(out, " {on}off-spec: {error}{off}")?;
    }
    writeln!(out)
}

fn write_discarded(out: &mut dyn Write, discarded: &Discarded, style: Style) -> io::Result<()> {
    let (on, off) = paint(WARNING, style);
    let shown = discarded.data.get(..DATA_SHOWN).unwrap_or(&discarded.data);
    let more = if shown.len() < discarded.data.len() { "..." } else { "" };
    write!(
        out,
        "{on}discarded{off} {} bytes, {}: {}{more}",
        discarded.data.len(),
        discarded.reason.name(),
        hex(shown)
    )?;
    if let Some(error) = discarded.off_spec {
        write!(out, " off-spec either way: {error}")?;
    }
    writeln!(out)
}

fn show_function(function: u8) -> String {
    let function = FunctionCode::new(function);
    match function.name() {
        Some(name) => format!("{function} {name}"),
        None => format!("{function}"),
    }
}

fn show_value(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let show = |value: &Value| match value {
                Value::Bool(value) => u8::from(*value).to_string(),
                other => show_value(other),
            };
            let shown: Vec<_> = values.iter().take(LIST_SHOWN).map(show).collect();
            let more = if values.len() > LIST_SHOWN { " ..." } else { "" };
            format!("[{}{more}]", shown.join(" "))
        }
        Value::Object(fields) => {
            let shown: Vec<_> = fields
                .iter()
                .map(|(name, value)| format!("{name}={}", show_value(value)))
                .collect();
            format!("({})", shown.join(" "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn show_place(place: &Place) -> String {
    let source = &place.source;
    match place.at {
        At::Packet(packet) => format!("{source}: packet {packet}, {}", place.wire),
        At::Row(row) => format!("{source}: row {row}, {}", place.wire),
        At::Offset => format!("{source}: byte {}", place.offset),
    }
}

fn show_time(t_us: i64, first_us: i64, style: Style) -> String {
    if let (true, Some(us)) =
        (style.is_utc, u64::try_from(t_us).ok().filter(|us| *us < YEAR_10_000_US))
    {
        let time = UNIX_EPOCH + Duration::from_micros(us);
        return humantime::format_rfc3339_micros(time).to_string();
    }
    let us = t_us.saturating_sub(first_us);
    let (sign, us) = (if us < 0 { '-' } else { '+' }, us.unsigned_abs());
    let seconds = format!("{sign}{}", us / 1_000_000);
    format!("{seconds:>5}.{:06} s", us % 1_000_000)
}

/// A duration with the unit that suits it.
pub(crate) fn show_duration(us: i64) -> String {
    match us {
        ..10_000 => format!("{us} us"),
        10_000..10_000_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
    }
}

fn paint(ansi: Ansi, style: Style) -> (String, String) {
    if style.has_colour {
        (ansi.render().to_string(), ansi.render_reset().to_string())
    } else {
        (String::new(), String::new())
    }
}
