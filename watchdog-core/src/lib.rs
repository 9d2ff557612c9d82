#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

#[macro_use]
mod const_unless_loom;

mod alive;
mod cells;
mod checkpoint;
mod culprit;
mod deadline;
mod entity;
mod entity_id;
mod epoch;
#[cfg(feature = "gpio")]
pub mod gpio;
mod hardware;
#[cfg(all(loom, test))]
mod interleavings;
mod logical;
mod mode;
mod permit;
pub mod plan;
mod stamp;
mod status;
mod supervisor;
mod window;
mod word;

pub use cells::Cells;
pub use checkpoint::Checkpoint;
pub use culprit::{Cause, Culprit};
pub use deadline::DeadlineFault;
pub use entity::{Entity, Span};
pub use entity_id::EntityId;
pub use hardware::Hardware;
pub use mode::Mode;
pub use permit::Permit;
pub use plan::Plan;
pub use status::{GlobalStatus, Health, LocalStatus};
pub use supervisor::{
    AnyOutcome, AnySupervisor, Armed, Arming, Cold, LeaveError, Outcome, Refused, Stopped,
    Supervisor, SwitchError,
};
pub use window::{Both, BothError, Dog, FeedError, Start, StartError, State, Watchdog};
