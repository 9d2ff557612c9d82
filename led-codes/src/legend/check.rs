//! What must hold of a table: texts, codes that the dialect carries and people can read, and that no two lines can be taken for one
//! another, whatever mark is before them.
//!
//! The codes of a dialect end with its longest dark. Where no other step can be taken for that one, two codes are laid upon each
//! other at it alone, and a mark before a code is the first that is seen after it. A mark with a step like none of a code, and unlike
//! the other mark, then tells itself; and behind equal marks the codes differ as they do without. So marks are proved once.

use super::View;
use super::distinguish::{Eye, kinds, longest};
use super::error::{Error, Text, Who};
use crate::code::Code;
use crate::dialect::{Dialect, NotCarried, people, shorter};
use crate::entry::Entry;
use crate::flash::{Flash, Flashes};
use crate::level::Level;
use crate::mark::{Mark, Marks};
use crate::pattern::{Pattern, Place};
use crate::step::Step;

/// The most entries. A pattern of each is kept while the table is checked.
pub(super) const COUNT_MAX: usize = 64;

// Each place is below the length of its table.
#[allow(clippy::indexing_slicing)]
pub(super) const fn check(table: &View<'_>) -> Result<(), Error> {
    let entries = table.entries();
    if entries.is_empty() || entries.len() > COUNT_MAX {
        let got = if entries.len() > u16::MAX as usize { u16::MAX } else { entries.len() as u16 };
        return Err(Error::Count { got, max: COUNT_MAX as u8 });
    }
    if let Err(error) = texts(table) {
        return Err(error);
    }
    if let Err(error) = dialect(table.dialect()) {
        return Err(error);
    }
    let mut patterns = [Pattern::EMPTY; COUNT_MAX];
    let mut has_solid = table.solid().is_some();
    let mut place = 0;
    while place < entries.len() {
        let who = Who::Entry(place as u8);
        match (&entries[place].code, table.dialect().pattern(&entries[place].code)) {
            (Code::Solid(level), _) if table.solid().is_none() && level.is_lit() => {
                has_solid = true;
            }
            (Code::Solid(_), _) => return Err(Error::SolidEntry { who }),
            (_, Err(error)) => return Err(Error::NotCarried { who, error }),
            (_, Ok(pattern)) => patterns[place] = pattern,
        }
        if let Err(error) = marked(table, place as u8) {
            return Err(error);
        }
        if !table.dialect().is_colour_meant() && changes_colour(&patterns[place]) {
            return Err(Error::ColourChange { who });
        }
        if table.dialect().is_for_people() {
            if let Err(error) = readable(who, &entries[place].code, &patterns[place]) {
                return Err(error);
            }
        }
        place = place.wrapping_add(1);
    }
    if !has_solid {
        return Err(Error::Empty { who: Who::Solid, text: Text::Meaning });
    }
    if let Some(healthy) = table.healthy() {
        if let Err(error) = fit_for_people(table, healthy.flashes) {
            return Err(error);
        }
    }
    pairs(table, &patterns)
}

/// An entry with a pattern of its own has one behind each mark, too, and the three can be told apart. A pattern that ends lit goes over
/// into its mark.
const fn marked(table: &View<'_>, place: u8) -> Result<(), Error> {
    let who = Who::Entry(place);
    let (code, unmarked) = match table.entry(place) {
        Some(Entry { code: code @ Code::Pattern(pattern), .. }) => (code, *pattern),
        _ => return Ok(()),
    };
    if table.dialect().marks_of().is_none() {
        return Ok(());
    }
    let first = match table.dialect().marked(code, Some(Mark::FirstOut)) {
        Ok(pattern) => pattern,
        Err(error) => return Err(Error::NotCarried { who, error }),
    };
    let old = match table.dialect().marked(code, Some(Mark::BeforeReset)) {
        Ok(pattern) => pattern,
        Err(error) => return Err(Error::NotCarried { who, error }),
    };
    let is_apart = apart(table, who, unmarked, who, &first).is_ok()
        && apart(table, who, unmarked, who, &old).is_ok()
        && apart(table, who, &first, who, &old).is_ok();
    if is_apart { Ok(()) } else { Err(Error::MarkLikeCode) }
}

/// Each line has its texts, and each name is there once.
#[allow(clippy::indexing_slicing)]
const fn texts(table: &View<'_>) -> Result<(), Error> {
    let entries = table.entries();
    let mut place = 0;
    while place < entries.len() {
        let (entry, who) = (&entries[place], Who::Entry(place as u8));
        if entry.name.is_empty() {
            return Err(Error::Empty { who, text: Text::Name });
        }
        if let Err(error) = line(who, entry.meaning, entry.first_action) {
            return Err(error);
        }
        let mut other = 0;
        while other < place {
            if is_same(entries[other].name, entry.name) {
                return Err(Error::SameName { first: other as u8, second: place as u8 });
            }
            other = other.wrapping_add(1);
        }
        place = place.wrapping_add(1);
    }
    if let Some(healthy) = table.healthy() {
        if healthy.meaning.is_empty() {
            return Err(Error::Empty { who: Who::Healthy, text: Text::Meaning });
        }
    }
    if let Some(solid) = table.solid() {
        if let Err(error) = line(Who::Solid, solid.meaning, solid.first_action) {
            return Err(error);
        }
    }
    line(Who::Dark, table.dark().meaning, table.dark().first_action)
}

/// A line has both texts.
const fn line(who: Who, meaning: &str, first_action: &str) -> Result<(), Error> {
    if meaning.is_empty() {
        return Err(Error::Empty { who, text: Text::Meaning });
    }
    if first_action.is_empty() {
        return Err(Error::Empty { who, text: Text::FirstAction });
    }
    Ok(())
}

/// `==` of names in const context.
pub(super) const fn is_same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while let ([a, one_after @ ..], [b, other_after @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (one_after, other_after);
    }
    one.is_empty() && other.is_empty()
}

/// The dialect itself: long flashes for people, and its marks.
const fn dialect(dialect: &Dialect) -> Result<(), Error> {
    let short_ms = dialect.flash().on_ms();
    if dialect.is_for_people() {
        let flashes = dialect.kinds();
        let mut rest: &[Option<Flash>] = &flashes;
        while let [kind, after @ ..] = rest {
            if let Some(flash) = kind {
                let min_ms = short_ms.saturating_mul(people::LONG_TIMES);
                if flash.on_ms() > short_ms && flash.on_ms() < min_ms {
                    return Err(Error::LongTooShort { got_ms: flash.on_ms(), min_ms });
                }
            }
            rest = after;
        }
    }
    let Some(marks) = dialect.marks_of() else { return Ok(()) };
    let mut rest: &[Mark] = &Mark::ALL;
    while let [mark, after @ ..] = rest {
        let flashes = marks.flashes(*mark);
        if flashes.ms() > Marks::MS_MAX {
            return Err(Error::MarkTooLong { got_ms: flashes.ms(), max_ms: Marks::MS_MAX });
        }
        if dialect.is_for_people() && shortest_of(flashes) < people::STEP_MS_MIN {
            let (got_ms, min_ms) = (shortest_of(flashes), people::STEP_MS_MIN);
            return Err(Error::TooShort { who: Who::Dialect, got_ms, min_ms });
        }
        if !is_like_no_code(dialect, flashes) {
            return Err(Error::MarkLikeCode);
        }
        rest = after;
    }
    if is_begin_alike(dialect, marks.first_out, marks.before_reset) {
        return Err(Error::MarkLikeCode);
    }
    Ok(())
}

/// The eye of a dialect.
const fn eye(dialect: &Dialect) -> Eye {
    Eye {
        tolerance_percent: dialect.tolerance(),
        is_colour_blind: !dialect.is_colour_meant(),
        is_inverted: false,
    }
}

/// Whether a mark has a step like none of a code, and nothing of it or of the digits takes as long as the dark after a code.
const fn is_like_no_code(dialect: &Dialect, mark: Flashes) -> bool {
    let eye = eye(dialect);
    let gap = Step::new(Level::Off, dialect.code_gap_ms());
    let steps = kinds(mark);
    let mut is_own = false;
    let mut rest: &[Step] = &steps;
    while let [step, after @ ..] = rest {
        if eye.is_alike(Step::new(Level::Off, step.ms()), gap) {
            return false;
        }
        is_own |= !is_in_digits(dialect, *step);
        rest = after;
    }
    is_own && !is_in_digits(dialect, gap)
}

/// Whether the digits of the dialect, its start or its end can have a step like this one.
const fn is_in_digits(dialect: &Dialect, step: Step) -> bool {
    let eye = eye(dialect);
    let flashes = dialect.kinds();
    let mut rest: &[Option<Flash>] = &flashes;
    while let [kind, after @ ..] = rest {
        if let Some(flash) = kind {
            if eye.is_alike(step, Step::new(flash.level(), flash.on_ms()))
                || eye.is_alike(step, Step::new(Level::Off, flash.off_ms()))
            {
                return true;
            }
        }
        rest = after;
    }
    let (_, len_max) = dialect.len_range();
    let has_digit_gap = len_max > 1 || dialect.end_flash().is_some();
    has_digit_gap && eye.is_alike(step, Step::new(Level::Off, dialect.digit_gap_ms()))
}

/// The shortest step of a row.
const fn shortest_of(row: Flashes) -> u16 {
    let [on, off, gap] = kinds(row);
    shorter(on.ms(), shorter(off.ms(), gap.ms()))
}

/// Whether two marks are alike as far as both of them go.
const fn is_begin_alike(dialect: &Dialect, one: Flashes, other: Flashes) -> bool {
    let (mut mine, mut theirs) = (Place::START, Place::START);
    loop {
        if !eye(dialect).is_alike(mine.step_in(one), theirs.step_in(other)) {
            return false;
        }
        match (mine.after_in(one), theirs.after_in(other)) {
            (Some(next), Some(their_next)) => (mine, theirs) = (next, their_next),
            _ => return true,
        }
    }
}

/// Whether one colour follows another without dark between them.
const fn changes_colour(pattern: &Pattern) -> bool {
    let mut rest = pattern.rows();
    while let [row, after @ ..] = rest {
        if row.gap_ms() == 0 {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether people can read this code.
const fn readable(who: Who, code: &Code<'_>, pattern: &Pattern) -> Result<(), Error> {
    if let Code::Digits(digits) = code {
        let (got, max) = (digits.len(), people::DIGITS_MAX);
        if got > max {
            return Err(Error::TooManyDigits { who, got, max });
        }
    }
    let mut rest = pattern.rows();
    while let [row, after @ ..] = rest {
        if let Err(error) = readable_row(who, *row) {
            return Err(error);
        }
        rest = after;
    }
    Ok(())
}

/// Whether people can read this row.
const fn readable_row(who: Who, row: Flashes) -> Result<(), Error> {
    let (got_ms, min_ms) = (shortest_of(row), people::STEP_MS_MIN);
    if got_ms < min_ms {
        return Err(Error::TooShort { who, got_ms, min_ms });
    }
    let (got, max) = (row.count(), people::FLASHES_MAX);
    if got > max {
        return Err(Error::TooManyFlashes { who, got, max });
    }
    Ok(())
}

/// Whether people can read what is shown when there is no fault, and it is a pattern.
const fn fit_for_people(table: &View<'_>, healthy: Flashes) -> Result<(), Error> {
    if let Err(error) = Pattern::try_new(&[healthy]) {
        let error = NotCarried::Pattern(error);
        return Err(Error::NotCarried { who: Who::Healthy, error });
    }
    if table.dialect().is_for_people() { readable_row(Who::Healthy, healthy) } else { Ok(()) }
}

/// No two lines can be taken for one another.
const fn pairs(table: &View<'_>, patterns: &[Pattern; COUNT_MAX]) -> Result<(), Error> {
    let mut second = 0;
    while let Some(other) = entry_at(table, patterns, second) {
        if let Some(healthy) = table.healthy() {
            let pattern = row_alone(healthy.flashes);
            let one = (Who::Healthy, Code::Pattern(&pattern), &pattern);
            if let Err(error) = pair(table, one, other) {
                return Err(error);
            }
        }
        let mut first = 0;
        while first < second {
            let Some(one) = entry_at(table, patterns, first) else { break };
            if one.1.is(&other.1) {
                return Err(Error::SameCode { first, second });
            }
            if let Err(error) = pair(table, one, other) {
                return Err(error);
            }
            first = first.wrapping_add(1);
        }
        second = second.wrapping_add(1);
    }
    Ok(())
}

/// An entry as a line.
const fn entry_at<'a>(
    table: &View<'a>,
    patterns: &'a [Pattern; COUNT_MAX],
    place: u8,
) -> Option<Line<'a>> {
    match (table.entry(place), patterns.split_at_checked(place as usize)) {
        (Some(entry), Some((_, [pattern, ..]))) => Some((Who::Entry(place), entry.code, pattern)),
        _ => None,
    }
}

/// A row as a pattern.
const fn row_alone(row: Flashes) -> Pattern {
    let mut pattern = Pattern::EMPTY;
    let _ = pattern.push(row);
    pattern
}

/// A line of the table, its code, and the pattern of it without a mark.
type Line<'a> = (Who, Code<'a>, &'a Pattern);

/// Two lines cannot be taken for one another, with any marks.
const fn pair(table: &View<'_>, one: Line<'_>, other: Line<'_>) -> Result<(), Error> {
    let ((first, first_code, first_pattern), (second, second_code, second_pattern)) = (one, other);
    if matches!(first_code, Code::Solid(_)) || matches!(second_code, Code::Solid(_)) {
        return Ok(());
    }
    if let Err(error) = apart(table, first, first_pattern, second, second_pattern) {
        return Err(error);
    }
    // The marks of codes that are digits are proved with the dialect.
    let are_digits = matches!((&first_code, &second_code), (Code::Digits(_), Code::Digits(_)));
    if are_digits || table.dialect().marks_of().is_none() {
        return Ok(());
    }
    // The healthy pattern has no mark.
    let is_healthy = matches!(first, Who::Healthy);
    let marks = [None, Some(Mark::FirstOut), Some(Mark::BeforeReset)];
    let mut before_first: &[Option<Mark>] = if is_healthy { &[None] } else { &marks };
    while let [mark, after @ ..] = before_first {
        let mut before_second: &[Option<Mark>] = &marks;
        while let [second_mark, second_after @ ..] = before_second {
            let marked = match table.dialect().marked(&first_code, *mark) {
                Ok(marked) => marked,
                Err(error) => return Err(Error::NotCarried { who: first, error }),
            };
            let second_marked = match table.dialect().marked(&second_code, *second_mark) {
                Ok(marked) => marked,
                Err(error) => return Err(Error::NotCarried { who: second, error }),
            };
            if let Err(error) = apart(table, first, &marked, second, &second_marked) {
                return Err(error);
            }
            before_second = second_after;
        }
        before_first = after;
    }
    Ok(())
}

/// Two patterns can be told apart: by time, or by colour where it is meant; and upside down.
const fn apart(
    table: &View<'_>,
    first: Who,
    one: &Pattern,
    second: Who,
    other: &Pattern,
) -> Result<(), Error> {
    let dialect = table.dialect();
    let tolerance_percent = dialect.tolerance();
    if confuses(eye(dialect), one, other) {
        if confuses(Eye { is_colour_blind: false, ..eye(dialect) }, one, other) {
            return Err(Error::Confused { first, second, tolerance_percent });
        }
        return Err(Error::ColourAlone { first, second });
    }
    let inverted = Eye { tolerance_percent, is_colour_blind: true, is_inverted: true };
    if !table.is_polarity_known() && confuses(inverted, one, other) {
        return Err(Error::Inverse { first, second });
    }
    Ok(())
}

/// Whether one of two patterns can be taken for the other one.
const fn confuses(eye: Eye, one: &Pattern, other: &Pattern) -> bool {
    eye.confuses(one, longest(one), other) || eye.confuses(other, longest(other), one)
}
