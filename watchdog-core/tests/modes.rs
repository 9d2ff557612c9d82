//! Modes, bounded modes and the start-up: what is judged after a switch, and that no switch hides a dead entity.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{ALIVE, Fake, MS, armed, fed, per_cycle, plan_a, stopped};
use watchdog_core::plan::{alive, bounded, budget_us, from, mode, per_cycles, tolerance, until};
use watchdog_core::{
    Armed, Cause, Checkpoint, Culprit, DeadlineFault, Dog, EntityId, GlobalStatus, Health,
    LeaveError, Mode, Outcome, Plan, Supervisor, SwitchError,
};

const START: Checkpoint = Checkpoint::of::<1>();
const STOP: Checkpoint = Checkpoint::of::<2>();
const MODE: Mode = Mode::of::<1>();
const OTHER: Mode = Mode::of::<2>();
const ENTITY: EntityId = EntityId::new(0);

fn deadline(fault: DeadlineFault) -> Cause {
    Cause::Deadline { entity: ENTITY, start: START, stop: STOP, fault }
}

/// Plan A with a bounded mode, a mode in which "work" alone is active, and an entity that may fail.
const MODES: Plan<2> = plan_a()
    .entity("work", per_cycle(1, 0, 3), tolerance(1))
    .entity("other", per_cycle(1, 0, 3), tolerance(1))
    .modes(&[
        bounded(MODE, "erase", budget_us(100_000).outputs_safe()),
        mode(OTHER, "service", &["work"]),
    ])
    .build();

/// Evaluates in each cycle, in which "work" alone checks in, and then does what `then` says: when it stops, and whom it blames.
fn until_stopped(
    mut then: impl FnMut(&mut Supervisor<Armed, 2>, &mut Dog<Fake>, u64),
) -> Option<(u64, Option<EntityId>)> {
    let (mut supervisor, [work, _other], mut dog, _) = armed(&MODES, 0);
    for now_us in (1..1_000).map(|cycle| cycle * 10 * MS) {
        work.hit(ALIVE, now_us);
        match supervisor.evaluate(now_us) {
            Outcome::Feed(next, _, _) => supervisor = next,
            Outcome::Stop(_, culprit) => return Some((now_us, culprit.entity())),
            Outcome::Early(..) => panic!("early"),
        }
        then(&mut supervisor, &mut dog, now_us);
    }
    None
}

#[test]
fn a_loop_that_switches_in_each_cycle_is_not_fed_for_ever() {
    // Into the bounded mode and out of it, while an entity is dead.
    let stopped_at = until_stopped(|supervisor, dog, now_us| {
        if supervisor.bounded_mode().is_some() {
            supervisor.leave(dog, now_us).unwrap();
        } else {
            let _refused = supervisor.switch(MODE, now_us);
        }
    });
    assert_eq!(stopped_at, Some((20 * MS, Some(EntityId::new(1)))));
}

#[test]
fn a_dead_entity_is_not_fed_for_ever_by_switching_it_off_and_on() {
    let stopped_at = until_stopped(|supervisor, _, now_us| {
        let next = if supervisor.mode() == OTHER { Mode::FIRST } else { OTHER };
        let _refused = supervisor.switch(next, now_us);
    });
    // Judged bad at 10, off, on at 20, judged again at the end of the first whole cycle: 40.
    assert_eq!(stopped_at, Some((40 * MS, Some(EntityId::new(1)))));
}

#[test]
fn a_mode_is_not_switched_before_all_are_judged() {
    let (mut supervisor, [work, other], mut dog, _) = armed(&MODES, 0);
    let not_judged = Err(SwitchError::NotJudged { entity: ENTITY });
    assert_eq!(supervisor.switch(OTHER, MS), not_judged);
    assert_eq!(supervisor.switch(MODE, MS), not_judged);
    let unknown = Mode::of::<9>();
    assert_eq!(supervisor.switch(unknown, MS), Err(SwitchError::Unknown { mode: unknown }));
    assert_eq!(supervisor.leave(&mut dog, MS), Err(LeaveError::NotBounded));
    work.hit(ALIVE, 1);
    (supervisor, _) = fed(supervisor.evaluate(10 * MS));
    // Judged, and the other one judged bad: a mode is switched in FAILED, a bounded one needs a good verdict.
    assert_eq!(supervisor.status(), GlobalStatus::Failed);
    let not_good = Err(SwitchError::NotJudgedGood { entity: EntityId::new(1) });
    assert_eq!(supervisor.switch(MODE, 10 * MS), not_good);
    assert_eq!(supervisor.switch(OTHER, 10 * MS), Ok(()));
    assert_eq!(supervisor.mode(), OTHER);
    assert_eq!(supervisor.switch(Mode::FIRST, 10 * MS), not_judged);
    work.hit(ALIVE, 11 * MS);
    (supervisor, _) = fed(supervisor.evaluate(20 * MS));
    assert_eq!(supervisor.switch(MODE, 20 * MS), Ok(()));
    assert_eq!(supervisor.switch(OTHER, 20 * MS), Err(SwitchError::Bounded { mode: MODE }));
    assert_eq!(supervisor.leave(&mut dog, 25 * MS), Ok(()));
    assert_eq!(supervisor.mode(), OTHER, "the mode from which it was entered");
    drop(dog);
    let _ = other;
}

#[test]
fn a_mode_is_switched_only_in_ok_and_failed() {
    const PLAN: Plan<1> = plan_a()
        .entity("work", per_cycle(1, 0, 3), tolerance(0))
        .modes(&[mode(MODE, "same", &["work"])])
        .grace(5)
        .start_up(budget_us(10_000))
        .build();
    let (supervisor, ..) = armed(&PLAN, 0);
    let (mut supervisor, _) = fed(supervisor.evaluate(10 * MS));
    let (next, _) = fed({
        assert_eq!(
            supervisor.switch(MODE, 10 * MS),
            Err(SwitchError::NotJudged { entity: ENTITY })
        );
        supervisor.evaluate(20 * MS)
    });
    supervisor = next;
    let status = GlobalStatus::Expired;
    assert_eq!(supervisor.status(), status);
    assert_eq!(supervisor.switch(MODE, 20 * MS), Err(SwitchError::Status { status }));
}

#[test]
fn nothing_is_judged_in_the_start_up() {
    const PLAN: Plan<1, 1> = plan_a()
        .entity("work", per_cycle(1, 0, 3), tolerance(0))
        .deadline("work", START, STOP, 200..=900)
        .start_up(budget_us(25_000))
        .build();
    let (mut supervisor, [work], ..) = armed(&PLAN, 0);
    assert_eq!(supervisor.switch(MODE, 0), Err(SwitchError::StartUp));
    // A stop without a start, a span that is too long, one that stays open: void when the start-up ends.
    work.hit(STOP, MS);
    work.begin(START, 2 * MS).end(STOP, 20 * MS);
    let span = work.begin(START, 22 * MS);
    for now_us in [10 * MS, 20 * MS, 30 * MS] {
        let (next, health) = fed(supervisor.evaluate(now_us));
        assert_eq!(health, Health::Ok);
        supervisor = next;
    }
    // The start-up of 25 ended at 30: from here on whole cycles are judged.
    span.end(STOP, 31 * MS);
    work.hit(ALIVE, 32 * MS);
    work.begin(START, 33 * MS).end(STOP, 33 * MS + 500);
    let (supervisor, health) = fed(supervisor.evaluate(40 * MS));
    assert_eq!(health, Health::Ok);
    let culprit = stopped(supervisor.evaluate(50 * MS));
    assert_eq!(culprit.entity(), Some(ENTITY));
}

#[test]
fn what_is_not_supervised_throughout_is_not_judged() {
    const PLAN: Plan<2, 1, 1> = plan_a()
        .entity("always", per_cycle(1, 0, 9), tolerance(0))
        .entity("work", per_cycle(1, 0, 9), tolerance(0))
        .deadline("work", START, STOP, 200..=900)
        .flow("work", from(&[START]), &[(START, STOP)], until(&[STOP]))
        .modes(&[mode(MODE, "alone", &["always"])])
        .build();
    // What the entity does while it is deactivated, and then first when it is active again; whether that is right.
    type Steps = &'static [Checkpoint];
    let cases: [(Steps, Steps, bool); 8] = [
        (&[START], &[STOP, START, STOP], true), // goes on
        (&[START], &[START, STOP], true),       // begins anew
        (&[], &[START, STOP], true),
        (&[STOP], &[START, STOP], true), // a fault of before is void
        (&[STOP], &[STOP, START, STOP], true), // and nobody knows where it stood
        (&[], &[STOP], false),
        (&[START, STOP], &[STOP], false),
        (&[START], &[STOP, STOP], false),
    ];
    for (before, after, is_right) in cases {
        let (mut supervisor, [always, work], ..) = armed(&PLAN, 0);
        let mut now_us = 0;
        let mut hit_both = || {
            always.hit(ALIVE, now_us);
            work.hit(ALIVE, now_us);
            now_us += 10 * MS;
            now_us
        };
        (supervisor, _) = fed(supervisor.evaluate(hit_both()));
        supervisor.switch(MODE, 10 * MS).unwrap();
        before.iter().zip(0..).for_each(|(step, index)| work.hit(*step, 11 * MS + index * 100));
        (supervisor, _) = fed(supervisor.evaluate(hit_both()));
        supervisor.switch(Mode::FIRST, 20 * MS).unwrap();
        after.iter().zip(0..).for_each(|(step, index)| work.hit(*step, 21 * MS + index * 500));
        let is_fed = matches!(supervisor.evaluate(hit_both()), Outcome::Feed(..));
        assert_eq!(is_fed, is_right, "{before:?} then {after:?}");
    }
}

#[test]
fn an_entity_that_is_active_in_both_modes_goes_on() {
    const PLAN: Plan<1, 1> = plan_a()
        .entity("work", alive(ALIVE, per_cycles(4, 2), 0, 0), tolerance(0))
        .deadline("work", START, STOP, 200..=15_000)
        .modes(&[mode(MODE, "same", &["work"])])
        .build();
    let (mut supervisor, [work], ..) = armed(&PLAN, 0);
    (0..4).for_each(|hit| work.hit(ALIVE, hit * 5 * MS));
    (supervisor, _) = fed(supervisor.evaluate(10 * MS));
    (supervisor, _) = fed(supervisor.evaluate(20 * MS));
    // Two hits before the switch and two after it are one reference cycle, and a span across it is judged.
    let span = work.begin(START, 21 * MS);
    (0..2).for_each(|hit| work.hit(ALIVE, 21 * MS + hit));
    (supervisor, _) = fed(supervisor.evaluate(30 * MS));
    supervisor.switch(MODE, 30 * MS).unwrap();
    (0..2).for_each(|hit| work.hit(ALIVE, 31 * MS + hit));
    span.end(STOP, 37 * MS);
    let culprit = stopped(supervisor.evaluate(40 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::TooLate), at_us: 37 * MS });
}

#[test]
fn an_entity_that_goes_on_is_judged_after_more_switches_than_can_be_told_apart() {
    const PLAN: Plan<2, 1> = plan_a()
        .entity("work", per_cycle(1, 0, 3), tolerance(1))
        .deadline("work", START, STOP, 0..=15_000)
        .entity("other", per_cycle(1, 0, 3), tolerance(1))
        .modes(&[mode(OTHER, "service", &["work"])])
        .build();
    // Epochs are told apart up to 4,096; each switch is one.
    for bad_at in [10, 2_040, 2_050, 4_090, 4_092, 4_093, 4_094, 4_095, 4_096, 4_100, 5_000] {
        let (mut supervisor, [work, other], ..) = armed(&PLAN, 0);
        let (mut now_us, mut switches) = (0, 0);
        let culprit = loop {
            now_us += 10 * MS;
            work.hit(ALIVE, now_us);
            other.hit(ALIVE, now_us);
            // A span across every switch, which is not void; the bad one goes on.
            if now_us > 10 * MS && switches < bad_at {
                work.hit(STOP, now_us - 1);
            }
            if switches < bad_at {
                work.hit(START, now_us - 1);
            }
            supervisor = match supervisor.evaluate(now_us) {
                Outcome::Feed(next, ..) => next,
                Outcome::Stop(_, culprit) => break culprit,
                Outcome::Early(..) => panic!("early"),
            };
            let next = if supervisor.mode() == OTHER { Mode::FIRST } else { OTHER };
            switches += u32::from(supervisor.switch(next, now_us).is_ok());
            assert!(switches < bad_at + 3, "the span was not found at switch {bad_at}");
        };
        assert_eq!(culprit.cause, deadline(DeadlineFault::TooLate), "switch {bad_at}");
        assert!(switches >= bad_at);
    }
}

#[test]
fn a_good_verdict_of_before_a_deactivation_does_not_count() {
    const PLAN: Plan<2> = plan_a()
        .entity("always", per_cycle(1, 0, 9), tolerance(0))
        .entity("work", per_cycle(1, 0, 9), tolerance(2))
        .modes(&[
            mode(OTHER, "alone", &["always"]),
            bounded(MODE, "erase", budget_us(100_000).outputs_safe()),
        ])
        .build();
    let (mut supervisor, [always, work], ..) = armed(&PLAN, 0);
    let mut now_us = 0;
    let mut turn = |supervisor: Supervisor<Armed, 2>, does_work: bool| {
        always.hit(ALIVE, now_us);
        if does_work {
            work.hit(ALIVE, now_us);
        }
        now_us += 10 * MS;
        fed(supervisor.evaluate(now_us))
    };
    (supervisor, _) = turn(supervisor, true);
    supervisor.switch(OTHER, 10 * MS).unwrap();
    (supervisor, _) = turn(supervisor, false);
    supervisor.switch(Mode::FIRST, 20 * MS).unwrap();
    // What is left of the cycle, and then a bad one.
    (supervisor, _) = turn(supervisor, true);
    let work_id = EntityId::new(1);
    let not_judged = Err(SwitchError::NotJudged { entity: work_id });
    assert_eq!(supervisor.switch(MODE, 30 * MS), not_judged);
    let (next, health) = turn(supervisor, false);
    supervisor = next;
    assert_eq!(health, Health::Failed { entity: work_id, cycles_left: 1 });
    let not_good = Err(SwitchError::NotJudgedGood { entity: work_id });
    assert_eq!(supervisor.switch(MODE, 40 * MS), not_good);
    // A good one, and its count of bad cycles is 0 again.
    (supervisor, _) = turn(supervisor, true);
    assert_eq!(supervisor.status(), GlobalStatus::Ok);
    assert_eq!(supervisor.switch(MODE, 50 * MS), Ok(()));
}
