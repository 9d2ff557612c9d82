//! Findings from boot records: abnormal resets, torn sections, levels below normal, lost records.

use watchdog_core::Level;
use watchdog_core::boot::Found;

use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{Groups, Said, plural};
use crate::lanes::watchdog::event::{Boot, WatchdogEvent};
use crate::place::Place;
use crate::severity::Severity;

fn boot(event: &Event) -> Option<(&Place, &Boot)> {
    match (&event.place, event.what.as_watchdog()) {
        (Some(place), Some(WatchdogEvent::Boot(boot))) => Some((place, boot)),
        _ => None,
    }
}

/// Abnormal resets, by who was to blame.
#[derive(Debug)]
pub(super) struct Resets(Groups<(String, String)>);

impl Default for Resets {
    fn default() -> Self {
        Self(Groups::new("abnormal_reset"))
    }
}

impl Detector for Resets {
    fn take(&mut self, event: &Event) {
        if let Some((place, boot)) = boot(event).filter(|(_, boot)| boot.verdict.is_abnormal) {
            self.0.take((boot.blamed(), boot.causes()), event.t_us, place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.0.findings(Severity::Fault, |(blamed, causes), group| {
            let (count, resets) = (group.count, plural(group.count, "reset"));
            Said {
                blame: Blame::Device,
                text: format!("{count} abnormal {resets} ({causes}): {blamed}"),
                check: "what this entity waited for or was doing then".to_owned(),
            }
        })
    }
}

/// Sections that were torn.
#[derive(Debug)]
pub(super) struct TornSections(Groups<String>);

impl Default for TornSections {
    fn default() -> Self {
        Self(Groups::new("torn_section"))
    }
}

impl Detector for TornSections {
    fn take(&mut self, event: &Event) {
        if let Some((place, boot)) = boot(event) {
            for torn in boot.torn() {
                self.0.take(torn, event.t_us, place);
            }
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.0.findings(Severity::Fault, |torn, group| {
            let (count, boots) = (group.count, plural(group.count, "boot"));
            Said {
                blame: Blame::Device,
                text: format!("torn at {count} {boots}: {torn}; its data must be revalidated"),
                check: "the data of this section, before anything uses it".to_owned(),
            }
        })
    }
}

/// Boots that may do less.
#[derive(Debug)]
pub(super) struct Levels(Groups<&'static str>);

impl Default for Levels {
    fn default() -> Self {
        Self(Groups::new("boot_level"))
    }
}

impl Detector for Levels {
    fn take(&mut self, event: &Event) {
        if let Some((place, boot)) =
            boot(event).filter(|(_, boot)| boot.verdict.level != Level::Normal)
        {
            self.0.take(boot.level(), event.t_us, place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.0.findings(Severity::Fault, |level, group| {
            let (count, boots) = (group.count, plural(group.count, "boot"));
            Said {
                blame: Blame::Device,
                text: format!("{count} {boots} {level}: too many abnormal ones before"),
                check: "the abnormal resets before, which have one cause most often".to_owned(),
            }
        })
    }
}

/// Records that should have survived, and have not.
#[derive(Debug)]
pub(super) struct Lost(Groups<String>);

impl Default for Lost {
    fn default() -> Self {
        Self(Groups::new("record_lost"))
    }
}

impl Detector for Lost {
    fn take(&mut self, event: &Event) {
        if let Some((place, boot)) =
            boot(event).filter(|(_, boot)| boot.verdict.found == Found::Lost)
        {
            self.0.take(boot.causes(), event.t_us, place);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.0.findings(Severity::Warning, |causes, group| {
            let (count, records) = (group.count, plural(group.count, "record"));
            Said {
                blame: Blame::Device,
                text: format!("{count} {records} of a boot lost after {causes}"),
                check: "the linker section of the retained memory".to_owned(),
            }
        })
    }
}
