//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::evidence::one::OneKind;
use crate::lanes::{KINDS, ONE_KINDS};
use crate::options::Options;

/// One timeline of what was recorded: what happened, in which order, what it means.
#[derive(Debug, Parser)]
#[command(name = "incident-timeline", version, after_help = after_help(), args_conflicts_with_subcommands = false)]
#[command(subcommand_negates_reqs = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,

    /// Prints the completions of a shell, and nothing else.
    #[arg(long, value_name = "SHELL")]
    pub(crate) completions: Option<Shell>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Files to read, recognised by their content; `-` is standard input. A file called `decode` or `legend` is `./decode`.
    #[arg(value_name = "EVIDENCE", required_unless_present = "completions")]
    pub(crate) evidence: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Decodes one whole frame given in hex (ascii: as its text), once for each direction that it fits; or a light (led): a
    /// recording or a video of it, `--taps`, or the space bar of this terminal.
    Decode {
        /// Its kind.
        #[arg(value_parser = one_kind())]
        kind: &'static OneKind,
        /// The frame; blanks, `:`, `-`, `_` and `0x` do not matter. Of a light its files.
        #[arg(value_name = "HEX-OR-TEXT")]
        text: Vec<String>,
    },
    /// Prints what the codes of a light mean, as a chapter of a manual (Markdown) or as a sticker for the door (SVG).
    Legend(LegendArguments),
}

#[derive(Debug, Args)]
pub(crate) struct LegendArguments {
    /// As Markdown; so it is without an option.
    #[arg(long)]
    pub(crate) markdown: bool,

    /// As a picture of 180 mm.
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) svg: bool,

    /// Its headline, instead of the one in the table.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
}

fn one_kind() -> impl TypedValueParser<Value = &'static OneKind> {
    let values = ONE_KINDS.iter().map(|kind| PossibleValue::new(kind.name).help(kind.help));
    PossibleValuesParser::new(values).try_map(|name| {
        ONE_KINDS.iter().find(|kind| kind.name == name).ok_or("not a kind of frame")
    })
}

fn after_help() -> String {
    let kinds = KINDS.iter().map(|kind| kind.examples);
    let one = ONE_KINDS.iter().map(|kind| kind.examples);
    let live = "  tcpdump -i eth0 -U -w - port 502 | incident-timeline -  live\n";
    let legend = "  incident-timeline legend --standard cia-303-3-err --svg > err.svg\n";
    let examples: String = kinds.chain([live]).chain(one).chain([legend]).collect();
    format!("Examples:\n{examples}\n{EXIT_CODES}")
}

const EXIT_CODES: &str = "\
Exit codes: 0 read to the end; 1 damaged evidence, after what could be read, or an off-spec frame to decode;
2 not understood; 130 interrupted.";
