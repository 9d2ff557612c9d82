//! One entity, an external watchdog on a pin: the whole program for a board.
#![no_std]
#![no_main]
use board::{Pin, advance, end, now_us};
use panic_halt as _;
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
.entity("control", alive(TURN, per_cycle(1), 0, 100_000), tolerance(1))
.build();

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut CELLS: Cells<1> = Cells::new(&PLAN);
    board::init();
    let mut dog = Dog::new(Gpio::new(Pin, Edge::Any, 200_000));
    let armed = Supervisor::new(CELLS, BootGuard::without_memory()).arm(&mut dog, now_us());
    let Ok((mut supervisor, [control])) = armed else { end(false) };
    while dog.fed() < 100 {
        advance();
        control.hit(TURN, now_us());
        supervisor = match supervisor.evaluate(now_us()) {
            Outcome::Early(next, _) => next,
            Outcome::Feed(next, permit, _) => {
                dog.feed(permit, now_us()).map_or_else(|_| end(false), |()| next)
            }
            Outcome::Stop(stopped, _) => stopped.wait(),
        };
    }
    end(true)
}
