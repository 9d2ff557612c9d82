//! `incident-timeline`: one timeline of what was recorded.
//!
//! ```text
//! files ──▶ evidence ──▶ lanes ──▶ events, merged by time ──▶ filters ──▶ detectors ──▶ findings
//!           (captures, lines)                                     └────▶ outputs (text, jsonl)
//! ```

mod cli;
mod counts;
mod decode;
mod describe;
mod elsewhere;
mod event;
mod evidence;
mod failure;
mod finding;
mod group;
mod input;
#[cfg(unix)]
mod keys;
mod lane;
mod lanes;
mod legend;
mod legend_file;
mod numbered;
mod options;
mod output;
mod place;
mod printable;
mod severity;
mod standard;
mod timeline;
mod twice;

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use clap_complete::Shell;

use cli::{Arguments, Command};
use evidence::Opening;
use failure::Failure;
use input::Given;

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.completions, &arguments.command) {
        (Some(shell), _) => print_completions(shell),
        (None, Some(Command::Decode { kind, text })) => decode::run(&arguments.options, kind, text),
        (None, Some(Command::Legend(legend))) => legend::run(&arguments.options, legend),
        (None, None) if arguments.options.taps.is_some() => {
            Err(Failure::Refused("--taps: expected decode led".to_owned()))
        }
        (None, None) => {
            let given = arguments.evidence.into_iter().map(Given::File).collect();
            timeline::run(&arguments.options, given)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure::warn(&failure);
            failure.exit_code()
        }
    }
}

fn print_completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "incident-timeline", &mut script);
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(&script).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::from_output(&error))
}

/// Reads bytes as an evidence with the options of a command line, to the end, and shows each event and finding to nobody; for the fuzz
/// targets.
///
/// How many events there were; nothing if the bytes are of no kind that is understood.
///
/// # Panics
/// When the events of a wire do not tell each of its bytes once.
#[doc(hidden)]
#[must_use]
pub fn read_to_end(bytes: Vec<u8>, arguments: &[&str]) -> Option<usize> {
    let command = ["incident-timeline"].iter().chain(arguments).chain(&["evidence"]);
    let options = &Arguments::try_parse_from(command).ok()?.options;
    let input = input::Input::of_bytes(bytes).ok()?;
    let kind = timeline::recognise(&input, options)?;
    let opening = Opening { input, source: "evidence".into(), zero_us: 0, options };
    let mut evidence = (kind.open)(opening).ok()?;
    let (mut events, mut count) = (VecDeque::new(), 0);
    let mut findings = lanes::findings();
    let mut wires: HashMap<String, Vec<(u64, u64)>> = HashMap::new();
    loop {
        let more = evidence.read(&mut events).unwrap_or(false);
        for event in events.drain(..) {
            count += 1;
            findings.take(&event);
            output::show_nobody(&event);
            if let (Some(place), Some(len)) = (event.place, event.what.event().bytes_len()) {
                let parts = wires.entry(place.wire.to_string()).or_default();
                parts.push((place.offset, place.offset + len));
            }
        }
        if !more {
            break;
        }
    }
    let _ = findings.finish(true);
    for parts in wires.values_mut() {
        // Where the times of a recording go back its events stand in the order of their times. A connection that was
        // forgotten among many begins anew, and its events stand in the order of its bytes.
        if parts.iter().filter(|(offset, _)| *offset == 0).count() == 1 {
            parts.sort_unstable();
        }
        let mut end = 0;
        for (offset, next) in parts {
            assert!(*offset == end || *offset == 0, "{offset} does not follow {end}");
            end = *next;
        }
    }
    Some(count)
}
