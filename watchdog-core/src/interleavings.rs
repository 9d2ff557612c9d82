//! Check-ins against evaluations, in every interleaving that the orderings allow: `RUSTFLAGS="--cfg loom" cargo test -p watchdog-core
//! --lib --release interleavings`. With a relaxed store or load in `Word::publish` or `Word::read` three fail, with an
//! epoch that is published before the records the last one.

use std::boxed::Box;

use loom::sync::Arc;
use loom::thread;

use crate::alive::AliveCell;
use crate::boot::BootGuard;
use crate::cells::{Cells, EntityCell};
use crate::checkpoint::Checkpoint;
use crate::deadline::{Deadline, DeadlineCell, DeadlineFault};
use crate::epoch::{EPOCH_STEP, Epochs};
use crate::hardware::Hardware;
use crate::kept::unpair;
use crate::logical::{Flow, FlowCell};
use crate::permit::Permit;
use crate::plan::{
    Plan, alive, cycle_us, hardware, mode, per_cycle, process_safety_time_us, reset_to_safe_us,
    timeout_us, tolerance,
};
use crate::section::{Marks, OwnerCell, SectionId, Sections};
use crate::window::{Dog, State, Watchdog};
use crate::{Armed, Entity, Mode, Outcome, Supervisor};

const START: Checkpoint = Checkpoint::of::<0>();
const STOP: Checkpoint = Checkpoint::of::<1>();
const DEADLINE: Deadline =
    Deadline { entity: 0, start: START, stop: STOP, min_us: 10, range_us: 10 };
const NO_BREAK: Epochs = Epochs::new(0, 0);

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
fn no_check_in_is_lost_or_counted_twice() {
    loom::model(|| {
        let cell = Arc::new(EntityCell::new());
        let writer = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || (1..=3).for_each(|hit| cell.alive.hit(hit)))
        };
        let counted = cell.take_count() + cell.take_count();
        writer.join().unwrap();
        assert_eq!(counted + cell.take_count(), 3);
    });
}

#[test]
fn a_good_span_is_never_a_fault_and_a_bad_one_has_its_stamp() {
    loom::model(|| {
        let cell = Arc::new(DeadlineCell::new());
        let writer = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || {
                cell.start(NO_BREAK, 1_000);
                cell.stop(&DEADLINE, NO_BREAK, 1_015);
                cell.open(0, 2_000);
                cell.stop(&DEADLINE, NO_BREAK, 2_009);
            })
        };
        // At 1,010 no span is open too long, unless its state is seen without its start.
        let is_in_time = cell.is_in_time(&DEADLINE, 1_010);
        let fault = cell.fault(&DEADLINE, NO_BREAK, 1_010);
        assert!(is_in_time || fault.is_some());
        assert!(matches!(fault, None | Some((DeadlineFault::TooEarly, 2_009))), "{fault:?}");
        writer.join().unwrap();
        let fault = cell.fault(&DEADLINE, NO_BREAK, 1_010);
        assert_eq!(fault, Some((DeadlineFault::TooEarly, 2_009)));
    });
}

#[test]
fn a_step_out_of_order_has_its_stamp() {
    const FLOW: Flow = Flow { after: [2; 16], initial: 1, members: 3, entity: 0 };
    loom::model(|| {
        let cell = Arc::new(FlowCell::new());
        cell.begin(&FLOW, 0);
        let writer = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || {
                cell.reach(&FLOW, START, NO_BREAK, 100);
                cell.reach(&FLOW, START, NO_BREAK, 200);
            })
        };
        let fault = cell.fault(NO_BREAK);
        assert!(matches!(fault, None | Some((START, 200))), "{fault:?}");
        writer.join().unwrap();
        assert_eq!(cell.fault(NO_BREAK), Some((START, 200)));
        assert_eq!(cell.fault(Epochs::new(EPOCH_STEP, EPOCH_STEP)), None);
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

const OTHER: Mode = Mode::of::<1>();
const PLAN: Plan<2, 1> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(u32::MAX),
    reset_to_safe_us(0),
)
.entity("one", alive(STOP, per_cycle(1), 0, 9), tolerance(9))
.deadline("one", START, STOP, 10..=30_000)
.entity("two", alive(START, per_cycle(1), 0, 9), tolerance(9))
.modes(&[mode(OTHER, "other", &["two"])])
.build();

/// All interleavings take minutes; no defect that was tried needs more than three.
const PREEMPTIONS_MAX: usize = 5;

fn armed() -> (Supervisor<Armed, 2, 1>, [Entity<2, 1>; 2]) {
    let cells = Box::leak(Box::new(Cells::new(&PLAN)));
    let armed = Supervisor::new(cells, BootGuard::without_memory()).arm(&mut Dog::new(Nothing), 0);
    armed.unwrap_or_else(|_| panic!("it is armed"))
}

#[track_caller]
fn fed(supervisor: Supervisor<Armed, 2, 1>, now_us: u64) -> Supervisor<Armed, 2, 1> {
    let Outcome::Feed(next, ..) = supervisor.evaluate(now_us) else { panic!("at {now_us}") };
    next
}

#[test]
fn a_switch_of_modes_beside_a_span_expires_nobody() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(PREEMPTIONS_MAX);
    model.check(|| {
        let (supervisor, [one, two]) = armed();
        two.hit(START, 1);
        let writer = thread::spawn(move || one.begin(START, 100).end(STOP, 115));
        let mut supervisor = fed(supervisor, 10_000);
        supervisor.switch(OTHER, 10_000).unwrap();
        let mut supervisor = fed(supervisor, 20_000);
        supervisor.switch(Mode::FIRST, 20_000).unwrap();
        let supervisor = fed(supervisor, 30_000);
        writer.join().unwrap();
        fed(supervisor, 40_000);
    });
}

#[test]
fn a_span_from_before_an_activation_is_void_whenever_it_stops() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(PREEMPTIONS_MAX);
    model.check(|| {
        let (supervisor, [one, two]) = armed();
        two.hit(START, 1);
        one.hit(START, 100);
        let mut supervisor = fed(supervisor, 10_000);
        supervisor.switch(OTHER, 10_000).unwrap();
        let supervisor = fed(supervisor, 20_000);
        let supervisor = fed(supervisor, 30_000);
        let mut supervisor = fed(supervisor, 40_000);
        // The span took longer than the deadline allows, while nobody supervised the entity.
        let writer = thread::spawn(move || one.hit(STOP, 40_200));
        supervisor.switch(Mode::FIRST, 40_000).unwrap();
        let supervisor = fed(supervisor, 50_000);
        writer.join().unwrap();
        fed(supervisor, 60_000);
    });
}

/// Two owners enter and leave sections of their own, and a hook reads what each holds: always a whole word, and of its own sections
/// alone.
#[test]
fn the_words_of_two_owners_are_always_whole() {
    loom::model(|| {
        let cells = Arc::new([OwnerCell::new(), OwnerCell::new()]);
        for cell in &*cells {
            cell.set_held(Sections::NONE);
            cell.set_abandoned(Sections::NONE);
        }
        let of = |which: usize| Sections::NONE.with(SectionId::new(which as u8).unwrap());
        let owners = [0, 1].map(|which| {
            let cells = Arc::clone(&cells);
            thread::spawn(move || {
                let cell = &cells[which];
                cell.set_held(of(which));
                if which == 0 {
                    cell.set_held(Sections::NONE);
                } else {
                    // Abandoned, and then no longer held.
                    cell.set_abandoned(of(which));
                    cell.set_held(Sections::NONE);
                }
            })
        });
        for (which, cell) in cells.iter().enumerate() {
            let [held, abandoned] = cell.words().map(|word| unpair(word.load()));
            let own = of(which).as_raw();
            assert!(matches!(held, Some(raw) if raw & !own == 0));
            assert!(matches!(abandoned, Some(raw) if raw & !own == 0));
        }
        for owner in owners {
            owner.join().unwrap();
        }
        assert_eq!([cells[0].held(), cells[1].held()], [Sections::NONE; 2]);
        assert_eq!([cells[0].abandoned(), cells[1].abandoned()], [Sections::NONE, of(1)]);
    });
}
