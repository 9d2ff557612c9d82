//! A motor in a main loop, and an interrupt that watches its current. The interrupt raises its fault through a reporter, which is handed
//! over once, before the interrupt is unmasked; the loop collects it in its next turn and stops the motor in that call.
#![no_std]
#![no_main]

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};

use bitflags::bitflags;
use board::device::interrupt;
use board::{Light, advance, clear_timer1, end, is_pressed, now_us, start_timer1};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use critical_section::Mutex;
use panic_halt as _;
use safe_state::channel::State;
use safe_state::fault::{Fault, Latch, ReportCell, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    AnyChannel, Button, Config, Edge, FaultSet, OnLoss, Reporter, Sample, Source, StopCategory,
    Switch, cycle, lease_us,
};
use static_cell::StaticCell;

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const OVERCURRENT = 1;
    }
}

static ROWS: [Fault; 1] = [fault("OVERCURRENT", Severity::Stop, Latch::Acknowledge)];
static MOTOR: Config<Switch> = Config::new(lease_us(20_000), OnLoss::SAFE);
static COMMAND: Limits = Limits::new(age_limit_us(5_000));
static CELL: StaticCell<ReportCell<Faults>> = StaticCell::new();

/// On its way to the interrupt.
static REPORTER: Mutex<Cell<Option<Reporter<Faults>>>> = Mutex::new(Cell::new(None));

/// The current in milliampere, as an ADC would read it.
static CURRENT: AtomicU32 = AtomicU32::new(900);

#[interrupt]
fn TIMER1() {
    static mut WATCH: Option<Reporter<Faults>> = None;
    if WATCH.is_none() {
        *WATCH = critical_section::with(|cs| REPORTER.borrow(cs).take());
    }
    clear_timer1();
    if CURRENT.load(Ordering::Relaxed) > 2_000 {
        if let Some(reporter) = WATCH {
            reporter.raise(Faults::OVERCURRENT, now_us());
        }
    }
}

#[entry]
fn main() -> ! {
    board::init();
    let (reporter, mut collector) = CELL.init(ReportCell::new()).split();
    critical_section::with(|cs| REPORTER.borrow(cs).set(Some(reporter)));
    start_timer1(100);
    let mut faults = FaultSet::<Faults, 1>::new(&ROWS);
    let (mut button, mut command) = (Button::new(Edge::Falling, 500_000), Source::new(&COMMAND));
    let mut motor = AnyChannel::new(SwitchPin::<_, ActiveHigh>::new(Light::<1>), &MOTOR);
    for turn in 0.. {
        advance();
        let now_us = now_us();
        if motor.state() == State::Unproven && motor.prove_safe(now_us).is_err() {
            end(false);
        }
        if let Ok(edge) = button.sample(is_pressed(), now_us) {
            let cleared = faults.acknowledge(edge).ok();
            let is_armed = cleared.is_some_and(|cleared| motor.arm(cleared).is_ok());
            if !is_armed || motor.start(&faults, now_us).is_err() {
                end(false);
            }
        }
        faults.collect([&mut collector], now_us);
        let _ = command.offer(Sample::new(Switch::On, turn, now_us), now_us);
        cycle(now_us, |tick| motor.running().ok()?.put(command.fresh(tick).ok()?, now_us).ok());
        if motor.state() == State::Running && turn % 1_000 == 999 {
            CURRENT.store(2_500, Ordering::Relaxed);
        }
        motor.heed(&faults, StopCategory::Zero, now_us);
        if let Some(first) = faults.first_out() {
            hprintln!("{} at {} us; motor {:?}", first.name, first.raised_us, motor.state());
            end(motor.state() == State::Safe && !Light::<1>::is_on() && first.raised_us <= now_us);
        }
    }
    end(false)
}
