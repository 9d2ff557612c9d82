//! The transitions of the machine, written out: every state times every event, and what holds of all of them.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Faults, MS, cleared, set};
use safe_state::fault::{NotClear, Uncleared};
use safe_state::machine::{AnyMachine, Config, Event, Machine, Refusal, State};
use safe_state::{FaultSet, Missing, over_us};

/// A column an event, in the order of `Event::ALL`; `.` where the state has no such event.
const TABLE: &str = "
             Ready Cleared     Restart     Degrade  Restore     Over Demand     Recover    Recovered Failed  Lock
Startup      Safe  .           .           .        .           .    Startup    Recovering .         .       Lockout
Operational  .     .           .           Degraded .           .    Safe       .          .         .       Lockout
Degraded     .     .           .           Degraded Operational Safe Safe       .          .         .       Lockout
Safe         .     Operational Operational .        .           .    Safe       Recovering .         .       Lockout
Recovering   .     .           .           .        .           .    Recovering .          Safe      Lockout Lockout
Lockout      .     .           .           .        .           .    Lockout    .          .         .       Lockout
";

static CONFIG: Config = Config::new(over_us(10_000)).restarts(2);

#[test]
fn every_state_has_the_events_of_the_table() {
    let rows = TABLE.trim_matches('\n').lines().skip(1);
    for (state, row) in State::ALL.into_iter().zip(rows) {
        let mut cells = row.split_whitespace();
        assert_eq!(cells.next(), Some(format!("{state:?}").as_str()));
        for event in Event::ALL {
            let next = state.after(event).map_or(".".to_owned(), |next| format!("{next:?}"));
            assert_eq!(cells.next(), Some(next.as_str()), "{state:?} after {event:?}");
        }
        assert_eq!(cells.next(), None);
    }
}

#[test]
fn a_demand_leads_to_a_state_whose_outputs_are_safe() {
    for state in State::ALL {
        let next = state.after(Event::Demand).expect("each state has a demand");
        assert!(!next.may_energise(), "{state:?}");
    }
}

#[test]
fn lockout_is_left_by_nothing() {
    for event in Event::ALL {
        assert!(State::Lockout.after(event).is_none_or(|next| next == State::Lockout), "{event:?}");
    }
}

#[test]
fn nothing_energises_but_a_clearance_a_restart_and_the_end_of_a_fault() {
    for state in State::ALL.into_iter().filter(|state| !state.may_energise()) {
        for event in Event::ALL {
            let energises = state.after(event).is_some_and(State::may_energise);
            let may = state == State::Safe && matches!(event, Event::Cleared | Event::Restart);
            assert_eq!(energises, may, "{state:?} after {event:?}");
        }
    }
}

/// A machine that works, with the faults that it was cleared with.
fn operational() -> (AnyMachine, FaultSet<Faults, 6>) {
    let mut faults = set();
    let mut machine = AnyMachine::new(&CONFIG, 0);
    machine.ready(MS).unwrap();
    let clearance = cleared(&mut faults, 2 * MS);
    // The clearance is one of the set where it is.
    machine.operate(&clearance, &faults, 3 * MS).unwrap();
    (machine, faults)
}

#[test]
fn a_machine_works_when_it_is_clear_and_acknowledged_after_it_was_safe() {
    let mut faults = set();
    let mut machine = AnyMachine::new(&CONFIG, 0);
    let early = cleared(&mut faults, MS);
    let refused = machine.operate(&early, &faults, MS).unwrap_err();
    let missing = Missing::State;
    assert_eq!(refused, Refusal { state: State::Startup, event: Event::Cleared, missing });
    machine.ready(2 * MS).unwrap();
    let refused = machine.operate(&early, &faults, 3 * MS).unwrap_err();
    let missing = Missing::Acknowledgement;
    assert_eq!(refused, Refusal { state: State::Safe, event: Event::Cleared, missing });
    let late = cleared(&mut faults, 4 * MS);
    faults.raise(Faults::HV, 5 * MS);
    let refused = machine.operate(&late, &faults, 6 * MS).unwrap_err();
    let why = Uncleared::Active { since_us: 5 * MS };
    assert_eq!(refused.missing, Missing::Clear(NotClear { fault: Some("HV"), why }));
    faults.clear(Faults::HV, 7 * MS);
    let clearance = cleared(&mut faults, 8 * MS);
    machine.operate(&clearance, &faults, 9 * MS).unwrap();
    assert_eq!((machine.state(), machine.since_us()), (State::Operational, 9 * MS));
    assert_eq!(machine.cause(), Some(Event::Cleared));
}

#[test]
fn faults_lead_where_their_severity_says() {
    for (fault, state) in [
        (Faults::FAN, State::Degraded),
        (Faults::HV, State::Safe),
        (Faults::FUSE, State::Lockout),
        (Faults::empty(), State::Operational),
    ] {
        let (mut machine, mut faults) = operational();
        faults.raise(fault, 10 * MS);
        assert_eq!(machine.heed(&faults, 10 * MS), state);
    }
}

#[test]
fn a_machine_is_degraded_for_its_limit_at_most() {
    let (mut machine, mut faults) = operational();
    faults.raise(Faults::FAN, 10 * MS);
    assert_eq!(machine.heed(&faults, 10 * MS), State::Degraded);
    assert_eq!(machine.heed(&faults, 20 * MS - 1), State::Degraded);
    assert_eq!(machine.heed(&faults, 20 * MS), State::Safe);
    // Its twin: the fault goes in time.
    let (mut machine, mut faults) = operational();
    faults.raise(Faults::FAN, 10 * MS);
    assert_eq!(machine.heed(&faults, 10 * MS), State::Degraded);
    faults.clear(Faults::FAN, 11 * MS);
    assert_eq!(machine.heed(&faults, 19 * MS), State::Degraded, "it is latched");
    let _ = cleared(&mut faults, 19 * MS);
    assert_eq!(machine.heed(&faults, 19 * MS), State::Operational);
}

#[test]
fn a_fault_that_goes_by_itself_restarts_so_often() {
    let (mut machine, mut faults) = operational();
    for (restart, ms) in [10, 20, 30].into_iter().enumerate() {
        faults.raise(Faults::SENSORS, ms * MS);
        assert_eq!(machine.heed(&faults, ms * MS), State::Safe);
        let why = Uncleared::Active { since_us: ms * MS };
        let refused = machine.restart(&faults, ms * MS).unwrap_err();
        assert_eq!(refused.missing, Missing::Clear(NotClear { fault: Some("SENSORS"), why }));
        faults.clear(Faults::SENSORS, (ms + 1) * MS);
        let restarted = machine.restart(&faults, (ms + 2) * MS);
        if restart < 2 {
            assert!(restarted.is_ok(), "restart {restart}");
            assert_eq!(machine.state(), State::Operational);
        } else {
            assert_eq!(restarted.unwrap_err().missing, Missing::Restarts { max: 2 });
            assert_eq!(machine.state(), State::Lockout);
        }
    }
    // After a demand, and after a fault with another latch, nothing restarts.
    let (mut machine, mut faults) = operational();
    machine.demand(10 * MS);
    assert_eq!(machine.restart(&faults, 11 * MS).unwrap_err().missing, Missing::Acknowledgement);
    let (mut machine, _) = operational();
    faults.raise(Faults::HV, 10 * MS);
    machine.heed(&faults, 10 * MS);
    faults.clear(Faults::HV, 11 * MS);
    let _ = cleared(&mut set(), 12 * MS);
    let why = Uncleared::NotAcknowledged { cleared_us: 11 * MS };
    let missing = Missing::Clear(NotClear { fault: Some("HV"), why });
    assert_eq!(machine.restart(&faults, 12 * MS).unwrap_err().missing, missing);
}

#[test]
fn lockout_outlives_a_reset_and_the_restarts_go_on_to_count() {
    let (mut machine, mut faults) = operational();
    faults.raise(Faults::SENSORS, 10 * MS);
    machine.heed(&faults, 10 * MS);
    faults.clear(Faults::SENSORS, 11 * MS);
    let _ = machine.restart(&faults, 12 * MS).unwrap();
    let words = machine.kept();
    let mut after = AnyMachine::restored(words, &CONFIG, 0);
    assert_eq!((after.state(), after.kept()[0] & 0xFFFF), (State::Startup, 1));
    machine.lock(13 * MS);
    let locked = AnyMachine::restored(machine.kept(), &CONFIG, 0);
    assert_eq!(locked.state(), State::Lockout);
    // Every flip of a bit is found.
    for bit in 0..64 {
        let mut flipped = words;
        flipped[bit / 32] ^= 1 << (bit % 32);
        let restored = AnyMachine::restored(flipped, &CONFIG, 0);
        assert_eq!(restored.state(), State::Lockout, "{bit}");
    }
    after.ready(0).unwrap();
    assert_eq!(after.state(), State::Safe);
}

#[test]
fn the_types_walk_the_same_table() {
    let mut faults = set();
    let machine = Machine::new(&CONFIG, 0).ready(1);
    let clearance = cleared(&mut faults, 2);
    let machine = machine.operate(&clearance, &faults, 3).expect("clear").degrade(4).restore(5);
    let machine = machine.demand(6).recover(7).recovered(common::recovered(), 8).demand(9);
    let (state, kept) = (State::Safe as u32, machine.kept());
    assert_eq!(kept, [state << 16 | 1 << 24, !(state << 16 | 1 << 24)]);
    assert_eq!((machine.since_us(), machine.cause()), (9, Some(Event::Demand)));
    assert_eq!(Machine::new(&CONFIG, 0).cause(), None);
    let degraded = Machine::new(&CONFIG, 0).ready(1);
    let clearance = cleared(&mut faults, 12);
    let degraded = degraded.operate(&clearance, &faults, 13).expect("clear").degrade(20);
    let safe = degraded.tick(10_019).expect("in time").tick(10_020).expect_err("over");
    assert_eq!((safe.since_us(), safe.cause()), (10_020, Some(Event::DegradedOver)));
    let locked = AnyMachine::from(safe.recover(11_000).failed(12_000));
    assert_eq!((locked.state(), locked.since_us()), (State::Lockout, 12_000));
}
