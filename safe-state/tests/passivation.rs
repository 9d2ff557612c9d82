//! The 32 transitions of an I/O module, each by its row of the table that is read from `SAFETY_TABLES`.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use safe_state::passivation::{Inputs, Module, State, Voltage};

const GOOD: Inputs = Inputs::GOOD;
const FATAL: Inputs = Inputs { is_fatal: true, ..GOOD };
const LOST: Inputs = Inputs { is_connected: false, ..GOOD };
const LOW: Inputs = Inputs { voltage: Voltage::Outside, ..GOOD };
const LOW_WANTED: Inputs = Inputs { voltage: Voltage::Outside, activate_fv: true, ..GOOD };
const WANTED: Inputs = Inputs { activate_fv: true, ..GOOD };
const BROKEN: Inputs = Inputs { channel_errors: 1, ..GOOD };
const LOST_BROKEN: Inputs = Inputs { is_connected: false, channel_errors: 1, ..GOOD };
const WANTED_BROKEN: Inputs = Inputs { activate_fv: true, channel_errors: 1, ..GOOD };
const CHANNEL: Inputs = Inputs { acknowledge_channels: 1, ..GOOD };
const ACKNOWLEDGED: Inputs = Inputs { acknowledge: true, ..GOOD };
const TESTING: Inputs = Inputs { is_started: false, ..GOOD };

/// What happens in a row.
#[derive(Clone, Copy)]
enum Event {
    PowerCycle,
    Cycle(Inputs),
}
use Event::{Cycle, PowerCycle};

/// Of each row: the cycles, 10 ms apart, that lead to the state from which it goes, and the event that its condition is.
const EVENTS: [(u8, &[Inputs], Event); 32] = [
    (1, &[], Cycle(GOOD)),
    (2, &[GOOD], PowerCycle),
    (3, &[TESTING], Cycle(LOST)),
    (4, &[LOST], PowerCycle),
    (5, &[TESTING], Cycle(FATAL)),
    (6, &[FATAL], PowerCycle),
    (7, &[GOOD], Cycle(BROKEN)),
    (8, &[GOOD, BROKEN, GOOD], Cycle(CHANNEL)),
    (9, &[GOOD], Cycle(FATAL)),
    (10, &[GOOD], Cycle(LOW)),
    (11, &[GOOD], Cycle(WANTED)),
    (12, &[GOOD, BROKEN], Cycle(FATAL)),
    (13, &[GOOD, LOST], Cycle(FATAL)),
    (14, &[GOOD, BROKEN], PowerCycle),
    (15, &[TESTING], PowerCycle),
    (16, &[GOOD, LOST, GOOD], Cycle(FATAL)),
    (17, &[GOOD, LOST, GOOD], PowerCycle),
    (18, &[GOOD, WANTED], Cycle(LOST)),
    (19, &[GOOD, LOW_WANTED], Cycle(WANTED)),
    (20, &[GOOD, LOST, GOOD], Cycle(LOW)),
    (21, &[GOOD, LOST], Cycle(GOOD)),
    (22, &[GOOD, LOST, GOOD], Cycle(ACKNOWLEDGED)),
    (23, &[GOOD, LOST, GOOD], Cycle(WANTED)),
    (24, &[GOOD, WANTED], Cycle(FATAL)),
    (25, &[GOOD, WANTED], PowerCycle),
    (26, &[GOOD, WANTED], Cycle(GOOD)),
    (27, &[GOOD, BROKEN], Cycle(LOW)),
    (28, &[GOOD, BROKEN], Cycle(WANTED)),
    (29, &[GOOD, LOST_BROKEN, GOOD], Cycle(ACKNOWLEDGED)),
    (30, &[GOOD, LOW], Cycle(GOOD)),
    (31, &[GOOD, LOW, GOOD, LOW], Cycle(GOOD)),
    (32, &[GOOD, WANTED_BROKEN], Cycle(GOOD)),
];

/// A state by its name in the table.
fn state(name: &str) -> State {
    match name {
        "INIT" => State::Init,
        "RUN_OK" => State::RunOk,
        "RUN_CHANNEL_PASSIVATION" => State::RunChannelPassivation,
        "RUN_MODULE_PASSIVATION" => State::RunModulePassivation,
        "RUN_MODULE_PASSIVATION_CMD" => State::RunModulePassivationCmd,
        "RUN_USER_ACK_REQ" => State::RunUserAckReq,
        "SAFE_STOP" => State::SafeStop,
        other => panic!("no state {other}"),
    }
}

/// The module after these cycles, and when the next one is.
fn after(cycles: &[Inputs]) -> (Module, u64) {
    let (mut module, mut now_us) = (Module::new(), 0);
    for inputs in cycles {
        now_us += 10_000;
        module.step(inputs, now_us);
    }
    (module, now_us + 10_000)
}

#[test]
fn every_transition_of_the_table_is_taken() {
    let Some(folder) = std::env::var_os("SAFETY_TABLES") else {
        return println!("skipped: SAFETY_TABLES is not set");
    };
    let path = std::path::Path::new(&folder).join("profisafe_module_transitions.csv");
    let table = std::fs::read_to_string(path).expect("profisafe_module_transitions.csv");
    let mut count = 0;
    for row in table.lines().skip(1) {
        let fields: Vec<&str> = row.splitn(4, ',').collect();
        let id: u8 = fields[0].parse().unwrap();
        let (_, cycles, event) =
            EVENTS.iter().find(|(of, ..)| *of == id).expect("an event of each id");
        let (mut module, now_us) = after(cycles);
        assert_eq!(module.state(), state(fields[1]), "before {row}");
        match event {
            PowerCycle => module = Module::new(),
            Cycle(inputs) => {
                module.step(inputs, now_us);
            }
        }
        assert_eq!(module.state(), state(fields[2]), "after {row}");
        count += 1;
    }
    println!("profisafe_module_transitions.csv: {count} rows, 0 differences");
    assert_eq!(count, EVENTS.len());
}

#[test]
fn a_lost_connection_is_acknowledged_by_an_edge_after_it_is_back() {
    let held = Inputs { acknowledge: true, ..LOST };
    let (mut module, now_us) = after(&[GOOD, held]);
    assert_eq!(module.step(&ACKNOWLEDGED, now_us), State::RunUserAckReq, "it is held");
    assert!(module.is_acknowledgement_requested() && module.is_passivated(0));
    assert_eq!(module.step(&GOOD, now_us + 1), State::RunUserAckReq);
    assert_eq!(module.step(&ACKNOWLEDGED, now_us + 2), State::RunOk);
    assert!(!module.is_acknowledgement_requested() && !module.is_passivated(0));
    assert!(module.is_passivated(32), "there is no such channel");
}

#[test]
fn what_the_program_wants_takes_no_acknowledgement_away() {
    let (mut module, now_us) = after(&[GOOD, LOST, GOOD, WANTED]);
    assert_eq!(module.state(), State::RunModulePassivationCmd);
    assert_eq!(module.step(&GOOD, now_us), State::RunModulePassivationCmd);
    assert!(module.is_acknowledgement_requested());
    assert_eq!(module.step(&ACKNOWLEDGED, now_us + 1), State::RunOk);
    // While it is wanted from the beginning the request waits.
    let lost = Inputs { activate_fv: true, ..LOST };
    let (mut module, now_us) = after(&[GOOD, lost, WANTED]);
    assert_eq!(module.state(), State::RunModulePassivation);
    assert_eq!(module.step(&GOOD, now_us), State::RunUserAckReq);
}

#[test]
fn a_voltage_that_fails_twice_within_a_second_settles_and_is_acknowledged() {
    let (mut module, now_us) = after(&[GOOD, LOW, GOOD, LOW, GOOD]);
    assert_eq!(module.state(), State::RunModulePassivation);
    let good_us = now_us - 10_000;
    assert_eq!(module.step(&GOOD, good_us + 999_999), State::RunModulePassivation);
    assert_eq!(module.step(&GOOD, good_us + 1_000_000), State::RunUserAckReq);
    assert_eq!(module.step(&ACKNOWLEDGED, good_us + 1_000_001), State::RunOk);
    // Its twin: a second failure more than a second after the first.
    let (mut module, _) = after(&[GOOD, LOW, GOOD]);
    module.step(&LOW, 20_000 + 1_000_001);
    assert_eq!(module.step(&GOOD, 2_000_000), State::RunOk);
    // One that passed the shutdown limit, once.
    let (mut module, now_us) = after(&[GOOD, Inputs { voltage: Voltage::Shutdown, ..GOOD }]);
    assert_eq!(module.step(&GOOD, now_us), State::RunModulePassivation);
    assert_eq!(module.step(&GOOD, now_us + 1_000_000), State::RunUserAckReq);
}

#[test]
fn a_channel_is_reintegrated_alone_by_an_edge_after_its_error_has_gone() {
    let (mut module, now_us) = after(&[GOOD, Inputs { channel_errors: 0b101, ..GOOD }]);
    let first_is_back = Inputs { channel_errors: 0b100, acknowledge_channels: 0b101, ..GOOD };
    assert_eq!(module.step(&first_is_back, now_us), State::RunChannelPassivation);
    assert_eq!((module.requests(), module.is_passivated(0)), (0, false));
    assert!(module.is_passivated(2) && !module.is_passivated(1));
    // The acknowledgement of the other is held across the end of its error.
    let held = Inputs { acknowledge_channels: 0b100, ..GOOD };
    assert_eq!(module.step(&held, now_us + 1), State::RunChannelPassivation);
    assert_eq!(module.requests(), 0b100);
    assert_eq!(module.step(&GOOD, now_us + 2), State::RunChannelPassivation);
    assert_eq!(module.step(&held, now_us + 3), State::RunOk);
}

#[test]
fn a_start_up_waits_while_the_program_wants_substitutes() {
    let (mut module, now_us) = after(&[TESTING, WANTED]);
    assert_eq!(module.state(), State::Init);
    assert_eq!(module.step(&GOOD, now_us), State::RunOk);
    // A channel that had its error in the start-up tests gives no value in the first cycle either.
    let (module, _) = after(&[Inputs { is_started: false, ..BROKEN }, GOOD]);
    assert!(module.state() == State::RunOk && module.is_passivated(0) && !module.is_passivated(1));
}
