//! The HAL of the examples, for an emulated MPS2 AN385: interrupts, the watchdog, a pin, lights, a button, the clock, and the end of a
//! program.
#![no_std]

pub mod device;
mod light;
mod pin;
mod time_driver;
#[path = "../../../watchdog-core/examples/board/uptime.rs"]
mod uptime;
mod watchdog;

pub use light::{Change, Light, changes};
pub use pin::Pin;
pub use time_driver::wake;
pub use watchdog::{Cmsdk, Retained, start_watchdog};

use core::{fmt, ptr};

use cortex_m_semihosting::debug;
use uptime::Uptime;

/// The processor and its timers: 25 MHz.
pub const TICKS_PER_US: u32 = 25;

static UPTIME: Uptime = Uptime::new();

/// Microseconds since [`init`], in the main program and in interrupts. The one that calls [`advance`] does so every minute at least.
pub fn now_us() -> u64 {
    UPTIME.now(ticks) / u64::from(TICKS_PER_US)
}

/// For one context.
pub fn advance() {
    UPTIME.advance(ticks());
}

/// The ticks of the first timer, which counts down.
fn ticks() -> u32 {
    !read(0x4000_0004)
}

/// Starts the clock.
pub fn init() {
    write(0x4000_0008, u32::MAX);
    write(0x4000_0004, u32::MAX);
    write(0x4000_0000, 1);
}

/// The second timer asks for its interrupt so often.
pub fn start_timer1(period_us: u32) {
    start_timer1_ticks(period_us * TICKS_PER_US);
}

/// The same, in ticks.
pub fn start_timer1_ticks(period: u32) {
    write(0x4000_1008, period - 1);
    write(0x4000_1004, period - 1);
    write(0x4000_1000, 9);
    // SAFETY: the handler exists, or is the default one.
    unsafe { cortex_m::peripheral::NVIC::unmask(device::Interrupt::TIMER1) };
}

/// The interrupt of the second timer is served.
pub fn clear_timer1() {
    write(0x4000_100C, 1);
}

/// The second timer asks for nothing any more.
pub fn stop_timer1() {
    write(0x4000_1000, 0);
}

/// The reset button, which is let go 20 ms after the clock was started. Nobody sits at this board.
pub fn is_pressed() -> bool {
    (10_000..20_000).contains(&now_us())
}

/// Bytes in hex.
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// The program ends.
pub fn end(is_good: bool) -> ! {
    debug::exit(if is_good { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}

fn read(register: usize) -> u32 {
    // SAFETY: a register of the board.
    unsafe { ptr::read_volatile(register as *const u32) }
}

fn write(register: usize, value: u32) {
    // SAFETY: a register of the board.
    unsafe { ptr::write_volatile(register as *mut u32, value) }
}
