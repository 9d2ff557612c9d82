//! What a journal does not tell any more: entries that were written over, damaged ones, and those of another version.

use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{Groups, Said};
use crate::lanes::state::event::StateEvent;
use crate::place::Place;
use crate::severity::Severity;

pub(super) struct Lost {
    gaps: Counted,
    damaged: Counted,
    unknown: Counted,
}

/// Findings, and how many entries they are about.
struct Counted {
    groups: Groups<()>,
    count: u64,
}

impl Counted {
    fn new(kind: &'static str) -> Self {
        Self { groups: Groups::new(kind), count: 0 }
    }

    fn take(&mut self, count: u64, event: &Event, place: &Place) {
        if count > 0 {
            self.count += count;
            self.groups.take((), event.t_us, place);
        }
    }

    fn findings(&self, blame: Blame, text: &str, check: &str) -> Vec<Finding> {
        let entries = match self.count {
            1 => "1 entry of the journal is".to_owned(),
            count => format!("{count} entries of the journal are"),
        };
        self.groups.findings(Severity::Warning, |(), _| Said {
            blame,
            text: format!("{entries} {text}"),
            check: check.to_owned(),
        })
    }
}

impl Default for Lost {
    fn default() -> Self {
        Self {
            gaps: Counted::new("journal_gap"),
            damaged: Counted::new("journal_damaged"),
            unknown: Counted::new("journal_unknown"),
        }
    }
}

impl Detector for Lost {
    fn take(&mut self, event: &Event) {
        let Some(place) = &event.place else { return };
        match event.what.as_state() {
            Some(StateEvent::Gap(gap)) => self.gaps.take(gap.count.into(), event, place),
            Some(StateEvent::Journal(journal)) => {
                self.damaged.take(journal.damaged + journal.stray, event, place);
            }
            Some(StateEvent::Unknown(_)) => self.unknown.take(1, event, place),
            Some(StateEvent::Told(_)) | None => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let gaps = self.gaps.findings(
            Blame::Recording,
            "written over, and nobody had read them",
            "how often the journal is read, and how many entries it has room for",
        );
        let damaged = self.damaged.findings(
            Blame::Device,
            "damaged, or do not follow those before",
            "the memory of the journal, and who else writes to it",
        );
        let unknown = self.unknown.findings(
            Blame::Recording,
            "of a version that is not known",
            "whether this tool is as new as the firmware",
        );
        [gaps, damaged, unknown].concat()
    }
}
