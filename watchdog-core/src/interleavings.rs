//! Check-ins against evaluations, in every interleaving that the orderings allow: `RUSTFLAGS="--cfg loom" cargo test -p watchdog-core
//! --lib --release interleavings`. With a relaxed store or load in `Word::publish` or `Word::read` the first three fail.

use std::boxed::Box;

use loom::sync::Arc;
use loom::thread;

use crate::alive::AliveCell;
use crate::cells::Cells;
use crate::checkpoint::Checkpoint;
use crate::deadline::{Deadline, DeadlineCell, DeadlineFault};
use crate::epoch::EPOCH_STEP;
use crate::hardware::Hardware;
use crate::logical::{Flow, FlowCell};
use crate::permit::Permit;
use crate::plan::{
    Plan, alive, cycle_us, hardware, mode, per_cycle, process_safety_time_us, reset_to_safe_us,
    timeout_us, tolerance,
};
use crate::window::{Dog, State, Watchdog};
use crate::{Mode, Outcome, Supervisor};

const START: Checkpoint = Checkpoint::of::<0>();
const STOP: Checkpoint = Checkpoint::of::<1>();
const DEADLINE: Deadline = Deadline { entity: 0, start: START, stop: STOP, min_us: 10, max_us: 20 };

#[test]
fn a_count_has_a_stamp_that_is_at_least_as_new() {
    loom::model(|| {
        let cell = Arc::new(AliveCell::new());
        let writer = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || (1..=3).for_each(|hit| cell.hit(hit * 100)))
        };
        let count = cell.count();
        assert!(cell.stamp() >= count * 100, "{count} check-ins");
        writer.join().unwrap();
        assert_eq!((cell.count(), cell.stamp()), (3, 300));
    });
}

#[test]
fn a_good_span_is_never_a_fault_and_a_bad_one_has_its_stamp() {
    loom::model(|| {
        let cell = Arc::new(DeadlineCell::new());
        let writer = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || {
                cell.start(0, 1_000);
                cell.stop(&DEADLINE, 0, 1_015);
                cell.start(0, 2_000);
                cell.stop(&DEADLINE, 0, 2_009);
            })
        };
        // At 1,010 no span is open too long, unless its state is seen without its start.
        let is_at_fault = cell.is_at_fault(&DEADLINE, 0, 1_010);
        let fault = cell.fault(&DEADLINE, 0, 1_010);
        assert!(!is_at_fault || fault.is_some());
        assert!(matches!(fault, None | Some((DeadlineFault::TooEarly, 2_009))), "{fault:?}");
        writer.join().unwrap();
        let fault = cell.fault(&DEADLINE, 0, 1_010);
        assert_eq!(fault, Some((DeadlineFault::TooEarly, 2_009)));
    });
}

#[test]
fn a_step_out_of_order_has_its_stamp() {
    const FLOW: Flow = Flow { successors: [0; 16], initial: 1, last: 0, members: 3, entity: 0 };
    loom::model(|| {
        let cell = Arc::new(FlowCell::new());
        let writer = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || {
                cell.reach(&FLOW, START, 0, 100);
                cell.reach(&FLOW, STOP, 0, 200);
            })
        };
        assert!(matches!(cell.fault(0), None | Some((STOP, 200))));
        writer.join().unwrap();
        assert_eq!(cell.fault(0), Some((STOP, 200)));
        assert_eq!(cell.fault(EPOCH_STEP), None);
    });
}

struct Nothing;

impl Watchdog for Nothing {
    type Error = core::convert::Infallible;

    fn state(&mut self) -> Result<State, Self::Error> {
        Ok(State::Stopped)
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, Self::Error> {
        Ok(*asked.timeouts_us().end())
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[test]
fn a_switch_of_modes_beside_a_span_expires_nobody() {
    const OTHER: Mode = Mode::of::<1>();
    const PLAN: Plan<2, 1> = Plan::builder(
        cycle_us(10_000),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(u32::MAX),
        reset_to_safe_us(0),
    )
    .entity("one", alive(STOP, per_cycle(1), 0, 9), tolerance(9))
    .deadline("one", START, STOP, 10..=20_000_000)
    .entity("two", alive(START, per_cycle(1), 0, 9), tolerance(9))
    .modes(&[mode(OTHER, "other", &["two"])])
    .build();
    loom::model(|| {
        let cells = Box::leak(Box::new(Cells::new(&PLAN)));
        let mut dog = Dog::new(Nothing);
        let Ok((supervisor, [one, two])) = Supervisor::new(cells).arm(&mut dog, 0) else {
            panic!()
        };
        two.hit(START, 1);
        let writer = thread::spawn(move || one.begin(START, 100).end(STOP, 115));
        let Outcome::Feed(mut supervisor, _, _) = supervisor.evaluate(10_000) else { panic!() };
        supervisor.switch(OTHER, 10_000).unwrap();
        let Outcome::Feed(mut supervisor, _, _) = supervisor.evaluate(20_000) else { panic!() };
        supervisor.switch(Mode::FIRST, 20_000).unwrap();
        let Outcome::Feed(supervisor, _, _) = supervisor.evaluate(30_000) else { panic!() };
        writer.join().unwrap();
        assert!(matches!(supervisor.evaluate(40_000), Outcome::Feed(..)));
    });
}
