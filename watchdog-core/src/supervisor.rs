//! The supervisor: it judges every cycle, and gives the permit that feeds the watchdog.
//!
//! ```text
//! Supervisor<Cold> -- arm --> Supervisor<Armed> -- evaluate --> Feed, Early: Supervisor<Armed>
//!        ^                         |    |
//!        +---- refused ------------+    +-- evaluate --> Stop: Supervisor<Stopped>, which has no way back
//! ```

mod any;
mod cycle;
#[cfg(all(test, not(loom)))]
mod every_state;
mod modes;

pub use any::{AnyOutcome, AnySupervisor};
pub use modes::{LeaveError, SwitchError};

use core::fmt;
use core::marker::PhantomData;

use crate::boot::{BootGuard, NotGoodYet};
use crate::cells::{Cells, Own, Shared};
use crate::culprit::Culprit;
use crate::entity::Entity;
use crate::entity_id::EntityId;
use crate::level::Level;
use crate::mode::Mode;
use crate::permit::Permit;
use crate::plan::Plan;
use crate::status::{GlobalStatus, Health, LocalStatus};
use crate::window::{Dog, PollError, Round, Start, StartError, Watchdog};

/// Not armed yet.
#[derive(Debug)]
pub struct Cold(());

/// Armed: it evaluates.
#[derive(Debug)]
pub struct Armed(());

/// Stopped: it never feeds again.
#[derive(Debug)]
pub struct Stopped(());

/// A supervisor in one of its states; [`AnySupervisor`] holds any of them.
///
/// Only an armed one evaluates, and nothing disarms it:
///
/// ```
/// # use watchdog_core::{Armed, Outcome, Supervisor};
/// fn turn(supervisor: Supervisor<Armed, 1>) -> Outcome<1> {
///     supervisor.evaluate(10_000)
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use watchdog_core::{Cold, Outcome, Supervisor};
/// fn evaluate_before_arming(supervisor: Supervisor<Cold, 1>) -> Outcome<1> {
///     supervisor.evaluate(10_000)
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use watchdog_core::{Outcome, Stopped, Supervisor};
/// fn evaluate_when_stopped(supervisor: Supervisor<Stopped, 1>) -> Outcome<1> {
///     supervisor.evaluate(10_000)
/// }
/// ```
#[derive(Debug)]
pub struct Supervisor<S, const N: usize, const D: usize = 0, const F: usize = 0> {
    core: Core<N, D, F>,
    state: PhantomData<S>,
}

/// What a supervisor has in every state.
#[derive(Debug)]
struct Core<const N: usize, const D: usize, const F: usize> {
    shared: &'static Shared<N, D, F>,
    own: &'static mut Own,
}

/// What an evaluation ends in.
#[derive(Debug)]
#[must_use = "the supervisor is in it, and the permit"]
pub enum Outcome<const N: usize, const D: usize = 0, const F: usize = 0> {
    /// The cycle has not ended, or the clock stands or went back: nothing was judged. The instant at which an evaluation is due.
    Early(Supervisor<Armed, N, D, F>, u64),
    /// Feed the watchdog.
    Feed(Supervisor<Armed, N, D, F>, Permit<'static>, Health),
    /// Never feed it again. What was wrong first.
    Stop(Supervisor<Stopped, N, D, F>, Culprit),
}

/// Why a supervisor was not armed; it comes back, cold.
#[derive(Debug)]
pub struct Refused<E, const N: usize, const D: usize = 0, const F: usize = 0> {
    /// The supervisor.
    pub supervisor: Supervisor<Cold, N, D, F>,
    /// What was wrong with the watchdog.
    pub error: StartError<E>,
}

impl<E, const N: usize, const D: usize, const F: usize> fmt::Display for Refused<E, N, D, F>
where
    StartError<E>: fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<E: fmt::Debug, const N: usize, const D: usize, const F: usize> core::error::Error
    for Refused<E, N, D, F>
where
    StartError<E>: fmt::Display,
{
}

/// What [`Supervisor::arm`] gives: the armed supervisor, and the handle of each entity in the order of the plan.
pub type Arming<E, const N: usize, const D: usize = 0, const F: usize = 0> =
    Result<(Supervisor<Armed, N, D, F>, [Entity<N, D, F>; N]), Refused<E, N, D, F>>;

impl<const N: usize, const D: usize, const F: usize> Supervisor<Cold, N, D, F> {
    /// The supervisor of the plan of these cells, which records its run where the boot was judged.
    ///
    /// ```
    /// # use watchdog_core::{BootGuard, Cells, Supervisor};
    /// fn make(cells: &'static mut Cells<1>, guard: BootGuard<1>) {
    ///     let _ = Supervisor::new(cells, guard);
    /// }
    /// ```
    ///
    /// Nothing is armed before the boot was judged:
    ///
    /// ```compile_fail,E0061
    /// # use watchdog_core::{Cells, Supervisor};
    /// fn make(cells: &'static mut Cells<1>) {
    ///     let _ = Supervisor::new(cells);
    /// }
    /// ```
    #[must_use]
    pub const fn new(cells: &'static mut Cells<N, D, F>, guard: BootGuard<N>) -> Self {
        let Cells { shared, own } = cells;
        shared.boot = guard;
        Self { core: Core { shared, own }, state: PhantomData }
    }

    /// Arms the watchdog, or finds that it runs as the plan says; then the first cycle begins. The handles come in the order of the
    /// plan, to be destructured: each exists once.
    ///
    /// ```
    /// # use watchdog_core::{Cold, Dog, Supervisor, Watchdog};
    /// fn arm<W: Watchdog>(supervisor: Supervisor<Cold, 2>, dog: &mut Dog<W>) {
    ///     if let Ok((supervisor, [one, other])) = supervisor.arm(dog, 0) {
    ///         one.hit(watchdog_core::Checkpoint::of::<0>(), 1);
    ///         other.hit(watchdog_core::Checkpoint::of::<0>(), 2);
    ///         let _ = supervisor.evaluate(10_000);
    ///     }
    /// }
    /// ```
    ///
    /// Arming twice and taking a handle twice do not compile, nor does changing the plan:
    ///
    /// ```compile_fail,E0382
    /// # use watchdog_core::{Cold, Dog, Supervisor, Watchdog};
    /// fn arm<W: Watchdog>(supervisor: Supervisor<Cold, 2>, dog: &mut Dog<W>) {
    ///     let _ = supervisor.arm(dog, 0);
    ///     let _ = supervisor.arm(dog, 0);
    /// }
    /// ```
    ///
    /// ```compile_fail,E0382
    /// fn take(entities: [watchdog_core::Entity<2>; 2]) {
    ///     let [one, other] = entities;
    ///     let [again, _] = entities;
    /// }
    /// ```
    ///
    /// ```compile_fail,E0599
    /// # use watchdog_core::{Armed, Supervisor, plan::tolerance, plan::no_alive};
    /// fn reconfigure(supervisor: Supervisor<Armed, 2>) {
    ///     supervisor.plan().entity("more", no_alive(), tolerance(1)).build();
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Refused`]: the watchdog runs otherwise than the plan says, or has set another timeout. The supervisor comes back, cold.
    pub fn arm<W: Watchdog>(mut self, dog: &mut Dog<W>, now_us: u64) -> Arming<W::Error, N, D, F> {
        let plan = self.core.shared.plan;
        let start = if dog.is_armed() {
            Err(StartError::Taken)
        } else {
            dog.watchdog().start(plan.hardware(), plan.second_hardware())
        };
        match start {
            Err(error) => Err(Refused { supervisor: self, error }),
            Ok(start) => {
                dog.bind(self.core.id(), &plan.limits, now_us);
                self.core.arm(start, now_us);
                let shared = self.core.shared;
                let entities = plan.entities.each_ref().map(|entity| Entity::new(shared, entity));
                Ok((Supervisor { core: self.core, state: PhantomData }, entities))
            }
        }
    }
}

impl<const N: usize, const D: usize, const F: usize> Supervisor<Armed, N, D, F> {
    /// Ends the supervision cycle, if its end has come: judges every entity, and gives a permit unless one of them withholds it.
    ///
    /// Cycle ends lie at the instant of arming and whole cycles after it. An evaluation that is more than the plan's `late_max_us` late
    /// is a fault of the supervisor itself. A `now_us` before the end, which stands or goes back, is [`Outcome::Early`].
    pub fn evaluate(mut self, now_us: u64) -> Outcome<N, D, F> {
        match self.core.evaluate(now_us) {
            Verdict::Early(due_us) => Outcome::Early(self, due_us),
            Verdict::Feed(permit, health) => Outcome::Feed(self, permit, health),
            Verdict::Stop(culprit) => {
                Outcome::Stop(Supervisor { core: self.core, state: PhantomData }, culprit)
            }
        }
    }

    /// Switches to another mode; a bounded one is left again by [`Self::leave`]. The entities that are active in the new mode are
    /// judged first at the end of a whole reference cycle, and the spans and graphs of before it are void.
    ///
    /// # Errors
    ///
    /// [`SwitchError`]: the mode is unknown, a bounded one is still running, something has expired, or an entity has not been judged
    /// since the last switch.
    pub fn switch(&mut self, mode: Mode, now_us: u64) -> Result<(), SwitchError> {
        self.core.switch(mode, now_us)
    }

    /// Leaves the bounded mode for the mode from which it was entered. Where the plan says that the watchdog stood still, it is asked
    /// whether it runs.
    ///
    /// # Errors
    ///
    /// [`LeaveError`]: there is no bounded mode, or the watchdog cannot be asked. A mode that has overrun its budget and a watchdog that
    /// does not run are errors too, and the next evaluation stops.
    pub fn leave<W: Watchdog>(
        &mut self,
        dog: &mut Dog<W>,
        now_us: u64,
    ) -> Result<(), LeaveError<W::Error>> {
        self.core.leave(dog, now_us)
    }

    /// Ends the round of a question/answer watchdog, if its second window is open. It is asked after each feed until the round has
    /// ended; a watchdog of another kind has no rounds. After a stop nothing ends a round that is open, and the chip finds it.
    ///
    /// ```
    /// # use watchdog_core::{Armed, Dog, Round, Supervisor, Watchdog};
    /// fn turn<W: Watchdog>(supervisor: &Supervisor<Armed, 1>, dog: &mut Dog<W>, now_us: u64) {
    ///     match supervisor.poll_round(dog, now_us) {
    ///         Ok(Round::Open { due_us }) => assert!(due_us > now_us),
    ///         Ok(Round::Finished | Round::None) => {}
    ///         Err(_the_bus_failed) => {}
    ///     }
    /// }
    /// ```
    ///
    /// ```compile_fail,E0599
    /// # use watchdog_core::{Dog, Stopped, Supervisor, Watchdog};
    /// fn turn<W: Watchdog>(supervisor: &Supervisor<Stopped, 1>, dog: &mut Dog<W>, now_us: u64) {
    ///     let _ = supervisor.poll_round(dog, now_us);
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`PollError`]: the dog is not armed by this supervisor, or the hardware cannot be reached; then the round is still open.
    pub fn poll_round<W: Watchdog>(
        &self,
        dog: &mut Dog<W>,
        now_us: u64,
    ) -> Result<Round, PollError<W::Error>> {
        dog.finish(self.core.id(), now_us)
    }
}

impl<const N: usize, const D: usize, const F: usize> Supervisor<Stopped, N, D, F> {
    /// Waits for the watchdog to bite. Interrupts go on.
    pub fn wait(self) -> ! {
        loop {
            core::hint::spin_loop();
        }
    }
}

impl<S, const N: usize, const D: usize, const F: usize> Supervisor<S, N, D, F> {
    /// The global status.
    #[must_use]
    pub const fn status(&self) -> GlobalStatus {
        self.core.own.status
    }

    /// The local status of an entity; `None` if the plan has none of this number.
    #[must_use]
    pub fn status_of(&self, entity: EntityId) -> Option<LocalStatus> {
        self.core.shared.entities.get(entity.index()).map(|cell| cell.record().status())
    }

    /// How often an entity that is deactivated has reached its counted checkpoint since then, wrapping; 0 for one that is active.
    #[must_use]
    pub fn ignored(&self, entity: EntityId) -> u32 {
        self.core.ignored(entity)
    }

    /// What was wrong first, and has withheld or will withhold the permit.
    #[must_use]
    pub const fn culprit(&self) -> Option<Culprit> {
        self.core.own.first.culprit
    }

    /// Which advisory entity has expired first, and why.
    #[must_use]
    pub const fn advisory_culprit(&self) -> Option<Culprit> {
        self.core.own.first_advisory.culprit
    }

    /// The mode, or the one from which the bounded mode that runs was entered.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.core.own.mode
    }

    /// The bounded mode that runs.
    #[must_use]
    pub fn bounded_mode(&self) -> Option<Mode> {
        self.core.bounded_mode()
    }

    /// When the running cycle ends, in microseconds.
    #[must_use]
    pub const fn due_us(&self) -> u64 {
        self.core.own.due_us
    }

    /// How the watchdog was found when it was armed; `None` before that.
    #[must_use]
    pub const fn start(&self) -> Option<Start> {
        self.core.own.start
    }

    /// What this boot may do.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.core.shared.boot.level()
    }

    /// The program is about to reset itself: the next reset is normal, if it is a software reset or its cause is unknown.
    pub fn announce(&mut self) {
        self.core.shared.boot.announce();
    }

    /// This run is good: the abnormal boots before it no longer count.
    ///
    /// # Errors
    ///
    /// [`NotGoodYet`]: the run is shorter than the plan says that a good one is.
    pub fn mark_good(&mut self, now_us: u64) -> Result<(), NotGoodYet> {
        self.core.shared.boot.mark_good(now_us)
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &'static Plan<N, D, F> {
        self.core.shared.plan
    }
}

/// What an evaluation finds, apart from the typestate.
#[derive(Debug)]
enum Verdict {
    Early(u64),
    Feed(Permit<'static>, Health),
    Stop(Culprit),
}

impl<const N: usize, const D: usize, const F: usize> Core<N, D, F> {
    /// What a permit and a dog know their supervisor by.
    fn id(&self) -> usize {
        core::ptr::from_ref(self.shared).addr()
    }

    fn ignored(&self, entity: EntityId) -> u32 {
        match self.shared.entities.get(entity.index()) {
            Some(cell) if cell.record().status() == LocalStatus::Deactivated => cell.count(),
            _ => 0,
        }
    }
}
