//! A profile of the bench beside one of the field, as a histogram: where they part, and which margins the field asks for.
#![allow(clippy::expect_used)]
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::profile::{Profile, Profiles};
use watchdog_core::{BootGuard, Cells, Checkpoint, Dog, Plan, Supervisor};

use watchdog_core::gpio::{Edge, Gpio};

const TURN: Checkpoint = Checkpoint::of::<0>();
static PLAN: Plan<1> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(140_000..=280_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("control", alive(TURN, per_cycle(10), -2, 2), tolerance(1))
.build();
static BENCH: Profiles<1> = Profiles::new(&PLAN, 800);
static FIELD: Profiles<1> = Profiles::new(&PLAN, 800);

fn main() {
    // On the bench every turn is as long as the next. In the field every fifth is longer, and every fiftieth by far.
    let bench = measure(&BENCH, |_| 1_000);
    let field = measure(&FIELD, |turn| match turn {
        turn if turn % 50 == 0 => 2_600,
        turn if turn % 5 == 0 => 1_150,
        _ => 1_000,
    });
    // A firmware sends its profile as bytes, and a host reads them from a log.
    let field = Profile::decode(&field.encode()).expect("a profile");
    println!("      us            bench   field");
    for bucket in (0..32_u8).filter(|bucket| count(&bench, *bucket) + count(&field, *bucket) > 0) {
        let (first, last) = Profile::bucket_us(bucket).unwrap_or_default();
        let bar = "#".repeat((count(&field, bucket) / 20).into());
        println!(
            "{first:>6} - {last:<8} {:>6}  {:>6}  {bar}",
            count(&bench, bucket),
            count(&field, bucket)
        );
    }
    let comparison = bench.compare(&field).expect("both were measured");
    println!(
        "{} permille elsewhere, first in bucket {:?}",
        comparison.distance_permille, comparison.parts_at
    );
    println!("the field asks for {:?}", field.suggest(PLAN.cycle_us()));
}

fn count(profile: &Profile, bucket: u8) -> u16 {
    profile.buckets.get(usize::from(bucket)).copied().unwrap_or(0)
}

/// A thousand turns of these lengths.
fn measure(profiles: &'static Profiles<1>, turn_us: impl Fn(u64) -> u64) -> Profile {
    let cells = Box::leak(Box::new(Cells::new(&PLAN).profiled(profiles)));
    let mut dog = Dog::new(Gpio::new(host::Pin, Edge::Any, 200_000));
    let armed = Supervisor::new(cells, BootGuard::without_memory()).arm(&mut dog, 0);
    let (_supervisor, [control]) = armed.expect("the watchdog runs as the plan says");
    let mut now_us = 0;
    for turn in 0..=1_000 {
        control.hit(TURN, now_us);
        now_us += turn_us(turn);
    }
    profiles.profile(control.id()).expect("its profile")
}

#[allow(dead_code)]
mod host;
