//! Text from evidence, made harmless for a terminal.

use std::fmt::{self, Write};

/// Shows a text with its control characters, and those that turn the direction of writing, as escapes.
pub(crate) struct Printable<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for Printable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Filter(f), "{}", self.0)
    }
}

struct Filter<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Filter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(is_harmful) {
            match part.chars().next_back().filter(|last| is_harmful(*last)) {
                Some(last) => {
                    self.0.write_str(part.strip_suffix(last).unwrap_or(part))?;
                    write!(self.0, "{}", last.escape_default())?;
                }
                None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}

fn is_harmful(character: char) -> bool {
    let turns_direction = matches!(
        character,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || turns_direction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_no_control_characters() {
        let shown = |text: &str| Printable(text).to_string();
        assert_eq!(shown("A \u{1b}[2Jwire\u{9b}1m\n"), r"A \u{1b}[2Jwire\u{9b}1m\n");
        assert_eq!(shown("a\u{202e}b"), r"a\u{202e}b");
        assert_eq!(shown("Motor 1, Grundstück: 10 \u{b5}s"), "Motor 1, Grundstück: 10 \u{b5}s");
        assert_eq!(shown(""), "");
    }
}
