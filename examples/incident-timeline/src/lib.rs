//! `incident-timeline`: one timeline of what was recorded.
//!
//! ```text
//! files ──▶ evidence ──▶ events, merged by time ──▶ filters ──▶ findings
//!           (pcap, serial CSV, raw RTU)                   └────▶ output (text, jsonl)
//! ```

mod cli;
mod decode;
mod event;
mod evidence;
mod failure;
mod findings;
mod input;
mod modbus;
mod output;
mod timeline;

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{Arguments, Command};

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (&arguments.completions, &arguments.command) {
        (Some(shell), _) => {
            let mut command = Arguments::command();
            clap_complete::generate(
                *shell,
                &mut command,
                "incident-timeline",
                &mut std::io::stdout().lock(),
            );
            Ok(())
        }
        (None, Some(Command::Decode { kind, text })) => {
            decode::run(&arguments.options, *kind, text)
        }
        (None, None) => timeline::run(&arguments.options, &arguments.evidence),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(message) = failure.message() {
                eprintln!("incident-timeline: {message}");
            }
            failure.exit_code()
        }
    }
}

/// Reads bytes as an evidence with the options of a command line, to the end; for the fuzz targets.
///
/// How many events there were; nothing if the bytes are of no kind that is understood.
///
/// # Panics
/// When the events of a wire do not tell each of its bytes once.
#[doc(hidden)]
#[must_use]
pub fn read_to_end(bytes: Vec<u8>, arguments: &[&str]) -> Option<usize> {
    let command = ["incident-timeline"].iter().chain(arguments).chain(&["evidence"]);
    let options = Arguments::try_parse_from(command).ok()?.options;
    let input = input::Input::of_bytes(bytes).ok()?;
    let mut evidence = evidence::recognise(input, Path::new("evidence"), &options).ok()?.evidence;
    let (mut events, mut count) = (VecDeque::new(), 0);
    let mut wires: HashMap<_, Vec<(u64, u64)>> = HashMap::new();
    loop {
        let more = evidence.read(&mut events).unwrap_or(false);
        for event in events.drain(..) {
            count += 1;
            if let Some((wire, offset, len)) = event.bytes() {
                wires.entry(wire).or_default().push((offset, offset + len));
            }
        }
        if !more {
            break;
        }
    }
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
