//! The legend as a chapter of a manual, in Markdown.

use core::fmt::{self, Write};

use super::View;
use super::words::{HowToRead, InWords};
use crate::flash::Flashes;
use crate::mark::Mark;

/// The legend in Markdown: see [`View::markdown`](super::View::markdown).
#[derive(Clone, Copy, Debug)]
pub struct Markdown<'a> {
    legend: View<'a>,
    title: &'a str,
}

impl<'a> Markdown<'a> {
    pub(super) const fn new(legend: View<'a>, title: &'a str) -> Self {
        Self { legend, title }
    }
}

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let legend = &self.legend;
        writeln!(f, "# {}\n\n{}\n", Cell(self.title), HowToRead(legend.dialect()))?;
        f.write_str("| the light | severity | means | do first |\n|---|---|---|---|\n")?;
        if let Some(healthy) = legend.healthy() {
            writeln!(f, "| {} | | {} | |", Row(healthy.flashes), Cell(healthy.meaning))?;
        }
        let dark = legend.dark();
        writeln!(f, "| stays dark | | {} | {} |", Cell(dark.meaning), Cell(dark.first_action))?;
        if let Some(solid) = legend.solid() {
            let (meaning, first_action) = (Cell(solid.meaning), Cell(solid.first_action));
            writeln!(f, "| stays lit | | {meaning} | {first_action} |")?;
        }
        for entry in legend.entries() {
            let (code, severity) = (&entry.code, entry.severity.as_name());
            write!(f, "| **{code}**: {} | {severity} ", InWords(code, legend.dialect()))?;
            writeln!(f, "| {} | {} |", Cell(entry.meaning), Cell(entry.first_action))?;
        }
        let Some(marks) = legend.dialect().marks_of() else { return Ok(()) };
        f.write_str("\n| before a code | means |\n|---|---|\n")?;
        for mark in Mark::ALL {
            writeln!(f, "| {} | {} |", Row(marks.flashes(mark)), mark.meaning())?;
        }
        Ok(())
    }
}

/// A row of flashes in words.
pub(super) struct Row(pub(super) Flashes);

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.0;
        let flashes = if row.count() == 1 { "flash" } else { "flashes" };
        write!(f, "{} {flashes} of {} ms, dark for {} ms", row.count(), row.on_ms(), row.gap_ms())
    }
}

/// A text that stays in its cell.
struct Cell<'a>(&'a str);

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' => {
                    f.write_char('\\')?;
                    f.write_char(character)?;
                }
                '\n' | '\r' => f.write_char(' ')?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}
