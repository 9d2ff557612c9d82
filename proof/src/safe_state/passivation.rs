//! An I/O module.

use core::hint::black_box;

use proof::keep;
use safe_state::passivation::{Inputs, Module, Voltage};

use crate::number;

fn inputs(index: u64) -> Inputs {
    let bits = number(index);
    Inputs {
        is_started: bits & 1 != 0,
        is_fatal: bits & 2 != 0,
        is_connected: bits & 4 != 0,
        voltage: if bits & 8 != 0 { Voltage::Normal } else { Voltage::Outside },
        activate_fv: bits & 16 != 0,
        acknowledge: bits & 32 != 0,
        channel_errors: number(index + 1) as u32,
        acknowledge_channels: number(index + 2) as u32,
    }
}

pub fn all() {
    let mut module = black_box(Module::new());
    keep(Module::step(&mut module, &inputs(0), number(3)));
    keep(black_box(&mut module));
    keep(Module::step(&mut module, &inputs(4), number(7)));
    keep((Module::state(&module), Module::requests(&module)));
    keep(Module::is_passivated(&module, number(8) as u8));
    keep(Module::is_acknowledgement_requested(&module));
}
