//! `decode`: one whole frame, told once for each direction that it fits.

use crate::event::{Event, Lane};
use crate::evidence::one::OneKind;
use crate::failure::Failure;
use crate::options::Options;
use crate::output;

/// Decodes and prints. A frame that is damaged or off-spec is printed too, and is a failure.
pub(crate) fn run(options: &Options, kind: &OneKind, text: &[String]) -> Result<(), Failure> {
    let told = (kind.decode)(&text.concat())?;
    let is_good = told.iter().all(|lane| lane.event().is_good());
    let event = |what: Lane| Event { t_us: None, place: None, what };
    let events: Vec<Event> = told.into_iter().map(event).collect();
    output::write_events(options, &events).map_err(|error| Failure::from_output(&error))?;
    if is_good { Ok(()) } else { Err(Failure::OffSpec) }
}
