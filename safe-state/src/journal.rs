//! The journal: what happened, in a ring of entries that survives a reset.
//!
//! ```text
//!  an entry, four words     31            16 15             0
//!  0                        | time, bits 31 to 0            |   microseconds, 48 bits
//!  1                        | time 47 to 32 | sequence      |   one more than the entry before
//!  2                        | what | cause  | from | to     |   a byte each, `what` the highest
//!  3, the commit            | correlation   | CRC           |   CRC-16/IBM-3740 of all before it; 0 is no commit
//!
//!  push    3 := 0, then 0, 1, 2, and the commit last
//! ```
//!
//! A reset between two stores leaves an entry without a commit, which is skipped: what is read back is a run without gaps that ends at the
//! last committed entry. A ring that is full goes on with its oldest entry, and counts it. The words have one writer.

mod observer;
mod occurrence;
mod record;

pub use observer::{FaultObserver, MachineObserver, Observer};
pub use occurrence::{Field, Occurrence, Unknown};
pub use record::{Record, What};

use core::sync::atomic::{AtomicU32, Ordering, fence};

use crate::crc::crc;

/// An entry as it is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Entry {
    /// When it was pushed, in microseconds of the clock of its boot, at most [`US_MAX`].
    pub at_us: u64,
    /// Its number, wrapping.
    pub sequence: u16,
    /// What was recorded.
    pub record: Record,
}

/// The bytes of an entry.
pub const ENTRY_LEN: usize = 16;

const WORDS: usize = 4;

impl Entry {
    /// The words, the commit last.
    #[allow(clippy::cast_possible_truncation)] // Two halves.
    fn encode(&self) -> [u32; WORDS] {
        let Record { what, from, to, cause, correlation } = self.record;
        let low = self.at_us as u32;
        let high = (self.at_us >> 32) as u32;
        let numbers = high << 16 | u32::from(self.sequence);
        let states = u32::from_le_bytes([to, from, cause, what.as_raw()]);
        let commit = commit_of([low, numbers, states], correlation);
        [low, numbers, states, commit]
    }

    /// The entry of these words; `None` where they are not committed.
    #[allow(clippy::cast_possible_truncation)] // Two halves.
    fn decode(words: [u32; WORDS]) -> Option<Self> {
        let [low, numbers, states, commit] = words;
        let correlation = (commit >> 16) as u16;
        if commit != commit_of([low, numbers, states], correlation) {
            return None;
        }
        let [to, from, cause, what] = states.to_le_bytes();
        Some(Self {
            at_us: u64::from(numbers >> 16) << 32 | u64::from(low),
            sequence: numbers as u16,
            record: Record { what: What::from_raw(what), from, to, cause, correlation },
        })
    }
}

/// The commit of an entry. Its CRC is never 0.
fn commit_of(words: [u32; 3], correlation: u16) -> u32 {
    let [[a, b, c, d], [e, f, g, h], [i, j, k, l]] = words.map(u32::to_le_bytes);
    let [m, n] = correlation.to_le_bytes();
    let crc = crc(&[a, b, c, d, e, f, g, h, i, j, k, l, m, n]).max(1);
    u32::from(correlation) << 16 | u32::from(crc)
}

/// Room for `N` entries, in memory that survives a reset: a `static` in a section that nobody loads or clears.
///
/// ```compile_fail,E0080
/// use safe_state::journal::Ring;
/// static RING: Ring<1> = Ring::new();
/// ```
#[derive(Debug)]
pub struct Ring<const N: usize> {
    slots: [[AtomicU32; WORDS]; N],
}

impl<const N: usize> Ring<N> {
    /// Room for 2 to 16,384 entries. Another number does not compile in a `static`.
    ///
    /// # Panics
    ///
    /// If there is room for less or more.
    #[must_use]
    #[allow(clippy::new_without_default)] // It lives in a `static`.
    pub const fn new() -> Self {
        assert!(N >= 2, "a ring has at least two entries");
        assert!(N <= 1 << 14, "a sequence tells at most 16,384 entries apart");
        Self { slots: [const { [const { AtomicU32::new(0) }; WORDS] }; N] }
    }

    /// The words as they are in memory, whatever they hold, for a log or a telegram: little-endian, they are the bytes of [`entries`].
    pub fn words(&self) -> impl Iterator<Item = u32> + '_ {
        self.slots.iter().flatten().map(|word| word.load(Ordering::Relaxed))
    }
}

/// A journal: the one writer of its ring.
///
/// ```
/// use safe_state::journal::{Journal, Occurrence, Ring};
///
/// // On a board: #[unsafe(link_section = ".uninit.JOURNAL")]
/// static RING: Ring<16> = Ring::new();
/// let mut journal = Journal::open(&RING);
/// let raised = Occurrence::FaultRaised { fault: 3, is_first_out: true, episode: 1 };
/// journal.push(raised, 1_000);
/// let last = journal.entries().last().unwrap();
/// assert_eq!((last.at_us, Occurrence::try_from(last.record)), (1_000, Ok(raised)));
/// ```
#[derive(Debug)]
pub struct Journal<const N: usize> {
    ring: &'static Ring<N>,
    /// The slot that is written next.
    next: usize,
    sequence: u16,
    /// How many entries follow each other without a gap up to the last one.
    count: usize,
    dropped: u32,
}

/// The latest time of an entry, in microseconds: almost nine years. A later one is recorded as this.
pub const US_MAX: u64 = (1 << 48) - 1;

impl<const N: usize> Journal<N> {
    /// The journal of this ring. It goes on after the last entry that was committed, or begins where there is none. A ring has one writer:
    /// nobody else opens it.
    #[must_use]
    pub fn open(ring: &'static Ring<N>) -> Self {
        let run = Run::of(&Live(&ring.slots));
        Self { ring, next: run.end, sequence: run.next_sequence, count: run.count, dropped: 0 }
    }

    /// Records what happened: an [`Occurrence`], or a [`Record`] of the user's.
    pub fn push(&mut self, what: impl Into<Record>, now_us: u64) {
        let at_us = now_us.min(US_MAX);
        let entry = Entry { at_us, sequence: self.sequence, record: what.into() };
        if let Some(slot) = self.ring.slots.get(self.next) {
            store_all(&entry.encode(), |word, value| {
                if let Some(word) = slot.get(word) {
                    word.store(value, Ordering::Relaxed);
                }
            });
        }
        self.next = self.next.wrapping_add(1);
        if self.next >= N {
            self.next = 0;
        }
        self.sequence = self.sequence.wrapping_add(1);
        if self.count == N {
            self.dropped = self.dropped.saturating_add(1);
        } else {
            self.count = self.count.wrapping_add(1);
        }
    }

    /// How many entries were written over since the journal was opened, at most `u32::MAX`.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// The entries that are there, the oldest first.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        let slots = Live(&self.ring.slots);
        Run::of(&slots).entries(slots).map(|(_, entry)| entry)
    }
}

/// The stores of an entry, in their order: the word, and its value. A commit is stored after all that it commits, and is gone before any of
/// it changes.
#[inline(always)]
fn store_all(words: &[u32; WORDS], mut store: impl FnMut(usize, u32)) {
    let [low, numbers, states, commit] = *words;
    store(3, 0);
    fence(Ordering::Release);
    store(0, low);
    store(1, numbers);
    store(2, states);
    fence(Ordering::Release);
    store(3, commit);
}

/// The entries of a journal that was read out of a device, byte for byte, the oldest first, each with the offset of its first byte. Nothing
/// is copied. What is no entry of the run is left out.
///
/// ```
/// use safe_state::journal;
/// assert_eq!(journal::entries(&[0xFF; 64]).count(), 0);
/// ```
pub fn entries(bytes: &[u8]) -> impl Iterator<Item = (usize, Entry)> + '_ {
    let placed = Run::of(&Dump(bytes)).entries(Dump(bytes));
    placed.map(|(index, entry)| (index.wrapping_mul(ENTRY_LEN), entry))
}

/// Where entries are read.
trait Slots {
    fn count(&self) -> usize;
    fn words(&self, index: usize) -> Option<[u32; WORDS]>;

    fn entry(&self, index: usize) -> Option<Entry> {
        self.words(index).and_then(Entry::decode)
    }
}

struct Live<'a>(&'a [[AtomicU32; WORDS]]);

impl Slots for Live<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn words(&self, index: usize) -> Option<[u32; WORDS]> {
        Some(self.0.get(index)?.each_ref().map(|word| word.load(Ordering::Relaxed)))
    }
}

struct Dump<'a>(&'a [u8]);

impl Slots for Dump<'_> {
    fn count(&self) -> usize {
        self.0.len() / ENTRY_LEN
    }

    fn words(&self, index: usize) -> Option<[u32; WORDS]> {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] =
            *self.0.get(index.wrapping_mul(ENTRY_LEN)..)?.first_chunk::<ENTRY_LEN>()?;
        let words = [[a, b, c, d], [e, f, g, h], [i, j, k, l], [m, n, o, p]];
        Some(words.map(u32::from_le_bytes))
    }
}

/// The entries that follow each other without a gap up to the last one.
#[derive(Clone, Copy)]
struct Run {
    /// The slot after the last entry, and its number.
    end: usize,
    next_sequence: u16,
    count: usize,
}

impl Run {
    fn of(slots: &impl Slots) -> Self {
        let mut newest: Option<(usize, u16)> = None;
        let mut index = 0_usize;
        while index < slots.count() {
            if let Some(entry) = slots.entry(index) {
                let is_newer = |(_, newest): (usize, u16)| {
                    (1..1 << 15).contains(&entry.sequence.wrapping_sub(newest))
                };
                if newest.is_none_or(is_newer) {
                    newest = Some((index, entry.sequence));
                }
            }
            index = index.wrapping_add(1);
        }
        let Some((last, sequence)) = newest else {
            return Self { end: 0, next_sequence: 0, count: 0 };
        };
        let (mut at, mut expected, mut count) = (last, sequence, 0_usize);
        while count < slots.count()
            && slots.entry(at).is_some_and(|entry| entry.sequence == expected)
        {
            count = count.wrapping_add(1);
            expected = expected.wrapping_sub(1);
            at = at.checked_sub(1).unwrap_or(slots.count().wrapping_sub(1));
        }
        let after = last.wrapping_add(1);
        let end = if after < slots.count() { after } else { 0 };
        Self { end, next_sequence: sequence.wrapping_add(1), count }
    }

    /// The entries with their slots.
    fn entries<'a>(self, slots: impl Slots + 'a) -> impl Iterator<Item = (usize, Entry)> + 'a {
        let behind = self.end.wrapping_add(slots.count()).wrapping_sub(self.count);
        let mut at =
            if behind >= slots.count() { behind.wrapping_sub(slots.count()) } else { behind };
        let mut left = self.count;
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let index = at;
            at = at.wrapping_add(1);
            if at >= slots.count() {
                at = 0;
            }
            Some((index, slots.entry(index)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::boxed::Box;
    use std::vec::Vec;

    use super::*;

    fn record(number: u16) -> Record {
        let [low, high] = number.to_le_bytes();
        Record { what: What::CHANNEL, from: high, to: low, cause: 5, correlation: number ^ 0x5555 }
    }

    fn ring<const N: usize>() -> &'static Ring<N> {
        Box::leak(Box::new(Ring::new()))
    }

    fn numbers<const N: usize>(journal: &Journal<N>) -> Vec<u16> {
        let number = |entry: Entry| u16::from_le_bytes([entry.record.to, entry.record.from]);
        journal.entries().map(number).collect()
    }

    #[test]
    fn an_entry_round_trips_and_every_flipped_bit_is_found() {
        let record =
            Record { what: What::from_raw(200), from: 1, to: 2, cause: 3, correlation: 0xABCD };
        for at_us in [0, 1, 0x1234_5678_9ABC, US_MAX] {
            let entry = Entry { at_us, sequence: 0xFFFE, record };
            let words = entry.encode();
            assert_eq!(Entry::decode(words), Some(entry));
            for bit in 0..128 {
                let mut flipped = words;
                flipped[bit / 32] ^= 1 << (bit % 32);
                assert_eq!(Entry::decode(flipped), None, "bit {bit}");
            }
        }
        assert_eq!(Entry::decode([0; 4]), None);
    }

    #[test]
    fn a_full_ring_goes_on_with_its_oldest_entry_and_counts_it() {
        let mut journal = Journal::open(ring::<4>());
        for number in 0..10 {
            journal.push(record(number), u64::from(number));
            let first = number.saturating_sub(3);
            assert_eq!(numbers(&journal), (first..=number).collect::<Vec<_>>());
            assert_eq!(journal.dropped(), u32::from(first));
        }
        let reopened = Journal::open(journal.ring);
        assert_eq!((numbers(&reopened), reopened.sequence), ([6, 7, 8, 9].into(), 10));
    }

    #[test]
    fn a_reset_at_every_store_leaves_a_run_that_ends_at_the_last_committed_entry() {
        for before in 0..12_u16 {
            for stored in 0..=WORDS + 1 {
                let ring = ring::<4>();
                let mut journal = Journal::open(ring);
                (0..before).for_each(|number| journal.push(record(number), number.into()));
                // The next push, cut after so many stores.
                let entry = Entry { at_us: 99, sequence: journal.sequence, record: record(before) };
                let mut left = stored;
                store_all(&entry.encode(), |word, value| {
                    if left > 0 {
                        left -= 1;
                        ring.slots[journal.next][word].store(value, Ordering::Relaxed);
                    }
                });
                let mut after = Journal::open(ring);
                let last = if stored == WORDS + 1 { before + 1 } else { before };
                // One that was begun has taken the place of the oldest.
                let room = if stored > 0 && stored <= WORDS { 3 } else { 4 };
                let expected: Vec<u16> = (last.saturating_sub(room)..last).collect();
                assert_eq!(numbers(&after), expected, "{before} entries, {stored} stores");
                after.push(record(last), 100);
                assert_eq!(numbers(&after).last(), Some(&last));
                assert!(numbers(&after).is_sorted());
            }
        }
    }

    #[test]
    fn numbers_wrap_and_times_end() {
        let ring = ring::<4>();
        let mut journal = Journal::open(ring);
        journal.sequence = 0xFFFE;
        (0..6).for_each(|number| journal.push(record(number), u64::MAX));
        assert_eq!(numbers(&Journal::open(ring)), [2, 3, 4, 5]);
        assert!(journal.entries().all(|entry| entry.at_us == US_MAX));
    }

    #[test]
    fn a_dump_is_read_as_the_ring_is() {
        let ring = ring::<8>();
        let mut journal = Journal::open(ring);
        for number in 0..11 {
            journal.push(record(number), 1 << number);
            let mut bytes: Vec<u8> = ring.words().flat_map(u32::to_le_bytes).collect();
            let of_dump = |bytes: &[u8]| entries(bytes).map(|(_, entry)| entry).collect::<Vec<_>>();
            assert!(of_dump(&bytes).into_iter().eq(journal.entries()));
            bytes.extend([0xA5; 7]);
            assert!(of_dump(&bytes).into_iter().eq(journal.entries()));
            for (offset, entry) in entries(&bytes) {
                assert!(entries(&bytes[offset..][..ENTRY_LEN]).eq([(0, entry)]));
            }
        }
        assert_eq!(entries(&[]).count(), 0);
    }

    #[test]
    #[should_panic(expected = "a ring has at least two entries")]
    fn refuses_a_ring_of_one_entry() {
        let _ = Ring::<1>::new();
    }
}
