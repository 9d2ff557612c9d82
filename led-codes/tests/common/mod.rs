//! What several tests share: the folder of the tables, and a light that is polled.
#![allow(dead_code, unreachable_pub, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::PathBuf;

use led_codes::{Board, Level, Pattern, Player, Source};

/// The lines of a table in the folder of `LED_TABLES`, without the first one where it is a head.
pub fn table(name: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("LED_TABLES") else {
        println!("skipped: LED_TABLES is not set");
        return None;
    };
    let path = PathBuf::from(folder).join(name);
    Some(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}")))
}

/// Changes of the level, from the first poll on: when, and to what.
pub type Edges = Vec<(u64, Level)>;

/// The edges of a source from `begin` until `end`, in milliseconds, polled at its edges alone.
pub fn edges<S: Source>(source: &mut S, begin_ms: u64, end_ms: u64) -> Edges {
    let mut player = Player::new().start(source, begin_ms * 1_000);
    go_on(&mut player, source, begin_ms, end_ms)
}

/// The same with a player that is there.
pub fn go_on<S: Source>(player: &mut Player, source: &mut S, begin_ms: u64, end_ms: u64) -> Edges {
    let (mut edges, mut now_us) = (Edges::new(), begin_ms * 1_000);
    while now_us < end_ms * 1_000 {
        let (level, next_us) = player.poll(source, now_us);
        if edges.last().is_none_or(|(_, last)| *last != level) {
            edges.push((now_us / 1_000, level));
        }
        let Some(next_us) = next_us else { break };
        assert!(next_us > now_us, "an edge that is not later: {next_us} at {now_us}");
        now_us = next_us;
    }
    edges
}

/// The levels of a board at each millisecond.
pub fn levels<const N: usize>(board: &mut Board<'_, N>, begin_ms: u64, end_ms: u64) -> Vec<Level> {
    let mut player = Player::new().start(board, begin_ms * 1_000);
    (begin_ms..end_ms).map(|ms| player.poll(board, ms * 1_000).0).collect()
}

/// The edges of a pattern that goes on for ever, from this phase on: when, in milliseconds from 0 on, and to which level.
pub fn shown(pattern: &Pattern, phase_ms: u32, until_ms: u32) -> Edges {
    let mut edges = Edges::new();
    let steps: Vec<_> = pattern.steps().map(|step| (step.level(), u32::from(step.ms()))).collect();
    let mut at_ms = 0_u32;
    for (level, ms) in steps.iter().cycle() {
        let end_ms = at_ms + ms;
        if end_ms > phase_ms {
            edges.push((u64::from(at_ms.saturating_sub(phase_ms)), *level));
        }
        at_ms = end_ms;
        if at_ms > phase_ms + until_ms {
            return edges;
        }
    }
    edges
}
