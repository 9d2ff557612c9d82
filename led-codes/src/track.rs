//! How far one line of a legend was followed, step by step.
//!
//! ```text
//!            the step that can be no other        a step that does not fit
//!   lost ------------------------------> placed ---------------------------> lost
//!                                         |  ^
//!                                         |  | a step that fits; after the last one the first
//!                                         +--+
//! ```
//!
//! A line that is lost may still be what is shown. So a track counts the last steps that may be a part of its line, and counts rather too
//! many than too few: no more than lie between two placing steps, and none that is no step of the line.

use crate::flash::Flashes;
use crate::level::Level;
use crate::mark::{Mark, Marks};
use crate::marking::Marked;
use crate::pattern::Pattern;
use crate::watch::{Clock, Pulse, Watch, twice};

/// The meaning of a step for a line.
pub(crate) struct Scan {
    /// How many steps the line has.
    steps: u16,
    /// How long it is dark after them, in milliseconds.
    gap_ms: u16,
    /// How long its first step is, in milliseconds.
    first_ms: u16,
    /// The steps of the marks that can be before it: of the first out, and of one from before the reset.
    mark_steps: [u16; 2],
    /// The line or a mark has a step like this.
    is_any: bool,
    /// The next step of the line is like this.
    is_next: bool,
    /// The place of the step that can be no other, if there is one.
    anchor: Option<u16>,
    /// The step can be that one.
    is_anchor: bool,
}

/// The longest step of a level, and the second longest.
#[derive(Clone, Copy)]
struct Longest {
    ms: u16,
    second_ms: u16,
    place: Option<u16>,
}

impl Longest {
    const NONE: Self = Self { ms: 0, second_ms: 0, place: None };

    /// So many steps of this duration, the first one at this place.
    fn offer(&mut self, ms: u16, count: u16, place: Option<u16>) {
        if count == 0 || ms == 0 {
            return;
        }
        if ms > self.ms {
            *self = Self { ms, second_ms: self.ms, place };
            self.second_ms = if count > 1 { ms } else { self.second_ms };
        } else {
            self.second_ms = self.second_ms.max(ms);
        }
    }

    /// Its place, if nothing that was seen can be both.
    fn anchor(self, watch: Watch) -> Option<u16> {
        let is_alone =
            self.second_ms == 0 || watch.least_ms(self.ms) > watch.most_ms(self.second_ms);
        self.place.filter(|_| is_alone)
    }
}

impl Scan {
    /// Of the rows of a line, and the marks that can be before it.
    pub(crate) fn new(
        watch: Watch,
        pulse: Pulse,
        next: u16,
        row: impl Fn(u8) -> Option<Flashes>,
        marks: Option<Marks>,
    ) -> Self {
        let mut scan = Self {
            steps: 0,
            gap_ms: 0,
            first_ms: 0,
            mark_steps: [0; 2],
            is_any: false,
            is_next: false,
            anchor: None,
            is_anchor: false,
        };
        let (mut dark, mut lit) = (Longest::NONE, Longest::NONE);
        // Of the lit steps those of one colour are compared: that of the step, or that of the first row.
        let mut colour = pulse.level;
        let mut index = 0_u8;
        while let Some(row) = row(index) {
            if !colour.is_lit() {
                colour = row.level();
            }
            let from = scan.steps;
            let twice = twice(row);
            let between = twice / 2;
            let last = from.wrapping_add(twice).wrapping_sub(1);
            if watch.is_alike(colour, row.level()) {
                lit.offer(row.on_ms(), between, Some(from));
            }
            dark.offer(row.off_ms(), between.wrapping_sub(1), Some(from.wrapping_add(1)));
            dark.offer(row.gap_ms(), 1, Some(last));
            scan.is_any |= is_in(watch, pulse, row);
            let place = next.wrapping_sub(from);
            if next >= from && place < twice {
                scan.is_next = watch.fits_at(pulse, row, place);
            }
            scan.first_ms = if index == 0 { row.on_ms() } else { scan.first_ms };
            scan.gap_ms = row.gap_ms();
            // A dark of 0 ms is no step.
            scan.steps = if row.gap_ms() == 0 { last } else { last.wrapping_add(1) };
            index = index.wrapping_add(1);
        }
        if let Some(marks) = marks {
            for (mark, steps) in Mark::ALL.into_iter().zip(&mut scan.mark_steps) {
                let row = marks.flashes(mark);
                *steps = twice(row);
                scan.is_any |= is_in(watch, pulse, row);
                if watch.is_alike(colour, row.level()) {
                    lit.offer(row.on_ms(), 1, None);
                }
                dark.offer(row.off_ms(), 1, None);
                dark.offer(row.gap_ms(), 1, None);
            }
        }
        let (dark_anchor, lit_anchor) = (dark.anchor(watch), lit.anchor(watch));
        scan.anchor = dark_anchor.or(lit_anchor);
        let (level, ms) =
            if dark_anchor.is_some() { (Level::Off, dark.ms) } else { (Level::On, lit.ms) };
        let is_level = pulse.level.is_lit() == level.is_lit();
        let is_long = pulse.ms >= watch.least_ms(ms) && pulse.ms <= watch.most_ms(ms);
        scan.is_anchor = scan.is_any && scan.anchor.is_some() && is_level && is_long;
        scan
    }

    fn longest_mark(&self) -> u16 {
        let [first_out, before_reset] = self.mark_steps;
        first_out.max(before_reset)
    }

    /// Where a step can be the first one of the line and of a mark, the clock of the dark before it tells which. It says whether it can
    /// be that of a mark.
    pub(crate) fn tell_by_clock(
        &mut self,
        dark_ms: u16,
        pulse: Pulse,
        watch: Watch,
        marks: Marks,
    ) -> bool {
        let clock = Clock { seen_ms: dark_ms, ms: self.gap_ms, moved_ms: watch.moved_ms };
        let is_mark =
            Mark::ALL.into_iter().any(|mark| clock.fits(pulse.ms, marks.flashes(mark).on_ms()));
        let is_first = clock.fits(pulse.ms, self.first_ms);
        // A clock that fits neither tells nothing.
        self.is_next = is_first || !is_mark;
        is_mark || !is_first
    }

    /// How long it is dark after the line, in milliseconds.
    pub(crate) const fn gap_ms(&self) -> u16 {
        self.gap_ms
    }

    /// Whether it is the next step of the line.
    pub(crate) const fn is_next(&self) -> bool {
        self.is_next
    }

    /// Whether it can be a step of the line or of a mark.
    pub(crate) const fn is_any(&self) -> bool {
        self.is_any
    }
}

/// Whether what was seen can be a step of a row.
fn is_in(watch: Watch, pulse: Pulse, row: Flashes) -> bool {
    let last = twice(row).wrapping_sub(1);
    // Of one flash the dark between flashes is the one after it. A dark of 0 ms is no step.
    watch.fits_at(pulse, row, 0)
        || watch.fits(pulse, Level::Off, row.off_ms()) && row.off_ms() > 0
        || watch.fits_at(pulse, row, last) && row.gap_ms() > 0
}

/// How a line was followed so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Track {
    /// The next step, and the [`Pass`] in the two bits above it.
    at: u16,
    /// How many of the last steps may be a part of this line: at least that many, and no more than 255.
    may_be: u8,
    /// How many of the last steps were this line, one after the other: no more than 255.
    fitted: u8,
}

/// The bits of the next step.
const NEXT: u16 = 0x3FFF;
/// The next step is not known.
const NOWHERE: u16 = NEXT;
/// A mark is seen.
const IN_MARK: u16 = NEXT - 1;

const _: () = assert!(Pattern::ROWS_MAX * 2 * (Flashes::COUNT_MAX as usize) < IN_MARK as usize);

/// How much of a line was seen since its first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Its first steps were not.
    Part,
    /// All of it, after this mark.
    Whole(Option<Mark>),
}

/// The fate of a line after a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Went {
    /// The line is lost.
    Lost,
    /// The line is found.
    Placed,
    /// The step was the next one.
    On,
    /// The step may be the first one of a mark.
    IntoMark,
    /// The step was the last one of the line, which was seen whole after this mark.
    Through(Option<Mark>),
}

impl Track {
    /// Nothing was seen.
    pub(crate) const LOST: Self = Self { at: NOWHERE, may_be: 0, fitted: 0 };

    pub(crate) const fn next(&self) -> u16 {
        self.at & NEXT
    }

    /// Whether the line is followed.
    pub(crate) const fn is_placed(&self) -> bool {
        self.next() != NOWHERE
    }

    pub(crate) const fn may_be(&self) -> u8 {
        self.may_be
    }

    pub(crate) const fn fitted(&self) -> u8 {
        self.fitted
    }

    /// Follows the line by one step.
    pub(crate) fn go_on(&mut self, scan: &Scan, marked: Marked, may_begin_mark: bool) -> Went {
        let is_mark_due = self.next() == 0 && self.pass() == Pass::Whole(None) && may_begin_mark;
        match (self.next(), marked) {
            (IN_MARK, Marked::Going) => {
                self.count();
                return Went::On;
            }
            (IN_MARK, Marked::Ended(mark)) => {
                self.count();
                self.set(0, Pass::Whole(Some(mark)));
                return Went::On;
            }
            // The step can be the first one of the code or of the mark: nobody knows.
            _ if is_mark_due && scan.is_next => {
                *self = Self { may_be: self.may_be.saturating_add(1), ..Self::LOST };
                return Went::Lost;
            }
            _ if is_mark_due => {
                self.count();
                self.set(IN_MARK, Pass::Whole(None));
                return Went::IntoMark;
            }
            _ if scan.is_next => {
                self.count();
                let pass = self.pass();
                self.goes_to(self.next().wrapping_add(1), scan.steps, pass);
                return match pass {
                    Pass::Whole(mark) if self.next() == 0 => Went::Through(mark),
                    _ => Went::On,
                };
            }
            _ => {}
        }
        self.fails(scan)
    }

    /// The line does not go on like this.
    fn fails(&mut self, scan: &Scan) -> Went {
        if !scan.is_any {
            *self = Self::LOST;
            return Went::Lost;
        }
        let before = self.after_anchor(scan);
        // A line is not seen for as many steps as it has without the one that can be no other.
        let between = match scan.anchor {
            Some(_) => scan.steps.wrapping_add(scan.longest_mark()).wrapping_sub(1),
            None => u16::MAX,
        };
        match scan.anchor {
            Some(anchor) if scan.is_anchor => {
                self.may_be = capped(before.min(between).saturating_add(1));
                self.fitted = 1;
                self.goes_to(anchor.wrapping_add(1), scan.steps, Pass::Part);
                Went::Placed
            }
            _ => {
                let may_be = capped(before.saturating_add(1).min(between));
                *self = Self { may_be, ..Self::LOST };
                Went::Lost
            }
        }
    }

    /// How many of the steps before this one may be a part of the line, now that it is known that they are none of it as they were
    /// followed: those after the last step that can be no other.
    fn after_anchor(&self, scan: &Scan) -> u16 {
        let Some(anchor) = scan.anchor.filter(|_| self.is_placed()) else {
            return u16::from(self.may_be);
        };
        let next = if self.next() == IN_MARK { 0 } else { self.next() };
        let [first_out, before_reset] = scan.mark_steps;
        let of_mark = match self.pass() {
            _ if self.next() == IN_MARK => scan.longest_mark(),
            Pass::Whole(Some(Mark::FirstOut)) => first_out,
            Pass::Whole(Some(Mark::BeforeReset)) => before_reset,
            Pass::Whole(None) | Pass::Part => 0,
        };
        let first = anchor.wrapping_add(1);
        let steps = if next >= first {
            next.wrapping_sub(first)
        } else {
            next.wrapping_add(scan.steps).wrapping_sub(first)
        };
        steps.saturating_add(of_mark).min(u16::from(self.may_be))
    }

    /// The next step is this one, or the first one after the last one.
    fn goes_to(&mut self, next: u16, steps: u16, pass: Pass) {
        if next >= steps {
            self.set(0, Pass::Whole(None));
        } else {
            self.set(next, pass);
        }
    }

    const fn set(&mut self, next: u16, pass: Pass) {
        let bits = match pass {
            Pass::Part => 0,
            Pass::Whole(None) => 0x4000,
            Pass::Whole(Some(Mark::FirstOut)) => 0x8000,
            Pass::Whole(Some(Mark::BeforeReset)) => 0xC000,
        };
        self.at = next & NEXT | bits;
    }

    const fn pass(&self) -> Pass {
        match self.at & !NEXT {
            0 => Pass::Part,
            0x4000 => Pass::Whole(None),
            0x8000 => Pass::Whole(Some(Mark::FirstOut)),
            _ => Pass::Whole(Some(Mark::BeforeReset)),
        }
    }

    fn count(&mut self) {
        self.may_be = self.may_be.saturating_add(1);
        self.fitted = self.fitted.saturating_add(1);
    }
}

fn capped(count: u16) -> u8 {
    count.min(u16::from(u8::MAX)) as u8
}
