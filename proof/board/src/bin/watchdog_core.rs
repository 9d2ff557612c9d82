//! How many instructions a check-in and an evaluation take on a Cortex-M3, by SysTick on a board whose clock counts instructions: at
//! `-icount shift=3` one tick of 25 MHz is five. The most that the design
//! allows at opt-level s stands beside each.
#![no_std]
#![no_main]

use core::convert::Infallible;
use core::hint::black_box;

use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use panic_halt as _;
use watchdog_core::plan::{
    Alive, Builder, alive, cycle_us, from, hardware, per_cycle, process_safety_time_us,
    reset_to_safe_us, timeout_us, tolerance, until,
};
use watchdog_core::profile::Profiles;
use watchdog_core::{
    AnyOutcome, AnySupervisor, BootGuard, Cells, Checkpoint, Dog, Entity, Hardware, Permit, Plan,
    ResetCauses, Retained, State, Supervisor, Watchdog, boot,
};

const TIMES: u32 = 100;
const INSTRUCTIONS_PER_TICK: u32 = 5;
const RELOAD: u32 = 0x00FF_FFFF;
/// The call of a check-in that is not inlined.
const CALL: u32 = 1;

const COUNTED: Checkpoint = Checkpoint::of::<0>();
const START: Checkpoint = Checkpoint::of::<1>();
const STOP: Checkpoint = Checkpoint::of::<2>();
const SECOND_START: Checkpoint = Checkpoint::of::<3>();
const SECOND_STOP: Checkpoint = Checkpoint::of::<4>();
const STEP: Checkpoint = Checkpoint::of::<5>();
const OTHER_STEP: Checkpoint = Checkpoint::of::<6>();
const ALL: Checkpoint = Checkpoint::of::<7>();

const fn often(checkpoint: Checkpoint) -> Alive {
    alive(checkpoint, per_cycle(1), 0, i32::MAX)
}

const NAMES: [&str; N] = ["0", "1", "2", "3", "4", "5", "6", "7"];
const N: usize = 8;

const fn builder<const D: usize, const F: usize>() -> Builder<N, D, F> {
    Plan::builder(
        cycle_us(10_000),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(u32::MAX),
        reset_to_safe_us(30_000),
    )
}

/// Entities that are counted, and nothing else.
const COUNTS: Plan<N> = {
    let (mut rows, mut entity) = (builder(), 0);
    while entity < N {
        rows = rows.entity(NAMES[entity], often(COUNTED), tolerance(1));
        entity += 1;
    }
    rows.build()
};

/// Entities with all three supervisions: two deadlines and a graph each, seven checkpoints. At `ALL` the last one is counted, ends a
/// deadline and takes a step.
const EVERYTHING: Plan<N, 16, N> = {
    let (mut rows, mut entity) = (builder(), 0);
    while entity < N {
        let name = NAMES[entity];
        let is_last = entity == N - 1;
        let (counted, stop) = if is_last { (ALL, ALL) } else { (COUNTED, SECOND_STOP) };
        rows = rows
            .entity(name, often(counted), tolerance(1))
            .deadline(name, START, STOP, 0..=2_000_000_000)
            .deadline(name, SECOND_START, stop, 0..=2_000_000_000);
        rows = if is_last {
            rows.flow(name, from(&[ALL]), &[(ALL, ALL)], until(&[]))
        } else {
            rows.flow(name, from(&[STEP]), &[(STEP, OTHER_STEP), (OTHER_STEP, STEP)], until(&[]))
        };
        entity += 1;
    }
    rows.build()
};

static THE_COUNTS: Plan<N> = COUNTS;
static RETAINED: Retained<N> = Retained::new();
static PROFILES: Profiles<N> = Profiles::new(&COUNTS, 900);

struct Nothing;

impl Watchdog for Nothing {
    type Error = Infallible;

    fn state(&mut self) -> Result<State, Infallible> {
        Ok(State::Stopped)
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, Infallible> {
        Ok(*asked.timeouts_us().end())
    }

    fn reload(&mut self, permit: Permit<'_>) -> Result<(), Infallible> {
        black_box(permit.cycle());
        Ok(())
    }
}

/// The ticks of these check-ins in turn, or of the same loop without them.
fn ticks<const N: usize, const D: usize, const F: usize>(
    is_called: bool,
    entity: &Entity<N, D, F>,
    checkpoints: &[Checkpoint],
) -> u32 {
    let start = cortex_m::peripheral::SYST::get_current();
    if is_called {
        for time in 0..TIMES {
            for checkpoint in checkpoints {
                black_box(entity).hit(black_box(*checkpoint), black_box(time * 16).into());
            }
        }
    } else {
        for time in 0..TIMES {
            for checkpoint in checkpoints {
                black_box((black_box(entity), black_box(*checkpoint), black_box(time * 16)));
            }
        }
    }
    start.wrapping_sub(cortex_m::peripheral::SYST::get_current()) & RELOAD
}

/// The instructions of one of these check-ins in turn, with the call.
fn count<const N: usize, const D: usize, const F: usize>(
    name: &str,
    max: u32,
    entity: &Entity<N, D, F>,
    checkpoints: &[Checkpoint],
) {
    let empty = ticks(black_box(false), entity, checkpoints);
    let all = ticks(black_box(true), entity, checkpoints).saturating_sub(empty);
    say(name, max, (all * INSTRUCTIONS_PER_TICK).div_ceil(TIMES * checkpoints.len() as u32));
}

fn say(name: &str, max: u32, instructions: u32) {
    let missed = if instructions > max { "   MISSED" } else { "" };
    hprintln!("{:>7} instructions, at most {}: {}{}", instructions, max, name, missed);
}

#[entry]
fn main() -> ! {
    static mut COUNTS_CELLS: Cells<N> = Cells::new(&COUNTS);
    static mut RETAINED_CELLS: Cells<N> = Cells::new(&COUNTS);
    static mut PROFILED_CELLS: Cells<N> = Cells::profiled(Cells::new(&COUNTS), &PROFILES);
    static mut EVERYTHING_CELLS: Cells<N, 16, N> = Cells::new(&EVERYTHING);

    let Some(peripherals) = cortex_m::Peripherals::take() else { end() };
    let mut timer = peripherals.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(RELOAD);
    timer.clear_current();
    timer.enable_counter();

    let mut dog = Dog::new(Nothing);
    let Ok((supervisor, entities)) =
        Supervisor::new(COUNTS_CELLS, BootGuard::without_memory()).arm(&mut dog, 0)
    else {
        end()
    };
    count("check in where entities are counted alone", 16, &entities[1], &[COUNTED]);
    count_evaluations("8 that are counted", supervisor.into(), entities);

    let (guard, _) = boot::judge(&RETAINED, &THE_COUNTS, ResetCauses::POWER_ON, 0).start();
    let Ok((supervisor, entities)) =
        Supervisor::new(RETAINED_CELLS, guard).arm(&mut Dog::new(Nothing), 0)
    else {
        end()
    };
    count("the same, and its last checkpoint is kept", 16 + 8, &entities[1], &[COUNTED]);
    count_evaluations("8 that are counted, and the uptime is kept", supervisor.into(), entities);

    let guard = BootGuard::without_memory();
    let Ok((supervisor, entities)) =
        Supervisor::new(PROFILED_CELLS, guard).arm(&mut Dog::new(Nothing), 0)
    else {
        end()
    };
    count("the same as the first, and it is profiled", 16 + 80, &entities[1], &[COUNTED]);
    count_evaluations("8 that are counted and profiled", supervisor.into(), entities);

    let mut dog = Dog::new(Nothing);
    let Ok((supervisor, entities)) =
        Supervisor::new(EVERYTHING_CELLS, BootGuard::without_memory()).arm(&mut dog, 0)
    else {
        end()
    };
    let [one, .., last] = &entities;
    count("check in at the counted checkpoint", 40 + CALL, one, &[COUNTED]);
    count("start or stop a deadline", 32 + CALL, one, &[START, STOP]);
    count("take a step in a graph", 40 + CALL, one, &[STEP, OTHER_STEP]);
    count("start a deadline, then all in one, each", 48 + CALL, last, &[SECOND_START, ALL]);
    count_evaluations("8 with all three, 2 deadlines each", supervisor.into(), entities);
    end()
}

/// The instructions of an evaluation for each entity, and those of one that is early.
fn count_evaluations<const D: usize, const F: usize>(
    name: &str,
    mut supervisor: AnySupervisor<N, D, F>,
    entities: [Entity<N, D, F>; N],
) {
    let mut evaluate = |now_us: u64| {
        let start = cortex_m::peripheral::SYST::get_current();
        let outcome = black_box(supervisor.evaluate(black_box(now_us)));
        let ticks = start.wrapping_sub(cortex_m::peripheral::SYST::get_current()) & RELOAD;
        (ticks, matches!(outcome, AnyOutcome::Feed(..)))
    };
    let (mut judged, mut early) = (0, 0);
    for cycle in 1..=u64::from(TIMES) {
        for entity in &entities {
            for checkpoint in [COUNTED, START, STOP, SECOND_START, SECOND_STOP, ALL, STEP] {
                if checkpoint != STEP || cycle == 1 {
                    entity.hit(checkpoint, cycle * 10_000);
                }
            }
        }
        let (ticks, is_fed) = evaluate(cycle * 10_000);
        if !is_fed {
            hprintln!("{}: no permit in cycle {}", name, cycle);
            end();
        }
        judged += ticks;
        early += evaluate(cycle * 10_000 + 1).0;
    }
    let instructions = |ticks: u32, of: u32| (ticks * INSTRUCTIONS_PER_TICK).div_ceil(TIMES * of);
    hprintln!("evaluate, {}:", name);
    say("all of it, for each of them", 60, instructions(judged, N as u32));
    hprintln!("{:>7} instructions, early", instructions(early, 1));
}

fn end() -> ! {
    debug::exit(debug::EXIT_SUCCESS);
    loop {}
}
