//! What is wrong with a plan, with its numbers. One text serves the compiler's message and `Display`.

use core::fmt;

use super::message::Message;

/// A kind of row in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum What {
    /// Supervised entities.
    Entities,
    /// Deadlines.
    Deadlines,
    /// Graphs.
    Flows,
}

/// A part of a plan, by its place among its like, from 0 and in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Who {
    /// The plan as a whole.
    Plan,
    /// A supervised entity.
    Entity(u8),
    /// A deadline.
    Deadline(u8),
    /// A graph.
    Flow(u8),
    /// A mode, by its number.
    Mode(u8),
    /// The start-up.
    StartUp,
    /// A call of `advisory`, by its number.
    Advisory(u8),
    /// A guarded section.
    Section(u8),
}

/// The most entities, deadlines and graphs that a plan may have, each: one less than a byte tells apart.
pub(super) const COUNT_MAX: u8 = 254;

/// A contradiction in a plan. Times are microseconds; one that does not fit into 32 bits is `u32::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// The plan declares more or fewer rows than its type says.
    Count {
        /// Which rows.
        what: What,
        /// How many there are.
        declared: u16,
        /// What the plan's type says.
        capacity: u16,
    },
    /// Two entities have the same name.
    DuplicateName {
        /// The place of one.
        first: u8,
        /// The place of the other.
        second: u8,
    },
    /// A row names an entity that is not declared before it.
    UnknownEntity {
        /// Which part of the plan.
        who: Who,
    },
    /// An entity has a second graph.
    SecondFlow {
        /// Which part of the plan.
        who: Who,
    },
    /// A time is 0 and may not be.
    Zero {
        /// Which part of the plan.
        who: Who,
    },
    /// A time is 2^31 us or more.
    TooLong {
        /// Which part of the plan.
        who: Who,
        /// The time.
        us: u32,
    },
    /// The shortest timeout is longer than the longest, or 0.
    EmptyTimeout {
        /// The shortest.
        min_us: u32,
        /// The longest.
        max_us: u32,
    },
    /// The watchdog bites before its window opens.
    EmptyWindow {
        /// When the window is open, by a slow clock.
        opens_us: u32,
        /// When the watchdog bites, by a fast clock.
        bites_after_us: u32,
    },
    /// A tolerance of 1000 permille or more.
    Tolerance {
        /// The tolerance.
        permille: u16,
    },
    /// The window may still be closed when a cycle has ended early after a late one.
    WindowClosed {
        /// When the window is open, by a slow clock.
        opens_us: u32,
        /// The shortest time between two feeds.
        earliest_feed_us: u32,
    },
    /// The watchdog may bite before the next feed.
    Starved {
        /// The longest time between two feeds.
        latest_feed_us: u32,
        /// When the watchdog bites, by a fast clock.
        bites_after_us: u32,
    },
    /// An entity that dies or misses its deadline is not made safe within the process safety time.
    Reaction {
        /// Which part of the plan.
        who: Who,
        /// How long it takes.
        reaction_us: u32,
        /// How long it may take.
        process_safety_time_us: u32,
    },
    /// Nothing is judged for so long that an entity which has died is not made safe within the process safety time.
    Unjudged {
        /// Which part of the plan.
        who: Who,
        /// How long it takes.
        reaction_us: u32,
        /// How long it may take.
        process_safety_time_us: u32,
    },
    /// The watchdog may bite in a mode in which nothing can run, or before the first feed after it.
    Bitten {
        /// Which part of the plan.
        who: Who,
        /// The budget of the mode.
        budget_us: u32,
        /// The longest time without a feed, budget included.
        without_feed_us: u32,
        /// When the watchdog bites, by a fast clock.
        bites_after_us: u32,
    },
    /// A start-up in which nothing can run.
    BlockedStartUp,
    /// No hit at all would be correct.
    DeadPasses {
        /// Which part of the plan.
        who: Who,
        /// The expected count.
        expected: u32,
        /// The minimum margin.
        min_margin: i32,
    },
    /// A minimum margin above 0, or a maximum margin below it.
    Margins {
        /// Which part of the plan.
        who: Who,
        /// The minimum margin.
        min_margin: i32,
        /// The maximum margin.
        max_margin: i32,
    },
    /// The highest correct count does not fit into 32 bits.
    TooMany {
        /// Which part of the plan.
        who: Who,
        /// The expected count.
        expected: u32,
        /// The maximum margin.
        max_margin: i32,
    },
    /// A reference cycle of 0 or 255 supervision cycles.
    ReferenceCycle {
        /// Which part of the plan.
        who: Who,
        /// The cycles.
        cycles: u8,
    },
    /// An entity without alive supervision is not advisory.
    NotAdvisory {
        /// Which part of the plan.
        who: Who,
    },
    /// The minimum of a deadline is longer than its maximum.
    EmptyDeadline {
        /// Which part of the plan.
        who: Who,
        /// The shortest.
        min_us: u32,
        /// The longest.
        max_us: u32,
    },
    /// A deadline stops at the checkpoint at which it starts.
    OnePoint {
        /// Which part of the plan.
        who: Who,
        /// The checkpoint.
        checkpoint: u8,
    },
    /// A graph without an initial checkpoint.
    NoInitial {
        /// Which part of the plan.
        who: Who,
    },
    /// An edge leads to a checkpoint that is not final and has no successor.
    EdgeToNowhere {
        /// Which part of the plan.
        who: Who,
        /// Where the edge begins.
        from: u8,
        /// Where it ends.
        to: u8,
    },
    /// An edge comes from a checkpoint to which no way leads.
    EdgeFromNowhere {
        /// Which part of the plan.
        who: Who,
        /// Where the edge begins.
        from: u8,
        /// Where it ends.
        to: u8,
    },
    /// A final checkpoint to which no way leads.
    FinalUnreachable {
        /// Which part of the plan.
        who: Who,
        /// The checkpoint.
        checkpoint: u8,
    },
    /// An initial checkpoint that is not final and has no successor.
    DeadEnd {
        /// Which part of the plan.
        who: Who,
        /// The checkpoint.
        checkpoint: u8,
    },
    /// In a mode no active entity withholds the permit.
    Unsupervised {
        /// Which part of the plan.
        who: Who,
    },
    /// Two rows are of the same mode.
    DuplicateMode {
        /// Which part of the plan.
        who: Who,
    },
    /// The first mode is a bounded one.
    BoundedFirst,
    /// More guarded sections than an owner's words have bits.
    Sections {
        /// How many there are.
        declared: u16,
    },
    /// Two guarded sections have the same name.
    DuplicateSection {
        /// The number of one.
        first: u8,
        /// The number of the other.
        second: u8,
    },
}

const _: () = assert!(size_of::<Error>() <= 16);

impl core::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message("").as_str())
    }
}

impl Error {
    /// The part of the plan that is wrong.
    #[must_use]
    pub const fn who(&self) -> Who {
        match *self {
            Self::DuplicateName { second, .. } => Who::Entity(second),
            Self::UnknownEntity { who }
            | Self::SecondFlow { who }
            | Self::Zero { who }
            | Self::TooLong { who, .. }
            | Self::Reaction { who, .. }
            | Self::Unjudged { who, .. }
            | Self::Bitten { who, .. }
            | Self::DeadPasses { who, .. }
            | Self::Margins { who, .. }
            | Self::TooMany { who, .. }
            | Self::ReferenceCycle { who, .. }
            | Self::NotAdvisory { who }
            | Self::EmptyDeadline { who, .. }
            | Self::OnePoint { who, .. }
            | Self::NoInitial { who }
            | Self::EdgeToNowhere { who, .. }
            | Self::EdgeFromNowhere { who, .. }
            | Self::FinalUnreachable { who, .. }
            | Self::DeadEnd { who, .. }
            | Self::Unsupervised { who }
            | Self::DuplicateMode { who } => who,
            Self::BlockedStartUp => Who::StartUp,
            Self::BoundedFirst => Who::Mode(0),
            Self::DuplicateSection { second, .. } => Who::Section(second),
            Self::Count { .. }
            | Self::Sections { .. }
            | Self::EmptyTimeout { .. }
            | Self::EmptyWindow { .. }
            | Self::Tolerance { .. }
            | Self::WindowClosed { .. }
            | Self::Starved { .. } => Who::Plan,
        }
    }

    /// The error as a sentence; `name` is that of the part that is wrong, empty if it is not known.
    pub(super) const fn message(&self, name: &str) -> Message {
        let message = self.who().message(Message::new(), name);
        match *self {
            Self::Count { what, declared, capacity } => {
                let message = message.text(what.name()).text(": ").number(declared as u64);
                if declared == capacity {
                    return message.text(" declared, at most ").number(COUNT_MAX as u64);
                }
                message.text(" declared, the type of the plan says ").number(capacity as u64)
            }
            Self::DuplicateName { first, .. } => {
                message.text("the name is that of entity ").number(first as u64)
            }
            Self::UnknownEntity { .. } => message.text("no entity of this name stands before it"),
            Self::SecondFlow { .. } => message.text("its entity has a graph already"),
            Self::Zero { .. } => message.text("0 us"),
            Self::TooLong { us, .. } => message.number(us as u64).text(" us, at most 2147483647"),
            Self::EmptyTimeout { min_us, max_us } => {
                message.text("timeout of ").range(min_us, max_us)
            }
            Self::EmptyWindow { opens_us, bites_after_us } => {
                let message = message.text("the window opens after ").number(opens_us as u64);
                message.text(" us, the watchdog bites after ").number(bites_after_us as u64).us()
            }
            Self::Tolerance { permille } => {
                message.text("tolerance of ").number(permille as u64).text(" permille, at most 999")
            }
            Self::WindowClosed { opens_us, earliest_feed_us } => {
                let message = message.text("the window opens after ").number(opens_us as u64);
                message
                    .text(" us, two feeds may be ")
                    .number(earliest_feed_us as u64)
                    .text(" us apart")
            }
            Self::Starved { latest_feed_us, bites_after_us } => {
                let message = message.text("two feeds may be ").number(latest_feed_us as u64);
                message
                    .text(" us apart, the watchdog bites after ")
                    .number(bites_after_us as u64)
                    .us()
            }
            Self::Reaction { reaction_us, process_safety_time_us, .. } => {
                let message = message.text("safe after ").number(reaction_us as u64);
                message.text(" us, process safety time ").number(process_safety_time_us as u64).us()
            }
            Self::Unjudged { reaction_us, process_safety_time_us, .. } => {
                let message = message.text("nothing is judged in it: safe after ");
                let message = message.number(reaction_us as u64).text(" us, process safety time ");
                message.number(process_safety_time_us as u64).us()
            }
            Self::Bitten { budget_us, without_feed_us, bites_after_us, .. } => {
                let message = message.text("a budget of ").number(budget_us as u64);
                let message = message.text(" us is ").number(without_feed_us as u64);
                let message = message.text(" us without a feed, the watchdog bites after ");
                message.number(bites_after_us as u64).us()
            }
            _ => self.message_of_supervision(message),
        }
    }

    const fn message_of_supervision(&self, message: Message) -> Message {
        match *self {
            Self::DeadPasses { expected, min_margin, .. } => {
                let message = message.number(expected as u64).text(" expected, minimum margin ");
                message.signed(min_margin as i64).text(": an entity that is dead passes")
            }
            Self::Margins { min_margin, max_margin, .. } => {
                let message = message.text("margins of ").signed(min_margin as i64);
                message.text(" and ").signed(max_margin as i64).text(": at most 0, and at least 0")
            }
            Self::TooMany { expected, max_margin, .. } => {
                let message = message.number(expected as u64).text(" expected, maximum margin ");
                message.signed(max_margin as i64).text(": at most 4294967295 together")
            }
            Self::ReferenceCycle { cycles, .. } => message
                .text("a reference cycle of ")
                .number(cycles as u64)
                .text(" cycles: 1 to 254"),
            Self::NotAdvisory { .. } => {
                message.text("without alive supervision it must be advisory")
            }
            Self::EmptyDeadline { min_us, max_us, .. } => message.range(min_us, max_us),
            Self::OnePoint { checkpoint, .. } => {
                message.text("it starts and stops at checkpoint ").number(checkpoint as u64)
            }
            Self::NoInitial { .. } => message.text("no initial checkpoint"),
            Self::EdgeToNowhere { from, to, .. } => {
                let message = message.edge(from, to).text("checkpoint ").number(to as u64);
                message.text(" is not final and has no successor")
            }
            Self::EdgeFromNowhere { from, to, .. } => {
                let message = message.edge(from, to).text("no way leads to checkpoint ");
                message.number(from as u64)
            }
            Self::FinalUnreachable { checkpoint, .. } => {
                message.text("no way leads to the final checkpoint ").number(checkpoint as u64)
            }
            Self::DeadEnd { checkpoint, .. } => {
                let message = message.text("initial checkpoint ").number(checkpoint as u64);
                message.text(" is not final and has no successor")
            }
            Self::Unsupervised { .. } => {
                message.text("no entity that withholds the permit is active in it")
            }
            Self::DuplicateMode { .. } => message.text("it has two rows"),
            Self::BlockedStartUp => message.text("permits come in it: it cannot be blocked"),
            Self::BoundedFirst => message.text("the first mode cannot be bounded"),
            Self::Sections { declared } => {
                message.text("sections: ").number(declared as u64).text(" declared, at most 16")
            }
            Self::DuplicateSection { first, .. } => {
                message.text("the name is that of section ").number(first as u64)
            }
            _ => message,
        }
    }
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Entities => "entities",
            Self::Deadlines => "deadlines",
            Self::Flows => "graphs",
        }
    }
}

impl Who {
    const fn message(self, message: Message, name: &str) -> Message {
        let (noun, index) = match self {
            Self::Plan => return message,
            Self::StartUp => return message.text("start-up: "),
            Self::Entity(index) => ("entity ", index),
            Self::Deadline(index) => ("deadline ", index),
            Self::Flow(index) => ("graph ", index),
            Self::Mode(index) => ("mode ", index),
            Self::Advisory(index) => ("advisory ", index),
            Self::Section(index) => ("section ", index),
        };
        let message = message.text(noun).number(index as u64);
        if name.is_empty() {
            return message.text(": ");
        }
        message.text(" \"").text(name).text("\": ")
    }
}

impl Message {
    const fn us(self) -> Self {
        self.text(" us")
    }

    const fn range(self, min_us: u32, max_us: u32) -> Self {
        self.text("from ").number(min_us as u64).text(" to ").number(max_us as u64).us()
    }

    const fn edge(self, from: u8, to: u8) -> Self {
        self.text("edge from ").number(from as u64).text(" to ").number(to as u64).text(": ")
    }
}
