//! `legend`: what the codes of a light mean, for a manual or for the door.

use std::io::{self, Write};

use led_codes::legend::View;

use crate::cli::LegendArguments;
use crate::failure::Failure;
use crate::legend_file::LegendFile;
use crate::options::Options;
use crate::standard::Standard;

/// Prints the table that is asked for.
pub(crate) fn run(options: &Options, arguments: &LegendArguments) -> Result<(), Failure> {
    if let Some(file) = &options.legend {
        let LegendFile { title, view } = LegendFile::read(file)?;
        return print(&view, arguments.title.as_deref().unwrap_or(title), arguments.svg);
    }
    let Some(Standard { name, view, .. }) = options.standard else {
        return Err(Failure::Refused("legend: expected --legend FILE or --standard NAME".into()));
    };
    let Some(view) = view else {
        return Err(Failure::Refused(format!("{name}: a dialect, of which nobody has a table")));
    };
    print(&view, arguments.title.as_deref().unwrap_or(name), arguments.svg)
}

fn print(view: &View<'_>, title: &str, is_svg: bool) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = if is_svg {
        write!(stdout, "{}", view.sticker(title))
    } else {
        write!(stdout, "{}", view.markdown(title))
    };
    written.and_then(|()| stdout.flush()).map_err(|error| Failure::from_output(&error))
}
