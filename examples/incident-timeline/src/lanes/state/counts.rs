//! How many events of which kind there were.

use safe_state::journal::Occurrence;

use super::event::StateEvent;
use crate::counts::Counts;
use crate::event::Event;

#[derive(Debug, Default)]
pub(crate) struct StateCounts {
    entries: u64,
    boots: u64,
    faults: u64,
    lost: u64,
}

impl Counts for StateCounts {
    fn take(&mut self, event: &Event) {
        match event.what.as_state() {
            None => {}
            Some(StateEvent::Told(told)) => {
                self.entries += 1;
                match told.occurrence {
                    Occurrence::Boot { .. } => self.boots += 1,
                    Occurrence::FaultRaised { .. } => self.faults += 1,
                    _ => {}
                }
            }
            Some(StateEvent::Unknown(_)) => self.entries += 1,
            Some(StateEvent::Gap(gap)) => self.lost += u64::from(gap.count),
            Some(StateEvent::Journal(journal)) => {
                self.lost += journal.uncommitted + journal.damaged + journal.stray;
            }
        }
    }

    fn words(&self) -> String {
        format!(
            "{} entries of journals, {} boots, {} faults raised, {} entries lost",
            self.entries, self.boots, self.faults, self.lost
        )
    }
}
