//! `incident-timeline`: see the library, which is the program.

use std::process::ExitCode;

fn main() -> ExitCode {
    incident_timeline::main()
}
