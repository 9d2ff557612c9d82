//! Every contradiction that a plan can have, with its numbers; beside each the nearest plan without it.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use watchdog_core::plan::{
    Alive, Budget, Builder, ModePlan, alive, bounded, budget_us, cycle_us, from, hardware, mode,
    no_alive, per_cycle, per_cycles, process_safety_time_us, reset_to_safe_us, timeout_us,
    tolerance, until,
};
use watchdog_core::{Checkpoint, Hardware, Mode, Plan, SectionId};

const A: Checkpoint = Checkpoint::of::<0>();
const B: Checkpoint = Checkpoint::of::<1>();
const C: Checkpoint = Checkpoint::of::<2>();
const ONE: Mode = Mode::of::<1>();
const MAX_US: u32 = (1 << 31) - 1;

fn rows<const N: usize, const D: usize, const F: usize>() -> Builder<N, D, F> {
    timed(10_000, 1_000, hardware(timeout_us(80_000..=100_000)), 500_000)
}

fn timed<const N: usize, const D: usize, const F: usize>(
    cycle: u32,
    late: u32,
    hardware: Hardware,
    process_safety_time: u32,
) -> Builder<N, D, F> {
    Plan::builder(
        cycle_us(cycle).late_max_us(late),
        hardware,
        process_safety_time_us(process_safety_time),
        reset_to_safe_us(30_000),
    )
}

fn good() -> Alive {
    alive(A, per_cycle(1), 0, 1)
}

/// What the builder says: empty for a plan.
fn said<const N: usize, const D: usize, const F: usize>(rows: Builder<N, D, F>) -> String {
    rows.try_build().map_or_else(|error| error.to_string(), |_| String::new())
}

#[track_caller]
fn check<const N: usize, const D: usize, const F: usize>(rows: Builder<N, D, F>, expected: &str) {
    assert_eq!(said(rows), expected);
}

#[test]
fn the_rows_are_as_many_as_the_type_says() {
    check(rows::<1, 0, 0>().entity("one", good(), tolerance(0)), "");
    check(
        rows::<2, 0, 0>().entity("one", good(), tolerance(0)),
        "entities: 1 declared, the type of the plan says 2",
    );
    check(
        rows::<1, 0, 0>().entity("one", good(), tolerance(0)).entity("two", good(), tolerance(0)),
        "entities: 2 declared, the type of the plan says 1",
    );
    let one = || rows::<1, 0, 0>().entity("one", good(), tolerance(0));
    check(one().deadline("one", A, B, 0..=9), "deadlines: 1 declared, the type of the plan says 0");
    check(
        one().flow("one", from(&[A]), &[], until(&[A])),
        "graphs: 1 declared, the type of the plan says 0",
    );
    check(
        rows::<1, 1, 0>().entity("one", good(), tolerance(0)),
        "deadlines: 0 declared, the type of the plan says 1",
    );
    check(
        rows::<255, 0, 0>().entity("one", good(), tolerance(0)),
        "entities: 1 declared, the type of the plan says 255",
    );
}

#[test]
fn names_are_unique_and_known() {
    let two = |other| {
        rows::<2, 0, 0>().entity("one", good(), tolerance(0)).entity(other, good(), tolerance(0))
    };
    check(two("two"), "");
    check(two("one"), "entity 1: the name is that of entity 0");
    let one = || rows::<1, 0, 0>().entity("one", good(), tolerance(0));
    check(one().advisory("other"), "advisory 0: no entity of this name stands before it");
    let deadline =
        |name| rows::<1, 1, 0>().entity("one", good(), tolerance(0)).deadline(name, A, B, 0..=9);
    check(deadline("one"), "");
    check(deadline("onE"), "deadline 0: no entity of this name stands before it");
    let flow = |name| {
        let one = rows::<1, 0, 1>().entity("one", good(), tolerance(0));
        one.flow(name, from(&[A]), &[], until(&[A]))
    };
    check(flow("one"), "");
    check(flow("on"), "graph 0: no entity of this name stands before it");
    let two = rows::<1, 0, 2>().entity("one", good(), tolerance(0));
    let two = two.flow("one", from(&[A]), &[], until(&[A]));
    check(two.flow("one", from(&[B]), &[], until(&[B])), "graph 1: its entity has a graph already");
    check(one().modes(const { &[mode_of(&["one"])] }), "");
    check(
        one().modes(const { &[mode_of(&["other"])] }),
        "mode 1: no entity of this name stands before it",
    );
}

const fn mode_of(active: &'static [&'static str]) -> ModePlan {
    mode(ONE, "mode", active)
}

#[test]
fn times_are_neither_0_nor_longer_than_a_stamp() {
    let one = |cycle, late, min, max| {
        let hardware = hardware(timeout_us(min..=max));
        timed::<1, 0, 0>(cycle, late, hardware, u32::MAX).entity("one", good(), tolerance(0))
    };
    check(one(10_000, 0, 80_000, 100_000), "");
    check(one(0, 0, 80_000, 100_000), "0 us");
    check(one(MAX_US + 1, 0, 80_000, 100_000), "2147483648 us, at most 2147483647");
    check(one(10_000, 0, 80_000, MAX_US), "");
    check(one(10_000, 0, 80_000, MAX_US + 1), "2147483648 us, at most 2147483647");
    check(one(10_000, 0, 0, 100_000), "timeout of from 0 to 100000 us");
    check(one(10_000, 0, 100_001, 100_000), "timeout of from 100001 to 100000 us");
    let deadline = |min, max| {
        let rows = timed::<1, 1, 0>(10_000, 0, hardware(timeout_us(80_000..=100_000)), u32::MAX);
        rows.entity("one", good(), tolerance(0)).deadline("one", A, B, min..=max)
    };
    check(deadline(9, 9), "");
    check(deadline(10, 9), "deadline 0: from 10 to 9 us");
    check(deadline(10, MAX_US), "");
    check(deadline(10, MAX_US + 1), "deadline 0: 2147483648 us, at most 2147483647");
    let same = rows::<1, 1, 0>().entity("one", good(), tolerance(0)).deadline("one", B, B, 0..=9);
    check(same, "deadline 0: it starts and stops at checkpoint 1");
}

#[test]
fn the_cycle_fits_the_watchdog() {
    let one = |cycle, late, window: u32, permille| {
        let hardware =
            hardware(timeout_us(80_000..=100_000)).window_us(window).tolerance_permille(permille);
        timed::<1, 0, 0>(cycle, late, hardware, u32::MAX).entity("one", good(), tolerance(0))
    };
    check(one(70_000, 9_999, 0, 0), "");
    check(
        one(70_000, 10_000, 0, 0),
        "two feeds may be 80000 us apart, the watchdog bites after 80000 us",
    );
    check(
        one(70_000, 2_728, 0, 100),
        "two feeds may be 72728 us apart, the watchdog bites after 72727 us",
    );
    check(one(70_000, 2_726, 0, 100), "");
    check(one(50_000, 9_999, 40_000, 0), "");
    check(
        one(50_000, 10_000, 40_000, 0),
        "the window opens after 40000 us, two feeds may be 40000 us apart",
    );
    check(
        one(50_000, 6_000, 40_000, 100),
        "the window opens after 44445 us, two feeds may be 44000 us apart",
    );
    check(
        one(70_000, 1_000, 80_000, 0),
        "the window opens after 80000 us, the watchdog bites after 80000 us",
    );
    check(one(10_000, 10_000, 0, 0), "the window opens after 0 us, two feeds may be 0 us apart");
    check(one(10_000, 1_000, 0, 999), "");
    check(one(10_000, 1_000, 0, 1_000), "tolerance of 1000 permille, at most 999");
}

#[test]
fn a_second_watchdog_is_held_to_the_same() {
    let one =
        |second| rows::<1, 0, 0>().entity("one", good(), tolerance(0)).second_hardware(second);
    check(one(hardware(timeout_us(1_000_000..=1_600_000))), "");
    check(
        one(hardware(timeout_us(11_000..=1_600_000))),
        "two feeds may be 11000 us apart, the watchdog bites after 11000 us",
    );
    check(one(hardware(timeout_us(11_001..=1_600_000))), "");
    // The one that bites first is that of the modes.
    let erase = const { &[bounded(ONE, "erase", budget_us(30_000).blocked().outputs_safe())] };
    check(one(hardware(timeout_us(60_000..=1_600_000))).modes(erase), "");
    check(
        one(hardware(timeout_us(50_000..=1_600_000))).modes(erase),
        "mode 1: a budget of 30000 us is 52000 us without a feed, the watchdog bites after 50000 us",
    );
}

#[test]
fn what_dies_is_safe_in_time() {
    // (2 + 2) * 10 + 1 to detect, 100 to bite, 30 to be safe.
    let one = |grace, time| {
        let rows = timed::<1, 0, 0>(10_000, 1_000, hardware(timeout_us(80_000..=100_000)), time);
        rows.entity("one", good(), tolerance(2)).grace(grace)
    };
    check(one(0, 171_000), "");
    check(one(0, 170_999), "entity 0: safe after 171000 us, process safety time 170999 us");
    check(one(3, 201_000), "");
    check(one(3, 200_999), "entity 0: safe after 201000 us, process safety time 200999 us");
    // The slowest of several, and a deadline of 50 ms beside it: 50 + 10 + 1.
    let two = |time| {
        let rows = timed::<2, 1, 0>(10_000, 1_000, hardware(timeout_us(80_000..=100_000)), time);
        rows.entity("one", good(), tolerance(0))
            .entity("slow", alive(A, per_cycles(1, 3), 0, 1), tolerance(0))
            .deadline("one", A, B, 0..=50_000)
    };
    check(two(191_000), "");
    check(two(190_999), "entity 1: safe after 191000 us, process safety time 190999 us");
    let deadline = |time, max| {
        let rows = timed::<2, 1, 0>(10_000, 1_000, hardware(timeout_us(80_000..=100_000)), time);
        rows.entity("one", good(), tolerance(0))
            .entity("slow", alive(A, per_cycles(1, 3), 0, 1), tolerance(0))
            .deadline("one", A, B, 0..=max)
    };
    check(
        deadline(191_000, 50_001),
        "deadline 0: safe after 191001 us, process safety time 191000 us",
    );
    // Advisory entities make nothing safe.
    let advisory = |rows: Builder<2, 1, 0>| rows.advisory("slow");
    let slow = deadline(181_000, 10_000).advisory("slow");
    check(slow, "");
    check(
        advisory(two(190_999)),
        "deadline 0: safe after 191000 us, process safety time 190999 us",
    );
    let plan = two(191_000).try_build().unwrap();
    assert_eq!((plan.worst_detection_us(), plan.worst_reaction_us()), (61_000, 191_000));
    assert_eq!((plan.cycle_us(), plan.late_max_us(), plan.grace()), (10_000, 1_000, 0));
    assert_eq!(plan.second_hardware(), None);
}

#[test]
fn counts_can_be_kept_and_missed() {
    let one = |expected, min, max, cycles| {
        let rows = timed::<1, 0, 0>(10, 1, hardware(timeout_us(80_000..=100_000)), u32::MAX);
        rows.entity("one", alive(A, per_cycles(expected, cycles), min, max), tolerance(0))
    };
    check(one(1, 0, 0, 1), "");
    check(one(2, -1, 0, 1), "");
    check(
        one(1, -1, 0, 1),
        "entity 0: 1 expected, minimum margin -1: an entity that is dead passes",
    );
    check(one(0, 0, 9, 1), "entity 0: 0 expected, minimum margin 0: an entity that is dead passes");
    check(one(9, 1, 1, 1), "entity 0: margins of 1 and 1: at most 0, and at least 0");
    check(one(9, -1, -1, 1), "entity 0: margins of -1 and -1: at most 0, and at least 0");
    check(
        one(u32::MAX, 0, 1, 1),
        "entity 0: 4294967295 expected, maximum margin 1: at most 4294967295 together",
    );
    check(one(u32::MAX, 0, 0, 254), "");
    check(one(1, 0, 0, 0), "entity 0: a reference cycle of 0 cycles: 1 to 254");
    check(one(1, 0, 0, 255), "entity 0: a reference cycle of 255 cycles: 1 to 254");
    let two = || {
        let rows = rows::<2, 0, 0>().entity("one", good(), tolerance(0));
        rows.entity("two", no_alive(), tolerance(0))
    };
    check(two(), "entity 1: without alive supervision it must be advisory");
    check(two().advisory("two"), "");
}

#[test]
fn a_graph_leads_somewhere() {
    type Edges = &'static [(Checkpoint, Checkpoint)];
    let one = |initial, edges: Edges, last| {
        let rows = rows::<1, 0, 1>().entity("one", good(), tolerance(0));
        rows.flow("one", from(initial), edges, until(last))
    };
    check(one(&[A], &[(A, B), (B, A)], &[]), "");
    check(one(&[A], &[(A, B)], &[B]), "");
    check(one(&[A], &[(A, B), (B, C), (C, B)], &[]), "");
    check(one(&[], &[(A, B)], &[B]), "graph 0: no initial checkpoint");
    check(
        one(&[A], &[(A, B)], &[]),
        "graph 0: edge from 0 to 1: checkpoint 1 is not final and has no successor",
    );
    check(
        one(&[A], &[(A, A), (B, C), (C, B)], &[]),
        "graph 0: edge from 1 to 2: no way leads to checkpoint 1",
    );
    check(
        one(&[A, C], &[(A, B)], &[B]),
        "graph 0: initial checkpoint 2 is not final and has no successor",
    );
    check(one(&[A], &[], &[A]), "");
    check(one(&[A], &[(A, B)], &[B, C]), "graph 0: no way leads to the final checkpoint 2");
    // A final checkpoint is left for an initial one, not by an edge.
    check(
        one(&[A], &[(A, B), (B, C), (C, A)], &[B]),
        "graph 0: edge from 2 to 0: no way leads to checkpoint 2",
    );
}

#[test]
fn a_mode_is_supervised_or_bounded() {
    let two = || {
        rows::<2, 0, 0>().entity("one", good(), tolerance(0)).entity("two", good(), tolerance(0))
    };
    check(two().modes(const { &[mode_of(&["two"])] }), "");
    check(
        two().modes(const { &[mode_of(&[])] }),
        "mode 1: no entity that withholds the permit is active in it",
    );
    check(
        two().advisory("two").modes(const { &[mode_of(&["two"])] }),
        "mode 1: no entity that withholds the permit is active in it",
    );
    check(
        two().advisory("one").advisory("two"),
        "mode 0: no entity that withholds the permit is active in it",
    );
    check(
        two().modes(const { &[mode_of(&["two"]), mode_of(&["one"])] }),
        "mode 1: it has two rows",
    );
    let first = const { &[bounded(Mode::FIRST, "first", budget_us(10).outputs_safe())] };
    check(two().modes(first), "mode 0: the first mode cannot be bounded");
    let plan = two().modes(const { &[mode_of(&["two"])] }).try_build().unwrap();
    assert_eq!(plan.mode_name(Some(ONE)), "mode");
    assert_eq!((plan.mode_name(None), plan.mode_name(Some(Mode::FIRST))), ("start-up", "run"));
    assert_eq!(plan.mode_name(Some(Mode::MAX)), "");
    let two_id = plan.entity("two").unwrap();
    assert_eq!((plan.name(two_id), two_id.index(), plan.entity("three")), ("two", 1, None));
    assert_eq!(plan.name(watchdog_core::EntityId::new(2)), "");
}

#[test]
fn what_is_not_judged_is_safe_in_time() {
    let one = |budget: Budget| {
        let rows = rows::<1, 0, 0>().entity("one", good(), tolerance(0));
        rows.modes(Box::leak(Box::new([bounded(ONE, "mode", budget)])))
    };
    // 359 + 11 without a verdict, 100 to bite, 30 to be safe.
    check(one(budget_us(359_000)), "");
    check(
        one(budget_us(359_001)),
        "mode 1: nothing is judged in it: safe after 500001 us, process safety time 500000 us",
    );
    check(one(budget_us(359_001).outputs_safe()), "");
    check(one(budget_us(MAX_US).outputs_safe()), "");
    check(one(budget_us(MAX_US + 1).outputs_safe()), "mode 1: 2147483648 us, at most 2147483647");
    // Two cycles of 11 beside what is blocked.
    check(one(budget_us(57_999).blocked()), "");
    check(
        one(budget_us(58_000).blocked()),
        "mode 1: a budget of 58000 us is 80000 us without a feed, the watchdog bites after 80000 us",
    );
    check(one(budget_us(58_000).watchdog_paused()), "");
    let start_up = |budget| rows::<1, 0, 0>().entity("one", good(), tolerance(0)).start_up(budget);
    check(start_up(budget_us(359_000)), "");
    check(
        start_up(budget_us(359_001)),
        "start-up: nothing is judged in it: safe after 500001 us, process safety time 500000 us",
    );
    check(start_up(budget_us(359_001).outputs_safe()), "");
    for budget in [budget_us(1).blocked(), budget_us(1).watchdog_paused()] {
        check(start_up(budget), "start-up: permits come in it: it cannot be blocked");
    }
    // Of two watchdogs the one that bites first.
    for (second_us, bites_after_us) in [(70_000, 70_000), (90_000, 80_000)] {
        let rows = one(budget_us(58_000).blocked());
        let without_feed = "mode 1: a budget of 58000 us is 80000 us without a feed";
        check(
            rows.second_hardware(hardware(timeout_us(second_us..=100_000))),
            &format!("{without_feed}, the watchdog bites after {bites_after_us} us"),
        );
    }
    // A watchdog that stands still in a mode has two cycles before and after it.
    let rows = timed::<1, 0, 0>(39_000, 1_000, hardware(timeout_us(80_000..=100_000)), 500_000);
    let rows = rows.entity("one", good(), tolerance(0));
    let sleep = const { &[bounded(ONE, "sleep", budget_us(9).watchdog_paused().outputs_safe())] };
    check(
        rows.modes(sleep),
        "mode 1: a budget of 9 us is 80000 us without a feed, the watchdog bites after 80000 us",
    );
}

#[test]
fn a_plan_has_at_most_254_of_each() {
    let many = |count: usize, rows: Builder<1, 254, 0>| {
        (0..count).fold(rows, |rows, _| rows.deadline("one", A, B, 0..=9))
    };
    let one = || rows::<1, 254, 0>().entity("one", good(), tolerance(0));
    check(many(254, one()), "");
    check(many(253, one()), "deadlines: 253 declared, the type of the plan says 254");
    check(many(256, one()), "deadlines: 256 declared, the type of the plan says 254");
    let too_many = (0..255)
        .fold(rows::<1, 255, 0>().entity("one", good(), tolerance(0)), |rows, _| {
            rows.deadline("one", A, B, 0..=9)
        });
    check(too_many, "deadlines: 255 declared, at most 254");
}

#[test]
fn a_row_too_many_is_not_looked_at() {
    let one = || rows::<1, 0, 0>().entity("one", good(), tolerance(0));
    check(one().deadline("one", A, A, 0..=9), "deadlines: 1 declared, the type of the plan says 0");
    check(one().deadline("", A, A, 0..=9), "deadlines: 1 declared, the type of the plan says 0");
    let edges = const { &[(A, B)] };
    check(
        one().flow("one", from(&[]), edges, until(&[])),
        "graphs: 1 declared, the type of the plan says 0",
    );
    check(
        one().entity("one", alive(A, per_cycle(0), 0, 0), tolerance(0)),
        "entities: 2 declared, the type of the plan says 1",
    );
    // A row that is not declared yet has no name, not even an empty one.
    let two = rows::<2, 1, 0>().entity("one", good(), tolerance(0)).deadline("", A, B, 0..=9);
    check(
        two.entity("two", good(), tolerance(0)),
        "deadline 0: no entity of this name stands before it",
    );
    let two = rows::<2, 0, 0>().entity("one", good(), tolerance(0)).advisory("");
    check(
        two.entity("two", good(), tolerance(0)),
        "advisory 0: no entity of this name stands before it",
    );
}

/// What a constant of these rows says to its author, here while the program runs.
#[track_caller]
fn build<const N: usize, const D: usize, const F: usize>(rows: Builder<N, D, F>, expected: &str) {
    let built = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rows.build()));
    let said = built.map_or_else(|said| *said.downcast::<String>().unwrap(), |_| String::new());
    assert_eq!(said, expected);
}

#[test]
fn a_constant_is_told_the_name_in_the_row() {
    let two = || {
        let rows = rows::<2, 1, 0>().entity("one", good(), tolerance(0));
        rows.entity("two", good(), tolerance(0))
    };
    build(two().deadline("two", A, B, 0..=9), "");
    build(two(), "deadlines: 0 declared, the type of the plan says 1");
    build(
        two().deadline("three", A, B, 0..=9),
        "deadline 0 \"three\": no entity of this name stands before it",
    );
    build(
        two().deadline("two", A, A, 0..=9),
        "deadline 0 \"two\": it starts and stops at checkpoint 0",
    );
    build(
        two().deadline("two", A, B, 0..=400_000),
        "deadline 0 \"two\": safe after 541000 us, process safety time 500000 us",
    );
    let late = rows::<2, 1, 0>().entity("one", good(), tolerance(0));
    build(
        late.entity("two", good(), tolerance(40)).deadline("one", A, B, 0..=9),
        "entity 1 \"two\": safe after 551000 us, process safety time 500000 us",
    );
    // Of two that are found as late it is the first.
    let late = rows::<2, 0, 0>().entity("one", good(), tolerance(40));
    build(
        late.entity("two", good(), tolerance(40)),
        "entity 0 \"one\": safe after 551000 us, process safety time 500000 us",
    );
    let graph = |initial| {
        let rows = rows::<2, 0, 2>().entity("one", good(), tolerance(0));
        let rows = rows.entity("two", good(), tolerance(0));
        let edges = const { &[(A, B), (B, A)] };
        let rows = rows.flow("one", from(&[A]), edges, until(&[]));
        rows.flow("two", from(initial), edges, until(&[]))
    };
    build(graph(&[A]), "");
    build(graph(&[]), "graph 1 \"two\": no initial checkpoint");
    let modes = |rows: Builder<2, 0, 0>| {
        let rows = rows.entity("one", good(), tolerance(0)).entity("two", good(), tolerance(0));
        rows.advisory("two").modes(
            const {
                &[
                    mode(Mode::of::<2>(), "service", &["one"]),
                    bounded(Mode::of::<3>(), "erase", budget_us(9).outputs_safe()),
                    mode(ONE, "alone", &["two"]),
                ]
            },
        )
    };
    build(modes(rows()), "mode 1 \"alone\": no entity that withholds the permit is active in it");
    // A plan that is not safe in time says who, and not that its start-up of 0 is too long.
    let short = timed::<1, 0, 0>(10_000, 1_000, hardware(timeout_us(80_000..=100_000)), 140_000);
    build(
        short.entity("one", good(), tolerance(0)),
        "entity 0 \"one\": safe after 151000 us, process safety time 140000 us",
    );
}

#[test]
fn a_message_is_cut_where_it_is_full() {
    let name: &'static str = "n".repeat(300).leak();
    let rows = rows::<1, 1, 0>().entity(name, good(), tolerance(0)).deadline(name, A, A, 0..=9);
    build(rows, &format!("deadline 0 \"{}", "n".repeat(228)));
}

#[test]
fn a_cycle_and_a_timeout_may_be_as_long_as_a_stamp_can_tell() {
    let cycle = |cycle| {
        let short = hardware(timeout_us(80_000..=100_000));
        timed::<1, 0, 0>(cycle, 0, short, u32::MAX).entity("one", good(), tolerance(0))
    };
    let starved = "two feeds may be 2147483647 us apart, the watchdog bites after 80000 us";
    check(cycle(MAX_US), starved);
    check(cycle(MAX_US + 1), "2147483648 us, at most 2147483647");
    let timed = |max_us| {
        let rows = timed::<1, 0, 0>(10_000, 1_000, hardware(timeout_us(80_000..=max_us)), u32::MAX);
        rows.entity("one", good(), tolerance(0))
    };
    check(timed(MAX_US), "");
    check(timed(MAX_US + 1), "2147483648 us, at most 2147483647");
}

#[test]
fn a_plan_says_what_it_was_built_of() {
    let tenth = Plan::builder(
        cycle_us(25_019),
        hardware(timeout_us(80_000..=100_000)),
        process_safety_time_us(500_000),
        reset_to_safe_us(30_000),
    );
    let tenth: Builder<1, 0, 0> = tenth.entity("one", good(), tolerance(0));
    assert_eq!(tenth.try_build().unwrap().late_max_us(), 2_501);
    let inside = hardware(timeout_us(80_000..=100_000));
    let outside = hardware(timeout_us(1_000_000..=1_600_000));
    let rows = rows::<1, 0, 0>().entity("one", good(), tolerance(0));
    let plan = rows.second_hardware(outside).grace(3).try_build().unwrap();
    assert_eq!((plan.cycle_us(), plan.late_max_us(), plan.grace()), (10_000, 1_000, 3));
    assert_eq!((plan.hardware(), plan.second_hardware()), (inside, Some(outside)));
    // (0 + 2) cycles and 1 late; three cycles of grace, the bite, the reset.
    assert_eq!(plan.worst_detection_us(), 21_000);
    assert_eq!(plan.worst_reaction_us(), 21_000 + 30_000 + 100_000 + 30_000);
}

#[test]
fn the_deadlines_of_an_entity_need_not_stand_together() {
    let plan = rows::<2, 3, 0>()
        .entity("one", good(), tolerance(0))
        .entity("two", good(), tolerance(0))
        .deadline("two", A, B, 10..=20)
        .deadline("one", A, C, 100..=200)
        .deadline("two", A, C, 1_000..=2_000)
        .try_build()
        .unwrap();
    let plan: &'static Plan<2, 3> = Box::leak(Box::new(plan));
    let text = format!("{plan:?}");
    let order = ["min_us: 100,", "min_us: 10,", "min_us: 1000,"];
    let places = order.map(|place| text.find(place).expect(place));
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn sections_are_at_most_16_and_have_names_of_their_own() {
    const NAMES: [&str; 17] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
    let one = || rows::<1, 0, 0>().entity("one", good(), tolerance(0));
    check(one().sections(&NAMES[..16]), "");
    check(one().sections(&NAMES), "sections: 17 declared, at most 16");
    check(one().sections(&["a"; 70_000]), "sections: 65535 declared, at most 16");
    check(one().sections(&["a"; 65_534]), "sections: 65534 declared, at most 16");
    check(one().sections(&["a", "b", "a"]), "section 2: the name is that of section 0");
    check(one().sections(&["a", "b", "c", "c"]), "section 3: the name is that of section 2");
    let plan = one().sections(&NAMES[..16]).try_build().unwrap();
    assert_eq!(plan.section("p"), SectionId::new(15));
    assert_eq!((plan.section("a"), plan.section("q")), (SectionId::new(0), None));
}

#[test]
fn whatever_differs_in_a_plan_differs_in_its_fingerprint() {
    const MODES: [&[ModePlan]; 9] = [
        &[],
        &[mode(ONE, "service", &["one"])],
        &[mode(ONE, "service", &["two"])],
        &[mode(ONE, "service", &["one", "two"])],
        &[mode(Mode::of::<2>(), "service", &["one"])],
        &[mode(ONE, "repair", &["one"])],
        &[
            mode(ONE, "service", &["one"]),
            bounded(Mode::of::<2>(), "erase", budget_us(20_000).outputs_safe()),
        ],
        &[
            mode(ONE, "service", &["one"]),
            bounded(Mode::of::<2>(), "erase", budget_us(20_000).outputs_safe().blocked()),
        ],
        &[
            mode(ONE, "service", &["one"]),
            bounded(Mode::of::<2>(), "erase", budget_us(20_000).outputs_safe().watchdog_paused()),
        ],
    ];
    type Rows = Builder<2, 1, 1>;
    type Graph = (&'static [(Checkpoint, Checkpoint)], &'static [Checkpoint]);
    const TO_B: Graph = (&[(A, B), (B, A)], &[B]);
    const TO_C: Graph = (&[(A, C), (C, A)], &[C]);
    const BRANCHED: Graph = (&[(A, B), (A, C), (C, A)], &[B]);
    let base =
        |first: Alive, tolerated: u8, [start, stop]: [Checkpoint; 2], graph: Graph| -> Rows {
            rows::<2, 1, 1>()
                .entity("one", first, tolerance(tolerated))
                .entity("two", good(), tolerance(0))
                .deadline("one", start, stop, 100..=900)
                .flow("two", from(&[A]), graph.0, until(graph.1))
        };
    let plain = || base(good(), 0, [A, B], TO_B);
    let mut all = vec![
        plain(),
        base(alive(B, per_cycle(1), 0, 1), 0, [A, B], TO_B),
        base(alive(A, per_cycle(2), 0, 1), 0, [A, B], TO_B),
        base(alive(A, per_cycle(2), 0, 2), 0, [A, B], TO_B),
        base(alive(A, per_cycles(2, 2), 0, 2), 0, [A, B], TO_B),
        base(good(), 1, [A, B], TO_B),
        base(good(), 0, [A, C], TO_B),
        base(good(), 0, [C, B], TO_B),
        base(good(), 0, [A, B], TO_C),
        base(good(), 0, [A, B], BRANCHED),
        plain().advisory("two"),
        plain().grace(1),
        plain().sections(&["a"]),
        plain().sections(&["a", "b"]),
        plain().sections(&["ab"]),
        plain().good_after_us(5_000_000),
        plain().boot_window_us(900_000_000),
        plain().second_hardware(hardware(timeout_us(1_000_000..=1_600_000))),
        plain().second_hardware(hardware(timeout_us(1_000_000..=1_700_000))),
        timed::<2, 1, 1>(10_000, 1_000, hardware(timeout_us(80_000..=100_001)), 500_000)
            .entity("one", good(), tolerance(0))
            .entity("two", good(), tolerance(0))
            .deadline("one", A, B, 100..=900)
            .flow("two", from(&[A]), TO_B.0, until(TO_B.1)),
    ];
    all.extend(MODES.iter().skip(1).map(|modes| plain().modes(modes)));
    let fingerprints: Vec<u32> =
        all.into_iter().map(|rows| rows.try_build().expect("a plan").fingerprint()).collect();
    for (index, fingerprint) in fingerprints.iter().enumerate() {
        for (other, second) in fingerprints.iter().enumerate().skip(index + 1) {
            assert_ne!(fingerprint, second, "plans {index} and {other}");
        }
    }
}
