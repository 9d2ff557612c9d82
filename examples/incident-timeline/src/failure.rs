//! How a run can end other than well.

use std::io;
use std::process::ExitCode;

use crate::printable::Printable;

/// Why a run ends early, and with which exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing could be read: exit code 2.
    Refused(String),
    /// What could be read was shown, and then this: exit code 1.
    Damaged(String),
    /// The evidence was shown to be off-spec or damaged, which is the answer: exit code 1, nothing more to say.
    OffSpec,
    /// The reader of the output went away: a quiet end.
    ClosedPipe,
    /// Ctrl-C: what was read was shown.
    Interrupted,
}

impl Failure {
    fn message(&self) -> Option<&str> {
        match self {
            Self::Refused(message) | Self::Damaged(message) => Some(message),
            Self::OffSpec | Self::ClosedPipe | Self::Interrupted => None,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::ClosedPipe => 0,
            Self::Damaged(_) | Self::OffSpec => 1,
            Self::Refused(_) => 2,
            Self::Interrupted => 130,
        })
    }

    /// What failed while writing the output.
    pub(crate) fn from_output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ClosedPipe;
        }
        Self::Damaged(format!("cannot write the output: {error}"))
    }
}

/// Says on standard error what went wrong, if there is anything to say.
pub(crate) fn warn(failure: &Failure) {
    if let Some(message) = failure.message() {
        eprintln!("incident-timeline: {}", Printable(message));
    }
}
