//! A decoder that learns the clock of a light from its darks, and that names the dialects that fit what it shows.
//!
//! ```text
//!   |‾|_|‾|_______________|‾|_|‾|_______________
//!          may be the dark      at that clock each step is one of the dialect: a code
//!          after a code, so the clock is 1.4
//! ```
//!
//! Each dialect is followed as it is and upside down. A dialect fits if its codes cover as much of what is shown as those of the dialect
//! that covers most: the even flashes inside of a longer code do not. Two dialects that look the same at some clock fit both, as ODVA and
//! PROFINET DCP do.

use crate::code::Digits;
use crate::dialect::Dialect;
use crate::edges::{Edges, Ended};
use crate::grammar::{Gaps, Grammar, Stepped, Sum};
use crate::level::Level;
use crate::mark::Mark;
use crate::vocabulary;
use crate::watch::{Pulse, Sight, Watch};

/// A decoder of several dialects at once, of which the clock may be far off.
///
/// ```
/// use led_codes::standard::obd_1::GM;
/// use led_codes::{code, Auto, Dialect};
/// let mut auto = Auto::new(&[&Dialect::HUMAN, &GM]).clock_within(50, 200);
/// let mut at_us = 0;
/// for step in GM.pattern(&code(7, 2)).unwrap().steps().cycle().take(60) {
///     auto.edge(step.level(), at_us);
///     at_us += u64::from(step.ms()) * 1_600; // the clock of this light is slow by 60 %
/// }
/// let fit = auto.best().unwrap();
/// // People count no seven flashes: that is no code of theirs.
/// assert_eq!((fit.index, fit.digits.as_slice(), fit.clock_permille), (1, &[7, 2][..], 1_600));
/// ```
#[derive(Clone, Debug)]
pub struct Auto<'a, const N: usize> {
    dialects: &'a [&'a Dialect],
    /// Each dialect as it is, and upside down.
    ways: [[Way; 2]; N],
    edges: Edges,
    look: Look,
    /// The clocks that are tried, in percent; none for the tolerance of each dialect.
    clock_percent: Option<(u8, u8)>,
    /// All steps that were seen.
    steps: u32,
}

/// How edges are seen.
#[derive(Clone, Copy, Debug)]
enum Look {
    Sharp,
    MovedBy(u16),
    Sampled { interval_us: u32, moved_ms: u16 },
}

/// The codes that were read in one dialect.
#[derive(Clone, Copy, Debug)]
struct Way {
    grammar: Grammar,
    last: Option<(Digits, Option<Mark>, Sum)>,
    agree: u8,
    codes: u16,
    /// The steps of all codes that were read.
    steps: u32,
    /// The steps that were seen before the first one of these, and with the last one.
    from: u32,
    until: u32,
}

impl Way {
    const NEW: Self = Self {
        grammar: Grammar::LOST,
        last: None,
        agree: 0,
        codes: 0,
        steps: 0,
        from: 0,
        until: 0,
    };

    /// How many of the steps from its first code to its last one are part of a code, in percent.
    fn covers_percent(&self) -> u8 {
        let all = self.until.saturating_sub(self.from).max(1);
        let percent = u64::from(self.steps).wrapping_mul(100) / u64::from(all);
        percent.min(100) as u8
    }

    /// A step, which is one of so many.
    fn step(&mut self, dialect: &Dialect, watch: Watch, pulse: Pulse, count: u32) -> bool {
        let stepped = self.grammar.step(dialect, watch, pulse, Gaps::Any);
        let Stepped::Read(digits, mark, sum) = stepped else { return false };
        let is_same = self.last.is_some_and(|(last, of, _)| (last, of) == (digits, mark));
        self.agree = if is_same { self.agree.saturating_add(1) } else { 1 };
        self.last = Some((digits, mark, sum));
        self.codes = self.codes.saturating_add(1);
        self.steps = self.steps.saturating_add(u32::from(sum.steps));
        if self.codes == 1 {
            self.from = count.saturating_sub(u32::from(sum.steps));
        }
        self.until = count;
        true
    }
}

/// The news of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Heard {
    /// Nothing new.
    Nothing,
    /// A code in at least one dialect: see [`Auto::fits`].
    Code,
    /// The light had been lit or dark for longer than any dialect has a step for.
    Steady(Level),
    /// The samples are too far apart for each of the dialects.
    TooFast,
}

/// A dialect that fits what a light shows, and its last code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Fit {
    /// The place of the dialect.
    pub index: usize,
    /// The light is upside down: no dialect fits as it is.
    pub is_inverted: bool,
    /// The digits of its last code.
    pub digits: Digits,
    /// The mark before it.
    pub mark: Option<Mark>,
    /// How many times this code was read, one after the other: 1 and more, at most 255.
    pub agree: u8,
    /// How many codes were read, at most 65,535.
    pub codes: u16,
    /// How many of the steps from its first code to its last one are part of a code, in percent.
    pub covered_percent: u8,
    /// The clock of the light, in thousandths of that of the dialect: 1,200 is a fifth slower.
    pub clock_permille: u16,
    /// How far the steps of the last code were from those of the dialect at that clock, in thousandths of them.
    pub off_permille: u16,
}

impl<'a, const N: usize> Auto<'a, N> {
    /// A decoder of these dialects, each with a clock that is wrong by its tolerance at most. Edges may be moved by up to a tenth of the
    /// shortest step of each.
    #[must_use]
    pub const fn new(dialects: &'a [&'a Dialect; N]) -> Self {
        Self::of_slice(dialects)
    }

    /// The same for dialects that are chosen at run time; `None` if there are more than `N`.
    #[must_use]
    pub const fn of(dialects: &'a [&'a Dialect]) -> Option<Self> {
        if dialects.len() > N { None } else { Some(Self::of_slice(dialects)) }
    }

    const fn of_slice(dialects: &'a [&'a Dialect]) -> Self {
        Self {
            dialects,
            ways: [[Way::NEW; 2]; N],
            edges: Edges::NONE,
            look: Look::Sharp,
            clock_percent: None,
            steps: 0,
        }
    }

    /// This decoder for a light whose steps are from so many to so many percent of those of the dialect, 10 to 250 each. The one clock
    /// of all steps of a code is learnt from the dark before it.
    #[must_use]
    pub const fn clock_within(self, least_percent: u8, most_percent: u8) -> Self {
        Self { clock_percent: Some((limited(least_percent), limited(most_percent))), ..self }
    }

    /// This decoder for edges that are moved, as in [`Decoder::moved_by`](crate::Decoder::moved_by).
    #[must_use]
    pub const fn moved_by(self, ms: u16) -> Self {
        Self { look: Look::MovedBy(ms), ..self }
    }

    /// This decoder for edges that were found in samples, as in [`Decoder::sampled`](crate::Decoder::sampled). A dialect for which the
    /// samples are too far apart does not fit.
    #[must_use]
    pub const fn sampled(self, interval_us: u32, moved_ms: u16) -> Self {
        Self { look: Look::Sampled { interval_us, moved_ms }, ..self }
    }

    /// The light shows this level when the watcher comes. Nobody knows since when, so that the step until the first edge does not count.
    pub fn join(&mut self, level: Level, now_us: u64) {
        self.interrupt();
        self.edges = Edges::joined(level, now_us);
    }

    /// The light changes to this level at this instant. A level that is no other one than the last changes nothing.
    ///
    /// An instant before the last one is taken for that one.
    pub fn edge(&mut self, level: Level, at_us: u64) -> Heard {
        match self.edges.edge(level, at_us, Self::LEVELS, self.steady_after_ms()) {
            Ended::Nothing => Heard::Nothing,
            Ended::Steady(level) => {
                self.forget();
                Heard::Steady(level)
            }
            Ended::Step(pulse) => self.step(pulse),
        }
    }

    /// The light was not seen for a while, as when samples were lost. What was read before stays.
    pub fn interrupt(&mut self) {
        self.forget();
        self.edges = Edges::NONE;
    }

    /// The level, if the light is dark or solid by now. It says so once.
    pub fn poll(&mut self, now_us: u64) -> Option<Level> {
        let level = self.edges.poll(now_us, self.steady_after_ms())?;
        self.forget();
        Some(level)
    }

    /// When to [poll](Self::poll) if no edge comes: the light is dark or solid then.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        self.edges.deadline_us(self.steady_after_ms())
    }

    /// For how long a level may last, in milliseconds, before it is no step of any dialect: the light is dark or solid then. It is the
    /// same for both levels, for the light can be upside down.
    #[must_use]
    pub fn steady_after_ms(&self) -> u32 {
        let of = |dialect: &&Dialect| {
            let (_, watch) = self.watch(dialect);
            let longest_ms = |level| vocabulary::longest_ms(dialect, level);
            watch.most_ms(longest_ms(Level::Off).max(longest_ms(Level::On)))
        };
        self.dialects.iter().map(of).max().unwrap_or(0)
    }

    /// The dialects that fit what was seen so far. None does before a code was read. A dialect fits if its codes have at least half as many
    /// steps as those of any other, and [cover](Fit::covered_percent) nearly as much, nine tenths, of what was shown meanwhile. A dialect
    /// fits upside down if none fits as it is and the same code was read twice.
    pub fn fits(&self) -> impl Iterator<Item = Fit> + '_ {
        let most = self.ways.iter().flatten().map(|way| way.steps).max().unwrap_or(0);
        let is_often = move |way: &&Way| way.codes > 0 && way.steps >= most / 2;
        let covered = self.ways.iter().flatten().filter(is_often).map(Way::covers_percent).max();
        let covered = u16::from(covered.unwrap_or(0));
        let is_much = move |way: &Way| {
            let percent = u16::from(way.covers_percent());
            is_often(&way) && percent.wrapping_mul(10) >= covered.wrapping_mul(9)
        };
        let is_upright = self.ways.iter().any(|[upright, _]| is_much(upright));
        (0..N).filter_map(move |index| {
            let [upright, inverted] = self.ways.get(index)?;
            let way = if is_upright { upright } else { inverted };
            let is_certain = is_upright || way.agree >= 2;
            let (digits, mark, sum) = way.last.filter(|_| is_certain && is_much(way))?;
            Some(Fit {
                index,
                is_inverted: !is_upright,
                digits,
                mark,
                agree: way.agree,
                codes: way.codes,
                covered_percent: way.covers_percent(),
                clock_permille: sum.clock_permille(),
                off_permille: sum.off_permille(),
            })
        })
    }

    /// Of the dialects that fit the one whose steps were nearest to what was seen; the first one of several.
    #[must_use]
    pub fn best(&self) -> Option<Fit> {
        let away = |fit: &Fit| fit.clock_permille.abs_diff(1_000).saturating_add(fit.off_permille);
        self.fits().min_by_key(away)
    }

    fn step(&mut self, pulse: Pulse) -> Heard {
        self.steps = self.steps.saturating_add(1);
        let inverted = Pulse { level: pulse.level.inverted(), ..pulse };
        let (mut is_read, mut is_seen) = (false, false);
        for index in 0..N {
            let Some(dialect) = self.dialects.get(index) else { continue };
            let (is_too_fast, watch) = self.watch(dialect);
            is_seen |= !is_too_fast;
            let Some([upright, upside_down]) = self.ways.get_mut(index) else { continue };
            if !is_too_fast {
                is_read |= upright.step(dialect, watch, pulse, self.steps);
                is_read |= upside_down.step(dialect, watch, inverted, self.steps);
            }
        }
        match (is_read, is_seen) {
            (true, _) => Heard::Code,
            (false, true) => Heard::Nothing,
            (false, false) => Heard::TooFast,
        }
    }

    /// How a step of a dialect may look, and whether the samples are too far apart for it.
    fn watch(&self, dialect: &Dialect) -> (bool, Watch) {
        let sight = Sight::of(dialect);
        let sight = match self.look {
            Look::Sharp => sight,
            Look::MovedBy(ms) => sight.moved_by(ms),
            Look::Sampled { interval_us, moved_ms } => {
                sight.sampled(dialect, interval_us, moved_ms)
            }
        };
        let watch = sight.watch(dialect);
        let (least_percent, most_percent) =
            self.clock_percent.unwrap_or((watch.least_percent, watch.most_percent));
        (sight.is_too_fast(), Watch { least_percent, most_percent, ..watch })
    }

    fn forget(&mut self) {
        self.ways.iter_mut().flatten().for_each(|way| way.grammar = Grammar::LOST);
    }

    /// Two colours are two levels, whatever they mean.
    const LEVELS: Watch =
        Watch { least_percent: 100, most_percent: 100, moved_ms: 0, is_colour_meant: true };
}

/// A part of a clock that is tried, in percent.
const fn limited(percent: u8) -> u8 {
    match percent {
        0..10 => 10,
        250.. => 250,
        percent => percent,
    }
}
