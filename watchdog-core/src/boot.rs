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

mod encoded;
#[cfg(all(test, not(loom)))]
mod every_reset;
mod recovery;
mod verdict;

pub use encoded::{BootRecord, EncodeError};
pub use recovery::{Recovery, RecoveryError};
pub use verdict::{Blame, Earlier, Found, Torn, Verdict};

pub use crate::decode_error::DecodeError;

use core::fmt;

use crate::causes::ResetCauses;
use crate::compact::{Compact, Read, Words};
use crate::culprit::{Brief, CULPRIT_WORDS, Cause, Culprit, Kind};
use crate::inherited::Healer;
use crate::kept::Kept;
use crate::last_checkpoint::LastCheckpoint;
use crate::level::Level;
use crate::plan::Plan;
use crate::retained::{Marks, Memory, Recorded, Retained, RunMode, Slot};
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
    let before = fixed.slots.latest();
    let (recorded, uptime) = match before {
        Some(slot) => {
            let words = fixed.culprit(slot.run);
            (words.map_or(Recorded::Nobody, Recorded::Words), fixed.uptime(slot.run))
        }
        None => (Recorded::Nobody, None),
    };
    let run = Run::judge(before, recorded, uptime, plan.fingerprint, plan.boot_window, causes);
    let torn = owners.each_ref().map(|owner| {
        run.torn(Torn { held: owner.held(), abandoned: owner.abandoned() }, plan.sections())
    });
    let last_checkpoints = if run.was_armed && run.found == Found::Record {
        let shift = plan.stamp_shift();
        entities.each_ref().map(|kept| LastCheckpoint::from_word(kept.load(), shift))
    } else {
        [None; N]
    };
    // A reset may come after any of these stores: what is torn is marked before there is a record that could say that nothing is.
    if run.found != Found::Record {
        fixed.forget_culprit();
        fold(owners, &torn);
    }
    fixed.slots.change(&|slot| *slot = run.slot);
    fixed.begin_run(run.slot.run);
    if run.found == Found::Record {
        fold(owners, &torn);
    }
    let entities = Some(entities);
    let guard = BootGuard::new(fixed, entities, now_us, plan.good_after_us, run.level);
    let owners = owners.each_ref().map(|owner| Owner::new(owner));
    let verdict = run.verdict(torn, last_checkpoints);
    Boot { verdict, guard, memory: fixed, owners, healer: retained, is_recovering: false }
}

/// As [`judge`], of a compact record. What the verdict says of it stands at [`Compact`].
///
/// ```
/// # use watchdog_core::plan::{alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us, tolerance};
/// # use watchdog_core::{Checkpoint, Plan};
/// use std::sync::atomic::AtomicU32;
/// use watchdog_core::{Compact, Level, ResetCauses, boot};
///
/// # static PLAN: Plan<1> = Plan::builder(
/// #     cycle_us(10_000), hardware(timeout_us(80_000..=100_000)), process_safety_time_us(500_000), reset_to_safe_us(30_000),
/// # )
/// # .entity("control", alive(Checkpoint::of::<0>(), per_cycle(10), -1, 1), tolerance(1))
/// # .build();
/// static RECORD: Compact<[AtomicU32; 2], 2> = Compact::new([const { AtomicU32::new(0) }; 2]);
///
/// for level in [Level::Normal, Level::Normal, Level::Degraded] {
///     assert_eq!(boot::judge_compact(&RECORD, &PLAN, ResetCauses::WATCHDOG, 0).level(), level);
/// }
/// ```
pub fn judge_compact<W, const L: usize, const N: usize, const D: usize, const F: usize>(
    record: &'static Compact<W, L>,
    plan: &'static Plan<N, D, F>,
    causes: ResetCauses,
    now_us: u64,
) -> Boot<N>
where
    W: Words,
{
    let read = record.read(plan.fingerprint);
    let (before, recorded, torn) = match read {
        Some(Read { slot, recorded, held, abandoned }) => {
            (Some(slot), recorded, Torn { held, abandoned })
        }
        None => (None, Recorded::Nobody, Torn::NONE),
    };
    let run = Run::judge(before, recorded, None, plan.fingerprint, plan.boot_window, causes);
    let torn = run.torn(torn, plan.sections());
    record.begin_run(&run.slot, torn.torn());
    let guard = BootGuard::new(record, None, now_us, plan.good_after_us, run.level);
    let verdict = run.verdict([torn], [None; N]);
    let owners = [Owner::new(record)];
    Boot { verdict, guard, memory: record, owners, healer: record, is_recovering: false }
}

/// Marks every torn section of each owner as abandoned, and no section as held.
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
    memory: &'static dyn Memory,
    owners: [Owner; O],
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

    /// The caller has cleared the flags of the causes in the chip's register. Until that is said, the flags of this boot may be old
    /// at the next one.
    pub fn flags_cleared(&mut self) {
        self.memory.mark(Marks::CLEARED, Marks::NONE, None);
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
        self.memory.mark(Marks::RECOVERING, Marks::NONE, None);
        Ok(Recovery { boot: self, since_us: now_us, budget_us })
    }

    /// The boot has ended: the guard is for the supervisor, and each owner of guarded sections gets its handle.
    pub fn start(self) -> (BootGuard<N>, [Owner; O]) {
        (self.guard, self.owners)
    }

    fn end_recovery(&mut self, escalates: bool) {
        self.is_recovering = false;
        if escalates {
            self.guard.level = self.guard.level.escalated();
        }
        let level = escalates.then_some(self.guard.level);
        self.memory.mark(Marks::NONE, Marks::RECOVERING, level);
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
    fn new(
        memory: &'static dyn Memory,
        entities: Option<&'static [Kept; N]>,
        judged_us: u64,
        good_after_us: u32,
        level: Level,
    ) -> Self {
        Self { memory: Some(memory), entities, judged_us, good_after_us, level }
    }

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
            memory.mark(Marks::ANNOUNCED, Marks::NONE, None);
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

    #[cold]
    #[inline(never)]
    pub(crate) fn arm(&self) {
        if let Some(memory) = self.memory {
            for last in self.entities.into_iter().flatten() {
                last.store(0);
            }
            memory.mark(Marks::ARMED, Marks::NONE, None);
        }
    }

    #[cold]
    #[inline(never)]
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
    fn judge(
        before: Option<Slot>,
        recorded: Recorded,
        uptime: Option<u32>,
        fingerprint: u32,
        window: u32,
        causes: ResetCauses,
    ) -> Self {
        let causes = causes.or_unknown();
        let found = match before {
            Some(slot) if slot.fingerprint == fingerprint => Found::Record,
            Some(slot) => Found::OtherPlan { fingerprint: slot.fingerprint },
            None if causes.explain_garbage() => Found::ColdStart,
            None => Found::Lost,
        };
        let before = before.unwrap_or(Slot::EMPTY);
        let marks = before.marks;
        let added = causes_of(recorded);
        let causes = causes.union(added);
        let was_armed = marks.contains(Marks::ARMED);
        let is_abnormal = causes.are_abnormal(was_armed, marks.contains(Marks::ANNOUNCED));
        let blame = match blame_of(recorded, found) {
            Some(blame) => blame,
            None if recorded != Recorded::Nobody || found == Found::Lost => Blame::Unknown,
            None if is_abnormal && found != Found::ColdStart => Blame::Unrecorded,
            None => Blame::None,
        };
        let earlier = culprit_of(before.culprit, found).map(|culprit| Earlier {
            culprit,
            runs_ago: before.run.wrapping_sub(before.culprit_run),
        });
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
        match (recorded, blame) {
            (Recorded::Words(words), Blame::Culprit(_)) => {
                (slot.culprit, slot.culprit_run) = (words, before.run);
            }
            _ if earlier.is_none() => slot.culprit = [0; CULPRIT_WORDS],
            _ => {}
        }
        let may_be_old = if marks.contains(Marks::CLEARED) {
            ResetCauses::empty()
        } else {
            causes & before.causes & !added & !ResetCauses::UNKNOWN
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

    /// What is torn, where the words of an owner say this.
    fn torn(&self, owner: Torn, every: Sections) -> Torn {
        match self.found {
            Found::ColdStart => Torn::NONE,
            Found::Lost | Found::OtherPlan { .. } => Torn { abandoned: every, ..Torn::NONE },
            Found::Record => owner,
        }
    }

    fn verdict<const N: usize, const O: usize>(
        &self,
        owners: [Torn; O],
        last_checkpoints: [Option<LastCheckpoint>; N],
    ) -> Verdict<N, O> {
        Verdict {
            fingerprint: self.slot.fingerprint,
            found: self.found,
            causes: self.causes,
            may_be_old: self.may_be_old,
            is_abnormal: self.is_abnormal,
            abnormal_count: self.slot.ages.count(),
            level: self.level,
            blame: self.blame,
            earlier: self.earlier,
            is_recovery_interrupted: self.is_recovery_interrupted,
            owners,
            last_checkpoints,
            uptime_us: self.uptime.map(|uptime| u64::from(uptime) << UPTIME_SHIFT),
        }
    }
}

/// Who is to blame by the record; another plan's entities and modes are not decoded.
fn blame_of(recorded: Recorded, found: Found) -> Option<Blame> {
    match recorded {
        Recorded::Words(words) => culprit_of(words, found).map(Blame::Culprit),
        Recorded::Brief(brief) => {
            let is_said = found == Found::Record || brief.entity.is_none();
            is_said.then_some(Blame::Brief(brief))
        }
        Recorded::Nobody | Recorded::Unknown => None,
    }
}

fn culprit_of(words: [u32; CULPRIT_WORDS], found: Found) -> Option<Culprit> {
    let culprit = Culprit::from_words(words)?;
    let is_of_any_plan =
        matches!(culprit.cause, Cause::Late { .. } | Cause::Panic { .. } | Cause::Fault { .. });
    (found == Found::Record || is_of_any_plan).then_some(culprit)
}

/// A panic and a fault that were recorded are causes, whatever the chip says.
fn causes_of(recorded: Recorded) -> ResetCauses {
    let kind = match recorded {
        Recorded::Words(words) => {
            Culprit::from_words(words).map(|culprit| Brief::from(&culprit).kind)
        }
        Recorded::Brief(brief) => Some(brief.kind),
        Recorded::Nobody | Recorded::Unknown => None,
    };
    match kind {
        Some(Kind::Panic) => ResetCauses::PANIC,
        Some(Kind::Fault) => ResetCauses::FAULT,
        _ => ResetCauses::empty(),
    }
}
