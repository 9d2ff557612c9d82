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
//! Spec: AUTOSAR Specification of Watchdog Manager R4.3.1, Logical Supervision.

use crate::checkpoint::Checkpoint;
use crate::epoch::{Epochs, epoch, word_of};
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
    /// The checkpoints that are right after each one: its successors; after a final one, the initial ones. Empty after one that is not
    /// in the graph.
    pub(crate) after: [u16; 16],
    pub(crate) initial: u16,
    pub(crate) members: u16,
    pub(crate) entity: u8,
}

impl Flow {
    #[inline(always)]
    fn after(&self, checkpoint: Checkpoint) -> u32 {
        // A checkpoint is 4 bits: the default is never taken.
        self.after.get(usize::from(checkpoint.as_raw() & 0xF)).copied().unwrap_or(0).into()
    }
}

/// Where an entity stands in its graph: 8 bytes, written by the handle alone.
///
/// ```text
/// bit 31         20 19     16 15             0
///     |   epoch    |  wrong  |     right      |
/// ```
///
/// `right` is the set of the checkpoints that are right next; after a fault it is empty, and `wrong` the checkpoint that was out of
/// order.
#[derive(Debug)]
pub(crate) struct FlowCell {
    /// When the wrong checkpoint was reached.
    stamp: Word,
    state: Word,
}

const RIGHT_BITS: u32 = 0xFFFF;
const WRONG_SHIFT: u32 = 16;

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

    /// The graph is inactive. This is done before the handle exists.
    pub(crate) fn begin(&self, flow: &Flow, now_epoch: u32) {
        self.state.publish(word_of(now_epoch, flow.initial.into()));
    }

    /// Whether this checkpoint is right in this epoch.
    #[inline(always)]
    pub(crate) fn is_right(&self, checkpoint: Checkpoint, now_epoch: u32) -> bool {
        let state = self.state.own();
        state >> (checkpoint.as_raw() & 0xF) & 1 != 0 && epoch(state) == now_epoch
    }

    /// A checkpoint that is right is reached.
    #[inline(always)]
    pub(crate) fn go_on(&self, flow: &Flow, checkpoint: Checkpoint, now_epoch: u32) {
        self.state.publish(word_of(now_epoch, flow.after(checkpoint)));
    }

    /// A checkpoint of the graph is reached. The first one after void epochs may go on from where the entity stood, or begin anew;
    /// after a fault in them nobody knows where it stood, and any is right.
    pub(crate) fn reach(&self, flow: &Flow, checkpoint: Checkpoint, epochs: Epochs, stamp: u32) {
        let state = self.state.own();
        let stood = state & RIGHT_BITS;
        let right = match (epochs.contain(state), stood) {
            (true, 0) => return,
            (true, _) => stood,
            (false, 0) => flow.members.into(),
            (false, _) => stood | u32::from(flow.initial),
        };
        if right & u32::from(checkpoint.bit()) == 0 {
            self.stamp.note(stamp);
            let wrong = u32::from(checkpoint.as_raw()) << WRONG_SHIFT;
            self.state.publish(word_of(epochs.now, wrong));
        } else {
            self.go_on(flow, checkpoint, epochs.now);
        }
    }

    /// Whether the order was right, in whichever epoch; for the supervisor.
    #[inline(always)]
    pub(crate) fn is_clean(&self) -> bool {
        self.state.glance() & RIGHT_BITS != 0
    }

    /// The wrong checkpoint, and the stamp of when it was reached; for the supervisor.
    pub(crate) fn fault(&self, epochs: Epochs) -> Option<(Checkpoint, u32)> {
        let state = self.state.read();
        if state & RIGHT_BITS != 0 || !epochs.contain(state) {
            return None;
        }
        Some((Checkpoint::from_low_bits(state >> WRONG_SHIFT), self.stamp.glance()))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::epoch::EPOCH_STEP;

    const NOW: u32 = 5 * EPOCH_STEP;
    const BEFORE: u32 = NOW - EPOCH_STEP;
    /// From 0 to 1 or 2, from 1 to 2, from 2, which is final, to 0 again. 3 is right nowhere.
    const FLOW: Flow = Flow {
        after: [0b0110, 0b0100, 0b0001, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        initial: 0b0001,
        members: 0b1111,
        entity: 0,
    };

    fn checkpoint(raw: u32) -> Checkpoint {
        Checkpoint::from_low_bits(raw)
    }

    /// A state word: the set of checkpoints that are right next, or the checkpoint that was wrong.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum State {
        Right(u16),
        Wrong(u32),
    }

    impl State {
        fn word(self) -> u32 {
            match self {
                Self::Right(set) => set.into(),
                Self::Wrong(checkpoint) => checkpoint << 16,
            }
        }
    }

    const STATES: [State; 5] = [
        State::Right(0b0001),
        State::Right(0b0110),
        State::Right(0b0100),
        State::Wrong(3),
        State::Wrong(0),
    ];

    #[test]
    fn each_state_follows_from_the_one_before() {
        for (epoch, since) in [(NOW, NOW), (BEFORE, NOW), (BEFORE, BEFORE)] {
            let epochs = Epochs::new(since, NOW);
            let counts = epoch >= since;
            for state in STATES {
                for raw in 0..4 {
                    let cell = FlowCell::new();
                    cell.stamp.note(100);
                    cell.state.note(epoch | state.word());
                    let is_right = match state {
                        State::Right(set) => {
                            (set | if counts { 0 } else { FLOW.initial }) >> raw & 1 != 0
                        }
                        State::Wrong(_) => !counts,
                    };
                    let at_once = match state {
                        State::Right(set) => epoch == NOW && set >> raw & 1 != 0,
                        State::Wrong(_) => false,
                    };
                    assert_eq!(cell.is_right(checkpoint(raw), NOW), at_once);
                    assert!(is_right || !at_once);
                    cell.reach(&FLOW, checkpoint(raw), epochs, 300);
                    let after = NOW | u32::from(FLOW.after[raw as usize]);
                    let expected = match state {
                        _ if is_right => [100, after],
                        State::Wrong(_) => [100, epoch | state.word()],
                        State::Right(_) => [300, NOW | raw << 16],
                    };
                    let found = cell.words().map(Word::own);
                    assert_eq!(found, expected, "{state:?}, {raw}, {epoch:x}, {since:x}");
                }
            }
        }
    }

    #[test]
    fn what_was_wrong_is_a_fault_of_an_epoch_that_counts() {
        for state in STATES {
            for (epoch, since) in [(NOW, NOW), (BEFORE, NOW), (BEFORE, BEFORE)] {
                let cell = FlowCell::new();
                cell.stamp.note(100);
                cell.state.note(epoch | state.word());
                let expected = match state {
                    State::Right(_) => None,
                    State::Wrong(raw) => Some((checkpoint(raw), 100)),
                };
                assert_eq!(cell.is_clean(), expected.is_none());
                let expected = expected.filter(|_| epoch >= since);
                assert_eq!(cell.fault(Epochs::new(since, NOW)), expected);
            }
        }
    }

    #[test]
    fn a_graph_begins_inactive() {
        let cell = FlowCell::new();
        cell.begin(&FLOW, NOW);
        assert_eq!(cell.words().map(Word::own), [0, NOW | 0b0001]);
        cell.go_on(&FLOW, checkpoint(0), NOW);
        assert_eq!(cell.words().map(Word::own), [0, NOW | 0b0110]);
    }
}
