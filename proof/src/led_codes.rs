//! Calls every public function of `led-codes` with input that is only known at run time. What a constant or a `static` keeps to is made
//! in one, as it is meant to be. The future of [`led_codes::asynch::play`] is made and not polled: the compiler puts a panic into each.
#![no_std]
#![no_main]

#[path = "led_codes/boards.rs"]
mod boards;
#[path = "led_codes/lights.rs"]
mod lights;
#[path = "led_codes/tables.rs"]
mod tables;
#[path = "led_codes/watchers.rs"]
mod watchers;

use core::hint::black_box;

use led_codes::ReportCell;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut CELL: ReportCell<2> = ReportCell::new();
    boards::reported(CELL);
    proof::run(|input, _output, numbers| {
        tables::all(input, numbers);
        boards::all(numbers);
        lights::all(numbers);
        watchers::all(numbers);
    })
}

/// A number that is not known.
fn number(numbers: &[u64], place: usize) -> u64 {
    black_box(numbers.get(place).copied().unwrap_or(0))
}
