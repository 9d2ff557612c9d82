//! Any table: what is a legend encodes, and no observation of one line fits another one.

use led_codes::dialect::Zero;
use led_codes::legend::{View, explain};
use led_codes::{
    Code, Dialect, Entry, Flash, Level, Mark, Marks, Pattern, Severity, dark, digits, entry,
    healthy, solid,
};

use super::Choices;
use super::notation::row;

pub fn table(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let dialect = dialect(&mut choices);
    let patterns: Vec<Pattern> = (0..choices.below(3))
        .filter_map(|_| {
            let rows: Vec<_> = (0..1 + choices.below(3)).map(|_| row(&mut choices)).collect();
            Pattern::try_new(&rows).ok()
        })
        .collect();
    let mut codes: Vec<Code<'_>> = patterns.iter().map(Code::Pattern).collect();
    while !choices.is_empty() && codes.len() < 8 {
        let len = 1 + choices.below(u32::from(dialect.len_range().1)) as usize;
        let values: Vec<u8> = (0..len).map(|_| choices.byte() % 7).collect();
        codes.push(digits(&values));
    }
    let names: Vec<_> = (0..codes.len()).map(|n| format!("code {n}")).collect();
    let entries: Vec<Entry<'_>> = codes
        .iter()
        .zip(&names)
        .map(|(code, name)| entry(*code, Severity::High, name, "It <is> & | there", "Do *it*"))
        .collect();
    let (dark, solid) = (dark("No power", "Measure"), solid("It hangs", "Restart"));
    let slow =
        [Flash::new(1_000, 1_000).once(), Flash::new(300, 700).times(2, 4_000), row(&mut choices)];
    let healthy = healthy(choices.of(slow), "Running");
    match View::new(&dialect, healthy, dark, solid, &entries) {
        Ok(legend) => {
            documents(&legend);
            let alone = Pattern::new(&[healthy.flashes]);
            let mut shown: Vec<(usize, Pattern)> = vec![(usize::MAX, alone)];
            for (place, entry) in entries.iter().enumerate() {
                for mark in [None, Some(Mark::FirstOut), Some(Mark::BeforeReset)] {
                    let pattern = dialect.marked(&entry.code, mark).unwrap();
                    encodes(&dialect, &pattern);
                    shown.push((place, pattern));
                }
            }
            for _ in 0..30 {
                let (one, other) =
                    (choices.below(shown.len() as u32), choices.below(shown.len() as u32));
                let ((one, watched), (other, taken)) = (shown[one as usize], shown[other as usize]);
                if one != other || dialect.marks_of().is_some() && watched != taken {
                    let seen = observe(&mut choices, &watched, &taken, dialect.tolerance());
                    let is_taken =
                        fits(&seen, &taken, dialect.tolerance(), dialect.is_colour_meant());
                    assert!(!is_taken, "{watched} is taken for {taken}: {seen:?}");
                }
            }
        }
        Err(error) => {
            assert!(!explain(error, &entries).to_string().is_empty());
            assert!(!error.to_string().is_empty());
        }
    }
}

pub(super) fn dialect(choices: &mut Choices<'_>) -> Dialect {
    let ms = |choices: &mut Choices<'_>| choices.of([50, 200, 225, 250, 400, 500, 1_000, 1_500]);
    let flash = Flash::new(ms(choices), ms(choices));
    let other =
        Flash::new(ms(choices), ms(choices)).in_colour(choices.of([Level::On, Level::Amber]));
    let gap = choices.of([500, 1_000, 2_000]);
    let code_gap = choices.of([1_000, 2_500, 3_000, 8_000]);
    let dialect = match choices.byte() % 8 {
        0 => Dialect::HUMAN,
        1 => Dialect::counts(flash, code_gap).values(1, 6),
        2 => Dialect::digits(flash, gap, code_gap).values(1, 6),
        3 => Dialect::pair(flash, other, gap, code_gap).values(1, 6),
        4 => Dialect::opened(other, flash, gap, code_gap).lens(1, 3).values(1, 6),
        5 => Dialect::bits(flash, other, 1 + choices.byte() % 5, code_gap),
        6 => Dialect::digits(flash, gap, code_gap).lens(1, 5).values(1, 6).start(other).end(other),
        _ => Dialect::free_running(flash),
    };
    let dialect = if choices.byte() % 2 == 0 { dialect.beyond_people() } else { dialect };
    let dialect = if choices.byte() % 2 == 0 { dialect.marks(Marks::HUMAN) } else { dialect };
    let dialect = if choices.byte() % 4 == 0 { dialect.colour_is_meant() } else { dialect };
    let dialect = dialect.tolerance_percent(choices.of([0, 5, 10, 20, 25]));
    dialect.zero(choices.of([Zero::Refused, Zero::NoFlashes, Zero::TenFlashes]))
}

/// What a legend says is whole: each line of the manual has its cells, each element of the picture its end.
fn documents(legend: &View<'_>) {
    let manual = legend.markdown("A | title").to_string();
    let head = manual.find("\n| before").unwrap_or(manual.len());
    for line in manual[..head].lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.replace("\\|", "").matches('|').count(), 5, "{line}");
    }
    let sticker = legend.sticker("A <title> & more").to_string();
    let open = sticker.matches('<').count() - sticker.matches("</").count();
    let closed = sticker.matches("</").count() + sticker.matches("/>").count();
    assert_eq!(open, closed);
    assert!(sticker.ends_with("</svg>\n"));
}

/// A pattern begins lit, ends dark, and never stays in a level.
fn encodes(dialect: &Dialect, pattern: &Pattern) {
    let steps: Vec<_> = pattern.steps().collect();
    assert!(steps[0].level().is_lit());
    let last = steps[steps.len() - 1];
    for pair in steps.windows(2) {
        assert_ne!(pair[0].level(), pair[1].level());
    }
    assert!(!last.level().is_lit() || dialect.is_colour_meant());
}

/// What somebody sees of a pattern, from any phase on and with a clock of its own for each step, for two periods of the longer one: the
/// levels and their durations, in thousandths of a millisecond. The first and the last one are parts.
fn observe(
    choices: &mut Choices<'_>,
    watched: &Pattern,
    taken: &Pattern,
    tolerance: u8,
) -> Vec<(Level, u64)> {
    let window = 2 * watched.period_ms().max(taken.period_ms());
    let begin = u32::from_le_bytes([choices.byte(), choices.byte(), choices.byte(), 0])
        % watched.period_ms();
    let mut seen: Vec<(Level, u64)> = Vec::new();
    let mut at = 0_u32;
    let is_skewed = choices.byte() % 2 == 0;
    let common = choices.byte();
    'watch: loop {
        for step in watched.steps() {
            let (from, to) = (at.max(begin), (at + u32::from(step.ms())).min(begin + window));
            at += u32::from(step.ms());
            let extreme = if is_skewed { choices.byte() } else { common };
            let percent = match extreme % 3 {
                0 => 100 - u64::from(tolerance),
                1 => 100,
                _ => 100 + u64::from(tolerance),
            };
            if from < to {
                let part = u64::from(to - from) * percent * 10;
                match seen.last_mut().filter(|(level, _)| *level == step.level()) {
                    Some((_, sum)) => *sum += part,
                    None => seen.push((step.level(), part)),
                }
            }
            if at >= begin + window {
                break 'watch;
            }
        }
    }
    seen
}

/// Whether an observation fits a pattern, from any of its steps on.
fn fits(seen: &[(Level, u64)], pattern: &Pattern, tolerance: u8, sees_colours: bool) -> bool {
    let steps: Vec<_> =
        pattern.steps().map(|step| (step.level(), u64::from(step.ms()) * 1_000)).collect();
    let (slow, fast) = (100 - u64::from(tolerance), 100 + u64::from(tolerance));
    (0..steps.len()).any(|from| {
        seen.iter().enumerate().all(|(index, (level, part))| {
            let (their_level, whole) = steps[(from + index) % steps.len()];
            let is_level = if sees_colours {
                *level == their_level
            } else {
                level.is_lit() == their_level.is_lit()
            };
            let is_edge = index == 0 || index == seen.len() - 1;
            let is_long_enough = is_edge || part * 100 >= whole * slow;
            is_level && is_long_enough && part * 100 <= whole * fast
        })
    })
}
