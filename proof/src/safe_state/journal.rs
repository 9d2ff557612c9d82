//! The journal.

use bitflags::Flags;
use proof::keep;
use safe_state::journal::{
    self, FaultObserver, Journal, MachineObserver, Observer, Occurrence, Record, Ring, Unknown,
    What,
};
use safe_state::{AnyChannel, AnyMachine, FaultSet, Outputs};

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
    for word in Ring::words(&RING) {
        keep(word);
    }
    for (offset, entry) in journal::entries(bytes) {
        keep(offset);
        match Occurrence::try_from(entry.record) {
            Ok(occurrence) => {
                keep(Record::from(occurrence));
                Journal::push(&mut journal, occurrence, number(7));
            }
            Err(unknown) => keep::<Unknown>(unknown),
        }
    }
}

/// What is seen of a set of faults.
pub fn faults<F: Flags, const N: usize>(set: &FaultSet<F, N>) {
    let mut observer = FaultObserver::new();
    for occurrence in FaultObserver::look(&mut observer, set) {
        keep(occurrence);
    }
    keep(FaultObserver::episode(&observer));
}

/// What is seen of a machine.
pub fn machine(machine: &AnyMachine) {
    let mut observer = MachineObserver::new();
    let event = AnyMachine::cause(machine);
    keep(MachineObserver::look(&mut observer, machine.state(), event, number(8) as u16));
}

/// What is seen of a channel.
pub fn channel<O: Outputs>(channel: &AnyChannel<O>) {
    let mut observer = Observer::new(number(8) as u8);
    keep(Observer::channel(&mut observer, channel.state(), channel.cause()));
    keep(Observer::output(&mut observer, &channel.published(number(9))));
}
