//! One entity, an external watchdog on a pin. On a board, `Pin` is the HAL's and `now_us` its timer.
#![allow(clippy::expect_used)]
use watchdog_core::gpio::{Edge, Gpio};
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::{BootGuard, Cells, Checkpoint, Dog, Outcome, Plan, Supervisor};

const TURN: Checkpoint = Checkpoint::of::<0>();
const PLAN: Plan<1> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(140_000..=280_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("control", alive(TURN, per_cycle(10), -2, 2), tolerance(1))
.build();

fn main() {
    let cells = Box::leak(Box::new(Cells::new(&PLAN))); // on a board: a StaticCell
    let mut dog = Dog::new(Gpio::new(host::Pin, Edge::Any, 200_000));
    let armed = Supervisor::new(cells, BootGuard::without_memory()).arm(&mut dog, host::now_us());
    let (mut supervisor, [control]) = armed.expect("the watchdog runs as the plan says");
    for _ in 0..100 {
        control.hit(TURN, host::now_us());
        supervisor = match supervisor.evaluate(host::now_us()) {
            Outcome::Early(next, _) => next,
            Outcome::Feed(next, permit, _) => {
                dog.feed(permit, host::now_us()).expect("the pin is written");
                next
            }
            Outcome::Stop(stopped, _) => stopped.wait(),
        };
    }
    println!("fed {} times", dog.fed());
}

mod host;
