//! A sink: the receiver of the timeline.

use std::io;

use crate::event::Event;
use crate::evidence::unread::Unread;
use crate::finding::Finding;

/// A writer of the timeline.
pub(crate) trait Sink {
    /// Says that the times of the next events begin at 0 with a source; before that, times are since 1970.
    fn begin_relative(&mut self, source: &str) -> io::Result<()>;

    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// Writes what was not read and the findings where they belong, then all that waited for them, then the counts in words.
    fn finish(
        &mut self,
        unread: &[Unread],
        findings: &[Finding],
        counts: &mut dyn Iterator<Item = String>,
    ) -> io::Result<()>;
}

/// The buffer of a sink.
pub(super) const BUFFER_LEN: usize = 64 << 10;
