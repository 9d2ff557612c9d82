//! The watchdog lane: boot records and timing profiles of a firmware with `watchdog-core`, from its log.

pub(crate) mod counts;
pub(crate) mod detectors;
pub(crate) mod event;
pub(crate) mod log;
mod names;
pub(crate) mod one;
mod words;
