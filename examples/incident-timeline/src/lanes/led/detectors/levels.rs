//! Lights that stay dark or lit, and lights that nobody could read.

use std::collections::HashMap;

use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{GROUPS_MAX, Group, Groups, Said};
use crate::lanes::led::event::{LedEvent, Steady, Unread};
use crate::severity::Severity;

/// The lights that stay, by source, light and level; well again when they go on.
#[derive(Default)]
pub(super) struct Levels(HashMap<(String, String), (Group, Steady)>);

impl Detector for Levels {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(led)) = (&event.place, event.what.as_led()) else { return };
        let key = (place.source.to_string(), place.wire.to_string());
        match led {
            LedEvent::Steady(steady) => {
                if self.0.len() >= GROUPS_MAX && !self.0.contains_key(&key) {
                    return;
                }
                let (group, last) =
                    self.0.entry(key).or_insert_with(|| (Group::default(), steady.clone()));
                group.take(event.t_us, place);
                last.clone_from(steady);
            }
            LedEvent::Code(_) | LedEvent::Healthy(_) => {
                if let Some((group, _)) = self.0.get_mut(&key) {
                    group.is_well = true;
                }
            }
            LedEvent::Partial(_)
            | LedEvent::Rejected(_)
            | LedEvent::Unread(_)
            | LedEvent::Looked(_) => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let levels = self.0.iter().map(|((_, light), (group, steady))| {
            let kind = if steady.is_lit { "led_solid" } else { "led_dark" };
            let level = if steady.is_lit { "lit without a flash" } else { "dark" };
            let meaning =
                steady.said.map(|(meaning, _)| format!(": {meaning}")).unwrap_or_default();
            let check = match steady.said {
                Some((_, first_action)) => first_action,
                None => "whether the device has power, and whether its program runs",
            };
            let text = format!("{light} stays {level}{meaning}");
            let said = Said { blame: Blame::Device, text, check: check.to_owned() };
            group.finding(kind, Severity::Warning, said)
        });
        levels.collect()
    }
}

/// The lights that blinked and were not read.
pub(super) struct Unreads {
    unread: Groups<(String, String)>,
    too_fast: Groups<(String, String)>,
}

impl Default for Unreads {
    fn default() -> Self {
        Self { unread: Groups::new("led_unread"), too_fast: Groups::new("led_too_fast") }
    }
}

impl Detector for Unreads {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(LedEvent::Unread(unread))) = (&event.place, event.what.as_led())
        else {
            return;
        };
        let Unread { reason, words, .. } = unread;
        let groups = if *reason == "too_fast" { &mut self.too_fast } else { &mut self.unread };
        groups.take((place.wire.to_string(), words.clone()), event.t_us, place);
    }

    fn findings(&self) -> Vec<Finding> {
        let say = |check: &str| {
            let check = check.to_owned();
            move |(light, words): &(String, String), _: &Group| Said {
                blame: Blame::Unknown,
                text: format!("{light}: {words}"),
                check: check.clone(),
            }
        };
        let unread = say("the steps of the light beside the manual of the device");
        let too_fast = say("the light with more frames a second, or with a photodiode");
        let unread = self.unread.findings(Severity::Warning, unread);
        [unread, self.too_fast.findings(Severity::Warning, too_fast)].concat()
    }
}
