//! The fingerprint of a plan: a hash of everything in it. Each index is below the length of its array.
#![allow(clippy::indexing_slicing)]

use super::{EntityPlan, Plan};
use crate::deadline::Deadline;
use crate::hardware::Hardware;
use crate::hash::Hash;
use crate::logical::Flow;
use crate::mode::{Budget, Kind, ModePlan};

impl<const N: usize, const D: usize, const F: usize> Plan<N, D, F> {
    pub(super) const fn hash(&self) -> Hash {
        let mut hash = Hash::NEW.word(self.cycle_us).word(self.late_max_us);
        hash = hash.word(self.process_safety_time_us).word(self.reset_to_safe_us);
        hash = self.start_up.hash(self.hardware.hash(hash)).word(self.grace as u32);
        if let Some(second) = self.second_hardware {
            hash = second.hash(hash);
        }
        hash = hash.word(self.boot_window).word(self.good_after_us);
        let mut index = 0_usize;
        while index < N {
            hash = self.entities[index].hash(hash);
            index = index.wrapping_add(1);
        }
        let mut index = 0_usize;
        while index < D {
            let Deadline { entity, start, stop, min_us, range_us } = self.deadlines[index];
            let points = u32::from_le_bytes([entity, start.as_raw(), stop.as_raw(), 0]);
            hash = hash.word(points).word(min_us).word(range_us);
            index = index.wrapping_add(1);
        }
        let mut index = 0_usize;
        while index < F {
            hash = self.flows[index].hash(hash);
            index = index.wrapping_add(1);
        }
        let mut index = 0_usize;
        while index < self.modes.len() {
            hash = self.modes[index].hash(hash);
            index = index.wrapping_add(1);
        }
        texts(hash, self.sections)
    }
}

/// Texts, and their end.
const fn texts(mut hash: Hash, texts: &[&str]) -> Hash {
    let mut index = 0_usize;
    while index < texts.len() {
        hash = hash.text(texts[index]);
        index = index.wrapping_add(1);
    }
    hash.text("")
}

impl EntityPlan {
    const fn hash(&self, hash: Hash) -> Hash {
        let Self { cycles, tolerance, checkpoint, is_advisory, .. } = *self;
        let numbers = u32::from_le_bytes([cycles, tolerance, checkpoint, is_advisory as u8]);
        hash.text(self.name).word(numbers).word(self.count_min).word(self.count_max)
    }
}

impl Flow {
    const fn hash(&self, mut hash: Hash) -> Hash {
        let [low, high] = self.initial.to_le_bytes();
        hash = hash.word(u32::from_le_bytes([self.entity, 0, low, high]));
        let mut checkpoint = 0_usize;
        while checkpoint < self.after.len() {
            hash = hash.word(self.after[checkpoint] as u32);
            checkpoint = checkpoint.wrapping_add(1);
        }
        hash
    }
}

impl ModePlan {
    const fn hash(&self, hash: Hash) -> Hash {
        let hash = hash.text(self.name).word(self.mode.as_raw() as u32);
        match &self.kind {
            Kind::Supervised(active) => texts(hash, active),
            Kind::Bounded(budget) => budget.hash(hash),
        }
    }
}

impl Budget {
    const fn hash(&self, hash: Hash) -> Hash {
        let marks = [self.during as u8, self.are_outputs_safe as u8, 1, 0];
        hash.word(self.us).word(u32::from_le_bytes(marks))
    }
}

impl Hardware {
    const fn hash(&self, hash: Hash) -> Hash {
        let timeouts = self.timeouts_us();
        let hash = hash.word(*timeouts.start()).word(*timeouts.end());
        hash.word(self.opens_us()).word(self.clock_permille() as u32)
    }
}
