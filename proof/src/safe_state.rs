//! Calls every public function of `safe-state` with input that is only known at run time. What a constant or a `static` keeps to is made
//! in one, as it is meant to be.
#![no_std]
#![no_main]

#[path = "safe_state/blocks.rs"]
mod blocks;
#[path = "safe_state/channel.rs"]
mod channel;
#[path = "safe_state/faults.rs"]
mod faults;
#[path = "safe_state/freshness.rs"]
mod freshness;
#[path = "safe_state/journal.rs"]
mod journal;
#[path = "safe_state/machine.rs"]
mod machine;
#[path = "safe_state/outputs.rs"]
mod outputs;
#[path = "safe_state/passivation.rs"]
mod passivation;
#[path = "safe_state/recovery.rs"]
mod recovery;
#[path = "safe_state/staged.rs"]
mod staged;

use core::hint::black_box;

use bitflags::bitflags;
use proof::keep;
use safe_state::fault::{self, Fault, Latch, ReportCell, Severity};
use safe_state::{Actuator, AnyChannel, ReadBack, SafeNow};

bitflags! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Faults: u8 {
        const A = 1;
        const B = 2;
        const C = 4;
    }
}

static ROWS: [Fault; 3] = [
    Fault::defer_max_us(fault::fault("A", Severity::Stop, Latch::Acknowledge), 5_000),
    fault::fault("B", Severity::Degrade, Latch::Auto),
    fault::fault("C", Severity::Lockout, Latch::Never),
];

/// An actuator whose answers are not known.
struct Drive(u64);

impl Actuator for Drive {
    type Command = i32;
    type Error = u8;
    const SAFE: i32 = 0;

    fn drive(&mut self, command: i32) -> Result<(), u8> {
        keep(command);
        if black_box(self.0) == 1 { Err(1) } else { Ok(()) }
    }

    fn read_back(&mut self) -> Result<ReadBack<i32>, u8> {
        match black_box(self.0) {
            1 => Err(1),
            2 => Ok(ReadBack::Unsupported),
            other => Ok(ReadBack::Does(other as i32)),
        }
    }
}

/// A channel is at most 40 bytes over its actuator and two commands, on 32 bits.
const _: () =
    assert!(size_of::<AnyChannel<Drive>>() <= size_of::<Drive>() + 2 * size_of::<i32>() + 40);

static SAFE_NOW: SafeNow<2> = SafeNow::new([output, output]);

fn output() {
    keep(0);
}

/// A number that the compiler does not know.
fn number(index: u64) -> u64 {
    black_box(index)
}

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut CELL: ReportCell<Faults> = ReportCell::new();
    SafeNow::drive(&SAFE_NOW);
    faults::set();
    faults::reported(CELL);
    freshness::source();
    freshness::sources();
    freshness::backlogs();
    machine::typed();
    machine::any();
    channel::typed();
    channel::any();
    outputs::hal();
    outputs::groups();
    staged::typed();
    staged::any();
    blocks::all();
    passivation::all();
    recovery::all();
    let bytes = [0; 600];
    journal::faults(&faults::any_set());
    journal::channel(black_box(&AnyChannel::new(Drive(number(1)), channel::config())));
    journal::all(black_box(&bytes).get(..number(600) as usize).unwrap_or_default());
    loop {}
}
