//! The signals of CiA 303-3 edge for edge as CANopenNode gives them, and at slow polls the level that is due at each of them.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use led_codes::signal::Shown;
use led_codes::standard::cia_303_3::{
    BLINKING, DOUBLE_FLASH, FLICKERING, QUADRUPLE_FLASH, SINGLE_FLASH, TRIPLE_FLASH,
};
use led_codes::{Level, Player, Signal};

const ON: Shown<'static> = Shown::Steady(Level::On);

/// What a light shows from an instant on, in milliseconds; it is dark before.
type Part = Option<(Shown<'static>, u64)>;

/// The rows of the file, as far as they were recorded at 1 ms: their names, what red and what green show and from when on.
const ROWS: [(&str, Part, Part); 13] = [
    ("RUN blinking(preop)", None, Some((Shown::Pattern(&BLINKING), 400))),
    ("RUN single(stopped)", None, Some((Shown::Pattern(&SINGLE_FLASH), 400))),
    ("ERR single(warn)", Some((Shown::Pattern(&SINGLE_FLASH), 200)), Some((ON, 50))),
    ("ERR double(hb)", Some((Shown::Pattern(&DOUBLE_FLASH), 200)), Some((ON, 50))),
    ("ERR triple(sync)", Some((Shown::Pattern(&TRIPLE_FLASH), 200)), Some((ON, 50))),
    ("ERR quad(rpdo)", Some((Shown::Pattern(&QUADRUPLE_FLASH), 200)), Some((ON, 50))),
    ("ERR blink(other)", Some((Shown::Pattern(&BLINKING), 200)), Some((ON, 50))),
    ("RUN flicker(lss)", None, Some((Shown::Pattern(&FLICKERING), 100))),
    ("RUN triple(fw)", None, Some((Shown::Pattern(&TRIPLE_FLASH), 400))),
    ("ERR on(busoff)", Some((ON, 50)), Some((ON, 50))),
    ("INIT(flicker red)", Some((Shown::Pattern(&FLICKERING), 50)), None),
    (
        "preop+err blink both",
        Some((Shown::Pattern(&BLINKING), 200)),
        Some((Shown::Pattern(&BLINKING), 400)),
    ),
    (
        "stopped+warn both",
        Some((Shown::Pattern(&SINGLE_FLASH), 200)),
        Some((Shown::Pattern(&SINGLE_FLASH), 400)),
    ),
];

/// Whether a part is lit at each of these instants, in milliseconds, polled at these alone.
fn polled(part: Part, at_ms: impl Iterator<Item = u64>) -> Vec<bool> {
    let mut signal = Signal::new(Shown::Steady(Level::Off));
    let mut player = Player::new().start(&mut signal, 0);
    let mut is_set = false;
    at_ms
        .map(|ms| {
            if let Some((shown, from_ms)) = part.filter(|(_, from_ms)| *from_ms <= ms && !is_set) {
                signal.set(shown, from_ms * 1_000);
                is_set = true;
            }
            player.poll(&mut signal, ms * 1_000).0.is_lit()
        })
        .collect()
}

/// `400:R0G1`: the instant, red and green.
fn edge(text: &str) -> (u64, bool, bool) {
    let (ms, lights) = text.split_once(':').unwrap();
    (ms.parse().unwrap(), lights.contains("R1"), lights.contains("G1"))
}

#[test]
fn every_signal_has_the_recorded_edges() {
    let Some(file) = common::table("canopennode_led_waveforms.txt") else { return };
    let (mut rows, mut edges) = (0, 0);
    for line in file.lines().filter(|line| line.contains(" step=1000 us: ")) {
        let (name, recorded) = line.split_once(" step=1000 us: ").unwrap();
        let (_, red, green) = ROWS.iter().find(|(row, ..)| *row == name).expect(name);
        let recorded: Vec<_> = recorded.split_whitespace().map(edge).collect();
        let (red, green) = (polled(*red, 0..=4_000), polled(*green, 0..=4_000));
        let mut ours = Vec::new();
        for (ms, (red, green)) in red.into_iter().zip(green).enumerate() {
            if ours.last().is_none_or(|(_, r, g)| (*r, *g) != (red, green)) {
                ours.push((ms as u64, red, green));
            }
        }
        // The light begins dark, and at 0 ms the recorder says so.
        let recorded: Vec<_> = recorded.into_iter().filter(|(ms, ..)| *ms <= 4_000).collect();
        assert_eq!(ours, recorded, "{name}");
        (rows, edges) = (rows + 1, edges + recorded.len());
    }
    println!("canopennode_led_waveforms.txt: {rows} rows, {edges} edges, 0 differences");
    assert_eq!(rows, ROWS.len());
}

#[test]
fn slow_polls_show_what_is_due() {
    for (name, red, green) in ROWS {
        for part in [red, green] {
            let truth = polled(part, 0..=60_000);
            for step_ms in [50, 100, 150, 200, 1_000] {
                let slow = polled(part, (0..=60_000).step_by(step_ms));
                for (poll, is_lit) in slow.into_iter().enumerate() {
                    assert_eq!(is_lit, truth[poll * step_ms], "{name} at {} ms", poll * step_ms);
                }
            }
        }
    }
}

#[test]
fn the_next_edge_is_the_next_change() {
    for (shown, period_ms) in [(&FLICKERING, 100), (&SINGLE_FLASH, 1_200), (&TRIPLE_FLASH, 2_000)] {
        let mut signal = Signal::new(Shown::Pattern(shown));
        let edges = common::edges(&mut signal, 7, 7 + 3 * period_ms);
        let truth: Vec<_> = (0..3 * period_ms)
            .filter(|ms| {
                let before = ms.checked_sub(1).map(|ms| shown.level_at(ms as u32));
                before != Some(shown.level_at(*ms as u32))
            })
            .map(|ms| (ms + 7, shown.level_at(ms as u32)))
            .collect();
        assert_eq!(edges, truth);
    }
}

/// On one light of two colours, two signals that blink in turn never light both.
#[test]
fn the_shifted_signals_are_never_both_lit() {
    const _: () = assert!(BLINKING.conflict_ms(&BLINKING, 200).is_none());
    const _: () = assert!(SINGLE_FLASH.conflict_ms(&SINGLE_FLASH, 200).is_none());
    let patterns = [&BLINKING, &FLICKERING, &SINGLE_FLASH, &DOUBLE_FLASH, &QUADRUPLE_FLASH];
    for red in patterns {
        for green in patterns {
            for later_ms in [0, 50, 199, 200, 201, 400, 1_000, 5_000] {
                let is_both = |ms: &u32| {
                    let green = green.level_at(ms - u32::from(later_ms));
                    red.level_at(*ms).is_lit() && green.is_lit()
                };
                // All of these periods are in 24 s.
                let first = (u32::from(later_ms)..30_000).find(is_both);
                assert_eq!(
                    red.conflict_ms(green, later_ms),
                    first,
                    "{red} and {green}, {later_ms}"
                );
            }
        }
    }
}
