//! Output: the same events for people and for programs.

mod text;

pub(crate) use self::text::show_duration;

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use crate::cli::{Format, Options};
use crate::event::Event;
use crate::failure::Failure;
use crate::findings::Finding;
use crate::timeline::tells_findings_first;

pub(crate) struct Output {
    format: Format,
    style: text::Style,
    is_live: bool,
    is_summary: bool,
    out: BufWriter<Box<dyn Write>>,
    /// The events of a text, until the findings that go before them are known. On disk: they can be many.
    waiting: Option<BufWriter<File>>,
    counts: text::Counts,
}

impl Output {
    pub(crate) fn new(options: &Options, is_live: bool) -> Result<Self, Failure> {
        let has_colour = options.format == Format::Text && has_colour();
        let waiting = if tells_findings_first(options.format, is_live) && !options.summary {
            let file = tempfile::tempfile().map_err(|error| {
                Failure::Damaged(format!("no room for a temporary file: {error}"))
            })?;
            Some(BufWriter::with_capacity(BUFFER_LEN, file))
        } else {
            None
        };
        Ok(Self {
            format: options.format,
            style: text::Style { has_colour, is_utc: options.utc },
            is_live,
            is_summary: options.summary,
            out: BufWriter::with_capacity(BUFFER_LEN, Box::new(io::stdout())),
            waiting,
            counts: text::Counts::default(),
        })
    }

    /// Says that a source whose times begin at 0 follows.
    pub(crate) fn begin_relative(&mut self, source: &str) -> Result<(), Failure> {
        if self.format == Format::Text && !self.is_summary {
            self.write(|out| {
                writeln!(out, "{source}: times are since the beginning of the recording")
            })?;
        }
        Ok(())
    }

    pub(crate) fn event(&mut self, event: &Event, first_us: i64) -> Result<(), Failure> {
        let (format, style) = (self.format, self.style);
        self.counts.take(event);
        if self.is_summary {
            return Ok(());
        }
        self.write(|out| match format {
            Format::Text => text::write_event(out, event, first_us, style),
            Format::Jsonl => write_json(out, event),
        })?;
        if self.is_live { self.flush() } else { Ok(()) }
    }

    /// Writes the findings where they belong, and all that waited for them.
    pub(crate) fn finish(mut self, findings: &[Finding]) -> Result<(), Failure> {
        let style = self.style;
        match self.format {
            Format::Jsonl => {
                for finding in findings {
                    self.write(|out| write_json(out, finding))?;
                }
            }
            Format::Text => {
                let counts = std::mem::take(&mut self.counts);
                let waiting = self.waiting.take();
                self.write(|out| text::write_findings(out, findings, style))?;
                if let Some(waiting) = waiting {
                    self.write(|out| {
                        let mut file = waiting.into_inner()?;
                        file.seek(SeekFrom::Start(0))?;
                        io::copy(&mut file, out).map(drop)
                    })?;
                }
                self.write(|out| counts.write(out))?;
            }
        }
        self.flush()
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let result = match &mut self.waiting {
            Some(waiting) => write(waiting),
            None => write(&mut self.out),
        };
        result.map_err(|error| Failure::from_output(&error))
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(|error| Failure::from_output(&error))
    }
}

const BUFFER_LEN: usize = 64 << 10;

/// One object a line.
pub(crate) fn write_json(out: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// One event for `decode`, in the format that was asked for.
pub(crate) fn write_one(out: &mut dyn Write, event: &Event, format: Format) -> io::Result<()> {
    match format {
        Format::Jsonl => write_json(out, event),
        Format::Text => {
            let style = text::Style { has_colour: has_colour(), is_utc: false };
            text::write_event(out, event, 0, style)
        }
    }
}

/// Only on a terminal, and not where `NO_COLOR` is set.
fn has_colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}
