//! The decoder that learns the clock, and that names the dialects that fit.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Edges, shown};
use led_codes::auto::{Auto, Heard};
use led_codes::standard::{DIALECTS, LEGENDS, cia_303_3, odva, profinet};
use led_codes::{Code, Dialect, Digits, Flash, Level, Mark, Pattern, code, count};

/// Edges at another clock.
fn slowed(edges: &Edges, permille: u64) -> Edges {
    edges.iter().map(|(ms, level)| (ms * permille / 1_000, *level)).collect()
}

fn upside_down(edges: &Edges) -> Edges {
    let other = |level: Level| if level.is_lit() { Level::Off } else { Level::On };
    edges.iter().map(|(ms, level)| (*ms, other(*level))).collect()
}

fn heard<const N: usize>(auto: &mut Auto<'_, N>, edges: &Edges) {
    auto.join(edges[0].1, 0);
    for (ms, level) in &edges[1..] {
        let _ = auto.edge(*level, ms * 1_000);
    }
}

/// The names of the dialects that fit, and their last codes.
fn names<const N: usize>(auto: &Auto<'_, N>) -> Vec<(&'static str, Digits)> {
    auto.fits().map(|fit| (DIALECTS[fit.index].name, fit.digits)).collect()
}

/// A code of each dialect that is not the only one of its flashes.
fn example(dialect: &Dialect) -> (Digits, Pattern) {
    let (len, _) = dialect.len_range();
    let (min, max) = dialect.value_range();
    let digits = Digits::new(&vec![max.min(min + 2); usize::from(len)]).unwrap();
    (digits, dialect.pattern(&Code::Digits(digits)).unwrap())
}

#[test]
fn each_dialect_fits_its_own_codes() {
    let all = DIALECTS.each_ref().map(|named| &named.dialect);
    for named in &DIALECTS {
        let (digits, pattern) = example(&named.dialect);
        let edges = shown(&pattern, 0, pattern.period_ms() * 4);
        for permille in [850, 1_000, 1_150] {
            let mut auto = Auto::new(&all);
            heard(&mut auto, &slowed(&edges, permille));
            let names = names(&auto);
            assert!(names.contains(&(named.name, digits)), "{} {permille}: {names:?}", named.name);
            assert!(auto.fits().all(|fit| !fit.is_inverted && fit.agree >= 2), "{}", named.name);
        }
    }
}

#[test]
fn dialects_that_look_the_same_are_all_named() {
    let all = DIALECTS.each_ref().map(|named| &named.dialect);
    for (pattern, expected) in [
        (odva::DIALECT.pattern(&count(1)).unwrap(), &["ODVA MS, NS", "PROFINET DCP signal"][..]),
        (profinet::BF_DIALECT.pattern(&count(1)).unwrap(), &["CiA 303-3 blinking", "PROFINET BF"]),
        (
            cia_303_3::BLINKING_DIALECT.pattern(&count(1)).unwrap(),
            &["CiA 303-3 blinking", "PROFINET BF"],
        ),
    ] {
        let mut auto = Auto::new(&all);
        heard(&mut auto, &shown(&pattern, 0, pattern.period_ms() * 9));
        let names: Vec<_> = names(&auto).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, expected, "{pattern}");
    }
}

#[test]
fn a_clock_from_half_to_twice_is_learnt() {
    for permille in [500_u16, 640, 800, 1_000, 1_300, 1_700, 2_000] {
        for mark in [None, Some(Mark::FirstOut), Some(Mark::BeforeReset)] {
            for phase_ms in [0, 700, 2_100, 4_500] {
                let pattern = Dialect::HUMAN.marked(&code(2, 3), mark).unwrap();
                let edges = shown(&pattern, phase_ms, pattern.period_ms() * 4);
                let mut auto = Auto::new(&[&Dialect::HUMAN]).clock_within(49, 201);
                heard(&mut auto, &slowed(&edges, permille.into()));
                let fit = auto.best().unwrap();
                let expected = (Digits::new(&[2, 3]).unwrap(), mark, false);
                assert_eq!((fit.digits, fit.mark, fit.is_inverted), expected, "{permille}");
                assert!(fit.clock_permille.abs_diff(permille) <= 5, "{permille}: {fit:?}");
                assert!(fit.agree >= 2 && fit.off_permille <= 5, "{permille}: {fit:?}");
                // A clock that is off by more than a fifth is not the dialect's.
                let mut auto = Auto::new(&[&Dialect::HUMAN]);
                heard(&mut auto, &slowed(&edges, permille.into()));
                assert_eq!(auto.best().is_some(), (800..=1_200).contains(&permille), "{permille}");
            }
        }
    }
}

#[test]
fn the_nearest_of_those_that_fit_is_the_best() {
    let dialects = [&odva::DIALECT, &profinet::BF_DIALECT, &cia_303_3::BLINKING_DIALECT];
    for (flash, index) in
        [(Flash::new(500, 500), 0), (Flash::new(250, 250), 1), (Flash::new(200, 200), 2)]
    {
        let mut auto = Auto::new(&dialects).clock_within(20, 250);
        heard(&mut auto, &shown(&Pattern::new(&[flash.once()]), 0, 9_000));
        assert_eq!(auto.fits().count(), 3);
        let fit = auto.best().unwrap();
        assert_eq!((fit.index, fit.clock_permille, fit.off_permille), (index, 1_000, 0));
        assert!(fit.covered_percent == 100, "{fit:?}");
    }
}

/// Row L8 of the field reports: a light with the other polarity is named where that is certain.
#[test]
fn l8_a_light_upside_down_is_named() {
    let mut named = 0;
    for (name, legend) in LEGENDS {
        for entry in legend.entries() {
            let Code::Digits(digits) = entry.code else { continue };
            let pattern = legend.dialect().pattern(&entry.code).unwrap();
            let edges = shown(&pattern, 0, pattern.period_ms() * 5);
            let dialects = [legend.dialect()];
            let mut auto = Auto::new(&dialects);
            heard(&mut auto, &edges);
            let fit = auto.best().unwrap();
            assert_eq!((fit.is_inverted, fit.digits), (false, digits), "{name}");
            let mut auto = Auto::new(&dialects);
            heard(&mut auto, &upside_down(&edges));
            if legend.dialect().is_colour_meant() {
                // Nobody knows the colour of a light that is dark.
                continue;
            }
            let fit = auto.best().unwrap();
            // A light that blinks evenly is the same upside down.
            let is_even =
                pattern.steps().all(|step| step.ms() == pattern.steps().next().unwrap().ms());
            assert_eq!((fit.is_inverted, fit.digits), (!is_even, digits), "{name} {pattern}");
            named += usize::from(fit.is_inverted);
        }
    }
    assert!(named > 20, "{named}");
}

#[test]
fn nothing_fits_before_a_code_was_read_and_a_gap_is_no_step() {
    let dialects = [&Dialect::HUMAN];
    let mut auto = Auto::new(&dialects);
    assert!(auto.best().is_none());
    let pattern = Dialect::HUMAN.pattern(&code(1, 2)).unwrap();
    for (place, (ms, level)) in shown(&pattern, 0, pattern.period_ms() * 9).into_iter().enumerate()
    {
        // The watcher looks away in each code.
        if place % 5 == 4 {
            auto.interrupt();
        }
        assert_ne!(auto.edge(level, ms * 1_000), Heard::Code);
    }
    assert!(auto.best().is_none());
}

#[test]
fn a_light_that_stays_is_steady_and_samples_can_be_too_far_apart() {
    let dialects = [&Dialect::HUMAN, &odva::DIALECT];
    let mut auto = Auto::new(&dialects);
    assert_eq!((auto.poll(0), auto.next_deadline_us()), (None, None));
    auto.join(Level::Off, 0);
    assert_eq!(auto.steady_after_ms(), 3_050);
    assert_eq!(auto.next_deadline_us(), Some(3_050_001));
    assert_eq!((auto.poll(3_050_000), auto.poll(3_050_001)), (None, Some(Level::Off)));
    assert_eq!((auto.poll(9_000_000), auto.next_deadline_us()), (None, None));
    assert_eq!(auto.edge(Level::On, 9_000_000), Heard::Nothing);
    assert_eq!(auto.edge(Level::Off, 19_000_000), Heard::Steady(Level::On));
    // Five samples in 200 ms are 40 ms apart, and in 400 ms 80 ms apart.
    for (interval_us, heard) in
        [(40_000, Heard::Nothing), (80_000, Heard::Nothing), (81_000, Heard::TooFast)]
    {
        let mut auto = Auto::new(&dialects).sampled(interval_us, 0);
        assert_eq!(auto.edge(Level::On, 0), Heard::Nothing);
        assert_eq!(auto.edge(Level::Off, 500_000), heard, "{interval_us}");
    }
}

#[test]
fn dialects_of_run_time_have_a_limit() {
    let dialects = [&Dialect::HUMAN; 3];
    assert!(Auto::<2>::of(&dialects).is_none());
    assert!(Auto::<3>::of(&dialects).is_some());
    let mut auto = Auto::<8>::of(&dialects[..1]).unwrap();
    let pattern = Dialect::HUMAN.pattern(&code(1, 2)).unwrap();
    heard(&mut auto, &shown(&pattern, 0, pattern.period_ms() * 4));
    assert_eq!(auto.fits().map(|fit| fit.index).collect::<Vec<_>>(), [0]);
}
