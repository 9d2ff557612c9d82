//! One journal, or one entry of it: from its bytes to events.

use std::rc::Rc;

use super::event::StateEvent;
use super::journal::{Anchor, Reader};
use crate::event::Lane;
use crate::evidence::one::hexadecimal;
use crate::failure::Failure;
use crate::lane::LaneEvent;

/// A journal in hex. That its bytes are all told goes without saying.
pub(crate) fn journal(text: &str) -> Result<Vec<Lane>, Failure> {
    let bytes = hexadecimal(text)?;
    let events = Reader::default().take(&bytes, Anchor::Begun { t_us: 0 }, &Rc::default());
    let is_worth_telling =
        |event: &StateEvent| !matches!(event, StateEvent::Journal(_)) || !event.is_good();
    let mut told: Vec<StateEvent> = events.into_iter().map(|(_, _, event)| event).collect();
    if told.len() > 1 {
        told.retain(is_worth_telling);
    }
    Ok(told.into_iter().map(Lane::State).collect())
}
