//! watchdog-core and its peer: a check-in of one of four tasks, and an evaluation of all four. The peer knows a maximum time a task,
//! and no more; a check-in of it looks the task up by its name.

use std::hint::black_box;

use bench::contestant::contestant;
use bench::line::Line;
use bench::rounds::{Against, measure};
use task_watchdog::{Clock, HardwareWatchdog, Id, ResetReason, Watchdog as Peer, WatchdogConfig};
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::{
    BootGuard, Cells, Checkpoint, Dog, Hardware, Outcome, Permit, Plan, State, Supervisor, Watchdog,
};

const TURN: Checkpoint = Checkpoint::of::<0>();
const PLAN: Plan<4> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("one", alive(TURN, per_cycle(1), 0, i32::MAX), tolerance(1))
.entity("two", alive(TURN, per_cycle(1), 0, i32::MAX), tolerance(1))
.entity("three", alive(TURN, per_cycle(1), 0, i32::MAX), tolerance(1))
.entity("four", alive(TURN, per_cycle(1), 0, i32::MAX), tolerance(1))
.build();

fn main() -> std::process::ExitCode {
    bench::main("watchdog-core", run, None)
}

fn run(_again: bool) -> Vec<Line> {
    let mut lines = check_in();
    lines.extend(evaluate());
    lines
}

/// A watchdog that stands beside both.
struct Nothing;

impl Watchdog for Nothing {
    type Error = core::convert::Infallible;

    fn state(&mut self) -> Result<State, Self::Error> {
        Ok(State::Stopped)
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, Self::Error> {
        Ok(*asked.timeouts_us().end())
    }

    fn reload(&mut self, permit: Permit<'_>) -> Result<(), Self::Error> {
        black_box(permit.cycle());
        Ok(())
    }
}

impl HardwareWatchdog<Ticks> for Nothing {
    fn start(&mut self, _timeout: u64) {}

    fn feed(&mut self) {
        black_box(&self);
    }

    fn trigger_reset(&mut self) -> ! {
        unreachable!()
    }

    fn reset_reason(&self) -> Option<ResetReason> {
        None
    }
}

/// A clock whose instant the caller sets: reading one is not what is measured.
struct Ticks(std::rc::Rc<std::cell::Cell<u64>>);

impl Clock for Ticks {
    type Instant = u64;
    type Duration = u64;

    fn now(&self) -> u64 {
        self.0.get()
    }

    fn elapsed_since(&self, instant: u64) -> u64 {
        self.0.get() - instant
    }

    fn has_elapsed(&self, instant: u64, duration: &u64) -> bool {
        self.elapsed_since(instant) >= *duration
    }

    fn duration_from_millis(&self, millis: u64) -> u64 {
        millis * 1_000
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    One,
    Two,
    Three,
    Four,
}

impl Id for Name {}

const NAMES: [Name; 4] = [Name::One, Name::Two, Name::Three, Name::Four];

fn peer() -> (Peer<Name, 4, Nothing, Ticks>, std::rc::Rc<std::cell::Cell<u64>>) {
    let now = std::rc::Rc::default();
    let clock = Ticks(std::rc::Rc::clone(&now));
    let config = WatchdogConfig::new(100, 10, &clock);
    let mut peer = Peer::new(Nothing, config, clock);
    for name in NAMES {
        assert!(peer.register_task(&name, 20_000).is_ok());
    }
    peer.start();
    (peer, now)
}

fn check_in() -> Vec<Line> {
    let cells = Box::leak(Box::new(Cells::new(&PLAN)));
    let mut dog = Dog::new(Nothing);
    let (_supervisor, entities) =
        Supervisor::new(cells, BootGuard::without_memory()).arm(&mut dog, 0).expect("armed");
    let (mut peer, now) = peer();
    let mut now_us = 0_u64;
    measure(
        "check in, the third of four tasks",
        vec![
            contestant("watchdog-core", || {
                now_us += 1;
                entities[2].hit(black_box(TURN), black_box(now_us));
            }),
            contestant("task-watchdog", || {
                now.set(black_box(now.get() + 1));
                peer.feed(black_box(&Name::Three));
            }),
        ],
        Against::Best,
        None,
    )
}

fn evaluate() -> Vec<Line> {
    let cells = Box::leak(Box::new(Cells::new(&PLAN)));
    let mut dog = Dog::new(Nothing);
    let (supervisor, entities) =
        Supervisor::new(cells, BootGuard::without_memory()).arm(&mut dog, 0).expect("armed");
    let mut supervisor = Some(supervisor);
    let (mut peer, now) = peer();
    let mut now_us = 0_u64;
    measure(
        "four check-ins, an evaluation and the feed",
        vec![
            contestant("watchdog-core", || {
                now_us += 10_000;
                entities.iter().for_each(|entity| entity.hit(black_box(TURN), now_us));
                let next = supervisor.take().expect("not stopped");
                let Outcome::Feed(next, permit, _) = next.evaluate(black_box(now_us)) else {
                    panic!("a permit");
                };
                dog.feed(permit, now_us).expect("fed");
                supervisor = Some(next);
            }),
            contestant("task-watchdog", || {
                now.set(black_box(now.get() + 10_000));
                NAMES.iter().for_each(|name| peer.feed(black_box(name)));
                assert!(!peer.check());
            }),
        ],
        Against::Best,
        None,
    )
}
