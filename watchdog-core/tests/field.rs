//! What people met in the field: rows W1 to W8 of the reports. Each names its defect and the answer that is right.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{ALIVE, Fake, MS, armed, cold, fed, leak, per_cycle, plan_a, stopped};
use watchdog_core::plan::{
    self, Error, Who, alive, bounded, budget_us, cycle_us, hardware, per_cycles,
    process_safety_time_us, reset_to_safe_us, timeout_us, tolerance,
};
use watchdog_core::{
    Both, Cause, Checkpoint, Culprit, DeadlineFault, Dog, EntityId, FeedError, GlobalStatus,
    Health, LeaveError, Mode, Outcome, Plan, Start, StartError, State,
};

const MODE: Mode = Mode::of::<1>();

#[test]
fn w1_an_interrupt_alone_never_feeds() {
    const PLAN: Plan<2> = plan_a()
        .entity("isr", per_cycle(10, -1, 1), tolerance(0))
        .entity("work", per_cycle(1, 0, 3), tolerance(1))
        .build();
    let work_id = PLAN.entity("work").unwrap();
    let (mut supervisor, [isr, work], mut dog, fake) = armed(&PLAN, 0);
    for cycle in 1..=6 {
        (1..=10).for_each(|hit| isr.hit(ALIVE, (cycle - 1) * 10 * MS + hit * MS));
        if cycle <= 5 {
            work.hit(ALIVE, cycle * 10 * MS - 5 * MS);
        }
        let now_us = cycle * 10 * MS;
        let Outcome::Feed(next, permit, health) = supervisor.evaluate(now_us) else {
            panic!("a permit at {now_us}");
        };
        dog.feed(permit, now_us).unwrap();
        let failed = Health::Failed { entity: work_id, cycles_left: 0 };
        assert_eq!(health, if cycle <= 5 { Health::Ok } else { failed }, "at {now_us}");
        supervisor = next;
    }
    assert_eq!(supervisor.status(), GlobalStatus::Failed);
    (1..=10).for_each(|hit| isr.hit(ALIVE, 60 * MS + hit * MS));
    let Outcome::Stop(supervisor, culprit) = supervisor.evaluate(70 * MS) else { panic!("stop") };
    let cause = Cause::Alive { entity: work_id, checkpoint: ALIVE, count: 0, last_us: 45 * MS };
    assert_eq!(culprit, Culprit { cause, at_us: 70 * MS });
    assert_eq!(supervisor.status(), GlobalStatus::Stopped);

    // The typed supervisor cannot evaluate again; that of a static can.
    let mut supervisor = watchdog_core::AnySupervisor::from(supervisor);
    for cycle in 8..10_008 {
        (1..=10).for_each(|hit| isr.hit(ALIVE, (cycle - 1) * 10 * MS + hit * MS));
        let outcome = supervisor.evaluate(cycle * 10 * MS);
        assert!(matches!(outcome, watchdog_core::AnyOutcome::Stop(same) if same == culprit));
    }
    assert_eq!(fake.feeds(), 6);
}

#[test]
fn w1_two_that_are_alive_are_fed_for_ever() {
    const PLAN: Plan<2> = plan_a()
        .entity("isr", per_cycle(10, -1, 1), tolerance(0))
        .entity("work", per_cycle(1, 0, 3), tolerance(1))
        .build();
    let (mut supervisor, [isr, work], ..) = armed(&PLAN, 0);
    for cycle in 1..=10_000 {
        (1..=10).for_each(|hit| isr.hit(ALIVE, (cycle - 1) * 10 * MS + hit * MS));
        work.hit(ALIVE, cycle * 10 * MS - 5 * MS);
        let (next, health) = fed(supervisor.evaluate(cycle * 10 * MS));
        assert_eq!(health, Health::Ok);
        supervisor = next;
    }
}

#[cfg(feature = "gpio")]
mod pin {
    use embedded_hal::digital::{Error, ErrorKind, ErrorType, OutputPin};

    #[derive(Debug, PartialEq, Eq)]
    pub(crate) struct Broken;

    impl Error for Broken {
        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    /// A pin whose write of this number fails, from 1; it notes the levels.
    #[derive(Default)]
    pub(crate) struct Pin {
        pub(crate) fails_at: usize,
        pub(crate) writes: usize,
        pub(crate) levels: std::rc::Rc<std::cell::RefCell<Vec<bool>>>,
    }

    impl Pin {
        fn write(&mut self, level: bool) -> Result<(), Broken> {
            self.writes += 1;
            if self.writes == self.fails_at {
                return Err(Broken);
            }
            self.levels.borrow_mut().push(level);
            Ok(())
        }
    }

    impl ErrorType for Pin {
        type Error = Broken;
    }

    impl OutputPin for Pin {
        fn set_low(&mut self) -> Result<(), Broken> {
            self.write(false)
        }

        fn set_high(&mut self) -> Result<(), Broken> {
            self.write(true)
        }
    }
}

#[cfg(feature = "gpio")]
#[test]
fn w2_a_feed_that_does_not_arrive_is_no_feed() {
    use watchdog_core::gpio::{Edge, Gpio};

    const PLAN: Plan<1> = plan_a().entity("work", per_cycle(1, 0, 3), tolerance(1)).build();
    let pin = pin::Pin { fails_at: 3, ..Default::default() };
    let levels = pin.levels.clone();
    let mut dog = Dog::new(Gpio::new(pin, Edge::Any, 90_000));
    let (mut supervisor, [work]) = cold(&PLAN).arm(&mut dog, 0).expect("it runs as planned");
    for cycle in 1..=4 {
        let now_us = cycle * 10 * MS;
        work.hit(ALIVE, now_us - 1);
        let Outcome::Feed(next, permit, Health::Ok) = supervisor.evaluate(now_us) else {
            panic!("a permit at {now_us}");
        };
        supervisor = next;
        let result = dog.feed(permit, now_us);
        if cycle == 3 {
            assert_eq!(result, Err(FeedError::Watchdog(pin::Broken)));
            assert_eq!((dog.fed(), dog.last_fed_us()), (2, Some(20 * MS)));
        } else {
            assert_eq!(result, Ok(()));
        }
    }
    assert_eq!((dog.fed(), dog.last_fed_us()), (3, Some(40 * MS)));
    // The level that could not be written at 30 is the next one that is.
    assert_eq!(*levels.borrow(), [true, false, true]);
}

#[cfg(feature = "gpio")]
#[test]
fn an_edge_that_feeds_is_made_each_time() {
    use watchdog_core::Watchdog;
    use watchdog_core::gpio::{Edge, Gpio};

    const PLAN: Plan<1> = plan_a().entity("work", per_cycle(1, 0, 3), tolerance(1)).build();
    for (edge, expected) in [
        (Edge::Any, vec![true, false]),
        (Edge::Rising, vec![false, true, false, true]),
        (Edge::Falling, vec![true, false, true, false]),
    ] {
        let pin = pin::Pin::default();
        let levels = pin.levels.clone();
        let mut gpio = Gpio::new(pin, edge, 90_000);
        assert_eq!(gpio.arm(PLAN.hardware()), Ok(90_000));
        let mut dog = Dog::new(gpio);
        let (mut supervisor, [work]) = cold(&PLAN).arm(&mut dog, 0).expect("armed");
        assert_eq!(*levels.borrow(), [], "arming gives no edge");
        for now_us in [10 * MS, 20 * MS] {
            work.hit(ALIVE, now_us);
            let Outcome::Feed(next, permit, _) = supervisor.evaluate(now_us) else { panic!() };
            supervisor = next;
            dog.feed(permit, now_us).unwrap();
        }
        assert_eq!(*levels.borrow(), expected, "{edge:?}");
    }
}

const WINDOWED: Plan<1> = Plan::builder(
    cycle_us(50_000).late_max_us(5_000),
    hardware(timeout_us(80_000..=80_000)).window_us(40_000),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("loop", alive(ALIVE, plan::per_cycle(1), 0, 1_000), tolerance(0))
.build();

#[test]
fn w3_a_windowed_watchdog_is_not_fed_before_its_window_opens() {
    let (mut supervisor, [entity], mut dog, fake) = armed(&WINDOWED, 0);
    for now_us in (1..50).map(|ms| ms * MS) {
        entity.hit(ALIVE, now_us);
        let Outcome::Early(next, due_us) = supervisor.evaluate(now_us) else {
            panic!("early at {now_us}");
        };
        assert_eq!(due_us, 50 * MS);
        supervisor = next;
    }
    assert_eq!(fake.feeds(), 0);
    let Outcome::Feed(supervisor, permit, Health::Ok) = supervisor.evaluate(50 * MS) else {
        panic!("a permit at 50");
    };
    dog.feed(permit, 50 * MS).unwrap();

    // An instant that went back finds the window closed, and nothing is written.
    entity.hit(ALIVE, 99 * MS);
    let Outcome::Feed(_, permit, _) = supervisor.evaluate(100 * MS) else { panic!("a permit") };
    assert_eq!(dog.feed(permit, 89 * MS), Err(FeedError::Closed { opens_in_us: 1_000 }));
    assert_eq!((fake.feeds(), dog.fed(), dog.last_fed_us()), (1, 1, Some(50 * MS)));
}

#[test]
fn w3_the_window_of_a_slow_clock_opens_later() {
    const SLOW: Plan<1> = Plan::builder(
        cycle_us(50_000).late_max_us(4_000),
        hardware(timeout_us(80_000..=80_000)).window_us(40_000).tolerance_permille(100),
        process_safety_time_us(500_000),
        reset_to_safe_us(30_000),
    )
    .entity("loop", per_cycle(1, 0, 1_000), tolerance(0))
    .build();
    let (supervisor, [entity], mut dog, _) = armed(&SLOW, 0);
    entity.hit(ALIVE, 1);
    let Outcome::Feed(_, permit, _) = supervisor.evaluate(50 * MS) else { panic!("a permit") };
    assert_eq!(dog.feed(permit, 44_444), Err(FeedError::Closed { opens_in_us: 1 }));
}

#[test]
fn w4_a_watchdog_that_runs_otherwise_is_refused() {
    const PLAN: Plan<1> = plan_a().entity("work", per_cycle(1, 0, 3), tolerance(1)).build();
    let mut dog = Dog::new(Fake::running(2_000_000, true));
    let refused = cold(&PLAN).arm(&mut dog, 0).map(|_| ()).unwrap_err();
    let expected =
        StartError::RunsOtherwise { min_us: 80_000, max_us: 100_000, found_us: 2_000_000 };
    assert_eq!(refused.error, expected);
    assert_eq!(
        refused.to_string(),
        "from 80000 to 100000 us asked, it runs with 2000000 us and is locked"
    );
    // The cold supervisor came back: it can be armed with another watchdog.
    let (supervisor, _) = refused.supervisor.arm(&mut Dog::new(Fake::default()), 0).expect("armed");
    assert_eq!(supervisor.start(), Some(Start::New));
}

#[test]
fn w4_a_watchdog_that_runs_as_planned_is_fed_at_once() {
    const PLAN: Plan<1> = Plan::builder(
        cycle_us(500_000),
        hardware(timeout_us(1_500_000..=2_500_000)),
        process_safety_time_us(10_000_000),
        reset_to_safe_us(30_000),
    )
    .entity("work", per_cycle(1, 0, 3), tolerance(1))
    .start_up(budget_us(20_000))
    .build();
    // In the start-up the first call gives a permit, and no other one before the end of the cycle.
    let fake = Fake::running(2_000_000, true);
    let mut dog = Dog::new(fake.clone());
    let (supervisor, _) = cold(&PLAN).arm(&mut dog, 5 * MS).expect("armed");
    assert_eq!(supervisor.start(), Some(Start::Running));
    let Outcome::Feed(supervisor, permit, Health::Ok) = supervisor.evaluate(25 * MS) else {
        panic!("a permit at once");
    };
    dog.feed(permit, 25 * MS).unwrap();
    assert!(fake.0.borrow().asked.is_empty(), "it was not set again");
    let Outcome::Early(_, due_us) = supervisor.evaluate(26 * MS) else { panic!("early") };
    assert_eq!(due_us, 505 * MS);

    // After the start-up nobody owes it.
    let mut dog = Dog::new(Fake::running(2_000_000, true));
    let (supervisor, _) = cold(&PLAN).arm(&mut dog, 5 * MS).expect("armed");
    let Outcome::Early(supervisor, 505_000) = supervisor.evaluate(25 * MS + 1) else { panic!() };
    // Nor by a clock that goes back (found by fuzzing): the first call is the one that counts.
    assert!(matches!(supervisor.evaluate(5 * MS), Outcome::Early(_, 505_000)));

    // One that stood still was not fed by anybody before, and bites a whole timeout later.
    let (supervisor, ..) = armed(&PLAN, 5 * MS);
    assert!(matches!(supervisor.evaluate(6 * MS), Outcome::Early(_, 505_000)));
}

#[test]
fn w4_a_watchdog_that_runs_otherwise_and_is_not_locked_is_set() {
    const PLAN: Plan<1> = plan_a().entity("work", per_cycle(1, 0, 3), tolerance(1)).build();
    let fake = Fake::running(2_000_000, false);
    let mut dog = Dog::new(fake.clone());
    let (supervisor, _) = cold(&PLAN).arm(&mut dog, 0).expect("armed");
    assert_eq!(supervisor.start(), Some(Start::Running));
    assert_eq!(fake.0.borrow().asked.len(), 1);
    assert!(matches!(supervisor.evaluate(0), Outcome::Feed(..)), "a permit at once");
}

#[test]
fn w5_another_timeout_than_was_asked_for_is_refused() {
    const PLAN: Plan<1> = Plan::builder(
        cycle_us(100_000),
        hardware(timeout_us(900_000..=1_100_000)),
        process_safety_time_us(5_000_000),
        reset_to_safe_us(30_000),
    )
    .entity("work", per_cycle(1, 0, 3), tolerance(1))
    .build();
    for (sets_us, is_refused) in
        [(295_000, true), (899_999, true), (900_000, false), (1_100_000, false), (1_100_001, true)]
    {
        let fake = Fake::default();
        fake.0.borrow_mut().sets_us = Some(sets_us);
        let result = cold(&PLAN).arm(&mut Dog::new(fake), 0);
        match result.map(|_| ()) {
            Ok(()) => assert!(!is_refused, "{sets_us}"),
            Err(refused) => {
                let (min_us, max_us) = (900_000, 1_100_000);
                let expected = StartError::SetOtherwise { min_us, max_us, set_us: sets_us };
                assert_eq!((refused.error, is_refused), (expected, true));
            }
        }
    }
}

#[test]
fn w5_clocks_that_part_are_a_fault_that_names_both() {
    const PLAN: Plan<1> = plan_a().entity("work", per_cycle(1, 0, 3), tolerance(1)).build();
    // What the counter says after 10 ms, and whether the watchdog is fed: it may be off by late_max, 2 ms.
    for (counter_us, is_fed) in [
        (34_000, false),
        (12_001, false),
        (12_000, true),
        (10_000, true),
        (8_000, true),
        (7_999, false),
    ] {
        let (mut supervisor, [work], mut dog, fake) = armed(&PLAN, 0);
        for now_us in [10 * MS, 20 * MS] {
            // Once they have parted they stay so.
            fake.0.borrow_mut().counter_us =
                Some(if now_us == 10 * MS { counter_us } else { 10_000 });
            work.hit(ALIVE, now_us);
            let Outcome::Feed(next, permit, _) = supervisor.evaluate(now_us) else { panic!() };
            supervisor = next;
            let expected = FeedError::Clocks { now_us: 10_000, counter_us };
            assert_eq!(dog.feed(permit, now_us), if is_fed { Ok(()) } else { Err(expected) });
        }
        assert_eq!(fake.feeds(), if is_fed { 2 } else { 0 });
    }
}

#[test]
fn w6_a_mode_that_is_too_long_for_the_watchdog_is_no_plan() {
    let plan = plan_a::<1, 0, 0>().entity("work", per_cycle(1, 0, 3), tolerance(1));
    let erase = leak([bounded(MODE, "erase", budget_us(400_000).blocked().outputs_safe())]);
    let error = plan.modes(erase).try_build().unwrap_err();
    let who = Who::Mode(1);
    let (budget_us, without_feed_us, bites_after_us) = (400_000, 424_000, 80_000);
    assert_eq!(error, Error::Bitten { who, budget_us, without_feed_us, bites_after_us });
    let said = error.to_string();
    assert!(said.contains("400000") && said.contains("80000"), "{said}");
}

#[test]
fn w6_a_bounded_mode_is_fed_up_to_its_budget() {
    const PLAN: Plan<1> = plan_a()
        .entity("work", per_cycle(1, 0, 3), tolerance(1))
        .modes(&[bounded(MODE, "erase", budget_us(500_000).outputs_safe())])
        .build();
    let (mut supervisor, [work], ..) = armed(&PLAN, 0);
    for now_us in (1..=10).map(|cycle| cycle * 10 * MS) {
        work.hit(ALIVE, now_us);
        (supervisor, _) = fed(supervisor.evaluate(now_us));
    }
    supervisor.switch(MODE, 100 * MS).unwrap();
    assert_eq!(supervisor.bounded_mode(), Some(MODE));
    for now_us in (11..=60).map(|cycle| cycle * 10 * MS) {
        let (next, health) = fed(supervisor.evaluate(now_us));
        assert_eq!(health, Health::Ok, "at {now_us}");
        supervisor = next;
    }
    let cause = Cause::Overrun { mode: MODE, budget_us: 500_000 };
    let culprit = stopped(supervisor.evaluate(610 * MS));
    assert_eq!(culprit, Culprit { cause, at_us: 610 * MS });
    assert_eq!(culprit.to_string(), "mode 1 not left within 500000 us (at 610000 us)");
}

#[test]
fn w6_a_bounded_mode_that_is_left_in_time_is_no_fault() {
    const PLAN: Plan<1> = plan_a()
        .entity("work", per_cycle(1, 0, 3), tolerance(1))
        .modes(&[bounded(MODE, "erase", budget_us(500_000).outputs_safe())])
        .build();
    let (mut supervisor, [work], mut dog, _) = armed(&PLAN, 0);
    work.hit(ALIVE, 1);
    (supervisor, _) = fed(supervisor.evaluate(10 * MS));
    supervisor.switch(MODE, 10 * MS).unwrap();
    for now_us in (2..=51).map(|cycle| cycle * 10 * MS) {
        (supervisor, _) = fed(supervisor.evaluate(now_us));
    }
    supervisor.leave(&mut dog, 510 * MS).unwrap();
    assert_eq!(supervisor.bounded_mode(), None);
    // What is left of the cycle is not judged, then every cycle is.
    for (now_us, expected) in [
        (520 * MS, Health::Ok),
        (530 * MS, Health::Failed { entity: EntityId::new(0), cycles_left: 0 }),
    ] {
        let (next, health) = fed(supervisor.evaluate(now_us));
        assert_eq!(health, expected, "at {now_us}");
        supervisor = next;
    }
    assert!(matches!(supervisor.evaluate(540 * MS), Outcome::Stop(..)));
}

/// Plan A with a sleep of up to 10 s in which the watchdog stands still.
const SLEEPING: Plan<1> = plan_a()
    .entity("work", per_cycle(1, 0, 3), tolerance(1))
    .modes(&[bounded(MODE, "sleep", budget_us(10_000_000).outputs_safe().watchdog_paused())])
    .build();

#[test]
fn w7_a_watchdog_that_stays_asleep_is_a_fault() {
    let (mut supervisor, [work], mut dog, fake) = armed(&SLEEPING, 990 * MS);
    work.hit(ALIVE, 991 * MS);
    (supervisor, _) = fed(supervisor.evaluate(1_000 * MS));
    supervisor.switch(MODE, 1_000 * MS).unwrap();
    fake.0.borrow_mut().state = Some(State::Stopped);
    let error = supervisor.leave(&mut dog, 6_000 * MS).unwrap_err();
    assert_eq!(error, LeaveError::NotRunning { state: State::Stopped });
    let culprit = stopped(supervisor.evaluate(6_010 * MS));
    assert_eq!(culprit, Culprit { cause: Cause::NotRunning { mode: MODE }, at_us: 6_000 * MS });
    assert_eq!(fake.0.borrow().asked.len(), 1, "it was not armed again");
}

#[test]
fn w7_each_of_two_watchdogs_must_wake_with_its_own_timeout() {
    const PLAN: Plan<1> = plan_a()
        .entity("work", per_cycle(1, 0, 3), tolerance(1))
        .second_hardware(hardware(timeout_us(1_000_000..=1_600_000)))
        .modes(&[bounded(MODE, "sleep", budget_us(10_000_000).outputs_safe().watchdog_paused())])
        .build();
    let running = |timeout_us| State::Running { timeout_us, is_locked: true };
    let asleep = State::Stopped;
    for (first, second, found) in [
        (running(90_000), running(1_600_000), None),
        (running(90_000), running(90_000), Some(running(90_000))),
        (running(1_600_000), running(1_600_000), Some(running(1_600_000))),
        (running(90_000), asleep, Some(asleep)),
        (asleep, running(1_600_000), Some(asleep)),
    ] {
        let (internal, external) = (Fake::default(), Fake::running(1_600_000, true));
        let mut dog = Dog::new(Both::new(internal.clone(), external.clone()));
        let armed = cold(&PLAN).arm(&mut dog, 0).map_err(|refused| refused.error);
        let (supervisor, [work]) = armed.unwrap();
        work.hit(ALIVE, 1);
        let (mut supervisor, _) = fed(supervisor.evaluate(10 * MS));
        supervisor.switch(MODE, 10 * MS).unwrap();
        internal.0.borrow_mut().state = Some(first);
        external.0.borrow_mut().state = Some(second);
        let left = supervisor.leave(&mut dog, 6_000 * MS);
        let expected = found.map_or(Ok(()), |state| Err(LeaveError::NotRunning { state }));
        assert_eq!(left, expected, "{first:?}, {second:?}");
    }
}

#[test]
fn w7_a_watchdog_that_wakes_too_is_fed_again() {
    let (mut supervisor, [work], mut dog, _) = armed(&SLEEPING, 990 * MS);
    work.hit(ALIVE, 991 * MS);
    (supervisor, _) = fed(supervisor.evaluate(1_000 * MS));
    supervisor.switch(MODE, 1_000 * MS).unwrap();
    // In the sleep nothing is due before its budget is over.
    let Outcome::Early(mut supervisor, due_us) = supervisor.evaluate(3_000 * MS) else { panic!() };
    assert_eq!(due_us, 11_000 * MS);
    supervisor.leave(&mut dog, 6_000 * MS).unwrap();
    // The cycles begin anew at the end of the sleep.
    let Outcome::Early(supervisor, due_us) = supervisor.evaluate(6_009 * MS) else { panic!() };
    assert_eq!(due_us, 6_010 * MS);
    work.hit(ALIVE, 6_009 * MS);
    let Outcome::Feed(_, permit, Health::Ok) = supervisor.evaluate(6_010 * MS) else { panic!() };
    dog.feed(permit, 6_010 * MS).unwrap();
}

#[test]
fn w7_a_sleep_past_its_budget_is_a_fault() {
    let (mut supervisor, [work], mut dog, _) = armed(&SLEEPING, 0);
    work.hit(ALIVE, MS);
    (supervisor, _) = fed(supervisor.evaluate(10 * MS));
    supervisor.switch(MODE, 10 * MS).unwrap();
    let error = supervisor.leave(&mut dog, 10_010 * MS + 1).unwrap_err();
    assert_eq!(error, LeaveError::Overrun { took_us: 10_000_001, budget_us: 10_000_000 });
    let culprit = stopped(supervisor.evaluate(10_020 * MS));
    let cause = Cause::Overrun { mode: MODE, budget_us: 10_000_000 };
    assert_eq!(culprit, Culprit { cause, at_us: 10_010 * MS + 1 });
}

#[test]
fn w8_no_check_in_of_another_core_is_lost_or_counted_twice() {
    const HITS: u32 = 1_000_000;
    // One reference cycle of 250 evaluations, in which exactly a million hits are right.
    const PLAN: Plan<1> = Plan::builder(
        cycle_us(10_000),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(10_000_000),
        reset_to_safe_us(30_000),
    )
    .entity("core1", alive(ALIVE, per_cycles(HITS, 250), 0, 0), tolerance(0))
    .build();
    let (mut supervisor, [core1], ..) = armed(&PLAN, 0);
    let mut core1 = Some(core1);
    for reference in 0..3 {
        let handle = core1.take().unwrap();
        let other = std::thread::spawn(move || {
            (0..HITS).for_each(|hit| handle.hit(ALIVE, u64::from(hit)));
            handle
        });
        for cycle in 1..250 {
            (supervisor, _) = fed(supervisor.evaluate((reference * 250 + cycle) * 10 * MS));
            std::thread::yield_now();
        }
        core1 = Some(other.join().unwrap());
        let (next, health) = fed(supervisor.evaluate((reference + 1) * 2_500 * MS));
        assert_eq!(health, Health::Ok);
        supervisor = next;
    }
}

#[test]
fn w8_a_verdict_of_another_core_comes_with_its_stamp() {
    const STOP: Checkpoint = Checkpoint::of::<1>();
    // No span that is open when it is looked at is too late.
    const PLAN: Plan<2, 1> = Plan::builder(
        cycle_us(10_000),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(u32::MAX),
        reset_to_safe_us(30_000),
    )
    .entity("core0", per_cycle(1, 0, 0), tolerance(0))
    .entity("core1", plan::no_alive(), tolerance(0))
    .advisory("core1")
    .deadline("core1", ALIVE, STOP, 10..=2_000_000_000)
    .build();
    for round in 0..200_u64 {
        let (mut supervisor, [core0, core1], ..) = armed(&PLAN, 0);
        let fault_us = 1_000 + round;
        let is_done = Arc::new(AtomicBool::new(false));
        let other_is_done = Arc::clone(&is_done);
        let other = std::thread::spawn(move || {
            for start_us in (0..fault_us).step_by(100) {
                core1.begin(ALIVE, start_us).end(STOP, start_us + 15);
            }
            core1.begin(ALIVE, fault_us).end(STOP, fault_us + 9);
            other_is_done.store(true, Ordering::Release);
        });
        let mut now_us = 0;
        while supervisor.advisory_culprit().is_none() {
            // An instant is known for 71 minutes: a thread of a host may stand still for longer than so many cycles.
            if now_us > 1_000_000_000 && !is_done.load(Ordering::Acquire) {
                std::thread::yield_now();
                continue;
            }
            now_us += 10 * MS;
            core0.hit(ALIVE, now_us);
            (supervisor, _) = fed(supervisor.evaluate(now_us));
        }
        let cause = Cause::Deadline {
            entity: EntityId::new(1),
            start: ALIVE,
            stop: STOP,
            fault: DeadlineFault::TooEarly,
        };
        let culprit = Culprit { cause, at_us: fault_us + 9 };
        assert_eq!(supervisor.advisory_culprit(), Some(culprit));
        other.join().unwrap();
    }
}

#[test]
fn w8_a_core_that_stops_is_found() {
    const PLAN: Plan<1> = plan_a().entity("core1", per_cycle(1, 0, 0), tolerance(0)).build();
    let (mut supervisor, [core1], ..) = armed(&PLAN, 0);
    for cycle in 1..=4 {
        core1.hit(ALIVE, cycle * 10 * MS - 5 * MS);
        (supervisor, _) = fed(supervisor.evaluate(cycle * 10 * MS));
    }
    let culprit = stopped(supervisor.evaluate(50 * MS));
    let entity = EntityId::new(0);
    let cause = Cause::Alive { entity, checkpoint: ALIVE, count: 0, last_us: 35 * MS };
    assert_eq!(culprit, Culprit { cause, at_us: 50 * MS });
}
