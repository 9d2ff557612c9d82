//! A super-loop that hangs inside a guarded section, boot after boot: the board's own watchdog bites, and the next boot says which
//! section was torn and who was it. The board has no register of reset causes, so that they are `UNKNOWN`.
//!
//! ```text
//! boot   the run before ended with                                      what this run does
//! 1      the power came                                                 hangs in a section; the NMI records nothing
//! 2      a bite that nobody recorded; section held; last checkpoints    recovers the section; hangs in it; the NMI calls the hook
//! 3      a bite, the hook names the entity; section held                cancels a future in the section; hangs after it
//! 4      a bite; section abandoned; Degraded                            announces a reset of its own
//! 5      its own reset: the boots are as many as before                 hangs in a section
//! 6      a bite; Degraded                                               hangs in a section
//! 7      a bite; SafeOnly                                               ends
//! ```
#![no_std]
#![no_main]

use core::future::Future;
use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Waker};

use board::{Cmsdk, Hex, advance, end, now_us};
use cortex_m_rt::{entry, exception};
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use watchdog_core::boot::{self, Blame, Boot, Found, Verdict};
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::{
    Armed, Cause, Cells, Checkpoint, Dog, Entity, Guarded, Level, Outcome, Owner, Plan,
    ResetCauses, Retained, SectionId, Supervisor,
};

const CONTROLLED: Checkpoint = Checkpoint::of::<3>();
const SERVED: Checkpoint = Checkpoint::of::<5>();
const CURRENT_LIMITS: SectionId = Guarded::<0, 2>::section();

const PLAN: Plan<2> = Plan::builder(
    cycle_us(5_000),
    hardware(timeout_us(40_000..=50_000)),
    process_safety_time_us(200_000),
    reset_to_safe_us(30_000),
)
.entity("control", alive(CONTROLLED, per_cycle(1), 0, 10_000), tolerance(0))
.entity("modbus", alive(SERVED, per_cycle(1), 0, 10_000), tolerance(0))
.sections(&["current limits"])
.build();
static THE_PLAN: Plan<2> = PLAN;

#[unsafe(link_section = ".uninit.RETAINED")]
static RETAINED: Retained<2, 1> = Retained::new();
#[unsafe(link_section = ".uninit.LIMITS")]
static LIMITS: Guarded<0, 2> = Guarded::new();

/// Whether the first expiry is told to the hook.
static IS_HOOKED: AtomicBool = AtomicBool::new(false);

#[entry]
fn main() -> ! {
    static mut CELLS: Cells<2> = Cells::new(&THE_PLAN);
    board::init();
    let mut boot = boot::judge(&RETAINED, &THE_PLAN, ResetCauses::UNKNOWN, now_us());
    let verdict = *boot.verdict();
    hprintln!("boot: {}", verdict);
    log(&verdict);
    let abnormal = verdict.abnormal_count;
    let is_as_expected = match (verdict.found, abnormal, verdict.is_abnormal) {
        (Found::ColdStart, 0, false) => verdict.blame == Blame::None && verdict.torn().is_empty(),
        (Found::Record, 1, true) => {
            verdict.blame == Blame::Unrecorded && is_held(&verdict) && is_recovered(&mut boot)
        }
        (Found::Record, 2, true) => is_named(&verdict) && is_held(&verdict),
        (Found::Record, 3, true) => {
            let abandoned =
                verdict.owners.iter().all(|owner| owner.abandoned.contains(CURRENT_LIMITS));
            abandoned && verdict.held().is_empty() && boot.level() == Level::Degraded
        }
        (Found::Record, 3, false) => verdict.blame == Blame::None,
        (Found::Record, 4, true) => boot.level() == Level::Degraded,
        (Found::Record, 5, true) => end(boot.level() == Level::SafeOnly && is_named(&verdict)),
        _ => false,
    };
    if !is_as_expected {
        end(false);
    }
    IS_HOOKED.store(abnormal > 0, Ordering::Relaxed);
    let (guard, [owner]) = boot.start();
    let mut dog = Dog::new(Cmsdk);
    let armed = Supervisor::new(CELLS, guard).arm(&mut dog, now_us());
    let Ok((mut supervisor, [control, modbus])) = armed else { end(false) };
    for _ in 0..1_000 {
        supervisor = turn(supervisor, &mut dog, &control, &modbus);
    }
    match (abnormal, verdict.is_abnormal) {
        (2, _) => cancel(&owner),
        (3, true) => {
            supervisor.announce();
            cortex_m::peripheral::SCB::sys_reset();
        }
        _ => {}
    }
    // The turn in which it hangs: `control` does not come to its checkpoint.
    let update = LIMITS.enter(&owner);
    update.set(0, 30_000);
    if abnormal == 2 {
        update.finish();
    } else {
        core::mem::forget(update);
    }
    loop {
        core::hint::spin_loop();
    }
}

/// The verdict for the log of a host; at a cold start the names of the plan before it.
fn log(verdict: &Verdict<2>) {
    if verdict.found == Found::ColdStart {
        hprintln!("{},plan,,{:08X}", now_us(), PLAN.fingerprint());
        for (name, index) in ["control", "modbus"].into_iter().zip(0..) {
            hprintln!("{},entity,{},{}", now_us(), name, index);
        }
        hprintln!("{},section,{},0", now_us(), PLAN.section_name(CURRENT_LIMITS));
    }
    let mut buffer = [0; Verdict::<2>::ENCODED_LEN];
    match verdict.encode(&mut buffer) {
        Ok(bytes) => hprintln!("{},boot,,{}", now_us(), Hex(bytes)),
        Err(_) => end(false),
    }
}

/// A turn of the loop: control, then communication.
fn turn(
    supervisor: Supervisor<Armed, 2>,
    dog: &mut Dog<Cmsdk>,
    control: &Entity<2>,
    modbus: &Entity<2>,
) -> Supervisor<Armed, 2> {
    advance();
    control.hit(CONTROLLED, now_us());
    modbus.hit(SERVED, now_us());
    match supervisor.evaluate(now_us()) {
        Outcome::Early(next, _) => next,
        Outcome::Feed(next, permit, _) => {
            if dog.feed(permit, now_us()).is_err() {
                end(false);
            }
            next
        }
        Outcome::Stop(..) => end(false),
    }
}

/// The current limits are half changed when the future is dropped.
fn cancel(owner: &Owner) {
    let change = async {
        let section = owner.enter(CURRENT_LIMITS);
        core::future::pending::<()>().await;
        section.finish();
    };
    let _pending = pin!(change).poll(&mut Context::from_waker(Waker::noop()));
}

/// Whether the section was held, and both entities had come to their checkpoint in the same turn before.
fn is_held(verdict: &Verdict<2>) -> bool {
    let [Some(control), Some(modbus)] = verdict.last_checkpoints else { return false };
    verdict.held().contains(CURRENT_LIMITS)
        && control.checkpoint == CONTROLLED
        && modbus.checkpoint == SERVED
        && control.age_us(modbus.stamp_us) < 1_000
}

/// Whether the hook has named `control`: it is the one that is overdue for longest.
fn is_named(verdict: &Verdict<2>) -> bool {
    match verdict.blame {
        Blame::Culprit(culprit) => {
            matches!(culprit.cause, Cause::Pretimeout { checkpoint: Some(CONTROLLED), .. })
                && culprit.entity() == PLAN.entity("control")
        }
        _ => false,
    }
}

/// The limits are taken from before the reset only if they are plausible; these are half changed.
fn is_recovered(boot: &mut Boot<2>) -> bool {
    let Ok(recovery) = boot.recover(10_000, now_us()) else { return false };
    let Some(inherited) = recovery.inherit(&LIMITS) else { return false };
    let was_torn = inherited.is_torn() && inherited.inspect()[0] == 30_000;
    let limits = inherited.revalidate(|[peak, continuous]| {
        if continuous <= peak && peak <= 20_000 { Ok([peak, continuous]) } else { Err(peak) }
    });
    was_torn && limits == Err(30_000) && recovery.finish(now_us()).is_ok()
}

/// The first expiry; the second one is the reset.
#[exception]
unsafe fn NonMaskableInt() -> ! {
    if IS_HOOKED.load(Ordering::Relaxed) {
        RETAINED.pretimeout(&THE_PLAN, now_us());
    }
    loop {
        core::hint::spin_loop();
    }
}
