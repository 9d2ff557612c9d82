//! The marks that are being seen before a code, step by step.
//!
//! ```text
//!  the dark after a code   |‾‾‾‾‾‾|____|‾‾‾‾‾‾|__________|‾|_|‾|___
//!  tells the clock         a mark begins       the other mark was refuted here
//! ```

use crate::mark::{Mark, Marks};
use crate::watch::{Clock, Pulse, Watch, step_at, twice};

/// How far each mark was followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marking {
    /// The next step of each mark, counted from 0; [`NONE`] if the mark is not being seen.
    next: [u8; 2],
    /// How long the dark before the mark was seen, in milliseconds.
    dark_ms: u16,
    /// How long it is, in milliseconds; 0 if nobody knows.
    gap_ms: u16,
}

const NONE: u8 = u8::MAX;

/// Where the marks are that were being seen.
#[derive(Clone, Copy)]
pub(crate) enum Marked {
    /// None is.
    Not,
    /// One goes on.
    Going,
    /// One has ended.
    Ended(Mark),
}

impl Marking {
    /// No mark is seen.
    pub(crate) const NOT: Self = Self { next: [NONE; 2], dark_ms: 0, gap_ms: 0 };

    /// Follows the marks that are being seen by one step, and says whether a mark may begin with it.
    pub(crate) fn follow(&mut self, marks: Marks, watch: Watch, pulse: Pulse) -> (Marked, bool) {
        let (mut marked, mut may_begin) = (Marked::Not, false);
        let clock = Clock { seen_ms: self.dark_ms, ms: self.gap_ms, moved_ms: watch.moved_ms };
        for (mark, next) in Mark::ALL.into_iter().zip(&mut self.next) {
            let row = marks.flashes(mark);
            may_begin |= watch.fits_at(pulse, row, 0);
            if *next == NONE {
                continue;
            }
            let (_, ms) = step_at(row, u16::from(*next));
            if !watch.fits_at(pulse, row, u16::from(*next)) || !clock.fits(pulse.ms, ms) {
                *next = NONE;
                continue;
            }
            *next = next.wrapping_add(1);
            if u16::from(*next) == twice(row) {
                *next = NONE;
                marked = Marked::Ended(mark);
            } else if !matches!(marked, Marked::Ended(_)) {
                marked = Marked::Going;
            }
        }
        (marked, may_begin)
    }

    /// A mark begins with this step, after a dark that was seen for so long and is so long.
    pub(crate) fn begin(
        &mut self,
        marks: Marks,
        watch: Watch,
        pulse: Pulse,
        (dark_ms, gap_ms): (u16, u16),
    ) {
        (self.dark_ms, self.gap_ms) = (dark_ms, gap_ms);
        for (mark, next) in Mark::ALL.into_iter().zip(&mut self.next) {
            *next = if watch.fits_at(pulse, marks.flashes(mark), 0) { 1 } else { NONE };
        }
    }
}
