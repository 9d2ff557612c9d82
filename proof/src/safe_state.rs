//! Calls the functions of `safe-state` with input that is only known at run time. Not all of them yet.
#![no_std]
#![no_main]

use core::hint::black_box;

use bitflags::bitflags;
use proof::keep;
use safe_state::channel::{NotProven, Running, Safe};
use safe_state::fault::{Fault, Latch, ReportCell, Severity, fault};
use safe_state::freshness::{Backlog, Limits, Sources, age_limit_us, rows, skew_us};
use safe_state::machine::{self, AnyMachine};
use safe_state::{
    Actuator, AnyChannel, Button, Channel, Cleared, Config, Edge, FaultSet, Group, OnLoss,
    ReadBack, SafeStop1, SafeStop2, Sample, Sequence, Source, Step, StopCategory, Ticked, cycle,
    lease_us, over_us,
};

bitflags! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Faults: u8 { const A = 1; const B = 2; const C = 4; }
}

static ROWS: [Fault; 3] = [
    fault("A", Severity::Stop, Latch::Acknowledge).defer_max_us(5_000),
    fault("B", Severity::Degrade, Latch::Auto),
    fault("C", Severity::Lockout, Latch::Never),
];

struct Drive([u64; 4]);

impl Actuator for Drive {
    type Command = i32;
    type Error = u8;
    const SAFE: i32 = 0;
    fn drive(&mut self, command: i32) -> Result<(), u8> {
        black_box(command);
        if black_box(self.0[0]) == 1 { Err(1) } else { Ok(()) }
    }
    fn read_back(&mut self) -> Result<ReadBack<i32>, u8> {
        match black_box(self.0[1]) {
            1 => Err(1),
            2 => Ok(ReadBack::Unsupported),
            other => Ok(ReadBack::Does(other as i32)),
        }
    }
}

static CONFIG: Config<i32> =
    Config::new(lease_us(20_000), OnLoss::ramp(0, over_us(200_000)).after_holding(over_us(1_000)))
        .mismatch_limit(over_us(20_000))
        .come_back(1_000)
        .stop_1(SafeStop1::monitored(0, over_us(300_000), 10))
        .stop_2(SafeStop2::new(0, over_us(1_000), 3, over_us(9_000)));
static PAIR: Config<(i32, i32)> = Config::new(lease_us(20_000), OnLoss::value((1, 1), over_us(7)));
static ORDER: Sequence<2> = Sequence::new(
    [Step::of(0), Step::of(1).after(over_us(60_000))],
    [Step::of(1).until_seen(over_us(9)), Step::of(0)],
);
static LIMITS: Limits =
    Limits::new(age_limit_us(20_000)).lost_after_us(30_000).fresh_after(3).stuck_after(9);
static MACHINE: machine::Config = machine::Config::new(over_us(10_000)).restarts(2);

/// A channel is at most 40 bytes over its actuator and two commands.
const _: () =
    assert!(size_of::<AnyChannel<Drive>>() <= size_of::<Drive>() + 2 * size_of::<i32>() + 40);

#[cortex_m_rt::entry]
fn main() -> ! {
    proof::run(all)
}

fn all(_input: &[u8], _output: &mut [u8], numbers: &[u64]) {
    let [a, b, c, d, e, ..] = numbers else { return };
    let (a, b, c, d, e) = (*a, *b, *c, *d, *e);
    const FAULTS: FaultSet<Faults, 3> = FaultSet::new(&ROWS);
    let mut faults = black_box(FAULTS);
    let mut button = black_box(Button::new(Edge::Falling, 5));
    faults.raise(Faults::from_bits_retain(a as u8), b);
    faults.clear(Faults::from_bits_retain(b as u8), c);
    keep(faults.defer(Faults::from_bits_retain(b as u8), c as u32, c));
    keep(faults.first_out());
    faults.in_order().for_each(keep);
    keep(faults.worst(a));
    keep(faults.stops(a));
    keep(faults.is_active(Faults::A));
    keep(faults.not_clear());
    let mut cell = ReportCell::<Faults>::new();
    keep(&mut cell);
    let Ok(edge) = button.sample(a == 1, b) else { return };
    keep(edge.at_us());
    let Ok(cleared) = faults.acknowledge(edge) else { return };
    let mut machine = black_box(AnyMachine::restored([a as u32, b as u32], &MACHINE, c));
    keep(machine.ready(a));
    keep(machine.operate(&cleared, &faults, b));
    keep(machine.restart(&faults, c));
    keep(machine.heed(&faults, c));
    keep(machine.demand(c));
    keep(machine.recover(c));
    keep(machine.recovered(c));
    keep(machine.recovery_failed(c));
    machine.lock(d);
    keep(machine.kept());
    let mut sources = black_box(Sources::new([const { Source::<i32>::new(&LIMITS) }; 3]));
    keep(sources.offer(a as usize, Sample::new(b as i32, c as u32, d), e));
    keep(cycle(a, |tick| match sources.align(skew_us(b as u32), tick) {
        Ok(row) => Some(row.map(|[a, b, c]| a.wrapping_add(b).wrapping_add(c)).value()),
        Err(missing) => {
            missing.iter().for_each(keep);
            keep(missing.of(c as usize));
            None
        }
    }));
    let mut backlogs = black_box([const { Backlog::<i32, 8>::new() }; 3]);
    for backlog in &mut backlogs {
        keep(backlog.push(Sample::new(black_box(a) as i32, black_box(b) as u32, black_box(c))));
        keep(backlog.push(Sample::new(black_box(a) as i32, black_box(b) as u32, black_box(c))));
        keep((backlog.count(), backlog.dropped()));
    }
    for row in rows(&backlogs, skew_us(d as u32)) {
        keep(row);
    }
    let channel = black_box(Channel::new(Drive([a, b, c, d]), &CONFIG));
    match channel.prove_safe(a) {
        Ok(safe) => one(safe, cleared, &faults, &sources, numbers),
        Err(NotProven::Pending(channel)) => keep(channel.prove_safe(b)),
        Err(NotProven::Faulted(channel)) => keep(channel.tick(b).retry()),
    }
    let mut any = black_box(AnyChannel::new(
        Group::new((Drive([a, b, c, d]), Drive([b, c, d, a])), &ORDER, (1, 1)),
        &PAIR,
    ));
    keep(any.prove_safe(a));
    keep(any.start(&faults, b));
    keep(any.tick(c));
    keep(any.demand(StopCategory::One, d));
    keep(any.heed(&faults, StopCategory::Two, e));
    let source = black_box(Source::<i32>::new(&LIMITS));
    if let Ok(mut lent) = any.running() {
        keep(cycle(a, |tick| Some(lent.put(source.fresh(tick).ok()?.map(|c| (c, c)), b))));
    }
    keep(any.published(e));
}

fn one(
    safe: Channel<Safe, Drive>,
    cleared: Cleared<Faults>,
    faults: &FaultSet<Faults, 3>,
    sources: &Sources<i32, 3>,
    numbers: &[u64],
) {
    let [a, b, c, d, e, ..] = numbers else { return };
    let (a, b, c, d, e) = (*a, *b, *c, *d, *e);
    let Ok(safe) = black_box(safe.tick(a)) else { return };
    let Ok(safe) = black_box(safe.demand(a)) else { return };
    let Ok(armed) = black_box(safe.arm(cleared)) else { return };
    let Ok(armed) = black_box(armed.tick(b)) else { return };
    let Ok(mut running) = black_box(armed.start(faults, c)) else { return };
    keep(cycle(a, |tick| Some(running.put(sources.source(0)?.fresh(tick).ok()?, b))));
    let running: Channel<Running, Drive> = match black_box(running.tick(d)) {
        Ticked::Running(running) => running,
        other => return keep(AnyChannel::from(other)),
    };
    match black_box(running.heed(faults, StopCategory::One, e)) {
        Ticked::Running(running) => match black_box(running.demand(StopCategory::Two, a)) {
            Ticked::Stopping(stopping) => match black_box(stopping.tick(b)) {
                Ticked::Stopping(stopping) => keep(stopping.demand(StopCategory::Zero, c)),
                other => keep(other),
            },
            other => keep(other),
        },
        other => keep(other),
    }
}
