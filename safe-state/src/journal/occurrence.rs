//! What happened, typed: written as a [`Record`], and read out of one.

use super::{Record, What};
use crate::channel;
use crate::machine;
use crate::published::Quality;
use crate::recovery::Escalation;

/// What happened, as the journal records it.
///
/// ```
/// use safe_state::channel::{Cause, State};
/// use safe_state::journal::{Occurrence, Record};
///
/// let stopped = Occurrence::Channel {
///     channel: 2,
///     from: State::Running,
///     to: State::Safe,
///     cause: Cause::LeaseEnded,
/// };
/// let record = Record::from(stopped);
/// assert_eq!(Occurrence::try_from(record), Ok(stopped));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Occurrence {
    /// A boot.
    Boot {
        /// What the reset was, in a code of the user's.
        cause: u8,
        /// How many boots there were before it, wrapping.
        count: u16,
    },
    /// The machine went from one state to another.
    Machine {
        /// The state before.
        from: machine::State,
        /// The state after.
        to: machine::State,
        /// Why; `None` for a state that a reset has left.
        event: Option<machine::Event>,
        /// The episode of faults that it belongs to; 0 for none.
        episode: u16,
    },
    /// A channel went from one state to another.
    Channel {
        /// Its number.
        channel: u8,
        /// The state before.
        from: channel::State,
        /// The state after.
        to: channel::State,
        /// Why it is not running: what was last.
        cause: channel::Cause,
    },
    /// The quality of an output changed: it was renewed, is held, or has another value in its place.
    Output {
        /// The number of its channel.
        output: u8,
        /// The quality before.
        from: Quality,
        /// The quality after.
        to: Quality,
        /// How long ago its lease was renewed, in microseconds, at most 71 minutes; `None` if it never ran.
        age_us: Option<u32>,
    },
    /// A fault was raised.
    FaultRaised {
        /// The index of its row.
        fault: u8,
        /// Whether it is the first one.
        is_first_out: bool,
        /// From the first fault to the acknowledgement is one episode.
        episode: u16,
    },
    /// The cause of a fault has gone.
    FaultCleared {
        /// The index of its row.
        fault: u8,
        /// The episode that it belongs to.
        episode: u16,
    },
    /// Somebody has acknowledged.
    Acknowledged {
        /// The episode that has ended.
        episode: u16,
    },
    /// A step of a recovery has ended within its budget.
    RecoveryStep {
        /// Its index.
        step: u8,
        /// How long it took, in microseconds.
        took_us: u32,
        /// How long it may take, in microseconds.
        budget_us: u32,
    },
    /// A recovery has ended within its budget.
    Recovered {
        /// How long it took, in microseconds.
        took_us: u32,
        /// How long it may take, in microseconds.
        budget_us: u32,
    },
    /// A recovery cannot go on.
    Escalated(Escalation),
    /// Something of the user's, whose code is 128 or higher.
    User(Record),
}

/// A field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(missing_docs)] // The names are those of the record.
pub enum Field {
    What,
    From,
    To,
    Cause,
    Correlation,
}

/// A record that says nothing that is known here: of another version, perhaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{field:?} {got} is not known in a record of the code {}", what.as_raw())]
pub struct Unknown {
    /// What it is about.
    pub what: What,
    /// The field that is not known.
    pub field: Field,
    /// What it holds.
    pub got: u16,
}

impl From<Escalation> for Occurrence {
    fn from(escalation: Escalation) -> Self {
        Self::Escalated(escalation)
    }
}

impl From<Occurrence> for Record {
    fn from(occurrence: Occurrence) -> Self {
        use Occurrence as O;
        let record =
            |what, from, to, cause, correlation| Self { what, from, to, cause, correlation };
        let timed = |what, to, took_us: u64, budget_us| {
            let [low, high] = brief(budget_us).to_le_bytes();
            record(what, low, to, high, brief(saturated(took_us)))
        };
        match occurrence {
            O::Boot { cause, count } => record(What::BOOT, 0, 0, cause, count),
            O::Machine { from, to, event, episode } => {
                let event = event.map_or(NO_EVENT, Code::code);
                record(What::MACHINE, from.code(), to.code(), event, episode)
            }
            O::Channel { channel, from, to, cause } => {
                record(What::CHANNEL, from.code(), to.code(), cause.code(), channel.into())
            }
            O::Output { output, from, to, age_us } => {
                record(What::OUTPUT, from.code(), to.code(), output, age_us.map_or(NONE, brief))
            }
            O::FaultRaised { fault, is_first_out, episode } => {
                record(What::FAULT_RAISED, is_first_out.into(), fault, 0, episode)
            }
            O::FaultCleared { fault, episode } => record(What::FAULT_CLEARED, 0, fault, 0, episode),
            O::Acknowledged { episode } => record(What::ACKNOWLEDGED, 0, 0, 0, episode),
            O::RecoveryStep { step, took_us, budget_us } => {
                timed(What::RECOVERY_STEP, step, took_us.into(), budget_us)
            }
            O::Recovered { took_us, budget_us } => {
                timed(What::RECOVERED, 0, took_us.into(), budget_us)
            }
            O::Escalated(escalation) => match escalation {
                Escalation::StepOverrun { step, took_us, budget_us } => {
                    timed(What::RECOVERY_OVERRUN, step, took_us, budget_us)
                }
                Escalation::Overrun { took_us, budget_us } => {
                    timed(What::RECOVERY_OVERRUN, ALL_STEPS, took_us, budget_us)
                }
                Escalation::Reentered { step } => {
                    record(What::RECOVERY_REFUSED, 0, step, REENTERED, 0)
                }
                Escalation::Lost => record(What::RECOVERY_REFUSED, 0, 0, LOST, 0),
                Escalation::ClockBackward => {
                    record(What::RECOVERY_REFUSED, 0, 0, CLOCK_BACKWARD, 0)
                }
            },
            O::User(record) => record,
        }
    }
}

impl TryFrom<Record> for Occurrence {
    type Error = Unknown;

    fn try_from(record: Record) -> Result<Self, Unknown> {
        let Record { what, from, to, cause, correlation } = record;
        let read = Reader(what);
        Ok(match what {
            What::BOOT => {
                read.nothing(Field::From, from)?;
                read.nothing(Field::To, to)?;
                Self::Boot { cause, count: correlation }
            }
            What::MACHINE => Self::Machine {
                from: read.code(Field::From, from)?,
                to: read.code(Field::To, to)?,
                event: match cause {
                    NO_EVENT => None,
                    event => Some(read.code(Field::Cause, event)?),
                },
                episode: correlation,
            },
            What::CHANNEL => Self::Channel {
                from: read.code(Field::From, from)?,
                to: read.code(Field::To, to)?,
                cause: read.code(Field::Cause, cause)?,
                channel: u8::try_from(correlation)
                    .map_err(|_| read.unknown(Field::Correlation, correlation))?,
            },
            What::OUTPUT => Self::Output {
                output: cause,
                from: read.code(Field::From, from)?,
                to: read.code(Field::To, to)?,
                age_us: match correlation {
                    NONE => None,
                    age => Some(read.whole(Field::Correlation, age)?),
                },
            },
            What::FAULT_RAISED => {
                if from > 1 {
                    return Err(read.unknown(Field::From, from.into()));
                }
                read.nothing(Field::Cause, cause)?;
                Self::FaultRaised { fault: to, is_first_out: from == 1, episode: correlation }
            }
            What::FAULT_CLEARED => {
                read.nothing(Field::From, from)?;
                read.nothing(Field::Cause, cause)?;
                Self::FaultCleared { fault: to, episode: correlation }
            }
            What::ACKNOWLEDGED => {
                read.nothing(Field::From, from)?;
                read.nothing(Field::To, to)?;
                read.nothing(Field::Cause, cause)?;
                Self::Acknowledged { episode: correlation }
            }
            What::RECOVERY_STEP | What::RECOVERED | What::RECOVERY_OVERRUN => {
                let budget_us = read.whole(Field::From, u16::from_le_bytes([from, cause]))?;
                let took_us = read.whole(Field::Correlation, correlation)?;
                match what {
                    What::RECOVERY_STEP => Self::RecoveryStep { step: to, took_us, budget_us },
                    What::RECOVERED => {
                        read.nothing(Field::To, to)?;
                        Self::Recovered { took_us, budget_us }
                    }
                    _ if to == ALL_STEPS => {
                        Escalation::Overrun { took_us: took_us.into(), budget_us }.into()
                    }
                    _ => {
                        let took_us = took_us.into();
                        Escalation::StepOverrun { step: to, took_us, budget_us }.into()
                    }
                }
            }
            What::RECOVERY_REFUSED => {
                read.nothing(Field::From, from)?;
                if correlation != 0 {
                    return Err(read.unknown(Field::Correlation, correlation));
                }
                let escalation = match cause {
                    REENTERED => Escalation::Reentered { step: to },
                    LOST => Escalation::Lost,
                    CLOCK_BACKWARD => Escalation::ClockBackward,
                    _ => return Err(read.unknown(Field::Cause, cause.into())),
                };
                if cause != REENTERED {
                    read.nothing(Field::To, to)?;
                }
                escalation.into()
            }
            _ if what.as_raw() >= 128 => Self::User(record),
            _ => return Err(read.unknown(Field::What, what.as_raw().into())),
        })
    }
}

/// Reads the fields of a record about this.
struct Reader(What);

impl Reader {
    const fn unknown(&self, field: Field, got: u16) -> Unknown {
        Unknown { what: self.0, field, got }
    }

    fn nothing(&self, field: Field, got: u8) -> Result<(), Unknown> {
        if got == 0 { Ok(()) } else { Err(self.unknown(field, got.into())) }
    }

    fn code<T: Code>(&self, field: Field, got: u8) -> Result<T, Unknown> {
        T::ALL.get(usize::from(got)).copied().ok_or(self.unknown(field, got.into()))
    }

    fn whole(&self, field: Field, got: u16) -> Result<u32, Unknown> {
        whole(got).ok_or(self.unknown(field, got))
    }
}

/// A closed set, in which each member is stored as its place.
trait Code: Copy + 'static {
    const ALL: &'static [Self];

    fn code(self) -> u8;
}

macro_rules! stored_as_its_place {
    ($($set:ty),*) => {$(
        impl Code for $set {
            const ALL: &'static [Self] = &<$set>::ALL;

            fn code(self) -> u8 {
                self as u8
            }
        }
    )*};
}

stored_as_its_place!(machine::State, machine::Event, channel::State, channel::Cause, Quality);

const REENTERED: u8 = 0;
const LOST: u8 = 1;
const CLOCK_BACKWARD: u8 = 2;

/// In the place of a step: all of them. A plan has at most 255, whose last index is 254.
const ALL_STEPS: u8 = 255;

/// In the place of an event: none.
const NO_EVENT: u8 = 255;

/// No duration.
const NONE: u16 = 0xFFFF;
/// 8,190 is 819 times 10: one spelling a value.
const MANTISSA_MAX: u16 = 8_189;
const MANTISSA_BITS: u16 = 0x1FFF;
const EXPONENT_BITS_AT: u16 = 1 << 13;

/// A duration in 16 bits, rounded down by less than 1 in 819.
fn brief(us: u32) -> u16 {
    let (mut mantissa, mut exponent) = (us, 0_u16);
    while mantissa > u32::from(MANTISSA_MAX) {
        mantissa /= 10;
        exponent = exponent.wrapping_add(EXPONENT_BITS_AT);
    }
    let [low, high, ..] = mantissa.to_le_bytes();
    exponent | u16::from_le_bytes([low, high])
}

/// The duration of these bits; `None` where [`brief`] gives other bits for it, or none.
fn whole(bits: u16) -> Option<u32> {
    let (mut us, mut exponent) = (u32::from(bits & MANTISSA_BITS), bits / EXPONENT_BITS_AT);
    while exponent > 0 {
        us = us.checked_mul(10)?;
        exponent = exponent.wrapping_sub(1);
    }
    (brief(us) == bits).then_some(us)
}

fn saturated(us: u64) -> u32 {
    u32::try_from(us).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use super::*;

    #[track_caller]
    fn is_in_its_place<T: Code>() {
        for (place, member) in T::ALL.iter().enumerate() {
            assert_eq!(usize::from(member.code()), place);
        }
    }

    #[test]
    fn every_member_of_a_set_is_stored_as_its_place() {
        is_in_its_place::<machine::State>();
        is_in_its_place::<machine::Event>();
        is_in_its_place::<channel::State>();
        is_in_its_place::<channel::Cause>();
        is_in_its_place::<Quality>();
    }

    #[test]
    fn durations_are_exact_to_8189_us_and_within_1_in_819_beyond() {
        for us in (0..=8_190).chain([10_000, 20_000, 50_000, 200_000, 1_000_000, 60_000_000]) {
            assert_eq!(whole(brief(us)), Some(us));
        }
        let mut us = 8_191_u64;
        while let Ok(exact) = u32::try_from(us) {
            let read = whole(brief(exact)).unwrap();
            assert!(read <= exact && exact - read < exact / 819, "{exact}: {read}");
            us += us / 1_000 + 1;
        }
        assert_eq!(whole(brief(u32::MAX)), Some(4_294_000_000));
        assert_eq!(saturated(1 << 40), u32::MAX);
    }

    #[test]
    fn bits_are_a_duration_of_their_own_or_none() {
        let read: Vec<u32> = (0..=u16::MAX).filter_map(whole).collect();
        let mut sorted = read.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(read.len(), sorted.len());
        assert_eq!(whole(NONE), None);
        // 10 with an exponent of 1 is 100, which needs none.
        assert_eq!(whole(EXPONENT_BITS_AT | 10), None);
    }

    /// All that a byte more or less in one field may say.
    fn records() -> impl Iterator<Item = Record> {
        let durations = [0, 1, 255, 256, 8_189, 8_191, brief(20_000), NONE];
        let bytes = [0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 0x3F, 0x40, 254, 255];
        (0..=u8::MAX).flat_map(move |what| {
            bytes.into_iter().flat_map(move |from| {
                bytes.into_iter().flat_map(move |to| {
                    bytes.into_iter().flat_map(move |cause| {
                        durations.into_iter().map(move |correlation| Record {
                            what: What::from_raw(what),
                            from,
                            to,
                            cause,
                            correlation,
                        })
                    })
                })
            })
        })
    }

    #[test]
    fn every_record_is_read_and_written_back_or_its_unknown_field_is_named() {
        let mut count = 0;
        for record in records() {
            match Occurrence::try_from(record) {
                Ok(occurrence) => {
                    count += 1;
                    assert_eq!(Record::from(occurrence), record);
                }
                Err(unknown) => {
                    let Record { what, from, to, cause, correlation } = record;
                    let got = match unknown.field {
                        Field::What => what.as_raw().into(),
                        // A budget is two bytes.
                        Field::From if [7, 9, 10].contains(&what.as_raw()) => {
                            u16::from_le_bytes([from, cause])
                        }
                        Field::From => from.into(),
                        Field::To => to.into(),
                        Field::Cause => cause.into(),
                        Field::Correlation => correlation,
                    };
                    assert_eq!((unknown.what, unknown.got), (what, got));
                }
            }
        }
        // All of the user's, and some of each other.
        assert!(count > 128 * 15 * 15 * 15 * 8, "{count}");
    }

    #[test]
    fn every_occurrence_is_read_back() {
        let record = Record { what: What::from_raw(128), from: 9, to: 8, cause: 7, correlation: 6 };
        for occurrence in [
            Occurrence::Boot { cause: 3, count: 0xABCD },
            Occurrence::Machine {
                from: machine::State::Startup,
                to: machine::State::Lockout,
                event: None,
                episode: 2,
            },
            Occurrence::Channel {
                channel: 255,
                from: channel::State::Running,
                to: channel::State::Faulted,
                cause: channel::Cause::StandstillLeft,
            },
            Occurrence::Output { output: 4, from: Quality::Good, to: Quality::Held, age_us: None },
            Occurrence::Output {
                output: 4,
                from: Quality::Held,
                to: Quality::Bad,
                age_us: Some(50_000),
            },
            Occurrence::FaultRaised { fault: 31, is_first_out: true, episode: 9 },
            Occurrence::FaultRaised { fault: 0, is_first_out: false, episode: 9 },
            Occurrence::FaultCleared { fault: 7, episode: 9 },
            Occurrence::Acknowledged { episode: 9 },
            Occurrence::RecoveryStep { step: 1, took_us: 8_000, budget_us: 20_000 },
            Occurrence::Recovered { took_us: 11_000, budget_us: 25_000 },
            Occurrence::User(record),
        ] {
            assert_eq!(Occurrence::try_from(Record::from(occurrence)), Ok(occurrence));
        }
    }

    #[track_caller]
    fn refused(record: Record, expected: &str) {
        let unknown = Occurrence::try_from(record).unwrap_err();
        assert_eq!(format!("{unknown}"), expected);
    }

    #[test]
    fn what_is_not_known_is_named() {
        let record = Record { what: What::MACHINE, from: 6, to: 0, cause: 0, correlation: 0 };
        refused(record, "From 6 is not known in a record of the code 2");
        refused(
            Record { from: 0, cause: 11, ..record },
            "Cause 11 is not known in a record of the code 2",
        );
        refused(
            Record { what: What::from_raw(127), ..record },
            "What 127 is not known in a record of the code 127",
        );
        let raised = Record { what: What::FAULT_RAISED, from: 2, ..record };
        refused(raised, "From 2 is not known in a record of the code 4");
        let channel = Record { what: What::CHANNEL, from: 0, correlation: 256, ..record };
        refused(channel, "Correlation 256 is not known in a record of the code 3");
    }

    #[test]
    fn what_a_recovery_says_is_read_back() {
        for escalation in [
            Escalation::Reentered { step: 3 },
            Escalation::Lost,
            Escalation::StepOverrun { step: 254, took_us: 31_040, budget_us: 20_000 },
            Escalation::Overrun { took_us: 8_189, budget_us: 8_000 },
            Escalation::ClockBackward,
        ] {
            let record = Record::from(Occurrence::from(escalation));
            assert_eq!(Occurrence::try_from(record), Ok(Occurrence::Escalated(escalation)));
        }
    }
}
