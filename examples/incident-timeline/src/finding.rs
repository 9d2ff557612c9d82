//! Findings: the meaning of the events, the most important first, each with its evidence.

use crate::event::Event;
use crate::place::Place;
use crate::severity::Severity;

/// A conclusion from events, and where to look.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Its name for programs.
    pub(crate) kind: &'static str,
    pub(crate) severity: Severity,
    /// When it was first so.
    pub(crate) t_us: Option<i64>,
    pub(crate) text: String,
    pub(crate) evidence: Vec<Place>,
}

/// A rule that looks for one kind of finding. Its tables have limits, so that memory does not grow with the evidence.
pub(crate) trait Detector {
    /// Takes the events in, in the order of the timeline.
    fn take(&mut self, event: &Event);

    /// Says what was found so far.
    fn findings(&self) -> Vec<Finding>;
}

/// How many places one finding names.
pub(crate) const EVIDENCE_MAX: usize = 16;

/// All detectors.
pub(crate) struct Findings(Vec<Box<dyn Detector>>);

impl Findings {
    pub(crate) fn new(detectors: Vec<Box<dyn Detector>>) -> Self {
        Self(detectors)
    }

    pub(crate) fn take(&mut self, event: &Event) {
        for detector in &mut self.0 {
            detector.take(event);
        }
    }

    /// All findings, the most important first, then the earliest. The first thing that deviated can be named if all times are
    /// of one clock.
    pub(crate) fn finish(&self, has_one_clock: bool) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            self.0.iter().flat_map(|detector| detector.findings()).collect();
        findings.sort_by(|a, b| {
            (a.severity, a.t_us, a.kind, &a.text).cmp(&(b.severity, b.t_us, b.kind, &b.text))
        });
        let first = findings.iter_mut().filter(|finding| has_one_clock && finding.t_us.is_some());
        if let Some(first) = first.min_by_key(|finding| finding.t_us) {
            first.text.push_str(" (the first thing that deviated)");
        }
        findings
    }
}
