//! The decoder at edges: each code is read as itself, and nothing else is.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::shown;
use led_codes::decoder::{Rejected, Seen};
use led_codes::legend::View;
use led_codes::{
    Board, Code, Decoder, Dialect, Flash, Legend, Level, Mark, Severity, code, dark, entry,
    healthy, solid, standard,
};

/// The codes that a fresh decoder reads, and what else it says of a code.
fn read<'a>(legend: &View<'a>, edges: &[(u64, Level)]) -> Vec<Seen<'a>> {
    let mut decoder = Decoder::<64>::of(legend).unwrap();
    decoder.join(edges[0].1, 0);
    edges[1..]
        .iter()
        .filter_map(|(ms, level)| decoder.edge(*level, ms * 1_000))
        .filter(|seen| !matches!(seen, Seen::Partial { .. }))
        .collect()
}

#[test]
fn each_code_of_the_standards_is_read_as_itself_from_any_phase() {
    for (name, legend) in standard::LEGENDS {
        let patterns =
            legend.entries().iter().filter_map(|entry| legend.dialect().pattern(&entry.code).ok());
        let longest_ms = patterns.map(|pattern| pattern.period_ms()).max().unwrap();
        for (place, entry) in legend.entries().iter().enumerate() {
            if matches!(entry.code, Code::Solid(_)) {
                continue;
            }
            for mark in [None, Some(Mark::FirstOut), Some(Mark::BeforeReset)] {
                if mark.is_some() && legend.dialect().marks_of().is_none() {
                    continue;
                }
                let pattern = legend.dialect().marked(&entry.code, mark).unwrap();
                let period_ms = pattern.period_ms();
                for phase_ms in (0..period_ms).step_by(period_ms as usize / 13 + 1) {
                    let seen =
                        read(&legend, &shown(&pattern, phase_ms, period_ms * 2 + longest_ms * 2));
                    assert!(!seen.is_empty(), "{name} {} {mark:?} {phase_ms}", entry.name);
                    for seen in seen {
                        let Seen::Code { index, mark: seen_mark, .. } = seen else {
                            panic!("{name} {}: {seen:?}", entry.name)
                        };
                        assert_eq!(
                            (usize::from(index), seen_mark),
                            (place, mark),
                            "{name} {}",
                            entry.name
                        );
                    }
                }
            }
        }
    }
}

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

/// The edges of a board that is polled until an instant.
fn board_edges(raised: &[&str], until_ms: u64) -> Vec<(u64, Level)> {
    let mut board = Board::new(&LEGEND);
    raised.iter().for_each(|name| board.raise(LEGEND.id(name), 0));
    common::edges(&mut board, 0, until_ms)
}

/// The program hangs at any instant, and the light stays as it is.
#[test]
fn l6_a_light_that_hangs_is_solid_or_dark_and_no_code() {
    for (raised, step_ms) in [(&[][..], 37), (&["fan", "watchdog"], 41), (&["sensor"], 53)] {
        for hung in 0..1_000_u64 {
            let hung_ms = hung * step_ms + hung % 7;
            let mut decoder = Decoder::new(&LEGEND);
            let mut level = Level::Off;
            for (ms, edge) in board_edges(raised, hung_ms) {
                let _ = decoder.edge(edge, ms * 1_000);
                level = edge;
            }
            let Some(at_us) = decoder.next_deadline_us() else { continue };
            assert_eq!(decoder.poll(at_us - 1), None);
            // The longest dark is 2.5 s, and the longest flash 1 s; each a fifth longer, and 50 ms besides.
            let after_ms = if level.is_lit() { 1_250 } else { 3_050 };
            assert_eq!(decoder.steady_after_ms(level), after_ms);
            let expected = if level.is_lit() {
                Seen::Solid { level, entry: None }
            } else {
                Seen::Dark { entry: None }
            };
            assert_eq!(decoder.poll(at_us), Some(expected), "{hung_ms}");
            assert_eq!((decoder.poll(at_us + 1), decoder.next_deadline_us()), (None, None));
            // When the light goes on, what it did before does not count.
            assert_eq!(decoder.edge(level, at_us + 10), None);
            let other = if level.is_lit() { Level::Off } else { Level::On };
            assert_eq!(decoder.edge(other, at_us + 10), None);
        }
    }
}

/// A light that hung goes on where it was: no code has steps from before and from after.
#[test]
fn l6_no_code_spans_the_time_in_which_the_light_hung() {
    let (mut read, edges) = (0, board_edges(&["fan", "watchdog"], 60_000));
    for hung in 8..edges.len() - 40 {
        let mut decoder = Decoder::new(&LEGEND);
        for (ms, level) in &edges[..hung] {
            let _ = decoder.edge(*level, ms * 1_000);
        }
        let at_us = decoder.next_deadline_us().unwrap();
        assert!(decoder.poll(at_us).is_some());
        let shift_us = at_us + 5_000_000 - edges[hung].0 * 1_000;
        for (count, (ms, level)) in edges[hung..].iter().enumerate() {
            let Some(Seen::Code { entry, mark, .. }) = decoder.edge(*level, ms * 1_000 + shift_us)
            else {
                continue;
            };
            let pattern = LEGEND.dialect().marked(&entry.code, mark).unwrap();
            assert!(pattern.steps().count() <= count, "{hung}: {} after {count} steps", entry.name);
            read += 1;
        }
    }
    assert!(read > 100);
}

/// The driver of the light has the other polarity.
#[test]
fn l8_a_light_upside_down_gives_no_wrong_code() {
    let mut read_as_itself = 0;
    for (name, legend) in standard::LEGENDS.into_iter().chain([("people", LEGEND.view())]) {
        for (place, entry) in legend.entries().iter().enumerate() {
            let Ok(pattern) = legend.dialect().pattern(&entry.code) else { continue };
            let edges = shown(&pattern, 0, pattern.period_ms() * 8);
            let other = |level: Level| if level.is_lit() { Level::Off } else { Level::On };
            let edges: Vec<_> = edges.iter().map(|(ms, level)| (*ms, other(*level))).collect();
            let first_ms = pattern.steps().next().unwrap().ms();
            let is_even = pattern.steps().all(|step| step.ms() == first_ms);
            for seen in read(&legend, &edges) {
                match seen {
                    // A light that blinks evenly is the same upside down.
                    Seen::Code { index, .. } if is_even && usize::from(index) == place => {
                        read_as_itself += 1;
                    }
                    Seen::Rejected(_) | Seen::Dark { .. } | Seen::Solid { .. } => {}
                    _ => panic!("{name} {}: {seen:?}", entry.name),
                }
            }
        }
    }
    assert!(read_as_itself > 0);
}

#[test]
fn a_board_with_faults_is_read_whole_with_its_marks() {
    let mut board = Board::new(&LEGEND);
    board.restore(LEGEND.id("watchdog"), 0);
    board.raise(LEGEND.id("fan"), 0);
    board.raise(LEGEND.id("can-bus"), 0);
    let mut decoder = Decoder::new(&LEGEND);
    let read: Vec<_> = common::edges(&mut board, 0, 60_000)
        .into_iter()
        .filter_map(|(ms, level)| decoder.edge(level, ms * 1_000))
        .filter_map(|seen| match seen {
            Seen::Code { entry, mark, agree, .. } => Some((entry.name, mark, agree)),
            Seen::Partial { .. } => None,
            seen => panic!("{seen:?}"),
        })
        .collect();
    let (old, first) = (Some(Mark::BeforeReset), Some(Mark::FirstOut));
    let round = [
        ("watchdog", old, 1),
        ("watchdog", old, 2),
        ("fan", first, 1),
        ("fan", first, 2),
        ("can-bus", None, 1),
        ("can-bus", None, 2),
    ];
    // The first step is lit, and nobody knows what was before it: the first code is not counted.
    assert_eq!(read[..5], [round[0], round[2], round[3], round[4], round[5]]);
}

#[test]
fn a_code_that_is_not_in_the_table_is_none() {
    for values in [[1, 3], [2, 2], [4, 4], [5, 1], [3, 2]] {
        let [first, second] = values;
        let pattern = LEGEND.dialect().pattern(&code(first, second)).unwrap();
        let seen = read(&LEGEND.view(), &shown(&pattern, 0, pattern.period_ms() * 3));
        assert!(seen.contains(&Seen::Rejected(Rejected::NoCode)), "{values:?}: {seen:?}");
        assert!(seen.iter().all(|seen| matches!(seen, Seen::Rejected(_))), "{values:?}: {seen:?}");
    }
}
