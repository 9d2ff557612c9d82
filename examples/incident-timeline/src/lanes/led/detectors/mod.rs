//! The detectors of the lane.

mod codes;
mod levels;

use crate::finding::Detector;

/// All of them.
pub(crate) fn detectors() -> Vec<Box<dyn Detector>> {
    vec![
        Box::new(codes::Codes::default()),
        Box::new(levels::Levels::default()),
        Box::new(levels::Unreads::default()),
    ]
}
