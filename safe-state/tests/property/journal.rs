//! A journal that was read out of a device, from any bytes; and what was pushed, read back.

use std::sync::{Mutex, PoisonError};

use safe_state::journal::{self, ENTRY_LEN, Entry, Journal, Occurrence, Record, Ring, What};

use super::Choices;

const N: usize = 8;

/// One ring for all, which is never empty after the first: it has one writer at a time.
static RING: Mutex<&'static Ring<N>> = Mutex::new(&WORDS);
static WORDS: Ring<N> = Ring::new();

fn is_a_run(entries: &[Entry]) -> bool {
    entries.windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1))
}

/// Any bytes give a run without gaps, of at most as many entries as they have room for; its entries stand in the bytes.
pub fn decode(bytes: &[u8]) {
    let placed: Vec<(usize, Entry)> = journal::entries(bytes).collect();
    let entries: Vec<Entry> = placed.iter().map(|(_, entry)| *entry).collect();
    assert!(is_a_run(&entries) && entries.len() <= bytes.len() / ENTRY_LEN);
    // Each slot alone is an entry of one, or nothing.
    let alone = |slot: &[u8]| journal::entries(slot).next().map(|(_, entry)| entry);
    for (offset, entry) in &placed {
        assert_eq!(alone(&bytes[*offset..][..ENTRY_LEN]), Some(*entry));
    }
    let has_any = bytes.chunks_exact(ENTRY_LEN).any(|slot| alone(slot).is_some());
    assert_eq!(entries.is_empty(), !has_any);
    // What it says is written back as it was, or is not known.
    for Entry { record, .. } in entries {
        if let Ok(said) = Occurrence::try_from(record) {
            assert_eq!(Record::from(said), record);
        }
    }
}

/// Pushes after those of before: what is read is a run that ends with them, and the same when the ring is opened again.
pub fn journal(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let ring = &RING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut journal = Journal::open(ring);
    let before = journal.entries().last().map_or(0, |last| last.sequence.wrapping_add(1));
    let count = u16::from(choices.byte() % 20);
    let mut pushed = Vec::new();
    for number in 0..count {
        let record = Record {
            what: What::from_raw(choices.byte()),
            from: choices.byte(),
            to: choices.byte(),
            cause: choices.byte(),
            correlation: choices.word() as u16,
        };
        let at_us = u64::from(choices.word()) << 8;
        journal.push(record, at_us);
        pushed.push(Entry { at_us, sequence: before.wrapping_add(number), record });
    }
    let read: Vec<Entry> = journal.entries().collect();
    assert!(is_a_run(&read) && read.len() <= N);
    let tail = &read[read.len() - pushed.len().min(read.len())..];
    assert_eq!(tail, &pushed[pushed.len() - tail.len()..]);
    assert!(Journal::open(ring).entries().eq(read.iter().copied()));
}
