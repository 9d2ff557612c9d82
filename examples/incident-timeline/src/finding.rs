//! Findings: the meaning of the events, the most important first, each with its evidence.

use std::rc::Rc;

use crate::event::Event;
use crate::place::{Address, Place};
use crate::severity::Severity;

/// A conclusion from events, and where to look.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Its name for programs.
    pub(crate) kind: &'static str,
    pub(crate) severity: Severity,
    pub(crate) blame: Blame,
    /// How often the fault happened.
    pub(crate) count: u64,
    /// When the fault happened first.
    pub(crate) t_us: Option<i64>,
    /// When the fault happened last.
    pub(crate) last_us: Option<i64>,
    pub(crate) state: State,
    pub(crate) text: String,
    /// The thing that a person checks first.
    pub(crate) check: String,
    pub(crate) evidence: Vec<Place>,
    /// The subject of the finding, where one finding can follow from another.
    pub(crate) subject: Option<Subject>,
}

/// The thing that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Subject {
    /// Of a line.
    pub(crate) source: Option<Rc<str>>,
    /// Of a server; nothing on a line.
    pub(crate) address: Option<Address>,
    /// Nothing where it is about all that is there.
    pub(crate) unit: Option<u8>,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Blame {
    /// The device, or the firmware in it.
    Device,
    /// The network between: what was lost, refused or reset on the way.
    Network,
    /// The recording, which does not hold what was there.
    Recording,
    /// The client, which asked.
    Client,
    /// The wires of a serial line, and their settings.
    Line,
    Unknown,
}

/// The state of the fault after it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The fault happened once, and nothing shows that it is over.
    Since,
    /// The fault happened again and again, and nothing shows that it is over.
    Still,
    /// The same thing went well after the last fault.
    Recovered,
}

impl Blame {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Network => "network",
            Self::Recording => "recording",
            Self::Client => "client",
            Self::Line => "line",
            Self::Unknown => "unknown",
        }
    }
}

impl State {
    /// What became of something that was so often, and well again afterwards or not.
    pub(crate) fn of(count: u64, is_well: bool) -> Self {
        match count {
            _ if is_well => Self::Recovered,
            0 | 1 => Self::Since,
            _ => Self::Still,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Since => "since",
            Self::Still => "still",
            Self::Recovered => "recovered",
        }
    }
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
pub(crate) struct Findings(Vec<LaneDetectors>);

/// The detectors of a lane.
pub(crate) struct LaneDetectors {
    pub(crate) detectors: Vec<Box<dyn Detector>>,
    /// Leaves out what follows from other findings.
    pub(crate) explain: fn(Vec<Finding>) -> Vec<Finding>,
}

impl Findings {
    pub(crate) fn new(lanes: Vec<LaneDetectors>) -> Self {
        Self(lanes)
    }

    pub(crate) fn take(&mut self, event: &Event) {
        for detector in self.0.iter_mut().flat_map(|lane| &mut lane.detectors) {
            detector.take(event);
        }
    }

    /// All findings, the most important first, then the earliest. The first thing that deviated can be named if all times are
    /// of one clock.
    pub(crate) fn finish(&self, has_one_clock: bool) -> Vec<Finding> {
        let of_lane = |lane: &LaneDetectors| {
            let found = lane.detectors.iter().flat_map(|detector| detector.findings()).collect();
            (lane.explain)(found)
        };
        let mut findings: Vec<Finding> = self.0.iter().flat_map(of_lane).collect();
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
