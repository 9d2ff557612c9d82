//! The boot: what the run before ended with, and what this one may do.
//!
//! ```text
//! reset --> judge --> Boot: the verdict; flags cleared; recovery, section by section --> start --> BootGuard, an Owner each
//!                                                                                                     |
//!                                                             Supervisor::new, which arms the watchdog <+
//! ```
//!
//! [`judge`] is the first call after a reset, and is made once a boot: it counts the boot itself, so that what crashes right after it is
//! counted too. Two boots are counted apart only by it.

#[cfg(all(test, not(loom)))]
mod every_reset;
mod recovery;
mod verdict;

pub use recovery::{Recovery, RecoveryError};
pub use verdict::{Blame, Earlier, Found, Torn, Verdict};

use core::fmt;

use crate::causes::ResetCauses;
use crate::culprit::{CULPRIT_WORDS, Cause, Culprit};
use crate::inherited::Healer;
use crate::kept::Kept;
use crate::level::Level;
use crate::plan::Plan;
use crate::retained::{Fixed, LastCheckpoint, Marks, Memory, Retained, RunMode, Slot};
use crate::section::{Marks as _, Owner, OwnerCell, Sections};
use crate::stamp::UPTIME_SHIFT;

/// Judges the reset: what the memory holds of the run before, whether the reset was abnormal, and what this boot may do. The boot is
/// counted before this returns. `causes` are all flags of the chip's register, which the caller clears, and then says so by
/// [`Boot::flags_cleared`]. `now_us` is the caller's clock, which need not have started at 0.
///
/// ```
/// use watchdog_core::boot::{self, Blame, Found};
/// use watchdog_core::plan::{alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us, tolerance};
/// use watchdog_core::{Checkpoint, Level, Plan, ResetCauses, Retained};
///
/// static PLAN: Plan<1> = Plan::builder(
///     cycle_us(10_000), hardware(timeout_us(80_000..=100_000)), process_safety_time_us(500_000), reset_to_safe_us(30_000),
/// )
/// .entity("control", alive(Checkpoint::of::<0>(), per_cycle(10), -1, 1), tolerance(1))
/// .build();
/// static RETAINED: Retained<1, 2> = Retained::new();
///
/// let mut boot = boot::judge(&RETAINED, &PLAN, ResetCauses::POWER_ON, 0);
/// assert_eq!((boot.verdict().found, boot.level()), (Found::ColdStart, Level::Normal));
/// boot.flags_cleared();
/// let (guard, [main_loop, interrupt]) = boot.start();
/// # let _ = (guard, main_loop, interrupt);
/// ```
pub fn judge<const N: usize, const D: usize, const F: usize, const O: usize>(
    retained: &'static Retained<N, O>,
    plan: &'static Plan<N, D, F>,
    causes: ResetCauses,
    now_us: u64,
) -> Boot<N, O> {
    let Retained { fixed, owners, entities } = retained;
    let run = Run::judge(fixed, plan.fingerprint, plan.boot_window, causes);
    let torn = match run.found {
        Found::ColdStart => [Torn::NONE; O],
        Found::Lost | Found::OtherPlan { .. } => {
            [Torn { held: Sections::NONE, abandoned: plan.sections() }; O]
        }
        Found::Record => {
            owners.each_ref().map(|owner| Torn { held: owner.held(), abandoned: owner.abandoned() })
        }
    };
    let last_checkpoints = if run.was_armed && run.found == Found::Record {
        entities.each_ref().map(|kept| LastCheckpoint::from_word(kept.load()))
    } else {
        [None; N]
    };
    // A reset may come after any of these stores: what is torn is marked before a record says so much as that there is one.
    if run.found != Found::Record {
        fixed.forget_culprit();
        fold(owners, &torn);
    }
    fixed.slots.change(&|slot| *slot = run.slot);
    fixed.begin_run(run.slot.run);
    if run.found == Found::Record {
        fold(owners, &torn);
    }
    let verdict = Verdict {
        found: run.found,
        causes: run.causes,
        may_be_old: run.may_be_old,
        is_abnormal: run.is_abnormal,
        abnormal_count: run.slot.ages.count(),
        level: run.level,
        blame: run.blame,
        earlier: run.earlier,
        is_recovery_interrupted: run.is_recovery_interrupted,
        owners: torn,
        last_checkpoints,
        uptime_us: run.uptime.map(|uptime| u64::from(uptime) << UPTIME_SHIFT),
    };
    let guard = BootGuard {
        memory: Some(fixed),
        entities: Some(entities),
        judged_us: now_us,
        good_after_us: plan.good_after_us,
        level: run.level,
    };
    Boot { verdict, guard, fixed, owners, healer: retained, is_recovering: false }
}

/// What was held is torn, and nothing is held.
fn fold(owners: &[OwnerCell], torn: &[Torn]) {
    let mut torn = torn.iter();
    for owner in owners {
        owner.set_abandoned(torn.next().map_or(Sections::ALL, |torn| torn.torn()));
        owner.set_held(Sections::NONE);
    }
}

/// A boot that has been judged. It is started, and then a supervisor can be made.
#[must_use = "the boot guard of the supervisor comes out by `start`"]
pub struct Boot<const N: usize, const O: usize = 1> {
    verdict: Verdict<N, O>,
    guard: BootGuard<N>,
    fixed: &'static Fixed,
    owners: &'static [OwnerCell; O],
    healer: &'static dyn Healer,
    is_recovering: bool,
}

impl<const N: usize, const O: usize> Boot<N, O> {
    /// What the run before ended with.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict<N, O> {
        &self.verdict
    }

    /// What this boot may do: the level of the verdict, or a higher one after a recovery that was too long.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.guard.level
    }

    /// The caller has cleared the flags of the causes in the chip's register. Until that is said, the flags of this boot may be old at the next one.
    pub fn flags_cleared(&mut self) {
        self.fixed.slots.change(&|slot| slot.marks = slot.marks.with(Marks::CLEARED));
    }

    /// Begins the recovery of what was guarded, of at most so many microseconds.
    ///
    /// # Errors
    ///
    /// [`RecoveryError::Again`]: one has begun in this boot, and was dropped.
    pub fn recover(
        &mut self,
        budget_us: u32,
        now_us: u64,
    ) -> Result<Recovery<'_, N, O>, RecoveryError> {
        if self.is_recovering {
            self.end_recovery(true);
            return Err(RecoveryError::Again { level: self.level() });
        }
        self.is_recovering = true;
        self.fixed.slots.change(&|slot| slot.marks = slot.marks.with(Marks::RECOVERING));
        Ok(Recovery { boot: self, since_us: now_us, budget_us })
    }

    /// The boot has ended: the guard is for the supervisor, and each owner of guarded sections gets its handle.
    pub fn start(self) -> (BootGuard<N>, [Owner; O]) {
        (self.guard, self.owners.each_ref().map(|owner| Owner::new(owner)))
    }

    fn end_recovery(&mut self, escalates: bool) {
        self.is_recovering = false;
        if escalates {
            self.guard.level = self.guard.level.escalated();
        }
        let level = self.guard.level;
        self.fixed.slots.change(&|slot| {
            slot.marks = slot.marks.without(Marks::RECOVERING);
            if escalates {
                slot.marks = slot.marks.with_level(level);
            }
        });
    }
}

/// The right to write what a next boot will find, for the supervisor. It comes from a boot that was judged.
#[must_use = "it is for `Supervisor::new`"]
pub struct BootGuard<const N: usize> {
    pub(crate) memory: Option<&'static dyn Memory>,
    /// The last checkpoints of the entities.
    pub(crate) entities: Option<&'static [Kept; N]>,
    judged_us: u64,
    good_after_us: u32,
    level: Level,
}

impl<const N: usize, const O: usize> fmt::Debug for Boot<N, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Boot").field("verdict", &self.verdict).finish_non_exhaustive()
    }
}

impl<const N: usize> fmt::Debug for BootGuard<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BootGuard").field("level", &self.level).finish_non_exhaustive()
    }
}

/// The run is shorter than a good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a good run is {left_us} us longer")]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NotGoodYet {
    /// How much longer a good run is, in microseconds.
    pub left_us: u64,
}

impl<const N: usize> BootGuard<N> {
    /// For a board on which nothing at all survives a reset, not even a word in a backup register: there are no abnormal boots, and
    /// no culprit is kept.
    pub const fn without_memory() -> Self {
        Self { memory: None, entities: None, judged_us: 0, good_after_us: 0, level: Level::Normal }
    }

    /// What this boot may do.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    pub(crate) fn announce(&self) {
        if let Some(memory) = self.memory {
            memory.announce();
        }
    }

    pub(crate) fn mark_good(&self, now_us: u64) -> Result<(), NotGoodYet> {
        let run_us = now_us.saturating_sub(self.judged_us);
        let left_us = u64::from(self.good_after_us).saturating_sub(run_us);
        if left_us > 0 {
            return Err(NotGoodYet { left_us });
        }
        if let Some(memory) = self.memory {
            memory.mark_good();
        }
        Ok(())
    }

    /// The uptime goes on.
    #[cold]
    #[inline(never)]
    pub(crate) fn run_for(&self, now_us: u64) {
        if let Some(memory) = self.memory {
            let uptime = now_us.saturating_sub(self.judged_us) >> UPTIME_SHIFT;
            memory.run_for(u32::try_from(uptime).unwrap_or(u32::MAX));
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn record(&self, culprit: &Culprit) {
        if let Some(memory) = self.memory {
            memory.record(culprit);
        }
    }

    pub(crate) fn arm(&self) {
        if let Some(memory) = self.memory {
            for last in self.entities.into_iter().flatten() {
                last.store(0);
            }
            memory.arm();
        }
    }

    pub(crate) fn set_mode(&self, mode: RunMode) {
        if let Some(memory) = self.memory {
            memory.set_mode(mode);
        }
    }
}

/// What is judged of a run without its entities and sections.
struct Run {
    found: Found,
    causes: ResetCauses,
    may_be_old: ResetCauses,
    is_abnormal: bool,
    was_armed: bool,
    is_recovery_interrupted: bool,
    level: Level,
    blame: Blame,
    earlier: Option<Earlier>,
    uptime: Option<u32>,
    /// The slot of the run that begins.
    slot: Slot,
}

impl Run {
    #[inline(never)]
    fn judge(fixed: &Fixed, fingerprint: u32, window: u32, causes: ResetCauses) -> Self {
        let causes = causes.or_unknown();
        let before = fixed.slots.latest();
        let found = match before {
            Some(slot) if slot.fingerprint == fingerprint => Found::Record,
            Some(slot) => Found::OtherPlan { fingerprint: slot.fingerprint },
            None if causes.explain_garbage() => Found::ColdStart,
            None => Found::Lost,
        };
        let is_whole = before.is_some();
        let before = before.unwrap_or(Slot::EMPTY);
        let marks = before.marks;
        let words = if is_whole { fixed.culprit(before.run) } else { None };
        let culprit = words.and_then(|words| culprit_of(words, found));
        let causes = causes | causes_of(words);
        let was_armed = marks.contains(Marks::ARMED);
        let is_abnormal = causes.are_abnormal(was_armed, marks.contains(Marks::ANNOUNCED));
        let blame = match (culprit, found) {
            (Some(culprit), _) => Blame::Culprit(culprit),
            (None, Found::Lost) => Blame::Unknown,
            (None, _) if words.is_some() => Blame::Unknown,
            (None, _) if is_abnormal && found != Found::ColdStart => Blame::Unrecorded,
            (None, _) => Blame::None,
        };
        let earlier = culprit_of(before.culprit, found).map(|culprit| Earlier {
            culprit,
            runs_ago: before.run.wrapping_sub(before.culprit_run),
        });
        let uptime = if is_whole { fixed.uptime(before.run) } else { None };
        let is_recovery_interrupted = marks.contains(Marks::RECOVERING);
        let mut slot = before;
        slot.fingerprint = fingerprint;
        slot.causes = causes;
        slot.run = before.run.wrapping_add(1);
        slot.ages.pass(uptime.unwrap_or(0), window);
        let mut escalated = marks.level();
        if is_recovery_interrupted {
            escalated = escalated.max(Level::of_count(before.ages.count())).escalated();
        }
        slot.marks = Marks::NONE.with_level(escalated);
        if is_abnormal {
            slot.ages.add();
        }
        if let (Some(words), Some(_)) = (words, culprit) {
            (slot.culprit, slot.culprit_run) = (words, before.run);
        } else if earlier.is_none() {
            slot.culprit = [0; CULPRIT_WORDS];
        }
        let may_be_old = if marks.contains(Marks::CLEARED) {
            ResetCauses::empty()
        } else {
            causes & before.causes & !causes_of(words)
        };
        let level = escalated.max(Level::of_count(slot.ages.count()));
        Self {
            found,
            causes,
            may_be_old,
            is_abnormal,
            was_armed,
            is_recovery_interrupted,
            level,
            blame,
            earlier,
            uptime,
            slot,
        }
    }
}

/// The culprit of these words. Another plan's entities and modes are not decoded.
fn culprit_of(words: [u32; CULPRIT_WORDS], found: Found) -> Option<Culprit> {
    let culprit = Culprit::from_words(words)?;
    let is_of_any_plan =
        matches!(culprit.cause, Cause::Late { .. } | Cause::Panic { .. } | Cause::Fault { .. });
    (found == Found::Record || is_of_any_plan).then_some(culprit)
}

/// A panic and a fault that were recorded are causes, whatever the chip says.
fn causes_of(words: Option<[u32; CULPRIT_WORDS]>) -> ResetCauses {
    match words.and_then(Culprit::from_words).map(|culprit| culprit.cause) {
        Some(Cause::Panic { .. }) => ResetCauses::PANIC,
        Some(Cause::Fault { .. }) => ResetCauses::FAULT,
        _ => ResetCauses::empty(),
    }
}
