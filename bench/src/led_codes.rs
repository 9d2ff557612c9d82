//! led-codes: a poll of the player beside its own pure function, which looks for the level from the beginning of the period at each
//! call, as a table that is indexed by the elapsed time would be. There is no other crate that plays codes.

use std::hint::black_box;

use bench::contestant::contestant;
use bench::line::Line;
use bench::rounds::{Against, measure};
use led_codes::signal::Shown;
use led_codes::{Dialect, Player, Signal, code};

fn main() -> std::process::ExitCode {
    bench::main("led-codes", run, None)
}

fn run(_again: bool) -> Vec<Line> {
    let pattern = Dialect::HUMAN.pattern(&code(5, 5)).expect("a code of people");
    let mut signal = Signal::new(Shown::Pattern(&pattern));
    let mut player = Player::new().start(&mut signal, 0);
    let (mut now_us, mut other_us) = (0_u64, 0_u64);
    measure(
        "a poll each millisecond of a code of ten flashes",
        vec![
            contestant("led-codes, the player", || {
                now_us += 1_000;
                black_box(player.poll(&mut signal, black_box(now_us)));
            }),
            contestant("led-codes, Pattern::level_at", || {
                other_us += 1_000;
                let ms = black_box(other_us) / 1_000 % u64::from(pattern.period_ms());
                black_box(pattern.level_at(ms as u32));
            }),
        ],
        Against::Best,
        None,
    )
}
