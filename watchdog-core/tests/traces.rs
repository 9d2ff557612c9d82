//! The local status, beside traces of what AUTOSAR's Watchdog Manager documents: every `wdgm_*.csv` in the folder `WDGM_TRACES`.
//! Each trace drives handles and `evaluate`, in a grace that is longer than the trace.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::path::{Path, PathBuf};

use common::{MS, armed, fed, leak};
use watchdog_core::plan::{
    self, alive, cycle_us, from, hardware, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance, until,
};
use watchdog_core::{Checkpoint, Entity, EntityId, LocalStatus, Plan};

const COUNTED: Checkpoint = Checkpoint::of::<0>();
const START: Checkpoint = Checkpoint::of::<1>();
const STOP: Checkpoint = Checkpoint::of::<2>();
const FIRST: Checkpoint = Checkpoint::of::<3>();
const SECOND: Checkpoint = Checkpoint::of::<4>();

struct Row {
    trace: u32,
    tolerance: u8,
    cycle: u64,
    alive: bool,
    deadline: bool,
    logical: bool,
    status: LocalStatus,
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let [trace, tolerance, cycle, alive, deadline, logical, status] =
            line.split(',').collect::<Vec<_>>().try_into().ok()?;
        let is_correct = |field| match field {
            "C" => Some(true),
            "I" => Some(false),
            _ => None,
        };
        Some(Self {
            trace: trace.parse().ok()?,
            tolerance: tolerance.parse().ok()?,
            cycle: cycle.parse().ok()?,
            alive: is_correct(alive)?,
            deadline: is_correct(deadline)?,
            logical: is_correct(logical)?,
            status: match status {
                "OK" => LocalStatus::Ok,
                "FAILED" => LocalStatus::Failed,
                "EXPIRED" => LocalStatus::Expired,
                _ => return None,
            },
        })
    }
}

/// An entity with all three supervisions, judged every cycle.
fn plan(cycles: u8) -> Plan<1, 1, 1> {
    Plan::builder(
        cycle_us(10_000),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(u32::MAX),
        reset_to_safe_us(30_000),
    )
    .entity("entity", alive(COUNTED, plan::per_cycle(2), -1, 1), tolerance(cycles))
    .deadline("entity", START, STOP, 200..=900)
    .flow("entity", from(&[FIRST]), &[(FIRST, SECOND)], until(&[SECOND]))
    .grace(u8::MAX)
    .try_build()
    .unwrap()
}

/// What the entity does in one cycle; each way to be incorrect has its turn.
fn check_in(entity: &Entity<1, 1, 1>, row: &Row, begin_us: u64) {
    let counts = if row.alive { [1, 2, 3] } else { [0, 4, 5] };
    for hit in 0..counts[row.cycle as usize % 3] {
        entity.hit(COUNTED, begin_us + hit);
    }
    match (row.deadline, row.cycle % 4) {
        (true, _) => entity.begin(START, begin_us).end(STOP, begin_us + 200 + row.cycle % 700),
        (false, 0) => entity.begin(START, begin_us).end(STOP, begin_us + 199),
        (false, 1) => entity.begin(START, begin_us).end(STOP, begin_us + 901),
        (false, 2) => entity.hit(STOP, begin_us + 300),
        (false, _) => drop(entity.begin(START, begin_us)),
    }
    let order = match (row.logical, row.cycle % 2) {
        (true, _) => [FIRST, SECOND],
        (false, 0) => [SECOND, FIRST],
        (false, _) => [FIRST, FIRST],
    };
    order.into_iter().for_each(|checkpoint| entity.hit(checkpoint, begin_us));
}

/// The rows of a file and how many of them differ.
fn compare(path: &Path) -> (usize, usize) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("trace,tol,cycle,alive,deadline,logical,status"));
    let rows: Vec<_> = lines.map(|line| Row::parse(line).expect(line)).collect();
    let mut differences = 0;
    for trace in rows.chunk_by(|one, other| one.trace == other.trace) {
        let (mut supervisor, [entity], ..) = armed(leak(plan(trace[0].tolerance)), 0);
        for (index, row) in trace.iter().enumerate() {
            assert_eq!(row.cycle, index as u64, "trace {}", row.trace);
            check_in(&entity, row, row.cycle * 10 * MS + 1);
            (supervisor, _) = fed(supervisor.evaluate((row.cycle + 1) * 10 * MS));
            let status = supervisor.status_of(EntityId::new(0)).unwrap();
            if status != row.status {
                println!(
                    "trace {} cycle {}: {status:?}, not {:?}",
                    row.trace, row.cycle, row.status
                );
                differences += 1;
            }
        }
    }
    (rows.len(), differences)
}

#[test]
fn every_trace_has_the_documented_status() {
    let Some(folder) = std::env::var_os("WDGM_TRACES").map(PathBuf::from) else {
        println!("skipped: WDGM_TRACES is not set");
        return;
    };
    let mut all = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !(name.starts_with("wdgm_") && name.ends_with(".csv")) {
            continue;
        }
        let (rows, differences) = compare(&path);
        println!("{name}: {rows} rows, {differences} differences");
        assert!(rows > 0 && differences == 0, "{name}");
        all += rows;
    }
    assert!(all > 0, "no row in {}", folder.display());
}
