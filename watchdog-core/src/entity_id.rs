//! Which supervised entity: its place in the plan.

/// A supervised entity by its place in the plan, from 0. [`Plan::name`](crate::plan::Plan::name) gives its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EntityId(u8);

impl EntityId {
    /// The entity at this place.
    #[must_use]
    pub const fn new(index: u8) -> Self {
        Self(index)
    }

    /// Its place, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
