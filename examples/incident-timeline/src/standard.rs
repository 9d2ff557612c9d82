//! The tables and dialects of `led-codes`, by the names that `--standard` takes.

use std::sync::OnceLock;

use led_codes::Dialect;
use led_codes::legend::View;
use led_codes::standard::{DIALECTS, LEGENDS};

/// A table, or a dialect of which nobody has a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standard {
    pub(crate) name: &'static str,
    pub(crate) dialect: &'static Dialect,
    pub(crate) view: Option<View<'static>>,
}

static HUMAN: Dialect = Dialect::HUMAN;

/// All tables, and all dialects that no table has the name of.
pub(crate) fn standards() -> &'static [Standard] {
    static ALL: OnceLock<Vec<Standard>> = OnceLock::new();
    ALL.get_or_init(|| {
        let table = |(name, view): &(&'static str, View<'static>)| Standard {
            name,
            dialect: view.dialect(),
            view: Some(*view),
        };
        let mut all: Vec<Standard> = LEGENDS.iter().map(table).collect();
        all.push(Standard { name: "human", dialect: &HUMAN, view: None });
        for named in &DIALECTS {
            let name = word(named.name);
            if all.iter().all(|standard| standard.name != name) {
                all.push(Standard { name: name.leak(), dialect: &named.dialect, view: None });
            }
        }
        all
    })
}

/// A name as one word: `OBD-I GM, Isuzu` is `obd-i-gm-isuzu`.
fn word(name: &str) -> String {
    name.to_lowercase().replace(", ", "-").replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_one_word_and_there_once() {
        let names: Vec<&str> = standards().iter().map(|standard| standard.name).collect();
        assert!(names.iter().all(|name| !name.contains([' ', ','])));
        assert!(names.contains(&"obd-i-gm-isuzu") && names.contains(&"cia-303-3-err"));
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len());
    }
}
