//! The watchdog lane: what boot records and profiles are told as, and each finding beside the same log without its cause.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{own, run, run_with};
use serde_json::Value;
use watchdog_core::boot::{self, Verdict};
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::profile::{Profile, Profiles};
use watchdog_core::{
    BootGuard, Cells, Checkpoint, Dog, Entity, Hardware, Outcome, Owner, Permit, Plan, ResetCauses,
    Retained, SectionId, State, Supervisor, Watchdog,
};

const TURN: Checkpoint = Checkpoint::of::<0>();
static PLAN: Plan<1> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("control", alive(TURN, per_cycle(10), -2, 2), tolerance(1))
.sections(&["current limits"])
.build();

const WATCHDOG: ResetCauses = ResetCauses::WATCHDOG;

struct Nothing;

impl Watchdog for Nothing {
    type Error = ();

    fn state(&mut self) -> Result<State, ()> {
        Ok(State::Running { timeout_us: 100_000, is_locked: false })
    }

    fn arm(&mut self, _asked: Hardware) -> Result<u32, ()> {
        Ok(100_000)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), ()> {
        Ok(())
    }
}

fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

/// A board: its memory, and the log that it writes.
struct Board {
    memory: &'static Retained<1>,
    log: String,
}

impl Board {
    fn new() -> Self {
        let names = format!(
            "0,plan,,{:08X}\n0,entity,control,0\n0,section,current limits,0\n",
            PLAN.fingerprint()
        );
        Self { memory: leak(Retained::new()), log: names }
    }

    fn say(&mut self, record: &str, name: &str, bytes: &[u8]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        let t_us = 1_000 * self.log.lines().count();
        self.log.push_str(&format!("{t_us},{record},{name},{hex}\n"));
    }

    /// A boot, and a run that does this.
    fn boot(&mut self, causes: ResetCauses, run: impl FnOnce(&Owner, &Entity<1>, &Retained<1>)) {
        let mut boot = boot::judge(self.memory, &PLAN, causes, 0);
        boot.flags_cleared();
        let mut buffer = [0; Verdict::<1>::ENCODED_LEN];
        let bytes = boot.verdict().encode(&mut buffer).unwrap().to_vec();
        self.say("boot", "", &bytes);
        let (guard, [owner]) = boot.start();
        let cells = leak(Cells::new(&PLAN));
        let armed = Supervisor::new(cells, guard).arm(&mut Dog::new(Nothing), 0);
        let (_, [entity]) = armed.expect("armed");
        run(&owner, &entity, self.memory);
    }

    fn findings(&self) -> Vec<(String, String)> {
        findings(&self.log)
    }
}

fn findings(log: &str) -> Vec<(String, String)> {
    told(log, |event| event["lane"] == "finding")
        .iter()
        .map(|finding| {
            let field = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            let text = field("text").replace(" (the first thing that deviated)", "");
            (field("event"), text)
        })
        .collect()
}

fn told(log: &str, is_wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let ran = run_with(["--format", "jsonl", "-"], log.as_bytes());
    assert!(ran.code.is_some_and(|code| code < 2), "{}", ran.stderr);
    ran.events().into_iter().filter(|event| is_wanted(event)).collect()
}

fn kinds(findings: &[(String, String)]) -> Vec<&str> {
    findings.iter().map(|(kind, _)| kind.as_str()).collect()
}

fn nothing(_: &Owner, _: &Entity<1>, _: &Retained<1>) {}

#[test]
fn a_culprit_is_named_and_a_normal_boot_has_none() {
    let mut board = Board::new();
    board.boot(ResetCauses::POWER_ON, |_, entity, memory| {
        entity.hit(TURN, 10_000);
        memory.pretimeout(&PLAN, 90_000);
    });
    board.boot(WATCHDOG, nothing);
    assert_eq!(
        board.findings(),
        [(
            "abnormal_reset".to_owned(),
            "1 abnormal reset (watchdog): control: silence when the watchdog was about to bite, checkpoint 0".to_owned()
        )]
    );
    let boots = told(&board.log, |event| event["event"] == "boot");
    assert_eq!(
        boots[1]["culprit"],
        "control was silent for 80.0 ms after checkpoint 0 when the watchdog was about to bite (at 90000 us of its run)"
    );
    let mut twin = Board::new();
    twin.boot(ResetCauses::POWER_ON, |_, entity, _| entity.hit(TURN, 10_000));
    twin.boot(ResetCauses::PIN, nothing);
    assert_eq!(twin.findings(), []);
}

#[test]
fn a_torn_section_is_named_and_one_that_was_finished_is_not() {
    let section = SectionId::of::<0>();
    let mut board = Board::new();
    board.boot(ResetCauses::POWER_ON, |owner, entity, _| {
        entity.hit(TURN, 5_000);
        std::mem::forget(owner.enter(section));
    });
    board.boot(WATCHDOG, nothing);
    let findings = board.findings();
    assert_eq!(kinds(&findings), ["abnormal_reset", "torn_section"]);
    assert_eq!(findings[0].1, "1 abnormal reset (watchdog): nobody recorded a culprit");
    let torn = "torn at 1 boot: owner 0 held current limits; its data must be revalidated";
    assert_eq!(findings[1].1, torn);
    let boots = told(&board.log, |event| event["event"] == "boot");
    assert_eq!(boots[1]["last_checkpoints"][0]["entity"], "control");
    let mut twin = Board::new();
    twin.boot(ResetCauses::POWER_ON, |owner, _, _| owner.enter(section).finish());
    twin.boot(ResetCauses::PIN, nothing);
    assert_eq!(twin.findings(), []);
}

#[test]
fn the_third_abnormal_boot_is_said_and_the_second_is_not() {
    let levels = |resets: usize| {
        let mut board = Board::new();
        board.boot(ResetCauses::POWER_ON, nothing);
        (0..resets).for_each(|_| board.boot(WATCHDOG, nothing));
        let findings = board.findings();
        findings
            .into_iter()
            .filter(|(kind, _)| kind == "boot_level")
            .map(|(_, text)| text)
            .collect()
    };
    let none: Vec<String> = levels(2);
    assert!(none.is_empty());
    assert_eq!(levels(3), ["1 boot degraded: too many abnormal ones before"]);
    assert_eq!(levels(5).len(), 2);
}

#[test]
fn a_lost_record_is_said_and_a_cold_start_is_not() {
    let mut board = Board::new();
    board.boot(WATCHDOG, nothing);
    let findings = board.findings();
    assert_eq!(kinds(&findings), ["abnormal_reset", "torn_section", "record_lost"]);
    assert_eq!(findings[0].1, "1 abnormal reset (watchdog): the culprit is unknown");
    let mut twin = Board::new();
    twin.boot(ResetCauses::POWER_ON, nothing);
    assert_eq!(twin.findings(), []);
}

#[test]
fn the_names_of_one_plan_are_not_those_of_another() {
    let mut board = Board::new();
    board.log = board.log.replace(&format!("{:08X}", PLAN.fingerprint()), "01234567");
    board.boot(ResetCauses::POWER_ON, |_, _, memory| memory.pretimeout(&PLAN, 90_000));
    board.boot(WATCHDOG, nothing);
    let text = &board.findings()[0].1;
    assert!(text.contains("entity 0: silence") && !text.contains("control"), "{text}");
}

/// The profile of an entity that checks in at these intervals.
fn profile(intervals: impl IntoIterator<Item = u64>) -> Profile {
    let profiles: &'static Profiles<1> = leak(Profiles::new(&PLAN, 800));
    let cells = leak(Cells::new(&PLAN).profiled(profiles));
    let supervisor = Supervisor::new(cells, BootGuard::without_memory());
    let (supervisor, [entity]) = supervisor.arm(&mut Dog::new(Nothing), 0).expect("armed");
    assert!(matches!(supervisor.evaluate(1), Outcome::Early(..)));
    let mut now_us = 0;
    for interval_us in intervals {
        entity.hit(TURN, now_us);
        now_us += interval_us;
    }
    entity.hit(TURN, now_us);
    profiles.profile(entity.id()).unwrap()
}

#[test]
fn a_field_that_parts_from_the_bench_is_said_and_one_that_does_not_is_not() {
    let with = |field: Profile| {
        let mut board = Board::new();
        board.say("bench", "control", &profile([1_000; 400]).encode());
        board.say("field", "control", &field.encode());
        board.findings()
    };
    // One of ten intervals is twice as long.
    let burst = (0..400).map(|turn| if turn % 10 == 0 { 2_000 } else { 1_000 });
    let text = "control: 10.0 % of its intervals are elsewhere in the field than on the bench, first those of 512 us to 1023 us";
    assert_eq!(with(profile(burst)), [("bench_field".to_owned(), text.to_owned())]);
    let rare = (0..400).map(|turn| if turn % 100 == 0 { 2_000 } else { 1_000 });
    assert_eq!(with(profile(rare)), []);
    assert_eq!(with(profile([1_000; 400])), []);
    // Longer and longer, in the same bucket.
    let drift = with(profile((0..260).map(|turn| (1_024 + turn).min(1_230))));
    assert_eq!(kinds(&drift), ["bench_field", "timing_drift"]);
    assert!(drift[1].1.starts_with("control drifts towards its limit: 1."), "{}", drift[1].1);
    // Of another entity nothing is known of the bench.
    let mut board = Board::new();
    board.say("bench", "control", &profile([1_000; 400]).encode());
    board.say("field", "modbus", &profile([200; 400]).encode());
    assert_eq!(board.findings(), []);
}

#[test]
fn a_record_that_is_broken_is_kept_and_said() {
    let mut board = Board::new();
    board.boot(ResetCauses::POWER_ON, nothing);
    board.say("bench", "control", &[1, 2, 3]);
    let flipped = board.log.replace(",boot,,01", ",boot,,02");
    let discarded = told(&flipped, |event| event["event"] == "discarded");
    assert_eq!(discarded[0]["error"], "version 2 at byte 0, 1 is known");
    assert_eq!(discarded[1]["error"], "108 bytes are the record, 3 are here");
    assert_eq!(discarded[1]["data"], "010203");
}

#[test]
fn a_row_that_is_none_ends_the_file_with_its_place() {
    for (row, message) in [
        ("5,boot,,0", "value: expected pairs of hexadecimal digits, got 1 digits"),
        ("5,boot", "expected t_us,record,name,value"),
        ("x,boot,,00", "t_us: expected microseconds, got `x`"),
        (
            "5,crash,,00",
            "record: expected one of plan, entity, section, boot, bench, field, fault, channel, step, reset, code, journal, got `crash`",
        ),
        ("5,entity,control,256", "value: expected a number, got `256`"),
        ("5,plan,,x", "value: expected a fingerprint in hex, got `x`"),
    ] {
        let log = format!("t_us,record,name,value\n0,plan,,01234567\n{row}\n");
        let ran = run_with(["-"], log.as_bytes());
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("row 3, byte 40: {message}")), "{}", ran.stderr);
    }
}

#[test]
fn one_record_is_decoded_at_once() {
    let log = std::fs::read_to_string(own("boots.csv")).unwrap();
    let hex = |record: &str| {
        let row = log.lines().find(|line| line.split(',').nth(1) == Some(record)).unwrap();
        row.rsplit(',').next().unwrap().to_owned()
    };
    let boot = run(["decode", "boot", &hex("boot")]);
    assert!(boot.stdout.contains("cold start after unknown"), "{}", boot.stdout);
    let profile = run(["decode", "profile", &hex("bench")]);
    assert!(profile.stdout.contains("2073 intervals"), "{}", profile.stdout);
}
