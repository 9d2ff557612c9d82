//! Timing in the field beside the bench, entity by entity.

use std::collections::HashMap;

use watchdog_core::profile::Profile;

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{GROUPS_MAX, Group, Said};
use crate::lanes::watchdog::event::{Measuring, WatchdogEvent};
use crate::place::Place;
use crate::severity::Severity;

/// A field whose intervals lie so much elsewhere than on the bench has parted from it.
const DISTANCE_PERMILLE: u16 = 50;

/// The profiles of an entity: the last one of the bench, and of the field the one that is worst.
#[derive(Debug, Default)]
pub(super) struct Drifts(HashMap<String, Profiles>);

#[derive(Debug, Default)]
struct Profiles {
    bench: Option<Profile>,
    field: Vec<(Option<i64>, Place, Profile)>,
}

/// How many profiles of the field are kept for one entity.
const FIELD_MAX: usize = 256;

impl Detector for Drifts {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(WatchdogEvent::Profile(measured))) =
            (&event.place, event.what.as_watchdog())
        else {
            return;
        };
        if self.0.len() >= GROUPS_MAX && !self.0.contains_key(&measured.entity) {
            return;
        }
        let profiles = self.0.entry(measured.entity.clone()).or_default();
        match measured.measuring {
            Measuring::Bench => profiles.bench = Some(measured.profile),
            Measuring::Field if profiles.field.len() < FIELD_MAX => {
                profiles.field.push((event.t_us, place.clone(), measured.profile));
            }
            Measuring::Field => {}
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (entity, Profiles { bench, field }) in &self.0 {
            let parted = field.iter().filter_map(|(t_us, place, profile)| {
                let comparison = bench.as_ref()?.compare(profile)?;
                let is_apart = comparison.distance_permille >= DISTANCE_PERMILLE;
                is_apart.then_some((*t_us, place, comparison))
            });
            if let Some((t_us, place, comparison)) =
                parted.max_by_key(|(.., comparison)| comparison.distance_permille)
            {
                let distance = comparison.distance_permille;
                let mut text = format!(
                    "{entity}: {}.{} % of its intervals are elsewhere in the field than on the bench",
                    distance / 10,
                    distance % 10
                );
                if let Some((first, last)) = comparison.parts_at.and_then(Profile::bucket_us) {
                    let [first, last] = [first, last].map(|us| Duration(us.into()));
                    text.push_str(&format!(", first those of {first} to {last}"));
                }
                findings.push(finding("bench_field", t_us, place, text));
            }
            let drifting = field.iter().find(|(.., profile)| profile.is_drifting);
            if let Some((t_us, place, profile)) = drifting {
                let left = profile.margin_permille();
                let text = format!(
                    "{entity} drifts towards its limit: {}.{} % of its budget of {} are left",
                    left / 10,
                    left % 10,
                    Duration(profile.budget_us.into())
                );
                findings.push(finding("timing_drift", *t_us, place, text));
            }
        }
        findings
    }
}

fn finding(kind: &'static str, t_us: Option<i64>, place: &Place, text: String) -> Finding {
    let mut group = Group::default();
    group.take(t_us, place);
    let check = "what this entity does in the field that it does not do on the bench".to_owned();
    group.finding(kind, Severity::Warning, Said { blame: Blame::Device, text, check })
}
