#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

#[macro_use]
mod const_unless_loom;

mod alive;
pub mod boot;
mod causes;
mod cells;
mod checkpoint;
mod compact;
mod crc;
mod culprit;
mod deadline;
mod decode_error;
mod entity;
mod entity_id;
mod epoch;
#[cfg(feature = "gpio")]
pub mod gpio;
mod halves;
mod hardware;
mod hash;
mod inherited;
#[cfg(all(loom, test))]
mod interleavings;
mod kept;
mod last_checkpoint;
mod level;
mod logical;
mod mode;
mod permit;
pub mod plan;
pub mod profile;
pub mod question;
mod retained;
mod section;
#[cfg(feature = "spi")]
pub mod spi;
mod stamp;
mod status;
mod supervisor;
mod window;
mod word;

pub use boot::BootGuard;
pub use causes::ResetCauses;
pub use cells::Cells;
pub use checkpoint::Checkpoint;
pub use compact::{Compact, Words};
pub use culprit::{Brief, Cause, Culprit, Kind};
pub use deadline::DeadlineFault;
pub use entity::{Entity, Span};
pub use entity_id::EntityId;
pub use hardware::Hardware;
pub use hash::file_hash;
pub use inherited::{Guarded, Inherited, Update};
pub use last_checkpoint::LastCheckpoint;
pub use level::Level;
pub use mode::Mode;
pub use permit::Permit;
pub use plan::Plan;
pub use retained::Retained;
pub use section::{Owner, Section, SectionId, Sections};
pub use stamp::UPTIME_GRAIN_US;
pub use status::{GlobalStatus, Health, LocalStatus};
pub use supervisor::{
    AnyOutcome, AnySupervisor, Armed, Arming, Cold, LeaveError, Outcome, Refused, Stopped,
    Supervisor, SwitchError,
};
pub use window::{
    Both, BothError, Dog, FeedError, PollError, Round, Start, StartError, State, Watchdog,
};
