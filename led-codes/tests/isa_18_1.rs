//! The annunciator sequences of ISA-18.1, line by line: as a table of states, and through a board.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use led_codes::sequence::{Event, Sequence, State, Visual};
use led_codes::standard::raspberry_pi::ACT;
use led_codes::{Board, Id};

use Event::{Acknowledge, Clear, Raise, Reset, Silence};
use State::{Acknowledged, Alarm, Normal, Silenced, Subsequent};

/// The lines of the standard: sequence, line, state, event, whether the process is abnormal after it, whether it is the first; next.
#[rustfmt::skip]
const LINES: [(Sequence, &str, State, Event, bool, bool, State); 27] = [
    (Sequence::A, "2", Normal, Raise, true, true, Alarm),
    (Sequence::A, "2, another one", Normal, Raise, true, false, Alarm),
    (Sequence::A, "2, lock-in", Alarm, Clear, false, false, Alarm),
    (Sequence::A, "3A", Alarm, Acknowledge, true, false, Acknowledged),
    (Sequence::A, "3B", Alarm, Acknowledge, false, false, Normal),
    (Sequence::A, "4", Acknowledged, Clear, false, false, Normal),
    (Sequence::A4, "2", Normal, Raise, true, true, Alarm),
    (Sequence::A4, "2, no lock-in", Alarm, Clear, false, false, Normal),
    (Sequence::A4, "3A", Alarm, Acknowledge, true, false, Acknowledged),
    (Sequence::A4, "4", Acknowledged, Clear, false, false, Normal),
    (Sequence::M, "2", Normal, Raise, true, true, Alarm),
    (Sequence::M, "2, lock-in", Alarm, Clear, false, false, Alarm),
    (Sequence::M, "3, abnormal", Alarm, Acknowledge, true, false, Acknowledged),
    (Sequence::M, "3, normal", Alarm, Acknowledge, false, false, Acknowledged),
    (Sequence::M, "4, still abnormal", Acknowledged, Reset, true, false, Acknowledged),
    (Sequence::M, "4", Acknowledged, Reset, false, false, Normal),
    (Sequence::F2M1, "2", Normal, Raise, true, true, Alarm),
    (Sequence::F2M1, "3", Normal, Raise, true, false, Subsequent),
    (Sequence::F2M1, "4", Alarm, Acknowledge, true, false, Acknowledged),
    (Sequence::F2M1, "5", Subsequent, Acknowledge, false, false, Acknowledged),
    (Sequence::F2M1, "6, abnormal", Alarm, Silence, true, false, Silenced),
    (Sequence::F2M1, "6, normal", Alarm, Silence, false, false, Silenced),
    (Sequence::F2M1, "7", Subsequent, Silence, true, false, Acknowledged),
    (Sequence::F2M1, "8, abnormal", Silenced, Acknowledge, true, false, Acknowledged),
    (Sequence::F2M1, "8, normal", Silenced, Acknowledge, false, false, Acknowledged),
    (Sequence::F2M1, "9, still abnormal", Acknowledged, Reset, true, false, Acknowledged),
    (Sequence::F2M1, "9", Acknowledged, Reset, false, false, Normal),
];

const SEQUENCES: [Sequence; 4] = [Sequence::A, Sequence::A4, Sequence::M, Sequence::F2M1];
const STATES: [State; 5] = [Normal, Alarm, Subsequent, Silenced, Acknowledged];
const EVENTS: [Event; 5] = [Raise, Clear, Silence, Acknowledge, Reset];

#[test]
fn every_line_of_the_standard_is_taken() {
    for (sequence, line, state, event, is_abnormal, is_first, next) in LINES {
        let got = sequence.after(state, event, is_abnormal, is_first);
        assert_eq!(got, next, "{sequence:?}, line {line}");
    }
}

/// The rest of the table: states that a sequence has, with every event. `is_abnormal` follows from raise and clear.
#[test]
fn what_is_in_no_line_changes_nothing() {
    let mut counted = 0;
    for sequence in SEQUENCES {
        let has = |state: &State| match sequence {
            Sequence::F2M1 => true,
            _ => !matches!(state, Subsequent | Silenced),
        };
        for state in STATES.into_iter().filter(has) {
            for event in EVENTS {
                for (is_abnormal, is_first) in
                    [(true, true), (true, false), (false, true), (false, false)]
                {
                    let is_possible = match event {
                        Raise => is_abnormal,
                        Clear => !is_abnormal,
                        _ => true,
                    };
                    let is_line = LINES.iter().any(|(s, _, from, e, _, _, to)| {
                        (*s, *from, *e) == (sequence, state, event) && from != to
                    });
                    if is_possible && !is_line {
                        let got = sequence.after(state, event, is_abnormal, is_first);
                        assert_eq!(got, state, "{sequence:?} {state:?} {event:?}");
                        counted += 1;
                    }
                }
            }
        }
    }
    assert!(counted > 150, "{counted}");
}

#[test]
fn lights_and_horn_are_those_of_the_standard() {
    for (state, visual, is_audible) in [
        (Normal, Visual::Off, false),
        (Alarm, Visual::Flashing, true),
        (Subsequent, Visual::On, true),
        (Silenced, Visual::Flashing, false),
        (Acknowledged, Visual::On, false),
    ] {
        assert_eq!((state.visual(), state.is_audible()), (visual, is_audible), "{state:?}");
        assert_eq!(state.is_unacknowledged(), !matches!(state, Normal | Acknowledged), "{state:?}");
    }
}

const FIRST: Id<19> = ACT.id("kernel");
const SECOND: Id<19> = ACT.id("sdram");

/// A call on a board, and afterwards: the states of two faults, the horn, and the first out.
type Turn = (fn(&mut Board<'_, 19>), State, State, bool, Option<Id<19>>);

#[track_caller]
fn walk(sequence: Sequence, turns: &[Turn]) {
    let mut board = Board::new(&ACT).sequence(sequence);
    for (turn, (call, first, second, is_audible, first_out)) in turns.iter().enumerate() {
        call(&mut board);
        let states = (board.fault(FIRST).state(), board.fault(SECOND).state());
        assert_eq!(states, (*first, *second), "{sequence:?}, turn {turn}");
        assert_eq!(board.is_audible(), *is_audible, "{sequence:?}, turn {turn}");
        assert_eq!(board.first_out(), *first_out, "{sequence:?}, turn {turn}");
    }
}

#[test]
fn a_board_walks_through_sequence_a() {
    walk(
        Sequence::A,
        &[
            (|board| board.raise(FIRST, 0), Alarm, Normal, true, Some(FIRST)),
            (|board| board.raise(SECOND, 1), Alarm, Alarm, true, Some(FIRST)),
            (|board| board.clear(FIRST, 2), Alarm, Alarm, true, Some(FIRST)),
            (|board| board.silence(3), Alarm, Alarm, true, Some(FIRST)),
            (|board| board.acknowledge(4), Normal, Acknowledged, false, None),
            (|board| board.reset(5), Normal, Acknowledged, false, None),
            (|board| board.raise(FIRST, 6), Alarm, Acknowledged, true, Some(FIRST)),
            (|board| board.clear(SECOND, 7), Alarm, Normal, true, Some(FIRST)),
        ],
    );
}

#[test]
fn a_board_walks_through_sequence_a_4() {
    walk(
        Sequence::A4,
        &[
            (|board| board.raise(FIRST, 0), Alarm, Normal, true, Some(FIRST)),
            // Nobody has seen it: it is the first until it was shown.
            (|board| board.clear(FIRST, 1), Normal, Normal, false, Some(FIRST)),
            (|board| board.raise(SECOND, 2), Normal, Alarm, true, Some(FIRST)),
            (|board| board.clear(SECOND, 3), Normal, Normal, false, Some(FIRST)),
        ],
    );
}

#[test]
fn a_board_walks_through_sequence_m() {
    walk(
        Sequence::M,
        &[
            (|board| board.raise(FIRST, 0), Alarm, Normal, true, Some(FIRST)),
            (|board| board.reset(1), Alarm, Normal, true, Some(FIRST)),
            (|board| board.clear(FIRST, 2), Alarm, Normal, true, Some(FIRST)),
            (|board| board.acknowledge(3), Acknowledged, Normal, false, None),
            (|board| board.raise(FIRST, 4), Acknowledged, Normal, false, None),
            (|board| board.reset(5), Acknowledged, Normal, false, None),
            (|board| board.clear(FIRST, 6), Acknowledged, Normal, false, None),
            (|board| board.reset(7), Normal, Normal, false, None),
        ],
    );
}

#[test]
fn a_board_walks_through_sequence_f2m_1() {
    walk(
        Sequence::F2M1,
        &[
            (|board| board.raise(FIRST, 0), Alarm, Normal, true, Some(FIRST)),
            (|board| board.silence(1), Silenced, Normal, false, Some(FIRST)),
            (|board| board.raise(SECOND, 2), Silenced, Subsequent, true, Some(FIRST)),
            (|board| board.silence(3), Silenced, Acknowledged, false, Some(FIRST)),
            (|board| board.acknowledge(4), Acknowledged, Acknowledged, false, None),
            (|board| board.clear(SECOND, 5), Acknowledged, Acknowledged, false, None),
            (|board| board.reset(6), Acknowledged, Normal, false, None),
            (|board| board.raise(SECOND, 7), Acknowledged, Alarm, true, Some(SECOND)),
        ],
    );
}
