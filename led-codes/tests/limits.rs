//! The limits that the documentation names, on both sides.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::edges;
use led_codes::board::Shown;
use led_codes::dialect::{NotCarried, Zero};
use led_codes::legend::{Error, View};
use led_codes::pattern::Error as PatternError;
use led_codes::standard::odva;
use led_codes::{
    Board, Code, Dialect, Entry, Flash, Id, Legend, Level, Mark, Marks, Pattern, Player, Severity,
    Signal, Source, code, count, dark, digits, entry, healthy, solid, standard,
};

fn row<'a>(code: Code<'a>, name: &'a str) -> Entry<'a> {
    entry(code, Severity::High, name, "It is there", "Repair it")
}

fn check(dialect: &Dialect, entries: &[Entry<'_>]) -> Result<(), Error> {
    let slow = healthy(Flash::new(5_000, 5_000).once(), "Running");
    View::new(dialect, slow, dark("No power", "Measure"), solid("It hangs", "Restart"), entries)
        .map(|_| ())
}

#[test]
fn a_legend_has_64_entries() {
    let dialect = Dialect::digits(Flash::new(250, 250), 1_000, 2_500).values(1, 9).beyond_people();
    let names: Vec<String> = (0..65).map(|place| place.to_string()).collect();
    let entries: Vec<Entry<'_>> =
        names.iter().zip(0_u8..).map(|(name, n)| row(code(1 + n / 9, 1 + n % 9), name)).collect();
    check(&dialect, &entries[..64]).unwrap();
    assert_eq!(check(&dialect, &entries), Err(Error::Count { got: 65, max: 64 }));
}

#[test]
fn a_pattern_has_13_rows_and_ten_minutes() {
    let rows = [Flash::new(60_000, 250).times(1, 10); 14];
    assert_eq!(Pattern::try_new(&[]), Err(PatternError::Rows { got: 0, max: 13 }));
    assert_eq!(Pattern::try_new(&rows), Err(PatternError::Rows { got: 14, max: 13 }));
    let short = [Flash::new(250, 250).once(); 14];
    assert_eq!(Pattern::try_new(&short), Err(PatternError::Rows { got: 14, max: 13 }));
    Pattern::try_new(&short[..13]).unwrap();
    let minute = Flash::new(60_000 - 500, 500).once();
    let ten = [minute; 10];
    assert_eq!(Pattern::try_new(&ten).unwrap().period_ms(), Pattern::PERIOD_MS_MAX);
    let more = [[minute; 9].as_slice(), &[Flash::new(60_000 - 499, 500).once()]].concat();
    let error = PatternError::TooLong { got_ms: 600_001, max_ms: 600_000 };
    assert_eq!(Pattern::try_new(&more), Err(error));
    for rows in [65_535, 65_536, 70_000] {
        let rows = vec![short[0]; rows];
        let error = PatternError::Rows { got: u16::MAX, max: 13 };
        assert_eq!(Pattern::try_new(&rows), Err(error));
    }
    // The text has the same limits.
    let nothing = "".parse::<Pattern>().unwrap_err();
    assert_eq!(nothing.to_string(), "on, red, green, amber, blue or white expected at byte 0");
    let text = ["on 250 off 250"; 13].join(" ");
    assert_eq!(text.parse::<Pattern>().unwrap().rows().len(), 13);
    let text: Vec<_> = (0..13).map(|n| format!("on {} off 250", 250 + n)).collect();
    assert_eq!(text.join(" ").parse::<Pattern>().unwrap().rows().len(), 13);
    assert!((text.join(" ") + " on 100 off 250").parse::<Pattern>().is_err());
    assert!("on 2x0 off 250".parse::<Pattern>().is_err());
    assert!("on 250 off".parse::<Pattern>().is_err());
}

#[test]
fn the_shortest_step_of_a_dialect() {
    let flash = Flash::new(300, 400);
    for (shortest_ms, dialect) in [
        (250, Dialect::HUMAN),
        (300, Dialect::counts(flash, 2_500)),
        (200, Dialect::counts(flash, 200)),
        (210, Dialect::digits(flash, 210, 2_500)),
        (220, Dialect::digits(flash, 2_500, 220)),
        (230, Dialect::counts(Flash::new(300, 230), 2_500)),
        (240, Dialect::counts(flash, 2_500).start(Flash::new(240, 500))),
        (245, Dialect::counts(flash, 2_500).end(Flash::new(900, 245))),
        (150, Dialect::opened(Flash::new(900, 150), flash, 1_000, 2_500)),
        (160, Dialect::pair(flash, Flash::new(160, 400), 1_000, 2_500)),
        (170, Dialect::bits(flash, Flash::new(900, 170), 5, 2_500)),
        (50, standard::cia_303_3::FLICKERING_DIALECT),
        (200, standard::cia_303_3::DIALECT),
    ] {
        assert_eq!(dialect.shortest_ms(), shortest_ms, "{dialect:?}");
    }
}

#[test]
fn a_dialect_says_what_it_is() {
    let end = Flash::new(900, 245);
    let dialect = Dialect::digits(Flash::new(250, 250), 1_000, 2_500).end(end).values(2, 7);
    assert_eq!((dialect.end_flash(), dialect.start_flash()), (Some(end), None));
    assert_eq!((dialect.value_range(), dialect.len_range()), ((2, 7), (2, 2)));
    assert_eq!((dialect.digit_gap_ms(), dialect.code_gap_ms()), (1_000, 2_500));
    let start = Dialect::HUMAN.start(end);
    assert_eq!((start.end_flash(), start.start_flash()), (None, Some(end)));
    for (values, error) in [
        ([1, 2], Some(NotCarried::Digit { place: 0, got: 1, min: 2, max: 7 })),
        ([2, 7], None),
        ([2, 8], Some(NotCarried::Digit { place: 1, got: 8, min: 2, max: 7 })),
        ([0, 2], Some(NotCarried::Zero { place: 0 })),
    ] {
        let error = error.map_or(Ok(()), Err);
        assert_eq!(dialect.pattern(&digits(&values)).map(|_| ()), error, "{values:?}");
    }
    let zero = Dialect::HUMAN.beyond_people().zero(Zero::TenFlashes);
    assert_eq!(zero.pattern(&code(0, 1)).unwrap().rows()[0].count(), 10);
}

#[test]
fn patterns_of_their_own_are_apart_behind_each_mark() {
    let dialect = Dialect::HUMAN;
    let apart = Pattern::new(&[Flash::new(250, 250).times(2, 3_500)]);
    check(&dialect, &[row(Code::Pattern(&apart), "fan")]).unwrap();
    // Behind the mark of a first fault these flashes are those of the mark of an older one.
    let one = Marks::HUMAN.first_out;
    let like = Pattern::new(&[one, one]);
    assert_eq!(check(&dialect, &[row(Code::Pattern(&like), "fan")]), Err(Error::MarkLikeCode));
    let plain = Dialect::digits(Flash::new(250, 250), 1_000, 2_500);
    check(&plain, &[row(Code::Pattern(&like), "fan")]).unwrap();
}

#[test]
fn what_people_can_just_read_is_a_code() {
    let edge = Flash::new(225, 225);
    let fan = [row(code(5, 5), "fan")];
    check(&Dialect::digits(edge, 1_000, 2_500), &fan).unwrap();
    for (on_ms, off_ms) in [(224, 225), (225, 224)] {
        let short = Dialect::digits(Flash::new(on_ms, off_ms), 1_000, 2_500);
        assert!(matches!(check(&short, &fan), Err(Error::TooShort { got_ms: 224, .. })));
    }
    let flash = Flash::new(250, 250);
    let long = |on_ms| Dialect::pair(flash, Flash::new(on_ms, 250), 1_000, 2_500);
    check(&long(750), &fan).unwrap();
    assert_eq!(check(&long(749), &fan), Err(Error::LongTooShort { got_ms: 749, min_ms: 750 }));
    check(&long(250), &fan).unwrap();
    let mark = |on_ms| {
        let first_out = Flash::new(on_ms, 225).times(2, 1_000);
        let before_reset = Flash::new(on_ms, 225).times(3, 1_000);
        Dialect::digits(Flash::new(2_200, 1_000), 1_000, 4_000)
            .marks(Marks { first_out, before_reset })
    };
    check(&mark(225), &fan).unwrap();
    assert!(matches!(check(&mark(224), &fan), Err(Error::TooShort { got_ms: 224, .. })));
    // One digit has no dark between digits that could be like the one after a code.
    let counts = Dialect::counts(flash, 2_500).marks(Marks::HUMAN);
    check(&counts, &[row(count(3), "fan")]).unwrap();
}

#[test]
fn polarity_is_known_unless_it_is_said() {
    static LEGEND: Legend<1> = Legend::new(
        Dialect::HUMAN,
        healthy(Flash::new(1_000, 1_000).once(), "Running"),
        dark("No power", "Measure"),
        solid("It hangs", "Restart it"),
        [entry(code(1, 1), Severity::High, "fan", "It stands", "Clean it")],
    );
    static UNKNOWN: Legend<1> = LEGEND.polarity_unknown();
    assert!(LEGEND.view().is_polarity_known());
    assert!(!UNKNOWN.view().is_polarity_known());
}

#[test]
fn two_lights_conflict_at_the_first_instant_at_which_both_are_lit() {
    let red = Pattern::new(&[Flash::new(200, 800).in_colour(Level::Red).once()]);
    for (later_ms, expected) in [(0, Some(0)), (199, Some(199)), (200, None), (800, None)] {
        let green = Pattern::new(&[Flash::new(200, 800).in_colour(Level::Green).once()]);
        assert_eq!(red.conflict_ms(&green, later_ms), expected, "{later_ms}");
    }
    let green = Pattern::new(&[Flash::new(200, 800).in_colour(Level::Green).once()]);
    assert_eq!(red.conflict_ms(&green, 801), Some(1_000));
    // Two lights of 1,000 and 1,002 ms a period are both lit after 302 s; those of 1,000 and 1,001 ms not within ten minutes.
    let drifts = |off_ms| {
        let green = Flash::new(200, off_ms).in_colour(Level::Green);
        red.conflict_ms(&Pattern::new(&[green.once()]), 200)
    };
    assert_eq!(drifts(802), Some(302_000));
    assert_eq!(drifts(801), None);
}

#[rustfmt::skip]
static LIGHT: Legend<4> = Legend::standard(
    Dialect::counts(Flash::new(250, 250), 2_500),
    dark("No power", "Measure"),
    None,
    [
        entry(Code::Solid(Level::On), Severity::High, "bus-off", "The bus is off", "Restart it"),
        entry(count(1), Severity::Low, "one", "One", "Repair it"),
        entry(count(2), Severity::Low, "two", "Two", "Repair it"),
        entry(Code::Pattern(&OPEN), Severity::Medium, "open", "It ends lit", "Repair it"),
    ],
);
static OPEN: Pattern = Pattern::new(&[Flash::new(4_000, 250).once()]);
const BUS_OFF: Id<4> = LIGHT.id("bus-off");
const ONE: Id<4> = LIGHT.id("one");

#[test]
fn a_round_is_as_long_as_all_that_is_in_it() {
    let board = || {
        let mut board = Board::new(&LIGHT);
        let _ = Player::new().start(&mut board, 0);
        board
    };
    let shortest_ms = u32::from(LIGHT.dialect().shortest_ms());
    assert_eq!(board().rotation_ms(), shortest_ms, "dark");
    let mut one = board();
    one.raise(ONE, 0);
    assert_eq!(one.rotation_ms(), 2 * 2_750);
    one.raise(LIGHT.id("two"), 0);
    assert_eq!(one.rotation_ms(), 2 * 2_750 + 2 * 3_250);
    // A solid light has it for itself, and has no time of its own.
    one.raise(BUS_OFF, 0);
    assert_eq!(one.rotation_ms(), 2_500);
}

#[test]
fn a_solid_fault_has_the_light_for_itself_until_it_is_gone() {
    let mut board = Board::new(&LIGHT);
    board.raise(ONE, 0);
    board.raise(BUS_OFF, 10);
    let mut player = Player::new().start(&mut board, 20);
    assert_eq!(player.poll(&mut board, 20), (Level::On, None));
    assert_eq!(player.poll(&mut board, 90_000_000), (Level::On, None));
    board.acknowledge(90_000_000);
    board.clear(BUS_OFF, 90_000_000);
    let (level, until_us) = player.poll(&mut board, 90_000_000);
    // A solid light may change each 2.5 s, and a dark of 2.5 s is before the next code.
    assert_eq!((level, until_us), (Level::On, Some(20 + 2_500_000 * 36)));
    assert_eq!(player.poll(&mut board, until_us.unwrap()), (Level::Off, Some(20 + 2_500_000 * 37)));
    let next = player.poll(&mut board, 20 + 2_500_000 * 37);
    assert_eq!(next, (Level::On, Some(20 + 2_500_000 * 37 + 250_000)));
}

#[test]
fn a_board_says_which_level_a_light_lacks() {
    static BLUE: Legend<2> = Legend::standard(
        Dialect::counts(Flash::new(250, 250), 2_500),
        dark("No power", "Measure"),
        None,
        [
            entry(Code::Solid(Level::Blue), Severity::High, "bus-off", "It is off", "Restart it"),
            entry(count(1), Severity::Low, "one", "One", "Repair it"),
        ],
    );
    let board = Board::new(&BLUE);
    assert_eq!(board.lacks(|level| level != Level::Blue), Some(Level::Blue));
    assert_eq!(board.lacks(|level| level != Level::On), Some(Level::On));
    assert_eq!(board.lacks(|level| matches!(level, Level::On | Level::Blue)), None);
}

#[test]
fn a_lamp_test_is_on_only_while_it_is() {
    let mut board = Board::new(&LIGHT);
    assert!(!board.is_lamp_test());
    board.raise(ONE, 0);
    let mut player = Player::new().start(&mut board, 0);
    board.begin_lamp_test(100_000);
    assert!(board.is_lamp_test());
    assert_eq!(player.poll(&mut board, 100_000), (Level::On, None));
    // The code that it broke off is cleared and acknowledged meanwhile: it was not shown whole, and is shown.
    board.clear(ONE, 200_000);
    board.acknowledge(300_000);
    board.end_lamp_test(400_000);
    assert!(!board.is_lamp_test());
    assert_eq!(player.poll(&mut board, 400_000), (Level::On, Some(650_000)));
    assert_eq!(player.poll(&mut board, 650_000), (Level::Off, Some(3_150_000)));
    assert_eq!(player.poll(&mut board, 3_150_000).0, Level::Off);
    // A code that was shown before the test is not shown after it if it is gone.
    let mut board = Board::new(&LIGHT);
    board.raise(ONE, 0);
    let mut player = Player::new().start(&mut board, 0);
    let _ = player.poll(&mut board, 2_760_000);
    board.begin_lamp_test(2_800_000);
    board.clear(ONE, 2_900_000);
    board.acknowledge(2_900_000);
    board.end_lamp_test(3_000_000);
    assert_eq!(player.poll(&mut board, 3_000_000), (Level::Off, None));
}

#[test]
fn a_signal_that_is_set_twice_shows_the_last_and_begins_at_a_boundary() {
    let fast = Pattern::new(&[Flash::new(200, 200).once()]);
    let slow = Pattern::new(&[Flash::new(500, 500).once()]);
    let mut signal = Signal::new(led_codes::signal::Shown::Pattern(&fast));
    let mut player = Player::new().start(&mut signal, 1_000);
    let _ = player.poll(&mut signal, 1_000);
    signal.set(led_codes::signal::Shown::Steady(Level::On), 1_500);
    signal.set(led_codes::signal::Shown::Pattern(&slow), 2_000);
    assert_eq!(player.poll(&mut signal, 300_000), (Level::Off, Some(401_000)));
    assert_eq!(player.poll(&mut signal, 401_000), (Level::On, Some(901_000)));
    assert_eq!(player.poll(&mut signal, 901_000), (Level::Off, Some(1_401_000)));
    assert_eq!(
        edges(&mut Signal::new(led_codes::signal::Shown::Pattern(&slow)), 0, 1_200),
        [(0, Level::On), (500, Level::Off), (1_000, Level::On)]
    );
}

#[rustfmt::skip]
static ORDERED: Legend<4> = Legend::new(
    Dialect::HUMAN.repeats(1),
    healthy(Flash::new(1_000, 1_000).once(), "Running"),
    dark("No power", "Measure"),
    solid("It hangs", "Restart it"),
    [
        entry(code(1, 1), Severity::Low, "low", "It is there", "Repair it"),
        entry(code(1, 2), Severity::Medium, "medium", "It is there", "Repair it"),
        entry(code(1, 3), Severity::High, "high", "It is there", "Repair it"),
        entry(code(1, 4), Severity::High, "other", "It is there", "Repair it"),
    ],
);
const LOW: Id<4> = ORDERED.id("low");
const MEDIUM: Id<4> = ORDERED.id("medium");
const HIGH: Id<4> = ORDERED.id("high");
const OTHER: Id<4> = ORDERED.id("other");

/// The codes that a board shows, one after the other, from an instant on.
fn order<const N: usize>(board: &mut Board<'_, N>, from_us: u64, count: usize) -> Vec<Shown<N>> {
    let mut player = Player::new().start(board, from_us);
    let (mut now_us, mut order) = (from_us, Vec::new());
    while order.len() < count {
        let (_, next_us) = player.poll(board, now_us);
        if order.last() != Some(&board.shown()) {
            order.push(board.shown());
        }
        now_us = next_us.unwrap();
    }
    order
}

const fn shown<const N: usize>(id: Id<N>, mark: Option<Mark>) -> Shown<N> {
    Shown::Code { id, mark }
}

#[test]
fn the_first_is_shown_first_and_the_others_by_severity() {
    let mut board = Board::new(&ORDERED);
    for id in [MEDIUM, LOW, OTHER, HIGH] {
        board.raise(id, 0);
    }
    let first = shown(MEDIUM, Some(Mark::FirstOut));
    let round = [first, shown(HIGH, None), shown(OTHER, None), shown(LOW, None), first];
    assert_eq!(order(&mut board, 0, 5), round);
}

#[test]
fn a_newer_fault_from_before_the_reset_follows_the_one_that_is_shown() {
    let mut board = Board::new(&ORDERED);
    board.restore(LOW, 0);
    let mut player = Player::new().start(&mut board, 0);
    let _ = player.poll(&mut board, 1_000_000);
    board.restore(HIGH, 1_000_000);
    assert_eq!(board.shown(), shown(LOW, Some(Mark::BeforeReset)));
    let _ = player.poll(&mut board, 9_000_000);
    assert_eq!(board.shown(), shown(HIGH, Some(Mark::BeforeReset)));
}

#[test]
fn a_first_fault_that_is_gone_and_was_shown_whole_is_the_first_no_more() {
    let mut board = Board::new(&ORDERED);
    let mut player = Player::new().start(&mut board, 0);
    board.raise(HIGH, 0);
    board.raise(LOW, 10);
    board.acknowledge(20);
    board.clear(HIGH, 30);
    let _ = player.poll(&mut board, 3_000_000);
    assert_eq!(board.shown(), shown(HIGH, None));
    let _ = player.poll(&mut board, 60_000_000);
    assert_eq!((board.first_out(), board.fault(HIGH).is_shown()), (None, false));
    // The next one that comes is first, whatever else is there and was acknowledged.
    board.raise(OTHER, 60_000_000);
    assert_eq!(board.first_out(), Some(OTHER));
}

#[test]
fn a_lamp_test_shows_again_what_it_broke_off_and_not_the_first() {
    let mut board = Board::new(&ORDERED);
    board.raise(HIGH, 0);
    board.raise(LOW, 0);
    let mut player = Player::new().start(&mut board, 0);
    let mut now_us = 0;
    while board.shown() != shown(LOW, None) {
        now_us = player.poll(&mut board, now_us).1.unwrap();
    }
    board.begin_lamp_test(now_us + 300_000);
    board.end_lamp_test(now_us + 900_000);
    assert_eq!(board.shown(), shown(LOW, None));
    assert_eq!(player.poll(&mut board, now_us + 900_000), (Level::On, Some(now_us + 1_150_000)));
}

#[test]
fn a_code_that_ends_lit_has_a_pause_before_the_next_one() {
    let mut board = Board::new(&odva::MS).repeats(1);
    let (test, fault) = (odva::MS.id("self-test"), odva::MS.id("recoverable"));
    board.raise(test, 0);
    board.raise(fault, 0);
    let order = order(&mut board, 0, 4);
    let first = Some(Mark::FirstOut);
    let pause = Shown::Pause { id: test, mark: first };
    assert_eq!(order, [shown(test, first), pause, shown(fault, None), shown(test, first)]);
}

#[test]
fn a_dialect_of_one_or_two_digits_has_both_and_no_more() {
    let dialect = Dialect::digits(Flash::new(250, 250), 1_000, 2_500).lens(1, 2);
    let carried = |values: &[u8]| dialect.pattern(&digits(values)).map(|_| ());
    assert_eq!((carried(&[1]), carried(&[1, 2])), (Ok(()), Ok(())));
    assert_eq!(carried(&[1, 2, 3]), Err(NotCarried::Len { got: 3, min: 1, max: 2 }));
}

#[test]
fn the_same_steps_in_other_rows_are_the_same_pattern() {
    let flash = Flash::new(250, 1_000);
    let one = Pattern::new(&[flash.times(2, 500)]);
    let other = Pattern::new(&[flash.once(), Flash::new(250, 500).once()]);
    let turned = Pattern::new(&[Flash::new(250, 500).once(), flash.once()]);
    let long = Pattern::new(&[flash.times(3, 500)]);
    let plain = Dialect::digits(Flash::new(250, 250), 1_000, 2_500);
    let both = |one, other| {
        let entries = [row(Code::Pattern(one), "fan"), row(Code::Pattern(other), "pump")];
        check(&plain, &entries)
    };
    let patterns = [&one, &other, &turned];
    for (place, pattern) in patterns.into_iter().enumerate() {
        for same in patterns.into_iter().skip(place + 1) {
            assert!(
                matches!(both(pattern, same), Err(Error::Confused { .. })),
                "{pattern}, {same}"
            );
            assert!(
                matches!(both(same, pattern), Err(Error::Confused { .. })),
                "{same}, {pattern}"
            );
        }
        both(pattern, &long).unwrap();
        both(&long, pattern).unwrap();
    }
}
