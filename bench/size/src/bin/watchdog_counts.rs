//! Four entities that are counted: check-ins, an evaluation with its culprit, a feed.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use size::keep;
use size::watchdog::Registers;
use watchdog_core::plan::{
    Alive, alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us,
    timeout_us, tolerance,
};
use watchdog_core::{BootGuard, Cells, Checkpoint, Dog, Outcome, Plan, Supervisor};

const TURN: Checkpoint = Checkpoint::of::<0>();

const fn once() -> Alive {
    alive(TURN, per_cycle(1), 0, 1)
}

const PLAN: Plan<4> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("control", once(), tolerance(1))
.entity("modbus", once(), tolerance(3))
.entity("sensor", once(), tolerance(0))
.entity("storage", once(), tolerance(3))
.build();

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut CELLS: Cells<4> = Cells::new(&PLAN);
    #[cfg(feature = "calls")]
    {
        let mut dog = Dog::new(Registers);
        if let Ok((mut supervisor, entities)) =
            Supervisor::new(CELLS, BootGuard::without_memory()).arm(&mut dog, black_box(0))
        {
            loop {
                if let Some(entity) = entities.get(black_box(0_usize)) {
                    entity.hit(TURN, black_box(0));
                }
                supervisor = match supervisor.evaluate(black_box(0)) {
                    Outcome::Early(next, due_us) => {
                        keep(due_us);
                        next
                    }
                    Outcome::Feed(next, permit, health) => {
                        keep(health);
                        if let Err(error) = dog.feed(permit, black_box(0)) {
                            keep(error);
                        }
                        next
                    }
                    Outcome::Stop(_, culprit) => {
                        keep(culprit);
                        break;
                    }
                };
            }
        }
    }
    loop {
        black_box(0_u64);
    }
}
