//! Names by their numbers.

/// Names by their numbers, as a log gives them one by one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbered(Vec<(u8, String)>);

impl Numbered {
    /// The number has this name from now on.
    pub(crate) fn set(&mut self, number: u8, name: &str) {
        self.0.retain(|(other, _)| *other != number);
        self.0.push((number, name.to_owned()));
    }

    /// The name of a number, or the noun with the number.
    pub(crate) fn name(&self, number: usize, noun: &str) -> String {
        let found = self.0.iter().find(|(other, _)| usize::from(*other) == number);
        found.map_or_else(|| format!("{noun} {number}"), |(_, name)| name.clone())
    }
}
