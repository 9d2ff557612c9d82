//! The members of the closed sets of `safe-state`, by their names for programs; with blanks they are words for people.

use safe_state::Quality;
use safe_state::channel::{self, Cause};
use safe_state::machine::{self, Event};

pub(super) fn machine(state: machine::State) -> &'static str {
    match state {
        machine::State::Startup => "startup",
        machine::State::Operational => "operational",
        machine::State::Degraded => "degraded",
        machine::State::Safe => "safe",
        machine::State::Recovering => "recovering",
        machine::State::Lockout => "lockout",
    }
}

pub(super) fn event(event: Option<Event>) -> &'static str {
    match event {
        None => "restored",
        Some(Event::Ready) => "ready",
        Some(Event::Cleared) => "cleared",
        Some(Event::Restart) => "restart",
        Some(Event::Degrade) => "degrade",
        Some(Event::Restore) => "restore",
        Some(Event::DegradedOver) => "degraded_too_long",
        Some(Event::Demand) => "demand",
        Some(Event::Recover) => "recover",
        Some(Event::Recovered) => "recovered",
        Some(Event::RecoveryFailed) => "recovery_failed",
        Some(Event::Lock) => "lock",
    }
}

pub(super) fn channel(state: channel::State) -> &'static str {
    match state {
        channel::State::Unproven => "unproven",
        channel::State::Safe => "safe",
        channel::State::Armed => "armed",
        channel::State::Running => "running",
        channel::State::Stopping => "stopping",
        channel::State::Faulted => "faulted",
    }
}

pub(super) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::PowerUp => "power_up",
        Cause::Demand => "demand",
        Cause::Fault => "fault",
        Cause::LeaseEnded => "lease_ended",
        Cause::CommandStale => "command_stale",
        Cause::DriveFailed => "drive_failed",
        Cause::WriteAbandoned => "write_abandoned",
        Cause::Mismatch => "mismatch",
        Cause::ClockBackward => "clock_backward",
        Cause::FeedbackMissing => "feedback_missing",
        Cause::FeedbackLost => "feedback_lost",
        Cause::RampLeft => "ramp_left",
        Cause::StandstillLeft => "standstill_left",
    }
}

/// What is wrong with a channel that has a fault, and what to check first.
pub(super) fn wrong(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::PowerUp | Cause::Demand | Cause::Fault | Cause::LeaseEnded => {
            ("it was stopped", "what stopped it")
        }
        Cause::CommandStale => {
            ("a staged command was too old when it was to be written", "how long its bus takes")
        }
        Cause::DriveFailed => ("it could not be driven", "its wiring, its bus, its supply"),
        Cause::WriteAbandoned => ("a write was begun and dropped", "who cancels it"),
        Cause::Mismatch => {
            ("its read back differs from what it was told", "for a welded contact, an open wire")
        }
        Cause::ClockBackward => ("the clock of its caller went backward", "who stamps its calls"),
        Cause::FeedbackMissing => {
            ("its feedback did not come in time", "the contact that reports it")
        }
        Cause::FeedbackLost => ("its feedback went away", "the contact that reports it"),
        Cause::RampLeft => ("it left the ramp of its stop", "the drive and its load"),
        Cause::StandstillLeft => ("it left the window of its standstill", "the drive and its load"),
    }
}

pub(super) fn quality(quality: Quality) -> &'static str {
    match quality {
        Quality::Good => "good",
        Quality::Held => "held",
        Quality::Substitute => "substitute",
        Quality::Bad => "safe_value",
    }
}

/// A name for programs, for people.
pub(super) fn spoken(name: &str) -> String {
    name.replace('_', " ")
}
