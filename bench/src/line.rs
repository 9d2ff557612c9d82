//! A line of the result.

use std::fmt;

use serde_json::{Value, json};

/// The time that one contestant took.
pub struct Line {
    pub operation: String,
    pub name: String,
    pub ns: f64,
    /// Against which, and how often its time.
    pub ratio: Option<(String, f64)>,
    /// The most that the design allows of `ratio`, or of `ns`.
    pub ratio_max: Option<f64>,
    pub ns_max: Option<f64>,
    /// The ratio of the instructions, where that of the times was too great.
    pub instructions: Option<f64>,
}

impl Line {
    pub fn is_missed(&self) -> bool {
        let ratio = self.instructions.or(self.ratio.as_ref().map(|(_, ratio)| *ratio));
        matches!((ratio, self.ratio_max), (Some(ratio), Some(max)) if ratio > max)
            || self.ns_max.is_some_and(|max| self.ns > max)
    }

    pub fn json(&self) -> Value {
        json!({
            "operation": self.operation,
            "name": self.name,
            "ns": self.ns,
            "against": self.ratio.as_ref().map(|(against, _)| against),
            "ratio": self.ratio.as_ref().map(|(_, ratio)| ratio),
            "ratio_max": self.ratio_max,
            "ns_max": self.ns_max,
        })
    }

    pub fn from_json(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Self {
            operation: text("operation"),
            name: text("name"),
            ns: value["ns"].as_f64().unwrap_or(f64::NAN),
            ratio: value["ratio"].as_f64().map(|ratio| (text("against"), ratio)),
            ratio_max: value["ratio_max"].as_f64(),
            ns_max: value["ns_max"].as_f64(),
            instructions: None,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:<28} {:>10.1} ns", self.name, self.ns)?;
        if let Some((against, ratio)) = &self.ratio {
            write!(f, "   {ratio:>6.2} of {against}")?;
        }
        if let Some(max) = self.ratio_max {
            write!(f, ", at most {max:.2}")?;
        }
        if let Some(max) = self.ns_max {
            write!(f, "   at most {max:.0} ns")?;
        }
        if let Some(ratio) = self.instructions {
            write!(f, ", {ratio:.2} by instructions")?;
        }
        f.write_str(if self.is_missed() { "   MISSED" } else { "" })
    }
}
