//! A bare super-loop that feeds the board's own watchdog through the crate for 10,000 cycles. Then one of its two entities stops: the
//! watchdog bites within the plan's worst detection and timeout, the board really resets, and the program says so after the reset.
#![no_std]
#![no_main]

use core::convert::Infallible;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering, compiler_fence};

use cortex_m_rt::{entry, exception};
use cortex_m_semihosting::{debug, hprintln};
use panic_halt as _;
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::{
    Cells, Checkpoint, Dog, Hardware, Outcome, Permit, Plan, State, Supervisor, Watchdog,
};

const CYCLES: u32 = 10_000;
const TURN: Checkpoint = Checkpoint::of::<0>();

const PLAN: Plan<2> = Plan::builder(
    cycle_us(250).late_max_us(50),
    hardware(timeout_us(1_800..=2_000)),
    process_safety_time_us(10_000),
    reset_to_safe_us(5_000),
)
.entity("loop", alive(TURN, per_cycle(1), 0, 10_000), tolerance(0))
.entity("worker", alive(TURN, per_cycle(1), 0, 10_000), tolerance(2))
.build();

/// Words that survive the reset. The program starts with `MAGIC` in the first one where it was reset by the watchdog.
#[unsafe(link_section = ".uninit.RETAINED")]
static RETAINED: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];
const MAGIC: u32 = 0x57_D0_6C_0E;
const PHASE: usize = 0;
const STOPPED_AT: usize = 1;
const LAST: usize = 2;
const FED: usize = 3;

fn retain(word: usize, value: u32) {
    compiler_fence(Ordering::SeqCst);
    RETAINED[word].store(value, Ordering::Relaxed);
    compiler_fence(Ordering::SeqCst);
}

/// The CMSDK watchdog: the first expiry is the NMI, the second one the reset.
struct Cmsdk;

impl Cmsdk {
    const BASE: usize = 0x4000_8000;
    const TICKS_PER_US: u32 = 25;

    fn write(register: usize, value: u32) {
        // SAFETY: the registers of the board's watchdog.
        unsafe { ptr::write_volatile((Self::BASE + register) as *mut u32, value) }
    }

    fn read(register: usize) -> u32 {
        // SAFETY: the registers of the board's watchdog.
        unsafe { ptr::read_volatile((Self::BASE + register) as *const u32) }
    }
}

impl Watchdog for Cmsdk {
    type Error = Infallible;

    fn state(&mut self) -> Result<State, Infallible> {
        let timeout_us = (u64::from(Self::read(0x00)) * 2 / u64::from(Self::TICKS_PER_US)) as u32;
        Ok(match Self::read(0x08) & 3 {
            3 => State::Running { timeout_us, is_locked: false },
            _ => State::Stopped,
        })
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, Infallible> {
        let timeout_us = *asked.timeouts_us().end();
        Self::write(0xC00, 0x1ACC_E551);
        Self::write(0x00, timeout_us / 2 * Self::TICKS_PER_US);
        Self::write(0x08, 3);
        Ok(timeout_us)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Infallible> {
        Self::write(0x0C, 1);
        Ok(())
    }
}

/// A timer of 32 bits that counts down, and its extension to 64 bits: it is read more often than it comes round.
struct Uptime {
    last: u32,
    ticks: u64,
}

impl Uptime {
    fn new() -> Self {
        // SAFETY: the registers of the board's first timer.
        unsafe {
            ptr::write_volatile(0x4000_0008 as *mut u32, u32::MAX);
            ptr::write_volatile(0x4000_0004 as *mut u32, u32::MAX);
            ptr::write_volatile(0x4000_0000 as *mut u32, 1);
        }
        Self { last: Self::elapsed(), ticks: 0 }
    }

    fn elapsed() -> u32 {
        // SAFETY: as above.
        !unsafe { ptr::read_volatile(0x4000_0004 as *const u32) }
    }

    fn now_us(&mut self) -> u64 {
        let elapsed = Self::elapsed();
        self.ticks += u64::from(elapsed.wrapping_sub(self.last));
        self.last = elapsed;
        self.ticks / u64::from(Cmsdk::TICKS_PER_US)
    }
}

#[entry]
fn main() -> ! {
    static mut CELLS: Cells<2> = Cells::new(&PLAN);
    if RETAINED[PHASE].load(Ordering::Relaxed) == MAGIC {
        after_the_bite();
    }
    let mut uptime = Uptime::new();
    let mut dog = Dog::new(Cmsdk);
    let Ok((mut supervisor, [turns, worker])) =
        Supervisor::new(CELLS).arm(&mut dog, uptime.now_us())
    else {
        end(false)
    };
    loop {
        let now_us = uptime.now_us();
        turns.hit(TURN, now_us);
        if dog.fed() < CYCLES {
            worker.hit(TURN, now_us);
            retain(STOPPED_AT, now_us as u32);
            retain(PHASE, MAGIC);
        }
        retain(LAST, now_us as u32);
        supervisor = match supervisor.evaluate(now_us) {
            Outcome::Early(next, _) => next,
            Outcome::Feed(next, permit, _) => {
                if dog.feed(permit, now_us).is_err() {
                    end(false);
                }
                retain(FED, dog.fed());
                next
            }
            Outcome::Stop(_, culprit) => {
                if culprit.entity() != PLAN.entity("worker") {
                    end(false);
                }
                loop {
                    retain(LAST, uptime.now_us() as u32);
                }
            }
        };
    }
}

/// The first expiry: the loop stands still, its clock goes on up to the reset.
#[exception]
unsafe fn NonMaskableInt() -> ! {
    let before = Uptime::elapsed();
    let last = RETAINED[LAST].load(Ordering::Relaxed);
    loop {
        retain(LAST, last + Uptime::elapsed().wrapping_sub(before) / Cmsdk::TICKS_PER_US);
    }
}

fn after_the_bite() -> ! {
    let word = |word: usize| RETAINED[word].load(Ordering::Relaxed);
    let bitten_after_us = u64::from(word(LAST).wrapping_sub(word(STOPPED_AT)));
    let at_most_us = PLAN.worst_detection_us() + PLAN.hardware().bites_before_us();
    hprintln!(
        "{} cycles fed; bitten {} us after an entity stopped, at most {}",
        CYCLES,
        bitten_after_us,
        at_most_us
    );
    end(word(FED) >= CYCLES && bitten_after_us > 0 && bitten_after_us <= at_most_us)
}

fn end(is_good: bool) -> ! {
    debug::exit(if is_good { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}
