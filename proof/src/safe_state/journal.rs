//! The journal.

use proof::keep;
use safe_state::journal::{self, Journal, Record, Ring, What};

use crate::number;

static RING: Ring<16> = Ring::new();

pub fn all(bytes: &[u8]) {
    let record = Record {
        what: What::user(number(0) as u8).unwrap_or(What::from_raw(number(1) as u8)),
        from: number(2) as u8,
        to: number(3) as u8,
        cause: number(4) as u8,
        correlation: number(5) as u16,
    };
    keep(What::as_raw(record.what));
    let mut journal = Journal::open(&RING);
    Journal::push(&mut journal, record, number(6));
    Journal::push(&mut journal, record, number(7));
    keep(Journal::dropped(&journal));
    for entry in Journal::entries(&journal) {
        keep(entry);
    }
    for entry in journal::entries(bytes) {
        keep(entry);
    }
}
