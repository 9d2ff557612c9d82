//! Any text, and any rows.

use led_codes::{Flash, Flashes, Level, Pattern};

use super::Choices;

/// A text is no pattern, or one whose text is read back; an error is in the text.
pub fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.parse::<Pattern>() {
        Ok(pattern) => {
            let canonical = pattern.to_string();
            assert_eq!(canonical.parse(), Ok(pattern));
            assert_eq!(
                pattern.steps().map(|step| u32::from(step.ms())).sum::<u32>(),
                pattern.period_ms()
            );
        }
        Err(
            led_codes::notation::Error::Expected { offset, .. }
            | led_codes::notation::Error::Range { offset, .. },
        ) => {
            assert!(offset <= text.len());
            assert!(text.is_char_boundary(offset), "{offset}");
        }
        Err(_) => {}
    }
}

/// Rows that are a pattern have a text that is read back, and the levels that their steps say.
pub fn rows(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let rows: Vec<Flashes> = (0..1 + choices.below(14)).map(|_| row(&mut choices)).collect();
    let Ok(pattern) = Pattern::try_new(&rows) else {
        let total: u32 = rows.iter().map(|row| row.ms()).sum();
        let is_glued = (0..rows.len()).any(|at| {
            let next = rows[(at + 1) % rows.len()];
            rows[at].gap_ms() == 0 && rows[at].level() == next.level()
        });
        assert!(rows.len() > 13 || total > Pattern::PERIOD_MS_MAX || is_glued);
        return;
    };
    assert_eq!(pattern.rows(), rows);
    assert_eq!(pattern.to_string().parse(), Ok(pattern), "{pattern}");
    let mut at_ms = 0;
    for step in pattern.steps() {
        assert!(step.ms() > 0);
        let last = at_ms + u32::from(step.ms()) - 1;
        for ms in [at_ms, last] {
            assert_eq!(pattern.level_at(ms), step.level());
            assert_eq!(pattern.level_at(ms + 3 * pattern.period_ms()), step.level());
        }
        at_ms = last + 1;
    }
    assert_eq!(at_ms, pattern.period_ms());
}

pub(super) fn row(choices: &mut Choices<'_>) -> Flashes {
    let level =
        choices.of([Level::On, Level::On, Level::Red, Level::Green, Level::Blue, Level::White]);
    let flash = Flash::new(1 + choices.below(3_000) as u16, 1 + choices.below(3_000) as u16);
    let gap_ms = if choices.byte() % 8 == 0 { 0 } else { 1 + choices.below(9_000) as u16 };
    flash.in_colour(level).times(1 + choices.byte() % 12, gap_ms)
}
