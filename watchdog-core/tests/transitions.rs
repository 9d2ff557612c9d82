//! The two status tables of AUTOSAR's Watchdog Manager, row by row, through handles and `evaluate`.
//!
//! Spec: AUTOSAR Specification of Watchdog Manager R4.3.1, 7.1.2.1.1 (Local Supervision Status) and 7.1.2.1.2 (Global Supervision
//! Status). What the global table says of `WDGM_GLOBAL_STATUS_DEACTIVATED` is declined: nothing deactivates a supervisor.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{ALIVE, MS, armed, leak, per_cycle};
use watchdog_core::GlobalStatus::{
    self, Expired as GlobalExpired, Failed as GlobalFailed, Ok as GlobalOk, Stopped,
};
use watchdog_core::LocalStatus::{self, Deactivated, Expired, Failed, Ok};
use watchdog_core::plan::{
    cycle_us, from, hardware, mode, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance, until,
};
use watchdog_core::{Checkpoint, Entity, EntityId, Mode, Outcome, Plan};

const START: Checkpoint = Checkpoint::of::<1>();
const STOP: Checkpoint = Checkpoint::of::<2>();
const FIRST: Checkpoint = Checkpoint::of::<3>();
const SECOND: Checkpoint = Checkpoint::of::<4>();
const OTHER: Mode = Mode::of::<1>();

/// What happens to the entity in one supervision cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    /// All three supervisions are correct.
    Good,
    /// Alive supervision is incorrect, the others are correct.
    Bad,
    /// Deadline supervision is incorrect, the others are correct.
    Deadline,
    /// Logical supervision is incorrect, the others are correct.
    Logical,
    /// Alive and deadline supervision are incorrect.
    BadDeadline,
    /// A correct cycle, then a switch to a mode without the entity, and a cycle there.
    SwitchOff,
    /// A switch to a mode with the entity, and the rest of the cycle.
    SwitchOn,
}
use Event::{Bad, BadDeadline, Deadline, Good, Logical, SwitchOff, SwitchOn};

/// The entity of the tables and one that is always good, in a plan with a mode in which only that is active.
fn plan(cycles: u8, grace: u8) -> Plan<2, 1, 1> {
    Plan::builder(
        cycle_us(10_000),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(u32::MAX),
        reset_to_safe_us(30_000),
    )
    .entity("entity", per_cycle(2, -1, 1), tolerance(cycles))
    .deadline("entity", START, STOP, 200..=900)
    .flow("entity", from(&[FIRST]), &[(FIRST, SECOND)], until(&[SECOND]))
    .entity("other", per_cycle(1, 0, 0), tolerance(0))
    .modes(leak([mode(OTHER, "other", leak(["other"]))]))
    .grace(grace)
    .try_build()
    .unwrap()
}

fn check_in(entity: &Entity<2, 1, 1>, event: Event, at_us: u64) {
    if !matches!(event, Bad | BadDeadline) {
        entity.hit(ALIVE, at_us);
    }
    let took_us = if matches!(event, Deadline | BadDeadline) { 100 } else { 500 };
    entity.begin(START, at_us).end(STOP, at_us + took_us);
    let order = if event == Logical { [SECOND, FIRST] } else { [FIRST, SECOND] };
    order.into_iter().for_each(|checkpoint| entity.hit(checkpoint, at_us));
}

/// Plays events, and gives the status of the entity and of all after each.
fn play(cycles: u8, grace: u8, events: &[Event]) -> Vec<(LocalStatus, GlobalStatus)> {
    let (mut supervisor, [entity, other], ..) = armed(leak(plan(cycles, grace)), 0);
    let mut now_us = 0;
    let mut statuses = vec![];
    for event in events {
        let switch = match event {
            SwitchOff => Some(OTHER),
            SwitchOn => Some(Mode::FIRST),
            _ => None,
        };
        let mut cycles = 1;
        if let Some(mode) = switch {
            // A switch is refused until each active entity has been judged.
            if supervisor.switch(mode, now_us).is_err() {
                cycles = 2;
            }
        }
        for cycle in 0..cycles {
            if cycle == 1 {
                supervisor.switch(switch.unwrap(), now_us).unwrap();
            }
            check_in(&entity, *event, now_us + 1);
            other.hit(ALIVE, now_us + 1);
            now_us += 10 * MS;
            supervisor = match supervisor.evaluate(now_us) {
                Outcome::Feed(next, _, _) => next,
                Outcome::Stop(stopped, _) => {
                    statuses.push((stopped.status_of(EntityId::new(0)).unwrap(), stopped.status()));
                    return statuses;
                }
                Outcome::Early(..) => panic!("early"),
            };
        }
        statuses.push((supervisor.status_of(EntityId::new(0)).unwrap(), supervisor.status()));
    }
    statuses
}

/// A row: the tolerance, the way to the status before, that status, the event, and the status after it.
type Local = (u8, &'static [Event], LocalStatus, Event, LocalStatus);

const LOCAL: &[Local] = &[
    // From OK: a correct cycle; alive supervision within and past the tolerance; the others, which have none; a mode switch.
    (1, &[Good], Ok, Good, Ok),
    (1, &[Good], Ok, Bad, Failed),
    (0, &[Good], Ok, Bad, Expired),
    (1, &[Good], Ok, Deadline, Expired),
    (1, &[Good], Ok, Logical, Expired),
    (1, &[Good], Ok, BadDeadline, Expired),
    (1, &[Good], Ok, SwitchOff, Deactivated),
    // From FAILED: each bad cycle counts, each good one counts back.
    (2, &[Bad], Failed, Bad, Failed),
    (2, &[Bad, Bad], Failed, Bad, Expired),
    (2, &[Bad, Bad], Failed, Good, Failed),
    (2, &[Bad, Bad, Good], Failed, Good, Ok),
    (2, &[Bad], Failed, Good, Ok),
    (2, &[Bad, Good, Bad, Bad], Failed, Bad, Expired),
    (2, &[Bad], Failed, Deadline, Expired),
    (2, &[Bad], Failed, Logical, Expired),
    (2, &[Bad], Failed, BadDeadline, Expired),
    (2, &[Bad, Bad], Failed, SwitchOff, Deactivated),
    // From EXPIRED: nothing heals.
    (0, &[Bad], Expired, Good, Expired),
    (0, &[Bad], Expired, Bad, Expired),
    (0, &[Deadline], Expired, Deadline, Expired),
    (0, &[Logical], Expired, Logical, Expired),
    // From DEACTIVATED: nothing is judged, and a mode switch gives OK.
    (0, &[SwitchOff], Deactivated, Good, Deactivated),
    (0, &[SwitchOff], Deactivated, Bad, Deactivated),
    (0, &[SwitchOff], Deactivated, Deadline, Deactivated),
    (0, &[SwitchOff], Deactivated, Logical, Deactivated),
    (0, &[SwitchOff], Deactivated, SwitchOn, Ok),
    (0, &[SwitchOff, Deadline, Logical, Bad], Deactivated, SwitchOn, Ok),
];

#[test]
fn the_local_status_follows_the_table() {
    let mut differences = 0;
    for (tolerance, before, from, event, expected) in LOCAL {
        let events: Vec<_> = before.iter().copied().chain([*event]).collect();
        let statuses = play(*tolerance, u8::MAX, &events);
        let [.., (one, _), (other, _)] = statuses[..] else { panic!("{statuses:?}") };
        if (one, other) != (*from, *expected) {
            println!("tolerance {tolerance}, {before:?}, {event:?}: {one:?} -> {other:?}");
            differences += 1;
        }
    }
    println!("local status: {} rows, {differences} differences", LOCAL.len());
    assert_eq!(differences, 0);
}

/// A row: the tolerance, the grace, the way to the status before, that status, the event, and the status after it.
type Global = (u8, u8, &'static [Event], GlobalStatus, Event, GlobalStatus);

const GLOBAL: &[Global] = &[
    // From OK.
    (1, 0, &[Good], GlobalOk, Good, GlobalOk),
    (1, 0, &[Good], GlobalOk, SwitchOff, GlobalOk),
    (1, 0, &[Good], GlobalOk, Bad, GlobalFailed),
    (0, 2, &[Good], GlobalOk, Bad, GlobalExpired),
    (1, 2, &[Good], GlobalOk, Deadline, GlobalExpired),
    (1, 2, &[Good], GlobalOk, Logical, GlobalExpired),
    (0, 0, &[Good], GlobalOk, Bad, Stopped),
    (1, 0, &[Good], GlobalOk, Deadline, Stopped),
    // From FAILED.
    (2, 0, &[Bad], GlobalFailed, Bad, GlobalFailed),
    (2, 0, &[Bad, Bad], GlobalFailed, Good, GlobalFailed),
    (2, 0, &[Bad], GlobalFailed, Good, GlobalOk),
    (2, 0, &[Bad], GlobalFailed, SwitchOff, GlobalOk),
    (1, 2, &[Bad], GlobalFailed, Bad, GlobalExpired),
    (1, 2, &[Bad], GlobalFailed, Logical, GlobalExpired),
    (1, 0, &[Bad], GlobalFailed, Bad, Stopped),
    (1, 0, &[Bad], GlobalFailed, Deadline, Stopped),
    // From EXPIRED: fed for the grace, whatever happens.
    (0, 2, &[Bad], GlobalExpired, Good, GlobalExpired),
    (0, 2, &[Bad], GlobalExpired, Bad, GlobalExpired),
    (0, 1, &[Bad], GlobalExpired, Good, Stopped),
    (0, 3, &[Bad, Good, Good], GlobalExpired, Good, Stopped),
];

#[test]
fn the_global_status_follows_the_table() {
    let mut differences = 0;
    for (tolerance, grace, before, from, event, expected) in GLOBAL {
        let events: Vec<_> = before.iter().copied().chain([*event]).collect();
        let statuses = play(*tolerance, *grace, &events);
        assert_eq!(statuses.len(), events.len());
        let [.., (_, one), (_, other)] = statuses[..] else { panic!("{statuses:?}") };
        if (one, other) != (*from, *expected) {
            println!(
                "tolerance {tolerance}, grace {grace}, {before:?}, {event:?}: {one:?} -> {other:?}"
            );
            differences += 1;
        }
    }
    println!("global status: {} rows, {differences} differences", GLOBAL.len());
    assert_eq!(differences, 0);
}

#[test]
fn stopped_is_final() {
    for event in [Good, Bad, Deadline, Logical] {
        let mut supervisor = {
            let (supervisor, ..) = armed(leak(plan(0, 0)), 0);
            watchdog_core::AnySupervisor::from(supervisor)
        };
        for cycle in 1..100 {
            let outcome = supervisor.evaluate(cycle * 10 * MS);
            assert!(matches!(outcome, watchdog_core::AnyOutcome::Stop(_)), "{event:?}");
            assert_eq!(supervisor.status(), Some(Stopped));
            assert!(supervisor.switch(OTHER, cycle * 10 * MS).is_err());
        }
    }
}
