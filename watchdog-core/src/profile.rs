//! The timing profile of an entity: how far apart its check-ins were, on the bench and in the field.
//!
//! ```text
//! bucket   0    1    2      3      4       ...   n                         31
//! us       0    1    2, 3   4 - 7  8 - 15  ...   2^(n-1) to 2^n - 1        2^30 and more
//! ```
//!
//! An interval is the time between two hits of the checkpoint that is counted. The budget is the longest mean interval that alive
//! supervision accepts. Above a named part of the way from the expected interval to the budget intervals add up (a one-sided
//! CUSUM), below it they make good: an entity that drifts is reported before its limit, a single late one is not. Where the minimum
//! margin is 0 the expected interval is the limit, and nothing can be reported before it.

use crate::halves;
use crate::plan::Plan;
use crate::word::{Private, PrivateHalf};

mod encoded;

pub use crate::decode_error::DecodeError;

/// How many buckets a histogram has.
pub const BUCKETS: usize = 32;

/// The profiles of the entities of a plan, which their check-ins write: 124 bytes each. They live in a `static`, and
/// [`Cells::profiled`](crate::Cells::profiled) turns them on.
///
/// ```
/// use watchdog_core::plan::{alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us, tolerance};
/// use watchdog_core::profile::Profiles;
/// use watchdog_core::{Cells, Checkpoint, Plan};
///
/// static PLAN: Plan<1> = Plan::builder(
///     cycle_us(10_000), hardware(timeout_us(80_000..=100_000)), process_safety_time_us(500_000), reset_to_safe_us(30_000),
/// )
/// .entity("control", alive(Checkpoint::of::<0>(), per_cycle(10), -1, 1), tolerance(1))
/// .build();
/// static PROFILES: Profiles<1> = Profiles::new(&PLAN, 900);
///
/// let cells = Cells::new(&PLAN).profiled(&PROFILES);
/// assert_eq!(PROFILES.profile(PLAN.entity("control").unwrap()).unwrap().budget_us, 1_111); // 9 in 10,000 us
/// assert_eq!(size_of_val(&PROFILES), 124);
/// # let _ = cells;
/// ```
#[derive(Debug)]
pub struct Profiles<const N: usize> {
    cells: [ProfileCell; N],
}

impl<const N: usize> Profiles<N> {
    /// Profiles in which nothing was measured. An entity drifts when its intervals are longer than at this part of the way from the
    /// interval that is expected to the longest that is accepted, 0 to 999 permille.
    #[must_use]
    #[allow(clippy::indexing_slicing)] // The index is below the length of both arrays.
    pub const fn new<const D: usize, const F: usize>(
        plan: &Plan<N, D, F>,
        share_permille: u16,
    ) -> Self {
        let mut cells = [const { ProfileCell::new(0, 0, 0) }; N];
        let mut index = 0_usize;
        while index < N {
            let row = &plan.entities[index];
            let reference_us = plan.cycle_us as u64 * row.cycles as u64;
            // An entity that is not counted has no budget.
            let (nominal_us, budget_us) = match row.expected {
                0 => (0, 0),
                // Its lowest correct count is not 0.
                expected => match reference_us.checked_div(row.count_min as u64) {
                    Some(budget_us) => (reference_us / expected as u64, budget_us),
                    None => (0, 0),
                },
            };
            cells[index] =
                ProfileCell::new(limited(nominal_us), limited(budget_us), share_permille);
            index = index.wrapping_add(1);
        }
        Self { cells }
    }

    /// What was measured of an entity so far; `None` if the plan has none of this number. While its check-ins go on, its numbers
    /// are those of one or the other of two check-ins.
    #[must_use]
    pub fn profile(&self, entity: crate::EntityId) -> Option<Profile> {
        self.cells.get(entity.index()).map(ProfileCell::profile)
    }
}

/// Where check-ins are measured: the profiles. A `dyn` one, so that a program that has none has no code for it.
pub(crate) trait Measure: Sync {
    /// An interval of the entity at this place has ended.
    fn add(&self, index: usize, interval_us: u32);
    /// The first entity that drifts, by its place, and how much of its budget is left.
    fn drifting(&self) -> Option<(usize, u16)>;
}

impl<const N: usize> Measure for Profiles<N> {
    fn add(&self, index: usize, interval_us: u32) {
        if let Some(cell) = self.cells.get(index) {
            cell.add(interval_us);
        }
    }

    fn drifting(&self) -> Option<(usize, u16)> {
        let mut index = 0_usize;
        for cell in &self.cells {
            if cell.is_drifting() {
                return Some((index, cell.profile().margin_permille()));
            }
            index = index.wrapping_add(1);
        }
        None
    }
}

/// In an average an interval that is longer counts as this long, so that nothing overflows.
const AVERAGED_US_MAX: u32 = (1 << 27) - 1;
/// The longest budget, for the same reason: nine of its steps have 31 bits.
const BUDGET_US_MAX: u32 = AVERAGED_US_MAX;
/// Averages are kept in sixteenths of a microsecond, and follow by a sixteenth.
const SHIFT: u32 = 4;
/// So many intervals at the limit, one after the other, are drift.
const DRIFT_STEPS: u32 = 8;

/// What the check-ins of one entity write. Its writer is the handle.
#[derive(Debug)]
struct ProfileCell {
    /// How many intervals halvings took from the buckets.
    halved: Private,
    min_us: Private,
    max_us: Private,
    sum_low: Private,
    sum_high: Private,
    mean_16: Private,
    jitter_16: Private,
    last_us: Private,
    cusum_us: Private,
    halvings: Private,
    budget_us: u32,
    /// The bits of a signed number: a step below the share, above which an interval adds up.
    floor_us: u32,
    /// An interval adds so much at most, and takes away as much.
    step_us: u32,
    drift_us: u32,
    cusum_max_us: u32,
    buckets: [PrivateHalf; BUCKETS],
}

const _: () = assert!(size_of::<ProfileCell>() == 124);

impl ProfileCell {
    /// The mean interval that is expected, the longest that is accepted, and from which part of the way on it is drift.
    const fn new(nominal_us: u32, budget_us: u32, share_permille: u16) -> Self {
        let way_us = budget_us.saturating_sub(nominal_us);
        let share = if share_permille < 1_000 { share_permille as u64 } else { 999 };
        let share_us = nominal_us.saturating_add((way_us as u64 * share / 1_000) as u32);
        let step_us = budget_us.saturating_sub(share_us);
        Self {
            halved: Private::new(0),
            min_us: Private::new(u32::MAX),
            max_us: Private::new(0),
            sum_low: Private::new(0),
            sum_high: Private::new(0),
            mean_16: Private::new(nominal_us << SHIFT),
            jitter_16: Private::new(0),
            last_us: Private::new(nominal_us),
            cusum_us: Private::new(0),
            halvings: Private::new(0),
            budget_us,
            floor_us: share_us.wrapping_sub(step_us),
            step_us,
            // One without a budget never drifts.
            drift_us: if step_us == 0 { u32::MAX } else { step_us.saturating_mul(DRIFT_STEPS) },
            cusum_max_us: step_us.saturating_mul(DRIFT_STEPS + 1),
            buckets: [const { PrivateHalf::new(0) }; BUCKETS],
        }
    }

    /// An interval has ended.
    #[inline(always)]
    fn add(&self, interval_us: u32) {
        if let Some(bucket) = self.buckets.get(bucket(interval_us)) {
            match bucket.value().checked_add(1) {
                Some(count) => bucket.set(count),
                None => self.halve(bucket),
            }
        }
        if interval_us < self.min_us.value() {
            self.min_us.set(interval_us);
        }
        if interval_us > self.max_us.value() {
            self.max_us.set(interval_us);
        }
        let (low, is_carried) = self.sum_low.value().overflowing_add(interval_us);
        self.sum_low.set(low);
        if is_carried {
            self.sum_high.set(self.sum_high.value().wrapping_add(1));
        }
        // From here on nothing overflows: 27 bits, or 31.
        let interval_us = interval_us.min(AVERAGED_US_MAX);
        follow(&self.mean_16, interval_us);
        follow(&self.jitter_16, interval_us.abs_diff(self.last_us.value()));
        self.last_us.set(interval_us);
        let [step_us, floor_us, max_us, cusum_us] =
            [self.step_us, self.floor_us, self.cusum_max_us, self.cusum_us.value()].map(signed);
        let above_us = signed(interval_us).wrapping_sub(floor_us).max(0);
        let above_us = above_us.min(step_us.wrapping_add(step_us)).wrapping_sub(step_us);
        self.cusum_us.set(cusum_us.wrapping_add(above_us).max(0).min(max_us) as u32);
    }

    /// A bucket is full: every one is halved, so that the shares stay.
    #[cold]
    #[inline(never)]
    fn halve(&self, full: &PrivateHalf) {
        let mut halved = self.halved.value();
        for bucket in &self.buckets {
            let kept = bucket.value() >> 1;
            halved = halved.saturating_add(u32::from(bucket.value().wrapping_sub(kept)));
            bucket.set(kept);
        }
        self.halved.set(halved);
        full.set(full.value().wrapping_add(1));
        self.halvings.set(self.halvings.value().saturating_add(1));
    }

    fn is_drifting(&self) -> bool {
        self.cusum_us.value() >= self.drift_us
    }

    #[allow(clippy::cast_possible_truncation)] // At most 255, and fewer than 32 times 2^16.
    fn profile(&self) -> Profile {
        let buckets = self.buckets.each_ref().map(PrivateHalf::value);
        Profile {
            // A check-in does not count: each interval is in a bucket.
            count: self.halved.value().saturating_add(total(&buckets) as u32),
            min_us: self.min_us.value(),
            max_us: self.max_us.value(),
            sum_us: halves::number(self.sum_low.value(), self.sum_high.value()),
            average_16: self.mean_16.value(),
            jitter_16: self.jitter_16.value(),
            cusum_us: self.cusum_us.value(),
            budget_us: self.budget_us,
            halvings: self.halvings.value().min(255) as u8,
            is_drifting: self.is_drifting(),
            buckets,
        }
    }
}

/// An average in sixteenths follows by a sixteenth, until its whole part is the value.
#[inline(always)]
fn follow(average_16: &Private, value: u32) {
    let average = average_16.value();
    average_16.set(average.wrapping_add(value).wrapping_sub(average >> SHIFT));
}

/// The same bits with a sign.
#[inline(always)]
#[allow(clippy::cast_possible_wrap)]
const fn signed(bits: u32) -> i32 {
    bits as i32
}

/// At most the longest budget.
#[allow(clippy::cast_possible_truncation)] // Compared.
const fn limited(us: u64) -> u32 {
    if us < BUDGET_US_MAX as u64 { us as u32 } else { BUDGET_US_MAX }
}

/// The bucket of an interval.
#[inline(always)]
const fn bucket(interval_us: u32) -> usize {
    let bits = 32_u32.wrapping_sub(interval_us.leading_zeros());
    if bits < BUCKETS as u32 { bits as usize } else { BUCKETS - 1 }
}

/// A profile: what was measured of an entity. It [encodes](Self::encode) to bytes, and two [compare](Self::compare).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Profile {
    /// How many intervals were measured, at most `u32::MAX`.
    pub count: u32,
    /// The shortest, in microseconds; `u32::MAX` for none.
    pub min_us: u32,
    /// The longest, in microseconds.
    pub max_us: u32,
    /// All together, in microseconds.
    pub sum_us: u64,
    /// The average that follows the last intervals (an EWMA with a factor of 1/16) from the expected one on, in sixteenths of a
    /// microsecond; an interval of 2^27 us or more counts as 2^27 - 1.
    pub average_16: u32,
    /// How much one interval differs from the next, on the same average, in sixteenths of a microsecond.
    pub jitter_16: u32,
    /// By how much intervals were above the share of the budget, one-sided.
    pub cusum_us: u32,
    /// The longest mean interval that alive supervision accepts, in microseconds; 0 for an entity that is not counted.
    pub budget_us: u32,
    /// How often the buckets were halved.
    pub halvings: u8,
    /// Whether the entity drifts towards its limit.
    pub is_drifting: bool,
    /// How many intervals there were of each size, halved so often.
    pub buckets: [u16; BUCKETS],
}

/// Two profiles beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Comparison {
    /// The share of the intervals that lie in other buckets: 0 for the same shares, 1000 where they have no bucket in common.
    pub distance_permille: u16,
    /// The first bucket of which the shares differ by at least [`PARTING_PERMILLE`].
    pub parts_at: Option<u8>,
}

/// Buckets whose shares differ by less are taken for the same.
pub const PARTING_PERMILLE: u16 = 10;

/// The parameters of an alive supervision that accepts everything that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Suggestion {
    /// The expected count in a reference cycle.
    pub expected: u32,
    /// The minimum margin, 0 or negative.
    pub min_margin: i32,
    /// The maximum margin, 0 or positive.
    pub max_margin: i32,
}

impl Profile {
    /// The mean interval in microseconds; `None` if nothing was measured. A profile that has counted to its end goes on adding: its
    /// mean is no longer one.
    #[must_use]
    pub const fn mean_us(&self) -> Option<u32> {
        match self.sum_us.checked_div(self.count as u64) {
            Some(mean) if self.count < u32::MAX => Some(mean as u32),
            _ => None,
        }
    }

    /// The jitter in microseconds.
    #[must_use]
    pub const fn jitter_us(&self) -> u32 {
        self.jitter_16 >> SHIFT
    }

    /// How much of the budget is left by the average of the last intervals, in permille; 0 without a budget.
    #[must_use]
    pub const fn margin_permille(&self) -> u16 {
        let budget_16 = (self.budget_us as u64) << SHIFT;
        let left_16 = budget_16.saturating_sub(self.average_16 as u64);
        match left_16.saturating_mul(1_000).checked_div(budget_16) {
            Some(permille) => permille as u16,
            None => 0,
        }
    }

    /// The intervals of a bucket, in microseconds: the shortest and the longest. `None` above the last bucket.
    #[must_use]
    pub const fn bucket_us(bucket: u8) -> Option<(u32, u32)> {
        match bucket {
            0 => Some((0, 0)),
            1..31 => Some((1 << (bucket - 1), (1 << bucket) - 1)),
            31 => Some((1 << 30, u32::MAX)),
            _ => None,
        }
    }

    /// This profile, of the bench, beside one of the field; `None` if nothing was measured in one of them.
    #[must_use]
    pub fn compare(&self, field: &Self) -> Option<Comparison> {
        let (bench_total, field_total) = (total(&self.buckets), total(&field.buckets));
        let (mut apart, mut parts_at) = (0_u64, None);
        let mut others = field.buckets.iter();
        let mut bucket = 0_u8;
        for count in &self.buckets {
            let other = others.next().copied().unwrap_or(0);
            // Shares are compared over the product of the totals: no share is rounded.
            let share = u64::from(*count).wrapping_mul(field_total);
            let other = u64::from(other).wrapping_mul(bench_total);
            let differs = share.abs_diff(other);
            let whole = bench_total.wrapping_mul(field_total);
            if parts_at.is_none()
                && differs > 0
                && differs.wrapping_mul(1_000) >= whole.wrapping_mul(u64::from(PARTING_PERMILLE))
            {
                parts_at = Some(bucket);
            }
            apart = apart.wrapping_add(differs);
            bucket = bucket.wrapping_add(1);
        }
        // What lies in another bucket is missing in one and more in the other.
        let twice = bench_total.wrapping_mul(field_total).wrapping_mul(2);
        let distance_permille = apart.wrapping_mul(1_000).checked_div(twice)?;
        #[allow(clippy::cast_possible_truncation)] // At most 1000.
        Some(Comparison { distance_permille: distance_permille as u16, parts_at })
    }

    /// What alive supervision would have to expect in a reference cycle of so many microseconds, so that it accepts any order of the
    /// intervals that were measured. `None` if nothing was measured, if an interval was 0, or if the reference cycle is not longer
    /// than the longest interval: an entity that is dead would pass.
    #[must_use]
    pub const fn suggest(&self, reference_cycle_us: u32) -> Option<Suggestion> {
        let Some(mean_us) = self.mean_us() else { return None };
        let (Some(fewest), Some(most)) = (
            reference_cycle_us.checked_div(self.max_us),
            reference_cycle_us.checked_div(self.min_us),
        ) else {
            return None;
        };
        // A profile of other numbers than were measured may have its extremes the other way round.
        if fewest == 0 || most < fewest || most >= i32::MAX as u32 {
            return None;
        }
        let most = most.wrapping_add(1);
        let expected = match reference_cycle_us.checked_div(mean_us) {
            Some(expected) if expected > most => most,
            Some(expected) if expected < fewest => fewest,
            Some(expected) => expected,
            None => return None,
        };
        Some(Suggestion {
            expected,
            min_margin: (fewest as i32).wrapping_sub(expected as i32),
            max_margin: (most as i32).wrapping_sub(expected as i32),
        })
    }
}

/// All buckets together.
fn total(buckets: &[u16; BUCKETS]) -> u64 {
    let mut total = 0_u64;
    for count in buckets {
        total = total.wrapping_add(u64::from(*count));
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_interval_is_in_the_last_bucket() {
        assert_eq!([0, 1, 2, 3, 4].map(bucket), [0, 1, 2, 2, 3]);
        assert_eq!([(1 << 30) - 1, 1 << 30, u32::MAX].map(bucket), [30, 31, 31]);
    }
}
