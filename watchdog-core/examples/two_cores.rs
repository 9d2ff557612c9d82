//! Two cores, here threads of a host: each has the handle of its own entity, the main thread evaluates. After a second one core stands
//! still, and the supervisor names it.
use std::convert::Infallible;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::{
    BootGuard, Cells, Checkpoint, Dog, Entity, Hardware, Outcome, Permit, Plan, State, Supervisor,
    Watchdog,
};

const TURN: Checkpoint = Checkpoint::of::<0>();

/// A host may be late, and its threads too.
const PLAN: Plan<2> = Plan::builder(
    cycle_us(100_000).late_max_us(50_000),
    hardware(timeout_us(1_000_000..=1_000_000)),
    process_safety_time_us(3_000_000),
    reset_to_safe_us(30_000),
)
.entity("core 0", alive(TURN, per_cycle(20), -19, 20), tolerance(1))
.entity("core 1", alive(TURN, per_cycle(20), -19, 20), tolerance(1))
.build();

/// A watchdog that a host does not have.
struct Nothing;

impl Watchdog for Nothing {
    type Error = Infallible;

    fn state(&mut self) -> Result<State, Infallible> {
        Ok(State::Stopped)
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, Infallible> {
        Ok(*asked.timeouts_us().end())
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Infallible> {
        Ok(())
    }
}

fn main() -> ExitCode {
    let boot = Instant::now();
    let now_us = move || u64::try_from(boot.elapsed().as_micros()).unwrap_or(u64::MAX);
    let turns = move |entity: Entity<2>, turns: u32| {
        for _ in 0..turns {
            entity.hit(TURN, now_us());
            thread::sleep(Duration::from_millis(5));
        }
    };
    let cells = Box::leak(Box::new(Cells::new(&PLAN)));
    let mut dog = Dog::new(Nothing);
    let Ok((mut supervisor, [core_0, core_1])) =
        Supervisor::new(cells, BootGuard::without_memory()).arm(&mut dog, now_us())
    else {
        return ExitCode::FAILURE;
    };
    thread::spawn(move || turns(core_0, u32::MAX));
    thread::spawn(move || turns(core_1, 200));
    loop {
        supervisor = match supervisor.evaluate(now_us()) {
            Outcome::Early(next, due_us) => {
                thread::sleep(Duration::from_micros(due_us.saturating_sub(now_us())));
                next
            }
            Outcome::Feed(next, permit, health) => {
                println!("{:>7} us: {health:?}", now_us());
                if dog.feed(permit, now_us()).is_err() {
                    return ExitCode::FAILURE;
                }
                next
            }
            Outcome::Stop(_, culprit) => {
                println!("{culprit}");
                let is_core_1 = culprit.entity() == PLAN.entity("core 1");
                return if is_core_1 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            }
        };
    }
}
