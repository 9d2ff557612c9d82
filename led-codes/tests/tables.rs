//! The real tables: each of their codes and each of their dialects gives the flashes that it should. The tables are those of
//! `LED_TABLES`; the published examples stand here with their sources.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use led_codes::legend::View;
use led_codes::standard::{self, cia_303_3, dell, obd_1, philips, raspberry_pi, sew};
use led_codes::{Code, Dialect, Level, Pattern, code, count, digits, word};

/// The steps of a pattern: `on 250 off 250`, each as its level and its milliseconds.
fn steps(pattern: &Pattern) -> Vec<(Level, u16)> {
    pattern.steps().map(|step| (step.level(), step.ms())).collect()
}

/// The same from a list: lit and dark in turn.
fn lit_and_dark(ms: &[u16]) -> Vec<(Level, u16)> {
    let levels = [Level::On, Level::Off].into_iter().cycle();
    levels.zip(ms.iter().copied()).collect()
}

/// So many flashes, and the dark after the last.
fn flashes(count: usize, on: u16, off: u16, gap: u16) -> Vec<u16> {
    let mut ms = [on, off].repeat(count);
    *ms.last_mut().unwrap() = gap;
    ms
}

#[track_caller]
fn gives(dialect: &Dialect, code: Code<'_>, groups: &[Vec<u16>]) {
    let pattern = dialect.pattern(&code).unwrap();
    assert_eq!(steps(&pattern), lit_and_dark(&groups.concat()), "{code}");
}

fn csv(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    text.lines().skip(1).map(|line| {
        let (mut fields, mut is_quoted) = (vec![String::new()], false);
        for character in line.chars() {
            match character {
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => fields.push(String::new()),
                _ => fields.last_mut().unwrap().push(character),
            }
        }
        fields
    })
}

#[test]
fn all_fourteen_signals_of_cia_303_3_encode() {
    let Some(file) = common::table("led_cia303_3.csv") else { return };
    let mut rows = 0;
    for row in csv(&file) {
        let legend: View<'_> =
            if row[0] == "ERR" { cia_303_3::ERR.view() } else { cia_303_3::RUN.view() };
        let there = |wanted: &dyn Fn(&Code<'_>) -> bool| {
            let entry = legend.entries().iter().find(|entry| wanted(&entry.code)).expect(&row[1]);
            legend.dialect().pattern(&entry.code)
        };
        let pattern_of = |ms: &[u16]| {
            let expected = lit_and_dark(ms);
            let wanted = |code: &Code<'_>| {
                let pattern = legend.dialect().pattern(code);
                pattern.is_ok_and(|pattern| steps(&pattern) == expected)
            };
            let _ = there(&wanted).unwrap();
        };
        match row[1].as_str() {
            "off" => assert_eq!(legend.dark().meaning, row[2]),
            "on" => assert!(there(&|code| *code == Code::Solid(Level::On)).is_err()),
            "flickering" => pattern_of(&[50, 50]),
            "blinking" => pattern_of(&[200, 200]),
            "single flash" => pattern_of(&flashes(1, 200, 200, 1_000)),
            "double flash" => pattern_of(&flashes(2, 200, 200, 1_000)),
            "triple flash" => pattern_of(&flashes(3, 200, 200, 1_000)),
            "quadruple flash" => pattern_of(&flashes(4, 200, 200, 1_000)),
            other => panic!("{other}"),
        }
        rows += 1;
    }
    println!("led_cia303_3.csv: {rows} rows, 0 differences");
    assert_eq!(rows, 14);
}

#[test]
fn all_nineteen_codes_of_the_raspberry_pi_encode() {
    let Some(file) = common::table("led_raspberrypi.csv") else { return };
    let entries = raspberry_pi::ACT.view().entries();
    let mut rows = 0;
    for (row, entry) in csv(&file).zip(entries) {
        let (long, short): (u8, u8) = (row[0].parse().unwrap(), row[1].parse().unwrap());
        assert_eq!(entry.code, code(long, short));
        let mut groups = Vec::new();
        if long > 0 {
            groups.push(flashes(long.into(), 1_000, 250, 1_000));
        }
        groups.push(flashes(short.into(), 250, 250, 2_000));
        gives(&raspberry_pi::DIALECT, entry.code, &groups);
        rows += 1;
    }
    println!("led_raspberrypi.csv: {rows} rows, 0 differences");
    assert_eq!((rows, entries.len()), (19, 19));
}

#[test]
fn all_twenty_two_codes_of_dell_encode() {
    let Some(file) = common::table("led_dell_amber_white.csv") else { return };
    let entries = dell::BATTERY.view().entries();
    let mut rows = 0;
    for (row, entry) in csv(&file).zip(entries) {
        let (amber, white): (u8, u8) = (row[0].parse().unwrap(), row[1].parse().unwrap());
        assert_eq!(entry.code, code(amber, white));
        let pattern = dell::DIALECT.pattern(&entry.code).unwrap();
        let lit: Vec<_> = steps(&pattern).into_iter().step_by(2).collect();
        let expected = [(Level::Amber, 250)].repeat(amber.into());
        let expected = [expected, [(Level::White, 250)].repeat(white.into())].concat();
        assert_eq!(lit, expected);
        rows += 1;
    }
    println!("led_dell_amber_white.csv: {rows} rows, 0 differences");
    assert_eq!((rows, entries.len()), (22, 22));
}

/// A dialect has the times of the file, as far as it has numbers.
#[test]
fn all_seventeen_dialects_have_their_times() {
    let Some(file) = common::table("led_dialects.csv") else { return };
    let mut rows = 0;
    for (row, named) in csv(&file).zip(standard::DIALECTS) {
        let dialect = named.dialect;
        let name = &row[0];
        let is = |field: usize, ours: Option<u16>| match row[field].parse::<u16>() {
            Ok(0) if field < 3 => {}
            Ok(ms) => assert_eq!(ours, Some(ms), "{name}, column {field}"),
            // Bryant: 2,250 or 2,500 ms.
            Err(_) if row[field].contains(" or ") => {
                assert!(
                    row[field].split(" or ").any(|ms| ms.parse() == Ok(ours.unwrap())),
                    "{name}"
                );
            }
            Err(_) => {}
        };
        let long = match dialect.scheme() {
            led_codes::dialect::Scheme::Pair { second } => {
                if second.on_ms() > dialect.flash().on_ms() {
                    Some(second)
                } else {
                    Some(dialect.flash())
                }
            }
            led_codes::dialect::Scheme::Opened { by } => Some(by),
            led_codes::dialect::Scheme::Bits { one } => Some(one),
            led_codes::dialect::Scheme::Digits => None,
        };
        let short = match dialect.scheme() {
            led_codes::dialect::Scheme::Pair { second } if Some(second) != long => second,
            _ => dialect.flash(),
        };
        is(1, dialect.start_flash().map(led_codes::Flash::on_ms));
        if !name.starts_with("Bryant") {
            is(2, dialect.start_flash().map(led_codes::Flash::off_ms));
        }
        is(3, Some(short.on_ms()));
        is(4, Some(short.off_ms()));
        is(5, long.map(led_codes::Flash::on_ms));
        is(6, Some(dialect.digit_gap_ms()));
        // The buffer of Philips is five counts: the dark between them is the file's code gap.
        let is_buffer = name.starts_with("Philips");
        is(7, Some(if is_buffer { dialect.digit_gap_ms() } else { dialect.code_gap_ms() }));
        assert!(!named.source.is_empty());
        rows += 1;
    }
    println!("led_dialects.csv: {rows} rows, 0 differences");
    assert_eq!((rows, standard::DIALECTS.len()), (17, 17));
}

/// Philips, "12 9 6 0 0": forum.eserviceinfo.com, topic 105675.
#[test]
fn a_buffer_of_philips_is_a_start_the_errors_and_an_end() {
    gives(
        &philips::SDM,
        digits(&[12, 9, 6, 0, 0]),
        &[
            vec![5_000, 1_500],
            flashes(12, 250, 250, 1_500),
            flashes(9, 250, 250, 1_500),
            flashes(6, 250, 250, 1_500),
            vec![1_500, 3_000],
        ],
    );
    // Places in the middle of the buffer are not empty.
    assert!(philips::SDM.pattern(&digits(&[12, 0, 6, 0, 0])).is_err());
    assert!(philips::SDM.pattern(&digits(&[0, 0, 0, 0, 0])).is_err());
}

/// Holden 1232, Ford 0231, Mitsubishi 01000 = 2, GM 32 and 12: codes.rennacs.com.
#[test]
fn the_published_examples_of_cars() {
    gives(
        &obd_1::HOLDEN,
        digits(&[1, 2, 3, 2]),
        &[
            flashes(1, 250, 250, 1_000),
            flashes(2, 250, 250, 1_000),
            flashes(3, 250, 250, 1_000),
            flashes(2, 250, 250, 2_500),
        ],
    );
    gives(
        &obd_1::HOLDEN,
        digits(&[1, 0, 3, 2]),
        &[
            flashes(1, 250, 250, 1_000),
            flashes(10, 250, 250, 1_000),
            flashes(3, 250, 250, 1_000),
            flashes(2, 250, 250, 2_500),
        ],
    );
    gives(
        &obd_1::FORD,
        digits(&[0, 2, 3, 1]),
        &[
            vec![1_000, 1_000],
            vec![1_000, 250],
            flashes(2, 250, 250, 1_000),
            vec![1_000, 250],
            flashes(3, 250, 250, 1_000),
            vec![1_000, 250],
            flashes(1, 250, 250, 8_000),
        ],
    );
    gives(
        &obd_1::MITSUBISHI,
        word(2, 5),
        &[
            vec![4_000, 1_000],
            vec![250, 250],
            vec![1_000, 250],
            vec![250, 250],
            vec![250, 250],
            vec![250, 2_500],
        ],
    );
    assert_eq!(word(2, 5), digits(&[0, 1, 0, 0, 0]));
    let short = |first, second| [flashes(first, 250, 250, 1_000), flashes(second, 250, 250, 2_500)];
    gives(&obd_1::GM, code(3, 2), &short(3, 2));
    gives(&obd_1::GM, code(1, 2), &short(1, 2));
    assert_eq!(obd_1::GM.times(), 3);
    let long_short =
        |long, short| [flashes(long, 1_000, 250, 1_000), flashes(short, 250, 250, 2_500)];
    gives(&obd_1::NISSAN, code(1, 2), &long_short(1, 2));
    gives(&obd_1::NISSAN, code(4, 3), &long_short(4, 3));
    gives(&sew::DIALECT, count(3), &[vec![1_000, 1_000], flashes(3, 250, 250, 2_500)]);
    let carrier = [flashes(3, 250, 250, 1_000), flashes(1, 1_000, 250, 2_500)];
    gives(&standard::carrier::DIALECT, code(3, 1), &carrier);
    gives(&cia_303_3::BLINKING_DIALECT, count(1), &[vec![200, 200]]);
    gives(&standard::odva::DIALECT, count(1), &[vec![500, 500]]);
    gives(&standard::amsreader::DIALECT, count(2), &[flashes(2, 250, 400, 2_500)]);
}

/// Every code that a dialect carries can be told from every other one of it, or the dialect says that it cannot.
#[test]
fn every_code_of_a_dialect_is_told_from_every_other() {
    for named in standard::DIALECTS {
        let dialect = named.dialect;
        let (min, max) = dialect.value_range();
        let codes: Vec<Code<'_>> = match dialect.len_range().1 {
            1 => (min..=max).map(count).collect(),
            2 => (0..=max).flat_map(|a| (0..=max).map(move |b| code(a, b))).collect(),
            4 => (0..=3).flat_map(|a| (0..=3).map(move |b| digits(&[a, b, 1, b]))).collect(),
            _ if max == 1 => (0..32).map(|number| word(number, 5)).collect(),
            _ => (1..=4).flat_map(|a| (0..=3).map(move |b| digits(&[a, b, 0, 0, 0]))).collect(),
        };
        let codes: Vec<_> =
            codes.into_iter().filter(|code| dialect.pattern(code).is_ok()).take(64).collect();
        let names: Vec<_> = codes.iter().map(ToString::to_string).collect();
        let entries: Vec<_> = codes
            .iter()
            .zip(&names)
            .map(|(code, name)| led_codes::entry(*code, led_codes::Severity::Low, name, "It", "Do"))
            .collect();
        let (dark, solid) = (led_codes::dark("Off", "Look"), led_codes::solid("On", "Look"));
        let legend = View::standard(&dialect, dark, Some(solid), &entries);
        assert!(legend.is_ok(), "{}: {:?}", named.name, legend.map(|_| ()));
        println!("{}: {} codes", named.name, entries.len());
    }
}
