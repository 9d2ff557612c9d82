//! The server that an event is about: a unit on a line or behind an address.

use std::fmt;
use std::rc::Rc;

use crate::finding::Subject;
use crate::place::{Address, Place};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Server {
    /// Of a serial line: an address is the same in every capture.
    source: Option<Rc<str>>,
    /// Nothing on a serial line, whose wires are one bus.
    address: Option<Address>,
    unit: u8,
}

impl Server {
    /// The server of an ADU: the receiver of a request, the sender of a response.
    pub(super) fn of(place: &Place, unit: u8, is_request: bool) -> Self {
        let ends = place.wire.ends();
        let address = ends.map(|ends| if is_request { ends.to } else { ends.from });
        let source = address.is_none().then(|| place.source.clone());
        Self { source, address, unit }
    }
}

impl Server {
    pub(super) fn subject(&self) -> Subject {
        Subject { source: self.source.clone(), address: self.address, unit: Some(self.unit) }
    }

    pub(super) fn unit(&self) -> u8 {
        self.unit
    }

    /// The gateway or host that it is behind.
    pub(super) fn host(&self) -> (Option<Rc<str>>, Option<Address>) {
        (self.source.clone(), self.address)
    }

    /// Where it is, without its unit.
    pub(super) fn at(&self) -> String {
        self.address.map_or_else(|| "the line".to_owned(), |address| address.to_string())
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
