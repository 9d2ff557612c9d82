//! The detectors of the lane.

mod boots;
mod drift;

use crate::finding::Detector;

/// All of them.
pub(crate) fn detectors() -> Vec<Box<dyn Detector>> {
    vec![
        Box::new(boots::Resets::default()),
        Box::new(boots::TornSections::default()),
        Box::new(boots::Levels::default()),
        Box::new(boots::Lost::default()),
        Box::new(drift::Drifts::default()),
    ]
}
