//! Edges to steps: a level that has ended, and how long it lasted.
//!
//! ```text
//!  join   edge       edge  edge                       poll
//!   |______|‾‾‾‾‾‾‾‾‾‾|_____|‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾|‾‾‾
//!   no step   a step  a step        for too long: steady
//! ```

use crate::level::Level;
use crate::watch::{Pulse, Watch};

/// The level that is seen, and since when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edges {
    since_us: u64,
    level: Option<Level>,
    /// The level was there when the watcher came.
    is_joined: bool,
    /// The caller knows that the level is steady.
    is_steady: bool,
}

/// The meaning of an edge for the level before it.
pub(crate) enum Ended {
    /// There was no edge, the watcher did not see when the level began, or it was known to be steady.
    Nothing,
    /// The level was steady, and the caller does not know it yet.
    Steady(Level),
    /// A step.
    Step(Pulse),
}

impl Edges {
    /// Nothing was seen.
    pub(crate) const NONE: Self =
        Self { since_us: 0, level: None, is_joined: false, is_steady: false };

    /// The light shows this level when the watcher comes.
    pub(crate) const fn joined(level: Level, now_us: u64) -> Self {
        Self { since_us: now_us, level: Some(level), is_joined: true, is_steady: false }
    }

    pub(crate) const fn level(&self) -> Option<Level> {
        self.level
    }

    /// The light changes to this level at this instant. The level before is steady if it lasted for longer than this.
    pub(crate) fn edge(
        &mut self,
        level: Level,
        at_us: u64,
        watch: Watch,
        steady_after_ms: u32,
    ) -> Ended {
        let Some(before) = self.level else {
            (self.level, self.since_us) = (Some(level), at_us);
            return Ended::Nothing;
        };
        if watch.is_alike(before, level) {
            return Ended::Nothing;
        }
        let us = at_us.saturating_sub(self.since_us);
        let (is_joined, is_steady) = (self.is_joined, self.is_steady);
        *self = Self {
            since_us: self.since_us.max(at_us),
            level: Some(level),
            is_joined: false,
            is_steady: false,
        };
        // The caller forgot all steps when it was told that the level is steady.
        if is_steady {
            Ended::Nothing
        } else if us > in_us(steady_after_ms) {
            Ended::Steady(before)
        } else if is_joined {
            Ended::Nothing
        } else {
            // A step is shorter than two minutes.
            Ended::Step(Pulse { level: before, ms: us as u32 / 1_000 })
        }
    }

    /// The level, if it is steady by now. It says so once.
    pub(crate) fn poll(&mut self, now_us: u64, steady_after_ms: u32) -> Option<Level> {
        let level = self.level.filter(|_| !self.is_steady)?;
        if now_us.saturating_sub(self.since_us) <= in_us(steady_after_ms) {
            return None;
        }
        self.is_steady = true;
        Some(level)
    }

    /// When the level will be steady, if it is not said yet.
    pub(crate) fn deadline_us(&self, steady_after_ms: u32) -> Option<u64> {
        self.level.filter(|_| !self.is_steady)?;
        Some(self.since_us.saturating_add(in_us(steady_after_ms)).saturating_add(1))
    }
}

fn in_us(ms: u32) -> u64 {
    u64::from(ms).wrapping_mul(1_000)
}
