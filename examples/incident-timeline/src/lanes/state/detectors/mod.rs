//! The detectors of the lane.

mod first_out;
mod lost;
mod outputs;
mod stops;

use super::event::{StateEvent, Told};
use crate::event::Event;
use crate::finding::Detector;
use crate::place::Place;

/// All of them.
pub(crate) fn detectors() -> Vec<Box<dyn Detector>> {
    vec![
        Box::new(first_out::FirstOuts::default()),
        Box::new(outputs::Outputs::default()),
        Box::new(stops::Faulted::default()),
        Box::new(stops::Recoveries::default()),
        Box::new(stops::Lockouts::default()),
        Box::new(lost::Lost::default()),
    ]
}

/// The entry that an event tells, and its place.
fn told(event: &Event) -> Option<(&Place, &Told)> {
    match (&event.place, event.what.as_state()) {
        (Some(place), Some(StateEvent::Told(told))) => Some((place, told)),
        _ => None,
    }
}
