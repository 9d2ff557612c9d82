//! A boot, its recovery, its guarded sections, and the hooks.

use core::hint::black_box;

use proof::keep;
use watchdog_core::boot::{self, Boot, BootGuard, BootRecord, Recovery, Torn, Verdict};
use watchdog_core::{
    Guarded, Inherited, LastCheckpoint, Level, Owner, Plan, ResetCauses, Retained, Section,
    SectionId, Sections, Update, file_hash,
};

use crate::{PLAN, number};

static RETAINED: Retained<3, 2> = Retained::new();
static LIMITS: Guarded<0, 2> = Guarded::new();

pub fn judged() -> (BootGuard<3>, Level) {
    Retained::load(&RETAINED, (0..60).map(|_| number(1) as u32));
    keep(Retained::word(&RETAINED, number(9) as usize));
    let causes = ResetCauses::from_bits_retain(number(2) as u16);
    let mut boot: Boot<3, 2> = boot::judge(&RETAINED, &PLAN, causes, number(3));
    verdict(Boot::verdict(&boot));
    Boot::flags_cleared(&mut boot);
    if let Ok(recovery) = Boot::recover(&mut boot, number(4) as u32, number(5)) {
        recover(recovery);
    }
    keep(Boot::recover(&mut boot, number(4) as u32, number(5)).is_ok());
    let level = Boot::level(&boot);
    let (guard, owners) = Boot::start(boot);
    owners.iter().for_each(sections);
    hooks();
    keep(BootGuard::level(&guard));
    (guard, level)
}

fn verdict(verdict: &Verdict<3, 2>) {
    keep((Verdict::torn(verdict), Verdict::held(verdict)));
    verdict.owners.iter().for_each(|torn| keep(Torn::torn(*torn)));
    for last in verdict.last_checkpoints.iter().flatten() {
        keep(LastCheckpoint::age_us(last, number(4) as u32));
    }
    let mut buffer = [0; 200];
    if let Ok(bytes) = Verdict::encode(verdict, &mut buffer) {
        keep(bytes);
    }
    keep(&mut buffer);
    let len = number(7) as usize;
    match BootRecord::decode(buffer.get(..len).unwrap_or(&[])) {
        Ok(record) => {
            BootRecord::owners(&record).for_each(keep);
            BootRecord::last_checkpoints(&record).for_each(keep);
            keep(record);
        }
        Err(error) => keep(error),
    }
    keep(verdict);
}

fn recover(recovery: Recovery<'_, 3, 2>) {
    if let Some(inherited) = Recovery::inherit(&recovery, &LIMITS) {
        keep((Inherited::section(&inherited), Inherited::is_torn(&inherited)));
        keep(Inherited::inspect(&inherited));
        keep(Inherited::revalidate(
            inherited,
            |words| if number(1) == 0 { Ok(words) } else { Err(()) },
        ));
    }
    keep(Recovery::inherit_value(&recovery, section(), number(3)).is_some());
    keep(Recovery::finish(recovery, number(6)));
}

fn section() -> SectionId {
    let section = SectionId::new(number(7) as u8).unwrap_or(SectionId::MAX);
    keep((SectionId::as_raw(section), SectionId::index(section), SectionId::of::<1>()));
    section
}

fn sections(owner: &Owner) {
    let held = Owner::enter(owner, section());
    keep(Section::id(&held));
    Section::finish(held);
    drop(Owner::enter(owner, section()));
    keep(Owner::revalidate(owner, section(), || if number(1) == 0 { Ok(1) } else { Err(()) }));
    let sets = Sections::union(Owner::held(owner), Owner::torn(owner));
    let sets = Sections::with(Sections::without(sets, section()), section());
    keep((Sections::is_empty(sets), Sections::contains(sets, section())));
    Sections::iter(Sections::from_raw(Sections::as_raw(sets))).for_each(keep);
    let update = Guarded::enter(&LIMITS, owner);
    Update::set(&update, number(9) as usize, 1);
    Update::finish(update);
    keep(Guarded::<0, 2>::section());
}

fn hooks() {
    Retained::pretimeout(&RETAINED, black_box(&PLAN), number(5));
    Retained::panicked(&RETAINED, number(5) as u32, "a file", number(5));
    Retained::faulted(&RETAINED, number(5) as u32, 2, 3, number(5));
    keep(file_hash(black_box("a file")));
    let plan = black_box(&PLAN);
    keep((Plan::section(plan, black_box("b")), Plan::section_name(plan, section())));
    keep(Plan::fingerprint(plan));
}
