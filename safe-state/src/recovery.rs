//! Recovery after a reset: steps in their order, with a budget each and one in all. What takes longer, and what begins again, escalates.
//!
//! ```text
//!  begin ---- done ---- done ---- done: Recovered
//!    |   step 0    step 1    step 2
//!    |        '---------'---------'---- poll or done, too late: Overrun
//!    '---- the recovery before this one did not end: Reentered, with its step
//!
//!  memory   idle        nothing is recovered
//!           at step n   until the last step is done, over any reset
//! ```
//!
//! An escalation is final until a power cycle: the memory stays at its step, so that the next boot finds the recovery that did not end. A tick
//! that comes late is judged by its time: a step that took too long has overrun, whoever asks, and whenever.

use core::sync::atomic::{AtomicU32, Ordering, fence};

use crate::journal::Occurrence;
use crate::lease::Span;

/// A step of a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    name: &'static str,
    budget_us: u32,
}

/// A step with its budget.
#[must_use]
pub const fn step(name: &'static str, budget: Span) -> Step {
    Step { name, budget_us: budget.as_us() }
}

/// The steps of a recovery, known before it begins: it lives in a `static`.
///
/// A step with more than the budget of all does not compile:
///
/// ```compile_fail,E0080
/// use safe_state::over_us;
/// use safe_state::recovery::{step, Plan};
/// static PLAN: Plan<1> = Plan::new([step("sensors", over_us(20_000))], over_us(10_000));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan<const N: usize> {
    steps: [Step; N],
    budget_us: u32,
}

impl<const N: usize> Plan<N> {
    /// These steps, in their order, which take no longer than this in all.
    ///
    /// # Panics
    ///
    /// If there is no step, there are more than 255, or one may take longer than all; in a constant it does not compile.
    #[must_use]
    pub const fn new(steps: [Step; N], budget: Span) -> Self {
        assert!(N > 0, "a recovery has at least one step");
        assert!(N <= 255, "a recovery has at most 255 steps");
        let mut index = 0_usize;
        #[allow(clippy::indexing_slicing)] // Below the length.
        while index < N {
            assert!(steps[index].budget_us <= budget.as_us(), "a step takes no longer than all");
            index = index.wrapping_add(1);
        }
        Self { steps, budget_us: budget.as_us() }
    }

    /// The name of a step; `None` if there is none of this index.
    #[must_use]
    pub fn name(&self, step: u8) -> Option<&'static str> {
        self.steps.get(usize::from(step)).map(|step| step.name)
    }
}

/// Two words in memory that survives a reset: where a recovery is. A `static` in a section that nobody loads or clears.
#[derive(Debug)]
pub struct Memory {
    word: AtomicU32,
    check: AtomicU32,
}

const IDLE: u32 = 0x5AFE_0000;
const AT_STEP: u32 = 0x5AFE_0100;

/// Where a recovery was.
enum Found {
    Idle,
    At(u8),
    Lost,
}

impl Memory {
    /// Words in which nothing is recovered.
    #[must_use]
    #[allow(clippy::new_without_default)] // It lives in a `static`.
    pub const fn new() -> Self {
        Self { word: AtomicU32::new(IDLE), check: AtomicU32::new(!IDLE) }
    }

    /// Nothing is recovered: after a power cycle, whose memory says nothing.
    pub fn clear(&self) {
        self.store(IDLE);
    }

    fn store(&self, word: u32) {
        fence(Ordering::Release);
        self.word.store(word, Ordering::Relaxed);
        fence(Ordering::Release);
        self.check.store(!word, Ordering::Relaxed);
        fence(Ordering::Release);
    }

    fn found(&self) -> Found {
        let word = self.word.load(Ordering::Relaxed);
        let [step, ..] = word.to_le_bytes();
        match word {
            _ if self.check.load(Ordering::Relaxed) != !word => Found::Lost,
            IDLE => Found::Idle,
            _ if word & !0xFF == AT_STEP => Found::At(step),
            _ => Found::Lost,
        }
    }
}

/// A recovery at one of its steps.
#[derive(Debug)]
#[must_use = "a recovery that is dropped has not ended, and the next one finds it"]
pub struct Recovery<const N: usize> {
    plan: &'static Plan<N>,
    memory: &'static Memory,
    step: u8,
    begun_us: u64,
    step_us: u64,
}

/// The proof that a recovery has ended within its budgets.
#[derive(Debug)]
#[must_use = "a recovery that has ended leads somewhere"]
pub struct Recovered {
    took_us: u64,
    budget_us: u32,
}

impl Recovered {
    /// How long it took, in microseconds.
    #[must_use]
    pub const fn took_us(&self) -> u64 {
        self.took_us
    }

    /// For the journal.
    #[must_use]
    pub fn occurrence(&self) -> Occurrence {
        Occurrence::Recovered { took_us: brief(self.took_us), budget_us: self.budget_us }
    }
}

/// A recovery after one of its steps.
#[derive(Debug)]
#[must_use = "a recovery that is dropped has not ended, and the next one finds it"]
pub enum Progress<const N: usize> {
    /// The next step.
    Next(Recovery<N>),
    /// The last step is done.
    Recovered(Recovered),
}

/// Why a recovery cannot go on: its outputs stay safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Escalation {
    /// A recovery was begun before, and did not end.
    #[error("the recovery before was left at step {step}")]
    Reentered {
        /// Its step.
        step: u8,
    },
    /// The memory is not whole: it may have been that of a recovery that did not end.
    #[error("nobody knows whether a recovery was begun")]
    Lost,
    /// A step took too long.
    #[error("step {step} took {took_us} us, {budget_us} us allowed")]
    StepOverrun {
        /// Its index.
        step: u8,
        /// How long it took until it was looked at.
        took_us: u64,
        /// What it may take.
        budget_us: u32,
    },
    /// The recovery took too long.
    #[error("the recovery took {took_us} us, {budget_us} us allowed")]
    Overrun {
        /// How long it took until it was looked at.
        took_us: u64,
        /// What it may take.
        budget_us: u32,
    },
    /// The clock of the caller went backward.
    #[error("a clock that goes backward")]
    ClockBackward,
}

impl<const N: usize> Recovery<N> {
    /// Begins with the first step.
    ///
    /// # Errors
    ///
    /// The recovery before this one did not end, or nobody knows whether it did.
    pub fn begin(
        plan: &'static Plan<N>,
        memory: &'static Memory,
        now_us: u64,
    ) -> Result<Self, Escalation> {
        match memory.found() {
            Found::Idle => {
                memory.store(AT_STEP);
                Ok(Self { plan, memory, step: 0, begun_us: now_us, step_us: now_us })
            }
            Found::At(step) => Err(Escalation::Reentered { step }),
            Found::Lost => Err(Escalation::Lost),
        }
    }

    /// The index of its step.
    #[must_use]
    pub const fn step(&self) -> u8 {
        self.step
    }

    /// For the journal: its step, if it is done now.
    #[must_use]
    pub fn occurrence(&self, now_us: u64) -> Occurrence {
        Occurrence::RecoveryStep {
            step: self.step,
            took_us: brief(now_us.saturating_sub(self.step_us)),
            budget_us: self.step_budget_us(),
        }
    }

    fn step_budget_us(&self) -> u32 {
        self.plan.steps.get(usize::from(self.step)).map_or(0, |step| step.budget_us)
    }

    /// Whether the step, and all of it, are within their budgets.
    ///
    /// # Errors
    ///
    /// One of them is not. Whoever goes on all the same is refused by [`done`](Self::done).
    pub fn poll(&self, now_us: u64) -> Result<(), Escalation> {
        let Some(took_us) = now_us.checked_sub(self.step_us) else {
            return Err(Escalation::ClockBackward);
        };
        let budget_us = self.step_budget_us();
        if took_us > u64::from(budget_us) {
            return Err(Escalation::StepOverrun { step: self.step, took_us, budget_us });
        }
        let (took_us, budget_us) = (now_us.saturating_sub(self.begun_us), self.plan.budget_us);
        if took_us > u64::from(budget_us) {
            return Err(Escalation::Overrun { took_us, budget_us });
        }
        Ok(())
    }

    /// The step is done.
    ///
    /// # Errors
    ///
    /// It took too long, or all of it did.
    pub fn done(self, now_us: u64) -> Result<Progress<N>, Escalation> {
        self.poll(now_us)?;
        let step = self.step.wrapping_add(1);
        if usize::from(step) >= N {
            self.memory.store(IDLE);
            let took_us = now_us.saturating_sub(self.begun_us);
            let budget_us = self.plan.budget_us;
            return Ok(Progress::Recovered(Recovered { took_us, budget_us }));
        }
        self.memory.store(AT_STEP | u32::from(step));
        Ok(Progress::Next(Self { step, step_us: now_us, ..self }))
    }
}

fn brief(us: u64) -> u32 {
    u32::try_from(us).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::boxed::Box;

    use super::*;
    use crate::lease::over_us;

    static PLAN: Plan<3> = Plan::new(
        [
            step("links", over_us(10_000)),
            step("sensors", over_us(20_000)),
            step("axes", over_us(20_000)),
        ],
        over_us(40_000),
    );

    fn memory() -> &'static Memory {
        Box::leak(Box::new(Memory::new()))
    }

    /// After so many steps of 9 ms each.
    fn at(memory: &'static Memory, steps: u8) -> Recovery<3> {
        let mut recovery = Recovery::begin(&PLAN, memory, 0).unwrap();
        for done in 1..=u64::from(steps) {
            let Progress::Next(next) = recovery.done(done * 9_000).unwrap() else {
                panic!("ended")
            };
            recovery = next;
        }
        recovery
    }

    #[test]
    fn a_recovery_within_its_budgets_ends_and_may_begin_again() {
        let memory = memory();
        for _ in 0..3 {
            let recovery = at(memory, 2);
            assert_eq!((recovery.step(), PLAN.name(recovery.step())), (2, Some("axes")));
            let said = |took_us| Occurrence::RecoveryStep { step: 2, took_us, budget_us: 20_000 };
            assert_eq!(recovery.occurrence(38_000), said(20_000));
            assert_eq!(recovery.occurrence(0), said(0));
            let Progress::Recovered(recovered) = recovery.done(38_000).unwrap() else {
                panic!("a step more")
            };
            assert_eq!(recovered.took_us(), 38_000);
            let said = Occurrence::Recovered { took_us: 38_000, budget_us: 40_000 };
            assert_eq!(recovered.occurrence(), said);
        }
        assert_eq!(PLAN.name(3), None);
    }

    #[test]
    fn an_overrun_at_every_step_escalates_and_the_next_boot_finds_it() {
        for steps in 0..3_u8 {
            let memory = memory();
            let recovery = at(memory, steps);
            let budget_us = PLAN.steps[usize::from(steps)].budget_us;
            let begun_us = u64::from(steps) * 9_000;
            let end_us = (begun_us + u64::from(budget_us)).min(40_000);
            assert_eq!(recovery.poll(end_us), Ok(()));
            let escalation = if end_us == 40_000 && begun_us + u64::from(budget_us) > 40_000 {
                Escalation::Overrun { took_us: 40_001, budget_us: 40_000 }
            } else {
                Escalation::StepOverrun {
                    step: steps,
                    took_us: u64::from(budget_us) + 1,
                    budget_us,
                }
            };
            assert_eq!(recovery.poll(end_us + 1), Err(escalation));
            assert_eq!(recovery.done(end_us + 1).unwrap_err(), escalation);
            let again = Recovery::begin(&PLAN, memory, 99_000).unwrap_err();
            assert_eq!(again, Escalation::Reentered { step: steps });
            // Again and again, until a power cycle.
            assert_eq!(Recovery::begin(&PLAN, memory, 100_000).unwrap_err(), again);
            memory.clear();
            assert!(Recovery::begin(&PLAN, memory, 100_000).is_ok());
        }
    }

    #[test]
    fn a_reset_at_every_step_is_a_reentry() {
        for steps in 0..3_u8 {
            let memory = memory();
            let _reset = at(memory, steps);
            let again = Recovery::begin(&PLAN, memory, 0).unwrap_err();
            assert_eq!(again, Escalation::Reentered { step: steps });
        }
    }

    #[test]
    fn a_reset_between_the_two_stores_and_every_flipped_bit_are_lost() {
        for bit in 0..32 {
            let memory = memory();
            memory.word.fetch_xor(1 << bit, Ordering::Relaxed);
            assert_eq!(
                Recovery::begin(&PLAN, memory, 0).unwrap_err(),
                Escalation::Lost,
                "bit {bit}"
            );
        }
        // Two words that fit each other, and say nothing.
        let memory = memory();
        memory.store(0x1234_5678);
        assert_eq!(Recovery::begin(&PLAN, memory, 0).unwrap_err(), Escalation::Lost);
        memory.store(AT_STEP);
        memory.word.store(AT_STEP | 1, Ordering::Relaxed);
        assert_eq!(Recovery::begin(&PLAN, memory, 0).unwrap_err(), Escalation::Lost);
    }

    #[test]
    fn a_clock_that_goes_backward_escalates() {
        let recovery = at(memory(), 1);
        assert_eq!(recovery.poll(8_999), Err(Escalation::ClockBackward));
        assert_eq!(recovery.done(8_999).unwrap_err(), Escalation::ClockBackward);
    }

    #[test]
    #[should_panic(expected = "a recovery has at least one step")]
    fn refuses_a_plan_of_nothing() {
        let _ = Plan::new([], over_us(1));
    }

    #[test]
    #[should_panic(expected = "a step takes no longer than all")]
    fn refuses_a_step_that_takes_longer_than_all() {
        let _ = Plan::new([step("one", over_us(1)), step("other", over_us(3))], over_us(2));
    }
}
