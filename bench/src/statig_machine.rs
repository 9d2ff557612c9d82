//! The table of the machine in statig: six states, eleven events.

use statig::prelude::*;

#[derive(Clone, Copy, Debug)]
#[allow(dead_code)] // The bench sends three of them.
pub enum Event {
    Ready,
    Cleared,
    Restart,
    Degrade,
    Restore,
    DegradedOver,
    Demand,
    Recover,
    Recovered,
    RecoveryFailed,
    Lock,
}

#[derive(Debug, Default)]
pub struct Machine;

#[state_machine(initial = "State::startup()", state(derive(Debug, Clone, Copy, PartialEq)))]
impl Machine {
    #[state]
    fn startup(event: &Event) -> Outcome<State> {
        match event {
            Event::Ready => Transition(State::safe()),
            Event::Recover => Transition(State::recovering()),
            Event::Lock => Transition(State::lockout()),
            _ => Handled,
        }
    }

    #[state]
    fn operational(event: &Event) -> Outcome<State> {
        match event {
            Event::Degrade => Transition(State::degraded()),
            Event::Demand => Transition(State::safe()),
            Event::Lock => Transition(State::lockout()),
            _ => Handled,
        }
    }

    #[state]
    fn degraded(event: &Event) -> Outcome<State> {
        match event {
            Event::Restore => Transition(State::operational()),
            Event::DegradedOver | Event::Demand => Transition(State::safe()),
            Event::Lock => Transition(State::lockout()),
            _ => Handled,
        }
    }

    #[state]
    fn safe(event: &Event) -> Outcome<State> {
        match event {
            Event::Cleared | Event::Restart => Transition(State::operational()),
            Event::Recover => Transition(State::recovering()),
            Event::Lock => Transition(State::lockout()),
            _ => Handled,
        }
    }

    #[state]
    fn recovering(event: &Event) -> Outcome<State> {
        match event {
            Event::Recovered => Transition(State::safe()),
            Event::RecoveryFailed | Event::Lock => Transition(State::lockout()),
            _ => Handled,
        }
    }

    #[state]
    fn lockout() -> Outcome<State> {
        Handled
    }
}
