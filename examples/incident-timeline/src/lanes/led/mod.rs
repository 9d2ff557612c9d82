//! The lane of lights: edges, samples of brightness, videos and taps, told as codes with what they mean and what to do first.

pub(crate) mod counts;
pub(crate) mod detectors;
mod ears;
pub(crate) mod event;
pub(crate) mod lights;
pub(crate) mod lights_csv;
mod score;
mod spot;
pub(crate) mod taps;
pub(crate) mod tried;
pub(crate) mod vcd;
pub(crate) mod video;
mod watcher;

use crate::failure::Failure;
use crate::input::Given;
use crate::options::Options;

/// The recordings of `decode led`: files, and what somebody has written down; or the space bar of the terminal.
pub(crate) fn given(files: &[String], options: &Options) -> Result<Vec<Given>, Failure> {
    let files = files.iter().map(|file| Given::File(file.into()));
    let taps = options.taps.as_ref().map(|taps| Given::Text {
        name: "taps",
        bytes: format!("{} {taps}", taps::PREFIX).into_bytes(),
    });
    let given: Vec<Given> = files.chain(taps).collect();
    if !given.is_empty() {
        return Ok(given);
    }
    #[cfg(unix)]
    if crate::keys::is_there() {
        return Ok(vec![Given::Keys]);
    }
    Err(Failure::Refused("expected a file of a light, --taps, or a terminal".to_owned()))
}
