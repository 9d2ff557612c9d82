//! The tables and dialects that are tried on a light: those of the command line, or all.

use std::sync::OnceLock;

use led_codes::Dialect;
use led_codes::legend::View;

use crate::failure::Failure;
use crate::legend_file::LegendFile;
use crate::options::Options;
use crate::standard::{Standard, standards};

/// A choice of tables and dialects.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    pub(crate) tables: Vec<Table>,
    pub(crate) dialects: Vec<Named>,
    /// The dialects alone.
    pub(crate) auto: &'static [&'static Dialect],
    /// The command line names it: there is nothing to choose from.
    pub(crate) is_given: bool,
}

/// A table by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) view: View<'static>,
}

/// A dialect by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) dialect: &'static Dialect,
}

impl Tried {
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        if let Some(file) = &options.legend {
            let LegendFile { title, view } = LegendFile::read(file)?;
            return Ok(Self::given(title, view.dialect(), Some(view)));
        }
        if let Some(Standard { name, dialect, view }) = options.standard {
            return Ok(Self::given(name, dialect, view));
        }
        static ALL: OnceLock<Tried> = OnceLock::new();
        Ok(ALL.get_or_init(Self::all).clone())
    }

    fn all() -> Self {
        let tables = standards()
            .iter()
            .filter_map(|standard| standard.view.map(|view| Table { name: standard.name, view }));
        let mut dialects: Vec<Named> = Vec::new();
        for Standard { name, dialect, .. } in standards() {
            // Several tables have one dialect.
            if dialects.iter().all(|named| named.dialect != *dialect) {
                dialects.push(Named { name, dialect });
            }
        }
        Self::new_of(tables.collect(), dialects, false)
    }

    fn given(name: &'static str, dialect: &'static Dialect, view: Option<View<'static>>) -> Self {
        let tables = view.map(|view| Table { name, view }).into_iter().collect();
        Self::new_of(tables, vec![Named { name, dialect }], true)
    }

    fn new_of(tables: Vec<Table>, dialects: Vec<Named>, is_given: bool) -> Self {
        let auto: Vec<_> = dialects.iter().map(|named| named.dialect).collect();
        Self { tables, dialects, auto: auto.leak(), is_given }
    }
}
