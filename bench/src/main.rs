//! Each operation of a crate side by side with its peers: median of the rounds of one run, and the ratio to the one that the
//! design names.

mod modbus;
mod rounds;

use std::process::{Command, ExitCode};

use clap::{Parser, ValueEnum};
use rounds::Line;

#[derive(Parser)]
struct Arguments {
    /// What is measured.
    what: What,
    /// Table or one JSON object a line.
    #[arg(long, default_value = "table")]
    format: Format,
    /// Fails when a ratio of the design is missed.
    #[arg(long)]
    check: bool,
    /// Only what the size of the CRC table changes; how the program calls itself, built with the small one.
    #[arg(long, hide = true)]
    only_crc: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum What {
    Modbus,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Table,
    Jsonl,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let What::Modbus = arguments.what;
    let mut lines = modbus::run(arguments.only_crc);
    if !arguments.only_crc {
        match with_the_small_table() {
            Ok(others) => lines.extend(others),
            Err(error) => {
                eprintln!("bench: the run with the small table: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let mut operation = "";
    for line in &lines {
        match arguments.format {
            Format::Jsonl => println!("{}", line.json()),
            Format::Table => {
                if operation != line.operation {
                    println!("\n{}", line.operation);
                    operation = &line.operation;
                }
                println!("{line}");
            }
        }
    }
    let missed: Vec<_> = lines.iter().filter(|line| line.is_missed()).collect();
    for line in &missed {
        eprintln!("missed: {}: {line}", line.operation);
    }
    if arguments.check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The same program with the other table, which is another build: a crate has one set of features in a program.
fn with_the_small_table() -> Result<Vec<Line>, Box<dyn std::error::Error>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/target/small");
    let output = Command::new("cargo")
        .args(["run", "-q", "--release", "--no-default-features", "--manifest-path", manifest])
        .args(["--target-dir", target, "--", "modbus", "--format", "jsonl", "--only-crc"])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| Ok(Line::from_json(&serde_json::from_str(line)?))).collect()
}
