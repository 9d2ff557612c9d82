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

/// A lane that listens to a connection.
pub(crate) trait Conversation {
    /// The beginning of a side's bytes is in the capture.
    fn begin(&mut self, role: Role);

    /// A side says more, or something is missing of what it says.
    fn piece(&mut self, role: Role, piece: &Piece<'_>, events: &mut VecDeque<Event>);

    /// A side says nothing more; other ends may begin anew.
    fn end(&mut self, role: Role, t_us: i64, events: &mut VecDeque<Event>);

    /// No side says anything more.
    fn close(&mut self, t_us: i64, events: &mut VecDeque<Event>);

    /// Whether nothing is under way that a later packet could go on with.
    fn is_idle(&self) -> bool;
}

/// A lane whose servers have TCP ports.
pub(crate) trait Listener {
    fn is_at(&self, port: u16) -> bool;

    /// Begins to listen to a connection with a server at one of its ports.
    fn listen(&self, source: &Rc<str>, client: Address, server: Address) -> Box<dyn Conversation>;
}
