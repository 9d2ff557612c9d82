//! The decoder of digits: each code of the dialects is read as itself without a table, and nothing else is.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::shown;
use led_codes::decoder::Rejected;
use led_codes::digit_decoder::Seen;
use led_codes::standard::obd_1::{FORD, GM, HOLDEN, MITSUBISHI};
use led_codes::standard::philips::SDM;
use led_codes::standard::{DIALECTS, LEGENDS};
use led_codes::{Code, Dialect, DigitDecoder, Digits, Flash, Level, Mark, code, digits, word};

fn read(dialect: &Dialect, edges: &[(u64, Level)]) -> Vec<Seen> {
    let mut decoder = DigitDecoder::new(dialect);
    decoder.join(edges[0].1, 0);
    edges[1..].iter().filter_map(|(ms, level)| decoder.edge(*level, ms * 1_000)).collect()
}

/// Each code that was read, without anything else.
fn codes(dialect: &Dialect, edges: &[(u64, Level)]) -> Vec<(Digits, Option<Mark>)> {
    let of = |seen| match seen {
        Seen::Code { digits, mark, clock_permille: 1_000, off_permille: 0, .. } => (digits, mark),
        seen => panic!("{seen:?}"),
    };
    read(dialect, edges).into_iter().map(of).collect()
}

/// Some of the codes that a dialect carries: its smallest and largest digits, and a zero, at each place.
fn carried(dialect: &Dialect) -> Vec<Digits> {
    let (min, max) = dialect.value_range();
    let (len_min, len_max) = dialect.len_range();
    let mut values = vec![0, min, min + 1, max - max.min(1), max];
    values.retain(|value| *value <= max);
    values.sort_unstable();
    values.dedup();
    let mut all = Vec::new();
    for len in len_min..=len_max {
        let mut codes: Vec<Vec<u8>> = vec![Vec::new()];
        for _ in 0..len {
            let with = |code: &Vec<u8>| {
                let code = code.clone();
                values
                    .iter()
                    .map(move |value| [code.clone(), vec![*value]].concat())
                    .collect::<Vec<_>>()
            };
            codes = codes.iter().flat_map(with).collect();
        }
        all.extend(codes.iter().filter_map(|code| Digits::new(code)));
    }
    all.retain(|digits| dialect.pattern(&Code::Digits(*digits)).is_ok());
    all
}

#[test]
fn each_code_of_the_dialects_is_read_as_itself_from_any_phase() {
    let mut count = 0;
    for named in &DIALECTS {
        let dialect = &named.dialect;
        let all = carried(dialect);
        assert!(!all.is_empty(), "{}", named.name);
        for digits in all {
            let pattern = dialect.pattern(&Code::Digits(digits)).unwrap();
            let period_ms = pattern.period_ms();
            for phase_ms in (0..period_ms).step_by(period_ms as usize / 7 + 1) {
                let codes = codes(dialect, &shown(&pattern, phase_ms, period_ms * 3));
                assert!(!codes.is_empty(), "{} {digits} {phase_ms}", named.name);
                for read in codes {
                    assert_eq!(read, (digits, None), "{} {phase_ms}", named.name);
                }
            }
            count += 1;
        }
    }
    println!("{count} codes of {} dialects", DIALECTS.len());
    assert!(count > 1_000);
}

#[test]
fn each_code_of_the_tables_is_read_without_its_table() {
    for (name, legend) in LEGENDS {
        for entry in legend.entries() {
            let Code::Digits(digits) = entry.code else { continue };
            let pattern = legend.dialect().pattern(&entry.code).unwrap();
            let codes = codes(legend.dialect(), &shown(&pattern, 0, pattern.period_ms() * 3));
            assert!(!codes.is_empty(), "{name} {digits}");
            assert!(codes.iter().all(|code| *code == (digits, None)), "{name} {digits}");
        }
    }
}

#[test]
fn the_published_examples_are_read() {
    for (dialect, code, values) in [
        (&SDM, digits(&[12, 9, 6, 0, 0]), &[12, 9, 6, 0, 0][..]),
        (&HOLDEN, digits(&[1, 2, 3, 2]), &[1, 2, 3, 2]),
        (&FORD, digits(&[0, 2, 3, 1]), &[0, 2, 3, 1]),
        (&MITSUBISHI, word(2, 5), &[0, 1, 0, 0, 0]),
        (&GM, code(3, 2), &[3, 2]),
        (&GM, code(1, 2), &[1, 2]),
    ] {
        let pattern = dialect.pattern(&code).unwrap();
        let codes = codes(dialect, &shown(&pattern, 0, pattern.period_ms() * 3));
        assert_eq!(codes[0].0.as_slice(), values);
    }
}

#[test]
fn a_mark_is_read_before_its_code() {
    for mark in [None, Some(Mark::FirstOut), Some(Mark::BeforeReset)] {
        let pattern = Dialect::HUMAN.marked(&code(2, 3), mark).unwrap();
        let codes = codes(&Dialect::HUMAN, &shown(&pattern, 0, pattern.period_ms() * 3));
        assert_eq!(codes[0], (Digits::new(&[2, 3]).unwrap(), mark));
    }
}

#[test]
fn a_code_that_no_digits_make_is_rejected_with_its_step() {
    let pattern = Dialect::HUMAN.pattern(&code(2, 3)).unwrap();
    let mut edges = shown(&pattern, 0, pattern.period_ms() * 2);
    let torn = edges.iter().position(|(ms, _)| *ms > 6_000).unwrap();
    edges.truncate(torn);
    let (last_ms, level) = edges[torn - 1];
    let other = if level.is_lit() { Level::Off } else { Level::On };
    edges.push((last_ms + 90, other));
    let seen = read(&Dialect::HUMAN, &edges);
    assert_eq!(seen.last(), Some(&Seen::Rejected(Rejected::Step { level, got_ms: 90 })));
    // Six flashes are none of the digits 1 to 5.
    let six = Flash::new(250, 250).times(6, 1_000);
    let pattern = led_codes::Pattern::new(&[six, Flash::new(250, 250).times(2, 2_500)]);
    let seen = read(&Dialect::HUMAN, &shown(&pattern, 0, pattern.period_ms() * 3));
    assert!(seen.iter().all(|seen| matches!(seen, Seen::Rejected(Rejected::NoCode))), "{seen:?}");
}

#[test]
fn a_light_that_stays_is_dark_or_solid() {
    let mut decoder = DigitDecoder::new(&Dialect::HUMAN);
    assert_eq!((decoder.poll(0), decoder.next_deadline_us()), (None, None));
    decoder.join(Level::Off, 0);
    // 2.5 s, a fifth longer, and twice a tenth of 250 ms.
    assert_eq!(decoder.steady_after_ms(Level::Off), 3_050);
    assert_eq!(decoder.next_deadline_us(), Some(3_050_001));
    assert_eq!(decoder.poll(3_050_000), None);
    assert_eq!(decoder.poll(3_050_001), Some(Seen::Dark));
    assert_eq!((decoder.poll(9_000_000), decoder.next_deadline_us()), (None, None));
    assert_eq!(decoder.edge(Level::On, 9_000_000), None);
    // A mark is lit for 750 ms.
    assert_eq!(decoder.edge(Level::Off, 9_950_001), Some(Seen::Solid(Level::On)));
    decoder.interrupt();
    assert_eq!(decoder.next_deadline_us(), None);
}

#[test]
fn samples_that_are_too_far_apart_are_said() {
    let fast = Dialect::counts(Flash::new(100, 100), 1_000).beyond_people();
    let mut decoder = DigitDecoder::new(&fast).sampled(33_334, 0);
    assert_eq!(decoder.edge(Level::On, 0), None);
    let too_fast = Seen::Rejected(Rejected::TooFast { shortest_ms: 100 });
    assert_eq!(decoder.edge(Level::Off, 100_000), Some(too_fast));
}
