//! What people met in the field with other software, a test for each row of the report; L6 and L8 are the decoder's.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{edges, go_on, levels};
use led_codes::board::Shown;
use led_codes::legend::{Error, View, Who, explain};
use led_codes::{
    Board, Code, Dialect, Flash, Id, Legend, Level, Mark, Pattern, Player, Severity, Signal, code,
    dark, entry, healthy, solid,
};

#[rustfmt::skip]
static LEGEND: Legend<4> = Legend::new(
    Dialect::HUMAN,
    healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [
        entry(code(1, 1), Severity::High, "watchdog", "The watchdog reset it", "Read the record"),
        entry(code(1, 2), Severity::High, "can-bus", "No drive answers", "Check the plug at X4"),
        entry(code(2, 3), Severity::Low, "fan", "The fan stands", "Clean it"),
        entry(code(3, 1), Severity::Medium, "sensor", "A sensor is gone", "Check the plug at X7"),
    ],
);
const WATCHDOG: Id<4> = LEGEND.id("watchdog");
const CAN_BUS: Id<4> = LEGEND.id("can-bus");
const FAN: Id<4> = LEGEND.id("fan");
const SENSOR: Id<4> = LEGEND.id("sensor");

/// The edges of a code with its mark, from an instant on, in milliseconds.
fn code_edges(id: Id<4>, mark: Option<Mark>, begin_ms: u64) -> Vec<(u64, Level)> {
    let pattern = LEGEND.dialect().marked(&LEGEND.entry(id).code, mark).unwrap();
    let mut ms = begin_ms;
    let at = |step: led_codes::Step| {
        let edge = (ms, step.level());
        ms += u64::from(step.ms());
        edge
    };
    pattern.steps().map(at).collect()
}

fn code_ms(id: Id<4>, mark: Option<Mark>) -> u64 {
    let pattern = LEGEND.dialect().marked(&LEGEND.entry(id).code, mark).unwrap();
    u64::from(pattern.period_ms())
}

#[test]
fn l1_flashes_too_fast_to_count_do_not_compile_without_the_opt_in() {
    static FAST: Pattern = Pattern::new(&[Flash::new(68, 68).times(3, 2_500)]);
    let entries =
        [entry(Code::Pattern(&FAST), Severity::High, "fan", "The fan stands", "Clean it")];
    let (dark, solid) = (dark("No power", "Measure"), solid("It hangs", "Restart it"));
    let healthy = healthy(Flash::new(1_000, 1_000).once(), "Running");
    let error = View::new(&Dialect::HUMAN, healthy, dark, solid, &entries).unwrap_err();
    assert_eq!(error, Error::TooShort { who: Who::Entry(0), got_ms: 68, min_ms: 225 });
    let message = explain(error, &entries).to_string();
    assert_eq!(message, "\"fan\" has a step of 68 ms; people need 225 ms at least");
    // The same message is that of the compiler, and the opt-in is one word.
    let dialect = Dialect::HUMAN.beyond_people();
    View::new(&dialect, healthy, dark, solid, &entries).unwrap();
}

#[test]
#[should_panic(expected = "\"fan\" has a step of 68 ms; people need 225 ms at least")]
fn l1_the_compiler_names_the_step_and_the_limit() {
    static FAST: Pattern = Pattern::new(&[Flash::new(68, 68).times(3, 2_500)]);
    let _ = Legend::new(
        Dialect::HUMAN,
        healthy(Flash::new(1_000, 1_000).once(), "Running"),
        dark("No power", "Measure"),
        solid("It hangs", "Restart it"),
        [entry(Code::Pattern(&FAST), Severity::High, "fan", "The fan stands", "Clean it")],
    );
}

/// A `match` gives every fault its id: a fifth one without a code does not compile, see the example in the README.
#[test]
fn l2_a_second_fault_follows_the_first() {
    let mut board = Board::new(&LEGEND).repeats(1);
    board.raise(CAN_BUS, 0);
    let mut player = Player::new().start(&mut board, 0);
    let first_ms = code_ms(CAN_BUS, Some(Mark::FirstOut));
    let mut seen = go_on(&mut player, &mut board, 0, 1_000);
    board.raise(FAN, 1_000_000);
    seen.extend(go_on(&mut player, &mut board, 1_750, first_ms + code_ms(FAN, None)));
    let mut expected = code_edges(CAN_BUS, Some(Mark::FirstOut), 0);
    expected.extend(code_edges(FAN, None, first_ms));
    assert_eq!(seen, expected);
}

#[test]
#[should_panic(expected = "the legend has no entry of this name")]
fn l2_a_fault_without_a_code_has_no_id() {
    let _ = LEGEND.id("hydraulics");
}

#[test]
fn l3_clearing_one_fault_leaves_the_other() {
    let mut board = Board::new(&LEGEND);
    let mut player = Player::new().start(&mut board, 0);
    let _ = player.poll(&mut board, 0);
    board.raise(CAN_BUS, 0);
    board.raise(FAN, 100_000);
    board.clear(CAN_BUS, 5_000_000);
    board.acknowledge(6_000_000);
    assert!(!board.fault(CAN_BUS).is_active() && board.fault(FAN).is_active());
    // Healthy until 2 s, CAN_BUS as it was, and then FAN again and again: the light is not dark.
    let after_ms = 2_000 + code_ms(CAN_BUS, Some(Mark::FirstOut));
    let seen = go_on(&mut player, &mut board, after_ms, after_ms + 3 * code_ms(FAN, None));
    let mut expected = code_edges(FAN, None, after_ms);
    expected.extend(code_edges(FAN, None, after_ms + code_ms(FAN, None)));
    expected.extend(code_edges(FAN, None, after_ms + 2 * code_ms(FAN, None)));
    assert_eq!(seen, expected);
    assert_eq!(board.shown(), Shown::Code { id: FAN, mark: None });
}

#[test]
fn l4_what_was_there_before_the_reset_is_shown_first_until_it_is_acknowledged() {
    // At boot: the verdict names a culprit. Others are raised, one of them worse and first.
    let mut board = Board::new(&LEGEND).repeats(1);
    board.raise(WATCHDOG, 0);
    board.restore(SENSOR, 0);
    board.raise(CAN_BUS, 0);
    let restored_ms = code_ms(SENSOR, Some(Mark::BeforeReset));
    let mut expected = code_edges(SENSOR, Some(Mark::BeforeReset), 0);
    expected.extend(code_edges(WATCHDOG, Some(Mark::FirstOut), restored_ms));
    let end_ms = restored_ms + code_ms(WATCHDOG, Some(Mark::FirstOut));
    assert_eq!(edges(&mut board, 0, end_ms), expected);
    // It is apart from what is active, and comes again in the next round.
    assert!(!board.fault(SENSOR).is_active());
    let round_ms = u64::from(board.rotation_ms());
    let _ = levels(&mut board, round_ms, round_ms + 1);
    let mark = Some(Mark::BeforeReset);
    assert_eq!(board.shown(), Shown::Code { id: SENSOR, mark });
    // Acknowledged while it is shown it is shown whole, and then no more.
    board.acknowledge((round_ms + 100) * 1_000);
    let mut player = Player::new().start(&mut board, (round_ms + 100) * 1_000);
    let seen = go_on(&mut player, &mut board, round_ms + 100, round_ms + 30_000);
    assert_eq!(seen[..3], code_edges(WATCHDOG, None, round_ms + 100)[..3]);
}

#[test]
fn l4_a_restored_fault_that_nobody_could_see_is_shown_whole() {
    let mut board = Board::new(&LEGEND);
    board.restore(SENSOR, 0);
    board.acknowledge(0);
    let ms = code_ms(SENSOR, Some(Mark::BeforeReset));
    let mut expected = code_edges(SENSOR, Some(Mark::BeforeReset), 0);
    expected.push((ms, Level::On));
    assert_eq!(edges(&mut board, 0, ms + 1_000), expected);
    assert_eq!(board.shown(), Shown::Healthy);
}

#[test]
fn l5_after_a_lamp_test_the_lights_are_what_they_had_been() {
    let mut board = Board::new(&LEGEND).repeats(2);
    board.raise(FAN, 0);
    let mut player = Player::new().start(&mut board, 0);
    let before = go_on(&mut player, &mut board, 0, 1_300);
    assert_eq!(before, [(0, Level::On), (750, Level::Off)]);
    board.begin_lamp_test(1_300_000);
    // The test begins in the middle of a dark whose end was known, and without another edge.
    assert_eq!(player.poll(&mut board, 1_300_000), (Level::On, None));
    board.raise(CAN_BUS, 2_000_000);
    for ms in (1_300..4_300).step_by(50) {
        assert_eq!(player.poll(&mut board, ms * 1_000), (Level::On, None), "{ms}");
    }
    board.end_lamp_test(4_300_000);
    let fan_ms = code_ms(FAN, Some(Mark::FirstOut));
    let after = go_on(&mut player, &mut board, 4_300, 4_300 + 2 * fan_ms + code_ms(CAN_BUS, None));
    let mut expected = code_edges(FAN, Some(Mark::FirstOut), 4_300);
    expected.extend(code_edges(FAN, Some(Mark::FirstOut), 4_300 + fan_ms));
    expected.extend(code_edges(CAN_BUS, None, 4_300 + 2 * fan_ms));
    assert_eq!(after, expected);
}

#[test]
fn l5_a_lamp_test_between_two_polls_breaks_the_code_off_too() {
    let mut board = Board::new(&LEGEND);
    board.raise(FAN, 0);
    let mut player = Player::new().start(&mut board, 0);
    assert_eq!(player.poll(&mut board, 800_000), (Level::Off, Some(1_750_000)));
    board.begin_lamp_test(900_000);
    board.begin_lamp_test(950_000);
    board.end_lamp_test(1_000_000);
    board.end_lamp_test(1_000_100);
    assert_eq!(player.poll(&mut board, 1_100_000), (Level::On, Some(1_750_000)));
    // Without a fault the light shows again that it is healthy.
    let mut board = Board::new(&LEGEND);
    let mut player = Player::new().start(&mut board, 0);
    board.begin_lamp_test(500_000);
    board.end_lamp_test(600_000);
    assert_eq!(player.poll(&mut board, 600_000), (Level::On, Some(1_600_000)));
}

#[test]
fn l7_after_a_long_pause_the_level_is_right_at_once() {
    let pauses = [3_600_000_000_u64, 1 << 40, 1 << 62, u64::MAX - 10_000_000];
    let pattern = LEGEND.dialect().pattern(&code(2, 3)).unwrap();
    let period_us = u64::from(pattern.period_ms()) * 1_000;
    // Whole periods too, and an instant before and after them.
    let wholes = [1, 2, 3, 5, 1_000, 1 << 30].map(|times| times * period_us);
    let wholes = wholes.into_iter().flat_map(|us| [us - 1, us, us + 1, us + 250_000]);
    for pause_us in pauses.into_iter().chain(wholes) {
        let mut signal = Signal::new(led_codes::signal::Shown::Pattern(&pattern));
        let mut player = Player::new().start(&mut signal, 0);
        let _ = player.poll(&mut signal, 0);
        let (level, next_us) = player.poll(&mut signal, pause_us);
        let us = pause_us % period_us;
        let level_at = |ms: u64| pattern.level_at((ms % (period_us / 1_000)) as u32);
        assert_eq!(level, level_at(us / 1_000), "{pause_us}");
        let next_ms = (us / 1_000..).find(|ms| level_at(*ms) != level).unwrap();
        assert_eq!(next_us, Some(pause_us - us + next_ms * 1_000), "{pause_us}");
    }
    // A board with four faults: the round is what repeats, once every one of them was shown.
    for pause_us in pauses {
        let start = || {
            let mut board = Board::new(&LEGEND);
            for id in [FAN, CAN_BUS, WATCHDOG, SENSOR] {
                board.raise(id, 0);
            }
            board
        };
        let mut board = start();
        let mut player = Player::new().start(&mut board, 0);
        let late = player.poll(&mut board, pause_us).0;
        let mut other = start();
        let round_us = u64::from(other.rotation_ms()) * 1_000;
        let mut player = Player::new().start(&mut other, 0);
        assert_eq!(late, player.poll(&mut other, pause_us % round_us).0, "{pause_us}");
        assert_eq!(board.shown(), other.shown(), "{pause_us}");
    }
}

/// The longest codes of people: four of 4-5 to 5-5.
#[test]
fn four_faults_take_35_s_once_and_70_s_twice() {
    #[rustfmt::skip]
    static LONGEST: Legend<4> = Legend::new(
        Dialect::HUMAN,
        healthy(Flash::new(1_000, 1_000).once(), "Running"),
        dark("No power", "Measure"),
        solid("It hangs", "Restart it"),
        [
            entry(code(5, 5), Severity::High, "a", "A is there", "Do a"),
            entry(code(5, 4), Severity::High, "b", "B is there", "Do b"),
            entry(code(4, 5), Severity::High, "c", "C is there", "Do c"),
            entry(code(3, 5), Severity::High, "d", "D is there", "Do d"),
        ],
    );
    for (repeats, most_ms) in [(1, 35_000), (2, 70_000)] {
        let mut board = Board::new(&LONGEST).repeats(repeats);
        for id in (0..4).filter_map(Id::new) {
            board.raise(id, 0);
        }
        assert!(board.rotation_ms() <= most_ms, "{}", board.rotation_ms());
        // All four were shown by then, and the first comes again.
        let mut player = Player::new().start(&mut board, 0);
        let mut seen = std::collections::HashMap::new();
        for ms in 0..u64::from(board.rotation_ms()) {
            let _ = player.poll(&mut board, ms * 1_000);
            *seen.entry(format!("{:?}", board.shown())).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 4);
        let end_us = u64::from(board.rotation_ms()) * 1_000;
        let _ = player.poll(&mut board, end_us);
        assert!(matches!(board.shown(), Shown::Code { mark: Some(Mark::FirstOut), .. }));
    }
}

#[test]
fn l9_the_manual_and_the_sticker_say_each_entry_once() {
    let names: Vec<_> = (0..25).map(|n| format!("name-{n}-end")).collect();
    let meanings: Vec<_> = (0..25).map(|n| format!("meaning {n} end")).collect();
    let actions: Vec<_> = (0..25).map(|n| format!("do {n} first")).collect();
    let entries: Vec<_> = (0..25_u8)
        .map(|n| {
            let n_usize = usize::from(n);
            let (name, meaning, action) = (&names[n_usize], &meanings[n_usize], &actions[n_usize]);
            entry(code(n / 5 + 1, n % 5 + 1), Severity::High, name, meaning, action)
        })
        .collect();
    let (dark, solid) = (dark("darkness", "light it"), solid("brightness", "shade it"));
    let healthy = healthy(Flash::new(1_000, 1_000).once(), "health");
    let legend = View::new(&Dialect::HUMAN, healthy, dark, solid, &entries).unwrap();
    for text in [legend.markdown("Axis 3").to_string(), legend.sticker("Axis 3").to_string()] {
        let once = |part: &str| assert_eq!(text.matches(part).count(), 1, "{part}: {text}");
        for (meaning, action) in meanings.iter().zip(&actions) {
            once(meaning);
            once(action);
        }
        for part in ["darkness", "light it", "brightness", "shade it", "health", "Axis 3"] {
            once(part);
        }
        once("The fault that came first");
        once("A fault from before the reset");
        for n in 0..25 {
            assert!(text.contains(&format!("{}-{}", n / 5 + 1, n % 5 + 1)), "{n}");
        }
    }
}
