//! How much of a light the codes of a table or a dialect explain.

/// The steps of the codes that were read, and those that were seen before the first of them and with the last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Score {
    pub(super) steps: u64,
    from: u64,
    until: u64,
}

impl Score {
    /// A code of so many steps, with which so many were seen.
    pub(super) fn add(&mut self, steps: usize, seen: u64) {
        if self.steps == 0 {
            self.from = seen.saturating_sub(steps as u64);
        }
        (self.steps, self.until) = (self.steps + steps as u64, seen);
    }

    /// How many of the steps from the first code to the last one are part of a code, in percent.
    fn covers_percent(self) -> u64 {
        self.steps * 100 / self.until.saturating_sub(self.from).max(1)
    }

    /// Tells whether a score is among the best of a list: it has at least half of the most steps, and covers nearly as much as the best
    /// of those that have.
    pub(super) fn best(all: &[Self]) -> impl Fn(Self) -> bool + use<> {
        let most = all.iter().map(|score| score.steps).max().unwrap_or(0);
        let is_often = move |score: &Self| score.steps > 0 && score.steps >= most / 2;
        let covered = all.iter().copied().filter(is_often).map(Self::covers_percent).max();
        let covered = covered.unwrap_or(0);
        move |score| is_often(&score) && score.covers_percent() * 10 >= covered * 9
    }
}
