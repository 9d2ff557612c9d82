//! Tables: what compiles, and what the compiler says of what does not.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use led_codes::dialect::NotCarried;
use led_codes::legend::{Error, Text, View, Who, explain};
use led_codes::{
    Code, Dialect, Entry, Flash, Healthy, Legend, Level, Marks, Pattern, Severity, code, count,
    dark, digits, entry, healthy, pattern, solid,
};

/// The largest table of the design: digits 1 to 6 by the opt-in, both marks, healthy. The compiler checks it, with all its lints.
#[rustfmt::skip]
static LARGE: Legend<32> = Legend::new(
    Dialect::HUMAN.values(1, 6).beyond_people(),
    healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [
        entry(code(1, 1), Severity::High, "fault-1-1", "Fault 1-1 is there", "Do what page 11 of the manual says"),
        entry(code(1, 2), Severity::High, "fault-1-2", "Fault 1-2 is there", "Do what page 12 of the manual says"),
        entry(code(1, 3), Severity::High, "fault-1-3", "Fault 1-3 is there", "Do what page 13 of the manual says"),
        entry(code(1, 4), Severity::High, "fault-1-4", "Fault 1-4 is there", "Do what page 14 of the manual says"),
        entry(code(1, 5), Severity::High, "fault-1-5", "Fault 1-5 is there", "Do what page 15 of the manual says"),
        entry(code(1, 6), Severity::High, "fault-1-6", "Fault 1-6 is there", "Do what page 16 of the manual says"),
        entry(code(2, 1), Severity::High, "fault-2-1", "Fault 2-1 is there", "Do what page 21 of the manual says"),
        entry(code(2, 2), Severity::High, "fault-2-2", "Fault 2-2 is there", "Do what page 22 of the manual says"),
        entry(code(2, 3), Severity::High, "fault-2-3", "Fault 2-3 is there", "Do what page 23 of the manual says"),
        entry(code(2, 4), Severity::High, "fault-2-4", "Fault 2-4 is there", "Do what page 24 of the manual says"),
        entry(code(2, 5), Severity::High, "fault-2-5", "Fault 2-5 is there", "Do what page 25 of the manual says"),
        entry(code(2, 6), Severity::High, "fault-2-6", "Fault 2-6 is there", "Do what page 26 of the manual says"),
        entry(code(3, 1), Severity::High, "fault-3-1", "Fault 3-1 is there", "Do what page 31 of the manual says"),
        entry(code(3, 2), Severity::High, "fault-3-2", "Fault 3-2 is there", "Do what page 32 of the manual says"),
        entry(code(3, 3), Severity::High, "fault-3-3", "Fault 3-3 is there", "Do what page 33 of the manual says"),
        entry(code(3, 4), Severity::High, "fault-3-4", "Fault 3-4 is there", "Do what page 34 of the manual says"),
        entry(code(3, 5), Severity::High, "fault-3-5", "Fault 3-5 is there", "Do what page 35 of the manual says"),
        entry(code(3, 6), Severity::High, "fault-3-6", "Fault 3-6 is there", "Do what page 36 of the manual says"),
        entry(code(4, 1), Severity::High, "fault-4-1", "Fault 4-1 is there", "Do what page 41 of the manual says"),
        entry(code(4, 2), Severity::High, "fault-4-2", "Fault 4-2 is there", "Do what page 42 of the manual says"),
        entry(code(4, 3), Severity::High, "fault-4-3", "Fault 4-3 is there", "Do what page 43 of the manual says"),
        entry(code(4, 4), Severity::High, "fault-4-4", "Fault 4-4 is there", "Do what page 44 of the manual says"),
        entry(code(4, 5), Severity::High, "fault-4-5", "Fault 4-5 is there", "Do what page 45 of the manual says"),
        entry(code(4, 6), Severity::High, "fault-4-6", "Fault 4-6 is there", "Do what page 46 of the manual says"),
        entry(code(5, 1), Severity::High, "fault-5-1", "Fault 5-1 is there", "Do what page 51 of the manual says"),
        entry(code(5, 2), Severity::High, "fault-5-2", "Fault 5-2 is there", "Do what page 52 of the manual says"),
        entry(code(5, 3), Severity::High, "fault-5-3", "Fault 5-3 is there", "Do what page 53 of the manual says"),
        entry(code(5, 4), Severity::High, "fault-5-4", "Fault 5-4 is there", "Do what page 54 of the manual says"),
        entry(code(5, 5), Severity::High, "fault-5-5", "Fault 5-5 is there", "Do what page 55 of the manual says"),
        entry(code(5, 6), Severity::High, "fault-5-6", "Fault 5-6 is there", "Do what page 56 of the manual says"),
        entry(code(6, 1), Severity::High, "fault-6-1", "Fault 6-1 is there", "Do what page 61 of the manual says"),
        entry(code(6, 2), Severity::High, "fault-6-2", "Fault 6-2 is there", "Do what page 62 of the manual says"),
    ],
);

const HEALTHY: Healthy<'static> = healthy(Flash::new(1_000, 1_000).once(), "Running");

fn row<'a>(code: Code<'a>, name: &'a str) -> Entry<'a> {
    entry(code, Severity::High, name, "It is there", "Repair it")
}

/// A table of people's codes.
fn check(dialect: &Dialect, healthy: Healthy<'_>, entries: &[Entry<'_>]) -> Result<(), Error> {
    let (dark, solid) = (dark("No power", "Measure"), solid("It hangs", "Restart it"));
    View::new(dialect, healthy, dark, solid, entries).map(|_| ())
}

/// What the compiler says, with the names of the entries.
#[track_caller]
fn says(dialect: &Dialect, healthy: Healthy<'_>, entries: &[Entry<'_>], expected: &str) {
    let error = check(dialect, healthy, entries).unwrap_err();
    assert_eq!(explain(error, entries).to_string(), expected);
}

#[test]
fn a_table_of_32_codes_with_marks_is_checked_by_the_compiler() {
    assert_eq!(LARGE.view().entries().len(), 32);
    assert!(LARGE.dialect().marks_of().is_some() && LARGE.healthy().is_some());
}

/// The messages of the const check, as the compiler shows them.
#[test]
fn the_message_names_the_entries_and_the_numbers() {
    let human = Dialect::HUMAN;
    let two = |one, other| [row(one, "fan"), row(other, "pump")];
    let long: Vec<_> = (0..65).map(|_| row(code(1, 1), "fan")).collect();
    says(&human, HEALTHY, &[], "a legend has 1 to 64 entries, and this one 0");
    says(&human, HEALTHY, &long, "a legend has 1 to 64 entries, and this one 65");
    says(&human, HEALTHY, &two(code(1, 2), code(1, 2)), "\"fan\" and \"pump\" have the same code");
    says(
        &human,
        HEALTHY,
        &[row(code(1, 1), "fan"), row(code(1, 2), "fan")],
        "entries 0 and 1 have the same name, \"fan\"",
    );
    says(
        &human,
        HEALTHY,
        &[row(code(1, 7), "fan")],
        "\"fan\": digit 1 is 7, and the dialect has 1 to 5",
    );
    says(
        &human,
        HEALTHY,
        &[row(code(0, 1), "fan")],
        "\"fan\": digit 0 is 0, which the dialect cannot show there",
    );
    says(
        &human,
        HEALTHY,
        &[row(count(3), "fan")],
        "\"fan\": the dialect has 2 to 2 digits, and the code 1",
    );
    says(
        &human.values(1, 7),
        HEALTHY,
        &[row(code(1, 7), "fan")],
        "\"fan\" has 7 flashes in a row; people count 5 at most",
    );
    says(
        &human.lens(3, 3),
        HEALTHY,
        &[row(digits(&[1, 2, 3]), "fan")],
        "\"fan\" has 3 digits; people keep 2 in mind",
    );
    let long = Dialect::pair(Flash::new(500, 250), Flash::new(250, 250), 1_000, 2_500);
    let short_long = Dialect::pair(Flash::new(250, 250), Flash::new(749, 250), 1_000, 2_500);
    check(&long, HEALTHY, &[row(code(1, 1), "fan")]).unwrap();
    says(
        &short_long,
        HEALTHY,
        &[row(code(1, 1), "fan")],
        "a long flash of 749 ms; people need 750 ms beside the short ones",
    );
    says(
        &human,
        HEALTHY,
        &[row(Code::Solid(Level::On), "fan")],
        "\"fan\" is solid, which is no code",
    );
    let fast = healthy(Flash::new(200, 250).once(), "Running");
    says(
        &human,
        fast,
        &[row(code(1, 1), "fan")],
        "healthy has a step of 200 ms; people need 225 ms at least",
    );
    let like = healthy(Flash::new(250, 250).times(1, 2_500), "Running");
    check(&human, like, &[row(code(1, 1), "fan")]).unwrap();
    let open = healthy(Flash::new(250, 250).times(1, 0), "Running");
    says(
        &human,
        open,
        &[row(code(1, 1), "fan")],
        "healthy: row 0 ends with 0 ms of dark, and the next one is lit in the same colour",
    );
    let counts = Dialect::counts(Flash::new(250, 250), 2_500);
    says(
        &counts,
        like,
        &[row(count(2), "fan"), row(count(1), "pump")],
        "healthy and \"pump\" cannot be told apart by a clock that is wrong by 20 %",
    );
    let slow = Dialect::counts(Flash::new(250, 250), 300);
    says(
        &slow,
        HEALTHY,
        &two(count(1), count(2)),
        "\"fan\" and \"pump\" cannot be told apart by a clock that is wrong by 20 %",
    );
    let pattern = [Flash::new(250, 250).times(5, 2_500); 13];
    let pattern = Pattern::new(&pattern);
    check(&human, HEALTHY, &[row(Code::Pattern(&pattern), "fan")]).unwrap();
    assert_eq!(
        explain(
            Error::NotCarried {
                who: Who::Entry(0),
                error: NotCarried::Pattern(pattern::Error::TooLong { got_ms: 9, max_ms: 8 })
            },
            &[row(code(1, 1), "fan")]
        )
        .to_string(),
        "\"fan\": a period is at most 8 ms, and this one 9"
    );
}

#[test]
fn every_line_has_its_texts() {
    let (good_dark, good_solid) = (dark("No power", "Measure"), solid("It hangs", "Restart it"));
    let good = row(code(1, 1), "fan");
    let error = |healthy, dark, solid, entry: Entry<'_>| {
        View::new(&Dialect::HUMAN, healthy, dark, solid, &[entry]).unwrap_err()
    };
    let silent = healthy(HEALTHY.flashes, "");
    for (got, who, text) in [
        (
            error(HEALTHY, good_dark, good_solid, Entry { name: "", ..good }),
            Who::Entry(0),
            Text::Name,
        ),
        (
            error(HEALTHY, good_dark, good_solid, Entry { meaning: "", ..good }),
            Who::Entry(0),
            Text::Meaning,
        ),
        (
            error(HEALTHY, good_dark, good_solid, Entry { first_action: "", ..good }),
            Who::Entry(0),
            Text::FirstAction,
        ),
        (error(silent, good_dark, good_solid, good), Who::Healthy, Text::Meaning),
        (error(HEALTHY, dark("", "Measure"), good_solid, good), Who::Dark, Text::Meaning),
        (error(HEALTHY, dark("No power", ""), good_solid, good), Who::Dark, Text::FirstAction),
        (error(HEALTHY, good_dark, solid("", "Restart it"), good), Who::Solid, Text::Meaning),
        (error(HEALTHY, good_dark, solid("It hangs", ""), good), Who::Solid, Text::FirstAction),
    ] {
        assert_eq!(got, Error::Empty { who, text });
    }
    let without = View::standard(&Dialect::HUMAN, good_dark, None, &[good]).unwrap_err();
    assert_eq!(without, Error::Empty { who: Who::Solid, text: Text::Meaning });
    let lit = row(Code::Solid(Level::On), "bus-off");
    View::standard(&Dialect::HUMAN, good_dark, None, &[lit]).unwrap();
    let twice = View::standard(&Dialect::HUMAN, good_dark, Some(good_solid), &[lit]).unwrap_err();
    assert_eq!(twice, Error::SolidEntry { who: Who::Entry(0) });
    let off = row(Code::Solid(Level::Off), "off");
    let off = View::standard(&Dialect::HUMAN, good_dark, None, &[off]).unwrap_err();
    assert_eq!(off, Error::SolidEntry { who: Who::Entry(0) });
    assert_eq!(off.to_string(), "entry 0 is solid, which is no code");
}

#[test]
fn a_rotated_pattern_is_refused() {
    let short = Flash::new(250, 250);
    let one = Pattern::new(&[short.times(1, 1_000), short.times(3, 1_000), short.times(2, 1_000)]);
    let other =
        Pattern::new(&[short.times(3, 1_000), short.times(2, 1_000), short.times(1, 1_000)]);
    let mirrored =
        Pattern::new(&[short.times(3, 1_000), short.times(1, 1_000), short.times(2, 1_000)]);
    let entries = |other| [row(Code::Pattern(&one), "fan"), row(Code::Pattern(other), "pump")];
    let plain = Dialect::digits(short, 1_000, 2_500);
    let error = check(&plain, HEALTHY, &entries(&other)).unwrap_err();
    let confused =
        Error::Confused { first: Who::Entry(0), second: Who::Entry(1), tolerance_percent: 20 };
    assert_eq!(error, confused);
    check(&plain, HEALTHY, &entries(&mirrored)).unwrap();
}

#[test]
fn durations_are_apart_by_twice_the_tolerance() {
    let at = |other_ms, percent| {
        let dialect = Dialect::counts(Flash::new(250, 250), 2_500).tolerance_percent(percent);
        let one = Pattern::new(&[Flash::new(1_000, 3_000).once()]);
        let other = Pattern::new(&[Flash::new(other_ms, 3_000).once()]);
        let entries = [row(Code::Pattern(&one), "fan"), row(Code::Pattern(&other), "pump")];
        check(&dialect, healthy(Flash::new(300, 300).once(), "Running"), &entries).is_ok()
    };
    // 1,000 ms on a fast clock and 1,500 ms on a slow one are both 1,200 ms.
    assert!(!at(1_500, 20));
    assert!(at(1_501, 20));
    assert!(!at(667, 20));
    assert!(at(666, 20));
    assert!(!at(1_000, 0));
    assert!(at(1_001, 0));
}

#[test]
fn colour_alone_is_refused_and_an_opt_in() {
    let flash = Flash::new(500, 500);
    let red = Pattern::new(&[flash.in_colour(Level::Red).once()]);
    let green = Pattern::new(&[flash.in_colour(Level::Green).once()]);
    let both = Pattern::new(&[
        flash.in_colour(Level::Red).times(1, 0),
        flash.in_colour(Level::Green).times(1, 0),
    ]);
    let entries = [row(Code::Pattern(&red), "fan"), row(Code::Pattern(&green), "pump")];
    let dialect = Dialect::free_running(flash);
    let lit = healthy(Flash::new(2_500, 2_500).once(), "Running");
    let error = check(&dialect, lit, &entries).unwrap_err();
    let (first, second) = (Who::Entry(0), Who::Entry(1));
    assert_eq!(error, Error::ColourAlone { first, second });
    says(&dialect, lit, &entries, "\"fan\" and \"pump\" differ in their colour alone");
    check(&dialect.colour_is_meant(), lit, &entries).unwrap();
    let changing = [row(Code::Pattern(&both), "test")];
    says(&dialect, lit, &changing, "\"test\" changes its colour without dark between");
    check(&dialect.colour_is_meant().beyond_people(), lit, &changing).unwrap();
}

#[test]
fn inverse_entries_are_refused_where_the_polarity_is_unknown() {
    let upside = Pattern::new(&[Flash::new(1_500, 500).once()]);
    let down = Pattern::new(&[Flash::new(500, 1_500).once()]);
    let entries = [row(Code::Pattern(&upside), "fan"), row(Code::Pattern(&down), "pump")];
    let (first, second) = (Who::Entry(0), Who::Entry(1));
    let error = explain(Error::Inverse { first, second }, &entries).to_string();
    assert_eq!(
        error,
        "\"fan\" and \"pump\" cannot be told apart while nobody knows which level is lit"
    );
    // The refusal itself stands as an example at `Legend::polarity_unknown`.
    let _ = LARGE.polarity_unknown();
}

#[test]
fn a_mark_is_like_no_code() {
    let flash = Flash::new(250, 250);
    let with = |first_out, before_reset| {
        let dialect = Dialect::digits(flash, 1_000, 2_500).marks(Marks { first_out, before_reset });
        check(&dialect, HEALTHY, &[row(code(1, 2), "fan")])
    };
    let (one, two) = (Marks::HUMAN.first_out, Marks::HUMAN.before_reset);
    with(one, two).unwrap();
    with(two, one).unwrap();
    assert_eq!(with(one, one), Err(Error::MarkLikeCode), "both are alike");
    assert_eq!(with(flash.times(1, 1_000), two), Err(Error::MarkLikeCode), "it is a digit");
    let gap = Flash::new(750, 500).times(1, 2_000);
    assert_eq!(with(gap, two), Err(Error::MarkLikeCode), "it ends like a code");
    let lit = Flash::new(2_000, 500).times(1, 500);
    assert_eq!(with(lit, two), Err(Error::MarkLikeCode), "it is lit as long as a code is dark");
    let long = Flash::new(750, 500).times(2, 1_001);
    assert_eq!(with(one, long), Err(Error::MarkTooLong { got_ms: 3_001, max_ms: 3_000 }));
    let quick = Flash::new(750, 200).times(2, 1_000);
    let error = Error::TooShort { who: Who::Dialect, got_ms: 200, min_ms: 225 };
    assert_eq!(with(one, quick), Err(error));
    assert_eq!(error.to_string(), "the dialect has a step of 200 ms; people need 225 ms at least");
    // A dark after a code that is like one between its digits cannot be the place at which codes are compared.
    let even = Dialect::digits(flash, 1_000, 1_000).marks(Marks::HUMAN);
    assert_eq!(check(&even, HEALTHY, &[row(code(1, 2), "fan")]), Err(Error::MarkLikeCode));
}

/// A pattern of its own beside codes with marks: here it is a code with its mark.
#[test]
fn a_pattern_like_a_marked_code_is_refused() {
    let marked = Dialect::HUMAN.marked(&code(1, 2), Some(led_codes::Mark::FirstOut)).unwrap();
    let entries = [row(code(1, 2), "fan"), row(Code::Pattern(&marked), "pump")];
    let error = check(&Dialect::HUMAN, HEALTHY, &entries).unwrap_err();
    assert!(matches!(error, Error::Confused { .. }), "{error:?}");
    let entries = [row(code(1, 3), "fan"), row(Code::Pattern(&marked), "pump")];
    check(&Dialect::HUMAN, HEALTHY, &entries).unwrap();
}
