//! The events of the lane: boots, timing profiles, and records that are broken.

use std::rc::Rc;

use watchdog_core::boot::{Blame, Torn, Verdict};
use watchdog_core::profile::Profile;
use watchdog_core::{LastCheckpoint, Level};

use super::names::Names;
use super::words;
use crate::describe::{Describe, Duration, Field, Hex, Text, Value, Visitor};
use crate::lane::LaneEvent;
use crate::options::Options;
use crate::severity::Severity;

/// An event of the lane.
#[derive(Clone, Debug)]
pub(crate) enum WatchdogEvent {
    Boot(Box<Boot>),
    Profile(Box<Measured>),
    Broken(Broken),
}

/// A boot: its verdict on the run before it.
#[derive(Clone, Debug)]
pub(crate) struct Boot {
    pub(crate) verdict: Verdict<0, 0>,
    pub(crate) owners: Vec<Torn>,
    pub(crate) last_checkpoints: Vec<Option<LastCheckpoint>>,
    /// The names of the plan of this boot; none if the log names another plan.
    pub(crate) names: Rc<Names>,
    pub(crate) len: usize,
}

/// Where a profile was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measuring {
    Bench,
    Field,
}

/// A timing profile.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) measuring: Measuring,
    pub(crate) entity: String,
    pub(crate) profile: Profile,
}

/// A record that cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) record: &'static str,
    pub(crate) data: Vec<u8>,
    pub(crate) error: String,
}

impl Boot {
    /// The culprit, in words.
    pub(crate) fn blame(&self) -> String {
        words::blame(&self.verdict.blame, &self.names)
    }

    /// The culprit without its instant and numbers: the same fault of the same entity has the same words.
    pub(crate) fn blamed(&self) -> String {
        words::blamed(&self.verdict.blame, &self.names)
    }

    /// The torn sections of each owner that has any, in words.
    pub(crate) fn torn(&self) -> Vec<String> {
        let owners = self.owners.iter().enumerate();
        owners.filter_map(|(owner, torn)| words::torn(owner, *torn, &self.names)).collect()
    }

    pub(crate) fn causes(&self) -> String {
        words::causes(self.verdict.causes)
    }

    pub(crate) fn level(&self) -> &'static str {
        words::level(self.verdict.level)
    }
}

impl Measuring {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bench => "bench",
            Self::Field => "field",
        }
    }
}

impl LaneEvent for WatchdogEvent {
    fn lane(&self) -> &'static str {
        "watchdog"
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Boot(_) => "boot",
            Self::Profile(_) => "profile",
            Self::Broken(_) => "discarded",
        }
    }

    fn severity(&self) -> Option<Severity> {
        match self {
            Self::Boot(boot) if boot.verdict.is_abnormal => Some(Severity::Fault),
            Self::Boot(_) | Self::Profile(_) => None,
            Self::Broken(_) => Some(Severity::Warning),
        }
    }

    fn is_good(&self) -> bool {
        match self {
            Self::Boot(boot) => !boot.verdict.is_abnormal,
            Self::Profile(measured) => !measured.profile.is_drifting,
            Self::Broken(_) => false,
        }
    }

    fn bytes_len(&self) -> Option<u64> {
        Some(match self {
            Self::Boot(boot) => boot.len as u64,
            Self::Profile(_) => Profile::LEN as u64,
            Self::Broken(broken) => broken.data.len() as u64,
        })
    }

    fn since_us(&self) -> Option<i64> {
        None
    }

    /// A watchdog has no unit, so none that was asked for.
    fn is_wanted(&self, options: &Options) -> bool {
        options.units.is_empty()
    }
}

impl Describe for WatchdogEvent {
    fn describe(&self, visitor: &mut dyn Visitor) {
        match self {
            Self::Boot(boot) => boot.describe(visitor),
            Self::Profile(measured) => measured.describe(visitor),
            Self::Broken(broken) => broken.describe(visitor),
        }
    }
}

impl Describe for Boot {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let found = words::found(self.verdict.found);
        visitor.field(Field {
            name: "found",
            value: Value::Text(words::found_name(self.verdict.found)),
            text: Text::Words(format_args!("{found}")),
        });
        let causes = self.causes();
        visitor.field(Field {
            name: "causes",
            value: Value::Text(&causes),
            text: Text::Words(format_args!("after {causes}")),
        });
        if !self.verdict.may_be_old.is_empty() {
            let old = words::causes(self.verdict.may_be_old);
            visitor.field(Field {
                name: "may_be_old",
                value: Value::Text(&old),
                text: Text::Words(format_args!("(perhaps of an earlier reset: {old})")),
            });
        }
        let blame = self.blame();
        let text = match self.verdict.blame {
            Blame::None => Text::Hidden,
            _ => Text::Words(format_args!("| {blame}")),
        };
        visitor.field(Field { name: "culprit", value: Value::Text(&blame), text });
        let torn = self.torn().join("; ");
        if !torn.is_empty() {
            visitor.field(Field {
                name: "torn",
                value: Value::Text(&torn),
                text: Text::Marked(Severity::Fault, format_args!("| {torn}")),
            });
        }
        let seen: Vec<Seen> = (self.last_checkpoints.iter().enumerate())
            .filter_map(|(index, last)| {
                Some(Seen { name: self.names.entity(index), last: (*last)? })
            })
            .collect();
        if !seen.is_empty() {
            let objects: Vec<&dyn Describe> =
                seen.iter().map(|seen| seen as &dyn Describe).collect();
            let is_shown = matches!(self.verdict.blame, Blame::Unrecorded);
            let list: Vec<String> = seen.iter().map(Seen::words).collect();
            let list = list.join(", ");
            let text = if is_shown {
                Text::Words(format_args!("| last seen: {list}"))
            } else {
                Text::Hidden
            };
            visitor.field(Field {
                name: "last_checkpoints",
                value: Value::Objects(&objects),
                text,
            });
        }
        if let Some(earlier) = self.verdict.earlier {
            let culprit = words::culprit(&earlier.culprit, &self.names);
            let text = Text::Words(format_args!("| {} runs ago: {culprit}", earlier.runs_ago));
            visitor.field(Field { name: "earlier", value: Value::Text(&culprit), text });
        }
        if self.verdict.is_recovery_interrupted {
            visitor.field(Field {
                name: "recovery",
                value: Value::Text("interrupted"),
                text: Text::Marked(Severity::Fault, format_args!("| a recovery was interrupted")),
            });
        }
        if let Some(uptime_us) = self.verdict.uptime_us {
            let uptime = Duration(i64::try_from(uptime_us).unwrap_or(i64::MAX));
            visitor.field(Field {
                name: "uptime_us",
                value: Value::Unsigned(uptime_us),
                text: Text::Words(format_args!("| ran for {uptime}")),
            });
        }
        let (count, level) = (self.verdict.abnormal_count, self.level());
        let text = match count {
            0 => Text::Hidden,
            _ => Text::Words(format_args!("| abnormal boots: {count}")),
        };
        let value = Value::Unsigned(count.into());
        visitor.field(Field { name: "abnormal_boots", value, text });
        let text = match self.verdict.level {
            Level::Normal => Text::Hidden,
            _ => Text::Marked(Severity::Warning, format_args!("| {level}")),
        };
        visitor.field(Field { name: "level", value: Value::Text(level), text });
        let plan = format!("{:08X}", self.verdict.fingerprint);
        visitor.field(Field { name: "plan", value: Value::Text(&plan), text: Text::Hidden });
    }
}

/// Where an entity was seen last.
struct Seen {
    name: String,
    last: LastCheckpoint,
}

impl Seen {
    fn words(&self) -> String {
        format!("{} at checkpoint {}", self.name, self.last.checkpoint.as_raw())
    }
}

impl Describe for Seen {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let mut hidden = |name, value| visitor.field(Field { name, value, text: Text::Hidden });
        hidden("entity", Value::Text(&self.name));
        hidden("checkpoint", Value::Unsigned(self.last.checkpoint.as_raw().into()));
        hidden("stamp_us", Value::Unsigned(self.last.stamp_us.into()));
        hidden("step_us", Value::Unsigned(self.last.step_us.into()));
    }
}

impl Describe for Measured {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let (measuring, entity) = (self.measuring.name(), self.entity.as_str());
        visitor.field(Field {
            name: "measured",
            value: Value::Text(measuring),
            text: Text::Words(format_args!("{measuring}")),
        });
        visitor.field(Field {
            name: "entity",
            value: Value::Text(entity),
            text: Text::Words(format_args!("{entity}")),
        });
        let profile = &self.profile;
        visitor.field(Field {
            name: "count",
            value: Value::Unsigned(profile.count.into()),
            text: Text::Words(format_args!("{} intervals", profile.count)),
        });
        if let Some(mean_us) = profile.mean_us() {
            let Profile { min_us, max_us, .. } = *profile;
            let mut hidden = |name, us: u32| {
                visitor.field(Field {
                    name,
                    value: Value::Unsigned(us.into()),
                    text: Text::Hidden,
                });
            };
            hidden("min_us", min_us);
            hidden("max_us", max_us);
            hidden("jitter_us", profile.jitter_us());
            hidden("budget_us", profile.budget_us);
            let [min, mean, max] = [min_us, mean_us, max_us].map(|us| Duration(us.into()));
            visitor.field(Field {
                name: "mean_us",
                value: Value::Unsigned(mean_us.into()),
                text: Text::Words(format_args!("{min} to {max}, mean {mean}")),
            });
        }
        if profile.is_drifting {
            let left = profile.margin_permille();
            visitor.field(Field {
                name: "drifting_margin_permille",
                value: Value::Unsigned(left.into()),
                text: Text::Marked(
                    Severity::Warning,
                    format_args!("drifting, {}.{} % of its budget left", left / 10, left % 10),
                ),
            });
        }
    }
}

impl Describe for Broken {
    fn describe(&self, visitor: &mut dyn Visitor) {
        let Self { record, data, error } = self;
        visitor.field(Field {
            name: "record",
            value: Value::Text(record),
            text: Text::Words(format_args!("{record} record: {error}")),
        });
        let shown = data.get(..16).unwrap_or(data);
        visitor.field(Field {
            name: "data",
            value: Value::Hex(data),
            text: Text::Words(format_args!("{}", Hex(shown))),
        });
        visitor.field(Field { name: "error", value: Value::Text(error), text: Text::Hidden });
    }
}
