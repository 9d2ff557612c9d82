//! The timeline for people: findings first, then a line an event, then the counts.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::time::{Duration, UNIX_EPOCH};

use anstyle::{AnsiColor, Style as Ansi};

use super::sink::{BUFFER_LEN, Sink};
use crate::describe::{Describe, Field, Hex, Text, Value, Visitor};
use crate::event::Event;
use crate::evidence::unread::Unread;
use crate::finding::{Finding, State};
use crate::place::{At, Place};
use crate::printable::Printable;
use crate::severity::Severity;

#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) has_colour: bool,
    pub(super) is_utc: bool,
}

const FAULT: Ansi = AnsiColor::Red.on_default().bold();
const WARNING: Ansi = AnsiColor::Yellow.on_default();
const DIM: Ansi = Ansi::new().dimmed();

/// A longer list is shown by its beginning.
const LIST_SHOWN: usize = 10;
/// How many places of a finding are shown.
const PLACES_SHOWN: usize = 3;

/// As many kinds of packets that were not read are named.
const UNREAD_SHOWN: usize = 4;
/// The findings are wrapped at this column.
const WIDTH: usize = 100;
/// Before the lines of a finding but the first.
const INDENT: &str = "       ";
/// Times before this have no date: they count from the beginning of a recording.
const YEAR_1971_US: i64 = 31_536_000_000_000;

/// A damaged capture can have any time; dates end here.
const YEAR_10_000_US: u64 = 253_402_300_800_000_000;

pub(super) struct TextSink<W: Write> {
    out: BufWriter<W>,
    style: Style,
    is_live: bool,
    /// The events, until the findings that go before them are known. On disk: they can be many.
    waiting: Option<BufWriter<File>>,
    /// The time of the first event, from which the others are counted.
    first_us: Option<i64>,
}

impl<W: Write> TextSink<W> {
    /// With `waits`, events are written after the findings.
    pub(super) fn new(out: W, style: Style, is_live: bool, waits: bool) -> io::Result<Self> {
        let waiting = if waits {
            Some(BufWriter::with_capacity(BUFFER_LEN, tempfile::tempfile()?))
        } else {
            None
        };
        let out = BufWriter::with_capacity(BUFFER_LEN, out);
        Ok(Self { out, style, is_live, waiting, first_us: None })
    }

    fn now(&mut self) -> &mut dyn Write {
        match &mut self.waiting {
            Some(waiting) => waiting,
            None => &mut self.out,
        }
    }
}

impl<W: Write> Sink for TextSink<W> {
    fn begin_relative(&mut self, source: &str) -> io::Result<()> {
        self.first_us = None;
        // A date would be of 1970.
        self.style.is_utc = false;
        let source = Printable(source);
        writeln!(self.now(), "{source}: times are since the beginning of the recording")
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        let first_us = *self.first_us.get_or_insert(event.t_us.unwrap_or(0));
        let style = self.style;
        write_event(self.now(), event, first_us, style)?;
        if self.is_live { self.out.flush() } else { Ok(()) }
    }

    fn finish(
        &mut self,
        unread: &[Unread],
        findings: &[Finding],
        counts: &mut dyn Iterator<Item = String>,
    ) -> io::Result<()> {
        write_unread(&mut self.out, unread)?;
        write_findings(&mut self.out, findings, !unread.is_empty(), self.style)?;
        if let Some(waiting) = self.waiting.take() {
            let mut file = waiting.into_inner()?;
            file.seek(SeekFrom::Start(0))?;
            io::copy(&mut file, &mut self.out)?;
        }
        for line in counts {
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()
    }
}

/// What was not read comes first: nothing is known of it.
fn write_unread(out: &mut dyn Write, unread: &[Unread]) -> io::Result<()> {
    for (number, part) in unread.iter().enumerate() {
        if number == UNREAD_SHOWN {
            let packets: u64 = unread.iter().skip(number).map(|part| part.packets).sum();
            return writeln!(out, "Not read: {packets} packets of other kinds.");
        }
        let Unread { source, what, packets, hint } = part;
        let noun = if *packets == 1 { "packet" } else { "packets" };
        let text = match hint {
            Some(hint) => format!("Not read: {packets} {noun} on {what}: try {hint}."),
            None => format!("Not read: {packets} {noun}, {what}."),
        };
        let _ = source;
        wrap(out, 0, &Printable(text).to_string())?;
    }
    Ok(())
}

fn write_findings(
    out: &mut dyn Write,
    findings: &[Finding],
    is_partly: bool,
    style: Style,
) -> io::Result<()> {
    if findings.is_empty() {
        let of = if is_partly { " in what was read" } else { "" };
        return writeln!(out, "No findings{of}.");
    }
    writeln!(out, "Findings, the most important first:")?;
    for (number, finding) in (1..).zip(findings) {
        let severity = Painted(finding.severity.into(), style, finding.severity.name());
        write!(out, "{number:>3}. {severity} ")?;
        let head_len = 5 + finding.severity.name().len() + 1;
        let (kind, blame) = (finding.kind, finding.blame.name());
        wrap(out, head_len, &format!("{kind} ({blame}): {}", Printable(&finding.text)))?;
        write!(out, "{INDENT}")?;
        let told = format!("{}; check first: {}", When(finding), Printable(&finding.check));
        wrap(out, INDENT.len(), &told)?;
        for place in finding.evidence.iter().take(PLACES_SHOWN) {
            writeln!(out, "{INDENT}{}", Printable(ShownPlace(place)))?;
        }
        if let Some(more @ 1..) = finding.evidence.len().checked_sub(PLACES_SHOWN) {
            writeln!(out, "{INDENT}and {more} more places")?;
        }
    }
    writeln!(out)
}

/// Writes a text that begins in this column, in lines of at most [`WIDTH`] columns that go on below its beginning.
fn wrap(out: &mut dyn Write, mut column: usize, text: &str) -> io::Result<()> {
    for (index, word) in text.split(' ').enumerate() {
        let len = word.chars().count();
        if index > 0 && column + 1 + len > WIDTH {
            write!(out, "\n{INDENT}")?;
            column = INDENT.len();
        } else if index > 0 {
            write!(out, " ")?;
            column += 1;
        }
        write!(out, "{word}")?;
        column += len;
    }
    writeln!(out)
}

/// When a finding was so, and what became of it.
struct When<'a>(&'a Finding);

impl fmt::Display for When<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = self.0;
        let Some(first_us) = finding.t_us else { return f.write_str("at an unknown time") };
        let last_us = finding.last_us.filter(|last_us| *last_us > first_us);
        match (finding.state, last_us) {
            (State::Still, _) => write!(f, "since {}, still so", OfDay(first_us)),
            (State::Since, _) => write!(f, "at {}", OfDay(first_us)),
            (State::Recovered, None) => write!(f, "at {}, well again", OfDay(first_us)),
            (State::Recovered, Some(last_us)) => {
                write!(f, "from {} to {}, well again", OfDay(first_us), OfDay(last_us))
            }
        }
    }
}

/// The time of day where there is a date, else the time since the beginning of the recording.
struct OfDay(i64);

impl fmt::Display for OfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0;
        if us < YEAR_1971_US {
            let (sign, us) = (if us < 0 { '-' } else { '+' }, us.unsigned_abs());
            return write!(f, "{sign}{}.{:03} s", us / 1_000_000, us % 1_000_000 / 1_000);
        }
        let second = us / 1_000_000 % 86_400;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{hour:02}:{minute:02}:{second:02} UTC")
    }
}

pub(super) fn write_event(
    out: &mut dyn Write,
    event: &Event,
    first_us: i64,
    style: Style,
) -> io::Result<()> {
    if let Some(t_us) = event.t_us {
        write!(out, "{}  ", ShownTime { t_us, first_us, is_utc: style.is_utc })?;
    }
    if let Some(place) = &event.place {
        let number = match place.at {
            At::Packet(packet) => format!("packet {packet}"),
            At::Row(row) | At::RowPart(row) => format!("row {row}"),
            At::Offset => format!("byte {}", place.offset),
        };
        let place = format_args!("{number:<12} {}", Printable(&place.wire));
        write!(out, "{}  ", Painted(DIM, style, place))?;
    }
    let what = event.what.event();
    match what.severity() {
        Some(severity) => write!(out, "{}", Painted(severity.into(), style, what.name()))?,
        None => write!(out, "{:<8}", what.name())?,
    }
    let mut words = Words { out, style, result: Ok(()) };
    what.describe(&mut words);
    words.result?;
    writeln!(out)
}

/// The words of an event's fields, up to the first that cannot be written.
struct Words<'a> {
    out: &'a mut dyn Write,
    style: Style,
    result: io::Result<()>,
}

impl Visitor for Words<'_> {
    fn field(&mut self, field: Field<'_>) {
        if self.result.is_err() {
            return;
        }
        self.result = match (field.text, field.value) {
            (Text::Hidden, _) => Ok(()),
            (Text::Pair, Value::Object(object)) => {
                object.describe(self);
                return;
            }
            (Text::Pair, value) => write!(self.out, " {}={}", field.name, Shown(&value)),
            (Text::Words(words), _) => write!(self.out, " {words}"),
            (Text::Marked(severity, words), _) => {
                write!(self.out, " {}", Painted(severity.into(), self.style, words))
            }
        };
    }
}

/// A value in words.
struct Shown<'a>(&'a Value<'a>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Unsigned(number) => write!(f, "{number}"),
            Value::Signed(number) => write!(f, "{number}"),
            Value::Text(text) => Printable(text).fmt(f),
            Value::Hex(bytes) => Hex(bytes).fmt(f),
            Value::Bits { bytes, count } => write_list(f, Value::bits(bytes, *count).map(u8::from)),
            Value::Words(bytes) => write_list(f, Value::words(bytes)),
            Value::Object(object) => ShownObject(*object).fmt(f),
            Value::Objects(objects) => {
                write_list(f, objects.iter().map(|object| ShownObject(*object)))
            }
        }
    }
}

fn write_list(
    f: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = impl fmt::Display>,
) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.enumerate() {
        if index == LIST_SHOWN {
            f.write_str(" ...")?;
            break;
        }
        write!(f, "{}{item}", if index == 0 { "" } else { " " })?;
    }
    f.write_str("]")
}

struct ShownObject<'a>(&'a dyn Describe);

impl fmt::Display for ShownObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pairs = Pairs(Vec::new());
        self.0.describe(&mut pairs);
        write!(f, "({})", pairs.0.join(" "))
    }
}

struct Pairs(Vec<String>);

impl Visitor for Pairs {
    fn field(&mut self, field: Field<'_>) {
        self.0.push(format!("{}={}", field.name, Shown(&field.value)));
    }
}

struct ShownPlace<'a>(&'a Place);

impl fmt::Display for ShownPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { source, wire, offset, at } = self.0;
        match at {
            At::Packet(packet) => write!(f, "{source}: packet {packet}, {wire}"),
            At::Row(row) => write!(f, "{source}: row {row}, {wire}"),
            At::RowPart(row) => write!(f, "{source}: row {row}, byte {offset}, {wire}"),
            At::Offset => write!(f, "{source}: byte {offset}"),
        }
    }
}

struct ShownTime {
    t_us: i64,
    first_us: i64,
    is_utc: bool,
}

impl fmt::Display for ShownTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date_us = u64::try_from(self.t_us).ok().filter(|us| *us < YEAR_10_000_US);
        if let (true, Some(us)) = (self.is_utc, date_us) {
            let time = UNIX_EPOCH + Duration::from_micros(us);
            return write!(f, "{}", humantime::format_rfc3339_micros(time));
        }
        let us = self.t_us.saturating_sub(self.first_us);
        let (sign, us) = (if us < 0 { '-' } else { '+' }, us.unsigned_abs());
        let seconds = format!("{sign}{}", us / 1_000_000);
        write!(f, "{seconds:>5}.{:06} s", us % 1_000_000)
    }
}

/// Words in a colour, if the output has colours.
struct Painted<T>(Ansi, Style, T);

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ansi, style, words) = self;
        if style.has_colour {
            write!(f, "{}{words}{}", ansi.render(), ansi.render_reset())
        } else {
            words.fmt(f)
        }
    }
}

impl From<Severity> for Ansi {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Fault => FAULT,
            Severity::Warning => WARNING,
        }
    }
}
