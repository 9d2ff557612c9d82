//! Instructions instead of times: for an operation of a few nanoseconds, where the place of the code in the program decides more
//! than the code. The program runs itself under valgrind, once for each contestant and number of calls.

use std::io;
use std::process::Command;

use crate::contestant::Contestant;
use crate::line::Line;

/// The order to a run under valgrind: `OPERATION\tNAME\tCALLS`.
const VARIABLE: &str = "BENCH_COUNT";
/// The start of the program costs the same with either number of calls.
const CALLS: [u64; 2] = [1_000, 2_000];

/// The contestant whose instructions this run counts, if it counts any.
pub(crate) struct Wanted {
    operation: String,
    name: String,
    calls: u64,
}

pub(crate) fn wanted() -> Option<Wanted> {
    let value = std::env::var(VARIABLE).ok()?;
    let mut parts = value.split('\t').map(str::to_owned);
    let (operation, name) = (parts.next()?, parts.next()?);
    Some(Wanted { operation, name, calls: parts.next()?.parse().ok()? })
}

/// Calls the contestant, and ends the program.
pub(crate) fn run(wanted: &Wanted, operation: &str, contestants: &mut [Contestant<'_>]) {
    let mut named = contestants.iter_mut().filter(|one| one.name == wanted.name);
    let Some(contestant) = named.next().filter(|_| operation == wanted.operation) else {
        return;
    };
    for _ in 0..wanted.calls {
        (contestant.run)();
    }
    std::process::exit(0);
}

/// The instructions of a line beside the least of the others of its operation.
pub(crate) fn ratio(line: &Line, lines: &[Line]) -> io::Result<f64> {
    let others =
        lines.iter().filter(|one| one.operation == line.operation && one.name != line.name);
    let mut least = f64::INFINITY;
    for other in others {
        least = least.min(instructions(other)?);
    }
    Ok(instructions(line)? / least)
}

/// The instructions of one call.
fn instructions(line: &Line) -> io::Result<f64> {
    let mut counts = [0.0; 2];
    for (count, calls) in counts.iter_mut().zip(CALLS) {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(std::env::current_exe()?)
            .env(VARIABLE, format!("{}\t{}\t{calls}", line.operation, line.name))
            .output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        let collected = text.lines().find_map(|line| line.split_once("Collected :"));
        *count = collected
            .and_then(|(_, number)| number.trim().parse().ok())
            .ok_or_else(|| io::Error::other(format!("valgrind: {text}")))?;
    }
    let [fewer, more] = counts;
    Ok((more - fewer) / (CALLS[1] - CALLS[0]) as f64)
}
