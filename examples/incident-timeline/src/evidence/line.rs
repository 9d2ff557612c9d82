//! A line: bytes of one wire or several, each byte with its times.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::event::Event;

/// When bytes were on the wire, and where their evidence is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stamp {
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
    /// Packet or row, from 1.
    pub(crate) number: u64,
}

/// How the evidence counts its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    Rows,
    Offsets,
    Packets,
}

/// A lane that listens to a line.
pub(crate) trait Line {
    /// Takes bytes of one wire that were recorded together.
    fn push(&mut self, wire: &str, bytes: &[u8], stamp: Stamp, events: &mut VecDeque<Event>);

    /// Nothing more comes.
    fn finish(&mut self, events: &mut VecDeque<Event>);
}

/// Makes a lane listen to a line: its evidence, how that counts, and how long a character takes if its times can be trusted.
pub(crate) type Listen = fn(Rc<str>, Counting, Option<u32>) -> Box<dyn Line>;
