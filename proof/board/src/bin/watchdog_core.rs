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

/// Counts the instructions of what a closure does many times.
struct Counter {
    is_missed: bool,
}

impl Counter {
    fn ticks(operation: &mut dyn FnMut(u64)) -> u32 {
        let start = cortex_m::peripheral::SYST::get_current();
        for time in 0..TIMES {
            operation(u64::from(time) * 16);
        }
        start.wrapping_sub(cortex_m::peripheral::SYST::get_current()) & RELOAD
    }

    /// The instructions of `operation`, of which `parts` are in one call, less those of the empty closure.
    fn count(&mut self, name: &str, parts: u32, max: u32, operation: &mut dyn FnMut(u64)) {
        let empty = Self::ticks(&mut |now_us| {
            for _ in 0..parts {
                black_box((black_box(COUNTED), black_box(now_us)));
            }
        });
        let ticks = Self::ticks(operation).saturating_sub(empty);
        let instructions = (ticks * INSTRUCTIONS_PER_TICK).div_ceil(TIMES * parts);
        let is_missed = instructions > max;
        self.is_missed |= is_missed;
        let missed = if is_missed { "   MISSED" } else { "" };
        hprintln!("{:>7} instructions, at most {}: {}{}", instructions, max, name, missed);
    }
}

#[entry]
fn main() -> ! {
    static mut COUNTS_CELLS: Cells<4> = Cells::new(&COUNTS);
    static mut EVERYTHING_CELLS: Cells<2, 4, 2> = Cells::new(&EVERYTHING);

    let Some(peripherals) = cortex_m::Peripherals::take() else { end(false) };
    let mut timer = peripherals.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(RELOAD);
    timer.clear_current();
    timer.enable_counter();
    let mut counter = Counter { is_missed: false };

    let mut dog = Dog::new(Nothing);
    let Ok((supervisor, entities)) = Supervisor::new(COUNTS_CELLS).arm(&mut dog, 0) else {
        end(false)
    };
    counter.count("check in where entities are counted alone", 1, 16, &mut |now_us| {
        entities[1].hit(black_box(COUNTED), black_box(now_us));
    });
    count_evaluations(
        &mut counter,
        "evaluate, an entity that is counted",
        60,
        supervisor.into(),
        entities,
    );

    let mut dog = Dog::new(Nothing);
    let Ok((supervisor, [one, two])) = Supervisor::new(EVERYTHING_CELLS).arm(&mut dog, 0) else {
        end(false)
    };
    counter.count("check in at the counted checkpoint", 1, 40, &mut |now_us| {
        one.hit(black_box(COUNTED), black_box(now_us));
    });
    counter.count("start or stop a deadline", 2, 32, &mut |now_us| {
        one.hit(black_box(START), black_box(now_us));
        one.hit(black_box(STOP), black_box(now_us));
    });
    counter.count("take a step in a graph", 2, 40, &mut |now_us| {
        one.hit(black_box(STEP), black_box(now_us));
        one.hit(black_box(OTHER_STEP), black_box(now_us));
    });
    counter.count("all in one, and the start of its deadline", 1, 64 + 32, &mut |now_us| {
        two.hit(black_box(SECOND_START), black_box(now_us));
        two.hit(black_box(ALL), black_box(now_us));
    });
    count_evaluations(
        &mut counter,
        "evaluate, an entity with all three",
        60,
        supervisor.into(),
        [one, two],
    );
    end(!counter.is_missed)
}

/// The instructions of an evaluation for each entity: those of one that judges, less those of one that is early.
fn count_evaluations<const N: usize, const D: usize, const F: usize>(
    counter: &mut Counter,
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
            end(false);
        }
        judged += ticks;
        early += evaluate(cycle * 10_000 + 1).0;
    }
    let instructions = (judged - early) * INSTRUCTIONS_PER_TICK / TIMES / N as u32;
    let is_missed = instructions > max;
    counter.is_missed |= is_missed;
    let missed = if is_missed { "   MISSED" } else { "" };
    hprintln!("{:>7} instructions, at most {}: {}{}", instructions, max, name, missed);
    hprintln!(
        "{:>7} instructions: evaluate, all that is left",
        early * INSTRUCTIONS_PER_TICK / TIMES
    );
}

fn end(_is_good: bool) -> ! {
    debug::exit(debug::EXIT_SUCCESS);
    loop {}
}
