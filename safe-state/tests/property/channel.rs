//! A channel over one actuator, under any calls, times and faults of the actuator.

use safe_state::channel::{Cause, NotPut, State};
use safe_state::{
    AnyChannel, Cleared, Config, Missing, OnLoss, Quality, SafeStop1, SafeStop2, Sample, Seen,
    Source, StopCategory, cycle, lease_us, over_us,
};

use super::Choices;
use super::common::{Drive, Faults, LIMITS, Set, edge, set};

/// What a configuration says, in numbers.
struct Numbers {
    config: Config<i32>,
    lease_us: u64,
    mismatch_us: u64,
    hold_us: u64,
    loss: Course,
    one: Option<Course>,
    tolerance: Option<i32>,
    two: Option<(Course, i32, u64)>,
    units_per_s: Option<u64>,
}

#[derive(Clone, Copy)]
enum Course {
    Safe,
    Value(i32, u64),
    Ramp(i32, u64),
}

impl Course {
    const fn as_us(self) -> u64 {
        match self {
            Self::Safe => 0,
            Self::Value(_, us) | Self::Ramp(_, us) => us,
        }
    }
}

static CONFIGS: [Numbers; 3] = [
    Numbers {
        config: Config::new(lease_us(10_000), OnLoss::SAFE).mismatch_limit(over_us(7_000)),
        lease_us: 10_000,
        mismatch_us: 7_000,
        hold_us: 0,
        loss: Course::Safe,
        one: None,
        tolerance: None,
        two: None,
        units_per_s: None,
    },
    Numbers {
        config: Config::new(
            lease_us(30_000),
            OnLoss::ramp(0, over_us(20_000)).after_holding(over_us(5_000)),
        )
        .stop_1(SafeStop1::timed(0, over_us(15_000)))
        .stop_2(SafeStop2::new(0, over_us(10_000), 5, over_us(20_000)))
        .come_back(100_000),
        lease_us: 30_000,
        mismatch_us: 20_000,
        hold_us: 5_000,
        loss: Course::Ramp(0, 20_000),
        one: Some(Course::Ramp(0, 15_000)),
        tolerance: None,
        two: Some((Course::Ramp(0, 10_000), 5, 20_000)),
        units_per_s: Some(100_000),
    },
    Numbers {
        config: Config::new(lease_us(25_000), OnLoss::value(100, over_us(8_000)))
            .mismatch_limit(over_us(15_000))
            .stop_1(SafeStop1::monitored(50, over_us(12_000), 20)),
        lease_us: 25_000,
        mismatch_us: 15_000,
        hold_us: 0,
        loss: Course::Value(100, 8_000),
        one: Some(Course::Ramp(50, 12_000)),
        tolerance: Some(20),
        two: None,
        units_per_s: None,
    },
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Model {
    Unproven,
    Safe { since: u64 },
    Armed { generation: u32 },
    Running { start: u64, wanted: i32, newest: Option<u64> },
    Way { way: Way, begun: u64, from: i32 },
    Faulted,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Loss,
    One,
    Two,
}

struct World {
    numbers: &'static Numbers,
    drive: Drive,
    channel: AnyChannel<Drive>,
    faults: Set,
    source: Source<i32>,
    sequence: u32,
    clearance: Option<(Cleared<Faults>, u64, u32)>,
    now: u64,
    model: Model,
    cause: Cause,
    last: u64,
    renewed: Option<u64>,
    differs: Option<u64>,
    seen: Seen,
    /// A ramp is right to one unit.
    told: std::ops::RangeInclusive<i32>,
    /// What was told before this call.
    was_told: i32,
    generation: u32,
    hv: Hv,
}

#[derive(Clone, Copy, PartialEq)]
enum Hv {
    Inactive,
    Active,
    Latched(u64),
}

impl World {
    fn new(numbers: &'static Numbers) -> Self {
        let drive = Drive::default();
        Self {
            numbers,
            channel: AnyChannel::new(drive.clone(), &numbers.config),
            drive,
            faults: set(),
            source: Source::new(&LIMITS),
            sequence: 0,
            clearance: None,
            now: 1_000,
            model: Model::Unproven,
            cause: Cause::PowerUp,
            last: 0,
            renewed: None,
            differs: None,
            seen: Seen::Unsupported,
            told: 0..=0,
            was_told: 0,
            generation: 0,
            hv: Hv::Inactive,
        }
    }

    fn fails(&self) -> bool {
        self.drive.0.borrow().fails
    }

    /// What the actuator was told last, by the actuator.
    fn really_told(&self) -> i32 {
        self.drive.0.borrow().told.last().map_or(0, |(_, told)| *told)
    }

    /// What the channel has read: where it told several things in this call, what was told when it read.
    fn reads(&self) -> Option<i32> {
        let inside = self.drive.0.borrow();
        let told = inside.told.last().map(|_| self.middle());
        if inside.is_blind { None } else { inside.does.or(told) }
    }

    /// The clock of the caller: `false` where it went backward.
    fn goes_on(&mut self) -> bool {
        if self.now < self.last {
            self.fail(Cause::ClockBackward);
            return false;
        }
        self.last = self.now;
        true
    }

    fn fail(&mut self, cause: Cause) {
        (self.model, self.cause, self.told) = (Model::Faulted, cause, 0..=0);
    }

    fn tell(&mut self, told: std::ops::RangeInclusive<i32>) -> bool {
        if self.fails() {
            self.fail(Cause::DriveFailed);
            return false;
        }
        self.told = told;
        true
    }

    fn look(&mut self) {
        let told = self.middle();
        let is_blind = self.drive.0.borrow().is_blind;
        self.seen = match self.reads() {
            _ if is_blind => Seen::Unsupported,
            Some(read) if read == told => Seen::Agrees,
            _ => Seen::Differs,
        };
        match (self.seen, self.differs) {
            (Seen::Differs, None) => self.differs = Some(self.now),
            (Seen::Differs, Some(since)) if self.now - since >= self.numbers.mismatch_us => {
                self.fail(Cause::Mismatch);
            }
            (Seen::Differs, Some(_)) => {}
            _ => self.differs = None,
        }
    }

    /// What is safe is told; afterwards it is, since now or as before.
    fn hold_safe(&mut self) -> bool {
        if !self.tell(0..=0) {
            return false;
        }
        self.look();
        self.model != Model::Faulted
    }

    fn go_safe(&mut self) {
        if self.tell(0..=0) {
            self.model = Model::Safe { since: self.now };
            self.look();
        }
    }

    fn is_lease_over(&mut self) -> bool {
        let end = self.renewed.unwrap() + self.numbers.lease_us;
        if self.now < end {
            return false;
        }
        self.begin(Way::Loss, Cause::LeaseEnded, end);
        true
    }

    fn begin(&mut self, way: Way, cause: Cause, begun: u64) {
        self.cause = cause;
        self.model = Model::Way { way, begun, from: self.was_told };
        self.step();
    }

    /// Where a way is at this instant.
    fn step(&mut self) {
        let Model::Way { way, begun, from } = self.model else { return };
        let mut since = self.now - begun;
        let course = match way {
            Way::Loss if since < self.numbers.hold_us => Some(from..=from),
            Way::Loss => {
                since -= self.numbers.hold_us;
                on(self.numbers.loss, from, since)
            }
            Way::One => self.numbers.one.and_then(|one| on(one, from, since)),
            Way::Two => self.numbers.two.and_then(|(course, _, stand)| {
                let is_standing = since < course.as_us() + stand;
                on(course, from, since).or(is_standing.then_some(0..=0))
            }),
        };
        let Some(told) = course else { return self.go_safe() };
        if !self.tell(told) {
            return;
        }
        match (way, self.numbers.tolerance, self.numbers.two) {
            (Way::One, Some(tolerance), _) => {
                // Compared with what was told before.
                let distance = |value: i32| value.abs_diff(50);
                let limit = distance(self.was_told) + tolerance.unsigned_abs();
                if self.reads().is_none_or(|read| distance(read) > limit) {
                    self.fail(Cause::RampLeft);
                }
            }
            (Way::Two, _, Some((course, window, _))) => {
                let stands = self.reads().is_some_and(|read| read.abs() <= window);
                if since >= course.as_us() && !stands {
                    self.fail(Cause::StandstillLeft);
                }
            }
            _ => self.look(),
        }
    }

    fn tell_wanted(&mut self) -> bool {
        let Model::Running { start, wanted, .. } = self.model else { return false };
        let units = self.numbers.units_per_s.map_or(i32::MAX as u64, |per_s| {
            ((self.now - start).min(1 << 32) * per_s / 1_000_000).min(i32::MAX as u64)
        }) as i32;
        let told = wanted.min(units)..=wanted.min(units.saturating_add(1));
        self.tell(told)
    }

    fn demand(&mut self, category: StopCategory, cause: Cause) {
        if self.model == Model::Faulted {
            self.tick();
            return;
        }
        if !self.goes_on() {
            return;
        }
        if category != StopCategory::Zero {
            match self.model {
                Model::Running { .. } => {
                    self.is_lease_over();
                }
                Model::Way { .. } => self.step(),
                _ => {}
            }
            // What was told on the way is where the next one begins.
            self.was_told = match self.model {
                Model::Way { .. } => self.middle(),
                _ => self.was_told,
            };
        }
        match (self.model, category) {
            (Model::Unproven, _) => {
                self.hold_safe();
            }
            (Model::Safe { .. } | Model::Armed { .. }, _) => {
                if self.hold_safe() {
                    (self.cause, self.model) = (cause, Model::Safe { since: self.now });
                }
            }
            (Model::Faulted, _) => {}
            (_, StopCategory::Zero) => {
                self.cause = cause;
                self.go_safe();
            }
            (
                Model::Running { .. } | Model::Way { way: Way::Loss | Way::Two, .. },
                StopCategory::One,
            ) => {
                self.begin(Way::One, cause, self.now);
            }
            (Model::Running { .. } | Model::Way { way: Way::Loss, .. }, StopCategory::Two) => {
                self.begin(Way::Two, cause, self.now);
            }
            _ => self.cause = cause,
        }
    }

    /// Of what may have been told, what really was: the actuator has recorded both.
    fn middle(&self) -> i32 {
        let calls = &self.drive.0.borrow().told;
        let told = calls.iter().rev().map(|(_, told)| *told).find(|told| self.told.contains(told));
        told.unwrap_or(*self.told.start())
    }

    fn tick(&mut self) {
        if self.model == Model::Faulted {
            self.last = self.last.max(self.now);
            return;
        }
        if !self.goes_on() {
            return;
        }
        match self.model {
            Model::Running { .. } => {
                if !self.is_lease_over() && self.tell_wanted() {
                    self.look();
                }
            }
            Model::Way { .. } => self.step(),
            _ => {
                self.hold_safe();
            }
        }
    }

    fn state(&self) -> State {
        match self.model {
            Model::Unproven => State::Unproven,
            Model::Safe { .. } => State::Safe,
            Model::Armed { .. } => State::Armed,
            Model::Running { .. } => State::Running,
            Model::Way { .. } => State::Stopping,
            Model::Faulted => State::Faulted,
        }
    }

    fn check(&self) {
        assert_eq!(self.channel.state(), self.state());
        assert_eq!(self.channel.cause(), self.cause);
        assert_eq!(self.channel.read_back(), self.seen);
        let published = self.channel.published(self.now);
        assert!(self.told.contains(&published.last_known()), "{published:?}, {:?}", self.told);
        let now = self.now.max(self.last);
        assert_eq!(published.age_us(), self.renewed.map(|renewed| now - renewed));
        let quality = match self.model {
            Model::Running { .. } if published.age_us() >= Some(self.numbers.lease_us) => {
                Quality::Held
            }
            Model::Running { .. } => Quality::Good,
            Model::Way { way: Way::Loss, begun, .. }
                if self.last - begun < self.numbers.hold_us =>
            {
                Quality::Held
            }
            Model::Way { .. } => Quality::Substitute,
            _ => Quality::Bad,
        };
        assert_eq!(published.quality(), quality);
        assert_eq!(published.good().is_some(), quality == Quality::Good);
    }
}

/// What a course drives after so long; `None` after its end.
fn on(course: Course, from: i32, since: u64) -> Option<std::ops::RangeInclusive<i32>> {
    match course {
        Course::Value(value, us) => (since < us).then_some(value..=value),
        Course::Ramp(to, us) => (since < us).then(|| {
            let way = i64::from(to - from) * since as i64;
            let at = from + way.div_euclid(us as i64) as i32;
            at - 1..=at + 1
        }),
        Course::Safe => None,
    }
}

/// A byte a call, and those that it takes.
pub fn channel(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let first = choices.byte();
    let mut world = World::new(&CONFIGS[usize::from(first) % CONFIGS.len()]);
    if first >= 64 {
        // Proven, acknowledged, armed and started, each 1 ms after the one before.
        for byte in [0x30, 0x31, 0x32, 0x33] {
            call(&mut world, &mut Choices(&[byte]));
            world.check();
        }
    }
    while !choices.is_empty() {
        call(&mut world, &mut choices);
        world.check();
    }
}

fn call(world: &mut World, choices: &mut Choices<'_>) {
    let steps = [0, 1, 700, 1_000, 3_000, 6_000, 15_000, 40_000, 1 << 33];
    let byte = choices.byte();
    let us = steps[usize::from(byte >> 4) % steps.len()];
    world.now =
        if byte == 0xFF { world.now.saturating_sub(1) } else { world.now.saturating_add(us) };
    let now = world.drive.at(world.now);
    world.was_told = world.really_told();
    match byte & 0x0F {
        0 => prove(world, now),
        1 => {
            let acknowledged = world.faults.acknowledge(edge(now));
            let is_clear = match world.hv {
                Hv::Inactive => true,
                Hv::Active => false,
                Hv::Latched(cleared) => now > cleared,
            };
            assert_eq!(acknowledged.is_ok(), is_clear);
            if is_clear {
                world.hv = Hv::Inactive;
            }
            let generation = world.generation;
            world.clearance = acknowledged.ok().map(|cleared| (cleared, now, generation));
        }
        2 => arm(world),
        3 => start(world, now),
        4 | 5 => put(world, choices, byte & 1 == 0),
        6 => {
            world.channel.tick(now);
            world.tick();
        }
        7 | 8 => {
            let category = choices.of([StopCategory::Zero, StopCategory::One, StopCategory::Two]);
            if byte & 1 == 1 {
                world.channel.demand(category, now);
                world.demand(category, Cause::Demand);
            } else {
                world.channel.heed(&world.faults, category, now);
                if world.hv != Hv::Inactive && matches!(world.model, Model::Running { .. }) {
                    world.demand(category, Cause::Fault);
                } else {
                    world.tick();
                }
            }
        }
        9 => {
            world.faults.raise(Faults::HV | Faults::FAN, now);
            if world.hv != Hv::Active {
                (world.hv, world.generation) = (Hv::Active, world.generation + 1);
            }
        }
        10 => {
            world.faults.clear(Faults::HV, now);
            if world.hv == Hv::Active {
                world.hv = Hv::Latched(now);
            }
        }
        11 => {
            let fails = &mut world.drive.0.borrow_mut().fails;
            *fails = !*fails;
        }
        12 => world.drive.0.borrow_mut().is_blind = choices.byte() & 1 == 1,
        13 | 14 => {
            let told = world.really_told();
            let does =
                [None, Some(told), Some(0), Some(5), Some(6), Some(told + 20), Some(told - 21)];
            world.drive.0.borrow_mut().does = choices.of(does);
        }
        _ => {}
    }
}

fn prove(world: &mut World, now: u64) {
    let proven = world.channel.prove_safe(now);
    match world.model {
        Model::Unproven | Model::Faulted => {
            if world.model == Model::Faulted {
                (world.model, world.differs, world.seen) =
                    (Model::Unproven, None, Seen::Unsupported);
            }
            if world.goes_on() && world.hold_safe() && world.seen != Seen::Differs {
                world.model = Model::Safe { since: now };
            }
            let missing = match world.model {
                Model::Safe { .. } => None,
                Model::Faulted => Some(Missing::Drive),
                _ => Some(Missing::ReadBack),
            };
            assert_eq!(proven.err().map(|refusal| refusal.missing), missing);
        }
        _ => assert_eq!(proven.unwrap_err().missing, Missing::State),
    }
}

fn arm(world: &mut World) {
    let Some((cleared, acknowledged_us, generation)) = world.clearance.take() else { return };
    let armed = world.channel.arm(cleared).map_err(|refusal| refusal.missing);
    match world.model {
        Model::Safe { since } if acknowledged_us > since => {
            assert_eq!(armed, Ok(()));
            world.model = Model::Armed { generation };
        }
        Model::Safe { since } => {
            let missing = Missing::EdgeAfterSafe { safe_since_us: since, acknowledged_us };
            assert_eq!(armed, Err(missing));
        }
        _ => assert_eq!(armed, Err(Missing::State)),
    }
}

fn start(world: &mut World, now: u64) {
    let started = world.channel.start(&world.faults, now);
    let Model::Armed { generation } = world.model else {
        return assert_eq!(started.unwrap_err().missing, Missing::State);
    };
    if !world.goes_on() {
        return assert_eq!(started.unwrap_err().missing, Missing::Clock);
    }
    if generation == world.generation && world.hv == Hv::Inactive {
        started.unwrap();
        world.renewed = Some(now);
        world.model = Model::Running { start: now, wanted: 0, newest: None };
    } else {
        let missing = started.unwrap_err().missing;
        assert_eq!(missing == Missing::Clearance, world.hv == Hv::Inactive, "{missing:?}");
        (world.cause, world.model) = (Cause::Fault, Model::Safe { since: now });
    }
}

/// A sample that was taken now or earlier, or the last one again, put now or later.
fn put(world: &mut World, choices: &mut Choices<'_>, is_new: bool) {
    let tick_us = world.now;
    if is_new {
        world.sequence += 1;
        let value = choices.of([0, 100, 400, 1_000]);
        let taken_us = tick_us.saturating_sub(choices.of([0, 1, 3_000, 299_000]));
        let _ = world.source.offer(Sample::new(value, world.sequence, taken_us), tick_us);
    }
    world.now = world.drive.at(tick_us.saturating_add(choices.of([0, 0, 500, 2_000])));
    let now = world.now;
    let (channel, source) = (&mut world.channel, &world.source);
    let mut command = None;
    let put = cycle(tick_us, |tick| {
        let fresh = source.fresh(tick).ok()?;
        command = Some((fresh.value(), fresh.newest_us(), fresh.valid_until_us()));
        channel.running().ok().map(|mut lent| lent.put(fresh, now))
    });
    let (Some(put), Some((value, taken_us, until_us))) = (put, command) else {
        assert!(command.is_none() || world.state() != State::Running);
        return;
    };
    let Model::Running { start, newest, .. } = world.model else {
        panic!("put in {:?}", world.model)
    };
    if !world.goes_on() || world.is_lease_over() {
        let (state, cause) = (world.state(), world.cause);
        return assert_eq!(put, Err(NotPut::NotRunning { state, cause }));
    }
    if until_us < now {
        return assert_eq!(put, Err(NotPut::Stale { until_us }));
    }
    if taken_us < start {
        return assert_eq!(put, Err(NotPut::TakenBeforeStart { taken_us, start_us: start }));
    }
    let is_renewed = newest.is_none_or(|newest| taken_us > newest);
    if is_renewed {
        world.renewed = Some(now);
    }
    let newest = newest.max(Some(taken_us));
    world.model = Model::Running { start, wanted: value, newest };
    if world.tell_wanted() {
        let put = put.unwrap();
        assert_eq!(put.is_renewed, is_renewed);
        assert!(world.told.contains(&put.told));
    } else {
        let state = State::Faulted;
        assert_eq!(put, Err(NotPut::NotRunning { state, cause: Cause::DriveFailed }));
    }
}
