//! The state lane: what a journal is told as, and each finding beside the same journal without its cause.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;
mod journals;

use common::{Ran, Temporary, number, own, run, run_with, text};
use safe_state::Quality;
use safe_state::channel::{Cause, State};
use safe_state::journal::{Journal, Occurrence, Record, Ring, What};
use safe_state::machine::{self, Event};
use safe_state::recovery::Escalation;
use serde_json::Value;

const MS: u64 = 1_000;

/// A controller: its journal, and the log that it writes.
struct Controller<const N: usize = 64> {
    ring: &'static Ring<N>,
    journal: Journal<N>,
    log: String,
    now_us: u64,
    boots: u16,
}

impl Controller {
    fn new() -> Self {
        Self::of()
    }
}

impl<const N: usize> Controller<N> {
    /// After a boot.
    fn of() -> Self {
        let ring: &Ring<N> = Box::leak(Box::new(Ring::new()));
        let names = "0,fault,OVERCURRENT,0\n0,fault,SENSORS,1\n0,fault,DOOR,2\n0,channel,motor,0\n\
            0,channel,brake,1\n0,step,links,0\n0,step,axes,1\n0,reset,power,1\n0,code,door opened,200\n";
        let (journal, log) = (Journal::open(ring), names.to_owned());
        let mut controller = Self { ring, journal, log, now_us: 0, boots: 0 };
        controller.boot();
        controller
    }

    fn boot(&mut self) -> &mut Self {
        self.now_us = 100;
        self.journal = Journal::open(self.ring);
        let boot = Occurrence::Boot { cause: 1, count: self.boots };
        self.boots += 1;
        self.at(0, boot)
    }

    /// So much later.
    fn at(&mut self, later_us: u64, what: impl Into<Record>) -> &mut Self {
        self.now_us += later_us;
        self.journal.push(what, self.now_us);
        self
    }

    fn bytes(&self) -> Vec<u8> {
        self.ring.words().flat_map(u32::to_le_bytes).collect()
    }

    /// A row with these bytes, stamped by the host.
    fn dumped(&mut self, t_us: u64, bytes: &[u8]) -> &mut Self {
        self.log.push_str(&format!("{t_us},journal,{},{}\n", self.now_us, hex(bytes)));
        self
    }

    fn dump(&mut self, t_us: u64) -> &mut Self {
        let bytes = self.bytes();
        self.dumped(t_us, &bytes)
    }

    fn findings(&mut self) -> Vec<(String, String)> {
        self.dump(90_000_000);
        findings(&self.log)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn told(log: &str) -> Vec<Value> {
    let ran = run_with(["--format", "jsonl", "-"], log.as_bytes());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.events()
}

fn findings(log: &str) -> Vec<(String, String)> {
    let told = told(log);
    let findings = told.iter().filter(|event| event["lane"] == "finding");
    let told = findings.map(|finding| {
        let words = text(finding, "text").replace(" (the first thing that deviated)", "");
        (text(finding, "event").to_owned(), words)
    });
    told.collect()
}

#[track_caller]
fn finds(controller: &mut Controller, expected: &[(&str, &str)]) {
    let found = controller.findings();
    let found: Vec<_> = found.iter().map(|(kind, text)| (kind.as_str(), text.as_str())).collect();
    assert_eq!(found, expected);
}

fn channel(from: State, to: State, cause: Cause) -> Occurrence {
    Occurrence::Channel { channel: 0, from, to, cause }
}

fn output(from: Quality, to: Quality, age_us: u32) -> Occurrence {
    Occurrence::Output { output: 0, from, to, age_us: Some(age_us) }
}

fn machine(from: machine::State, to: machine::State, event: Event) -> Occurrence {
    Occurrence::Machine { from, to, event: Some(event), episode: 1 }
}

fn raised(fault: u8, is_first_out: bool) -> Occurrence {
    Occurrence::FaultRaised { fault, is_first_out, episode: 1 }
}

const STARTED: Occurrence = Occurrence::Channel {
    channel: 0,
    from: State::Armed,
    to: State::Running,
    cause: Cause::PowerUp,
};

#[test]
fn an_output_that_was_held_is_named_with_its_age_and_one_that_was_renewed_is_not() {
    let mut controller = Controller::new();
    controller.at(MS, STARTED).at(0, output(Quality::Bad, Quality::Good, 0));
    for _ in 0..2 {
        controller
            .at(20 * MS, channel(State::Running, State::Stopping, Cause::LeaseEnded))
            .at(0, output(Quality::Good, Quality::Held, 20_000))
            .at(30 * MS, channel(State::Stopping, State::Safe, Cause::LeaseEnded))
            .at(0, output(Quality::Held, Quality::Bad, 50_100))
            .at(MS, STARTED)
            .at(0, output(Quality::Bad, Quality::Good, 0));
    }
    let words = "motor was held on a value that nobody renewed, 2 times; the value was up to 50.1 ms old, then it had its safe value";
    finds(&mut controller, &[("stale_output", words)]);
    let mut twin = Controller::new();
    twin.at(MS, STARTED)
        .at(0, output(Quality::Bad, Quality::Good, 0))
        .at(70 * MS, channel(State::Running, State::Safe, Cause::Demand))
        .at(0, output(Quality::Good, Quality::Bad, 1_000));
    finds(&mut twin, &[]);
}

#[test]
fn what_ends_a_hold_is_told_each_once() {
    let held = output(Quality::Good, Quality::Held, 10_000);
    let words = |after: &str| {
        format!(
            "motor was held on a value that nobody renewed; the value was up to 10.0 ms old, then {after}"
        )
    };
    let mut still = Controller::new();
    still.at(MS, held);
    finds(&mut still, &[("stale_output", &words("the record ended"))]);
    let mut reset = Controller::new();
    reset.at(MS, held).boot();
    finds(&mut reset, &[("stale_output", &words("a reset came"))]);
    let mut both = Controller::new();
    both.at(MS, held)
        .at(0, output(Quality::Held, Quality::Good, 10_000))
        .at(MS, held)
        .at(0, output(Quality::Held, Quality::Substitute, 10_000));
    let words =
        words("it was renewed, or it had another value").replace("renewed;", "renewed, 2 times;");
    finds(&mut both, &[("stale_output", &words)]);
}

#[test]
fn a_lease_that_ended_is_named_and_a_demand_is_not() {
    let with = |cause: Cause| {
        let mut controller = Controller::new();
        controller
            .at(MS, STARTED)
            .at(70 * MS, channel(State::Running, State::Safe, cause))
            .at(0, output(Quality::Good, Quality::Bad, 20_000));
        controller
    };
    let words = "motor stopped: nobody renewed its lease";
    finds(&mut with(Cause::LeaseEnded), &[("lease_ended", words)]);
    let words = "motor stopped: its command was too old when it was to be written";
    finds(&mut with(Cause::CommandStale), &[("lease_ended", words)]);
    for cause in [Cause::Demand, Cause::Fault] {
        finds(&mut with(cause), &[]);
    }
    // Where the outputs are not recorded, at the end and at a reset.
    let mut unseen = Controller::new();
    let ended = channel(State::Running, State::Safe, Cause::LeaseEnded);
    unseen.at(MS, ended).boot().at(MS, ended);
    let words = "motor stopped, 2 times: nobody renewed its lease";
    finds(&mut unseen, &[("lease_ended", words)]);
}

#[test]
fn the_first_fault_is_named_before_those_after_it_and_without_faults_nothing_is() {
    use machine::State::{Operational, Safe};
    let mut controller = Controller::new();
    controller
        .at(9 * MS, raised(0, true))
        .at(0, machine(Operational, Safe, Event::Demand))
        .at(MS, raised(1, false))
        .at(0, raised(2, false))
        .at(MS, Occurrence::FaultCleared { fault: 0, episode: 1 })
        .at(48 * MS, Occurrence::Acknowledged { episode: 1 })
        .at(0, machine(Safe, Operational, Event::Cleared));
    let words = "OVERCURRENT was the first-out fault; after it SENSORS, DOOR; the machine was safe in the same tick; acknowledged after 50.0 ms";
    finds(&mut controller, &[("first_out", words)]);
    // Again, and this time nobody acknowledges.
    controller.log.clear();
    controller
        .at(9 * MS, raised(0, true))
        .at(3 * MS, machine(Operational, machine::State::Lockout, Event::Lock));
    let words = "fault 0 was the first-out fault, 2 times; after it fault 1, fault 2; the machine was locked at most 3000 us later; 1 of 2 times not acknowledged";
    finds(&mut controller, &[("first_out", words)]);
    let mut twin = Controller::new();
    twin.at(9 * MS, machine(Operational, Safe, Event::Demand))
        .at(MS, Occurrence::Acknowledged { episode: 0 })
        .at(0, machine(Safe, Operational, Event::Cleared));
    finds(&mut twin, &[]);
}

#[test]
fn a_first_fault_that_was_written_over_is_not_replaced_by_the_next_one() {
    let mut controller = Controller::<3>::of();
    controller.at(9 * MS, raised(0, true)).at(MS, raised(1, false)).at(MS, raised(2, false));
    controller.at(MS, Occurrence::FaultCleared { fault: 2, episode: 1 });
    let words = "the first-out fault is not in the journal any more; after it SENSORS, DOOR; not acknowledged";
    assert_eq!(controller.findings(), [("first_out".to_owned(), words.to_owned())]);
}

#[test]
fn a_reset_ends_an_episode() {
    let mut controller = Controller::new();
    controller.at(9 * MS, raised(0, true)).boot().at(MS, Occurrence::Acknowledged { episode: 0 });
    let words = "OVERCURRENT was the first-out fault; not acknowledged";
    finds(&mut controller, &[("first_out", words)]);
}

#[test]
fn a_recovery_that_failed_is_told_with_its_budget_and_one_that_did_not_is_not() {
    let step = |step, took_us| Occurrence::RecoveryStep { step, took_us, budget_us: 20_000 };
    let mut twin = Controller::new();
    twin.at(MS, step(0, 3_000))
        .at(MS, step(1, 20_000))
        .at(0, Occurrence::Recovered { took_us: 23_000, budget_us: 30_000 });
    finds(&mut twin, &[]);
    let reentered = Escalation::Reentered { step: 1 };
    for (escalation, words) in [
        (
            Escalation::StepOverrun { step: 1, took_us: 31_000, budget_us: 20_000 },
            "a recovery failed: axes took longer than its 20.0 ms: 31.0 ms",
        ),
        (
            Escalation::Overrun { took_us: 31_000, budget_us: 30_000 },
            "a recovery failed: it took longer than its 30.0 ms: 31.0 ms",
        ),
        (reentered, "a recovery failed: the recovery before was left at axes and did not end"),
        (Escalation::Lost, "a recovery failed: nobody knows whether a recovery was begun"),
        (Escalation::ClockBackward, "a recovery failed: the clock went backward"),
    ] {
        let mut controller = Controller::new();
        controller.at(MS, step(0, 3_000)).at(MS, Occurrence::from(escalation)).at(
            0,
            machine(machine::State::Recovering, machine::State::Lockout, Event::RecoveryFailed),
        );
        // Each boot after it finds it left: that is no other failure.
        controller.boot().at(MS, Occurrence::from(reentered));
        controller.at(
            0,
            Occurrence::Machine {
                from: machine::State::Startup,
                to: machine::State::Lockout,
                event: None,
                episode: 0,
            },
        );
        finds(&mut controller, &[("recovery", words)]);
    }
    // A recovery that ends makes the next failure one of its own.
    let mut controller = Controller::new();
    controller
        .at(MS, Occurrence::from(reentered))
        .at(MS, Occurrence::Recovered { took_us: 1, budget_us: 2 })
        .at(MS, Occurrence::from(reentered));
    let words = "a recovery failed, 2 times: the recovery before was left at axes and did not end";
    finds(&mut controller, &[("recovery", words)]);
}

#[test]
fn a_lockout_without_another_reason_is_named_and_one_with_a_reason_is_not_twice() {
    use machine::State::{Lockout, Safe, Startup};
    let mut controller = Controller::new();
    controller.at(MS, machine(Safe, Lockout, Event::Lock)).boot();
    let restored = Occurrence::Machine { from: Startup, to: Lockout, event: None, episode: 0 };
    controller.at(0, restored);
    let words = "the machine is locked until a power cycle: it was told to, or has restarted by itself as often as it may";
    finds(&mut controller, &[("lockout", words)]);
    let mut before = Controller::new();
    before.at(0, restored);
    let words =
        "the machine is locked until a power cycle: it was locked before its first boot here";
    finds(&mut before, &[("lockout", words)]);
    let mut acknowledged = Controller::new();
    acknowledged
        .at(MS, raised(0, true))
        .at(0, Occurrence::Acknowledged { episode: 1 })
        .at(MS, machine(Safe, Lockout, Event::RecoveryFailed));
    let words = "the machine is locked until a power cycle: recovery failed";
    assert_eq!(acknowledged.findings()[1], ("lockout".to_owned(), words.to_owned()));
    let mut twin = Controller::new();
    twin.at(MS, machine(Startup, Safe, Event::Ready));
    finds(&mut twin, &[]);
}

#[test]
fn a_channel_with_a_fault_is_named_with_what_to_check() {
    for cause in [
        Cause::DriveFailed,
        Cause::WriteAbandoned,
        Cause::Mismatch,
        Cause::ClockBackward,
        Cause::FeedbackMissing,
        Cause::FeedbackLost,
        Cause::RampLeft,
        Cause::StandstillLeft,
    ] {
        let mut controller = Controller::new();
        controller.at(MS, channel(State::Running, State::Faulted, cause));
        let found = controller.findings();
        assert_eq!((found.len(), found[0].0.as_str()), (1, "channel_fault"), "{cause:?}");
        assert!(found[0].1.starts_with("motor has a fault: "), "{}", found[0].1);
        let mut twin = Controller::new();
        twin.at(MS, channel(State::Running, State::Stopping, Cause::Demand));
        finds(&mut twin, &[]);
    }
    let mut welded = Controller::new();
    welded.at(MS, channel(State::Safe, State::Faulted, Cause::Mismatch));
    let words = "motor has a fault: its read back differs from what it was told";
    finds(&mut welded, &[("channel_fault", words)]);
}

#[test]
fn entries_are_told_once_over_many_dumps_and_those_written_over_are_counted() {
    let mut controller = Controller::<4>::of();
    controller.dump(1_000);
    controller.at(MS, raised(0, true)).dump(2_000).dump(3_000);
    for _ in 0..6 {
        controller.at(MS, Occurrence::FaultCleared { fault: 0, episode: 1 });
    }
    controller.dump(9_000);
    let told = told(&controller.log);
    let names: Vec<&str> = told.iter().map(|event| text(event, "event")).collect();
    let expected = [
        ["boot", "journal"].as_slice(),
        &["fault_raised", "journal"],
        &["journal"],
        &["gap", "fault_cleared", "fault_cleared", "fault_cleared", "fault_cleared", "journal"],
        &["first_out", "journal_gap"],
    ];
    assert_eq!(names, expected.concat());
    let journals: Vec<_> = told.iter().filter(|event| event["event"] == "journal").collect();
    let again: Vec<_> = journals.iter().map(|event| event.get("again").cloned()).collect();
    assert_eq!(again, [None, Some(1.into()), Some(2.into()), None]);
    assert_eq!(number(&told[5], "count"), 2);
    let gap = "2 entries of the journal are written over, and nobody had read them";
    assert_eq!(text(&told[told.len() - 1], "text"), gap);
}

#[test]
fn the_journal_of_another_power_up_is_no_gap() {
    let mut controller = Controller::new();
    controller.at(MS, raised(0, true)).dump(5_000);
    let mut other = Controller::new();
    other.at(MS, Occurrence::FaultCleared { fault: 0, episode: 0 });
    let bytes = other.bytes();
    controller.dumped(9_000, &bytes);
    let names: Vec<String> =
        told(&controller.log).iter().map(|event| text(event, "event").to_owned()).collect();
    assert!(!names.contains(&"gap".to_owned()), "{names:?}");
    assert_eq!(names.iter().filter(|name| *name == "boot").count(), 2);
}

#[test]
fn times_are_those_of_the_dump_and_of_the_clock_of_each_boot() {
    let mut controller = Controller::new();
    controller.at(5_000, raised(0, true)).boot();
    controller.at(300, Occurrence::FaultCleared { fault: 0, episode: 1 });
    // 600 us after the last entry, by its own clock.
    controller.now_us += 600;
    controller.dump(1_000_000);
    let told = told(&controller.log);
    let of = |event: &Value| {
        (
            number(event, "t_us"),
            number(event, "boot"),
            number(event, "at_us"),
            number(event, "sequence"),
        )
    };
    assert_eq!(of(&told[0]), (993_900 + 100, 0, 100, 0));
    assert_eq!(of(&told[1]), (999_000, 0, 5_100, 1));
    assert_eq!(of(&told[2]), (999_100, 1, 100, 2));
    assert_eq!(of(&told[3]), (999_400, 1, 400, 3));
    assert_eq!(number(&told[4], "t_us"), 1_000_000);
    // A dump whose row comes too early for what it tells does not send the time back.
    controller.at(0, raised(1, true)).dump(1_000_100);
    let told = self::told(&controller.log);
    let times: Vec<_> = told
        .iter()
        .filter(|event| event["lane"] == "state")
        .map(|event| number(event, "t_us"))
        .collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_boot_that_was_not_recorded_is_seen_by_its_clock() {
    let mut controller = Controller::new();
    controller.at(5_000, raised(0, true));
    controller.now_us = 50;
    controller.at(0, raised(1, true)).dump(1_000_000);
    let told = told(&controller.log);
    assert!(told[2].get("boot").is_none());
    assert_eq!((number(&told[1], "t_us"), number(&told[2], "t_us")), (999_950, 1_000_000));
}

#[test]
fn every_occurrence_is_told_in_words() {
    use machine::State::{Safe, Startup};
    let what = What::user(200).unwrap();
    let record = Record { what, from: 1, to: 2, cause: 3, correlation: 4 };
    for (occurrence, words) in [
        (machine(Startup, Safe, Event::Ready), "machine  startup -> safe (ready)"),
        (STARTED, "channel  motor: armed -> running | boot"),
        (
            channel(State::Running, State::Safe, Cause::LeaseEnded),
            "channel motor: running -> safe (lease ended)",
        ),
        (
            output(Quality::Good, Quality::Held, 20_000),
            "output motor: good -> held | renewed 20.0 ms ago",
        ),
        (raised(0, true), "fault_raised OVERCURRENT (first out)"),
        (raised(7, false), "fault_raised fault 7 (later)"),
        (Occurrence::FaultCleared { fault: 2, episode: 1 }, "fault_cleared DOOR"),
        (Occurrence::Acknowledged { episode: 1 }, "acknowledged | boot"),
        (
            Occurrence::RecoveryStep { step: 1, took_us: 8_000, budget_us: 20_000 },
            "recovery_step axes: 8000 us of 20.0 ms",
        ),
        (
            Occurrence::Recovered { took_us: 11_000, budget_us: 25_000 },
            "recovered 11.0 ms of 25.0 ms",
        ),
        (
            Escalation::StepOverrun { step: 1, took_us: 21_500, budget_us: 20_000 }.into(),
            "recovery_escalated axes took 21.5 ms of 20.0 ms",
        ),
        (
            Escalation::Overrun { took_us: 26_000, budget_us: 25_000 }.into(),
            "recovery_escalated all of it took 26.0 ms of 25.0 ms",
        ),
        (
            Occurrence::User(record),
            "record   door opened what=200 from=1 to=2 cause=3 correlation=4",
        ),
    ] {
        let mut controller = Controller::new();
        let log = controller.at(MS, occurrence).dump(9_000).log.clone();
        let told = run_with(["-"], log.as_bytes()).stdout;
        assert!(told.contains(words), "{words}:\n{told}");
        assert!(told.contains("boot     after power | boot 0 at 100 us"), "{told}");
        assert!(told.contains("| boot 0 at 1100 us"), "{told}");
    }
}

#[test]
fn damage_is_counted_and_what_a_reset_cut_is_none() {
    let mut controller = Controller::<4>::of();
    controller.at(MS, raised(0, true)).at(MS, raised(1, false));
    let whole = controller.bytes();
    let told_of = |bytes: &[u8]| {
        let mut one = Controller::<4>::of();
        one.log.clear();
        one.dumped(5_000, bytes);
        told(&one.log)
    };
    let journal =
        |told: &[Value]| told.iter().find(|event| event["event"] == "journal").unwrap().clone();
    let is_found = |told: &[Value], kind: &str| told.iter().any(|event| event["event"] == kind);
    // One bit of the second entry: the first one does not follow it any more.
    let mut flipped = whole.clone();
    flipped[20] ^= 1;
    let told = told_of(&flipped);
    let seen = journal(&told);
    assert_eq!(
        (number(&seen, "entries"), number(&seen, "damaged"), number(&seen, "stray")),
        (1, 1, 1)
    );
    assert_eq!(text(&seen, "damaged_data"), hex(&flipped[16..32]).to_lowercase());
    assert!(is_found(&told, "journal_damaged"));
    // The commit is gone: a reset came while it was written.
    let mut cut = whole.clone();
    cut[44..48].fill(0);
    let told = told_of(&cut);
    assert_eq!((number(&journal(&told), "uncommitted"), number(&journal(&told), "empty")), (1, 1));
    assert!(!is_found(&told, "journal_damaged"));
    // A part of a slot.
    for len in 33..48 {
        let told = told_of(&whole[..len]);
        let seen = journal(&told);
        let expected = i64::try_from(len).unwrap();
        assert_eq!((number(&seen, "bytes"), number(&seen, "rest")), (expected, expected - 32));
    }
}

#[test]
fn a_record_of_another_version_is_kept_and_said() {
    let mut controller = Controller::new();
    let record = Record { what: What::from_raw(100), from: 1, to: 2, cause: 3, correlation: 4 };
    controller.at(MS, record);
    let words = "1 entry of the journal is of a version that is not known";
    finds(&mut controller, &[("journal_unknown", words)]);
    let told = told(&controller.log);
    let unknown = told.iter().find(|event| event["event"] == "unknown").unwrap();
    assert_eq!(text(unknown, "error"), "What 100 is not known in a record of the code 100");
    assert_eq!((number(unknown, "what"), number(unknown, "correlation")), (100, 4));
}

#[test]
fn a_row_that_is_none_ends_the_file_with_its_place() {
    for (row, message) in [
        ("5,journal,,0", "value: expected pairs of hexadecimal digits, got 1 digits"),
        ("5,journal,x,00", "name: expected microseconds or nothing, got `x`"),
        ("5,fault,DOOR,256", "value: expected a number, got `256`"),
    ] {
        let log = format!("t_us,record,name,value\n0,fault,HEAT,0\n{row}\n");
        let ran = run_with(["-"], log.as_bytes());
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("row 3, byte 38: {message}")), "{}", ran.stderr);
    }
}

/// A file with a journal byte for byte.
fn file(bytes: &[u8]) -> Vec<u8> {
    [b"SSJOURNL\x01\0\0\0\0\0\0\0", bytes].concat()
}

#[test]
fn a_journal_in_a_file_of_its_own_is_read_and_aligned() {
    let mut controller = Controller::new();
    controller.at(MS, raised(0, true)).boot().at(MS, raised(1, true));
    let folder = Temporary::new();
    let journal = folder.file("ring.bin", &file(&controller.bytes()));
    let told = |arguments: &[&str]| {
        let ran = run([&["--format", "jsonl", &journal], arguments].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.events()
    };
    let times = |told: &[Value]| -> Vec<i64> {
        told.iter()
            .filter(|event| event["lane"] == "state")
            .map(|event| number(event, "t_us"))
            .collect()
    };
    assert_eq!(times(&told(&[])), [100, 1_100, 1_200, 2_200, 2_200]);
    let aligned = told(&["--align", &format!("{journal}=5000000")]);
    assert_eq!(times(&aligned)[1], 5_001_100);
    assert_eq!((text(&aligned[1], "fault"), number(&aligned[1], "offset")), ("fault 0", 16));
}

#[test]
fn a_file_that_is_not_whole_is_said_with_the_byte() {
    let folder = Temporary::new();
    for (bytes, message) in [
        (&b"SSJOURNL\x01\0"[..], "byte 10: expected a header of 16 bytes"),
        (&b"SSJOURNL\x02\0\0\0\0\0\0\0"[..], "byte 8: version 2, 1 is known"),
        (&file(&vec![0; (16 << 14) + 1]), "byte 262160: expected the end of the longest journal"),
    ] {
        let Ran { code, stderr, .. } = run([folder.file("ring.bin", bytes)]);
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains(message), "{stderr}");
    }
    assert_eq!(run([folder.file("ring.bin", &file(&vec![0; 16 << 14]))]).code, Some(0));
}

#[test]
fn one_entry_or_a_ring_is_decoded_at_once() {
    let mut controller = Controller::new();
    controller.at(MS, raised(1, true));
    let bytes = controller.bytes();
    let entry = run(["--format", "jsonl", "decode", "journal", &hex(&bytes[16..32])]);
    assert_eq!(entry.code, Some(0), "{}", entry.stderr);
    assert_eq!(entry.events().len(), 1);
    assert_eq!(
        (text(&entry.events()[0], "event"), text(&entry.events()[0], "fault")),
        ("fault_raised", "fault 1")
    );
    let ring = run(["decode", "journal", &hex(&bytes)]);
    assert_eq!((ring.code, ring.stdout.lines().count()), (Some(0), 2));
    let cut = run(["--format", "jsonl", "decode", "journal", &hex(&bytes[..30])]);
    assert_eq!(cut.code, Some(1));
    assert_eq!(number(&cut.events()[1], "rest"), 14);
    assert_eq!(run(["decode", "journal", "0g"]).code, Some(2));
}

#[test]
fn the_shipped_journal_is_told_in_its_findings() {
    let ran = run(["--format".as_ref(), "jsonl".as_ref(), own("journal.csv").as_os_str()]);
    let told = ran.events();
    let kinds: Vec<&str> = told
        .iter()
        .filter(|event| event["lane"] == "finding")
        .map(|event| text(event, "event"))
        .collect();
    assert_eq!(kinds, ["stale_output", "first_out", "recovery"]);
    let sequences: Vec<i64> =
        told.iter().filter_map(|event| event.get("sequence")?.as_i64()).collect();
    assert_eq!(sequences, (0..43).collect::<Vec<_>>());
}

#[test]
fn any_log_of_journals_is_told_without_a_fault_of_the_tool() {
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    for len in (0..400).step_by(7) {
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random.to_le_bytes()[0]
        })
        .take(len)
        .collect();
        let log = journals::log(&bytes);
        assert!(incident_timeline::read_to_end(log.into_bytes(), &[]).is_some());
    }
}
