//! A reset before and after every word store: whatever is being written when it comes, the next boot finds what was before the call
//! or what is after it, and nothing that is torn is called whole.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use std::boxed::Box;
use std::vec::Vec;

use super::*;
use crate::cells::Cells;
use crate::checkpoint::Checkpoint;
use crate::inherited::Guarded;
use crate::kept::cut;
use crate::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use crate::section::{Section, SectionId};
use crate::supervisor::{Armed, Supervisor};
use crate::window::{Dog, State, Watchdog};

const A: Checkpoint = Checkpoint::of::<0>();
const LIMITS: SectionId = SectionId::of::<0>();
const POSITION: SectionId = SectionId::of::<1>();

static PLAN: Plan<2> = plan("one");
static OTHER_PLAN: Plan<2> = plan("another");

const fn plan(name: &'static str) -> Plan<2> {
    Plan::builder(
        cycle_us(10_000),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(500_000),
        reset_to_safe_us(30_000),
    )
    .entity(name, alive(A, per_cycle(1), 0, 1), tolerance(0))
    .entity("two", alive(A, per_cycle(1), 0, 1), tolerance(0))
    .sections(&["limits", "position"])
    .good_after_us(0)
    .build()
}

struct Nothing;

impl Watchdog for Nothing {
    type Error = ();

    fn state(&mut self) -> Result<State, ()> {
        Ok(State::Running { timeout_us: 100_000, is_locked: false })
    }

    fn arm(&mut self, _asked: crate::hardware::Hardware) -> Result<u32, ()> {
        Ok(100_000)
    }

    fn reload(&mut self, _permit: crate::permit::Permit<'_>) -> Result<(), ()> {
        Ok(())
    }
}

type Memory = Retained<2, 2>;

fn memory(words: &[u32]) -> &'static Memory {
    let memory = Box::leak(Box::new(Memory::new()));
    memory.load(words.iter().copied());
    memory
}

fn words(memory: &Memory) -> Vec<u32> {
    (0..Memory::WORDS).filter_map(|index| memory.word(index)).collect()
}

/// What a run does, call by call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Judge(ResetCauses),
    Cleared,
    Recover,
    /// The values of `LIMITS` are revalidated, and the recovery ends.
    Revalidate,
    Start,
    Hit,
    Enter,
    Finish,
    Abandon,
    Pretimeout,
    Announce,
    Good,
    Evaluate(u64),
}

#[derive(Default)]
struct Run {
    boot: Option<Boot<2, 2>>,
    owners: Option<&'static [Owner; 2]>,
    supervisor: Option<Supervisor<Armed, 2>>,
    entities: Option<[crate::Entity<2>; 2]>,
    /// The section that the first owner holds.
    section: Option<Section<'static>>,
}

impl Run {
    fn call(&mut self, memory: &'static Memory, call: Call) {
        match call {
            Call::Judge(causes) => self.boot = Some(judge(memory, &PLAN, causes, 1_000)),
            Call::Cleared => self.boot.as_mut().expect("a boot").flags_cleared(),
            Call::Recover => drop(self.boot.as_mut().expect("a boot").recover(1_000, 0)),
            Call::Revalidate => {
                static VALUES: Guarded<0, 1> = Guarded::new();
                let boot = self.boot.as_mut().expect("a boot");
                boot.is_recovering = false;
                let recovery = boot.recover(1_000, 0).expect("the first");
                if let Some(inherited) = recovery.inherit(&VALUES) {
                    inherited.revalidate(|_| Ok::<_, ()>(())).expect("good");
                }
                recovery.finish(1_000).expect("in time");
            }
            Call::Start => {
                let (guard, owners) = self.boot.take().expect("a boot").start();
                let cells = Box::leak(Box::new(Cells::new(&PLAN)));
                let armed = Supervisor::new(cells, guard).arm(&mut Dog::new(Nothing), 0);
                let (supervisor, entities) = armed.expect("armed");
                (self.supervisor, self.entities) = (Some(supervisor), Some(entities));
                self.owners = Some(Box::leak(Box::new(owners)));
            }
            Call::Hit => self.entities.as_ref().expect("armed")[1].hit(A, 4_096),
            Call::Enter => {
                self.section = self.owners.map(|[owner, _]| owner.enter(LIMITS));
            }
            Call::Finish => self.section.take().expect("a section").finish(),
            Call::Abandon => drop(self.owners.map(|[_, owner]| owner.enter(POSITION))),
            Call::Pretimeout => memory.pretimeout(&PLAN, 90_000),
            Call::Announce => self.supervisor.as_mut().expect("armed").announce(),
            Call::Good => {
                let supervisor = self.supervisor.as_mut().expect("armed");
                supervisor.mark_good(1_000).expect("long enough");
            }
            Call::Evaluate(now_us) => {
                let supervisor = self.supervisor.take().expect("armed");
                self.supervisor = match supervisor.evaluate(now_us) {
                    crate::Outcome::Early(next, _) | crate::Outcome::Feed(next, ..) => Some(next),
                    crate::Outcome::Stop(..) => None,
                };
            }
        }
    }
}

/// The memory after these calls, of which the last one is cut after so many stores; and how many stores that one makes.
///
/// The reset leaves a section that is held as it is: nothing is dropped.
fn after(start: &[u32], calls: &[Call], stores: Option<u32>) -> (Vec<u32>, u32) {
    let memory = memory(start);
    let mut run = Run::default();
    let Some((last, before)) = calls.split_last() else { return (words(memory), 0) };
    before.iter().for_each(|call| run.call(memory, *call));
    cut::after(stores);
    run.call(memory, *last);
    let made = cut::stores();
    cut::after(None);
    core::mem::forget(run.section);
    (words(memory), made)
}

fn verdict(words: &[u32]) -> Verdict<2, 2> {
    *judge(memory(words), &PLAN, ResetCauses::WATCHDOG, 0).verdict()
}

/// What follows from a reset in the middle of a call is, part by part, what follows from one before it or after it.
#[track_caller]
fn is_between(cut: &Verdict<2, 2>, before: &Verdict<2, 2>, after: &Verdict<2, 2>) {
    let parts = |verdict: &Verdict<2, 2>| {
        let Verdict { found, abnormal_count, level, blame, may_be_old, .. } = *verdict;
        std::vec![
            std::format!("{found:?}"),
            std::format!("{abnormal_count} {level:?}"),
            std::format!("{blame:?}"),
            std::format!("{may_be_old:?}"),
            std::format!("{}", verdict.is_recovery_interrupted),
            std::format!("{:?}", verdict.earlier.map(|earlier| earlier.culprit)),
        ]
    };
    for ((cut, before), after) in parts(cut).iter().zip(parts(before)).zip(parts(after)) {
        assert!(*cut == before || *cut == after, "{cut} is neither {before} nor {after}");
    }
    // What is torn before and after is torn in between.
    for owner in 0..2 {
        let torn = |verdict: &Verdict<2, 2>| verdict.owners[owner].torn().as_raw();
        let (between, both) = (torn(cut), torn(before) & torn(after));
        assert_eq!(between & both, both, "owner {owner}: {between:#06b}");
        assert_eq!(between & !(torn(before) | torn(after)), 0, "owner {owner}: {between:#06b}");
    }
    for (entity, last) in cut.last_checkpoints.iter().enumerate() {
        let both = [before, after].map(|verdict| verdict.last_checkpoints[entity]);
        assert!(last.is_none() || both.contains(last), "entity {entity}");
    }
    if let Some(uptime_us) = cut.uptime_us {
        assert!([before.uptime_us, after.uptime_us].contains(&Some(uptime_us)));
    }
}

const WATCHDOG: ResetCauses = ResetCauses::WATCHDOG;

/// Runs, one after the other.
const RUNS: &[&[Call]] = &[
    &[
        Call::Judge(ResetCauses::POWER_ON),
        Call::Cleared,
        Call::Start,
        Call::Evaluate(70_000),
        Call::Hit,
        Call::Enter,
        Call::Abandon,
        Call::Finish,
        Call::Enter,
        Call::Pretimeout,
    ],
    &[Call::Judge(WATCHDOG), Call::Recover, Call::Revalidate, Call::Start, Call::Announce],
    &[Call::Judge(ResetCauses::SOFTWARE), Call::Start, Call::Hit, Call::Abandon],
    &[Call::Judge(WATCHDOG), Call::Cleared, Call::Recover],
    &[Call::Judge(WATCHDOG), Call::Start, Call::Enter, Call::Evaluate(10_000)],
    &[Call::Judge(WATCHDOG), Call::Start, Call::Good, Call::Enter, Call::Finish],
    &[Call::Judge(ResetCauses::UNKNOWN), Call::Start, Call::Pretimeout],
];

/// The memories in which a life can begin: never written, garbage, one of another plan, and one of this plan whose sequence comes round.
fn starts() -> Vec<Vec<u32>> {
    let garbage = std::vec![0x5A5A_A5A5; Memory::WORDS];
    let other = memory(&garbage);
    let _ = judge(other, &OTHER_PLAN, WATCHDOG, 0).start();
    let wrapping = memory(&garbage);
    let _ = judge(wrapping, &PLAN, WATCHDOG, 0).start();
    wrapping.fixed.slots.set_sequence(u32::MAX - 7);
    std::vec![std::vec![0; Memory::WORDS], garbage, words(other), words(wrapping)]
}

#[test]
fn a_reset_at_every_store_is_survived() {
    let mut cuts = 0;
    for mut start in starts() {
        for run in RUNS {
            for calls in 1..=run.len() {
                let calls = &run[..calls];
                let before = after(&start, &calls[..calls.len() - 1], None).0;
                let (whole, stores) = after(&start, calls, None);
                for store in 0..=stores {
                    let (cut, _) = after(&start, calls, Some(store));
                    let (cut, before, whole) = (verdict(&cut), verdict(&before), verdict(&whole));
                    is_between(&cut, &before, &whole);
                    cuts += 1;
                }
            }
            start = after(&start, run, None).0;
        }
    }
    assert!(cuts > 1_900, "{cuts}");
}

/// A section that is held is torn at the next boot wherever the reset comes in it, and in the boots after it until it is revalidated.
#[test]
fn a_section_stays_torn_over_resets_at_every_store_of_a_boot() {
    let held = &[Call::Judge(ResetCauses::POWER_ON), Call::Start, Call::Enter];
    let start = after(&[], held, None).0;
    let (_, stores) = after(&start, &[Call::Judge(WATCHDOG)], None);
    for first in 0..=stores {
        let once = after(&start, &[Call::Judge(WATCHDOG)], Some(first)).0;
        for second in 0..=stores {
            let twice = after(&once, &[Call::Judge(WATCHDOG)], Some(second)).0;
            assert!(verdict(&twice).torn().contains(LIMITS), "{first} and {second}");
        }
    }
}

/// The same of a boot that is counted: no reset loses the count.
#[test]
fn no_reset_loses_the_count() {
    let start = after(&[], &[Call::Judge(ResetCauses::POWER_ON), Call::Start], None).0;
    let start = after(&start, &[Call::Judge(WATCHDOG)], None).0;
    assert_eq!(verdict(&start).abnormal_count, 2);
    let (_, stores) = after(&start, &[Call::Judge(WATCHDOG)], None);
    for first in 0..=stores {
        let once = after(&start, &[Call::Judge(WATCHDOG)], Some(first)).0;
        let counted = verdict(&once).abnormal_count;
        // The slot is whole after 16 stores.
        assert_eq!(counted, if first < 16 { 2 } else { 3 }, "{first} stores");
    }
}
