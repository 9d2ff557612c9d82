//! Any order of events, against a plain model that is written from the standard's tables: full instants, no words, no epochs. The tests
//! call this with bytes of proptest, the fuzz target with what libFuzzer finds.
#![allow(dead_code, unreachable_pub)]

pub mod reset;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use ::watchdog_core::plan::{
    self, Budget, alive, bounded, budget_us, cycle_us, from, hardware, mode, per_cycles,
    process_safety_time_us, reset_to_safe_us, timeout_us, tolerance, until,
};
use ::watchdog_core::{
    BootGuard, Cells, Checkpoint, Dog, Entity, EntityId, GlobalStatus, Hardware, LocalStatus, Mode,
    Outcome, Permit, Plan, State, Supervisor, Watchdog,
};

const A: Checkpoint = Checkpoint::of::<0>();
const B: Checkpoint = Checkpoint::of::<1>();
const C: Checkpoint = Checkpoint::of::<2>();
const OTHER: Mode = Mode::of::<1>();
const ERASE: Mode = Mode::of::<2>();
const SLEEP: Mode = Mode::of::<3>();
const T: u64 = 1_000;
const LATE: u64 = 100;

struct Always;

impl Watchdog for Always {
    type Error = Infallible;

    fn state(&mut self) -> Result<State, Infallible> {
        Ok(State::Running { timeout_us: 9_000, is_locked: true })
    }

    fn arm(&mut self, _asked: Hardware) -> Result<u32, Infallible> {
        Ok(9_000)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The numbers of a plan of two entities: the first has all three supervisions, the second is counted over more cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Numbers {
    tolerance: [u8; 2],
    cycles: [u8; 2],
    min: u64,
    max: u64,
    grace: u8,
    start_up: u64,
}

const ERASE_US: u64 = 3_500;
const SLEEP_US: u64 = 20_000;

impl Numbers {
    /// The plan of these numbers. There are not many, and each is made once.
    fn plan(&self) -> &'static Plan<2, 1, 1> {
        static PLANS: Mutex<BTreeMap<Numbers, &'static Plan<2, 1, 1>>> =
            Mutex::new(BTreeMap::new());
        let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
        plans.entry(*self).or_insert_with(|| self.new_plan())
    }

    fn new_plan(&self) -> &'static Plan<2, 1, 1> {
        let safe = |us: u64| budget_us(us as u32).outputs_safe();
        let paused: Budget = safe(SLEEP_US).watchdog_paused();
        let modes = Box::leak(Box::new([
            mode(OTHER, "other", &["two"]),
            bounded(ERASE, "erase", safe(ERASE_US)),
            bounded(SLEEP, "sleep", paused),
        ]));
        let plan = Plan::builder(
            cycle_us(T as u32).late_max_us(LATE as u32),
            hardware(timeout_us(8_000..=9_000)),
            process_safety_time_us(u32::MAX),
            reset_to_safe_us(0),
        )
        .entity("one", alive(A, per_cycles(2, self.cycles[0]), -1, 1), tolerance(self.tolerance[0]))
        .deadline("one", B, C, self.min as u32..=self.max as u32)
        .flow("one", from(&[B]), &[(B, C), (C, A), (A, B)], until(&[A]))
        .entity("two", alive(A, per_cycles(1, self.cycles[1]), 0, 2), tolerance(self.tolerance[1]))
        .modes(modes)
        .grace(self.grace)
        .start_up(safe(self.start_up));
        Box::leak(Box::new(plan.try_build().unwrap()))
    }
}

/// An entity of the model.
#[derive(Clone, Debug)]
struct Model {
    status: LocalStatus,
    bad: u8,
    hits: u64,
    /// Ends of cycles up to the judgement; more than the reference cycle while what is left of a cycle runs.
    wait: u8,
    judged: bool,
    good: bool,
    /// Whether a deadline or logical fault came while it was supervised without a break.
    fault: bool,
    span: Span,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Span {
    Idle,
    /// Open since, and whether it was supervised throughout.
    Open(u64, bool),
    /// After a fault nobody follows it; whether that was in this stretch of supervision.
    Lost(bool),
}

/// Where the graph stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Nowhere,
    After(Checkpoint),
    /// After a fault nobody follows it.
    Lost,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    StartUp,
    Supervising,
    Erase(u64),
    Sleep(u64),
}

struct World {
    numbers: Numbers,
    entities: [Model; 2],
    /// The first checkpoint of a stretch of supervision may go on or begin anew.
    is_first: bool,
    phase: Phase,
    mode: Mode,
    due: u64,
    armed: u64,
    expired: bool,
    grace: u8,
    stopped: bool,
    owed: bool,
}

impl World {
    fn hit(&mut self, entity: usize, checkpoint: Checkpoint, now: u64) {
        if checkpoint == A {
            self.entities[entity].hits += 1;
        }
        if entity == 1 {
            return;
        }
        let numbers = self.numbers;
        let one = &mut self.entities[0];
        one.span = match (checkpoint, one.span) {
            (B, Span::Idle | Span::Open(_, false) | Span::Lost(false)) => Span::Open(now, true),
            (C, Span::Open(_, false) | Span::Lost(false)) => Span::Idle,
            (C, Span::Open(since, true)) => {
                let took = now.saturating_sub(since);
                if took < numbers.min || took > numbers.max {
                    one.fault = true;
                    Span::Lost(true)
                } else {
                    Span::Idle
                }
            }
            (B, Span::Open(_, true)) | (C, Span::Idle) => {
                one.fault = true;
                Span::Lost(true)
            }
            (_, span) => span,
        };
        // A -> B -> C -> A; A is final.
        let successor = |before| if before == B { C } else { A };
        let right = match one.at {
            At::Nowhere => checkpoint == B,
            At::After(before) => {
                checkpoint == successor(before) || (self.is_first && checkpoint == B)
            }
            At::Lost => self.is_first,
        };
        if one.at == At::Lost && !self.is_first {
            return;
        }
        self.is_first = false;
        one.at = match (right, checkpoint) {
            (true, A) => At::Nowhere,
            (true, _) => At::After(checkpoint),
            (false, _) => {
                one.fault = true;
                At::Lost
            }
        };
    }

    /// A stretch of supervision without a break begins.
    fn begin(&mut self, entity: usize, extra: u8) {
        let cycles = self.numbers.cycles[entity];
        let one = &mut self.entities[entity];
        (one.wait, one.hits, one.fault) = (cycles + extra, 0, false);
        one.span = match one.span {
            Span::Open(since, _) => Span::Open(since, false),
            Span::Lost(_) => Span::Lost(false),
            Span::Idle => Span::Idle,
        };
        if entity == 0 {
            self.is_first = true;
        }
    }

    fn is_active(&self, entity: usize) -> bool {
        entity == 1 || self.mode == Mode::FIRST
    }

    fn begin_all(&mut self, extra: u8) {
        for entity in 0..2 {
            if self.is_active(entity) && self.entities[entity].status != LocalStatus::Expired {
                self.begin(entity, extra);
            }
        }
    }

    /// What an evaluation gives: early, a permit, or the stop.
    fn evaluate(&mut self, now: u64) -> Answer {
        if self.stopped {
            return Answer::Stop;
        }
        match self.phase {
            Phase::Erase(since) if now > since + ERASE_US => return self.stop(),
            Phase::Sleep(since) if now > since + SLEEP_US => return self.stop(),
            Phase::Sleep(since) => return Answer::Early(since + SLEEP_US),
            _ => {}
        }
        if now < self.due {
            // The first call alone gives it, whatever the clock says later.
            let is_owed = core::mem::take(&mut self.owed);
            if is_owed && now <= self.armed + self.numbers.start_up {
                return Answer::Feed;
            }
            return Answer::Early(self.due);
        }
        self.owed = false;
        let end = self.due;
        let mut is_bad = now > end + LATE;
        while self.due <= now {
            self.due += T;
        }
        match self.phase {
            Phase::StartUp if end >= self.armed + self.numbers.start_up => {
                self.phase = Phase::Supervising;
                self.begin_all(0);
            }
            Phase::Supervising => {
                is_bad |= (0..2).fold(false, |bad, entity| self.judge(entity, now) | bad);
            }
            _ => {}
        }
        if is_bad && !self.expired {
            (self.expired, self.grace) = (true, self.numbers.grace);
        }
        if self.expired {
            if self.grace == 0 {
                return self.stop();
            }
            self.grace -= 1;
        }
        Answer::Feed
    }

    /// Judges an entity at the end of a cycle; whether it expires now.
    fn judge(&mut self, entity: usize, now: u64) -> bool {
        let Numbers { cycles, tolerance, max, .. } = self.numbers;
        let one = &mut self.entities[entity];
        if !matches!(one.status, LocalStatus::Ok | LocalStatus::Failed) {
            return false;
        }
        one.wait -= 1;
        if one.wait == cycles[entity] {
            one.hits = 0;
        }
        let mut expires = one.fault;
        if let Span::Open(since, true) = one.span {
            expires |= now.saturating_sub(since) > max;
        }
        if one.wait == 0 {
            one.wait = cycles[entity];
            one.judged = true;
            if (1..=3).contains(&one.hits) {
                one.good = true;
                one.bad = one.bad.saturating_sub(1);
            } else if one.bad == tolerance[entity] {
                expires = true;
            } else {
                one.bad += 1;
            }
            one.status = if one.bad == 0 { LocalStatus::Ok } else { LocalStatus::Failed };
            one.hits = 0;
        }
        if expires {
            one.status = LocalStatus::Expired;
        }
        expires
    }

    fn stop(&mut self) -> Answer {
        self.stopped = true;
        Answer::Stop
    }

    fn switch(&mut self, mode: Mode, now: u64) -> bool {
        if self.stopped || self.expired || self.phase != Phase::Supervising {
            return false;
        }
        let active: Vec<_> = (0..2).filter(|entity| self.is_active(*entity)).collect();
        if active.iter().any(|entity| !self.entities[*entity].judged) {
            return false;
        }
        if mode == ERASE || mode == SLEEP {
            if active.iter().any(|entity| !self.entities[*entity].good) {
                return false;
            }
            self.entities.iter_mut().for_each(|one| (one.judged, one.good) = (false, false));
            self.phase = if mode == ERASE { Phase::Erase(now) } else { Phase::Sleep(now) };
            return true;
        }
        self.mode = mode;
        self.entities.iter_mut().for_each(|one| one.judged = false);
        let is_active = mode == Mode::FIRST;
        match (self.entities[0].status, is_active) {
            (LocalStatus::Deactivated, true) => {
                self.entities[0].status = LocalStatus::Ok;
                self.begin(0, 1);
            }
            (LocalStatus::Ok | LocalStatus::Failed, false) => {
                self.entities[0].status = LocalStatus::Deactivated;
                self.entities[0].good = false;
                self.entities[0].hits = 0;
            }
            _ => {}
        }
        true
    }

    fn leave(&mut self, now: u64) -> bool {
        let (since, budget) = match self.phase {
            _ if self.stopped => return false,
            Phase::Erase(since) => (since, ERASE_US),
            Phase::Sleep(since) => (since, SLEEP_US),
            _ => return false,
        };
        if now > since + budget {
            self.stopped = true;
            return false;
        }
        if budget == SLEEP_US {
            self.due = now + T;
            self.begin_all(0);
        } else {
            self.begin_all(1);
        }
        self.phase = Phase::Supervising;
        true
    }

    fn global(&self) -> GlobalStatus {
        if self.stopped { GlobalStatus::Stopped } else { GlobalStatus::Expired }
    }
}

#[derive(Debug, PartialEq)]
enum Answer {
    Early(u64),
    Feed,
    Stop,
}

/// Bytes, from the front; 0 when they are used up.
pub struct Bytes<'a>(Cell<&'a [u8]>);

impl Bytes<'_> {
    fn next(&self) -> u8 {
        let Some((first, rest)) = self.0.get().split_first() else { return 0 };
        self.0.set(rest);
        *first
    }

    fn is_empty(&self) -> bool {
        self.0.get().is_empty()
    }
}

/// Plays the events of a script, and compares each answer and each status. `place` gives the cells a place.
pub fn model(bytes: &[u8], place: impl FnOnce(Cells<2, 1, 1>) -> &'static mut Cells<2, 1, 1>) {
    let bytes = Bytes(Cell::new(bytes));
    let (one, two, three) = (bytes.next(), bytes.next(), bytes.next());
    let numbers = Numbers {
        tolerance: [one & 3, one >> 2 & 3],
        cycles: [1 + (one >> 4 & 1), 1 + (one >> 5 & 3)],
        min: u64::from(two & 3) * 40,
        max: u64::from(two & 3) * 40 + u64::from(two >> 2 & 3) * 400,
        grace: three & 3,
        start_up: u64::from(three >> 2 & 7) * 500,
    };
    // Some begin before 32 bits come round, some high up.
    let armed = [0, (1 << 32) - 5_000, 1 << 62][usize::from(three >> 5) % 3];
    let plan = numbers.plan();
    let mut dog = Dog::new(Always);
    let (supervisor, entities) =
        Supervisor::new(place(Cells::new(plan)), BootGuard::without_memory())
            .arm(&mut dog, armed)
            .expect("it runs");
    let entity = |status| Model {
        status,
        bad: 0,
        hits: 0,
        wait: 0,
        judged: false,
        good: false,
        fault: false,
        span: Span::Idle,
        at: At::Nowhere,
    };
    let mut world = World {
        numbers,
        entities: [entity(LocalStatus::Ok), entity(LocalStatus::Ok)],
        is_first: false,
        phase: if numbers.start_up > 0 { Phase::StartUp } else { Phase::Supervising },
        mode: Mode::FIRST,
        due: armed + T,
        armed,
        expired: false,
        grace: 0,
        stopped: false,
        owed: true,
    };
    world.begin_all(0);
    play(supervisor, &entities, &mut dog, &mut world, &bytes);
}

fn play(
    mut supervisor: Supervisor<::watchdog_core::Armed, 2, 1, 1>,
    entities: &[Entity<2, 1, 1>; 2],
    dog: &mut Dog<Always>,
    world: &mut World,
    bytes: &Bytes<'_>,
) {
    let (mut now, mut latest) = (world.armed, world.armed);
    while !bytes.is_empty() {
        let event = bytes.next();
        latest = latest.max(now);
        match event & 15 {
            0..=2 => {
                let checkpoint = [A, B, C][usize::from(event & 3)];
                entities[0].hit(checkpoint, now);
                world.hit(0, checkpoint, now);
            }
            3 => {
                entities[1].hit(A, now);
                world.hit(1, A, now);
            }
            // Right walks, so that there is something to lose.
            4 | 5 => {
                for (checkpoint, after) in [(B, 0), (C, world.numbers.min), (A, 0)] {
                    now += after;
                    entities[0].hit(checkpoint, now);
                    world.hit(0, checkpoint, now);
                }
                entities[1].hit(A, now);
                world.hit(1, A, now);
            }
            6 => now += u64::from(event >> 4) * 10,
            7 => now = now.saturating_sub(u64::from(event >> 4)),
            8..=11 => {
                if event & 15 < 11 {
                    now = now.max(world.due + u64::from(event >> 4) * 7);
                }
                latest = latest.max(now);
                let answer = world.evaluate(now);
                let (next, ours) = match supervisor.evaluate(now) {
                    Outcome::Early(next, due) => (Some(next), Answer::Early(due)),
                    Outcome::Feed(next, permit, _) => {
                        assert_eq!(dog.feed(permit, now), Ok(()));
                        (Some(next), Answer::Feed)
                    }
                    Outcome::Stop(_, culprit) => {
                        assert!(culprit.at_us <= latest, "{culprit}");
                        (None, Answer::Stop)
                    }
                };
                assert_eq!(ours, answer, "at {now}");
                let Some(next) = next else { return };
                supervisor = next;
            }
            12 | 13 => {
                let mode = [Mode::FIRST, OTHER, ERASE, SLEEP][usize::from(event >> 4 & 3)];
                assert_eq!(
                    supervisor.switch(mode, now).is_ok(),
                    world.switch(mode, now),
                    "at {now}"
                );
            }
            14 => {
                assert_eq!(supervisor.leave(dog, now).is_ok(), world.leave(now), "at {now}");
            }
            _ => now += u64::from(event >> 4) * 1_500,
        }
        for (index, one) in world.entities.iter().enumerate() {
            let status = supervisor.status_of(EntityId::new(index as u8));
            assert_eq!(status, Some(one.status), "entity {index} at {now}");
        }
        if world.stopped || world.expired {
            assert_eq!(supervisor.status(), world.global());
        }
    }
}

/// Any numbers make a plan or a contradiction that says which; a plan that is made keeps its promises.
pub fn plans(bytes: &[u8]) {
    let bytes = Bytes(Cell::new(bytes));
    while !bytes.is_empty() {
        let long = || {
            let (value, shift) = (u32::from(bytes.next()), u32::from(bytes.next()) % 25);
            value.wrapping_shl(shift)
        };
        let (expected, min, max) = (long(), bytes.next() as i8, bytes.next() as i8);
        let result = Plan::<1, 1>::builder(
            cycle_us(long()).late_max_us(long()),
            hardware(timeout_us(long()..=long()))
                .window_us(long())
                .tolerance_permille(long() as u16),
            process_safety_time_us(long()),
            reset_to_safe_us(long()),
        )
        .entity(
            "one",
            alive(A, per_cycles(expected, bytes.next()), i32::from(min), i32::from(max)),
            tolerance(bytes.next()),
        )
        .deadline("one", A, B, long()..=long())
        .start_up(budget_us(long()))
        .grace(bytes.next())
        .try_build();
        match result {
            Ok(plan) => {
                let hardware = plan.hardware();
                let (cycle, late) = (u64::from(plan.cycle_us()), u64::from(plan.late_max_us()));
                assert!(cycle + late < hardware.bites_after_us());
                assert!(hardware.surely_open_us() < cycle - late);
                assert!(plan.worst_detection_us() < plan.worst_reaction_us());
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                let _: plan::Who = error.who();
            }
        }
    }
}
