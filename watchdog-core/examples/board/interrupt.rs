//! A main loop and an interrupt that samples a sensor. The interrupt is supervised: its handle is handed over once, before the interrupt
//! is unmasked, and belongs to it from then on. Later its timer stops, and the supervisor names it.
#![no_std]
#![no_main]

use core::cell::Cell;

use board::device::interrupt;
use board::{Cmsdk, advance, clear_timer1, end, now_us, start_timer1, stop_timer1};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use critical_section::Mutex;
use panic_halt as _;
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::{BootGuard, Cells, Checkpoint, Dog, Entity, Outcome, Plan, Supervisor};

const TURN: Checkpoint = Checkpoint::of::<0>();
const SAMPLED: Checkpoint = Checkpoint::of::<0>();

const PLAN: Plan<2> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("loop", alive(TURN, per_cycle(1), 0, 100_000), tolerance(0))
.entity("sensor-isr", alive(SAMPLED, per_cycle(10), -2, 2), tolerance(1))
.build();

/// On its way to the interrupt.
static SENSOR: Mutex<Cell<Option<Entity<2>>>> = Mutex::new(Cell::new(None));

#[interrupt]
fn TIMER1() {
    static mut SENSOR_ISR: Option<Entity<2>> = None;
    if SENSOR_ISR.is_none() {
        *SENSOR_ISR = critical_section::with(|cs| SENSOR.borrow(cs).take());
    }
    clear_timer1();
    if let Some(sensor) = SENSOR_ISR {
        sensor.hit(SAMPLED, now_us());
    }
}

#[entry]
fn main() -> ! {
    static mut CELLS: Cells<2> = Cells::new(&PLAN);
    board::init();
    let mut dog = Dog::new(Cmsdk);
    let armed = Supervisor::new(CELLS, BootGuard::without_memory()).arm(&mut dog, now_us());
    let Ok((mut supervisor, [turns, sensor])) = armed else { end(false) };
    critical_section::with(|cs| SENSOR.borrow(cs).set(Some(sensor)));
    start_timer1(1_000);
    loop {
        advance();
        turns.hit(TURN, now_us());
        supervisor = match supervisor.evaluate(now_us()) {
            Outcome::Early(next, _) => next,
            Outcome::Feed(next, permit, _) => {
                if dog.feed(permit, now_us()).is_err() {
                    end(false);
                }
                if dog.fed() == 100 {
                    stop_timer1();
                }
                next
            }
            Outcome::Stop(_, culprit) => {
                hprintln!("fed {} times; {}", dog.fed(), culprit);
                end(dog.fed() > 100 && culprit.entity() == PLAN.entity("sensor-isr"))
            }
        };
    }
}
