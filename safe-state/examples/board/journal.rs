//! A journal that is written while resets come, at 256 different instructions of a push, boot after boot. Each boot reads it back: it is a run
//! without gaps, of entries that were pushed, and ends at the last one that was committed.
#![no_std]
#![no_main]

use board::device::interrupt;
use board::{Retained, end, start_timer1_ticks};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use safe_state::journal::{Entry, Journal, Record, Ring, What};

const RESETS: u32 = 256;
const ENTRIES: usize = 8;
const OURS: u32 = 0x5AFE_0015;

#[unsafe(link_section = ".uninit.RING")]
static RING: Ring<ENTRIES> = Ring::new();
#[unsafe(link_section = ".uninit.IS_OURS")]
static IS_OURS: Retained = Retained::new();
#[unsafe(link_section = ".uninit.BOOT")]
static BOOT: Retained = Retained::new();
/// How many pushes have returned, over all boots.
#[unsafe(link_section = ".uninit.PUSHED")]
static PUSHED: Retained = Retained::new();
/// Whether a push has begun and not returned; how often a reset came then, and how often it left an entry without its commit.
#[unsafe(link_section = ".uninit.IS_IN_PUSH")]
static IS_IN_PUSH: Retained = Retained::new();
#[unsafe(link_section = ".uninit.IN_PUSH")]
static IN_PUSH: Retained = Retained::new();
#[unsafe(link_section = ".uninit.CUT")]
static CUT: Retained = Retained::new();

#[interrupt]
fn TIMER1() {
    cortex_m::peripheral::SCB::sys_reset();
}

/// The entry of this number, from 0.
fn record(number: u32) -> Record {
    let [low, high, ..] = number.to_le_bytes();
    let correlation = (number as u16) ^ 0x5555;
    Record { what: What::CHANNEL, from: high, to: low, cause: 3, correlation }
}

fn is_of(entry: &Entry, number: u32) -> bool {
    entry.record == record(number) && entry.sequence == number as u16
}

#[entry]
fn main() -> ! {
    if IS_OURS.value() != OURS {
        for word in [&BOOT, &PUSHED, &IS_IN_PUSH, &IN_PUSH, &CUT] {
            word.set(0);
        }
        IS_OURS.set(OURS);
    }
    let boot = BOOT.value();
    BOOT.set(boot + 1);
    let mut journal = Journal::open(&RING);
    // A reset between the commit and the note of it leaves one entry more.
    let pushed = PUSHED.value();
    let count = journal.entries().count() as u32;
    let last = journal.entries().last();
    let committed = match last {
        Some(entry) if is_of(&entry, pushed) => pushed + 1,
        Some(entry) if pushed > 0 && is_of(&entry, pushed - 1) => pushed,
        None if pushed == 0 => 0,
        _ => end(false),
    };
    let first = committed - count;
    let is_whole = journal.entries().zip(first..).all(|(entry, number)| is_of(&entry, number));
    let is_full = count + 1 >= committed.min(ENTRIES as u32);
    if !is_whole || !is_full {
        hprintln!("boot {}: {} entries up to {}, {} pushed", boot, count, committed, pushed);
        end(false);
    }
    if committed >= ENTRIES as u32 && (count as usize) < ENTRIES {
        CUT.set(CUT.value() + 1);
    }
    IN_PUSH.set(IN_PUSH.value() + IS_IN_PUSH.value());
    if IN_PUSH.value() == RESETS {
        let (cut, boots) = (CUT.value(), boot);
        hprintln!("{} resets in a push, {} between its stores, in {} boots", RESETS, cut, boots);
        hprintln!("{} entries committed", committed);
        end(cut >= 5 && boots < 2 * RESETS && committed > RESETS);
    }
    PUSHED.set(committed);
    IS_IN_PUSH.set(0);
    // A tick is five instructions: in each boot the reset comes one instruction later in a push.
    start_timer1_ticks(500 + boot / 5);
    for _ in boot % 5..5 {
        cortex_m::asm::nop();
    }
    for number in committed.. {
        IS_IN_PUSH.set(1);
        journal.push(record(number), u64::from(number));
        PUSHED.set(number + 1);
        IS_IN_PUSH.set(0);
    }
    end(false)
}
