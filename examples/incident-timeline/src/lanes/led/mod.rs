//! The lane of lights: edges, samples of brightness, videos and taps, told as codes with what they mean and what to do first.

pub(crate) mod brightness_csv;
pub(crate) mod counts;
pub(crate) mod detectors;
pub(crate) mod edges_csv;
pub(crate) mod event;
pub(crate) mod lights;
mod spot;
pub(crate) mod taps;
pub(crate) mod tried;
pub(crate) mod vcd;
pub(crate) mod video;
mod watcher;

use crate::failure::Failure;
use crate::input::Given;
use crate::options::Options;

/// The recordings of `decode led`: files, and what somebody has written down.
pub(crate) fn given(files: &[String], options: &Options) -> Result<Vec<Given>, Failure> {
    let files = files.iter().map(|file| Given::File(file.into()));
    let taps = options.taps.as_ref().map(|taps| Given::Text {
        name: "taps",
        bytes: format!("{} {taps}", taps::PREFIX).into_bytes(),
    });
    let given: Vec<Given> = files.chain(taps).collect();
    if given.is_empty() {
        return Err(Failure::Refused("expected a file of a light, or --taps".to_owned()));
    }
    Ok(given)
}
