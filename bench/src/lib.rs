//! Each operation of a crate side by side with its peers: median of the rounds of one run, and the ratio to the one that the
//! design names. Each crate has a program of its own, which calls [`main`].

pub mod contestant;
mod counting;
pub mod line;
pub mod rounds;

use std::process::{Command, ExitCode};

use clap::{Parser, ValueEnum};
use line::Line;

#[derive(Parser)]
struct Arguments {
    /// Table or one JSON object a line.
    #[arg(long, default_value = "table")]
    format: Format,
    /// Fails when a ratio of the design is missed.
    #[arg(long)]
    check: bool,
    /// Only the operations that another build changes; how a program calls itself, built with other features.
    #[arg(long, hide = true)]
    again: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Table,
    Jsonl,
}

/// Measures the operations of a crate, and prints them. `run` is told whether it is this program's other build that calls; where
/// `other` names features, that build is called too.
pub fn main(crate_name: &str, run: fn(again: bool) -> Vec<Line>, other: Option<&str>) -> ExitCode {
    let arguments = Arguments::parse();
    let mut lines = run(arguments.again);
    count_instructions(&mut lines);
    if let (false, Some(features)) = (arguments.again, other) {
        match with_features(crate_name, features) {
            Ok(others) => lines.extend(others),
            Err(error) => {
                eprintln!("bench: the run with other features: {error}");
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

/// Below so many nanoseconds the instructions decide where the times do not hold.
const FEW_NS: f64 = 20.0;

fn count_instructions(lines: &mut [Line]) {
    for index in 0..lines.len() {
        if lines[index].is_missed() && lines[index].ns < FEW_NS {
            match counting::ratio(&lines[index], lines) {
                Ok(ratio) => lines[index].instructions = Some(ratio),
                Err(error) => eprintln!("bench: instructions are not counted: {error}"),
            }
        }
    }
}

/// The same program with other features, which is another build: a crate has one set of features in a program.
fn with_features(
    crate_name: &str,
    features: &str,
) -> Result<Vec<Line>, Box<dyn std::error::Error>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = Command::new("cargo")
        .args(["run", "-q", "--release", "--no-default-features", "--features", features])
        .args(["--manifest-path", manifest, "--bin", crate_name])
        .args(["--", "--format", "jsonl", "--again"])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| Ok(Line::from_json(&serde_json::from_str(line)?))).collect()
}
