//! Boards, signals, players, reports.

use core::hint::black_box;

use led_codes::board::Fault;
use led_codes::sequence::{Event, Sequence, State};
use led_codes::signal::Shown;
use led_codes::{Board, Level, Pattern, Player, ReportCell, Reporter, Signal, Source, Stopped};
use proof::keep;

use super::tables::{A, LEGEND};
use crate::number;

const BOARD: Board<'static, 2> =
    Board::repeats(Board::sequence(Board::new(&LEGEND), Sequence::F2M1), 1);

pub fn all(numbers: &[u64]) {
    let mut board = black_box(BOARD);
    Board::restore(&mut board, A, number(numbers, 0));
    let mut player = Stopped::start(Player::new(), &mut board, number(numbers, 1));
    for place in 0..4 {
        let now_us = number(numbers, place);
        Board::raise(&mut board, A, now_us);
        Board::begin_lamp_test(&mut board, now_us);
        keep(Player::poll(&mut player, &mut board, now_us));
        Board::end_lamp_test(&mut board, now_us);
        Board::silence(&mut board, now_us);
        Board::clear(&mut board, A, now_us);
        Board::acknowledge(&mut board, now_us);
        Board::reset(&mut board, now_us);
        keep(Player::poll(&mut player, &mut board, number(numbers, place + 4)));
        let fault = Board::fault(&board, A);
        keep((Fault::state(fault), Fault::is_active(fault), Fault::is_shown(fault)));
        keep((Board::first_out(&board), Board::shown(&board), Board::is_audible(&board)));
        keep((Board::is_lamp_test(&board), Board::legend(&board), Board::rotation_ms(&board)));
        let event = if place == 0 { Event::Raise } else { Event::Reset };
        let next = Sequence::after(black_box(Sequence::M), State::Normal, event, true, true);
        keep((State::visual(next), State::is_audible(next), State::is_unacknowledged(next)));
    }
    keep((board.row(number(numbers, 5) as u8), board.lacks(|level| level == Level::Off)));
    let Ok(pattern) = "on 200 off 200 x3 off 1000".parse::<Pattern>() else { return };
    let mut signal = black_box(Signal::new(Shown::Pattern(&pattern)));
    let mut player = Stopped::start(Player::new(), &mut signal, number(numbers, 1));
    for place in 0..4 {
        Signal::set(&mut signal, Shown::Steady(Level::On), number(numbers, place));
        keep(Player::poll(&mut player, &mut signal, number(numbers, place)));
        Signal::set(&mut signal, Shown::Pattern(&pattern), number(numbers, place));
        keep(Player::poll(&mut player, &mut signal, number(numbers, place)));
    }
    keep(signal.lacks(|level| level == Level::Off));
}

pub fn reported(cell: &'static mut ReportCell<2>) {
    let mut board = black_box(BOARD);
    let (reporter, mut collector) = ReportCell::split(cell);
    Reporter::raise(&reporter, black_box(A));
    Board::collect(&mut board, &mut collector, black_box(7));
    keep(board);
}
