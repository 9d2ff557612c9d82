//! Compact records.

use core::sync::atomic::AtomicU32;

use proof::keep;
use watchdog_core::boot::{self, Boot};
use watchdog_core::{Cells, Compact, Dog, ResetCauses, Supervisor, Watchdog, Words};

use crate::{PLAN, number};

static FOUR: Compact<[AtomicU32; 4], 4> = Compact::new([const { AtomicU32::new(0) }; 4]);
static TWO: Compact<[AtomicU32; 2], 2> = Compact::new([const { AtomicU32::new(0) }; 2]);
static ONE: Compact<[AtomicU32; 1], 1> = Compact::new([const { AtomicU32::new(0) }; 1]);

pub fn judged<W: Watchdog>(cells: &'static mut Cells<3, 2, 1>, dog: &mut Dog<W>) {
    let words = [const { AtomicU32::new(0) }; 4];
    Words::store(&words, number(1) as usize, number(2) as u32);
    keep(Words::load(&words, number(3) as usize));
    keep(one(&TWO).level());
    keep(one(&ONE).level());
    let (guard, [owner]) = one(&FOUR).start();
    owner.enter(watchdog_core::SectionId::MAX).finish();
    if let Ok((mut supervisor, _)) = Supervisor::new(cells, guard).arm(dog, number(3)) {
        supervisor.announce();
        keep(supervisor.mark_good(number(4)));
        let _ = supervisor.evaluate(number(5));
    }
}

fn one<W: Words, const L: usize>(record: &'static Compact<W, L>) -> Boot<3> {
    let causes = ResetCauses::from_bits_retain(number(2) as u16);
    let mut boot = boot::judge_compact(record, &PLAN, causes, number(3));
    keep(boot.verdict());
    boot.flags_cleared();
    if let Ok(recovery) = boot.recover(number(4) as u32, number(5)) {
        keep(recovery.finish(number(6)));
    }
    Compact::pretimeout(record);
    Compact::panicked(record, number(5) as u32);
    Compact::faulted(record);
    boot
}
