//! Recovery, and what was restored.

use core::hint::black_box;

use proof::keep;
use safe_state::journal::{Occurrence, Record};
use safe_state::recovery::{self, Escalation, Memory, Plan, Progress, Recovered, Recovery};
use safe_state::{Restored, over_us};

use crate::number;

static PLAN: Plan<2> = Plan::new(
    [recovery::step("links", over_us(10_000)), recovery::step("axes", over_us(20_000))],
    over_us(25_000),
);
static MEMORY: Memory = Memory::new();

/// A recovery that has ended, if it did.
pub fn recovered() -> Option<Recovered> {
    let recovery = match Recovery::begin(&PLAN, &MEMORY, number(0)) {
        Ok(recovery) => recovery,
        Err(escalation) => {
            keep::<Escalation>(escalation);
            keep(Record::from(Occurrence::from(escalation)));
            return None;
        }
    };
    keep(Recovery::poll(&recovery, number(1)));
    keep(Plan::name(&PLAN, Recovery::step(&recovery)));
    keep(Recovery::occurrence(&recovery, number(1)));
    let Progress::Next(recovery) = Recovery::done(recovery, number(2)).ok()? else { return None };
    match Recovery::done(black_box(recovery), number(3)) {
        Ok(Progress::Recovered(recovered)) => {
            keep(Recovered::took_us(&recovered));
            keep(Recovered::occurrence(&recovered));
            Some(recovered)
        }
        other => {
            keep(other);
            None
        }
    }
}

pub fn all() {
    Memory::clear(&MEMORY);
    keep(recovered());
    let words = [number(4) as u32, number(5) as u32];
    let restored =
        Restored::from_words(words, |[low, high]| u64::from(high) << 32 | u64::from(low));
    keep(*Restored::inspect(&restored));
    keep(Restored::revalidate(restored, |value| if value < 9 { Ok(value) } else { Err(value) }));
}
