//! A controller that records what happens to it in memory that survives its resets, and tells it in the log of each boot. A host tool reads
//! the log: who held which value, which fault was first, what a recovery took.
//!
//! ```text
//! boot  what happens
//! 0     the heater runs; its thermostat falls silent and comes back, two faults come, the thermostat falls silent for good; a reset
//! 1     a recovery within its budgets; it runs; a reset
//! 2     a recovery whose second step takes too long: locked; a reset
//! 3     locked still, and the recovery was left at its second step
//! ```
#![no_std]
#![no_main]

use bitflags::bitflags;
use board::{Hex, Pin, Retained, advance, end, now_us};
use cortex_m_rt::entry;
use cortex_m_semihosting::{hprint, hprintln};
use panic_halt as _;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::freshness::{Limits, age_limit_us};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::journal::{FaultObserver, Journal, MachineObserver, Observer, Occurrence, Ring};
use safe_state::machine::{self, State};
use safe_state::recovery::{Escalation, Memory, Plan, Progress, Recovery, step};
use safe_state::{
    AnyChannel, AnyMachine, Button, Config, Edge, FaultSet, OnLoss, Sample, Source, StopCategory,
    Switch, cycle, lease_us, over_us,
};

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const OVERHEAT = 1;
        const PUMP = 2;
    }
}

static ROWS: [Fault; 2] = [
    fault("OVERHEAT", Severity::Stop, Latch::Acknowledge),
    fault("PUMP", Severity::Stop, Latch::Acknowledge),
];
static MACHINE: machine::Config = machine::Config::new(over_us(1_000_000));
static HEATER: Config<Switch> =
    Config::new(lease_us(10_000), OnLoss::SAFE.after_holding(over_us(40_000)));
static THERMOSTAT: Limits = Limits::new(age_limit_us(5_000));
static PLAN: Plan<2> =
    Plan::new([step("links", over_us(10_000)), step("sensors", over_us(20_000))], over_us(25_000));

const ENTRIES: usize = 64;
const OURS: u32 = 0x5AFE_0016;
const SOFTWARE: u8 = 2;
const POWER: u8 = 1;

#[unsafe(link_section = ".uninit.RING")]
static RING: Ring<ENTRIES> = Ring::new();
#[unsafe(link_section = ".uninit.RECOVERY")]
static RECOVERY: Memory = Memory::new();
#[unsafe(link_section = ".uninit.KEPT")]
static KEPT: [Retained; 2] = [const { Retained::new() }; 2];
#[unsafe(link_section = ".uninit.IS_OURS")]
static IS_OURS: Retained = Retained::new();
#[unsafe(link_section = ".uninit.BOOT")]
static BOOT: Retained = Retained::new();

/// The controller, and those who watch it for the journal.
struct Controller {
    machine: AnyMachine,
    heater: AnyChannel<SwitchPin<Pin, ActiveHigh>>,
    faults: FaultSet<Faults, 2>,
    source: Source<Switch>,
    button: Button,
    journal: Journal<ENTRIES>,
    of_machine: MachineObserver,
    of_heater: Observer,
    of_faults: FaultObserver,
}

#[entry]
fn main() -> ! {
    board::init();
    let is_power_up = IS_OURS.value() != OURS;
    if is_power_up {
        RECOVERY.clear();
        BOOT.set(0);
        IS_OURS.set(OURS);
    }
    let boot = BOOT.value();
    BOOT.set(boot + 1);
    let machine = if is_power_up {
        AnyMachine::new(&MACHINE, now_us())
    } else {
        AnyMachine::restored([KEPT[0].value(), KEPT[1].value()], &MACHINE, now_us())
    };
    let mut controller = Controller {
        machine,
        heater: AnyChannel::new(SwitchPin::new(Pin), &HEATER),
        faults: FaultSet::new(&ROWS),
        source: Source::new(&THERMOSTAT),
        button: Button::new(Edge::Rising, 500_000),
        journal: Journal::open(&RING),
        of_machine: MachineObserver::new(),
        of_heater: Observer::new(0),
        of_faults: FaultObserver::new(),
    };
    let cause = if is_power_up { POWER } else { SOFTWARE };
    let count = boot as u16;
    controller.journal.push(Occurrence::Boot { cause, count }, now_us());
    if is_power_up {
        names();
    }
    controller.log();
    let state = controller.run(boot);
    controller.watch();
    match (boot, state) {
        (0 | 1, State::Operational | State::Safe) | (2, State::Lockout) => {
            let [word, check] = controller.machine.kept();
            KEPT[0].set(word);
            KEPT[1].set(check);
            cortex_m::peripheral::SCB::sys_reset();
        }
        (3, State::Lockout) => {
            controller.log();
            end(true);
        }
        _ => end(false),
    }
}

/// The names of the numbers in the journal, for the log.
fn names() {
    for (row, index) in ROWS.iter().zip(0..) {
        hprintln!("{},fault,{},{}", now_us(), row.name(), index);
    }
    for index in 0..2 {
        hprintln!("{},step,{},{}", now_us(), PLAN.name(index).unwrap_or("?"), index);
    }
    hprintln!("{},channel,heater,0", now_us());
    hprintln!("{},reset,power,{}", now_us(), POWER);
    hprintln!("{},reset,software,{}", now_us(), SOFTWARE);
}

impl Controller {
    fn run(&mut self, boot: u32) -> State {
        if boot > 0 && self.machine.state() == State::Startup {
            let Ok(()) = self.machine.recover(now_us()) else { end(false) };
            self.watch();
        }
        let took_us = if boot == 1 { 8_000 } else { 21_500 };
        match (self.machine.state(), self.recover(took_us)) {
            (State::Startup, _) => {
                let Ok(()) = self.machine.ready(now_us()) else { end(false) };
            }
            (State::Recovering, true) => {}
            (State::Recovering, false) => {
                let _ = self.machine.recovery_failed(now_us());
                return State::Lockout;
            }
            _ => return self.machine.state(),
        }
        self.watch();
        if self.heater.prove_safe(now_us()).is_err() {
            end(false);
        }
        let (begun_us, last_ms) = (now_us(), if boot == 0 { 400 } else { 60 });
        loop {
            advance();
            let now_us = now_us();
            let ms = (now_us - begun_us) / 1_000;
            if ms >= last_ms {
                return self.machine.state();
            }
            self.turn(ms, now_us);
        }
    }

    /// The links, and then the sensors, which take so long. After a power-up, nothing is recovered.
    fn recover(&mut self, took_us: u64) -> bool {
        if self.machine.state() == State::Startup {
            return true;
        }
        let mut recovery = match Recovery::begin(&PLAN, &RECOVERY, now_us()) {
            Ok(recovery) => recovery,
            Err(escalation) => return self.escalate(escalation),
        };
        for took_us in [3_000, took_us] {
            let begun_us = now_us();
            while now_us() < begun_us + took_us {
                advance();
            }
            let now_us = now_us();
            let occurrence = recovery.occurrence(now_us);
            match recovery.done(now_us) {
                Ok(Progress::Next(next)) => {
                    self.journal.push(occurrence, now_us);
                    recovery = next;
                }
                Ok(Progress::Recovered(recovered)) => {
                    self.journal.push(occurrence, now_us);
                    self.journal.push(recovered.occurrence(), now_us);
                    return self.machine.recovered(recovered, now_us).is_ok();
                }
                Err(escalation) => return self.escalate(escalation),
            }
        }
        false
    }

    fn escalate(&mut self, escalation: Escalation) -> bool {
        self.journal.push(Occurrence::from(escalation), now_us());
        false
    }

    /// A turn of the loop. The operator presses the button at 20 and at 250 ms.
    fn turn(&mut self, ms: u64, now_us: u64) {
        match ms {
            200 => self.faults.raise(Faults::OVERHEAT, now_us),
            201 => self.faults.raise(Faults::PUMP, now_us),
            230 => self.faults.clear(Faults::all(), now_us),
            _ => {}
        }
        let is_pressed = matches!(ms, 20..30 | 250..260);
        if let Ok(edge) = self.button.sample(is_pressed, now_us) {
            self.watch();
            if let Ok(cleared) = self.faults.acknowledge(edge) {
                let episode = self.of_faults.episode();
                self.journal.push(Occurrence::Acknowledged { episode }, now_us);
                let _ = self.machine.operate(&cleared, &self.faults, now_us);
                let _ = self.heater.arm(cleared);
                let _ = self.heater.start(&self.faults, now_us);
            }
        }
        let is_silent = matches!(ms, 80..110 | 300..);
        if !is_silent && now_us % 2_000 < 1_000 {
            let _ = self.source.offer(Sample::new(Switch::On, ms as u32, now_us), now_us);
        }
        let (heater, source) = (&mut self.heater, &self.source);
        cycle(now_us, |tick| heater.running().ok()?.put(source.fresh(tick).ok()?, now_us).ok());
        self.machine.heed(&self.faults, now_us);
        self.heater.heed(&self.faults, StopCategory::Zero, now_us);
        self.watch();
    }

    /// Records what has changed.
    fn watch(&mut self) {
        let now_us = now_us();
        for occurrence in self.of_faults.look(&self.faults) {
            self.journal.push(occurrence, now_us);
        }
        let (machine, episode) = (&self.machine, self.of_faults.episode());
        let machine = self.of_machine.look(machine.state(), machine.cause(), episode);
        let channel = self.of_heater.channel(self.heater.state(), self.heater.cause());
        let output = self.of_heater.output(&self.heater.published(now_us));
        for occurrence in machine.into_iter().chain(channel).chain(output) {
            self.journal.push(occurrence, now_us);
        }
    }

    /// The ring, byte for byte, for the log: with the time at which it is.
    fn log(&self) {
        let now_us = now_us();
        hprint!("{},journal,{},", now_us, now_us);
        for word in RING.words() {
            hprint!("{}", Hex(&word.to_le_bytes()));
        }
        hprintln!("");
    }
}
