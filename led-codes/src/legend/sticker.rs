//! The legend as a picture to print and to stick on a door, in SVG: 180 mm wide, as high as it needs.
//!
//! ```text
//!  title
//!  how to read
//!  code   | the light, drawn to scale     | what it means
//!         | |‾|_|‾|____|‾|_|‾|_|‾|_______ |   what to do first
//! ```

use core::fmt::{self, Write};

use super::View;
use super::words::HowToRead;
use crate::code::Code;
use crate::entry::Severity;
use crate::flash::Flashes;
use crate::level::Level;
use crate::mark::Mark;
use crate::pattern::Pattern;

/// The legend as SVG: see [`View::sticker`](super::View::sticker).
#[derive(Clone, Copy, Debug)]
pub struct Sticker<'a> {
    legend: View<'a>,
    title: &'a str,
}

/// Lengths are hundredths of a millimetre.
const WIDTH: u32 = 18_000;
const MARGIN: u32 = 600;
const CODE: u32 = 1_000;
const LIGHT: u32 = 3_100;
const LIGHT_WIDTH: u32 = 6_200;
const TEXT: u32 = 9_800;
const TITLE_SIZE: u32 = 700;
const MEANING_SIZE: u32 = 380;
const ACTION_SIZE: u32 = 330;
const HOW_SIZE: u32 = 330;
const LINE: u32 = 470;
/// Wide letters are 0.62 of their size: so many are in a line.
const MEANING_LEN: usize = ((WIDTH - MARGIN - TEXT) * 100 / (MEANING_SIZE * 62)) as usize;
const ACTION_LEN: usize = ((WIDTH - MARGIN - TEXT - 300) * 100 / (ACTION_SIZE * 60)) as usize;
const HOW_LEN: usize = ((WIDTH - 2 * MARGIN) * 100 / (HOW_SIZE * 56)) as usize;
/// A step of the light is drawn as at most so long, in milliseconds; the dark after a code is told in words.
const STEP_MS_MAX: u32 = 1_250;

/// So much time fits into the width at least, in milliseconds: a light that flashes evenly is seen to do so.
const SCALE_MS_MIN: u32 = 3_000;
/// How high a box is.
const LIT: u32 = 480;
const SMALL_SIZE: u32 = 260;
const HEALTHY: &str = "ok";

/// A line of the sticker.
struct Line<'a> {
    light: Light<'a>,
    severity: Option<Severity>,
    meaning: &'a str,
    first_action: &'a str,
}

/// What the light shows, as it is drawn.
enum Light<'a> {
    Steady(&'static str, Level),
    Row(&'static str, Flashes),
    Code(&'a Code<'a>),
}

impl<'a> Sticker<'a> {
    pub(super) const fn new(legend: View<'a>, title: &'a str) -> Self {
        Self { legend, title }
    }

    /// The lines, from the top.
    fn lines(&self) -> impl Iterator<Item = Line<'a>> {
        let (legend, dark) = (self.legend, self.legend.dark());
        let plain =
            |light, meaning, first_action| Line { light, severity: None, meaning, first_action };
        let healthy = legend
            .healthy()
            .map(|healthy| plain(Light::Row(HEALTHY, healthy.flashes), healthy.meaning, ""));
        let dark = plain(Light::Steady("dark", Level::Off), dark.meaning, dark.first_action);
        let solid = legend
            .solid()
            .map(|solid| plain(Light::Steady("lit", Level::On), solid.meaning, solid.first_action));
        let entries = legend.entries().iter().map(|entry| Line {
            light: Light::Code(&entry.code),
            severity: Some(entry.severity),
            meaning: entry.meaning,
            first_action: entry.first_action,
        });
        let marks = legend.dialect().marks_of().into_iter();
        let marks = marks.flat_map(|marks| Mark::ALL.map(|mark| (mark, marks.flashes(mark))));
        let marks = marks.map(move |(mark, row)| {
            let name = match mark {
                Mark::FirstOut => "1st",
                Mark::BeforeReset => "old",
            };
            plain(Light::Row(name, row), mark.meaning(), "Shown before its code")
        });
        healthy.into_iter().chain([dark]).chain(solid).chain(entries).chain(marks)
    }

    /// The milliseconds that fill the width of a light: those of the longest line.
    fn scale_ms(&self) -> u32 {
        self.lines().map(|line| drawn(&self.rows_of(&line.light))).fold(SCALE_MS_MIN, u32::max)
    }

    /// The rows of what is drawn.
    fn rows_of(&self, light: &Light<'_>) -> Pattern {
        let mut pattern = Pattern::EMPTY;
        let mut index = 0;
        loop {
            let row = match light {
                Light::Steady(..) => None,
                Light::Row(_, row) => (index == 0).then_some(*row),
                Light::Code(code) => self.legend.dialect().row(code, None, index),
            };
            let Some(row) = row else { return pattern };
            let _ = pattern.push(row);
            index = index.wrapping_add(1);
        }
    }
}

/// How long the drawing of rows is, in milliseconds.
fn drawn(pattern: &Pattern) -> u32 {
    pattern.rows().iter().map(|row| drawn_row(*row)).fold(0, u32::saturating_add)
}

fn drawn_row(row: Flashes) -> u32 {
    let [on, off, gap] = [row.on_ms(), row.off_ms(), row.gap_ms()].map(clipped);
    let dark = off.saturating_mul(u32::from(row.count().saturating_sub(1)));
    on.saturating_mul(u32::from(row.count())).saturating_add(dark).saturating_add(gap)
}

fn clipped(ms: u16) -> u32 {
    u32::from(ms).min(STEP_MS_MAX)
}

impl Line<'_> {
    fn height(&self) -> u32 {
        let lines = Wrapped::new(self.meaning, MEANING_LEN).fold(0_u32, |n, _| n.saturating_add(1));
        let lines =
            Wrapped::new(self.first_action, ACTION_LEN).fold(lines, |n, _| n.saturating_add(1));
        lines.max(2).saturating_mul(LINE).saturating_add(360)
    }
}

impl fmt::Display for Sticker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = HowToRead(self.legend.dialect());
        let mut counted = Lines { len: 0, count: 1 };
        let _ = write!(counted, "{how}");
        let top = 1_700_u32.saturating_add(counted.count.saturating_mul(LINE));
        let height = self.lines().fold(top, |sum, line| sum.saturating_add(line.height()));
        let height = height.saturating_add(MARGIN);
        writeln!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{}mm" height="{}mm" viewBox="0 0 {WIDTH} {height}" font-family="Arial, 'DejaVu Sans', sans-serif">"#,
            WIDTH / 100,
            height.div_ceil(100)
        )?;
        writeln!(
            f,
            r##"<rect x="50" y="50" width="{}" height="{}" rx="300" fill="#fff" stroke="#000" stroke-width="60"/>"##,
            WIDTH - 100,
            height.saturating_sub(100)
        )?;
        writeln!(
            f,
            r#"<text x="{MARGIN}" y="1150" font-size="{TITLE_SIZE}" font-weight="bold">{}</text>"#,
            Escaped(self.title)
        )?;
        write!(f, r#"<text x="{MARGIN}" y="1700" font-size="{HOW_SIZE}">"#)?;
        write!(Tspans { out: f, len: 0 }, "{how}")?;
        f.write_str("</text>\n")?;
        let scale_ms = self.scale_ms();
        let mut y = top;
        for line in self.lines() {
            let height = line.height();
            self.line(f, &line, y, height, scale_ms)?;
            y = y.saturating_add(height);
        }
        f.write_str("</svg>\n")
    }
}

impl Sticker<'_> {
    fn line(
        &self,
        f: &mut fmt::Formatter<'_>,
        line: &Line<'_>,
        y: u32,
        height: u32,
        scale_ms: u32,
    ) -> fmt::Result {
        let middle = y.saturating_add(height / 2);
        writeln!(
            f,
            r##"<path d="M{MARGIN} {y}H{}" stroke="#999" stroke-width="20"/>"##,
            WIDTH - MARGIN
        )?;
        if let Some(severity) = line.severity {
            let (width, fill) = match severity {
                Severity::High => (200, "#000"),
                Severity::Medium => (120, "#666"),
                Severity::Low => (40, "#999"),
            };
            let (top, tall) = (y.saturating_add(120), height.saturating_sub(240));
            writeln!(
                f,
                r#"<rect x="{MARGIN}" y="{top}" width="{width}" height="{tall}" fill="{fill}"/>"#
            )?;
        }
        let baseline = middle.saturating_add(150);
        write!(f, r#"<text x="{CODE}" y="{baseline}" font-size="560" font-weight="bold">"#)?;
        match &line.light {
            Light::Steady(name, _) | Light::Row(name, _) => f.write_str(name)?,
            Light::Code(Code::Pattern(_)) => f.write_str("~")?,
            Light::Code(code) => write!(f, "{code}")?,
        }
        f.write_str("</text>\n")?;
        if let Some(severity) = line.severity {
            let (y, name) = (baseline.saturating_add(350), severity.as_name());
            writeln!(f, r#"<text x="{CODE}" y="{y}" font-size="{SMALL_SIZE}">{name}</text>"#)?;
        }
        self.light(f, &line.light, baseline, scale_ms)?;
        let mut text_y = y.saturating_add(LINE).saturating_add(60);
        for part in Wrapped::new(line.meaning, MEANING_LEN) {
            writeln!(
                f,
                r#"<text x="{TEXT}" y="{text_y}" font-size="{MEANING_SIZE}" font-weight="bold">{}</text>"#,
                Escaped(part)
            )?;
            text_y = text_y.saturating_add(LINE);
        }
        for part in Wrapped::new(line.first_action, ACTION_LEN) {
            writeln!(
                f,
                r#"<text x="{}" y="{text_y}" font-size="{ACTION_SIZE}">{}</text>"#,
                TEXT + 300,
                Escaped(part)
            )?;
            text_y = text_y.saturating_add(LINE);
        }
        Ok(())
    }

    /// The light over time: lit is a box.
    fn light(
        &self,
        f: &mut fmt::Formatter<'_>,
        light: &Light<'_>,
        baseline: u32,
        scale_ms: u32,
    ) -> fmt::Result {
        writeln!(
            f,
            r##"<path d="M{LIGHT} {baseline}h{LIGHT_WIDTH}" stroke="#000" stroke-width="30"/>"##
        )?;
        let solid = match light {
            Light::Steady(_, level) | Light::Code(Code::Solid(level)) if level.is_lit() => {
                Some(*level)
            }
            _ => None,
        };
        if let Some(level) = solid {
            return lit(f, LIGHT, baseline, LIGHT_WIDTH, level);
        }
        let pattern = self.rows_of(light);
        let mut at_ms = 0_u32;
        loop {
            for row in pattern.rows() {
                at_ms = drawn_flashes(f, *row, at_ms, baseline, scale_ms)?;
            }
            if at_ms == 0 || at_ms >= scale_ms || !self.is_endless(light) {
                return Ok(());
            }
        }
    }

    /// Whether it has no end that a person waits for: it is drawn over the whole width.
    fn is_endless(&self, light: &Light<'_>) -> bool {
        match light {
            Light::Row(name, _) => *name == HEALTHY,
            Light::Code(Code::Digits(_)) => self.legend.dialect().value_range() == (1, 1),
            Light::Code(Code::Pattern(_)) => true,
            Light::Code(Code::Solid(_)) | Light::Steady(..) => false,
        }
    }
}

/// A row of flashes from a time on; when it ends.
fn drawn_flashes(
    f: &mut fmt::Formatter<'_>,
    row: Flashes,
    begin_ms: u32,
    baseline: u32,
    scale_ms: u32,
) -> Result<u32, fmt::Error> {
    let x_of = |ms: u32| ms.min(scale_ms).saturating_mul(LIGHT_WIDTH) / scale_ms.max(1);
    let mut at_ms = begin_ms;
    for flash in 0..row.count() {
        let end_ms = at_ms.saturating_add(clipped(row.on_ms()));
        let (x, width) = (x_of(at_ms), x_of(end_ms).saturating_sub(x_of(at_ms)));
        if width > 0 {
            lit(f, LIGHT.saturating_add(x), baseline, width, row.level())?;
        }
        if flash == 0 && begin_ms == at_ms && row.level() != Level::On && width > 0 {
            let (x, y) = (LIGHT.saturating_add(x), baseline.saturating_add(300));
            let name = row.level().as_name();
            writeln!(f, r#"<text x="{x}" y="{y}" font-size="{SMALL_SIZE}">{name}</text>"#)?;
        }
        let is_last = flash.saturating_add(1) == row.count();
        let dark_ms = if is_last { row.gap_ms() } else { row.off_ms() };
        at_ms = end_ms.saturating_add(clipped(dark_ms));
    }
    Ok(at_ms)
}

/// A box for a light that is lit.
fn lit(f: &mut fmt::Formatter<'_>, x: u32, baseline: u32, width: u32, level: Level) -> fmt::Result {
    let (y, fill) = (baseline.saturating_sub(LIT), colour(level));
    writeln!(
        f,
        r##"<rect x="{x}" y="{y}" width="{width}" height="{LIT}" fill="{fill}" stroke="#000" stroke-width="30"/>"##
    )
}

/// The fill of a lit box. The names of colours stand under the boxes: paper may be black and white.
const fn colour(level: Level) -> &'static str {
    match level {
        Level::Off | Level::White => "#fff",
        Level::On => "#ffd23c",
        Level::Red => "#e03030",
        Level::Green => "#2a9d3a",
        Level::Amber => "#ff9a1a",
        Level::Blue => "#2f6fdf",
    }
}

/// A text in lines of at most so many characters, cut between words; a longer word has a line of its own.
struct Wrapped<'a> {
    rest: &'a str,
    len_max: usize,
}

impl<'a> Wrapped<'a> {
    fn new(text: &'a str, len_max: usize) -> Self {
        Self { rest: text.trim_start(), len_max }
    }
}

impl<'a> Iterator for Wrapped<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut cut, mut len) = (self.rest.len(), 0_usize);
        let mut last_space = None;
        for (at, character) in self.rest.char_indices() {
            if character == ' ' {
                if len > self.len_max {
                    cut = last_space.unwrap_or(at);
                    break;
                }
                last_space = Some(at);
            }
            len = len.saturating_add(1);
        }
        if cut == self.rest.len() && len > self.len_max {
            cut = last_space.unwrap_or(cut);
        }
        let (line, rest) = self.rest.split_at_checked(cut)?;
        self.rest = rest.trim_start();
        Some(line.trim_end())
    }
}

/// Counts the lines of what is written, cut as [`Tspans`] cuts them.
struct Lines {
    len: usize,
    count: u32,
}

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if breaks(&mut self.len, character) {
                self.count = self.count.saturating_add(1);
            }
        }
        Ok(())
    }
}

/// Writes text into lines below each other.
struct Tspans<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    len: usize,
}

impl Write for Tspans<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if breaks(&mut self.len, character) {
                write!(
                    self.out,
                    r#"</text><text x="{MARGIN}" y="{}" font-size="{HOW_SIZE}">"#,
                    1_700 + LINE
                )?;
            } else {
                self.out.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Whether a line ends at this character: a space near its end.
fn breaks(len: &mut usize, character: char) -> bool {
    *len = len.saturating_add(1);
    let is_end = character == ' ' && *len > HOW_LEN;
    if is_end {
        *len = 0;
    }
    is_end
}

/// A text in which nothing is markup.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                // XML 1.0 has no other control characters, escaped or not.
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                control if control.is_control() => {}
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}
