//! A board with four backup registers: a compact record says at the next boot which section was held and which supervision failed.
//! A panic is recorded too. On this board the registers are four words of a memory that nobody loads.
#![no_std]
#![no_main]

use board::{Cmsdk, advance, end, now_us};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use watchdog_core::boot::{self, Blame, Found};
use watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use watchdog_core::{
    Brief, Cells, Checkpoint, Compact, Dog, Kind, Outcome, Plan, ResetCauses, SectionId,
    Supervisor, Words,
};

const TURN: Checkpoint = Checkpoint::of::<1>();
const POSITION: SectionId = SectionId::of::<0>();

static PLAN: Plan<1> = Plan::builder(
    cycle_us(5_000),
    hardware(timeout_us(40_000..=50_000)),
    process_safety_time_us(200_000),
    reset_to_safe_us(30_000),
)
.entity("loop", alive(TURN, per_cycle(1), 0, 10_000), tolerance(1))
.sections(&["position"])
.build();

/// The backup registers of this board.
struct Backup;

#[unsafe(link_section = ".uninit.REGISTERS")]
static REGISTERS: [board::Retained; 4] = [const { board::Retained::new() }; 4];

impl Words for Backup {
    fn load(&self, index: usize) -> u32 {
        REGISTERS.get(index).map_or(0, board::Retained::value)
    }

    fn store(&self, index: usize, value: u32) {
        if let Some(register) = REGISTERS.get(index) {
            register.set(value);
        }
    }
}

static RECORD: Compact<Backup, 4> = Compact::new(Backup);

#[entry]
fn main() -> ! {
    static mut CELLS: Cells<1> = Cells::new(&PLAN);
    board::init();
    let boot = boot::judge_compact(&RECORD, &PLAN, ResetCauses::UNKNOWN, now_us());
    let verdict = *boot.verdict();
    hprintln!("boot: {}", verdict);
    let entity = PLAN.entity("loop");
    match (verdict.found, verdict.abnormal_count, verdict.blame) {
        (Found::ColdStart, 0, Blame::None) => {}
        (
            Found::Record,
            1,
            Blame::Brief(Brief { kind: Kind::Alive, entity: failed, checkpoint, .. }),
        ) => {
            if failed != entity || checkpoint != Some(TURN) || !verdict.held().contains(POSITION) {
                end(false);
            }
        }
        (Found::Record, 2, Blame::Brief(Brief { kind: Kind::Panic, line: Some(4_711), .. })) => {
            end(verdict.causes.contains(ResetCauses::PANIC))
        }
        _ => end(false),
    }
    let (guard, [owner]) = boot.start();
    if verdict.abnormal_count == 1 {
        // As a panic handler does.
        RECORD.panicked(4_711);
        cortex_m::peripheral::SCB::sys_reset();
    }
    let mut dog = Dog::new(Cmsdk);
    let armed = Supervisor::new(CELLS, guard).arm(&mut dog, now_us());
    let Ok((mut supervisor, [entity])) = armed else { end(false) };
    let mut section = None;
    for turn in 0_u32.. {
        advance();
        if turn < 1_000 {
            entity.hit(TURN, now_us());
        } else if section.is_none() {
            section = Some(owner.enter(POSITION));
        }
        supervisor = match supervisor.evaluate(now_us()) {
            Outcome::Early(next, _) => next,
            Outcome::Feed(next, permit, _) => {
                if dog.feed(permit, now_us()).is_err() {
                    end(false);
                }
                next
            }
            Outcome::Stop(stopped, _) => stopped.wait(),
        };
    }
    end(false)
}
