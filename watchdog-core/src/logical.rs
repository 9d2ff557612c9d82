//! Logical supervision: in which order the checkpoints of an entity may come.
//!
//! ```text
//!              an initial checkpoint
//!  Inactive --------------------------> Active(at) --+  a successor of `at`
//!     |   <-----------------------------   |    <----+
//!     |         a final checkpoint         |
//!     +---- any other of the graph --------+----> Fault, until the next epoch
//! ```
//!
//! A checkpoint that is not in the graph is ignored. A graph belongs to one entity, and so has one writer.
//!
//! Spec: AUTOSAR Specification of Watchdog Manager R4.3.1, 7.1.4 (Logical Supervision).

use crate::checkpoint::Checkpoint;
use crate::epoch::epoch;
use crate::word::Word;

/// The checkpoints at which a graph may begin; see [`from`].
#[derive(Clone, Copy, Debug)]
pub struct Initial(pub(crate) &'static [Checkpoint]);

/// The checkpoints at which a graph is left; see [`until`].
#[derive(Clone, Copy, Debug)]
pub struct Final(pub(crate) &'static [Checkpoint]);

/// A graph begins at one of these checkpoints.
#[must_use]
pub const fn from(checkpoints: &'static [Checkpoint]) -> Initial {
    Initial(checkpoints)
}

/// A graph ends at one of these checkpoints; a loop has none.
#[must_use]
pub const fn until(checkpoints: &'static [Checkpoint]) -> Final {
    Final(checkpoints)
}

/// A row of the plan: the graph of one entity, as sets of checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) successors: [u16; 16],
    pub(crate) initial: u16,
    pub(crate) last: u16,
    pub(crate) members: u16,
    pub(crate) entity: u8,
}

impl Flow {
    /// The checkpoints that are right after this one.
    #[inline(always)]
    fn after(&self, checkpoint: u32) -> u16 {
        // A checkpoint is 4 bits: the default is never taken.
        self.successors.get((checkpoint & CHECKPOINT_BITS) as usize).copied().unwrap_or(0)
    }

    /// Where an entity stands that has reached this checkpoint.
    #[inline(always)]
    fn state_at(&self, checkpoint: Checkpoint) -> u32 {
        let is_final = self.last & checkpoint.bit() != 0;
        if is_final { 0 } else { ACTIVE | u32::from(checkpoint.as_raw()) }
    }
}

/// Where an entity stands in its graph: 8 bytes, written by the handle alone.
///
/// The state word has the epoch, then [`ACTIVE`] or [`FAULT`], then a checkpoint: the last one, or the one that was wrong.
#[derive(Debug)]
pub(crate) struct FlowCell {
    /// When the wrong checkpoint was reached.
    stamp: Word,
    state: Word,
}

const CHECKPOINT_BITS: u32 = 0xF;
const ACTIVE: u32 = 0x10;
const FAULT: u32 = 0x20;

impl FlowCell {
    /// For the enumeration of all states.
    #[cfg(all(test, not(loom)))]
    pub(crate) const fn words(&self) -> [&Word; 2] {
        [&self.stamp, &self.state]
    }

    const_unless_loom! {
        pub(crate) fn new() -> Self {
            Self { stamp: Word::new(0), state: Word::new(0) }
        }
    }

    /// A checkpoint of the graph is reached. The first one of an epoch may go on from where the entity stood, or begin anew; after a
    /// fault of another epoch nobody knows where it stood, and any is right.
    #[inline(always)]
    pub(crate) fn reach(&self, flow: &Flow, checkpoint: Checkpoint, now_epoch: u32, stamp: u32) {
        let state = self.state.own();
        let right = if state & ACTIVE == 0 { flow.initial } else { flow.after(state) };
        if epoch(state) == now_epoch && state & FAULT == 0 && right & checkpoint.bit() != 0 {
            self.state.publish(now_epoch | flow.state_at(checkpoint));
        } else {
            self.reach_otherwise(flow, checkpoint, right, now_epoch, stamp);
        }
    }

    #[cold]
    #[inline(never)]
    fn reach_otherwise(
        &self,
        flow: &Flow,
        checkpoint: Checkpoint,
        mut right: u16,
        now_epoch: u32,
        stamp: u32,
    ) {
        let state = self.state.own();
        if epoch(state) != now_epoch {
            right |= if state & FAULT == 0 { flow.initial } else { flow.members };
        } else if state & FAULT != 0 {
            return;
        }
        if right & checkpoint.bit() == 0 {
            self.stamp.note(stamp);
            self.state.publish(now_epoch | FAULT | u32::from(checkpoint.as_raw()));
        } else {
            self.state.publish(now_epoch | flow.state_at(checkpoint));
        }
    }

    /// Whether the order was wrong in this epoch; for the supervisor.
    #[inline(always)]
    pub(crate) fn is_at_fault(&self, now_epoch: u32) -> bool {
        let state = self.state.read();
        state & FAULT != 0 && epoch(state) == now_epoch
    }

    /// The wrong checkpoint of this epoch, and the stamp of when it was reached; for the supervisor.
    pub(crate) fn fault(&self, now_epoch: u32) -> Option<(Checkpoint, u32)> {
        let state = self.state.read();
        if state & FAULT == 0 || epoch(state) != now_epoch {
            return None;
        }
        Some((Checkpoint::from_low_bits(state), self.stamp.glance()))
    }
}
