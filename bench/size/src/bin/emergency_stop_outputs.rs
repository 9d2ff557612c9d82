//! The emergency stop block of PLCopen: a step, its diagnostic code and its outputs.
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
            let state = stop.step(inputs);
            keep(state.diag_code());
            keep([state.is_ready(), state.is_on(), state.is_error()]);
        }
        #[cfg(not(feature = "calls"))]
        {
            keep((stop.state(), inputs));
            keep(0_u16);
            keep([false; 3]);
        }
    }
}
