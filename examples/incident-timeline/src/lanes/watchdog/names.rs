//! The names of a plan, as the log gives them.

use crate::numbered::Numbered;

/// The names of one plan's entities and sections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// The fingerprint of the plan: the names of one plan are not those of another.
    pub(crate) fingerprint: Option<u32>,
    pub(crate) entities: Numbered,
    pub(crate) sections: Numbered,
}

impl Names {
    /// The name of an entity, or its number.
    pub(crate) fn entity(&self, index: usize) -> String {
        self.entities.name(index, "entity")
    }

    /// The name of a section, or its number.
    pub(crate) fn section(&self, index: usize) -> String {
        self.sections.name(index, "section")
    }
}
