//! Faults from an interrupt: each is raised once, the first of them first. Every interleaving is tried with loom.
#![allow(clippy::unwrap_used)]

use std::boxed::Box;

use led_codes::board::Shown;
use led_codes::{
    Board, Collector, Dialect, Flash, Id, Legend, ReportCell, Reporter, Severity, code, dark,
    entry, healthy, solid,
};

#[rustfmt::skip]
static LEGEND: Legend<3> = Legend::new(
    Dialect::HUMAN,
    healthy(Flash::new(1_000, 1_000).once(), "Running"),
    dark("No power", "Measure"),
    solid("It hangs", "Restart it"),
    [
        entry(code(1, 1), Severity::Low, "a", "It is there", "Repair it"),
        entry(code(1, 2), Severity::Low, "b", "It is there", "Repair it"),
        entry(code(1, 3), Severity::High, "c", "It is there", "Repair it"),
    ],
);
const A: Id<3> = LEGEND.id("a");
const B: Id<3> = LEGEND.id("b");
const C: Id<3> = LEGEND.id("c");

fn ends() -> (Reporter<3>, Collector<3>, Board<'static, 3>) {
    let (reporter, collector) = Box::leak(Box::new(ReportCell::new())).split();
    (reporter, collector, Board::new(&LEGEND))
}

fn active(board: &Board<'_, 3>) -> [bool; 3] {
    [A, B, C].map(|id| board.fault(id).is_active())
}

#[test]
fn what_was_raised_is_collected_once_and_the_first_is_first() {
    let (reporter, mut collector, mut board) = ends();
    board.collect(&mut collector, 0);
    assert_eq!(active(&board), [false; 3]);
    reporter.raise(B);
    reporter.raise(C);
    reporter.raise(B);
    assert_eq!(active(&board), [false; 3]);
    board.collect(&mut collector, 1);
    assert_eq!((active(&board), board.first_out()), ([false, true, true], Some(B)));
    board.clear(B, 2);
    board.collect(&mut collector, 3);
    assert_eq!(active(&board), [false, false, true]);
}

#[test]
fn a_fault_is_raised_again_after_it_was_collected() {
    let (reporter, mut collector, mut board) = ends();
    for round in 0..4 {
        reporter.raise(C);
        board.collect(&mut collector, round);
        assert_eq!(active(&board), [false, false, true], "{round}");
        board.clear(C, round);
        reporter.raise(A);
        reporter.raise(C);
        board.collect(&mut collector, round);
        assert_eq!(active(&board), [true, false, true], "{round}");
        board.clear(A, round);
        board.clear(C, round);
        board.collect(&mut collector, round);
        assert_eq!(active(&board), [false; 3], "{round}");
    }
}

#[test]
fn the_first_of_each_collection_is_told() {
    let (reporter, mut collector, _) = ends();
    for (raised, first) in [([B, A, C], B), ([C, A, B], C), ([A, C, B], A)] {
        raised.iter().for_each(|id| reporter.raise(*id));
        let mut board = Board::new(&LEGEND);
        board.collect(&mut collector, 0);
        assert_eq!(board.first_out(), Some(first));
        assert_eq!(active(&board), [true; 3]);
        assert_eq!(board.shown(), Shown::Nothing, "it was not started");
    }
    reporter.raise(B);
    let mut board = Board::new(&LEGEND);
    board.collect(&mut collector, 0);
    assert_eq!((active(&board), board.first_out()), ([false, true, false], Some(B)));
}
