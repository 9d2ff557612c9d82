//! The decoder: edges of a light with their times in, codes out.
//!
//! ```text
//!  light  __|^^|__|^^|__|^^|__________|^^|__|^^|__________|^^
//!         joined in the middle, not counted | 2 flashes    | read here, when the step that ends the code has ended
//! ```
//!
//! Each line of the legend is followed step by step: its entries, with and without a mark, and the healthy pattern. A line is *placed* by a
//! step that can be no other one of it, as the dark after a code. It is *read* when it went by whole, from its first step to its last one.
//! A line that was read is a code only if no other line fits what was seen of it: each of the others must have been refuted by a step,
//! or be so short that its own placing step would have been seen. So the decoder stays silent rather than guess.

use crate::code::Code;
use crate::dialect::Dialect;
use crate::edges::{Edges, Ended};
use crate::entry::Entry;
use crate::flash::Flashes;
use crate::legend::{Legend, View};
use crate::level::Level;
use crate::mark::Mark;
use crate::marking::{Marked, Marking};
use crate::track::{Scan, Track, Went};
use crate::watch::{Pulse, Sight, Watch};

/// A decoder of the codes of a legend, for a light whose edges are seen.
///
/// ```
/// use led_codes::decoder::Seen;
/// use led_codes::{standard::raspberry_pi::ACT, Board, Decoder, Player};
/// let mut board = Board::new(&ACT);
/// board.raise(ACT.id("sdram"), 0);
/// let mut player = Player::new().start(&mut board, 0);
/// let mut decoder = Decoder::new(&ACT);
/// let (mut now_us, mut seen) = (0, None);
/// while seen.is_none() {
///     let (level, next_us) = player.poll(&mut board, now_us);
///     if let Some(Seen::Code { entry, .. }) = decoder.edge(level, now_us) {
///         seen = Some(entry.name);
///     }
///     now_us = next_us.unwrap();
/// }
/// assert_eq!(seen, Some("sdram"));
/// ```
#[derive(Clone, Debug)]
pub struct Decoder<'a, const N: usize> {
    dialect: &'a Dialect,
    entries: &'a [Entry<'a>],
    healthy: Option<Flashes>,
    edges: Edges,
    /// How long the last step was.
    before_ms: u16,
    tracks: [Track; N],
    healthy_track: Track,
    marking: Marking,
    /// How many lines were being followed.
    lines: u8,
    sight: Sight,
    last: Option<(u8, Option<Mark>)>,
    agree: u8,
}

// On a processor of 32 bits it is 96 bytes at most for a table of eight.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<Decoder<'static, 8>>() <= 96);

/// The thing that a decoder has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Seen<'a> {
    /// Fewer lines of the legend fit what is shown than before, and this many still do.
    Partial {
        /// How many lines fit.
        lines: u8,
    },
    /// A code, whole.
    Code {
        /// Its place in the legend.
        index: u8,
        /// Its entry.
        entry: &'a Entry<'a>,
        /// The mark before it.
        mark: Option<Mark>,
        /// How many times it was read, one after the other: 1 and more, at most 255.
        agree: u8,
    },
    /// The pattern of a machine without a fault, whole.
    Healthy {
        /// How many times it was read, one after the other: 1 and more, at most 255.
        agree: u8,
    },
    /// The steps that were seen are no code, and why. The next one is looked for.
    Rejected(Rejected),
    /// Lit for longer than the legend has a step for. An entry may mean that.
    Solid {
        /// The level.
        level: Level,
        /// The entry whose code is this level.
        entry: Option<&'a Entry<'a>>,
    },
    /// Dark for longer than the legend has a step for. An entry may mean that.
    Dark {
        /// The entry whose code is dark.
        entry: Option<&'a Entry<'a>>,
    },
}

/// Why something that was seen is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rejected {
    /// No line of the legend has a step like this one.
    Step {
        /// Its level.
        level: Level,
        /// Its duration, in milliseconds.
        got_ms: u32,
    },
    /// Each step is one of the legend, and no line has them in this order.
    NoCode,
    /// Samples are too far apart for the shortest step, if the clock of the light is fast.
    TooFast {
        /// The shortest step, in milliseconds.
        shortest_ms: u16,
    },
}

impl<'a, const N: usize> Decoder<'a, N> {
    /// A decoder of a legend. Edges may be moved by up to a tenth of the dialect's shortest step: see [`moved_by`](Self::moved_by).
    #[must_use]
    pub const fn new(legend: &'a Legend<N>) -> Self {
        Self::of_view(&legend.view())
    }

    /// A decoder of a legend that is made at run time; `None` if it has more than `N` entries.
    #[must_use]
    pub const fn of(legend: &View<'a>) -> Option<Self> {
        if legend.entries().len() > N { None } else { Some(Self::of_view(legend)) }
    }

    const fn of_view(legend: &View<'a>) -> Self {
        let healthy = match legend.healthy() {
            Some(healthy) => Some(healthy.flashes),
            None => None,
        };
        Self {
            dialect: legend.dialect(),
            entries: legend.entries(),
            healthy,
            edges: Edges::NONE,
            before_ms: 0,
            tracks: [Track::LOST; N],
            healthy_track: Track::LOST,
            marking: Marking::NOT,
            lines: 0,
            sight: Sight::of(legend.dialect()),
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

    /// This decoder for edges that were found in samples so many microseconds apart, at most 1,000,000, and that are moved by up to so
    /// many milliseconds besides. Two samples in a row may be lost. If fewer than five samples are in the shortest step of a light that
    /// is as fast as the tolerance of the dialect allows, all is [rejected](Rejected::TooFast).
    #[must_use]
    pub const fn sampled(self, interval_us: u32, moved_ms: u16) -> Self {
        Self { sight: self.sight.sampled(self.dialect, interval_us, moved_ms), ..self }
    }

    /// The fewest samples in the shortest step.
    pub const SAMPLES_MIN: u32 = Sight::SAMPLES_MIN;

    /// The light shows this level when the watcher comes. Nobody knows since when, so that the step until the first edge does not count.
    pub fn join(&mut self, level: Level, now_us: u64) {
        self.forget();
        self.edges = Edges::joined(level, now_us);
    }

    /// The light changes to this level at this instant. A level that is no other one than the last changes nothing.
    ///
    /// An instant before the last one is taken for that one.
    pub fn edge(&mut self, level: Level, at_us: u64) -> Option<Seen<'a>> {
        let steady_after_ms = self.edges.level().map_or(0, |level| self.steady_after_ms(level));
        match self.edges.edge(level, at_us, self.watch(), steady_after_ms) {
            Ended::Nothing => None,
            Ended::Steady(level) => {
                self.forget();
                Some(self.steady(level))
            }
            Ended::Step(_) if self.sight.is_too_fast() => Some(Seen::Rejected(self.too_fast())),
            Ended::Step(pulse) => self.step(pulse),
        }
    }

    /// The light was not seen for a while, as when samples were lost. The next edge is the first one again.
    pub fn interrupt(&mut self) {
        self.forget();
        self.edges = Edges::NONE;
    }

    /// Whether the light is dark or solid by now. It says so once.
    pub fn poll(&mut self, now_us: u64) -> Option<Seen<'a>> {
        let steady_after_ms = self.steady_after_ms(self.edges.level()?);
        let level = self.edges.poll(now_us, steady_after_ms)?;
        self.forget();
        Some(self.steady(level))
    }

    /// When to [poll](Self::poll) if no edge comes: the light is dark or solid then.
    #[must_use]
    pub fn next_deadline_us(&self) -> Option<u64> {
        self.edges.deadline_us(self.steady_after_ms(self.edges.level()?))
    }

    /// For how long a level may last, in milliseconds, before it is no step of the legend: the light is dark or solid then.
    #[must_use]
    pub fn steady_after_ms(&self, level: Level) -> u32 {
        let mut longest_ms = 0;
        let mut of_row = |row: Flashes| {
            let ms = if level.is_lit() { row.on_ms() } else { row.off_ms().max(row.gap_ms()) };
            longest_ms = ms.max(longest_ms);
        };
        for line in 0..=self.entries.len() {
            let mut index = 0_u8;
            while let Some(row) = self.row(line, index) {
                of_row(row);
                index = index.wrapping_add(1);
            }
        }
        if let Some(marks) = self.dialect.marks_of() {
            Mark::ALL.into_iter().for_each(|mark| of_row(marks.flashes(mark)));
        }
        self.watch().most_ms(longest_ms)
    }

    /// Follows each line by one step.
    fn step(&mut self, pulse: Pulse) -> Option<Seen<'a>> {
        let watch = self.watch();
        let (marked, may_begin_mark) = match self.dialect.marks_of() {
            Some(marks) => self.marking.follow(marks, watch, pulse),
            None => (Marked::Not, false),
        };
        let (mut is_any, mut goes_on, mut lines) = (false, false, 0_u8);
        // The dark after the lines that a mark may be before.
        let mut enters: Option<u16> = None;
        // The most steps that a line had before it was lost, and that may be a part of a line now.
        let (mut lost, mut may_be) = (0, 0);
        let mut through: Option<(usize, Option<Mark>, u8)> = None;
        for line in 0..=self.entries.len() {
            let Some(mut track) = self.track(line) else { continue };
            let marks = self.dialect.marks_of().filter(|_| line < self.entries.len());
            let mut scan =
                Scan::new(watch, pulse, track.next(), |index| self.row(line, index), marks);
            let mut may_begin = may_begin_mark;
            match marks {
                Some(marks) if may_begin && track.next() == 0 && scan.is_next() => {
                    may_begin = scan.tell_by_clock(self.before_ms, pulse, watch, marks);
                }
                Some(_) => {}
                None => may_begin = false,
            }
            let fitted = track.fitted();
            let went = track.go_on(&scan, marked, may_begin);
            is_any |= scan.is_any();
            if went == Went::IntoMark {
                let is_other = enters.is_some_and(|gap_ms| gap_ms != scan.gap_ms());
                enters = Some(if is_other { 0 } else { scan.gap_ms() });
            }
            match went {
                Went::Lost | Went::Placed => lost = fitted.max(lost),
                _ => goes_on = true,
            }
            may_be = track.may_be().max(may_be);
            if let Went::Through(mark) = went {
                if through.is_none_or(|(.., fitted)| fitted < track.fitted()) {
                    through = Some((line, mark, track.fitted()));
                }
            }
            lines = lines.saturating_add(u8::from(track.is_placed()));
            self.keep(line, track);
        }
        if let (Some(gap_ms), Some(marks)) = (enters, self.dialect.marks_of()) {
            self.marking.begin(marks, watch, pulse, (self.before_ms, gap_ms));
        }
        self.before_ms = u16::try_from(pulse.ms).unwrap_or(u16::MAX);
        let before = core::mem::replace(&mut self.lines, lines);
        if let Some((line, mark, fitted)) = through {
            return if self.is_alone(line, fitted) { Some(self.read(line, mark)) } else { None };
        }
        if !is_any {
            return Some(Seen::Rejected(Rejected::Step { level: pulse.level, got_ms: pulse.ms }));
        }
        // No line explains the step with all that was followed before it.
        if !goes_on && lost > 0 && may_be <= lost {
            return Some(Seen::Rejected(Rejected::NoCode));
        }
        (lines > 0 && lines < before).then_some(Seen::Partial { lines })
    }

    /// Whether no other line fits what was seen of this one.
    fn is_alone(&self, line: usize, fitted: u8) -> bool {
        (0..=self.entries.len())
            .filter(|other| *other != line)
            .filter_map(|other| self.track(other))
            .all(|other| other.may_be() < fitted)
    }

    /// A line was read.
    fn read(&mut self, line: usize, mark: Option<Mark>) -> Seen<'a> {
        let index = line as u8;
        let is_same = self.last == Some((index, mark));
        self.agree = if is_same { self.agree.saturating_add(1) } else { 1 };
        self.last = Some((index, mark));
        let agree = self.agree;
        match self.entries.get(line) {
            Some(entry) => Seen::Code { index, entry, mark, agree },
            None => Seen::Healthy { agree },
        }
    }

    /// The light stays as it is.
    fn steady(&self, level: Level) -> Seen<'a> {
        let is_this = |entry: &&Entry<'_>| match entry.code {
            Code::Solid(solid) => self.watch().is_alike(level, solid),
            _ => false,
        };
        let mut entries = self.entries.iter().filter(is_this);
        // Two entries of colours that nobody sees are none.
        let entry = entries.next().filter(|_| entries.next().is_none());
        if level.is_lit() { Seen::Solid { level, entry } } else { Seen::Dark { entry } }
    }

    fn too_fast(&self) -> Rejected {
        Rejected::TooFast { shortest_ms: self.dialect.shortest_ms() }
    }

    fn forget(&mut self) {
        self.tracks = [Track::LOST; N];
        self.healthy_track = Track::LOST;
        self.marking = Marking::NOT;
        (self.lines, self.last) = (0, None);
    }

    const fn watch(&self) -> Watch {
        self.sight.watch(self.dialect)
    }

    /// A row of a line: of an entry, or of the healthy pattern behind them.
    fn row(&self, line: usize, index: u8) -> Option<Flashes> {
        match self.entries.get(line) {
            Some(entry) => self.dialect.row(&entry.code, None, index),
            None => self.healthy.filter(|_| index == 0),
        }
    }

    /// The track of a line; `None` if the line has no steps.
    fn track(&self, line: usize) -> Option<Track> {
        match self.entries.get(line) {
            Some(Entry { code: Code::Solid(_), .. }) => None,
            Some(_) => self.tracks.get(line).copied(),
            None => self.healthy.map(|_| self.healthy_track),
        }
    }

    fn keep(&mut self, line: usize, track: Track) {
        let is_entry = line < self.entries.len();
        match self.tracks.get_mut(line).filter(|_| is_entry) {
            Some(kept) => *kept = track,
            None => self.healthy_track = track,
        }
    }
}
