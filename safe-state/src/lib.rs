#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

mod acknowledge;
mod actuator;
pub mod blocks;
pub mod channel;
mod command;
mod crc;
pub mod fault;
pub mod freshness;
#[cfg(feature = "hal")]
pub mod hal;
#[cfg(all(loom, test))]
mod interleavings;
pub mod journal;
mod lease;
mod loss;
pub mod machine;
mod outputs;
pub mod passivation;
mod published;
pub mod recovery;
mod refusal;
mod restored;
mod safe_now;
mod sample;
mod sequence;
mod staged;
mod stop;

pub use acknowledge::{Acknowledged, Button, Edge, NotAcknowledged};
pub use actuator::{Actuator, ReadBack};
pub use channel::{AnyChannel, Channel, Config, Ticked};
pub use command::{Command, Duty, Gradual, Switch};
pub use fault::{Cleared, FaultSet, Reporter};
pub use freshness::{Coherent, Fresh, Source, Stale, Substitute, Tick, cycle};
pub use lease::{Lease, Span, lease_us, over_us};
pub use loss::OnLoss;
pub use machine::{AnyMachine, Machine};
pub use outputs::{Outputs, Progress, Seen};
pub use published::{Published, Quality};
pub use refusal::Missing;
pub use restored::Restored;
pub use safe_now::SafeNow;
pub use sample::{Sample, Value};
pub use sequence::{Group, MemberFailed, Members, Sequence, Step};
pub use staged::{AsyncActuator, AsyncDrive, CutOffError, Staged, WithCutOff};
pub use stop::{SafeStop1, SafeStop2, StopCategory};
