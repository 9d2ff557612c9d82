//! The events of the lane: entries of a journal, what is missing in it, and the journal itself.

use std::rc::Rc;

use safe_state::Quality;
use safe_state::channel;
use safe_state::journal::{Entry, Occurrence};
use safe_state::machine;
use safe_state::recovery::Escalation;

use super::names::Names;
use super::words::{self, spoken};
use crate::describe::{Describe, Duration, Field, Hex, Text, Value, Visitor};
use crate::lane::LaneEvent;
use crate::options::Options;
use crate::severity::Severity;

/// An event of the lane.
#[derive(Clone, Debug)]
pub(crate) enum StateEvent {
    Told(Box<Told>),
    /// An entry that says nothing that is known.
    Unknown(Box<Unknown>),
    Gap(Gap),
    Journal(Box<Journal>),
}

/// An entry.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) entry: Entry,
    pub(crate) occurrence: Occurrence,
    /// The number of its boot, if the journal says which.
    pub(crate) boot: Option<u16>,
    pub(crate) names: Rc<Names>,
}

#[derive(Clone, Debug)]
pub(crate) struct Unknown {
    pub(crate) entry: Entry,
    pub(crate) error: String,
}

/// Entries that were written over before anybody read them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) count: u16,
}

/// A journal that was read, byte for byte: what became of its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    pub(crate) bytes: u64,
    pub(crate) entries: u64,
    /// Entries that were told before.
    pub(crate) again: u64,
    /// Slots that nobody wrote.
    pub(crate) empty: u64,
    /// Slots without a commit: a reset cut what was written there.
    pub(crate) uncommitted: u64,
    /// Slots whose commit does not fit, with the bytes of the first one.
    pub(crate) damaged: u64,
    pub(crate) damaged_data: Vec<u8>,
    /// Entries that do not follow each other up to the last one.
    pub(crate) stray: u64,
    /// Bytes after the last slot.
    pub(crate) rest: u64,
}

impl Told {
    pub(crate) fn fault(&self, index: u8) -> String {
        self.names.faults.name(index.into(), "fault")
    }

    pub(crate) fn channel(&self, number: u8) -> String {
        self.names.channels.name(number.into(), "channel")
    }

    /// The escalation of a recovery in words.
    pub(crate) fn escalation(&self, escalation: Escalation) -> String {
        match escalation {
            Escalation::Reentered { step } => {
                let step = self.step(step);
                format!("the recovery before was left at {step} and did not end")
            }
            Escalation::Lost => "nobody knows whether a recovery was begun".to_owned(),
            Escalation::StepOverrun { step, took_us, budget_us } => {
                format!("{} took {} of {}", self.step(step), shown(took_us), shown(budget_us))
            }
            Escalation::Overrun { took_us, budget_us } => {
                format!("all of it took {} of {}", shown(took_us), shown(budget_us))
            }
            Escalation::ClockBackward => "the clock went backward".to_owned(),
        }
    }

    fn step(&self, index: u8) -> String {
        self.names.steps.name(index.into(), "step")
    }

    fn name(&self) -> &'static str {
        match self.occurrence {
            Occurrence::Boot { .. } => "boot",
            Occurrence::Machine { .. } => "machine",
            Occurrence::Channel { .. } => "channel",
            Occurrence::Output { .. } => "output",
            Occurrence::FaultRaised { .. } => "fault_raised",
            Occurrence::FaultCleared { .. } => "fault_cleared",
            Occurrence::Acknowledged { .. } => "acknowledged",
            Occurrence::RecoveryStep { .. } => "recovery_step",
            Occurrence::Recovered { .. } => "recovered",
            Occurrence::Escalated(_) => "recovery_escalated",
            Occurrence::User(_) => "record",
        }
    }

    fn severity(&self) -> Option<Severity> {
        match self.occurrence {
            Occurrence::FaultRaised { .. }
            | Occurrence::Escalated(_)
            | Occurrence::Machine { to: machine::State::Lockout, .. }
            | Occurrence::Channel { to: channel::State::Faulted, .. } => Some(Severity::Fault),
            Occurrence::Output { to: Quality::Held, .. }
            | Occurrence::Channel { cause: channel::Cause::LeaseEnded, .. } => {
                Some(Severity::Warning)
            }
            _ => None,
        }
    }
}

impl Journal {
    fn is_whole(&self) -> bool {
        self.uncommitted == 0 && self.damaged == 0 && self.stray == 0 && self.rest == 0
    }
}

impl LaneEvent for StateEvent {
    fn lane(&self) -> &'static str {
        "state"
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Told(told) => told.name(),
            Self::Unknown(_) => "unknown",
            Self::Gap(_) => "gap",
            Self::Journal(_) => "journal",
        }
    }

    fn severity(&self) -> Option<Severity> {
        match self {
            Self::Told(told) => told.severity(),
            Self::Unknown(_) | Self::Gap(_) => Some(Severity::Warning),
            Self::Journal(journal) => (!journal.is_whole()).then_some(Severity::Warning),
        }
    }

    fn is_good(&self) -> bool {
        match self {
            Self::Told(_) => true,
            Self::Unknown(_) | Self::Gap(_) => false,
            Self::Journal(journal) => journal.is_whole(),
        }
    }

    /// The journal accounts for all of its bytes; the entries are parts of it.
    fn bytes_len(&self) -> Option<u64> {
        match self {
            Self::Journal(journal) => Some(journal.bytes),
            Self::Told(_) | Self::Unknown(_) | Self::Gap(_) => None,
        }
    }

    fn since_us(&self) -> Option<i64> {
        None
    }

    /// A controller has no unit here, so none that was asked for.
    fn is_wanted(&self, options: &Options) -> bool {
        options.units.is_empty()
    }
}

impl Describe for StateEvent {
    fn describe(&self, visitor: &mut dyn Visitor) {
        match self {
            Self::Told(told) => {
                told.describe(visitor);
                describe_entry(&told.entry, told.boot, visitor);
            }
            Self::Unknown(unknown) => {
                let Unknown { entry, error } = &**unknown;
                visitor.field(Field {
                    name: "error",
                    value: Value::Text(error),
                    text: Text::Words(format_args!("{error}")),
                });
                describe_record(entry, visitor);
                describe_entry(entry, None, visitor);
            }
            Self::Gap(Gap { count }) => visitor.field(Field {
                name: "count",
                value: Value::Unsigned((*count).into()),
                text: Text::Words(format_args!(
                    "{count} entries were written over before anybody read them"
                )),
            }),
            Self::Journal(journal) => journal.describe(visitor),
        }
    }
}

impl Describe for Told {
    #[allow(clippy::too_many_lines)] // A row an occurrence.
    fn describe(&self, visitor: &mut dyn Visitor) {
        let out = &mut Out(visitor);
        match self.occurrence {
            Occurrence::Boot { cause, .. } => {
                let cause = self.names.resets.name(cause.into(), "reset");
                out.words("cause", &cause, format_args!("after {cause}"));
            }
            Occurrence::Machine { from, to, event, episode } => {
                let [from, to] = [from, to].map(words::machine);
                out.change(from, to);
                out.cause(words::event(event));
                out.episode(episode);
            }
            Occurrence::Channel { channel, from, to, cause } => {
                let name = self.channel(channel);
                out.words("channel", &name, format_args!("{name}:"));
                let runs = matches!(to, channel::State::Armed | channel::State::Running);
                let [from, to] = [from, to].map(words::channel);
                out.change(from, to);
                if !runs {
                    out.cause(words::cause(cause));
                }
            }
            Occurrence::Output { output, from, to, age_us } => {
                let name = self.channel(output);
                out.words("channel", &name, format_args!("{name}:"));
                let [from, to] = [from, to].map(words::quality);
                out.change(from, to);
                if let Some(age_us) = age_us {
                    let age = Duration(age_us.into());
                    out.number("age_us", age_us.into(), format_args!("| renewed {age} ago"));
                }
            }
            Occurrence::FaultRaised { fault, is_first_out, episode } => {
                let name = self.fault(fault);
                out.words("fault", &name, format_args!("{name}"));
                let order = if is_first_out { "first_out" } else { "later" };
                out.words("order", order, format_args!("({})", spoken(order)));
                out.episode(episode);
            }
            Occurrence::FaultCleared { fault, episode } => {
                let name = self.fault(fault);
                out.words("fault", &name, format_args!("{name}"));
                out.episode(episode);
            }
            Occurrence::Acknowledged { episode } => out.episode(episode),
            Occurrence::RecoveryStep { step, took_us, budget_us } => {
                let name = self.step(step);
                out.words("step", &name, format_args!("{name}:"));
                out.budget(took_us, budget_us);
            }
            Occurrence::Recovered { took_us, budget_us } => out.budget(took_us, budget_us),
            Occurrence::Escalated(escalation) => {
                let what = self.escalation(escalation);
                out.words("reason", reason(escalation), format_args!("{what}"));
                if let Escalation::StepOverrun { step, .. } | Escalation::Reentered { step } =
                    escalation
                {
                    out.hidden("step", Value::Text(&self.step(step)));
                }
                if let Escalation::StepOverrun { took_us, budget_us, .. }
                | Escalation::Overrun { took_us, budget_us } = escalation
                {
                    out.hidden("took_us", Value::Unsigned(took_us));
                    out.hidden("budget_us", Value::Unsigned(budget_us.into()));
                }
            }
            Occurrence::User(record) => {
                let name = self.names.codes.name(record.what.as_raw().into(), "code");
                out.words("record", &name, format_args!("{name}"));
                describe_record(&self.entry, visitor);
            }
        }
    }
}

impl Describe for Journal {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let out = &mut Out(visitor);
        out.number("bytes", self.bytes, format_args!("{} bytes", self.bytes));
        for (name, count, words) in [
            ("entries", self.entries, "new entries"),
            ("again", self.again, "told before"),
            ("empty", self.empty, "empty slots"),
            ("uncommitted", self.uncommitted, "cut by a reset"),
            ("damaged", self.damaged, "damaged"),
            ("stray", self.stray, "of an older run"),
            ("rest", self.rest, "bytes after the last slot"),
        ] {
            if count > 0 || name == "entries" {
                out.number(name, count, format_args!("| {words}: {count}"));
            }
        }
        if !self.damaged_data.is_empty() {
            let data = self.damaged_data.as_slice();
            let text = Text::Words(format_args!("({})", Hex(data)));
            out.0.field(Field { name: "damaged_data", value: Value::Hex(data), text });
        }
    }
}

/// When it was, by the clock of its boot, and its number.
fn describe_entry(entry: &Entry, boot: Option<u16>, visitor: &mut dyn Visitor) {
    let out = &mut Out(visitor);
    let at = Duration(i64::try_from(entry.at_us).unwrap_or(i64::MAX));
    match boot {
        Some(boot) => {
            out.number("boot", boot.into(), format_args!("| boot {boot}"));
            out.number("at_us", entry.at_us, format_args!("at {at}"));
        }
        None => out.number("at_us", entry.at_us, format_args!("| at {at} of its boot")),
    }
    out.hidden("sequence", Value::Unsigned(entry.sequence.into()));
}

/// The fields of a record as they are.
fn describe_record(entry: &Entry, visitor: &mut dyn Visitor) {
    let record = entry.record;
    let fields = [
        ("what", record.what.as_raw().into()),
        ("from", record.from.into()),
        ("to", record.to.into()),
        ("cause", record.cause.into()),
        ("correlation", record.correlation.into()),
    ];
    for (name, value) in fields {
        visitor.field(Field { name, value: Value::Unsigned(value), text: Text::Pair });
    }
}

fn reason(escalation: Escalation) -> &'static str {
    match escalation {
        Escalation::Reentered { .. } => "reentered",
        Escalation::Lost => "lost",
        Escalation::StepOverrun { .. } => "step_overrun",
        Escalation::Overrun { .. } => "overrun",
        Escalation::ClockBackward => "clock_backward",
    }
}

fn shown(us: impl Into<u64>) -> Duration {
    Duration(i64::try_from(us.into()).unwrap_or(i64::MAX))
}

/// Writes fields with their words.
struct Out<'a>(&'a mut dyn Visitor);

impl Out<'_> {
    fn words(&mut self, name: &'static str, value: &str, words: std::fmt::Arguments<'_>) {
        self.0.field(Field { name, value: Value::Text(value), text: Text::Words(words) });
    }

    fn number(&mut self, name: &'static str, value: u64, words: std::fmt::Arguments<'_>) {
        self.0.field(Field { name, value: Value::Unsigned(value), text: Text::Words(words) });
    }

    fn hidden(&mut self, name: &'static str, value: Value<'_>) {
        self.0.field(Field { name, value, text: Text::Hidden });
    }

    fn change(&mut self, from: &str, to: &str) {
        self.words("from", from, format_args!("{} ->", spoken(from)));
        self.words("to", to, format_args!("{}", spoken(to)));
    }

    fn cause(&mut self, cause: &str) {
        self.words("cause", cause, format_args!("({})", spoken(cause)));
    }

    fn episode(&mut self, episode: u16) {
        if episode > 0 {
            self.hidden("episode", Value::Unsigned(episode.into()));
        }
    }

    fn budget(&mut self, took_us: u32, budget_us: u32) {
        self.number("took_us", took_us.into(), format_args!("{}", shown(took_us)));
        self.number("budget_us", budget_us.into(), format_args!("of {}", shown(budget_us)));
    }
}
