//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  incident-timeline plant.pcapng                          Modbus TCP from a capture
  incident-timeline --port 1502 plant.pcap                ... on another port
  incident-timeline --rtu-over-tcp 4001 gateway.pcap      RTU frames through a TCP connection
  incident-timeline line.csv                              serial bytes: start_us,end_us,byte_hex,line
  incident-timeline --align line.csv=1763776942000000 plant.pcap line.csv
                                                          ... merged with a capture by time
  incident-timeline --baud 19200 line.bin                 raw RTU bytes without times
  tcpdump -i eth0 -U -w - port 502 | incident-timeline -  live
  incident-timeline decode rtu 11 03 00 6B 00 03 76 87    one frame, at once
  incident-timeline decode ascii :1103006B00037E
  incident-timeline decode tcp 00 01 00 00 00 06 11 03 00 6B 00 03

Exit codes: 0 read to the end; 1 damaged evidence, after what could be read, or an off-spec frame to decode;
2 not understood; 130 interrupted.";

/// One timeline of what was recorded: what happened, in which order, what it means.
#[derive(Debug, Parser)]
#[command(name = "incident-timeline", version, after_help = EXAMPLES, args_conflicts_with_subcommands = false)]
#[command(subcommand_negates_reqs = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,

    /// Prints the completions of a shell, and nothing else.
    #[arg(long, value_name = "SHELL")]
    pub(crate) completions: Option<Shell>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Files to read, recognised by their content; `-` is standard input. A file called `decode` is `./decode`.
    #[arg(value_name = "EVIDENCE", required_unless_present = "completions")]
    pub(crate) evidence: Vec<PathBuf>,
}

/// What holds for every evidence, before or after it on the command line.
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

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Decodes one whole frame given in hex (ascii: as its text), once for each direction that it fits.
    Decode {
        /// What it is.
        kind: Kind,
        /// The frame; blanks, `:`, `-`, `_` and `0x` do not matter.
        #[arg(required = true, value_name = "HEX-OR-TEXT")]
        text: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Modbus RTU, CRC included.
    Rtu,
    /// Modbus ASCII; `:` and CR LF may be left out.
    Ascii,
    /// Modbus TCP, MBAP header included.
    Tcp,
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
