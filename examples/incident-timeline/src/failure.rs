//! The failures that end a run, and their exit codes.

use std::io;
use std::process::ExitCode;

use crate::printable::Printable;

/// Why a run ends early, and with which exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing could be read: exit code 2.
    Refused(String),
    /// The evidence is damaged, and all that could be read was shown: exit code 1.
    Damaged(String),
    /// `decode` has shown that the frame is off-spec or damaged: exit code 1 without a message.
    OffSpec,
    /// The reader of the output has gone away: exit code 0 without a message.
    ClosedPipe,
    /// Ctrl-C, SIGTERM or SIGHUP: the events so far and the findings were shown.
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

    /// The failure to write the output.
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
