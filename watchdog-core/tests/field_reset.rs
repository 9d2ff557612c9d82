//! What people met in the field: rows W9 to W15 of the reports, what a reset leaves. Each names its defect and the answer that is right.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use common::{ALIVE, MS, Run, leak, per_cycle, plan_a};
use watchdog_core::boot::{self, Blame, Found, Torn, Verdict};
use watchdog_core::plan::tolerance;
use watchdog_core::{
    Checkpoint, Guarded, LastCheckpoint, Level, Owner, Plan, ResetCauses, Retained, SectionId,
    Sections,
};

const CURRENT_LIMITS: SectionId = PLAN.section("CURRENT_LIMITS").unwrap();
const POSITION: SectionId = PLAN.section("position").unwrap();
const SERVED: Checkpoint = Checkpoint::of::<3>();

static PLAN: Plan<2> = plan_a()
    .entity("control", per_cycle(1, 0, 3), tolerance(0))
    .entity("modbus", per_cycle(1, 0, 3), tolerance(3))
    .sections(&["CURRENT_LIMITS", "position"])
    .build();

type Memory = Retained<2, 2>;

const POWER_ON: ResetCauses = ResetCauses::POWER_ON;
const PIN: ResetCauses = ResetCauses::PIN;
const WATCHDOG: ResetCauses = ResetCauses::WATCHDOG;

/// A boot whose run has this uptime, in ms, of an armed supervisor.
fn run(memory: &'static Memory, causes: ResetCauses, uptime_ms: u64) -> Verdict<2, 2> {
    let mut boot = boot::judge(memory, &PLAN, causes, 0);
    boot.flags_cleared();
    let verdict = *boot.verdict();
    Run::start(boot, &PLAN).go_on(uptime_ms);
    verdict
}

fn memory() -> &'static Memory {
    leak(Memory::new())
}

#[test]
fn w9_a_flag_that_was_not_cleared_may_be_old() {
    let memory = memory();
    let first = *boot::judge(memory, &PLAN, WATCHDOG | POWER_ON, 0).verdict();
    assert_eq!((first.is_abnormal, first.may_be_old), (true, ResetCauses::empty()));
    let mut boot = boot::judge(memory, &PLAN, WATCHDOG | PIN, 0);
    let second = *boot.verdict();
    assert_eq!(second.causes, WATCHDOG | PIN);
    assert_eq!((second.is_abnormal, second.may_be_old), (true, WATCHDOG));
    boot.flags_cleared();
    let third = *boot::judge(memory, &PLAN, PIN, 0).verdict();
    assert_eq!((third.is_abnormal, third.may_be_old), (false, ResetCauses::empty()));
    assert_eq!((first.abnormal_count, second.abnormal_count, third.abnormal_count), (1, 2, 2));
}

#[test]
fn w10_power_that_flickers_is_no_crash() {
    let memory = memory();
    for boot in 0..5 {
        let verdict = run(memory, POWER_ON, 2_000);
        let found = if boot == 0 { Found::ColdStart } else { Found::Record };
        assert_eq!(
            (verdict.found, verdict.level, verdict.abnormal_count),
            (found, Level::Normal, 0)
        );
    }
    let levels = [Level::Normal, Level::Normal, Level::Degraded];
    for (level, count) in levels.into_iter().zip(1..) {
        let verdict = run(memory, WATCHDOG, 2_000);
        assert_eq!((verdict.level, verdict.abnormal_count), (level, count));
        assert_eq!(verdict.uptime_us, Some(2_000_000 / 65_536 * 65_536));
    }
}

#[test]
fn w11_a_boot_is_counted_before_anything_can_crash() {
    let memory = memory();
    let _ = boot::judge(memory, &PLAN, POWER_ON, 0);
    for (level, count) in [
        (Level::Normal, 1),
        (Level::Normal, 2),
        (Level::Degraded, 3),
        (Level::Degraded, 4),
        (Level::SafeOnly, 5),
        (Level::SafeOnly, 5),
    ] {
        let verdict = *boot::judge(memory, &PLAN, WATCHDOG, 0).verdict();
        assert_eq!((verdict.level, verdict.abnormal_count), (level, count));
    }
}

#[test]
fn w13_a_section_that_was_held_is_named_and_its_value_revalidated() {
    static LIMITS: Guarded<0, 2> = Guarded::new();
    let memory = memory();
    let run = Run::start(boot::judge(memory, &PLAN, POWER_ON, 0), &PLAN);
    let update = LIMITS.enter(&run.owners[0]);
    update.set(0, 30_000);
    update.set(1, 20_000);
    update.finish();
    run.entities[0].hit(ALIVE, 60 * MS);
    run.entities[1].hit(SERVED, 90 * MS);
    // A reset after the update that was finished would find nothing torn.
    let unharmed = self::memory();
    unharmed.load((0..Memory::WORDS).map(|index| memory.word(index).unwrap()));
    assert!(boot::judge(unharmed, &PLAN, WATCHDOG, 0).verdict().torn().is_empty());
    // At 100 the section is entered; half of its update is done when the program hangs.
    let update = LIMITS.enter(&run.owners[0]);
    update.set(0, 90_000);
    std::mem::forget(update);

    let mut boot = boot::judge(memory, &PLAN, WATCHDOG, 0);
    let verdict = *boot.verdict();
    assert_eq!((verdict.blame, verdict.is_abnormal), (Blame::Unrecorded, true));
    assert_eq!(verdict.held().iter().collect::<Vec<_>>(), [CURRENT_LIMITS]);
    assert_eq!(PLAN.section_name(CURRENT_LIMITS), "CURRENT_LIMITS");
    // Two timeouts of 100 ms are at most 4,096 steps of 64 us.
    let last = |checkpoint, us: u32| {
        Some(LastCheckpoint { checkpoint, stamp_us: us / 64 * 64, step_us: 64 })
    };
    assert_eq!(verdict.last_checkpoints, [last(ALIVE, 60_000), last(SERVED, 90_000)]);

    let recovery = boot.recover(1_000, 0).unwrap();
    let inherited = recovery.inherit(&LIMITS).unwrap();
    assert!(inherited.is_torn());
    assert_eq!(inherited.inspect(), &[90_000, 20_000]);
    let plausible = |[peak, continuous]: [u32; 2]| {
        if peak <= 40_000 { Ok([peak, continuous]) } else { Err(peak) }
    };
    assert_eq!(inherited.revalidate(plausible), Err(90_000));
    recovery.finish(500).unwrap();
    // What was not revalidated is torn at the next boot too, and then repaired.
    let mut boot = boot::judge(memory, &PLAN, PIN, 0);
    let torn = Torn { held: Sections::NONE, abandoned: Sections::NONE.with(CURRENT_LIMITS) };
    assert_eq!(boot.verdict().owners[0], torn);
    let recovery = boot.recover(1_000, 0).unwrap();
    let repaired = recovery.inherit(&LIMITS).unwrap().revalidate(|_| Ok::<_, ()>([30_000, 20_000]));
    assert_eq!(repaired, Ok([30_000, 20_000]));
    recovery.finish(500).unwrap();
    let boot = boot::judge(memory, &PLAN, PIN, 0);
    assert!(boot.verdict().torn().is_empty());
    assert_eq!(boot.verdict().blame, Blame::None);
}

#[test]
fn w13_without_a_section_nothing_is_torn() {
    let memory = memory();
    let run = Run::start(boot::judge(memory, &PLAN, POWER_ON, 0), &PLAN);
    run.owners[0].enter(CURRENT_LIMITS).finish();
    let verdict = *boot::judge(memory, &PLAN, WATCHDOG, 0).verdict();
    assert!(verdict.torn().is_empty());
}

/// Waits for ever.
async fn update(owner: &Owner, section: SectionId) {
    let section = owner.enter(section);
    std::future::pending::<()>().await;
    section.finish();
}

#[test]
fn w14_a_future_that_is_dropped_leaves_its_section_torn() {
    let memory = memory();
    let run = Run::start(boot::judge(memory, &PLAN, POWER_ON, 0), &PLAN);
    {
        let mut future = pin!(update(&run.owners[0], CURRENT_LIMITS));
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Pending);
        assert_eq!(run.owners[0].held(), Sections::NONE.with(CURRENT_LIMITS));
    }
    run.owners[0].enter(POSITION).finish();
    let verdict = *boot::judge(memory, &PLAN, WATCHDOG, 0).verdict();
    let torn = Torn { held: Sections::NONE, abandoned: Sections::NONE.with(CURRENT_LIMITS) };
    assert_eq!(verdict.owners[0], torn);
    assert_eq!(verdict.owners[1].torn(), Sections::NONE);
}

#[test]
fn w14_two_owners_leave_in_the_order_in_which_they_came() {
    let memory = memory();
    let run = Run::start(boot::judge(memory, &PLAN, POWER_ON, 0), &PLAN);
    let [one, other] = &run.owners;
    // One owner alone, and then two.
    let (a, b) = (one.enter(CURRENT_LIMITS), one.enter(POSITION));
    a.finish();
    assert_eq!(one.held().iter().collect::<Vec<_>>(), [POSITION]);
    b.finish();
    let (a, b) = (one.enter(CURRENT_LIMITS), other.enter(POSITION));
    a.finish();
    let held = |owner: &Owner| owner.held().iter().collect::<Vec<_>>();
    assert_eq!((held(one), held(other)), (vec![], vec![POSITION]));
    std::mem::forget(b);
    let verdict = *boot::judge(memory, &PLAN, WATCHDOG, 0).verdict();
    assert_eq!(verdict.held().iter().collect::<Vec<_>>(), [POSITION]);
    assert_eq!(verdict.owners[1].held, Sections::NONE.with(POSITION));
}

#[test]
fn w15_a_record_of_nothing_is_lost_and_names_nobody() {
    for word in [0, u32::MAX] {
        let memory = memory();
        memory.load(std::iter::repeat_n(word, Memory::WORDS));
        let verdict = *boot::judge(memory, &PLAN, WATCHDOG, 0).verdict();
        assert_eq!((verdict.found, verdict.blame), (Found::Lost, Blame::Unknown));
        assert_eq!(verdict.last_checkpoints, [None, None]);
        assert_eq!(verdict.earlier, None);
        assert_eq!(verdict.torn().iter().collect::<Vec<_>>(), [CURRENT_LIMITS, POSITION]);
        // After the power came it is a cold start, and nothing is torn.
        memory.load(std::iter::repeat_n(word, Memory::WORDS));
        let verdict = *boot::judge(memory, &PLAN, POWER_ON, 0).verdict();
        assert_eq!((verdict.found, verdict.blame), (Found::ColdStart, Blame::None));
        assert!(verdict.torn().is_empty() && !verdict.is_abnormal);
    }
}
