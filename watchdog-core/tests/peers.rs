//! What other watchdogs get wrong, each the name of a test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{ALIVE, Fake, MS, armed, cold, fed, leak, per_cycle, plan_a, stopped};
use watchdog_core::plan::{
    alive, bounded, budget_us, cycle_us, from, hardware, mode, per_cycles, process_safety_time_us,
    reset_to_safe_us, timeout_us, tolerance, until,
};
use watchdog_core::{
    AnyOutcome, AnySupervisor, Armed, Cause, Checkpoint, Culprit, DeadlineFault, Dog, EntityId,
    FeedError, GlobalStatus, Health, LeaveError, LocalStatus, Mode, Outcome, Plan, StartError,
    Supervisor, SwitchError,
};

const START: Checkpoint = Checkpoint::of::<1>();
const STOP: Checkpoint = Checkpoint::of::<2>();
const MODE: Mode = Mode::of::<1>();
const ENTITY: EntityId = EntityId::new(0);

const SPAN: Plan<1, 1> = plan_a()
    .entity("control", per_cycle(1, 0, 9), tolerance(1))
    .deadline("control", START, STOP, 200..=900)
    .build();

fn deadline(fault: DeadlineFault) -> Cause {
    Cause::Deadline { entity: ENTITY, start: START, stop: STOP, fault }
}

#[test]
fn a_span_across_the_wrap_of_32_bits_is_measured_right() {
    // 32 bits of microseconds come round after 71.6 minutes, of milliseconds after 49.7 days; u64 has many of both.
    for wrap_us in [1_u64 << 32, 4_294_967_296_000, (1 << 63) - (1 << 32), 1 << 63] {
        for (took_us, fault) in [
            (199, Some(DeadlineFault::TooEarly)),
            (200, None),
            (900, None),
            (901, Some(DeadlineFault::TooLate)),
        ] {
            let armed_us = wrap_us - 5 * MS;
            let (supervisor, [control], ..) = armed(&SPAN, armed_us);
            control.hit(ALIVE, armed_us);
            let start_us = wrap_us - 150;
            control.begin(START, start_us).end(STOP, start_us + took_us);
            let outcome = supervisor.evaluate(armed_us + 10 * MS);
            match fault {
                None => assert_eq!(fed(outcome).1, Health::Ok, "{took_us} us"),
                Some(fault) => {
                    let at_us = start_us + took_us;
                    assert_eq!(stopped(outcome), Culprit { cause: deadline(fault), at_us });
                }
            }
        }
    }
}

#[test]
fn a_span_that_starts_at_tick_0_is_a_span() {
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.hit(ALIVE, 0);
    control.begin(START, 0).end(STOP, 500);
    assert_eq!(fed(supervisor.evaluate(10 * MS)).1, Health::Ok);

    // And one that stays open is found, though its start is 0.
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.hit(ALIVE, 0);
    core::mem::forget(control.begin(START, 0));
    let culprit = stopped(supervisor.evaluate(10 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::TooLate), at_us: 10 * MS });
}

#[test]
fn a_stop_without_a_start_is_a_fault() {
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.hit(ALIVE, 0);
    control.hit(STOP, 700);
    let culprit = stopped(supervisor.evaluate(10 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::NotStarted), at_us: 700 });
}

#[test]
fn a_second_start_does_not_hide_the_first() {
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.hit(ALIVE, 0);
    control.hit(START, 100);
    control.hit(START, 2_000);
    control.hit(STOP, 2_500);
    let culprit = stopped(supervisor.evaluate(10 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::StartedTwice), at_us: 2_000 });
}

#[test]
fn a_span_that_is_dropped_is_a_fault() {
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.hit(ALIVE, 0);
    drop(control.begin(START, 300));
    let culprit = stopped(supervisor.evaluate(10 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::Dropped), at_us: 300 });
}

#[test]
fn a_span_that_ends_elsewhere_is_found_open() {
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.begin(START, 300).end(ALIVE, 800);
    let culprit = stopped(supervisor.evaluate(10 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::TooLate), at_us: 10 * MS });
}

#[test]
fn a_span_that_is_open_and_young_is_no_fault() {
    // At the maximum it is still right; a start that an interrupt stamped after the loop read the clock has age 0.
    for start_us in [10 * MS - 900, 10 * MS - 1, 10 * MS, 10 * MS + 5] {
        let (supervisor, [control], ..) = armed(&SPAN, 0);
        control.hit(ALIVE, 0);
        let span = control.begin(START, start_us);
        assert_eq!(fed(supervisor.evaluate(10 * MS)).1, Health::Ok, "{start_us}");
        span.end(STOP, start_us + 500);
    }
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.hit(ALIVE, 0);
    let span = control.begin(START, 10 * MS - 901);
    assert!(matches!(supervisor.evaluate(10 * MS), Outcome::Stop(..)));
    core::mem::forget(span);
}

#[test]
fn a_clock_that_goes_back_within_a_span_gives_0() {
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.hit(ALIVE, 0);
    control.begin(START, 2_000).end(STOP, 1_500);
    let culprit = stopped(supervisor.evaluate(10 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::TooEarly), at_us: 1_500 });
}

#[test]
fn a_later_good_span_does_not_erase_a_bad_one() {
    let (supervisor, [control], ..) = armed(&SPAN, 0);
    control.hit(ALIVE, 0);
    control.begin(START, 1_000).end(STOP, 1_901);
    for start_us in [3_000, 4_000, 5_000] {
        control.begin(START, start_us).end(STOP, start_us + 500);
    }
    let culprit = stopped(supervisor.evaluate(10 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::TooLate), at_us: 1_901 });
}

#[test]
fn a_checkpoint_may_end_one_deadline_and_begin_others() {
    const A: Checkpoint = Checkpoint::of::<3>();
    const B: Checkpoint = Checkpoint::of::<4>();
    const PLAN: Plan<2, 5> = plan_a()
        .entity("control", per_cycle(1, 0, 9), tolerance(1))
        .deadline("control", Checkpoint::of::<5>(), Checkpoint::of::<6>(), 100..=200)
        .deadline("control", START, STOP, 100..=200)
        .deadline("control", STOP, A, 100..=200)
        .deadline("control", STOP, B, 1_000..=2_000)
        .entity("other", per_cycle(1, 0, 9), tolerance(1))
        .deadline("other", START, STOP, 100..=200)
        .build();
    type Steps = &'static [(u64, Checkpoint)];
    type Fault = (u64, Checkpoint, Checkpoint, DeadlineFault);
    let cases: [(Steps, Option<Fault>); 6] = [
        (&[(0, START), (150, STOP), (300, A), (1_200, B)], None),
        (&[(0, START), (99, STOP)], Some((99, START, STOP, DeadlineFault::TooEarly))),
        (
            &[(0, START), (150, STOP), (249, A), (1_200, B)],
            Some((249, STOP, A, DeadlineFault::TooEarly)),
        ),
        (
            &[(0, START), (150, STOP), (300, A), (2_151, B)],
            Some((2_151, STOP, B, DeadlineFault::TooLate)),
        ),
        (&[(150, STOP)], Some((150, START, STOP, DeadlineFault::NotStarted))),
        (
            &[(0, START), (150, STOP), (300, A), (400, START), (550, STOP)],
            Some((550, STOP, B, DeadlineFault::StartedTwice)),
        ),
    ];
    for (steps, fault) in cases {
        let (supervisor, [control, other], ..) = armed(&PLAN, 0);
        control.hit(ALIVE, 0);
        other.hit(ALIVE, 0);
        other.begin(START, 10).end(STOP, 150);
        steps.iter().for_each(|(at_us, checkpoint)| control.hit(*checkpoint, *at_us));
        let outcome = supervisor.evaluate(10 * MS);
        match fault {
            None => assert_eq!(fed(outcome).1, Health::Ok),
            Some((at_us, start, stop, fault)) => {
                let cause = Cause::Deadline { entity: ENTITY, start, stop, fault };
                assert_eq!(stopped(outcome), Culprit { cause, at_us }, "{steps:?}");
            }
        }
    }
}

#[test]
fn of_two_faults_at_one_instant_the_deadline_is_the_culprit() {
    const PLAN: Plan<1, 1, 1> = plan_a()
        .entity("control", per_cycle(1, 0, 9), tolerance(1))
        .deadline("control", START, STOP, 200..=900)
        .flow("control", from(&[START]), &[(START, STOP), (STOP, START)], until(&[]))
        .build();
    let (supervisor, [control], ..) = armed(&PLAN, 0);
    control.hit(ALIVE, 0);
    control.hit(STOP, 700);
    let culprit = stopped(supervisor.evaluate(10 * MS));
    assert_eq!(culprit, Culprit { cause: deadline(DeadlineFault::NotStarted), at_us: 700 });
}

#[test]
fn a_span_that_is_open_and_young_is_not_the_culprit_beside_a_bad_one() {
    const PLAN: Plan<1, 2> = plan_a()
        .entity("control", per_cycle(1, 0, 9), tolerance(1))
        .deadline("control", START, STOP, 200..=20_000)
        .deadline("control", ALIVE, Checkpoint::MAX, 200..=900)
        .build();
    let (supervisor, [control], ..) = armed(&PLAN, 0);
    control.hit(START, 100);
    control.begin(ALIVE, 1_000).end(Checkpoint::MAX, 1_100);
    let culprit = stopped(supervisor.evaluate(10 * MS));
    let (start, stop, fault) = (ALIVE, Checkpoint::MAX, DeadlineFault::TooEarly);
    let cause = Cause::Deadline { entity: ENTITY, start, stop, fault };
    assert_eq!(culprit, Culprit { cause, at_us: 1_100 });
}

const ORDER: Plan<2, 0, 2> = plan_a()
    .entity("control", per_cycle(1, 0, 9), tolerance(1))
    .flow("control", from(&[START]), &[(START, STOP), (STOP, START)], until(&[]))
    .entity("other", per_cycle(1, 0, 9), tolerance(1))
    .flow("other", from(&[START]), &[(START, STOP)], until(&[STOP]))
    .build();

#[test]
fn a_later_right_checkpoint_does_not_erase_a_wrong_order() {
    let (supervisor, [control, other], ..) = armed(&ORDER, 0);
    control.hit(ALIVE, 0);
    other.hit(ALIVE, 0);
    for (at_us, checkpoint) in [(100, START), (200, STOP), (300, STOP), (400, START), (500, STOP)] {
        control.hit(checkpoint, at_us);
    }
    let cause = Cause::Logical { entity: ENTITY, checkpoint: STOP };
    assert_eq!(stopped(supervisor.evaluate(10 * MS)), Culprit { cause, at_us: 300 });
}

#[test]
fn the_steps_of_two_entities_are_not_those_of_one_graph() {
    // Both walk the same numbers, interleaved in every order.
    for order in 0..16_u32 {
        let (supervisor, [control, other], ..) = armed(&ORDER, 0);
        let (mut one, mut two) = ([START, STOP].iter(), [START, STOP].iter());
        for step in 0..4 {
            let (first, second) =
                if order >> step & 1 == 0 { (&control, &other) } else { (&other, &control) };
            for handle in [first, second] {
                let steps = if handle.id() == ENTITY { &mut one } else { &mut two };
                steps.next().into_iter().for_each(|checkpoint| handle.hit(*checkpoint, 1));
            }
        }
        control.hit(ALIVE, 2);
        other.hit(ALIVE, 2);
        assert_eq!(fed(supervisor.evaluate(10 * MS)).1, Health::Ok, "order {order}");
    }
}

#[test]
fn checkpoints_in_no_graph_are_ignored_by_it() {
    let (supervisor, [control, other], ..) = armed(&ORDER, 0);
    other.hit(ALIVE, 0);
    for checkpoint in [START, ALIVE, Checkpoint::MAX, STOP, ALIVE, START] {
        control.hit(checkpoint, 1);
    }
    assert_eq!(fed(supervisor.evaluate(10 * MS)).1, Health::Ok);
}

#[test]
fn a_failed_entity_does_not_ignore_a_lone_fault() {
    const PLAN: Plan<1, 1> = plan_a()
        .entity("control", per_cycle(1, 0, 9), tolerance(2))
        .deadline("control", START, STOP, 200..=900)
        .build();
    let (supervisor, [control], ..) = armed(&PLAN, 0);
    let (supervisor, health) = fed(supervisor.evaluate(10 * MS));
    assert_eq!(health, Health::Failed { entity: ENTITY, cycles_left: 1 });
    let (supervisor, health) = fed(supervisor.evaluate(20 * MS));
    assert_eq!(health, Health::Failed { entity: ENTITY, cycles_left: 0 });
    // A good cycle, after which it is still failed.
    control.hit(ALIVE, 21 * MS);
    control.begin(START, 22 * MS).end(STOP, 22 * MS + 100);
    let culprit = stopped(supervisor.evaluate(30 * MS));
    let cause = deadline(DeadlineFault::TooEarly);
    assert_eq!(culprit, Culprit { cause, at_us: 22 * MS + 100 });
}

#[test]
fn the_earliest_culprit_of_an_evaluation_is_the_first() {
    const PLAN: Plan<2, 2, 1> = plan_a()
        .entity("dead", per_cycle(1, 0, 9), tolerance(0))
        .entity("late", per_cycle(1, 0, 9), tolerance(0))
        .deadline("late", START, STOP, 200..=900)
        .deadline("late", STOP, Checkpoint::MAX, 100..=5_000)
        .flow("late", from(&[START]), &[(START, STOP), (STOP, START)], until(&[]))
        .build();
    let (supervisor, [_dead, late], ..) = armed(&PLAN, 0);
    late.hit(ALIVE, 0);
    // 600: right. 650: too early after the stop. 700: out of order.
    for (at_us, checkpoint) in [(100, START), (600, STOP), (650, Checkpoint::MAX), (700, STOP)] {
        late.hit(checkpoint, at_us);
    }
    let culprit = stopped(supervisor.evaluate(10 * MS));
    let (entity, fault) = (EntityId::new(1), DeadlineFault::TooEarly);
    let cause = Cause::Deadline { entity, start: STOP, stop: Checkpoint::MAX, fault };
    assert_eq!(culprit, Culprit { cause, at_us: 650 });
    assert_eq!(
        culprit.to_string(),
        "entity 1: deadline from checkpoint 2 to 15: too early (at 650 us)"
    );
}

const WORK: Plan<1> = plan_a().entity("work", per_cycle(1, 0, 3), tolerance(1)).build();

#[test]
fn an_evaluation_that_overruns_its_interval_is_a_fault_and_no_panic() {
    for late_us in
        [2_001, 9_999, 10_000, 10_001, 3_600_000_000, u64::from(u32::MAX) + 1, u64::MAX - 10_000]
    {
        let (supervisor, [work], ..) = armed(&WORK, 0);
        work.hit(ALIVE, 1);
        let culprit = stopped(supervisor.evaluate(10_000 + late_us));
        assert_eq!(culprit, Culprit { cause: Cause::Late { late_us }, at_us: 10_000 + late_us });
    }
    let (supervisor, [work], ..) = armed(&WORK, 0);
    work.hit(ALIVE, 1);
    assert_eq!(fed(supervisor.evaluate(12_000)).1, Health::Ok);
}

#[test]
fn a_late_evaluation_does_not_move_the_ends_of_the_cycles() {
    let (mut supervisor, [work], ..) = armed(&WORK, 7);
    for cycle in 1..50 {
        work.hit(ALIVE, cycle * 10 * MS);
        (supervisor, _) = fed(supervisor.evaluate(cycle * 10 * MS + 7 + cycle * 40));
        assert_eq!(supervisor.due_us(), (cycle + 1) * 10 * MS + 7);
    }
}

#[test]
fn a_late_feed_does_not_forget_the_miss() {
    const PLAN: Plan<1> =
        plan_a().entity("work", per_cycle(1, 0, 9), tolerance(1)).grace(3).build();
    let (mut supervisor, [work], ..) = armed(&PLAN, 0);
    work.hit(ALIVE, 1);
    (supervisor, _) = fed(supervisor.evaluate(10 * MS));
    // 35 is 15 late: 20 was missed, and 30 too. The next end is 40.
    let culprit = Culprit { cause: Cause::Late { late_us: 15 * MS }, at_us: 35 * MS };
    let mut expected = Health::Expired { entity: None, grace_left: 2 };
    for now_us in [35 * MS, 40 * MS, 50 * MS] {
        work.hit(ALIVE, now_us);
        let (next, health) = fed(supervisor.evaluate(now_us));
        assert_eq!((health, next.status()), (expected, GlobalStatus::Expired));
        if let Health::Expired { grace_left, .. } = &mut expected {
            *grace_left = grace_left.saturating_sub(1);
        }
        supervisor = next;
    }
    work.hit(ALIVE, 51 * MS);
    assert_eq!(stopped(supervisor.evaluate(60 * MS)), culprit);
}

#[test]
fn polling_burns_no_retries() {
    let (mut supervisor, [work], ..) = armed(&WORK, 0);
    work.hit(ALIVE, 5 * MS);
    for now_us in 0..10 * MS {
        let Outcome::Early(next, due_us) = supervisor.evaluate(now_us) else { panic!("{now_us}") };
        assert_eq!(due_us, 10 * MS);
        supervisor = next;
    }
    assert_eq!(fed(supervisor.evaluate(10 * MS)).1, Health::Ok);
}

#[test]
fn a_clock_that_stands_or_goes_back_gives_no_permit() {
    let (mut supervisor, [work], ..) = armed(&WORK, 0);
    work.hit(ALIVE, 5 * MS);
    (supervisor, _) = fed(supervisor.evaluate(10 * MS));
    for now_us in [10 * MS, 10 * MS, 9_999, 0, 19_999] {
        work.hit(ALIVE, now_us);
        let Outcome::Early(next, 20_000) = supervisor.evaluate(now_us) else { panic!("{now_us}") };
        supervisor = next;
    }
}

#[test]
fn an_entity_is_not_judged_before_its_first_whole_cycle() {
    // Elsewhere a channel is visible before its first feed, and trips.
    const PLAN: Plan<2> = plan_a()
        .entity("always", per_cycle(1, 0, 9), tolerance(0))
        .entity("slow", alive(ALIVE, per_cycles(1, 3), 0, 3), tolerance(0))
        .modes(&[mode(MODE, "alone", &["always"])])
        .build();
    let (mut supervisor, [always, slow], ..) = armed(&PLAN, 0);
    let mut now_us = 0;
    let mut turn = |mut supervisor: Supervisor<Armed, 2>, slow_hits: bool| {
        always.hit(ALIVE, now_us);
        if slow_hits {
            slow.hit(ALIVE, now_us);
        }
        now_us += 10 * MS;
        (supervisor, _) = fed(supervisor.evaluate(now_us));
        supervisor
    };
    for hits in [false, false, true] {
        supervisor = turn(supervisor, hits);
    }
    supervisor.switch(MODE, 33 * MS).unwrap();
    // Deactivated it may do what it likes: it is ignored, and counted.
    for _ in 0..5 {
        supervisor = turn(supervisor, true);
    }
    assert_eq!(supervisor.status_of(EntityId::new(1)), Some(LocalStatus::Deactivated));
    assert_eq!(supervisor.ignored(EntityId::new(1)), 5);
    assert_eq!(supervisor.ignored(EntityId::new(2)), 0, "the plan has none of this number");
    supervisor.switch(Mode::FIRST, 83 * MS).unwrap();
    // What is left of the cycle, and then a whole reference cycle whose hit comes last.
    for hits in [false, false, false, true] {
        supervisor = turn(supervisor, hits);
    }
    assert_eq!(supervisor.ignored(EntityId::new(1)), 0);
    // The twin: a reference cycle without a hit.
    for hits in [false, false] {
        supervisor = turn(supervisor, hits);
    }
    always.hit(ALIVE, 140 * MS);
    assert_eq!(supervisor.ignored(ENTITY), 0, "an active one is not ignored");
    assert!(matches!(supervisor.evaluate(150 * MS), Outcome::Stop(..)));
}

#[test]
fn a_check_in_at_the_very_end_of_a_cycle_is_in_that_cycle() {
    const PLAN: Plan<1> = plan_a().entity("work", per_cycle(1, 0, 0), tolerance(0)).build();
    let (mut supervisor, [work], ..) = armed(&PLAN, 0);
    for now_us in (1..100).map(|cycle| cycle * 10 * MS) {
        work.hit(ALIVE, now_us);
        (supervisor, _) = fed(supervisor.evaluate(now_us));
    }
}

#[test]
fn a_timeout_is_refused_and_not_clamped() {
    let fake = Fake::default();
    fake.0.borrow_mut().sets_us = Some(28_500);
    let refused = cold(&WORK).arm(&mut Dog::new(fake), 0).map(|_| ()).unwrap_err();
    assert_eq!(refused.to_string(), "from 80000 to 100000 us asked, 28500 us set");
}

#[test]
fn a_dog_has_one_supervisor() {
    let (supervisor, _, mut dog, _) = armed(&WORK, 0);
    let refused = cold(&WORK).arm(&mut dog, 0).map(|_| ()).unwrap_err();
    assert_eq!(refused.error, StartError::Taken);

    // A permit of one supervisor does not feed the dog of another.
    let (_, _, mut other, fake) = armed(&WORK, 0);
    let Outcome::Feed(_, permit, _) = supervisor.evaluate(10 * MS) else { panic!("a permit") };
    assert_eq!(other.feed(permit, 10 * MS), Err(FeedError::OtherSupervisor));
    let Outcome::Feed(_, permit, _) = armed(&WORK, 0).0.evaluate(10 * MS) else { panic!() };
    assert_eq!(Dog::new(fake.clone()).feed(permit, 10 * MS), Err(FeedError::NotArmed));
    assert_eq!(fake.feeds(), 0);
}

#[test]
fn a_permit_that_is_kept_does_not_feed() {
    let (supervisor, [work], mut dog, fake) = armed(&WORK, 0);
    work.hit(ALIVE, 1);
    let Outcome::Feed(supervisor, kept, _) = supervisor.evaluate(10 * MS) else { panic!() };
    assert_eq!((kept.until_us(), kept.cycle()), (12 * MS, 1));
    work.hit(ALIVE, 11 * MS);
    let Outcome::Feed(supervisor, permit, _) = supervisor.evaluate(20 * MS) else { panic!() };
    assert_eq!((permit.until_us(), permit.cycle()), (22 * MS, 2));
    dog.feed(permit, 20 * MS).unwrap();
    // By an instant that went back it is an old cycle, by the right one it is stale.
    assert_eq!(dog.feed(kept, 12 * MS), Err(FeedError::OldCycle { cycle: 1, fed: 2 }));
    work.hit(ALIVE, 21 * MS);
    let Outcome::Feed(supervisor, kept, _) = supervisor.evaluate(30 * MS) else { panic!() };
    assert_eq!(dog.feed(kept, 32 * MS + 7), Err(FeedError::Stale { age_us: 7 }));
    // Permits of some cycles may be left out.
    let mut supervisor = supervisor;
    for cycle in 4..8 {
        work.hit(ALIVE, cycle * 10 * MS - 1);
        (supervisor, _) = fed(supervisor.evaluate(cycle * 10 * MS));
    }
    work.hit(ALIVE, 79 * MS);
    let Outcome::Feed(_, permit, _) = supervisor.evaluate(80 * MS) else { panic!() };
    assert_eq!(dog.feed(permit, 82 * MS), Ok(()));
    assert_eq!(fake.feeds(), 2);
}

#[test]
fn an_advisory_entity_is_reported_and_withholds_nothing() {
    const PLAN: Plan<2, 1> = plan_a()
        .entity("work", per_cycle(1, 0, 3), tolerance(0))
        .entity("logger", per_cycle(1, 0, 3), tolerance(1))
        .advisory("logger")
        .deadline("logger", START, STOP, 200..=900)
        .modes(&[bounded(MODE, "erase", budget_us(100_000).outputs_safe())])
        .build();
    let (mut supervisor, [work, _logger], ..) = armed(&PLAN, 0);
    let logger = EntityId::new(1);
    for (cycle, status) in
        [(1, LocalStatus::Failed), (2, LocalStatus::Expired), (3, LocalStatus::Expired)]
    {
        work.hit(ALIVE, cycle * 10 * MS);
        let (next, health) = fed(supervisor.evaluate(cycle * 10 * MS));
        assert_eq!((health, next.status()), (Health::Ok, GlobalStatus::Ok));
        assert_eq!(next.status_of(logger), Some(status));
        let at_us = next.advisory_culprit().map(|culprit| (culprit.entity(), culprit.at_us));
        assert_eq!(at_us, (cycle > 1).then_some((Some(logger), 20 * MS)));
        assert_eq!(next.culprit(), None);
        supervisor = next;
    }
    // Nor does it hold up a bounded mode, though it was never judged good.
    assert_eq!(supervisor.switch(MODE, 30 * MS), Ok(()));
    let (mut supervisor, [work, _logger], ..) = armed(&PLAN, 0);
    work.hit(ALIVE, 1);
    (supervisor, _) = fed(supervisor.evaluate(10 * MS));
    assert_eq!(supervisor.status_of(logger), Some(LocalStatus::Failed));
    assert_eq!(supervisor.switch(MODE, 10 * MS), Ok(()));
}

#[test]
fn an_advisory_entity_needs_no_alive_supervision() {
    const PLAN: Plan<2, 1> = plan_a()
        .entity("work", per_cycle(1, 0, 3), tolerance(0))
        .entity("logger", watchdog_core::plan::no_alive(), tolerance(0))
        .advisory("logger")
        .deadline("logger", START, STOP, 200..=900)
        .modes(&[bounded(MODE, "erase", budget_us(100_000).outputs_safe())])
        .build();
    let (mut supervisor, [work, logger], mut dog, _) = armed(&PLAN, 0);
    work.hit(ALIVE, 1);
    (supervisor, _) = fed(supervisor.evaluate(10 * MS));
    assert_eq!(supervisor.status_of(EntityId::new(1)), Some(LocalStatus::Ok));
    supervisor.switch(MODE, 10 * MS).unwrap();
    supervisor.leave(&mut dog, 11 * MS).unwrap();
    logger.begin(START, 12 * MS).end(STOP, 12 * MS + 901);
    work.hit(ALIVE, 12 * MS);
    (supervisor, _) = fed(supervisor.evaluate(20 * MS));
    let cause = Cause::Deadline {
        entity: EntityId::new(1),
        start: START,
        stop: STOP,
        fault: DeadlineFault::TooLate,
    };
    assert_eq!(supervisor.advisory_culprit(), Some(Culprit { cause, at_us: 12_901 }));
}

#[test]
fn a_supervisor_in_a_static_says_what_it_is() {
    let mut any = AnySupervisor::<1>::default();
    assert!(matches!(any, AnySupervisor::Vacant));
    assert_eq!((any.status(), any.culprit()), (None, None));
    assert_eq!(any.switch(MODE, 0), Err(None));
    any = cold(&WORK).into();
    assert!(matches!(any, AnySupervisor::Cold(_)));
    assert!(matches!(any.evaluate(10 * MS), AnyOutcome::NotArmed));
    assert_eq!(any.status(), None);
    let (supervisor, [work], mut dog, fake) = armed(&WORK, 0);
    any = supervisor.into();
    assert_eq!(any.leave(&mut dog, 0), Err(Some(LeaveError::NotBounded)));
    assert_eq!(any.switch(MODE, 0), Err(Some(SwitchError::Unknown { mode: MODE })));
    assert!(matches!(any.evaluate(MS), AnyOutcome::Early(10_000)));
    work.hit(ALIVE, MS);
    let AnyOutcome::Feed(permit, Health::Ok) = any.evaluate(10 * MS) else { panic!("a permit") };
    dog.feed(permit, 10 * MS).unwrap();
    assert_eq!((any.status(), fake.feeds()), (Some(GlobalStatus::Ok), 1));
    let AnyOutcome::Feed(_, Health::Failed { .. }) = any.evaluate(20 * MS) else { panic!() };
    let AnyOutcome::Stop(culprit) = any.evaluate(30 * MS) else { panic!("a stop") };
    assert!(matches!(any, AnySupervisor::Stopped(_)));
    assert_eq!((any.status(), any.culprit()), (Some(GlobalStatus::Stopped), Some(culprit)));
    assert!(matches!(any.evaluate(40 * MS), AnyOutcome::Stop(same) if same == culprit));
    assert_eq!(any.leave(&mut dog, 0), Err(None));
    let cold = leak(std::sync::Mutex::new(AnySupervisor::<1>::Vacant));
    assert!(matches!(cold.lock().unwrap().evaluate(0), AnyOutcome::NotArmed));
}

/// Two watchdogs: the plan's window is that of the one that opens last.
const TWO: Plan<1> = Plan::builder(
    cycle_us(50_000).late_max_us(2_000),
    hardware(timeout_us(80_000..=100_000)).window_us(20_000),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("work", per_cycle(1, 0, 3), tolerance(1))
.second_hardware(hardware(timeout_us(1_000_000..=1_600_000)).window_us(30_000))
.build();

#[test]
fn two_watchdogs_say_what_both_of_them_do() {
    use watchdog_core::{Both, State, Watchdog};

    let (first, second) = (Fake::running(90_000, false), Fake::running(1_600_000, true));
    let mut both = Both::new(first.clone(), second.clone());
    let running = State::Running { timeout_us: 90_000, is_locked: false };
    assert_eq!((both.state(), both.counter_us()), (Ok(running), None));
    second.0.borrow_mut().counter_us = Some(2);
    assert_eq!(both.counter_us(), Some(2));
    first.0.borrow_mut().counter_us = Some(1);
    assert_eq!(both.counter_us(), Some(1));
    second.0.borrow_mut().state = Some(State::Stopped);
    assert_eq!(both.state(), Ok(State::Stopped), "one that stands still is said");
    assert_eq!(both.arm(hardware(timeout_us(80_000..=95_000))), Ok(95_000));
    assert_eq!((first.0.borrow().asked.len(), second.0.borrow().asked.len()), (1, 1));
}

#[test]
fn two_watchdogs_are_fed_by_one_permit() {
    use watchdog_core::{Both, Start};

    let (internal, external) = (Fake::default(), Fake::running(1_600_000, true));
    let mut dog = Dog::new(Both::new(internal.clone(), external.clone()));
    let (supervisor, [work]) =
        cold(&TWO).arm(&mut dog, 0).map_err(|refused| refused.error).unwrap();
    assert_eq!(supervisor.start(), Some(Start::Running), "one of them ran");
    assert_eq!(internal.0.borrow().asked, [TWO.hardware()]);
    work.hit(ALIVE, 1);
    let Outcome::Feed(supervisor, permit, _) = supervisor.evaluate(50 * MS) else { panic!() };
    dog.feed(permit, 50 * MS).unwrap();
    assert_eq!((internal.feeds(), external.feeds()), (1, 1));
    work.hit(ALIVE, 51 * MS);
    let Outcome::Feed(_, permit, _) = supervisor.evaluate(100 * MS) else { panic!() };
    assert_eq!(dog.feed(permit, 75 * MS), Err(FeedError::Closed { opens_in_us: 5_000 }));

    // Each has its own timeout, and a plan of two wants two.
    let mut dog = Dog::new(Both::new(Fake::default(), Fake::running(90_000, true)));
    let refused = cold(&TWO).arm(&mut dog, 0).map(|_| ()).unwrap_err();
    let (min_us, max_us) = (1_000_000, 1_600_000);
    assert_eq!(refused.error, StartError::RunsOtherwise { min_us, max_us, found_us: 90_000 });
    let refused = cold(&TWO).arm(&mut Dog::new(Fake::default()), 0).map(|_| ()).unwrap_err();
    assert_eq!(refused.error, StartError::OneWatchdog);
}
