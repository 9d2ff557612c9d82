//! The machine.

use core::hint::black_box;

use proof::keep;
use safe_state::machine::{self, AnyMachine, Degraded, Event, Machine, Operational, Safe, Startup};
use safe_state::over_us;

use crate::faults::{any_set, cleared};
use crate::number;
use crate::recovery::recovered;

static CONFIG: machine::Config =
    machine::Config::restarts(machine::Config::new(over_us(10_000)), 2);

pub fn typed() {
    let machine = black_box(Machine::new(&CONFIG, number(0)));
    keep((Machine::kept(&machine), Machine::since_us(&machine), Machine::cause(&machine)));
    let machine = match number(0) {
        1 => Machine::ready(machine, number(1)),
        2 => return keep(Machine::lock(machine, number(2))),
        _ => {
            let recovering = black_box(Machine::<Startup>::recover(machine, number(1)));
            if number(3) == 1 {
                return keep(Machine::failed(recovering, number(4)));
            }
            let Some(proof) = recovered() else { return };
            Machine::recovered(recovering, proof, number(4))
        }
    };
    let mut faults = any_set();
    let machine = black_box(Machine::<Safe>::demand(machine, number(5)));
    let operational = match number(6) {
        1 => return keep(Machine::<Safe>::recover(machine, number(7))),
        2 => match Machine::restart(machine, &faults, number(7)) {
            Ok((machine, cleared)) => {
                keep(cleared);
                machine
            }
            Err(refused) => return keep(refused),
        },
        _ => {
            let Some(cleared) = cleared(&mut faults) else { return };
            match Machine::operate(machine, &cleared, &faults, number(7)) {
                Ok(machine) => machine,
                Err(refused) => return keep(refused),
            }
        }
    };
    if number(8) == 1 {
        return keep(Machine::<Operational>::demand(black_box(operational), number(9)));
    }
    let degraded = black_box(Machine::degrade(operational, number(9)));
    match Machine::tick(degraded, number(10)) {
        Ok(degraded) if number(11) == 1 => keep(Machine::<Degraded>::demand(degraded, number(12))),
        Ok(degraded) => keep(Machine::restore(degraded, number(12))),
        Err(safe) => keep(safe),
    }
}

pub fn any() {
    let mut faults = any_set();
    let mut machine = black_box(AnyMachine::new(&CONFIG, number(0)));
    keep(AnyMachine::ready(&mut machine, number(1)));
    if let Some(cleared) = cleared(&mut faults) {
        keep(AnyMachine::operate(&mut machine, &cleared, &faults, number(2)));
    }
    keep(AnyMachine::restart(&mut machine, &faults, number(3)));
    keep(AnyMachine::heed(&mut machine, &faults, number(4)));
    keep(AnyMachine::demand(&mut machine, number(5)));
    keep(AnyMachine::recover(&mut machine, number(6)));
    if let Some(proof) = recovered() {
        keep(AnyMachine::recovered(&mut machine, proof, number(7)));
    }
    keep(AnyMachine::recovery_failed(&mut machine, number(8)));
    AnyMachine::lock(&mut machine, number(9));
    keep((AnyMachine::state(&machine), AnyMachine::since_us(&machine)));
    crate::journal::machine(&machine);
    keep(AnyMachine::kept(&machine));
    let words = [number(10) as u32, number(11) as u32];
    keep(AnyMachine::restored(words, &CONFIG, number(12)));
    let state = machine::State::ALL.get(number(13) as usize).copied();
    let event = Event::ALL.get(number(14) as usize).copied();
    if let (Some(state), Some(event)) = (state, event) {
        keep(machine::State::after(state, event));
        keep(machine::State::may_energise(state));
    }
}
