//! What survives a reset.
//!
//! ```text
//! words       what                               written
//! 0 - 31      two slots: the boots so far        at a boot, when a supervisor is armed, when it is good
//! 32 - 39     the culprit, with a CRC-32         once a run, from any context
//! 40          the run: its mode, its number      when they change
//! 41, 42      the uptime, in units of 65,536 us  every 65,536 us
//! then two for each owner: sections held, sections abandoned
//! then one for each entity: its last checkpoint
//! ```
//!
//! The words after the slots are *live*: each is written where it changes, and checked by itself. A culprit is kept once a run, the first
//! one. An NMI may come while a culprit is being written: the writer that goes on afterwards writes its own again.

mod slot;

use core::slice;

pub(crate) use slot::{Ages, Marks, Slot, Slots};

use crate::checkpoint::Checkpoint;
use crate::crc::crc;
use crate::culprit::{Brief, CULPRIT_WORDS, Cause, Culprit};
use crate::entity_id::EntityId;
use crate::hash::file_hash;
use crate::inherited::Healer;
use crate::kept::{Kept, pair, unpair};
use crate::last_checkpoint::LastCheckpoint;
use crate::level::Level;
use crate::mode::Mode;
use crate::plan::Plan;
use crate::section::{Marks as _, OwnerCell, SectionId};
use crate::stamp::stamp;

/// The memory that survives a reset, of a plan of `N` entities and of `O` owners of guarded sections. It lives in a `static` of a section
/// that the start-up code neither loads nor clears.
///
/// ```
/// use watchdog_core::Retained;
///
/// // On a board: #[unsafe(link_section = ".uninit.RETAINED")]
/// static RETAINED: Retained<3, 2> = Retained::new();
/// assert_eq!(size_of_val(&RETAINED), 4 * (43 + 2 * 2 + 3));
/// ```
///
/// What it holds at a boot is what [`boot::judge`](crate::boot::judge) finds in it. An interrupt that comes before the watchdog bites, a
/// panic handler and a fault handler write into it; they are of one core.
#[derive(Debug)]
#[repr(C)]
pub struct Retained<const N: usize, const O: usize = 1> {
    pub(crate) fixed: Fixed,
    pub(crate) owners: [OwnerCell; O],
    pub(crate) entities: [Kept; N],
}

/// The words that every plan has.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Fixed {
    pub(crate) slots: Slots,
    /// The words of the culprit, the number of its run, and their CRC-32.
    culprit: [Kept; CULPRIT_WORDS + 2],
    run: Kept,
    uptime: [Kept; 2],
}

impl<const N: usize, const O: usize> Retained<N, O> {
    /// How many words it has.
    pub const WORDS: usize = size_of::<Self>() / size_of::<u32>();

    const_unless_loom! {
        /// Memory in which nothing is known. In a section that is not loaded, what it holds at a boot is what was in it.
        #[must_use]
        #[allow(clippy::new_without_default)] // It lives in a `static`.
        pub fn new() -> Self {
            Self {
                fixed: Fixed::new(),
                owners: cells!(OwnerCell, O),
                entities: cells!(Kept, N),
            }
        }
    }

    /// What is in a word; `None` past the last. For a program that sends the memory to a host.
    #[must_use]
    pub fn word(&self, index: usize) -> Option<u32> {
        self.kept(index).map(Kept::load)
    }

    /// Puts these words into it, for a host that looks at the memory of a target; those past the last are ignored.
    pub fn load(&self, words: impl IntoIterator<Item = u32>) {
        let mut words = words.into_iter();
        for index in 0..Self::WORDS {
            let (Some(kept), Some(word)) = (self.kept(index), words.next()) else { break };
            kept.store(word);
        }
    }

    fn kept(&self, index: usize) -> Option<&Kept> {
        let Fixed { slots, culprit, run, uptime } = &self.fixed;
        let [first, second] = slots.words();
        let mut rest = index;
        for part in [first, second, culprit, slice::from_ref(run), uptime] {
            match rest.checked_sub(part.len()) {
                Some(after) => rest = after,
                None => return part.get(rest),
            }
        }
        if let Some(owner) = self.owners.get(rest / 2) {
            let [held, abandoned] = owner.words();
            return Some(if rest % 2 == 0 { held } else { abandoned });
        }
        self.entities.get(rest.wrapping_sub(2 * O))
    }

    /// The watchdog is about to bite: records which entity is longest overdue. For an interrupt that comes before the reset, an NMI too.
    /// Before a supervisor is armed, and after a culprit was recorded in this run, it does nothing.
    pub fn pretimeout<const D: usize, const F: usize>(&self, plan: &Plan<N, D, F>, now_us: u64) {
        let Some(mode) = self.fixed.armed_mode() else { return };
        let mut worst = Overdue { entity: None, checkpoint: None, silent_us: 0, overdue_us: 0 };
        if let RunMode::Supervised(mode) = mode {
            let now = stamp(now_us);
            for index in 0..N {
                let (Some(row), Some(word)) = (plan.entities.get(index), self.entities.get(index))
                else {
                    break;
                };
                if !row.is_active(mode) || row.is_advisory {
                    continue;
                }
                let last = LastCheckpoint::from_word(word.load(), row.stamp_shift);
                let silent_us = last.map_or(u32::MAX, |last| last.age_us(now));
                let allowed_us = plan.cycle_us.saturating_mul(u32::from(row.cycles));
                let overdue_us = silent_us.saturating_sub(allowed_us);
                if overdue_us > worst.overdue_us {
                    let entity = Some(EntityId::new(row.index));
                    let checkpoint = last.map(|last| last.checkpoint);
                    worst = Overdue { entity, checkpoint, silent_us, overdue_us };
                }
            }
        }
        let Overdue { entity, checkpoint, silent_us, .. } = worst;
        let cause = Cause::Pretimeout { entity, checkpoint, silent_us };
        self.fixed.record(&Culprit { cause, at_us: now_us });
    }

    /// Records a panic, for a panic handler: the line and the file of its location.
    ///
    /// ```
    /// # use watchdog_core::Retained;
    /// static RETAINED: Retained<3, 2> = Retained::new();
    ///
    /// fn panic(info: &core::panic::PanicInfo<'_>) {
    ///     if let Some(location) = info.location() {
    ///         RETAINED.panicked(location.line(), location.file(), 0);
    ///     }
    /// }
    /// ```
    pub fn panicked(&self, line: u32, file: &str, now_us: u64) {
        self.fixed.record(&Culprit {
            cause: Cause::Panic { line, file: file_hash(file) },
            at_us: now_us,
        });
    }

    /// Records a fault of the processor, for a fault handler.
    pub fn faulted(&self, pc: u32, lr: u32, cause: u32, now_us: u64) {
        self.fixed.record(&Culprit { cause: Cause::Fault { pc, lr, cause }, at_us: now_us });
    }
}

/// The entity that is longest overdue.
struct Overdue {
    entity: Option<EntityId>,
    checkpoint: Option<Checkpoint>,
    silent_us: u32,
    overdue_us: u32,
}

impl<const N: usize, const O: usize> Healer for Retained<N, O> {
    fn heal(&self, section: SectionId) {
        for owner in &self.owners {
            owner.set_abandoned(owner.abandoned().without(section));
        }
    }
}

/// Which entities are supervised in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunMode {
    /// Those of the mode.
    Supervised(Mode),
    /// None: a bounded mode runs.
    Bounded(Mode),
}

/// In the run word: the mode, what runs, and the low byte of the run's number.
const BOUNDED: u16 = 1 << 5;
const ARMED: u16 = 1 << 6;
const RUN_SHIFT: u32 = 8;

impl Fixed {
    const_unless_loom! {
        fn new() -> Self {
            Self {
                slots: Slots::new(),
                culprit: cells!(Kept, { CULPRIT_WORDS + 2 }),
                run: Kept::new(),
                uptime: cells!(Kept, 2),
            }
        }
    }

    /// A run begins: no supervisor is armed, no culprit is recorded, and its uptime is 0.
    pub(crate) fn begin_run(&self, run: u16) {
        self.run.store(pair(run << RUN_SHIFT));
        self.forget_culprit();
        self.set_uptime(0);
    }

    pub(crate) fn forget_culprit(&self) {
        if let Some(crc) = self.culprit.last() {
            crc.store(0);
        }
    }

    /// The low byte of the number of the run that runs.
    fn run(&self) -> Option<u16> {
        unpair(self.run.load()).map(|word| word >> RUN_SHIFT)
    }

    /// What is supervised; `None` before a supervisor is armed.
    pub(crate) fn armed_mode(&self) -> Option<RunMode> {
        let word = unpair(self.run.load())?;
        if word & ARMED == 0 {
            return None;
        }
        let mode = Mode::new((word & 0x1F) as u8)?;
        Some(if word & BOUNDED != 0 { RunMode::Bounded(mode) } else { RunMode::Supervised(mode) })
    }

    /// The uptime of this run, in units of [`UPTIME_GRAIN_US`](crate::UPTIME_GRAIN_US); `None` if the words are of another run, or
    /// not whole.
    pub(crate) fn uptime(&self, run: u16) -> Option<u32> {
        let [value, check] = self.uptime.each_ref().map(Kept::load);
        (check == uptime_check(value, run)).then_some(value)
    }

    fn set_uptime(&self, uptime: u32) {
        let [value, check] = &self.uptime;
        value.store(uptime);
        check.store(uptime_check(uptime, self.run().unwrap_or(0)));
    }

    /// The culprit that was recorded in this run.
    pub(crate) fn culprit(&self, run: u16) -> Option<[u32; CULPRIT_WORDS]> {
        let [content @ .., said] = self.culprit.each_ref().map(Kept::load);
        let [culprit @ .., number] = content;
        (crc(&content) == said && number == u32::from(run & 0xFF)).then_some(culprit)
    }
}

/// The complement of an uptime, and in it the run: that of another run is not whole.
const fn uptime_check(uptime: u32, run: u16) -> u32 {
    !uptime ^ (run & 0xFF) as u32
}

/// Where a run is recorded: a [`Retained`], or a compact record. A `dyn` one, so that a program that has none has no code for it.
pub(crate) trait Memory: Sync {
    /// Marks of the run are set and cleared, and the level to which recoveries have led is another one.
    fn mark(&self, set: Marks, clear: Marks, level: Option<Level>);
    /// What is supervised has changed.
    fn set_mode(&self, mode: RunMode);
    /// The first culprit of the run.
    fn record(&self, culprit: &Culprit);
    /// The uptime of the run, in units of [`UPTIME_GRAIN_US`](crate::UPTIME_GRAIN_US).
    fn run_for(&self, uptime: u32);
    /// The boots so far no longer count.
    fn mark_good(&self);
}

/// What is recorded of a culprit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    Nobody,
    /// The words of a culprit.
    Words([u32; CULPRIT_WORDS]),
    Brief(Brief),
    /// Its word is not whole.
    Unknown,
}

impl Memory for Fixed {
    fn mark(&self, set: Marks, clear: Marks, level: Option<Level>) {
        self.slots.change(&|slot| {
            slot.marks = slot.marks.with(set).without(clear);
            if let Some(level) = level {
                slot.marks = slot.marks.with_level(level);
            }
        });
    }

    fn set_mode(&self, mode: RunMode) {
        let run = self.run().unwrap_or(0) << RUN_SHIFT;
        let mode = match mode {
            RunMode::Supervised(mode) => u16::from(mode.as_raw()),
            RunMode::Bounded(mode) => u16::from(mode.as_raw()) | BOUNDED,
        };
        self.run.store(pair(run | ARMED | mode));
    }

    #[cold]
    #[inline(never)]
    fn record(&self, culprit: &Culprit) {
        let Some(run) = self.run() else { return };
        if self.culprit(run).is_some() {
            return;
        }
        let [a, b, c, d, e, f] = culprit.to_words();
        let content = [a, b, c, d, e, f, u32::from(run)];
        let words = [a, b, c, d, e, f, u32::from(run), crc(&content)];
        // An NMI that has come in between has written its own.
        for _ in 0..2 {
            let mut rest = words.iter();
            for kept in &self.culprit {
                kept.store(rest.next().copied().unwrap_or(0));
            }
            if self.culprit.each_ref().map(Kept::load) == words {
                break;
            }
        }
    }

    fn run_for(&self, uptime: u32) {
        self.set_uptime(uptime);
    }

    fn mark_good(&self) {
        self.slots.change(&|slot| {
            slot.ages = Ages::NONE;
            slot.marks = slot.marks.with_level(Level::Normal);
        });
    }
}

#[cfg(all(test, not(loom)))]
#[allow(clippy::indexing_slicing)]
mod tests {
    use std::boxed::Box;

    use super::*;
    use crate::kept::cut;

    fn fixed(run: u16) -> &'static Fixed {
        let fixed = Box::leak(Box::new(Fixed::new()));
        fixed.begin_run(run);
        fixed
    }

    fn culprit(at_us: u64) -> Culprit {
        Culprit { cause: Cause::Late { late_us: 5 }, at_us }
    }

    #[test]
    fn the_first_culprit_of_a_run_is_kept() {
        let fixed = fixed(0x1FF);
        assert_eq!(fixed.culprit(0x1FF), None);
        fixed.record(&culprit(1));
        fixed.record(&culprit(2));
        assert_eq!(fixed.culprit(0x1FF), Some(culprit(1).to_words()));
        assert_eq!(fixed.culprit(0x1FE), None, "of another run");
        fixed.begin_run(0x200);
        assert_eq!((fixed.culprit(0x1FF), fixed.culprit(0x200)), (None, None));
        fixed.record(&culprit(3));
        assert_eq!(fixed.culprit(0x200), Some(culprit(3).to_words()));
    }

    #[test]
    fn a_culprit_is_kept_whole_or_not_at_all() {
        for stores in 0..=8 {
            let fixed = fixed(7);
            cut::after(Some(stores));
            fixed.record(&culprit(1));
            cut::after(None);
            let expected = (stores == 8).then(|| culprit(1).to_words());
            assert_eq!(fixed.culprit(7), expected, "{stores} stores");
            fixed.record(&culprit(2));
            let expected = expected.unwrap_or(culprit(2).to_words());
            assert_eq!(fixed.culprit(7), Some(expected), "{stores} stores");
        }
    }

    /// A supervisor or a panic handler writes its culprit, and an NMI comes after so many of its stores.
    #[test]
    fn a_culprit_is_whole_whatever_interrupts_its_writer() {
        for stores in 0..8 {
            let fixed = fixed(7);
            cut::interrupt_after(stores, || fixed.record(&culprit(2)));
            fixed.record(&culprit(1));
            assert_eq!(fixed.culprit(7), Some(culprit(1).to_words()), "{stores} stores");
        }
    }

    #[test]
    fn every_single_flip_of_the_live_words_is_found() {
        let fixed = fixed(7);
        fixed.record(&culprit(u64::MAX));
        fixed.set_mode(RunMode::Bounded(Mode::of::<5>()));
        for uptime in [0, 1, 77, u32::MAX] {
            fixed.run_for(uptime);
            assert_eq!((fixed.uptime(7), fixed.uptime(8)), (Some(uptime), None));
            let Fixed { culprit, run, uptime, .. } = fixed;
            for (word, kept) in culprit.iter().chain([run]).chain(uptime).enumerate() {
                for bit in 0..32 {
                    let whole = kept.load();
                    kept.store(whole ^ 1 << bit);
                    let (culprit, mode) = (fixed.culprit(7), fixed.armed_mode());
                    let found = match word {
                        0..8 => culprit.is_none(),
                        8 => mode.is_none(),
                        _ => fixed.uptime(7).is_none(),
                    };
                    assert!(found, "word {word}, bit {bit}");
                    kept.store(whole);
                }
            }
        }
        assert_eq!(fixed.armed_mode(), Some(RunMode::Bounded(Mode::of::<5>())));
    }

    #[test]
    fn an_uptime_of_zeros_is_not_whole() {
        assert_eq!([uptime_check(0, 0), uptime_check(5, 0x1FF)], [u32::MAX, !5 ^ 0xFF]);
        assert_eq!(Fixed::new().uptime(0), None);
    }

    #[test]
    fn a_dump_is_put_back() {
        let retained = Retained::<3, 3>::new();
        assert_eq!(Retained::<3, 3>::WORDS, 52);
        retained.load((0..60).map(|word| word * 3));
        let read: [Option<u32>; 53] = core::array::from_fn(|index| retained.word(index));
        assert!(read.iter().take(52).copied().eq((0..52).map(|word| Some(word * 3))));
        assert_eq!(read[52], None);
        assert_eq!(retained.entities[2].load(), 153);
        assert_eq!(retained.owners[1].words().map(Kept::load), [135, 138]);
    }
}
