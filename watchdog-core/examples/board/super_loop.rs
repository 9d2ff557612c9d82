//! A bare super-loop that feeds the board's own watchdog through the crate for 10,000 cycles. Then one of its two entities stops: the
//! watchdog bites within the plan's worst detection and timeout, the board really resets, and the program says so after the reset.
#![no_std]
#![no_main]

use board::{Cmsdk, Retained, advance, end, now_us};
use cortex_m_rt::{entry, exception};
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::{BootGuard, Cells, Checkpoint, Dog, Outcome, Plan, Supervisor};

const CYCLES: u32 = 10_000;
const TURN: Checkpoint = Checkpoint::of::<0>();

const PLAN: Plan<2> = Plan::builder(
    cycle_us(250).late_max_us(50),
    hardware(timeout_us(1_800..=2_000)),
    process_safety_time_us(10_000),
    reset_to_safe_us(5_000),
)
.entity("loop", alive(TURN, per_cycle(1), 0, 10_000), tolerance(0))
.entity("worker", alive(TURN, per_cycle(1), 0, 10_000), tolerance(2))
.build();

/// Evidence for after the reset.
#[unsafe(link_section = ".uninit.IS_ARMED")]
static IS_ARMED: Retained = Retained::new();
#[unsafe(link_section = ".uninit.STOPPED_AT")]
static STOPPED_AT: Retained = Retained::new();
#[unsafe(link_section = ".uninit.LAST")]
static LAST: Retained = Retained::new();
#[unsafe(link_section = ".uninit.FED")]
static FED: Retained = Retained::new();
const ARMED: u32 = 0x57D0_6C0E;

#[entry]
fn main() -> ! {
    static mut CELLS: Cells<2> = Cells::new(&PLAN);
    if IS_ARMED.value() == ARMED {
        after_the_bite();
    }
    board::init();
    let mut dog = Dog::new(Cmsdk);
    let armed = Supervisor::new(CELLS, BootGuard::without_memory()).arm(&mut dog, now_us());
    let Ok((mut supervisor, [turns, worker])) = armed else { end(false) };
    loop {
        advance();
        let now_us = now_us();
        turns.hit(TURN, now_us);
        if dog.fed() < CYCLES {
            worker.hit(TURN, now_us);
            STOPPED_AT.set(now_us as u32);
            IS_ARMED.set(ARMED);
        }
        LAST.set(now_us as u32);
        supervisor = match supervisor.evaluate(now_us) {
            Outcome::Early(next, _) => next,
            Outcome::Feed(next, permit, _) => {
                if dog.feed(permit, now_us).is_err() {
                    end(false);
                }
                FED.set(dog.fed());
                next
            }
            Outcome::Stop(_, culprit) if culprit.entity() == PLAN.entity("worker") => wait(),
            Outcome::Stop(..) => end(false),
        };
    }
}

/// The watchdog bites. A program would call `wait` of the supervisor; this one notes for how long it lives.
fn wait() -> ! {
    loop {
        LAST.set(now_us() as u32);
    }
}

/// The first expiry.
#[exception]
unsafe fn NonMaskableInt() -> ! {
    wait()
}

fn after_the_bite() -> ! {
    let bitten_after_us = u64::from(LAST.value().wrapping_sub(STOPPED_AT.value()));
    let at_most_us = PLAN.worst_detection_us() + PLAN.hardware().bites_before_us();
    hprintln!(
        "{} cycles fed; bitten {} us after an entity stopped, at most {}",
        FED.value(),
        bitten_after_us,
        at_most_us
    );
    end(FED.value() == CYCLES + 2 && bitten_after_us > 0 && bitten_after_us <= at_most_us)
}
