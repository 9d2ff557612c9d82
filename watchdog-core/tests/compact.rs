//! Compact records of 4, 2 and 1 words: what each keeps, a reset before and after every store, and flips of bits.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};

use common::{ALIVE, MS, Run, leak, per_cycle, plan_a};
use watchdog_core::boot::{self, Blame, Found, Torn, Verdict};
use watchdog_core::plan::tolerance;
use watchdog_core::{
    Brief, Compact, Guarded, Kind, Level, Outcome, Plan, ResetCauses, SectionId, Sections, Words,
};

const LIMITS: SectionId = SectionId::of::<0>();
const POSITION: SectionId = SectionId::of::<1>();

const POWER_ON: ResetCauses = ResetCauses::POWER_ON;
const WATCHDOG: ResetCauses = ResetCauses::WATCHDOG;
const PIN: ResetCauses = ResetCauses::PIN;

static PLAN: Plan<2> = plan_a()
    .entity("control", per_cycle(1, 0, 3), tolerance(3))
    .entity("modbus", per_cycle(1, 0, 3), tolerance(0))
    .sections(&["limits", "position"])
    .good_after_us(1_000_000)
    .build();
static OTHER_PLAN: Plan<2> = plan_a()
    .entity("other", per_cycle(1, 0, 3), tolerance(3))
    .entity("modbus", per_cycle(1, 0, 3), tolerance(0))
    .sections(&["limits", "position"])
    .build();

/// Backup registers, and a reset after so many stores.
#[derive(Debug)]
struct Registers {
    words: [AtomicU32; 4],
    stores: AtomicU32,
    left: AtomicU32,
}

impl Registers {
    fn new(words: [u32; 4]) -> Self {
        let words = words.map(AtomicU32::new);
        Self { words, stores: AtomicU32::new(0), left: AtomicU32::new(u32::MAX) }
    }

    fn words(&self) -> [u32; 4] {
        self.words.each_ref().map(|word| word.load(Ordering::Relaxed))
    }
}

impl Words for &'static Registers {
    fn load(&self, index: usize) -> u32 {
        self.words[index].load(Ordering::Relaxed)
    }

    fn store(&self, index: usize, value: u32) {
        self.stores.fetch_add(1, Ordering::Relaxed);
        let left = self.left.load(Ordering::Relaxed);
        if left > 0 {
            self.words[index].store(value, Ordering::Relaxed);
            self.left.store(left.saturating_sub(1), Ordering::Relaxed);
        }
    }
}

type Record<const L: usize> = Compact<&'static Registers, L>;

/// What a program has of a record after a reset: nothing but the words.
fn record<const L: usize>(words: [u32; 4]) -> (&'static Record<L>, &'static Registers) {
    let registers = leak(Registers::new(words));
    (leak(Compact::new(registers)), registers)
}

fn verdict<const L: usize>(words: [u32; 4], causes: ResetCauses) -> Verdict<2> {
    *boot::judge_compact(record::<L>(words).0, &PLAN, causes, 0).verdict()
}

/// A run in which `modbus` dies while `limits` is held and `position` was abandoned; and how it looks at the next boot.
fn incident<const L: usize>() -> ([u32; 4], Verdict<2>) {
    let (record, registers) = record::<L>([0; 4]);
    let mut run = Run::start(boot::judge_compact(record, &PLAN, POWER_ON, 0), &PLAN);
    let section = run.owners[0].enter(LIMITS);
    if L > 1 {
        drop(run.owners[0].enter(POSITION));
    }
    run.entities[0].hit(ALIVE, 5 * MS);
    let Outcome::Stop(..) = run.supervisor.take().unwrap().evaluate(10 * MS) else {
        panic!("a stop")
    };
    std::mem::forget(section);
    (registers.words(), verdict::<L>(registers.words(), WATCHDOG))
}

#[test]
fn w12_each_size_keeps_what_the_docs_list() {
    let entity = PLAN.entity("modbus");
    let brief = Brief { kind: Kind::Alive, entity, checkpoint: None, line: None };
    let torn = Torn { held: Sections::NONE.with(LIMITS), abandoned: Sections::NONE.with(POSITION) };
    let (_, four) = incident::<4>();
    let whole = Brief { checkpoint: Some(ALIVE), ..brief };
    assert_eq!((four.found, four.blame), (Found::Record, Blame::Brief(whole)));
    assert_eq!((four.causes, four.may_be_old), (WATCHDOG, ResetCauses::empty()));
    assert_eq!((four.owners, four.abnormal_count), ([torn], 1));
    let (_, two) = incident::<2>();
    assert_eq!((two.found, two.blame), (Found::Record, Blame::Brief(brief)));
    assert_eq!((two.owners, two.abnormal_count), ([torn], 1));
    let (_, one) = incident::<1>();
    let held = Torn { held: torn.held, abandoned: Sections::NONE };
    assert_eq!((one.found, one.blame), (Found::Record, Blame::Brief(brief)));
    assert_eq!((one.owners, one.abnormal_count), ([held], 1));
    for verdict in [four, two, one] {
        assert_eq!((verdict.last_checkpoints, verdict.uptime_us), ([None, None], None));
        assert_eq!((verdict.earlier, verdict.is_abnormal), (None, true));
    }
}

fn heals<const L: usize>() {
    static VALUES: Guarded<0, 1> = Guarded::new();
    let (words, _) = incident::<L>();
    let (record, registers) = record::<L>(words);
    let mut boot = boot::judge_compact(record, &PLAN, WATCHDOG, 0);
    let recovery = boot.recover(1_000, 0).unwrap();
    recovery.inherit(&VALUES).unwrap().revalidate(Ok::<_, ()>).unwrap();
    recovery.finish(500).unwrap();
    let torn = verdict::<L>(registers.words(), PIN).torn();
    assert_eq!(torn, if L > 1 { Sections::NONE.with(POSITION) } else { Sections::NONE });
}

#[test]
fn a_section_that_was_revalidated_is_not_torn_any_more() {
    heals::<4>();
    heals::<2>();
    heals::<1>();
}

fn garbage<const L: usize>() {
    for word in [0, u32::MAX, 0xA5A5_A5A5] {
        let lost = verdict::<L>([word; 4], WATCHDOG);
        assert_eq!((lost.found, lost.blame, lost.abnormal_count), (Found::Lost, Blame::Unknown, 1));
        assert_eq!(lost.torn(), Sections::NONE.with(LIMITS).with(POSITION));
        let cold = verdict::<L>([word; 4], POWER_ON);
        assert_eq!((cold.found, cold.blame), (Found::ColdStart, Blame::None));
        assert_eq!((cold.torn(), cold.abnormal_count), (Sections::NONE, 0));
    }
}

#[test]
fn w12_garbage_is_a_cold_start_or_lost() {
    garbage::<4>();
    garbage::<2>();
    garbage::<1>();
}

/// Every flip is found: what the word says is unknown, and nothing that it could have said is taken from it.
fn flips<const L: usize>() {
    let (words, whole) = incident::<L>();
    for bit in 0..32 * L {
        let mut flipped = words;
        flipped[bit / 32] ^= 1 << (bit % 32);
        let verdict = verdict::<L>(flipped, WATCHDOG);
        match (L, bit / 32) {
            (4, 1) => {
                assert_eq!((verdict.found, verdict.blame), (Found::Record, Blame::Unknown));
                assert_eq!(verdict.owners, whole.owners);
            }
            (4, 2) => {
                assert_eq!((verdict.found, verdict.blame), (Found::Record, whole.blame));
                assert_eq!(
                    verdict.owners,
                    [Torn { held: Sections::ALL, abandoned: Sections::ALL }]
                );
            }
            (2, 1) => {
                assert_eq!((verdict.found, verdict.blame), (Found::Record, Blame::Unknown));
                assert_eq!(verdict.torn(), Sections::ALL);
            }
            _ => assert_eq!((verdict.found, verdict.blame), (Found::Lost, Blame::Unknown)),
        }
    }
}

#[test]
fn w12_every_single_flip_is_found() {
    flips::<4>();
    flips::<2>();
    flips::<1>();
}

fn escalates<const L: usize>() {
    let (_, registers) = record::<L>([0; 4]);
    let levels = |causes: ResetCauses| {
        let record: &'static Record<L> = leak(Compact::new(registers));
        boot::judge_compact(record, &PLAN, causes, 0)
    };
    assert_eq!(levels(POWER_ON).level(), Level::Normal);
    for (level, count) in [
        (Level::Normal, 1),
        (Level::Normal, 2),
        (Level::Degraded, 3),
        (Level::Degraded, 4),
        (Level::SafeOnly, 5),
        (Level::SafeOnly, 5),
    ] {
        let boot = levels(WATCHDOG);
        assert_eq!((boot.level(), boot.verdict().abnormal_count), (level, count));
    }
    let mut run = Run::start(levels(ResetCauses::PIN), &PLAN);
    let mut supervisor = run.supervisor.take().unwrap();
    assert_eq!(supervisor.level(), Level::SafeOnly);
    assert_eq!(supervisor.mark_good(999_999).map_err(|error| error.left_us), Err(1));
    supervisor.mark_good(1_000_000).unwrap();
    assert_eq!(levels(WATCHDOG).verdict().abnormal_count, 1);
}

#[test]
fn the_boots_are_counted_at_each_size() {
    escalates::<4>();
    escalates::<2>();
    escalates::<1>();
}

fn announced<const L: usize>() {
    let software = ResetCauses::SOFTWARE;
    for is_announced in [false, true] {
        let (record, registers) = record::<L>([0; 4]);
        let run = Run::start(boot::judge_compact(record, &PLAN, POWER_ON, 0), &PLAN);
        if is_announced {
            run.supervisor.unwrap().announce();
        }
        let once = registers.words();
        for causes in [software, ResetCauses::UNKNOWN, ResetCauses::empty()] {
            let verdict = verdict::<L>(once, causes);
            assert_eq!(verdict.is_abnormal, !is_announced, "{causes:?}");
        }
        assert!(verdict::<L>(once, WATCHDOG).is_abnormal);
    }
}

#[test]
fn an_announced_reset_is_normal_at_each_size() {
    announced::<4>();
    announced::<2>();
    announced::<1>();
}

#[test]
fn an_interrupted_recovery_escalates_at_each_size() {
    fn interrupted<const L: usize>() {
        let (record, registers) = record::<L>([0; 4]);
        let mut boot = boot::judge_compact(record, &PLAN, POWER_ON, 0);
        let _ = boot.recover(1_000, 0).unwrap();
        let words = registers.words();
        let next = verdict::<L>(words, ResetCauses::PIN);
        assert!(next.is_recovery_interrupted);
        assert_eq!((next.level, next.abnormal_count), (Level::Degraded, 0));
    }
    interrupted::<4>();
    interrupted::<2>();
    interrupted::<1>();
}

#[test]
fn flags_that_were_not_cleared_may_be_old_where_causes_are_kept() {
    fn old<const L: usize>(is_cleared: bool) -> ResetCauses {
        let (record, registers) = record::<L>([0; 4]);
        let mut boot = boot::judge_compact(record, &PLAN, WATCHDOG | POWER_ON, 0);
        if is_cleared {
            boot.flags_cleared();
        }
        verdict::<L>(registers.words(), WATCHDOG | ResetCauses::PIN).may_be_old
    }
    let none = ResetCauses::empty();
    assert_eq!((old::<4>(false), old::<4>(true)), (WATCHDOG, none));
    assert_eq!((old::<2>(false), old::<2>(true)), (WATCHDOG, none));
    assert_eq!((old::<1>(false), old::<1>(true)), (none, none));
}

#[test]
fn another_plan_is_named_and_not_decoded() {
    let (words, _) = incident::<4>();
    let judged = boot::judge_compact(record::<4>(words).0, &OTHER_PLAN, WATCHDOG, 0);
    let fingerprint = PLAN.fingerprint() & 0xFF_FFFF;
    let verdict = *judged.verdict();
    assert_eq!((verdict.found, verdict.blame), (Found::OtherPlan { fingerprint }, Blame::Unknown));
    assert_eq!(verdict.torn(), Sections::NONE.with(LIMITS).with(POSITION));
    assert_eq!(verdict.abnormal_count, 1);
}

#[test]
fn hooks_keep_the_first_culprit() {
    let (record, registers) = record::<4>([0; 4]);
    let boot = boot::judge_compact(record, &PLAN, POWER_ON, 0);
    // Before a supervisor is armed there is no pretimeout.
    record.pretimeout();
    assert_eq!(verdict::<4>(registers.words(), ResetCauses::PIN).blame, Blame::None);
    let _run = Run::start(boot, &PLAN);
    record.pretimeout();
    record.panicked(70_000);
    record.faulted();
    let blame = verdict::<4>(registers.words(), WATCHDOG).blame;
    let pretimeout = Brief { kind: Kind::Pretimeout, entity: None, checkpoint: None, line: None };
    assert_eq!(blame, Blame::Brief(pretimeout));
}

#[test]
fn a_panic_and_a_fault_are_causes() {
    let (record, registers) = record::<4>([0; 4]);
    let _ = boot::judge_compact(record, &PLAN, POWER_ON, 0);
    record.panicked(70_000);
    let panic = verdict::<4>(registers.words(), ResetCauses::PIN);
    let line = Brief { kind: Kind::Panic, entity: None, checkpoint: None, line: Some(u16::MAX) };
    assert_eq!((panic.blame, panic.is_abnormal), (Blame::Brief(line), true));
    assert_eq!(panic.causes, ResetCauses::PIN | ResetCauses::PANIC);
    let (record, registers) = self::record::<2>([0; 4]);
    let _ = boot::judge_compact(record, &PLAN, POWER_ON, 0);
    record.faulted();
    let fault = verdict::<2>(registers.words(), ResetCauses::PIN);
    assert_eq!(fault.causes, ResetCauses::PIN | ResetCauses::FAULT);
}

/// What a run does: it is judged, its flags are cleared, a recovery ends, it is started, two sections are entered.
const CALLS: usize = 6;

/// The words after so many calls, of which the last one is cut after so many stores; and how many it makes.
fn after<const L: usize>(start: [u32; 4], calls: usize, stores: u32) -> ([u32; 4], u32) {
    let (record, registers) = record::<L>(start);
    let mut boot = None;
    let mut run: Option<&'static Run<2, 1>> = None;
    for call in 0..calls {
        if call + 1 == calls {
            registers.left.store(stores, Ordering::Relaxed);
            registers.stores.store(0, Ordering::Relaxed);
        }
        match call {
            0 => boot = Some(boot::judge_compact(record, &PLAN, WATCHDOG, 0)),
            1 => boot.as_mut().unwrap().flags_cleared(),
            2 => boot.as_mut().unwrap().recover(1_000, 0).unwrap().finish(1_000).unwrap(),
            3 => run = Some(leak(Run::start(boot.take().unwrap(), &PLAN))),
            4 => std::mem::forget(run.unwrap().owners[0].enter(LIMITS)),
            _ => std::mem::forget(run.unwrap().owners[0].enter(POSITION)),
        }
    }
    (registers.words(), registers.stores.load(Ordering::Relaxed))
}

fn resets<const L: usize>() {
    let (start, _) = incident::<L>();
    for calls in 1..=CALLS {
        let before = verdict::<L>(after::<L>(start, calls - 1, u32::MAX).0, WATCHDOG);
        let (whole, stores) = after::<L>(start, calls, u32::MAX);
        let whole = verdict::<L>(whole, WATCHDOG);
        for store in 0..=stores {
            let cut = verdict::<L>(after::<L>(start, calls, store).0, WATCHDOG);
            assert_eq!(cut.found, Found::Record);
            assert!([before.abnormal_count, whole.abnormal_count].contains(&cut.abnormal_count));
            assert!([before.blame, whole.blame].contains(&cut.blame), "{:?}", cut.blame);
            // With 4 words a culprit is named once, whenever the reset comes.
            if L == 4 && cut.abnormal_count == whole.abnormal_count {
                assert_eq!(cut.blame, whole.blame, "call {calls}, store {store}");
            }
            let both = before.torn().as_raw() & whole.torn().as_raw();
            assert_eq!(cut.torn().as_raw() & both, both, "call {calls}, store {store}");
            // A recovery that is interrupted escalates.
            assert!(
                [before.level, whole.level].contains(&cut.level) || cut.is_recovery_interrupted
            );
        }
    }
}

#[test]
fn a_reset_at_every_store_is_survived() {
    resets::<4>();
    resets::<2>();
    resets::<1>();
}
