//! The decoder without a table: edges of a light in, the digits of its dialect out.
//!
//! ```text
//!  light  __|^^|__|^^|__|^^|__________|^^|__|^^|__________|^^
//!         joined in the middle, not counted | 2 flashes    | 2 is read here, when the dark after it has ended
//! ```
//!
//! A code begins after a dark that can be no other one than the dark after a code. It tells the clock of the light, and each step after it
//! must be one of those that the dialect has there, and no other one, at that clock.

use crate::code::Digits;
use crate::decoder::Rejected;
use crate::dialect::Dialect;
use crate::edges::{Edges, Ended};
use crate::grammar::{Gaps, Grammar, Stepped, Sum};
use crate::level::Level;
use crate::mark::Mark;
use crate::vocabulary;
use crate::watch::{Pulse, Sight, Watch};

/// A decoder of the digits of a dialect, for a light whose table nobody has.
///
/// ```
/// use led_codes::digit_decoder::Seen;
/// use led_codes::standard::obd_1::FORD;
/// use led_codes::{digits, DigitDecoder, Level};
/// let mut decoder = DigitDecoder::new(&FORD);
/// let (mut at_us, mut seen) = (0, None);
/// for step in FORD.pattern(&digits(&[0, 2, 3, 1])).unwrap().steps().cycle().take(60) {
///     if let Some(Seen::Code { digits, .. }) = decoder.edge(step.level(), at_us) {
///         seen = Some(digits);
///     }
///     at_us += u64::from(step.ms()) * 1_000;
/// }
/// assert_eq!(seen.unwrap().as_slice(), [0, 2, 3, 1]);
/// ```
#[derive(Clone, Debug)]
pub struct DigitDecoder<'a> {
    dialect: &'a Dialect,
    edges: Edges,
    grammar: Grammar,
    sight: Sight,
    last: Option<(Digits, Option<Mark>)>,
    agree: u8,
}

/// The thing that a decoder of digits has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Seen {
    /// A code, whole.
    Code {
        /// Its digits.
        digits: Digits,
        /// The mark before it.
        mark: Option<Mark>,
        /// How many times it was read, one after the other: 1 and more, at most 255.
        agree: u8,
        /// The clock of the light, in thousandths of that of the dialect: 1,200 is a fifth slower.
        clock_permille: u16,
        /// How far its steps were from those of the dialect at that clock, in thousandths of them.
        off_permille: u16,
    },
    /// No code of the dialect is like this, and why. The next one is looked for.
    Rejected(Rejected),
    /// Lit for longer than the dialect has a step for.
    Solid(Level),
    /// Dark for longer than the dialect has a step for.
    Dark,
}

impl<'a> DigitDecoder<'a> {
    /// A decoder of a dialect. Edges may be moved by up to a tenth of its shortest step: see [`moved_by`](Self::moved_by).
    ///
    /// A dialect whose dark after a code can look like another one of its darks is never read. Of two codes that differ in last zeros,
    /// which have no flashes in some dialects, the shorter one is read.
    #[must_use]
    pub const fn new(dialect: &'a Dialect) -> Self {
        Self {
            dialect,
            edges: Edges::NONE,
            grammar: Grammar::LOST,
            sight: Sight::of(dialect),
            last: None,
            agree: 0,
        }
    }

    /// This decoder for edges that are seen up to so many milliseconds too early or too late, at most 16,383. A step between two
    /// such edges is longer or shorter by twice as much.
    #[must_use]
    pub const fn moved_by(self, ms: u16) -> Self {
        Self { sight: self.sight.moved_by(ms), ..self }
    }

    /// This decoder for edges that were found in samples, as in [`Decoder::sampled`](crate::Decoder::sampled).
    #[must_use]
    pub const fn sampled(self, interval_us: u32, moved_ms: u16) -> Self {
        Self { sight: self.sight.sampled(self.dialect, interval_us, moved_ms), ..self }
    }

    /// The light shows this level when the watcher comes. Nobody knows since when, so that the step until the first edge does not count.
    pub fn join(&mut self, level: Level, now_us: u64) {
        self.forget();
        self.edges = Edges::joined(level, now_us);
    }

    /// The light changes to this level at this instant. A level that is no other one than the last changes nothing.
    ///
    /// An instant before the last one is taken for that one.
    pub fn edge(&mut self, level: Level, at_us: u64) -> Option<Seen> {
        let steady_after_ms = self.edges.level().map_or(0, |level| self.steady_after_ms(level));
        match self.edges.edge(level, at_us, self.watch(), steady_after_ms) {
            Ended::Nothing => None,
            Ended::Steady(level) => {
                self.forget();
                Some(steady(level))
            }
            Ended::Step(_) if self.sight.is_too_fast() => {
                let shortest_ms = self.dialect.shortest_ms();
                Some(Seen::Rejected(Rejected::TooFast { shortest_ms }))
            }
            Ended::Step(pulse) => self.step(pulse),
        }
    }

    /// The light was not seen for a while, as when samples were lost. The next edge is the first one again.
    pub fn interrupt(&mut self) {
        self.forget();
        self.edges = Edges::NONE;
    }

    /// Whether the light is dark or solid by now. It says so once.
    pub fn poll(&mut self, now_us: u64) -> Option<Seen> {
        let steady_after_ms = self.steady_after_ms(self.edges.level()?);
        let level = self.edges.poll(now_us, steady_after_ms)?;
        self.forget();
        Some(steady(level))
    }

    /// When to [poll](Self::poll) if no edge comes: the light is dark or solid then.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        self.edges.deadline_us(self.steady_after_ms(self.edges.level()?))
    }

    /// For how long a level may last, in milliseconds, before it is no step of the dialect: the light is dark or solid then.
    #[must_use]
    pub fn steady_after_ms(&self, level: Level) -> u32 {
        self.watch().most_ms(vocabulary::longest_ms(self.dialect, level))
    }

    fn step(&mut self, pulse: Pulse) -> Option<Seen> {
        let watch = self.watch();
        match self.grammar.step(self.dialect, watch, pulse, Gaps::Certain) {
            Stepped::Read(digits, mark, sum) => Some(self.read(digits, mark, sum)),
            Stepped::On => None,
            _ if !vocabulary::is_any(self.dialect, watch, pulse) => {
                let Pulse { level, ms } = pulse;
                Some(Seen::Rejected(Rejected::Step { level, got_ms: ms }))
            }
            Stepped::Lost => Some(Seen::Rejected(Rejected::NoCode)),
            Stepped::Nothing => None,
        }
    }

    fn read(&mut self, digits: Digits, mark: Option<Mark>, sum: Sum) -> Seen {
        let is_same = self.last == Some((digits, mark));
        self.agree = if is_same { self.agree.saturating_add(1) } else { 1 };
        self.last = Some((digits, mark));
        let agree = self.agree;
        let (clock_permille, off_permille) = (sum.clock_permille(), sum.off_permille());
        Seen::Code { digits, mark, agree, clock_permille, off_permille }
    }

    fn forget(&mut self) {
        (self.grammar, self.last) = (Grammar::LOST, None);
    }

    const fn watch(&self) -> Watch {
        self.sight.watch(self.dialect)
    }
}

fn steady(level: Level) -> Seen {
    if level.is_lit() { Seen::Solid(level) } else { Seen::Dark }
}
