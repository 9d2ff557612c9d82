//! Edges from samples: what is an edge, what is a gap, and what was a flicker.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use led_codes::Level;
use led_codes::samples::{Sampled, Samples};

/// Of 30 frames a second.
const FRAME_US: u64 = 33_333;

/// The edges and gaps of so many equal samples.
fn look(samples: &mut Samples, at_us: &mut u64, count: u32, brightness: u16) -> Vec<Sampled> {
    let mut said = Vec::new();
    for _ in 0..count {
        said.extend(samples.sample(brightness, *at_us));
        *at_us += FRAME_US;
    }
    said
}

fn levels(said: &[Sampled]) -> Vec<Option<Level>> {
    let level = |sampled: &Sampled| match sampled {
        Sampled::Edge { level, .. } => Some(*level),
        _ => None,
    };
    said.iter().map(level).collect()
}

#[test]
fn a_light_that_was_dark_for_long_is_the_same_light() {
    let mut samples = Samples::new(33_334, 20);
    let mut at_us = 0;
    let _ = look(&mut samples, &mut at_us, 8, 40);
    assert_eq!(levels(&look(&mut samples, &mut at_us, 8, 180)), [Some(Level::On)]);
    for seconds in [1, 3, 8, 10] {
        assert_eq!(levels(&look(&mut samples, &mut at_us, seconds * 30, 40)), [Some(Level::Off)]);
        assert_eq!(levels(&look(&mut samples, &mut at_us, 8, 180)), [Some(Level::On)]);
    }
}

#[test]
fn a_flicker_that_was_taken_for_the_light_is_said_when_the_light_comes() {
    let mut samples = Samples::new(33_334, 20);
    let mut at_us = 0;
    let _ = look(&mut samples, &mut at_us, 8, 40);
    let flicker = [look(&mut samples, &mut at_us, 1, 65), look(&mut samples, &mut at_us, 1, 40)];
    assert_eq!(levels(&flicker.concat()), [Some(Level::On), Some(Level::Off)]);
    let edge_us = at_us - FRAME_US / 2 - 1;
    let light = look(&mut samples, &mut at_us, 8, 180);
    assert_eq!(light, [Sampled::Flicker { level: Level::On, at_us: edge_us }]);
    assert_eq!(levels(&look(&mut samples, &mut at_us, 8, 40)), [Some(Level::Off)]);
    assert_eq!(levels(&look(&mut samples, &mut at_us, 8, 180)), [Some(Level::On)]);
}

#[test]
fn less_than_the_contrast_is_no_light() {
    for (contrast, count) in [(19, 0), (21, 2)] {
        let mut samples = Samples::new(33_334, 20);
        let mut at_us = 0;
        let mut said = look(&mut samples, &mut at_us, 8, 40);
        said.extend(look(&mut samples, &mut at_us, 8, 40 + contrast));
        said.extend(look(&mut samples, &mut at_us, 8, 40));
        assert_eq!(said.len(), count, "{contrast}: {said:?}");
    }
}

#[test]
fn three_lost_samples_are_a_gap_and_two_are_none() {
    for (lost, is_gap) in [(0, false), (2, false), (3, true)] {
        let mut samples = Samples::new(33_334, 20);
        let mut at_us = 0;
        let _ = look(&mut samples, &mut at_us, 8, 40);
        let from_us = at_us - FRAME_US;
        at_us += lost * FRAME_US;
        let said = look(&mut samples, &mut at_us, 1, 180);
        let until_us = at_us - FRAME_US;
        let edge_us = from_us + (until_us - from_us) / 2;
        let expected = match is_gap {
            true => Sampled::Gap { from_us, until_us },
            false => Sampled::Edge { level: Level::On, at_us: edge_us },
        };
        assert_eq!(said, [expected], "{lost}");
    }
}

#[test]
fn a_sample_of_an_earlier_instant_is_none() {
    let mut samples = Samples::new(33_334, 20);
    let mut at_us = 1_000_000;
    let _ = look(&mut samples, &mut at_us, 8, 40);
    assert_eq!(samples.sample(180, at_us - FRAME_US), None);
    assert_eq!(samples.sample(180, 0), None);
    assert_eq!(levels(&look(&mut samples, &mut at_us, 1, 180)), [Some(Level::On)]);
}

/// A converter takes a sample each millisecond, in a room whose light flickers at 100 Hz more than the light shines.
#[test]
fn means_over_a_flicker_leave_the_light() {
    let mut samples = Samples::new(1_000, 20).smoothed(50_000);
    let mut edges = Vec::new();
    for ms in 0..4_000_u64 {
        let light = if ms / 500 % 2 == 1 { 60.0 } else { 0.0 };
        let flicker = 45.0 * (ms as f64 / 10.0 * std::f64::consts::TAU).sin();
        edges.extend(samples.sample((200.0 + light + flicker) as u16, ms * 1_000));
    }
    let levels = levels(&edges);
    let after = &levels[levels.len() - 5..];
    assert_eq!(after.iter().filter(|level| level.is_none()).count(), 0, "{levels:?}");
    assert!(levels.len() <= 10, "{levels:?}");
}
