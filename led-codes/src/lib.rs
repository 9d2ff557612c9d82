#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(feature = "async")]
pub mod asynch;
pub mod auto;
#[cfg(feature = "hal")]
pub mod blocking;
pub mod board;
mod code;
pub mod decoder;
pub mod dialect;
pub mod digit_decoder;
#[cfg(feature = "hal")]
mod driver;
mod edges;
mod entry;
mod flash;
mod grammar;
#[cfg(all(loom, test))]
mod interleavings;
pub mod legend;
mod level;
#[cfg(feature = "hal")]
pub mod light;
mod mark;
mod marking;
pub mod notation;
pub mod pattern;
mod player;
mod report;
pub mod samples;
pub mod sequence;
pub mod signal;
pub mod standard;
mod step;
mod track;
mod vocabulary;
mod watch;

pub use auto::Auto;
pub use board::Board;
pub use code::{Code, Digits, code, count, digits, word};
pub use decoder::Decoder;
pub use dialect::Dialect;
pub use digit_decoder::DigitDecoder;
#[cfg(feature = "hal")]
pub use driver::{Driver, StartError};
pub use entry::{Dark, Entry, Healthy, Id, Severity, Solid, dark, entry, healthy, solid};
pub use flash::{Flash, Flashes};
pub use legend::Legend;
pub use level::Level;
pub use mark::{Mark, Marks};
pub use pattern::Pattern;
pub use player::{Player, Showing, Source, Stopped};
pub use report::{Collector, ReportCell, Reporter};
pub use sequence::Sequence;
pub use signal::Signal;
pub use step::Step;
