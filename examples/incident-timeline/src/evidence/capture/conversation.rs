//! A conversation: the bytes of both sides of a connection, in order and once each.

use std::collections::VecDeque;
use std::rc::Rc;

use super::half::Piece;
use crate::event::Event;
use crate::place::Address;

/// A side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Client,
    Server,
}

/// The facts about a connection that its packets show.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) client: SideFacts,
    pub(crate) server: SideFacts,
    /// Whether the connection was reset.
    pub(crate) is_reset: bool,
    /// Whether nobody acknowledges anything: UDP.
    pub(crate) is_datagram: bool,
}

/// The facts about one side of a connection that its packets show.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SideFacts {
    /// Whether the capture holds packets of this side.
    pub(crate) is_seen: bool,
    /// The sequence number up to which the other side has acknowledged this side's bytes.
    pub(crate) acknowledged: Option<u32>,
    /// Whether the other side has acknowledged bytes of this side that are not in the capture.
    pub(crate) is_ahead: bool,
    /// Whether later bytes of this side are there, and wait for some before them.
    pub(crate) has_gap: bool,
    /// When bytes of this side were last missing in the capture.
    pub(crate) missing_us: Option<i64>,
    /// Whether this side had no room for more bytes the last time it spoke.
    pub(crate) has_no_window: bool,
}

/// Something that happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A connection was asked for, and refused.
    Refused,
    /// A connection was asked for, and nobody answered.
    Unreachable,
    /// The connection was reset.
    Reset,
}

/// Why nothing more is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// The connection is over.
    Connection,
    /// The capture is.
    Capture,
    /// The connection is forgotten, one of many.
    Forgotten,
}

impl Facts {
    pub(crate) fn of(&self, role: Role) -> &SideFacts {
        match role {
            Role::Client => &self.client,
            Role::Server => &self.server,
        }
    }

    pub(super) fn of_mut(&mut self, role: Role) -> &mut SideFacts {
        match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        }
    }
}

impl Role {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// A lane that listens to a connection.
pub(crate) trait Conversation {
    /// The beginning of a side's bytes is in the capture, with the sequence number before the first.
    fn begin(&mut self, role: Role, sequence: u32);

    /// The facts about the connection up to the packet whose pieces follow.
    fn facts(&mut self, facts: &Facts);

    /// A side says more, or something is missing of what it says.
    fn piece(&mut self, role: Role, piece: &Piece<'_>, events: &mut VecDeque<Event>);

    /// When time alone can decide what was said.
    fn deadline_us(&self) -> Option<i64>;

    /// Since when something that was said is not decided.
    fn undecided_us(&self) -> Option<i64>;

    /// Time passes without a packet.
    fn elapse(&mut self, now_us: i64, events: &mut VecDeque<Event>);

    /// Something happens to the connection, shown by a packet of this side.
    fn trouble(
        &mut self,
        role: Role,
        trouble: Trouble,
        packet: u64,
        t_us: i64,
        events: &mut VecDeque<Event>,
    );

    /// A side says nothing more; other ends may begin anew.
    fn end(&mut self, role: Role, t_us: i64, events: &mut VecDeque<Event>);

    /// No side says anything more.
    fn close(&mut self, close: Close, t_us: i64, events: &mut VecDeque<Event>);

    /// Whether nothing is under way that a later packet could go on with.
    fn is_idle(&self) -> bool;
}

/// A lane whose servers have TCP ports, or UDP ports.
pub(crate) trait Listener {
    fn is_at(&self, port: u16, is_udp: bool) -> bool;

    /// Whether bytes on another port could be its.
    fn is_alike(&self, bytes: &[u8]) -> bool;

    /// Begins to listen to a connection with a server at one of its ports.
    fn listen(&self, source: &Rc<str>, client: Address, server: Address) -> Box<dyn Conversation>;
}
