//! An I/O module in front of a control law: a channel whose wire breaks gives a substitute until its error has gone and it was acknowledged;
//! a lost connection takes out the whole module, until the operator acknowledges.
#![no_std]
#![no_main]

use board::end;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use safe_state::passivation::{Inputs, Module, State};

/// The events, 10 ms apart: a name, the inputs, the state after them, the channels that ask for reintegration.
const SCRIPT: [(&str, Inputs, State, u32); 10] = [
    ("started", Inputs::GOOD, State::RunOk, 0),
    ("the wire of channel 2 breaks", broken(0b100), State::RunChannelPassivation, 0),
    ("it is mended", Inputs::GOOD, State::RunChannelPassivation, 0b100),
    ("and acknowledged", acknowledged(0b100), State::RunOk, 0),
    ("the connection is lost", lost(), State::RunModulePassivation, 0),
    ("it is back", Inputs::GOOD, State::RunUserAckReq, 0),
    ("the wire of channel 0 breaks", broken(0b001), State::RunUserAckReq, 0),
    ("the operator acknowledges", operator(0b001), State::RunChannelPassivation, 0),
    ("it is mended", Inputs::GOOD, State::RunChannelPassivation, 0b001),
    ("and acknowledged", acknowledged(0b001), State::RunOk, 0),
];

const fn broken(channel_errors: u32) -> Inputs {
    Inputs { channel_errors, ..Inputs::GOOD }
}

const fn acknowledged(acknowledge_channels: u32) -> Inputs {
    Inputs { acknowledge_channels, ..Inputs::GOOD }
}

const fn lost() -> Inputs {
    Inputs { is_connected: false, ..Inputs::GOOD }
}

const fn operator(channel_errors: u32) -> Inputs {
    Inputs { acknowledge: true, channel_errors, ..Inputs::GOOD }
}

/// The value of a channel for the control law: its own, or the one that is safe.
fn value(module: &Module, channel: u8, measured: u16) -> u16 {
    if module.is_passivated(channel) { 0 } else { measured }
}

#[entry]
fn main() -> ! {
    let mut module = Module::new();
    let mut now_us = 0;
    for (what, inputs, state, requests) in SCRIPT {
        now_us += 10_000;
        let is_right = module.step(&inputs, now_us) == state && module.requests() == requests;
        let values = [0, 1, 2].map(|channel| value(&module, channel, 700));
        hprintln!("{}: {:?}, {:?}", what, module.state(), values);
        // Channel 1 has no error: it gives its value in the states in which the module runs.
        let runs = matches!(state, State::RunOk | State::RunChannelPassivation);
        if !is_right || (values[1] == 700) != runs {
            end(false);
        }
    }
    end(true)
}
