//! The steps that codes of a dialect are made of.
//!
//! ```text
//!  lit    the flashes of the digits, of the start and the end, of the marks
//!  dark   after a flash, between digits, after the start, after a mark; and the one after a code
//! ```

use crate::dialect::{Dialect, Scheme};
use crate::flash::{Flash, Flashes};
use crate::level::Level;
use crate::watch::{Pulse, Watch};

/// The darks of a dialect but for the one after a code, in milliseconds; 0 is none.
fn other_darks(dialect: &Dialect) -> [u16; 8] {
    let is_repeated = dialect.flashes_max() > 1;
    let (_, len_max) = dialect.len_range();
    let has_next = len_max > 1 || dialect.end_flash().is_some();
    let off = |flash: Flash, is_there: bool| if is_there { flash.off_ms() } else { 0 };
    let first = dialect.flash();
    let gap_ms = if has_next { dialect.digit_gap_ms() } else { 0 };
    let [first_ms, other_ms, gap_ms] = match dialect.scheme() {
        Scheme::Digits => [off(first, is_repeated), 0, gap_ms],
        Scheme::Pair { second } => [off(first, is_repeated), off(second, is_repeated), gap_ms],
        Scheme::Opened { by } => [off(first, is_repeated), by.off_ms(), gap_ms],
        Scheme::Bits { one } => [off(first, has_next), off(one, has_next), 0],
    };
    let start_ms = dialect.start_flash().map_or(0, Flash::off_ms);
    let [first_out, before_reset] = mark_rows(dialect);
    [
        first_ms,
        other_ms,
        gap_ms,
        start_ms,
        first_out.off_ms(),
        first_out.gap_ms(),
        before_reset.off_ms(),
        before_reset.gap_ms(),
    ]
}

/// The rows of the marks of a dialect; rows of nothing if it has none.
fn mark_rows(dialect: &Dialect) -> [Flashes; 2] {
    match dialect.marks_of() {
        Some(marks) => [marks.first_out, marks.before_reset],
        None => [Flashes::NONE; 2],
    }
}

/// Whether a dark can be another one of the dialect than the one after a code.
pub(crate) fn is_other_dark(dialect: &Dialect, watch: Watch, pulse: Pulse) -> bool {
    let darks = other_darks(dialect);
    darks.into_iter().any(|ms| ms > 0 && watch.fits(pulse, Level::Off, ms))
}

/// Whether a step can be one of the dialect.
pub(crate) fn is_any(dialect: &Dialect, watch: Watch, pulse: Pulse) -> bool {
    if !pulse.level.is_lit() {
        return watch.fits(pulse, Level::Off, dialect.code_gap_ms())
            || is_other_dark(dialect, watch, pulse);
    }
    let is_it = |level: Level, ms: u16| ms > 0 && watch.fits(pulse, level, ms);
    let of_flash =
        |flash: Option<Flash>| flash.is_some_and(|flash| is_it(flash.level(), flash.on_ms()));
    dialect.kinds().into_iter().any(of_flash)
        || mark_rows(dialect).into_iter().any(|row| is_it(row.level(), row.on_ms()))
}

/// The longest step of a dialect that is lit like this, in milliseconds.
pub(crate) fn longest_ms(dialect: &Dialect, level: Level) -> u16 {
    let [first_out, before_reset] = mark_rows(dialect);
    let mut longest_ms = dialect.code_gap_ms();
    if level.is_lit() {
        longest_ms = first_out.on_ms().max(before_reset.on_ms());
        for flash in dialect.kinds().into_iter().flatten() {
            longest_ms = longest_ms.max(flash.on_ms());
        }
    } else {
        for ms in other_darks(dialect) {
            longest_ms = longest_ms.max(ms);
        }
    }
    longest_ms
}
