//! Every public function of `watchdog-core`, by its type and name: `api` looks for them here.
#![no_std]
#![no_main]

#[path = "watchdog_core/boot.rs"]
mod boot;
#[path = "watchdog_core/compact.rs"]
mod compact;
#[path = "watchdog_core/profile.rs"]
mod profile;
#[path = "watchdog_core/question.rs"]
mod question;

use core::hint::black_box;

use embedded_hal::digital::{ErrorType, OutputPin};
use proof::keep;
use watchdog_core::gpio::{Edge, Gpio};
use watchdog_core::plan::{self, Budget, Builder, Cycle};
use watchdog_core::{
    AnyOutcome, AnySupervisor, Armed, BootGuard, Both, Cells, Checkpoint, Culprit, Dog, Entity,
    EntityId, Hardware, Health, Mode, Outcome, Permit, Plan, Span, State, Stopped, Supervisor,
    Watchdog,
};

const A: Checkpoint = Checkpoint::of::<0>();
const B: Checkpoint = Checkpoint::of::<1>();
const SERVICE: Mode = Mode::of::<1>();
const ERASE: Mode = Mode::of::<2>();
const SLEEP: Mode = Mode::of::<3>();

const MODES: &[plan::ModePlan] = &[
    plan::mode(SERVICE, "service", &["one"]),
    plan::bounded(ERASE, "erase", Budget::outputs_safe(Budget::blocked(plan::budget_us(10_000)))),
    plan::bounded(SLEEP, "sleep", Budget::watchdog_paused(plan::budget_us(10_000))),
];

const PLAN: Plan<3, 2, 1> = Builder::build(rows(10_000));

/// The rows of a plan; with some cycles it contradicts itself.
const fn rows(cycle_us: u32) -> Builder<3, 2, 1> {
    let internal = plan::hardware(plan::timeout_us(80_000..=100_000));
    let external = plan::hardware(plan::timeout_us(1_000_000..=1_600_000));
    let rows: Builder<3, 2, 1> = Plan::builder(
        Cycle::late_max_us(plan::cycle_us(cycle_us), 2_000),
        Hardware::tolerance_permille(internal, 10),
        plan::process_safety_time_us(2_000_000),
        plan::reset_to_safe_us(30_000),
    );
    let one = plan::alive(A, plan::per_cycle(1), 0, 3);
    let rows = Builder::entity(rows, "one", one, plan::tolerance(1));
    let two = plan::alive(B, plan::per_cycles(2, 3), -1, 3);
    let rows = Builder::entity(rows, "two", two, plan::tolerance(1));
    let rows = Builder::entity(rows, "three", plan::no_alive(), plan::tolerance(0));
    let rows = Builder::deadline(Builder::advisory(rows, "three"), "one", A, B, 200..=900);
    let rows = Builder::deadline(rows, "one", B, A, 0..=9_000);
    let rows = Builder::flow(rows, "one", plan::from(&[A]), &[(A, B), (B, A)], plan::until(&[]));
    let rows = Builder::second_hardware(rows, Hardware::window_us(external, 1_000));
    let rows = Builder::start_up(Builder::modes(rows, MODES), plan::budget_us(10_000));
    let rows = Builder::sections(Builder::grace(rows, 1), &["a", "b"]);
    Builder::good_after_us(Builder::boot_window_us(rows, 3_600_000_000), 60_000_000)
}

/// A pin and a watchdog that may do anything.
struct Any(u64);

impl ErrorType for Any {
    type Error = core::convert::Infallible;
}

impl OutputPin for Any {
    fn set_low(&mut self) -> Result<(), Self::Error> {
        keep(&mut self.0);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Self::Error> {
        keep(&mut self.0);
        Ok(())
    }
}

impl Watchdog for Any {
    type Error = u8;

    fn state(&mut self) -> Result<State, u8> {
        match black_box(self.0) {
            0 => Ok(State::Stopped),
            1 => Err(3),
            long => Ok(State::Running { timeout_us: long as u32, is_locked: long >> 32 == 7 }),
        }
    }

    fn arm(&mut self, asked: Hardware) -> Result<u32, u8> {
        keep((Hardware::timeouts_us(&asked), Hardware::opens_us(&asked)));
        keep((Hardware::clock_permille(&asked), Hardware::accepts(&asked, self.0 as u32)));
        keep((Hardware::bites_after_us(&asked), Hardware::bites_before_us(&asked)));
        keep(Hardware::surely_open_us(&asked));
        if black_box(self.0) == 9 { Err(3) } else { Ok(black_box(self.0) as u32) }
    }

    fn reload(&mut self, permit: Permit<'_>) -> Result<(), u8> {
        keep((Permit::until_us(&permit), Permit::cycle(&permit)));
        if black_box(self.0) == 9 { Err(3) } else { Ok(()) }
    }

    fn counter_us(&mut self) -> Option<u32> {
        (black_box(self.0) != 8).then_some(self.0 as u32)
    }
}

fn number(index: u64) -> u64 {
    black_box(index)
}

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut CELLS: Cells<3, 2, 1> = Cells::profiled(Cells::new(&PLAN), &profile::PROFILES);
    static mut MORE: Cells<3, 2, 1> = Cells::new(&PLAN);
    static mut RECORDED: Cells<3, 2, 1> = Cells::new(&PLAN);
    static mut ASKED: Cells<3, 2, 1> = Cells::new(&PLAN);
    values();
    let both = Both::new(Any(number(1)), Gpio::new(Any(number(2)), black_box(Edge::Any), 3));
    let mut dog = Dog::new(both);
    let (guard, level) = boot::judged();
    keep(level);
    question::values();
    profile::compared();
    match Supervisor::new(CELLS, guard).arm(&mut dog, number(0)) {
        Err(refused) => {
            keep(refused.error);
            looked_at(&refused.supervisor);
        }
        Ok((supervisor, entities)) => {
            entities.iter().for_each(check_in);
            typed(supervisor, &mut dog);
        }
    }
    let mut dog = Dog::new(Any(number(7)));
    question::answered(ASKED);
    compact::judged(RECORDED, &mut dog);
    let mut dog = Dog::new(Any(number(7)));
    if let Ok((supervisor, _)) =
        Supervisor::arm(Supervisor::new(MORE, BootGuard::without_memory()), &mut dog, number(0))
    {
        in_a_static(supervisor.into(), &mut dog);
    }
    loop {}
}

fn values() {
    let byte = number(5) as u8;
    keep((Checkpoint::new(byte).map(Checkpoint::as_raw), Mode::new(byte).map(Mode::as_raw)));
    keep(EntityId::index(EntityId::new(byte)));
    let plan = black_box(&PLAN);
    keep((Plan::cycle_us(plan), Plan::late_max_us(plan), Plan::hardware(plan), Plan::grace(plan)));
    keep((Plan::second_hardware(plan), Plan::entity(plan, "two")));
    keep((Plan::name(plan, EntityId::new(byte)), Plan::mode_name(plan, Mode::new(byte))));
    keep((Plan::worst_detection_us(plan), Plan::worst_reaction_us(plan)));
    match Builder::try_build(black_box(rows(number(6) as u32))) {
        Ok(plan) => keep(Plan::cycle_us(&plan)),
        Err(error) => keep(plan::Error::who(&error)),
    }
}

fn check_in(entity: &Entity<3, 2, 1>) {
    let checkpoint = Checkpoint::new(number(3) as u8).unwrap_or(Checkpoint::MAX);
    keep(Entity::id(entity));
    Entity::hit(entity, checkpoint, number(4));
    Span::end(Entity::begin(entity, checkpoint, number(5)), checkpoint, number(6));
    drop(Entity::begin(entity, checkpoint, number(7)));
}

fn typed<W: Watchdog>(mut supervisor: Supervisor<Armed, 3, 2, 1>, dog: &mut Dog<W>) {
    looked_at(&supervisor);
    keep(Supervisor::poll_round(&supervisor, dog, number(5)).is_ok());
    Supervisor::announce(&mut supervisor);
    keep(Supervisor::mark_good(&mut supervisor, number(9)));
    let to = Mode::new(number(3) as u8).unwrap_or(Mode::FIRST);
    keep(Supervisor::switch(&mut supervisor, to, number(4)));
    keep(Supervisor::leave(&mut supervisor, dog, number(5)).is_ok());
    match Supervisor::evaluate(supervisor, number(6)) {
        Outcome::Early(supervisor, due_us) => {
            looked_at(&supervisor);
            keep(due_us);
        }
        Outcome::Feed(supervisor, permit, health) => {
            looked_at(&supervisor);
            keep(health);
            keep(Dog::feed(dog, permit, number(7)).is_ok());
            keep((Dog::fed(dog), Dog::last_fed_us(dog), Dog::state(dog).is_ok()));
        }
        Outcome::Stop(supervisor, culprit) => {
            blame(&culprit);
            looked_at(&supervisor);
            Supervisor::<Stopped, 3, 2, 1>::wait(supervisor);
        }
    }
}

fn looked_at<S>(supervisor: &Supervisor<S, 3, 2, 1>) {
    let entity = EntityId::new(number(3) as u8);
    keep((Supervisor::status(supervisor), Supervisor::status_of(supervisor, entity)));
    keep((Supervisor::ignored(supervisor, entity), Supervisor::culprit(supervisor)));
    keep((Supervisor::advisory_culprit(supervisor), Supervisor::mode(supervisor)));
    keep((Supervisor::bounded_mode(supervisor), Supervisor::due_us(supervisor)));
    keep((Supervisor::start(supervisor), Supervisor::plan(supervisor)));
    keep(Supervisor::level(supervisor));
}

fn blame(culprit: &Culprit) {
    keep(Culprit::entity(culprit));
}

fn in_a_static(mut supervisor: AnySupervisor<3, 2, 1>, dog: &mut Dog<Any>) {
    let to = Mode::new(number(3) as u8).unwrap_or(Mode::FIRST);
    keep(AnySupervisor::switch(&mut supervisor, to, number(4)).is_ok());
    keep(AnySupervisor::leave(&mut supervisor, dog, number(5)).is_ok());
    keep(AnySupervisor::poll_round(&supervisor, dog, number(5)).is_ok());
    AnySupervisor::announce(&mut supervisor);
    keep(AnySupervisor::mark_good(&mut supervisor, number(9)).is_ok());
    keep((AnySupervisor::status(&supervisor), AnySupervisor::culprit(&supervisor)));
    match AnySupervisor::evaluate(&mut supervisor, number(6)) {
        AnyOutcome::NotArmed => {}
        AnyOutcome::Early(due_us) => keep(due_us),
        AnyOutcome::Feed(permit, health) => {
            if let Health::Expired { entity, .. } = health {
                keep(entity.map(EntityId::index));
            }
            if let Err(error) = dog.feed(permit, number(7)) {
                keep(error);
            }
        }
        AnyOutcome::Stop(culprit) => blame(&culprit),
    }
    keep(supervisor);
}
