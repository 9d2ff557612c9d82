//! Sets of faults, the button, reporters.

use core::hint::black_box;

use proof::keep;
use safe_state::fault::{Fault, ReportCell};
use safe_state::{Acknowledged, Button, Cleared, Edge, FaultSet, Reporter};

use crate::{Faults, ROWS, number};

const FAULTS: FaultSet<Faults, 3> = FaultSet::new(&ROWS);

/// A set in any condition.
pub fn any_set() -> FaultSet<Faults, 3> {
    let mut faults = black_box(FAULTS);
    FaultSet::raise(&mut faults, flags(0), number(1));
    FaultSet::clear(&mut faults, flags(1), number(2));
    black_box(faults)
}

pub fn flags(index: u64) -> Faults {
    Faults::from_bits_retain(number(index) as u8)
}

pub fn edge() -> Option<Acknowledged> {
    let mut button = black_box(Button::new(Edge::Falling, number(3) as u32));
    keep(Button::sample(&mut button, number(0) == 1, number(4)));
    Button::sample(&mut button, number(1) == 1, number(5)).ok()
}

/// A clearance of this set.
pub fn cleared(faults: &mut FaultSet<Faults, 3>) -> Option<Cleared<Faults>> {
    black_box(FaultSet::acknowledge(faults, black_box(edge()?))).ok()
}

pub fn set() {
    let mut faults = any_set();
    keep(FaultSet::defer(&mut faults, flags(1), number(2) as u32, number(3)));
    keep(FaultSet::first_out(&faults));
    for present in FaultSet::in_order(&faults) {
        keep(present);
    }
    keep((FaultSet::worst(&faults, number(4)), FaultSet::stops(&faults, number(5))));
    keep((FaultSet::is_active(&faults, flags(6)), FaultSet::not_clear(&faults)));
    for row in &ROWS {
        keep((Fault::name(row), Fault::severity(row), Fault::latch(row)));
    }
    if let Some(edge) = edge() {
        keep(Acknowledged::at_us(&edge));
        keep(FaultSet::acknowledge(&mut faults, edge));
    }
}

pub fn reported(cell: &'static mut ReportCell<Faults>) {
    let (reporter, mut collector) = ReportCell::split(cell);
    Reporter::raise(&reporter, flags(0), number(1));
    keep(&reporter);
    let mut faults = any_set();
    FaultSet::collect(&mut faults, [&mut collector], number(2));
    Reporter::raise(&reporter, flags(3), number(4));
    FaultSet::collect(&mut faults, [&mut collector], number(5));
    keep(faults);
}
