//! Codes, dialects, patterns, legends. What is written goes through `core::fmt`, which is not proved: its own counting can overflow as
//! far as the compiler knows.

use core::hint::black_box;

use led_codes::dialect::Zero;
use led_codes::legend::{self, View};
use led_codes::standard::{DIALECTS, LEGENDS, raspberry_pi};
use led_codes::{
    Code, Dialect, Digits, Entry, Flash, Flashes, Id, Legend, Level, Mark, Marks, Pattern,
    Severity, Step, code, count, dark, digits, entry, healthy, solid, word,
};
use proof::keep;

use crate::number;

const LONG: Flash = Flash::in_colour(Flash::new(750, 250), Level::Amber);
const SHORT: Flash = Flash::new(250, 250);
const ROWS: [Flashes; 2] = [Flash::times(LONG, 2, 1_000), Flash::once(SHORT)];
static PATTERN: Pattern = Pattern::new(&ROWS);
const COUNTS: Dialect = Dialect::repeats(Dialect::counts(SHORT, 2_500), 3);
const EVEN: Dialect = Dialect::free_running(SHORT);
const PAIR: Dialect = Dialect::values(Dialect::pair(LONG, SHORT, 1_000, 2_500), 1, 9);
const OPENED: Dialect =
    Dialect::zero(Dialect::lens(Dialect::opened(LONG, SHORT, 1_000, 2_500), 1, 4), Zero::NoFlashes);
const BITS: Dialect = Dialect::start(Dialect::bits(SHORT, LONG, 5, 2_500), LONG);
const DIGITS: Dialect =
    Dialect::tolerance_percent(Dialect::end(Dialect::digits(SHORT, 1_000, 2_500), LONG), 10);
const MARKED: Dialect =
    Dialect::colour_is_meant(Dialect::beyond_people(Dialect::marks(Dialect::HUMAN, Marks::HUMAN)));
const CODES: [Code<'static>; 5] =
    [code(1, 2), count(3), digits(&[1, 2, 3, 4]), word(5, 5), Code::Pattern(&PATTERN)];

/// Two entries, and what the light shows otherwise.
pub static LEGEND: Legend<2> = Legend::new(
    Dialect::HUMAN,
    healthy(Flash::once(Flash::new(1_000, 1_000)), "Running"),
    dark("No power", "Measure"),
    solid("It hangs", "Restart"),
    [
        entry(code(1, 1), Severity::High, "a", "A is there", "Do a"),
        entry(code(1, 2), Severity::Low, "b", "B is there", "Do b"),
    ],
);
static UNKNOWN: Legend<2> = Legend::polarity_unknown(LEGEND);
static STANDARD: Legend<1> = Legend::standard(
    Dialect::HUMAN,
    dark("No power", "Measure"),
    None,
    [entry(Code::Solid(Level::On), Severity::High, "a", "A is there", "Do a")],
);
pub const A: Id<2> = Legend::id(&LEGEND, "a");

pub fn all(input: &[u8], numbers: &[u64]) {
    let level = [Level::Off, Level::Red, Level::Green];
    let level = level.get(number(numbers, 0) as usize).copied().unwrap_or(Level::On);
    keep(Level::and(level, black_box(Level::Green)));
    keep((Level::is_lit(level), Level::as_name(level)));
    for dialect in [COUNTS, EVEN, PAIR, OPENED, BITS, DIGITS, MARKED] {
        of_dialect(&dialect, input);
    }
    for named in DIALECTS {
        keep(named);
    }
    of_patterns(input, numbers);
    for view in [Legend::view(&LEGEND), Legend::view(&UNKNOWN), Legend::view(&STANDARD)] {
        of_legend(&view, numbers);
    }
    for (name, view) in LEGENDS {
        keep((name, view));
    }
    if let Some(id) = Id::<2>::new(number(numbers, 1) as usize) {
        keep((Id::index(id), Legend::entry(&LEGEND, id)));
    }
    keep((Legend::dialect(&LEGEND), Legend::healthy(&LEGEND), raspberry_pi::DIALECT));
}

fn of_dialect(dialect: &Dialect, input: &[u8]) {
    keep((Dialect::flash(dialect), Dialect::scheme(dialect), Dialect::start_flash(dialect)));
    keep((Dialect::end_flash(dialect), Dialect::digit_gap_ms(dialect), Dialect::times(dialect)));
    keep((Dialect::code_gap_ms(dialect), Dialect::len_range(dialect), Dialect::tolerance(dialect)));
    keep((Dialect::value_range(dialect), Dialect::zero_is(dialect), Dialect::marks_of(dialect)));
    keep((Dialect::is_for_people(dialect), Dialect::is_colour_meant(dialect)));
    keep(Dialect::shortest_ms(dialect));
    let (values, _) = input.split_at_checked(black_box(3)).unwrap_or((input, &[]));
    if let Some(digits) = Digits::new(values) {
        keep((Digits::as_slice(&digits), Digits::len(&digits)));
        keep(Dialect::carries(dialect, &digits));
        keep(Dialect::pattern(dialect, &Code::Digits(digits)));
    }
    for code in CODES {
        for mark in [None, Some(Mark::FirstOut), Some(Mark::BeforeReset)] {
            match Dialect::marked(dialect, &code, black_box(mark)) {
                Ok(pattern) => keep(pattern),
                Err(error) => keep(error),
            }
        }
        keep(code);
    }
    if let Some(marks) = Dialect::marks_of(dialect) {
        keep((Marks::flashes(&marks, black_box(Mark::FirstOut)), Mark::meaning(Mark::BeforeReset)));
    }
}

fn of_patterns(input: &[u8], numbers: &[u64]) {
    keep(Pattern::conflict_ms(&PATTERN, black_box(&PATTERN), number(numbers, 2) as u16));
    for row in Pattern::rows(&PATTERN) {
        keep((Flashes::level(*row), Flashes::count(*row), Flashes::on_ms(*row)));
        keep((Flashes::off_ms(*row), Flashes::gap_ms(*row), Flashes::ms(*row)));
    }
    keep((Flash::level(black_box(SHORT)), Flash::on_ms(SHORT), Flash::off_ms(SHORT)));
    match Pattern::try_new(black_box(&ROWS)) {
        Ok(pattern) => keep((
            Pattern::period_ms(&pattern),
            Pattern::level_at(&pattern, number(numbers, 3) as u32),
        )),
        Err(error) => keep(error),
    }
    for step in Pattern::steps(black_box(&PATTERN)) {
        keep((Step::level(step), Step::ms(step)));
    }
    let text = core::str::from_utf8(input).unwrap_or("");
    match text.parse::<Pattern>() {
        Ok(pattern) => keep(pattern),
        Err(error) => keep(error),
    }
}

fn of_legend(view: &View<'_>, numbers: &[u64]) {
    keep((View::dialect(view), View::healthy(view), View::dark(view), View::solid(view)));
    keep((View::is_polarity_known(view), View::entry(view, number(numbers, 4) as u8)));
    keep((View::markdown(view, "It"), View::sticker(view, "It")));
    let entries: &[Entry<'_>] = View::entries(view);
    for entry in entries {
        keep(Severity::as_name(entry.severity));
    }
    let (lit, off, on) = (ROWS, dark("No power", "Measure"), solid("It hangs", "Restart"));
    let [row, ..] = black_box(lit);
    let made = [
        View::new(&MARKED, healthy(row, "Running"), off, on, entries),
        View::standard(&MARKED, off, Some(on), entries),
    ];
    for made in made {
        match made {
            Ok(view) => keep(view),
            Err(error) => keep(legend::explain(error, entries)),
        }
    }
}
