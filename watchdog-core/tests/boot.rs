//! What a boot says, and what hooks record: what others get wrong, each the name of a test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{ALIVE, MS, Run, fed, leak, per_cycle, plan_a, stopped};
use std::sync::atomic::AtomicU32;

use watchdog_core::boot::{
    self, Blame, BootRecord, DecodeError, Earlier, EncodeError, Found, RecoveryError, Verdict,
};
use watchdog_core::plan::{bounded, budget_us, mode, tolerance};
use watchdog_core::{
    AnySupervisor, Cause, Checkpoint, Compact, Culprit, Guarded, Level, Mode, Plan, ResetCauses,
    Retained, SectionId, Sections, file_hash,
};

const SERVICE: Mode = Mode::of::<1>();
const ERASE: Mode = Mode::of::<2>();
const OTHER: Checkpoint = Checkpoint::of::<9>();

static PLAN: Plan<3> = plan_a()
    .entity("control", per_cycle(1, 0, 100), tolerance(0))
    .entity(
        "modbus",
        watchdog_core::plan::alive(ALIVE, watchdog_core::plan::per_cycles(1, 4), 0, 100),
        tolerance(0),
    )
    .entity("display", per_cycle(1, 0, 100), tolerance(0))
    .advisory("display")
    .modes(&[
        mode(SERVICE, "service", &["modbus"]),
        bounded(ERASE, "erase", budget_us(50_000).outputs_safe()),
    ])
    .sections(&["limits", "position"])
    .build();
static OTHER_PLAN: Plan<3> = plan_a()
    .entity("control", per_cycle(1, 0, 100), tolerance(0))
    .entity("can", per_cycle(1, 0, 100), tolerance(0))
    .entity("display", per_cycle(1, 0, 100), tolerance(0))
    .advisory("display")
    .sections(&["limits", "position"])
    .build();
/// As [`PLAN`], with a start-up.
static SLOW_PLAN: Plan<1> = plan_a()
    .entity("control", per_cycle(1, 0, 100), tolerance(0))
    .start_up(budget_us(50_000))
    .build();

type Memory = Retained<3, 1>;

const POWER_ON: ResetCauses = ResetCauses::POWER_ON;
const PIN: ResetCauses = ResetCauses::PIN;
const SOFTWARE: ResetCauses = ResetCauses::SOFTWARE;
const WATCHDOG: ResetCauses = ResetCauses::WATCHDOG;
const UNKNOWN: ResetCauses = ResetCauses::UNKNOWN;

fn memory() -> &'static Memory {
    leak(Memory::new())
}

fn start(memory: &'static Memory, causes: ResetCauses) -> Run<3, 1> {
    Run::start(boot::judge(memory, &PLAN, causes, 0), &PLAN)
}

fn verdict(memory: &'static Memory, causes: ResetCauses) -> Verdict<3> {
    *boot::judge(memory, &PLAN, causes, 0).verdict()
}

fn culprit(memory: &'static Memory) -> Culprit {
    match verdict(memory, WATCHDOG).blame {
        Blame::Culprit(culprit) => culprit,
        other => panic!("{other:?}"),
    }
}

/// What the hook says at an instant of a run in which entities were last seen at these instants, in us.
fn hooked(seen: [Option<u64>; 3], now_us: u64) -> Cause {
    let memory = memory();
    let run = start(memory, POWER_ON);
    for (entity, at_us) in run.entities.iter().zip(seen) {
        if let Some(at_us) = at_us {
            entity.hit(ALIVE, at_us);
        }
    }
    memory.pretimeout(&PLAN, now_us);
    let culprit = culprit(memory);
    assert_eq!(culprit.at_us, now_us);
    culprit.cause
}

#[test]
fn the_hook_names_the_entity_that_is_longest_overdue() {
    let pretimeout = |name: Option<&str>, checkpoint, silent_us| Cause::Pretimeout {
        entity: name.and_then(|name| PLAN.entity(name)),
        checkpoint,
        silent_us,
    };
    let now = 90 * MS;
    // All hang: the one that came to its checkpoint first in the last turn. `modbus` may be silent for 40 ms.
    let seen = [Some(10_000), Some(10_100), Some(10_200)];
    assert_eq!(hooked(seen, now), pretimeout(Some("control"), Some(ALIVE), 80_000));
    // By how much each is overdue counts.
    let seen = [Some(29_900), Some(0), Some(10_200)];
    assert_eq!(hooked(seen, now), pretimeout(Some("control"), Some(ALIVE), 60_096));
    let seen = [Some(40_000), Some(100), Some(10_200)];
    assert_eq!(hooked(seen, now), pretimeout(Some("modbus"), Some(ALIVE), 89_920));
    // One goes on, in an interrupt.
    let seen = [Some(89_000), Some(10_100), Some(10_200)];
    assert_eq!(hooked(seen, now), pretimeout(Some("modbus"), Some(ALIVE), 79_936));
    // One that is advisory is not named; nobody else is overdue: it was not evaluated.
    let seen = [Some(85_000), Some(70_000), Some(10_200)];
    assert_eq!(hooked(seen, now), pretimeout(None, None, 0));
    // One that has never come.
    let seen = [Some(10_000), None, None];
    assert_eq!(hooked(seen, now), pretimeout(Some("modbus"), None, u32::MAX));
    // Across 32 bits.
    let wrap_us = 1_u64 << 32;
    let seen = [Some(wrap_us - 30_000), Some(wrap_us - 1_000), None];
    assert_eq!(hooked(seen, wrap_us + 5_000), pretimeout(Some("control"), Some(ALIVE), 35_008));
    let seen = [Some(wrap_us - 30_016), Some(wrap_us - 1_000), None];
    assert_eq!(hooked(seen, wrap_us), pretimeout(Some("control"), Some(ALIVE), 30_016));
}

#[test]
fn an_entity_is_not_seen_before_its_first_checkpoint_is_due() {
    // Before a supervisor is armed, in the start-up and in a bounded mode nobody is named.
    let memory = memory();
    let boot = boot::judge(memory, &PLAN, POWER_ON, 0);
    memory.pretimeout(&PLAN, 5_000);
    let _ = Run::start(boot, &PLAN);
    assert_eq!(verdict(memory, PIN).blame, Blame::None);

    let memory = self::memory();
    let mut run = start(memory, POWER_ON);
    run.go_on(80);
    run.supervisor.as_mut().unwrap().switch(ERASE, 80 * MS).unwrap();
    memory.pretimeout(&PLAN, 300 * MS);
    let nobody = Cause::Pretimeout { entity: None, checkpoint: None, silent_us: 0 };
    assert_eq!(culprit(memory).cause, nobody);

    let slow: &'static Retained<1, 1> = leak(Retained::new());
    let _ = Run::start(boot::judge(slow, &SLOW_PLAN, POWER_ON, 0), &SLOW_PLAN);
    slow.pretimeout(&SLOW_PLAN, 40 * MS);
    let blame = boot::judge(slow, &SLOW_PLAN, WATCHDOG, 0).verdict().blame;
    assert_eq!(blame, Blame::Culprit(Culprit { cause: nobody, at_us: 40 * MS }));
    let mut run = Run::start(boot::judge(slow, &SLOW_PLAN, PIN, 0), &SLOW_PLAN);
    run.go_on(60);
    slow.pretimeout(&SLOW_PLAN, 160 * MS);
    let blame = boot::judge(slow, &SLOW_PLAN, WATCHDOG, 0).verdict().blame;
    let Blame::Culprit(culprit) = blame else { panic!("{blame:?}") };
    assert_eq!(culprit.entity(), SLOW_PLAN.entity("control"));
}

#[test]
fn the_hook_knows_the_mode() {
    let memory = memory();
    let mut run = start(memory, POWER_ON);
    run.go_on(80);
    let mut supervisor = run.supervisor.take().unwrap();
    supervisor.switch(SERVICE, 80 * MS).unwrap();
    // `control` is deactivated.
    run.entities[1].hit(ALIVE, 100 * MS);
    memory.pretimeout(&PLAN, 200 * MS);
    assert_eq!(culprit(memory).entity(), PLAN.entity("modbus"));
    // A bounded mode is left again.
    let memory = self::memory();
    let mut run = start(memory, POWER_ON);
    run.go_on(80);
    let mut supervisor = run.supervisor.take().unwrap();
    supervisor.switch(ERASE, 80 * MS).unwrap();
    let mut dog = watchdog_core::Dog::new(common::Fake::default());
    supervisor.leave(&mut dog, 100 * MS).unwrap();
    memory.pretimeout(&PLAN, 200 * MS);
    assert_eq!(culprit(memory).entity(), PLAN.entity("control"));
}

#[test]
fn the_last_checkpoint_is_any_that_was_reached() {
    let memory = memory();
    let run = start(memory, POWER_ON);
    run.entities[0].hit(ALIVE, 10 * MS);
    run.entities[0].hit(OTHER, 20 * MS);
    let verdict = verdict(memory, WATCHDOG);
    let [Some(control), None, None] = verdict.last_checkpoints else { panic!("{verdict:?}") };
    assert_eq!((control.checkpoint, control.stamp_us, control.step_us), (OTHER, 19_968, 64));
}

#[test]
fn a_culprit_is_recorded_when_something_expires() {
    let memory = memory();
    let mut run = start(memory, POWER_ON);
    let stop = stopped(run.supervisor.take().unwrap().evaluate(10 * MS));
    memory.pretimeout(&PLAN, 90 * MS);
    assert_eq!(culprit(memory), stop);
    assert_eq!(stop.entity(), PLAN.entity("control"));

    // In the grace: the first one, before the stop.
    static GRACE: Plan<1> =
        plan_a().entity("control", per_cycle(1, 0, 100), tolerance(0)).grace(3).build();
    let memory: &'static Retained<1, 1> = leak(Retained::new());
    let mut run = Run::start(boot::judge(memory, &GRACE, POWER_ON, 0), &GRACE);
    let (supervisor, _) = fed(run.supervisor.take().unwrap().evaluate(10 * MS));
    let blame = boot::judge(memory, &GRACE, WATCHDOG, 0).verdict().blame;
    assert_eq!(Some(blame), supervisor.culprit().map(Blame::Culprit));
}

#[test]
fn a_mode_that_overruns_is_recorded() {
    for is_left in [false, true] {
        let memory = memory();
        let mut run = start(memory, POWER_ON);
        run.go_on(80);
        let mut supervisor = run.supervisor.take().unwrap();
        supervisor.switch(ERASE, 80 * MS).unwrap();
        if is_left {
            let mut dog = watchdog_core::Dog::new(common::Fake::default());
            assert!(supervisor.leave(&mut dog, 131 * MS).is_err());
        } else {
            let _ = supervisor.evaluate(131 * MS);
        }
        let cause = Cause::Overrun { mode: ERASE, budget_us: 50_000 };
        assert_eq!(culprit(memory), Culprit { cause, at_us: 131 * MS });
    }
}

#[test]
fn a_panic_and_a_fault_are_abnormal_whatever_the_flags_say() {
    let (panic, fault) = (memory(), memory());
    let _ = start(panic, POWER_ON);
    panic.panicked(42, "src/main.rs", 7);
    fault.faulted(1, 2, 3, 4);
    let _ = start(fault, POWER_ON);
    fault.faulted(0x0800_1234, 0x0800_0101, 0x8200, 9);
    fault.panicked(1, "in the fault handler", 10);
    let panic = verdict(panic, PIN);
    let cause = Cause::Panic { line: 42, file: file_hash("src/main.rs") };
    assert_eq!(panic.blame, Blame::Culprit(Culprit { cause, at_us: 7 }));
    assert_eq!((panic.causes, panic.is_abnormal), (PIN | ResetCauses::PANIC, true));
    let fault = verdict(fault, SOFTWARE);
    let cause = Cause::Fault { pc: 0x0800_1234, lr: 0x0800_0101, cause: 0x8200 };
    assert_eq!(fault.blame, Blame::Culprit(Culprit { cause, at_us: 9 }));
    assert_eq!((fault.causes, fault.is_abnormal), (SOFTWARE | ResetCauses::FAULT, true));
}

#[test]
fn a_panic_of_the_run_before_is_no_flag_that_may_be_old() {
    let memory = memory();
    let _ = start(memory, POWER_ON);
    memory.panicked(42, "src/main.rs", 7);
    let _ = verdict(memory, PIN);
    let _ = start(memory, PIN);
    memory.panicked(43, "src/main.rs", 7);
    let again = verdict(memory, SOFTWARE | PIN);
    assert_eq!(again.may_be_old, PIN);
    assert!(again.causes.contains(ResetCauses::PANIC));
}

#[test]
fn an_announced_reset_is_normal_once() {
    let memory = memory();
    let mut run = start(memory, POWER_ON);
    run.supervisor.as_mut().unwrap().announce();
    assert!(!verdict(memory, SOFTWARE).is_abnormal);
    assert!(verdict(memory, SOFTWARE).is_abnormal);
    // An announcement excuses no watchdog.
    let mut run = start(memory, PIN);
    run.supervisor.as_mut().unwrap().announce();
    assert!(verdict(memory, WATCHDOG | SOFTWARE).is_abnormal);
    let run = start(memory, PIN);
    let mut supervisor = AnySupervisor::from(run.supervisor.unwrap());
    supervisor.announce();
    assert!(!verdict(memory, SOFTWARE).is_abnormal);
}

#[test]
fn an_unknown_cause_is_abnormal_after_an_armed_run() {
    let memory = memory();
    assert_eq!(verdict(memory, UNKNOWN).found, Found::ColdStart);
    // It was not armed.
    assert!(!verdict(memory, UNKNOWN).is_abnormal);
    let _ = start(memory, UNKNOWN);
    let unknown = verdict(memory, ResetCauses::empty());
    assert_eq!(
        (unknown.causes, unknown.is_abnormal, unknown.may_be_old),
        (UNKNOWN, true, ResetCauses::empty())
    );
    let mut run = start(memory, UNKNOWN);
    run.supervisor.as_mut().unwrap().announce();
    assert!(!verdict(memory, UNKNOWN).is_abnormal);
}

#[test]
fn the_crash_counter_is_not_cleared_by_a_boot() {
    let memory = memory();
    for count in [1, 2] {
        let mut run = Run::start(boot::judge(memory, &PLAN, WATCHDOG, 500), &PLAN);
        // A run that is not long enough is not declared good; at 60.0005 s it would be.
        run.go_on(100);
        let mut supervisor = run.supervisor.take().unwrap();
        let error = supervisor.mark_good(60_000_499).unwrap_err();
        assert_eq!((error.left_us, error.to_string()), (1, "a good run is 1 us longer".to_owned()));
        assert_eq!(verdict(memory, PIN).abnormal_count, count);
    }
    let mut run = Run::start(boot::judge(memory, &PLAN, WATCHDOG, 500), &PLAN);
    assert_eq!(run.supervisor.as_ref().unwrap().level(), Level::Degraded);
    let supervisor = run.supervisor.take().unwrap();
    let mut supervisor = AnySupervisor::from(supervisor);
    assert!(supervisor.mark_good(60_000_499).is_err());
    supervisor.mark_good(60_000_500).unwrap();
    assert_eq!(AnySupervisor::<3>::Vacant.mark_good(0), Err(None));
    assert_eq!(
        (verdict(memory, PIN).abnormal_count, verdict(memory, PIN).level),
        (0, Level::Normal)
    );
}

#[test]
fn abnormal_boots_are_forgotten_past_the_window() {
    static SHORT: Plan<1> = plan_a()
        .entity("control", per_cycle(1, 0, 100), tolerance(0))
        .boot_window_us(10_000_000)
        .build();
    let memory: &'static Retained<1, 1> = leak(Retained::new());
    let mut counts = Vec::new();
    for uptime_ms in [3_000, 3_000, 5_000, 3_000, 11_000, 0] {
        let mut run = Run::start(boot::judge(memory, &SHORT, WATCHDOG, 0), &SHORT);
        run.go_on(uptime_ms);
        let verdict = *boot::judge(memory, &SHORT, PIN, 0).verdict();
        counts.push(verdict.abnormal_count);
    }
    // 3 + 3 + 5 s are past ten, and so on.
    assert_eq!(counts, [1, 2, 2, 2, 0, 1]);
}

#[test]
fn the_record_of_another_plan_is_named_and_not_decoded() {
    let memory = memory();
    let mut run = start(memory, POWER_ON);
    std::mem::forget(run.owners[0].enter(SectionId::of::<1>()));
    let _ = stopped(run.supervisor.take().unwrap().evaluate(10 * MS));
    let boot = boot::judge(memory, &OTHER_PLAN, WATCHDOG, 0);
    let verdict = *boot.verdict();
    let fingerprint = PLAN.fingerprint();
    assert_ne!(fingerprint, OTHER_PLAN.fingerprint());
    assert_eq!((verdict.found, verdict.blame), (Found::OtherPlan { fingerprint }, Blame::Unknown));
    assert_eq!(verdict.torn(), Sections::from_raw(0b11));
    assert_eq!((verdict.last_checkpoints, verdict.abnormal_count), ([None; 3], 1));
    // A panic is the same in any plan.
    let _ = boot.start();
    memory.panicked(1, "a", 2);
    let verdict = self::verdict(memory, PIN);
    let cause = Cause::Panic { line: 1, file: file_hash("a") };
    assert_eq!(verdict.blame, Blame::Culprit(Culprit { cause, at_us: 2 }));
    assert_eq!((verdict.earlier, verdict.abnormal_count), (None, 2));
}

#[test]
fn the_culprit_of_another_plan_is_never_decoded_later() {
    let memory = memory();
    let mut run = start(memory, POWER_ON);
    let _ = stopped(run.supervisor.take().unwrap().evaluate(10 * MS));
    let _ = verdict(memory, WATCHDOG);
    // It is the earlier one by now; and the plan is another.
    assert_eq!(boot::judge(memory, &OTHER_PLAN, PIN, 0).verdict().earlier, None);
    assert_eq!(boot::judge(memory, &OTHER_PLAN, PIN, 0).verdict().earlier, None);
    assert_eq!(verdict(memory, PIN).earlier, None);
}

#[test]
fn the_last_checkpoints_of_a_run_that_was_not_armed_are_none() {
    let memory = memory();
    let run = start(memory, POWER_ON);
    run.entities[0].hit(ALIVE, 10 * MS);
    assert!(verdict(memory, WATCHDOG).last_checkpoints[0].is_some());
    // That boot was not armed: the words are those of the run before it.
    assert_eq!(verdict(memory, WATCHDOG).last_checkpoints, [None; 3]);
}

#[test]
fn an_earlier_culprit_is_kept() {
    let memory = memory();
    let mut run = start(memory, POWER_ON);
    let culprit = stopped(run.supervisor.take().unwrap().evaluate(10 * MS));
    assert_eq!(verdict(memory, WATCHDOG).earlier, None);
    for runs_ago in 1..4 {
        let verdict = verdict(memory, PIN);
        assert_eq!(
            (verdict.blame, verdict.earlier),
            (Blame::None, Some(Earlier { culprit, runs_ago }))
        );
    }
}

#[test]
fn a_recovery_that_does_not_end_escalates() {
    static VALUES: Guarded<0, 1> = Guarded::new();
    let memory = memory();
    let mut boot = boot::judge(memory, &PLAN, POWER_ON, 0);
    let recovery = boot.recover(1_000, 100).unwrap();
    // At a cold start there is nothing to inherit.
    assert!(recovery.inherit(&VALUES).is_none());
    recovery.finish(1_100).unwrap();
    assert_eq!(boot.level(), Level::Normal);
    let error = boot.recover(1_000, 100).unwrap().finish(1_101).unwrap_err();
    let level = Level::Degraded;
    assert_eq!(error, RecoveryError::Overrun { took_us: 1_001, budget_us: 1_000, level });
    assert_eq!(boot.level(), level);
    // The next boots are no better, until a run is good.
    let next = verdict(memory, PIN);
    assert_eq!((next.level, next.is_recovery_interrupted, next.abnormal_count), (level, false, 0));
    // One that is entered again while it runs: its first one was dropped.
    let mut boot = boot::judge(memory, &PLAN, PIN, 0);
    let _ = boot.recover(1_000, 0).unwrap();
    let error = boot.recover(1_000, 0).unwrap_err();
    assert_eq!(error, RecoveryError::Again { level: Level::SafeOnly });
    // One that a reset ends.
    let memory = self::memory();
    let mut boot = boot::judge(memory, &PLAN, POWER_ON, 0);
    let _ = boot.recover(1_000, 0).unwrap();
    for (level, is_interrupted) in [(Level::Degraded, true), (Level::Degraded, false)] {
        let verdict = verdict(memory, PIN);
        assert_eq!((verdict.level, verdict.is_recovery_interrupted), (level, is_interrupted));
    }
    let mut boot = boot::judge(memory, &PLAN, PIN, 0);
    let _ = boot.recover(1_000, 0).unwrap();
    let mut run = start(memory, PIN);
    let mut supervisor = run.supervisor.take().unwrap();
    assert_eq!(supervisor.level(), Level::SafeOnly);
    supervisor.mark_good(60_000_000).unwrap();
    assert_eq!(verdict(memory, PIN).level, Level::Normal);
}

#[test]
fn a_value_of_a_section_that_was_not_torn_is_inherited_too() {
    let memory = memory();
    let _ = start(memory, POWER_ON);
    let mut boot = boot::judge(memory, &PLAN, WATCHDOG, 0);
    let recovery = boot.recover(1_000, 0).unwrap();
    let inherited = recovery.inherit_value(SectionId::of::<1>(), "evidence").unwrap();
    assert_eq!((inherited.is_torn(), *inherited.inspect()), (false, "evidence"));
    assert_eq!(inherited.section(), SectionId::of::<1>());
    assert_eq!(
        format!("{inherited:?}"),
        "Inherited { value: \"evidence\", section: SectionId(1), is_torn: false, .. }"
    );
    assert_eq!(inherited.revalidate(|value| Ok::<_, ()>(value.len())), Ok(8));
}

#[test]
fn a_run_of_hours_has_its_uptime() {
    let memory = memory();
    let run = Run::start(boot::judge(memory, &PLAN, POWER_ON, 1_000_000), &PLAN);
    assert_eq!(verdict(memory, PIN).uptime_us, Some(0));
    let _ = run;
    let mut run = Run::start(boot::judge(memory, &PLAN, PIN, 0), &PLAN);
    run.go_on(4_300_000);
    let uptime_us = verdict(memory, PIN).uptime_us.unwrap();
    assert_eq!(uptime_us, 4_300_000_000 / 65_536 * 65_536);
}

#[test]
fn a_verdict_says_what_is_known() {
    let memory = memory();
    let mut run = start(memory, POWER_ON);
    std::mem::forget(run.owners[0].enter(SectionId::of::<1>()));
    let cold = "cold start; ResetCauses(POWER_ON); abnormal boots: 0; Normal";
    assert_eq!(boot::judge(self::memory(), &PLAN, POWER_ON, 0).verdict().to_string(), cold);
    let _ = stopped(run.supervisor.take().unwrap().evaluate(10 * MS));
    assert_eq!(
        verdict(memory, WATCHDOG | PIN).to_string(),
        "record; ResetCauses(PIN | WATCHDOG); entity 0: alive: checkpoint 0 reached 0 times, last at 0 us (at 10000 us); \
         owner 0 held {1}, abandoned {}; abnormal boots: 1; Normal"
    );
    assert_eq!(
        verdict(memory, WATCHDOG | PIN).to_string(),
        "record; ResetCauses(PIN | WATCHDOG), of these perhaps old: ResetCauses(PIN | WATCHDOG); nobody recorded a culprit; \
         owner 0 held {}, abandoned {1}; abnormal boots: 2; Normal"
    );
}

/// Verdicts of many kinds.
fn verdicts() -> Vec<Verdict<3>> {
    let memory = memory();
    let mut all = vec![verdict(memory, POWER_ON)];
    let mut run = start(memory, PIN);
    std::mem::forget(run.owners[0].enter(SectionId::of::<1>()));
    drop(run.owners[0].enter(SectionId::of::<0>()));
    run.entities[1].hit(OTHER, 9 * MS);
    let _ = stopped(run.supervisor.take().unwrap().evaluate(10 * MS));
    all.push(verdict(memory, WATCHDOG | PIN));
    all.push(verdict(memory, WATCHDOG));
    let mut boot = boot::judge(memory, &PLAN, WATCHDOG, 0);
    let _ = boot.recover(1_000, 0).unwrap();
    memory.faulted(1, 2, 3, u64::MAX);
    all.push(verdict(memory, PIN));
    all.push(*boot::judge(memory, &OTHER_PLAN, WATCHDOG, 0).verdict());
    memory.load([0; Memory::WORDS]);
    all.push(verdict(memory, WATCHDOG));
    let record: &'static Compact<[AtomicU32; 4], 4> =
        leak(Compact::new([const { AtomicU32::new(0) }; 4]));
    let _ = boot::judge_compact(record, &PLAN, POWER_ON, 0);
    record.panicked(77);
    all.push(*boot::judge_compact(record, &PLAN, SOFTWARE, 0).verdict());
    all
}

#[test]
fn a_verdict_is_read_back_from_its_bytes() {
    let mut days = verdicts()[1];
    days.uptime_us = Some(5_000_000_000);
    for verdict in verdicts().into_iter().chain([days]) {
        let mut buffer = [0xA5; Verdict::<3>::ENCODED_LEN + 3];
        let bytes = verdict.encode(&mut buffer).unwrap().to_vec();
        assert_eq!((bytes.len(), &buffer[bytes.len()..]), (112, &[0xA5; 3][..]));
        let record = BootRecord::decode(&bytes).unwrap();
        let (read, whole) = (verdict, record.verdict);
        assert_eq!((whole.fingerprint, whole.found), (read.fingerprint, read.found));
        assert_eq!((whole.blame, whole.earlier), (read.blame, read.earlier));
        assert_eq!((whole.causes, whole.may_be_old), (read.causes, read.may_be_old));
        assert_eq!(
            (whole.is_abnormal, whole.abnormal_count, whole.level),
            (read.is_abnormal, read.abnormal_count, read.level)
        );
        assert_eq!(whole.is_recovery_interrupted, read.is_recovery_interrupted);
        assert_eq!(whole.uptime_us, read.uptime_us);
        assert!(record.owners().eq(read.owners));
        assert!(record.last_checkpoints().eq(read.last_checkpoints));
    }
}

#[test]
fn bytes_that_are_no_record_are_refused() {
    let verdict = verdicts()[1];
    let mut buffer = [0; Verdict::<3>::ENCODED_LEN];
    for len in 0..buffer.len() {
        let error = EncodeError { needed: 112, available: len };
        assert_eq!(verdict.encode(&mut buffer[..len]), Err(error));
    }
    let bytes = verdict.encode(&mut buffer).unwrap();
    for len in 0..bytes.len() {
        let expected = if len < 4 { 84 } else { 112 };
        let error = DecodeError::Len { expected, got: len };
        assert_eq!(BootRecord::decode(&bytes[..len]), Err(error));
    }
    let longer = [bytes, &[0]].concat();
    assert_eq!(BootRecord::decode(&longer), Err(DecodeError::Len { expected: 112, got: 113 }));
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match BootRecord::decode(&flipped).unwrap_err() {
            DecodeError::Version { expected: 1, got } => {
                assert_eq!((bit / 8, got), (0, flipped[0]));
            }
            DecodeError::Len { got: 112, .. } => assert!((8..24).contains(&bit)),
            DecodeError::Crc { expected, got } => assert!(bit >= 24 && expected != got),
            other => panic!("{other:?}"),
        }
    }
}

/// These bytes with some words of others, and a right CRC.
fn with_words(bytes: &[u8], words: &[(usize, u32)]) -> Vec<u8> {
    let mut other = bytes.to_vec();
    for (word, value) in words {
        other[4 * word..4 * word + 4].copy_from_slice(&value.to_le_bytes());
    }
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&other[..108]);
    other[108..].copy_from_slice(&crc.to_le_bytes());
    other
}

#[test]
fn words_that_no_verdict_has_are_refused() {
    let all = verdicts();
    let earlier = all.iter().position(|verdict| verdict.earlier.is_some()).unwrap();
    let marks = |which: usize| {
        let mut buffer = [0; Verdict::<3>::ENCODED_LEN];
        let bytes = all[which].encode(&mut buffer).unwrap();
        u32::from_le_bytes(bytes[8..12].try_into().unwrap())
    };
    let (cold, stopped, told) = (marks(0), marks(1), marks(earlier));
    let culprit = stopped & !(0xFF << 24);
    for (which, words, wrong, got) in [
        (1, &[(0, 4 << 24 | 0x01_0301)][..], 0, 4 << 24 | 0x01_0301),
        (0, &[(2, cold | 1 << 4)], 2, cold | 1 << 4),
        (0, &[(2, cold | 3 << 8)], 2, cold | 3 << 8),
        (0, &[(2, cold | 6 << 16)], 2, cold | 6 << 16),
        (0, &[(2, cold | 5 << 24)], 2, cold | 5 << 24),
        (1, &[(4, 1)], 4, 1),
        (0, &[(4, 1)], 4, 1),
        (0, &[(5, 1)], 5, 1),
        (0, &[(6, 1)], 5, 0),
        (1, &[(7, 0)], 7, 0),
        (1, &[(2, culprit | 1 << 24), (7, 7)], 7, 7),
        (1, &[(2, culprit | 4 << 24), (7, 7)], 7, 7),
        (0, &[(2, cold | 1 << 3)], 13, 0),
        (0, &[(13, 1)], 19, 0),
        (0, &[(19, 1)], 19, 1),
        (earlier, &[(2, told), (19, 1 << 16)], 19, 1 << 16),
        (1, &[(21, 0x0100_0006)], 21, 0x0100_0006),
        (1, &[(21, 0x0001_1006)], 21, 0x0001_1006),
        (1, &[(21, 0x0001_0015)], 21, 0x0001_0015),
        (1, &[(22, 1)], 21, 0),
        (1, &[(25, 5)], 25, 5),
    ] {
        let mut buffer = [0; Verdict::<3>::ENCODED_LEN];
        let other = with_words(all[which].encode(&mut buffer).unwrap(), words);
        let error = DecodeError::Value { offset: 4 * wrong, got };
        assert_eq!(BootRecord::decode(&other), Err(error), "{words:?}");
    }
    let mut buffer = [0; Verdict::<3>::ENCODED_LEN];
    let farthest = with_words(all[earlier].encode(&mut buffer).unwrap(), &[(19, 0xFFFF)]);
    let read = BootRecord::decode(&farthest).unwrap().verdict.earlier.unwrap();
    assert_eq!(read.runs_ago, 0xFFFF);
}
