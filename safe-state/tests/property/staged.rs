//! A channel behind an asynchronous bus, under any calls and times, with writes that are dropped at any poll.

use std::cell::RefCell;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use safe_state::channel::{Cause, State};
use safe_state::{
    AnyChannel, AsyncActuator, AsyncDrive, Cleared, Config, OnLoss, Sample, Source, Staged,
    StopCategory, cycle, lease_us, over_us,
};

use super::Choices;
use super::common::{Faults, LIMITS, Set, edge, set};

const LEASE: u64 = 50_000;
static CONFIG: Config<i32> = Config::new(lease_us(50_000), OnLoss::ramp(0, over_us(100_000)));

#[derive(Debug, Default)]
struct Line {
    written: Vec<i32>,
    safe: u32,
    /// A write waits so many polls for its turn.
    waits: u8,
    fails: bool,
    /// Nothing was written since the safe value.
    is_safe: bool,
}

#[derive(Clone, Debug, Default)]
struct Bus(Rc<RefCell<Line>>);

/// Ready at the second poll.
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl AsyncDrive for Bus {
    type Command = i32;
    type Error = ();
    const SAFE: i32 = 0;

    async fn drive(&mut self, command: i32) -> Result<(), ()> {
        let waits = self.0.borrow().waits;
        for _ in 0..waits {
            Turn(false).await;
        }
        let mut line = self.0.borrow_mut();
        if line.fails {
            return Err(());
        }
        line.written.push(command);
        line.is_safe = false;
        Ok(())
    }
}

impl AsyncActuator for Bus {
    type SafeError = ();

    fn drive_safe(&mut self) -> Result<(), ()> {
        let mut line = self.0.borrow_mut();
        line.safe += 1;
        line.is_safe = true;
        Ok(())
    }
}

struct World {
    bus: Bus,
    channel: AnyChannel<Staged<Bus>>,
    faults: Set,
    clearance: Option<Cleared<Faults>>,
    source: Source<i32>,
    sequence: u32,
    now: u64,
    renewed: u64,
    /// What was put last and not written, until when it is fresh, and whether it renews.
    staged: Option<(i32, u64, bool)>,
    is_dropped: bool,
}

/// A byte a call, and those that it takes.
pub fn staged(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let bus = Bus::default();
    let mut world = World {
        channel: AnyChannel::new(Staged::new(bus.clone()), &CONFIG),
        bus,
        faults: set(),
        clearance: None,
        source: Source::new(&LIMITS),
        sequence: 0,
        now: 1_000,
        renewed: 0,
        staged: None,
        is_dropped: false,
    };
    if choices.byte() >= 32 {
        for byte in [0x20, 0x21, 0x22, 0x23] {
            call(&mut world, &mut Choices(&[byte]));
        }
    }
    while !choices.is_empty() {
        call(&mut world, &mut choices);
    }
}

fn call(world: &mut World, choices: &mut Choices<'_>) {
    let byte = choices.byte();
    world.now +=
        [0, 1, 1_000, 10_000, 30_000, 49_000, 150_000, 301_000][usize::from(byte >> 4) % 8];
    let (now, was) = (world.now, world.channel.state());
    let (written, safe) = (world.bus.0.borrow().written.len(), world.bus.0.borrow().safe);
    let mut may_write = false;
    // Whether the call asks the clock of a channel that runs or stops.
    let mut looks = false;
    match byte & 0x0F {
        0 => {
            let _ = world.channel.prove_safe(now);
        }
        1 => world.clearance = world.faults.acknowledge(edge(now)).ok(),
        2 => {
            if let Some(cleared) = world.clearance.take() {
                let _ = world.channel.arm(cleared);
            }
        }
        3 => {
            let is_started = world.channel.start(&world.faults, now).is_ok();
            if is_started {
                (world.renewed, world.staged) = (now, None);
            }
        }
        4 | 5 => looks = put(world, choices, byte & 1 == 0),
        6 | 7 => {
            looks = true;
            world.channel.tick(now);
        }
        8 => {
            looks = true;
            let category = choices.of([StopCategory::Zero, StopCategory::One, StopCategory::Two]);
            world.channel.demand(category, now);
        }
        9 | 10 => {
            (looks, may_write) = (true, true);
            flush(world, None);
        }
        11 => {
            (looks, may_write) = (true, true);
            flush(world, Some(choices.byte() % 4));
        }
        12 => world.bus.0.borrow_mut().waits = choices.byte() % 4,
        13 => {
            let fails = &mut world.bus.0.borrow_mut().fails;
            *fails = !*fails;
        }
        _ => {}
    }
    let (state, line) = (world.channel.state(), world.bus.0.borrow());
    assert!(line.written.len() == written || may_write);
    if world.is_dropped && looks && line.written.len() == written && line.safe > safe {
        assert_eq!((state, world.channel.cause()), (State::Faulted, Cause::WriteAbandoned));
        world.is_dropped = false;
    }
    if (6..=8).contains(&(byte & 0x0F)) {
        match state {
            State::Running => assert!(now < world.renewed + LEASE, "outlives its lease"),
            State::Stopping => {}
            _ => assert!(line.is_safe && line.safe > safe, "{state:?} after {was:?}"),
        }
    }
    if !matches!(state, State::Running) {
        world.staged = None;
    }
}

/// Puts a new sample or the last one again; whether the channel was asked.
fn put(world: &mut World, choices: &mut Choices<'_>, is_new: bool) -> bool {
    let (now, is_running) = (world.now, world.channel.state() == State::Running);
    if is_new {
        world.sequence += 1;
        let value = i32::from(choices.byte() % 3) + 1;
        world.source.offer(Sample::new(value, world.sequence, now), now).unwrap();
    }
    let (channel, source) = (&mut world.channel, &world.source);
    let put = cycle(now, |tick| {
        let fresh = source.fresh(tick).ok()?;
        let (value, until) = (fresh.value(), fresh.valid_until_us());
        Some((channel.running().ok()?.put(fresh, now), value, until))
    });
    let Some((put, value, until)) = put else { return false };
    assert!(is_running);
    if let Ok(put) = put {
        assert!(!world.is_dropped, "put after a write that was dropped");
        let is_renewing = world.staged.is_some_and(|(_, _, is_renewing)| is_renewing);
        world.staged = Some((value, until, is_renewing || put.is_renewed));
    }
    true
}

/// Polls a flush to its end, or so often.
fn flush(world: &mut World, polls: Option<u8>) {
    let (now, was) = (world.now, world.channel.state());
    let written = world.bus.0.borrow().written.len();
    let mut left = polls.unwrap_or(u8::MAX);
    let mut flushed = None;
    {
        let mut future = pin!(world.channel.flush(now));
        while flushed.is_none() && left > 0 {
            left -= 1;
            if let Poll::Ready(result) =
                future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            {
                flushed = Some(result);
            }
        }
    }
    let line = world.bus.0.borrow();
    let state = world.channel.state();
    let Some(flushed) = flushed else {
        // One that was polled has begun to write, unless there was nothing to do.
        world.is_dropped |= polls != Some(0);
        assert_eq!(line.written.len(), written);
        return;
    };
    assert_eq!(flushed.is_ok(), matches!(state, State::Running | State::Stopping));
    let Some(value) = line.written.get(written) else { return };
    assert!(!world.is_dropped, "written after a write that was dropped");
    if state == State::Running {
        let Some((put, until, is_renewing)) = world.staged.take() else {
            return assert_eq!(*value, 0, "nothing was put");
        };
        assert_eq!(*value, put);
        assert!(now <= until && now < world.renewed + LEASE);
        if is_renewing {
            world.renewed = now;
        }
    } else {
        assert_eq!(state, State::Stopping, "from {was:?}");
    }
}
