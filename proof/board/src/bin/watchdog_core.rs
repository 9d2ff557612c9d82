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
    Alive, alive, cycle_us, from, hardware, per_cycle, process_safety_time_us, reset_to_safe_us,
    timeout_us, tolerance, until,
};
use watchdog_core::{
    AnyOutcome, AnySupervisor, Cells, Checkpoint, Dog, Entity, Hardware, Permit, Plan, State,
    Supervisor, Watchdog,
};

const TIMES: u32 = 100;
const INSTRUCTIONS_PER_TICK: u32 = 5;
const RELOAD: u32 = 0x00FF_FFFF;

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

/// Four entities that are counted, and nothing else.
const COUNTS: Plan<4> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(u32::MAX),
    reset_to_safe_us(30_000),
)
.entity("one", often(COUNTED), tolerance(1))
.entity("two", often(COUNTED), tolerance(1))
.entity("three", often(COUNTED), tolerance(1))
.entity("four", often(COUNTED), tolerance(1))
.build();

/// Two entities with all three supervisions: two deadlines and a graph each, eight checkpoints. At `ALL` the second one is counted, ends
/// a deadline and takes a step.
const EVERYTHING: Plan<2, 4, 2> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(u32::MAX),
    reset_to_safe_us(30_000),
)
.entity("one", often(COUNTED), tolerance(1))
.deadline("one", START, STOP, 0..=2_000_000_000)
.deadline("one", SECOND_START, SECOND_STOP, 0..=2_000_000_000)
.flow("one", from(&[STEP]), &[(STEP, OTHER_STEP), (OTHER_STEP, STEP)], until(&[]))
.entity("two", often(ALL), tolerance(1))
.deadline("two", START, STOP, 0..=2_000_000_000)
.deadline("two", SECOND_START, ALL, 0..=2_000_000_000)
.flow("two", from(&[ALL]), &[(ALL, ALL)], until(&[]))
.build();

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

/// A check-in, or nothing in its place: both are called by pointer.
type CheckIn<const N: usize, const D: usize, const F: usize> =
    fn(&Entity<N, D, F>, Checkpoint, u64);

fn hit<const N: usize, const D: usize, const F: usize>(
    entity: &Entity<N, D, F>,
    checkpoint: Checkpoint,
    now_us: u64,
) {
    entity.hit(checkpoint, now_us);
}

fn nothing<const N: usize, const D: usize, const F: usize>(
    _entity: &Entity<N, D, F>,
    _checkpoint: Checkpoint,
    _now_us: u64,
) {
}

fn ticks<const N: usize, const D: usize, const F: usize>(
    check_in: CheckIn<N, D, F>,
    entity: &Entity<N, D, F>,
    checkpoints: &[Checkpoint],
) -> u32 {
    let start = cortex_m::peripheral::SYST::get_current();
    for time in 0..TIMES {
        for checkpoint in checkpoints {
            black_box(check_in)(black_box(entity), *checkpoint, u64::from(time) * 16);
        }
    }
    start.wrapping_sub(cortex_m::peripheral::SYST::get_current()) & RELOAD
}

/// The instructions of one of these check-ins in turn, less the call and the return.
fn count<const N: usize, const D: usize, const F: usize>(
    name: &str,
    max: u32,
    entity: &Entity<N, D, F>,
    checkpoints: &[Checkpoint],
) {
    let empty = ticks(nothing, entity, checkpoints);
    let all = ticks(hit, entity, checkpoints).saturating_sub(empty);
    say(name, max, (all * INSTRUCTIONS_PER_TICK).div_ceil(TIMES * checkpoints.len() as u32));
}

fn say(name: &str, max: u32, instructions: u32) {
    let missed = if instructions > max { "   MISSED" } else { "" };
    hprintln!("{:>7} instructions, at most {}: {}{}", instructions, max, name, missed);
}

#[entry]
fn main() -> ! {
    static mut COUNTS_CELLS: Cells<4> = Cells::new(&COUNTS);
    static mut EVERYTHING_CELLS: Cells<2, 4, 2> = Cells::new(&EVERYTHING);

    let Some(peripherals) = cortex_m::Peripherals::take() else { end() };
    let mut timer = peripherals.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(RELOAD);
    timer.clear_current();
    timer.enable_counter();

    let mut dog = Dog::new(Nothing);
    let Ok((supervisor, entities)) = Supervisor::new(COUNTS_CELLS).arm(&mut dog, 0) else { end() };
    count("check in where entities are counted alone", 16, &entities[1], &[COUNTED]);
    count_evaluations("evaluate, an entity that is counted", 60, supervisor.into(), entities);

    let mut dog = Dog::new(Nothing);
    let Ok((supervisor, [one, two])) = Supervisor::new(EVERYTHING_CELLS).arm(&mut dog, 0) else {
        end()
    };
    count("check in at the counted checkpoint", 40, &one, &[COUNTED]);
    count("start or stop a deadline", 32, &one, &[START, STOP]);
    count("take a step in a graph", 40, &one, &[STEP, OTHER_STEP]);
    count("start a deadline, then all in one, each", 48, &two, &[SECOND_START, ALL]);
    count_evaluations("evaluate, an entity with all three", 60, supervisor.into(), [one, two]);
    end()
}

/// The instructions of an evaluation for each entity: those of one that judges, less those of one that is early.
fn count_evaluations<const N: usize, const D: usize, const F: usize>(
    name: &str,
    max: u32,
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
    let instructions = (judged - early) * INSTRUCTIONS_PER_TICK / TIMES / N as u32;
    say(name, max, instructions);
    hprintln!(
        "{:>7} instructions: evaluate, all that is left",
        early * INSTRUCTIONS_PER_TICK / TIMES
    );
}

fn end() -> ! {
    debug::exit(debug::EXIT_SUCCESS);
    loop {}
}
