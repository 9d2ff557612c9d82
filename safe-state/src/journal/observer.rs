//! Observers: what has changed since the last look, as occurrences.

use bitflags::Flags;

use super::Occurrence;
use crate::channel;
use crate::fault::FaultSet;
use crate::machine;
use crate::published::{Published, Quality};

/// An observer of one channel: its state, and the quality of its output.
///
/// ```
/// # use safe_state::journal::{Journal, Observer};
/// # use safe_state::{AnyChannel, Outputs};
/// # fn look<O: Outputs, const N: usize>(motor: &AnyChannel<O>, seen: &mut Observer, journal: &mut Journal<N>, now_us: u64) {
/// let state = seen.channel(motor.state(), motor.cause());
/// let output = seen.output(&motor.published(now_us));
/// for occurrence in state.into_iter().chain(output) {
///     journal.push(occurrence, now_us);
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Observer {
    number: u8,
    state: channel::State,
    quality: Quality,
}

impl Observer {
    /// An observer of the channel with this number, from its making on.
    #[must_use]
    pub const fn new(number: u8) -> Self {
        Self { number, state: channel::State::Unproven, quality: Quality::Bad }
    }

    /// Its state now, if it is another one.
    pub fn channel(&mut self, now: channel::State, cause: channel::Cause) -> Option<Occurrence> {
        let from = core::mem::replace(&mut self.state, now);
        let channel = self.number;
        (from != now).then_some(Occurrence::Channel { channel, from, to: now, cause })
    }

    /// The quality of its output now, if it is another one.
    pub fn output<T: Copy>(&mut self, now: &Published<T>) -> Option<Occurrence> {
        let (output, to) = (self.number, now.quality());
        let from = core::mem::replace(&mut self.quality, to);
        let age_us = now.age_us().map(|age_us| u32::try_from(age_us).unwrap_or(u32::MAX));
        (from != to).then_some(Occurrence::Output { output, from, to, age_us })
    }
}

/// An observer of the machine.
#[derive(Clone, Copy, Debug)]
pub struct MachineObserver {
    state: machine::State,
}

impl MachineObserver {
    /// An observer of a machine from its start-up on.
    #[must_use]
    #[allow(clippy::new_without_default)] // As the machine.
    pub const fn new() -> Self {
        Self { state: machine::State::Startup }
    }

    /// Its state now, if it is another one, and what led to it.
    pub fn look(
        &mut self,
        now: machine::State,
        event: Option<machine::Event>,
        episode: u16,
    ) -> Option<Occurrence> {
        let from = core::mem::replace(&mut self.state, now);
        (from != now).then_some(Occurrence::Machine { from, to: now, event, episode })
    }
}

/// An observer of a set of faults, looked at in each tick. It numbers the episodes: one begins with a first-out, and the next one with the
/// first-out after its acknowledgement.
///
/// ```
/// # use bitflags::bitflags;
/// # use safe_state::fault::{fault, Fault, Latch, Severity};
/// # use safe_state::FaultSet;
/// # bitflags! { #[derive(Clone, Copy)] struct Faults: u8 { const HV = 1; const OVERCURRENT = 2; } }
/// # static ROWS: [Fault; 2] = [
/// #     fault("HV", Severity::Stop, Latch::Acknowledge),
/// #     fault("OVERCURRENT", Severity::Stop, Latch::Acknowledge),
/// # ];
/// use safe_state::journal::{FaultObserver, Occurrence};
///
/// let mut faults = FaultSet::<Faults, 2>::new(&ROWS);
/// let mut seen = FaultObserver::new();
/// faults.raise(Faults::OVERCURRENT, 100);
/// faults.raise(Faults::HV, 200);
/// let told: Vec<Occurrence> = seen.look(&faults).collect();
/// assert_eq!(told, [
///     Occurrence::FaultRaised { fault: 1, is_first_out: true, episode: 1 },
///     Occurrence::FaultRaised { fault: 0, is_first_out: false, episode: 1 },
/// ]);
/// assert_eq!(seen.look(&faults).count(), 0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FaultObserver {
    /// Those whose cause was there at the last look.
    active: u32,
    has_first_out: bool,
    episode: u16,
}

impl FaultObserver {
    /// An observer of a set in which no fault was raised yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { active: 0, has_first_out: false, episode: 0 }
    }

    /// The number of the episode, from 1, wrapping; 0 before the first one.
    #[must_use]
    pub const fn episode(&self) -> u16 {
        self.episode
    }

    /// What was raised, in its order, and after it what was cleared. A fault that was cleared and raised again between two looks is not told.
    pub fn look<F: Flags, const N: usize>(
        &mut self,
        faults: &FaultSet<F, N>,
    ) -> impl Iterator<Item = Occurrence> {
        let first_out = faults.first_out();
        if first_out.is_some() && !self.has_first_out {
            self.episode = self.episode.wrapping_add(1);
        }
        self.has_first_out = first_out.is_some();
        let (episode, before) = (self.episode, self.active);
        self.active = faults
            .in_order()
            .filter(|fault| fault.cleared_us.is_none())
            .fold(0, |active, fault| active | bit(fault.index));
        let now = self.active;
        let is_first_out = move |index| first_out.is_some_and(|first_out| first_out.index == index);
        let raised = faults.in_order().filter_map(move |present| {
            let fault = present.index;
            (now & bit(fault) & !before != 0).then_some(Occurrence::FaultRaised {
                fault,
                is_first_out: is_first_out(fault),
                episode,
            })
        });
        let cleared = (0..32).filter_map(move |fault| {
            (before & bit(fault) & !now != 0).then_some(Occurrence::FaultCleared { fault, episode })
        });
        raised.chain(cleared)
    }
}

fn bit(index: u8) -> u32 {
    1_u32.checked_shl(index.into()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::channel::{Cause, State};
    use crate::fault::{Fault, Latch, Severity, fault};

    bitflags::bitflags! {
        #[derive(Clone, Copy)]
        struct Faults: u8 {
            const A = 1;
            const B = 2;
            const C = 4;
        }
    }

    static ROWS: [Fault; 3] = [
        fault("A", Severity::Stop, Latch::Auto),
        fault("B", Severity::Stop, Latch::Acknowledge),
        fault("C", Severity::Stop, Latch::Acknowledge),
    ];

    fn raised(fault: u8, is_first_out: bool, episode: u16) -> Occurrence {
        Occurrence::FaultRaised { fault, is_first_out, episode }
    }

    #[test]
    fn a_change_is_told_once_with_what_was_before() {
        let mut observer = Observer::new(7);
        assert_eq!(observer.channel(State::Unproven, Cause::PowerUp), None);
        let told = observer.channel(State::Safe, Cause::PowerUp);
        let (from, to, cause) = (State::Unproven, State::Safe, Cause::PowerUp);
        assert_eq!(told, Some(Occurrence::Channel { channel: 7, from, to, cause }));
        assert_eq!(observer.channel(State::Safe, Cause::Demand), None);
        let bad = Published::new(0_u16, Quality::Bad, None, 0);
        assert_eq!(observer.output(&bad), None);
        let (from, to) = (Quality::Bad, Quality::Held);
        for (age_us, age) in [(Some(9), Some(9)), (Some(1 << 40), Some(u32::MAX)), (None, None)] {
            let told = observer.output(&Published::new(0_u16, to, age_us, 0));
            assert_eq!(told, Some(Occurrence::Output { output: 7, from, to, age_us: age }));
            assert_eq!(observer.output(&Published::new(0_u16, to, age_us, 1)), None);
            assert!(observer.output(&bad).is_some());
        }
    }

    #[test]
    fn a_state_of_the_machine_is_told_once_with_its_event() {
        use machine::{Event, State};
        let mut observer = MachineObserver::new();
        assert_eq!(observer.look(State::Startup, None, 0), None);
        let told = observer.look(State::Safe, Some(Event::Ready), 3);
        let (from, to, event, episode) = (State::Startup, State::Safe, Some(Event::Ready), 3);
        assert_eq!(told, Some(Occurrence::Machine { from, to, event, episode }));
        assert_eq!(observer.look(State::Safe, Some(Event::Demand), 3), None);
    }

    #[test]
    fn faults_are_told_in_their_order_once_and_episodes_are_numbered() {
        let mut faults = FaultSet::<Faults, 3>::new(&ROWS);
        let mut observer = FaultObserver::new();
        let mut look = |faults: &FaultSet<Faults, 3>| observer.look(faults).collect::<Vec<_>>();
        assert_eq!(look(&faults), []);
        assert_eq!(FaultObserver::new().episode(), 0);
        faults.raise(Faults::C, 1);
        faults.raise(Faults::A, 2);
        assert_eq!(look(&faults), [raised(2, true, 1), raised(0, false, 1)]);
        assert_eq!(look(&faults), []);
        // A clears by itself, C is latched; one is raised in the same look.
        faults.clear(Faults::A | Faults::C, 3);
        faults.raise(Faults::B, 4);
        let cleared = |fault| Occurrence::FaultCleared { fault, episode: 1 };
        assert_eq!(look(&faults), [raised(1, false, 1), cleared(0), cleared(2)]);
        // Raised again while it is latched.
        faults.raise(Faults::C, 5);
        assert_eq!(look(&faults), [raised(2, true, 1)]);
        faults.clear(Faults::B | Faults::C, 6);
        assert_eq!(look(&faults), [cleared(1), cleared(2)]);
        assert_eq!(observer.episode(), 1);
    }
}
