//! `decode`: one whole frame, told once for each direction that it fits; or recordings of one kind.

use crate::event::{Event, Lane};
use crate::evidence::one::{Decode, OneKind};
use crate::failure::Failure;
use crate::options::Options;
use crate::{output, timeline};

/// Decodes and prints. A frame that is damaged or off-spec is printed too, and is a failure.
pub(crate) fn run(options: &Options, kind: &OneKind, text: &[String]) -> Result<(), Failure> {
    let decode = match &kind.decode {
        Decode::Frame(decode) => decode,
        Decode::Recordings(given) => return timeline::run(options, given(text, options)?),
    };
    if options.taps.is_some() {
        return Err(Failure::Refused(format!("--taps: expected decode led, got {}", kind.name)));
    }
    if text.is_empty() {
        return Err(Failure::Refused(format!("expected {}", kind.help)));
    }
    let told = decode(&text.concat())?;
    let is_good = told.iter().all(|lane| lane.event().is_good());
    let event = |what: Lane| Event { t_us: None, place: None, what };
    let events: Vec<Event> = told.into_iter().map(event).collect();
    output::write_events(options, &events).map_err(|error| Failure::from_output(&error))?;
    if is_good { Ok(()) } else { Err(Failure::OffSpec) }
}
