//! A pattern: rows of flashes that repeat, as const data. The level at any time is a pure function of the time.
//!
//! ```text
//!  two rows, of 1 and of 2 flashes; a period begins with the first flash and ends with the last dark
//!   __              __    __                          __
//!  |  |____________|  |__|  |________________________|  |____
//!  |<- row 0 ----->|<- row 1 ----------------------->|
//!  |<- period ---------------------------------------------->|
//! ```

use crate::flash::Flashes;
use crate::level::Level;
use crate::step::Step;

/// Rows of flashes that repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pattern {
    rows: [Flashes; Self::ROWS_MAX],
    len: u8,
    period_ms: u32,
}

/// Why rows are no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// There are no rows, or too many.
    #[error("a pattern has 1 to {max} rows, and this one {got}")]
    Rows {
        /// How many there are.
        got: u16,
        /// The most that there may be.
        max: u8,
    },
    /// A row goes over into the next one in the same colour without dark between them.
    #[error("row {row} ends with 0 ms of dark, and the next one is lit in the same colour")]
    NoGap {
        /// The place of the row, from 0.
        row: u8,
    },
    /// The period is too long.
    #[error("a period is at most {max_ms} ms, and this one {got_ms}")]
    TooLong {
        /// How long it is.
        got_ms: u32,
        /// The most that it may be.
        max_ms: u32,
    },
}

impl Pattern {
    /// The most rows: a mark, a start, five digits with an opening each, an end.
    pub const ROWS_MAX: usize = 13;
    /// The longest period, in milliseconds: ten minutes.
    pub const PERIOD_MS_MAX: u32 = 600_000;

    /// The pattern of these rows.
    ///
    /// ```
    /// use led_codes::{Flash, Level, Pattern};
    /// const DOUBLE_FLASH: Pattern = Pattern::new(&[Flash::new(200, 200).times(2, 1_000)]);
    /// assert_eq!(DOUBLE_FLASH.period_ms(), 1_600);
    /// assert_eq!([0, 200, 400, 600, 1_599].map(|ms| DOUBLE_FLASH.level_at(ms).is_lit()), [true, false, true, false, false]);
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use led_codes::{Flash, Level, Pattern};
    /// const ALWAYS_LIT: Pattern = Pattern::new(&[Flash::new(200, 200).times(2, 0)]);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_new`](Self::try_new) has errors.
    #[must_use]
    #[allow(clippy::panic)] // A wrong constant does not compile.
    pub const fn new(rows: &[Flashes]) -> Self {
        match Self::try_new(rows) {
            Ok(pattern) => pattern,
            Err(Error::Rows { .. }) => panic!("a pattern has 1 to 13 rows"),
            Err(Error::NoGap { .. }) => {
                panic!("a row ends with 0 ms of dark, and the next one is lit in the same colour")
            }
            Err(Error::TooLong { .. }) => panic!("a period is at most 600000 ms"),
        }
    }

    /// The pattern of these rows, at run time.
    ///
    /// # Errors
    ///
    /// There are no rows or more than [`ROWS_MAX`](Self::ROWS_MAX), two flashes are not apart, or the period is longer than
    /// [`PERIOD_MS_MAX`](Self::PERIOD_MS_MAX).
    pub const fn try_new(rows: &[Flashes]) -> Result<Self, Error> {
        let mut pattern = Self::EMPTY;
        let mut rest = rows;
        while let Some((row, after)) = rest.split_first() {
            if !pattern.push(*row) {
                let got = if rows.len() > u16::MAX as usize { u16::MAX } else { rows.len() as u16 };
                return Err(Error::Rows { got, max: Self::ROWS_MAX as u8 });
            }
            rest = after;
        }
        pattern.checked()
    }

    /// No rows: what a pattern is made of, row by row. It is [`checked`](Self::checked) before anybody sees it.
    pub(crate) const EMPTY: Self =
        Self { rows: [Flashes::NONE; Self::ROWS_MAX], len: 0, period_ms: 0 };

    /// One more row; `false` if there is no place for it.
    #[allow(clippy::indexing_slicing)] // The place is below the length.
    pub(crate) const fn push(&mut self, row: Flashes) -> bool {
        let place = self.len as usize;
        if place >= Self::ROWS_MAX {
            return false;
        }
        self.rows[place] = row;
        self.len = self.len.wrapping_add(1);
        self.period_ms = self.period_ms.wrapping_add(row.ms());
        true
    }

    /// Whether these rows are a pattern.
    pub(crate) const fn checked(self) -> Result<Self, Error> {
        if self.len == 0 {
            return Err(Error::Rows { got: 0, max: Self::ROWS_MAX as u8 });
        }
        let mut row = 0;
        while let Some(flashes) = self.row(row) {
            let next = self.row_or_first(row.wrapping_add(1));
            if flashes.gap_ms() == 0 && flashes.level().is(next.level()) {
                return Err(Error::NoGap { row });
            }
            row = row.wrapping_add(1);
        }
        if self.period_ms > Self::PERIOD_MS_MAX {
            let max_ms = Self::PERIOD_MS_MAX;
            return Err(Error::TooLong { got_ms: self.period_ms, max_ms });
        }
        Ok(self)
    }

    /// The rows of one period.
    #[must_use]
    pub const fn rows(&self) -> &[Flashes] {
        match self.rows.split_at_checked(self.len as usize) {
            Some((rows, _)) => rows,
            None => &[],
        }
    }

    /// How long it takes until it begins again, in milliseconds: 1 to [`PERIOD_MS_MAX`](Self::PERIOD_MS_MAX).
    #[must_use]
    pub const fn period_ms(&self) -> u32 {
        self.period_ms
    }

    /// The level so many milliseconds after it began. It repeats.
    #[must_use]
    pub const fn level_at(&self, ms: u32) -> Level {
        let mut left = match ms.checked_rem(self.period_ms) {
            Some(left) => left,
            None => 0,
        };
        let mut place = Place::START;
        loop {
            let step = place.step(self);
            if left < step.ms() as u32 {
                return step.level();
            }
            left = left.wrapping_sub(step.ms() as u32);
            match place.after(self) {
                Some(next) => place = next,
                None => return Level::Off,
            }
        }
    }

    /// The steps of one period, from its first flash on.
    ///
    /// ```
    /// use led_codes::{Flash, Pattern};
    /// const PATTERN: Pattern = Pattern::new(&[Flash::new(200, 200).times(2, 1_000)]);
    /// let ms: Vec<u16> = PATTERN.steps().map(|step| step.ms()).collect();
    /// assert_eq!(ms, [200, 200, 200, 1_000]);
    /// ```
    #[must_use]
    pub const fn steps(&self) -> Steps<'_> {
        Steps { pattern: self, next: Some(Place::START) }
    }

    /// The first instant, in milliseconds, at which this pattern and another one, which begins so much later, are both lit: on one
    /// light of two colours that is a third colour. `None` if they never are in their common period, or in
    /// [`PERIOD_MS_MAX`](Self::PERIOD_MS_MAX).
    ///
    /// ```
    /// use led_codes::{Flash, Level, Pattern};
    /// const RED: Pattern = Pattern::new(&[Flash::new(200, 200).in_colour(Level::Red).once()]);
    /// const GREEN: Pattern = Pattern::new(&[Flash::new(200, 200).in_colour(Level::Green).once()]);
    /// const _: () = assert!(RED.conflict_ms(&GREEN, 200).is_none());
    /// assert_eq!(RED.conflict_ms(&GREEN, 100), Some(100));
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use led_codes::{Flash, Level, Pattern};
    /// const RED: Pattern = Pattern::new(&[Flash::new(200, 200).in_colour(Level::Red).once()]);
    /// const GREEN: Pattern = Pattern::new(&[Flash::new(200, 200).in_colour(Level::Green).once()]);
    /// const _: () = assert!(RED.conflict_ms(&GREEN, 0).is_none());
    /// ```
    #[must_use]
    pub const fn conflict_ms(&self, other: &Self, later_ms: u16) -> Option<u32> {
        let mut mine = Cursor::new(self, Place::START);
        let mut theirs = Cursor::new(other, Place::START);
        let mut now = later_ms as u32;
        let mut mine_ends = mine.step().ms() as u32;
        let mut theirs_ends = now.wrapping_add(theirs.step().ms() as u32);
        while now < Self::PERIOD_MS_MAX {
            while mine_ends <= now {
                mine = mine.next();
                mine_ends = mine_ends.wrapping_add(mine.step().ms() as u32);
            }
            while theirs_ends <= now {
                theirs = theirs.next();
                theirs_ends = theirs_ends.wrapping_add(theirs.step().ms() as u32);
            }
            if mine.step().level().is_lit() && theirs.step().level().is_lit() {
                return Some(now);
            }
            now = if mine_ends < theirs_ends { mine_ends } else { theirs_ends };
        }
        None
    }

    /// The row at this place. The places behind the last row have rows of no flashes.
    pub(crate) const fn row(&self, row: u8) -> Option<Flashes> {
        match self.rows.split_at_checked(row as usize) {
            Some((_, [row, ..])) if row.count() > 0 => Some(*row),
            _ => None,
        }
    }

    const fn row_or_first(&self, row: u8) -> Flashes {
        match self.row(row) {
            Some(row) => row,
            None => {
                let [first, ..] = self.rows;
                first
            }
        }
    }
}

/// The steps of one period: see [`Pattern::steps`].
#[derive(Clone, Debug)]
pub struct Steps<'a> {
    pattern: &'a Pattern,
    next: Option<Place>,
}

impl Iterator for Steps<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let place = self.next?;
        self.next = place.after(self.pattern);
        Some(place.step(self.pattern))
    }
}

/// A step of a pattern by its place: the row, the flash in it, and whether it is the flash or the dark after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    row: u8,
    flash: u8,
    is_dark: bool,
}

impl Place {
    pub(crate) const START: Self = Self { row: 0, flash: 0, is_dark: false };

    pub(crate) const fn new(row: u8, flash: u8, is_dark: bool) -> Self {
        Self { row, flash, is_dark }
    }

    /// The step here, in its row.
    pub(crate) const fn step_in(self, row: Flashes) -> Step {
        if !self.is_dark {
            Step::new(row.level(), row.on_ms())
        } else if self.is_last_in(row) {
            Step::new(Level::Off, row.gap_ms())
        } else {
            Step::new(Level::Off, row.off_ms())
        }
    }

    /// The place after this one in its row; `None` after the dark that ends it. A dark of 0 ms is no step.
    pub(crate) const fn after_in(self, row: Flashes) -> Option<Self> {
        if !self.is_dark {
            if self.is_last_in(row) && row.gap_ms() == 0 {
                return None;
            }
            return Some(Self { is_dark: true, ..self });
        }
        if self.is_last_in(row) {
            return None;
        }
        Some(Self { flash: self.flash.wrapping_add(1), is_dark: false, ..self })
    }

    /// The place at which the next row begins.
    pub(crate) const fn next_row(self) -> Self {
        Self { row: self.row.wrapping_add(1), ..Self::START }
    }

    /// The step here.
    pub(crate) const fn step(self, pattern: &Pattern) -> Step {
        self.step_in(pattern.row_or_first(self.row))
    }

    /// The place after this one; `None` at the end of the period.
    pub(crate) const fn after(self, pattern: &Pattern) -> Option<Self> {
        let Some(row) = pattern.row(self.row) else { return None };
        if let Some(next) = self.after_in(row) {
            return Some(next);
        }
        let next = self.next_row();
        if pattern.row(next.row).is_some() { Some(next) } else { None }
    }

    const fn is_last_in(self, row: Flashes) -> bool {
        self.flash.wrapping_add(1) >= row.count()
    }
}

/// A place in a pattern that goes round and round, with the row in which it is.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pattern: &'a Pattern,
    place: Place,
    row: Flashes,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(pattern: &'a Pattern, place: Place) -> Self {
        Self { pattern, place, row: pattern.row_or_first(place.row) }
    }

    /// The period of its pattern.
    pub(crate) const fn period_ms(&self) -> u32 {
        self.pattern.period_ms
    }

    /// The step here.
    pub(crate) const fn step(&self) -> Step {
        self.place.step_in(self.row)
    }

    /// The next place.
    pub(crate) const fn next(self) -> Self {
        if let Some(place) = self.place.after_in(self.row) {
            return Self { place, ..self };
        }
        let next = self.place.next_row();
        match self.pattern.row(next.row) {
            Some(row) => Self { place: next, row, ..self },
            None => Self::new(self.pattern, Place::START),
        }
    }
}
