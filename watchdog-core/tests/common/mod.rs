//! What the tests share: watchdogs that are plain structures, and plan A of the reports.
#![allow(dead_code, unreachable_pub, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use watchdog_core::boot::Boot;
use watchdog_core::plan::{
    Alive, Builder, cycle_us, hardware, process_safety_time_us, reset_to_safe_us, timeout_us,
};
use watchdog_core::{
    Armed, BootGuard, Cells, Checkpoint, Cold, Culprit, Dog, Entity, Hardware, Health, Outcome,
    Owner, Permit, Plan, State, Supervisor, Watchdog,
};

pub const MS: u64 = 1_000;
/// The checkpoint that entities are counted by.
pub const ALIVE: Checkpoint = Checkpoint::of::<0>();

/// A watchdog that takes what it is told, and can be looked at while a dog owns it.
#[derive(Clone, Default)]
pub struct Fake(pub Rc<RefCell<Inside>>);

#[derive(Default)]
pub struct Inside {
    pub state: Option<State>,
    /// What it sets instead of what is asked for.
    pub sets_us: Option<u32>,
    pub counter_us: Option<u32>,
    pub asked: Vec<Hardware>,
    pub feeds: u32,
    pub state_calls: u32,
}

impl Fake {
    pub fn running(timeout_us: u32, is_locked: bool) -> Self {
        let fake = Self::default();
        fake.0.borrow_mut().state = Some(State::Running { timeout_us, is_locked });
        fake
    }

    pub fn feeds(&self) -> u32 {
        self.0.borrow().feeds
    }
}

impl Watchdog for Fake {
    type Error = Infallible;

    fn state(&mut self) -> Result<State, Infallible> {
        let mut inside = self.0.borrow_mut();
        inside.state_calls += 1;
        Ok(inside.state.unwrap_or(State::Stopped))
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, Infallible> {
        let mut inside = self.0.borrow_mut();
        let timeout_us = inside.sets_us.unwrap_or(*asked.timeouts_us().end());
        inside.state = Some(State::Running { timeout_us, is_locked: false });
        inside.asked.push(asked);
        Ok(timeout_us)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Infallible> {
        self.0.borrow_mut().feeds += 1;
        Ok(())
    }

    fn counter_us(&mut self) -> Option<u32> {
        self.0.borrow().counter_us
    }
}

/// Plan A of the reports, to which the entities are added: T 10, late by 2, timeout 80 to 100, process safety time 500.
pub const fn plan_a<const N: usize, const D: usize, const F: usize>() -> Builder<N, D, F> {
    Plan::builder(
        cycle_us(10_000).late_max_us(2_000),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(500_000),
        reset_to_safe_us(30_000),
    )
}

/// Alive supervision of [`ALIVE`].
pub const fn per_cycle(count: u32, min_margin: i32, max_margin: i32) -> Alive {
    watchdog_core::plan::alive(ALIVE, watchdog_core::plan::per_cycle(count), min_margin, max_margin)
}

pub fn cold<const N: usize, const D: usize, const F: usize>(
    plan: &'static Plan<N, D, F>,
) -> Supervisor<Cold, N, D, F> {
    Supervisor::new(Box::leak(Box::new(Cells::new(plan))), BootGuard::without_memory())
}

/// An armed supervisor, its handles and its dog.
#[allow(clippy::type_complexity)]
pub fn armed<const N: usize, const D: usize, const F: usize>(
    plan: &'static Plan<N, D, F>,
    now_us: u64,
) -> (Supervisor<Armed, N, D, F>, [Entity<N, D, F>; N], Dog<Fake>, Fake) {
    let fake = Fake::default();
    let mut dog = Dog::new(fake.clone());
    let (supervisor, entities) = cold(plan).arm(&mut dog, now_us).expect("armed");
    (supervisor, entities, dog, fake)
}

/// A run: a boot that is started, and its supervisor armed at 0.
pub struct Run<const N: usize, const O: usize> {
    pub supervisor: Option<Supervisor<Armed, N>>,
    pub entities: [Entity<N>; N],
    pub owners: [Owner; O],
}

impl<const N: usize, const O: usize> Run<N, O> {
    pub fn start(boot: Boot<N, O>, plan: &'static Plan<N>) -> Self {
        let (guard, owners) = boot.start();
        let cells = Box::leak(Box::new(Cells::new(plan)));
        let armed = Supervisor::new(cells, guard).arm(&mut Dog::new(Fake::default()), 0);
        let (supervisor, entities) = armed.expect("armed");
        Self { supervisor: Some(supervisor), entities, owners }
    }

    /// Every entity is alive until so many ms.
    pub fn go_on(&mut self, until_ms: u64) {
        let mut supervisor = self.supervisor.take().expect("it runs");
        while supervisor.due_us() <= until_ms * MS {
            let due_us = supervisor.due_us();
            self.entities.iter().for_each(|entity| entity.hit(ALIVE, due_us - 1));
            (supervisor, _) = fed(supervisor.evaluate(due_us));
        }
        self.supervisor = Some(supervisor);
    }
}

pub fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Expects a permit, and drops it.
#[track_caller]
pub fn fed<const N: usize, const D: usize, const F: usize>(
    outcome: Outcome<N, D, F>,
) -> (Supervisor<Armed, N, D, F>, Health) {
    match outcome {
        Outcome::Feed(supervisor, _, health) => (supervisor, health),
        other => panic!("a permit was expected: {other:?}"),
    }
}

#[track_caller]
pub fn stopped<const N: usize, const D: usize, const F: usize>(
    outcome: Outcome<N, D, F>,
) -> Culprit {
    match outcome {
        Outcome::Stop(_, culprit) => culprit,
        other => panic!("a stop was expected: {other:?}"),
    }
}
