//! A reporter against its collector, every interleaving: nothing that was raised is lost or taken twice. With a relaxed store or load of
//! `raised` both fail.

use std::boxed::Box;
use std::vec::Vec;

use loom::thread;

use crate::entry::Id;
use crate::report::ReportCell;

fn id(index: usize) -> Id<2> {
    Id::new(index).unwrap()
}

#[test]
fn nothing_raised_is_lost_or_taken_twice() {
    loom::model(|| {
        let cell = Box::leak(Box::new(ReportCell::<2>::new()));
        let (reporter, mut collector) = cell.split();
        let raising = thread::spawn(move || {
            reporter.raise(id(1));
            reporter.raise(id(0));
        });
        let mut taken: Vec<Id<2>> = Vec::new();
        taken.extend(collector.take());
        taken.extend(collector.take());
        raising.join().unwrap();
        taken.extend(collector.take());
        assert_eq!(collector.take().count(), 0);
        // The first is first, whether both are taken at once or not.
        assert_eq!(taken, [id(1), id(0)]);
    });
}

#[test]
fn a_fault_that_is_raised_again_is_taken_again() {
    loom::model(|| {
        let cell = Box::leak(Box::new(ReportCell::<2>::new()));
        let (reporter, mut collector) = cell.split();
        let raising = thread::spawn(move || {
            reporter.raise(id(0));
            reporter.raise(id(0));
        });
        let first = collector.take().count();
        raising.join().unwrap();
        let second = collector.take().count();
        // The second raise finds the first one collected, or waiting.
        assert!((1..=2).contains(&(first + second)), "{first} {second}");
    });
}
