//! A reporter against its collector, every interleaving: nothing that was raised is lost or taken twice, and its instant lies between
//! the last collection and its own. With a relaxed store or load of `raised` both fail. The orders of `collected` keep a stamp from being
//! written before it was read; loom does not let a load see a store that comes after it. Each end keeps its own word beside
//! the atomic one: where a writer loads its own word first, loom takes that for the last access and explores nothing.

use std::boxed::Box;
use std::vec::Vec;

use bitflags::bitflags;
use loom::thread;

use crate::fault::{Collector, ReportCell};

bitflags! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Faults: u8 {
        const A = 1 << 0;
        const B = 1 << 1;
    }
}

fn take(collector: &mut Collector<Faults>, now_us: u64) -> Option<(u32, u64)> {
    collector.take(now_us)
}

#[test]
fn nothing_raised_is_lost_or_taken_twice() {
    loom::model(|| {
        let cell = Box::leak(Box::new(ReportCell::<Faults>::new()));
        let (reporter, mut collector) = cell.split();
        let raising = thread::spawn(move || {
            reporter.raise(Faults::A, 10);
            reporter.raise(Faults::B, 20);
        });
        let mut taken = Vec::new();
        taken.extend(take(&mut collector, 30));
        taken.extend(take(&mut collector, 40));
        raising.join().unwrap();
        taken.extend(take(&mut collector, 50));
        assert_eq!(take(&mut collector, 60), None);
        let bits = taken.iter().fold(0, |bits, (new, _)| {
            assert_eq!(bits & new, 0, "taken twice");
            bits | new
        });
        assert_eq!(bits, 0b11);
        for (new, at_us) in &taken {
            match new {
                // A alone, or both: the stamp is that of the first.
                0b01 | 0b11 => assert_eq!(*at_us, 10),
                // B met the collection of A half way, or came after it.
                _ => assert!([20, 30, 40].contains(at_us), "{at_us}"),
            }
        }
    });
}

#[test]
fn a_fault_that_is_raised_again_is_taken_again() {
    loom::model(|| {
        let cell = Box::leak(Box::new(ReportCell::<Faults>::new()));
        let (reporter, mut collector) = cell.split();
        let raising = thread::spawn(move || {
            reporter.raise(Faults::A, 10);
            reporter.raise(Faults::A, 20);
        });
        let first = take(&mut collector, 30);
        raising.join().unwrap();
        let second = take(&mut collector, 40);
        // The second raise finds the first one collected, or waiting; either way the last raise is seen.
        match (first, second) {
            (None, Some((0b01, 10))) | (Some((0b01, 10)), None) => {}
            (Some((0b01, 10)), Some((0b01, at_us))) => assert!([20, 30].contains(&at_us)),
            other => panic!("{other:?}"),
        }
    });
}
