//! How many instructions a turn of a loop with a channel takes on a Cortex-M3, call by call, by SysTick on a board whose clock counts
//! instructions: at `-icount shift=3` one tick of 25 MHz is five. The actuator does nothing, and is read back.
#![no_std]
#![no_main]

use core::hint::black_box;

use bitflags::bitflags;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use panic_halt as _;
use safe_state::channel::State;
use safe_state::fault::{Fault, Latch, ReportCell, Severity, fault};
use safe_state::freshness::{Backlog, Limits, Sources, age_limit_us, skew_us};
use safe_state::journal::{Journal, Occurrence, Record, Ring, What};
use safe_state::machine::{self, AnyMachine};
use safe_state::{
    Actuator, AnyChannel, Button, Config, Edge, FaultSet, OnLoss, Quality, ReadBack, Sample,
    Source, StopCategory, cycle, lease_us, over_us,
};

const TIMES: u32 = 100;
const INSTRUCTIONS_PER_TICK: u32 = 5;
const RELOAD: u32 = 0x00FF_FFFF;

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const A = 1;
        const B = 2;
        const C = 4;
        const D = 8;
    }
}

static ROWS: [Fault; 4] = [
    fault("A", Severity::Stop, Latch::Acknowledge),
    fault("B", Severity::Stop, Latch::Auto),
    fault("C", Severity::Degrade, Latch::Acknowledge),
    fault("D", Severity::Lockout, Latch::Never),
];
static CONFIG: Config<i32> =
    Config::new(lease_us(20_000), OnLoss::ramp(0, over_us(200_000))).come_back(500_000);
static LIMITS: Limits = Limits::new(age_limit_us(5_000));
static RING: Ring<64> = Ring::new();
static MACHINE: machine::Config = machine::Config::new(over_us(10_000_000));

struct Drive(i32);

impl Actuator for Drive {
    type Command = i32;
    type Error = u8;
    const SAFE: i32 = 0;

    fn drive(&mut self, command: i32) -> Result<(), u8> {
        self.0 = black_box(command);
        Ok(())
    }

    fn read_back(&mut self) -> Result<ReadBack<i32>, u8> {
        Ok(ReadBack::Does(black_box(self.0)))
    }
}

/// The ticks of a call, in which the time goes on.
fn ticks(now_us: &mut u64, step_us: u64, mut call: impl FnMut(u64)) -> u32 {
    let start = SYST::get_current();
    for _ in 0..TIMES {
        *now_us = black_box(now_us.wrapping_add(step_us));
        call(*now_us);
    }
    start.wrapping_sub(SYST::get_current()) & RELOAD
}

fn say(name: &str, ticks: u32, empty: u32) {
    let instructions = (ticks.saturating_sub(empty) * INSTRUCTIONS_PER_TICK).div_ceil(TIMES);
    hprintln!("{:>7} instructions: {}", instructions, name);
}

#[entry]
fn main() -> ! {
    static mut CELL: ReportCell<Faults> = ReportCell::new();
    const FAULTS: FaultSet<Faults, 4> = FaultSet::new(&ROWS);
    let Some(peripherals) = cortex_m::Peripherals::take() else { end(false) };
    let mut timer = peripherals.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(RELOAD);
    timer.clear_current();
    timer.enable_counter();
    let mut now_us = 1_u64;
    let now = &mut now_us;
    let empty = ticks(now, 1, |now_us| {
        black_box(now_us);
    });
    let mut faults = black_box(FAULTS);
    let mut button = Button::new(Edge::Rising, 500_000);
    let mut channel = black_box(AnyChannel::new(Drive(0), &CONFIG));
    if channel.prove_safe(*now).is_err() || button.sample(false, *now).is_ok() {
        end(false);
    }
    say(
        "drive the safe value again, and read it back",
        ticks(now, 1, |at| {
            black_box(channel.tick(at));
        }),
        empty,
    );
    let Ok(edge) = button.sample(true, *now) else { end(false) };
    let Ok(cleared) = faults.acknowledge(edge) else { end(false) };
    if channel.arm(cleared).is_err() || channel.start(&faults, *now).is_err() {
        end(false);
    }
    let mut source = Source::new(&LIMITS);
    let mut sequence = 0;
    say(
        "take a sample",
        ticks(now, 1, |at| {
            sequence += 1;
            let _ = black_box(source.offer(black_box(Sample::new(400, sequence, at)), at));
        }),
        empty,
    );
    say(
        "take a sample and put it, which renews the lease",
        ticks(now, 10, |at| {
            sequence += 1;
            let _ = source.offer(Sample::new(400, sequence, at), at);
            let _ = black_box(cycle(at, |tick| {
                channel.running().ok()?.put(source.fresh(tick).ok()?, at).ok()
            }));
        }),
        empty,
    );
    say(
        "tick while it runs",
        ticks(now, 1, |at| {
            black_box(channel.tick(at));
        }),
        empty,
    );
    say(
        "the same, and four faults are heeded",
        ticks(now, 1, |at| {
            black_box(channel.heed(&faults, StopCategory::One, at));
        }),
        empty,
    );
    if channel.state() != State::Running {
        end(false);
    }
    channel.demand(StopCategory::One, *now);
    let mut sources = black_box(Sources::new([const { Source::<i32>::new(&LIMITS) }; 3]));
    for number in 0..3 {
        let _ = sources.offer(number, Sample::new(7, 1, *now), *now);
    }
    say(
        "a row of three sources",
        ticks(now, 1, |at| {
            black_box(cycle(at, |tick| {
                sources.align(skew_us(500), tick).map(|row| row.values()).is_ok()
            }));
        }),
        empty,
    );
    say(
        "raise a fault of four and clear it",
        ticks(now, 1, |at| {
            faults.raise(black_box(Faults::B), at);
            faults.clear(black_box(Faults::B), at);
        }),
        empty,
    );
    let (reporter, mut collector) = CELL.split();
    say(
        "raise one through a reporter, and collect it",
        ticks(now, 1, |at| {
            reporter.raise(black_box(Faults::C), at);
            faults.collect([&mut collector], at);
        }),
        empty,
    );
    say(
        "nothing to collect",
        ticks(now, 1, |at| {
            faults.collect([&mut collector], at);
        }),
        empty,
    );
    let mut machine = black_box(AnyMachine::new(&MACHINE, *now));
    say(
        "the machine heeds four faults",
        ticks(now, 1, |at| {
            black_box(machine.heed(&faults, at));
        }),
        empty,
    );
    let mut journal = Journal::open(&RING);
    let push = ticks(now, 1, |at| {
        let record =
            Record { what: What::CHANNEL, from: 1, to: 2, cause: 3, correlation: at as u16 };
        journal.push(black_box(record), at);
    });
    say("push an entry into the journal, at most 200", push, empty);
    let push = ticks(now, 1, |at| {
        let (output, age_us) = (1, Some(at as u32));
        let (from, to) = (Quality::Good, Quality::Held);
        journal.push(black_box(Occurrence::Output { output, from, to, age_us }), at);
    });
    say("push an occurrence with an age into it", push, empty);
    sizes();
    end(true)
}

fn sizes() {
    let say = |name: &str, bytes: usize| hprintln!("{:>7} bytes: {}", bytes, name);
    let switch = size_of::<AnyChannel<Drive>>() - size_of::<Drive>() - 2 * size_of::<i32>();
    say("a channel, over its actuator and two commands", switch);
    let more = size_of::<FaultSet<Faults, 4>>();
    say("a set of four faults", more);
    say("a source of 32-bit values", size_of::<Source<i32>>());
    say("a row of three of them, live", size_of::<Sources<i32, 3>>());
    say("a backlog of 16 samples of 32 bits", size_of::<Backlog<i32, 16>>());
    say("a machine", size_of::<AnyMachine>());
    say("a reporter's words", size_of::<ReportCell<Faults>>());
    say("a button", size_of::<Button>());
}

fn end(is_good: bool) -> ! {
    debug::exit(if is_good { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}
