//! Eight entities with all three supervisions, modes, a window: spans, check-ins, an evaluation with its culprit, a feed.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use size::keep;
use size::watchdog::Registers;
use watchdog_core::plan::{
    Builder, alive, bounded, budget_us, cycle_us, from, hardware, mode, per_cycle,
    process_safety_time_us, reset_to_safe_us, timeout_us, tolerance, until,
};
use watchdog_core::{BootGuard, Cells, Checkpoint, Dog, Mode, Outcome, Plan, Supervisor};

const SAMPLE: Checkpoint = Checkpoint::of::<0>();
const OUTPUT: Checkpoint = Checkpoint::of::<1>();
const WRITE: Checkpoint = Checkpoint::of::<2>();
const DONE: Checkpoint = Checkpoint::of::<3>();
const SERVICE: Mode = Mode::of::<1>();
const ERASE: Mode = Mode::of::<2>();

const NAMES: [&str; 8] =
    ["control", "modbus", "sensor", "storage", "display", "journal", "encoder", "fan"];

/// Eight entities: each is counted, four have two deadlines and a graph.
const PLAN: Plan<8, 8, 4> = {
    let internal = hardware(timeout_us(80_000..=100_000)).window_us(2_000);
    let mut rows: Builder<8, 8, 4> = Plan::builder(
        cycle_us(10_000),
        internal.tolerance_permille(100),
        process_safety_time_us(1_000_000),
        reset_to_safe_us(30_000),
    );
    let mut entity = 0;
    while entity < NAMES.len() {
        rows = rows.entity(NAMES[entity], alive(OUTPUT, per_cycle(1), 0, 1), tolerance(1));
        entity += 1;
    }
    let mut entity = 0;
    while entity < 4 {
        rows = rows
            .deadline(NAMES[entity], SAMPLE, OUTPUT, 200..=900)
            .deadline(NAMES[entity], WRITE, DONE, 0..=5_000)
            .flow(
                NAMES[entity],
                from(&[SAMPLE]),
                &[(SAMPLE, OUTPUT), (OUTPUT, SAMPLE)],
                until(&[]),
            );
        entity += 1;
    }
    rows.modes(
        const {
            &[
                mode(SERVICE, "service", &["modbus", "display"]),
                bounded(ERASE, "erase", budget_us(40_000)),
            ]
        },
    )
    .grace(1)
    .build()
};

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut CELLS: Cells<8, 8, 4> = Cells::new(&PLAN);
    #[cfg(feature = "calls")]
    {
        let mut dog = Dog::new(Registers);
        if let Ok((mut supervisor, entities)) =
            Supervisor::new(CELLS, BootGuard::without_memory()).arm(&mut dog, black_box(0))
        {
            loop {
                if let Some(entity) = entities.get(black_box(0_usize)) {
                    let span = entity.begin(SAMPLE, black_box(0));
                    entity.hit(black_box(WRITE), black_box(0));
                    span.end(OUTPUT, black_box(0));
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
                        let mut next = next;
                        if let Err(error) = next.switch(black_box(SERVICE), black_box(0)) {
                            keep(error);
                        }
                        if let Err(error) = next.leave(&mut dog, black_box(0)) {
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
