//! A machine under any events, times, faults and resets, against its table in words.

use safe_state::machine::{AnyMachine, Config, State};
use safe_state::{Cleared, Missing, over_us};

use super::Choices;
use super::common::{Faults, Set, edge, recovered, set};

static CONFIG: Config = Config::new(over_us(10_000)).restarts(2);

struct Model {
    state: State,
    since: u64,
    restarts: u16,
    is_demanded: bool,
}

impl Model {
    fn go(&mut self, state: State, now: u64) {
        if state != self.state {
            (self.state, self.since) = (state, now);
        }
    }
}

struct World {
    machine: AnyMachine,
    model: Model,
    faults: Set,
    clearance: Option<(Cleared<Faults>, u64, u32)>,
    /// Counts what stops the machine.
    generation: u32,
    now: u64,
    /// The words that were kept before the last event.
    before: [u32; 2],
}

/// A byte an event, and those that it takes.
pub fn machine(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut world = World {
        machine: AnyMachine::new(&CONFIG, 0),
        model: Model { state: State::Startup, since: 0, restarts: 0, is_demanded: true },
        faults: set(),
        clearance: None,
        generation: 0,
        now: 0,
        before: [0; 2],
    };
    while !choices.is_empty() {
        let (was, kept) = (world.model.state, world.machine.kept());
        let is_damaged = world.event(&mut choices);
        world.before = kept;
        let World { machine, model, .. } = &world;
        assert_eq!((machine.state(), machine.since_us()), (model.state, model.since));
        match machine.cause() {
            Some(event) if was != model.state => {
                assert_eq!(was.after(event), Some(model.state), "{event:?} in {was:?}");
            }
            Some(_) => {}
            None => assert!(matches!(model.state, State::Startup | State::Lockout)),
        }
        if was == State::Lockout && !is_damaged {
            assert_eq!(model.state, State::Lockout, "left by nothing");
        }
    }
}

impl World {
    /// An event; whether it was a reset with other words.
    fn event(&mut self, choices: &mut Choices<'_>) -> bool {
        let byte = choices.byte();
        self.now += [0, 1, 100, 3_000, 9_999, 10_000, 1 << 20, 1 << 40][usize::from(byte >> 5)];
        let now = self.now;
        match byte & 0x0F {
            0 => {
                let ready = self.machine.ready(now);
                self.moves(ready.is_ok(), &[State::Startup], State::Safe);
            }
            1 => {
                let cleared = self.faults.acknowledge(edge(now)).ok();
                self.clearance = cleared.map(|cleared| (cleared, now, self.generation));
            }
            2 => self.operate(),
            3 => self.restart(),
            4 => {
                self.machine.demand(now);
                let Model { state, since, is_demanded, .. } = &mut self.model;
                (*since, *is_demanded) = (now, true);
                if matches!(state, State::Operational | State::Degraded) {
                    *state = State::Safe;
                }
            }
            5 | 6 => {
                self.machine.heed(&self.faults, now);
                heed(&mut self.model, &self.faults, now);
            }
            7 => {
                let recover = self.machine.recover(now);
                self.moves(recover.is_ok(), &[State::Startup, State::Safe], State::Recovering);
            }
            8 => {
                let recovered = self.machine.recovered(recovered(), now);
                self.moves(recovered.is_ok(), &[State::Recovering], State::Safe);
            }
            9 => {
                let failed = self.machine.recovery_failed(now);
                self.moves(failed.is_ok(), &[State::Recovering], State::Lockout);
            }
            10 if choices.byte() % 8 == 0 => {
                self.machine.lock(now);
                self.model.go(State::Lockout, now);
            }
            11 => {
                let raised = Faults::from_bits_truncate(choices.byte() & choices.byte());
                for fault in raised.iter().filter(|fault| !self.faults.is_active(*fault)) {
                    self.generation += u32::from(fault != Faults::FAN);
                }
                self.faults.raise(raised, now);
            }
            12 | 13 => self.faults.clear(Faults::from_bits_retain(choices.byte()), now),
            14 => return reset(self, choices),
            _ => {}
        }
        false
    }

    /// An event was taken if the state is one of these, and leads to another.
    fn moves(&mut self, is_taken: bool, from: &[State], to: State) {
        assert_eq!(is_taken, from.contains(&self.model.state));
        if is_taken {
            self.model.go(to, self.now);
        }
    }

    fn operate(&mut self) {
        let Some((cleared, at, generation)) = &self.clearance else { return };
        let operated = self.machine.operate(cleared, &self.faults, self.now);
        let operated = operated.map_err(|refusal| refusal.missing);
        if *generation != self.generation || is_stopped(&self.faults) {
            assert!(matches!(operated, Err(Missing::Clear(_) | Missing::Clearance)));
        } else if *at <= self.model.since {
            assert_eq!(operated, Err(Missing::Acknowledgement));
        } else if self.model.state != State::Safe {
            assert_eq!(operated, Err(Missing::State));
        } else {
            assert_eq!(operated, Ok(()));
            self.model.go(State::Operational, self.now);
            (self.model.restarts, self.model.is_demanded) = (0, false);
        }
    }

    fn restart(&mut self) {
        let restarted = self.machine.restart(&self.faults, self.now).map(drop);
        let restarted = restarted.map_err(|refusal| refusal.missing);
        if self.model.state != State::Safe {
            assert_eq!(restarted, Err(Missing::State));
        } else if self.model.is_demanded {
            assert_eq!(restarted, Err(Missing::Acknowledgement));
        } else if let Some(not_clear) = self.faults.not_clear() {
            assert_eq!(restarted, Err(Missing::Clear(not_clear)));
        } else if self.model.restarts == 2 {
            assert_eq!(restarted, Err(Missing::Restarts { max: 2 }));
            self.model.go(State::Lockout, self.now);
        } else {
            assert_eq!(restarted, Ok(()));
            self.model.restarts += 1;
            self.model.go(State::Operational, self.now);
        }
    }
}

/// Whether a fault with the severity stop or lockout is there.
fn is_stopped(faults: &Set) -> bool {
    faults.in_order().any(|present| present.name != "FAN")
}

/// Every row but FAN stops, FUSE locks.
fn heed(model: &mut Model, faults: &Set, now: u64) {
    let there = |name| faults.in_order().any(|present| present.name == name);
    let is_running = matches!(model.state, State::Operational | State::Degraded);
    if there("FUSE") {
        model.go(State::Lockout, now);
    } else if is_stopped(faults) {
        if is_running {
            model.go(State::Safe, now);
        } else {
            // As a demand: an edge has to come after it.
            model.since = now;
        }
    } else if is_running {
        model.go(if there("FAN") { State::Degraded } else { State::Operational }, now);
    }
    if model.state == State::Degraded && now - model.since >= 10_000 {
        model.go(State::Safe, now);
    }
}

/// A reset, by the words that were kept: whole, torn, or with flipped bits; whether they are whole and other words.
fn reset(world: &mut World, choices: &mut Choices<'_>) -> bool {
    let World { machine, model, now, before, .. } = world;
    let mut words = machine.kept();
    let flips = choices.of([0, 1, 2, 3]);
    if flips == 3 {
        // Between the two stores of the last event.
        words[1] = before[1];
    }
    for _ in 0..flips % 3 {
        let bit = choices.byte();
        words[usize::from(bit >> 5) & 1] ^= 1 << (bit & 31);
    }
    let is_whole = words == machine.kept();
    // Two flips that agree make other words that are whole.
    let agree = words[0] == !words[1];
    *machine = AnyMachine::restored(words, &CONFIG, *now);
    model.since = *now;
    let [low, high, state, is_demanded] = words[0].to_le_bytes();
    if !agree || state > 5 || is_demanded > 1 {
        (model.state, model.restarts, model.is_demanded) = (State::Lockout, 0, true);
        return agree;
    }
    model.state = if state == 5 { State::Lockout } else { State::Startup };
    (model.restarts, model.is_demanded) = (u16::from_le_bytes([low, high]), is_demanded == 1);
    !is_whole
}
