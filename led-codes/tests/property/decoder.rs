//! Any edges and samples into the decoders: they read a code only if its steps were there, and never another one than a light has shown.

use led_codes::auto::{Auto, Heard};
use led_codes::decoder::Seen;
use led_codes::legend::View;
use led_codes::samples::{Sampled, Samples};
use led_codes::standard::{DIALECTS, LEGENDS};
use led_codes::{
    Code, Decoder, Dialect, DigitDecoder, Entry, Level, Mark, Pattern, Severity, dark,
    digit_decoder, digits, entry, solid,
};

use super::Choices;
use super::legend::dialect;

/// Steps that were seen, one after the other, without a hole between them.
type Steps = Vec<(Level, u64)>;

/// Any edges into a decoder of each kind: what was read was there, and a deadline is kept.
pub fn edges(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let (_, legend) = LEGENDS[choices.below(LEGENDS.len() as u32) as usize];
    let dialect = *legend.dialect();
    let people = DIALECTS[choices.below(DIALECTS.len() as u32) as usize].dialect;
    let dialects = [&dialect, &people, &Dialect::HUMAN];
    let mut decoder = Decoder::<32>::of(&legend).unwrap();
    let mut of_digits = DigitDecoder::new(&people);
    let mut auto = Auto::new(&dialects).clock_within(50, 200);
    let (mut now_us, mut level) = (u64::from(choices.below(1_000)), Level::Off);
    let mut steps = Steps::new();
    decoder.join(level, now_us);
    of_digits.join(level, now_us);
    auto.join(level, now_us);
    let mut is_joined = true;
    while !choices.is_empty() {
        let choice = choices.byte();
        let ms = match choice % 8 {
            0 => u64::from(choices.below(65_536)),
            1 => u64::from(people.code_gap_ms()),
            2 => u64::from(people.digit_gap_ms()),
            3 | 4 => u64::from(people.flash().on_ms()),
            5 => u64::from(people.flash().off_ms()),
            6 => u64::from(dialect.code_gap_ms()),
            _ => u64::from(dialect.flash().on_ms()),
        };
        if choice >= 250 {
            decoder.interrupt();
            of_digits.interrupt();
            auto.interrupt();
            (is_joined, steps) = (true, Steps::new());
        }
        let deadlines =
            [decoder.next_deadline_us(), of_digits.next_deadline_us(), auto.next_deadline_us()];
        now_us += ms * 1_000;
        for (place, due_us) in deadlines.into_iter().enumerate() {
            let Some(due_us) = due_us.filter(|due_us| *due_us < now_us && choice % 2 == 0) else {
                continue;
            };
            let mut said = |at_us| match place {
                0 => matches!(decoder.poll(at_us), Some(Seen::Dark { .. } | Seen::Solid { .. })),
                1 => matches!(
                    of_digits.poll(at_us),
                    Some(digit_decoder::Seen::Dark | digit_decoder::Seen::Solid(_))
                ),
                _ => auto.poll(at_us).is_some(),
            };
            assert_eq!([due_us - 1, due_us, due_us + 1].map(&mut said), [false, true, false]);
        }
        if !is_joined {
            steps.push((level, ms));
        }
        is_joined = false;
        level = match (level.is_lit(), choice / 8 % 4) {
            (true, _) => Level::Off,
            (_, 0) => Level::Amber,
            (_, 1) => Level::White,
            _ => Level::On,
        };
        if let Some(Seen::Code { entry, mark, agree, .. }) = decoder.edge(level, now_us) {
            assert!(agree >= 1);
            were_there(&dialect, &entry.code, mark, &steps);
        }
        if let Some(digit_decoder::Seen::Code { digits, mark, agree, .. }) =
            of_digits.edge(level, now_us)
        {
            assert!(agree >= 1);
            were_there(&people, &Code::Digits(digits), mark, &steps);
        }
        if auto.edge(level, now_us) == Heard::Code {
            for fit in auto.fits() {
                assert!(fit.agree >= 1 && fit.codes >= u16::from(fit.agree));
                assert_eq!(dialects[fit.index].carries(&fit.digits), Ok(()));
                // Edges may be moved by a tenth of the shortest step, and steps by a fifth of it.
                assert!((300..=2_200).contains(&fit.clock_permille), "{fit:?}");
            }
        }
    }
}

/// The last steps are those of a code.
fn were_there(dialect: &Dialect, code: &Code<'_>, mark: Option<Mark>, steps: &Steps) {
    let pattern = dialect.marked(code, mark).unwrap();
    let due: Vec<_> = pattern.steps().map(|step| (step.level(), u64::from(step.ms()))).collect();
    assert!(steps.len() >= due.len(), "{pattern} after {steps:?}");
    let moved_ms = u64::from(dialect.shortest_ms() / 5);
    let (slow, fast) = (100 - u64::from(dialect.tolerance()), 100 + u64::from(dialect.tolerance()));
    for ((seen, ms), (level, due_ms)) in steps[steps.len() - due.len()..].iter().zip(&due) {
        assert_eq!(seen.is_lit(), level.is_lit(), "{pattern} after {steps:?}");
        let is_long = (ms + moved_ms + 1) * 100 >= due_ms * slow;
        assert!(
            is_long && ms * 100 <= due_ms * fast + (moved_ms + 1) * 100,
            "{pattern}: {steps:?}"
        );
    }
}

/// Any samples: edges alternate and lie between two samples, and a gap is one.
pub fn samples(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let interval_us = 1 + choices.below(60_000);
    let contrast_min = choices.below(200) as u16;
    let mut samples = Samples::new(interval_us, contrast_min).smoothed(choices.below(60_000));
    let mut last_us: Option<u64> = None;
    let mut shown: Option<Level> = None;
    let mut at_us = 0_u64;
    while !choices.is_empty() {
        at_us = match choices.byte() % 16 {
            0 => at_us.saturating_sub(u64::from(choices.below(65_536))),
            1 => at_us.saturating_add(u64::from(choices.below(65_536)) << 40),
            _ => at_us + u64::from(choices.below(65_536).min(interval_us * 2)),
        };
        let brightness = choices.below(65_536) as u16;
        let sampled = samples.sample(brightness, at_us);
        let is_later = last_us.is_none_or(|last_us| at_us > last_us);
        assert!(is_later || sampled.is_none());
        match sampled {
            Some(
                Sampled::Edge { level, at_us: edge_us }
                | Sampled::Flicker { level, at_us: edge_us },
            ) => {
                assert!(Some(edge_us) >= last_us && edge_us <= at_us);
                assert_ne!(Some(level), shown, "an edge to the level that is there");
                shown = Some(level);
            }
            Some(Sampled::Gap { from_us, until_us }) => {
                assert_eq!((Some(from_us), until_us), (last_us, at_us));
                assert!((until_us - from_us) * 2 > u64::from(interval_us) * 7);
                shown = None;
            }
            Some(_) => unreachable!(),
            None => {}
        }
        if is_later {
            last_us = Some(at_us);
        }
    }
}

/// Any code of any dialect, with a clock and edges of the noise that the dialect allows: no other code and no other mark is read.
pub fn sent(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let dialect = dialect(&mut choices);
    let codes: Vec<Vec<u8>> = (0..1 + choices.below(6))
        .map(|_| {
            let len = 1 + choices.below(u32::from(dialect.len_range().1)) as usize;
            (0..len).map(|_| choices.byte() % 7).collect()
        })
        .collect();
    let names: Vec<_> = (0..codes.len()).map(|n| format!("code {n}")).collect();
    let entries: Vec<Entry<'_>> = codes
        .iter()
        .zip(&names)
        .map(|(code, name)| entry(digits(code), Severity::High, name, "It is there", "Repair it"))
        .collect();
    let (dark, solid) = (dark("No power", "Measure"), solid("It hangs", "Restart"));
    let Ok(legend) = View::standard(&dialect, dark, Some(solid), &entries) else { return };
    let place = choices.below(entries.len() as u32) as usize;
    let mark = choices.of([None, Some(Mark::FirstOut), Some(Mark::BeforeReset)]);
    let mark = mark.filter(|_| dialect.marks_of().is_some());
    let pattern = dialect.marked(&entries[place].code, mark).unwrap();
    let mut decoder = Decoder::<8>::of(&legend).unwrap();
    let mut of_digits = DigitDecoder::new(&dialect);
    let shown = noisy(&mut choices, &dialect, &pattern);
    decoder.join(shown[0].1, 0);
    of_digits.join(shown[0].1, 0);
    for (at_us, level) in &shown[1..] {
        match decoder.edge(*level, *at_us) {
            Some(Seen::Code { index, mark: seen, .. }) => {
                assert_eq!((usize::from(index), seen), (place, mark), "{pattern}: {shown:?}");
            }
            Some(Seen::Healthy { .. }) => panic!("{pattern}: {shown:?}"),
            _ => {}
        }
        if let Some(digit_decoder::Seen::Code { digits, mark: seen, .. }) =
            of_digits.edge(*level, *at_us)
        {
            // Last zeros that have no flashes are of no code that is shorter.
            let read = dialect.marked(&Code::Digits(digits), seen).unwrap();
            assert_eq!((read, seen), (pattern, mark), "{shown:?}");
        }
    }
}

/// The edges of a pattern from any phase on, at a clock within the tolerance, each moved by up to a tenth of the shortest step.
fn noisy(choices: &mut Choices<'_>, dialect: &Dialect, pattern: &Pattern) -> Vec<(u64, Level)> {
    let tolerance = u64::from(dialect.tolerance());
    let permille = 1_000 - tolerance * 10 + u64::from(choices.below(65_536)) % (tolerance * 20 + 1);
    let phase_ms = choices.below(65_536) % pattern.period_ms();
    let moved_us = u64::from(dialect.shortest_ms()) * 100;
    let mut random = u64::from(choices.below(65_536)) << 16 | 1;
    let mut at_ms = 0_u32;
    let mut edges = Vec::new();
    for _ in 0..3 {
        for step in pattern.steps() {
            let end_ms = at_ms + u32::from(step.ms());
            if end_ms > phase_ms {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let due_us = u64::from(at_ms.saturating_sub(phase_ms)) * permille;
                let moved_by_us = (random >> 33) % (moved_us * 2 + 1);
                edges.push(((due_us + moved_by_us).saturating_sub(moved_us), step.level()));
            }
            at_ms = end_ms;
        }
    }
    edges
}
