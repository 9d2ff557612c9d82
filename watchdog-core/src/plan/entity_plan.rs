//! A row of the plan: a supervised entity, with what a check-in and an evaluation must know of it.

use crate::checkpoint::Checkpoint;
use crate::mode::Mode;

/// A row of the plan: a supervised entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntityPlan {
    pub(crate) name: &'static str,
    /// The set of the modes in which it is active.
    pub(crate) modes: u32,
    pub(crate) count_min: u32,
    pub(crate) count_max: u32,
    pub(crate) cycles: u8,
    pub(crate) tolerance: u8,
    /// The checkpoint that is counted, or [`NOT_COUNTED`](Self::NOT_COUNTED).
    pub(crate) checkpoint: u8,
    pub(crate) index: u8,
    pub(crate) first_deadline: u8,
    pub(crate) deadline_count: u8,
    /// The place of its graph, or [`NO_FLOW`](Self::NO_FLOW).
    pub(crate) flow: u8,
    pub(crate) is_advisory: bool,
    /// The checkpoints of its graph.
    pub(crate) members: u16,
    /// A byte a checkpoint: see [`Touched`].
    pub(crate) touched: [u8; 16],
}

impl EntityPlan {
    pub(super) const NOT_COUNTED: u8 = u8::MAX;
    pub(super) const NO_FLOW: u8 = u8::MAX;

    pub(super) const EMPTY: Self = Self {
        name: "",
        modes: u32::MAX,
        count_min: 0,
        count_max: 0,
        cycles: 1,
        tolerance: 0,
        checkpoint: Self::NOT_COUNTED,
        index: 0,
        first_deadline: 0,
        deadline_count: 0,
        flow: Self::NO_FLOW,
        is_advisory: false,
        members: 0,
        touched: [Touched::NONE; 16],
    };

    /// The deadline at this place in the plan starts or stops at the checkpoint.
    #[allow(clippy::cast_possible_truncation)] // At most 253 deadlines.
    #[allow(clippy::indexing_slicing)] // A checkpoint is four bits.
    pub(super) const fn touch(&mut self, checkpoint: Checkpoint, index: usize) {
        let byte = &mut self.touched[(checkpoint.as_raw() & 0xF) as usize];
        *byte = if *byte == Touched::NONE { index as u8 } else { Touched::SEVERAL };
    }

    /// Whether the entity is supervised in this mode.
    pub(crate) const fn is_active(&self, mode: Mode) -> bool {
        self.modes & mode.bit() != 0
    }

    /// Whether a count of one reference cycle is correct. Without a checkpoint that is counted every count is.
    #[inline(always)]
    pub(crate) const fn is_correct(&self, count: u32) -> bool {
        self.count_min <= count && count <= self.count_max
    }

    /// Which of the entity's deadlines start or stop at a checkpoint.
    #[inline(always)]
    pub(crate) fn touched(&self, checkpoint: Checkpoint) -> Touched {
        // A checkpoint is four bits: the default is never taken.
        match self.touched.get(usize::from(checkpoint.as_raw() & 0xF)).copied() {
            None | Some(Touched::NONE) => Touched::None,
            Some(Touched::SEVERAL) => Touched::Several,
            Some(index) => Touched::One(usize::from(index)),
        }
    }

    /// Whether a checkpoint is in the entity's graph.
    #[inline(always)]
    pub(crate) const fn has_in_graph(&self, checkpoint: Checkpoint) -> bool {
        self.members & checkpoint.bit() != 0
    }

    /// The checkpoint that is counted.
    pub(crate) const fn counted(&self) -> Option<Checkpoint> {
        Checkpoint::new(self.checkpoint)
    }

    /// The places of the entity's deadlines in the plan.
    pub(crate) const fn deadlines(&self) -> core::ops::Range<usize> {
        let first = self.first_deadline as usize;
        first..first + self.deadline_count as usize
    }

    /// The place of the entity's graph in the plan; past the last one without a graph.
    pub(crate) const fn flow(&self) -> usize {
        self.flow as usize
    }
}

/// Which of an entity's deadlines start or stop at a checkpoint: a byte of the plan.
pub(crate) enum Touched {
    None,
    /// The one at this place in the plan.
    One(usize),
    Several,
}

impl Touched {
    const NONE: u8 = 0xFF;
    pub(super) const SEVERAL: u8 = 0xFE;
}
