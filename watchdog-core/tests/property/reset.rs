//! What survives a reset: any words, any bytes, and any order of enter, finish, drop, forget and reset.

use std::sync::atomic::AtomicU32;
use std::sync::{Mutex, PoisonError};

use ::watchdog_core::boot::{self, Boot, BootRecord, Found, Torn, Verdict};
use ::watchdog_core::plan::{
    alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance,
};
use ::watchdog_core::profile::Profile;
use ::watchdog_core::{
    Checkpoint, Compact, Level, Plan, ResetCauses, Retained, Section, SectionId, Sections, Words,
};

static PLAN: Plan<2> = Plan::builder(
    cycle_us(10_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("one", alive(Checkpoint::of::<0>(), per_cycle(1), 0, 1), tolerance(0))
.entity("two", alive(Checkpoint::of::<0>(), per_cycle(1), 0, 1), tolerance(0))
.build();

type Memory = Retained<2, 2>;

/// One memory for all: a `static` that is judged millions of times is not given back.
static MEMORY: Mutex<&'static Memory> = Mutex::new(&RETAINED);
static RETAINED: Memory = Retained::new();

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap()))
}

/// A verdict is read back from its bytes, and says nothing that contradicts itself.
fn check<const O: usize>(verdict: &Verdict<2, O>) {
    let mut buffer = [0; 200];
    let bytes = verdict.encode(&mut buffer).unwrap();
    let record = BootRecord::decode(bytes).unwrap();
    let whole = record.verdict;
    assert_eq!((whole.found, whole.blame), (verdict.found, verdict.blame));
    assert_eq!((whole.earlier, whole.uptime_us), (verdict.earlier, verdict.uptime_us));
    assert!(record.owners().eq(verdict.owners));
    assert!(record.last_checkpoints().eq(verdict.last_checkpoints));
    assert!(verdict.abnormal_count <= 5 && verdict.level >= level(verdict.abnormal_count));
    match verdict.found {
        Found::ColdStart => assert!(verdict.torn().is_empty()),
        Found::Lost | Found::OtherPlan { .. } => assert_eq!(verdict.torn(), Sections::ALL),
        Found::Record => {}
    }
}

fn level(count: u8) -> Level {
    match count {
        0..3 => Level::Normal,
        3..5 => Level::Degraded,
        _ => Level::SafeOnly,
    }
}

/// Any words as the memory of a boot, after any causes; and the boot after it finds a record, and all that was torn still is.
pub fn record(bytes: &[u8]) {
    let Some((causes, words_of_memory)) = bytes.split_first_chunk() else { return };
    let lock = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let memory: &'static Memory = *lock;
    memory.load(std::iter::repeat_n(0, Memory::WORDS));
    memory.load(words(words_of_memory));
    let causes = ResetCauses::from_bits_retain(u16::from_le_bytes(*causes));
    let first = *boot::judge(memory, &PLAN, causes, 0).verdict();
    check(&first);
    let second = *boot::judge(memory, &PLAN, ResetCauses::PIN, 0).verdict();
    check(&second);
    assert_eq!(second.found, Found::Record);
    assert_eq!(second.torn(), first.torn());
    assert_eq!(second.abnormal_count, first.abnormal_count);
    assert!(second.level >= first.level);
}

/// The same with compact records of each size.
pub fn compact(bytes: &[u8]) {
    static FOUR: Compact<[AtomicU32; 4], 4> = Compact::new([const { AtomicU32::new(0) }; 4]);
    static TWO: Compact<Part<2>, 2> = Compact::new(Part);
    static ONE: Compact<Part<1>, 1> = Compact::new(Part);
    let _one_at_a_time = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((causes, words_of_memory)) = bytes.split_first_chunk() else { return };
    let causes = ResetCauses::from_bits_retain(u16::from_le_bytes(*causes));
    let words: Vec<u32> = words(words_of_memory).take(4).collect();
    judged(&FOUR, causes);
    for (index, word) in words.iter().enumerate() {
        Part::<1>.store(index, *word);
    }
    judged(&TWO, causes);
    for (index, word) in words.iter().enumerate() {
        Part::<1>.store(index, *word);
    }
    judged(&ONE, causes);
}

/// Words that two records share, one after the other.
struct Part<const L: usize>;

static WORDS: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];

impl<const L: usize> Words for Part<L> {
    fn load(&self, index: usize) -> u32 {
        WORDS.load(index)
    }

    fn store(&self, index: usize, value: u32) {
        WORDS.store(index, value);
    }
}

fn judged<W: Words, const L: usize>(record: &'static Compact<W, L>, causes: ResetCauses) {
    let first = *boot::judge_compact(record, &PLAN, causes, 0).verdict();
    check(&first);
    let second = *boot::judge_compact(record, &PLAN, ResetCauses::PIN, 0).verdict();
    check(&second);
    assert_eq!((second.found, second.torn()), (Found::Record, first.torn()));
    assert_eq!(second.abnormal_count, first.abnormal_count);
}

/// Any bytes as a profile and as a boot record: what decodes encodes to the same.
pub fn decode(bytes: &[u8]) {
    if let Ok(profile) = Profile::decode(bytes) {
        assert_eq!(profile.encode().as_slice(), bytes);
        check_profile(&profile);
        let _ =
            profile.compare(&profile).map(|comparison| assert_eq!(comparison.distance_permille, 0));
    }
    // A profile of any numbers, and a record of any words: their CRC is put right.
    for len in [Profile::LEN, 4 * 24, 4 * 27] {
        let Some(content) = bytes.get(..len - 4) else { continue };
        let mut whole = content.to_vec();
        whole[0] = 1;
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&whole);
        whole.extend(crc.to_le_bytes());
        if let Ok(profile) = Profile::decode(&whole) {
            assert_eq!(profile.encode().as_slice(), whole);
            check_profile(&profile);
        }
        if let Ok(record) = BootRecord::decode(&whole) {
            let torn = record.owners().map(Torn::torn).fold(Sections::NONE, Sections::union);
            let _ = (torn, record.last_checkpoints().flatten().count());
        }
    }
}

fn check_profile(profile: &Profile) {
    assert!(profile.margin_permille() <= 1_000);
    if let Some(suggestion) = profile.suggest(10_000) {
        assert!(suggestion.min_margin <= 0 && suggestion.max_margin >= 0);
        assert!(suggestion.expected > suggestion.min_margin.unsigned_abs());
    }
}

/// What two owners hold and have abandoned, as sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Model([Torn; 2]);

/// Any order of enter, finish, drop, forget, revalidate and reset, beside sets.
pub fn sections(bytes: &[u8]) {
    let lock = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let memory: &'static Memory = *lock;
    memory.load(std::iter::repeat_n(0, Memory::WORDS));
    let none = Torn { held: Sections::NONE, abandoned: Sections::NONE };
    let mut model = Model([none; 2]);
    let mut rest = bytes.iter().copied();
    let mut causes = ResetCauses::POWER_ON;
    loop {
        let boot = boot::judge(memory, &PLAN, causes, 0);
        assert_eq!(boot.verdict().owners, model.0);
        for owner in &mut model.0 {
            *owner = Torn { held: Sections::NONE, abandoned: owner.torn() };
        }
        if !run(boot, &mut model, &mut rest) {
            return;
        }
        causes = ResetCauses::WATCHDOG;
    }
}

/// A run up to its reset; false at the end of the bytes.
fn run(mut boot: Boot<2, 2>, model: &mut Model, rest: &mut impl Iterator<Item = u8>) -> bool {
    let byte = rest.next().unwrap_or(0);
    if byte & 1 != 0 {
        let section = section(byte >> 1);
        let recovery = boot.recover(1_000, 0).unwrap();
        if let Some(inherited) = recovery.inherit_value(section, ()) {
            let was_torn = model.0.iter().any(|owner| owner.abandoned.contains(section));
            assert_eq!(inherited.is_torn(), was_torn);
            if byte & 0x80 != 0 {
                inherited.revalidate(|()| Ok::<_, ()>(())).unwrap();
                for owner in &mut model.0 {
                    owner.abandoned = owner.abandoned.without(section);
                }
            }
        }
        recovery.finish(0).unwrap();
    }
    let (_guard, owners) = boot.start();
    let mut open: Vec<(usize, bool, Section<'_>)> = Vec::new();
    loop {
        for (owner, torn) in owners.iter().zip(&model.0) {
            assert_eq!((owner.held(), owner.torn()), (torn.held, torn.abandoned));
        }
        let Some(byte) = rest.next() else {
            open.into_iter().for_each(|(.., section)| std::mem::forget(section));
            return false;
        };
        let (which, id) = (usize::from(byte & 1), section(byte >> 1));
        let torn = &mut model.0[which];
        match byte >> 5 {
            0..=2 => {
                let is_outer = !torn.held.contains(id);
                torn.held = torn.held.with(id);
                open.push((which, is_outer, owners[which].enter(id)));
            }
            3 => {
                let checked = owners[which].revalidate(id, || Ok::<_, ()>(()));
                assert_eq!(checked, Ok(()));
                torn.abandoned = torn.abandoned.without(id);
            }
            4 => {
                open.into_iter().for_each(|(.., section)| std::mem::forget(section));
                return true;
            }
            how => {
                let Some(last) = open.len().checked_sub(1) else { continue };
                let (which, is_outer, section) =
                    open.swap_remove(usize::from(byte & 0x1F).min(last));
                let (torn, id) = (&mut model.0[which], section.id());
                if how < 7 && is_outer {
                    torn.held = torn.held.without(id);
                }
                match how {
                    5 => section.finish(),
                    6 => {
                        torn.abandoned = torn.abandoned.with(id);
                        drop(section);
                    }
                    _ => std::mem::forget(section),
                }
            }
        }
    }
}

fn section(byte: u8) -> SectionId {
    SectionId::new(byte & 0xF).unwrap()
}
