//! Every state that a supervisor of a small plan can reach, by every event in each: what holds in all of them.
//!
//! States are the same that differ only in the instant, the number of the cycle and the epoch: there are finitely many, and all are
//! visited. `EVERY_INSTANT=1` arms each plan at 0, before 32 bits come round, and high up; without it each at one of them.
#![allow(clippy::indexing_slicing, clippy::panic)]

use std::boxed::Box;
use std::collections::HashSet;
use std::vec::Vec;

use super::{Core, Supervisor, Verdict};
use crate::boot::BootGuard;
use crate::cells::{Cells, EntityCell, Own, Phase};
use crate::checkpoint::Checkpoint;
use crate::culprit::Culprit;
use crate::entity::Entity;
use crate::epoch::beside_epoch;
use crate::hardware::Hardware;
use crate::mode::Mode;
use crate::permit::Permit;
use crate::plan::{
    ModePlan, Plan, alive, bounded, budget_us, cycle_us, from, hardware, mode, per_cycle,
    per_cycles, process_safety_time_us, reset_to_safe_us, timeout_us, tolerance, until,
};
use crate::status::{GlobalStatus, LocalStatus, Record};
use crate::window::{Dog, State, Watchdog};
use crate::word::Word;

const A: Checkpoint = Checkpoint::of::<0>();
const B: Checkpoint = Checkpoint::of::<1>();
const C: Checkpoint = Checkpoint::of::<2>();
const OTHER: Mode = Mode::of::<1>();
const ERASE: Mode = Mode::of::<2>();
const SLEEP: Mode = Mode::of::<3>();
const T: u64 = 100;

const MODES: &[ModePlan] = &[
    mode(OTHER, "other", &["two", "advisory"]),
    bounded(ERASE, "erase", budget_us(150)),
    bounded(SLEEP, "sleep", budget_us(150).watchdog_paused()),
];

/// Two entities that withhold the permit, one with all three supervisions, and an advisory one.
const fn plan(cycles_survived: u8, evaluations: u8, start_up_us: u32) -> Plan<3, 1, 1> {
    Plan::builder(
        cycle_us(100).late_max_us(10),
        hardware(timeout_us(1_000..=2_000)),
        process_safety_time_us(u32::MAX),
        reset_to_safe_us(0),
    )
    .entity("one", alive(A, per_cycle(1), 0, 0), tolerance(cycles_survived))
    .deadline("one", B, C, 10..=20)
    .flow("one", from(&[B]), &[(B, C)], until(&[C]))
    .entity("two", alive(A, per_cycles(1, 2), 0, 1), tolerance(0))
    .entity("advisory", alive(A, per_cycle(1), 0, 0), tolerance(0))
    .advisory("advisory")
    .modes(MODES)
    .grace(evaluations)
    .start_up(budget_us(start_up_us))
    .build()
}

/// What can happen in a state.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// What the three entities do, the advisory one as the second, and an evaluation at the end of the cycle.
    Cycle {
        one: One,
        two: bool,
    },
    /// An evaluation that is late, early, or at an instant that has been.
    Late(u64),
    Early,
    Back,
    Switch(Mode),
    Leave,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum One {
    Good,
    Dead,
    TooLate,
    OutOfOrder,
    /// A span that is left open.
    Open,
}

fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for one in [One::Good, One::Dead, One::TooLate, One::OutOfOrder, One::Open] {
        for two in [false, true] {
            events.push(Event::Cycle { one, two });
        }
    }
    events.extend([Event::Late(10), Event::Late(11), Event::Late(1 << 33)]);
    events.extend([Event::Early, Event::Back, Event::Leave]);
    events.extend([Mode::FIRST, OTHER, ERASE, SLEEP].map(Event::Switch));
    events
}

/// A watchdog that always runs.
struct Runs;

impl Watchdog for Runs {
    type Error = core::convert::Infallible;

    fn state(&mut self) -> Result<State, Self::Error> {
        Ok(State::Running { timeout_us: 1_500, is_locked: true })
    }

    fn arm(&mut self, _asked: Hardware) -> Result<u32, Self::Error> {
        Ok(1_500)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// A supervisor that can be put into any state.
struct World {
    core: Core<3, 1, 1>,
    entities: [Entity<3, 1, 1>; 3],
    dog: Dog<Runs>,
}

/// A state, and the instant of the last event.
#[derive(Clone)]
struct Saved {
    own: Own,
    words: Vec<u32>,
    seen: [u32; 3],
    now_us: u64,
    judged: Judged,
}

/// What is known of the judgements without the supervisor's own marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Judged {
    /// Permits since each entity was judged last while it was active.
    unjudged: [u32; 3],
    /// Whether it was judged good since it was activated, and since the last bounded mode.
    good: [bool; 3],
}

impl World {
    fn words(&self) -> Vec<&Word> {
        let shared = self.core.shared;
        let mut words = std::vec![&shared.epoch];
        words.extend(shared.entities.iter().flat_map(|cell| cell.words().0));
        words.extend(shared.deadlines.iter().flat_map(|cell| cell.words()));
        words.extend(shared.flows.iter().flat_map(|cell| cell.words()));
        words
    }

    fn save(&self, now_us: u64, judged: Judged) -> Saved {
        let words = self.words().into_iter().map(Word::glance).collect();
        let seen = self.core.shared.entities.each_ref().map(|cell| cell.words().1.value());
        Saved { own: self.core.own.clone(), words, seen, now_us, judged }
    }

    fn restore(&mut self, saved: &Saved) {
        *self.core.own = saved.own.clone();
        for (word, value) in self.words().into_iter().zip(&saved.words) {
            word.note(*value);
        }
        for (cell, value) in self.core.shared.entities.iter().zip(saved.seen) {
            cell.words().1.set(value);
        }
    }

    /// Plays an event; the verdict of its evaluation, if it has one, and the instant after it.
    fn play(&mut self, event: Event, now_us: u64) -> (Option<Verdict>, u64) {
        let due_us = self.core.own.due_us;
        match event {
            Event::Cycle { one, two } => {
                let at_us = due_us.saturating_sub(50);
                if one != One::Dead {
                    self.entities[0].hit(A, at_us);
                }
                let steps: &[(Checkpoint, u64)] = match one {
                    One::Good => &[(B, 0), (C, 15)],
                    One::TooLate => &[(B, 0), (C, 21)],
                    One::OutOfOrder => &[(C, 0)],
                    One::Open => &[(B, 0)],
                    One::Dead => &[],
                };
                for (checkpoint, after_us) in steps {
                    self.entities[0].hit(*checkpoint, at_us + after_us);
                }
                if two {
                    self.entities[1].hit(A, at_us);
                    self.entities[2].hit(A, at_us);
                }
                (Some(self.core.evaluate(due_us)), due_us.max(now_us))
            }
            Event::Late(late_us) => {
                let now_us = due_us.saturating_add(late_us);
                (Some(self.core.evaluate(now_us)), now_us)
            }
            Event::Early => {
                let early_us = now_us.max(due_us.saturating_sub(1));
                (Some(self.core.evaluate(early_us)), now_us)
            }
            Event::Back => (Some(self.core.evaluate(now_us.saturating_sub(T))), now_us),
            Event::Switch(mode) => {
                let _refused = self.core.switch(mode, now_us);
                (None, now_us)
            }
            Event::Leave => {
                let _refused = self.core.leave(&mut self.dog, now_us);
                (None, now_us)
            }
        }
    }

    /// The state without the instant, the number of the cycle and the epoch.
    fn key(&self, now_us: u64) -> Vec<u64> {
        let (own, shared) = (&*self.core.own, self.core.shared);
        let relative = |instant_us: u64| instant_us.wrapping_sub(own.due_us);
        let since_us = match own.phase {
            Phase::Supervising | Phase::Stopped => 0,
            Phase::StartUp | Phase::Bounded(_) => relative(own.since_us),
        };
        let phase = match own.phase {
            Phase::StartUp => 1000,
            Phase::Supervising => 1001,
            Phase::Stopped => 1002,
            Phase::Bounded(index) => u64::from(index),
        };
        let mut key = std::vec![
            relative(now_us),
            since_us,
            phase,
            own.status as u64,
            own.mode.as_raw().into(),
            own.grace_left.into(),
            own.is_owed_a_feed.into(),
            own.first.culprit.is_some().into(),
            own.first_advisory.culprit.is_some().into(),
        ];
        for cell in &shared.entities {
            let record = cell.record();
            key.push(beside_epoch(record.to_word()).into());
            // What is past every limit is all the same.
            let is_expired = record.status() == LocalStatus::Expired;
            key.push(if is_expired { 0 } else { cell.count().min(3).into() });
        }
        let epochs = shared.entities[0].epochs(shared.epoch.own());
        let [stamp, state] = shared.deadlines[0].words().map(Word::glance);
        let is_open = beside_epoch(state) == 1;
        key.extend([u64::from(epochs.contain(state)), beside_epoch(state).into()]);
        #[allow(clippy::cast_possible_truncation)]
        key.push(if is_open {
            (own.due_us as u32).wrapping_sub(stamp).min(1_000).into()
        } else {
            0
        });
        let [_, state] = shared.flows[0].words().map(Word::glance);
        key.extend([u64::from(epochs.contain(state)), beside_epoch(state).into()]);
        key
    }

    fn records(&self) -> [Record; 3] {
        self.core.shared.entities.each_ref().map(EntityCell::record)
    }
}

/// What must hold between the states before and after an event.
fn check(world: &World, before: &Saved, verdict: Option<&Verdict>) -> Judged {
    let own = &*world.core.own;
    let was: Vec<Record> =
        [1, 4, 7].iter().map(|word| Record::from_word(before.words[*word])).collect();
    let records = world.records();
    // Stopped is final, EXPIRED does not heal, and the first culprit stays.
    if before.own.status == GlobalStatus::Stopped {
        assert_eq!(own.status, GlobalStatus::Stopped);
        assert!(verdict.is_none_or(|verdict| matches!(verdict, Verdict::Stop(_))));
    }
    if before.own.status == GlobalStatus::Expired {
        assert!(matches!(own.status, GlobalStatus::Expired | GlobalStatus::Stopped));
    }
    let stays = |was: Option<Culprit>, is: Option<Culprit>| was.is_none() || was == is;
    assert!(stays(before.own.first.culprit, own.first.culprit));
    assert!(stays(before.own.first_advisory.culprit, own.first_advisory.culprit));
    for (was, is) in was.iter().zip(&records) {
        assert!(was.status() != LocalStatus::Expired || is.status() == LocalStatus::Expired);
    }
    // A permit comes only while all that withhold it are within their tolerance, in the grace, or while nothing is judged.
    let Judged { mut unjudged, mut good } = before.judged;
    let is_fed = matches!(verdict, Some(Verdict::Feed(..)));
    for (index, record) in records.iter().enumerate() {
        let is_expired = record.status() == LocalStatus::Expired;
        let withholds = index < 2;
        if is_fed && withholds && is_expired {
            assert_eq!(own.status, GlobalStatus::Expired);
        }
        // An entity that is active and never judged is not fed for: the start-up and the bounded modes together are short.
        if record.is_judged() || !record.is_supervised() {
            unjudged[index] = 0;
        } else if is_fed {
            unjudged[index] += 1;
        }
        assert!(!withholds || unjudged[index] <= 8, "entity {index}: {} permits", unjudged[index]);
    }
    if is_fed && own.status == GlobalStatus::Expired {
        assert!(
            before.own.status != GlobalStatus::Expired || own.grace_left < before.own.grace_left
        );
    }
    if let Some(Verdict::Stop(culprit)) = verdict {
        assert_eq!(own.first.culprit, Some(*culprit));
    }
    // A bounded mode is entered only after each active entity that withholds the permit was judged good.
    for (index, (was, is)) in was.iter().zip(&records).enumerate() {
        let ended = own.cycle != before.own.cycle && before.own.phase == Phase::Supervising;
        if ended && was.is_supervised() && was.clone().end_cycle() == 0 {
            let total = world.core.shared.entities[index].alive.count();
            let count = total.wrapping_sub(before.seen[index]);
            let (min, max) = [(1, 1), (1, 2), (1, 1)][index];
            good[index] |= (min..=max).contains(&count);
        }
        good[index] &= is.is_supervised();
    }
    if matches!(own.phase, Phase::Bounded(_)) && before.own.phase == Phase::Supervising {
        for index in 0..2 {
            assert!(good[index] || !records[index].is_supervised(), "entity {index}");
        }
        good = [false; 3];
    }
    Judged { unjudged, good }
}

/// Visits every state; how many there are, and how many events were played.
fn visit(plan: &'static Plan<3, 1, 1>, armed_us: u64) -> (usize, usize) {
    let cells = Box::leak(Box::new(Cells::new(plan)));
    let mut dog = Dog::new(Runs);
    let Ok((supervisor, entities)) =
        Supervisor::new(cells, BootGuard::without_memory()).arm(&mut dog, armed_us)
    else {
        panic!("it runs")
    };
    let mut world = World { core: supervisor.core, entities, dog };
    let events = events();
    let mut seen = HashSet::from([(world.key(armed_us), Judged::default())]);
    let mut open = std::vec![world.save(armed_us, Judged::default())];
    let mut played = 0;
    while let Some(state) = open.pop() {
        for event in &events {
            world.restore(&state);
            let (verdict, now_us) = world.play(*event, state.now_us);
            played += 1;
            let judged = check(&world, &state, verdict.as_ref());
            if seen.insert((world.key(now_us), judged)) {
                open.push(world.save(now_us, judged));
            }
        }
        assert!(seen.len() < 2_000_000, "the states do not end");
    }
    (seen.len(), played)
}

#[test]
fn what_holds_in_every_state_that_can_be_reached() {
    static PLANS: [(u64, Plan<3, 1, 1>); 4] = [
        (0, plan(0, 0, 0)),
        ((1 << 32) - 450, plan(1, 0, 150)),
        (1 << 63, plan(1, 2, 0)),
        (0, plan(2, 1, 0)),
    ];
    let is_all = std::env::var_os("EVERY_INSTANT").is_some();
    for (own_us, plan) in &PLANS {
        for armed_us in [0, (1 << 32) - 450, 1 << 63] {
            if is_all || armed_us == *own_us {
                let (states, events) = visit(plan, armed_us);
                std::println!("armed at {armed_us}: {states} states, {events} events");
                assert!(states > 100_000);
            }
        }
    }
}
