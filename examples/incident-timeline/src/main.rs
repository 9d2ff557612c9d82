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

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{Arguments, Command};

fn main() -> ExitCode {
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
