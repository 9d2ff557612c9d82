//! The names of a plan, as the log gives them.

/// The names of one plan's entities and sections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// The fingerprint of the plan: the names of one plan are not those of another.
    pub(crate) fingerprint: Option<u32>,
    pub(crate) entities: Vec<(u8, String)>,
    pub(crate) sections: Vec<(u8, String)>,
}

impl Names {
    /// The name of an entity, or its number.
    pub(crate) fn entity(&self, index: usize) -> String {
        name(&self.entities, index).unwrap_or_else(|| format!("entity {index}"))
    }

    /// The name of a section, or its number.
    pub(crate) fn section(&self, index: usize) -> String {
        name(&self.sections, index).unwrap_or_else(|| format!("section {index}"))
    }
}

fn name(names: &[(u8, String)], index: usize) -> Option<String> {
    let found = names.iter().find(|(number, _)| usize::from(*number) == index);
    found.map(|(_, name)| name.clone())
}
