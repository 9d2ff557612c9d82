//! The place of an event: the evidence, the wire in it, and the bytes on the wire.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// Where the evidence of an event is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) source: Rc<str>,
    pub(crate) wire: Rc<Wire>,
    /// Bytes from the beginning of the wire.
    pub(crate) offset: u64,
    pub(crate) at: At,
}

/// How the evidence counts what it recorded, from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    Packet(u64),
    Row(u64),
    /// A part of a row that tells more than one event.
    RowPart(u64),
    /// Only the offset counts.
    Offset,
}

/// One direction of a connection, or a wire of a line.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    name: Box<str>,
    ends: Option<Ends>,
}

/// An address and a port; smaller than a `SocketAddr`, of which there can be many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.ip, self.port).fmt(f)
    }
}

/// The two ends of a wire that has addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) from: Address,
    pub(crate) to: Address,
}

impl Wire {
    /// A wire that the evidence names.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.into(), ends: None }
    }

    /// A wire from one address to another.
    pub(crate) fn between(from: Address, to: Address) -> Self {
        Self { name: format!("{from} > {to}").into(), ends: Some(Ends { from, to }) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn ends(&self) -> Option<Ends> {
        self.ends
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
