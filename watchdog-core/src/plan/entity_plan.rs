//! A row of the plan: a supervised entity, with what a check-in and an evaluation must know of it.

use crate::checkpoint::Checkpoint;
use crate::mode::Mode;

/// A row of the plan: a supervised entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntityPlan {
    pub(crate) name: &'static str,
    /// The set of the modes in which it is active.
    pub(crate) modes: u32,
    /// The expected count of a reference cycle; 0 without alive supervision.
    pub(crate) expected: u32,
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
    /// The step of the instant of its last checkpoint, as a shift.
    pub(crate) stamp_shift: u8,
    /// The checkpoints of its graph.
    pub(super) members: u16,
    /// A byte a checkpoint: see [`Role`].
    pub(super) roles: [u8; 16],
}

impl EntityPlan {
    pub(super) const NOT_COUNTED: u8 = u8::MAX;
    pub(super) const NO_FLOW: u8 = u8::MAX;

    pub(super) const EMPTY: Self = Self {
        name: "",
        modes: u32::MAX,
        expected: 0,
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
        stamp_shift: 0,
        members: 0,
        roles: [Role::NOTHING; 16],
    };

    /// The graph at this place in the plan is the entity's, and these are its checkpoints.
    #[allow(clippy::cast_possible_truncation)] // At most 253 graphs.
    pub(super) const fn set_flow(&mut self, index: usize, members: u16) {
        (self.flow, self.members) = (index as u8, members);
    }

    /// Sets what is done at each checkpoint that is counted or is one of the graph.
    #[allow(clippy::indexing_slicing)] // A checkpoint is four bits.
    pub(super) const fn set_roles(&mut self) {
        let mut checkpoint = 0_u8;
        while checkpoint <= Checkpoint::MAX.as_raw() {
            let is_counted = checkpoint == self.checkpoint;
            let is_member = self.members >> checkpoint & 1 != 0;
            self.roles[(checkpoint & 0xF) as usize] = Role::new(is_counted, is_member).0;
            checkpoint += 1;
        }
    }

    /// The deadline at this place in the plan starts or stops at the checkpoint.
    #[allow(clippy::indexing_slicing)] // A checkpoint is four bits.
    pub(super) const fn touch(&mut self, checkpoint: Checkpoint, index: usize, is_stop: bool) {
        let role = &mut self.roles[(checkpoint.as_raw() & 0xF) as usize];
        *role =
            Role(*role).with(index, index.saturating_sub(self.first_deadline as usize), is_stop).0;
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

    /// What is done at a checkpoint.
    #[inline(always)]
    pub(crate) fn role(&self, checkpoint: Checkpoint) -> Role {
        // A checkpoint is four bits: the default is never taken.
        Role(
            self.roles
                .get(usize::from(checkpoint.as_raw() & 0xF))
                .copied()
                .unwrap_or(Role::NOTHING),
        )
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

/// What is done at a checkpoint of an entity: a byte of the plan, so that a check-in need not look for it.
///
/// ```text
/// bit    7   6   5   4   3   2   1   0
///      |     the place      | S | 1 |   one thing, a deadline starts or stops: its place in the plan
///      | G | C |      n     | S | 0 |   in the graph, counted; n - 1 is the deadline's place in the entity, 0 for none, 15 for several
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Role(u8);

/// The one thing that is done at a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    Nothing,
    Count,
    Step,
    /// The deadline at this place in the plan starts.
    Start(usize),
    /// The deadline at this place in the plan stops.
    Stop(usize),
    /// There is more than one.
    No,
}

/// The deadlines of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touched {
    None,
    /// The deadline at this place in the plan.
    One(usize),
    Several,
}

impl Role {
    const NOTHING: u8 = 0;
    const ONE_DEADLINE: u8 = 1;
    const STOP: u8 = 1 << 1;
    const COUNTED: u8 = 1 << 6;
    const MEMBER: u8 = 1 << 7;
    const NUMBER_SHIFT: u8 = 2;
    const SEVERAL: u8 = 15 << Self::NUMBER_SHIFT;

    const fn new(is_counted: bool, is_member: bool) -> Self {
        let counted = if is_counted { Self::COUNTED } else { 0 };
        let member = if is_member { Self::MEMBER } else { 0 };
        Self(counted | member)
    }

    /// The same, and a deadline at this place in the plan, and at that one of the entity.
    #[allow(clippy::cast_possible_truncation)] // The places are compared.
    const fn with(self, index: usize, place: usize, is_stop: bool) -> Self {
        let stop = if is_stop { Self::STOP } else { 0 };
        if self.0 == Self::NOTHING && index < 64 {
            return Self((index as u8) << Self::NUMBER_SHIFT | stop | Self::ONE_DEADLINE);
        }
        if self.0 & (Self::ONE_DEADLINE | Self::SEVERAL) == 0 && place < 14 {
            return Self(self.0 | (place as u8 + 1) << Self::NUMBER_SHIFT | stop);
        }
        let others = if self.0 & Self::ONE_DEADLINE == 0 { self.0 } else { Self::NOTHING };
        Self(others | Self::SEVERAL)
    }

    #[inline(always)]
    pub(crate) const fn is_counted(self) -> bool {
        self.0 & Self::COUNTED != 0
    }

    #[inline(always)]
    pub(crate) const fn is_member(self) -> bool {
        self.0 & Self::MEMBER != 0
    }

    /// Whether the one deadline stops.
    #[inline(always)]
    pub(crate) const fn is_stop(self) -> bool {
        self.0 & Self::STOP != 0
    }

    /// What is done, if it is one thing.
    #[inline(always)]
    pub(crate) const fn alone(self) -> Alone {
        if self.0 & Self::ONE_DEADLINE != 0 {
            let index = (self.0 >> Self::NUMBER_SHIFT) as usize;
            return if self.is_stop() { Alone::Stop(index) } else { Alone::Start(index) };
        }
        match self.0 {
            Self::NOTHING => Alone::Nothing,
            Self::COUNTED => Alone::Count,
            Self::MEMBER => Alone::Step,
            _ => Alone::No,
        }
    }

    /// The deadlines of a checkpoint at which there is more than one thing to be done.
    #[inline(always)]
    pub(crate) const fn touched(self, entity: &EntityPlan) -> Touched {
        match self.0 & Self::SEVERAL {
            0 => Touched::None,
            Self::SEVERAL => Touched::Several,
            number => {
                let place = (number >> Self::NUMBER_SHIFT) as usize;
                Touched::One((entity.first_deadline as usize + place).wrapping_sub(1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::deadline::Deadline;
    use crate::plan::*;

    const fn checkpoint(raw: u8) -> Checkpoint {
        Checkpoint::from_low_bits(raw as u32)
    }

    /// So many deadlines of the first entity, and two of the second one.
    fn plan<const D: usize>() -> Plan<2, D, 2> {
        let mut rows: Builder<2, D, 2> = Plan::builder(
            cycle_us(10_000),
            hardware(timeout_us(80_000..=100_000)),
            process_safety_time_us(u32::MAX),
            reset_to_safe_us(0),
        );
        let counted = alive(checkpoint(15), per_cycle(1), 0, 1);
        let alone = alive(checkpoint(12), per_cycle(1), 0, 1);
        rows = rows.entity("many", counted, tolerance(0)).entity("two", alone, tolerance(0));
        const ENDS: &[Checkpoint] = &[checkpoint(3), checkpoint(14), checkpoint(15)];
        rows = rows.flow("many", from(ENDS), &[], until(ENDS));
        rows = rows.flow("two", from(ENDS), &[], until(ENDS));
        let many = D.saturating_sub(2);
        for index in 0..many {
            // With few of them most checkpoints have one deadline, with many all have several.
            let (start, stop) = (index * 2 % 14, (index * 2 + 1 + index / 7) % 14);
            let (start, stop) = (checkpoint(start as u8), checkpoint(stop as u8));
            let stop = if stop == start { checkpoint(15) } else { stop };
            rows = rows.deadline("many", start, stop, 0..=100);
        }
        rows = rows.deadline("two", checkpoint(0), checkpoint(1), 0..=100);
        rows.deadline("two", checkpoint(3), checkpoint(15), 0..=100).build()
    }

    /// What a role says is what the rows say.
    fn check<const D: usize>() -> (usize, usize, usize) {
        let plan = plan::<D>();
        let (mut alone, mut one, mut several) = (0, 0, 0);
        for entity in &plan.entities {
            for raw in 0..16 {
                let at = checkpoint(raw);
                let touched: Vec<(usize, bool)> = entity
                    .deadlines()
                    .filter_map(|index| {
                        let Deadline { start, stop, .. } = *plan.deadlines.get(index)?;
                        (at == start || at == stop).then_some((index, at == stop))
                    })
                    .collect();
                let is_counted = entity.counted() == Some(at);
                let is_member = entity.members & at.bit() != 0;
                let role = entity.role(at);
                let expected = match (touched.as_slice(), is_counted, is_member) {
                    ([], false, false) => Alone::Nothing,
                    ([], true, false) => Alone::Count,
                    ([], false, true) => Alone::Step,
                    ([(index, false)], false, false) if *index < 64 => Alone::Start(*index),
                    ([(index, true)], false, false) if *index < 64 => Alone::Stop(*index),
                    _ => Alone::No,
                };
                assert_eq!(role.alone(), expected, "{} at {raw}", entity.name);
                if expected != Alone::No {
                    alone += 1;
                    continue;
                }
                assert_eq!((role.is_counted(), role.is_member()), (is_counted, is_member));
                match (role.touched(entity), touched.as_slice()) {
                    (Touched::None, []) => {}
                    (Touched::One(found), [(index, is_stop)]) => {
                        assert_eq!((found, role.is_stop()), (*index, *is_stop));
                        one += 1;
                    }
                    // The one far behind is looked for, as several are.
                    (Touched::Several, [_, ..]) => several += 1,
                    other => panic!("{} at {raw}: {other:?}", entity.name),
                }
            }
        }
        (alone, one, several)
    }

    #[test]
    fn a_role_says_what_the_rows_of_the_plan_say() {
        // Of the three kinds, so many checkpoints in both entities. With 66 the two deadlines stand at 64 and 65.
        assert_eq!(check::<2>(), (29, 2, 0));
        assert_eq!(check::<5>(), (28, 3, 0));
        assert_eq!(check::<18>(), (20, 2, 9));
        assert_eq!(check::<65>(), (15, 2, 14));
        assert_eq!(check::<66>(), (13, 4, 14));
        assert_eq!(check::<253>(), (13, 4, 15));
    }
}
