//! Embassy: a task that drives a valve behind an asynchronous bus. A command is checked and staged in the tick, and written afterwards;
//! the contactor is what cuts the valve off without waiting for the bus. Later the bus hangs: the write is given up half way, which is
//! a fault, and the contactor is off in the next call.
#![no_std]
#![no_main]

use core::convert::Infallible;
use core::sync::atomic::{AtomicBool, Ordering};

use bitflags::bitflags;
use board::device::interrupt;
use board::{Light, advance, clear_timer1, end, is_pressed, now_us, start_timer1, wake};
use cortex_m_semihosting::hprintln;
use embassy_executor::Spawner;
use embassy_time::{Duration, Ticker, Timer, with_timeout};
use panic_halt as _;
use safe_state::channel::{Cause, State};
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    AnyChannel, AsyncDrive, Button, Config, Duty, Edge, FaultSet, OnLoss, Sample, Source, Staged,
    WithCutOff, cycle, lease_us, over_us,
};

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const PRESSURE = 1;
    }
}

static ROWS: [Fault; 1] = [fault("PRESSURE", Severity::Stop, Latch::Acknowledge)];
static VALVE: Config<Duty> =
    Config::new(lease_us(50_000), OnLoss::value(Duty::percent::<10>(), over_us(100_000)));
static COMMAND: Limits = Limits::new(age_limit_us(20_000));

/// Whether the bus answers.
static IS_THERE: AtomicBool = AtomicBool::new(true);

/// A valve behind a bus: a write takes 300 us, or for ever.
struct Valve;

impl AsyncDrive for Valve {
    type Command = Duty;
    type Error = Infallible;
    const SAFE: Duty = Duty::ZERO;

    async fn drive(&mut self, _opening: Duty) -> Result<(), Infallible> {
        Timer::after_micros(300).await;
        while !IS_THERE.load(Ordering::Relaxed) {
            Timer::after_millis(1).await;
        }
        Ok(())
    }
}

#[interrupt]
fn TIMER1() {
    clear_timer1();
    wake();
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    board::init();
    start_timer1(100);
    let Ok(drive) = drive() else { end(false) };
    spawner.spawn(drive);
}

#[embassy_executor::task]
async fn drive() {
    let contactor = SwitchPin::<_, ActiveHigh>::new(Light::<0>);
    let mut valve = AnyChannel::new(Staged::new(WithCutOff::new(Valve, contactor)), &VALVE);
    let mut faults = FaultSet::<Faults, 1>::new(&ROWS);
    let (mut button, mut opening) = (Button::new(Edge::Falling, 500_000), Source::new(&COMMAND));
    if valve.prove_safe(now_us()).is_err() {
        end(false);
    }
    let mut ticker = Ticker::every(Duration::from_millis(5));
    for turn in 0..100 {
        advance();
        if let Ok(edge) = button.sample(is_pressed(), now_us()) {
            let Ok(cleared) = faults.acknowledge(edge) else { end(false) };
            if valve.arm(cleared).is_err() || valve.start(&faults, now_us()).is_err() {
                end(false);
            }
        }
        let _ = opening.offer(Sample::new(Duty::percent::<40>(), turn, now_us()), now_us());
        cycle(now_us(), |tick| valve.running().ok()?.put(opening.fresh(tick).ok()?, now_us()).ok());
        // In the last turns nobody answers on the bus.
        IS_THERE.store(turn < 90, Ordering::Relaxed);
        let was_on = Light::<0>::is_on();
        let flushed = with_timeout(Duration::from_millis(2), valve.flush(now_us())).await;
        if flushed.is_err() {
            let state = valve.tick(now_us());
            hprintln!("turn {}: {:?}, {:?}", turn, state, valve.cause());
            let is_off = was_on && !Light::<0>::is_on();
            end(turn == 90 && is_off && valve.cause() == Cause::WriteAbandoned);
        }
        if valve.tick(now_us()) == State::Faulted {
            end(false);
        }
        ticker.next().await;
    }
    end(false)
}
