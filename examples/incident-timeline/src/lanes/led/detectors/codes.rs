//! The codes of each light, in words.

use std::collections::HashMap;

use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{GROUPS_MAX, Group, Said, plural};
use crate::lanes::led::event::{Code, LedEvent, Reading};
use crate::severity::Severity;

/// The codes of a light, and the light that is upside down.
#[derive(Default)]
pub(super) struct Codes(HashMap<Key, (Group, Code)>);

#[derive(PartialEq, Eq, Hash)]
struct Key {
    source: String,
    light: String,
    words: String,
    is_inverted: bool,
}

impl Detector for Codes {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(LedEvent::Code(code))) = (&event.place, event.what.as_led()) else {
            return;
        };
        let Some(best) = code.readings.first() else { return };
        let key = Key {
            source: place.source.to_string(),
            light: place.wire.to_string(),
            words: if code.readings.len() > 1 { best.bare() } else { best.words() },
            is_inverted: code.is_inverted,
        };
        if self.0.len() >= GROUPS_MAX && !self.0.contains_key(&key) {
            return;
        }
        let (group, last) = self.0.entry(key).or_insert_with(|| (Group::default(), code.clone()));
        group.take(event.t_us, place);
        last.clone_from(code);
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (key, (group, code)) in &self.0 {
            let Some(best) = code.readings.first() else { continue };
            let light = &key.light;
            if key.is_inverted {
                let text = format!(
                    "{light} is upside down: lit where {} is dark, it shows {}",
                    best.dialect,
                    meant(best)
                );
                let check = "the polarity of the light's driver".to_owned();
                let said = Said { blame: Blame::Device, text, check };
                findings.push(group.finding("led_inverted", Severity::Warning, said));
                continue;
            }
            let count = group.count;
            let often = format!("read {count} {}", plural(count, "time"));
            if code.readings.len() > 1 {
                let dialects = code.readings.len();
                let words: Vec<String> = code.readings.iter().map(Reading::in_dialect).collect();
                let words = words.join("; ");
                let bare = best.bare();
                let text =
                    format!("{light}: {bare}, {often}, which is in {dialects} dialects: {words}");
                let check = "which device it is; --standard or --legend then says what it means";
                let said = Said { blame: Blame::Device, text, check: check.to_owned() };
                findings.push(group.finding("led_code", Severity::Warning, said));
                continue;
            }
            let severity = match best.entry.map(|entry| entry.severity) {
                Some(led_codes::Severity::High) => Severity::Fault,
                _ => Severity::Warning,
            };
            let sure = [often, best.fit(), best.dialect.to_owned()];
            let sure: Vec<String> = sure.into_iter().filter(|part| !part.is_empty()).collect();
            let text = format!("{light}: {} ({})", meant(best), sure.join(", "));
            let check = match best.entry {
                Some(entry) => entry.first_action.to_owned(),
                None => format!("the manual of the device: {}, code {}", best.dialect, best.code),
            };
            let said = Said { blame: Blame::Device, text, check };
            findings.push(group.finding("led_code", severity, said));
        }
        findings
    }
}

/// The code with its meaning.
fn meant(reading: &Reading) -> String {
    match reading.entry {
        Some(entry) => format!("{}: {}", reading.words(), entry.meaning),
        None => reading.words(),
    }
}
