//! The state lane: the journal of a controller with `safe-state`, from its log or byte for byte.

pub(crate) mod counts;
pub(crate) mod detectors;
pub(crate) mod dump;
pub(crate) mod event;
mod journal;
pub(crate) mod log;
mod names;
pub(crate) mod one;
mod words;
