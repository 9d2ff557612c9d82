//! The server that an event is about: a unit on a line or behind an address.

use std::fmt;
use std::rc::Rc;

use crate::place::{Address, Place};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Server {
    source: Rc<str>,
    /// Nothing on a serial line, whose wires are one bus.
    address: Option<Address>,
    unit: u8,
}

impl Server {
    /// The server of an ADU: the receiver of a request, the sender of a response.
    pub(super) fn of(place: &Place, unit: u8, is_request: bool) -> Self {
        let ends = place.wire.ends();
        let address = ends.map(|ends| if is_request { ends.to } else { ends.from });
        Self { source: place.source.clone(), address, unit }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => write!(f, "unit {} at {address}", self.unit),
            None => write!(f, "unit {}", self.unit),
        }
    }
}
