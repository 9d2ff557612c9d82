//! RTIC: an interrupt samples and spawns a task that controls; each has its handle as a local. The idle task evaluates and feeds.
#![no_std]
#![no_main]
#![allow(unexpected_cfgs)]

use panic_halt as _;
use watchdog_core::Checkpoint;
use watchdog_core::plan::{
    Plan, alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us,
    timeout_us, tolerance,
};

const SAMPLED: Checkpoint = Checkpoint::of::<0>();
const BEGIN: Checkpoint = Checkpoint::of::<0>();
const OUTPUT: Checkpoint = Checkpoint::of::<1>();

const PLAN: Plan<2, 1> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("sensor-isr", alive(SAMPLED, per_cycle(10), -2, 2), tolerance(1))
.entity("control", alive(OUTPUT, per_cycle(10), -2, 2), tolerance(1))
.deadline("control", BEGIN, OUTPUT, 0..=400)
.build();

#[rtic::app(device = board::device, peripherals = false, dispatchers = [UART0_RX])]
mod app {
    use board::{Cmsdk, advance, clear_timer1, end, now_us, start_timer1};
    use cortex_m_semihosting::hprintln;
    use watchdog_core::{
        AnyOutcome, AnySupervisor, BootGuard, Cause, Cells, DeadlineFault, Dog, Entity, Supervisor,
    };

    use super::*;

    #[shared]
    struct Shared {}

    #[local]
    struct Local {
        sensor: Entity<2, 1>,
        control: Entity<2, 1>,
        supervisor: AnySupervisor<2, 1>,
        dog: Dog<Cmsdk>,
    }

    #[init(local = [cells: Cells<2, 1> = Cells::new(&PLAN)])]
    fn init(cx: init::Context) -> (Shared, Local) {
        board::init();
        let mut dog = Dog::new(Cmsdk);
        let armed =
            Supervisor::new(cx.local.cells, BootGuard::without_memory()).arm(&mut dog, now_us());
        let Ok((supervisor, [sensor, control])) = armed else { end(false) };
        start_timer1(1_000);
        (Shared {}, Local { sensor, control, supervisor: supervisor.into(), dog })
    }

    #[task(binds = TIMER1, local = [sensor], priority = 2)]
    fn sample(cx: sample::Context) {
        clear_timer1();
        cx.local.sensor.hit(SAMPLED, now_us());
        let _still_running = control::spawn();
    }

    #[task(local = [control, outputs: u32 = 0], priority = 1)]
    async fn control(cx: control::Context) {
        let span = cx.local.control.begin(BEGIN, now_us());
        *cx.local.outputs += 1;
        if *cx.local.outputs > 1_000 {
            // The task hangs for half a millisecond.
            let until_us = now_us() + 500;
            while now_us() < until_us {}
        }
        span.end(OUTPUT, now_us());
    }

    #[idle(local = [supervisor, dog])]
    fn idle(cx: idle::Context) -> ! {
        let idle::LocalResources { supervisor, dog, .. } = cx.local;
        loop {
            advance();
            match supervisor.evaluate(now_us()) {
                AnyOutcome::Early(_) => {}
                AnyOutcome::Feed(permit, _) => {
                    if dog.feed(permit, now_us()).is_err() {
                        end(false);
                    }
                }
                AnyOutcome::Stop(culprit) => {
                    hprintln!("fed {} times; {}", dog.fed(), culprit);
                    let is_late = matches!(
                        culprit.cause,
                        Cause::Deadline { fault: DeadlineFault::TooLate, .. }
                    );
                    end(is_late && culprit.entity() == PLAN.entity("control") && dog.fed() > 90)
                }
                AnyOutcome::NotArmed => end(false),
            }
        }
    }
}
