//! A panic while an axis is up. This target does not unwind: no `Drop` runs, and the handler drives what is safe by the list of `SafeNow`,
//! without any instance, lock or clock. The watchdog then resets the board, and the boot after it drives the same list before anything
//! else. Each function of the list notes its call in a memory that survives the reset; at the end the notes are compared.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use bitflags::bitflags;
use board::{Light, Retained, advance, end, now_us, start_watchdog};
use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::hprintln;
use embedded_hal::digital::OutputPin;
use safe_state::fault::{Fault, Latch, Severity, fault};
use safe_state::hal::{ActiveHigh, SwitchPin};
use safe_state::{
    AnyChannel, Button, Config, Edge, FaultSet, Group, OnLoss, SafeNow, Sequence, Step, Switch,
    lease_us,
};

bitflags! {
    #[derive(Clone, Copy)]
    struct Faults: u8 {
        const OVERSPEED = 1;
    }
}

static ROWS: [Fault; 1] = [fault("OVERSPEED", Severity::Stop, Latch::Acknowledge)];
static AXIS: Config<(Switch, Switch)> = Config::new(lease_us(100_000), OnLoss::SAFE);
const UP: (Switch, Switch) = (Switch::On, Switch::On);
static ORDER: Sequence<2> = Sequence::new([Step::of(0), Step::of(1)], [Step::of(1), Step::of(0)]);

/// Brake on, then torque off, then the supply of the drive.
static SAFE_NOW: SafeNow<3> = SafeNow::new([brake_on, torque_off, supply_off]);

fn brake_on() {
    note(1 << Light::<0>::is_on() as u32 | 0x10);
    let _ = Light::<0>.set_low();
}

fn torque_off() {
    note(1 << Light::<1>::is_on() as u32 | 0x20);
    let _ = Light::<1>.set_low();
}

fn supply_off() {
    note(0x30);
}

/// The notes: how many there are, whether they are of this program, and a word each.
#[unsafe(link_section = ".uninit.NOTES")]
static NOTES: [Retained; 16] = [const { Retained::new() }; 16];
#[unsafe(link_section = ".uninit.COUNT")]
static COUNT: Retained = Retained::new();
#[unsafe(link_section = ".uninit.IS_OURS")]
static IS_OURS: Retained = Retained::new();
const OURS: u32 = 0x5AFE_0001;

fn note(what: u32) {
    let count = COUNT.value();
    if let Some(place) = NOTES.get(count as usize) {
        place.set(what);
        COUNT.set(count + 1);
    }
}

/// In a list: who was called, and whether its light was on before.
const OFF: [u32; 3] = [0x11, 0x21, 0x30];
const ON: [u32; 3] = [0x12, 0x22, 0x30];

#[entry]
fn main() -> ! {
    if IS_OURS.value() != OURS {
        IS_OURS.set(OURS);
        COUNT.set(0);
    }
    // The first thing at boot.
    SAFE_NOW.drive();
    board::init();
    let noted = NOTES.iter().take(COUNT.value() as usize).map(Retained::value);
    if COUNT.value() > 3 {
        // The first boot, the panic with the axis up, the boot after the reset.
        let is_in_order = noted.eq([OFF, ON, OFF].into_iter().flatten());
        hprintln!("after the reset: {} calls, in their order: {}", COUNT.value(), is_in_order);
        end(is_in_order);
    }
    start_watchdog(50_000);
    let is_up = lift().is_some();
    hprintln!("no panic; up: {}", is_up);
    end(false)
}

/// The axis is up, and an index is wrong.
fn lift() -> Option<u32> {
    let brake = SwitchPin::<_, ActiveHigh>::new(Light::<0>);
    let torque = SwitchPin::<_, ActiveHigh>::new(Light::<1>);
    let mut axis = AnyChannel::new(Group::new((brake, torque), &ORDER, UP), &AXIS);
    let mut faults = FaultSet::<Faults, 1>::new(&ROWS);
    let mut button = Button::new(Edge::Rising, 500_000);
    let safe_us = now_us();
    axis.prove_safe(safe_us).ok()?;
    let _released = button.sample(false, safe_us);
    // The edge comes after it.
    while now_us() <= safe_us {
        advance();
    }
    let cleared = faults.acknowledge(button.sample(true, now_us()).ok()?).ok()?;
    axis.arm(cleared).ok()?;
    axis.start(&faults, now_us()).ok()?;
    let (table, index) = core::hint::black_box(([1, 2, 3], 3));
    Some(table[index])
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    SAFE_NOW.drive();
    loop {
        // The watchdog resets the board.
        core::hint::spin_loop();
    }
}

#[exception]
unsafe fn HardFault(_: &ExceptionFrame) -> ! {
    SAFE_NOW.drive();
    loop {
        core::hint::spin_loop();
    }
}
