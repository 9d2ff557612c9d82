//! The detectors of the lane.

mod answers;
mod conflicts;
mod crc_errors;
mod latency;
#[cfg(test)]
mod made;
mod noise;
mod off_spec;
mod retries;
mod unanswered;

use crate::finding::Detector;

/// All of them.
pub(crate) fn detectors() -> Vec<Box<dyn Detector>> {
    let mut detectors: Vec<Box<dyn Detector>> = vec![
        Box::new(unanswered::Unanswered::default()),
        Box::new(answers::Exceptions::default()),
        Box::new(answers::Links::default()),
        Box::new(conflicts::WriteConflicts::default()),
        Box::new(noise::Waste::default()),
        Box::new(noise::WrongBaud::default()),
        Box::new(crc_errors::CrcErrors::default()),
        Box::new(off_spec::OffSpec::default()),
        Box::new(latency::Latencies::default()),
        Box::new(retries::Retries::default()),
    ];
    detectors.extend(answers::Answers::all());
    detectors
}
