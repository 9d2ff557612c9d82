//! How many events there were, lane by lane.

use crate::event::Event;

/// The counts of one lane.
pub(crate) trait Counts {
    /// Takes an event of the lane in.
    fn take(&mut self, event: &Event);

    /// The counts in words.
    fn words(&self) -> String;
}

/// The counts of all lanes.
pub(crate) struct AllCounts(Vec<LaneCounts>);

struct LaneCounts {
    lane: &'static str,
    has_event: bool,
    counts: Box<dyn Counts>,
}

impl AllCounts {
    /// The lanes by their names.
    pub(crate) fn new(lanes: impl IntoIterator<Item = (&'static str, Box<dyn Counts>)>) -> Self {
        let counts = |(lane, counts)| LaneCounts { lane, has_event: false, counts };
        Self(lanes.into_iter().map(counts).collect())
    }

    pub(crate) fn take(&mut self, event: &Event) {
        let lane = event.what.event().lane();
        for counts in self.0.iter_mut().filter(|counts| counts.lane == lane) {
            counts.has_event = true;
            counts.counts.take(event);
        }
    }

    /// A line for each lane that had an event; for each lane if none had.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let has_event = self.0.iter().any(|counts| counts.has_event);
        let shown = self.0.iter().filter(move |counts| counts.has_event || !has_event);
        shown.map(|counts| counts.counts.words())
    }
}
