//! The emergency stop block of PLCopen: a step, its state kept.
#![no_std]
#![no_main]
#![allow(unused)]

use core::hint::black_box;

use safe_state::blocks::emergency_stop::{EmergencyStop, Inputs};
use size::keep;

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut stop = black_box(EmergencyStop::new());
    loop {
        let (stop, inputs) = (black_box(&mut stop), Inputs::from_bits_retain(black_box(0)));
        #[cfg(feature = "calls")]
        {
            keep(stop.step(inputs));
        }
        #[cfg(not(feature = "calls"))]
        {
            keep((stop.state(), inputs));
        }
    }
}
