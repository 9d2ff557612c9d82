//! The fault board: several faults on one light, none over another.
//!
//! ```text
//!  before the reset (marked)  ->  first out (marked)  ->  the others, the worse ones first  ->  and again
//!        each as often as the dialect says, each whole
//! ```
//!
//! A pattern changes only when a code has ended: faults that are raised while one is shown follow it. A fault is shown whole at least
//! once, even if it was cleared and acknowledged before anybody could see it. When there is nothing to show, the light shows that it is
//! healthy, or is dark in the table of a standard.

use crate::code::Code;
use crate::entry::{Entry, Id, Severity};
use crate::flash::Flashes;
use crate::legend::{Legend, View};
use crate::level::Level;
use crate::mark::Mark;
use crate::player::{Showing, Source, remainder};
use crate::sequence::{Event, Sequence, State};

/// The faults of a legend, and which of them the light shows.
///
/// Time comes from the caller: an instant before the last one changes nothing of what is shown.
#[derive(Clone, Debug)]
pub struct Board<'a, const N: usize> {
    legend: &'a Legend<N>,
    /// When what is shown began.
    begun_us: u64,
    faults: [Fault; N],
    shown: Shown<N>,
    /// How often it was shown whole, of `repeats`.
    times: u8,
    repeats: u8,
    first: Option<Id<N>>,
    restored: Option<Restored<N>>,
    sequence: Sequence,
    is_begun: bool,
    is_lamp_test: bool,
    is_broken: bool,
}

/// The state of one fault on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fault {
    state: State,
    is_active: bool,
    /// Raised, and not shown whole since then.
    is_unshown: bool,
}

/// A fault from before the reset.
#[derive(Clone, Copy, Debug)]
struct Restored<const N: usize> {
    id: Id<N>,
    is_unshown: bool,
    is_acknowledged: bool,
}

/// The thing that a board shows now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Shown<const N: usize> {
    /// Dark, for there is nothing to show, and the table has no pattern for that.
    Nothing,
    /// The pattern of a machine without a fault.
    Healthy,
    /// A code, with its mark.
    Code {
        /// The entry of the code.
        id: Id<N>,
        /// The mark before the code.
        mark: Option<Mark>,
    },
    /// Dark after a code that ends lit, so that the one after it has a beginning.
    Pause {
        /// The entry of the code that was shown.
        id: Id<N>,
        /// Its mark.
        mark: Option<Mark>,
    },
}

impl Fault {
    const NONE: Self = Self { state: State::Normal, is_active: false, is_unshown: false };

    /// Where it is in its sequence.
    #[must_use]
    pub const fn state(self) -> State {
        self.state
    }

    /// Whether the fault is active: raised, and not cleared since.
    #[must_use]
    pub const fn is_active(self) -> bool {
        self.is_active
    }

    /// Whether the light shows it.
    #[must_use]
    pub const fn is_shown(self) -> bool {
        self.is_unshown || !matches!(self.state, State::Normal)
    }
}

impl<'a, const N: usize> Board<'a, N> {
    /// A board without a fault, by sequence A. Each code is shown as often as the dialect says.
    #[must_use]
    pub const fn new(legend: &'a Legend<N>) -> Self {
        Self {
            legend,
            begun_us: 0,
            faults: [Fault::NONE; N],
            shown: Shown::Nothing,
            times: 0,
            repeats: legend.dialect().times(),
            first: None,
            restored: None,
            sequence: Sequence::A,
            is_begun: false,
            is_lamp_test: false,
            is_broken: false,
        }
    }

    /// This board by another sequence.
    #[must_use]
    pub const fn sequence(self, sequence: Sequence) -> Self {
        Self { sequence, ..self }
    }

    /// This board with each code shown so often before the next one.
    ///
    /// # Panics
    ///
    /// If it is 0 or more than 9.
    #[must_use]
    pub const fn repeats(self, times: u8) -> Self {
        assert!(times >= 1 && times <= 9, "a code is shown 1 to 9 times");
        Self { repeats: times, ..self }
    }

    /// A fault is there. It is shown after the code that is shown now. A fault that is there already stays what it is.
    pub fn raise(&mut self, id: Id<N>, now_us: u64) {
        self.advance(now_us);
        let is_first = self.first.is_none()
            && !self.faults.iter().any(|fault| fault.state.is_unacknowledged());
        let sequence = self.sequence;
        let Some(fault) = self.faults.get_mut(id.index()) else { return };
        if fault.is_active {
            return;
        }
        let was_normal = fault.state == State::Normal;
        fault.is_active = true;
        fault.is_unshown = true;
        fault.state = sequence.after(fault.state, Event::Raise, true, is_first);
        if was_normal && is_first {
            self.first = Some(id);
        }
    }

    /// A fault is there no more. When it goes from the light is said by the sequence.
    pub fn clear(&mut self, id: Id<N>, now_us: u64) {
        self.advance(now_us);
        let sequence = self.sequence;
        if let Some(fault) = self.faults.get_mut(id.index()) {
            fault.is_active = false;
            fault.state = sequence.after(fault.state, Event::Clear, false, false);
            if !fault.is_shown() && self.first == Some(id) {
                self.first = None;
            }
        }
    }

    /// Somebody has seen all that is there: the first fault is first no more, and one from before the reset goes.
    pub fn acknowledge(&mut self, now_us: u64) {
        self.for_all(Event::Acknowledge, now_us);
        self.first = None;
        if let Some(restored) = &mut self.restored {
            restored.is_acknowledged = true;
        }
        self.drop_restored();
    }

    /// Somebody has silenced the horn, which sequence F2M-1 knows.
    pub fn silence(&mut self, now_us: u64) {
        self.for_all(Event::Silence, now_us);
    }

    /// Somebody has reset: what was acknowledged and cleared goes, in the sequences with a manual reset.
    pub fn reset(&mut self, now_us: u64) {
        self.for_all(Event::Reset, now_us);
    }

    fn for_all(&mut self, event: Event, now_us: u64) {
        self.advance(now_us);
        let sequence = self.sequence;
        for fault in &mut self.faults {
            fault.state = sequence.after(fault.state, event, fault.is_active, false);
        }
    }

    /// A fault that was there before the last reset, as the boot found it. It is shown before all others, marked, until it is
    /// acknowledged; whether it is there now is another matter. The one that was restored before is no more.
    pub fn restore(&mut self, id: Id<N>, now_us: u64) {
        self.advance(now_us);
        self.restored = Some(Restored { id, is_unshown: true, is_acknowledged: false });
    }

    /// Lights all of the light, from this instant on. What happens meanwhile is kept.
    pub fn begin_lamp_test(&mut self, now_us: u64) {
        self.advance(now_us);
        self.is_broken |= !self.is_lamp_test;
        self.is_lamp_test = true;
    }

    /// Ends the lamp test: the code that it broke off is shown from its beginning.
    pub fn end_lamp_test(&mut self, now_us: u64) {
        if !self.is_lamp_test {
            return;
        }
        self.is_lamp_test = false;
        self.is_broken = true;
        self.begun_us = now_us;
        self.shown = match self.shown {
            Shown::Code { id, mark } if self.is_there(id, mark) => {
                Shown::Code { id, mark: self.mark_now(id, mark) }
            }
            _ => {
                self.times = 0;
                self.after(None)
            }
        };
    }

    /// The state of one fault on the board.
    #[must_use]
    pub fn fault(&self, id: Id<N>) -> Fault {
        self.faults.get(id.index()).copied().unwrap_or(Fault::NONE)
    }

    /// The fault that came first of those that nobody has acknowledged.
    #[must_use]
    pub const fn first_out(&self) -> Option<Id<N>> {
        self.first
    }

    /// The thing that the light shows, as of the last call with a time.
    #[must_use]
    pub const fn shown(&self) -> Shown<N> {
        self.shown
    }

    /// Whether the horn sounds.
    #[must_use]
    pub fn is_audible(&self) -> bool {
        self.faults.iter().any(|fault| fault.state.is_audible())
    }

    /// Whether a lamp test is on.
    #[must_use]
    pub const fn is_lamp_test(&self) -> bool {
        self.is_lamp_test
    }

    /// The legend of its codes.
    #[must_use]
    pub const fn legend(&self) -> &'a Legend<N> {
        self.legend
    }

    /// How long it takes until all that is shown has been shown, in milliseconds: the faults, or the pattern without a fault.
    #[must_use]
    pub fn rotation_ms(&self) -> u32 {
        let (mut ms, mut pauses_ms, mut codes) = (0_u32, 0_u32, 0_u8);
        let mut rank = None;
        while let Some((id, mark)) = self.following(rank) {
            let code_ms = self.period_ms(Shown::Code { id, mark });
            let times = if self.is_solid(id) { 1 } else { u32::from(self.repeats) };
            ms = ms.saturating_add(code_ms.saturating_mul(times));
            if self.ends_lit(id) {
                let pause_ms = self.period_ms(Shown::Pause { id, mark });
                pauses_ms = pauses_ms.saturating_add(pause_ms);
            }
            codes = codes.saturating_add(1);
            rank = Some(self.rank(id, mark));
        }
        match codes {
            0 => self.period_ms(self.after(None)),
            1 => ms,
            _ => ms.saturating_add(pauses_ms),
        }
    }

    /// Goes on to what is shown at this instant: code by code while something may change, then over all rounds that are alike.
    fn advance(&mut self, now_us: u64) {
        if !self.is_begun || self.is_lamp_test {
            return;
        }
        // After so many codes and pauses without an event, all that was to be shown once has been: each round is like the one before.
        let turns_max = Self::CODES_MAX.saturating_mul(u16::from(self.repeats).saturating_add(1));
        let mut turns = 0_u16;
        loop {
            let period_us = u64::from(self.period_ms(self.shown).wrapping_mul(1_000));
            let elapsed_us = now_us.saturating_sub(self.begun_us);
            if elapsed_us < period_us {
                return;
            }
            if turns == turns_max {
                let rotation_us = u64::from(self.rotation_ms()).wrapping_mul(1_000);
                self.begun_us = now_us.saturating_sub(remainder(elapsed_us, rotation_us));
            } else {
                self.begun_us = self.begun_us.saturating_add(period_us);
                self.end();
            }
            turns = turns.saturating_add(1);
        }
    }

    /// The most codes of a round: the faults, the one from before the reset, and what was shown before.
    const CODES_MAX: u16 = {
        assert!(N <= View::ENTRIES_MAX, "a legend has at most 64 entries");
        N as u16 + 2
    };

    /// The code or pattern that was shown has ended: the next one is chosen.
    fn end(&mut self) {
        if let Shown::Code { id, mark } = self.shown {
            self.times = self.times.saturating_add(1);
            if mark == Some(Mark::BeforeReset) {
                if let Some(restored) = &mut self.restored {
                    restored.is_unshown = false;
                }
                self.drop_restored();
            } else if let Some(fault) = self.faults.get_mut(id.index()) {
                fault.is_unshown = false;
                if !fault.is_shown() && self.first == Some(id) {
                    self.first = None;
                }
            }
            if self.times < self.repeats && self.is_there(id, mark) && !self.is_solid(id) {
                self.shown = Shown::Code { id, mark: self.mark_now(id, mark) };
                return;
            }
        }
        self.times = 0;
        self.shown = match self.shown {
            Shown::Code { id, mark } => {
                let next = self.after(Some(self.rank(id, mark)));
                let has_pause = self.ends_lit(id) && next != self.shown;
                if has_pause { Shown::Pause { id, mark } } else { next }
            }
            Shown::Pause { id, mark } => self.after(Some(self.rank(id, mark))),
            _ => self.after(None),
        };
    }

    /// The code after this rank in the order of the board; the pattern without a fault where there is no code.
    fn after(&self, rank: Option<u16>) -> Shown<N> {
        let next = match self.following(rank) {
            None if rank.is_some() => self.following(None),
            next => next,
        };
        match next {
            Some((id, mark)) => Shown::Code { id, mark },
            None if self.legend.healthy().is_some() => Shown::Healthy,
            None => Shown::Nothing,
        }
    }

    /// The code that is there and has the lowest rank above this one. A light that is solid has it for itself.
    fn following(&self, rank: Option<u16>) -> Option<(Id<N>, Option<Mark>)> {
        let restored = self.restored.map(|restored| (restored.id, Some(Mark::BeforeReset)));
        let shown = |id: &Id<N>| self.fault(*id).is_shown();
        let mut lowest: Option<(u16, Id<N>, Option<Mark>)> = None;
        let has_solid = (0..N).filter_map(Id::new).any(|id| shown(&id) && self.is_solid(id));
        let faults = (0..N).filter_map(Id::new).filter(shown);
        let faults = faults.filter(|id| !has_solid || self.is_solid(*id));
        let faults = faults.map(|id| (id, self.mark_now(id, None)));
        for (id, mark) in restored.filter(|_| !has_solid).into_iter().chain(faults) {
            let mine = self.rank(id, mark);
            let is_above = rank.is_none_or(|rank| mine > rank);
            if is_above && lowest.is_none_or(|(lowest, ..)| mine < lowest) {
                lowest = Some((mine, id, mark));
            }
        }
        lowest.map(|(_, id, mark)| (id, mark))
    }

    /// The place in the order: before the reset, first out, by severity, by the place in the table.
    fn rank(&self, id: Id<N>, mark: Option<Mark>) -> u16 {
        match mark {
            Some(Mark::BeforeReset) => 0,
            Some(Mark::FirstOut) => 1,
            None => {
                let class: u16 = match self.legend.entry(id).severity {
                    Severity::High => 256,
                    Severity::Medium => 512,
                    Severity::Low => 768,
                };
                class.wrapping_add(id.index() as u16)
            }
        }
    }

    /// Whether a code with this mark is still to be shown.
    fn is_there(&self, id: Id<N>, mark: Option<Mark>) -> bool {
        if mark == Some(Mark::BeforeReset) {
            self.restored.is_some_and(|restored| restored.id == id)
        } else {
            self.fault(id).is_shown()
        }
    }

    /// The mark of a code that is shown again or anew.
    fn mark_now(&self, id: Id<N>, mark: Option<Mark>) -> Option<Mark> {
        if mark == Some(Mark::BeforeReset) {
            mark
        } else {
            (self.first == Some(id)).then_some(Mark::FirstOut)
        }
    }

    fn drop_restored(&mut self) {
        self.restored =
            self.restored.filter(|restored| restored.is_unshown || !restored.is_acknowledged);
    }

    fn entry(&self, id: Id<N>) -> &Entry<'static> {
        self.legend.entry(id)
    }

    fn is_solid(&self, id: Id<N>) -> bool {
        matches!(self.entry(id).code, Code::Solid(_))
    }

    /// Whether there is no dark at the end of a code.
    fn ends_lit(&self, id: Id<N>) -> bool {
        match self.entry(id).code {
            Code::Solid(_) => true,
            Code::Pattern(pattern) => pattern.rows().last().is_some_and(|row| row.gap_ms() == 0),
            Code::Digits(_) => false,
        }
    }

    /// How long it takes, in milliseconds; what is steady may change so often.
    fn period_ms(&self, shown: Shown<N>) -> u32 {
        match shown {
            Shown::Nothing => u32::from(self.legend.dialect().shortest_ms()),
            Shown::Pause { .. } => u32::from(self.legend.dialect().code_gap_ms()),
            Shown::Code { id, .. } if self.is_solid(id) => {
                u32::from(self.legend.dialect().code_gap_ms())
            }
            Shown::Healthy | Shown::Code { .. } => {
                let mut ms = 0_u32;
                let mut index = 0_u8;
                while let Some(row) = self.row_of(shown, index) {
                    ms = ms.wrapping_add(row.ms());
                    index = index.wrapping_add(1);
                }
                ms
            }
        }
    }

    fn row_of(&self, shown: Shown<N>, index: u8) -> Option<Flashes> {
        match shown {
            Shown::Code { id, mark } => {
                self.legend.dialect().row(&self.entry(id).code, mark, index)
            }
            Shown::Healthy if index == 0 => self.legend.healthy().map(|healthy| healthy.flashes),
            Shown::Healthy | Shown::Nothing | Shown::Pause { .. } => None,
        }
    }

    /// When a level that is steady changes.
    fn until_us(&self) -> Option<u64> {
        let next = match self.shown {
            Shown::Code { id, mark } | Shown::Pause { id, mark } => {
                self.after(Some(self.rank(id, mark)))
            }
            Shown::Nothing | Shown::Healthy => self.after(None),
        };
        let period_us = u64::from(self.period_ms(self.shown).wrapping_mul(1_000));
        (next != self.shown).then(|| self.begun_us.saturating_add(period_us))
    }
}

impl<const N: usize> Source for Board<'_, N> {
    fn begin(&mut self, now_us: u64) {
        self.is_begun = true;
        self.begun_us = now_us;
        self.times = 0;
        self.shown = self.after(None);
    }

    fn begun_us(&self) -> u64 {
        self.begun_us
    }

    fn go_on(&mut self, now_us: u64) -> Showing {
        if self.is_lamp_test {
            return Showing::Steady { level: Level::On, until_us: None };
        }
        self.advance(now_us);
        let level = match self.shown {
            Shown::Nothing | Shown::Pause { .. } => Level::Off,
            Shown::Healthy => return Showing::Rows { begun_us: self.begun_us },
            Shown::Code { id, .. } => match self.entry(id).code {
                Code::Solid(level) => level,
                _ => return Showing::Rows { begun_us: self.begun_us },
            },
        };
        Showing::Steady { level, until_us: self.until_us() }
    }

    fn row(&self, index: u8) -> Option<Flashes> {
        self.row_of(self.shown, index)
    }

    fn lacks(&self, shows: impl Fn(Level) -> bool) -> Option<Level> {
        let healthy = self.legend.healthy().map(|healthy| healthy.flashes.level());
        let codes = self.legend.view().entries().iter().flat_map(|entry| {
            let solid = match entry.code {
                Code::Solid(level) => Some(level),
                _ => None,
            };
            let marks = [None, Some(Mark::FirstOut), Some(Mark::BeforeReset)];
            let rows = marks.into_iter().flat_map(move |mark| {
                (0..u8::MAX)
                    .map_while(move |index| self.legend.dialect().row(&entry.code, mark, index))
            });
            solid.into_iter().chain(rows.map(Flashes::level))
        });
        healthy.into_iter().chain(codes).find(|level| !shows(*level))
    }

    fn take_break(&mut self) -> bool {
        core::mem::take(&mut self.is_broken)
    }
}
