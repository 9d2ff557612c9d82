//! Outputs: the same timeline for people and for programs.

mod jsonl;
mod sink;
mod text;

pub(crate) use self::sink::Sink;

use std::io::{self, Write};

use crate::event::Event;
use crate::options::{Format, Options};

/// Begins the output that the options ask for. A live one is written event by event.
pub(crate) fn open(options: &Options, is_live: bool) -> io::Result<Box<dyn Sink>> {
    Ok(match options.format {
        Format::Text => {
            let style = text::Style { has_colour: has_colour(), is_utc: options.utc };
            let waits = !is_live && !options.summary;
            Box::new(text::TextSink::new(io::stdout(), style, is_live, waits)?)
        }
        Format::Jsonl => Box::new(jsonl::JsonlSink::new(io::stdout(), is_live)),
    })
}

/// Writes single events without times.
pub(crate) fn write_events(options: &Options, events: &[Event]) -> io::Result<()> {
    let mut out = Vec::new();
    for event in events {
        match options.format {
            Format::Text => {
                let style = text::Style { has_colour: has_colour(), is_utc: false };
                text::write_event(&mut out, event, 0, style)?;
            }
            Format::Jsonl => jsonl::write_event(&mut out, event)?,
        }
    }
    let mut stdout = io::stdout().lock();
    stdout.write_all(&out)?;
    stdout.flush()
}

/// Does all that an output of each format does with an event, but for the writing.
pub(crate) fn show_nobody(event: &Event) {
    let style = text::Style { has_colour: true, is_utc: true };
    let _ = text::write_event(&mut io::sink(), event, 0, style);
    let _ = jsonl::write_event(&mut io::sink(), event);
}

/// Only on a terminal, and not where `NO_COLOR` is set.
fn has_colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}
