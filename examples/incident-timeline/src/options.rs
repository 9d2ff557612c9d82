//! The options of a run.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::standard::{Standard, standards};

/// The options, which stand before or after the evidence and the subcommand.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// How to write the timeline.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// A TCP port whose traffic is Modbus TCP; can be given several times.
    #[arg(long = "port", global = true, value_name = "N", default_values_t = [502])]
    pub(crate) ports: Vec<u16>,

    /// A TCP port whose traffic is RTU frames; can be given several times.
    #[arg(long = "rtu-over-tcp", global = true, value_name = "N")]
    pub(crate) rtu_ports: Vec<u16>,

    /// Files of no other kind are raw RTU bytes, recorded at this rate.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) baud: Option<u32>,

    /// Moves a file whose times begin at 0: its 0 is at this time, in microseconds since 1970.
    #[arg(long, global = true, value_name = "FILE=US", value_parser = alignment)]
    pub(crate) align: Vec<(PathBuf, i64)>,

    /// Only what happened at this time or later: microseconds, or 2026-11-22T03:00:00Z.
    #[arg(long, global = true, value_name = "TIME", value_parser = instant)]
    pub(crate) from: Option<i64>,

    /// Only what happened before this time: microseconds, or 2026-11-22T03:00:00Z.
    #[arg(long, global = true, value_name = "TIME", value_parser = instant)]
    pub(crate) to: Option<i64>,

    /// Only this unit; can be given several times.
    #[arg(long = "unit", global = true, value_name = "N")]
    pub(crate) units: Vec<u8>,

    /// The table of a light's codes, in TOML.
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "standard")]
    pub(crate) legend: Option<PathBuf>,

    /// The table or the dialect of a standard or a maker. Without it and `--legend` all are tried.
    #[arg(long, global = true, value_name = "NAME", value_parser = standard())]
    pub(crate) standard: Option<Standard>,

    /// Only this signal of a VCD; can be given several times.
    #[arg(long = "signal", global = true, value_name = "NAME")]
    pub(crate) signals: Vec<String>,

    /// A light as somebody wrote it down, for `decode led`: `.` a flash, `-` a long one, a blank a pause, `/` the pause after a code,
    /// r g y b w a flash in a colour; or `on 250 off 250 x2 off 1000`; or milliseconds, lit first.
    #[arg(long, global = true, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) taps: Option<String>,

    /// Only the findings and the counts.
    #[arg(long, global = true)]
    pub(crate) summary: bool,

    /// Times of the text as date and time in UTC, where they are absolute, instead of since the first event.
    #[arg(long, global = true)]
    pub(crate) utc: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Jsonl,
}

fn standard() -> impl TypedValueParser<Value = Standard> {
    let names = standards().iter().map(|standard| standard.name);
    PossibleValuesParser::new(names).try_map(|name| {
        let found = standards().iter().find(|standard| standard.name == name);
        found.copied().ok_or("neither a table nor a dialect")
    })
}

fn alignment(text: &str) -> Result<(PathBuf, i64), String> {
    let (file, us) = text.rsplit_once('=').ok_or("expected FILE=US")?;
    let us = us.parse().map_err(|_| format!("expected microseconds after `=`, got `{us}`"))?;
    Ok((PathBuf::from(file), us))
}

fn instant(text: &str) -> Result<i64, String> {
    if let Ok(us) = text.parse() {
        return Ok(us);
    }
    let time = humantime::parse_rfc3339_weak(text)
        .map_err(|_| format!("expected microseconds or 2026-11-22T03:00:00Z, got `{text}`"))?;
    let since = time.duration_since(std::time::UNIX_EPOCH).map_err(|_| "before 1970".to_owned())?;
    i64::try_from(since.as_micros()).map_err(|_| "too late".to_owned())
}
