//! Timing on the bench and in the field: the same loop alone, and under interrupts that nobody had characterised. Its profiles are
//! printed for the log of a host, and compared.
#![no_std]
#![no_main]

use board::device::interrupt;
use board::{Cmsdk, Hex, advance, clear_timer1, end, now_us, start_timer1, stop_timer1};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::profile::{Profile, Profiles};
use watchdog_core::{
    Armed, BootGuard, Cells, Checkpoint, Dog, Entity, Health, Outcome, Plan, Supervisor,
};

const TURN: Checkpoint = Checkpoint::of::<0>();

/// 10 turns of 500 us each cycle; 7 are still right.
const PLAN: Plan<1> = Plan::builder(
    cycle_us(5_000).late_max_us(1_000),
    hardware(timeout_us(40_000..=50_000)),
    process_safety_time_us(200_000),
    reset_to_safe_us(30_000),
)
.entity("control", alive(TURN, per_cycle(10), -3, 3), tolerance(1))
.build();
static BENCH: Profiles<1> = Profiles::new(&PLAN, 500);
static FIELD: Profiles<1> = Profiles::new(&PLAN, 500);

/// A burst of work, long enough to make a turn late.
#[interrupt]
fn TIMER1() {
    clear_timer1();
    let begun_us = now_us();
    while now_us() < begun_us + 170 {}
}

#[entry]
fn main() -> ! {
    static mut ON_BENCH: Cells<1> = Cells::profiled(Cells::new(&PLAN), &BENCH);
    static mut IN_FIELD: Cells<1> = Cells::profiled(Cells::new(&PLAN), &FIELD);
    board::init();
    let mut dog = Dog::new(Cmsdk);
    let guard = BootGuard::without_memory();
    let Ok((supervisor, [control])) = Supervisor::new(ON_BENCH, guard).arm(&mut dog, now_us())
    else {
        end(false)
    };
    let on_bench = run(supervisor, &control, &mut dog);
    let bench = say("bench", &BENCH);

    // The same watchdog, which runs already, and a supervisor of its own for the field.
    start_timer1(750);
    let mut dog = Dog::new(Cmsdk);
    let guard = BootGuard::without_memory();
    let Ok((supervisor, [control])) = Supervisor::new(IN_FIELD, guard).arm(&mut dog, now_us())
    else {
        end(false)
    };
    let in_field = run(supervisor, &control, &mut dog);
    stop_timer1();
    let field = say("field", &FIELD);
    let Some(comparison) = bench.compare(&field) else { end(false) };
    hprintln!("{} permille are elsewhere", comparison.distance_permille);
    let suggested = field.suggest(PLAN.cycle_us());
    hprintln!("suggested: {:?}", suggested);
    let is_apart = comparison.distance_permille > 100 && comparison.parts_at.is_some();
    let is_said = on_bench == Health::Ok && matches!(in_field, Health::Drifting { .. });
    end(is_apart && is_said && suggested.is_some_and(|suggestion| suggestion.expected < 10))
}

/// A second of the loop. The last health.
fn run(mut supervisor: Supervisor<Armed, 1>, control: &Entity<1>, dog: &mut Dog<Cmsdk>) -> Health {
    let begun_us = now_us();
    let mut said = Health::Ok;
    while now_us() < begun_us + 1_000_000 {
        let turn_us = now_us();
        advance();
        control.hit(TURN, turn_us);
        supervisor = match supervisor.evaluate(turn_us) {
            Outcome::Early(next, _) => next,
            Outcome::Feed(next, permit, health) => {
                if dog.feed(permit, now_us()).is_err() {
                    end(false);
                }
                said = health;
                next
            }
            Outcome::Stop(_, culprit) => {
                hprintln!("{}", culprit);
                end(false)
            }
        };
        // Work, which interrupts make longer.
        for _ in 0..ROUNDS {
            cortex_m::asm::nop();
        }
    }
    said
}

/// Half a millisecond.
const ROUNDS: u32 = 20_000;

fn say(measuring: &str, profiles: &Profiles<1>) -> Profile {
    let Some(profile) = PLAN.entity("control").and_then(|entity| profiles.profile(entity)) else {
        end(false)
    };
    hprintln!("{},{},control,{}", now_us(), measuring, Hex(&profile.encode()));
    hprintln!("{} intervals of {} to {} us", profile.count, profile.min_us, profile.max_us);
    profile
}
