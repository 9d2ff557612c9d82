//! safe-state and its peer: an event of the machine. The peer, statig, knows states and events, and nothing of faults, acknowledgement
//! and time; the machine is measured with them, and its table alone. What a channel costs has no peer: see `proof/board`.

mod statig_machine;

use std::hint::black_box;

use bench::contestant::contestant;
use bench::line::Line;
use bench::rounds::{Against, measure};
use safe_state::machine::{AnyMachine, Config, Event, State};
use safe_state::over_us;
use statig::prelude::*;

static CONFIG: Config = Config::new(over_us(10_000));

fn main() -> std::process::ExitCode {
    bench::main("safe-state", run, None)
}

fn run(_again: bool) -> Vec<Line> {
    const EVENTS: [Event; 4] = [Event::Ready, Event::Demand, Event::RecoveryFailed, Event::Demand];
    const PEERS: [statig_machine::Event; 4] = [
        statig_machine::Event::Ready,
        statig_machine::Event::Demand,
        statig_machine::Event::RecoveryFailed,
        statig_machine::Event::Demand,
    ];
    let mut machine = AnyMachine::new(&CONFIG, 0);
    let mut state = State::Startup;
    let mut peer = statig_machine::Machine.state_machine();
    let mut now_us = 0_u64;
    measure(
        "four events of a machine, one of them refused",
        vec![
            contestant("safe-state, its table", || {
                for event in EVENTS {
                    state = state.after(black_box(event)).unwrap_or(state);
                }
                black_box(state);
            }),
            contestant("safe-state, the machine", || {
                now_us += 1;
                let machine = black_box(&mut machine);
                let _ = black_box(machine.ready(now_us));
                black_box(machine.demand(now_us));
                let _ = black_box(machine.recovery_failed(now_us));
                black_box(machine.demand(now_us));
            }),
            contestant("statig", || {
                for event in PEERS {
                    peer.handle(black_box(&event));
                }
                black_box(peer.state());
            }),
        ],
        Against::Best,
        None,
    )
}
