//! How a step may look to a watcher: its duration with a clock that is wrong, and with edges that are moved.
//!
//! ```text
//!          80 %   100 %   120 %      of the step
//!  ---|-----|-------|-------|-----|---
//!     moved                  moved   a clock of the light that is known leaves less
//! ```

use crate::dialect::Dialect;
use crate::flash::Flashes;
use crate::level::Level;

/// How sharp a watcher sees edges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    /// By how much a step can be longer or shorter than the light has shown it, in milliseconds.
    moved_ms: u16,
    /// The samples are too far apart for the shortest step.
    is_too_fast: bool,
}

impl Sight {
    /// The fewest samples in the shortest step.
    pub(crate) const SAMPLES_MIN: u32 = 5;

    /// Edges that are moved by up to a tenth of the shortest step.
    pub(crate) const fn of(dialect: &Dialect) -> Self {
        Self { moved_ms: dialect.shortest_ms() / 5, is_too_fast: false }
    }

    /// Edges that are seen up to so many milliseconds too early or too late.
    pub(crate) const fn moved_by(self, ms: u16) -> Self {
        let ms = if ms > 16_383 { 16_383 } else { ms };
        Self { moved_ms: ms.wrapping_mul(2), ..self }
    }

    /// Edges in samples so far apart, which are moved by up to so many milliseconds besides, of a light of this dialect.
    pub(crate) const fn sampled(self, dialect: &Dialect, interval_us: u32, moved_ms: u16) -> Self {
        let interval_us = if interval_us > 1_000_000 { 1_000_000 } else { interval_us };
        let moved_ms = if moved_ms > 8_000 { 8_000 } else { moved_ms };
        let moved_ms = moved_ms.wrapping_add(interval_us.div_ceil(1_000) as u16);
        let slow = 100_u32.wrapping_sub(dialect.tolerance() as u32);
        let shortest_us = (dialect.shortest_ms() as u32).wrapping_mul(slow).wrapping_mul(10);
        let is_too_fast = shortest_us < interval_us.wrapping_mul(Self::SAMPLES_MIN);
        Self { is_too_fast, ..self.moved_by(moved_ms) }
    }

    pub(crate) const fn is_too_fast(self) -> bool {
        self.is_too_fast
    }

    /// How a step of this dialect may look.
    pub(crate) const fn watch(self, dialect: &Dialect) -> Watch {
        let tolerance = dialect.tolerance();
        Watch {
            least_percent: 100_u8.wrapping_sub(tolerance),
            most_percent: 100_u8.wrapping_add(tolerance),
            moved_ms: self.moved_ms,
            is_colour_meant: dialect.is_colour_meant(),
        }
    }
}

/// A step that was seen.
#[derive(Clone, Copy)]
pub(crate) struct Pulse {
    pub(crate) level: Level,
    pub(crate) ms: u32,
}

/// The steps that a watcher takes for a step.
#[derive(Clone, Copy)]
pub(crate) struct Watch {
    /// How much of a step the shortest look of it is, with the slowest clock of the watcher, in percent.
    pub(crate) least_percent: u8,
    /// How much of it the longest look is.
    pub(crate) most_percent: u8,
    /// By how much a step can be longer or shorter besides.
    pub(crate) moved_ms: u16,
    pub(crate) is_colour_meant: bool,
}

impl Watch {
    /// The shortest look of a step, in milliseconds.
    pub(crate) fn least_ms(self, ms: u16) -> u32 {
        let least_ms = u32::from(ms).wrapping_mul(u32::from(self.least_percent)) / 100;
        least_ms.saturating_sub(u32::from(self.moved_ms))
    }

    /// The longest look of a step, in milliseconds.
    pub(crate) fn most_ms(self, ms: u16) -> u32 {
        let most_ms = u32::from(ms).wrapping_mul(u32::from(self.most_percent)).div_ceil(100);
        most_ms.wrapping_add(u32::from(self.moved_ms))
    }

    /// Whether what was seen can be this step.
    pub(crate) fn fits(self, pulse: Pulse, level: Level, ms: u16) -> bool {
        self.is_alike(pulse.level, level)
            && pulse.ms >= self.least_ms(ms)
            && pulse.ms <= self.most_ms(ms)
    }

    /// Whether what was seen can be this level. A watcher who cannot tell colours sees [`Level::On`].
    pub(crate) fn is_alike(self, seen: Level, level: Level) -> bool {
        let tells = self.is_colour_meant && seen.is_lit() && !seen.is(Level::On);
        if tells { seen.is(level) } else { seen.is_lit() == level.is_lit() }
    }

    /// Whether what was seen can be the step of a row at this place.
    pub(crate) fn fits_at(self, pulse: Pulse, row: Flashes, place: u16) -> bool {
        let (level, ms) = step_at(row, place);
        self.fits(pulse, level, ms)
    }
}

/// The clock of a light, from a step of it.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    /// How long the step was seen.
    pub(crate) seen_ms: u16,
    /// How long it is; 0 if nobody knows.
    pub(crate) ms: u16,
    /// By how much each step can be longer or shorter besides.
    pub(crate) moved_ms: u16,
}

impl Clock {
    /// Whether a step that was seen for so long can be one of these milliseconds. A clock that nobody knows excludes nothing.
    pub(crate) fn fits(self, seen_ms: u32, ms: u16) -> bool {
        if self.ms == 0 || self.seen_ms == u16::MAX {
            return true;
        }
        let moved_ms = u32::from(self.moved_ms);
        // The step from which the clock is known was moved, too.
        let moved_by_clock_ms = u32::from(ms).wrapping_mul(moved_ms) / u32::from(self.ms);
        let apart_ms = moved_ms.wrapping_add(moved_by_clock_ms).wrapping_add(1);
        seen_ms.abs_diff(self.due_ms(ms)) <= apart_ms
    }

    /// How long a step looks at this clock, in milliseconds.
    pub(crate) fn due_ms(self, ms: u16) -> u32 {
        match u32::from(self.ms) {
            0 => u32::from(ms),
            all_ms => u32::from(ms).wrapping_mul(u32::from(self.seen_ms)) / all_ms,
        }
    }
}

/// The step of a row at this place: its level, and its duration in milliseconds.
pub(crate) fn step_at(row: Flashes, place: u16) -> (Level, u16) {
    match place {
        place if place % 2 == 0 => (row.level(), row.on_ms()),
        place if place.wrapping_add(1) == twice(row) => (Level::Off, row.gap_ms()),
        _ => (Level::Off, row.off_ms()),
    }
}

/// Two steps a flash.
pub(crate) fn twice(row: Flashes) -> u16 {
    u16::from(row.count()).wrapping_mul(2)
}
