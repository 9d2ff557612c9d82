//! A table of codes in a file: TOML.
//!
//! ```text
//!  title = "Press 3"
//!  dialect = "human"                 # or a dialect of `led_codes::standard::DIALECTS`
//!  flashes_max = 6                   # beyond what people can count, with the next line
//!  beyond_people = true
//!  healthy = { flashes = "on 1000 off 1000", means = "Running, no fault" }
//!  dark = { means = "No power", do_first = "Measure 24 V at X1" }
//!  solid = { means = "The program hangs", do_first = "Switch off and on" }
//!  [[code]]
//!  code = "1-2"                      # or pattern = "on 250 off 250 x3 off 2500"
//!  severity = "high"
//!  name = "can-bus"
//!  means = "No drive answers on CAN"
//!  do_first = "Check the plug at X4"
//! ```

use std::fs;
use std::path::Path;

use led_codes::legend::{View, explain};
use led_codes::standard::DIALECTS;
use led_codes::{Code, Dark, Dialect, Digits, Entry, Healthy, Pattern, Severity, Solid};
use serde::Deserialize;

use crate::failure::Failure;

/// A table that was read and checked. It lasts as long as the program, which reads one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LegendFile {
    pub(crate) title: &'static str,
    pub(crate) view: View<'static>,
}

impl LegendFile {
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let table: &'static Table = Box::leak(Box::new(Table::read(file)?));
        Ok(Self { title: &table.title, view: table.view(file)? })
    }
}

/// A table of codes, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    title: String,
    #[serde(default = "human")]
    dialect: String,
    flashes_max: Option<u8>,
    #[serde(default)]
    beyond_people: bool,
    healthy: Option<HealthyLine>,
    dark: Line,
    solid: Line,
    code: Vec<CodeLine>,
}

fn human() -> String {
    HUMAN.to_owned()
}

const HUMAN: &str = "human";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HealthyLine {
    flashes: String,
    means: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    means: String,
    do_first: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeLine {
    code: Option<String>,
    pattern: Option<String>,
    severity: SeverityWord,
    name: String,
    means: String,
    do_first: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SeverityWord {
    Low,
    Medium,
    High,
}

impl Table {
    fn read(file: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(file);
        let text = text.map_err(|error| refused(file, &error))?;
        toml::from_str(&text).map_err(|error| refused(file, &error.to_string().trim_end()))
    }

    fn dialect(&self, file: &Path) -> Result<Dialect, Failure> {
        let is_named = |name: &str| name.eq_ignore_ascii_case(&self.dialect);
        let dialect = if is_named(HUMAN) {
            Dialect::HUMAN
        } else {
            let found = DIALECTS.iter().find(|named| is_named(named.name));
            let names = || DIALECTS.map(|named| named.name).join(", ");
            let no = || format!("{:?} is no dialect: {HUMAN}, {}", self.dialect, names());
            found.ok_or_else(|| refused(file, &no()))?.dialect
        };
        let (min, _) = dialect.value_range();
        let dialect = match self.flashes_max {
            Some(max) if max < min.max(1) || max > Digits::VALUE_MAX || min == 0 => {
                let limit = Digits::VALUE_MAX;
                return Err(refused(
                    file,
                    &format!("flashes_max is {max}, and may be 1 to {limit}"),
                ));
            }
            Some(max) => dialect.values(min, max),
            None => dialect,
        };
        Ok(if self.beyond_people { dialect.beyond_people() } else { dialect })
    }

    /// The table, checked.
    fn view(&'static self, file: &Path) -> Result<View<'static>, Failure> {
        let dialect: &'static Dialect = Box::leak(Box::new(self.dialect(file)?));
        let pattern = |text: &str| {
            let parsed: Result<Pattern, _> = text.parse();
            parsed.map_err(|error| refused(file, &format!("{text:?}: {error}")))
        };
        let patterns =
            self.code.iter().map(|line| line.pattern.as_deref().map(pattern).transpose());
        let patterns = patterns.collect::<Result<Vec<_>, _>>()?.leak();
        let lines = self.code.iter().zip(&*patterns);
        let entries = lines.map(|(line, pattern)| line.entry(file, pattern.as_ref()));
        let entries: &'static [Entry<'static>] = entries.collect::<Result<Vec<_>, _>>()?.leak();
        let dark = Dark { meaning: &self.dark.means, first_action: &self.dark.do_first };
        let solid = Solid { meaning: &self.solid.means, first_action: &self.solid.do_first };
        let view = match &self.healthy {
            Some(line) => {
                let pattern = pattern(&line.flashes)?;
                let [flashes] = pattern.rows() else {
                    let text = &line.flashes;
                    return Err(refused(file, &format!("{text:?}: healthy is one row of flashes")));
                };
                let healthy = Healthy { flashes: *flashes, meaning: &line.means };
                View::new(dialect, healthy, dark, solid, entries)
            }
            None => View::standard(dialect, dark, Some(solid), entries),
        };
        view.map_err(|error| refused(file, &explain(error, entries)))
    }
}

impl CodeLine {
    fn entry<'a>(
        &'a self,
        file: &Path,
        pattern: Option<&'a Pattern>,
    ) -> Result<Entry<'a>, Failure> {
        let code = match (&self.code, pattern) {
            (Some(code), None) => {
                let digits: Result<Vec<u8>, _> = code.split('-').map(str::parse).collect();
                let digits = digits.ok().and_then(|digits| Digits::new(&digits));
                let no = || format!("{code:?}: 1 to 5 digits, each at most 63, as 2-3");
                Code::Digits(digits.ok_or_else(|| refused(file, &no()))?)
            }
            (None, Some(pattern)) => Code::Pattern(pattern),
            _ => {
                let name = &self.name;
                return Err(refused(file, &format!("{name:?} needs a code or a pattern")));
            }
        };
        let severity = match self.severity {
            SeverityWord::Low => Severity::Low,
            SeverityWord::Medium => Severity::Medium,
            SeverityWord::High => Severity::High,
        };
        let (name, meaning, first_action) = (&self.name, &self.means, &self.do_first);
        Ok(Entry { code, severity, name, meaning, first_action })
    }
}

fn refused(file: &Path, error: &impl std::fmt::Display) -> Failure {
    Failure::Refused(format!("{}: {error}", file.display()))
}
